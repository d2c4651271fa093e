"""What to do at one provider: declared resources against a snapshot, object by object.

The table of DESIGN under "Identity and ownership", as code. Pure: `now` is an argument, and what an adapter
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
    Snapshot,
    User,
)
from oncall_sync.rota.equal import same_rings
from oncall_sync.rota.wall import to_wall

from .facts import Label, facts, fingerprint, without
from .fields import align_turns, declared_turns, fields
from .fill import Filled, fill, references
from .identity import Bindings, match
from .labels import Labels
from .look import Look, look
from .marks import Mark, join, other_tool, room_for_text
from .overrides import missing, override_fields

Normalize: TypeAlias = Callable[[Resource, Live | None], Resource]
Why: TypeAlias = Literal["new", "pending", "drift", "both"]
ORDER = {"team": 0, "user": 0, "urgency_rule": 0, "schedule": 1, "escalation_policy": 2, "service": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Everything the decision about one provider is made from.

    `declared` are its resources (external ones included), `users` everybody declared anywhere, `limits` the
    characters a description may have, by kind, `overrides` what people swapped, by schedule id.
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


@dataclass(slots=True)
class Decision:
    """What was decided: changes in the order they are to be made, findings, and who is who."""

    bindings: Bindings
    labels: Labels
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def decide(side: Side) -> Decision:
    """Return what to do so that the provider is as declared."""
    bindings = match(side.declared, side.users, side.snapshot, side.workspace, side.kind)
    labels = Labels(side.declared, side.snapshot, bindings)
    decision = Decision(findings=list(bindings.findings), bindings=bindings, labels=labels)
    _refuse_unknown(side, decision)
    for resource in sorted(side.declared, key=lambda r: (ORDER[r.ref.kind], r.ref.key)):
        if resource.external or resource.ref in bindings.refused:
            continue
        change = _change(side, decision, labels, resource)
        if change is not None:
            decision.changes.append(change)
    decision.changes += _deletes(side, bindings)
    return decision


def _refuse_unknown(side: Side, decision: Decision) -> None:
    """Refuse what names a person who is not there, or an object that is refused and not there either."""
    bindings = decision.bindings
    users = {user.ref: user for user in side.users}
    for resource in sorted(side.declared, key=lambda r: (ORDER[r.ref.kind], r.ref.key)):
        if resource.external or resource.ref in bindings.refused:
            continue
        for ref in sorted(references(resource)):
            if ref.kind == "user" and ref in users and ref not in bindings.bound:
                message = (
                    f"{resource.ref.words}: {users[ref].email} ({ref.key}) is not a user of"
                    f" {side.snapshot.provider}; invite that person there, or take the name out here"
                )
                finding = Finding("user-missing", "error", message, resource.source, resource.ref)
            elif ref in bindings.refused and ref not in bindings.bound:
                message = f"{resource.ref.words} needs {ref.words}, which cannot be made (see there)"
                finding = Finding("needs-refused", "error", message, resource.source, resource.ref)
            else:
                continue
            bindings.refused.add(resource.ref)
            decision.findings.append(finding)


def _change(side: Side, decision: Decision, labels: Labels, resource: Resource) -> Change | None:
    live = decision.bindings.bound.get(resource.ref)
    if live is None:
        return _create(side, decision, labels, resource)
    mark = decision.bindings.marks.get((live.kind, live.remote_id))
    seen = look(live, resource, side.snapshot, mark, labels, side.now)
    filled, wanted = _wanted(side, resource, seen)
    changed = _fields(seen.local, wanted, labels.name, side.now)
    if isinstance(wanted, Schedule):
        there = side.overrides.get(live.remote_id, ())
        wanted = replace(wanted, overrides=missing(wanted, there, labels, side.now))
        changed += override_fields(wanted, labels.name)
    adopted = resource.ref in decision.bindings.adopted
    _note_kept(decision, resource, filled)
    _note_cut(side, decision, wanted)
    if not changed and not adopted:
        return None
    if adopted:
        _note_risky(decision, resource, seen.text, changed)
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


def _wanted(side: Side, resource: Resource, seen: Look) -> tuple[Filled, Resource]:
    """Return what to make of a live object: as it is, if that rings the same."""
    local = seen.local
    wall = to_wall(side.now, local.time_zone) if isinstance(local, Schedule) else side.now
    filled = fill(resource, local, seen.foreign, wall)
    wanted = side.normalize(filled.resource, replace(seen.live, resource=local))
    if isinstance(wanted, Schedule) and isinstance(local, Schedule) and same_rings(wanted, local, side.now):
        wanted = replace(wanted, rotations=local.rotations, overlap=local.overlap, time_zone=local.time_zone)
    return filled, wanted


def _why(seen: Look, wanted: Resource, kept: frozenset[str]) -> Why:
    if seen.mark is None or seen.ours(kept):
        return "pending"
    return "drift" if seen.says(wanted, kept) else "both"


def _create(side: Side, decision: Decision, labels: Labels, resource: Resource) -> Change:
    wanted = side.normalize(resource, None)
    _note_cut(side, decision, wanted)
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


def _deletes(side: Side, bindings: Bindings) -> list[Change]:
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
        )
        for live in orphans
    ]


def _fields(local: Resource, wanted: Resource, label: Label, now: datetime) -> tuple[FieldChange, ...]:
    before, after = facts(local, label, now), facts(wanted, label, now)
    if isinstance(local, Schedule) and isinstance(wanted, Schedule):
        align_turns(before, after, local, wanted, label)
    return fields(before, after)


def _action(changed: tuple[FieldChange, ...], *, adopted: bool) -> Action:
    if adopted:
        return "adopt"
    return "rename" if [c.path for c in changed] == ["name"] else "update"


def _team_of(resource: Resource, local: Resource) -> str | None:
    if resource.ref.kind == "team":
        return resource.ref.key
    owner = resource.team if isinstance(resource.team, Ref) else local.team
    return owner.key if isinstance(owner, Ref) and not owner.remote else None


def _note_kept(decision: Decision, resource: Resource, filled: Filled) -> None:
    for name in sorted(filled.kept):
        part = "the rotation" if isinstance(resource, Schedule) else "the integration"
        message = (
            f"{resource.ref.words}: {part} {name!r} was added at the provider and is not declared; it stays."
            " Declare it here, or remove it there"
        )
        decision.findings.append(Finding("kept-child", "warning", message, resource.source, resource.ref))


def _note_cut(side: Side, decision: Decision, wanted: Resource) -> None:
    room = room_for_text(wanted.ref, side.workspace, side.limits.get(wanted.ref.kind, 1024))
    text = wanted.description if isinstance(wanted.description, str) else ""
    if len(text) > room:
        message = f"{wanted.ref.words}: the description is cut to {room} characters, to leave room for the mark"
        source = wanted.where("description")
        decision.findings.append(Finding("description-cut", "warning", message, source, wanted.ref))


RINGS = ("time_zone", "rotations", "overlap", "precedence", "levels", "repeat", "escalation_policy", "urgency")


def _note_risky(decision: Decision, resource: Resource, text: str, changed: tuple[FieldChange, ...]) -> None:
    tool = other_tool(text)
    rings = [c.path for c in changed if c.path.partition(".")[0] in RINGS]
    reasons = [f"its description says that {tool} manages it"] if tool else []
    reasons += [f"it would ring differently ({', '.join(rings)})"] if rings else []
    if reasons:
        message = f"{resource.ref.words} exists already and would be taken over, but {' and '.join(reasons)}"
        decision.findings.append(Finding("risky-adoption", "error", message, resource.source, resource.ref))


def marked(change: Change, workspace: str, label: Label, limit: int, now: datetime) -> Change:
    """Return a change whose `wanted` carries its mark. `label` must know the ids of everything it names."""
    if change.wanted is None:
        return change
    bare = without(change.wanted, change.kept)
    mark = Mark(workspace, change.ref, fingerprint(bare, label, now))
    text = change.wanted.description if isinstance(change.wanted.description, str) else ""
    return replace(change, wanted=replace(change.wanted, description=join(text, mark, limit)))
