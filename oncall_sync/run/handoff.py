"""A handoff note: one schedule, its people, what is open, and what changed; read, never written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oncall_sync.errors import UsageError
from oncall_sync.model import Live, Paging, Policies, Reachable, Ref, Schedule
from oncall_sync.plan.handoff import (
    LOOKBACK,
    WEEK,
    Asked,
    Handoff,
    Handover,
    Paged,
    Told,
    last_handover,
    next_handover,
    paged_by,
    people_of,
    rotation_changes,
    swaps_in,
    week_of,
)
from oncall_sync.plan.person.ready import RINGING, Ready, ready, ready_by
from oncall_sync.plan.scenes import live_scene
from oncall_sync.provider import Incidents, PersonalReach, Progress, Provider, Reachability, Recalls
from oncall_sync.rota.scene import Scene

from .asking import View, with_swaps
from .reading import Account, namer, read_account, rest_of
from .requests import Request

MOST_PEOPLE = 50
"""How many people's contacts are asked for: more are not on call in one schedule and week."""
SWAPS_AHEAD = timedelta(days=60)

When = Callable[[str], datetime | None]
"""Returns the instant that was asked for, told in a zone; None asks for the next handoff."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The schedule, the scene around it, and the account it was read from."""

    view: View
    schedule: Schedule
    account: Account | None


def find_handoff(
    request: Request,
    providers: Mapping[str, Provider],
    paging: Mapping[str, Paging],
    asked: str,
    when: When,
    progress: Progress,
) -> Handoff:
    """Return the next handoff of a schedule, or the one at or last before `when`. Sends nothing that writes.

    Only the account that has the schedule is read; then there is a request for its swaps, one or a few for how
    people are reached, for open incidents, and for the trail. Raises UsageError, ProviderError.
    """
    found = _find(request, providers, paging, asked, progress)
    at = when(found.schedule.time_zone)
    found = _with_swaps(found, at or request.now)
    ref = found.schedule.ref
    handover, scene = _handover(request, found, at)
    if handover is None:
        where = "nobody takes over within a year" if at is None else "nobody took over in the year before"
        raise UsageError(f"schedule {asked} has no handoff: {where}")
    week, paged = week_of(ref, scene, handover.at), paged_by(ref, scene)
    since = min(request.now, handover.at) - WEEK
    names = namer([found.account] if found.account is not None else [])
    return Handoff(
        schedule=found.schedule,
        provider=found.schedule.provider,
        handover=handover,
        rotations=tuple(rotation_changes(found.schedule, handover.at)),
        paged=tuple(paged),
        week=tuple(week),
        swaps=tuple(swaps_in(found.schedule, ref, scene, handover.at)),
        asked=_asked(request, found, people_of(handover, week, MOST_PEOPLE), paged, since),
        changed_since=since,
        names=names,
        people=lambda id_: names(scene.refs.get(id_) or Ref("user", id_, remote=True)),
        services=_service_names(found, paged, names),
        as_declared=found.account is not None and scene is not found.view.scene,
        not_read=request.not_read,
    )


def _handover(request: Request, found: _Found, at: datetime | None) -> tuple[Handover | None, Scene]:
    """Return the handover, and the scene that tells of it.

    A provider may keep no turns from before its last change: then what is declared tells who was on call before.
    """
    ref, scene = found.schedule.ref, found.view.scene
    if at is None:
        return next_handover(ref, scene, request.now), scene
    handover = last_handover(ref, scene, at)
    declared = request.policies.get(ref)
    if handover is None and found.account is not None and isinstance(declared, Schedule) and not declared.external:
        scene = replace(scene, schedules={**scene.schedules, ref: declared})
        handover = last_handover(ref, scene, at)
    return handover, scene


def _find(
    request: Request,
    providers: Mapping[str, Provider],
    paging: Mapping[str, Paging],
    asked: str,
    progress: Progress,
) -> _Found:
    """Return the schedule: as it is live where its provider may be read, else as it is declared."""
    declared = _declared(request.policies, asked)
    if declared is not None and declared.provider not in providers:
        scene = rest_of(request.policies, (), paging)
        external = frozenset(r.ref for r in request.policies.resources() if r.external)
        view = View(_declared_too(scene, declared), lambda ref: ref.key, external)
        return _Found(view, view.schedule(asked), None)
    problem = UsageError(_nowhere(request, asked))
    for name, provider in sorted(providers.items()):
        if declared is not None and declared.provider != name:
            continue
        account = read_account(request, name, provider, progress)
        view = _live_view(account)
        try:
            return _Found(view, view.schedule(asked), account)
        except UsageError as error:
            problem = error
            if declared is not None:
                problem = UsageError(f"schedule {asked} is declared, and not at {name} yet: apply it first")
    raise problem


def _declared(policies: Policies, asked: str) -> Schedule | None:
    exact = policies.schedules.get(asked)
    named = [one for one in policies.schedules.values() if one.name == asked]
    return exact or (named[0] if len(named) == 1 else None)


def _declared_too(scene: Scene, schedule: Schedule) -> Scene:
    return replace(scene, schedules={**scene.schedules, schedule.ref: schedule})


def _nowhere(request: Request, asked: str) -> str:
    known = ", ".join(sorted(request.policies.schedules)) or "none"
    unread = "".join(f"; {name} was not read: {why}" for name, why in request.not_read.items())
    return f"there is no schedule {asked!r} (there are: {known}){unread}"


def _live_view(account: Account) -> View:
    decision, snapshot = account.decision, account.snapshot
    paging = account.provider.capabilities.paging
    bound = {ref: live.remote_id for ref, live in decision.bindings.bound.items() if ref.kind == "schedule"}
    return View(live_scene(snapshot, decision, account.side.users, paging, {}), decision.labels.name, ids=bound)


def _with_swaps(found: _Found, at: datetime) -> _Found:
    if found.account is None:
        return found
    span = (at - LOOKBACK, at + SWAPS_AHEAD)
    return replace(found, view=with_swaps(found.view, found.account.provider, [found.schedule.ref], *span))


def _asked(
    request: Request, found: _Found, people: Iterable[Ref], paged: Iterable[Paged], since: datetime
) -> Asked:
    """Return what only the provider knows."""
    if found.account is None:
        return Asked()
    provider = found.account.provider
    ids = found.account.decision.labels.id
    services = sorted({ids(ref) for one in paged for ref in one.services})
    incidents = None
    if isinstance(provider, Incidents):
        incidents = tuple(provider.incidents(services, [])) if services else ()
    asked = Asked(ready=_ready(request, found, people), incidents=incidents)
    if not isinstance(provider, Recalls):
        return asked
    objects = _objects(found, paged)
    history = provider.history(list(objects.values()), since, since + WEEK)
    kinds = {live.remote_id: f"{live.kind.replace('_', ' ')} {live.resource.name}" for live in objects.values()}
    told = tuple(
        Told(what=kinds.get(one.remote_id, "something"), touch=replace(one, by=_key(request.policies, one.by)))
        for one in history.touches
    )
    return replace(asked, changes=told, untold=history.untold)


def _key(policies: Policies, by: str | None) -> str | None:
    """Return what the policies call somebody whom a trail names by email."""
    emails = {user.email.casefold(): user.ref.key for user in policies.users.values()}
    return emails.get(by.casefold(), by) if by is not None else None


def _objects(found: _Found, paged: Iterable[Paged]) -> dict[Ref, Live]:
    """Return the schedule and everything that pages by it, as it is live."""
    if found.account is None:
        return {}
    refs = {found.schedule.ref, *(ref for one in paged for ref in (one.policy, *one.services))}
    to_ref = found.account.decision.labels.to_ref
    live = ((to_ref(Ref(o.kind, o.remote_id, remote=True)), o) for o in found.account.snapshot.objects)
    return {ref: one for ref, one in live if ref in refs}


def _ready(request: Request, found: _Found, people: Iterable[Ref]) -> Mapping[Ref, Ready] | None:
    """Return whether each of some people can be reached; None where the provider does not tell."""
    if found.account is None:
        return None
    provider, labels = found.account.provider, found.account.decision.labels
    there = {live.remote_id for live in found.account.snapshot.users}
    ids = {ref: labels.id(ref) for ref in people}
    known = {ref: id_ for ref, id_ in ids.items() if id_ in there}
    by = _enough(request.policies, found.schedule.ref)
    lost = {ref: Ready(fine=False, says="has no user there") for ref in ids if ref not in known}
    if isinstance(provider, PersonalReach):
        reach = provider.reach(sorted(known.values())) if known else {}
        return lost | {ref: ready(reach[id_], by) for ref, id_ in known.items() if id_ in reach}
    if isinstance(provider, Reachability):
        ways = provider.ways_to_reach(sorted(known.values())) if known else {}
        return lost | {ref: ready_by(ways[id_], by) for ref, id_ in known.items() if id_ in ways}
    return None


def _enough(policies: Policies, ref: Ref) -> frozenset[str]:
    """Return the ways that are enough: those that `reachable` checks of the schedule ask for."""
    said = [check.by for check in policies.checks if isinstance(check, Reachable) and check.schedule == ref]
    return frozenset(way for by in said for way in by) or frozenset(RINGING)


def _service_names(found: _Found, paged: Iterable[Paged], names: Callable[[Ref], str]) -> Mapping[str, str]:
    if found.account is None:
        return {}
    ids = found.account.decision.labels.id
    return {ids(ref): names(ref) for one in paged for ref in one.services}
