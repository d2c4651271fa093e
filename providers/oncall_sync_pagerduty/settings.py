"""The `pagerduty:` blocks: what may stand in them, what it means, and their one canonical form.

Canonical: only what differs from PagerDuty's own default is in a block, durations are in their largest unit, and
lists whose order means nothing are sorted. What is read and what is declared are compared in this form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from .wire import seconds

Place: TypeAlias = Literal["service", "escalation_policy", "level", "team", "schedule", "integration", "provider"]

DEFAULT_OPENS: Final = "on_new_email_subject"
"""When mail opens an incident unless a block says otherwise. The API's own default is not documented (inferred
from its form), so it is always sent."""

_UNITS: Final = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
_DURATION: Final = re.compile(r"(\d+) ?(d|day|days|h|hour|hours|m|min|minute|minutes|s|second|seconds)")
_PAUSES: Final = ("2m", "3m", "5m", "10m", "15m", "recommended")


def parse_duration(text: str) -> timedelta:
    """Return a duration such as `10m` or `2 hours`. Raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a duration; write a number and a unit, such as 10m")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2][0]])


def duration_text(span: timedelta) -> str:
    """Return the shortest text of whole seconds that `parse_duration` reads."""
    whole = seconds(span)
    if not whole:
        return "0m"
    unit, size = next((u, s) for u, s in _UNITS.items() if whole % s == 0)
    return f"{whole // size}{unit}"


def _canonical_duration(text: Any) -> str:
    if not isinstance(text, str):
        raise ValueError("write a duration with its unit, such as 5m")
    return duration_text(parse_duration(text))


def _between(low: int, high: int, *also: int) -> AfterValidator:
    def check(text: str) -> str:
        whole = seconds(parse_duration(text))
        if not low <= whole <= high and whole not in also:
            more = "".join(f", or {duration_text(timedelta(seconds=one))}" for one in also)
            bounds = f"{duration_text(timedelta(seconds=low))} to {duration_text(timedelta(seconds=high))}"
            raise ValueError(f"must be {bounds}{more}")
        return text

    return AfterValidator(check)


_Duration = Annotated[str, BeforeValidator(_canonical_duration)]
_Names = Annotated[
    list[str],
    BeforeValidator(
        lambda value: [value] if isinstance(value, str) else value, json_schema_input_type=str | list[str]
    ),
]


class Block(BaseModel):
    """What all blocks have in common: unknown keys are errors, `none` means PagerDuty's default."""

    model_config = ConfigDict(extra="forbid", strict=True)
    place: ClassVar[Place]

    @model_validator(mode="before")
    @classmethod
    def _without_none(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {key: one for key, one in value.items() if one is not None and one != "none"}


class Grouping(Block):
    """How alerts become one incident; the keys that go with each type are PagerDuty's."""

    type: Literal["time", "intelligent", "content_based", "content_based_intelligent"]
    timeout: Annotated[_Duration, _between(60, 86_400, 0)] | None = None
    window: Annotated[_Duration, _between(300, 3600, 86_400)] | None = None
    aggregate: Literal["all", "any"] | None = None
    fields: _Names | None = None

    @model_validator(mode="after")
    def _fits(self) -> Grouping:
        allowed, needed = _GROUPING_KEYS[self.type]
        for key in ("timeout", "window", "aggregate", "fields"):
            given = getattr(self, key) is not None
            if given and key not in allowed:
                raise ValueError(f"`{key}` does not go with the type {self.type}")
            if not given and key in needed:
                raise ValueError(f"the type {self.type} needs `{key}`")
        if self.window == "1d" and self.type != "content_based":
            raise ValueError("`window: 1d` goes with the type content_based only")
        return self


_GROUPING_KEYS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "time": (("timeout",), ("timeout",)),
    "intelligent": (("window", "fields"), ()),
    "content_based": (("window", "aggregate", "fields"), ("aggregate", "fields")),
    "content_based_intelligent": (("window", "aggregate", "fields"), ("aggregate", "fields")),
}


def _pause(value: Any) -> str | None:
    if isinstance(value, bool):
        return "recommended" if value else None
    text = _canonical_duration(value) if value != "recommended" else "recommended"
    if text not in _PAUSES:
        raise ValueError(f"must be one of {', '.join(_PAUSES)}, or none")
    return text


class ServiceBlock(Block):
    """`pagerduty:` in a service."""

    place = "service"
    alert_grouping: Annotated[
        Grouping | None,
        BeforeValidator(
            lambda value: {"type": value} if isinstance(value, str) else value,
            json_schema_input_type=Grouping | str | None,
        ),
    ] = None
    auto_pause: Annotated[str, BeforeValidator(_pause), Field(examples=["5m", "recommended"])] | None = None
    status: Literal["active", "disabled"] = "active"


class PolicyBlock(Block):
    """`pagerduty:` in an escalation policy."""

    place = "escalation_policy"
    handoff_notifications: Literal["if_has_services", "always"] = "if_has_services"
    tags: _Names = []


class LevelBlock(Block):
    """`pagerduty:` in a level."""

    place = "level"
    round_robin: bool = False


class TeamBlock(Block):
    """`pagerduty:` in a team."""

    place = "team"
    tags: _Names = []


class ScheduleBlock(Block):
    """`pagerduty:` in a schedule: which of PagerDuty's two kinds it is."""

    place = "schedule"
    schedules: Literal["layered", "shift_based"] = "layered"


class Filter(Block):
    """One condition on mail: a regular expression that must match, or must not."""

    match: str | None = None
    no_match: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Filter:
        if (self.match is None) == (self.no_match is None):
            raise ValueError("write either `match` or `no_match`")
        return self


_Filter = Annotated[
    Filter,
    BeforeValidator(
        lambda value: {"match": value} if isinstance(value, str) else value, json_schema_input_type=Filter | str
    ),
]


class IntegrationBlock(Block):
    """`pagerduty:` in an email integration."""

    place = "integration"
    opens_incident: Literal["on_new_email", "on_new_email_subject", "only_if_no_open_incidents", "use_rules"] = (
        "on_new_email_subject"
    )
    subject: _Filter | None = None
    body: _Filter | None = None
    filters: Annotated[
        Literal["custom"] | None,
        Field(description="The filters were made in PagerDuty, are of a kind that has no words here, and stay."),
    ] = None


class ProviderBlock(Block):
    """The keys under `providers:` in oncall.yaml that only PagerDuty knows."""

    place = "provider"
    schedules: Literal["layered", "shift_based"] = "layered"


BLOCKS: Final[Mapping[Place, type[Block]]] = {
    block.place: block
    for block in (ServiceBlock, PolicyBlock, LevelBlock, TeamBlock, ScheduleBlock, IntegrationBlock, ProviderBlock)
}


def canonical(place: Place, block: Mapping[str, Any]) -> dict[str, Any]:
    """Return a block in its canonical form; one that is wrong comes back as it is (see `faults`)."""
    try:
        found = BLOCKS[place].model_validate(dict(block))
    except ValidationError:
        return dict(block)
    out = found.model_dump(exclude_defaults=True, exclude_none=True)
    if "tags" in out:
        out["tags"] = sorted(set(out["tags"]))
    if isinstance(grouping := out.get("alert_grouping"), dict) and "fields" in grouping:
        grouping["fields"] = sorted(set(grouping["fields"]))
    return out


def faults(place: Place, block: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(dotted key, sentence)` for everything wrong in a block."""
    try:
        BLOCKS[place].model_validate(dict(block))
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            path = ".".join(str(part) for part in one["loc"])
            if one["type"] == "extra_forbidden":
                yield path, _unknown(place, one["loc"])
            else:
                message = one["msg"].removeprefix("Value error, ")
                yield path, f"`{path}`: {message}" if path else message


def _unknown(place: Place, location: tuple[int | str, ...]) -> str:
    model: type[BaseModel] = BLOCKS[place]
    if len(location) > 1:
        model = {"alert_grouping": Grouping}.get(str(location[0]), Filter)
    known = list(model.model_fields)
    near = get_close_matches(str(location[-1]), known, 1)
    hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(known)}"
    return f"unknown key `{location[-1]}` in the pagerduty block of this {place.replace('_', ' ')} ({hint})"


def schema(place: Place) -> dict[str, Any]:
    """Return a JSON Schema of a block as YAML holds it, in words that draft-07 knows and without references."""
    found = BLOCKS[place].model_json_schema()
    parts = found.pop("$defs", {})

    def inline(value: Any) -> Any:
        if isinstance(value, list):
            return [inline(one) for one in value]
        if not isinstance(value, dict):
            return value
        if value == {"type": "null"}:
            return {"const": "none"}
        if "default" in value and value["default"] is None:
            value = {key: one for key, one in value.items() if key != "default"}
        if "$ref" in value:
            rest = {key: inline(one) for key, one in value.items() if key != "$ref"}
            return {**inline(parts[value["$ref"].rpartition("/")[2]]), **rest}
        return {key: inline(one) for key, one in value.items()}

    return dict(inline(found))
