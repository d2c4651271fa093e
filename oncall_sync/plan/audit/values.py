"""The parts of an audit, in names: people are user keys (emails where nobody declares them)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from oncall_sync.model import ContactWay, Kind, UrgencyName

Span: TypeAlias = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One thing that rings a person: by what, where (masked), and how long after the page has come to them."""

    way: ContactWay
    shown: str
    after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody on a level. `reached` is how long after the level's turn a phone of theirs rings; None is never.

    `via` is the schedule that puts them there, None if the policy names them itself. `known` is False where nobody
    can tell how they are reached: they are taken to be reached at once then.
    """

    user: str
    via: str | None
    ways: tuple[Way, ...] = ()
    reached: timedelta | None = None
    cannot: str | None = None
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelNow:
    """One level for an incident that opened now; `begins` is None where an incident never comes to it.

    `lasts` is how long it rings before the next; None where nobody said.
    """

    number: int
    begins: timedelta | None
    lasts: timedelta | None
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Who rings for a service and an urgency, and how long it takes until a human hears of it.

    `opens` says whether an incident of this urgency can open now; `human_now` is how long it takes then. The worst
    case is over all instants ahead at which one can open: `worst` where somebody is reached at all, at `worst_at`;
    `never` holds the spans in which people are on call and nobody is reached, `gaps` those without anybody.
    """

    provider: str
    service: str
    name: str
    managed: bool
    urgency: UrgencyName
    policy: str | None
    zone: str
    opens: bool = False
    levels: tuple[LevelNow, ...] = ()
    human_now: timedelta | None = None
    worst: timedelta | None = None
    worst_at: datetime | None = None
    never: tuple[Span, ...] = ()
    gaps: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """One contact of a person, masked; `verified` is None where the provider does not say."""

    way: ContactWay
    shown: str
    usable: bool
    verified: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """Somebody who is on call within the span ahead, how they are reached, and what is wrong with that (rule ids).

    `first` is when they are next on call (now, if they are); `where` are schedules and policies.
    """

    provider: str
    user: str
    first: datetime
    now: bool
    where: tuple[str, ...]
    contacts: tuple[ContactRow, ...] = ()
    cannot: str | None = None
    known: bool = True
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Somebody who is not on call for a schedule now and will be within a week; `ready`: a phone will ring."""

    provider: str
    user: str
    schedule: str
    since: datetime
    zone: str
    ready: bool
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OddOverride:
    """An override worth a look: of somebody who is gone, one that changes nothing, a declared one that is over."""

    provider: str
    schedule: str
    user: str
    since: datetime
    until: datetime
    zone: str
    why: Literal["stale-override", "idle-override", "past-override"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """A schedule or a policy that nothing leads to."""

    provider: str
    kind: Kind
    name: str
    managed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmanaged:
    """Something in an account that this workspace does not manage; `by` says which other one does, or None."""

    provider: str
    kind: Kind
    name: str
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatLanding:
    """Where a chat command lands: who rings for it now, after how long, and whether somebody always does."""

    command: str
    service: str
    on_call: tuple[str, ...] = ()
    human_now: timedelta | None = None
    always: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """What a person carries within a span, all schedules together; time on two of them at once counts once.

    Hours are elapsed time, also through a clock change. `nights` are local nights (22:00 to 06:00) and `weekends`
    local weekends (Saturday 00:00 to Monday 00:00) with any time on call, `handoffs` how often they take over.
    """

    user: str
    part: Literal["back", "ahead"]
    zone: str
    hours: timedelta
    night_hours: timedelta
    nights: int
    weekend_hours: timedelta
    weekends: int
    handoffs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a person carries of one schedule, back and ahead together, beside the mean of all who carry it.

    `ratio` is 1 for exactly the mean. `known_since` is from when on the schedule tells who was on call: a provider
    may forget what was before its last change; None is all of the span.
    """

    provider: str
    schedule: str
    user: str
    hours: timedelta
    mean: timedelta
    ratio: float
    known_since: datetime | None = None
