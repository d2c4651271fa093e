"""Drift as findings at the lines that declare what drifted, for programs that annotate lines."""

from __future__ import annotations

from oncall_sync.model import Finding
from oncall_sync.plan.drift import Drift, Drifted

from .drift_words import accept, person, revert, summary


def findings(drift: Drift) -> list[Finding]:
    """Return an error per object that drifted, and the errors that kept others from being compared."""
    drifted = [
        Finding("provider-drift", "error", _said(found, drift), found.source, found.ref) for found in drift.drifted
    ]
    return [*drifted, *drift.errors]


def _said(found: Drifted, drift: Drift) -> str:
    who = dict.fromkeys(name for name in (person(touch, drift) for touch in found.touches) if name)
    by = f", by {', '.join(list(who)[:3])}" if who else ""
    ways = f"to undo it: {revert(found)}; to keep it: {accept(found)}"
    return f"{summary(found)}, changed at {found.provider}{by}; {ways}"
