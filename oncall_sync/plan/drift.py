"""Drift: what was changed at a provider since it was last applied, and who rings differently because of it.

The plan's decision seen from the other side: fields go from what was applied to what is live, and what only the
policies changed is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from dataclasses import fields as attributes
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from oncall_sync.model import (
    Change,
    FieldChange,
    Finding,
    Live,
    Ref,
    Resource,
    Schedule,
    Source,
    Touch,
)
from oncall_sync.rota.scene import Scene
from oncall_sync.rota.wall import to_wall

from .apart import changed_live
from .diff import Decision
from .facts import ended, facts, without
from .fill import localize
from .impact import impact
from .marks import split
from .plan import PlannedProvider
from .scenes import with_resources
from .told import ToldImpact, tell

_NEVER_LIVE: Final = frozenset({"overrides", "key", "protected", "mark"})
"""What differs without anybody having changed the object: overrides are no part of it, the rest is in its mark."""
_RINGING: Final = frozenset({"time_zone", "rotations", "overlap", "precedence"})
"""What of a schedule means something only together."""
Cause: TypeAlias = Literal["drift", "both", "child", "upgraded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """One object that is not as it was applied.

    Attributes:
        name: as it is at the provider now.
        why: `drift`; `both` if the policies changed as well; `child` if nothing differs but what somebody added;
            `upgraded` if the provider keeps it in a form that cannot be read in full any more.
        fields: what differs; `before` is what was applied (where the policies changed as well, and `apart` is
            false: what they say now), `after` is what is live. Children that somebody added are among them.
        pending: what only the policies changed, as a plan tells it.
        apart: whether `fields` are known to be the provider's alone.
        kept: the names of rotations or integrations that somebody added; an apply leaves them there.
        applied: the object as `fields` say it was, in declared refs, without `kept`; None if it cannot be told.
        live: the object as it is, in declared refs, its description with the mark.
        says: what became of an upgraded one, in a sentence.
        effect: who rings differently because of it; None if that cannot be told.
        touches: who changed it since it was last applied, newest first, as far as the provider tells.
    """

    provider: str
    ref: Ref
    name: str
    remote_id: str
    why: Cause
    live: Live
    applied: Resource | None = None
    fields: tuple[FieldChange, ...] = ()
    pending: tuple[FieldChange, ...] = ()
    apart: bool = True
    kept: frozenset[str] = frozenset()
    says: str | None = None
    source: Source | None = None
    team: str | None = None
    effect: ToldImpact | None = None
    touches: tuple[Touch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """All drift of a workspace, what rings soonest first.

    `since` is how far back the providers' trails were asked, `untold` why one did not tell, by provider; `notes`
    is what a fingerprint cannot see; `errors` keep objects from being looked at. `people` are the keys of declared
    users by email, in lower case.
    """

    workspace: str
    now: datetime
    since: datetime
    providers: tuple[PlannedProvider, ...] = ()
    drifted: tuple[Drifted, ...] = ()
    untold: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    errors: tuple[Finding, ...] = ()
    not_read: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)


def drifted(provider: str, decision: Decision, now: datetime) -> list[Drifted]:
    """Return what was changed at a provider: by its fingerprint, or because somebody added to it."""
    changes = {change.ref: change for change in decision.changes}
    found: list[Drifted] = []
    for ref in sorted({*changes, *decision.kept}):
        change = changes.get(ref)
        if change is not None and change.why in ("drift", "both"):
            found += _changed(decision, change, now)
        elif ref in decision.kept:
            found.append(_added_to(provider, decision, ref, changes.get(ref), now))
    return found


def _changed(decision: Decision, change: Change, now: datetime) -> Iterator[Drifted]:
    if change.live is None or change.wanted is None:
        return
    live, wanted = change.live, without(change.wanted, change.kept)
    theirs = {f.path for f in change.fields if f.path.partition(".")[0] not in _NEVER_LIVE}
    if not theirs and not change.kept:
        return
    apart = change.why == "drift"
    if change.why == "both":
        mark = decision.bindings.marks[live.kind, live.remote_id]
        told = changed_live(without(_bare(live.resource), change.kept), wanted, mark.digest, decision.labels, now)
        if told is not None and told & theirs:
            theirs, apart = told & theirs, True
            wanted = _as_applied(without(_bare(live.resource), change.kept), wanted, theirs)
    fields = [FieldChange(f.path, f.after, f.before) for f in change.fields if f.path in theirs]
    yield Drifted(
        provider=change.provider,
        ref=change.ref,
        name=live.resource.name,
        remote_id=live.remote_id,
        why="both" if change.why == "both" else "drift",
        live=live,
        applied=wanted,
        fields=(*fields, *_children(decision, live, change.kept, now)),
        pending=tuple(f for f in change.fields if f.path not in theirs),
        apart=apart,
        kept=change.kept,
        source=change.source,
        team=change.team,
    )


def _added_to(provider: str, decision: Decision, ref: Ref, change: Change | None, now: datetime) -> Drifted:
    """Return an object that differs from what was applied only by what somebody added."""
    bound, kept = decision.bindings.bound[ref], decision.kept[ref]
    live = replace(bound, resource=localize(bound.resource, decision.labels.to_ref))
    owner = live.resource.team
    team = owner.key if isinstance(owner, Ref) and not owner.remote else None
    return Drifted(
        provider=provider,
        ref=ref,
        name=live.resource.name,
        remote_id=live.remote_id,
        why="child",
        live=live,
        applied=without(live.resource, kept),
        fields=tuple(_children(decision, live, kept, now)),
        pending=change.fields if change else (),
        kept=kept,
        source=next((f.source for f in decision.findings if f.rule == "kept-child" and f.ref == ref), None),
        team=change.team if change else team,
    )


def _children(decision: Decision, live: Live, kept: frozenset[str], now: datetime) -> Iterator[FieldChange]:
    """Yield each child that somebody added, as a field that was not there."""
    if not kept:
        return
    resource = live.resource
    if isinstance(resource, Schedule):
        wall = to_wall(now, resource.time_zone)
        resource = replace(resource, rotations=tuple(r for r in resource.rotations if not ended(r, wall)))
    kind = "rotations" if isinstance(resource, Schedule) else "integrations"
    there = facts(resource, decision.labels.name, now).get(kind) or {}
    for name in sorted(kept & set(there)):
        yield FieldChange(f"{kind}.{name}", None, there[name])


def _as_applied(live: Resource, wanted: Resource, paths: Iterable[str]) -> Resource:
    """Return a live resource with what was changed at the provider put back; what the policies changed is not."""
    heads = {path.partition(".")[0] for path in paths}
    if heads & _RINGING:
        heads |= _RINGING
    known = {each.name for each in attributes(live)}
    settings = {kind: block for kind, block in wanted.settings.items() if kind in heads}
    back = {head: getattr(wanted, head) for head in heads & known}
    return replace(live, **back, settings={**live.settings, **settings})


def _bare(resource: Resource) -> Resource:
    """Return a live resource without the mark behind its description."""
    text, _ = split(resource.description if isinstance(resource.description, str) else "")
    return replace(resource, description=text)


def other_forms(decision: Decision) -> list[tuple[Ref, Live]]:
    """Return what is there by name, without a mark, in a form of which the provider tells no more than that.

    An upgrade made it so, or it never was ours: its own description, read by itself, has the mark or not.
    """
    bound = decision.bindings.bound
    return [(ref, bound[ref]) for ref in sorted(decision.bindings.adopted) if bound[ref].resource.external]


def is_ours(ref: Ref, workspace: str, description: str | None) -> bool:
    """Return whether a description says that its object is this resource of this workspace."""
    _, mark = split(description)
    return mark is not None and mark.workspace == workspace and mark.ref == ref


def upgraded(provider: str, ref: Ref, live: Live, says: str, source: Source | None) -> Drifted:
    """Return the drift of an object that was upgraded: that it was, and no more."""
    return Drifted(
        provider=provider,
        ref=ref,
        name=live.resource.name,
        remote_id=live.remote_id,
        why="upgraded",
        live=live,
        says=says,
        source=source,
    )


def with_effect(found: Drifted, live: Scene, decision: Decision, now: datetime, horizon: timedelta) -> Drifted:
    """Return drift with who rings differently because of it alone; `live` is the scene as it is."""
    if found.applied is None:
        return found
    applied = replace(found.applied, ref=found.ref, provider=found.provider)
    before = with_resources(live, [applied])
    differs = impact(before, live, now, now + horizon)
    return replace(found, effect=tell(found.provider, differs, before, live, decision.labels))


def soonest(found: Drifted) -> tuple[object, ...]:
    """Return what drift is sorted by: who rings differently soonest, nobody before somebody, then most."""
    effect = found.effect
    if effect is None:
        return (2, 0.0, 0, 0.0, found.provider, found.ref)
    spans = [(one.since, one.until) for one in effect.opened] + [(one.since, one.until) for one in effect.pages]
    if spans:
        first = min(since for since, _ in spans).timestamp()
        most = sum((until - since).total_seconds() for since, until in spans)
        return (0, first, not effect.opened, -most, found.provider, found.ref)
    if effect.first_difference_after is not None:
        return (1, effect.first_difference_after.timestamp(), 0, 0.0, found.provider, found.ref)
    return (3, 0.0, 0, 0.0, found.provider, found.ref)
