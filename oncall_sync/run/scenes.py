"""From what was read to scenes, and from scenes to what is promised, broken or about to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from oncall_sync.model import ABSENT, EscalationPolicy, Finding, Policies, Reachable, Ref, Resource
from oncall_sync.model.rule import ReachableRule
from oncall_sync.plan.checks.known import ContactBook, Contacts
from oncall_sync.plan.diff import Decision, Side
from oncall_sync.plan.judging import Sides, judge, redealt
from oncall_sync.plan.rules import with_plan
from oncall_sync.plan.scenes import declared_scene, live_scene, scene_after
from oncall_sync.provider import Provider, Reachability
from oncall_sync.rota.scene import Scene

from .requests import Request

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenes:
    """What one provider has now, and what it has once its decision is applied."""

    provider: str
    before: Scene
    after: Scene


def scenes_of(provider: Provider, side: Side, decision: Decision) -> Scenes:
    """Return both scenes of a provider."""
    paging = provider.capabilities.paging
    before = live_scene(side.snapshot, decision, side.users, paging, side.overrides)
    return Scenes(provider=side.snapshot.provider, before=before, after=scene_after(before, decision))


def judged(
    request: Request,
    providers: Mapping[str, Provider],
    decisions: Mapping[str, Decision],
    scenes: Sequence[Scenes],
) -> list[Finding]:
    """Return what the plan breaks and what was broken before, over all providers and what has none."""
    unread = _elsewhere(request.policies, {s.provider for s in scenes})

    def name(ref: Ref) -> str:
        if not ref.remote:
            return ref.key
        labels = (decision.labels for decision in decisions.values())
        return next((label.name(ref) for label in labels), ref.key)

    promised = request.policies.escalation_policies
    sides = Sides(
        before=_told(together([unread, *(s.before for s in scenes)]), promised),
        after=_told(together([unread, *(s.after for s in scenes)]), promised),
        since=request.now,
        until=request.now + request.horizon,
        name=name,
        contacts=_contacts(request, providers, decisions),
    )
    changes = [change for decision in decisions.values() for change in decision.changes]
    rules = with_plan(request.policies, sides, request.now.date())
    return [*judge(request.policies, sides), *rules, *redealt(changes, request.now, name)]


def live_and_elsewhere(policies: Policies, live: Mapping[str, Scene]) -> Scene:
    """Return one scene of what is live, by provider, and of what is declared for none that was read."""
    scene = together([_elsewhere(policies, {*live}), *live.values()])
    return _told(scene, policies.escalation_policies)


def _told(scene: Scene, declared: Mapping[str, EscalationPolicy]) -> Scene:
    """Return a scene in which a last level rings as long as its policy says, where a provider cannot tell."""

    def told(policy: EscalationPolicy, said: EscalationPolicy | None) -> EscalationPolicy:
        if said is None or len(said.levels) != len(policy.levels) or not policy.levels:
            return policy
        last = policy.levels[-1]
        if last.escalate_after is ABSENT:
            last = replace(last, escalate_after=said.levels[-1].escalate_after)
        return replace(policy, levels=(*policy.levels[:-1], last))

    found = {ref: told(p, None if ref.remote else declared.get(ref.key)) for ref, p in scene.policies.items()}
    return replace(scene, policies=found)


def together(scenes: Sequence[Scene]) -> Scene:
    """Return one scene with everything of several; of what several have, the last holds."""
    out = Scene()
    for scene in scenes:
        out = replace(
            out,
            services={**out.services, **scene.services},
            policies={**out.policies, **scene.policies},
            schedules={**out.schedules, **scene.schedules},
            users={**out.users, **scene.users},
            paging={**out.paging, **scene.paging},
            overrides={**out.overrides, **scene.overrides},
            refs={**out.refs, **scene.refs},
        )
    return out


def _elsewhere(policies: Policies, read: set[str]) -> Scene:
    """Return what is declared for no provider, or for one that was not read; and everybody who is declared."""

    def left(resources: Mapping[str, R]) -> dict[str, R]:
        return {key: r for key, r in resources.items() if r.provider not in read and not r.external}

    return declared_scene(
        replace(
            policies,
            services=left(policies.services),
            schedules=left(policies.schedules),
            escalation_policies=left(policies.escalation_policies),
        ),
        {},
    )


def _contacts(
    request: Request, providers: Mapping[str, Provider], decisions: Mapping[str, Decision]
) -> ContactBook | None:
    """Return how people can be reached, if a check or a rule asks and a provider tells."""
    asked = (*request.policies.checks, *request.policies.rules.rules)
    if not any(isinstance(one, Reachable | ReachableRule) for one in asked):
        return None
    found: dict[Ref, Contacts] = {}
    for name, decision in decisions.items():
        provider = providers[name]
        if not isinstance(provider, Reachability):
            continue
        people = {live.remote_id: ref for ref, live in decision.bindings.bound.items() if ref.kind == "user"}
        for remote_id, ways in provider.ways_to_reach(sorted(people)).items():
            found[people[remote_id]] = Contacts(ways)
    return found or None
