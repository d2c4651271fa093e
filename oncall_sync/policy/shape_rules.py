"""The shape of a rules file: what an organisation asks of every team, from which its JSON Schema comes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from oncall_sync.model import ContactWay, Hours, Kind, UrgencyName
from oncall_sync.model.rule import RULES, RuleLevel, WhichLevel

from . import words
from .shape_base import NotNull, Shape
from .shape_checks import TargetShape
from .shape_values import DATE, DURATION, TEXT, JsonSchema, OneOrMore, Word, found, objection, one_of, whole
from .wording import WordError, shown, word

SELECTED = ("team", "schedule", "escalation_policy", "service")
WORDS = tuple(rule.word for rule in RULES)


class Short:
    """A mapping for which the value of one of its keys may stand; without a name, the word `true` may."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name

    def __call__(self, value: Any) -> Any:
        """Return a mapping, if something else was written."""
        if isinstance(value, dict) or value is None:
            return value
        if self.name is not None:
            return {self.name: value}
        if value is not True:
            raise objection(f"write true, or a mapping, not {found(value)}; a rule that does not hold is left out")
        return {}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        whole_form = handler(core["schema"])
        if self.name is None:
            return {"anyOf": [{"const": True}, whole_form]}
        alone = dict(handler.resolve_ref_schema(whole_form)["properties"][self.name])
        alone.pop("description", None)
        return {"anyOf": [alone, whole_form]}


def _sentence(value: Any) -> str:
    return word(value, "a sentence, of at most 300 characters")


def _link(value: Any) -> str:
    text = word(value, "a link, as https://wiki.example.com/on-call")
    if not text.startswith("https://") or not text.isprintable() or " " in text:
        raise WordError(f"{shown(text)} is not a link: write one that begins with https://")
    return text


def _pattern(value: Any) -> str:
    text = word(value, "a key, or a part of it and stars, as payments-*")
    if len(text) > 100 or not text.isprintable():
        raise WordError(f"{shown(text)} cannot be a key: write one of at most 100 characters, stars included")
    return text


_NOTHING = "nothing is written here: write at least one, or leave the key out"
_SENTENCE = Word(_sentence, {"type": "string", "minLength": 1, "maxLength": 300})
_LINK = Word(_link, {"type": "string", "pattern": "^https://", "examples": ["https://wiki.example.com/on-call"]})
_PATTERN = Word(_pattern, {"type": "string", "minLength": 1, "maxLength": 100, "examples": ["payments-*"]})
_HOURS = Word(words.hours, {"type": "string", "examples": ["Mon-Fri 09:00-17:00"]})
_URGENCY = one_of("high", "low")
Texts = Annotated[tuple[Annotated[str, TEXT], ...], OneOrMore(empty=_NOTHING)]
Patterns = Annotated[tuple[Annotated[str, _PATTERN], ...], OneOrMore(empty=_NOTHING)]
Length = Annotated[timedelta, DURATION]


class SelectionShape(Shape):
    """What a rule applies to: what fits all that is said here; everything, if nothing is."""

    team: Texts = Field((), description="what these teams own: their keys")
    kind: Annotated[tuple[Annotated[Kind, one_of(*SELECTED[1:])], ...], OneOrMore(empty=_NOTHING)] = Field(
        (), description="these kinds of things only: schedule, escalation_policy, service"
    )
    key: Patterns = Field((), description="keys like these; * stands for anything: payments-*")
    provider: Texts = Field((), description="what is at these providers, or none")
    urgency: Annotated[UrgencyName | None, _URGENCY] = Field(
        None, description="services with incidents of this urgency, and what those incidents go through"
    )


class RuleShape(Shape):
    """What every rule may say."""

    level: Annotated[RuleLevel | None, one_of("error", "warning")] = Field(
        None, description="how bad it is if the rule is broken; error, unless said"
    )
    applies_to: Annotated[SelectionShape | None, NotNull] = Field(
        None, description="what the rule is about; everything, unless said"
    )
    why: Annotated[str | None, _SENTENCE] = Field(
        None, description="why there is this rule: shown to who breaks it"
    )
    see: Annotated[str | None, _LINK] = Field(None, description="where more is written about it")


class LevelsShape(RuleShape):
    """Every service's escalation policy has so many levels."""

    at_least: Annotated[int, whole(1, 20)] = Field(description="so many levels or more")


class HumanWithinShape(RuleShape):
    """Everybody whom a service rings has been rung, and had their time to answer, within a limit."""

    limit: Length = Field(description="how long it may take at the worst minute: 15m")
    urgency: Annotated[Literal["high", "low", "any"], one_of("high", "low", "any")] = Field(
        "high", description="for incidents of this urgency; high, unless said"
    )


class AcknowledgeWithinShape(RuleShape):
    """Every service rings again if it was acknowledged and then forgotten."""

    limit: Length = Field(description="the longest acknowledge_within a service may have: 30m")


class CoveredShape(RuleShape):
    """A level of every service's ladder has somebody at every minute."""

    which: Annotated[WhichLevel, one_of("first", "last", "every", "any")] = Field(
        description="which level: the first, the last, every one, or any of them"
    )


class NoDirectUsersShape(RuleShape):
    """Levels notify schedules, not users."""

    except_last: Annotated[int, whole(0, 20)] = Field(
        0, description="so many levels at the end may name users; 0, unless said"
    )


class DistinctLevelsShape(RuleShape):
    """Every level rings somebody whom no level before it rings."""


class PeoplePerRotaShape(RuleShape):
    """So many people take turns in every schedule."""

    at_least: Annotated[int, whole(1, 1000)] = Field(description="so many people or more")


class EligibleShape(RuleShape):
    """Everybody in a schedule has what it takes."""

    has: Texts = Field(description="properties that everybody must have")


class ReachableShape(RuleShape):
    """Everybody on call can be reached in one of these ways."""

    level: Annotated[RuleLevel | None, one_of("error", "warning")] = Field(
        None, description="how bad it is if the rule is broken; warning, unless said"
    )
    by: Annotated[
        tuple[Annotated[ContactWay, one_of("push", "phone", "sms", "email")], ...], OneOrMore(empty=_NOTHING)
    ] = Field(description="ways of which one is enough: push, phone, sms, email")
    before: Annotated[timedelta | None, DURATION] = Field(
        None, description="how long before a turn this must hold"
    )


class LongestShiftShape(RuleShape):
    """Nobody is on call in one schedule for longer than that at a stretch."""

    limit: Length = Field(description="the longest shift: 1 week")


class RestShape(RuleShape):
    """Nobody begins a shift too soon after their last one, whichever schedules these are in."""

    limit: Length = Field(description="the shortest time between two shifts: 11h")


class HandoffsShape(RuleShape):
    """Somebody takes over from somebody else at a good time of day."""

    during: Annotated[Hours, _HOURS] = Field(
        description="when handoffs may be, in the schedule's time zone: Mon-Fri 09:00-17:00"
    )


class OwnedShape(RuleShape):
    """Every schedule, escalation policy and service has a team."""


class RuleEntryShape(Shape):
    """One rule: its name, and what it asks for."""

    levels: Annotated[LevelsShape | None, NotNull, Short("at_least")] = Field(
        None, description="how many levels an escalation policy has"
    )
    human_within: Annotated[HumanWithinShape | None, NotNull, Short("limit")] = Field(
        None, description="how long it may take until a human must have answered"
    )
    covered: Annotated[CoveredShape | None, NotNull, Short("which")] = Field(
        None, description="which level has somebody at every minute"
    )
    acknowledge_within: Annotated[AcknowledgeWithinShape | None, NotNull, Short("limit")] = Field(
        None, description="when a forgotten incident rings again"
    )
    no_direct_users: Annotated[NoDirectUsersShape | None, NotNull, Short()] = Field(
        None, description="levels notify schedules, not users"
    )
    distinct_levels: Annotated[DistinctLevelsShape | None, NotNull, Short()] = Field(
        None, description="every level rings somebody else"
    )
    people_per_rota: Annotated[PeoplePerRotaShape | None, NotNull, Short("at_least")] = Field(
        None, description="how many people take turns in a schedule"
    )
    longest_shift: Annotated[LongestShiftShape | None, NotNull, Short("limit")] = Field(
        None, description="how long somebody may be on call at a stretch"
    )
    rest_between_shifts: Annotated[RestShape | None, NotNull, Short("limit")] = Field(
        None, description="how long somebody is free between two shifts"
    )
    handoffs: Annotated[HandoffsShape | None, NotNull, Short("during")] = Field(
        None, description="when somebody takes over from somebody else"
    )
    eligible: Annotated[EligibleShape | None, NotNull, Short("has")] = Field(
        None, description="what everybody on call must have"
    )
    reachable: Annotated[ReachableShape | None, NotNull, Short("by")] = Field(
        None, description="how everybody on call can be reached"
    )
    owned: Annotated[OwnedShape | None, NotNull, Short()] = Field(None, description="everything has a team")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if not self.model_fields_set:
            raise objection("this rule is empty: write one such as levels: 2")
        if len(self.model_fields_set) > 1:
            said = " and ".join(name for name in type(self).model_fields if name in self.model_fields_set)
            raise objection(f"{said} are several rules in one: put a dash before each")
        return self


class EachIsOne:
    """A list of mappings of one key; one mapping of several keys may stand for it."""

    def __call__(self, value: Any) -> Any:
        """Return a list, whatever was written."""
        return [{name: each} for name, each in value.items()] if isinstance(value, dict) else value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        listed = handler(core["schema"])
        return {"anyOf": [listed["items"], listed]}


class RuleWaiverShape(Shape):
    """One thing that need not obey a rule until a date."""

    rule: Annotated[str, one_of(*WORDS)] = Field(description="the rule, by its name in this file")
    for_: TargetShape = Field(alias="for", description="what need not obey it: {service: key}")
    reason: Annotated[str, _SENTENCE] = Field(description="why this is fine for now")
    owner: Annotated[str, _SENTENCE] = Field(description="who answers for it, and sees that it ends")
    until: Annotated[date, DATE] = Field(description="the last day on which it holds: 2026-12-31")

    @model_validator(mode="after")
    def _of_a_kind(self) -> Self:
        kinds = next(rule.kinds for rule in RULES if rule.word == self.rule)
        if not any(self.for_.said(kind) for kind in kinds):
            forms = " or ".join(f"for: {{{kind}: key}}" for kind in kinds)
            raise objection(f"{self.rule} is about something else: write {forms}")
        return self


class RulesShape(Shape):
    """A rules file: what an organisation asks of every team, and who need not do it until when."""

    rules: Annotated[tuple[RuleEntryShape, ...], EachIsOne()] = Field(
        (), description="the rules: by name, or a list where one name stands several times"
    )
    waivers: Annotated[tuple[RuleWaiverShape, ...], OneOrMore()] = Field(
        (), description="what need not obey a rule, until a date"
    )
