"""Scenes for the rota engine: as declared, as live, and as it will be once a plan is applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from oncall_sync.model import (
    EscalationPolicy,
    LiveOverride,
    Paging,
    Policies,
    Ref,
    Resource,
    Schedule,
    Service,
    Snapshot,
    User,
)
from oncall_sync.rota.scene import Scene

from .diff import Decision
from .fill import localize


def declared_scene(policies: Policies, paging: Mapping[str, Paging]) -> Scene:
    """Return what the policies alone say; external resources are there without what only live could tell."""
    scene = Scene(users={u.ref: u for u in policies.users.values()}, paging=paging)
    return with_resources(scene, (r for r in policies.resources() if not isinstance(r, User)))


def live_scene(
    snapshot: Snapshot,
    decision: Decision,
    users: Iterable[User],
    paging: Paging,
    overrides: Mapping[str, Iterable[LiveOverride]],
) -> Scene:
    """Return what is live, in declared refs where they are known and in remote ones elsewhere.

    `overrides` are those that were read, by schedule id.
    """
    labels = decision.labels
    people = {ref: live for ref, live in decision.bindings.bound.items() if ref.kind == "user"}
    by_ref = {user.ref: user for user in users}
    scene = Scene(
        users={ref: by_ref[ref] for ref in people if ref in by_ref},
        paging={snapshot.provider: paging},
        overrides={
            labels.to_ref(Ref("schedule", remote_id, remote=True)): tuple(found)
            for remote_id, found in overrides.items()
        },
        refs={live.remote_id: ref for ref, live in people.items()},
    )
    return with_resources(
        scene,
        (
            replace(
                localize(live.resource, labels.to_ref),
                ref=labels.to_ref(Ref(live.kind, live.remote_id, remote=True)),
                provider=snapshot.provider,
            )
            for live in snapshot.objects
        ),
    )


def scene_after(scene: Scene, decision: Decision) -> Scene:
    """Return a live scene once every change of a decision is made."""
    gone = {Ref(c.ref.kind, c.remote_id or "", remote=True) for c in decision.changes if c.action == "delete"}
    made = [replace(c.wanted, ref=c.ref, provider=c.provider) for c in decision.changes if c.wanted is not None]
    left = replace(
        scene,
        services={ref: r for ref, r in scene.services.items() if ref not in gone},
        policies={ref: r for ref, r in scene.policies.items() if ref not in gone},
        schedules={ref: r for ref, r in scene.schedules.items() if ref not in gone},
    )
    return with_resources(left, made)


def with_resources(scene: Scene, resources: Iterable[Resource]) -> Scene:
    """Return a scene in which these resources stand in the place of those with their refs."""
    services, policies, schedules = dict(scene.services), dict(scene.policies), dict(scene.schedules)
    for resource in resources:
        match resource:
            case Service():
                services[resource.ref] = resource
            case EscalationPolicy():
                policies[resource.ref] = resource
            case Schedule():
                schedules[resource.ref] = resource
            case _:
                pass
    return replace(scene, services=services, policies=policies, schedules=schedules)
