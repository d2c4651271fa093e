"""Instants: what the API reads, how it writes them back, and what clocks on the wall make of them.

Reads ISO 8601 with any offset, writes UTC. Source: Opsgenie docs; recorded answers for the milliseconds.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

HALF_HOUR: Final = timedelta(minutes=30)
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(weeks=1)
_SECOND: Final = timedelta(seconds=1)
_YEARS: Final = (1900, 9000)
"""Far enough from the ends of the calendar that a rendering cannot run out of it."""

Span = tuple[datetime, datetime]
"""From, up to but not including; aware, in UTC."""


def parse(text: object) -> datetime | None:
    """The instant that `text` names, aware, in UTC; None if it names none. Without an offset it is UTC's.

    A blank before the offset is the plus sign of a query that was not escaped.
    """
    if not isinstance(text, str) or "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        return _in_utc(moment) if _YEARS[0] <= moment.year <= _YEARS[1] else None
    except ValueError:
        return None


def parse_day(text: object, zone: ZoneInfo) -> date | None:
    """The day in `zone` that a date, or a date with a time, names (recorded: both are asked for)."""
    moment = parse(text)
    if moment is not None:
        return moment.astimezone(zone).date()
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        return None
    return day if _YEARS[0] <= day.year <= _YEARS[1] else None


def instant(stored: str) -> datetime:
    """The instant of a stored stamp."""
    return datetime.fromisoformat(stored)


def stamp(moment: datetime) -> str:
    """`2026-11-21T09:00:00Z`; milliseconds only where there are any (recorded)."""
    moment = moment.astimezone(UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    milliseconds = moment.microsecond // 1000
    return f"{text}.{milliseconds:03}Z" if milliseconds else f"{text}Z"


def to_half_hour(moment: datetime, zone: ZoneInfo) -> datetime:
    """The nearest time that shows :00 or :30 (API description), by the clock of `zone` (inferred).

    In the middle it is the later one (inferred).
    """
    local = moment.astimezone(zone)
    into = timedelta(minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond)
    return moment - into + (HALF_HOUR if into >= HALF_HOUR / 2 else timedelta())


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """The zone of that name; KeyError if there is none."""
    return ZoneInfo(name)


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """What clocks in `zone` show, naive."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def instant_of(shown: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which clocks in `zone` show the naive `shown`, or have jumped past it (inferred).

    So what is shown twice is its first time, what is skipped the first instant after the gap. It never decreases
    as `shown` grows: turns and windows cannot run backwards.
    """
    moment = _in_utc(shown.replace(tzinfo=zone))
    if wall(moment, zone) == shown:
        return moment
    # Skipped: read with the offset of after the gap it is too early, with the one of before too late.
    early = _in_utc(shown.replace(tzinfo=zone, fold=1))
    old = early.astimezone(zone).utcoffset()
    while moment - early > _SECOND:
        middle = early + (moment - early) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == old:
            early = middle
        else:
            moment = middle
    return moment.replace(microsecond=0)


def _in_utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(UTC)
