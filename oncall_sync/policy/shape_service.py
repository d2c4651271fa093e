"""The shape of services: how urgent they are, and how news reaches them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Literal, Self, TypeAlias
from warnings import catch_warnings, simplefilter

from pydantic import Discriminator, Field, Tag, model_validator

from oncall_sync.model import ABSENT, AcceptFrom, Maybe, UrgencyName

from . import words
from .shape_base import Blocked, HoursParts, NotNull, Shape, only_one
from .shape_common import Declared
from .shape_values import (
    CLEARABLE_DURATION,
    FLAG,
    TEXT,
    ZONE,
    OneOrMore,
    Word,
    found,
    objection,
    one_of,
    reference,
)
from .wording import shown

LONGEST_REGEX = 1000
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")

_URGENCY = one_of("high", "low")
_MAILBOX = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)


class UrgencyRuleShape(Shape):
    """What decides how urgent something is: support hours, or the alert's priority."""

    support_hours: HoursParts = Field((), description="when the team works: hours, or a name under hours:")
    during: Annotated[UrgencyName, _URGENCY] = Field("high", description="the urgency during support hours")
    outside: Annotated[UrgencyName, _URGENCY] = Field("low", description="the urgency outside support hours")
    raise_at_start: Annotated[bool, FLAG] = Field(
        default=False, description="what is still unacknowledged when support hours start turns high"
    )
    time_zone: Annotated[str | None, ZONE] = Field(
        None, description="the zone of support_hours; the file's, unless said"
    )
    high: Annotated[tuple[Annotated[str, one_of(*PRIORITIES)], ...], OneOrMore()] = Field(
        (), description="priorities that are urgent"
    )
    low: Annotated[tuple[Annotated[str, one_of(*PRIORITIES)], ...], OneOrMore()] = Field(
        (), description="priorities that are not"
    )

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        by_hours = {"support_hours", "during", "outside", "raise_at_start", "time_zone"} & self.model_fields_set
        by_priority = {"high", "low"} & self.model_fields_set
        if by_hours and by_priority:
            raise objection(
                "support hours and priorities exclude each other: write support_hours, or high and low"
            )
        if not by_priority and not self.support_hours:
            raise objection("this rule says nothing: write support_hours, or high and low with priorities")
        if by_priority:
            self._every_priority_once()
        return self

    def _every_priority_once(self) -> None:
        said = [*self.high, *self.low]
        if twice := sorted({name for name in said if said.count(name) > 1}):
            raise objection(
                f"{', '.join(twice)} is written more than once: write each of P1 to P5 once, in high or low"
            )
        if missing := [name for name in PRIORITIES if name not in said]:
            raise objection(f"{', '.join(missing)} is missing: write each of P1 to P5 once, in high or low")


def _rule_form(value: Any) -> str:
    return "<UrgencyRuleShape>" if isinstance(value, dict) else "<text>"


def _rule_text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise words.WordError(
            f"write high, low, the name of an urgency rule, or a rule in place, not {found(value)}"
        )
    return value


UrgencyText = Annotated[str, Word(_rule_text, {"type": "string", "examples": ["high", "low"]}), Tag("<text>")]
UrgencyForm: TypeAlias = Annotated[
    UrgencyText | Annotated[UrgencyRuleShape, Tag("<UrgencyRuleShape>")], Discriminator(_rule_form)
]


def mailbox(value: Any) -> str:
    """Return the part of an address before the @, or a whole address. Raises WordError."""
    if isinstance(value, str) and _MAILBOX.fullmatch(value):
        return value
    if isinstance(value, str) and "@" in value:
        return words.email(value)
    raise words.WordError(f"write an address or the part before its @, such as me-requests, not {found(value)}")


def accepted(value: Any) -> AcceptFrom:
    """Return one accepted sender: a domain, an address, or {regex: …}. Raises WordError."""
    if isinstance(value, dict) and list(value) == ["regex"] and isinstance(value["regex"], str) and value["regex"]:
        if len(value["regex"]) > LONGEST_REGEX:
            raise words.WordError(f"this is longer than {LONGEST_REGEX} characters: write less, or several")
        try:
            with catch_warnings():
                simplefilter("ignore")
                re.compile(value["regex"])
        except (re.error, OverflowError, RecursionError) as error:
            raise words.WordError(f"{shown(value['regex'])} is not a regular expression: {error}") from None
        return AcceptFrom("regex", value["regex"])
    if isinstance(value, str) and "@" in value.strip().lstrip("@"):
        return AcceptFrom("address", words.email(value))
    if isinstance(value, str) and _DOMAIN.fullmatch(value.removeprefix("@")):
        return AcceptFrom("domain", value.removeprefix("@").lower())
    raise words.WordError(f"write a domain, an address or {{regex: …}}, not {found(value)}")


_REGEX = {
    "type": "object",
    "properties": {"regex": {"type": "string", "minLength": 1}},
    "required": ["regex"],
    "additionalProperties": False,
}
_ACCEPTED = Word(
    accepted, {"anyOf": [{"type": "string", "examples": ["example.com", "anna@example.com"]}, _REGEX]}
)


class IntegrationShape(Blocked):
    """A way for news to reach a service: exactly one of events, email and vendor."""

    name: Annotated[str | None, TEXT] = Field(None, description="what people see; the key, unless said")
    events: Annotated[Literal["api"] | None, one_of("api")] = Field(
        None, description="api: whoever has the key sends"
    )
    email: Annotated[str | None, Word(mailbox, {"type": "string", "examples": ["me-requests"]})] = Field(
        None, description="an address, or the part before its @"
    )
    vendor: Annotated[str | None, TEXT] = Field(None, description="a monitoring tool, such as Datadog")
    accept_from: Annotated[tuple[Annotated[AcceptFrom, _ACCEPTED], ...], OneOrMore(clear=True)] = Field(
        (), description="whose mail is let in: domains, addresses, or {regex: …}"
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if only_one(self, "events", "email", "vendor") != "email" and self.said("accept_from"):
            raise objection("accept_from is about mail: write it where email is")
        return self


class Integrations(OneOrMore):
    """A mapping, or the word none for no integrations at all."""

    def __call__(self, value: Any) -> Any:
        """Return a mapping."""
        if value == "none":
            return {}
        if value == {}:
            raise objection("no integrations: write some, none to have none at all, or leave the key out")
        return value

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        return {"anyOf": [handler(core["schema"]) | {"minProperties": 1}, {"const": "none"}]}


class ServiceShape(Declared):
    """Something that can break, and whom that pages."""

    escalation_policy: Annotated[Maybe[str], reference("escalation_policy")] = Field(
        ABSENT, description="the key of the escalation policy"
    )
    urgency: Annotated[UrgencyForm | None, NotNull] = Field(
        None, description="high, low, the name of an urgency rule, or a rule in place"
    )
    acknowledge_within: Annotated[Maybe[timedelta | None], CLEARABLE_DURATION] = Field(
        ABSENT, description="rings again when nobody resolved it this long after an acknowledgement"
    )
    resolve_after: Annotated[Maybe[timedelta | None], CLEARABLE_DURATION] = Field(
        ABSENT, description="resolves by itself after this long"
    )
    human_within: Annotated[timedelta | None, CLEARABLE_DURATION] = Field(
        None, description="a promise: everybody has been rung within this time; checked, never sent anywhere"
    )
    integrations: Annotated[dict[str, IntegrationShape], Integrations()] = Field(
        {}, description="ways for news to reach the service, by name"
    )
