"""How long it takes until a human hears of an incident, at every instant of a span: exact, and never by minutes.

An incident is followed up its ladder as `rota.paging` does it. Whoever it asks is on call for some time yet, and
until the first of those times is over an incident that opens later climbs the same way: that is how far the next
look may be.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from oncall_sync.model import EscalationPolicy, Paging, Ref, UrgencyName
from oncall_sync.rota.paging import delay
from oncall_sync.rota.timeline import Rung, Users

First: TypeAlias = Callable[[Ref, UrgencyName], timedelta | None]


class Group(NamedTuple):
    """Everybody who rings at one instant, at one level."""

    at: datetime
    level: int
    users: Users
    urgency: UrgencyName


class Heard(NamedTuple):
    """From `since` to `until` an incident reaches a human after so long; None: never.

    Where it waits for something (support hours), `after` is that of `since`, and later ones wait less.
    """

    since: datetime
    until: datetime
    after: timedelta | None
    anybody: bool


@dataclass(slots=True)
class _Same:
    """How much later an incident may open and still climb the same way."""

    by: timedelta = timedelta.max

    def at_most(self, span: timedelta) -> None:
        self.by = min(self.by, span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Climber:
    """One ladder. `rungs` must reach so far past the last instant asked for as an incident climbs.

    `starts` are the instants at which low incidents turn high, in order; empty where they never do.
    """

    policy: EscalationPolicy
    rungs: Sequence[Rung]
    paging: Paging
    first: First
    starts: Sequence[datetime] = ()
    _begins: list[datetime] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_begins", [rung.since for rung in self.rungs])

    def heard(self, since: datetime, until: datetime, urgency: UrgencyName) -> Iterator[Heard]:
        """Yield how long it takes, in order and without holes, for incidents that open with this urgency."""
        at = since
        while at < until:
            same = _Same(until - at)
            after = self.after(at, urgency, same)
            anybody = self._rung(at, same).first is not None
            yield Heard(at, at + same.by, after, anybody)
            at += same.by

    def after(self, at: datetime, urgency: UrgencyName, same: _Same | None = None) -> timedelta | None:
        """Return how long after `at` a human hears of an incident that opens then; None is never."""
        same = same or _Same()
        best: datetime | None = None
        groups = self.groups(at, urgency, same)
        group = next(groups, None)
        while group is not None and (best is None or group.at < best):
            following = next(groups, None)
            for user in group.users:
                rings = self._rings(group, user, following, same)
                best = rings if best is None or (rings is not None and rings < best) else best
            group = following
        return None if best is None else best - at

    def _rings(self, group: Group, user: Ref, following: Group | None, same: _Same) -> datetime | None:
        """Return when a phone rings, if the incident has not gone from its owner before."""
        after = self.first(user, group.urgency)
        if after is None:
            return None
        rings = group.at + after
        gone = following is not None and (self.paging.moves_on or following.urgency != group.urgency)
        if following is None or not gone:
            return rings
        if rings >= following.at:
            return None
        if following.urgency != group.urgency:
            same.at_most(following.at - rings)
        return rings

    def groups(self, at: datetime, urgency: UrgencyName, same: _Same | None = None) -> Iterator[Group]:
        """Yield who rings for an incident that opens at `at`, in the order they ring."""
        same = same or _Same()
        if self.paging.drops_when_nobody and self._rung(at, same).first is None:
            return
        raised = self._raised(at) if urgency == "low" else None
        if raised is None:
            yield from self._climb(at, urgency, same)
            return
        before: list[Group] = []
        for group in () if self.paging.holds_until_raised else self._climb(at, urgency, same):
            if group.at >= raised:
                break
            same.at_most(raised - group.at)
            before.append(group)
        yield from before
        yield from self._again(raised, before)

    def _raised(self, at: datetime) -> datetime | None:
        place = bisect_right(self.starts, at)
        return self.starts[place] if place < len(self.starts) else None

    def _rung(self, at: datetime, same: _Same) -> Rung:
        rung = self.rungs[max(bisect_right(self._begins, at) - 1, 0)]
        if rung.until > at:
            same.at_most(rung.until - at)
        return rung

    def _climb(self, at: datetime, urgency: UrgencyName, same: _Same, done: int = 0) -> Iterator[Group]:
        clock = at
        passes = 1 + (self.policy.repeat if isinstance(self.policy.repeat, int) else 0)
        for _ in range(done, passes):
            begun = clock
            for number, level in enumerate(self.policy.levels, 1):
                people = self._rung(clock, same).levels[number - 1]
                if people:
                    yield Group(clock, number, people, urgency)
                if people and urgency == "low" and not self.paging.low_escalates:
                    return
                if people or not self.paging.skips_empty_levels:
                    clock += delay(level)
            if clock == begun:
                return

    def _again(self, raised: datetime, before: Sequence[Group]) -> Iterator[Group]:
        """Yield who rings once a low incident has turned high. The instant is fixed, whenever it was opened."""
        fixed = _Same()
        if not self.paging.open_incident_stays or not before:
            yield from self._climb(raised, "high", fixed)
            return
        last = before[-1]
        yield Group(raised, last.level, last.users, "high")
        clock = raised + delay(self.policy.levels[last.level - 1])
        for number, level in enumerate(self.policy.levels[last.level :], last.level + 1):
            people = self._rung(clock, fixed).levels[number - 1]
            if people:
                yield Group(clock, number, people, "high")
            if people or not self.paging.skips_empty_levels:
                clock += delay(level)
        yield from self._climb(clock, "high", fixed, 1)


def longest(policy: EscalationPolicy) -> timedelta:
    """Return how long an incident may climb before the last level of the last pass rings."""
    passes = 2 + (policy.repeat if isinstance(policy.repeat, int) else 0)
    return passes * sum((delay(level) for level in policy.levels), timedelta())
