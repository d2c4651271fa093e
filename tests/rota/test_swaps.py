"""Overrides of single rotations: the others ring on as they would."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import LiveOverride, Ref, Schedule
from oncall_sync.rota.shifts import ringing_at, shifts
from tests.rota.samples import OFFICE, rotation, schedule

SINCE = datetime(2026, 11, 23, tzinfo=UTC)
SWAPPED = Ref("user", "P9", remote=True)


WEEK = timedelta(weeks=1)
MONDAY = datetime(2026, 1, 5, 9)


def both(hours=OFFICE) -> Schedule:
    front = replace(rotation("ana ben", MONDAY, WEEK, hours=hours), name="front")
    back = replace(rotation("cy dan", MONDAY, WEEK), name="back")
    return schedule(front, back)


def override(begin: timedelta, end: timedelta, *names: str) -> LiveOverride:
    return LiveOverride(since=SINCE + begin, until=SINCE + end, user_id="P9", rotations=names)


@settings(max_examples=35, deadline=None)
@given(
    begin=st.integers(0, 3000),
    length=st.integers(1, 2000),
    names=st.sets(st.sampled_from(["front", "back"]), min_size=1),
    minute=st.integers(0, 5000),
)
def test_only_the_named_rotations_change_hands(begin, length, names, minute):
    swap = override(timedelta(minutes=begin), timedelta(minutes=begin + length), *sorted(names))
    at = SINCE + timedelta(minutes=minute)
    rings = ringing_at(both(), at, live=[swap]).users
    within = swap.since <= at < swap.until
    expected = set()
    for one in both().rotations:
        alone = ringing_at(schedule(one), at).users
        expected |= {SWAPPED} if within and one.name in names else alone
    assert rings == expected


def test_the_reason_names_it():
    swap = override(timedelta(hours=10), timedelta(hours=11), "back")
    (found,) = shifts(both(), SINCE + timedelta(hours=10), SINCE + timedelta(hours=11), live=[swap])
    assert SWAPPED in found.users
    assert "override at the provider" in found.why


def test_a_rotation_that_is_gone_has_nobody_to_replace():
    swap = override(timedelta(0), timedelta(days=1), "gone")
    span = (SINCE, SINCE + timedelta(days=1))
    assert [*shifts(both(), *span, live=[swap])] == [*shifts(both(), *span)]
