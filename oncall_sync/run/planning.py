"""Policies and live accounts -> a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from oncall_sync.model import Finding, LiveOverride, Resource, Schedule, Snapshot, User
from oncall_sync.plan.diff import Decision, Side, decide
from oncall_sync.plan.fill import references
from oncall_sync.plan.guards import Limits, guard
from oncall_sync.plan.impact import impact
from oncall_sync.plan.plan import Plan, PlannedProvider, StandingOverride
from oncall_sync.plan.told import ToldImpact, tell
from oncall_sync.provider import Overrides, Progress, Provider
from oncall_sync.rota.wall import to_instant

from .checkout import commit
from .narrowing import blocked, known_targets, narrowed
from .requests import Request
from .scenes import Scenes, judged, scenes_of


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and for each provider the decision behind it, which an apply needs."""

    plan: Plan
    decisions: Mapping[str, Decision]


def make_plan(request: Request, providers: Mapping[str, Provider], progress: Progress) -> Planned:
    """Read every provider and decide. Sends nothing that writes. Raises ProviderError."""
    decisions: dict[str, Decision] = {}
    scenes: list[Scenes] = []
    known = {str(resource.ref) for resource in request.policies.resources()}
    planned: list[PlannedProvider] = []
    overrides: list[StandingOverride] = []
    told = ToldImpact(since=request.now, until=request.now + request.horizon)
    for name, provider in sorted(providers.items()):
        snapshot = provider.read(request.now, progress)
        side = side_of(request, name, provider, snapshot)
        side, decision = with_overrides(request, provider, side, decide(side))
        known |= {str(change.ref) for change in decision.changes}
        decision = narrowed(decision, request.targets)
        decisions[name] = decision
        overrides += _standing(side, decision)
        scenes.append(scenes_of(provider, side, decision))
        told = told.plus(_impact(request, scenes[-1], decision))
        planned.append(_planned(snapshot, decision))
    known_targets(request.targets, known)
    plan = Plan(
        created_at=request.now,
        expires_at=request.now + request.expires,
        workspace=request.workspace,
        commit=commit(request.root),
        policy_sha256=request.policies.sha256,
        providers=tuple(planned),
        changes=tuple(change for decision in decisions.values() for change in decision.changes),
        findings=_findings(request, providers, decisions, scenes),
        overrides=tuple(overrides),
        impact=told,
        not_read=request.not_read,
        max_deletes=request.limits.max_deletes,
        waived=request.limits.waived or {},
    )
    return Planned(plan, decisions)


def _planned(snapshot: Snapshot, decision: Decision) -> PlannedProvider:
    account, unmanaged = snapshot.account, decision.bindings.unmanaged
    return PlannedProvider(name=snapshot.provider, kind=account.kind, account=account.id, unmanaged=unmanaged)


def _findings(
    request: Request,
    providers: Mapping[str, Provider],
    decisions: Mapping[str, Decision],
    scenes: Sequence[Scenes],
) -> tuple[Finding, ...]:
    found = [*request.findings, *(f for decision in decisions.values() for f in decision.findings)]
    found += judged(request, providers, decisions, scenes)
    found += blocked(providers, decisions)
    changes = [change for decision in decisions.values() for change in decision.changes]
    return tuple(guard(changes, found, _limits(request, providers), request.now))


def _limits(request: Request, providers: Mapping[str, Provider]) -> Limits:
    return replace(request.limits, managers={name: each.capabilities.managers for name, each in providers.items()})


def _impact(request: Request, scenes: Scenes, decision: Decision) -> ToldImpact:
    found = impact(scenes.before, scenes.after, request.now, request.now + request.horizon)
    return tell(scenes.provider, found, scenes.before, scenes.after, decision.labels)


def side_of(request: Request, name: str, provider: Provider, snapshot: Snapshot) -> Side:
    """Return what the decision about one provider is made from."""
    users = tuple(request.policies.users.values())
    declared = tuple(r for r in request.policies.resources() if r.provider == name and not isinstance(r, User))
    return Side(
        kind=request.kinds[name],
        workspace=request.workspace,
        declared=declared,
        users=users,
        snapshot=snapshot,
        normalize=provider.normalize,
        limits=provider.capabilities.description_limits,
        now=request.now,
        refresh_marks=request.refresh_marks,
    )


def with_overrides(request: Request, provider: Provider, side: Side, decision: Decision) -> tuple[Side, Decision]:
    """Look at the overrides of the schedules that change or declare some, and decide again with them.

    Reading them takes a call per schedule, so no other schedule is asked.
    """
    declares = {r.ref for r in side.declared if isinstance(r, Schedule) and r.overrides}
    ids = {live.remote_id for ref, live in decision.bindings.bound.items() if ref in declares}
    ids |= {c.remote_id for c in decision.changes if c.ref.kind == "schedule" and c.remote_id}
    ids |= _beside(side, decision)
    if not ids or not isinstance(provider, Overrides):
        return side, decision
    until = request.now + request.horizon
    last = [o.until for r in side.declared if isinstance(r, Schedule) for o in r.overrides]
    if last:
        until = max(until, max(last).replace(tzinfo=request.now.tzinfo) + timedelta(days=2))
    found = provider.overrides(sorted(ids), request.now, until)
    side = replace(side, overrides=found)
    return side, decide(side)


def _beside(side: Side, decision: Decision) -> set[str]:
    """Return the ids of schedules that ring together with, before, or after what changes."""
    changing = {c.remote_id for c in decision.changes if c.ref.kind in ("schedule", "escalation_policy")}
    found, policies = set[str](), set[str]()
    for change in decision.changes:
        for resource in (change.wanted, change.live.resource if change.live else None):
            named = _ids(decision, resource)
            found |= named
            policies |= named if change.ref.kind == "service" else set()
    for live in side.snapshot.of_kind("escalation_policy"):
        named = _ids(decision, live.resource)
        if live.remote_id in changing | policies or named & changing:
            found |= named
    there = {live.remote_id for live in side.snapshot.of_kind("schedule")}
    return found & there


def _ids(decision: Decision, resource: Resource | None) -> set[str]:
    """Return the ids of what a resource names, as far as it is there."""
    bound = decision.bindings.bound
    named = references(resource) if resource is not None else frozenset()
    return {ref.key if ref.remote else bound[ref].remote_id for ref in named if ref.remote or ref in bound}


def _standing(side: Side, decision: Decision) -> Iterable[StandingOverride]:
    people = {live.remote_id: ref for ref, live in decision.bindings.bound.items() if ref.kind == "user"}
    people_ids = {ref: remote_id for remote_id, ref in people.items()}
    live_users: Mapping[str, User] = {
        u.remote_id: u.resource for u in side.snapshot.users if isinstance(u.resource, User)
    }

    def who(override: LiveOverride) -> str:
        ref, user = people.get(override.user_id), live_users.get(override.user_id)
        return ref.key if ref else user.email if user else "somebody who was deleted"

    declared = {
        (to_instant(o.since, s.time_zone), to_instant(o.until, s.time_zone), people_ids.get(o.user))
        for s in side.declared
        if isinstance(s, Schedule)
        for o in s.overrides
    }
    changing: Sequence[tuple[str, str]] = [
        (c.name, c.remote_id)
        for c in decision.changes
        if c.ref.kind == "schedule" and c.remote_id and c.action != "delete"
    ]
    for name, remote_id in changing:
        for override in side.overrides.get(remote_id, ()):
            if (override.since, override.until, override.user_id) in declared:
                continue
            yield StandingOverride(
                provider=side.snapshot.provider,
                schedule=name,
                user=who(override),
                since=override.since,
                until=override.until,
            )
