"""The same policies at PagerDuty and at Opsgenie, applied and asked through the command line."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from oncall_sync.cli.main import run
from oncall_sync.plan.guards import GUARDS
from oncall_sync.run.converge import verify

from .harness import TOKEN, Result, sandbox

KINDS = ("pagerduty", "opsgenie")
WAIVED = [word for rule in GUARDS for word in ("--waive", f"{rule}=meant")]
Finding = dict[str, Any]
Shifts = list[tuple[datetime, tuple[str, ...]]]


def stamp(at: datetime) -> str:
    """Return an instant as queries and answers have it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass
class Place:
    """One provider's sandbox and a folder of policies for it."""

    kind: str
    url: str
    folder: Path
    session: requests.Session
    now: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)
    text: str = field(default="", repr=False)

    def begin(self, text: str, now: datetime, settings: str = "") -> None:
        """Empty the account, set its clock, and write policies that differ in the word `provider` alone."""
        self.now = now
        self.control("reset", {"what": "all"})
        self.control("clock", {"now": stamp(now)})
        self.text = re.sub(r"(?m)^provider: \w+", f"provider: {self.kind}", text)
        (self.folder / "policies").mkdir(parents=True, exist_ok=True)
        (self.folder / "policies" / "all.yaml").write_text(self.text, encoding="utf-8")
        entry = f"{self.kind}: {{kind: {self.kind}, token_env: ONCALL_CONTRACT_TOKEN{settings}}}"
        (self.folder / "oncall.yaml").write_text(f"workspace: acme\nproviders:\n  {entry}\n", encoding="utf-8")

    def sync(self, *words: str) -> Result:
        """Run a command at the sandbox's hour."""
        out, err = io.StringIO(), io.StringIO()
        where = ["--config", str(self.folder / "oncall.yaml"), "--now", stamp(self.now)]
        with redirect_stdout(out), redirect_stderr(err):
            code = run([*words, *where])
        return Result(code, out.getvalue(), err.getvalue())

    def asked(self, *words: str) -> Any:
        """Return a command's JSON answer."""
        found = self.sync(*words, "--format", "json")
        assert found.code == 0, found.out + found.err
        return found.json

    def said(self) -> list[Finding]:
        """Return what this provider cannot hold, or holds roughly, as `validate` says it."""
        found = json.loads(self.sync("validate", "--format", "json").out)["findings"]
        return [one for one in found if one["rule"] in ("cannot", "approximated")]

    def control(self, name: str, body: Any = None, **query: str) -> Any:
        """Speak to the sandbox's own controls."""
        method = "GET" if body is None else "POST"
        answer = self.session.request(
            method, f"{self.url}/__sandbox__/{name}", json=body, params=query, timeout=20
        )
        answer.raise_for_status()
        return answer.json()

    def writes(self) -> list[str]:
        """Return every writing request since the log was emptied."""
        return [f"{one['method']} {one['path']}" for one in self.control("requests") if one["method"] != "GET"]

    def rings(self, at: datetime) -> dict[str, list[str]]:
        """Return whom the provider itself would call first, by the name of the service."""
        found: dict[str, list[str]] = self.control("rings", at=stamp(at))
        return found

    def applied(self) -> None:
        """Make it so; afterwards there is nothing left to do, and nothing is done."""
        made = self.sync("apply", "--yes", "--max-deletes", "99", *WAIVED)
        assert made.code == 0, made.out + made.err
        assert self.asked("plan", "--exit-code")["changes"] == []
        self.control("reset", {"what": "log"})
        again = self.sync("apply", "--yes", *WAIVED)
        assert again.code == 0, again.out + again.err
        assert self.writes() == []

    def is_refused(self, refused: list[Finding]) -> None:
        """Every objection is a `cannot`; plan says the same, and nothing is written."""
        assert {one["rule"] for one in refused} == {"cannot"}
        planned = self.sync("plan", "--format", "json")
        if planned.code == 0:
            errors = [one for one in planned.json["findings"] if one["rule"] == "cannot"]
            assert sorted(json.dumps(one, sort_keys=True) for one in errors) == sorted(
                json.dumps(one, sort_keys=True) for one in refused
            )
        assert self.sync("apply", "--yes", *WAIVED).code == 1
        assert self.writes() == []

    def shifts(self, schedule: str, days: int, origin: str) -> Shifts:
        """Return who is on call from when on."""
        span = ["--since", stamp(self.now), "--until", stamp(self.now + timedelta(days=days))]
        listed = self.asked("shifts", schedule, *span, "--from", origin)["shifts"]
        found: Shifts = []
        for one in listed:
            users = tuple(one["users"])
            if not found or found[-1][1] != users:
                found.append((datetime.fromisoformat(one["since"]), users))
        return found

    def ladder(self, service: str, at: datetime, origin: str) -> Mapping[str, Any]:
        """Return what `who` answers."""
        found: Mapping[str, Any] = self.asked("who", "--service", service, "--at", stamp(at), "--from", origin)
        return found


@contextmanager
def both(folder: Path, people: Mapping[str, str]) -> Iterator[dict[str, Place]]:
    """Yield a place per provider; `people` are emails by key."""
    seed = {"users": {key: {"email": email, "name": key} for key, email in people.items()}}
    places = {}
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
        patch.setitem(verify.__kwdefaults__, "patience", 0.0)  # the sandboxes' lists do not lag
        session = stack.enter_context(requests.Session())
        for kind in KINDS:
            server = stack.enter_context(sandbox(kind, seed=seed))
            patch.setenv(f"{kind.upper()}_API_URL", server.url)
            places[kind] = Place(kind, server.url, folder / kind, session)
        yield places
