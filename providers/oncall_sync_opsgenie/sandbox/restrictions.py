"""When a time restriction lets something through. Source: Opsgenie API description: TimeRestrictionInterval.

Times are those of a clock on the wall; `criteria.py` says what restrictions look like.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .criteria import DAYS, TIME_OF_DAY
from .times import DAY, WEEK, Span, instant_of, wall

Restriction = Mapping[str, Any]


def open_spans(restriction: Restriction | None, zone: ZoneInfo, since: datetime, until: datetime) -> list[Span]:
    """The time within `since` to `until` (aware) that a stored restriction leaves: in order, disjoint, joined.

    A window whose end is not after its start reaches into the next day, or with weekdays into the next week; one
    that ends where it starts lasts a whole day or week (inferred). None restricts nothing.
    """
    if since >= until:
        return []
    if restriction is None:
        return [(since, until)]
    found: list[Span] = []
    for first, last in sorted(_openings(restriction, zone, since, until)):
        start, end = max(first, since), min(last, until)
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def is_open(restriction: Restriction | None, zone: ZoneInfo, at: datetime) -> bool:
    """Whether it lets something through at that instant."""
    return bool(open_spans(restriction, zone, at, at + timedelta(microseconds=1)))


def _openings(restriction: Restriction, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[Span]:
    """Every window that may touch the time asked for."""
    first, last = wall(since, zone).date(), wall(until, zone).date()
    if restriction["type"] == TIME_OF_DAY:
        window = restriction["restriction"]
        start, end = _clock(window, "start"), _clock(window, "end")
        length = (end - start) % DAY or DAY
        yield from _repeated(first - 2 * DAY, last + DAY, DAY, (start, length), zone)
        return
    monday = first - first.weekday() * DAY
    for window in restriction["restrictions"]:
        start, end = (DAYS.index(window[f"{edge}Day"]) * DAY + _clock(window, edge) for edge in ("start", "end"))
        length = (end - start) % WEEK or WEEK
        yield from _repeated(monday - WEEK, last + DAY, WEEK, (start, length), zone)


def _repeated(
    day: date, last: date, step: timedelta, window: tuple[timedelta, timedelta], zone: ZoneInfo
) -> Iterator[Span]:
    start, length = window
    while day <= last:
        opens = datetime.combine(day, time()) + start
        yield instant_of(opens, zone), instant_of(opens + length, zone)
        day += step


def _clock(window: Mapping[str, Any], edge: str) -> timedelta:
    return timedelta(hours=window[f"{edge}Hour"], minutes=window[f"{edge}Min"])
