"""Schedules compared by what they ring, not by how they are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from math import lcm
from typing import Final, NamedTuple

from oncall_sync.model import ALWAYS, WEEK, Assignment, Hours, Overlap, Ref, Schedule

from .hours import contains, intersection, linear, merge
from .phase import Phase, as_rotation, canonical, cycle
from .stack import covers, ringing, sweep
from .turns import FOREVER, rings_from, rings_until, turns, windows
from .wall import to_instant, wall_since

LONGEST_PERIOD: Final = 520 * WEEK
"""The longest common period, in minutes, that is compared turn by turn: ten years. Only rotations that ring at the
same time and whose cycles have next to no common factor come to more."""

UTC_NAMES: Final = frozenset(
    ("UTC", "UCT", "Universal", "Zulu", "Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu")
)

_MINUTE = timedelta(minutes=1)


class _Pile(NamedTuple):
    """Rotations that ring at once, lowest precedence first; in a cell their hours no longer matter."""

    phases: tuple[Phase, ...]
    overlap: Overlap


def same_rings(a: Schedule, b: Schedule, now: datetime) -> bool:
    """Tell whether `a` and `b` ring the same people at every instant from `now` (aware) on, for ever.

    Anchors, names, the order of rotations that ring together, ended rotations and the overlap word count only
    as far as they change who rings. Declared overrides are not part of it. Different zones are different, except
    for the names of UTC. Assignments with a fallback must name the same people and the same fallback.

    It is exact to the minute, with one exception: rotations that ring at the same time and whose common period
    is beyond `LONGEST_PERIOD` are equal only if those without a twin on the other side are.
    """
    if not _same_zone(a.time_zone, b.time_zone):
        return False
    if (a.rotations, a.overlap, a.assignments) == (b.rotations, b.overlap, b.assignments):
        return True
    start = wall_since(now, a.time_zone)
    left, right = _Timeline(a), _Timeline(b)
    edges = sorted({start, FOREVER, *(e for e in left.edges | right.edges if start < e < FOREVER)})
    return all(
        _same_between(left.at(since), right.at(since), since, until, a.time_zone)
        for since, until in pairwise(edges)
    )


def ever_overlap(schedule: Schedule) -> bool:
    """Tell whether two rotations can have the turn at the same wall-clock moment, at any time.

    Hours and bounds decide; whose turn it is does not: two rotations that are vacant by turns do overlap here.
    A rotation with nobody but vacant turns rings never. Where this is false, `everyone` and `last_wins` are one.
    """
    able = [rotation for rotation in schedule.rotations if any(member is not None for member in rotation.members)]
    for one, other in combinations(able, 2):
        since, until = max(rings_from(one), rings_from(other)), min(rings_until(one), rings_until(other))
        if any(True for _ in windows(intersection(one.hours, other.hours), since, until)):
            return True
    return False


def _same_zone(a: str, b: str) -> bool:
    return a == b or (a in UTC_NAMES and b in UTC_NAMES)


class _Timeline:
    """A schedule between its finite bounds: what rings there is a pile of endless rotations."""

    def __init__(self, schedule: Schedule) -> None:
        self.overlap = schedule.overlap
        self.rotations = [(rings_from(r), rings_until(r), canonical(r)) for r in schedule.rotations]
        self.assignments = schedule.assignments
        self.edges = {edge for since, until, _ in self.rotations for edge in (since, until)}
        self.edges.update(edge for a in self.assignments for edge in (a.since, a.until))

    def at(self, moment: datetime) -> _Pile:
        """Return what rings from that edge to the next. Assignments ring instead of rotations, all together."""
        named = [a for a in self.assignments if a.since <= moment < a.until]
        if named:
            people = dict.fromkeys(user for assignment in named for user in _named(assignment))
            return _Pile(tuple(Phase((user,), 0, 0, ALWAYS) for user in people), "everyone")
        live = (phase for since, until, phase in self.rotations if since <= moment < until)
        return _Pile(tuple(live), self.overlap)


def _named(assignment: Assignment) -> list[Ref]:
    """Return who rings, and one who stands for a fallback that rings while any of these people is out."""
    extra = sorted(set(assignment.fallback) - set(assignment.on_call))
    if not extra:
        return list(assignment.on_call)
    key = f"{sorted(set(assignment.on_call))} else {extra}"
    return [*assignment.on_call, Ref("user", key, remote=True)]


def _same_between(a: _Pile, b: _Pile, since: datetime, until: datetime, zone: str) -> bool:
    """Compare two piles over one span, apart for each part of the week that the same rotations share.

    Taken apart, the common period is that of rotations that really ring together, not of all of them.
    """
    spans_ = (span for phase in a.phases + b.phases for span in linear(phase.hours))
    edges = sorted({0, WEEK, *(edge for span in spans_ for edge in span)})
    cells: dict[tuple[_Pile, _Pile], list[tuple[int, int]]] = {}
    for start, end in pairwise(edges):
        left, right = _visible(a, start), _visible(b, start)
        if left != right:
            cells.setdefault((left, right), []).append((start, end))
    return all(_same_in(left, right, merge(spans), (since, until), zone) for (left, right), spans in cells.items())


def _visible(pile: _Pile, minute: int) -> _Pile:
    """Return the phases that can ring in that minute of the week, in a form that is equal for equal piles."""
    shown: list[Phase] = []
    for phase in reversed(pile.phases):
        if not contains(phase.hours, minute) or not any(covers(member) for member in phase.members):
            continue
        shown.append(Phase(phase.members, phase.every_minutes, phase.offset_minutes, ALWAYS))
        if pile.overlap == "last_wins" and all(covers(member) for member in phase.members):
            break
    if len(shown) <= 1:
        return _Pile(tuple(shown), "everyone")
    if pile.overlap == "everyone":
        return _Pile(tuple(sorted(set(shown), key=_order)), "everyone")
    return _Pile(tuple(reversed(shown)), "last_wins")


def _order(phase: Phase) -> tuple[str, int, int]:
    return repr(phase.members), phase.every_minutes, phase.offset_minutes


def _same_in(a: _Pile, b: _Pile, hours: Hours, span: tuple[datetime, datetime], zone: str) -> bool:
    """Compare two piles within `hours`, turn by turn, over the span or one common period."""
    since, until = span
    period = lcm(WEEK, *(cycle(phase) for phase in a.phases + b.phases))
    if until - since <= min(period, LONGEST_PERIOD) * _MINUTE:
        # What differs only in an hour that DST skips never rings.
        return all(to_instant(x, zone) >= to_instant(y, zone) for x, y in _differences(a, b, hours, span))
    if period <= LONGEST_PERIOD:
        return not any(True for _ in _differences(a, b, hours, (since, since + period * _MINUTE)))
    if a.overlap == b.overlap == "everyone" and set(a.phases) & set(b.phases):
        return _same_in(_without(a, b), _without(b, a), hours, span, zone)
    return False


def _without(pile: _Pile, other: _Pile) -> _Pile:
    return _Pile(tuple(phase for phase in pile.phases if phase not in other.phases), pile.overlap)


def _differences(
    a: _Pile, b: _Pile, hours: Hours, span: tuple[datetime, datetime]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans (naive wall clock) within `hours` in which the piles ring different people."""
    split = len(a.phases)
    rounds = [turns(as_rotation(replace(phase, hours=hours)), *span) for phase in a.phases + b.phases]
    for since, until, active in sweep(rounds, *span):
        left = ringing([turn for turn in active if turn[0] < split], a.overlap)
        right = ringing([turn for turn in active if turn[0] >= split], b.overlap)
        if {member for _, member in left} != {member for _, member in right}:
            yield since, until
