"""Bringing a declared resource and its live counterpart to one form, so that they can be compared.

`localize` turns ids into declared refs; `fill` takes what a policy leaves absent from what is live, matches
children (rotations, integrations, levels) and keeps those that somebody else put there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import repeat
from typing import Any

from oncall_sync.model import (
    ABSENT,
    EscalationPolicy,
    Integration,
    Level,
    Member,
    Ref,
    Resource,
    Rotation,
    Schedule,
    Service,
    Team,
)
from oncall_sync.rota.phase import canonical

from .facts import ended

ToRef = Callable[[Ref], Ref]
Foreign = Callable[[Sequence[str]], frozenset[str] | None]
"""Which of these undeclared children somebody else put there; None if that cannot be told."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A declared resource with nothing absent that live could tell.

    `kept` are children that are neither declared nor ours: they are part of `resource` again, so that they stay.
    """

    resource: Resource
    kept: frozenset[str] = frozenset()


def localize(resource: Resource, to_ref: ToRef) -> Resource:
    """Return a resource with every reference put through `to_ref`."""
    team = to_ref(resource.team) if isinstance(resource.team, Ref) else resource.team
    resource = replace(resource, team=team)
    match resource:
        case Team():
            return _localized_team(resource, to_ref)
        case Schedule():
            rotations = tuple(
                replace(r, members=tuple(m and to_ref(m) for m in r.members)) for r in resource.rotations
            )
            overrides = tuple(replace(o, user=to_ref(o.user)) for o in resource.overrides)
            return replace(resource, rotations=rotations, overrides=overrides)
        case EscalationPolicy():
            levels = tuple(replace(x, notify=tuple(to_ref(ref) for ref in x.notify)) for x in resource.levels)
            return replace(resource, levels=levels)
        case Service(escalation_policy=Ref() as policy):
            return replace(resource, escalation_policy=to_ref(policy))
        case _:
            return resource


def _localized_team(team: Team, to_ref: ToRef) -> Team:
    if team.members is not ABSENT:
        team = replace(team, members=tuple(Member(to_ref(m.user), m.role) for m in team.members))
    if isinstance(team.pages, Ref):
        team = replace(team, pages=to_ref(team.pages))
    if team.routes is not ABSENT:
        team = replace(team, routes=tuple(replace(r, to=r.to and to_ref(r.to)) for r in team.routes))
    return team


def pointed_at(resource: Resource | None) -> frozenset[Ref]:
    """Return what a team sends its alerts to: it is there without them, and they may need the team themselves."""
    if not isinstance(resource, Team):
        return frozenset()
    routes = () if resource.routes is ABSENT else resource.routes
    return frozenset(ref for ref in (resource.pages, *(r.to for r in routes)) if isinstance(ref, Ref))


def released(resource: Resource, gone: frozenset[Ref]) -> Resource:
    """Return a team that no longer sends its alerts to what is about to be deleted."""
    if not isinstance(resource, Team) or not pointed_at(resource) & gone:
        return resource
    routes = (
        resource.routes if resource.routes is ABSENT else tuple(r for r in resource.routes if r.to not in gone)
    )
    return replace(resource, pages=None if resource.pages in gone else resource.pages, routes=routes)


def references(resource: Resource) -> frozenset[Ref]:
    """Return everything a resource needs to be there; see `pointed_at` for what it only points to."""
    seen: set[Ref] = set()
    if isinstance(resource, Team):
        resource = replace(resource, pages=ABSENT, routes=ABSENT)

    def note(ref: Ref) -> Ref:
        seen.add(ref)
        return ref

    localize(resource, note)
    return frozenset(seen)


def fill(wanted: Resource, live: Resource, foreign: Foreign, now: datetime) -> Filled:
    """Return `wanted` with absent parts from `live`; `now` is wall clock in a schedule's zone.

    `foreign` answers which of some undeclared children somebody else put there; those are kept.
    """
    wanted = replace(
        wanted,
        description=live.description if wanted.description is ABSENT else wanted.description,
        team=live.team if wanted.team is ABSENT else wanted.team,
        settings=_blocks(wanted.settings, live.settings),
    )
    match wanted, live:
        case Team(), Team():
            pages = live.pages if wanted.pages is ABSENT else wanted.pages
            routes = live.routes if wanted.routes is ABSENT else wanted.routes
            return Filled(replace(wanted, members=_members(wanted, live), pages=pages, routes=routes))
        case Schedule(), Schedule():
            return _schedule(wanted, live, foreign, now)
        case EscalationPolicy(), EscalationPolicy():
            passes = live.repeat if wanted.repeat is ABSENT else wanted.repeat
            return Filled(replace(wanted, repeat=passes, levels=_levels(wanted.levels, live.levels)))
        case Service(), Service():
            return _service(wanted, live, foreign)
        case _:
            return Filled(wanted)


def _members(wanted: Team, live: Team) -> Any:
    if wanted.members is ABSENT:
        return ABSENT
    roles = {m.user: m.role for m in live.members} if live.members is not ABSENT else {}
    return tuple(m if m.role is not ABSENT else replace(m, role=roles.get(m.user, ABSENT)) for m in wanted.members)


def _levels(wanted: tuple[Level, ...], live: tuple[Level, ...]) -> tuple[Level, ...]:
    out: list[Level] = []
    twins = (*live[: len(wanted)], *repeat(None, max(len(wanted) - len(live), 0)))
    for level, twin in zip(wanted, twins, strict=True):
        after = twin.escalate_after if twin and level.escalate_after is ABSENT else level.escalate_after
        settings = _blocks(level.settings, twin.settings if twin else {})
        out.append(replace(level, escalate_after=after, settings=settings))
    return tuple(out)


def _service(wanted: Service, live: Service, foreign: Foreign) -> Filled:
    filled = replace(
        wanted,
        escalation_policy=live.escalation_policy
        if wanted.escalation_policy is ABSENT
        else wanted.escalation_policy,
        urgency=live.urgency if wanted.urgency is ABSENT else wanted.urgency,
        acknowledge_within=(
            live.acknowledge_within if wanted.acknowledge_within is ABSENT else wanted.acknowledge_within
        ),
        resolve_after=live.resolve_after if wanted.resolve_after is ABSENT else wanted.resolve_after,
    )
    if wanted.integrations is ABSENT or live.integrations is ABSENT:
        integrations = live.integrations if wanted.integrations is ABSENT else wanted.integrations
        return Filled(replace(filled, integrations=integrations))
    twins = {i.name: i for i in live.integrations}
    names = {i.name for i in wanted.integrations}
    undeclared = [name for name in twins if name not in names]
    known = foreign(undeclared)
    kept = frozenset(undeclared) if known is None else known
    old = _old_names(wanted.integrations, [i for i in live.integrations if i.name not in kept])
    own = tuple(_integration(i, twins.get(old.get(i.name, i.name)), old.get(i.name)) for i in wanted.integrations)
    theirs = tuple(i for i in live.integrations if i.name in kept)
    return Filled(replace(filled, integrations=own + theirs), kept)


def _old_names(wanted: Sequence[Integration], ours: Sequence[Integration]) -> dict[str, str]:
    """Return the old name of each integration that only got a new one, so that senders need not change anything.

    That is certain for mail to the same address, and for the only one of its form that comes where the only one of
    that form goes.
    """
    named, declared = {i.name for i in ours}, {i.name for i in wanted}
    coming = [i for i in wanted if i.name not in named]
    going = [i for i in ours if i.name not in declared]
    out: dict[str, str] = {}
    for new in coming:
        alike = [i for i in going if _sort(i) == _sort(new)]
        if len(alike) == 1 and sum(_sort(i) == _sort(new) for i in coming) == 1:
            out[new.name] = alike[0].name
    return out


def _sort(integration: Integration) -> tuple[str | None, ...]:
    return (integration.form, integration.vendor, integration.email)


def _integration(wanted: Integration, live: Integration | None, old: str | None) -> Integration:
    if live is None or live.form != wanted.form:
        return wanted
    accept = live.accept_from if wanted.accept_from is ABSENT else wanted.accept_from
    return replace(wanted, accept_from=accept, settings=_blocks(wanted.settings, live.settings), was=old)


def _schedule(wanted: Schedule, live: Schedule, foreign: Foreign, now: datetime) -> Filled:
    own = [r for r in wanted.rotations if not ended(r, now)]
    theirs = [r for r in live.rotations if not ended(r, now)]
    twins = match_rotations(own, theirs, foreign)
    matched = [r for r in theirs if any(r is twin for twin in twins.pairs)]
    rotations = [_rotation(rotation, twin) for rotation, twin in zip(own, twins.pairs, strict=True)]
    order: list[Rotation | None] = list(twins.pairs)
    for rotation in theirs:
        if rotation not in matched and rotation.name in twins.kept:
            place = _place(rotation, theirs, order)
            rotations.insert(place, rotation)
            order.insert(place, rotation)
    return Filled(replace(wanted, rotations=tuple(rotations)), twins.kept)


def _place(rotation: Rotation, live: Sequence[Rotation], order: Sequence[Rotation | None]) -> int:
    """Return where a kept rotation goes: right above the nearest one that is below it at the provider."""
    for below in reversed(live[: live.index(rotation)]):
        if below in order:
            return order.index(below) + 1
    return 0


@dataclass(frozen=True, slots=True)
class Twins:
    """The live rotation of each wanted one, in the order wanted, and the names of others that are to stay."""

    pairs: tuple[Rotation | None, ...]
    kept: frozenset[str]


def match_rotations(wanted: Sequence[Rotation], live: Sequence[Rotation], foreign: Foreign) -> Twins:
    """Pair rotations: by the name said, then by ringing alike, then by place, but never with a foreign one."""
    left = list(live)
    pairs: dict[int, Rotation] = {}

    def pair(number: int, found: Rotation | None) -> None:
        if found is not None:
            pairs[number] = found
            left.remove(found)

    for number, own in enumerate(wanted):
        pair(number, next((r for r in left if own.name is not None and own.name == r.name), None))
    for number, own in enumerate(wanted):
        if number not in pairs:
            pair(number, next((r for r in left if canonical(own) == canonical(r)), None))
    known = foreign([r.name or "" for r in left])
    for number in range(len(wanted)):
        if number not in pairs:
            ours = [r for r in left if known is None or r.name not in known]
            at = live[number] if number < len(live) else None
            pair(number, at if at in ours else next(iter(ours), None))
    kept = frozenset(r.name or "" for r in left if known is None or r.name in known)
    return Twins(tuple(pairs.get(number) for number in range(len(wanted))), kept)


def renamed(live: tuple[Rotation, ...], wanted: Sequence[Rotation]) -> tuple[Rotation, ...]:
    """Return live rotations under the names that are wanted for what rings the same."""
    names = {canonical(rotation): rotation.name for rotation in wanted}
    known = {rotation.name for rotation in wanted}
    return tuple(r if r.name in known else replace(r, name=names.get(canonical(r), r.name)) for r in live)


def _rotation(wanted: Rotation, live: Rotation | None) -> Rotation:
    if live is None:
        return replace(wanted, until=None if wanted.until is ABSENT else wanted.until)
    return replace(
        wanted,
        name=wanted.name if wanted.name is not None else live.name,
        until=live.until if wanted.until is ABSENT else wanted.until,
    )


def _blocks(
    wanted: Mapping[str, Mapping[str, Any]], live: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return live blocks with what the policy says on top."""
    return {kind: {**live.get(kind, {}), **wanted.get(kind, {})} for kind in sorted({*live, *wanted})}
