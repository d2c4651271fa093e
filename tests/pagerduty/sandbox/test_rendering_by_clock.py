"""The sandbox's renderer against a reading of clocks, every five minutes, around clock changes of every kind.

Nothing here converts a wall-clock time to an instant: the clock on the wall is read at each step, and a hand-off
or a window has begun when the latest time that clock has shown so far is past it. All times in the generated
schedules are multiples of five minutes, so nothing happens between two steps.
"""

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync_pagerduty.sandbox.rendering import (
    Entry,
    coverage_percentage,
    render_final,
    render_layer,
    render_overrides,
)

Stored = Mapping[str, Any]
Case = tuple[str, datetime, list[dict[str, Any]], list[dict[str, Any]]]

STEP = timedelta(minutes=5)
PER_DAY = 288
COUNT = 3 * PER_DAY
DAY = 86_400

CHANGES = [  # an hour, half an hour, at midnight, a whole day, none
    ("Europe/Vienna", "2026-03-29T01:00:00+00:00"),
    ("Europe/Vienna", "2026-10-25T01:00:00+00:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00+00:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00+00:00"),
    ("America/New_York", "2026-11-01T06:00:00+00:00"),
    ("Africa/Cairo", "2026-04-23T22:00:00+00:00"),
    ("Pacific/Apia", "2011-12-30T10:00:00+00:00"),
    ("Asia/Kolkata", "2026-03-29T01:00:00+00:00"),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def clock_readings(zone: str, since: datetime) -> list[datetime]:
    """For each step the latest time the local clock has shown so far, from a day before `since`."""
    clock = ZoneInfo(zone)
    instants = (since + step * STEP for step in range(-PER_DAY, COUNT))
    readings = [instant.astimezone(clock).replace(tzinfo=None, fold=0) for instant in instants]
    return list(itertools.accumulate(readings, max))[PER_DAY:]


def is_open(restrictions: Sequence[Stored], reading: datetime) -> bool:
    for restriction in restrictions:
        length = timedelta(seconds=restriction["duration_seconds"])
        opening = time.fromisoformat(restriction["start_time_of_day"])
        for back in range(length.days + 2):
            opens = datetime.combine(reading.date() - timedelta(days=back), opening)
            on_its_day = opens.isoweekday() == restriction.get("start_day_of_week", opens.isoweekday())
            if on_its_day and opens <= reading < opens + length:
                return True
    return not restrictions


def user_of_layer(stored: Stored, zone: str, instant: datetime, reading: datetime) -> str | None:
    ended = stored["end"] is not None and instant >= at(stored["end"])
    if instant < at(stored["start"]) or ended or not is_open(stored["restrictions"], reading):
        return None
    origin = at(stored["rotation_virtual_start"]).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    turn = (reading - origin) // timedelta(seconds=stored["rotation_turn_length_seconds"])
    return str(stored["users"][turn % len(stored["users"])]["user"]["id"])


def user_of_override(overrides: Sequence[Stored], instant: datetime) -> str | None:
    covering = [o for o in overrides if at(o["start"]) <= instant < at(o["end"])]
    return str(covering[-1]["user"]["id"]) if covering else None


def steps_of(entries: Sequence[Entry], since: datetime) -> list[str | None]:
    users: list[str | None] = [None] * COUNT
    for entry in entries:
        (first, early), (last, late) = divmod(entry.start - since, STEP), divmod(entry.end - since, STEP)
        assert (early, late) == (timedelta(0), timedelta(0)), "an entry starts or ends between two steps"
        assert users[first:last] == [None] * (last - first) != [], "entries overlap or are empty"
        users[first:last] = [entry.user_id] * (last - first)
    return users


lengths = st.sampled_from([3600, 5400, 28_800, 43_200, DAY, 2 * DAY, 7 * DAY])
times = st.builds("{:02d}:{:02d}:00".format, st.integers(0, 23), st.integers(0, 11).map(lambda step: step * 5))


def restriction(kind: str, steps: int, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    durations = st.integers(1, steps).map(lambda step: step * 300)
    fixed = {"type": st.just(kind), "start_time_of_day": times, "duration_seconds": durations}
    return st.fixed_dictionaries({**fixed, **more})


restrictions = st.lists(
    restriction("daily_restriction", PER_DAY - 1)
    | restriction("weekly_restriction", 7 * PER_DAY - 1, start_day_of_week=st.integers(1, 7)),
    max_size=3,
)


def moments(change: datetime, days: int) -> st.SearchStrategy[str]:
    steps = st.integers(-days * PER_DAY, days * PER_DAY)
    return steps.map(lambda step: (change + step * STEP).isoformat())


def layers(change: datetime) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "start": moments(change, 3),
            "end": st.none() | moments(change, 3),
            "rotation_virtual_start": moments(change, 40),
            "rotation_turn_length_seconds": lengths,
            "users": st.lists(
                st.sampled_from("ABCDE").map(lambda user: {"user": {"id": user}}), min_size=1, max_size=5
            ),
            "restrictions": restrictions,
        }
    )


@st.composite
def schedules(draw: st.DrawFn) -> Case:
    zone, instant = draw(st.sampled_from(CHANGES))
    change = at(instant)
    overrides = []
    for _ in range(draw(st.integers(0, 3))):
        start, end = sorted([draw(moments(change, 2)), draw(moments(change, 2))])
        overrides.append({"start": start, "end": end, "user": {"id": draw(st.sampled_from("AXY"))}})
    since = at(draw(moments(change, 1))) - timedelta(days=1)
    return zone, since, draw(st.lists(layers(change), min_size=1, max_size=3)), overrides


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(schedules())
def test_every_step_is_what_the_clocks_say(case: Case) -> None:
    zone, since, stored_layers, overrides = case
    until = since + COUNT * STEP
    readings = clock_readings(zone, since)
    by_layer = [
        [user_of_layer(stored, zone, since + i * STEP, reading) for i, reading in enumerate(readings)]
        for stored in stored_layers
    ]
    by_override = [user_of_override(overrides, since + i * STEP) for i in range(COUNT)]
    top_first = zip(by_override, *by_layer[::-1], strict=True)
    expected = [next(filter(None, users), None) for users in top_first]

    for stored, of_layer in zip(stored_layers, by_layer, strict=True):
        assert steps_of(render_layer(stored, zone, since, until), since) == of_layer
    assert steps_of(render_overrides(overrides, since, until), since) == by_override
    final = render_final(stored_layers, overrides, zone, since, until)
    assert steps_of(final, since) == expected
    assert final == sorted(final)
    assert all(a.end < b.start or a.user_id != b.user_id for a, b in itertools.pairwise(final)), "not joined"
    covered = 100 * sum(user is not None for user in expected) / COUNT
    assert coverage_percentage(final, since, until) == pytest.approx(covered, abs=0.051)
