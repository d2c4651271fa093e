"""Which live object is which declared resource: by mark, by a key's former name, by name, by email.

Pure, and careful: where two answers are possible, there is none, and a finding names both candidates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from oncall_sync.model import Finding, Kind, Live, Ref, Resource, Severity, Snapshot, User

from .marks import Mark, split


@dataclass(slots=True)
class Bindings:
    """The answer for one provider.

    Attributes:
        bound: live objects by declared ref, users and external resources included.
        marks: the mark of each live object of ours, by kind and remote id.
        adopted: refs bound by name to an object that carries no mark.
        orphans: objects that carry our mark and that nobody declares any more.
        unmanaged: how many objects carry no mark and are not declared.
        refused: refs that must not be touched, with the reason told in `findings`.
    """

    bound: dict[Ref, Live] = field(default_factory=dict)
    marks: dict[tuple[Kind, str], Mark] = field(default_factory=dict)
    adopted: set[Ref] = field(default_factory=set)
    orphans: list[Live] = field(default_factory=list)
    unmanaged: int = 0
    refused: set[Ref] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, rule: str, resource: Resource, message: str, level: Severity = "error") -> None:
        """Keep a resource from being touched, and say why."""
        self.refused.add(resource.ref)
        self.findings.append(Finding(rule, level, message, resource.source, resource.ref))


def match(
    declared: Iterable[Resource], users: Iterable[User], snapshot: Snapshot, workspace: str, kind: str
) -> Bindings:
    """Return who is who. `kind` is the provider's kind, for people who are not known by email there."""
    bindings = Bindings()
    _match_users(bindings, users, snapshot, kind)
    by_kind: dict[Kind, list[Resource]] = defaultdict(list)
    for resource in declared:
        by_kind[resource.ref.kind].append(resource)
    for live_kind in ("team", "schedule", "escalation_policy", "service"):
        _match_kind(bindings, by_kind[live_kind], snapshot.of_kind(live_kind), workspace, snapshot.provider)
    return bindings


def _match_users(bindings: Bindings, users: Iterable[User], snapshot: Snapshot, kind: str) -> None:
    by_email: dict[str, Live] = {}
    by_id: dict[str, Live] = {}
    for live in snapshot.users:
        by_id[live.remote_id] = live
        if isinstance(live.resource, User):
            by_email[live.resource.email.casefold()] = live
    for user in users:
        found = by_id.get(user.ids[kind]) if kind in user.ids else by_email.get(user.email.casefold())
        if found is not None:
            bindings.bound[user.ref] = found


def _match_kind(
    bindings: Bindings, declared: list[Resource], live: tuple[Live, ...], workspace: str, provider: str
) -> None:
    ours, foreign, unmarked = _sort_by_mark(bindings, live, workspace)
    owned = [resource for resource in declared if not resource.external]
    taken = _bind_marked(bindings, owned, ours)
    left = [o for objects in ours.values() for o in objects if o.remote_id not in taken]
    for resource in owned:
        if resource.ref in bindings.bound or resource.ref in bindings.refused:
            continue
        taken |= _bind_by_name(bindings, resource, left, taken, unmarked, foreign)
    for resource in declared:
        if resource.external:
            _bind_external(bindings, resource, live, provider)
    named = {o.remote_id for o in bindings.bound.values()}
    _sort_orphans(bindings, ours, taken)
    bindings.unmanaged += sum(1 for objects in unmarked.values() for o in objects if o.remote_id not in named)


def _sort_orphans(bindings: Bindings, ours: Mapping[Ref, list[Live]], taken: set[str]) -> None:
    for ref, objects in ours.items():
        orphans = [o for o in objects if o.remote_id not in taken]
        if len(orphans) < 2:
            bindings.orphans += orphans
            continue
        message = (
            f"{ref.words} is no longer declared, and {' and '.join(_named(o) for o in orphans)} claim to be it:"
            " delete the wrong one by hand"
        )
        bindings.findings.append(Finding("doubled-mark", "error", message, None, ref))


def _sort_by_mark(
    bindings: Bindings, live: tuple[Live, ...], workspace: str
) -> tuple[dict[Ref, list[Live]], dict[str, list[tuple[Live, Mark]]], dict[str, list[Live]]]:
    ours: dict[Ref, list[Live]] = defaultdict(list)
    foreign: dict[str, list[tuple[Live, Mark]]] = defaultdict(list)
    unmarked: dict[str, list[Live]] = defaultdict(list)
    for found in live:
        _, mark = split(_text(found.resource))
        if mark is None or mark.ref.kind != found.kind:
            unmarked[found.resource.name].append(found)
        elif mark.workspace == workspace:
            bindings.marks[found.kind, found.remote_id] = mark
            ours[mark.ref].append(found)
        else:
            foreign[found.resource.name].append((found, mark))
    return ours, foreign, unmarked


def _bind_marked(bindings: Bindings, owned: list[Resource], ours: Mapping[Ref, list[Live]]) -> set[str]:
    """Bind by mark, then by the key a resource had before; return the ids that are spoken for."""
    taken: set[str] = set()
    for resource in owned:
        former = Ref(resource.ref.kind, resource.was) if resource.was else None
        found = ours.get(resource.ref) or (ours.get(former) if former else None) or []
        if len(found) == 1:
            bindings.bound[resource.ref] = found[0]
            taken.add(found[0].remote_id)
        elif found:
            taken |= {o.remote_id for o in found}
            both = " and ".join(_named(o) for o in found)
            bindings.refuse(
                "doubled-mark",
                resource,
                f"{resource.ref.words} is claimed by {len(found)} objects, {both}: remove the line 'Managed by"
                " oncall-sync' from the description of the one that is not it",
            )
    return taken


def _bind_by_name(
    bindings: Bindings,
    resource: Resource,
    left: list[Live],
    taken: set[str],
    unmarked: Mapping[str, list[Live]],
    foreign: Mapping[str, list[tuple[Live, Mark]]],
) -> set[str]:
    """Bind a resource that no mark names; return the ids that became spoken for."""
    rekeyed = [o for o in left if o.resource.name == resource.name and o.remote_id not in taken]
    candidates = rekeyed or unmarked.get(resource.name, [])
    if len(candidates) > 1:
        both = " and ".join(_named(o) for o in candidates)
        bindings.refuse(
            "two-candidates",
            resource,
            f"{len(candidates)} objects are called {resource.name!r}, {both}: rename all but the one that"
            f" {resource.ref.words} is to take over",
        )
        return {o.remote_id for o in rekeyed}
    if candidates:
        bindings.bound[resource.ref] = candidates[0]
        if not rekeyed:
            bindings.adopted.add(resource.ref)
        return {candidates[0].remote_id}
    if resource.name in foreign:
        _, mark = foreign[resource.name][0]
        bindings.refuse(
            "foreign-owner",
            resource,
            f"{resource.ref.words} exists and belongs to the workspace {mark.workspace!r} (as {mark.ref}): choose"
            " another name, or say `external: true` to refer to it without owning it",
        )
    return set()


def _bind_external(bindings: Bindings, resource: Resource, live: tuple[Live, ...], provider: str) -> None:
    found = [o for o in live if o.resource.name == resource.name]
    if len(found) == 1:
        bindings.bound[resource.ref] = found[0]
        return
    kind = resource.ref.kind.replace("_", " ")
    count = f"there are {len(found)} of that name" if found else "there is none of that name"
    message = f"the external {kind} {resource.name!r} must exist exactly once at {provider}, and {count}"
    # A warning by itself: it is somebody else's. What needs it cannot be made, and that is an error, told there.
    bindings.refuse("external-missing", resource, message, "warning")


def _text(resource: Resource) -> str | None:
    return resource.description if isinstance(resource.description, str) else None


def _named(live: Live) -> str:
    return f"{live.resource.name!r} ({live.url or live.remote_id})"
