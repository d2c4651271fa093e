"""What an organisation asks of every team's policies: one value per entry of a rules file.

Nothing here judges; `oncall_sync.plan.rules` does. A rule is known by its `word` in YAML; its findings carry the
id `org-<word>`, with dashes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar, Final, Literal, TypeAlias

from .basic import Kind, Source, UrgencyName
from .check import ContactWay, Waiver
from .schedule import Hours

PREFIX: Final = "org-"
"""How the ids of findings about the organisation's rules begin."""

RuleLevel: TypeAlias = Literal["error", "warning"]
WhichLevel: TypeAlias = Literal["first", "last", "every", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a rule applies to: whatever fits each of these that says something; nothing said is everything.

    `keys` are globs (`payments-*`). With `urgency`, services that can have incidents of that urgency, and the
    escalation policies and schedules such incidents go through.
    """

    teams: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    keys: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    urgency: UrgencyName | None = None


EVERYTHING: Final = Selection()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The common part. `kinds` are what the rule can be about; `why` and `see` (a link) are for people.

    The first line of a rule's own description is what people are told that it asks for.
    """

    word: ClassVar[str] = ""
    kinds: ClassVar[tuple[Kind, ...]] = ()
    level: RuleLevel = "error"
    applies_to: Selection = EVERYTHING
    why: str | None = None
    see: str | None = None
    source: Source | None = field(default=None, compare=False)

    @property
    def id(self) -> str:
        """Return the rule id of its findings: `org-human-within`."""
        return rule_id(self.word)


def asked(rule: type[Rule]) -> str:
    """Return what a rule asks for, in a few words: the first line of its description."""
    text = (rule.__doc__ or rule.word).splitlines()[0].rstrip(".")
    return text[0].lower() + text[1:]


def rule_id(word: str) -> str:
    """Return the id of findings about the rule of that word."""
    return PREFIX + word.replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsRule(Rule):
    """Every service's ladder has so many levels."""

    word: ClassVar[str] = "levels"
    kinds: ClassVar[tuple[Kind, ...]] = ("service",)
    at_least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanWithinRule(Rule):
    """Everybody whom a service rings has been rung, and had their time to answer, within `limit`.

    Judged for incidents of `urgency`; `any` is both.
    """

    word: ClassVar[str] = "human_within"
    kinds: ClassVar[tuple[Kind, ...]] = ("service",)
    limit: timedelta
    urgency: UrgencyName | Literal["any"] = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeWithinRule(Rule):
    """Every service rings again at most so long after an acknowledgement that led to nothing."""

    word: ClassVar[str] = "acknowledge_within"
    kinds: ClassVar[tuple[Kind, ...]] = ("service",)
    limit: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredRule(Rule):
    """At every minute, this level (or each, or any) of a service's ladder has somebody."""

    word: ClassVar[str] = "covered"
    kinds: ClassVar[tuple[Kind, ...]] = ("service",)
    which: WhichLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDirectUsersRule(Rule):
    """Levels notify schedules; only the last `except_last` levels may name users."""

    word: ClassVar[str] = "no_direct_users"
    kinds: ClassVar[tuple[Kind, ...]] = ("escalation_policy",)
    except_last: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DistinctLevelsRule(Rule):
    """Every level that has somebody rings a person whom no level before it rings."""

    word: ClassVar[str] = "distinct_levels"
    kinds: ClassVar[tuple[Kind, ...]] = ("escalation_policy",)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePerRotaRule(Rule):
    """So many people take turns in every schedule."""

    word: ClassVar[str] = "people_per_rota"
    kinds: ClassVar[tuple[Kind, ...]] = ("schedule",)
    at_least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibleRule(Rule):
    """Everybody in a schedule has all of these properties."""

    word: ClassVar[str] = "eligible"
    kinds: ClassVar[tuple[Kind, ...]] = ("schedule",)
    has: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachableRule(Rule):
    """Everybody on call can be reached in one of these ways, `before` their turn begins."""

    word: ClassVar[str] = "reachable"
    kinds: ClassVar[tuple[Kind, ...]] = ("schedule",)
    by: tuple[ContactWay, ...]
    before: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class LongestShiftRule(Rule):
    """Nobody is on call in one schedule for longer than that at a stretch."""

    word: ClassVar[str] = "longest_shift"
    kinds: ClassVar[tuple[Kind, ...]] = ("schedule",)
    limit: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RestRule(Rule):
    """Nobody begins a shift sooner than that after their last one, over all schedules the rule applies to."""

    word: ClassVar[str] = "rest_between_shifts"
    kinds: ClassVar[tuple[Kind, ...]] = ("schedule",)
    limit: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffsRule(Rule):
    """Somebody takes over from somebody else only in these hours of the schedule's own zone, ends included."""

    word: ClassVar[str] = "handoffs"
    kinds: ClassVar[tuple[Kind, ...]] = ("schedule",)
    during: Hours


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedRule(Rule):
    """Everything has a team."""

    word: ClassVar[str] = "owned"
    kinds: ClassVar[tuple[Kind, ...]] = ("schedule", "escalation_policy", "service")


RULES: Final[tuple[type[Rule], ...]] = (
    LevelsRule,
    HumanWithinRule,
    CoveredRule,
    AcknowledgeWithinRule,
    NoDirectUsersRule,
    DistinctLevelsRule,
    PeoplePerRotaRule,
    LongestShiftRule,
    RestRule,
    HandoffsRule,
    EligibleRule,
    ReachableRule,
    OwnedRule,
)
"""Every rule there is, in the order in which people are told of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """All rules files together: what is asked, and who need not do it until when.

    A waiver's `rule` is a rule's word, and its `target` is always set; it need not be declared here, for a file
    may be shared by several repositories.
    """

    rules: tuple[Rule, ...] = ()
    waivers: tuple[Waiver, ...] = ()
