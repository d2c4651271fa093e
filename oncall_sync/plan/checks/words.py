"""When and who, in words: wall clocks of a zone, and lists that are cut before they bore."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from oncall_sync.plan.wording import duration
from oncall_sync.rota.hours import DAY_NAMES
from oncall_sync.rota.wall import zone_info

MOST_SPANS = 3
MOST_PEOPLE = 8


def span(since: datetime, until: datetime, zone: str) -> str:
    """Return `Sat 2026-11-28 18:00 to 19:00 Europe/Vienna`; the second day is named if it is another one."""
    begin, end = (at.astimezone(zone_info(zone)) for at in (since, until))
    same_day = begin.date() == end.date()
    return f"{_day(begin)} {_clock(begin)} to {'' if same_day else _day(end) + ' '}{_clock(end)} {zone}"


def moment(at: datetime, zone: str) -> str:
    """Return `Sat 2026-11-28 18:00 Europe/Vienna`."""
    local = at.astimezone(zone_info(zone))
    return f"{_day(local)} {_clock(local)} {zone}"


def wall(at: datetime) -> str:
    """Return a naive wall-clock time as `Sat 2026-11-28 18:00`."""
    return f"{_day(at)} {at:%H:%M}"


def _day(local: datetime) -> str:
    return f"{DAY_NAMES[local.weekday()]} {local:%Y-%m-%d}"


def _clock(local: datetime) -> str:
    """Return the time of day, with the offset where clocks show that time twice."""
    text = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return text
    offset = f"{local:%z}"
    return f"{text}{offset[:3]}:{offset[3:5]}"


def cut(texts: Sequence[str], most: int, between: str = "; ") -> str:
    """Join texts; of more than `most`, the first ones `and 12 more`."""
    return between.join(texts[:most]) + more(len(texts) - most, between)


def more(count: int, between: str) -> str:
    """Return the end of a list of which so many are not told; nothing if all are."""
    return f"{between}and {count} more" if count > 0 else ""


def days(found: Collection[int]) -> str:
    """Name weekdays (0 = Monday): `Mon-Fri`, `Mon+Wed`."""
    listed = sorted(found)
    if len(listed) > 2 and listed[-1] - listed[0] == len(listed) - 1:
        return f"{DAY_NAMES[listed[0]]}-{DAY_NAMES[listed[-1]]}"
    return "+".join(DAY_NAMES[day] for day in listed)


def persons(count: int) -> str:
    """Return `nobody`, `1 person`, `2 people`."""
    return {0: "nobody", 1: "1 person"}.get(count, f"{count} people")


def verb(count: int) -> str:
    """Return the `is` or `are` of so many people."""
    return "is" if count <= 1 else "are"


def lasting(value: timedelta) -> str:
    """Return a length of time to the minute: `2d 6h 15m`; under a minute, `0m`."""
    hours, minutes = divmod(int(value.total_seconds()) // 60, 60)
    days_, hours = divmod(hours, 24)
    parts = [f"{count}{unit}" for count, unit in ((days_, "d"), (hours, "h"), (minutes, "m")) if count]
    return " ".join(parts) or "0m"


_LONG = 3 * 3600  # seconds from which on minutes alone are hard to read


def exactly(value: timedelta) -> str:
    """Return a duration as policies write it (`90m`, `2d`), or in several units (`1d 20h 47m`), to the second."""
    seconds = round(value.total_seconds())
    short = duration(value)
    if seconds % 60 == 0 and (seconds < _LONG or not short.endswith("m")):
        return short
    minutes, rest = divmod(seconds, 60)
    whole = lasting(value) if seconds >= _LONG else f"{minutes}m" if minutes else ""
    return " ".join(part for part in (whole, f"{rest}s" if rest else "") if part)
