"""Rotations by what they ring, whatever anchor they were written with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import gcd
from typing import Final

from oncall_sync.model import WEEK, Hours, Ref, Rotation

EPOCH: Final = datetime.combine(date.min, time.min)
"""A Monday 00:00 (naive): phases are counted from here, so that minutes modulo a week are minutes of the week."""

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Phase:
    """What a rotation rings, without bounds: equal if the same people take over at the same times.

    Members take turns of `every_minutes`; the first one's turn begins `offset_minutes` after `EPOCH` by wall
    clock, `0 <= offset_minutes < every_minutes`, and on every full cycle from there, in both directions. One
    member alone never hands over: both are 0 then.
    """

    members: tuple[Ref | None, ...]
    every_minutes: int
    offset_minutes: int
    hours: Hours


def canonical(rotation: Rotation) -> Phase:
    """Return the phase of `rotation`: the same for every way to write the same turns.

    Repeated cycles are cut to one, neighbours that are the same person are joined where all turns allow it, and
    the anchor is counted from `EPOCH`. Name, `since`, `until` and a `start` in the past or future play no part.
    Times count to the minute.
    """
    every = rotation.every // _MINUTE
    start = (rotation.start - EPOCH) // _MINUTE
    members = rotation.members[: _period(rotation.members)]
    count = len(members)
    handoffs = [i for i in range(count) if members[i] != members[i - 1]]
    if not handoffs:
        return Phase(members[:1], 0, 0, rotation.hours)
    step = gcd(count, *(i - handoffs[0] for i in handoffs))
    first = handoffs[0] % step
    members = members[first::step]
    start, every = start + first * every, every * step
    turn, offset = divmod(start, every)
    shift = -turn % len(members)
    return Phase(members[shift:] + members[:shift], every, offset, rotation.hours)


def _period(members: tuple[Ref | None, ...]) -> int:
    """Return after how many members the list repeats itself: its length if it does not."""
    count = len(members)
    for size in range(1, count):
        if count % size == 0 and members == members[:size] * (count // size):
            return size
    return count


def cycle(phase: Phase) -> int:
    """Return after how many minutes the turns (not the hours) of `phase` repeat; 1 if they never change."""
    return phase.every_minutes * len(phase.members) or 1


def as_rotation(phase: Phase) -> Rotation:
    """Return an endless rotation of that phase, which rings from `EPOCH` on."""
    return Rotation(
        members=phase.members,
        start=EPOCH + phase.offset_minutes * _MINUTE,
        every=(phase.every_minutes or WEEK) * _MINUTE,
        hours=phase.hours,
        since=EPOCH,
    )


def reanchor(rotation: Rotation, on_or_after: datetime) -> Rotation:
    """Return `rotation` with the first `start` at or after a naive wall-clock time that keeps its phase.

    The members stay as they are listed, so the turn that begins then is the first one's. Bounds are kept:
    where it begins to ring moves with `start` unless `since` says otherwise.
    """
    if not rotation.members:
        return rotation
    full = rotation.every * _period(rotation.members)
    return replace(rotation, start=on_or_after + (rotation.start - on_or_after) % full)


def following(rotation: Rotation, offset: int) -> Rotation:
    """Return the rotation that rings, in turn k, the member of turn k - `offset` of the given one."""
    count = len(rotation.members) or 1
    cut = -offset % count
    return replace(rotation, members=rotation.members[cut:] + rotation.members[:cut])
