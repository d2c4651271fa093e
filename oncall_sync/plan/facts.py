"""Resources as plain facts: what two of them are compared by, and what a fingerprint is taken of.

Facts are nested mappings of JSON values. Children have names instead of positions wherever their order means
nothing, so that moving one is not a change. References are put through a `Label`, which makes them comparable:
names for a difference that people read, ids for a fingerprint that survives renames.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any, TypeAlias

from oncall_sync.model import (
    ABSENT,
    ALWAYS,
    EscalationPolicy,
    Integration,
    Member,
    Ref,
    Resource,
    Rotation,
    Route,
    Schedule,
    Service,
    Team,
)
from oncall_sync.rota.hours import in_words
from oncall_sync.rota.phase import canonical
from oncall_sync.rota.wall import to_instant, to_wall

from .wording import duration, sender, urgency

Facts: TypeAlias = dict[str, Any]
Label: TypeAlias = Callable[[Ref], str]

NOBODY = "nobody"
MOST_UNKNOWN_CHILDREN = 6  # 2**6 fingerprints at the most; beyond that, children stay


def facts(resource: Resource, label: Label, now: datetime) -> Facts:
    """Return what a resource is, without its ref; ended rotations and past starts leave no trace `now` (aware)."""
    out: Facts = {"name": resource.name}
    if resource.description is not ABSENT:
        out["description"] = resource.description or ""
    match resource:
        case Team():
            out |= _team(resource, label)
        case Schedule():
            out |= _owner(resource, label) | _schedule(resource, label, now)
        case EscalationPolicy():
            out |= _owner(resource, label) | _policy(resource, label)
        case Service():
            out |= _service(resource, label)
        case _:
            pass
    return out | _settings(resource.settings)


def rotation_facts(rotation: Rotation, label: Label, now: datetime) -> Facts:
    """Return what a rotation rings, however it was anchored; `now` is wall clock in the schedule's zone."""
    phase = canonical(rotation)
    members = [NOBODY if member is None else label(member) for member in phase.members]
    out: Facts = {"members": members, "hours": in_words(rotation.hours)}
    if len(members) > 1:
        out["every"] = duration(timedelta(minutes=phase.every_minutes))
        out["handoff"] = _handoff(phase.offset_minutes, phase.every_minutes)
    rings_from = rotation.start if rotation.since is None else rotation.since
    if rings_from > now:
        out["start"] = f"{rings_from:%Y-%m-%d %H:%M}"
    if isinstance(rotation.until, datetime):
        out["until"] = f"{rotation.until:%Y-%m-%d %H:%M}"
    return out


def ended(rotation: Rotation, now: datetime) -> bool:
    """Return whether a rotation has stopped ringing for good; `now` is wall clock."""
    return isinstance(rotation.until, datetime) and rotation.until <= now


def without(resource: Resource, children: Iterable[str]) -> Resource:
    """Return a resource without the named rotations or integrations."""
    gone = set(children)
    if isinstance(resource, Service) and resource.integrations is not ABSENT:
        return replace(resource, integrations=tuple(i for i in resource.integrations if i.name not in gone))
    if isinstance(resource, Schedule):
        return replace(resource, rotations=tuple(r for r in resource.rotations if r.name not in gone))
    return resource


def fingerprint(resource: Resource, label: Label, now: datetime) -> str:
    """Return 8 hex digits of the facts as they are `now`."""
    return digest(facts(resource, label, now))


def digest(found: Facts) -> str:
    """Return 8 hex digits of facts."""
    text = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def fingerprints(resource: Resource, label: Label, now: datetime) -> frozenset[str]:
    """Return the fingerprints that this live resource may have been marked with.

    Starts and ends pass by themselves, so a schedule is also looked at as it was just before each of them: the
    clock alone must never look like somebody's change.
    """
    instants = {now}
    if isinstance(resource, Schedule):
        for rotation in resource.rotations:
            edges = (rotation.start if rotation.since is None else rotation.since, rotation.until)
            past = (to_instant(edge, resource.time_zone) for edge in edges if isinstance(edge, datetime))
            instants |= {edge - timedelta(minutes=1) for edge in past if edge <= now}
    return frozenset(fingerprint(resource, label, instant) for instant in instants)


def foreign_children(
    resource: Resource, undeclared: Iterable[str], digest: str, label: Label, now: datetime
) -> frozenset[str] | None:
    """Return which undeclared children of a live resource we did not put there.

    Those are the ones without which the fingerprint is what the mark says; None if no choice explains the mark.
    """
    names = sorted(set(undeclared))
    if len(names) <= MOST_UNKNOWN_CHILDREN:
        for size in range(len(names) + 1):
            for chosen in combinations(names, size):
                if digest in fingerprints(without(resource, chosen), label, now):
                    return frozenset(chosen)
    return None


def _owner(resource: Resource, label: Label) -> Facts:
    if resource.team is ABSENT:
        return {}
    return {"team": label(resource.team) if resource.team else None}


def _team(team: Team, label: Label) -> Facts:
    out: Facts = {}
    if team.members is not ABSENT:
        out["members"] = {label(m.user): _role(m) for m in team.members}
    if team.pages is not ABSENT:
        out["pages"] = label(team.pages) if team.pages else None
    if team.routes is not ABSENT and team.routes:
        out["routes"] = {str(number): _route(route, label) for number, route in enumerate(team.routes, 1)}
    return out


def _route(route: Route, label: Label) -> Facts:
    out: Facts = {"name": route.name, "to": label(route.to) if route.to else None}
    if route.priorities:
        out["priorities"] = sorted(route.priorities)
    if route.hours != ALWAYS:
        out["hours"] = in_words(route.hours) + (f" {route.time_zone}" if route.time_zone else "")
    if route.other is not None:
        out["other"] = route.other
    return out


def _role(member: Member) -> str:
    return "member" if member.role is ABSENT else member.role


def _schedule(schedule: Schedule, label: Label, now: datetime) -> Facts:
    rotations: Facts = {}
    order: list[str] = []
    wall = to_wall(now, schedule.time_zone)
    for number, rotation in enumerate((r for r in schedule.rotations if not ended(r, wall)), 1):
        name = rotation.name or f"rotation {number}"
        while name in rotations:
            name += "'"
        rotations[name] = rotation_facts(rotation, label, wall)
        order.append(name)
    out: Facts = {"time_zone": schedule.time_zone, "rotations": rotations}
    if len(order) > 1:
        out["overlap"] = schedule.overlap
        if schedule.overlap == "last_wins":
            out["precedence"] = order
    return out


def _handoff(offset: int, every: int) -> str:
    day, minute = divmod(offset, 24 * 60)
    clock = f"{minute // 60:02}:{minute % 60:02}"
    if every % (24 * 60):
        return f"{clock} and every {duration(timedelta(minutes=every))}"
    if every == 24 * 60:
        return clock
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day % 7]
    if every == 7 * 24 * 60:
        return f"{weekday} {clock}"
    return f"{weekday} {clock}, day {day + 1} of {every // (24 * 60)}"


def _policy(policy: EscalationPolicy, label: Label) -> Facts:
    levels: Facts = {}
    for number, level in enumerate(policy.levels, 1):
        levels[str(number)] = {"notify": sorted(label(ref) for ref in level.notify)} | _settings(level.settings)
        if level.escalate_after is not ABSENT:
            levels[str(number)]["escalate_after"] = duration(level.escalate_after)
    out: Facts = {"levels": levels}
    if policy.repeat is not ABSENT:
        out["repeat"] = policy.repeat
    return out


def _service(service: Service, label: Label) -> Facts:
    out: Facts = {}
    if service.escalation_policy is not ABSENT:
        out["escalation_policy"] = label(service.escalation_policy)
    if service.urgency is not ABSENT:
        out["urgency"] = urgency(service.urgency)
    for key in ("acknowledge_within", "resolve_after"):
        value = getattr(service, key)
        if value is not ABSENT:
            out[key] = duration(value) if value else None
    if service.integrations is not ABSENT:
        out["integrations"] = {i.name: _integration(i) for i in service.integrations}
    return out


def _integration(integration: Integration) -> Facts:
    out: Facts = {"form": integration.form} | _settings(integration.settings)
    for key in ("email", "vendor"):
        if getattr(integration, key) is not None:
            out[key] = getattr(integration, key)
    if integration.accept_from is not ABSENT:
        out["accept_from"] = sorted(sender(s) for s in integration.accept_from or ())
    return out


def _settings(settings: Mapping[str, Mapping[str, Any]]) -> Facts:
    return {kind: json.loads(json.dumps(block, default=str)) for kind, block in settings.items() if block}
