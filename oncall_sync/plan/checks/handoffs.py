"""Handoffs at a time of day that clocks skip or show twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from oncall_sync.model import Policies, Schedule
from oncall_sync.rota.rings import stretches
from oncall_sync.rota.wall import to_instant, zone_info

from .broken import Broken, Spot, broken
from .known import missing
from .watch import Watch
from .words import moment, wall

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_NONE = timedelta()


class ClockChange(NamedTuple):
    """At the aware instant `at`, clocks skip or repeat the naive wall-clock times `first..last` (half open)."""

    at: datetime
    first: datetime
    last: datetime
    skipped: bool


def handoff_dst(policies: Policies, watch: Watch) -> Iterator[Broken]:
    """Yield a broken promise for each schedule and clock change in the span that a handoff falls into.

    A handoff is where somebody begins or ends, by turns, hours, assignments and declared overrides. Its moment is
    the instant at which it really happens; `since` is the first one's.
    """
    for declared in policies.schedules.values():
        if declared.external or missing(declared.ref, watch.scene):
            continue
        schedule = watch.scene.schedules[declared.ref]
        for change in clock_changes(schedule.time_zone, watch.since, watch.until):
            walls = list(_handoffs(schedule, change, watch))
            if walls:
                instants = sorted({to_instant(each, schedule.time_zone) for each in walls})
                spots = [Spot(at, None) for at in instants]
                message = f"{watch.called(declared.ref)} hands over at {_told(walls, change, schedule)}"
                yield broken("handoff-dst", message, spots, declared.source, declared.ref)


def _handoffs(schedule: Schedule, change: ClockChange, watch: Watch) -> Iterator[datetime]:
    around = stretches(schedule, change.first - _DAY, change.last + _DAY, watch.scene.users)
    for before, after in pairwise(around):
        if before.users != after.users and change.first <= after.since < change.last:
            yield after.since


def _told(walls: list[datetime], change: ClockChange, schedule: Schedule) -> str:
    zone = schedule.time_zone
    times = " and ".join([wall(walls[0]), *(f"{each:%H:%M}" for each in walls[1:])])
    mend = "Choose a time of day that no clock change touches"
    if change.skipped:
        return (
            f"{times} {zone}, which does not exist: clocks go from {change.first:%H:%M} to {change.last:%H:%M},"
            f" and it happens at {moment(change.at, zone)}. {mend}"
        )
    first = " and ".join(moment(to_instant(each, zone), zone) for each in walls)
    return (
        f"{times} {zone}, which comes twice: clocks go from {change.last:%H:%M} back to {change.first:%H:%M},"
        f" and it happens at the first, {first}. {mend}"
    )


@lru_cache(maxsize=256)
def clock_changes(zone: str, since: datetime, until: datetime) -> tuple[ClockChange, ...]:
    """Return when clocks in `zone` are put forward or back within `since..until` (aware), in order."""
    place = zone_info(zone)

    def offset(at: datetime) -> timedelta:
        return at.astimezone(place).utcoffset() or _NONE

    found: list[ClockChange] = []
    begin = since.replace(microsecond=0)
    while begin < until:
        end = min(begin + _DAY, until)
        before, after = offset(begin), offset(end)
        if before != after:
            low, high = 0, -((begin - end) // _SECOND)
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(begin + middle * _SECOND) == before else (low, middle)
            at = begin + high * _SECOND
            clock = at.replace(tzinfo=None)
            found.append(ClockChange(at, clock + min(before, after), clock + max(before, after), after > before))
        begin = end
    return tuple(found)
