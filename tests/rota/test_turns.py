"""Windows and turns, by wall clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import ALWAYS, WEEK
from oncall_sync.rota.hours import DAY, NEVER, merge
from oncall_sync.rota.turns import FOREVER, Turn, rings_from, rings_until, turns, windows
from tests.rota.oracle import MINUTE, in_hours, turn_of
from tests.rota.samples import ANA, BEN, CY, OFFICE, crew, moments, rotation, rotations, weekly

AROUND = datetime(2026, 3, 29)
MONDAY = datetime(2026, 1, 5)


def walked(since, until, ask):
    """Ask about every minute; return the stretches in which the answer is the same and not None."""
    found, at = [], since
    while at < until:
        answer = ask(at)
        if answer is not None:
            if found and found[-1][1] == at and found[-1][2] == answer:
                found[-1] = (found[-1][0], at + MINUTE, answer)
            else:
                found.append((at, at + MINUTE, answer))
        at += MINUTE
    return found


@settings(max_examples=35, deadline=None)
@given(weekly(), moments(AROUND, 5), st.integers(-10, 16 * DAY))
def test_windows_are_the_minutes_of_the_hours(hours, since, length):
    until = since + timedelta(minutes=length)
    expected = walked(since, until, lambda wall: True if in_hours(hours, wall) else None)
    assert [(a, b, True) for a, b in windows(hours, since, until)] == expected


@settings(max_examples=35, deadline=None)
@given(rotations(AROUND), moments(AROUND, 5), st.integers(0, 9 * DAY))
def test_turns_are_whose_turn_it_is_in_every_minute(made, since, length):
    until = since + timedelta(minutes=length)
    found = list(turns(made, since, until))
    assert all(one.until <= other.since for one, other in pairwise(found))
    joined = []
    for begin, end, member in found:
        if joined and joined[-1][1] == begin and joined[-1][2] == ("rings", member):
            joined[-1] = (joined[-1][0], end, ("rings", member))
        else:
            joined.append((begin, end, ("rings", member)))
    assert joined == walked(since, until, lambda wall: turn_of(made, wall))


def test_nothing_rings_before_a_declared_start():
    made = rotation("ana ben", MONDAY, timedelta(days=1))
    assert rings_from(made) == MONDAY
    assert rings_until(made) == FOREVER
    found = list(turns(made, MONDAY - timedelta(days=9), MONDAY + timedelta(days=2)))
    assert found == [
        Turn(MONDAY, MONDAY + timedelta(days=1), ANA),
        Turn(MONDAY + timedelta(days=1), MONDAY + timedelta(days=2), BEN),
    ]


def test_a_live_rotation_counts_turns_backwards_from_its_anchor():
    made = rotation("ana ben cy", MONDAY, timedelta(days=1), since=MONDAY - timedelta(days=2, hours=12))
    found = list(turns(made, MONDAY - timedelta(days=9), MONDAY))
    assert [turn.member for turn in found] == [ANA, BEN, CY]
    assert found[0].since == MONDAY - timedelta(days=2, hours=12)


def test_turns_advance_while_nobody_rings():
    made = rotation("ana ben cy", MONDAY, timedelta(days=1), hours=merge([(0, 60), (3 * DAY, 3 * DAY + 60)]))
    days = [(turn.since.date().day, turn.member) for turn in turns(made, MONDAY, MONDAY + timedelta(days=8))]
    assert days == [(5, ANA), (8, ANA), (12, BEN)]


def test_a_window_over_the_end_of_the_week_is_one():
    weekend = merge([(4 * DAY + 1080, WEEK + 540)])
    friday = MONDAY + timedelta(days=4, hours=18)
    assert list(windows(weekend, MONDAY + timedelta(hours=1), MONDAY + timedelta(days=8))) == [
        (MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=9)),
        (friday, friday + timedelta(days=2, hours=15)),
    ]


def test_nobody_to_take_turns_and_no_hours():
    assert list(turns(rotation("", MONDAY, timedelta(days=1)), MONDAY, FOREVER)) == []
    assert (
        list(turns(rotation("ana", MONDAY, timedelta(days=1), hours=NEVER), MONDAY, MONDAY.replace(year=2027)))
        == []
    )
    assert list(turns(rotation("ana", MONDAY, timedelta(days=1), until=MONDAY), MONDAY, FOREVER)) == []
    assert [
        turn.member for turn in turns(rotation("ana", MONDAY, timedelta(days=1)), MONDAY, MONDAY + MINUTE)
    ] == [*crew("ana")]


def test_the_last_date_there_is_can_be_reached():
    late = FOREVER - timedelta(days=20)
    for hours in (ALWAYS, OFFICE, merge([(6 * DAY, 7 * DAY + 60)])):
        made = rotation("ana ben", MONDAY, timedelta(days=7), hours=hours)
        assert list(turns(made, late, FOREVER))[-1].until <= FOREVER


def test_turns_come_one_by_one():
    made = rotation("ana ben", MONDAY, timedelta(hours=12), hours=OFFICE)
    assert len(list(islice(turns(made, MONDAY, FOREVER), 10))) == 10
