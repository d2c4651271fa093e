"""What limits a plan: targets that were asked for, and incidents that are open right now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from oncall_sync.errors import UsageError
from oncall_sync.model import Change, Finding, Ref
from oncall_sync.plan.diff import Decision
from oncall_sync.plan.fill import pointed_at, references
from oncall_sync.plan.guards import Limits, guard
from oncall_sync.provider import Blockers, Provider

OPEN_INCIDENTS = "open-incidents"
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
        for ref, told in _incidents(providers[name], decision.changes).items():
            message = f"{ref.words} is deleted while incidents are open that need it: {told}"
            yield Finding(OPEN_INCIDENTS, "error", message, None, ref)


def needed_by_incidents(
    provider: Provider, deletes: Sequence[Change], limits: Limits, now: datetime
) -> Mapping[Ref, str]:
    """Return which of these deletes open incidents forbid right now, and why; none that is waived.

    One question for all of them. Raises ProviderError, Stopped.
    """
    told = _incidents(provider, deletes)
    found = guard(
        (), (Finding(OPEN_INCIDENTS, "error", words, None, ref) for ref, words in told.items()), limits, now
    )
    refs = {f.ref for f in found if f.rule == OPEN_INCIDENTS and f.level == "error"}
    return {ref: f"incidents are open by now that need it: {words}" for ref, words in told.items() if ref in refs}


def _incidents(provider: Provider, changes: Sequence[Change]) -> Mapping[Ref, str]:
    """Return, for each of these objects that is to be deleted and that open incidents need, which ones."""
    deletes = {change.remote_id: change for change in changes if change.action == "delete"}
    objects = [change.live for change in deletes.values() if change.live is not None]
    if not objects or not isinstance(provider, Blockers):
        return {}
    found = provider.open_incidents(objects)
    return {deletes[key].ref: _told(incidents) for key, incidents in found.items() if key in deletes and incidents}


def _told(incidents: Sequence[str]) -> str:
    more = len(incidents) - MOST_INCIDENTS
    return "; ".join(incidents[:MOST_INCIDENTS]) + (f"; and {more} more" if more > 0 else "")
