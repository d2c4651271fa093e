"""The small words, written: what `words` reads back as the same duration, time, hours or days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from oncall_sync.model import Hours, Ref, Urgency
from oncall_sync.rota.hours import DAY_NAMES, complement, in_words
from oncall_sync.rota.least import written

from .words import FIRST_YEAR, LAST_YEAR, LONGEST_DURATION

TURNS: Final = tuple(timedelta(hours=hours) for hours in (12, 24, 48, 168, 336))
"""How long a turn may last, shortest first."""

_MINUTE: Final = timedelta(minutes=1)
_TURN_UNITS: Final = ((7 * 24 * 60, " week"), (24 * 60, " day"), (60, "h"))
_UNITS: Final = ((7 * 24 * 60, " week"), (24 * 60, "d"), (60, "h"), (1, "m"))


class Unsayable(ValueError):
    """The policy language has no words for something; `str(error)` says for what, and what to do instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a file says already, so that its resources need not: its defaults, and what may be called by a name.

    Attributes:
        provider: the default provider of the file; likewise `time_zone` and `team` (a key).
        hours: named hours that may be used, by name.
        rules: urgency rules that may be used, by key.
    """

    provider: str | None = None
    time_zone: str | None = None
    team: str | None = None
    hours: Mapping[str, Hours] = field(default_factory=dict)
    rules: Mapping[str, Urgency] = field(default_factory=dict)


def key_of(ref: Ref) -> str:
    """Return the key that a reference is written as. Raises Unsayable for what is not declared."""
    if ref.remote:
        raise Unsayable(f"it names a {ref.kind.replace('_', ' ')} that no policy declares: declare it first")
    return ref.key


def duration(value: timedelta) -> str:
    """Return a duration in its largest unit: `15m`, `4h`, `2d`, `1 week`. Raises Unsayable."""
    minutes, seconds = divmod(value, _MINUTE)
    if seconds or not 0 < minutes <= LONGEST_DURATION:
        raise Unsayable(f"{value} is no duration that policies can say: whole minutes, at most ten years")
    return _counted(minutes, _UNITS)


def every(value: timedelta) -> str:
    """Return how long a turn lasts: `12h`, `1 day`, `2 weeks`. Raises Unsayable for turns of another length."""
    if value not in TURNS:
        raise Unsayable(f"turns of {_length(value)} cannot be said: 12h, 1 day, 2 days, 1 week or 2 weeks can")
    return _counted(value // _MINUTE, _TURN_UNITS)


def wall(value: datetime, *, weekday: bool = False) -> str:
    """Return a naive wall-clock time to the minute, with its weekday in front if asked for. Raises Unsayable."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Unsayable(f"the year {value.year} cannot be said: {FIRST_YEAR} to {LAST_YEAR} can")
    return written(value) if weekday else f"{value:%Y-%m-%d %H:%M}"


def day_or_wall(value: datetime) -> str:
    """Return a wall-clock time, a midnight as its date alone. Raises Unsayable."""
    return wall(value).removesuffix(" 00:00")


def hours(value: Hours, named: Mapping[str, Hours]) -> Any:
    """Return hours by a name, as all but those of a name, or in windows and spans. Raises Unsayable for none."""
    if not value.spans:
        raise Unsayable("hours that hold no minute of the week cannot be said")
    for name, known in named.items():
        if known == value:
            return name
    for name, known in named.items():
        if complement(known) == value:
            return {"outside": name}
    return one_or_list(in_words(value).split(", "))


def days(value: frozenset[int]) -> str:
    """Return weekdays: `Mon-Fri`, `Mon+Wed`, `Mon-Wed+Fri`. Raises Unsayable for no day at all."""
    if not value:
        raise Unsayable("nobody works on no day at all: such days cannot be said")
    runs: list[list[int]] = []
    for day in sorted(value):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return "+".join(_run(run) for run in runs)


def one_or_list(values: list[Any]) -> Any:
    """Return a list, or the one item of a list of one."""
    return values[0] if len(values) == 1 else values


def _run(run: list[int]) -> str:
    if len(run) > 2:
        return f"{DAY_NAMES[run[0]]}-{DAY_NAMES[run[-1]]}"
    return "+".join(DAY_NAMES[day] for day in run)


def _counted(minutes: int, units: tuple[tuple[int, str], ...]) -> str:
    size, unit = next((size, unit) for size, unit in units if minutes % size == 0)
    count = minutes // size
    return f"{count}{unit}s" if count != 1 and unit.startswith(" ") else f"{count}{unit}"


def _length(value: timedelta) -> str:
    try:
        return duration(value)
    except Unsayable:
        return str(value)
