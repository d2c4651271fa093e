"""The shape of checks, chat groups and waivers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

from oncall_sync.model import ContactWay, UrgencyName

from .shape_base import HoursParts, NotNull, Shape, only_one
from .shape_values import (
    DATE,
    DAYS,
    DURATION,
    TEXT,
    WEEK_MINUTE,
    ZONE,
    OneOrMore,
    objection,
    one_of,
    reference,
    whole,
)

ScheduleKey = Annotated[str, reference("schedule")]
ServiceKey = Annotated[str, reference("service")]
Zone = Annotated[str | None, ZONE]
Texts = Annotated[tuple[Annotated[str, TEXT], ...], OneOrMore(empty="nothing is asked for: write at least one")]
_ZONE = Field(None, description="the zone of the times in this check; its schedule's or the file's, unless said")
_COUNT = whole(1, 1000)


class CoveredShape(Shape):
    """At every minute so many people ring."""

    schedule: Annotated[str | None, reference("schedule")] = Field(None, description="the key of a schedule")
    escalation_policy: Annotated[str | None, reference("escalation_policy")] = Field(
        None, description="the key of an escalation policy: its first level is meant"
    )
    exactly: Annotated[int | None, _COUNT] = Field(None, description="so many people, no more and no fewer")
    at_least: Annotated[int | None, _COUNT] = Field(None, description="so many people or more; 1, unless said")

    @model_validator(mode="after")
    def _one(self) -> Self:
        only_one(self, "schedule", "escalation_policy")
        if self.said("exactly") and self.said("at_least"):
            only_one(self, "exactly", "at_least")
        return self


class WithinShape(Shape):
    """A service, and how long it may take."""

    service: ServiceKey = Field(description="the key of a service")
    limit: Annotated[timedelta, DURATION] = Field(description="how long it may take: 5m")


class OnePersonShape(Shape):
    """One and the same person who has it all."""

    has: Texts = Field((), description="properties of that person")
    works: Annotated[frozenset[int], DAYS] = Field(frozenset(), description="the days on which that person works")


def _at_least_form(value: Any) -> str:
    if not isinstance(value, dict):
        return "<number>"
    return "<OnePersonShape>" if value.keys() & {"has", "works"} else "<properties>"


AtLeast = Annotated[
    Annotated[int, _COUNT, Tag("<number>")]
    | Annotated[OnePersonShape, Tag("<OnePersonShape>")]
    | Annotated[dict[str, Annotated[int, _COUNT]], Tag("<properties>")],
    Discriminator(_at_least_form),
]


class StaffedShape(Shape):
    """Enough people, or people who have what it takes, are on call."""

    schedule: ScheduleKey = Field(description="the key of a schedule")
    at_least: Annotated[AtLeast | None, NotNull] = Field(
        None, description="so many people; or {property: number}; or {has, works} of one and the same person"
    )
    has: Texts = Field((), description="properties that one and the same person must have")
    works: Annotated[frozenset[int], DAYS] = Field(
        frozenset(), description="days on which one and the same person must work"
    )
    during: HoursParts = Field((), description="when this must hold; always, unless said")
    time_zone: Zone = _ZONE

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.at_least is None and not self.has and not self.works:
            raise objection("nothing is asked for: write at_least: 1, or at_least: {property: 1}")
        return self


class EligibleShape(Shape):
    """Everybody in the schedule has these properties."""

    schedule: ScheduleKey = Field(description="the key of a schedule")
    has: Texts = Field(description="properties that everybody must have")


class PlannedAheadShape(Shape):
    """It is known early enough who is next."""

    schedule: ScheduleKey = Field(description="the key of a schedule")
    by: Annotated[int, WEEK_MINUTE] = Field(description="when it must be known: Mon 17:00")
    for_: Annotated[int, WEEK_MINUTE] = Field(alias="for", description="for when: Wed 09:00")
    time_zone: Zone = _ZONE


class ObservedFirstShape(Shape):
    """Nobody has a first turn without having observed the one before it."""

    schedule: ScheduleKey = Field(description="the key of a schedule")


class RingsShape(Shape):
    """An incident opened then rings somebody."""

    service: ServiceKey = Field(description="the key of a service")
    at: Annotated[int, WEEK_MINUTE] = Field(description="when it opens, every week: sat 03:00")
    urgency: Annotated[UrgencyName | None, one_of("high", "low")] = Field(
        None, description="how urgent it is then"
    )
    user: Annotated[str | None, reference("user")] = Field(None, description="who must ring: the key of a user")
    time_zone: Zone = _ZONE


class RaisedShape(Shape):
    """An incident opened at one time turns high at another."""

    service: ServiceKey = Field(description="the key of a service")
    opened: Annotated[int, WEEK_MINUTE] = Field(description="when it opens, every week: sat 03:00")
    high_at: Annotated[int, WEEK_MINUTE] = Field(description="when its urgency turns high: mon 09:00")
    rings: Annotated[str | None, reference("user")] = Field(
        None, description="who must ring then: the key of a user"
    )
    time_zone: Zone = _ZONE


class ReachableShape(Shape):
    """Everybody in the schedule can be reached."""

    schedule: ScheduleKey = Field(description="the key of a schedule")
    by: Annotated[
        tuple[Annotated[ContactWay, one_of("push", "phone", "sms", "email")], ...],
        OneOrMore(empty="no ways: write push, phone, sms or email"),
    ] = Field(description="ways of which one is enough: push, phone, sms, email")
    before: Annotated[timedelta | None, DURATION] = Field(
        None, description="how long before a turn this must hold"
    )


class CheckShape(Shape):
    """One check: the name of a rule, and what it is about."""

    covered: Annotated[CoveredShape | None, NotNull] = Field(None, description="enough people at every minute")
    distinct: Annotated[
        Annotated[tuple[ScheduleKey, ...], OneOrMore(empty="write at least two schedules")] | None, NotNull
    ] = Field(None, description="schedules in which no person is on call at once")
    human_within: Annotated[WithinShape | None, NotNull] = Field(None, description="everybody is rung soon enough")
    acknowledged_within: Annotated[WithinShape | None, NotNull] = Field(
        None, description="the first level escalates soon enough"
    )
    staffed: Annotated[StaffedShape | None, NotNull] = Field(None, description="the right people are on call")
    eligible: Annotated[EligibleShape | None, NotNull] = Field(None, description="everybody has what it takes")
    planned_ahead: Annotated[PlannedAheadShape | None, NotNull] = Field(None, description="known early enough")
    observed_first: Annotated[ObservedFirstShape | None, NotNull] = Field(
        None, description="no first turn unobserved"
    )
    rings: Annotated[RingsShape | None, NotNull] = Field(None, description="somebody rings at that time")
    raised: Annotated[RaisedShape | None, NotNull] = Field(None, description="the urgency turns high at that time")
    reachable: Annotated[ReachableShape | None, NotNull] = Field(None, description="everybody can be reached")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if not self.model_fields_set:
            raise objection("this check is empty: write a rule such as covered: {schedule: key, exactly: 1}")
        if len(self.model_fields_set) > 1:
            said = " and ".join(name for name in type(self).model_fields if name in self.model_fields_set)
            raise objection(f"{said} are several checks in one: put a dash before each")
        if self.distinct is not None and len(self.distinct) < 2:
            raise objection("one schedule cannot collide with itself: write at least two")
        return self


class PeopleShape(Shape):
    """Whose people are meant."""

    schedule: Annotated[str | None, reference("schedule")] = Field(None, description="whoever is on call there")
    escalation_policy: Annotated[str | None, reference("escalation_policy")] = Field(
        None, description="whoever its first level rings"
    )
    team: Annotated[str | None, reference("team")] = Field(None, description="its members")

    @model_validator(mode="after")
    def _one(self) -> Self:
        only_one(self, "schedule", "escalation_policy", "team")
        return self


class GroupShape(Shape):
    """A chat group that holds whoever is on call."""

    slack: Annotated[str, TEXT] = Field(description="the id of the Slack user group: S0123")
    from_: PeopleShape = Field(alias="from", description="whose people it holds: {schedule: key}")


class TargetShape(Shape):
    """What a waiver is about."""

    team: Annotated[str | None, reference("team")] = Field(None, description="the key of a team")
    user: Annotated[str | None, reference("user")] = Field(None, description="the key of a user")
    schedule: Annotated[str | None, reference("schedule")] = Field(None, description="the key of a schedule")
    escalation_policy: Annotated[str | None, reference("escalation_policy")] = Field(
        None, description="the key of an escalation policy"
    )
    service: Annotated[str | None, reference("service")] = Field(None, description="the key of a service")

    @model_validator(mode="after")
    def _one(self) -> Self:
        only_one(self, "team", "user", "schedule", "escalation_policy", "service")
        return self


class WaiverShape(Shape):
    """One finding silenced until a date."""

    rule: Annotated[str, TEXT] = Field(description="the rule id of the finding")
    for_: Annotated[TargetShape | None, NotNull] = Field(
        None, alias="for", description="what it is about: {service: key}"
    )
    reason: Annotated[str, TEXT] = Field(description="why this is fine for now")
    owner: Annotated[str, TEXT] = Field(description="who answers for it")
    until: Annotated[date, DATE] = Field(description="the last day on which it holds: 2026-12-31")
