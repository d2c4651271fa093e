"""Live accounts against what was last applied: what people changed, who they were, who rings differently.

Sends nothing that writes. Overrides and the trail are asked for only if something drifted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from oncall_sync.errors import ProviderError
from oncall_sync.model import Change, History, Live, Ref, Service, Touch
from oncall_sync.plan.diff import Decision, Side, decide
from oncall_sync.plan.drift import (
    Drift,
    Drifted,
    drifted,
    is_ours,
    other_forms,
    soonest,
    upgraded,
    with_effect,
)
from oncall_sync.plan.guards import errors
from oncall_sync.plan.plan import PlannedProvider
from oncall_sync.provider import Progress, Provider, Recalls

from .planning import side_of, with_overrides
from .requests import Request
from .scenes import scenes_of

TOLD_HERE = "not-writable"
"""The finding of a plan about what drift tells in its own words: an upgrade, or something that always was so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftFound:
    """All drift, and for each provider the decision behind it and what it was made from, as accepting needs."""

    drift: Drift
    decisions: Mapping[str, Decision]
    sides: Mapping[str, Side]


@dataclass(slots=True)
class _Part:
    """What one provider adds."""

    found: list[Drifted] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    untold: str | None = None


def find_drift(
    request: Request, providers: Mapping[str, Provider], progress: Progress, since: timedelta
) -> DriftFound:
    """Read every provider and return what drifted; trails are asked since that long ago. Raises ProviderError."""
    decisions: dict[str, Decision] = {}
    sides: dict[str, Side] = {}
    planned: list[PlannedProvider] = []
    whole = _Part()
    untold: dict[str, str] = {}
    begin = request.now - since
    for name, provider in sorted(providers.items()):
        snapshot = provider.read(request.now, progress)
        side = sides[name] = side_of(request, name, provider, snapshot)
        decisions[name] = decide(side)
        part = _part(request, provider, side, decisions[name], begin)
        whole.found += part.found
        whole.notes += part.notes
        untold |= {name: part.untold} if part.untold else {}
        account = snapshot.account
        planned.append(PlannedProvider(name=name, kind=account.kind, account=account.id))
    drift = Drift(
        workspace=request.workspace,
        now=request.now,
        since=begin,
        providers=tuple(planned),
        drifted=tuple(sorted(whole.found, key=soonest)),
        untold=untold,
        notes=tuple(whole.notes),
        errors=tuple(errors(f for d in decisions.values() for f in d.findings if f.rule != TOLD_HERE)),
        not_read=request.not_read,
        people={user.email.casefold(): key for key, user in sorted(request.policies.users.items())},
    )
    return DriftFound(drift=drift, decisions=decisions, sides=sides)


def _part(request: Request, provider: Provider, side: Side, decision: Decision, begin: datetime) -> _Part:
    name = side.snapshot.provider
    found = drifted(name, decision, request.now)
    if found:
        side, _ = with_overrides(request, provider, side, _about(decision, found))
        decision = decide(side) if side.overrides else decision
        found = drifted(name, decision, request.now)
        live = scenes_of(provider, side, decision).before
        found = [with_effect(one, live, decision, request.now, request.horizon) for one in found]
    part = _Part(found=found, notes=list(_unseen(side, decision)))
    for ref, there in other_forms(decision):
        _look_at_form(request, provider, ref, there, part)
    if part.found:
        history = _history(provider, decision, part.found, begin, request.now)
        part.untold = history.untold
        part.found = [replace(one, touches=_since_applied(one, history.touches)) for one in part.found]
    return part


def _about(decision: Decision, found: Sequence[Drifted]) -> Decision:
    """Return a decision that changes what drifted and the policies that drifted services page: what may ring."""
    ids = {ref: live.remote_id for ref, live in decision.bindings.bound.items()}
    about = {(one.ref, one.remote_id) for one in found}
    for one in found:
        for service in (one.live.resource, one.applied):
            policy = service.escalation_policy if isinstance(service, Service) else None
            if isinstance(policy, Ref):
                about.add((policy, policy.key if policy.remote else ids.get(policy, "")))
    changes = [
        Change(provider=found[0].provider, ref=ref, action="update", name=ref.key, remote_id=remote_id)
        for ref, remote_id in sorted(about)
    ]
    return replace(decision, changes=changes)


def _unseen(side: Side, decision: Decision) -> Iterator[str]:
    """Yield what no fingerprint can tell of this provider."""
    name = side.snapshot.provider
    missing = [c.ref.words for c in decision.changes if c.action == "create"]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        yield (
            f"{name}: {_few(missing)} {verb} declared and not there: not applied yet, or deleted at the provider,"
            " which leaves nothing to tell it by; see `plan`"
        )
    forms = {ref for ref, _ in other_forms(decision)}
    unmarked = [ref.words for ref in sorted(decision.bindings.adopted - forms)]
    if unmarked:
        verb = "carries" if len(unmarked) == 1 else "carry"
        yield (
            f"{name}: {_few(unmarked)} {verb} no mark: never applied, or somebody removed the line `Managed by"
            " oncall-sync`; see `plan`"
        )


def _few(names: Sequence[str], most: int = 5) -> str:
    more = [f"{len(names) - most} more"] if len(names) > most else []
    listed = [*names[:most], *more]
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"


def _look_at_form(request: Request, provider: Provider, ref: Ref, live: Live, part: _Part) -> None:
    """Tell an upgrade of what was ours from something that always was so."""
    if not isinstance(provider, Recalls):
        return
    try:
        upgrade = provider.upgraded(live)
    except ProviderError as error:
        part.notes.append(f"{ref.words}: what became of it could not be read: {error}")
        return
    if upgrade is None:
        return
    resource = next(r for r in request.policies.resources() if r.ref == ref)
    if is_ours(ref, request.workspace, upgrade.description):
        part.found.append(upgraded(provider.name, ref, live, upgrade.says, resource.source))
    else:
        part.notes.append(
            f"{provider.name}: {ref.words} {upgrade.says}; it carries no mark of ours, so when cannot be told"
        )


def _history(
    provider: Provider, decision: Decision, found: Sequence[Drifted], since: datetime, until: datetime
) -> History:
    if not isinstance(provider, Recalls):
        return History(untold="this provider's adapter reads no audit trail")
    objects: list[Live] = []
    for one in found:
        live = decision.bindings.bound[one.ref]
        objects.append(live)
        # A trail that goes by names knows what was renamed by its old one.
        renamed = [f.before for f in one.fields if f.path == "name"]
        objects += [replace(live, resource=replace(live.resource, name=str(name))) for name in renamed]
    try:
        return provider.history(objects, since, until)
    except ProviderError as error:
        return History(untold=f"the trail could not be read: {error}")


def _since_applied(one: Drifted, touches: Sequence[Touch]) -> tuple[Touch, ...]:
    """Return what others did to an object after our last write, newest first.

    A child that somebody added may be older than that: an apply leaves it.
    """
    its = [touch for touch in touches if touch.remote_id == one.remote_id]
    ours = next((number for number, touch in enumerate(its) if touch.ours), len(its))
    after = its[:ours] or ([touch for touch in its if not touch.ours] if one.kept else [])
    return tuple(after)
