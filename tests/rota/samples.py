"""Random schedules around the days on which clocks change, and short ways to write fixed ones."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import strategies as st

from oncall_sync.model import (
    ABSENT,
    ALWAYS,
    WEEK,
    Assignment,
    Away,
    Override,
    Ref,
    Rotation,
    Schedule,
    User,
)
from oncall_sync.rota.hours import DAY, merge

CHANGES = {
    "Europe/Vienna": [datetime(2026, 3, 29), datetime(2026, 10, 25)],
    "America/Chicago": [datetime(2026, 3, 8), datetime(2026, 11, 1)],
    "Australia/Lord_Howe": [datetime(2026, 4, 5), datetime(2026, 10, 4)],
    "UTC": [datetime(2026, 3, 29)],
    "Asia/Kolkata": [datetime(2026, 2, 28)],
}
OFFICE = merge((day * DAY + 9 * 60, day * DAY + 18 * 60) for day in range(5))


def user(key):
    return Ref("user", key)


def crew(*keys):
    return tuple(None if key is None else user(key) for key in keys)


ANA, BEN, CY, DAN = PEOPLE = crew("ana", "ben", "cy", "dan")


def rotation(members, start, every, **more):
    return Rotation(members=crew(*members.split()), start=start, every=every, **more)


def schedule(*rotations, zone="Europe/Vienna", **more):
    return Schedule(ref=Ref("schedule", "s"), name="s", time_zone=zone, rotations=rotations, **more)


def minutes(step, *, below):
    return st.integers(0, below // step - 1).map(lambda n: n * step)


@st.composite
def weekly(draw, step=15):
    """Parts of the week; edges in the small hours are frequent, as that is when clocks change."""
    if draw(st.integers(0, 3)) == 0:
        return ALWAYS
    edge = st.one_of(minutes(step, below=WEEK), st.integers(0, 240 // step).map(lambda n: 6 * DAY + n * step))
    length = st.one_of(minutes(step, below=6 * 60), minutes(step, below=3 * DAY))
    spans = draw(st.lists(st.tuples(edge, length), min_size=1, max_size=4))
    return merge((start, start + more) for start, more in spans)


@st.composite
def moments(draw, around, step=15, days=12):
    span = days * DAY
    return around + timedelta(minutes=draw(minutes(step, below=2 * span)) - span)


EVERY = [timedelta(hours=h) for h in (6, 12, 24, 48, 168, 336)]


@st.composite
def rotations(draw, around, step=15, every=EVERY):
    members = draw(st.lists(st.sampled_from([*PEOPLE, None]), min_size=1, max_size=4))
    start = draw(moments(around, step))
    until = draw(st.one_of(st.just(ABSENT), st.none(), moments(around, step)))
    since = draw(st.one_of(st.none(), st.none(), moments(around, step)))
    return Rotation(
        members=tuple(members),
        start=start,
        every=draw(st.sampled_from(every)),
        hours=draw(weekly(step)),
        until=until,
        since=since,
    )


@st.composite
def spans(draw, around, step=15, longest=3 * DAY):
    since = draw(moments(around, step, days=2))
    return since, since + timedelta(minutes=draw(minutes(step, below=longest)) + step)


@st.composite
def assignments(draw, around):
    since, until = draw(spans(around))
    named = draw(st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True))
    spare = draw(st.lists(st.sampled_from(PEOPLE), max_size=1))
    return Assignment(
        since=since, until=until, on_call=tuple(named), fallback=tuple(spare), observers=(user("zoe"),)
    )


@st.composite
def overrides(draw, around):
    since, until = draw(spans(around))
    instead_of = draw(st.one_of(st.none(), st.sampled_from(PEOPLE)))
    return Override(since=since, until=until, user=draw(st.sampled_from(PEOPLE)), instead_of=instead_of)


@st.composite
def people(draw, around):
    found = {}
    for ref in PEOPLE[:3]:
        away = [Away(*draw(spans(around))) for _ in range(draw(st.integers(0, 2)))]
        works = draw(st.one_of(st.just(frozenset(range(7))), st.frozensets(st.integers(0, 6))))
        found[ref] = User(ref=ref, name=ref.key, email=f"{ref.key}@example.com", works=works, away=tuple(away))
    return found


@st.composite
def schedules(draw):
    """A schedule and the midnight of a day on which its clocks change, if they ever do."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    around = draw(st.sampled_from(CHANGES[zone]))
    made = schedule(
        *draw(st.lists(rotations(around), max_size=3)),
        zone=zone,
        overlap=draw(st.sampled_from(["everyone", "last_wins"])),
        assignments=tuple(draw(st.lists(assignments(around), max_size=2))),
        overrides=tuple(draw(st.lists(overrides(around), max_size=2))),
    )
    return made, around
