"""One fault planted for each rule in a healthy file: it is found, and only it, in its place, with its span."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from oncall_sync.model import EscalationPolicy, Level, Ref
from oncall_sync.plan.checks import LEVELS, Broken, standing
from tests.plan.checks.scenes import HEALTHY, SINCE, UNTIL, at, broken, line_of, policies, scene


@dataclass(frozen=True)
class Fault:
    """Texts to replace; then: the rule, where it is told, the first span, and what the message says."""

    name: str
    changes: dict[str, str]
    rule: str
    place: str
    since: datetime | None
    until: datetime | None
    says: tuple[str, ...]
    spans: int = 1
    ways: dict[str, str] = field(default_factory=dict)
    at: tuple[datetime, datetime] = (SINCE, UNTIL)


def one(name: str, old: str, new: str, **rest: object) -> Fault:
    return Fault(name=name, changes={old: new}, **rest)  # type: ignore[arg-type]


ROSTER_CHECKS = """\
  - staffed: {schedule: roster, at_least: {has: [root], works: Mon-Fri}}
  - planned_ahead: {schedule: roster, by: Mon 17:00, for: Wed 09:00}
"""
OFFICE_ROSTER = "- {since: 2026-12-09 09:00, until: 2027-01-06 09:00, on_call: [cy, ana]}"
FAULTS = [
    one(
        "covered by nobody for one hour a week",
        "hours: {outside: office}}",
        "hours: [Mon-Thu 18:00-09:00, Fri 18:00 - Sat 18:00, Sat 19:00 - Mon 09:00]}",
        rule="covered",
        place="covered",
        since=at(2026, 11, 28, 18),
        until=at(2026, 11, 28, 19),
        spans=4,
        says=(
            "escalation policy chain level 1: nobody is on call, and exactly 1 person is promised",
            "Sat 2026-11-28 18:00 to 19:00 Europe/Vienna; Sat 2026-12-05 18:00 to 19:00 Europe/Vienna",
            "and 1 more",
        ),
    ),
    one(
        "covered by two at once",
        "hours: {outside: office}}",
        "hours: [Mon-Thu 18:00-09:00, Fri 17:00 - Mon 09:00]}",
        rule="covered",
        place="covered",
        since=at(2026, 11, 27, 17),
        until=at(2026, 11, 27, 18),
        spans=4,
        says=("2 people are on call, and exactly 1", "Fri 2026-11-27 17:00 to 18:00 Europe/Vienna (cy, dan)"),
    ),
    one(
        "the same person in two schedules by an override",
        "second: {follows: day, offset: 1}",
        "second: {follows: day, offset: 1,"
        " overrides: [{since: 2026-11-25 10:00, until: 2026-11-25 12:00, user: cy}]}",
        rule="distinct",
        place="distinct",
        since=at(2026, 11, 25, 10),
        until=at(2026, 11, 25, 12),
        says=("schedule day and schedule second", "Wed 2026-11-25 10:00 to 12:00 Europe/Vienna (cy)", "override"),
    ),
    Fault(
        "lists of four and three drift apart",
        {
            "second: {follows: day, offset: 1}": "second: {rotations:"
            " {members: [ben, cy, dan], start: Mon 2026-01-05 09:00, every: 1 week, hours: office}}"
        },
        "distinct",
        "distinct",
        at(2026, 11, 30, 9),
        at(2026, 11, 30, 18),
        ("lists of 4 and 3 members drift apart", "(dan)"),
        spans=5,
        at=(at(2026, 11, 30), at(2026, 12, 7)),
    ),
    Fault(
        "a human too late, as promised by a service",
        {"human_within: 45m": "human_within: 44m"},
        "human_within",
        "human_within: 44m",
        SINCE,
        UNTIL,
        ("within 44m", "15m at level 1 + 15m at level 2 + 15m at level 3 = 45m", "(urgency high)", "promise 45m"),
    ),
    Fault(
        "a human too late for high incidents only",
        {"limit: 45m": "limit: 44m"},
        "human_within",
        "- human_within",
        at(2026, 11, 23, 9),
        at(2026, 11, 23, 18),
        ("service mail promises a human within 44m", "Mon 2026-11-23 09:00 to 18:00 Europe/Vienna (lead)"),
        spans=20,
    ),
    Fault(
        "the first level rings too long",
        {
            "limit: 15m": "limit: 14m",
        },
        "acknowledged_within",
        "- acknowledged_within",
        None,
        None,
        ("service alerts promises an acknowledgement within 14m", "only after 15m"),
        spans=0,
    ),
    Fault(
        "too few during office hours",
        {
            "staffed: {schedule: day, at_least: 1, during: office}": "staffed: {schedule: day,"
            " during: Mon 08:00-10:00,"
            " at_least: 1}"
        },
        "staffed",
        "staffed: {schedule: day",
        at(2026, 11, 23, 8),
        at(2026, 11, 23, 9),
        ("schedule day: nobody instead of 1 is on call: Mon 2026-11-23 08:00 to 09:00 Europe/Vienna",),
        spans=4,
    ),
    Fault(
        "too few with a property",
        {
            "staffed: {schedule: day, at_least: 1, during: office}": "staffed: {schedule: day, during: office,"
            " at_least: {root: 1}}"
        },
        "staffed",
        "staffed: {schedule: day",
        at(2026, 11, 23, 9),
        at(2026, 11, 23, 18),
        ("nobody with root instead of 1 is on call", "(cy)"),
        spans=15,
    ),
    Fault(
        "nobody who has it all",
        {
            "cy@example.com, has: [vpn]": "cy@example.com, works: Mon-Thu, has: [vpn, root]",
            OFFICE_ROSTER: OFFICE_ROSTER.replace("[cy, ana]", "[cy, zoe]"),
        },
        "staffed",
        "staffed: {schedule: roster",
        at(2026, 12, 9, 9),
        UNTIL,
        ("nobody with root who works Mon-Fri is on call: Wed 2026-12-09 09:00 to Mon 2026-12-21", "(cy, zoe)"),
    ),
    Fault(
        "somebody who may not",
        {"dan: {email: dan@example.com, has: [vpn]}": "dan: {email: dan@example.com}"},
        "eligible",
        "eligible",
        at(2026, 11, 30, 9),
        at(2026, 11, 30, 18),
        ("dan is on call for schedule day without vpn: Mon 2026-11-30 09:00 to 18:00", "and 2 more"),
        spans=5,
    ),
    Fault(
        "somebody who may not, by an override",
        {
            "day: {rotations:": "day: {"
            "overrides: [{since: 2026-11-25 09:00, until: 2026-11-25 18:00, user: lead}],"
            " rotations:"
        },
        "eligible",
        "eligible",
        at(2026, 11, 25, 9),
        at(2026, 11, 25, 18),
        ("lead is on call for schedule day without vpn",),
    ),
    Fault(
        "nobody knows who is next",
        {
            "since: 2026-12-09 09:00, until: 2027-01-06": "since: 2026-12-10 09:00, until: 2027-01-06",
            "works: Mon-Fri}}": "works: Mon-Fri}, during: Mon+Tue 09:00-18:00}",
        },
        "planned_ahead",
        "planned_ahead",
        at(2026, 12, 7, 17),
        at(2026, 12, 9, 9),
        ("Wed 2026-12-09 09:00 Europe/Vienna (to be known by Mon 2026-12-07 17:00 Europe/Vienna)",),
    ),
    Fault(
        "a first turn unobserved",
        {", observers: [zoe]": ", observers: [dan]"},
        "observed_first",
        "observed_first",
        at(2026, 11, 25, 9),
        at(2026, 12, 9, 9),
        ("zoe has a first turn", "Wed 2026-11-25 09:00 to Wed 2026-12-09 09:00", "dan observes: add zoe"),
    ),
    Fault(
        "rings with another urgency",
        {"at: sat 03:00, urgency: low": "at: mon 10:00, urgency: low"},
        "rings",
        "- rings",
        at(2026, 11, 23, 10),
        None,
        ("service mail", "Mon 2026-11-23 10:00 Europe/Vienna (cy)", "it is high, and low is promised"),
        spans=4,
    ),
    Fault(
        "rings somebody else",
        {"at: sat 03:00, urgency: low": "at: mon 10:00, user: boss"},
        "rings",
        "- rings",
        at(2026, 11, 23, 10),
        None,
        ("boss, who is promised, rings only 15m after the first", "(cy)"),
        spans=4,
    ),
    Fault(
        "raised at another time",
        {"high_at: mon 09:00": "high_at: mon 08:30"},
        "raised",
        "- raised",
        at(2026, 11, 28, 3),
        None,
        ("it turns high at Mon 09:00 Europe/Vienna, 30m later than promised",),
        spans=4,
    ),
    Fault(
        "never raised",
        {", raise_at_start: true": ""},
        "raised",
        "- raised",
        at(2026, 11, 28, 3),
        None,
        ("it stays low, and high is promised from Mon 09:00 Europe/Vienna on", "Sat 2026-11-28 03:00"),
        spans=4,
    ),
    Fault(
        "not low to begin with",
        {"opened: sat 03:00": "opened: fri 17:00"},
        "raised",
        "- raised",
        at(2026, 11, 27, 17),
        None,
        ("it is high at once",),
        spans=4,
    ),
    Fault(
        "raised, and rings another",
        {"high_at: mon 09:00}": "high_at: mon 09:00, rings: lead}"},
        "raised",
        "- raised",
        at(2026, 11, 28, 3),
        None,
        ("lead, who is promised, rings only 30m after the first",),
        spans=4,
    ),
    Fault(
        "somebody whom nothing reaches",
        {},
        "reachable",
        "reachable",
        at(2026, 11, 30, 9),
        at(2026, 11, 30, 18),
        ("dan", "push or phone (only by email and sms)", "by Sun 2026-11-29 09:00 Europe/Vienna, 1d before"),
        spans=5,
        ways={"dan": "email sms"},
    ),
    Fault(
        "a follower that meets its leader",
        {"distinct: [day, second]": "distinct: [day, night]", "offset: 1": "offset: 4"},
        "follows-same",
        "follows: day",
        at(2026, 11, 23, 9),
        at(2026, 11, 23, 18),
        ("schedule second follows day", "An offset of 4 is whole rounds of its 4 members", "(cy)"),
    ),
    Fault(
        "somebody away",
        {
            "dan@example.com, ": "dan@example.com, away: [{since: 2026-12-01, until: 2026-12-03}], ",
            "second: {follows: day, offset: 1}": "second: {follows: day, offset: 2}",
        },
        "away-on-call",
        "day: {rot",
        at(2026, 12, 1, 9),
        at(2026, 12, 1, 18),
        ("dan is away and rings for schedule day all the same", "Wed 2026-12-02 09:00 to 18:00"),
        spans=2,
    ),
    Fault(
        "a handoff that clocks skip",
        {
            "schedules:\n": "schedules:\n  odd: {rotations: {members: [ana, ben], start: Sun 2026-01-04 02:30,"
            " every: 1 week}}\n",
            ROSTER_CHECKS: "",
        },
        "handoff-dst",
        "odd: {",
        at(2026, 3, 29, 3),
        None,
        (
            "schedule odd hands over at Sun 2026-03-29 02:30 Europe/Vienna, which does not exist",
            "from 02:00 to 03:00",
            "happens at Sun 2026-03-29 03:00",
        ),
        at=(at(2026, 3, 23), at(2026, 4, 20)),
    ),
    Fault(
        "a handoff that comes twice",
        {
            "schedules:\n": "schedules:\n  odd: {rotations: {members: [ana, ben], start: Sun 2026-01-04 02:30,"
            " every: 1 week}}\n",
            ROSTER_CHECKS: "",
        },
        "handoff-dst",
        "odd: {",
        datetime.fromisoformat("2026-10-25T00:30:00+00:00"),
        None,
        ("comes twice: clocks go from 03:00 back to 02:00", "the first, Sun 2026-10-25 02:30+02:00 Europe/Vienna"),
        at=(at(2026, 10, 19), at(2026, 11, 8)),
    ),
    Fault(
        "one person behind it all",
        {
            "users:\n": "users:\n",
            "services:\n": "  lonely:\n    levels:\n      - {notify: {user: lead}}\n"
            "      - {notify: {user: lead}}\nservices:\n",
        },
        "single-person",
        "lonely:",
        SINCE,
        UNTIL,
        ("escalation policy lonely: one person is behind all of its levels", "(lead)"),
    ),
    Fault(
        "the last level empty at night",
        {
            "services:\n": "  short:\n    levels:\n      - {notify: [{user: lead}, {user: boss}]}\n"
            "      - {notify: {schedule: day}}\nservices:\n"
        },
        "last-level-empty",
        "- {notify: {schedule: day}}",
        SINCE,
        at(2026, 11, 23, 9),
        ("escalation policy short: the last level", "Mon 2026-11-23 00:00 to 09:00 Europe/Vienna"),
        spans=21,
    ),
    Fault(
        "a level before the last empty at night",
        {
            "services:\n": "  short:\n    levels:\n      - {notify: {schedule: day}}\n"
            "      - {notify: [{user: lead}, {user: boss}]}\nservices:\n"
        },
        "level-gap",
        "- {notify: {schedule: day}}",
        SINCE,
        at(2026, 11, 23, 9),
        ("escalation policy short: level 1 has nobody",),
        spans=21,
    ),
    Fault(
        "nobody at all at night",
        {
            "services:\n": "  short:\n    levels:\n      - {notify: {schedule: day}}\nservices:\n"
            "  odd: {escalation_policy: short, urgency: high}\n"
        },
        "policy-gap",
        "odd: {",
        SINCE,
        at(2026, 11, 23, 9),
        ("service odd has nobody at all to ring", "pagerduty drops the event", "and 18 more"),
        spans=21,
    ),
]


def planted(fault: Fault) -> tuple[str, list[Broken]]:
    text = HEALTHY
    for old, new in fault.changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text, broken(policies(text), *fault.at, ways=fault.ways)


def test_the_healthy_file_is_healthy() -> None:
    assert broken(policies()) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found_and_only_it(fault: Fault) -> None:
    text, found = planted(fault)
    told = [b for b in found if b.rule == fault.rule or b.finding().level != "note"]
    assert [b.rule for b in told] == [fault.rule], [b.message for b in found]
    (only,) = told
    assert only.source is not None
    assert (only.source.file, only.source.line) == ("p.yaml", line_of(text, fault.place))
    assert (only.since, only.until) == (fault.since, fault.until), only.message
    assert len(only.spans) == fault.spans
    for part in fault.says:
        assert part in only.message
    assert only.ref is not None
    assert only.finding().level == LEVELS[fault.rule]


def test_every_rule_has_a_planted_fault() -> None:
    assert {fault.rule for fault in FAULTS} == {*LEVELS} - {"check-unknown", "chat-command"}


def test_a_chat_command_that_rings_nobody() -> None:
    """What is behind somebody else's service is only known once it was read."""
    declared = policies()
    there = scene(declared)
    theirs, night = Ref("service", "theirs"), Ref("escalation_policy", "P1", remote=True)
    schedule = replace(declared.schedules["day"], ref=Ref("schedule", "S1", remote=True))
    policy = EscalationPolicy(ref=night, name="Theirs", provider="pagerduty", levels=(Level((schedule.ref,)),))
    live = replace(
        there,
        services={
            **there.services,
            theirs: replace(there.services[theirs], external=False, escalation_policy=night),
        },
        policies={**there.policies, night: policy},
        schedules={**there.schedules, schedule.ref: schedule},
    )
    (only,) = standing(live, declared, SINCE, UNTIL)
    assert (only.rule, only.ref, only.source) == ("chat-command", theirs, declared.chat_commands["/page"].source)
    assert (only.since, only.until, len(only.spans)) == (SINCE, at(2026, 11, 23, 9), 21)
    assert "/page pages service theirs, which has nobody on call" in only.message
    assert "P1" not in only.message
