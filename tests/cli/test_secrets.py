"""Nothing that is written, by any command in any form, holds a token, a key, a number or a private address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
import requests
import yaml

from oncall_sync.cli.main import COMMANDS, oncall_sync, run
from tests.conftest import NOW

POLICIES = Path(__file__).parents[2] / "policies"
TEAMS = {"delivery": "opsgenie", "pupper": "pagerduty"}
SCHEDULE, PERSON, SERVICE = "pupper-primary", "noa", "pupper"
TOKENS = {"pagerduty": "y_NbAkKc66ryYTWUXYEu", "opsgenie": "eb243592-faa2-4ba2-a551q-1afdf565c889"}
HOOK_SECRET = "T0Secret-B0Secret-XyzzySecret"
NUMBER = "6501234{:03}"
PRIVATE = "private-{}@home.example"
WORDS: dict[str, list[list[str]]] = {
    "validate": [[]],
    "plan": [[], ["--calls"], ["--out", "plans/saved.json"]],
    "apply": [["--yes"]],
    "drift": [[], ["--notify"]],
    "audit": [[], ["--all"]],
    "affected": [[PERSON], ["nobody-of-that-name"]],
    "handoff": [[SCHEDULE]],
    "who": [["--service", SERVICE, "--at", "sat 03:00"], ["--service", SERVICE, "--at", "now", "--from", "live"]],
    "shifts": [[SCHEDULE, "--since", "2026-11-23 00:00", "--until", "2026-12-23 00:00", "--from", "live"]],
    "schema": [[]],
}
NOT_RUN = {"sandbox"}  # it serves until it is stopped, and shows nothing of an account


@dataclass
class Planted:
    """Two accounts full of things that must not be seen, and a folder that is applied to both."""

    urls: dict[str, str]
    folder: Path
    hidden: set[str]

    def call(self, kind: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        scheme = {"pagerduty": "Token token=", "opsgenie": "GenieKey "}[kind]
        headers = {"Authorization": scheme + TOKENS[kind], **{k.replace("_", "-"): v for k, v in headers.items()}}
        answer = requests.request(method, self.urls[kind] + path, json=body, headers=headers, timeout=60)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None


def seeded(kind: str, users: dict[str, str]) -> dict[str, Any]:
    """Everybody has a phone and a private address beside the one they log in with."""
    found: dict[str, Any] = {}
    for count, (key, email) in enumerate(sorted(users.items())):
        number, private = NUMBER.format(count), PRIVATE.format(key)
        if kind == "pagerduty":
            ways = [("phone", number), ("sms", number), ("email", private)]
            contacts = [{"type": way, "address": to} for way, to in ways]
        else:
            contacts = [{"method": way, "to": to} for way, to in (("voice", f"1-{number}"), ("email", private))]
        found[key] = {"email": email, "contacts": contacts}
    return {"users": found}


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Planted]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("oncall_sync_opsgenie.sandbox.integrations.KEY_IS_SHOWN_ONCE", False)
    (tmp_path / "policies").mkdir()
    entries = {kind: {"kind": kind, "token_env": f"ONCALL_{kind.upper()}"} for kind in TOKENS}
    config = {"workspace": "acme", "policies": "policies", "providers": entries}
    (tmp_path / "oncall.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    there = Planted({}, tmp_path, {*TOKENS.values(), HOOK_SECRET})
    with ExitStack() as stack:
        for team, kind in TEAMS.items():
            text = (POLICIES / f"{team}.yaml").read_text(encoding="utf-8")
            (tmp_path / f"policies/{team}.yaml").write_text(text, encoding="utf-8")
            people = {key: one["email"] for key, one in yaml.safe_load(text)["users"].items()}
            there.hidden |= {NUMBER.format(count) for count in range(len(people))}
            there.hidden |= {PRIVATE.format(key) for key in people}
            sandbox = import_module(f"oncall_sync_{kind}.sandbox")
            options = sandbox.Options(seed=seeded(kind, people), now=NOW)
            there.urls[kind] = stack.enter_context(sandbox.Running(options)).url
            monkeypatch.setenv(f"{kind.upper()}_API_URL", there.urls[kind])
            monkeypatch.setenv(f"ONCALL_{kind.upper()}", TOKENS[kind])
        yield there


def keys(planted: Planted) -> set[str]:
    """Return the keys of all integrations: whoever has one can page people."""
    listed = planted.call("pagerduty", "GET", "/services?include[]=integrations")["services"]
    found = {one.get("integration_key") for service in listed for one in service["integrations"]}
    for one in planted.call("opsgenie", "GET", "/v2/integrations")["data"]:
        found.add(planted.call("opsgenie", "GET", f"/v2/integrations/{one['id']}")["data"].get("apiKey"))
    return {key for key in found if key}


def stir(planted: Planted) -> None:
    """Let something be changed by a person, something pending, and something going on."""
    service = next(s for s in planted.call("pagerduty", "GET", "/services")["services"] if s["name"] == "Pupper")
    actor = {"X_Sandbox_Actor": "mia@example.com"}
    planted.call(
        "pagerduty", "PUT", f"/services/{service['id']}", {"service": {"acknowledgement_timeout": 600}}, **actor
    )
    integration = {"type": "events_api_v2_inbound_integration", "name": "by hand"}
    planted.call("pagerduty", "POST", f"/services/{service['id']}/integrations", {"integration": integration})
    as_gwen = {"X_Sandbox_Actor": "gwen@example.com"}
    schedule = planted.call("opsgenie", "GET", "/v2/schedules")["data"][0]
    planted.call("opsgenie", "PATCH", f"/v2/schedules/{schedule['id']}", {"timezone": "Europe/Vienna"}, **as_gwen)
    burning = {"id": service["id"], "type": "service_reference"}
    incident = {"type": "incident", "title": "all is on fire", "service": burning}
    planted.call("pagerduty", "POST", "/incidents", {"incident": incident}, From="mia@example.com")


def every_form() -> Iterator[list[str]]:
    """Yield each command with its words in each of its forms; `apply` last, which puts things right."""
    for name in sorted(COMMANDS, key=lambda name: name == "apply"):
        if name in NOT_RUN:
            continue
        command = oncall_sync.get_command(click.Context(oncall_sync), name)
        assert command is not None
        forms = next((p.type.choices for p in command.params if p.name == "format_"), [""])
        clock = ["--now", NOW.isoformat()] if any(p.name == "now" for p in command.params) else []
        for words in WORDS[name]:
            for form in forms:
                yield [name, *words, *(["--format", str(form)] if form else []), *clock]


def test_no_command_in_any_form_shows_what_is_secret(
    planted: Planted, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCALL_SYNC_WEBHOOK", f"http://127.0.0.1:9/services/{HOOK_SECRET}")
    assert run(["apply", "--yes", "--now", NOW.isoformat()]) == 0
    stir(planted)
    hidden = planted.hidden | keys(planted)
    assert len(hidden) > 15
    tried = 0
    for words in every_form():
        capsys.readouterr()
        code = run(words)
        shown = capsys.readouterr()
        text = shown.out + shown.err
        assert "defect" not in shown.err, (words, shown.err)
        assert code in (0, 1, 2, 3, 5), (words, text)
        assert text.strip(), words
        assert not [secret for secret in hidden if secret in text], (words, text)
        tried += 1
    assert tried > 15
    written = [path for path in planted.folder.rglob("*") if path.is_file()]
    assert len(written) > 4
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert not [secret for secret in hidden if secret in text], path.name
        if path.parent.name == "plans":
            assert path.stat().st_mode & 0o077 == 0
