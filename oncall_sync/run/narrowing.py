"""What limits a plan: targets that were asked for, and incidents that are open right now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from oncall_sync.errors import UsageError
from oncall_sync.model import Finding, Ref
from oncall_sync.plan.diff import Decision
from oncall_sync.plan.fill import pointed_at, references
from oncall_sync.provider import Blockers, Provider

MOST_INCIDENTS = 5
"""How many open incidents are told of one object before the rest is counted."""


def narrowed(decision: Decision, targets: frozenset[str]) -> Decision:
    """Return a decision with the changes to some refs only, and to what those need to be made or to point to."""
    if not targets:
        return decision
    changes = {change.ref: change for change in decision.changes}
    kept: set[Ref] = set()
    asked = [ref for ref in changes if str(ref) in targets]
    while asked:
        ref = asked.pop()
        if ref in kept:
            continue
        kept.add(ref)
        wanted = changes[ref].wanted
        if wanted is not None:
            asked += [other for other in references(wanted) | pointed_at(wanted) if other in changes]
    return replace(decision, changes=[change for change in decision.changes if change.ref in kept])


def known_targets(targets: Collection[str], refs: Collection[str]) -> None:
    """Check that all targets are declared or about to be deleted. Raises UsageError."""
    for target in sorted(set(targets) - set(refs)):
        kind = target.partition(".")[0]
        alike = ", ".join(sorted(ref for ref in refs if ref.startswith(f"{kind}."))) or "none"
        raise UsageError(f"--target {target}: there is no such thing in the policies (of this kind: {alike})")


def blocked(providers: Mapping[str, Provider], decisions: Mapping[str, Decision]) -> Iterator[Finding]:
    """Yield a guard's finding for each object to be deleted that open incidents need. Raises ProviderError."""
    for name, decision in decisions.items():
        provider = providers[name]
        deletes = [change for change in decision.changes if change.action == "delete" and change.live is not None]
        if not deletes or not isinstance(provider, Blockers):
            continue
        found = provider.open_incidents([change.live for change in deletes if change.live is not None])
        for change in deletes:
            incidents = found.get(str(change.remote_id), ())
            if not incidents:
                continue
            more = len(incidents) - MOST_INCIDENTS
            told = "; ".join(incidents[:MOST_INCIDENTS]) + (f"; and {more} more" if more > 0 else "")
            message = f"{change.ref.words} is deleted while incidents are open that need it: {told}"
            yield Finding("open-incidents", "error", message, None, change.ref)
