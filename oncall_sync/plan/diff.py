"""What to do at one provider: declared resources against a snapshot, object by object.

The table of docs/explanation/identity.md, as code. Pure: `now` is an argument, and what an adapter
makes of a resource comes in as the function `normalize`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

from oncall_sync.model import (
    Action,
    Change,
    FieldChange,
    Finding,
    Kind,
    Live,
    LiveOverride,
    Ref,
    Resource,
    Schedule,
    Service,
    Snapshot,
    User,
)
from oncall_sync.rota.equal import same_rings
from oncall_sync.rota.wall import to_wall

from .facts import Label, facts, fingerprint, without
from .fields import align_names, align_turns, declared_turns, fields
from .fill import Filled, fill, pointed_at, references, released, renamed
from .identity import Bindings, match
from .joining import called_after
from .labels import Labels
from .look import Look, People, look
from .marks import fit, room_for_text
from .notes import cut_description, kept_children, needing, risky_adoption, still_protected, unwritable
from .overrides import missing, override_fields

Normalize: TypeAlias = Callable[[Resource, Live | None], Resource]
Why: TypeAlias = Literal["new", "pending", "drift", "both"]
ORDER = {"team": 0, "user": 0, "urgency_rule": 0, "schedule": 1, "escalation_policy": 2, "service": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Everything the decision about one provider is made from.

    `declared` are its resources (external ones too), `users` everybody declared anywhere, `limits` the characters
    a description may have, by kind, `overrides` what people swapped, by schedule id.
    """

    kind: str
    workspace: str
    declared: tuple[Resource, ...]
    users: tuple[User, ...]
    snapshot: Snapshot
    normalize: Normalize
    limits: Mapping[Kind, int]
    now: datetime
    overrides: Mapping[str, Sequence[LiveOverride]] = field(default_factory=dict)
    refresh_marks: bool = False


@dataclass(slots=True)
class Decision:
    """What was decided: changes in the order they are to be made, findings, and who is who.

    `joins_teams` as in the snapshot: whom a team's policy calls is put into the team by the provider.
    `kept` are the children that somebody else put there, by what they are part of, whether that changes or not.
    """

    bindings: Bindings
    labels: Labels
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    joins_teams: bool = False
    kept: dict[Ref, frozenset[str]] = field(default_factory=dict)


def decide(side: Side) -> Decision:
    """Return what to do so that the provider is as declared."""
    bindings = match(side.declared, side.users, side.snapshot, side.workspace, side.kind)
    labels = Labels(side.declared, side.snapshot, bindings)
    decision = Decision(
        findings=list(bindings.findings),
        bindings=bindings,
        labels=labels,
        joins_teams=side.snapshot.joins_teams,
    )
    _refuse_unknown(side, decision)
    people = _people(side, bindings, labels)
    for resource in sorted(side.declared, key=lambda r: (ORDER[r.ref.kind], r.ref.key)):
        if resource.external or resource.ref in bindings.refused:
            continue
        if lost := list(needing(resource, bindings)):  # a team that `_leads_somewhere` refused
            bindings.refused.add(resource.ref)
            decision.findings += lost
            continue
        change = _change(side, decision, people, resource)
        if change is not None and _leads_somewhere(side, decision, change):
            decision.changes.append(change)
    decision.changes += _deletes(side, bindings, labels)
    decision.findings += still_protected(decision.changes, bindings.marks)
    return decision


def _refuse_unknown(side: Side, decision: Decision) -> None:
    """Refuse what names a person who is not there, or an object that is refused and not there either."""
    bindings = decision.bindings
    strangers = {user.ref for user in side.users} - bindings.bound.keys()
    for resource in sorted(side.declared, key=lambda r: (ORDER[r.ref.kind], r.ref.key)):
        if resource.external or resource.ref in bindings.refused:
            continue
        found = [_missing(side, resource, ref) for ref in sorted(references(resource) & strangers)]
        found += unwritable(resource, bindings.bound.get(resource.ref), side.snapshot.provider)
        found += needing(resource, bindings)
        if found:
            bindings.refused.add(resource.ref)
            decision.findings += found


def _missing(side: Side, resource: Resource, user: Ref) -> Finding:
    (email,) = (each.email for each in side.users if each.ref == user)
    who = f"{email} ({user.key}) is not a user of {side.snapshot.provider}"
    message = f"{resource.ref.words}: {who}; invite that person there, or take the name out here"
    return Finding("user-missing", "error", message, resource.source, resource.ref)


def _leads_somewhere(side: Side, decision: Decision, change: Change) -> bool:
    """Refuse a team whose alerts would go to something that nobody declares."""
    known = {resource.ref for resource in side.declared}
    lost = [ref for ref in sorted(pointed_at(change.wanted)) if not ref.remote and ref not in known]
    for ref in lost:
        message = (
            f"{change.ref.words} sends its alerts to {ref.words}, which is not declared for"
            f" {side.snapshot.provider}: write the key of one that is"
        )
        decision.findings.append(Finding("unknown-target", "error", message, change.source, change.ref))
        decision.bindings.refused.add(change.ref)
    return not lost


def _people(side: Side, bindings: Bindings, labels: Labels) -> People:
    added = frozenset(
        (team, labels.to_ref(Ref("user", user, remote=True))) for team, user in side.snapshot.implicit
    )
    return People(added, called_after({r.ref: r for r in side.declared}, side.snapshot, bindings, labels))


def _change(side: Side, decision: Decision, people: People, resource: Resource) -> Change | None:
    labels = decision.labels
    live = decision.bindings.bound.get(resource.ref)
    if live is None:
        return _create(side, decision, labels, resource)
    mark = decision.bindings.marks.get((live.kind, live.remote_id))
    seen = look(live, resource, mark, people, labels, side.now)
    gone = frozenset(Ref(o.kind, o.remote_id, remote=True) for o in decision.bindings.orphans)
    filled, wanted = _wanted(side, resource, seen, gone)
    changed = _fields(seen.local, wanted, labels.name, side.now)
    if isinstance(wanted, Schedule):
        there = side.overrides.get(live.remote_id, ())
        wanted = replace(wanted, overrides=missing(wanted, there, labels, side.now))
        changed += override_fields(wanted, labels.name)
    adopted = resource.ref in decision.bindings.adopted
    changed += _mark_fields(side, seen, resource, without(wanted, filled.kept))
    decision.findings.extend(kept_children(resource, filled))
    decision.kept |= {resource.ref: filled.kept} if filled.kept else {}
    decision.findings.extend(cut_description(filled.resource, side.workspace, side.limits))
    if not changed and not adopted:
        return None
    if adopted:
        decision.findings.extend(risky_adoption(resource, seen.text, changed))
    return Change(
        provider=side.snapshot.provider,
        ref=resource.ref,
        action=_action(changed, adopted=adopted),
        name=wanted.name,
        remote_id=live.remote_id,
        fields=changed,
        why=_why(seen, wanted, filled.kept),
        wanted=wanted,
        live=replace(live, resource=replace(seen.local, description=live.resource.description)),
        kept=filled.kept,
        source=resource.source,
        team=_team_of(resource, seen.local),
    )


def _wanted(side: Side, resource: Resource, seen: Look, gone: frozenset[Ref]) -> tuple[Filled, Resource]:
    """Return what to make of a live object: as it is, if that rings the same. `gone` is what will be deleted."""
    local = seen.local
    wall = to_wall(side.now, local.time_zone) if isinstance(local, Schedule) else side.now
    filled = fill(resource, local, seen.foreign, wall)
    filled = replace(filled, resource=released(filled.resource, gone))
    wanted = side.normalize(filled.resource, replace(seen.live, resource=local))
    if isinstance(wanted, Schedule) and isinstance(local, Schedule) and same_rings(wanted, local, side.now):
        rotations = renamed(local.rotations, wanted.rotations)
        wanted = replace(wanted, rotations=rotations, overlap=local.overlap, time_zone=local.time_zone)
    return filled, fitted(side, wanted)


def fitted(side: Side, wanted: Resource) -> Resource:
    """Return a resource whose description leaves room for its mark, as it will be read back."""
    if not isinstance(wanted.description, str):
        return wanted
    room = room_for_text(wanted.ref, side.workspace, side.limits.get(wanted.ref.kind, 1024))
    return replace(wanted, description=fit(wanted.description, room))


def _mark_fields(side: Side, seen: Look, resource: Resource, wanted: Resource) -> tuple[FieldChange, ...]:
    """Return what is wrong with the mark itself: another key, or (where asked for) another fingerprint."""
    if seen.mark is not None and seen.mark.ref != resource.ref:
        return (FieldChange("key", seen.mark.ref.key, resource.ref.key),)
    if seen.mark is not None and seen.mark.protected != resource.protected:
        return (FieldChange("protected", seen.mark.protected, resource.protected),)
    digest = fingerprint(wanted, seen.labels.id, side.now)
    if side.refresh_marks and (seen.mark is None or seen.mark.digest != digest):
        return (FieldChange("mark", seen.mark.digest if seen.mark else None, digest),)
    return ()


def _why(seen: Look, wanted: Resource, kept: frozenset[str]) -> Why:
    if seen.mark is None or seen.ours(kept):
        return "pending"
    return "drift" if seen.says(wanted, kept) else "both"


def _create(side: Side, decision: Decision, labels: Labels, resource: Resource) -> Change:
    wanted = fitted(side, side.normalize(resource, None))
    decision.findings.extend(cut_description(resource, side.workspace, side.limits))
    new = facts(wanted, labels.name, side.now)
    made: tuple[FieldChange, ...] = ()
    if isinstance(wanted, Schedule):
        declared_turns(new, wanted, labels.name)
        wanted = replace(wanted, overrides=missing(wanted, (), labels, side.now))
        made = override_fields(wanted, labels.name)
    return Change(
        provider=side.snapshot.provider,
        ref=resource.ref,
        action="create",
        name=wanted.name,
        fields=fields({}, new) + made,
        wanted=wanted,
        source=resource.source,
        team=_team_of(resource, resource),
    )


def _deletes(side: Side, bindings: Bindings, labels: Labels) -> list[Change]:
    orphans = sorted(bindings.orphans, key=lambda o: (-ORDER[o.kind], o.resource.name, o.remote_id))
    return [
        Change(
            provider=side.snapshot.provider,
            ref=bindings.marks[live.kind, live.remote_id].ref,
            action="delete",
            name=live.resource.name,
            remote_id=live.remote_id,
            why="pending",
            live=live,
            team=_owner_of(live, labels),
        )
        for live in orphans
    ]


def _owner_of(live: Live, labels: Labels) -> str | None:
    owner = live.resource.team
    if live.kind == "team" or not isinstance(owner, Ref):
        return None
    ref = labels.to_ref(owner)
    return labels.name(ref) if ref.remote else ref.key


def _fields(local: Resource, wanted: Resource, label: Label, now: datetime) -> tuple[FieldChange, ...]:
    before, after = facts(local, label, now), facts(wanted, label, now)
    if isinstance(local, Schedule) and isinstance(wanted, Schedule):
        align_turns(before, after, local, wanted, label)
        if "overlap" not in before:
            # With one rotation so far, neither means anything that the new rotations do not say.
            after = {key: value for key, value in after.items() if key not in ("precedence", "overlap")}
    if isinstance(wanted, Service):
        align_names(before, after, wanted)
    return fields(before, after)


def _action(changed: tuple[FieldChange, ...], *, adopted: bool) -> Action:
    if adopted:
        return "adopt"
    return "rename" if {c.path for c in changed} <= {"name", "key"} else "update"


def _team_of(resource: Resource, local: Resource) -> str | None:
    if resource.ref.kind == "team":
        return resource.ref.key
    owner = resource.team if isinstance(resource.team, Ref) else local.team
    return owner.key if isinstance(owner, Ref) and not owner.remote else None
