"""The sandbox's renderer against a reading of clocks, step by step, around clock changes of every kind.

Nothing here converts a wall-clock time to an instant: the clock on the wall is read at each step, and a hand-off
or a window has begun when the latest time that clock has shown so far is past it. All times in the generated
rotations are multiples of five minutes, so nothing happens between two steps.
"""

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync_opsgenie.sandbox.criteria import DAYS
from oncall_sync_opsgenie.sandbox.rendering import Period, Recipient, base, final, neighbour

Stored = Mapping[str, Any]

STEP = timedelta(minutes=5)
PER_DAY = 288
COUNT = 4 * PER_DAY
LENGTHS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}
CHANGES = [  # an hour, half an hour, at midnight, a whole day, none, odd offsets
    ("Europe/Vienna", "2026-03-29T01:00:00+00:00"),
    ("Europe/Vienna", "2026-10-25T01:00:00+00:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00+00:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00+00:00"),
    ("America/New_York", "2026-11-01T06:00:00+00:00"),
    ("Africa/Cairo", "2026-04-23T22:00:00+00:00"),
    ("Pacific/Apia", "2011-12-30T10:00:00+00:00"),
    ("Asia/Kathmandu", "2026-03-29T01:00:00+00:00"),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def clock_readings(zone: str, since: datetime) -> list[datetime]:
    """For each step the latest time the local clock has shown so far, from a day before `since`."""
    clock = ZoneInfo(zone)
    instants = (since + step * STEP for step in range(-PER_DAY, COUNT))
    readings = [instant.astimezone(clock).replace(tzinfo=None, fold=0) for instant in instants]
    return list(itertools.accumulate(readings, max))[PER_DAY:]


def clock(window: Stored, edge: str) -> time:
    return time(window[f"{edge}Hour"], window[f"{edge}Min"])


def is_open(restriction: Stored | None, reading: datetime) -> bool:
    if restriction is None:
        return True
    if restriction["type"] == "time-of-day":
        start, end = clock(restriction["restriction"], "start"), clock(restriction["restriction"], "end")
        now = reading.time()
        return start <= now < end if start < end else now >= start or now < end
    for window in restriction["restrictions"]:
        start, end = ((DAYS.index(window[f"{edge}Day"]), clock(window, edge)) for edge in ("start", "end"))
        now = (reading.weekday(), reading.time())
        if start <= now < end if start < end else now >= start or now < end:
            return True
    return False


def turn_of(rotation: Stored, zone: str, instant: datetime, reading: datetime) -> Stored | None:
    ended = rotation["endDate"] is not None and instant >= at(rotation["endDate"])
    start = at(rotation["startDate"])
    if instant < start or ended or not is_open(rotation["timeRestriction"], reading):
        return None
    length = rotation["length"] * LENGTHS[rotation["type"]]
    first = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    turn = (instant - start) // length if rotation["type"] == "hourly" else (reading - first) // length
    found: Stored = rotation["participants"][turn % len(rotation["participants"])]
    return found


def expected(case: "Case", instant: datetime, reading: datetime) -> tuple[str, Recipient, str | None] | None:
    found, kind = turn_of(case.rotation, case.zone, instant, reading), "default"
    for one in case.overrides:
        mine = not one["rotations"] or "R" in one["rotations"]
        if mine and at(one["startDate"]) <= instant < at(one["endDate"]):
            found, kind = one["user"], "override"
    if found is None:
        return None
    recipient = Recipient(found["type"], found.get("id", ""))
    for rule in case.rules:
        covers = at(rule["startDate"]) <= instant < at(rule["endDate"])
        if covers and recipient == ("user", rule["fromUser"]):
            return "forwarding", Recipient("user", rule["toUser"]), rule["fromUser"]
    return kind, recipient, None


class Case:
    """One rotation in a zone, and what stands over it, in four days around `since`."""

    def __init__(
        self, zone: str, since: datetime, rotation: Stored, overrides: Sequence[Stored], rules: Sequence[Stored]
    ) -> None:
        self.zone, self.since, self.rotation = zone, since, rotation
        self.overrides, self.rules = overrides, rules

    def final(self, since: datetime, until: datetime) -> list[Period]:
        return final(self.rotation, self.overrides, self.rules, ZoneInfo(self.zone), (since, until))

    def __repr__(self) -> str:
        return f"{self.zone} {self.since} {self.rotation} {self.overrides} {self.rules}"


PEOPLE = [{"type": "user", "id": name} for name in "ABC"]
MEMBERS = st.sampled_from([*PEOPLE, {"type": "none"}, {"type": "team", "id": "T"}])
HALF_HOURS = st.tuples(st.integers(0, 23), st.sampled_from((0, 30)))


@st.composite
def restrictions(draw: st.DrawFn) -> Stored | None:
    kind = draw(st.sampled_from((None, "time-of-day", "weekday-and-time-of-day")))
    windows = []
    for _ in range(draw(st.integers(1, 3)) if kind == "weekday-and-time-of-day" else 1):
        start, end = draw(HALF_HOURS), draw(HALF_HOURS)
        edges = {"startHour": start[0], "startMin": start[1], "endHour": end[0], "endMin": end[1]}
        days = {f"{edge}Day": draw(st.sampled_from(DAYS)) for edge in ("start", "end")}
        windows.append({**edges, **days})
    if kind == "time-of-day":
        return {"type": kind, "restriction": windows[0]}
    return None if kind is None else {"type": kind, "restrictions": windows}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zone, change = draw(st.sampled_from(CHANGES))
    since = at(change) + draw(st.integers(-COUNT, COUNT)) * STEP

    def moment(days: int) -> str:
        steps = draw(st.integers(-days * 48, 4 * 48))
        return (at(change) + steps * timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")

    start, end = moment(40), draw(st.none() | st.just("end"))
    stop = moment(2) if end else None
    rotation = {
        "id": "R", "startDate": start, "endDate": stop if stop and stop > start else None,
        "type": draw(st.sampled_from(tuple(LENGTHS))), "length": draw(st.integers(1, 5)),
        "participants": draw(st.lists(MEMBERS, min_size=1, max_size=4)), "timeRestriction": draw(restrictions()),
    }  # fmt: skip

    def span() -> dict[str, str]:
        first = at(change) + draw(st.integers(-COUNT, COUNT)) * STEP
        last = first + draw(st.integers(1, PER_DAY)) * STEP
        return {
            f"{name}Date": one.strftime("%Y-%m-%dT%H:%M:%SZ") for name, one in (("start", first), ("end", last))
        }

    overrides = [
        {**span(), "user": draw(MEMBERS), "rotations": draw(st.sampled_from(([], ["R"], ["S"], ["S", "R"])))}
        for _ in range(draw(st.integers(0, 3)))
    ]
    rules = [
        {**span(), "fromUser": draw(st.sampled_from("ABC")), "toUser": draw(st.sampled_from("ABCD"))}
        for _ in range(draw(st.integers(0, 2)))
    ]
    return Case(zone, since, rotation, overrides, rules)


@settings(max_examples=70, deadline=None)
@given(cases())
def test_every_step_agrees_with_the_clock_on_the_wall(case: Case) -> None:
    until = case.since + COUNT * STEP
    periods = case.final(case.since, until)
    assert periods == sorted(periods)
    assert all(one.start < one.end for one in periods)
    for one, other in itertools.pairwise(periods):
        assert one.end <= other.start
        assert one.end < other.start or one[2:] != other[2:]  # what belongs together is one period
    readings = clock_readings(case.zone, case.since)
    for step in range(COUNT):
        instant = case.since + step * STEP
        found = [one[2:] for one in periods if one.start <= instant < one.end]
        wanted = expected(case, instant, readings[step])
        assert found == ([] if wanted is None else [wanted]), (instant, readings[step])


@settings(max_examples=60, deadline=None)
@given(cases(), st.integers(1, COUNT - 1))
def test_where_the_window_is_cut_makes_no_difference(case: Case, cut: int) -> None:
    middle, until = case.since + cut * STEP, case.since + COUNT * STEP
    parts = [*case.final(case.since, middle), *case.final(middle, until)]
    whole = case.final(case.since, until)
    for one in whole:
        touching = [part for part in parts if one.start <= part.start < one.end]
        assert [part[2:] for part in touching] == [one[2:]] * len(touching)
        assert (touching[0].start, touching[-1].end) == (one.start, one.end)
    assert sum((one.end - one.start for one in whole), timedelta()) == sum(
        (one.end - one.start for one in parts), timedelta()
    )


@settings(max_examples=60, deadline=None)
@given(cases())
def test_the_neighbour_is_whose_turn_comes_next(case: Case) -> None:
    zone = ZoneInfo(case.zone)
    free = {**case.rotation, "timeRestriction": None, "endDate": None}
    # Each turn by itself: members who are told apart.
    count = len(case.rotation["participants"])
    numbered = {**free, "participants": [{"type": "user", "id": str(n)} for n in range(count)]}
    turns = base(numbered, zone, case.since, case.since + COUNT * STEP)
    if not turns:
        return
    first = turns[0]
    after = neighbour(numbered, zone, first.start, 1)
    assert after == Recipient("user", str((int(first.recipient.id) + 1) % count))
    assert neighbour(numbered, zone, first.start, -1) == Recipient(
        "user", str((int(first.recipient.id) - 1) % count)
    )
    if len(turns) > 1:
        assert turns[1].recipient == after
    silent = {**case.rotation, "endDate": case.rotation["startDate"]}
    assert neighbour(silent, zone, first.start, 1) is None
