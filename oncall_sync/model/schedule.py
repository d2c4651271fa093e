"""When who is on call, as declared: rotations, assignments, overrides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from .basic import ABSENT, Maybe, Ref, Source
from .resource import Resource

Overlap: TypeAlias = Literal["everyone", "last_wins"]

WEEK = 7 * 24 * 60
_INHERITED = frozenset(("rotations", "overlap", "time_zone"))


@dataclass(frozen=True, slots=True)
class Hours:
    """Parts of the week, in wall-clock minutes since Monday 00:00.

    Canonical: spans are sorted, merged and half open; `0 <= start < WEEK` and `start < end <= start + WEEK`.
    Only the last span may reach past the end of the week, and then it stops before the first one begins.
    `((0, WEEK),)` is the whole week; `()` never. Build them with `oncall_sync.rota.hours`.
    """

    spans: tuple[tuple[int, int], ...]


ALWAYS = Hours(((0, WEEK),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """People who take turns.

    Turn n begins n times `every` after `start` by wall clock; its person is member n modulo the list; before
    `start`, from `until` on and outside `hours` nobody rings. `None` among the members is a vacant turn.
    Times are naive: wall clock in the schedule's zone, to the minute. A live rotation whose provider has
    rewritten `start` carries the anchor of its turns there, and in `since` the wall clock from which it rings.
    """

    members: tuple[Ref | None, ...]
    start: datetime
    every: timedelta
    hours: Hours = ALWAYS
    until: Maybe[datetime | None] = ABSENT
    name: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """People named for one span, instead of turns. `fallback` rings when one of them is away; observers never."""

    since: datetime
    until: datetime
    on_call: tuple[Ref, ...]
    fallback: tuple[Ref, ...] = ()
    observers: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One person instead of whoever would ring, for a span; wall clock in the schedule's zone."""

    since: datetime
    until: datetime
    user: Ref
    instead_of: Ref | None = None


@dataclass(frozen=True, slots=True)
class Follows:
    """This schedule rings, in turn k, whoever rings in turn k - offset of another."""

    schedule: Ref
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(Resource):
    """Who is on call when.

    `rotations` are lowest precedence first; with `overlap` `everyone` all of them ring, with `last_wins` a later
    one covers an earlier one. A schedule that `follows` another carries the rotations that result. An external
    schedule may have none.
    """

    time_zone: str
    rotations: tuple[Rotation, ...] = ()
    overlap: Overlap = "everyone"
    follows: Follows | None = None
    assignments: tuple[Assignment, ...] = ()
    overrides: tuple[Override, ...] = ()

    def where(self, path: str = "") -> Source | None:
        """Return where `path` was written; what a schedule has of the one it follows is said by `follows`."""
        head = path.partition(".")[0]
        inherited = self.follows is not None and head in _INHERITED and head not in self.marks
        return Resource.where(self, "follows" if inherited else path)
