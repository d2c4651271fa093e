"""People whom a provider put into a team on the way, because a policy called them for a moment.

A provider that puts everybody whom a team's policy calls into that team does so between two calls of one apply as
well: a schedule gets its new people while the policy that names it still belongs to the team it is about to leave.
Nobody declared them, nobody approved them, and no plan could name them: the apply that brought them takes them
out again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from oncall_sync.model import ABSENT, Change, Team
from oncall_sync.plan.diff import Decision


def brings_people(decision: Decision) -> bool:
    """Return whether what was planned can have put people into a team for a moment.

    That takes a schedule that gets people, and a policy that leaves the team, or the schedule, or goes.
    """
    kinds = {change.ref.kind for change in decision.changes if change.live is not None}
    return decision.joins_teams and {"schedule", "escalation_policy"} <= kinds


def joined(before: Mapping[str, Decision], after: Mapping[str, Decision]) -> dict[str, Decision]:
    """Return, by provider, what is left to do of nothing but people who came into a team meanwhile.

    `before` is what was planned, `after` what a look at the account says now; providers without any are left out.
    """
    found: dict[str, Decision] = {}
    for name, decision in after.items():
        changes = [c for c in decision.changes if name in before and _in_passing(c, before[name])]
        if changes:
            found[name] = replace(decision, changes=changes)
    return found


def _in_passing(change: Change, before: Decision) -> bool:
    """Return whether a change takes people out of a team, and does nothing else, who were not in it before."""
    if change.ref.kind != "team" or change.action != "update":
        return False
    live = before.bindings.bound.get(change.ref)
    there = live.resource.members if live is not None and isinstance(live.resource, Team) else ABSENT
    members = there if isinstance(there, tuple) else ()
    were = {f"members.{before.labels.name(member.user)}" for member in members}
    return all(
        field.path.startswith("members.") and field.after is None and field.path not in were
        for field in change.fields
    )
