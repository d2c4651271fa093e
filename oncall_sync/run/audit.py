"""Live accounts -> an audit. Sends nothing that writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import get_args

from oncall_sync.errors import UsageError
from oncall_sync.model import Contact, ContactWay, LiveOverride, Reach, Reachable, Ref
from oncall_sync.plan.audit.audit import audited
from oncall_sync.plan.audit.ground import INCOMING, Account, Asked, Audit, owned
from oncall_sync.plan.audit.ladder import Ladders
from oncall_sync.plan.audit.people import on_ladders
from oncall_sync.plan.audit.scope import schedules_to_tell, services_called, services_to_tell
from oncall_sync.plan.diff import Decision, Side, decide
from oncall_sync.plan.scenes import live_scene
from oncall_sync.provider import Overrides, PersonalReach, Progress, Provider, Reachability
from oncall_sync.rota.scene import Scene
from oncall_sync.rota.timeline import schedule_shifts

from .planning import side_of
from .requests import Request
from .scenes import live_and_elsewhere


@dataclass(frozen=True, slots=True)
class _Read:
    """One provider, what it is compared with, and who is who there."""

    provider: Provider
    side: Side
    decision: Decision

    def scene(self, overrides: Mapping[str, Sequence[LiveOverride]]) -> Scene:
        paging = self.provider.capabilities.paging
        return live_scene(self.side.snapshot, self.decision, self.side.users, paging, overrides)


def make_audit(
    request: Request,
    providers: Mapping[str, Provider],
    progress: Progress,
    back: timedelta,
    services: Sequence[str] = (),
    *,
    whole: bool = False,
) -> Audit:
    """Read every provider and look at everything. Raises ProviderError, UsageError.

    Args:
        request: what is declared, when it is, and how far ahead to look.
        providers: those to read, by name.
        progress: told how far reading has come.
        back: how far back load is counted.
        services: keys or names; none is every service of the workspace.
        whole: also what nobody manages.
    """
    asked = Asked(
        policies=request.policies,
        now=request.now,
        back=back,
        horizon=request.horizon,
        whole=whole,
        narrow=bool(services),
    )
    read: list[_Read] = []
    for name, provider in sorted(providers.items()):
        side = side_of(request, name, provider, provider.read(request.now, progress))
        read.append(_Read(provider, side, decide(side)))
    _known(services, [one.scene({}) for one in read])
    accounts = [_account(asked, services, one) for one in read]
    scene = live_and_elsewhere(request.policies, {one.provider: one.scene for one in accounts})
    return audited(asked, request.workspace, accounts, scene, request.not_read)


def _known(services: Sequence[str], scenes: Sequence[Scene]) -> None:
    for name in services:
        if not any(services_called(scene, [name]) for scene in scenes):
            known = sorted({ref.key for scene in scenes for ref in scene.services if not ref.remote})
            listed = ", ".join(known) or "none"
            raise UsageError(f"--service {name}: there is no such service at a provider (declared: {listed})")


def _account(asked: Asked, services: Sequence[str], read: _Read) -> Account:
    """Return an account with the overrides of its schedules, and with how people on its ladders are reached."""
    ours, bare = owned(read.decision), read.scene({})
    told = services_called(bare, services) if asked.narrow else services_to_tell(asked, bare, ours)
    schedules = schedules_to_tell(asked, bare, ours, told)
    account = Account(
        kind=read.side.snapshot.account.kind,
        snapshot=read.side.snapshot,
        decision=read.decision,
        owned=ours,
        scene=read.scene(_overrides(asked, read, schedules)),
        services=told,
        schedules=schedules,
    )
    return replace(account, reach=_reach(asked, read.provider, account))


def _overrides(asked: Asked, read: _Read, schedules: Sequence[Ref]) -> Mapping[str, Sequence[LiveOverride]]:
    """Return the overrides of the schedules to tell of, by id: a call per schedule."""
    if not isinstance(read.provider, Overrides) or not schedules:
        return {}
    ids = sorted(read.decision.labels.id(ref) for ref in schedules)
    return read.provider.overrides(ids, asked.since, max(asked.until, asked.now + INCOMING))


def _reach(asked: Asked, provider: Provider, account: Account) -> Mapping[Ref, Reach] | None:
    """Return how people are reached whom somebody asks about: those on a ladder, and those that a check names.

    Telling it may cost requests for each person, so nobody else is asked for.
    """
    until = max(asked.until, asked.now + INCOMING)
    people = on_ladders(account, Ladders(account, asked.now, until), until)
    for check in asked.policies.checks:
        if isinstance(check, Reachable) and check.schedule in account.schedules:
            found = schedule_shifts(check.schedule, account.scene, asked.now, asked.until)
            people = people.union(*(shift.users for shift in found))
    ids = {account.decision.labels.id(ref): ref for ref in people}
    if isinstance(provider, PersonalReach):
        return {ids[key]: reach for key, reach in provider.reach(sorted(ids)).items()} if ids else {}
    if isinstance(provider, Reachability):
        return (
            {ids[key]: _by_ways(ways) for key, ways in provider.ways_to_reach(sorted(ids)).items()} if ids else {}
        )
    return None


def _by_ways(ways: frozenset[str]) -> Reach:
    """Return what is known of somebody of whom only the ways are told."""
    contacts = tuple(Contact(way=way, shown=way) for way in get_args(ContactWay) if way in ways)
    return Reach(contacts=contacts, rules_read=False)
