"""Who is in a team only because a policy of that team calls them.

Some providers put people into the team whose escalation policy calls them, and refuse to take them out again. So
the question is not who was put there before, but who will be called once the plan is applied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from oncall_sync.model import ABSENT, EscalationPolicy, Ref, Resource, Schedule, Snapshot

from .fill import localize
from .identity import Bindings
from .labels import Labels


def called_after(
    declared: Mapping[Ref, Resource], snapshot: Snapshot, bindings: Bindings, labels: Labels
) -> frozenset[tuple[Ref, Ref]]:
    """Return (team, user) for everybody whom a policy of the team will call; declared refs where known."""
    if not snapshot.joins_teams:
        return frozenset()
    gone = {(o.kind, o.remote_id) for o in bindings.orphans}
    live: dict[Ref, Resource] = {
        labels.to_ref(o.resource.ref): localize(o.resource, labels.to_ref)
        for o in snapshot.objects
        if (o.kind, o.remote_id) not in gone
    }
    after = {**live, **{ref: r for ref, r in declared.items() if not r.external}}
    found: set[tuple[Ref, Ref]] = set()
    for ref, policy in after.items():
        team = policy.team if policy.team is not ABSENT or ref not in live else live[ref].team
        if isinstance(policy, EscalationPolicy) and isinstance(team, Ref):
            found |= {(team, user) for user in _called(policy, after)}
    return frozenset(found)


def _called(policy: EscalationPolicy, after: Mapping[Ref, Resource]) -> Iterator[Ref]:
    for level in policy.levels:
        for target in level.notify:
            schedule = after.get(target)
            if target.kind == "user":
                yield target
            elif isinstance(schedule, Schedule):
                yield from (m for r in schedule.rotations for m in r.members if m is not None)
