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
import yaml

from oncall_sync_opsgenie.sandbox import Options as OpsgenieOptions
from oncall_sync_pagerduty.sandbox import Options, Running
from tests.account import SMALL, Account
from tests.conformance import openapi, opsgenie_swagger
from tests.conformance.openapi import check_answer, check_request
from tests.conformance.opsgenie_traffic import Watched, problems
from tests.conftest import NOW

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


def people(kind: str) -> Any:
    """The seed of the demo, which has everybody whom the examples name."""
    return yaml.safe_load((ROOT / "demo" / f"people-{kind}.yaml").read_text(encoding="utf-8"))


@pytest.mark.skipif(not opsgenie_swagger.DESCRIPTION.exists(), reason="the other vendor's description is missing")
def test_the_examples_at_both_providers(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    traffic: list[tuple[str, str]],
) -> None:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    for name in ("oncall.yaml", "rules.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    with (
        Running(Options(seed=people("pagerduty"), now=NOW)) as pagerduty,
        Watched(OpsgenieOptions(seed=people("opsgenie"), now=NOW)) as opsgenie,
        Account.at(pagerduty.url, tmp_path, NOW, policies=None) as account,
    ):
        monkeypatch.chdir(tmp_path)
        for kind, url in (("PAGERDUTY", pagerduty.url), ("OPSGENIE", opsgenie.url)):
            monkeypatch.setenv(f"{kind}_API_URL", url)
        monkeypatch.setenv("PAGERDUTY_TOKEN", "y_NbAkKc66ryYTWUXYEu")
        monkeypatch.setenv("OPSGENIE_API_KEY", "0b9b8c1e-3c0a-4f6e-9b1c-2f7f8f0c7a10")
        made = account.sync(capsys, "apply", "--yes")
        assert made.code == 0, made.out + made.err
        assert account.sync(capsys, "plan", "--exit-code").code == 0
        assert problems(opsgenie.exchanges) == []
        for written in (account.writes(), [one for one in opsgenie.exchanges if one.method != "GET"]):
            assert len(written) > 10
