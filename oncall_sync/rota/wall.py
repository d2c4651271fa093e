"""Wall clock and instants: the one place where DST is resolved.

`to_instant` never decreases as the wall clock advances, so wall-clock spans turn into spans of instants by their
edges alone: a span inside a skipped hour vanishes, and of an hour that happens twice the state at its end lasts
through the repetition.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_NONE = timedelta()
_ZERO = datetime.combine(date(1970, 1, 1), time())
_UTC_ZERO = _ZERO.replace(tzinfo=UTC)
_BLOCK = 8
"""Days whose offset is looked up at once."""


@lru_cache(maxsize=1024)
def zone_info(zone: str) -> ZoneInfo:
    """Return the zone of that IANA name, kept for the process.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: there is no such zone (a `KeyError`).
    """
    return ZoneInfo(zone)


def to_instant(wall: datetime, zone: str) -> datetime:
    """Return the aware UTC instant of a naive wall-clock time in `zone`.

    A time that DST skips means the first instant after the gap; one that happens twice means the first.
    """
    before = _steady(zone, wall.toordinal() // _BLOCK)
    if before is None:
        place = zone_info(zone)
        before = place.utcoffset(wall.replace(fold=0)) or _NONE
        after = place.utcoffset(wall.replace(fold=1)) or _NONE
        # The two readings differ only where clocks change, and only in a gap is the second offset the larger one.
        if after > before:
            return _end_of_gap(wall, place, before, after)
    return _UTC_ZERO + (wall - _ZERO - before)


@lru_cache(maxsize=8192)
def _steady(zone: str, block: int) -> timedelta | None:
    """Return the offset of some days in which clocks do not change, else `None`; it makes `to_instant` fast."""
    first, last = block * _BLOCK, block * _BLOCK + _BLOCK
    if first < 1 or last > date.max.toordinal():
        return None
    place = zone_info(zone)
    midnights = [datetime.combine(date.fromordinal(day), time()) for day in range(first, last + 1)]
    offsets = {place.utcoffset(wall.replace(fold=fold)) for wall in midnights for fold in (0, 1)}
    return offsets.pop() if len(offsets) == 1 else None


def _end_of_gap(wall: datetime, place: ZoneInfo, before: timedelta, after: timedelta) -> datetime:
    """Find the transition that skips `wall`: the second from which the offset is no longer `before`."""
    low = (wall - after).replace(tzinfo=UTC, microsecond=0, fold=0)
    first, last = 0, int((after - before).total_seconds()) + 1
    while last - first > 1:
        middle = (first + last) // 2
        if (low + middle * _SECOND).astimezone(place).utcoffset() == before:
            first = middle
        else:
            last = middle
    return low + last * _SECOND


def to_wall(instant: datetime, zone: str) -> datetime:
    """Return the naive wall-clock time that clocks in `zone` show at an aware instant."""
    return instant.astimezone(zone_info(zone)).replace(tzinfo=None, fold=0)


def wall_since(instant: datetime, zone: str) -> datetime:
    """Return a naive wall-clock time whose state holds at `instant` and is the earliest that still matters then.

    That is what clocks show, except while an hour happens for the second time: all of it has been, and its last
    whole minute is what lasts.
    """
    wall = to_wall(instant, zone)
    if to_instant(wall, zone) >= instant:
        return wall
    minutes, beyond = 0, _DAY // _MINUTE
    while beyond - minutes > 1:
        middle = (minutes + beyond) // 2
        if to_instant(wall + middle * _MINUTE, zone) <= instant:
            minutes = middle
        else:
            beyond = middle
    return wall + minutes * _MINUTE
