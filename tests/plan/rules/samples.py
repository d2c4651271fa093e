"""A healthy file of policies, and rules against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from oncall_sync.model import Finding, Policies
from oncall_sync.plan.checks.known import ContactBook
from oncall_sync.plan.checks.watch import key_or_nothing
from oncall_sync.plan.judging import Sides
from oncall_sync.plan.rules import with_plan, without_date
from oncall_sync.policy.load import loads
from oncall_sync.policy.rules_file import rules_of
from oncall_sync.rota.scene import Scene
from tests.plan.checks.scenes import PAGING, scene

SINCE = datetime(2026, 11, 23, 12, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=28)
TODAY = date(2026, 11, 23)

SHOP = """\
provider: pagerduty
time_zone: Europe/Vienna
team: ops
users:
  ana: {email: ana@example.com, has: vpn}
  ben: {email: ben@example.com, has: vpn}
  cy: {email: cy@example.com, has: vpn}
  dan: {email: dan@example.com, has: vpn}
  lead: {email: lead@example.com}
teams: {ops: {name: Ops}, web: {name: Web}}
schedules:
  first: {rotations: {members: [ana, ben, cy, dan], start: Mon 2026-01-05 09:00, every: 1 week}}
  second: {follows: first, offset: 1}
escalation_policies:
  chain:
    levels:
      - {notify: {schedule: first}, escalate_after: 10m}
      - {notify: {schedule: second}, escalate_after: 5m}
services:
  shop: {escalation_policy: chain, urgency: high, acknowledge_within: 30m}
"""


def declared(rules: str, text: str = SHOP) -> Policies:
    """Return policies with rules."""
    book, problems = rules_of(rules.encode(), "rules.yaml")
    assert problems == []
    kinds = {name: name for name in PAGING}
    return replace(loads({"p.yaml": text}, providers=kinds, kinds=frozenset(kinds)), rules=book)


def validated(rules: str, text: str = SHOP, today: date = TODAY) -> list[Finding]:
    """Return what `validate` says of rules."""
    policies = declared(rules, text)
    return without_date(policies, scene(policies), today)


def planned(
    rules: str,
    text: str = SHOP,
    before: str | None = None,
    contacts: ContactBook | None = None,
    since: datetime = SINCE,
    until: datetime = UNTIL,
) -> list[Finding]:
    """Return what `plan` says of rules, with an empty account before, or one with what another text declares."""
    policies = declared(rules, text)
    there = Scene() if before is None else scene(declared("", before))
    sides = Sides(
        before=there, after=scene(policies), since=since, until=until, name=key_or_nothing, contacts=contacts
    )
    return with_plan(policies, sides, since.date())


def brief(found: list[Finding]) -> list[tuple[str, str, str]]:
    """Return rule, level and ref of each finding."""
    return [(f.rule, f.level, str(f.ref)) for f in found]


def broken(rules: str, text: str = SHOP) -> list[str]:
    """Return what a plan into an empty account breaks, as `ref: message`, without the rule's own words."""
    return [f"{f.ref}: {f.message.partition(' (the organisation')[0]}" for f in planned(rules, text)]
