"""The shape of a policy file, from which its JSON Schema comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from oncall_sync.model import ABSENT, Maybe

from .shape_base import Blocked, HoursParts, Shape, only_one
from .shape_checks import CheckShape, GroupShape, WaiverShape
from .shape_common import Declared
from .shape_schedule import ScheduleShape, SpanShape
from .shape_service import ServiceShape, UrgencyForm
from .shape_values import (
    DAYS,
    DURATION,
    EMAIL,
    TEXT,
    ZONE,
    Bare,
    OneOrMore,
    objection,
    one_of,
    reference,
    whole,
)
from .wording import SHOWN_LENGTH, escaped, shown

ROLES = ("manager", "responder", "observer", "admin", "user")


class UserShape(Shape):
    """A person, looked up at a provider by email; never created, changed or deleted there."""

    email: Annotated[str, EMAIL] = Field(description="the address by which a provider knows the person")
    name: Annotated[str | None, TEXT] = Field(None, description="what people call them; the key, unless said")
    time_zone: Annotated[str | None, ZONE] = Field(None, description="the zone of away; the file's, unless said")
    has: Annotated[tuple[Annotated[str, TEXT], ...], OneOrMore(clear=True)] = Field(
        (), description="properties that checks ask for, such as production-access"
    )
    works: Annotated[frozenset[int], DAYS] = Field(
        frozenset(range(7)),
        description="the days on which the person works, such as Mon-Thu; every day, unless said",
    )
    away: Annotated[tuple[SpanShape, ...], OneOrMore(clear=True)] = Field(
        (),
        description="when the person is away; never changes who rings, but a finding when they are on call then",
    )
    ids: dict[str, Annotated[str, TEXT]] = Field(
        {}, description="the person's names at provider kinds where an email is not enough"
    )


class MemberShape(Shape):
    """A person in a team: a key, or {user: key, role: manager}."""

    user: Annotated[str, reference("user")] = Field(description="the key of a user")
    role: Annotated[str | None, one_of(*ROLES)] = Field(
        None, description="the provider's word for what they may do"
    )


class TeamShape(Declared):
    """A team."""

    members: Annotated[
        tuple[Annotated[MemberShape, Bare("user")], ...],
        OneOrMore(empty="no members: write some, none for an empty team, or leave the key out", clear=True),
    ] = Field((), description="keys of users, or {user: key, role: manager}; absent: membership is not managed")


class NotifyShape(Shape):
    """Whom a level rings: {schedule: key} or {user: key}."""

    schedule: Annotated[str | None, reference("schedule")] = Field(None, description="the key of a schedule")
    user: Annotated[str | None, reference("user")] = Field(None, description="the key of a user")

    @model_validator(mode="before")
    @classmethod
    def _mapping(cls, value: Any) -> Any:
        if isinstance(value, str):
            word = escaped(value[:SHOWN_LENGTH])
            raise objection(f"write {{schedule: {word}}} or {{user: {word}}}, not {shown(value)} alone")
        return value

    @model_validator(mode="after")
    def _one(self) -> Self:
        only_one(self, "schedule", "user")
        return self


class LevelShape(Blocked):
    """Everybody in notify rings together; after escalate_after the next level does."""

    notify: Annotated[
        tuple[NotifyShape, ...],
        OneOrMore(empty="this level notifies nobody: write {schedule: key} or {user: key}"),
    ] = Field(description="who rings: {schedule: key} or {user: key}, one or a list")
    escalate_after: Annotated[Maybe[timedelta], DURATION] = Field(
        ABSENT, description="how long this level rings before the next begins, at least 1m"
    )


class EscalationPolicyShape(Declared):
    """Who is called next."""

    levels: Annotated[tuple[LevelShape, ...], OneOrMore(empty="no levels: write at least one")] = Field(
        (), description="who rings first, who next, and so on"
    )
    repeat: Annotated[Maybe[int], whole(0, 9, none=0)] = Field(ABSENT, description="extra passes after the first")


class FileShape(Shape):
    """A policy file: defaults for itself, and what it declares."""

    provider: Annotated[str | None, TEXT] = Field(
        None, description="the provider of everything in this file, or none"
    )
    time_zone: Annotated[str | None, ZONE] = Field(None, description="the zone of all times in this file")
    team: Annotated[str | None, reference("team")] = Field(
        None, description="the owner of everything in this file"
    )
    users: dict[str, UserShape] = Field({}, description="people, by key")
    teams: dict[str, TeamShape] = Field({}, description="teams, by key")
    hours: dict[str, HoursParts] = Field({}, description="hours with a name")
    schedules: dict[str, ScheduleShape] = Field({}, description="who is on call when, by key")
    escalation_policies: dict[str, EscalationPolicyShape] = Field({}, description="who is called next, by key")
    urgency_rules: dict[str, UrgencyForm] = Field({}, description="what counts as urgent, by name")
    services: dict[str, ServiceShape] = Field({}, description="what can break, and whom that pages, by key")
    checks: Annotated[tuple[CheckShape, ...], OneOrMore()] = Field((), description="what must hold")
    groups: dict[str, GroupShape] = Field({}, description="chat groups of whoever is on call, by name")
    chat_commands: dict[str, Annotated[str, reference("service")]] = Field(
        {}, description="chat commands and the services they page"
    )
    waivers: Annotated[tuple[WaiverShape, ...], OneOrMore()] = Field(
        (), description="findings silenced until a date"
    )
