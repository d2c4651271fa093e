"""Who rings, asked of the policies or of what is live: one scene either way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from oncall_sync.errors import UsageError
from oncall_sync.model import Policies, Ref, Resource, Schedule, Service, SupportHours
from oncall_sync.plan.diff import decide
from oncall_sync.plan.scenes import declared_scene, live_scene
from oncall_sync.policy.config import Config
from oncall_sync.provider import Overrides, Progress, Provider, kinds
from oncall_sync.rota.scene import Scene

from .accounts import offline
from .planning import side_of
from .requests import Request

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True, slots=True)
class View:
    """A scene, what its refs are called, which resources are somebody else's, and the ids of live ones."""

    scene: Scene
    name: Callable[[Ref], str]
    external: frozenset[Ref] = frozenset()
    ids: Mapping[Ref, str] = field(default_factory=dict)

    def service(self, asked: str) -> Service:
        """Return a service by its key or its name. Raises UsageError."""
        return self._one("service", asked, self.scene.services)

    def schedule(self, asked: str) -> Schedule:
        """Return a schedule by its key or its name. Raises UsageError."""
        return self._one("schedule", asked, self.scene.schedules)

    def _one(self, kind: str, asked: str, there: Mapping[Ref, R]) -> R:
        found = [r for ref, r in there.items() if not ref.remote and ref.key == asked]
        found = found or [r for r in there.values() if r.name == asked]
        if len(found) > 1:
            raise UsageError(f"{len(found)} {kind}s are called {asked!r}: ask for one by its key")
        if not found:
            known = ", ".join(sorted(self.name(ref) if ref.remote else ref.key for ref in there)) or "none"
            raise UsageError(f"there is no {kind} {asked!r} (there are: {known})")
        if found[0].ref in self.external:
            raise UsageError(f"{kind} {asked} is external: only --from live knows what it is")
        return found[0]


def policy_view(config: Config, policies: Policies) -> View:
    """Return what the policies say; nothing is sent anywhere."""
    there = kinds()
    paging = {e.name: offline(e).capabilities.paging for e in config.providers if e.kind in there}
    external = frozenset(r.ref for r in policies.resources() if r.external)
    return View(declared_scene(policies, paging), lambda ref: ref.key, external)


def live_view(request: Request, provider: Provider, progress: Progress) -> View:
    """Return what is live at one provider, without the swaps that people made. Raises ProviderError."""
    snapshot = provider.read(request.now, progress)
    side = side_of(request, snapshot.provider, provider, snapshot)
    decision = decide(side)
    scene = live_scene(snapshot, decision, side.users, provider.capabilities.paging, {})
    ids = {live.remote_id: ref for ref, live in decision.bindings.bound.items() if ref.kind == "schedule"}
    return View(scene, decision.labels.name, ids={ref: remote_id for remote_id, ref in ids.items()})


def with_swaps(view: View, provider: Provider, schedules: Iterable[Ref], since: datetime, until: datetime) -> View:
    """Return a live view that knows the swaps on some schedules within a span: one call each."""
    if not isinstance(provider, Overrides):
        return view
    asked = {view.ids.get(ref, ref.key): ref for ref in schedules if ref in view.scene.schedules}
    found = provider.overrides(sorted(asked), since, until)
    overrides = {asked[remote_id]: tuple(listed) for remote_id, listed in found.items()}
    return replace(view, scene=replace(view.scene, overrides=overrides))


def ladder(scene: Scene, service: Service) -> frozenset[Ref]:
    """Return the schedules that a service's incidents climb."""
    named = service.escalation_policy
    policy = scene.policies.get(named) if isinstance(named, Ref) else None
    targets = (target for level in policy.levels for target in level.notify) if policy else ()
    return frozenset(ref for ref in targets if ref.kind == "schedule")


def zone_of(scene: Scene, service: Service) -> str:
    """Return the zone in which people think of a service: its support hours, else that of a schedule.."""
    if isinstance(service.urgency, SupportHours):
        return service.urgency.time_zone
    return next(
        (scene.schedules[ref].time_zone for ref in sorted(ladder(scene, service)) if ref in scene.schedules), "UTC"
    )
