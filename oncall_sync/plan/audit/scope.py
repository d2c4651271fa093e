"""What of an account an audit tells of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from oncall_sync.model import Ref
from oncall_sync.rota.scene import Scene

from .ground import Asked


def services_to_tell(asked: Asked, scene: Scene, owned: frozenset[Ref]) -> tuple[Ref, ...]:
    """Return the services of an audit that is not narrow: ours and where chat commands lead; or all there are."""
    if asked.whole:
        return tuple(sorted(scene.services))
    wanted = owned | {command.service for command in asked.policies.chat_commands.values()}
    return tuple(sorted(ref for ref in scene.services if ref in wanted))


def services_called(scene: Scene, names: Iterable[str]) -> tuple[Ref, ...]:
    """Return the services of these keys or names; a key comes first."""
    found: set[Ref] = set()
    for name in names:
        by_key = {ref for ref in scene.services if not ref.remote and ref.key == name}
        found |= by_key or {ref for ref, service in scene.services.items() if service.name == name}
    return tuple(sorted(found))


def schedules_to_tell(
    asked: Asked, scene: Scene, owned: frozenset[Ref], services: Sequence[Ref]
) -> tuple[Ref, ...]:
    """Return the schedules on these services' ladders, ours as well unless it is narrow; or all there are."""
    if asked.whole and not asked.narrow:
        return tuple(sorted(scene.schedules))
    named: set[Ref] = set()
    for ref in services:
        service = scene.services[ref]
        policy = (
            scene.policies.get(service.escalation_policy) if isinstance(service.escalation_policy, Ref) else None
        )
        named |= {target for level in (policy.levels if policy else ()) for target in level.notify}
    if not asked.narrow:
        named |= owned
    return tuple(sorted(ref for ref in scene.schedules if ref in named))
