"""A person at a provider: who it is there, and every object that names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from oncall_sync.model import (
    EscalationPolicy,
    Kind,
    Live,
    LiveOverride,
    OpenIncident,
    Policies,
    Ref,
    Resource,
    Schedule,
    Snapshot,
    Team,
    User,
)
from oncall_sync.plan.diff import Decision
from oncall_sync.plan.fill import references
from oncall_sync.plan.marks import other_tool, split

from .lines import rotation_words

Fate: TypeAlias = Literal["declared", "pending", "by hand"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """One live object that names a person.

    `owner` says whose it is: `this workspace`, `workspace payments`, `Terraform`, `nobody's`. `fate` is how the
    name goes away: `declared` lines do it, an apply of what is declared already does (`pending`), or somebody
    `by hand`.
    """

    kind: Kind
    name: str
    says: str
    owner: str
    fate: Fate
    ref: Ref | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """An override in which a person takes over, at the provider."""

    schedule: str
    since: datetime
    until: datetime
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one provider knows of a person.

    `there` is False for somebody without a user of their own; then `deleted` counts the places that name users who
    are gone, of whom the person may be one. `cannot` says why the provider never pages them (`deactivated`).
    `incidents` is None where the provider does not tell whom they are with. `routes` are teams whose own alerts go
    to something that can ring the person.
    """

    provider: str
    there: bool
    cannot: str | None = None
    namings: tuple[Naming, ...] = ()
    swaps: tuple[Swap, ...] = ()
    incidents: tuple[OpenIncident, ...] | None = None
    deleted: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()


def at_provider(snapshot: Snapshot, asked: str) -> list[Live]:
    """Return the users whom a text means: by email, or else by name; case does not matter."""
    text = asked.casefold()
    people = [live for live in snapshot.users if isinstance(live.resource, User)]
    by_email = [live for live in people if _email(live).casefold() == text]
    return by_email or [live for live in people if live.resource.name.casefold() == text]


def namings(
    policies: Policies, snapshot: Snapshot, decision: Decision, remote_id: str, person: Ref
) -> list[Naming]:
    """Return every live object that names a user, teams last; `person` is what the decision calls them."""
    refs = {(live.kind, live.remote_id): ref for ref, live in decision.bindings.bound.items()}
    found: list[Naming] = []
    for live in snapshot.objects:
        ref = refs.get((live.kind, live.remote_id))
        for says in _says(live, remote_id, snapshot):
            owner, fate = _owner(policies, decision, live, ref, person)
            found.append(
                Naming(
                    kind=live.kind,
                    name=live.resource.name,
                    says=says,
                    owner=owner,
                    fate=fate,
                    ref=ref,
                    url=live.url,
                )
            )
    return sorted(found, key=lambda one: (one.kind == "team", one.kind, one.name, one.says))


def gone(snapshot: Snapshot) -> Iterator[str]:
    """Yield, by kind and name, the objects that name users who are not in the account any more."""
    there = {live.remote_id for live in snapshot.users}
    for live in snapshot.objects:
        named = {ref.key for ref in references(live.resource) if ref.kind == "user" and ref.remote}
        if named - there:
            yield f"{live.kind.replace('_', ' ')} {live.resource.name}"


def swaps(snapshot: Snapshot, found: Iterable[tuple[str, Iterable[LiveOverride]]], remote_id: str) -> list[Swap]:
    """Return the overrides of schedules (by id) in which a user takes over, by when they begin."""
    names = {live.remote_id: live.resource for live in snapshot.of_kind("schedule")}
    listed: list[Swap] = []
    for key, overrides in found:
        schedule = names[key]
        zone = schedule.time_zone if isinstance(schedule, Schedule) else "UTC"
        listed += [
            Swap(schedule=schedule.name, since=one.since, until=one.until, zone=zone)
            for one in overrides
            if one.user_id == remote_id
        ]
    return sorted(listed, key=lambda swap: (swap.since, swap.schedule))


def routes(snapshot: Snapshot, swapped: Iterable[str], remote_id: str) -> Iterator[str]:
    """Yield which team sends its own alerts to what can ring a user; `swapped` are schedules they take over in."""
    rings = {("user", remote_id), *(("schedule", key) for key in swapped)}
    rings |= {
        ("schedule", one.remote_id) for one in snapshot.of_kind("schedule") if _names(one.resource, remote_id)
    }
    policies = snapshot.of_kind("escalation_policy")
    rings |= {
        ("escalation_policy", one.remote_id)
        for one in policies
        if rings & {(ref.kind, ref.key) for ref in references(one.resource)}
    }
    names = {(live.kind, live.remote_id): live.resource.name for live in snapshot.objects}
    for live in snapshot.of_kind("team"):
        team = live.resource
        listed = team.routes if isinstance(team, Team) and isinstance(team.routes, tuple) else ()
        targets = [route.to for route in listed] + [team.pages if isinstance(team, Team) else None]
        for to in dict.fromkeys(targets):
            if isinstance(to, Ref) and (to.kind, to.key) in rings:
                what = f"{to.kind.replace('_', ' ')} {names.get((to.kind, to.key), 'that is gone')}"
                yield f"team {team.name} sends alerts of its own to {what}"


def _email(live: Live) -> str:
    return live.resource.email if isinstance(live.resource, User) else ""


def _implicit(snapshot: Snapshot, live: Live, remote_id: str) -> bool:
    return live.kind == "team" and (live.remote_id, remote_id) in snapshot.implicit


def _owner(policies: Policies, decision: Decision, live: Live, ref: Ref | None, person: Ref) -> tuple[str, Fate]:
    """Return whose an object is, and how the person's name in it goes away."""
    text, mark = split(live.resource.description if isinstance(live.resource.description, str) else None)
    if mark is not None and mark.workspace != policies.workspace:
        return f"workspace {mark.workspace}", "by hand"
    if mark is not None and ref is None:
        return "this workspace, declared no more", "pending"
    if mark is None and (ref is None or ref not in decision.bindings.adopted):
        return other_tool(text) or "nobody's", "by hand"
    owner = "this workspace" if mark is not None else "nobody's yet, to be adopted"
    declared = policies.get(ref) if ref is not None else None
    if declared is not None and person in references(declared):
        return owner, "declared"
    wanted = next((change.wanted for change in decision.changes if change.ref == ref), None)
    return owner, "by hand" if wanted is None or person in references(wanted) else "pending"


def _says(live: Live, remote_id: str, snapshot: Snapshot) -> Iterator[str]:
    """Yield what an object says of a user, place by place."""
    match live.resource:
        case Team(members=tuple() as members):
            for member in members:
                if member.user.key == remote_id:
                    put = " (put there by the provider)" if _implicit(snapshot, live, remote_id) else ""
                    yield f"member{f', as {member.role}' if isinstance(member.role, str) else ''}{put}"
        case Schedule() as schedule:
            yield from _turns(schedule, remote_id)
        case EscalationPolicy(levels=levels):
            for number, level in enumerate(levels, 1):
                if any(ref.kind == "user" and ref.key == remote_id for ref in level.notify):
                    only = ", alone" if len(level.notify) == 1 else ""
                    yield f"level {number} of {len(levels)}{only}"
        case _:
            if _names(live.resource, remote_id):
                yield "named"


def _turns(schedule: Schedule, remote_id: str) -> Iterator[str]:
    for index, rotation in enumerate(schedule.rotations):
        numbers = [n for n, ref in enumerate(rotation.members, 1) if ref is not None and ref.key == remote_id]
        if numbers:
            which = rotation_words(schedule, index)
            turns = f"turn{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
            yield f"{turns} of {len(rotation.members)}{f' in {which}' if which else ''}"


def _names(resource: Resource, remote_id: str) -> bool:
    return any(ref.kind == "user" and ref.key == remote_id for ref in references(resource))
