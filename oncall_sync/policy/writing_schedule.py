"""Schedules in words: rotations, what they follow, assignments, overrides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final, TypeAlias

from oncall_sync.model import ABSENT, ALWAYS, Assignment, Override, Ref, Rotation, Schedule
from oncall_sync.rota.turns import rings_from

from .words import FIRST_YEAR
from .writing_words import TURNS, Around, Unsayable, every, hours, key_of, one_or_list, wall

_People: TypeAlias = tuple[Ref | None, ...]

NOBODY: Final = "nobody"
_NO_ZONE: Final = "UTC"
"""What the zone of an external schedule is taken for where none is written."""
_FIRST: Final = datetime.combine(date(FIRST_YEAR, 1, 1), time())


def schedule_words(value: Schedule, around: Around) -> dict[str, Any]:
    """Return what only schedules say. Raises Unsayable."""
    out: dict[str, Any] = {}
    if value.follows is not None:
        out["follows"] = key_of(value.follows.schedule)
        if value.follows.offset != 1:
            out["offset"] = value.follows.offset
    else:
        if value.time_zone != (around.time_zone or (_NO_ZONE if value.external else None)):
            out["time_zone"] = value.time_zone
        if value.rotations:
            out["rotations"] = one_or_list([rotation(one, around) for one in value.rotations])
        if value.overlap != "everyone":
            out["overlap"] = value.overlap
        if value.assignments:
            out["assignments"] = [_assignment(one) for one in value.assignments]
    if value.overrides:
        out["overrides"] = [_override(one) for one in value.overrides]
    return out


def rotation(value: Rotation, around: Around) -> dict[str, Any]:
    """Return a rotation; a live one has to be made `declarable` first. Raises Unsayable."""
    if value.since is not None:
        raise Unsayable("a rotation that rings from another time than its first turn on cannot be said")
    out: dict[str, Any] = {} if value.name is None else {"name": value.name}
    out["members"] = members(value.members)
    out["start"] = wall(value.start, weekday=True)
    out["every"] = every(value.every)
    if value.hours != ALWAYS:
        out["hours"] = hours(value.hours, around.hours)
    if value.until is not ABSENT:
        out["until"] = "none" if value.until is None else wall(value.until)
    return out


def members(value: Sequence[Ref | None]) -> list[str]:
    """Return who takes turns; a vacant turn is `nobody`. Raises Unsayable for no turn at all."""
    if not value:
        raise Unsayable("a rotation without anybody cannot be said")
    return [NOBODY if one is None else key_of(one) for one in value]


def declarable(live: Rotation, now: datetime, near: Rotation | None = None) -> Rotation:
    """Return what rings as `live` does from `now` (naive wall clock) on, in terms that a policy has.

    Turns of three weeks become three turns of one. Of all starts that do, it is the one of `near` (what is
    declared) if its handoffs are at the same times, so that only members differ; else one with which the members
    stand as in `near`, if there is one; else the nearest. `until` None is no end.

    Raises:
        Unsayable: turns of a length that no turns add up to, or a beginning in the middle of a turn.
    """
    near = near or live
    if not live.members:
        raise Unsayable("a rotation without anybody cannot be said")
    begins = rings_from(live)
    if len({*live.members}) == 1 and begins <= now and near.start <= now and near.every in TURNS:
        # Somebody alone never hands over: where turns begin means nothing.
        return replace(live, members=live.members[:1], start=near.start, every=near.every, since=None)
    length = _length(live.every)
    people = tuple(one for one in live.members for _ in range(live.every // length))
    if begins > now:
        if (begins - live.start) % length:
            raise Unsayable("a rotation that begins in the middle of a turn cannot be said")
        starts = [begins]
    else:
        starts = _starts(live.start, length, len(people), near.start, now)
    dealt = [(start, _dealt(people, (start - live.start) // length)) for start in starts]
    start, people = min(dealt, key=lambda one: _likeness(one, near))
    people = near.members if _same_turns(people, near.members) else people
    return replace(live, members=_shortest(people, near.members), start=start, every=length, since=None)


def _length(value: timedelta) -> timedelta:
    found = next((turn for turn in reversed(TURNS) if value and not value % turn), None)
    if found is None:
        every(value)
        raise AssertionError(value)
    return found


def _starts(anchor: datetime, length: timedelta, count: int, near: datetime, now: datetime) -> list[datetime]:
    """Return the starts of one cycle around `near`, all of them past; each is where a turn begins."""
    latest = anchor + (now - anchor) // length * length
    middle = min(anchor + (near - anchor) // length * length, latest)
    around = (middle + step * length for step in range(-count, count + 1))
    return [start for start in around if _FIRST <= start <= latest] or [latest]


def _dealt(people: _People, turn: int) -> _People:
    cut = turn % len(people)
    return people[cut:] + people[:cut]


def _likeness(one: tuple[datetime, _People], near: Rotation) -> tuple[bool, bool, timedelta, datetime]:
    start, people = one
    return (start != near.start, not _same_turns(people, near.members), abs(start - near.start), start)


def _same_turns(one: _People, other: _People) -> bool:
    return _period(one) == _period(other)


def _shortest(people: _People, near: _People) -> _People:
    """Return one cycle of members, unless they are what is declared already."""
    return people if people == near else _period(people)


def _period(people: _People) -> _People:
    count = len(people)
    sizes = (size for size in range(1, count + 1) if count % size == 0)
    return next((people[:size] for size in sizes if people == people[:size] * (count // size)), people)


def _assignment(value: Assignment) -> dict[str, Any]:
    out: dict[str, Any] = {
        "since": wall(value.since, weekday=True),
        "until": wall(value.until, weekday=True),
        "on_call": one_or_list([key_of(one) for one in value.on_call]),
    }
    for word, people in (("fallback", value.fallback), ("observers", value.observers)):
        if people:
            out[word] = one_or_list([key_of(one) for one in people])
    return out


def _override(value: Override) -> dict[str, Any]:
    out = {"since": wall(value.since), "until": wall(value.until), "user": key_of(value.user)}
    return out | ({} if value.instead_of is None else {"instead_of": key_of(value.instead_of)})
