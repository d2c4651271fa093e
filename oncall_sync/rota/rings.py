"""Schedules by wall clock: who rings, by turns, assignments and declared overrides, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from oncall_sync.model import Assignment, Overlap, Override, Ref, Rotation, Schedule, User

from .hours import DAY, merge
from .stack import ringing, sweep
from .turns import turns, windows
from .wall import to_instant, to_wall

People: TypeAlias = Mapping[Ref, User]
"""Who people are: needed for `away` and `works` of those whom an assignment with a fallback names."""

Crew: TypeAlias = tuple[frozenset[Ref], tuple[str, ...]]
"""Who rings together, and the reasons."""


class Swap(NamedTuple):
    """Somebody instead of whoever has a turn in some rotations (by place), for a span of naive wall clock."""

    since: datetime
    until: datetime
    user: Ref
    rotations: frozenset[int]


Part: TypeAlias = Ref | Crew | Override | Swap | None
"""What a source carries: a rotation its member or a vacant turn, an assignment its crew, an override itself."""


class Stretch(NamedTuple):
    """A span of naive wall clock in which the same people ring for the same reason."""

    since: datetime
    until: datetime
    users: frozenset[Ref]
    why: tuple[str, ...]


def stretches(
    schedule: Schedule, since: datetime, until: datetime, people: People, swaps: Sequence[Swap] = ()
) -> Iterator[Stretch]:
    """Yield who rings within `since..until` (naive wall clock of the schedule), in order and without holes.

    An assignment names people instead of turns: while one lasts, no rotation rings; several at once all ring.
    Overrides then apply one after the other, each to what rings after those before it; one without `instead_of`
    rings for its whole span, also where nobody would. `swaps` take turns over, and ring for their whole span too.
    Neighbouring stretches may hold the same people.
    """
    rotations = schedule.rotations
    names = [_name(rotation, index, len(rotations)) for index, rotation in enumerate(rotations)]
    sources: list[Iterable[tuple[datetime, datetime, Part]]] = [turns(r, since, until) for r in rotations]
    sources += [
        _assigned(assignment, since, until, people, schedule.time_zone) for assignment in schedule.assignments
    ]
    sources += [[(swap.since, swap.until, swap)] for swap in swaps]
    sources += [[(override.since, override.until, override)] for override in schedule.overrides]
    # The same few combinations come again and again.
    known: dict[tuple[tuple[int, Part], ...], Crew] = {}
    for begin, end, active in sweep(sources, since, until):
        key = tuple(active)
        crew = known.get(key)
        if crew is None:
            crew = known[key] = _crew(active, schedule.overlap, names)
        yield Stretch(begin, end, *crew)


def _name(rotation: Rotation, index: int, count: int) -> str:
    if rotation.name:
        return f"rotation {rotation.name}"
    return f"rotation {index + 1}" if count > 1 else "rotation"


def _crew(active: Sequence[tuple[int, Part]], overlap: Overlap, names: Sequence[str]) -> Crew:
    members: dict[int, Ref | None] = {}
    swapped: list[str] = []
    crews: list[Crew] = []
    overrides: list[Override] = []
    for index, part in active:
        if part is None or isinstance(part, Ref):
            members[index] = part
        elif isinstance(part, Swap):
            members |= dict.fromkeys(part.rotations, part.user)
            swapped.append("override at the provider")
        elif isinstance(part, Override):
            overrides.append(part)
        else:
            crews.append(part)
    if crews:
        crew = _together(crews)
    else:
        users, why = _by_turns(sorted(members.items()), overlap, names)
        crew = (users, (*why, *dict.fromkeys(swapped)))
    for override in overrides:
        crew = _overridden(crew, override)
    return crew


def _together(crews: Sequence[Crew]) -> Crew:
    users = frozenset[Ref]().union(*(users for users, _ in crews))
    return users, tuple(dict.fromkeys(reason for _, why in crews for reason in why))


def _by_turns(members: Sequence[tuple[int, Ref | None]], overlap: Overlap, names: Sequence[str]) -> Crew:
    rung = ringing(members, overlap)
    if rung:
        return frozenset(member for _, member in rung), tuple(names[index] for index, _ in rung)
    if members:
        return frozenset(), tuple(f"vacant turn of {names[index]}" for index, _ in members)
    return frozenset(), ("nobody",)


def _overridden(crew: Crew, override: Override) -> Crew:
    users, why = crew
    if override.instead_of is None:
        return frozenset((override.user,)), ("override",)
    if override.instead_of not in users:
        return crew
    reason = f"override instead of {override.instead_of.key}"
    return users - {override.instead_of} | {override.user}, (*why, reason)


def _assigned(
    assignment: Assignment, since: datetime, until: datetime, people: People, zone: str
) -> Iterator[tuple[datetime, datetime, Crew]]:
    """Yield the crew of one assignment: the people it names, joined by the fallback while one of them is out.

    Whoever is away rings all the same, as being away never changes who rings; the fallback rings with them.
    """
    begin, end = max(since, assignment.since), min(until, assignment.until)
    named = frozenset(assignment.on_call)
    watched = sorted(named) if assignment.fallback else []
    absences = [(ref, span) for ref in watched for span in _absences(people.get(ref), begin, end, zone)]
    for since_, until_, out in sweep([spans for _, spans in absences], begin, end):
        missing = dict.fromkeys(absences[index][0].key for index, _ in out)
        if missing:
            reason = f"fallback for {', '.join(missing)}"
            yield since_, until_, (named.union(assignment.fallback), ("assignment", reason))
        else:
            yield since_, until_, (named, ("assignment",))


def _absences(
    user: User | None, since: datetime, until: datetime, zone: str
) -> list[Iterable[tuple[datetime, datetime, None]]]:
    """Return when `user` is away, and the days on which they do not work: each a stream of its own.

    Both are meant by the user's clock, and returned by that of `zone`.
    """
    if user is None:
        return []
    theirs = user.time_zone or zone

    def here(wall: datetime) -> datetime:
        return wall if theirs == zone else to_wall(to_instant(wall, theirs), zone)

    free = merge((day * DAY, day * DAY + DAY) for day in range(7) if day not in user.works)
    span = timedelta(days=2)  # more than any two zones are apart
    days = ((here(begin), here(end), None) for begin, end in windows(free, since - span, until + span))
    return [*([(here(away.since), here(away.until), None)] for away in user.away), days]
