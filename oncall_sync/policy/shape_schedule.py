"""The shape of schedules: rotations, assignments, overrides."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, ValidationInfo, field_validator
from pydantic_core import CoreSchema

from oncall_sync.model import ABSENT, Maybe, Overlap

from .shape_base import HoursParts, Shape
from .shape_common import Declared
from .shape_values import (
    CLEARABLE_WALL,
    EVERY,
    TEXT,
    WALL,
    WALL_OR_DATE,
    ZONE,
    JsonSchema,
    OneOrMore,
    objection,
    one_of,
    reference,
    whole,
)

UserKey = Annotated[str, reference("user")]
NO_MEMBERS = "no members: write the keys of users, or nobody for a vacant turn"
ROTATION_KEYS = frozenset({"members", "start", "every"})


def _later(until: datetime, begins: datetime | None) -> datetime:
    if begins is not None and until <= begins:
        raise objection(f"this is not after the beginning, {begins:%Y-%m-%d %H:%M}: write a later until")
    return until


class SpanShape(Shape):
    """From `since` up to, not including, `until`; a date alone is its midnight."""

    since: Annotated[datetime, WALL_OR_DATE] = Field(description="when it begins: 2026-11-25 09:00")
    until: Annotated[datetime, WALL_OR_DATE] = Field(description="when it ends: 2026-12-09 09:00")

    @field_validator("until")
    @classmethod
    def _ends_later(cls, until: datetime, info: ValidationInfo) -> datetime:
        return _later(until, info.data.get("since"))


class AssignmentShape(SpanShape):
    """People named for one span, instead of turns."""

    on_call: Annotated[tuple[UserKey, ...], OneOrMore(empty="nobody is on call here: write the keys of users")] = (
        Field(description="who is on call: keys of users")
    )
    fallback: Annotated[tuple[UserKey, ...], OneOrMore(clear=True)] = Field(
        (), description="who rings when one of them is away or does not work that day"
    )
    observers: Annotated[tuple[UserKey, ...], OneOrMore(clear=True)] = Field(
        (), description="who looks on; never rung"
    )


class OverrideShape(SpanShape):
    """One person instead of whoever would ring, for a span."""

    user: UserKey = Field(description="who takes over: the key of a user")
    instead_of: Annotated[str | None, reference("user")] = Field(None, description="whose turn it is")


class RotationShape(Shape):
    """People who take turns."""

    name: Annotated[str | None, TEXT] = Field(None, description="what people see at the provider")
    members: Annotated[tuple[UserKey, ...], OneOrMore(empty=NO_MEMBERS)] = Field(
        description="who takes turns, in this order: keys of users, or nobody for a vacant turn"
    )
    start: Annotated[datetime, WALL] = Field(
        description="the first handoff, wall clock: Mon 2026-01-05 09:00; before it the rotation does not ring"
    )
    every: Annotated[timedelta, EVERY] = Field(
        description="how long a turn is: 12h, 1 day, 2 days, 1 week, 2 weeks"
    )
    hours: HoursParts = Field((), description="when it rings; always, unless said")
    until: Annotated[Maybe[datetime | None], CLEARABLE_WALL] = Field(ABSENT, description="when the rotation ends")

    @field_validator("until")
    @classmethod
    def _ends_later(cls, until: datetime | None, info: ValidationInfo) -> datetime | None:
        return until and _later(until, info.data.get("start"))


def is_one_rotation(value: dict[Any, Any]) -> bool:
    """Tell a single rotation from a mapping of named ones, even if one of them is written wrongly."""
    named = any(isinstance(item, dict) for name, item in value.items() if name != "hours")
    return not named or not ROTATION_KEYS.isdisjoint(value)


class Rotations:
    """One rotation, a list of them, or a mapping of them by name."""

    def __call__(self, value: Any) -> Any:
        """Return a list; the key of a named rotation is its name unless it has one."""
        if isinstance(value, dict):
            if is_one_rotation(value):
                return [value]
            return [{"name": name} | item if isinstance(item, dict) else item for name, item in value.items()]
        if not value and isinstance(value, list):
            raise objection("no rotations: write at least one")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return BeforeValidator(self).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        listed = handler(core["schema"])
        one = listed["items"]
        named = {"type": "object", "minProperties": 1, "additionalProperties": one}
        return {"anyOf": [one, listed | {"minItems": 1}, named]}


class ScheduleShape(Declared):
    """Who is on call when."""

    time_zone: Annotated[str | None, ZONE] = Field(
        None, description="the zone of its times; the file's, unless said"
    )
    rotations: Annotated[tuple[RotationShape, ...], Rotations()] = Field(
        (), description="people who take turns: one rotation, a list, or a mapping by name"
    )
    overlap: Annotated[Overlap, one_of("everyone", "last_wins")] = Field(
        "everyone", description="everyone: all rotations ring; last_wins: a later one covers an earlier one"
    )
    follows: Annotated[str | None, reference("schedule")] = Field(
        None, description="a schedule whose turns this one repeats, offset by some"
    )
    offset: Annotated[int, whole(-1000, 1000)] = Field(
        1, description="how many turns later somebody rings here than in the schedule it follows"
    )
    assignments: Annotated[tuple[AssignmentShape, ...], OneOrMore(clear=True)] = Field(
        (), description="people named for a span, instead of turns"
    )
    overrides: Annotated[tuple[OverrideShape, ...], OneOrMore(clear=True)] = Field(
        (), description="one person instead of another, for a span"
    )
