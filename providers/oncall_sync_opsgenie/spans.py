"""What is written in `opsgenie:` blocks about time: durations, and hours of the week.

The forms are those of the policy language; a block is checked by its adapter, which is not to know that language's
reader.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from oncall_sync.model import ALWAYS, WEEK, Hours
from oncall_sync.rota.hours import DAY, DAY_NAMES, merge

from .convert_schedule import DAYS

_SPAN: Final = re.compile(r"(\d+) ?(d|day|days|h|hour|hours|m|min|minute|minutes)")
_UNITS: Final = {"d": 24 * 60, "h": 60, "m": 1}
_DASHES: Final = re.compile(r" *[-\u2010-\u2015\u2212] *")
_WINDOW: Final = re.compile(r"(?P<days>[a-z+-]+) (?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)")
_LONG: Final = re.compile(r"(?P<first>[a-z]+) (?P<start>\d\d:\d\d)-(?P<last>[a-z]+) (?P<end>\d\d:\d\d)")
_DAYS: Final = {
    **{name.lower(): number for number, name in enumerate(DAY_NAMES)},
    **{name: number for number, name in enumerate(DAYS)},
}
_EXAMPLE: Final = "write hours such as Mon-Fri 09:00-18:00 or Fri 18:00 - Mon 09:00"


def minutes_of(text: str) -> int:
    """Return a duration such as `10m` or `2 hours` in minutes. Raises ValueError."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a duration in minutes, hours or days; write one such as 10m")
    return int(found[1]) * _UNITS[found[2][0]]


def parse_hours(text: str) -> Hours:
    """Return parts of the week, several of them joined by commas; `always` is all of it. Raises ValueError."""
    plain = _DASHES.sub("-", " ".join(text.lower().split()))
    if plain == "always":
        return ALWAYS
    return merge(span for part in plain.split(",") for span in _spans(part.strip(), text))


def duration_words(span: timedelta) -> str:
    """Return a duration as people write it: `1h30m`, `15m`, `45s`."""
    left = round(span.total_seconds())
    parts = []
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0m"


def _spans(part: str, text: str) -> list[tuple[int, int]]:
    if window := _WINDOW.fullmatch(part):
        start, end = _clock(window["start"], text), _clock(window["end"], text)
        length = end - start if end > start else end - start + DAY
        return [(day * DAY + start, day * DAY + start + length) for day in _days(window["days"], text)]
    if long := _LONG.fullmatch(part):
        start = _day(long["first"], text) * DAY + _clock(long["start"], text)
        end = _day(long["last"], text) * DAY + _clock(long["end"], text)
        if start % WEEK == end % WEEK:
            raise ValueError(f"{text!r} ends where it begins; write always for the whole week")
        return [(start, end if end > start else end + WEEK)]
    raise ValueError(f"{text!r} are not hours; {_EXAMPLE}")


def _days(names: str, text: str) -> list[int]:
    found: set[int] = set()
    for part in names.split("+"):
        first, *rest = [_day(name, text) for name in part.split("-")]
        if len(rest) > 1:
            raise ValueError(f"{text!r} has two ranges of days in one; {_EXAMPLE}")
        last = rest[0] if rest else first
        found.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return sorted(found)


def _day(name: str, text: str) -> int:
    if name not in _DAYS:
        raise ValueError(f"{text!r} has no day {name!r}; write Mon, Tue, Wed, Thu, Fri, Sat or Sun")
    return _DAYS[name]


def _clock(text: str, whole: str) -> int:
    hours, minutes = int(text[:2]), int(text[3:])
    if minutes > 59 or hours * 60 + minutes > DAY:
        raise ValueError(f"{whole!r} has no time of day {text!r}; a day is from 00:00 to 24:00")
    return hours * 60 + minutes
