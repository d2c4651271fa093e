"""What leads nowhere, and what nobody manages."""

from __future__ import annotations

from collections.abc import Iterator

from oncall_sync.model import ABSENT, Finding, Kind, Ref, Schedule, Team
from oncall_sync.plan.marks import split

from .ground import Account, Asked
from .rules import found
from .values import Unmanaged, Unused


def unused(asked: Asked, account: Account) -> Iterator[tuple[Ref, Unused]]:
    """Yield schedules and policies that nothing leads to: ours, and with `whole` all.

    Something leads to a schedule if a policy, a team's alerts, a chat group or another schedule that follows it
    does; to a policy if a service, a team's alerts or a chat group does.
    """
    used = _used(asked, account)
    scene = account.scene
    for ref in sorted([*scene.schedules, *scene.policies]):
        if ref in used or not (asked.whole or account.manages(ref)):
            continue
        managed = account.manages(ref)
        yield ref, Unused(provider=account.provider, kind=ref.kind, name=account.key(ref), managed=managed)


def unused_findings(asked: Asked, account: Account) -> Iterator[Finding]:
    """Yield a finding for each that is ours; what is not is for others to clear up."""
    for ref, one in unused(asked, account):
        if not one.managed:
            continue
        if ref.kind == "schedule":
            message = (
                f"schedule {one.name} is on no ladder: nobody is paged by it. Use it in a policy, or delete it"
            )
            yield found("unused-schedule", message, asked.source(ref), ref)
        else:
            message = f"escalation policy {one.name} is used by no service: use it, or delete it"
            yield found("unused-policy", message, asked.source(ref), ref)


def _used(asked: Asked, account: Account) -> set[Ref]:
    scene = account.scene
    used: set[Ref] = {s.escalation_policy for s in scene.services.values() if isinstance(s.escalation_policy, Ref)}
    used |= {target for policy in scene.policies.values() for level in policy.levels for target in level.notify}
    used |= {group.members for group in asked.policies.groups.values()}
    schedules = asked.policies.schedules.values()
    used |= {s.follows.schedule for s in schedules if isinstance(s, Schedule) and s.follows is not None}
    for live in account.snapshot.of_kind("team"):
        used |= {account.decision.labels.to_ref(ref) for ref in _alerts(live.resource)}
    return used


def _alerts(team: object) -> Iterator[Ref]:
    if not isinstance(team, Team):
        return
    if isinstance(team.pages, Ref):
        yield team.pages
    for route in () if team.routes is ABSENT else team.routes or ():
        if route.to is not None:
            yield route.to


def unmanaged(account: Account, workspace: str) -> Iterator[Unmanaged]:
    """Yield every object of the account that this workspace neither declares nor marked, by kind and name."""
    bound = {(live.kind, live.remote_id) for live in account.decision.bindings.bound.values()}
    rows: list[tuple[Kind, str, str | None]] = []
    for live in account.snapshot.objects:
        if (live.kind, live.remote_id) in bound:
            continue
        text = live.resource.description if isinstance(live.resource.description, str) else None
        _, mark = split(text)
        if mark is None or mark.workspace != workspace:
            rows.append((live.kind, live.resource.name, mark.workspace if mark else None))
    for kind, name, by in sorted(rows, key=lambda row: (row[0], row[1], row[2] or "")):
        yield Unmanaged(provider=account.provider, kind=kind, name=name, by=by)
