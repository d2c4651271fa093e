"""Known early enough who is next, and nobody unprepared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from oncall_sync.model import Assignment, ObservedFirst, PlannedAhead, Ref
from oncall_sync.rota.shifts import ringing_at
from oncall_sync.rota.wall import to_instant, wall_since

from .broken import Broken, Spot, broken
from .watch import Watch
from .words import MOST_SPANS, cut, moment

_WEEK = timedelta(days=7)
_MINUTE = timedelta(minutes=1)


def weekly(minute: int, zone: str, since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield every instant in `since..until` (half open) at which that minute of the week comes in a zone.

    A time that clocks skip is the first instant after the gap; one that comes twice is its first.
    """
    around = wall_since(since, zone) - _WEEK
    wall = around.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=around.weekday())
    wall += minute * _MINUTE
    while (at := to_instant(wall, zone)) < until:
        if at >= since:
            yield at
        wall += _WEEK


def following(minute: int, zone: str, after: datetime) -> datetime:
    """Return the first instant after `after` at which that minute of the week comes in a zone."""
    return next(at for at in weekly(minute, zone, after, after + 3 * _WEEK) if at > after)


def planned_ahead(check: PlannedAhead, watch: Watch) -> Iterator[Broken]:
    """Yield a broken promise if it is not always known in time who is next.

    For each `by` moment within the span, somebody must be on call at the first `at` moment after it; that one may
    lie beyond the span. What is written now is what is known then. The spans reach from `by` to `at`.
    """
    schedule = watch.scene.schedules[check.schedule]
    spots: list[Spot] = []
    for by in weekly(check.by, check.time_zone, watch.since, watch.until):
        at = following(check.at, check.time_zone, by)
        live = watch.scene.overrides.get(check.schedule, ())
        if not ringing_at(schedule, at, people=watch.scene.users, live=live, refs=watch.scene.refs).users:
            spots.append(Spot(by, at))
    if not spots:
        return
    told = [
        f"for {moment(spot.until or spot.since, check.time_zone)} (to be known by"
        f" {moment(spot.since, check.time_zone)})"
        for spot in spots
    ]
    message = (
        f"{watch.called(check.schedule)}: it is not known in time who is on call {cut(told, MOST_SPANS)}."
        " Name somebody for that time"
    )
    yield broken(check.rule, message, spots, check.source, check.schedule)


def observed_first(check: ObservedFirst, watch: Watch) -> Iterator[Broken]:
    """Yield one broken promise for each first turn, within the span at least in part, that nobody prepared.

    Turns are the assignments of the schedule from its beginning, in order of time. A person named in `on_call` for
    the first time must be an observer of the assignment directly before. Whoever has the very first assignment has
    nothing to observe and counts as experienced; ringing as a fallback or by an override is no turn.
    """
    schedule = watch.scene.schedules[check.schedule]
    turns = sorted(schedule.assignments, key=lambda turn: turn.since)
    known = set(turns[0].on_call) if turns else set[Ref]()
    for before, turn in pairwise(turns):
        for user in turn.on_call:
            if user not in known and user not in before.observers:
                yield from _unprepared(check, watch, before, turn, user)
        known.update(turn.on_call)


def _unprepared(
    check: ObservedFirst, watch: Watch, before: Assignment, turn: Assignment, user: Ref
) -> Iterator[Broken]:
    zone = watch.scene.schedules[check.schedule].time_zone
    since, until = to_instant(turn.since, zone), to_instant(turn.until, zone)
    if until <= watch.since or since >= watch.until:
        return
    spot = Spot(since, until, frozenset((user,)))
    observed = watch.people(before.observers) or "nobody"
    message = (
        f"{watch.called(check.schedule)}: {watch.name(user)} has a first turn without having observed the one"
        f" before it: {watch.when([spot], zone)}. In the assignment that begins"
        f" {moment(to_instant(before.since, zone), zone)}, {observed} observes:"
        f" add {watch.name(user)} to its observers"
    )
    yield broken(check.rule, message, [spot], check.source, check.schedule)
