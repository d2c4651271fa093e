"""Every request that the tool sends, and every answer it gets, against the vendor's own description."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from tests.account import SMALL, Account
from tests.conformance import openapi
from tests.conformance.openapi import check_answer, check_request

if not openapi.DESCRIPTION.exists():
    pytest.skip("the vendor's description is not beside this checkout", allow_module_level=True)

ROOT = Path(__file__).parents[2]
RICH = """\
provider: pagerduty
time_zone: America/Chicago
team: ops
users:
  anna: {email: anna@example.com}
  ben: {email: ben@example.com}
  carla: {email: carla@example.com}
teams:
  ops: {description: who is called, members: [anna, {user: ben, role: responder}, {user: carla, role: observer}]}
schedules:
  day:
    description: by day
    overlap: last_wins
    rotations:
      - {name: base, members: [anna, ben], start: 2026-01-05 10:00, every: 2 weeks}
      - {name: nights, members: [ben, carla, anna], start: 2026-12-07 18:00, every: 12h,
         hours: Mon-Sun 18:00-06:00}
      - {name: weekend, members: carla, start: 2026-01-03 08:00, every: 1 day, hours: "Sat 08:00 - Mon 06:00",
         until: 2027-03-01 00:00}
    overrides: [{since: 2026-12-24 10:00, until: 2026-12-25 10:00, user: carla}]
  back: {follows: single, offset: 0}
  single: {rotations: {members: anna, start: 2026-01-05 10:00, every: 1 week}}
escalation_policies:
  ladder:
    description: three steps
    levels:
      - {notify: [{schedule: day}, {user: carla}], escalate_after: 5m}
      - {notify: {schedule: back}, escalate_after: 10m}
      - {notify: {user: anna}}
    repeat: 9
    pagerduty: {handoff_notifications: always, tags: [gold]}
services:
  shop:
    escalation_policy: ladder
    urgency: {support_hours: Mon-Fri 08:00-18:00, during: high, outside: low, raise_at_start: true}
    acknowledge_within: 30m
    resolve_after: 1 day
    pagerduty: {alert_grouping: {type: time, timeout: 5m}, auto_pause: 5m, status: disabled}
    integrations:
      events: {events: api}
      mail: {email: shop, accept_from: [example.com, boss@example.org, {regex: "^a.*"}],
             pagerduty: {subject: {match: urgent}}}
      dog: {vendor: Datadog}
  back-office: {escalation_policy: ladder, urgency: low}
"""


@pytest.fixture
def traffic(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """Every exchange of this process, with what is wrong about it."""
    seen: list[tuple[str, str]] = []
    send = requests.Session.send

    def watched(self: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        answer = send(self, request, **more)
        parts = urlsplit(str(request.url))
        if parts.path.startswith("/__sandbox__"):
            return answer
        sent = json.loads(request.body) if request.body else None
        got = answer.json() if answer.content else None
        what = f"{request.method} {parts.path}"
        seen.append((what, ""))
        problems = check_request(str(request.method), parts.path, parse_qsl(parts.query), sent)
        problems += check_answer(str(request.method), parts.path, answer.status_code, got)
        seen.extend((what, problem) for problem in problems)
        return answer

    monkeypatch.setattr(requests.Session, "send", watched)
    yield seen
    assert seen, "nothing was sent"
    assert [f"{what}: {problem}" for what, problem in seen if problem] == []


def test_the_rich_policy_through_its_life(
    account: Account, capsys: pytest.CaptureFixture[str], traffic: list[tuple[str, str]]
) -> None:
    account.write("policies/small.yaml", RICH)
    for text in (
        RICH,
        RICH.replace("[ben, carla, anna]", "[carla, anna]").replace("repeat: 9", "repeat: 3"),
        RICH.replace("      - {name: nights", "      - {name: graveyard").replace(
            "acknowledge_within: 30m", "acknowledge_within: none"
        ),
        RICH.replace("ops: {description", "ops: {name: Operations, description").replace(
            "role: responder", "role: manager"
        ),
        RICH.replace("      dog: {vendor: Datadog}\n", "").replace("urgency: low", "urgency: high"),
    ):
        account.write("policies/small.yaml", text)
        made = account.sync(capsys, "apply", "--yes")
        assert made.code == 0, made.out + made.err
        again = account.sync(capsys, "plan", "--exit-code")
        assert again.code == 0, again.out
    account.write("policies/small.yaml", SMALL.partition("teams:")[0].replace("team: ops\n", ""))
    waived = ("--waive", "service-deleted=x", "--waive", "team-emptied=x", "--max-deletes", "50")
    gone = account.sync(capsys, "apply", "--yes", "--provider", "pagerduty", *waived)
    assert gone.code == 0, gone.out + gone.err
    methods = {what.split()[0] for what, _ in traffic}
    assert methods == {"GET", "POST", "PUT", "DELETE"}


def test_the_examples(
    account: Account, capsys: pytest.CaptureFixture[str], traffic: list[tuple[str, str]]
) -> None:
    for people in ("mia", "noa", "oz", "pat"):
        user = {"type": "user", "name": people, "email": f"{people}@example.com"}
        account.call("POST", "/users", {"user": user}, From="anna@example.com")
    shutil.rmtree(account.folder / "policies")
    shutil.copytree(ROOT / "policies", account.folder / "policies")
    shutil.copy(ROOT / "oncall.yaml", account.folder)
    shutil.copy(ROOT / "rules.yaml", account.folder)
    made = account.sync(capsys, "apply", "--yes")
    assert made.code == 0, made.out + made.err
    assert account.sync(capsys, "plan", "--exit-code").code == 0
