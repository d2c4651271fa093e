"""One account as it was read, and the policies for whatever was not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from oncall_sync.model import Paging, Policies, Ref, Resource, Snapshot
from oncall_sync.plan.diff import Decision, Side, decide
from oncall_sync.plan.scenes import declared_scene
from oncall_sync.provider import Progress, Provider
from oncall_sync.rota.scene import Scene

from .planning import side_of
from .requests import Request

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True, slots=True)
class Account:
    """One provider that was read, and who is who there."""

    provider: Provider
    snapshot: Snapshot
    side: Side
    decision: Decision


def read_account(request: Request, name: str, provider: Provider, progress: Progress) -> Account:
    """Read a provider, without the swaps that people made. Raises ProviderError."""
    snapshot = provider.read(request.now, progress)
    side = side_of(request, name, provider, snapshot)
    return Account(provider, snapshot, side, decide(side))


def rest_of(policies: Policies, read: Iterable[str], paging: Mapping[str, Paging]) -> Scene:
    """Return what the policies say of everything at no provider, or at one that was not read."""
    there = {*read}

    def left(resources: Mapping[str, R]) -> dict[str, R]:
        return {key: r for key, r in resources.items() if r.provider not in there and not r.external}

    rest = replace(
        policies,
        services=left(policies.services),
        schedules=left(policies.schedules),
        escalation_policies=left(policies.escalation_policies),
    )
    return declared_scene(rest, paging)


def namer(accounts: Iterable[Account]) -> Callable[[Ref], str]:
    """Return what refs are called: keys, and for what no policy declares the names that providers know."""
    known = {
        ref: account.decision.labels.name(ref)
        for account in accounts
        for live in (*account.snapshot.objects, *account.snapshot.users)
        for ref in (Ref(live.kind, live.remote_id, remote=True),)
    }

    def name(ref: Ref) -> str:
        if not ref.remote:
            return ref.key
        lost = "somebody who was deleted" if ref.kind == "user" else f"a deleted {ref.kind.replace('_', ' ')}"
        return known.get(ref, lost)

    return name
