from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import yaml

from oncall_sync.cli.main import run
from oncall_sync.run.converge import verify
from tests.account import SMALL, Account, Result
from tests.cli.corpus import TEXTS, acted_on, answering, error_body, in_names, nonsense, policies
from tests.conftest import NOW

Capture = pytest.CaptureFixture[str]
USERS = {f"user{n}": text for n, text in enumerate(TEXTS.values(), 10)}
WORST = {
    *("terminal escape", "workflow command on a line of its own", "table cell", "html", "formula", "chat mention"),
    *("nul", "our own mark", "blank ends", "yaml"),
}
FEW = {key: text for key, text in USERS.items() if text in {TEXTS[label] for label in WORST}}
"""What `make test` tries in plans as large as these; `make matrix` tries all."""
TOKEN = "y_NbAkKc66ryYTWUXYEu"
PHONE = "6641234567"
KINDS = {
    "teams": "team",
    "schedules": "schedule",
    "escalation_policies": "escalation_policy",
    "services": "service",
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of the sandbox do not lag, so what is left after an apply stays left; and nobody looks far ahead."""
    monkeypatch.setitem(verify.__kwdefaults__, "patience", 0.0)
    monkeypatch.setattr("oncall_sync.plan.impact.BEYOND", timedelta(days=1))


@pytest.fixture(
    params=[pytest.param(FEW, id="the worst"), pytest.param(USERS, id="all", marks=pytest.mark.matrix)]
)
def users(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """Texts by the key of the person who is called by it."""
    found: Mapping[str, str] = request.param
    return found


@pytest.fixture
def crowd(account: Account, users: Mapping[str, str]) -> Account:
    """An account with two people for every text; one of them is called by it."""
    for key, text in users.items():
        for email in (key, f"spare-{key}"):
            name = text[:100] if email == key and in_names(text) else "plain"
            user = {"type": "user", "name": name, "email": f"{email}@example.com", "description": text}
            account.call("POST", "/users", {"user": user}, From="anna@example.com")
    (account.folder / "policies/small.yaml").unlink()
    return account


def harmless(result: Result, *codes: int) -> Result:
    """What a command wrote does nothing to a terminal or a CI runner, and it ended as it should."""
    assert acted_on(result.out) + acted_on(result.err) == []
    assert "Traceback" not in result.err
    assert "defect" not in result.err
    assert result.code in (codes or (0,)), result.err or result.out[-1500:]
    return result


def every_command(account: Account, capsys: Capture) -> None:
    """Everything that reads, in every format."""
    for words in (("validate",), ("plan", "--calls"), ("plan", "--out", "plans/p.json")):
        harmless(account.sync(capsys, *words))
    for words in (("validate", "--format", "json"), ("plan", "--calls", "--format", "json")):
        found = harmless(account.sync(capsys, *words)).json
    saved = json.loads((account.folder / "plans/p.json").read_text())
    assert saved["digest"] == found["digest"]


def test_every_text_in_every_place_of_policies(crowd: Account, users: Mapping[str, str], capsys: Capture) -> None:
    for key, text in users.items():
        crowd.write(f"policies/{key}.yaml", policies(text, plain=key, spare=f"spare-{key}"))
    every_command(crowd, capsys)
    crowd.forget()
    made = harmless(crowd.sync(capsys, "apply", "--yes"))
    assert "read again: nothing left to do" in made.out
    sent = json.dumps([one["body"] for one in crowd.log()], ensure_ascii=False)
    for key, text in users.items():
        assert json.dumps(text.strip(), ensure_ascii=False)[1:-1] in sent, key
    assert "nothing to do" in harmless(crowd.sync(capsys, "plan", "--exit-code")).out
    for form in ("text", "markdown", "json", "html", "sarif", "csv"):
        words = ("audit", "--all", "--format", form, "--horizon", "1d", "--back", "1d", "--now", NOW.isoformat())
        audited = harmless(crowd.sync(capsys, *words)).out
        assert "<script>alert" not in audited or form in ("text", "json", "sarif", "csv")
    cells = [cell for row in csv.reader(io.StringIO(audited)) for cell in row]
    assert [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "-", "@", "|", "%")] == []
    assert any(cell.startswith("'@all") for cell in cells)


def put(account: Account, kind: str, body: dict[str, Any]) -> None:
    """Write an object back as it was read; layers are written in the other order than they are read."""
    if kind == "schedules":
        body["schedule_layers"].reverse()
    account.call("PUT", f"/{kind}/{body['id']}", {KINDS[kind]: body}, From="anna@example.com")


@pytest.mark.matrix
def test_every_text_edited_at_the_provider(crowd: Account, users: Mapping[str, str], capsys: Capture) -> None:
    for key in users:
        calm = policies(f"[calm] {key}", plain=key, spare=f"spare-{key}").replace(
            f"urgency: {key}", "urgency: high"
        )
        crowd.write(f"policies/{key}.yaml", calm)
    harmless(crowd.sync(capsys, "apply", "--yes"))
    listed = {kind: {o["name"]: o["id"] for o in crowd.call("GET", f"/{kind}?limit=100")[kind]} for kind in KINDS}
    for key, text in users.items():
        for kind in KINDS:
            body = crowd.call("GET", f"/{kind}/{listed[kind][f'[calm] {key}']}?time_zone=UTC")[KINDS[kind]]
            body["name"] = text[:100] if in_names(text) else body["name"]
            body["description"] = body["description"].replace(f"[calm] {key}", text)
            for layer in body.get("schedule_layers", ()):
                layer["name"] = f"{text[:100]} {layer['name']}"
            put(crowd, kind, body)
        crowd.call("POST", "/teams", {"team": {"type": "team", "name": f"unmanaged {key}", "description": text}})
    drifted = harmless(crowd.sync(capsys, "plan", "--calls", "--exit-code"), 2)
    assert "changed at the provider" in drifted.out
    assert len(harmless(crowd.sync(capsys, "plan", "--format", "json")).json["changes"]) >= 4 * len(users) - 1
    for form in ("text", "markdown"):
        harmless(crowd.sync(capsys, "drift", "--format", form, "--horizon", "1d"), 2)
    harmless(crowd.sync(capsys, "apply", "--yes", "--format", "json"))
    assert "nothing to do" in harmless(crowd.sync(capsys, "plan", "--exit-code")).out


@pytest.mark.parametrize("text", [TEXTS["workflow command"], TEXTS["formula"], TEXTS["blank ends"]])
def test_swaps_on_a_schedule_with_a_hostile_name(text: str, account: Account, capsys: Capture) -> None:
    account.edit("  checkout-night:\n", f"  checkout-night:\n    name: {json.dumps(text)}\n")
    harmless(account.sync(capsys, "apply", "--yes"))
    key = account.one("schedules", text)["id"]
    people = {one["email"]: one["id"] for one in account.call("GET", "/users")["users"]}
    user = {"id": people["lead@example.com"], "type": "user_reference"}
    span = {"start": "2026-11-24T00:00:00Z", "end": "2026-11-25T00:00:00Z", "user": user}
    account.call("POST", f"/schedules/{key}/overrides", {"override": span})
    account.edit("every: 1 week", "every: 2 weeks")
    assert "lead@example.com from" in harmless(account.sync(capsys, "plan")).out


def test_names_that_the_vendor_refuses_fail_one_by_one(
    crowd: Account, users: Mapping[str, str], capsys: Capture
) -> None:
    bad = {key: text for key, text in users.items() if not in_names(text)}
    crowd.write("policies/small.yaml", SMALL)
    for key, text in bad.items():
        service = {"name": text, "escalation_policy": "checkout"}
        policy = yaml.safe_dump({"provider": "pagerduty", "services": {key: service}})
        crowd.write(f"policies/{key}.yaml", policy)
    every_command(crowd, capsys)
    made = harmless(crowd.sync(capsys, "apply", "--yes"), 5).out.splitlines()
    assert len([line for line in made if line.startswith("failed") and "non-printable" in line]) == len(bad)
    assert len([line for line in made if line.startswith("done")]) == 4
    again = harmless(crowd.sync(capsys, "apply", "--yes", "--format", "json"), 5).json
    assert [len(again[key]) for key in ("done", "failed", "not_attempted")] == [0, len(bad), 0]


def test_texts_that_yaml_itself_refuses(account: Account, capsys: Capture) -> None:
    for escape in ("\\ud800", "\\udfff", "\\U00110000", "\\xZZ"):
        account.write("policies/bad.yaml", f'teams: {{bad: {{description: "{escape}"}}}}\n')
        assert "policies/bad.yaml:1:" in harmless(account.sync(capsys, "validate"), 1).err
    for raw in ("\x1b[2J", "\0", "\u202e", "\u2028", "\x85", "\x9b", "\ufeff"):
        account.write("policies/bad.yaml", f"teams: {{bad: {{description: 'a{raw}b'}}}}\n")
        assert "policies/bad.yaml:1:" in harmless(account.sync(capsys, "validate"), 1).err
    (account.folder / "policies/bad.yaml").write_bytes(b"teams: {bad: {name: '\xed\xa0\x80'}}\n")
    assert "not UTF-8" in harmless(account.sync(capsys, "validate"), 1).err


def test_messages_that_quote_a_text(account: Account, capsys: Capture) -> None:
    for label, text in TEXTS.items():
        account.write("policies/small.yaml", nonsense(text))
        told = harmless(account.sync(capsys, "validate"), 1)
        assert all(line.startswith("policies/small.yaml:") for line in told.err.splitlines()), label
        assert len(told.err.splitlines()) > 10, label
        as_json = harmless(account.sync(capsys, "validate", "--format", "json"), 1)
        assert json.loads(as_json.err)["error"]["kind"] == "policy", label


def test_what_a_provider_says_when_it_refuses(
    account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for label, text in TEXTS.items():
        with answering(400, error_body(text)) as url:
            monkeypatch.setenv("PAGERDUTY_API_URL", url)
            told = harmless(account.sync(capsys, "plan"), 1)
            assert told.err.count("\n") == 1, label
            as_json = json.loads(harmless(account.sync(capsys, "plan", "--format", "json"), 1).err)
            assert as_json["error"]["kind"] == "rejected", label


def test_arguments(capsys: Capture, account: Account) -> None:
    for text in (text.replace("\0", "") for text in TEXTS.values()):
        for words in (
            [text],
            ["plan", text],
            ["plan", f"--{text}"],
            ["plan", "--waive", text],
            ["plan", "--waive", f"{text}=x"],
            ["plan", "--now", text],
            ["plan", "--horizon", text],
            ["plan", "--format", text],
            ["plan", "--provider", text],
            ["plan", "--max-deletes", text],
            ["validate", "--config", f"{text[:50]}.yaml"],
            ["apply", text, "--yes"],
            ["sandbox", text],
        ):
            code = run(words)
            shown = capsys.readouterr()
            harmless(Result(code, shown.out, shown.err), 1)


def test_waits_are_told_harmlessly(account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_sync.run.stopping.Stop.sleep", lambda _self, _seconds: None)
    name = TEXTS["workflow command on a line of its own"]
    harmless(account.sync(capsys, "apply", "--yes"))
    account.edit("acknowledge_within: 30m", f"name: {json.dumps(name)}")
    account.fault("500", write=1)
    told = harmless(account.sync(capsys, "apply", "--yes"), 5)
    assert "trying again" in told.err


def secrets(account: Account) -> list[str]:
    """Everything that must never be shown: the token, the keys of integrations, people's numbers."""
    for one in account.call("GET", "/users")["users"]:
        method = {"type": "phone_contact_method", "label": "Mobile", "address": PHONE, "country_code": 43}
        account.call("POST", f"/users/{one['id']}/contact_methods", {"contact_method": method})
    keys = [
        integration.get("integration_key")
        for service in account.call("GET", "/services?include[]=integrations")["services"]
        for integration in service["integrations"]
    ]
    found = [key for key in keys if key]
    assert found
    return [TOKEN, PHONE, *found]


def test_no_secret_in_anything_written(account: Account, capsys: Capture) -> None:
    shown = [account.sync(capsys, "apply", "--yes")]
    hidden = secrets(account)
    account.edit("integrations: {monitoring: {events: api}", "integrations: {monitor: {events: api}")
    account.edit("acknowledge_within: 30m", "acknowledge_within: 20m")
    for words in (
        ("plan", "--calls", "--out", "plans/a.json"),
        ("plan", "--format", "json"),
        ("apply", "plans/a.json"),
    ):
        shown.append(account.sync(capsys, *words))  # noqa: PERF401 - one after the other
    account.fault("500", write=1, times=2)
    account.edit("acknowledge_within: 20m", "acknowledge_within: 10m")
    shown.append(account.sync(capsys, "apply", "--yes", "--format", "json"))
    assert [one.code for one in shown] == [0, 0, 0, 0, 0]
    files = [path.read_text() for path in (account.folder / "plans").iterdir()]
    assert len(files) >= 2
    texts = [*files, *(one.out + one.err for one in shown)]
    for secret in hidden:
        assert not [text for text in texts if secret in text], secret[:4]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (account.folder / "plans").iterdir())


def test_a_token_that_comes_back_is_not_shown(
    account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oncall_sync_pagerduty.client.MOST_FAILURES", 1)
    for status in (400, 401, 403, 404, 500):
        with answering(status, error_body(f"bad token {TOKEN}")) as url:
            monkeypatch.setenv("PAGERDUTY_API_URL", url)
            for words in (("plan",), ("plan", "--format", "json"), ("apply", "--yes")):
                told = harmless(account.sync(capsys, *words), 1)
                assert TOKEN[:8] not in told.out + told.err


@pytest.mark.parametrize(
    "entry",
    [
        "api_url: 'https://evil.example'",
        "api_url: 'https://api.pagerduty.com.evil.example'",
        "api_url: 'https://api.pagerduty.com@evil.example'",
        "api_url: 'http://api.pagerduty.com'",
        "api_url: 'file:///etc/passwd'",
        "token_env: AWS_SECRET_ACCESS_KEY",
        "token_env: HOME",
        "token_env: ONCALL_SYNC_WEBHOOK",
        "token_env: y_NbAkKc66ryYTWUXYEu",
        "token: y_NbAkKc66ryYTWUXYEu",
        "region: mars",
        "schedules: round",
    ],
)
def test_tricks_in_the_config(entry: str, account: Account, capsys: Capture) -> None:
    account.write("oncall.yaml", f"workspace: acme\nproviders:\n  pagerduty: {{kind: pagerduty, {entry}}}\n")
    for words in (["validate"], ["plan"], ["apply", "--yes"]):
        told = harmless(account.sync(capsys, *words), 1).err
        assert ("providers.pagerduty:" if "round" in entry else "oncall.yaml:3:") in told
        assert TOKEN[:8] not in told
    assert account.log() == []
