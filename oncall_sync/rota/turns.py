"""Rotations to turns: which member's turn it is, from when to when, by wall clock.

Everything here is naive wall clock in the schedule's zone; spans are half open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from oncall_sync.model import ALWAYS, WEEK, Hours, Ref, Rotation

FOREVER: Final = datetime.combine(date.max, time.max)
"""The end (naive) of what has no end."""

_WEEK = timedelta(minutes=WEEK)


class Turn(NamedTuple):
    """A stretch in which one member has the turn and the rotation rings; `None`: the turn is vacant."""

    since: datetime
    until: datetime
    member: Ref | None


def windows(hours: Hours, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the maximal spans within `since..until` that lie in `hours`, in order (naive wall clock)."""
    if since >= until or not hours.spans:
        return
    if hours == ALWAYS:
        yield since, until
        return
    spans = [(timedelta(minutes=start), timedelta(minutes=end)) for start, end in hours.spans]
    week = datetime.combine(since.date() - timedelta(days=since.weekday()), time())
    # What reaches past the end of a week is cut off at its end here only for the week before `since`.
    first = [(timedelta(), end - _WEEK) for _, end in spans[-1:] if end > _WEEK]
    into, left = since - week, until - week
    for start, end in first + spans:
        if end > into and start < left:
            yield (week + start if start > into else since, week + end if end < left else until)
    # Distances are compared instead of dates, as `until` may be the last date there is.
    while left > _WEEK:
        week, left = week + _WEEK, left - _WEEK
        for start, end in spans:
            if start >= left:
                return
            yield week + start, (week + end if end < left else until)


def rings_from(rotation: Rotation) -> datetime:
    """Return when a rotation rings first: `since` of a live one, `start` of a declared one (naive)."""
    return rotation.start if rotation.since is None else rotation.since


def rings_until(rotation: Rotation) -> datetime:
    """Return when a rotation ends (naive, exclusive); `FOREVER` for one without an end."""
    return rotation.until if isinstance(rotation.until, datetime) else FOREVER


def turns(rotation: Rotation, since: datetime, until: datetime) -> Iterator[Turn]:
    """Yield what `rotation` rings within `since..until`: in order, disjoint, split where the turn changes.

    Turn n begins n times `every` after `start` by wall clock, also through hours when nobody rings. Before
    `start` turns count backwards: a live rotation may ring there, a declared one does not. Vacant turns are
    yielded, as `None`; a rotation without members yields nothing.
    """
    members, anchor, every = rotation.members, rotation.start, rotation.every
    if not members:
        return
    count = len(members)
    for opens, closes in windows(
        rotation.hours, max(since, rings_from(rotation)), min(until, rings_until(rotation))
    ):
        at = opens
        while at < closes:
            turn, gone = divmod(at - anchor, every)
            end = at + (every - gone) if closes - at > every - gone else closes
            yield Turn(at, end, members[turn % count])
            at = end
