"""A plan as prose for a terminal or a log: grouped by team, names never ids."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from oncall_sync.model import Change, Finding
from oncall_sync.plan.guards import GUARDS, errors
from oncall_sync.plan.plan import Plan
from oncall_sync.plan.told import instant

from .impact_text import impact_lines
from .plain import counted, plain
from .words import details, headline

SIGNS = {"create": "+", "adopt": "=", "update": "~", "rename": "~", "delete": "-"}
_LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def plan_text(plan: Plan) -> str:
    """Return the whole plan as text; ends with a newline."""
    return "\n".join(_lines(plan)).lstrip("\n") + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    for provider in plan.providers:
        yield f"{provider.name}: account {plain(provider.account)}, workspace {plan.workspace}"
    for name, reason in plan.not_read.items():
        yield f"{name}: not read, {reason}"
    for provider_name, of_provider in groupby(plan.changes, key=lambda c: c.provider):
        changes = list(of_provider)
        if len(plan.providers) > 1:
            yield ""
            yield f"at {provider_name}"
        yield from _by_team(changes)
    yield from impact_lines(plan.impact)
    if plan.overrides:
        yield ""
        yield "swaps that people made on these schedules, and that stay"
        for o in plan.overrides:
            span = f"{instant(o.since)} to {instant(o.until)}"
            yield f"  {plain(o.schedule)}: {plain(o.user)} from {span}"
    yield from _findings(plan)
    yield ""
    yield _verdict(plan)


def _by_team(changes: list[Change]) -> Iterator[str]:
    def team(change: Change) -> str:
        return change.team or ""

    for name, of_team in groupby(sorted(changes, key=lambda c: (not team(c), team(c))), key=team):
        yield ""
        yield f"team {plain(name)}" if name else "no team"
        for change in of_team:
            yield f"  {SIGNS[change.action]} {_verb(change)}{headline(change)}"
            yield from (f"      {line}" for line in details(change))


def _verb(change: Change) -> str:
    return {"create": "create ", "adopt": "adopt ", "delete": "delete "}.get(change.action, "")


def _findings(plan: Plan) -> Iterator[str]:
    if plan.findings:
        yield ""
    for finding in plan.findings:
        yield finding_line(finding)


def finding_line(finding: Finding) -> str:
    """Return a finding as `file:line:column: level: message [rule]`."""
    where = f"{plain(finding.source)}: " if finding.source else ""
    guard = "; refused unless waived" if finding.rule in GUARDS and finding.level == "error" else ""
    return f"{where}{_LEVELS[finding.level]}: {plain(finding.message, 1500)} [{finding.rule}{guard}]"


def _verdict(plan: Plan) -> str:
    counts = plan.summary
    unmanaged = counts.pop("unmanaged")
    said = [f"{count} to {action}" for action, count in counts.items() if count]
    verb = "is" if unmanaged == 1 else "are"
    beside = f" ({counted(unmanaged, 'unmanaged object')} {verb} left alone)" if unmanaged else ""
    if not said:
        stuck = len(errors(plan.findings))
        return f"nothing can be done: {counted(stuck, 'error')}{beside}" if stuck else f"nothing to do{beside}"
    return f"{', '.join(said)}{beside}; digest {plan.digest[:19]}, expires {instant(plan.expires_at)}"
