"""Rules about services and what they page by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from oncall_sync.model import EscalationPolicy, Paging, Ref, Service, UrgencyName
from oncall_sync.model.rule import (
    AcknowledgeWithinRule,
    CoveredRule,
    DistinctLevelsRule,
    HumanWithinRule,
    LevelsRule,
    NoDirectUsersRule,
    OwnedRule,
)
from oncall_sync.plan.checks.answering import Steps, minutes, steps, too_long, total
from oncall_sync.plan.checks.broken import Spot, add
from oncall_sync.plan.checks.offline import always
from oncall_sync.plan.checks.words import exactly
from oncall_sync.rota.timeline import Users, urgencies

from .breach import NOT_AT_ALL, Breach, Ground, over

_MINUTE = timedelta(minutes=1)


def levels(rule: LevelsRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each service whose ladder is too short."""
    for service, policy in ground.services(rule):
        count = len(policy.levels)
        if count < rule.at_least:
            called = ground.watch.called
            has = f"has {count} level{'' if count == 1 else 's'}" if count else "has no level"
            message = (
                f"{called(service.ref)} pages by {called(policy.ref)}, which {has} instead of at least"
                f" {rule.at_least}: add who is to ring when nobody answers"
            )
            yield Breach(
                rule=rule, ref=service.ref, path="escalation_policy", message=message, far=rule.at_least - count
            )


def no_direct_users(rule: NoDirectUsersRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each escalation policy with levels that name users where none may be named."""
    for policy in ground.ladders(rule):
        found = {
            number: [ref for ref in level.notify if ref.kind == "user"]
            for number, level in enumerate(policy.levels[: max(len(policy.levels) - rule.except_last, 0)], 1)
        }
        named = {number: users for number, users in found.items() if users}
        if named:
            watch = ground.watch
            told = " and ".join(f"{watch.people(users)} at level {number}" for number, users in named.items())
            last = f" (only the last {rule.except_last} may)" if rule.except_last else ""
            message = (
                f"{watch.called(policy.ref)} rings people by name, {told}{last}: nobody can swap such a turn;"
                " notify a schedule instead"
            )
            path = f"levels.{next(iter(named)) - 1}.notify"
            yield Breach(rule=rule, ref=policy.ref, path=path, message=message, far=sum(map(len, named.values())))


def acknowledge_within(rule: AcknowledgeWithinRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each service that rings again too late, or never, once it was acknowledged."""
    for service in ground.there(rule):
        if not isinstance(service, Service):
            continue
        lasts = service.acknowledge_within
        if isinstance(lasts, timedelta) and lasts <= rule.limit:
            continue
        what = f"only after {exactly(lasts)}" if isinstance(lasts, timedelta) else "never"
        message = (
            f"{ground.watch.called(service.ref)}: what was acknowledged and then forgotten rings again {what}:"
            f" write acknowledge_within: {exactly(rule.limit)}, or less"
        )
        far = (lasts - rule.limit) / _MINUTE if isinstance(lasts, timedelta) else NOT_AT_ALL
        yield Breach(rule=rule, ref=service.ref, path="acknowledge_within", message=message, far=far)


def owned(rule: OwnedRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for everything that no team is declared to own."""
    for resource in ground.there(rule):
        declared = ground.policies.get(resource.ref)
        if declared is not None and not isinstance(declared.team, Ref):
            message = (
                f"{ground.watch.called(resource.ref)} has no team: write team:, here or at the top of the file"
            )
            yield Breach(rule=rule, ref=resource.ref, message=message)


def covered(rule: CoveredRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each service with minutes at which the level that is asked for has nobody."""
    watch = ground.watch
    for service, policy in ground.services(rule):
        spots: list[Spot] = []
        for rung in watch.rungs(policy):
            if not _holds(rule, rung.levels):
                add(spots, rung.since, rung.until)
        if spots:
            what = {"first": "level 1 has nobody", "last": "the last level has nobody"}.get(
                rule.which, "there is a level with nobody" if rule.which == "every" else "no level has anybody"
            )
            message = (
                f"{watch.called(service.ref)} pages by {watch.called(policy.ref)}, in which {what}:"
                f" {watch.when(spots, watch.zone(service.ref))}. Let rotations or overrides cover this time too"
            )
            yield Breach(rule=rule, ref=service.ref, path="escalation_policy", message=message, spans=over(spots))


def _holds(rule: CoveredRule, found: Sequence[Users]) -> bool:
    match rule.which:
        case "first":
            return bool(found and found[0])
        case "last":
            return bool(found and found[-1])
        case "every":
            return bool(found) and all(found)
        case "any":
            return any(found)


def distinct_levels(rule: DistinctLevelsRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each level of an escalation policy that at some time rings nobody new."""
    watch = ground.watch
    for policy in ground.ladders(rule):
        wrong: dict[int, list[Spot]] = {}
        for rung in watch.rungs(policy):
            for index in _nobody_new(rung.levels):
                add(wrong.setdefault(index, []), rung.since, rung.until, rung.levels[index])
        for index, spots in sorted(wrong.items()):
            message = (
                f"{_rings_again(index, policy, ground)}: {watch.when(spots, watch.zone(policy.ref))}. {_OTHERS}"
            )
            yield Breach(rule=rule, ref=policy.ref, path=f"levels.{index}", message=message, spans=over(spots))


def distinct_targets(rule: DistinctLevelsRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each level that names only what levels before it name: that is so on any day."""
    for policy in ground.ladders(rule):
        for index in _nobody_new([frozenset(level.notify) for level in policy.levels]):
            message = f"{_rings_again(index, policy, ground)}, on any day. {_OTHERS}"
            yield Breach(rule=rule, ref=policy.ref, path=f"levels.{index}", message=message)


_OTHERS = "Let somebody else be on call there, or take the level out"


def _rings_again(index: int, policy: EscalationPolicy, ground: Ground) -> str:
    return (
        f"{ground.watch.called(policy.ref)}: level {index + 1} rings only people whom a level before it has rung"
    )


def _nobody_new(found: Sequence[Users]) -> Iterator[int]:
    """Yield the levels (from 0) that have somebody, but nobody whom no level before them has."""
    seen: Users = frozenset()
    for index, users in enumerate(found):
        if users and users <= seen:
            yield index
        seen |= users


def human_within(rule: HumanWithinRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each way in which it takes a service too long, and one for nobody at all."""
    watch = ground.watch
    for service, policy in ground.services(rule):
        for way, (spots, names) in _slow(rule, service, policy, ground).items():
            when = watch.when(spots, watch.zone(service.ref))
            if way:
                message = f"{watch.called(service.ref)}: {too_long(way, names)}, {_more(rule)}: {when}. {_SHORTEN}"
            else:
                message = f"{watch.called(service.ref)} has nobody at all to ring: {when}. {_COVER}"
            far = total(way) / _MINUTE if way else NOT_AT_ALL
            spans = over(spots)
            yield Breach(
                rule=rule, ref=service.ref, path="escalation_policy", message=message, far=far, spans=spans
            )


_COVER = "Let a schedule cover this time, or add a level that always has somebody"
_SHORTEN = "Shorten escalate_after, or take a level out"


def _more(rule: HumanWithinRule) -> str:
    return f"more than {exactly(rule.limit)}"


def _slow(
    rule: HumanWithinRule, service: Service, policy: EscalationPolicy, ground: Ground
) -> dict[Steps, tuple[list[Spot], set[UrgencyName]]]:
    """Return when it takes too long for the urgencies that the rule is about, by what an incident passes then."""
    paging = ground.watch.paging(service)
    wrong: dict[Steps, tuple[list[Spot], set[UrgencyName]]] = {}
    for since, until, rung, urgency in minutes(ground.watch, policy, service):
        names = _asked(rule, urgencies(service) if urgency is None else [urgency])
        ways = {name: steps(policy, rung.levels, name, paging) for name in names}
        late = {name: way for name, way in ways.items() if not way or total(way) > rule.limit}
        if late:
            worst = max(late.values(), key=total)
            spots, slow = wrong.setdefault(worst, ([], set()))
            add(spots, since, until)
            slow.update(name for name, way in late.items() if way == worst)
    return wrong


def _asked(rule: HumanWithinRule, names: Sequence[UrgencyName]) -> list[UrgencyName]:
    return [name for name in names if rule.urgency in ("any", name)]


def human_within_always(rule: HumanWithinRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each service that takes too long on any day: only levels that always ring are counted."""
    watch = ground.watch
    for service, policy in ground.services(rule):
        paging: Paging = watch.paging(service)
        found = [always(level, watch.scene) for level in policy.levels]
        # Where low incidents stay at the first level that has somebody, that must be known to be the very first.
        sure = [n for n in urgencies(service) if n == "high" or paging.low_escalates or (found and found[0])]
        ways = {name: steps(policy, found, name, paging) for name in _asked(rule, sure)}
        worst = max(ways.values(), key=total, default=())
        if total(worst) > rule.limit:
            slow = [name for name, way in ways.items() if way == worst]
            told = f"{too_long(worst, slow)}, {_more(rule)}, on any day. {_SHORTEN}"
            yield Breach(
                rule=rule,
                ref=service.ref,
                path="escalation_policy",
                message=f"{watch.called(service.ref)}: {told}",
                far=total(worst) / _MINUTE,
            )
