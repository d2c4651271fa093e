"""Equality by what is rung: every way to write the same, and every change that must be seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oncall_sync.model import ALWAYS, Assignment
from oncall_sync.rota import equal
from oncall_sync.rota.equal import ever_overlap, same_rings
from oncall_sync.rota.hours import DAY, complement, merge
from oncall_sync.rota.phase import EPOCH, reanchor
from tests.rota import oracle
from tests.rota.samples import (
    ANA,
    BEN,
    CY,
    DAN,
    OFFICE,
    crew,
    rotation,
    schedule,
    user,
)

NOW = datetime(2026, 4, 6, 6, tzinfo=UTC)
WALL = NOW.replace(tzinfo=None)
MONDAY = datetime(2026, 1, 5, 9)
DAYS = [timedelta(days=n) for n in range(32)]
WEEK = DAYS[7]
SIX = timedelta(hours=6)


def test_rotations_after_each_other_do_not_overlap():
    first = rotation("ana", MONDAY, WEEK, until=MONDAY + 2 * WEEK)
    second = rotation("ben", MONDAY + 2 * WEEK, WEEK)
    for pair in ((first, second), (second, first)):
        assert not ever_overlap(schedule(*pair))
    early = replace(second, since=MONDAY + 2 * WEEK - timedelta(minutes=1))
    for pair in ((first, early), (early, first)):
        assert ever_overlap(schedule(*pair))
    assert not ever_overlap(schedule(rotation("zoe", MONDAY, WEEK, until=MONDAY), second, first))


DAILY = rotation("ana ben cy dan", MONDAY, WEEK, hours=OFFICE, name="daily")
DUTY = rotation("ben cy dan ana", datetime(2026, 1, 2, 18), WEEK, hours=complement(OFFICE), name="duty")
MOBILE = schedule(DAILY, DUTY)


@pytest.mark.parametrize(
    "other",
    [
        schedule(DUTY, DAILY),
        schedule(DAILY, DUTY, overlap="last_wins"),
        schedule(DAILY, replace(DUTY, hours=ALWAYS, until=datetime(2026, 2, 1)), DUTY),
        schedule(replace(DUTY, hours=ALWAYS), DAILY, overlap="last_wins"),
        schedule(replace(DAILY, start=datetime(2026, 1, 5)), DUTY),
        schedule(replace(DAILY, since=datetime(2026, 4, 1, 10, 7, 13), start=MONDAY + 4 * WEEK), DUTY),
        schedule(DAILY, DUTY, DUTY, rotation("", MONDAY, WEEK), rotation("zoe", MONDAY, WEEK, hours=merge([]))),
        schedule(DAILY, replace(DUTY, until=None)),
        schedule(DAILY, replace(DUTY, until=datetime(2028, 1, 1)), replace(DUTY, since=datetime(2028, 1, 1))),
        schedule(DAILY, DUTY, assignments=(Assignment(since=MONDAY, until=WALL, on_call=(CY,)),)),
    ],
)
def test_mobile_engage_written_differently(other):
    assert same_rings(MOBILE, other, NOW)
    assert same_rings(other, MOBILE, NOW)


@pytest.mark.parametrize(
    "other",
    [
        schedule(DAILY),
        schedule(),
        schedule(DAILY, replace(DUTY, members=crew("ben", "cy", "ana", "dan"))),
        schedule(DAILY, replace(DUTY, members=crew("ben", "cy", "dan", "ana", "ana"))),
        schedule(DAILY, replace(DUTY, start=DUTY.start + timedelta(minutes=1))),
        schedule(DAILY, replace(DUTY, start=DUTY.start + WEEK)),
        schedule(DAILY, replace(DUTY, every=2 * WEEK)),
        schedule(DAILY, replace(DUTY, hours=merge([*DUTY.hours.spans, (540, 541)]))),
        schedule(DAILY, replace(DUTY, until=datetime(2035, 1, 1))),
        schedule(DAILY, replace(DUTY, start=DUTY.start + 52 * WEEK)),
        schedule(DAILY, DUTY, rotation("ana", MONDAY, WEEK)),
        schedule(DAILY, DUTY, rotation("zoe", datetime(2040, 1, 1), WEEK, until=datetime(2040, 1, 2))),
        schedule(DAILY, DUTY, assignments=(Assignment(since=MONDAY, until=WALL + SIX, on_call=(CY,)),)),
        schedule(DAILY, replace(DUTY, hours=ALWAYS)),
        schedule(DAILY, replace(DUTY, hours=ALWAYS), overlap="last_wins"),
        schedule(DAILY, DUTY, zone="Europe/Berlin"),
    ],
)
def test_mobile_engage_with_a_change(other):
    assert not same_rings(MOBILE, other, NOW)
    assert not same_rings(other, MOBILE, NOW)


def test_names_of_utc_are_one_zone():
    assert same_rings(schedule(DAILY, zone="UTC"), schedule(DAILY, zone="Etc/UTC"), NOW)
    assert not same_rings(schedule(DAILY, zone="UTC"), schedule(DAILY, zone="Etc/GMT"), NOW)


def named(*on_call, fallback=(), begin=WALL):
    return Assignment(since=begin, until=begin + WEEK, on_call=on_call, fallback=fallback)


def test_assignments():
    made = schedule(assignments=(named(ANA, BEN, fallback=(CY,)), named(DAN, begin=WALL + WEEK)))
    turned = replace(made, assignments=(made.assignments[1], named(BEN, ANA, fallback=(CY, ANA))))
    assert same_rings(made, turned, NOW)
    for other in (
        (named(ANA, BEN), made.assignments[1]),
        (named(ANA, BEN, fallback=(DAN,)), made.assignments[1]),
        (named(ANA, fallback=(CY,)), made.assignments[1]),
        made.assignments[:1],
        (named(ANA, BEN, CY), made.assignments[1]),
    ):
        assert not same_rings(made, replace(made, assignments=other), NOW)
    watched = replace(made.assignments[0], observers=(user("zoe"),))
    assert same_rings(made, replace(made, assignments=(watched, made.assignments[1])), NOW)


def test_a_week_by_turns_or_by_name():
    by_name = schedule(assignments=(named(ANA), named(BEN, begin=WALL + WEEK)))
    by_turns = schedule(rotation("ana ben", WALL, WEEK, until=WALL + 2 * WEEK))
    assert same_rings(by_name, by_turns, NOW)
    assert not same_rings(by_name, replace(by_turns, rotations=(rotation("ana ben", WALL, WEEK),)), NOW)


def test_what_differs_only_in_a_skipped_hour_never_rings():
    skipped = {"since": datetime(2026, 3, 29, 2, 10), "until": datetime(2026, 3, 29, 2, 50)}
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert same_rings(schedule(), schedule(assignments=(Assignment(on_call=(ANA,), **skipped),)), now)
    spring = rotation("ana", skipped["since"], WEEK, until=skipped["until"])
    assert same_rings(MOBILE, replace(MOBILE, rotations=(DAILY, DUTY, spring)), now)
    longer = replace(spring, until=datetime(2026, 3, 29, 3, 1))
    assert not same_rings(schedule(), schedule(longer), now)
    weekly_there = rotation("ana", skipped["since"], WEEK, hours=merge([(6 * DAY + 130, 6 * DAY + 170)]))
    assert not same_rings(schedule(), schedule(weekly_there), datetime(2026, 3, 28, 23, tzinfo=UTC))


def test_an_hour_that_repeats_is_over_after_its_first_time():
    made = rotation("ana", datetime(2026, 10, 25, 2, 30), WEEK, until=datetime(2026, 10, 25, 2, 40))
    first, second = (datetime(2026, 10, 25, hour, 35, tzinfo=UTC) for hour in (0, 1))
    assert not same_rings(schedule(), schedule(made), first)
    assert same_rings(schedule(), schedule(made), second)
    last = replace(made, until=datetime(2026, 10, 25, 3))
    assert not same_rings(schedule(), schedule(last), second)


def test_long_cycles_that_never_coincide_are_still_exact():
    """Eleven, 13 and 17 weeks have a common period of 46 years; each part of the day has one of its own."""
    thirds = [merge((d * DAY + n * 480, d * DAY + n * 480 + 480) for d in range(7)) for n in range(3)]
    names = [" ".join(f"p{n}" for n in range(count)) for count in (11, 13, 17)]
    parts = [rotation(who, MONDAY.replace(hour=0), WEEK, hours=h) for who, h in zip(names, thirds, strict=True)]
    shifted = [replace(part, start=part.start - timedelta(hours=3)) for part in parts[:1]]
    late = replace(parts[2], start=parts[2].start + timedelta(hours=9))
    assert same_rings(schedule(*parts), schedule(*parts[:2], late), NOW)
    assert same_rings(schedule(*parts), schedule(*shifted, *parts[1:]), NOW)
    assert not same_rings(schedule(*parts), schedule(*parts[:2], replace(late, start=late.start + SIX * 4)), NOW)


LONG = [rotation(" ".join(f"{n}-{i}" for i in range(n)), MONDAY, WEEK) for n in (11, 13, 17)]


def test_long_cycles_that_ring_together_are_compared_without_their_twins():
    moved = [reanchor(made, WALL + WEEK) for made in reversed(LONG)]
    live = [replace(made, since=MONDAY) for made in moved]
    assert same_rings(schedule(*LONG), schedule(*live), NOW)
    halves = [replace(LONG[0], hours=OFFICE), replace(LONG[0], hours=complement(OFFICE))]
    assert same_rings(schedule(*LONG), schedule(*halves, *LONG[1:]), NOW)
    assert not same_rings(schedule(*LONG), schedule(*LONG[:2]), NOW)
    other = replace(LONG[0], start=MONDAY + WEEK)
    assert not same_rings(schedule(*LONG), schedule(other, *LONG[1:]), NOW)
    assert not same_rings(schedule(*LONG), schedule(*LONG, overlap="last_wins"), NOW)


def test_without_the_twins_what_is_left_is_walked():
    """Two pairs that ring the same two people each week, though no rotation of one pair is one of the other."""
    pair = [rotation("ana ben", MONDAY, WEEK), rotation("cy dan", MONDAY, WEEK)]
    crossed = [rotation("ana dan", MONDAY, WEEK), rotation("cy ben", MONDAY, WEEK)]
    assert same_rings(schedule(*LONG, *pair), schedule(*LONG, *crossed), NOW)
    assert not same_rings(schedule(*LONG, *pair), schedule(*LONG, *crossed[:1]), NOW)


def test_the_whole_common_period_is_compared():
    """Every second and every third turn is vacant: both at once only in the sixth week from now."""
    start = datetime(2026, 4, 6)
    sparse = schedule(
        replace(rotation("ana", start, WEEK), members=(ANA, None)),
        replace(rotation("ana", start, WEEK), members=(ANA, ANA, None)),
    )
    weeks = [oracle.rung(sparse, WALL + n * WEEK) for n in range(7)]
    assert [bool(who) for who in weeks] == [True] * 5 + [False, True]
    assert not same_rings(sparse, schedule(rotation("ana", start, WEEK)), NOW)


LAYERED = schedule(
    rotation("cy dan", MONDAY, WEEK),
    replace(rotation("ana ben", MONDAY, WEEK), members=(ANA, BEN, None)),
    overlap="last_wins",
)


def test_layers_with_vacant_turns():
    finer = [
        replace(r, members=tuple(m for m in r.members for _ in range(7)), every=DAYS[1]) for r in LAYERED.rotations
    ]
    assert same_rings(LAYERED, replace(LAYERED, rotations=tuple(finer)), NOW)
    covered = (rotation("zoe", MONDAY, WEEK), *LAYERED.rotations)
    assert same_rings(LAYERED, replace(LAYERED, rotations=covered), NOW)
    flat = rotation("ana ben dan ana ben cy", MONDAY, WEEK)
    assert same_rings(LAYERED, schedule(replace(flat, members=crew("ana", "ben", "cy", "ana", "ben", "dan"))), NOW)
    assert not same_rings(LAYERED, schedule(flat), NOW)
    assert not same_rings(LAYERED, replace(LAYERED, overlap="everyone"), NOW)
    assert not same_rings(LAYERED, replace(LAYERED, rotations=LAYERED.rotations[::-1]), NOW)
    top, *_ = LAYERED.rotations[::-1]
    ended = (LAYERED.rotations[0], replace(top, until=datetime(2100, 1, 1)))
    assert not same_rings(LAYERED, replace(LAYERED, rotations=ended), NOW)


def test_what_is_too_long_to_walk_and_has_no_twins_is_different(monkeypatch):
    apart = [replace(LAYERED.rotations[0], members=(CY, None)), replace(LAYERED.rotations[0], members=(None, DAN))]
    assert same_rings(schedule(LAYERED.rotations[0]), schedule(*apart), NOW)
    monkeypatch.setattr(equal, "LONGEST_PERIOD", 60)
    assert not same_rings(schedule(LAYERED.rotations[0]), schedule(*apart), NOW)


def test_bounds_in_the_last_year_there_is():
    ended = replace(DUTY, until=datetime(9999, 12, 31))
    assert not same_rings(MOBILE, schedule(DAILY, ended), NOW)
    assert same_rings(schedule(DAILY, replace(ended, since=EPOCH)), schedule(DAILY, ended), NOW)


def shifts_of_three(*sizes):
    hours = [OFFICE, merge([(4 * DAY + 1080, 7 * DAY + 540)]), ALWAYS]
    crews = [" ".join(f"p{n}" for n in range(size)) for size in sizes]
    return [replace(rotation(who, MONDAY, WEEK), hours=h) for who, h in zip(crews, hours, strict=True)]


@pytest.fixture
def walked(monkeypatch):
    """Every span in which two schedules were compared turn by turn."""
    found = []
    sweep = equal.sweep

    def noted(*args):
        for span in sweep(*args):
            found.append(span)
            yield span

    monkeypatch.setattr(equal, "sweep", noted)
    return found


def test_another_anchor_is_seen_without_a_walk(walked):
    made = schedule(*shifts_of_three(4, 5, 6))
    assert same_rings(made, schedule(*(replace(reanchor(r, WALL), since=MONDAY) for r in made.rotations)), NOW)
    assert walked == []


def test_a_walk_is_as_long_as_what_rings_together(walked):
    *short, long = shifts_of_three(5, 7, 9)
    first, *others = long.members
    apart = [replace(long, members=(first, *[None] * 8)), replace(long, members=(None, *others))]
    assert same_rings(schedule(*short, long), schedule(*short, *apart), NOW)
    # 45 weeks of office hours, 63 weekends, 9 weeks of nights. All together repeat only after 315 weeks.
    assert 45 * 5 < len(walked) < 1000
