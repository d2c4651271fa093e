"""Equality over random schedules: the oracle walks both, and either agrees with `same_rings`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import Assignment, Override
from oncall_sync.rota.equal import ever_overlap, same_rings
from oncall_sync.rota.hours import complement, intersection
from oncall_sync.rota.phase import as_rotation, canonical, reanchor
from oncall_sync.rota.turns import rings_from, rings_until
from tests.rota import oracle
from tests.rota.samples import DAN, PEOPLE, rotations, schedule, weekly

NOW = datetime(2026, 4, 6, 6, tzinfo=UTC)
WALL = NOW.replace(tzinfo=None)
SIX = timedelta(hours=6)
EVERY = [timedelta(hours=h) for h in (12, 24, 48, 168, 336)]


def seen(made, weeks=16):
    """Return who rings every six hours: four weeks of bounds, then the twelve after which all of it repeats."""
    return [oracle.rung(made, WALL + n * SIX, overrides=False) for n in range(weeks * 28)]


@st.composite
def coarse(draw):
    """A schedule of which all edges lie on six hours, in UTC; cycles are of one to three turns."""
    turning = draw(st.lists(rotations(WALL, 360, EVERY), min_size=1, max_size=3))
    found = [replace(made, members=made.members[:3]) for made in turning]
    named = []
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        since = WALL + SIX * draw(st.integers(-20, 60))
        on_call = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2))
        named.append(Assignment(since=since, until=since + SIX * draw(st.integers(1, 30)), on_call=tuple(on_call)))
    overlap = draw(st.sampled_from(["everyone", "last_wins"]))
    return schedule(*found, zone="UTC", overlap=overlap, assignments=tuple(named))


def split_in_two(draw, made):
    """Write one rotation as two: by hours, or one after the other."""
    if draw(st.booleans()):
        some = draw(weekly(360))
        return [replace(made, hours=intersection(made.hours, h)) for h in (some, complement(some))]
    cut = WALL + SIX * draw(st.integers(-40, 100))
    first = replace(made, until=min(rings_until(made), cut))
    return [first, replace(made, since=max(rings_from(made), cut))]


@st.composite
def rewritten(draw, made):
    """Return the same schedule, written in another way."""
    found = []
    for one in made.rotations:
        live = replace(as_rotation(canonical(one)), since=rings_from(one), until=one.until, name="x")
        live = reanchor(live, WALL + SIX * draw(st.integers(-99, 99)))
        other = draw(st.sampled_from([one, live, replace(one, members=one.members * 2)]))
        found += split_in_two(draw, other) if draw(st.booleans()) else [other]
    gone = replace(draw(rotations(WALL, 360, EVERY)), until=WALL, since=None)
    found.append(gone)
    if made.overlap == "everyone" or not ever_overlap(replace(made, rotations=tuple(found))):
        found = draw(st.permutations(found))
    overlap = made.overlap
    if not ever_overlap(replace(made, rotations=tuple(found))):
        overlap = draw(st.sampled_from(["everyone", "last_wins"]))
    override = Override(since=WALL, until=WALL + SIX, user=DAN)
    return replace(made, rotations=tuple(found), overlap=overlap, overrides=(override,), name="other")


@st.composite
def changed(draw, made):
    """Return the schedule with one small change, which may or may not be one of who rings."""
    index = draw(st.integers(0, len(made.rotations) - 1))
    one = made.rotations[index]
    kind = draw(st.sampled_from(["members", "swap", "start", "hours", "until", "every", "overlap", "since"]))
    if kind == "overlap":
        return replace(made, overlap="everyone" if made.overlap == "last_wins" else "last_wins")
    step = SIX * draw(st.sampled_from([-4, -1, 1, 2, 28]))
    some = draw(weekly(360))
    other = {
        "members": replace(one, members=(*one.members[:-1], draw(st.sampled_from([*PEOPLE, None])))),
        "swap": replace(one, members=one.members[::-1]),
        "start": replace(one, start=one.start + step, since=rings_from(one)),
        "hours": replace(one, hours=draw(st.sampled_from([some, intersection(one.hours, some)]))),
        "until": replace(one, until=WALL + SIX * draw(st.integers(-8, 60))),
        "every": replace(one, every=draw(st.sampled_from(EVERY))),
        "since": replace(one, since=rings_from(one) + step),
    }[kind]
    return replace(made, rotations=(*made.rotations[:index], other, *made.rotations[index + 1 :]))


@settings(max_examples=24, deadline=None)
@given(st.data())
def test_other_ways_to_write_it_are_equal(data):
    made = data.draw(coarse())
    other = data.draw(rewritten(made))
    assert seen(made) == seen(other)
    assert same_rings(made, other, NOW)
    assert same_rings(other, made, NOW)


@settings(max_examples=48, deadline=None)
@given(st.data())
def test_a_change_is_seen_exactly_if_somebody_notices(data):
    made = data.draw(coarse())
    other = data.draw(changed(data.draw(rewritten(made)) if data.draw(st.booleans()) else made))
    assert same_rings(made, other, NOW) == (seen(made) == seen(other))


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_whether_rotations_ever_overlap(data):
    made = data.draw(coarse())
    one, other = made.rotations[0], made.rotations[-1]
    pair = replace(made, rotations=(one, replace(other, hours=data.draw(weekly(360)))))
    able = [r for r in pair.rotations if set(r.members) != {None}]
    steps = [WALL + n * SIX for n in range(-28 * 4, 28 * 5)]
    both = len(able) == 2 and any(all(oracle.turn_of(r, wall) for r in able) for wall in steps)
    assert ever_overlap(pair) == both
