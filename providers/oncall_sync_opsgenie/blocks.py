"""The shapes of `opsgenie:` blocks; `settings` says what is wrong in one, and brings it to one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias
from zoneinfo import ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from oncall_sync.rota.wall import zone_info

from .convert_escalation import span_text
from .spans import minutes_of, parse_hours
from .wire import HIGH_PRIORITY, LOW_PRIORITY, safe

Place: TypeAlias = Literal["service", "escalation_policy", "level", "team", "schedule", "integration", "provider"]
Priority: TypeAlias = Literal["P1", "P2", "P3", "P4", "P5"]

NOBODY: Final = "none"
"""The word for a route that leads to nobody."""
NO_TIME: Final = "0m"
MOST_TAGS: Final = 20
"""How many tags a service may have (the API's description)."""
DEFAULT_VISIBILITY: Final = "TEAM_MEMBERS"
"""Who sees a service unless said: the first of the API's two words. Inferred, so it is never left to the API."""

OURS: Final = frozenset(
    (
        *("_readOnly", "apiKey", "assignedTeam", "customPriority", "emailAddress", "emailUsername", "enabled"),
        *("id", "isAdvanced", "isGlobal", "name", "ownerTeam", "priority", "recipients", "responders", "tags"),
        *("teamId", "type", "deviates"),
    )
)
"""Fields of an integration that say whom it pages, how urgently and what for: a policy's own words decide that."""


def _names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _hours(value: str) -> str:
    parse_hours(value)
    return value


def _zone(value: str) -> str:
    try:
        zone_info(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{value!r} is not a time zone; write one such as Europe/Vienna") from None
    return value


def _span(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("write a duration with its unit, such as 5m")
    whole = minutes_of(value)
    return span_text(whole) if whole else NO_TIME


_Names = Annotated[list[str], BeforeValidator(_names, json_schema_input_type=str | list[str])]
_Priorities = Annotated[list[Priority], BeforeValidator(_names, json_schema_input_type=Priority | list[Priority])]
_HoursText = Annotated[str, AfterValidator(_hours)]
_Windows = Annotated[list[_HoursText], BeforeValidator(_names, json_schema_input_type=str | list[str])]
_Zone = Annotated[str, AfterValidator(_zone), Field(examples=["Europe/Vienna"])]


class Block(BaseModel):
    """What all blocks have in common: unknown keys are errors, `none` means Opsgenie's default.

    `kept` are keys in which `none` is a word of its own.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    place: ClassVar[Place]
    kept: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _without_none(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {key: one for key, one in value.items() if one is not None and (key in cls.kept or one != NOBODY)}


class ServiceBlock(Block):
    """`opsgenie:` in a service."""

    place = "service"
    tags: Annotated[_Names, Field(max_length=MOST_TAGS)] = []
    visibility: Literal["TEAM_MEMBERS", "OPSGENIE_USERS"] = DEFAULT_VISIBILITY


class PolicyBlock(Block):
    """`opsgenie:` in an escalation policy."""

    place = "escalation_policy"
    starts_after: Annotated[str, BeforeValidator(_span), Field(examples=["5m"])] = NO_TIME
    close_after_repeats: bool = False


class Also(BaseModel):
    """A rule that the policy language has no words for, as Opsgenie has it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    type: str
    id: str | None = None
    notifyType: str = "default"  # noqa: N815 - the API's name
    condition: str | None = None


class LevelBlock(Block):
    """`opsgenie:` in a level."""

    place = "level"
    notify: Literal["next", "previous", "admins", "all", "random", "users"] | None = None
    condition: Literal["not_acked", "not_closed"] = "not_acked"
    also: Annotated[
        list[Also],
        Field(description="Rules that were made in Opsgenie, of a kind that has no words here, and that stay."),
    ] = []


class RouteItem(Block):
    """One routing rule of a team: which alerts, and whom they go to."""

    place = "team"
    kept = frozenset(("to",))
    name: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    priority: _Priorities = []
    hours: Annotated[_Windows, Field(examples=["Mon-Fri 09:00-18:00"])] = []
    time_zone: _Zone | None = None
    to: Annotated[str, Field(min_length=1, description="The key of an escalation policy, or none for nobody.")]


class TeamBlock(Block):
    """`opsgenie:` in a team: where alerts go that are sent to the team itself."""

    place = "team"
    kept = frozenset(("route_to",))
    route_to: Annotated[
        str | None,
        Field(min_length=1, description="The key of an escalation policy, or none for nobody."),
    ] = None
    routing: list[RouteItem] | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_routing(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and value.get("routing", ()) in (None, NOBODY):
            return {**value, "routing": []}
        return value

    @model_validator(mode="after")
    def _named_once(self) -> TeamBlock:
        names = [one.name for one in self.routing or () if one.name is not None]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two routing rules are named {twice[0]!r}; give each a name of its own")
        return self


class ScheduleBlock(Block):
    """`opsgenie:` in a schedule: nothing may stand there."""

    place = "schedule"


def refused(key: str, value: Any) -> str | None:
    """Return why a field of an integration may not be in a policy; None if it may."""
    if key in OURS:
        return f"`{key}` is set from the policy itself; leave it out here"
    if value is None:
        return f"`{key}` has no value; write the one that is to be in Opsgenie"
    if safe({key: value}) != {key: value}:
        return f"`{key}` holds a secret; set it in Opsgenie, where it stays, and leave it out here"
    return None


class IntegrationBlock(BaseModel):
    """`opsgenie:` in an integration: fields of its type, called what Opsgenie's API calls them."""

    model_config = ConfigDict(
        extra="allow", strict=True, json_schema_extra={"propertyNames": {"not": {"enum": [*sorted(OURS)]}}}
    )
    place: ClassVar[Place] = "integration"
    suppressNotifications: bool = False  # noqa: N815 - the API's names
    ignoreRespondersFromPayload: bool = False  # noqa: N815
    ignoreTeamsFromPayload: bool = False  # noqa: N815
    ignoreTagsFromPayload: bool = False  # noqa: N815
    ignoreExtraPropertiesFromPayload: bool = False  # noqa: N815

    @model_validator(mode="before")
    @classmethod
    def _not_ours(cls, value: Any) -> Any:
        said = (refused(str(key), one) for key, one in value.items()) if isinstance(value, Mapping) else ()
        for message in filter(None, said):
            raise ValueError(message)
        return value


class ProviderBlock(Block):
    """The keys under `providers:` in oncall.yaml that only Opsgenie knows."""

    place = "provider"
    high_priority: Priority = HIGH_PRIORITY
    low_priority: Priority = LOW_PRIORITY
    time_zone: Annotated[
        _Zone | None, Field(description="The account's own zone, in which its policies tell time.")
    ] = None

    @model_validator(mode="after")
    def _in_order(self) -> ProviderBlock:
        if self.high_priority >= self.low_priority:
            raise ValueError(
                f"high_priority must be more urgent than low_priority, not {self.high_priority}"
                f" and {self.low_priority}; P1 is the most urgent"
            )
        return self
