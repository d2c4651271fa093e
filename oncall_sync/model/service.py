"""What breaks, how urgent that is, and how the news arrives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from .basic import ABSENT, Maybe, Ref, UrgencyName
from .resource import Resource
from .schedule import Hours


@dataclass(frozen=True, slots=True)
class ConstantUrgency:
    """The same urgency at any hour."""

    urgency: UrgencyName


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportHours:
    """One urgency during support hours, another outside them.

    With `raise_at_start`, what is still unacknowledged when support hours start turns `high`.
    """

    hours: Hours
    time_zone: str
    during: UrgencyName = "high"
    outside: UrgencyName = "low"
    raise_at_start: bool = False


@dataclass(frozen=True, slots=True)
class ByPriority:
    """The alert's priority (P1 to P5) decides."""

    high: tuple[str, ...]
    low: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BySender:
    """Whoever sends the event decides how urgent it is; found at providers, never declared."""


Urgency: TypeAlias = ConstantUrgency | SupportHours | ByPriority | BySender


@dataclass(frozen=True, slots=True)
class AcceptFrom:
    """One accepted sender of mail: a domain, an address, or a regular expression."""

    form: Literal["domain", "address", "regex"]
    value: str


IntegrationForm: TypeAlias = Literal["events", "email", "vendor", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """A way for news to reach a service; `name` is what people see and what makes it the same one.

    `email` is the part before the @ (or a whole address), `vendor` a name from the neutral catalogue,
    `other` (live only) a form this tool does not declare. Keys are never held. `was` is the old name of one that
    is to be renamed, and so keeps its key or address.
    """

    name: str
    form: IntegrationForm
    email: str | None = None
    accept_from: Maybe[tuple[AcceptFrom, ...]] = ABSENT
    vendor: str | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    was: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Resource):
    """Something that can break, and whom that pages.

    `acknowledge_within`: rings again when nobody resolved it this long after an acknowledgement.
    `resolve_after`: resolves by itself. `human_within` is a promise to check, never sent anywhere.
    """

    escalation_policy: Maybe[Ref] = ABSENT
    urgency: Maybe[Urgency] = ABSENT
    acknowledge_within: Maybe[timedelta | None] = ABSENT
    resolve_after: Maybe[timedelta | None] = ABSENT
    integrations: Maybe[tuple[Integration, ...]] = ABSENT
    human_within: timedelta | None = None
