"""Another list of members for a rotation: which weeks change hands, and the `start` for which the fewest do.

All times are naive wall clock in the schedule's zone; no answer depends on when its clocks change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple, TypeAlias

from oncall_sync.model import WEEK, Ref, Rotation

from .hours import DAY_NAMES
from .stack import sweep
from .turns import Turn, rings_from, rings_until, turns

Label: TypeAlias = Callable[[Ref], str]
"""How messages call a user."""

_WEEK: Final = timedelta(minutes=WEEK)
_SINCE_1970: Final = datetime.combine(date(1970, 1, 1), time())
"""Policies cannot write an earlier `start`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """What happens to the turns that people know of if one rotation takes the place of another.

    Weeks are spans of 7 days, counted from where the turn under way began, so that a week is a turn where turns
    are weekly; the first of them is what is left of the one under way. Turns are those of the rotation as it was,
    the one under way included, as far as they begin within these weeks. A week or a turn counts as changed if at
    any instant in it, from now on, somebody else rings; nobody instead of somebody, or the other way round, counts
    as somebody else.

    `current_before` and `current_after` ring now, None is nobody. `changes_now`: somebody loses a shift that has
    begun, to somebody else or to nobody; a shift that begins this very instant has not. `removed`: the person on
    call now is no longer a member, so that no `start` can keep them.
    """

    weeks_total: int
    weeks_changed: int
    turns_total: int
    turns_changed: int
    changes_now: bool
    removed: bool
    current_before: Ref | None
    current_after: Ref | None

    def said(self, label: Label) -> str:
        """Return it as one sentence: `7 of the coming 12 weeks change hands; ben, on call now, stays`."""
        weeks, count = self.weeks_changed, self.weeks_total
        if count == 1:
            said = "the coming week changes hands" if weeks else "the coming week does not change hands"
        else:
            verb = "change hands" if weeks > 1 else "changes hands"
            said = f"{weeks or 'none'} of the coming {count} weeks {verb}"
        if self.turns_total != count:
            said += f" ({self.turns_changed} of {self.turns_total} turns)"
        return f"{said}; {self._now(label)}"

    def _now(self, label: Label) -> str:
        before, after = (ref and label(ref) for ref in (self.current_before, self.current_after))
        if self.current_before == self.current_after:
            return f"{before}, on call now, stays" if before else "nobody is on call now"
        if not before:
            return f"{after} is on call now, where nobody was"
        if not self.changes_now:
            left = f", whose shift begins now{' and who is no longer a member' if self.removed else ''}"
            return f"{after or 'nobody'} is on call now instead of {before}{left}"
        if self.removed:
            gone = f"{before}, on call now, is no longer a member"
            return f"{gone}: with any start the shift under way goes to {after or 'nobody'}"
        return f"{before}, on call now, hands over to {after or 'nobody'} in mid-shift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A `start` that is better than the one declared.

    `rotation` is the wanted one with that `start`; `declared` is what the declared one does, `offered` what this
    one does.
    """

    rotation: Rotation
    declared: Disturbance
    offered: Disturbance

    @property
    def start(self) -> datetime:
        """The naive wall-clock time offered."""
        return self.rotation.start

    @property
    def yaml(self) -> str:
        """The line to paste over the declared one: `start: Mon 2026-01-05 09:00`."""
        return f"start: {written(self.start)}"

    def said(self, label: Label) -> str:
        """Return what happens with the offered `start`, as one sentence."""
        return self.offered.said(label)


def written(wall: datetime) -> str:
    """Return a naive wall-clock time as policies write it, to the minute: `Mon 2026-01-05 09:00`."""
    return f"{DAY_NAMES[wall.weekday()]} {wall.isoformat(' ', 'minutes')}"


def disturbance(before: Rotation, after: Rotation, now_wall: datetime, horizon: timedelta) -> Disturbance:
    """Return what changes hands in the coming weeks if `after` takes the place of `before` now.

    Either may have any turns, hours and bounds. `horizon` is rounded up to whole weeks, at least one.
    """
    return _Change(before, after, now_wall, horizon).with_(after)


def least(before: Rotation, wanted: Rotation, now_wall: datetime, horizon: timedelta) -> Offer | None:
    """Return the `start` for `wanted` that disturbs least, or None if the declared one is already as good.

    Looked at are all starts that are whole turns away from the declared one, at or before the turn under way. If
    one of them keeps the person on call now, only those that do count. Of these it is one for which the fewest
    weeks change hands and, among equals, the fewest turns; then the one nearest to the declared start, then the
    earliest. A person who is no longer a member loses the shift under way with any start, so what is least then is
    least for what comes after it.

    The weekday and time of handoffs stay those of `wanted`; where turns are not whole weeks or days, those of the
    first handoff may be another turn's.
    """
    change = _Change(before, wanted, now_wall, horizon)
    declared, current = change.with_(wanted), change.current
    found = [replace(wanted, start=start) for start in _starts(wanted, max(now_wall, rings_from(before)))]
    keeping = [r for r in found if current is not None and ringing_now(r, now_wall) == current]
    offers = [Offer(rotation=r, declared=declared, offered=change.with_(r)) for r in keeping or found]
    best = min(offers, key=lambda o: (_rank(o.offered), abs(o.start - wanted.start), o.start), default=None)
    if best is None:
        return None
    fine = not keeping or declared.current_after == current
    return None if fine and _rank(declared) <= _rank(best.offered) else best


def ringing_now(rotation: Rotation, now_wall: datetime) -> Ref | None:
    """Return who rings at that naive wall-clock time; None is nobody."""
    return next((turn.member for turn in turns(rotation, now_wall, now_wall + datetime.resolution)), None)


def _rank(found: Disturbance) -> tuple[int, int]:
    return found.weeks_changed, found.turns_changed


def _starts(wanted: Rotation, at: datetime) -> list[datetime]:
    """Return a start for every way to deal the turns: the nearest to the declared one with which it rings `at`."""
    full = wanted.every * len(wanted.members)
    latest = at - (at - wanted.start) % wanted.every
    found: list[datetime] = []
    for turn in range(len(wanted.members)):
        start = wanted.start + turn * wanted.every
        if start > latest:
            start -= -((latest - start) // full) * full
        # One cycle earlier is the same, and nearer if this one is far into the future of the declared start.
        earlier = [start - full] if start - _SINCE_1970 >= full else []
        same = [each for each in (start, *earlier) if each < rings_until(wanted)]
        found += sorted(same, key=lambda each: (abs(each - wanted.start), each))[:1]
    return found


class _Span(NamedTuple):
    """Weeks or turns: `total` spans of `length` from `since` on."""

    since: datetime
    length: timedelta
    total: int

    def touched(self, spans: Iterable[tuple[datetime, datetime]]) -> int:
        """Return how many of them one of the non-empty `spans` reaches into."""
        since, length = self.since, self.length
        return len({n for a, b in spans for n in range((a - since) // length, -((since - b) // length))})


class _Change:
    """The rotation as it was, and how time from now on is counted: the same for every rotation in its place."""

    def __init__(self, before: Rotation, wanted: Rotation, now: datetime, horizon: timedelta) -> None:
        counted = before if before.members else wanted
        turn = now - (now - counted.start) % counted.every
        # A turn of two weeks may have begun more than a week ago.
        week = now - (now - turn) % _WEEK
        self.weeks = _Span(week, _WEEK, max(1, -(-horizon // _WEEK)))
        self.now, self.until = now, week + self.weeks.total * _WEEK
        self.turns = _Span(turn, counted.every, -((turn - self.until) // counted.every))
        self.before: Sequence[Turn] = [*turns(before, now, self.until)]
        self.current = ringing_now(before, now)
        just_before = ringing_now(before, now - datetime.resolution)
        self.under_way = self.current is not None and self.current == just_before

    def with_(self, after: Rotation) -> Disturbance:
        """Return what happens if `after` takes the place."""
        both = [self.before, turns(after, self.now, self.until)]
        spans = [
            (since, until)
            for since, until, active in sweep(both, self.now, self.until)
            if dict(active).get(0) != dict(active).get(1)
        ]
        rings = ringing_now(after, self.now)
        return Disturbance(
            weeks_total=self.weeks.total,
            weeks_changed=self.weeks.touched(spans),
            turns_total=self.turns.total,
            turns_changed=self.turns.touched(spans),
            changes_now=self.under_way and rings != self.current,
            removed=self.current is not None and self.current not in after.members,
            current_before=self.current,
            current_after=rings,
        )
