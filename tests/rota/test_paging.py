"""One event and its ladder: whom it rings, when, at which level; and whether anybody ever hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from oncall_sync.model import (
    ABSENT,
    ByPriority,
    ConstantUrgency,
    EscalationPolicy,
    Level,
    LiveOverride,
    Override,
    Paging,
    Ref,
    Rotation,
    Schedule,
    Service,
    SupportHours,
    User,
)
from oncall_sync.rota.hours import DAY, merge
from oncall_sync.rota.paging import Paged, page, raised_at
from oncall_sync.rota.scene import NEUTRAL, Scene
from oncall_sync.rota.timeline import Rung, policy_timeline

VIENNA = ZoneInfo("Europe/Vienna")
WEEK = timedelta(weeks=1)
OFFICE = merge((day * DAY + 9 * 60, day * DAY + 18 * 60) for day in range(5))
SUPPORT = SupportHours(hours=OFFICE, time_zone="Europe/Vienna", raise_at_start=True)
PAGERDUTY = Paging(
    low_escalates=False,
    drops_when_nobody=True,
    skips_empty_levels=True,
    rotations="last_wins",
    delays="relative",
    open_incident_stays=True,
)
HIGH = ConstantUrgency("high")
STAYS_NOT = replace(PAGERDUTY, open_incident_stays=False)
ANNA, BEN, CARLA, LEAD = (Ref("user", key) for key in ("anna", "ben", "carla", "lead"))
DUTY, DAYS, EMPTY = (Ref("schedule", key) for key in ("duty", "days", "empty"))
CHAIN = Ref("escalation_policy", "chain")
MONDAY = datetime(2026, 1, 5, 9)
SATURDAY_NIGHT = datetime(2026, 11, 28, 3, tzinfo=VIENNA)


def turns(ref: Ref, *members: Ref, zone: str = "Europe/Vienna", every: timedelta = WEEK, **more: Any) -> Schedule:
    rotations = (Rotation(members=members, start=MONDAY, every=every, **more),) if members else ()
    return Schedule(ref=ref, name=ref.key, time_zone=zone, rotations=rotations)


SCHEDULES = {
    DUTY: turns(DUTY, ANNA, BEN),  # Anna from 2026-11-23 09:00, Ben from 2026-11-30 09:00
    DAYS: turns(DAYS, CARLA, hours=OFFICE),
    EMPTY: turns(EMPTY),
}


def level(*notify: Ref, minutes: int | None = 15) -> Level:
    return Level(notify, ABSENT if minutes is None else timedelta(minutes=minutes))


def paged(
    *levels: Level,
    at: datetime = SATURDAY_NIGHT,
    paging: Paging = PAGERDUTY,
    repeat: int = 0,
    urgency: Any = HIGH,
    asked: Any = None,
    **more: Any,
) -> Paged:
    chain = EscalationPolicy(ref=CHAIN, name="chain", provider="pd", levels=levels, repeat=repeat)
    one = Service(ref=Ref("service", "s"), name="s", provider="pd", escalation_policy=CHAIN, urgency=urgency)
    there = Scene(**{"schedules": SCHEDULES, "policies": {CHAIN: chain}, "paging": {"pd": paging}, **more})
    return page(one, at, there, asked)


def shown(found: Paged) -> list[str]:
    """Rings as `Sat 03:00 1 anna via duty high`, in Vienna."""
    return [
        f"{r.at.astimezone(VIENNA):%a %H:%M} {r.level} {r.user.key} {r.via.key if r.via else '-'} {r.urgency}"
        for r in found.rings
    ]


def test_levels_follow_each_other_and_passes_repeat() -> None:
    found = paged(level(DUTY), level(LEAD, minutes=10), repeat=2)
    assert shown(found) == [
        "Sat 03:00 1 anna duty high",
        "Sat 03:15 2 lead - high",
        "Sat 03:25 1 anna duty high",
        "Sat 03:40 2 lead - high",
        "Sat 03:50 1 anna duty high",
        "Sat 04:05 2 lead - high",
    ]
    assert (found.incident, found.urgency, found.raised_at) == (True, "high", None)
    assert all(r.at.tzinfo is UTC for r in found.rings)


def test_a_level_without_a_delay_has_half_an_hour() -> None:
    assert shown(paged(level(DUTY, minutes=None), level(LEAD))) == [
        "Sat 03:00 1 anna duty high",
        "Sat 03:30 2 lead - high",
    ]


def test_an_empty_level_costs_time_only_where_it_is_not_skipped() -> None:
    levels = (level(EMPTY, DAYS), level(DUTY), level(LEAD))
    assert shown(paged(*levels)) == ["Sat 03:00 2 anna duty high", "Sat 03:15 3 lead - high"]
    waits = replace(PAGERDUTY, skips_empty_levels=False)
    assert shown(paged(*levels, paging=waits)) == ["Sat 03:15 2 anna duty high", "Sat 03:30 3 lead - high"]


def test_somebody_on_call_twice_in_a_level_rings_once() -> None:
    both = {**SCHEDULES, EMPTY: turns(EMPTY, ANNA)}
    assert shown(paged(level(DUTY, EMPTY, LEAD), schedules=both)) == [
        "Sat 03:00 1 anna duty high",
        "Sat 03:00 1 lead - high",
    ]
    assert shown(paged(level(DUTY, ANNA))) == ["Sat 03:00 1 anna - high"]


def test_low_stays_with_the_first_who_is_there() -> None:
    low = ConstantUrgency("low")
    levels = (level(DAYS), level(DUTY), level(LEAD))
    assert shown(paged(*levels, urgency=low, repeat=3)) == ["Sat 03:00 2 anna duty low"]
    climbs = replace(PAGERDUTY, low_escalates=True)
    assert shown(paged(*levels, urgency=low, paging=climbs)) == [
        "Sat 03:00 2 anna duty low",
        "Sat 03:15 3 lead - low",
    ]


def test_who_is_asked_for_by_urgency() -> None:
    sorts = ByPriority(("P1",), ("P2",))
    assert paged(level(DUTY), urgency=sorts).urgency == "high"
    assert shown(paged(level(DUTY), level(LEAD), urgency=sorts, asked="low")) == ["Sat 03:00 1 anna duty low"]


@pytest.mark.parametrize("drops", [True, False])
def test_an_event_for_nobody(drops: bool) -> None:
    rules = replace(PAGERDUTY, drops_when_nobody=drops)
    found = paged(level(DAYS), level(EMPTY), paging=rules, repeat=9)
    assert (found.incident, found.rings) == (not drops, ())


def test_without_a_provider_nothing_is_assumed() -> None:
    found = paged(level(EMPTY), level(DUTY), level(LEAD), urgency=ConstantUrgency("low"), paging=NEUTRAL)
    assert shown(found) == ["Sat 03:00 2 anna duty low", "Sat 03:15 3 lead - low"]


def test_a_handoff_on_the_way_up() -> None:
    """Anna's week ends at 09:00; the second pass finds Ben."""
    at = datetime(2026, 11, 30, 8, 50, tzinfo=VIENNA)
    assert shown(paged(level(DUTY), at=at, repeat=1)) == [
        "Mon 08:50 1 anna duty high",
        "Mon 09:05 1 ben duty high",
    ]


def test_opened_on_saturday_night_it_turns_high_on_monday_and_stays_with_anna() -> None:
    found = paged(level(DUTY), level(LEAD), urgency=SUPPORT)
    assert (found.urgency, found.raised_at) == ("low", datetime(2026, 11, 30, 8, tzinfo=UTC))
    assert shown(found) == [
        "Sat 03:00 1 anna duty low",
        "Mon 09:00 1 anna duty high",
        "Mon 09:15 2 lead - high",
    ]


def test_once_high_it_has_the_extra_passes_too() -> None:
    found = paged(level(DUTY), level(LEAD), urgency=SUPPORT, repeat=1)
    assert shown(found)[2:] == ["Mon 09:15 2 lead - high", "Mon 09:30 1 ben duty high", "Mon 09:45 2 lead - high"]


def test_it_stays_with_whoever_has_it_when_the_morning_comes() -> None:
    """Somebody whose turn in the ladder would have come after 09:00 has not heard of it."""
    climbs = replace(PAGERDUTY, low_escalates=True)
    at = datetime(2026, 11, 27, 8, 40, tzinfo=VIENNA)
    three = (level(DUTY), level(CARLA), level(LEAD))
    assert shown(paged(*three, urgency=SUPPORT, paging=climbs, at=at)) == [
        "Fri 08:40 1 anna duty low",
        "Fri 08:55 2 carla - low",
        "Fri 09:00 2 carla - high",
        "Fri 09:15 3 lead - high",
    ]


def test_elsewhere_it_goes_to_whoever_is_on_call_on_monday() -> None:
    found = paged(level(DUTY), level(LEAD), urgency=SUPPORT, paging=STAYS_NOT, repeat=1)
    assert shown(found) == [
        "Sat 03:00 1 anna duty low",
        "Mon 09:00 1 ben duty high",
        "Mon 09:15 2 lead - high",
        "Mon 09:30 1 ben duty high",
        "Mon 09:45 2 lead - high",
    ]


def test_where_it_is_held_until_then_nobody_rings_before() -> None:
    held = replace(STAYS_NOT, low_escalates=True, holds_until_raised=True)
    found = paged(level(DUTY), level(LEAD), urgency=SUPPORT, paging=held)
    assert (found.urgency, found.incident) == ("low", True)
    assert shown(found) == ["Mon 09:00 1 ben duty high", "Mon 09:15 2 lead - high"]
    asked = paged(level(DUTY), urgency=SUPPORT, paging=held, asked="high")
    assert shown(asked) == ["Sat 03:00 1 anna duty high"]


def test_what_opens_in_support_hours_or_is_asked_for_is_not_raised() -> None:
    noon = datetime(2026, 11, 27, 12, tzinfo=VIENNA)
    assert (paged(level(DUTY), urgency=SUPPORT, at=noon).urgency, paged(level(DUTY), urgency=SUPPORT).urgency) == (
        "high",
        "low",
    )
    assert paged(level(DUTY), urgency=SUPPORT, at=noon).raised_at is None
    assert shown(paged(level(DUTY), urgency=SUPPORT, asked="low")) == ["Sat 03:00 1 anna duty low"]
    never = replace(SUPPORT, raise_at_start=False)
    assert shown(paged(level(DUTY), urgency=never)) == ["Sat 03:00 1 anna duty low"]


@pytest.mark.parametrize(
    ("opened", "raised"),
    [
        (datetime(2026, 3, 28, 3, tzinfo=VIENNA), datetime(2026, 3, 30, 7, tzinfo=UTC)),  # 53 hours
        (datetime(2026, 10, 24, 3, tzinfo=VIENNA), datetime(2026, 10, 26, 8, tzinfo=UTC)),  # 55 hours
        (datetime(2026, 11, 23, 8, 59, tzinfo=VIENNA), datetime(2026, 11, 23, 8, tzinfo=UTC)),
    ],
)
def test_morning_comes_by_wall_clock(opened: datetime, raised: datetime) -> None:
    one = Service(ref=Ref("service", "s"), name="s", urgency=SUPPORT)
    assert raised_at(one, opened) == raised
    assert paged(level(DUTY), urgency=SUPPORT, at=opened).raised_at == raised


def test_ladders_climb_by_elapsed_time_while_clocks_change() -> None:
    """Handoff at 03:00; the hour before it is skipped, and 02:00 never shown."""
    daily = Rotation(members=(ANNA, BEN), start=datetime(2026, 3, 28, 3), every=timedelta(days=1))
    schedules = {DUTY: replace(SCHEDULES[DUTY], rotations=(daily,))}
    at = datetime(2026, 3, 29, 1, 50, tzinfo=VIENNA)
    found = paged(level(DUTY), at=at, schedules=schedules, repeat=1)
    assert shown(found) == ["Sun 01:50 1 anna duty high", "Sun 03:05 1 ben duty high"]
    assert found.rings[1].at - found.rings[0].at == timedelta(minutes=15)


def test_swaps_ring_instead_and_later_ones_win() -> None:
    declared = Override(since=datetime(2026, 11, 28, 3, 10), until=datetime(2026, 11, 28, 6), user=CARLA)
    schedules = {DUTY: replace(SCHEDULES[DUTY], overrides=(declared,))}
    assert shown(paged(level(DUTY), schedules=schedules, repeat=1)) == [
        "Sat 03:00 1 anna duty high",
        "Sat 03:15 1 carla duty high",
    ]
    live = [
        LiveOverride(since=SATURDAY_NIGHT, until=SATURDAY_NIGHT + timedelta(hours=1), user_id=key)
        for key in ("UBEN", "ULEAD")
    ]
    found = paged(
        level(DUTY), schedules=schedules, repeat=1, overrides={DUTY: live}, refs={"UBEN": BEN, "ULEAD": LEAD}
    )
    assert shown(found) == ["Sat 03:00 1 lead duty high", "Sat 03:15 1 lead duty high"]
    assert paged(level(DUTY), overrides={DUTY: live}).rings[0].user == Ref("user", "ULEAD", remote=True)


def test_nobody_is_known_of_a_service_without_a_policy() -> None:
    one = Service(ref=Ref("service", "s"), name="s", provider="pd", urgency=ConstantUrgency("high"))
    assert page(one, SATURDAY_NIGHT, Scene(paging={"pd": PAGERDUTY})) == Paged("high", incident=False, rings=())


def test_what_levels_have_is_maximal_and_without_holes() -> None:
    chain = EscalationPolicy(ref=CHAIN, name="chain", levels=(level(DAYS), level(DUTY, LEAD)))
    users = {ANNA: User(ref=ANNA, name="anna", email="anna@example.com")}
    since, until = (datetime(2026, 11, 30, hour, tzinfo=VIENNA) for hour in (8, 19))
    rungs = [*policy_timeline(chain, Scene(schedules=SCHEDULES, users=users), since, until)]
    nine, six = datetime(2026, 11, 30, 8, tzinfo=UTC), datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert rungs == [
        Rung(since.astimezone(UTC), nine, (frozenset(), frozenset({ANNA, LEAD}))),
        Rung(nine, six, (frozenset({CARLA}), frozenset({BEN, LEAD}))),
        Rung(six, until.astimezone(UTC), (frozenset(), frozenset({BEN, LEAD}))),
    ]
    assert [rung.first for rung in rungs] == [(2, {ANNA, LEAD}), (1, {CARLA}), (2, {BEN, LEAD})]
