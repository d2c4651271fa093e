"""Ladders with holes: nobody at all, an empty level, one person behind everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oncall_sync.model import EscalationPolicy, Policies, Ref, Service, Source
from oncall_sync.rota.scene import NEUTRAL
from oncall_sync.rota.timeline import Rung

from .answering import dropped
from .broken import Broken, Spot, add, broken
from .known import missing
from .watch import Watch


def policy_gaps(policies: Policies, watch: Watch) -> Iterator[Broken]:
    """Yield a broken promise for each declared service that has nobody at all at some time (`policy-gap`).

    External services are somebody else's: they are only looked at where a chat command leads to them.
    """
    for service in _services(policies, watch):
        if policies.services[service.ref.key].external:
            continue
        spots = _nobody(service.ref, watch)
        if spots:
            message = (
                f"{watch.called(service.ref)} has nobody at all to ring:"
                f" {watch.when(spots, watch.zone(service.ref))}. {dropped(service, watch.paging(service))}"
            )
            yield broken("policy-gap", message, spots, _source(policies, service.ref), service.ref)


def chat_commands(policies: Policies, watch: Watch) -> Iterator[Broken]:
    """Yield a broken promise for each chat command that leads to nobody at some time (`chat-command`)."""
    for command in policies.chat_commands.values():
        if missing(command.service, watch.scene):
            continue
        spots = _nobody(command.service, watch)
        if spots:
            message = (
                f"{command.command} pages {watch.called(command.service)}, which has nobody on call:"
                f" {watch.when(spots, watch.zone(command.service))}."
                " Let it page another service, or see that somebody is on call there"
            )
            yield broken("chat-command", message, spots, command.source, command.service)


def ladders(policies: Policies, watch: Watch) -> Iterator[Broken]:
    """Yield what is weak about each declared policy, while it has somebody.

    `level-gap`: a level before the last has nobody, and is skipped or waited at. `last-level-empty`: the last of
    several has nobody. `single-person`: one and the same person is all that several levels have; a policy of one
    level is only told of if that one level has just one person during the whole span.
    """
    for policy in _policies(policies, watch):
        rungs = [rung for rung in watch.rungs(policy) if rung.first is not None]
        for index in range(len(policy.levels)):
            yield from _empty_level(policies, watch, policy, rungs, index)
        yield from _single(policies, watch, policy, rungs)


def _empty_level(
    policies: Policies, watch: Watch, policy: EscalationPolicy, rungs: Iterable[Rung], index: int
) -> Iterator[Broken]:
    spots: list[Spot] = []
    for rung in rungs:
        if not rung.levels[index]:
            add(spots, rung.since, rung.until)
    if not spots:
        return
    last = index == len(policy.levels) - 1
    what = "the last level, which is to catch what nobody answered," if last else f"level {index + 1}"
    if last:
        mend = "Name a user there, or let its schedules cover this time"
    elif watch.scene.paging.get(policy.provider, NEUTRAL).skips_empty_levels:
        mend = "The next level rings instead"
    else:
        mend = "The next level rings only when this one's time is over"
    message = f"{watch.called(policy.ref)}: {what} has nobody: {watch.when(spots, watch.zone(policy.ref))}. {mend}"
    source = _source(policies, policy.ref, f"levels.{index}")
    yield broken("last-level-empty" if last else "level-gap", message, spots, source, policy.ref)


def _single(policies: Policies, watch: Watch, policy: EscalationPolicy, rungs: Iterable[Rung]) -> Iterator[Broken]:
    spots: list[Spot] = []
    everybody: set[Ref] = set()
    for rung in rungs:
        users = frozenset[Ref]().union(*rung.levels)
        everybody |= users
        if len(users) == 1:
            add(spots, rung.since, rung.until, users)
    if not spots or (len(policy.levels) == 1 and len(everybody) > 1):
        return
    message = (
        f"{watch.called(policy.ref)}: one person is behind all of its levels, and nobody else is rung:"
        f" {watch.when(spots, watch.zone(policy.ref))}. Add a level with somebody else"
    )
    yield broken("single-person", message, spots, _source(policies, policy.ref), policy.ref)


def _nobody(service: Ref, watch: Watch) -> list[Spot]:
    """Return when a service that is known rings nobody at any level."""
    policy = watch.policy(watch.scene.services[service])
    return watch.once(("nobody", policy.ref), lambda: _holes(policy, watch)) if policy else []


def _holes(policy: EscalationPolicy, watch: Watch) -> list[Spot]:
    spots: list[Spot] = []
    for rung in watch.rungs(policy):
        if rung.first is None:
            add(spots, rung.since, rung.until)
    return spots


def _services(policies: Policies, watch: Watch) -> list[Service]:
    refs = (service.ref for service in policies.services.values())
    return [watch.scene.services[ref] for ref in refs if not missing(ref, watch.scene)]


def _policies(policies: Policies, watch: Watch) -> list[EscalationPolicy]:
    declared = (policy for policy in policies.escalation_policies.values() if not policy.external)
    return [watch.scene.policies[p.ref] for p in declared if not missing(p.ref, watch.scene)]


def _source(policies: Policies, ref: Ref, path: str = "") -> Source | None:
    declared = policies.get(ref)
    return declared.where(path) if declared else None
