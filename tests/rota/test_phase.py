"""Rotations by what they ring, not by the anchor they were written with."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import ALWAYS, Rotation
from oncall_sync.rota.phase import EPOCH, Phase, as_rotation, canonical, cycle, following, reanchor
from tests.rota.oracle import turn_of
from tests.rota.samples import ANA, BEN, CY, OFFICE, crew, rotation

MONDAY = datetime(2026, 1, 5, 9)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)

EVERY = [timedelta(hours=h) for h in (6, 12, 24, 36, 48, 168)]


@st.composite
def endless(draw):
    return Rotation(
        members=tuple(draw(st.lists(st.sampled_from([ANA, BEN, None]), min_size=1, max_size=6))),
        start=MONDAY + timedelta(hours=6 * draw(st.integers(-50, 50))),
        every=draw(st.sampled_from(EVERY)),
        since=EPOCH,
    )


def rung(made, steps=400):
    """Return who has the turn every six hours over a hundred days."""
    return [turn_of(made, MONDAY + timedelta(hours=6 * n)) for n in range(-steps // 2, steps // 2)]


@settings(max_examples=35, deadline=None)
@given(endless(), endless())
def test_phases_are_equal_exactly_if_the_turns_are(a, b):
    # The longest cycles are 42 days, so two that agree for a hundred days agree for ever.
    assert (canonical(a) == canonical(b)) == (rung(a) == rung(b))


@settings(max_examples=50, deadline=None)
@given(endless(), st.integers(1, 3), st.integers(1, 3), st.integers(-9, 9))
def test_other_ways_to_write_the_same_turns(made, copies, finer, cycles):
    split = tuple(member for member in made.members for _ in range(finer)) * copies
    start = made.start + cycles * len(made.members) * made.every
    other = replace(made, members=split, every=made.every / finer, start=start, since=None, name="other")
    assert canonical(other) == canonical(made)
    assert rung(as_rotation(canonical(made))) == rung(made)


@settings(max_examples=50, deadline=None)
@given(endless(), st.integers(-300, 300))
def test_a_new_anchor_keeps_the_turns_and_is_the_first_that_fits(made, hours):
    wanted = MONDAY + timedelta(hours=hours)
    moved = reanchor(made, wanted)
    assert canonical(moved) == canonical(made)
    assert moved == replace(made, start=moved.start)
    assert moved.start >= wanted
    before = (moved.start - wanted) // timedelta(hours=1)
    if len({*made.members}) > 1:
        nearer = (replace(moved, start=moved.start - timedelta(hours=n)) for n in range(1, before + 1))
        assert not any(canonical(other) == canonical(made) for other in nearer)


@settings(max_examples=35, deadline=None)
@given(endless(), st.integers(-5, 5))
def test_who_follows_has_the_turn_of_so_many_turns_before(made, offset):
    after = following(made, offset)
    moments = [MONDAY + timedelta(hours=6 * n) for n in range(40)]
    assert [turn_of(after, wall) for wall in moments] == [
        turn_of(made, wall - offset * made.every) for wall in moments
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rotation("ana ben", MONDAY, WEEK), rotation("ben ana", MONDAY + WEEK, WEEK)),
        (rotation("ana ben ana ben", MONDAY, WEEK), rotation("ana ben", MONDAY, WEEK)),
        (rotation("ana", MONDAY, WEEK), rotation("ana", MONDAY + DAY / 2, DAY)),
        (rotation("ana ana ben ben", MONDAY, DAY), rotation("ana ben", MONDAY, 2 * DAY)),
        (rotation("ben ana ana ben", MONDAY - DAY, DAY), rotation("ana ben", MONDAY, 2 * DAY)),
        (rotation("ana ben cy", MONDAY, WEEK), rotation("ana ben cy", MONDAY - 300 * WEEK, WEEK)),
    ],
)
def test_the_same(one, other):
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rotation("ana ben", MONDAY, WEEK), rotation("ben ana", MONDAY, WEEK)),
        (rotation("ana ben", MONDAY, WEEK), rotation("ana ben", MONDAY + timedelta(minutes=1), WEEK)),
        (rotation("ana ana ben", MONDAY, DAY), rotation("ana ben", MONDAY, 2 * DAY)),
        (rotation("ana", MONDAY, WEEK), rotation("ben", MONDAY, WEEK)),
        (rotation("ana", MONDAY, WEEK), rotation("ana", MONDAY, WEEK, hours=OFFICE)),
        (rotation("ana ben", MONDAY, WEEK), rotation("ana ben", MONDAY, 2 * WEEK)),
        (rotation("ana ben cy", MONDAY, WEEK), rotation("ana cy ben", MONDAY, WEEK)),
    ],
)
def test_not_the_same(one, other):
    assert canonical(one) != canonical(other)


def test_the_form_itself():
    assert EPOCH.weekday() == 0
    assert canonical(rotation("ana ben", MONDAY, WEEK)) in (
        Phase((ANA, BEN), 10080, 540, ALWAYS),
        Phase((BEN, ANA), 10080, 540, ALWAYS),
    )
    single = canonical(rotation("cy cy", MONDAY, WEEK, hours=OFFICE))
    assert single == Phase((CY,), 0, 0, OFFICE)
    assert cycle(single) == 1
    assert cycle(canonical(rotation("ana ben cy dan", MONDAY, DAY))) == 4 * 1440


def test_nobody_to_take_turns():
    empty = rotation("", MONDAY, WEEK)
    assert canonical(empty) == Phase((), 0, 0, ALWAYS)
    assert reanchor(empty, MONDAY) == following(empty, 1) == empty


def test_a_rotation_that_follows():
    made = rotation("ana ben cy dan", MONDAY, WEEK)
    assert following(made, 1).members == crew("dan", "ana", "ben", "cy") == following(made, -3).members
    assert following(made, 4) == made


def test_the_line_to_paste_keeps_its_bounds():
    made = rotation("ana ben", MONDAY, WEEK, until=MONDAY + 20 * WEEK, hours=OFFICE, name="x")
    moved = reanchor(made, datetime(2026, 3, 1))
    assert moved == replace(made, start=datetime(2026, 3, 2, 9))
    assert turn_of(moved, datetime(2026, 3, 2, 9)) == ("rings", ANA)
    assert reanchor(made, MONDAY) == made
