"""Shapes of rules files to the model."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from oncall_sync.model import Ref, Waiver
from oncall_sync.model.rule import (
    EVERYTHING,
    RULES,
    EligibleRule,
    ReachableRule,
    Rule,
    Selection,
)

from .book import SECTIONS
from .place import Place
from .shape_rules import RuleEntryShape, RulesShape, RuleWaiverShape, SelectionShape

_BY_WORD = {rule.word: rule for rule in RULES}


def resolve_rules(shape: RulesShape, place: Place) -> tuple[list[Rule], list[Waiver]]:
    """Return the rules and waivers of one file, in its order; nothing they name has to be declared."""
    rules = [_rule(each, place / "rules" / index) for index, each in enumerate(shape.rules)]
    waivers = [_waiver(each, place / "waivers" / index) for index, each in enumerate(shape.waivers)]
    return rules, waivers


def _rule(entry: RuleEntryShape, place: Place) -> Rule:
    word = next(iter(entry.model_fields_set))
    shape = getattr(entry, word)
    made = _BY_WORD[word]
    common: dict[str, Any] = {
        "level": shape.level or ("warning" if made is ReachableRule else "error"),
        "applies_to": _selection(shape.applies_to),
        "why": shape.why,
        "see": shape.see,
        "source": (place / word).key_source(),
    }
    own = {name: getattr(shape, name) for name in type(shape).model_fields if name not in common}
    if made is EligibleRule:
        own["has"] = frozenset(own["has"])
    if made is ReachableRule:
        own["before"] = own["before"] or timedelta()
    return made(**common, **own)


def _selection(shape: SelectionShape | None) -> Selection:
    if shape is None:
        return EVERYTHING
    return Selection(
        teams=shape.team, kinds=shape.kind, keys=shape.key, providers=shape.provider, urgency=shape.urgency
    )


def _waiver(shape: RuleWaiverShape, place: Place) -> Waiver:
    kind, key = next(
        (kind, key) for kind in SECTIONS.values() if (key := getattr(shape.for_, kind, None)) is not None
    )
    return Waiver(
        rule=shape.rule,
        target=Ref(kind, key),
        reason=shape.reason,
        owner=shape.owner,
        until=shape.until,
        source=place.source(),
    )
