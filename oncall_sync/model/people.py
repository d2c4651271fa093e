"""People and the teams they are in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .basic import ABSENT, Maybe, Ref
from .resource import Resource
from .schedule import ALWAYS, Hours


@dataclass(frozen=True, slots=True)
class Away:
    """A span in which a person is away, wall clock in the user's zone; it never changes who rings."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Resource):
    """A person, looked up at a provider by `email`; never created, changed or deleted there.

    `has` are properties (`production-access`), `works` the weekdays on which the person works (0 = Monday;
    all seven unless said), `ids` the person's names at providers where an email is not enough. `time_zone` is
    that of `away` and `works`; None means the zone of whatever schedule they are compared with.
    """

    email: str
    has: frozenset[str] = frozenset()
    works: frozenset[int] = frozenset(range(7))
    away: tuple[Away, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a team; `role` is the provider's word for it (PagerDuty: manager, responder, observer)."""

    user: Ref
    role: Maybe[str] = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where some of a team's own alerts go: those of certain priorities (none named: any), within certain hours.

    `to` is an escalation policy or a schedule; None is nobody. `time_zone` is that of `hours`; None is the
    account's. `other` is a condition that the model has no words for, as the provider wrote it (live only).
    """

    name: str
    to: Ref | None
    priorities: tuple[str, ...] = ()
    hours: Hours = ALWAYS
    time_zone: str | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Team(Resource):
    """A team; `members` absent means that membership is not managed.

    Some providers take alerts for a team, not only for services. `routes` are looked at in order, the first that
    fits decides; what fits none goes to `pages` (None: to nobody). Elsewhere both are None and empty.
    """

    members: Maybe[tuple[Member, ...]] = ABSENT
    pages: Maybe[Ref | None] = ABSENT
    routes: Maybe[tuple[Route, ...]] = ABSENT
