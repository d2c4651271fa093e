"""Who has the turn when: one stored rotation, what overrides put in its place, and what forwarding makes of it.

Sources: Opsgenie docs "On-call schedules and rotations" for the rules; recorded on-call answers prove that turns
count from `startDate` through time that a restriction leaves out, and that an ended rotation is silent; recorded
timelines prove the cutting and joining of periods. What nothing proves is a constant or marked inferred.

Pure functions, and no code of the adapter or the core: renderers that share code are wrong together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from .restrictions import open_spans
from .times import DAY, HALF_HOUR, Span, instant, instant_of, wall

HOURS: Literal["elapsed", "wall"] = "elapsed"
"""Which clock counts the turns of an `hourly` rotation. Inferred: hours that pass; days and weeks are the wall
clock's, so that a hand-off keeps its time of day when clocks change."""
OVERRIDES_FILL: Final = True
"""Inferred: an override rings for its whole span, also when the rotation it replaces would not; the docs have it
"take precedence over all rotations". False cuts it to the rotation's own time."""

DEFAULT: Final = "default"
OVERRIDE: Final = "override"
FORWARDING: Final = "forwarding"

Stored = Mapping[str, Any]
_SOON: Final = datetime.resolution
_LENGTHS: Final = {"hourly": 2 * HALF_HOUR, "daily": DAY, "weekly": 7 * DAY}


class Recipient(NamedTuple):
    """Whose turn it is: a user, a team, an escalation, or `none`, who has no id."""

    type: str
    id: str = ""


class Period(NamedTuple):
    """One recipient from `start` up to, not including, `end` (aware, UTC; never empty); `forwarded` from whom."""

    start: datetime
    end: datetime
    type: str
    recipient: Recipient
    forwarded: str | None = None


def base(rotation: Stored, zone: ZoneInfo, since: datetime, until: datetime) -> list[Period]:
    """The turns of a rotation within `since` to `until`, by itself; adjacent ones of one recipient are joined.

    Turns go round the participants from `startDate` on, whether or not a restriction lets them through.
    """
    members = [_recipient(one) for one in rotation["participants"]]
    active = _active(rotation, since, until)
    if active is None or not members:
        return []
    windows = open_spans(rotation["timeRestriction"], zone, *active)
    return _joined(
        Period(max(start, opens), min(end, closes), DEFAULT, members[index % len(members)])
        for index, start, end in _turns(rotation, zone, active)
        for opens, closes in windows
        if opens < end and closes > start
    )


def overridden(
    rotation: Stored, overrides: Sequence[Stored], zone: ZoneInfo, since: datetime, until: datetime
) -> list[Period]:
    """What overrides, in the order of their creation, put in the rotation's place; the later one wins (inferred).

    An override that names no rotations is for all of them.
    """
    found: list[Period] = []
    mine = [one for one in overrides if not one["rotations"] or rotation["id"] in one["rotations"]]
    for one in mine:
        start, end = max(instant(one["startDate"]), since), min(instant(one["endDate"]), until)
        spans = [(start, end)] if OVERRIDES_FILL else _own_time(rotation, zone, start, end)
        periods = [Period(*span, OVERRIDE, _recipient(one["user"])) for span in spans if span[0] < span[1]]
        found = over(found, periods)
    return _joined(found)


def over(below: Sequence[Period], above: Sequence[Period]) -> list[Period]:
    """`above`, and of `below` what it leaves free; both in order and disjoint, and so is the result."""
    left: list[Period] = []
    for period in below:
        start = period.start
        for cover in above:
            if cover.end <= start or cover.start >= period.end:
                continue
            if cover.start > start:
                left.append(period._replace(start=start, end=cover.start))
            start = cover.end
        if start < period.end:
            left.append(period._replace(start=start))
    return sorted([*left, *above])


def forwarded(periods: Iterable[Period], rules: Sequence[Stored]) -> list[Period]:
    """The periods, those of people who forward given to whom they forward to; no chains (inferred)."""
    return _joined(part for period in periods for part in _given(period, rules))


def final(
    rotation: Stored,
    overrides: Sequence[Stored],
    rules: Sequence[Stored],
    zone: ZoneInfo,
    span: Span,
) -> list[Period]:
    """Whom a rotation rings within the span: its turns, overrides on top, forwarded."""
    swapped = overridden(rotation, overrides, zone, *span)
    return forwarded(over(base(rotation, zone, *span), swapped), rules)


def neighbour(rotation: Stored, zone: ZoneInfo, at: datetime, step: int) -> Recipient | None:
    """Whose turn comes so many turns after the one at `at` (before it: negative); None if it is silent then.

    Overrides count for nothing here (inferred).
    """
    members, moment = [_recipient(one) for one in rotation["participants"]], (at, at + _SOON)
    if not members or not _own_time(rotation, zone, *moment):
        return None
    index = next(index for index, start, end in _turns(rotation, zone, moment) if start <= at < end)
    return members[(index + step) % len(members)]


def _recipient(stored: Stored) -> Recipient:
    return Recipient(stored["type"], stored.get("id", ""))


def _active(rotation: Stored, since: datetime, until: datetime) -> Span | None:
    start = max(instant(rotation["startDate"]), since)
    end = until if rotation["endDate"] is None else min(instant(rotation["endDate"]), until)
    return (start, end) if start < end else None


def _own_time(rotation: Stored, zone: ZoneInfo, since: datetime, until: datetime) -> list[Span]:
    active = _active(rotation, since, until)
    return [] if active is None else open_spans(rotation["timeRestriction"], zone, *active)


def _turns(rotation: Stored, zone: ZoneInfo, active: Span) -> Iterator[tuple[int, datetime, datetime]]:
    """Every turn that touches `active`, numbered from `startDate`, from and until when."""
    origin, length = instant(rotation["startDate"]), rotation["length"] * _LENGTHS[rotation["type"]]
    elapsed = rotation["type"] == "hourly" and HOURS == "elapsed"
    first = wall(origin, zone)

    def handoff(index: int) -> datetime:
        if index <= 0:  # of a `startDate` shown twice, the second may be meant
            return origin
        return origin + index * length if elapsed else instant_of(first + index * length, zone)

    index = max(0, (active[0] - origin - 2 * DAY) // length)  # a clock change never moves a hand-off by two days
    start = handoff(index)
    while start < active[1]:
        end = handoff(index + 1)
        if end > start and end > active[0]:
            yield index, start, end
        start, index = end, index + 1


def _given(period: Period, rules: Sequence[Stored]) -> list[Period]:
    """One period, split where it is forwarded; the first rule goes before others."""
    if period.recipient.type != "user":
        return [period]
    user = period.recipient.id
    covers: list[Period] = []
    for rule in reversed([rule for rule in rules if rule["fromUser"] == user]):
        start = max(instant(rule["startDate"]), period.start)
        end = min(instant(rule["endDate"]), period.end)
        if start < end:
            covers = over(covers, [Period(start, end, FORWARDING, Recipient("user", rule["toUser"]), user)])
    return over([period], covers)


def _joined(periods: Iterable[Period]) -> list[Period]:
    found: list[Period] = []
    for one in periods:
        if found and found[-1].end == one.start and found[-1][2:] == one[2:]:
            found[-1] = found[-1]._replace(end=one.end)
        else:
            found.append(one)
    return found
