"""Who is on call when: layers, restrictions and overrides of a legacy schedule, rendered.

Sources: the vendor's knowledge base and API description for the rules (one user at a time, higher layers
win, overrides beat layers, the later override wins), public recordings of real accounts for the rest. Proven
by recordings: the layer order, weekly wall-clock turns over a clock change, restrictions that mask without
shifting the rotation, adjacent turns of one user as one entry. What no recording shows is marked *inferred*.

Standard library only, and no code of the adapter or the core: renderers that share code are wrong together.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

TURNS: Literal["wall", "elapsed"] = "wall"
"""Which clock counts turns.

`wall`: turn k starts when the schedule's own clock shows virtual start + k turns, so a hand-off keeps its hour
and a day has 23 or 25 hours when clocks change. `elapsed`: every turn lasts exactly its seconds and hand-offs
wander. Proven: a recorded weekly rotation over a spring change fits `wall` in six entries of six, `elapsed` in
two. Inferred: that turns of a day or less follow the same clock, and what happens inside the changed hour itself
(see `instant_of`). Restrictions are times of day and therefore always on the wall clock.
"""

_DAY = timedelta(days=1)


class Entry(NamedTuple):
    """One user on call from `start` up to, not including, `end`; both aware, in UTC; never empty."""

    start: datetime
    end: datetime
    user_id: str


class _Span(NamedTuple):
    start: datetime
    end: datetime


_Timed = TypeVar("_Timed", _Span, Entry)


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which clocks in `zone` show the naive `wall` or have jumped past it (inferred).

    So a time that happens twice is its first occurrence, a skipped one the first instant after the gap.
    Never decreases when `wall` grows, so turns and windows cannot overlap or run backwards.
    """
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    before = wall.replace(tzinfo=zone, fold=1).astimezone(
        UTC
    )  # in a gap, fold 1 reads too early and fold 0 too late
    old_offset = before.astimezone(zone).utcoffset()
    while instant - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(instant - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == old_offset:
            before = middle
        else:
            instant = middle
    return instant.replace(microsecond=0)


def render_layer(layer: Mapping[str, Any], zone: str, since: datetime, until: datetime) -> list[Entry]:
    """The shifts of one stored layer between `since` and `until` (aware), in order and cut at both.

    Turns count from `rotation_virtual_start`, backwards too, and go round the listed users (the API
    description; recordings agree). Restrictions only mask (proven by recordings). A layer is silent before its
    `start` and from its `end` on. Adjacent turns of one user stay separate entries (inferred); `render_final`
    joins them.
    """
    users = [member["user"]["id"] for member in layer["users"]]
    active = _clip(_instant(layer["start"]), _instant(layer["end"]) if layer.get("end") else until, since, until)
    if not users or active is None:
        return []
    clock = ZoneInfo(zone)
    restrictions = layer.get("restrictions") or []
    windows = _windows(restrictions, clock, active) if restrictions else [active]
    return [
        Entry(max(turn.start, window.start), min(turn.end, window.end), users[index % len(users)])
        for index, turn in _turns(layer, clock, active)
        for window in _touching(windows, turn.start, turn.end)
    ]


def render_overrides(overrides: Sequence[Mapping[str, Any]], since: datetime, until: datetime) -> list[Entry]:
    """The overrides between `since` and `until`, in order and cut at both; they come in order of creation.

    Where two overlap the later created one is on call (the vendor's documentation); the earlier shows what is
    left of it.
    """
    shown: list[Entry] = []
    for override in overrides:
        span = _clip(_instant(override["start"]), _instant(override["end"]), since, until)
        if span is not None:
            shown = _over(shown, [Entry(span.start, span.end, override["user"]["id"])])
    return shown


def render_final(
    layers: Sequence[Mapping[str, Any]],
    overrides: Sequence[Mapping[str, Any]],
    zone: str,
    since: datetime,
    until: datetime,
) -> list[Entry]:
    """Who is on call between `since` and `until`: Layer 1 comes first, higher layers win, overrides beat all.

    In order, disjoint, cut at both bounds, adjacent entries of one user joined. The joining is proven for
    on-call answers and inferred for the final schedule.
    """
    shown: list[Entry] = []
    for layer in layers:
        shown = _over(shown, render_layer(layer, zone, since, until))
    return _joined(_over(shown, render_overrides(overrides, since, until)))


def coverage_percentage(entries: Sequence[Entry], since: datetime, until: datetime) -> float:
    """The share of `since` to `until` that the disjoint `entries` cover: 0.0 to 100.0.

    To one decimal, as in the vendor's examples (inferred).
    """
    if until <= since:
        return 0.0
    spans = (_clip(entry.start, entry.end, since, until) for entry in entries)
    covered = sum((span.end - span.start for span in spans if span is not None), timedelta())
    return round(100.0 * (covered / (until - since)), 1)


def _turns(layer: Mapping[str, Any], zone: ZoneInfo, active: _Span) -> Iterator[tuple[int, _Span]]:
    """Every turn that touches `active`, numbered from the virtual start (negative before it)."""
    origin = _instant(layer["rotation_virtual_start"])
    length = timedelta(seconds=layer["rotation_turn_length_seconds"])
    index = (active.start - origin - _DAY) // length  # a clock change never moves a hand-off by more than a day
    start = _handoff(origin, index * length, zone)
    while start < active.end:
        end = _handoff(origin, (index + 1) * length, zone)
        if end > start and end > active.start:
            yield index, _Span(start, end)
        start, index = end, index + 1


def _handoff(origin: datetime, after: timedelta, zone: ZoneInfo) -> datetime:
    """When a turn changes hands; one that falls on a skipped or repeated time follows `instant_of`."""
    if TURNS == "elapsed":
        return origin + after
    return instant_of(origin.astimezone(zone).replace(tzinfo=None, fold=0) + after, zone)


def _windows(restrictions: Sequence[Mapping[str, Any]], zone: ZoneInfo, active: _Span) -> list[_Span]:
    """The union of all restriction windows, in order, disjoint and cut to `active`."""
    merged: list[_Span] = []
    for span in sorted(span for restriction in restrictions for span in _openings(restriction, zone, active)):
        if merged and span.start <= merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _openings(restriction: Mapping[str, Any], zone: ZoneInfo, active: _Span) -> Iterator[_Span]:
    """One restriction's windows; both ends are wall-clock times, past midnight or Sunday too."""
    duration = timedelta(seconds=restriction["duration_seconds"])
    opening = time.fromisoformat(restriction["start_time_of_day"])
    for day in _days((active.start - duration - _DAY).date(), (active.end + _DAY).date()):
        if restriction["type"] == "weekly_restriction" and day.isoweekday() != restriction["start_day_of_week"]:
            continue
        wall = datetime.combine(day, opening)
        span = _clip(instant_of(wall, zone), instant_of(wall + duration, zone), active.start, active.end)
        if span is not None:
            yield span


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += _DAY


def _over(below: Sequence[Entry], above: Sequence[Entry]) -> list[Entry]:
    """`above`, and of `below` what it leaves free. Both in order and disjoint, and so is the result."""
    left: list[Entry] = []
    for entry in below:
        start = entry.start
        for cover in _touching(above, entry.start, entry.end):
            if cover.start > start:
                left.append(entry._replace(start=start, end=cover.start))
            start = cover.end
        if start < entry.end:
            left.append(entry._replace(start=start))
    return sorted([*left, *above])


def _touching(spans: Sequence[_Timed], start: datetime, end: datetime) -> Iterator[_Timed]:
    """Those of the ordered, disjoint `spans` that share time with `start` to `end`."""
    index = bisect_right(spans, start, key=lambda span: span.end)
    while index < len(spans) and spans[index].start < end:
        yield spans[index]
        index += 1


def _joined(entries: Sequence[Entry]) -> list[Entry]:
    joined: list[Entry] = []
    for entry in entries:
        if joined and joined[-1].end == entry.start and joined[-1].user_id == entry.user_id:
            joined[-1] = joined[-1]._replace(end=entry.end)
        else:
            joined.append(entry)
    return joined


def _clip(start: datetime, end: datetime, since: datetime, until: datetime) -> _Span | None:
    span = _Span(max(start, since.astimezone(UTC)), min(end, until.astimezone(UTC)))
    return span if span.start < span.end else None


def _instant(value: str | datetime) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(UTC)
