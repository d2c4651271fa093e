"""Handovers of schedules, against a second opinion by the minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import Contact, PersonalStep, Reach, Ref, Rotation, Schedule
from oncall_sync.plan.handoff import AHEAD, handovers, last_handover, next_handover
from oncall_sync.plan.person.ready import ready, ready_by
from oncall_sync.rota.hours import merge
from oncall_sync.rota.scene import Scene
from oncall_sync.rota.shifts import Shift
from tests.rota.oracle import MINUTE, clock_minutes, rung

HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)
"""Clocks jump ahead in Vienna two nights later."""
DUTY = Ref("schedule", "duty")
ANNA, BEN, CY = (Ref("user", key) for key in ("anna", "ben", "cy"))
OFFICE = merge((day * 1440 + 9 * 60, day * 1440 + 18 * 60) for day in range(5))


def rotation(*members: Ref | None, start: str = "2026-03-02T09:00", **rest: object) -> Rotation:
    days = rest.pop("days", 1)
    assert isinstance(days, int)
    begins = datetime.fromisoformat(start)
    return Rotation(members=members, start=begins, every=timedelta(days=days), **rest)  # type: ignore[arg-type]


SCHEDULES = {
    "every day": [rotation(ANNA, BEN, CY)],
    "in a skipped hour": [rotation(ANNA, BEN, start="2026-03-02T02:30")],
    "office hours": [rotation(ANNA, BEN, days=7, hours=OFFICE)],
    "office hours day by day": [rotation(ANNA, BEN, CY, hours=OFFICE)],
    "two that ring together": [rotation(ANNA, BEN, days=7), rotation(CY, None, hours=OFFICE)],
    "with vacant turns": [rotation(ANNA, None, ANNA, BEN)],
}


def by_the_minute(
    schedule: Schedule, since: datetime, until: datetime
) -> list[tuple[datetime, set[Ref], set[Ref]]]:
    """Who comes, whoever was on call at the last change being all that were before."""
    found: list[tuple[datetime, set[Ref], set[Ref]]] = []
    last: set[Ref] = set()
    for at, wall in clock_minutes(schedule.time_zone, since, until):
        users = set(rung(schedule, wall))
        if last and users - last:
            found.append((at, last, users))
        if users - last:
            last = users
    return found


@pytest.mark.parametrize("name", SCHEDULES)
def test_next_and_last(name: str) -> None:
    schedule = Schedule(ref=DUTY, name="Duty", time_zone="Europe/Vienna", rotations=tuple(SCHEDULES[name]))
    scene = Scene(schedules={DUTY: schedule})
    expected = by_the_minute(schedule, NOON - timedelta(days=14), NOON + timedelta(days=10))
    for at in (NOON, NOON + 42 * HOUR, *(at for at, _, _ in expected[-3:-1])):
        coming = next((one for one in expected if one[0] > at), None)
        found = next_handover(DUTY, scene, at)
        assert found is not None
        assert coming == (found.at, set(found.before), set(found.after))
        assert found.until is not None
        gone = [one for one in expected if one[0] <= at]
        last = last_handover(DUTY, scene, at)
        assert last is not None
        assert gone[-1] == (last.at, set(last.before), set(last.after))


def test_one_person_never_hands_over() -> None:
    schedule = Schedule(ref=DUTY, name="Duty", time_zone="UTC", rotations=(rotation(ANNA, hours=OFFICE),))
    scene = Scene(schedules={DUTY: schedule})
    assert next_handover(DUTY, scene, NOON) is None
    assert last_handover(DUTY, scene, NOON) is None
    assert timedelta(days=365) <= AHEAD


people = st.sets(st.sampled_from([ANNA, BEN, CY])).map(frozenset)


@settings(max_examples=35, deadline=None)
@given(st.lists(people, min_size=1, max_size=12))
def test_any_shifts(sets: list[frozenset[Ref]]) -> None:
    shifts = [Shift(NOON + n * HOUR, NOON + (n + 1) * HOUR, users, "") for n, users in enumerate(sets)]
    found = list(handovers(shifts))
    for one, other in pairwise(found):
        assert one.at < other.at
        assert one.until == other.at
        assert one.after == other.before
    for one in found:
        at = (one.at - NOON) // HOUR
        assert one.after == sets[at]
        assert one.comes
        quiet = next(n for n in range(1, at + 1) if sets[at - n])
        assert one.quiet_since == (None if quiet == 1 else NOON + (at - quiet + 1) * HOUR)
    first = next((users for users in sets if users), frozenset())
    for n, users in enumerate(sets):
        known = [one.after for one in found if (one.at - NOON) // HOUR <= n]
        assert users <= (known[-1] if known else first)


def step(way: str, minutes: int, urgency: str = "high") -> PersonalStep:
    return PersonalStep(way=way, after=minutes * MINUTE, urgency=urgency, shown="x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reach", "fine", "says"),
    [
        (
            Reach(steps=(step("push", 0), step("phone", 5), step("push", 10))),
            True,
            "is reached by push at once, phone after 5m",
        ),
        (Reach(steps=(step("email", 0), step("phone", 0, "low"))), False, "is reached only by email at once"),
        (Reach(steps=(step("phone", 0),), cannot="deactivated"), False, "is never paged: deactivated"),
        (Reach(contacts=(Contact(way="sms", shown="••", usable=False),)), False, "cannot be reached in any way"),
        (Reach(contacts=(Contact(way="sms", shown="••"),), rules_read=False), True, "is reached by sms at once"),
    ],
)
def test_ready(reach: Reach, fine: bool, says: str) -> None:
    found = ready(reach)
    assert (found.fine, found.says) == (fine, says)


def test_ready_by_the_ways_that_are_asked_for() -> None:
    assert ready_by({"email"}, {"email"}).fine
    assert not ready_by({"sms"}, {"phone"}).fine
    assert not ready_by(()).fine
    assert ready(Reach(steps=(step("email", 0),)), {"email"}).fine
