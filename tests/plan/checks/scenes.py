"""Scenes straight from policies, and a healthy file that holds every promise there is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from oncall_sync.model import Paging, Policies
from oncall_sync.plan.checks import Broken, Contacts, evaluate, promises, standing
from oncall_sync.policy.load import loads
from oncall_sync.rota.scene import Scene

PAGERDUTY = Paging(
    low_escalates=False,
    drops_when_nobody=True,
    skips_empty_levels=True,
    rotations="last_wins",
    delays="relative",
    open_incident_stays=True,
)
OPSGENIE = Paging(
    low_escalates=True,
    drops_when_nobody=False,
    skips_empty_levels=True,
    rotations="everyone",
    delays="from_start",
    open_incident_stays=False,
)
PAGING = {"pagerduty": PAGERDUTY, "opsgenie": OPSGENIE}

HEALTHY = """\
provider: pagerduty
time_zone: Europe/Vienna
users:
  ana: {email: ana@example.com, has: [vpn, root], works: Mon-Fri}
  ben: {email: ben@example.com, has: [vpn]}
  cy: {email: cy@example.com, has: [vpn]}
  dan: {email: dan@example.com, has: [vpn]}
  lead: {email: lead@example.com}
  boss: {email: boss@example.com}
  zoe: {email: zoe@example.com}
hours: {office: Mon-Fri 09:00-18:00}
schedules:
  day: {rotations: {members: [ana, ben, cy, dan], start: Mon 2026-01-05 09:00, every: 1 week, hours: office}}
  night:
    rotations:
      - {members: [ben, cy, dan, ana], start: Fri 2026-01-02 18:00, every: 1 week, hours: {outside: office}}
  second: {follows: day, offset: 1}
  roster:
    provider: none
    assignments:
      - {since: 2026-11-11 09:00, until: 2026-11-25 09:00, on_call: [ana, cy], observers: [zoe]}
      - {since: 2026-11-25 09:00, until: 2026-12-09 09:00, on_call: [ana, zoe]}
      - {since: 2026-12-09 09:00, until: 2027-01-06 09:00, on_call: [cy, ana]}
escalation_policies:
  chain:
    levels:
      - {notify: [{schedule: day}, {schedule: night}], escalate_after: 15m}
      - {notify: {user: boss}, escalate_after: 15m}
      - {notify: {user: lead}, escalate_after: 15m}
services:
  mail:
    escalation_policy: chain
    urgency: {support_hours: office, during: high, outside: low, raise_at_start: true}
  alerts:
    escalation_policy: chain
    urgency: high
    human_within: 45m
  theirs: {external: true}
chat_commands: {/page: {service: theirs}}
checks:
  - covered: {escalation_policy: chain, exactly: 1}
  - distinct: [day, second]
  - human_within: {service: mail, limit: 45m}
  - acknowledged_within: {service: alerts, limit: 15m}
  - staffed: {schedule: day, at_least: 1, during: office}
  - eligible: {schedule: day, has: vpn}
  - staffed: {schedule: roster, at_least: {has: [root], works: Mon-Fri}}
  - planned_ahead: {schedule: roster, by: Mon 17:00, for: Wed 09:00}
  - observed_first: {schedule: roster}
  - rings: {service: mail, at: sat 03:00, urgency: low}
  - raised: {service: mail, opened: sat 03:00, high_at: mon 09:00}
  - reachable: {schedule: day, by: [push, phone], before: 24h}
"""


def at(*parts: int, zone: str = "Europe/Vienna") -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[misc,arg-type]


SINCE = at(2026, 11, 23)
UNTIL = SINCE + timedelta(days=28)


def policies(text: str = HEALTHY) -> Policies:
    kinds = {name: name for name in PAGING}
    return loads({"p.yaml": text}, providers=kinds, kinds=frozenset(kinds))


def scene(found: Policies, paging: Mapping[str, Paging] = PAGING) -> Scene:
    return Scene(
        services={r.ref: r for r in found.services.values()},
        policies={r.ref: r for r in found.escalation_policies.values()},
        schedules={r.ref: r for r in found.schedules.values()},
        users={r.ref: r for r in found.users.values()},
        paging=paging,
    )


def everybody(found: Policies, **ways: str) -> dict[object, Contacts]:
    """Everybody has the app, unless something else is said."""
    return {u.ref: Contacts(frozenset(ways.get(key, "push").split())) for key, u in found.users.items()}


def broken(
    found: Policies, since: datetime = SINCE, until: datetime = UNTIL, ways: Mapping[str, str] | None = None
) -> list[Broken]:
    """Return all that any rule finds."""
    there = scene(found)
    contacts = everybody(found, **(ways or {}))
    asked = evaluate(promises(found), there, since, until, contacts)  # type: ignore[arg-type]
    return [*asked, *standing(there, found, since, until)]


def line_of(text: str, part: str) -> int:
    """Return the line (from 1) of a part that stands there once."""
    assert text.count(part) == 1, part
    return text[: text.index(part)].count("\n") + 1
