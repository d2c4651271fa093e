"""The worked examples of the repository, and every piece of YAML that the description of the language shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from oncall_sync.model import (
    AcceptFrom,
    ConstantUrgency,
    Follows,
    OnePerson,
    Policies,
    Ref,
    Staffed,
    SupportHours,
)
from oncall_sync.policy.config import load_config
from oncall_sync.policy.load import load, loads
from oncall_sync.policy.reading import read
from oncall_sync.policy.schema import policy_schema
from oncall_sync.rota.hours import complement, in_words

ROOT = Path(__file__).parents[2]
PROVIDERS = {"pagerduty": "pagerduty", "opsgenie": "opsgenie"}
BOTH = frozenset({"pagerduty", "opsgenie"})


@pytest.fixture(scope="module")
def policies() -> Policies:
    return load(load_config(ROOT / "oncall.yaml", {}), BOTH)


def test_all_five_load_together(policies: Policies) -> None:
    assert policies.workspace == "acme"
    assert sorted(policies.teams) == ["delivery", "eshopbox", "liefery-backend", "mobile-engage", "pupper"]
    assert policies.notes == ()
    assert all(user.email.endswith("@example.com") for user in policies.users.values())


@pytest.mark.parametrize("path", sorted((ROOT / "policies").glob("*.yaml")), ids=lambda path: path.stem)
def test_each_loads_alone_and_names_its_schema(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("# yaml-language-server: $schema=../schemas/policy.json\n")
    assert loads({path.name: text}, providers=PROVIDERS, kinds=BOTH).services is not None


def test_mobile_engage(policies: Policies) -> None:
    day, night = policies.schedules["daily-duty"], policies.schedules["on-call-duty"]
    assert in_words(day.rotations[0].hours) == "Mon-Fri 09:00-18:00"
    assert night.rotations[0].hours == complement(day.rotations[0].hours)
    assert night.rotations[0].start == datetime(2026, 1, 2, 18)
    requests = policies.services["mobile-engineer-requests"]
    assert requests.urgency == SupportHours(
        hours=day.rotations[0].hours, time_zone="Europe/Vienna", raise_at_start=True
    )
    third = policies.services["third-level-requests"]
    assert third.urgency == ConstantUrgency("high")
    assert third.integrations[0].accept_from == (AcceptFrom("domain", "thirdlevel.example.com"),)  # type: ignore[index]
    assert policies.escalation_policies["mobile-engage"].repeat == 2


def test_eshopbox(policies: Policies) -> None:
    primary, secondary = policies.schedules["eshopbox-primary"], policies.schedules["eshopbox-secondary"]
    assert [rotation.name for rotation in primary.rotations] == ["frontend", "backend"]
    assert secondary.follows == Follows(Ref("schedule", "eshopbox-primary"), 1)
    assert len(policies.escalation_policies["eshopbox"].levels) == 5
    assert policies.services["eshopbox-shop"].integrations[0].vendor == "Google Stackdriver"  # type: ignore[index]
    assert policies.teams["eshopbox"].settings == {"opsgenie": {"route_to": "eshopbox"}}


def test_liefery(policies: Policies) -> None:
    roster = policies.schedules["backend-support"]
    assert roster.provider == "none"
    assert all(each.since.isoweekday() == 3 and each.since.hour == 9 for each in roster.assignments)
    one = [check.one for check in policies.checks if isinstance(check, Staffed) and check.one]
    assert one == [OnePerson(has=frozenset({"production-access"}), works=frozenset(range(5)))]
    assert policies.users["dora"].away[0].since == datetime(2026, 12, 24)


def test_pupper(policies: Policies) -> None:
    assert policies.services["support"].external
    assert policies.chat_commands["/pd-support"].service == Ref("service", "support")
    assert policies.schedules["pupper-primary"].overrides[0].user == Ref("user", "mia")


def test_delivery(policies: Policies) -> None:
    assert policies.schedules["delivery-eoc"].time_zone == "America/Chicago"
    assert policies.services["delivery-pipeline"].human_within == timedelta(minutes=20)
    assert policies.groups["delivery-support"].members == Ref("schedule", "delivery-eoc")


MOBILE_ENGAGE = """
provider: pagerduty
time_zone: Europe/Vienna
team: mobile-engage

users:
  anna: {email: anna@example.com}
  ben: {email: ben@example.com}
  carla: {email: carla@example.com}
  david: {email: david@example.com}
  lead: {email: lead@example.com}

teams:
  mobile-engage: {name: Mobile Engage, members: [anna, ben, carla, david, {user: lead, role: manager}]}

hours:
  office: Mon-Fri 09:00-18:00

schedules:
  daily-duty:
    rotations:
      - {members: [anna, ben, carla, david], start: Mon 2026-01-05 09:00, every: 1 week, hours: office}
  on-call-duty:
    rotations:
      - members: [ben, carla, david, anna]
        start: Fri 2026-01-02 18:00        # the first handoff
        every: 1 week
        hours: {outside: office}

escalation_policies:
  mobile-engage:
    levels:
      - {notify: [{schedule: daily-duty}, {schedule: on-call-duty}], escalate_after: 15m}
      - {notify: {user: lead}, escalate_after: 15m}
    repeat: 2                              # two more passes

urgency_rules:
  office-hours: {support_hours: office, during: high, outside: low, raise_at_start: true}

services:
  mobile-engineer-requests:
    escalation_policy: mobile-engage
    urgency: office-hours                  # a rule by name, a rule in place, or just: high | low
    integrations: {mail: {email: me-requests}}
  third-level-requests:
    escalation_policy: mobile-engage
    urgency: high
    integrations: {mail: {email: me-third-level, accept_from: thirdlevel.example.com}}
  platform-alerts:
    escalation_policy: mobile-engage
    urgency: high
    acknowledge_within: 30m                # the provider re-triggers after this
    resolve_after: 4h
    human_within: 30m                      # the team's SLA
    integrations: {monitoring: {events: api}}

checks:
  - covered: {escalation_policy: mobile-engage, exactly: 1}
  - rings: {service: mobile-engineer-requests, at: sat 03:00, urgency: low}
  - raised: {service: mobile-engineer-requests, opened: sat 03:00, high_at: mon 09:00}
"""

PEOPLE = (
    "users: {ana: {email: a@example.com, has: [production-access], works: Mon-Fri,"
    " away: [{since: 2026-12-24, until: 2027-01-02}]}, ben: {email: b@example.com, has: [frontend]},"
    " cy: {email: c@example.com, ids: {jsm: x}}, zoe: {email: z@example.com}, manager: {email: m@example.com}}\n"
)
PRIMARY = "rotations: {members: [ana, ben], start: Mon 2026-01-05 10:00, every: 1 week}"
TOP = "provider: pagerduty\ntime_zone: Europe/Vienna\n" + PEOPLE
BASE = (
    TOP + f"schedules:\n  p: {{{PRIMARY}}}\n  q: {{follows: p, offset: 1}}\n"
    "services: {support: {external: true}}\n"
)
SNIPPETS = [
    MOBILE_ENGAGE,
    TOP
    + "schedules:\n  eshopbox-primary:\n    overlap: everyone\n    rotations:\n"
    + "      frontend: {members: [ana], start: Mon 2026-01-05 10:00, every: 1 week}\n"
    + "      backend: {members: [ben], start: Mon 2026-01-05 10:00, every: 1 week}\n"
    + "  eshopbox-secondary: {follows: eshopbox-primary, offset: 1}\n",
    TOP + f"schedules: {{p: {{overlap: last_wins, {PRIMARY}}}}}\n",
    TOP
    + "urgency_rules: {by-priority: {high: [P1, P2], low: [P3, P4, P5]}}\nservices: {s: {urgency: by-priority}}\n",
    TOP + "services: {s: {integrations: {stackdriver: {vendor: Google Stackdriver}}}}\n",
    BASE + "checks:\n  - distinct: [p, q]\n  - staffed: {schedule: p, at_least: {frontend: 1, backend: 1}}\n",
    BASE + "checks:\n  - acknowledged_within: {service: support, limit: 5m}\n",
    "provider: none\ntime_zone: Europe/Berlin\n"
    + PEOPLE
    + "schedules: {backend-support: {assignments: [{since: 2026-11-25 09:00, until: 2026-12-09 09:00,"
    + " on_call: [ana, ben], fallback: cy, observers: zoe}]}}\n"
    + "checks:\n"
    + "  - staffed: {schedule: backend-support, at_least: 2, during: Mon-Fri 09:00-18:00}\n"
    + "  - staffed: {schedule: backend-support, at_least: {has: [production-access], works: Mon-Fri}}\n"
    + "  - staffed: {schedule: backend-support, at_least: 2, has: [production-access], works: Mon-Fri}\n"
    + "  - planned_ahead: {schedule: backend-support, by: Mon 17:00, for: Wed 09:00}\n"
    + "  - observed_first: {schedule: backend-support}\n",
    BASE
    + "checks: [{distinct: [p, q]}, {eligible: {schedule: p, has: [vpn, github-pupper]}},"
    + " {reachable: {schedule: p, by: [push, phone], before: 24h}}]\n",
    BASE + "chat_commands: {/pd-support: {service: support}}\n",
    TOP
    + f"schedules: {{p: {{{PRIMARY}, overrides: [{{since: 2026-12-24 09:00, until: 2026-12-27 09:00,"
    + " user: ben, instead_of: ana}]}}\n",
    "provider: opsgenie\n"
    + PEOPLE
    + "schedules: {delivery-eoc: {time_zone: America/Chicago,"
    + " rotations: {members: [ana, ben], start: Mon 2026-01-05 10:00, every: 1 week}}}\n"
    + "escalation_policies: {d: {levels: [{notify: {schedule: delivery-eoc}, escalate_after: 10m},"
    + " {notify: {user: manager}, escalate_after: 5m}]}}\n"
    + "services: {s: {escalation_policy: d, human_within: 20m}}\n"
    + "groups: {delivery-support: {slack: S0123, from: {schedule: delivery-eoc}}}\n",
    *(
        TOP
        + f"schedules: {{p: {{rotations: {{members: [ana, nobody, ana], start: 2026-01-05 10:00, every: {every},"
        + " until: 2026-06-01 10:00}}}\n"
        for every in ("12h", "1 day", "2 days", "1 week", "2 weeks")
    ),
    *(
        TOP + f"hours: {{h: {hours}}}\nservices: {{s: {{urgency: {{support_hours: h}}}}}}\n"
        for hours in (
            "[Mon-Thu 18:00-09:00, Fri 18:00 - Mon 09:00]",
            "Mon+Wed 09:00-18:00",
            "mon-fri 09:00-18:00",
            "{outside: Mon-Fri 09:00-18:00}",
        )
    ),
    TOP + f"schedules: {{p: {{{PRIMARY}, protected: true, was: old-key, name: P, description: none}}}}\n",
    *(
        TOP + f"services: {{s: {{resolve_after: {length}}}}}\n"
        for length in ("15m", "4h", "2d", "30 minutes", "1 week", "2 weeks", "none")
    ),
    BASE + "waivers: [{rule: x, for: {service: support}, reason: y, owner: ana, until: 2026-12-31}]\n",
    BASE + "checks: [{raised: {service: support, opened: sat 03:00, high_at: mon 09:00, rings: ana}}]\n",
    TOP
    + "escalation_policies: {e: {levels: [{notify: {user: ana}, pagerduty: {round_robin: true}}],"
    + " pagerduty: {handoff_notifications: always}}}\n"
    + "services: {s: {pagerduty: {alert_grouping: {type: time}, auto_pause: 5m, tags: {teams: [x]},"
    + " status: disabled},"
    + " opsgenie: {tags: [a], visibility: team}}}\n"
    + "teams: {t: {opsgenie: {route_to: e}}}\n",
]


@pytest.mark.parametrize("text", SNIPPETS, ids=range(len(SNIPPETS)))
def test_what_the_language_shows_works(text: str) -> None:
    loads({"p.yaml": text}, providers=PROVIDERS, kinds=BOTH)
    document, _ = read(text.encode(), "p.yaml")
    assert document is not None
    assert list(Draft7Validator(policy_schema({})).iter_errors(document.data)) == []
