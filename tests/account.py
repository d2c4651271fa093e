"""A sandbox account, a folder of policies, and the command line between them."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from oncall_sync.cli.main import run
from oncall_sync_pagerduty.sandbox import Options, Running

PEOPLE = ("anna", "ben", "carla", "david", "lead", "user5", "user6")
SEED: Mapping[str, Any] = {
    "subdomain": "acme",
    "users": {name: {"email": f"{name}@example.com", "name": name.title()} for name in PEOPLE},
}
CONFIG = """\
workspace: acme
policies: policies
providers:
  pagerduty: {kind: pagerduty, token_env: PAGERDUTY_TOKEN}
"""
SMALL = """\
provider: pagerduty
time_zone: Europe/Vienna
team: ops
users:
  anna: {email: anna@example.com}
  ben: {email: ben@example.com}
  user5: {email: user5@example.com}
  user6: {email: user6@example.com}
teams:
  ops: {name: Operations, members: [anna, ben]}
schedules:
  checkout-night:
    rotations: {members: [anna, user5, ben, user6], start: Mon 2026-01-05 09:00, every: 1 week}
escalation_policies:
  checkout:
    levels:
      - {notify: {schedule: checkout-night}, escalate_after: 15m}
      - {notify: {user: ben}, escalate_after: 10m}
    repeat: 1
services:
  checkout:
    escalation_policy: checkout
    urgency: high
    acknowledge_within: 30m
    integrations: {monitoring: {events: api}, mail: {email: checkout, accept_from: example.org}}
"""


@dataclass
class Result:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Account:
    """One sandbox, one folder."""

    url: str
    folder: Path
    capture: pytest.CaptureFixture[str] | None = None
    now: datetime | None = None
    session: requests.Session = field(default_factory=requests.Session)

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, now: datetime | None, **options: Any) -> Iterator[Account]:
        """Open a sandbox of its own."""
        with Running(Options(seed=SEED, now=now, **options)) as server, cls.at(server.url, folder, now) as account:
            yield account

    @classmethod
    @contextmanager
    def at(cls, url: str, folder: Path, now: datetime | None, policies: str | None = SMALL) -> Iterator[Account]:
        """Open the account of a sandbox that is there, with policies in `folder`; None is those that are there."""
        account = cls(url, folder, now=now)
        account.session.headers["Authorization"] = "Token token=x"
        if policies is not None:
            account.write("oncall.yaml", CONFIG)
            account.write("policies/small.yaml", policies)
        with account.session:
            yield account

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def edit(self, old: str, new: str, name: str = "policies/small.yaml") -> None:
        """Change a policy file; `old` must be in it."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def sync(self, capsys: pytest.CaptureFixture[str], *words: str) -> Result:
        """Run a command at the sandbox's hour."""
        capsys.readouterr()
        clock = ["--now", self.now.isoformat()] if self.now and words[0] in ("plan", "apply", "validate") else []
        code = run([*words, *clock])
        shown = capsys.readouterr()
        return Result(code, shown.out, shown.err)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Speak to the vendor's API beside the tool."""
        answer = self.session.request(method, self.url + path, json=body, headers=headers, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def one(self, kind: str, name: str) -> dict[str, Any]:
        """Return the one object of a kind (`services`) with this name, in full."""
        listed = self.call("GET", f"/{kind}?limit=100")[kind]
        (found,) = [o for o in listed if o["name"] == name]
        singular = {"escalation_policies": "escalation_policy"}.get(kind, kind[:-1])
        body: dict[str, Any] = self.call("GET", f"/{kind}/{found['id']}?time_zone=UTC")[singular]
        return body

    def forget(self) -> None:
        """Empty the sandbox's log of requests."""
        self.call("POST", "/__sandbox__/reset", {"what": "log"})

    def log(self) -> list[dict[str, Any]]:
        """Return every request since `forget`."""
        found: list[dict[str, Any]] = self.call("GET", "/__sandbox__/requests")
        return found

    def writes(self) -> list[str]:
        """Return every writing request since `forget`, as `METHOD path`."""
        return [f"{r['method']} {r['path']}" for r in self.log() if r["method"] != "GET"]

    def fault(self, kind: str, **where: Any) -> None:
        """Let something go wrong from now on."""
        self.call("POST", "/__sandbox__/faults", {"kind": kind, **where})
