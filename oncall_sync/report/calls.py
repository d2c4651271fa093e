"""The requests that an apply would send, for those who want to see them."""

from __future__ import annotations

from collections.abc import Mapping

from oncall_sync.plan.diff import Decision
from oncall_sync.provider import Provider
from oncall_sync.run.ids import ids_of

from .plain import plain


def calls_text(decisions: Mapping[str, Decision], providers: Mapping[str, Provider]) -> str:
    """Return one line per request, in the order of sending; ids not known yet stand as `@{schedule.x}`.

    Bodies are not shown: they may hold addresses that people give to their monitoring only.
    """
    lines: list[str] = []
    for name, decision in decisions.items():
        ids = ids_of(decision)
        calls = [call for change in decision.changes for call in providers[name].calls(change, ids)]
        in_order = sorted(calls, key=lambda c: c.phase == "clear")
        lines += [f"  {call.method:6} {plain(call.path)}  {plain(call.says)}" for call in in_order]
    return "\n".join(["", "requests", *lines, ""]) if lines else ""
