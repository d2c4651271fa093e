"""What a policy promises: one value per rule of `checks:`.

Moments of a week are wall-clock minutes since Monday 00:00 in `time_zone`; they mean every week. The rota says
whether a promise holds; nothing here does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import ClassVar, Literal, TypeAlias

from .basic import Ref, Source, UrgencyName
from .schedule import ALWAYS, Hours

ContactWay: TypeAlias = Literal["push", "phone", "sms", "email"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The common part: `rule` is the word in YAML, `source` the place of the check."""

    rule: ClassVar[str] = ""
    source: Source | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered(Promise):
    """At every minute `target` (a schedule, or a policy's first level) rings so many people.

    One of `exactly` and `at_least` is set.
    """

    rule: ClassVar[str] = "covered"
    target: Ref
    exactly: int | None = None
    at_least: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct(Promise):
    """No person is on call in two of these schedules at once."""

    rule: ClassVar[str] = "distinct"
    schedules: tuple[Ref, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanWithin(Promise):
    """Whatever the minute, the service has rung everybody it will ring within `limit`."""

    rule: ClassVar[str] = "human_within"
    service: Ref
    limit: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedWithin(Promise):
    """The first level of the service lasts no longer than `limit`."""

    rule: ClassVar[str] = "acknowledged_within"
    service: Ref
    limit: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePerson:
    """One and the same person who has all of `has` and works on all of `works` (0 = Monday)."""

    has: frozenset[str] = frozenset()
    works: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffed(Promise):
    """During `hours`, at least so many people are on call; so many of them with a property; one who has it all.

    `at_least` is 0 when only properties or `one` are asked for.
    """

    rule: ClassVar[str] = "staffed"
    schedule: Ref
    at_least: int = 0
    properties: Mapping[str, int] = field(default_factory=dict)
    one: OnePerson | None = None
    hours: Hours = ALWAYS
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligible(Promise):
    """Everybody whom the schedule can ring has all of these properties."""

    rule: ClassVar[str] = "eligible"
    schedule: Ref
    has: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAhead(Promise):
    """At `by` of each week it is known who is on call at the next `at`; both are minutes of the week."""

    rule: ClassVar[str] = "planned_ahead"
    schedule: Ref
    by: int
    at: int
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedFirst(Promise):
    """Nobody has a first turn without having observed the one before it."""

    rule: ClassVar[str] = "observed_first"
    schedule: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings(Promise):
    """An incident opened at `at` rings somebody (`user`, if named), with this urgency, if one is named."""

    rule: ClassVar[str] = "rings"
    service: Ref
    at: int
    time_zone: str
    urgency: UrgencyName | None = None
    user: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised(Promise):
    """An incident opened at `opened` is low until the next `high_at`, and high (ringing `user`) from then on."""

    rule: ClassVar[str] = "raised"
    service: Ref
    opened: int
    high_at: int
    time_zone: str
    user: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable(Promise):
    """Everybody can be reached in one of these ways, `before` their turn begins."""

    rule: ClassVar[str] = "reachable"
    schedule: Ref
    by: tuple[ContactWay, ...]
    before: timedelta = timedelta()


Check: TypeAlias = (
    Covered
    | Distinct
    | HumanWithin
    | AcknowledgedWithin
    | Staffed
    | Eligible
    | PlannedAhead
    | ObservedFirst
    | Rings
    | Raised
    | Reachable
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A chat group that holds whoever is on call for `members` (a schedule, a policy) or is in it (a team)."""

    name: str
    slack: str
    members: Ref
    source: Source | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatCommand:
    """A chat command (`/pd-support`) and the service it pages."""

    command: str
    service: Ref
    source: Source | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One finding silenced by `owner` up to and including the day `until`; without `target`, wherever it occurs.

    The target need not be declared any more: a deletion is waived after the resource has left the policies.
    """

    rule: str
    target: Ref | None = None
    reason: str
    owner: str
    until: date
    source: Source | None = field(default=None, compare=False)
