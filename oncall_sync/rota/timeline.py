"""Who is on call, level by level, over a span: intervals, never minutes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypeVar

from oncall_sync.model import (
    ConstantUrgency,
    EscalationPolicy,
    Hours,
    Level,
    Ref,
    Service,
    SupportHours,
    UrgencyName,
)

from .scene import Scene
from .shifts import Shift, shifts
from .stack import sweep
from .turns import windows
from .wall import to_instant, wall_since

Users: TypeAlias = frozenset[Ref]
T = TypeVar("T")
NOBODY: Users = frozenset()


@dataclass(frozen=True, slots=True)
class Rung:
    """What each level of a policy has from `since` to `until` (aware UTC); empty levels included."""

    since: datetime
    until: datetime
    levels: tuple[Users, ...]

    @property
    def first(self) -> tuple[int, Users] | None:
        """Return the first level (from 1) that has somebody and whom it rings; None is a policy gap."""
        return next(((n, users) for n, users in enumerate(self.levels, 1) if users), None)


def schedule_shifts(ref: Ref, scene: Scene, since: datetime, until: datetime) -> Iterator[Shift]:
    """Yield the shifts of a schedule, swaps at the provider included; one that is not known has nobody."""
    schedule = scene.schedules.get(ref)
    if schedule is None:
        return iter((Shift(since.astimezone(UTC), until.astimezone(UTC), NOBODY, "not known"),))
    live = scene.overrides.get(ref, ())
    return shifts(schedule, since, until, people=scene.users, live=live, refs=scene.refs)


def level_timeline(
    level: Level, scene: Scene, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime, Users]]:
    """Yield who is on call for one level, in order and without holes."""
    people = frozenset(ref for ref in level.notify if ref.kind == "user")
    streams = [
        ((s.since, s.until, s.users) for s in schedule_shifts(ref, scene, since, until))
        for ref in level.notify
        if ref.kind == "schedule"
    ]
    if not streams:
        yield since, until, people
        return
    for begin, end, found in sweep(streams, since, until):
        yield begin, end, people.union(*(users for _, users in found))


def policy_timeline(policy: EscalationPolicy, scene: Scene, since: datetime, until: datetime) -> Iterator[Rung]:
    """Yield what all levels of a policy have: maximal spans, in order, without holes."""
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    streams = [level_timeline(level, scene, since, until) for level in policy.levels]
    if not streams:
        if since < until:
            yield Rung(since, until, ())
        return
    spans = (
        (begin, end, tuple(users for _, users in found)) for begin, end, found in sweep(streams, since, until)
    )
    for begin, end, levels in joined(spans):
        yield Rung(begin, end, levels)


def joined(spans: Iterable[tuple[datetime, datetime, T]]) -> Iterator[tuple[datetime, datetime, T]]:
    """Join neighbouring spans that carry the same."""
    last: tuple[datetime, datetime, T] | None = None
    for begin, end, carried in spans:
        if last is not None and last[1] == begin and last[2] == carried:
            last = (last[0], end, carried)
            continue
        if last is not None:
            yield last
        last = (begin, end, carried)
    if last is not None:
        yield last


def open_spans(hours: Hours, zone: str, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans of instants within `since..until` in which `hours` are open in a zone, in order."""
    week = timedelta(days=7)
    spans = (
        (to_instant(begin, zone), to_instant(end, zone))
        for begin, end in windows(hours, wall_since(since, zone) - week, wall_since(until, zone) + week)
    )
    merged = joined((begin, end, True) for begin, end in spans if begin < end)
    for begin, end, _ in merged:
        if begin < until and end > since:
            yield max(begin, since), min(end, until)


def urgencies(service: Service) -> Sequence[UrgencyName]:
    """Return the urgencies that an incident of this service can open with."""
    match service.urgency:
        case SupportHours(during=during, outside=outside, raise_at_start=raised):
            found = {during, outside} | ({"high"} if raised else set())
            return [name for name in ("high", "low") if name in found]
        case ConstantUrgency(urgency=urgency):
            return [urgency]
        case _:
            return ["high", "low"]


def urgency_timeline(
    service: Service, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime, UrgencyName | None]]:
    """Yield the urgency with which an incident opens, without holes; None where the event decides."""
    rule = service.urgency
    if not isinstance(rule, SupportHours):
        fixed = urgencies(service)
        yield since, until, fixed[0] if len(fixed) == 1 else None
        return
    at = since
    for begin, end in open_spans(rule.hours, rule.time_zone, since, until):
        if begin > at:
            yield at, begin, rule.outside
        yield begin, end, rule.during
        at = end
    if at < until:
        yield at, until, rule.outside
