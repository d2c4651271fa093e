"""Every rule against a scene, with waivers taken off and what a plan makes worse told from what was so before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeAlias

from oncall_sync.model import Finding, Policies, Severity, Waiver
from oncall_sync.model.rule import (
    EVERYTHING,
    AcknowledgeWithinRule,
    CoveredRule,
    DistinctLevelsRule,
    EligibleRule,
    HandoffsRule,
    HumanWithinRule,
    LevelsRule,
    LongestShiftRule,
    NoDirectUsersRule,
    OwnedRule,
    PeoplePerRotaRule,
    ReachableRule,
    RestRule,
    Rule,
)
from oncall_sync.plan.checks.watch import Watch
from oncall_sync.plan.judging import Sides, adds_to
from oncall_sync.rota.scene import Scene

from . import ladders, rotas
from .breach import Breach, Ground, selected

Judge: TypeAlias = Callable[[Any, Ground], Iterator[Breach]]

WHOLLY: Final[dict[type[Rule], Judge]] = {
    LevelsRule: ladders.levels,
    NoDirectUsersRule: ladders.no_direct_users,
    AcknowledgeWithinRule: ladders.acknowledge_within,
    OwnedRule: ladders.owned,
}
"""Rules that no clock has a part in: `validate` has the last word on them."""

ALWAYS: Final[dict[type[Rule], Judge]] = {
    **WHOLLY,
    HumanWithinRule: ladders.human_within_always,
    DistinctLevelsRule: ladders.distinct_targets,
    PeoplePerRotaRule: rotas.people_ever,
    EligibleRule: rotas.eligible_always,
}
"""Rules of which something can be said without a date; of those not in `WHOLLY`, not all."""

NOW: Final[dict[type[Rule], Judge]] = {
    **WHOLLY,
    HumanWithinRule: ladders.human_within,
    CoveredRule: ladders.covered,
    DistinctLevelsRule: ladders.distinct_levels,
    PeoplePerRotaRule: rotas.people_per_rota,
    LongestShiftRule: rotas.longest_shift,
    RestRule: rotas.rest_between_shifts,
    HandoffsRule: rotas.handoffs,
    EligibleRule: rotas.eligible,
    ReachableRule: rotas.reachable,
}
"""All rules, judged over a span of time."""

SOON: Final = timedelta(days=14)
"""How long before a waiver ends people are told."""

_ANY: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""No instant of its own: what is asked of a watch here holds at any time."""


def without_date(policies: Policies, scene: Scene, today: date) -> list[Finding]:
    """Return which rules are broken on any date, as declared, for `validate`.

    Args:
        policies: what is declared, the rules included.
        scene: the declared scene.
        today: the day (UTC) on which waivers hold or not; nothing else depends on it.
    """
    ground = Ground(policies=policies, watch=Watch(scene, _ANY, _ANY))
    found = list(_judged(policies, ground, ALWAYS))
    told = [_told(breach, breach.rule.level, policies, today) for breach in found]
    judged = [rule for rule in policies.rules.rules if type(rule) in WHOLLY]
    return [*told, *_of_waivers(policies, found, judged, today), *_idle(policies)]


def with_plan(policies: Policies, sides: Sides, today: date) -> list[Finding]:
    """Return which rules are broken once a plan is applied; as errors only what it makes worse.

    `today` is as in `without_date`.
    """
    if policies.rules.rules or policies.rules.waivers:
        before, after = (
            list(_judged(policies, _ground(policies, scene, sides), NOW)) for scene in (sides.before, sides.after)
        )
        told = [_weighed(breach, before, policies, today) for breach in after]
        judged = [
            r for r in policies.rules.rules if sides.contacts is not None or not isinstance(r, ReachableRule)
        ]
        return [*told, *_of_waivers(policies, after, judged, today), *_idle(policies)]
    return []


def _ground(policies: Policies, scene: Scene, sides: Sides) -> Ground:
    watch = Watch(scene, sides.since, sides.until, sides.name)
    return Ground(policies=policies, watch=watch, contacts=sides.contacts)


def _judged(policies: Policies, ground: Ground, judges: dict[type[Rule], Judge]) -> Iterator[Breach]:
    for rule in policies.rules.rules:
        judge = judges.get(type(rule))
        if judge is not None:
            yield from judge(rule, ground)


def _weighed(breach: Breach, before: Iterable[Breach], policies: Policies, today: date) -> Finding:
    twins = [b for b in before if b.rule is breach.rule and b.ref == breach.ref]
    spans = [span for twin in twins for span in twin.spans]
    worse = not twins or breach.far > max(twin.far for twin in twins) or adds_to(breach.spans, spans)
    if worse or breach.rule.level == "warning" or _waiver(breach, policies, today):
        return _told(breach, breach.rule.level, policies, today)
    so_before = replace(breach, message=f"{breach.message} (so before this plan, too)")
    return _told(so_before, "warning", policies, today)


def _told(breach: Breach, level: Severity, policies: Policies, today: date) -> Finding:
    """Return a breach as a finding at the resource, with the rule's place, its reason, and who waived it."""
    rule = breach.rule
    declared = policies.get(breach.ref)
    parts = [
        f"the organisation's rule {rule.word}{f' at {rule.source}' if rule.source else ''}",
        rule.why,
        rule.see,
    ]
    message = f"{breach.message} ({'; '.join(part for part in parts if part)})"
    waiver = _waiver(breach, policies, today)
    if waiver is not None:
        level = "note"
        message += f" [waived: {waiver.reason} ({waiver.owner}, until {waiver.until})]"
    return Finding(rule.id, level, message, declared.where(breach.path) if declared else None, breach.ref)


def _waiver(breach: Breach, policies: Policies, today: date) -> Waiver | None:
    return next((w for w in policies.rules.waivers if _covers(w, breach) and today <= w.until), None)


def _covers(waiver: Waiver, breach: Breach) -> bool:
    return waiver.rule == breach.rule.word and waiver.target == breach.ref


def _of_waivers(
    policies: Policies, found: Sequence[Breach], judged: Sequence[Rule], today: date
) -> Iterator[Finding]:
    """Yield what is to say of waivers: over, soon over, or needed by nothing as far as was looked."""
    book = policies.rules
    known = {rule.word for rule in judged} | ({w.rule for w in book.waivers} - {rule.word for rule in book.rules})
    for waiver in book.waivers:
        what = f"the waiver of {waiver.rule} for {waiver.target.words if waiver.target else 'everything'}"
        used = any(_covers(waiver, breach) for breach in found)
        declared = waiver.target is not None and policies.get(waiver.target) is not None
        if today > waiver.until:
            message = f"{what} ended on {waiver.until} and no longer holds: mend what it was for, then take it out"
            message += f" ({waiver.owner} answers for it)"
            yield Finding("org-waiver-ended", "warning", message, waiver.source, waiver.target)
        elif not used and (not declared or waiver.rule in known):
            reason = "obeys the rule, or no rule asks for it" if declared else "is not declared here"
            message = f"{what} is not needed: that {reason}. Take it out"
            yield Finding("org-waiver-unused", "note", message, waiver.source, waiver.target)
        elif waiver.until - today <= SOON:
            days = (waiver.until - today).days
            when = f"in {days} day{'' if days == 1 else 's'}, after {waiver.until}" if days else "today"
            message = f"{what} ends {when}: {waiver.owner} answers for it"
            yield Finding("org-waiver-ends", "note", message, waiver.source, waiver.target)


def _idle(policies: Policies) -> Iterator[Finding]:
    """Yield a note for each rule that is told what to apply to, and applies to nothing that is declared."""
    for rule in policies.rules.rules:
        if rule.applies_to != EVERYTHING and not selected(rule, policies):
            message = f"the rule {rule.word} applies to nothing that is declared here: is applies_to right?"
            yield Finding("org-rule-idle", "note", message, rule.source)
