"""The small words of the policy language: durations, days, times, hours, zones, addresses.

Each function takes a value as it stands in YAML and returns what it means, or raises `WordError`, whose message
says what is wrong and what to write instead. None of them looks at a clock.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from oncall_sync.model import WEEK
from oncall_sync.rota.hours import DAY

from .week import LONG_NAMES, Moment, clock, days, hours, moment, weekday
from .wording import WordError, did_you_mean, shown, word
from .zones import zone

__all__ = [
    "Moment",
    "WordError",
    "clock",
    "days",
    "duration",
    "email",
    "every",
    "hours",
    "moment",
    "wall",
    "zone",
]

LONGEST_DURATION: Final = 3660 * DAY
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
LONGEST_EMAIL: Final = 254

_UNITS: Final = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 1),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 60),
    **dict.fromkeys(("d", "day", "days"), DAY),
    **dict.fromkeys(("w", "wk", "week", "weeks"), WEEK),
}
_SECONDS: Final = ("s", "sec", "secs", "second", "seconds")
_TURNS: Final = (DAY // 2, DAY, 2 * DAY, WEEK, 2 * WEEK)
_TURN_WORDS: Final = {"daily": DAY, "weekly": WEEK}
_TURN_CHOICES: Final = "12h, 1 day, 2 days, 1 week or 2 weeks"

_DURATION: Final = re.compile(r"([0-9]{1,9}) ?([a-z]+)")
_PARTS: Final = re.compile(r"(?:([0-9]{1,3}) ?h[a-z]* ?)([0-9]{1,3}) ?m?[a-z]*")
_DECIMAL: Final = re.compile(r"([0-9]{1,4}[.,][0-9]{1,4}) ?([a-z]+)")
_ISO: Final = re.compile(r"pt?([0-9]{1,6})([mhdw])")
_WALL: Final = re.compile(
    r"(?:([a-z]+)\.?,? )?([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[t ]([0-9:.]+)( ?(?:z|utc|gmt)| ?(?:utc|gmt)?[+-][0-9:]+)?)?"
)
_LABEL: Final = re.compile(r"[^\W_](?:(?:[^\W_]|-)*[^\W_])?")


def duration(value: object) -> timedelta:
    """Return a positive number of whole minutes, at most ten years: `15m`, `4h`, `2 days`, `1 week`."""
    if isinstance(value, int) and not isinstance(value, bool):
        raise WordError(_no_unit(str(value) if 0 < value < 10**6 else "15"))
    text = word(value, "a duration such as 15m, 4h, 2d or 1 week")
    found = _DURATION.fullmatch(text.lower())
    if not found:
        raise WordError(_not_a_duration(text))
    count, unit = int(found[1]), found[2]
    if unit in _SECONDS:
        raise WordError(
            f"{shown(text)} counts seconds, but pagers count minutes: write {max(1, -(-count // 60))}m"
        )
    if unit not in _UNITS:
        forms = f"{count}m, {count}h, {count}d or {count}w"
        raise WordError(f"{shown(unit)} is not a unit of time{did_you_mean(unit, _UNITS)}: write {forms}")
    if not count:
        raise WordError(f"{shown(text)} is no time at all: write at least 1m, or leave it out")
    minutes = count * _UNITS[unit]
    if minutes > LONGEST_DURATION:
        raise WordError(f"{shown(text)} is more than ten years: write less, or leave it out")
    return timedelta(minutes=minutes)


def every(value: object) -> timedelta:
    """Return how long a turn lasts: 12 hours, 1 or 2 days or weeks, in any spelling (`24h`, `7d`, `weekly`)."""
    if isinstance(value, int) and not isinstance(value, bool):
        raise WordError(f"a turn needs a unit: write {_TURN_CHOICES}")
    text = word(value, f"how long a turn lasts: {_TURN_CHOICES}")
    plain = text.lower()
    if plain in _TURN_WORDS:
        return timedelta(minutes=_TURN_WORDS[plain])
    if plain in ("biweekly", "bi-weekly", "fortnightly"):
        raise WordError(f"{shown(text)} does not say the same to everybody: write 2 weeks")
    try:
        length = duration(text)
    except WordError:
        raise WordError(f"{shown(text)} is not how long a turn lasts: write {_TURN_CHOICES}") from None
    if length // timedelta(minutes=1) not in _TURNS:
        raise WordError(f"a turn cannot last {shown(text)}: write {_TURN_CHOICES}")
    return length


def wall(value: object, *, dates: bool = False) -> datetime:
    """Return a naive wall-clock time to the minute: `2026-01-05 09:00`, or with a T, or with a weekday in front.

    The weekday is checked. With `dates`, a date alone means its midnight. Years are 1970 to 2199, so that turns
    can be counted from any of them.
    """
    form = "2026-01-05 09:00" + (", or 2026-01-05 for its midnight" if dates else "")
    text = word(value, f"a date and time such as {form}")
    found = _WALL.fullmatch(" ".join(text.lower().split()))
    if not found:
        raise WordError(f"{shown(text)} is not a date and time: write it as {form}")
    name, time, offset = found[1], found[5], found[6]
    day = _date(text, int(found[2]), int(found[3]), int(found[4]))
    date = f"{day:%Y-%m-%d}"
    right = LONG_NAMES[day.weekday()]
    if name and weekday(name) != day.weekday():
        wrong = LONG_NAMES[weekday(name)]
        raise WordError(f"{date} is a {right}, not a {wrong}: write {right[:3]} {date}, or another date")
    if offset:
        raise WordError(
            f"{shown(text)} has an offset, but times are wall clock in the time_zone: write {date} {time[:5]}"
        )
    if not time and not dates:
        raise WordError(f"{shown(text)} has no time of day: write {date} 09:00")
    return day + timedelta(minutes=clock(time) if time else 0)


def email(value: object) -> str:
    """Return an address of the plain form `name@host.domain`; nothing is looked up."""
    text = word(value, "an address such as anna@example.com")
    name, _, host = text.rpartition("@")
    fine = (
        len(text) <= LONGEST_EMAIL
        and text.isprintable()
        and name
        and not set(name) & set(' @"<>(),:;[]\\')
        and "." in host
        and all(_LABEL.fullmatch(label) for label in host.split("."))
    )
    if not fine:
        raise WordError(f"{shown(text)} is not an email address: write it as anna@example.com")
    return text


def _no_unit(count: str) -> str:
    return f"{count} has no unit: write {count}m for minutes or {count}h for hours"


def _not_a_duration(text: str) -> str:
    plain = text.lower()
    if re.fullmatch(r"[0-9]{1,9}", plain):
        return _no_unit(plain)
    if found := _PARTS.fullmatch(plain):
        return f"{shown(text)} is two durations: write {int(found[1]) * 60 + int(found[2])}m"
    if found := _DECIMAL.fullmatch(plain):
        minutes = round(float(found[1].replace(",", ".")) * _UNITS.get(found[2], 0))
        return (
            f"{shown(text)} is not a whole number: write {f'{minutes}m' if minutes else 'it in minutes, as 90m'}"
        )
    if found := _ISO.fullmatch(plain):
        return f"{shown(text)} is not how durations are written here: write {found[1]}{found[2]}"
    return f"{shown(text)} is not a duration: write a number and a unit, as 15m, 4h, 2d or 1 week"


def _date(text: str, year: int, month: int, day: int) -> datetime:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise WordError(
            f"{shown(text)} is too far away: write a year from {FIRST_YEAR} to {LAST_YEAR}, or leave it out"
        )
    try:
        return datetime(year, month, day)  # noqa: DTZ001 - wall clock has no zone
    except ValueError:
        raise WordError(f"{shown(text)} is not in the calendar: write a day that there is") from None
