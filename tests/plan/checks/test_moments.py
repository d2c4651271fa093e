"""Rings, raised and followers in their corners, and ladders without anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import (
    AcknowledgedWithin,
    ByPriority,
    Covered,
    Follows,
    HumanWithin,
    Policies,
    Raised,
    Ref,
    Rings,
    Rotation,
    Schedule,
)
from oncall_sync.plan.checks import Broken, evaluate, standing
from oncall_sync.rota.phase import following
from tests.plan.checks.scenes import HEALTHY, OPSGENIE, PAGERDUTY, SINCE, UNTIL, at, policies, scene

MAIL, VIENNA = Ref("service", "mail"), "Europe/Vienna"
SATURDAY = 5 * 1440 + 180
TAIL = """\
      - {notify: {user: boss}, escalate_after: 15m}
      - {notify: {user: lead}, escalate_after: 15m}
"""
NIGHT = "hours: {outside: office}}"


def told(text: str, check: Rings | Raised, **paging: object) -> list[Broken]:
    declared = policies(text)
    how = {"pagerduty": replace(PAGERDUTY, **paging)}  # type: ignore[arg-type]
    found = evaluate([check], scene(declared, how), SINCE, UNTIL)
    return [b for b in found if b.rule == check.rule]


def test_rings_nobody() -> None:
    text = HEALTHY.replace(TAIL, "").replace(NIGHT, "hours: [Mon-Thu 18:00-09:00, Sat 12:00 - Mon 09:00]}")
    (only,) = told(text, Rings(service=MAIL, at=SATURDAY, time_zone=VIENNA))
    assert only.spans[0] == (at(2026, 11, 28, 3), at(2026, 11, 28, 3))
    assert "Sat 2026-11-28 03:00 Europe/Vienna" in only.message
    assert "nobody rings. pagerduty drops the event then" in only.message


def test_rings_a_user_later_or_never() -> None:
    check = Rings(service=MAIL, at=SATURDAY, time_zone=VIENNA, user=Ref("user", "boss"))
    (low,) = told(HEALTHY, check)
    assert "boss, who is promised, rings only 2d 6h 15m after the first" in low.message
    (never,) = told(HEALTHY.replace(", raise_at_start: true", ""), check)
    assert "boss, who is promised, does not ring" in never.message
    (escalated,) = told(HEALTHY, check, low_escalates=True)
    assert "boss, who is promised, rings only 15m after the first" in escalated.message
    both = HEALTHY.replace("{schedule: night}]", "{schedule: night}, {user: boss}]")
    assert told(both, check) == []


def test_an_event_that_decides_is_asked_for_with_the_promised_urgency() -> None:
    declared = policies()
    mail = replace(declared.services["mail"], urgency=ByPriority(high=("P1",), low=("P2",)))
    there = replace(scene(declared), services={MAIL: mail})
    check = Rings(service=MAIL, at=SATURDAY, time_zone=VIENNA, user=Ref("user", "ana"))
    for urgency in ("low", "high", None):
        one_week = SINCE + timedelta(days=7)
        assert evaluate([replace(check, urgency=urgency)], there, SINCE, one_week) == []  # type: ignore[arg-type]


def raises(**more: object) -> Raised:
    check = Raised(service=MAIL, opened=SATURDAY, high_at=540, time_zone=VIENNA)
    return replace(check, **more)  # type: ignore[arg-type]


def test_raised_of_an_event_that_is_dropped_or_rings_nobody_then() -> None:
    text = HEALTHY.replace(TAIL, "").replace(NIGHT, "hours: [Mon-Thu 18:00-09:00, Sat 12:00 - Mon 09:00]}")
    (dropped,) = told(text, raises())
    assert "nobody rings. pagerduty drops the event then" in dropped.message
    late = HEALTHY.replace(TAIL, "").replace(
        "every: 1 week, hours: office", "every: 1 week, hours: Mon 12:00-13:00"
    )
    assert told(late, raises()) == [], "who had it rings again"
    (nobody,) = told(late, raises(), open_incident_stays=False)
    assert "it turns high, and then nobody rings" in nobody.message


def test_who_rings_when_an_incident_is_raised_depends_on_the_provider() -> None:
    """On Monday 09:00 the one who had it at night rings again, or whoever is on call then."""
    night, day = Ref("user", "ana"), Ref("user", "dan")
    until = SINCE + timedelta(days=7)
    for paging, right, wrong in ((PAGERDUTY, night, day), (OPSGENIE, day, night)):
        there = scene(policies(), {"pagerduty": paging})
        assert evaluate([raises(user=right)], there, SINCE, until) == []
        (other,) = evaluate([raises(user=wrong)], there, SINCE, until)
        assert f"{wrong.key}, who is promised, does not ring" in other.message
        assert f"Europe/Vienna ({right.key})" in other.message


def test_a_policy_without_levels_has_nobody() -> None:
    declared = policies()
    empty = replace(declared.escalation_policies["chain"], levels=())
    declared = replace(declared, escalation_policies={"chain": empty})
    alerts = Ref("service", "alerts")
    checks = [
        Covered(target=empty.ref, at_least=1),
        AcknowledgedWithin(service=alerts, limit=timedelta(minutes=5)),
        HumanWithin(service=alerts, limit=timedelta(minutes=45)),
    ]
    found = evaluate(checks, scene(declared), SINCE, UNTIL)
    assert [(b.rule, b.since, b.until) for b in found] == [
        ("covered", SINCE, UNTIL),
        ("acknowledged_within", None, None),
        ("human_within", SINCE, UNTIL),
    ]
    assert "has no level at all: add one" in found[1].message
    gaps = standing(scene(declared), declared, SINCE, UNTIL)
    assert [b.rule for b in gaps] == ["policy-gap", "policy-gap"]


@pytest.mark.parametrize(
    ("members", "offset", "says"),
    [
        ("a", 1, "Its rotation has only one member: add another"),
        ("abc", 3, "An offset of 3 is whole rounds of its 3 members"),
        ("abac", 2, "Members are listed twice, 2 apart (a)"),
    ],
)
def test_why_a_follower_meets_its_leader(members: str, offset: int, says: str) -> None:
    (only,) = follows(members, offset)
    assert only.rule == "follows-same"
    assert says in only.message


def follows(members: str, offset: int) -> list[Broken]:
    turns = Rotation(
        members=tuple(None if m == "-" else Ref("user", m) for m in members),
        start=datetime(2026, 1, 5, 9),
        every=timedelta(days=1),
    )
    lead = Schedule(ref=Ref("schedule", "lead"), name="lead", time_zone=VIENNA, rotations=(turns,))
    after = replace(
        lead,
        ref=Ref("schedule", "after"),
        rotations=(following(turns, offset),),
        follows=Follows(lead.ref, offset),
    )
    declared = Policies(schedules={"lead": lead, "after": after})
    return standing(scene(declared), declared, SINCE, SINCE + timedelta(hours=1))


@settings(max_examples=60, deadline=None)
@given(st.text("abcd-", min_size=1, max_size=6), st.integers(1, 8))
def test_a_follower_can_meet_its_leader_exactly_if_its_list_says_so(members: str, offset: int) -> None:
    meets = any(m != "-" and m == members[(i - offset) % len(members)] for i, m in enumerate(members))
    assert [b.rule for b in follows(members, offset)] == (["follows-same"] if meets else [])
