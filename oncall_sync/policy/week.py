"""Words for parts of the week: days, times of day, hours, moments.

Part of `oncall_sync.policy.words`, where the rest of the code takes them from.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from oncall_sync.model import ALWAYS, WEEK, Hours
from oncall_sync.rota.hours import DAY, DAY_NAMES, merge

from .wording import WordError, did_you_mean, shown, word

LONG_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAYS: Final = (
    {name.lower(): day for day, name in enumerate(DAY_NAMES)}
    | {name.lower(): day for day, name in enumerate(LONG_NAMES)}
    | {"tues": 1, "thur": 3, "thurs": 3}
)
_DAY_WORDS: Final = {
    **dict.fromkeys(("weekdays", "workdays", "working days"), "Mon-Fri"),
    **dict.fromkeys(("weekend", "weekends"), "Sat+Sun"),
    **dict.fromkeys(("daily", "every day", "all", "*"), "Mon-Sun"),
}
_ALWAYS_WORDS: Final = ("24h", "24/7", "24x7", "24-7", "all", "anytime", "all day", "round the clock")

_DASHES: Final = re.compile(r" *[-\u2010-\u2015\u2212] *")
_CLOCK: Final = re.compile(r"([0-9]{2}):([0-5][0-9])")
_LOOSE_CLOCK: Final = re.compile(r"([0-9]{1,2})(?:[:.h]?([0-5][0-9]))?(?::[0-9]{2})? ?(am|pm|h|uhr)?")
_TIMES: Final = re.compile(r"([^0-9]*)([0-9][0-9:.]*(?: ?[ap]m\b)?)-([^0-9]*)([0-9][0-9:.]*(?: ?[ap]m\b)?)")
_MOMENT: Final = re.compile(r"([^0-9]+) (\S.*)")


class Moment(NamedTuple):
    """A minute of the week by wall clock: `day` 0 = Monday, `minute` since that day's midnight."""

    day: int
    minute: int

    @property
    def of_week(self) -> int:
        """Return the minutes since Monday 00:00."""
        return self.day * DAY + self.minute


def weekday(name: str) -> int:
    """Return 0 for `Mon` or `monday`, and so on. Raises WordError."""
    plain = name.strip().lower().rstrip(".")
    if not plain:
        raise WordError("a day is missing: write days as Mon, Mon-Fri or Mon+Wed")
    if plain not in _DAYS:
        likely = did_you_mean(plain, (*DAY_NAMES, *LONG_NAMES))
        raise WordError(f"{shown(name)} is not a day{likely}: write Mon, Tue, Wed, Thu, Fri, Sat or Sun")
    return _DAYS[plain]


def days(value: object) -> frozenset[int]:
    """Return weekdays, 0 = Monday: `Mon`, `Mon-Fri`, `Sat-Mon` (over the weekend), `Mon-Wed+Fri`, in any case."""
    text = word(value, "days such as Mon-Fri or Mon+Wed")
    plain = " ".join(text.lower().split())
    if plain in _DAY_WORDS:
        raise WordError(f"{shown(text)} is not a word for days: write {_DAY_WORDS[plain]}")
    if "," in plain or " and " in plain or "&" in plain:
        parts = [part.strip().capitalize() for part in re.split(r",|&|\band\b", plain)]
        raise WordError(f"days are joined by +: write {shown('+'.join(filter(None, parts)))}")
    found: set[int] = set()
    for part in _dashed(plain).split("+"):
        first, *rest = [weekday(name) for name in part.split("-")]
        if len(rest) > 1:
            raise WordError(
                f"{shown(text)} has two ranges in one: write Mon-Fri for a range, Mon+Wed+Fri for single days"
            )
        last = rest[0] if rest else first
        found.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return frozenset(found)


def clock(value: object, *, end: bool = False) -> int:
    """Return the minutes since midnight of `HH:MM`; `24:00` only where something ends (`end=True`)."""
    text = word(value, "a time of day such as 09:00")
    found = _CLOCK.fullmatch(text)
    if not found:
        raise WordError(f"{shown(text)} is not a time of day: write {_likely_clock(text)}")
    minutes = int(found[1]) * 60 + int(found[2])
    if minutes > DAY:
        raise WordError(f"{shown(text)} is not on the clock: a day is from 00:00 to 24:00")
    if minutes == DAY and not end:
        raise WordError("'24:00' can only end something: write 00:00 of the next day")
    return minutes


def hours(value: object) -> Hours:
    """Return parts of the week.

    A window, `Mon-Fri 09:00-18:00`, belongs to the days it starts on; an end at or before its start is on the next
    day. A span, `Fri 18:00 - Mon 09:00`, runs from one day to another. Several are joined by commas. `always` is
    the whole week.
    """
    text = word(value, "hours such as Mon-Fri 09:00-18:00")
    plain = _dashed(" ".join(text.lower().split()))
    if plain == "always":
        return ALWAYS
    if plain in _ALWAYS_WORDS:
        raise WordError(f"{shown(text)} is not a word for hours: write always, or leave the hours out")
    if plain in ("never", "none", "nobody"):
        raise WordError(f"{shown(text)} would ring nobody at any time: write hours such as Mon-Fri 09:00-18:00")
    return merge(span for part in plain.split(",") for span in _spans(part.strip()))


def moment(value: object) -> Moment:
    """Return a minute of the week: `sat 03:00`, in any case."""
    text = word(value, "a weekday and a time such as sat 03:00")
    found = _MOMENT.fullmatch(" ".join(text.split()))
    if not found:
        raise WordError(f"{shown(text)} is not a weekday and a time: write it as sat 03:00")
    return Moment(weekday(found[1]), clock(found[2]))


def _dashed(text: str) -> str:
    """Make every dash, whichever keyboard it comes from, a bare hyphen."""
    return _DASHES.sub("-", text)


def _spans(text: str) -> list[tuple[int, int]]:
    found = _TIMES.fullmatch(text)
    if not found:
        raise WordError(_not_hours(text))
    head, tail = found[1].strip(), found[3].strip()
    start, end = clock(found[2]), clock(found[4], end=True)
    if not head:
        raise WordError(
            f"{shown(text)} does not say on which days: write {shown(f'Mon-Sun {found[2]}-{found[4]}')}"
        )
    if not tail:
        length = end - start if end > start else end - start + DAY
        return [(day * DAY + start, day * DAY + start + length) for day in sorted(days(head))]
    first, last = days(head), days(tail)
    if len(first) > 1 or len(last) > 1:
        raise WordError(
            f"{shown(text)} is neither a window nor a span: write Mon-Thu 18:00-09:00 for a window on each of "
            "several days, Fri 18:00 - Mon 09:00 for one span"
        )
    begins, ends = min(first) * DAY + start, min(last) * DAY + end
    if begins % WEEK == ends % WEEK:
        raise WordError(f"{shown(text)} ends where it begins: write always for the whole week")
    return [(begins, ends if ends > begins else ends + WEEK)]


def _not_hours(text: str) -> str:
    if not text:
        return "there is a comma too many: write hours such as Mon-Fri 09:00-18:00"
    try:
        days(text)
    except WordError:
        return f"{shown(text)} are not hours: write Mon-Fri 09:00-18:00, Fri 18:00 - Mon 09:00 or always"
    named = "+".join("-".join(map(str.capitalize, part.split("-"))) for part in text.split("+"))
    several = "" if "+" in named else ", or Mon+Wed 09:00-18:00 for several days"
    return f"{shown(text)} has no times: write {shown(f'{named} 09:00-18:00')}{several}"


def _likely_clock(text: str) -> str:
    """Guess the time that somebody meant, or give an example."""
    found = _LOOSE_CLOCK.fullmatch(text.lower())
    if not found:
        return "it as 09:00"
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] == "pm" and hour < 12:
        hour += 12
    elif found[3] == "am" and hour == 12:
        hour = 0
    return f"{hour:02}:{minute:02}" if hour < 24 else "it as 09:00"
