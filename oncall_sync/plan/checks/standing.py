"""What is looked at always, whether or not a policy asks for it."""

from __future__ import annotations

from datetime import datetime

from oncall_sync.model import Policies
from oncall_sync.rota.scene import Scene

from .away import away_on_call
from .broken import Broken
from .follows import follows_same
from .gaps import chat_commands, ladders, policy_gaps
from .handoffs import handoff_dst
from .watch import Name, Watch


def standing(
    scene: Scene, policies: Policies, since: datetime, until: datetime, name: Name | None = None
) -> list[Broken]:
    """Return what is wrong within `since..until` (aware) with what policies declare, as the scene has it.

    The rules are those of `LEVELS` after the promises; `Broken.finding` gives each its level. Only declared
    resources are looked at, and only those that the scene knows: what is external in a declared scene is not.
    """
    watch = Watch(scene, since, until, name)
    return [
        *policy_gaps(policies, watch),
        *chat_commands(policies, watch),
        *ladders(policies, watch),
        *follows_same(policies, watch),
        *away_on_call(policies, watch),
        *handoff_dst(policies, watch),
    ]
