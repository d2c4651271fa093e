"""A scene from which people were taken out, as if every line that names them were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from oncall_sync.model import Assignment, EscalationPolicy, LiveOverride, Ref, Rotation, Schedule
from oncall_sync.rota.phase import following
from oncall_sync.rota.scene import Scene

People = frozenset[Ref]


def without(scene: Scene, people: People) -> Scene:
    """Return the scene without some people: fewer turns in a rotation, levels and assignments gone where empty.

    Swaps that they took over are gone as well. A schedule that follows another follows what is left of it.
    """
    made: dict[Ref, Schedule] = {}
    for ref in scene.schedules:
        _schedule(ref, scene.schedules, people, made, frozenset())
    overrides = {
        ref: tuple(one for one in found if taker(one, scene.refs) not in people)
        for ref, found in scene.overrides.items()
    }
    policies = {ref: _policy(policy, people) for ref, policy in scene.policies.items()}
    return replace(scene, schedules=made, policies=policies, overrides=overrides)


def taker(override: LiveOverride, refs: Mapping[str, Ref]) -> Ref:
    """Return who takes over by an override."""
    return refs.get(override.user_id) or Ref("user", override.user_id, remote=True)


def _schedule(
    ref: Ref, there: Mapping[Ref, Schedule], people: People, made: dict[Ref, Schedule], asked: frozenset[Ref]
) -> Schedule | None:
    """Return a schedule without people, made once; what it follows is made before it."""
    if ref in made or ref not in there or ref in asked:
        return made.get(ref)
    schedule = there[ref]
    base = None
    if schedule.follows is not None:
        base = _schedule(schedule.follows.schedule, there, people, made, asked | {ref})
    if base is not None and schedule.follows is not None:
        rotations = tuple(following(rotation, schedule.follows.offset) for rotation in base.rotations)
    else:
        rotations = _rotations(schedule.rotations, people)
    made[ref] = replace(
        schedule,
        rotations=rotations,
        assignments=_assignments(schedule.assignments, people),
        overrides=tuple(one for one in schedule.overrides if not {one.user, one.instead_of} & people),
    )
    return made[ref]


def _rotations(rotations: Sequence[Rotation], people: People) -> tuple[Rotation, ...]:
    left = (replace(one, members=tuple(m for m in one.members if m not in people)) for one in rotations)
    return tuple(one for one in left if one.members)


def _assignments(assignments: Sequence[Assignment], people: People) -> tuple[Assignment, ...]:
    def kept(named: Sequence[Ref]) -> tuple[Ref, ...]:
        return tuple(ref for ref in named if ref not in people)

    left = (
        replace(one, on_call=kept(one.on_call), fallback=kept(one.fallback), observers=kept(one.observers))
        for one in assignments
    )
    return tuple(one for one in left if one.on_call)


def _policy(policy: EscalationPolicy, people: People) -> EscalationPolicy:
    levels = (
        replace(level, notify=tuple(ref for ref in level.notify if ref not in people)) for level in policy.levels
    )
    return replace(policy, levels=tuple(level for level in levels if level.notify))
