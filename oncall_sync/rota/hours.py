"""Parts of the week: the algebra of `Hours`, and their shortest policy text.

Everything here is in wall-clock minutes since Monday 00:00 and knows no dates, zones or DST.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from oncall_sync.model import ALWAYS, WEEK, Hours

DAY = 24 * 60
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NEVER = Hours(())


def merge(spans: Iterable[tuple[int, int]]) -> Hours:
    """Return the canonical `Hours` that hold exactly the minutes of `spans`.

    Spans are half open, `(start, end)` in minutes since Monday 00:00, in any order and overlapping as they like;
    either side may lie outside one week (it is cyclic). Empty spans vanish; a span of a week or more is `ALWAYS`.

    Raises:
        ValueError: a span ends before it starts.
    """
    flat: list[tuple[int, int]] = []
    for start, end in spans:
        if end < start:
            raise ValueError(f"a span of the week ends before it starts: {start}-{end}")
        if end - start >= WEEK:
            return ALWAYS
        first = start % WEEK
        last = first + end - start
        flat.append((first, min(last, WEEK)))
        if last > WEEK:
            flat.append((0, last - WEEK))
    return _close(_sweep(flat))


def _sweep(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sort and join linear spans that overlap or touch."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if start == end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _close(spans: list[tuple[int, int]]) -> Hours:
    """Join what meets at the end of the week: the last span takes in the first."""
    if len(spans) > 1 and spans[0][0] == 0 and spans[-1][1] == WEEK:
        head, *middle, tail = spans
        return Hours((*middle, (tail[0], WEEK + head[1])))
    return Hours(tuple(spans))


def linear(hours: Hours) -> list[tuple[int, int]]:
    """Return the spans cut at the end of the week: sorted, disjoint, all within `0..WEEK`."""
    if not hours.spans or hours.spans[-1][1] <= WEEK:
        return list(hours.spans)
    start, end = hours.spans[-1]
    return [(0, end - WEEK), *hours.spans[:-1], (start, WEEK)]


def union(*hours: Hours) -> Hours:
    """Return every minute that at least one of `hours` holds; `NEVER` for none at all."""
    return merge(span for each in hours for span in each.spans)


def complement(hours: Hours) -> Hours:
    """Return every minute that `hours` does not hold."""
    free: list[tuple[int, int]] = []
    at = 0
    for start, end in linear(hours):
        free.append((at, start))
        at = end
    free.append((at, WEEK))
    return merge(free)


def intersection(a: Hours, b: Hours) -> Hours:
    """Return every minute that both `a` and `b` hold."""
    left, right = linear(a), linear(b)
    shared: list[tuple[int, int]] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            shared.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return merge(shared)


def overlaps(a: Hours, b: Hours) -> bool:
    """Tell whether there is a minute that both hold; hours that only touch do not overlap."""
    return bool(intersection(a, b).spans)


def contains(hours: Hours, minute: int) -> bool:
    """Tell whether `hours` hold that minute (since Monday 00:00, taken modulo the week)."""
    at = minute % WEEK
    return any(start <= at < end or start <= at + WEEK < end for start, end in hours.spans)


def minute_of_week(wall: datetime) -> int:
    """Return the whole minutes since Monday 00:00 of a naive wall-clock time."""
    return wall.weekday() * DAY + wall.hour * 60 + wall.minute


def in_words(hours: Hours) -> str:
    """Return the shortest policy text that the policy reader turns back into the same `hours`.

    Windows of up to a day are grouped by their times (`Mon-Fri 09:00-18:00`, `Mon+Wed 22:00-06:00`), longer ones
    are spans (`Fri 18:00 - Mon 09:00`); several are joined by `, ` in the order of the week. The whole week is
    `always`; `never`, which no policy needs, is for messages.
    """
    if hours == ALWAYS:
        return "always"
    if not hours.spans:
        return "never"
    windows: dict[tuple[int, int], list[int]] = {}
    texts: dict[tuple[int, int], str] = {}
    for start, end in hours.spans:
        if end - start > DAY:
            texts[start, end] = f"{_day(start)} {_clock(start)} - {_day(end)} {_clock(end)}"
        else:
            windows.setdefault((start % DAY, end - start), []).append(start // DAY)
    for (at, length), days in windows.items():
        begin = days[0] * DAY + at
        texts[begin, begin + length] = f"{_days(days)} {_clock(at)}-{_clock(at + length)}"
    return ", ".join(texts[key] for key in sorted(texts))


def _day(minute: int) -> str:
    return DAY_NAMES[minute // DAY % 7]


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _days(days: list[int]) -> str:
    """Name sorted weekdays: a range from three in a row on, else one by one, as the reader takes no mixture."""
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{DAY_NAMES[days[0]]}-{DAY_NAMES[days[-1]]}"
    return "+".join(DAY_NAMES[day] for day in days)
