"""What came of an apply, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oncall_sync.model import Change, Finding
from oncall_sync.run.apply import Failure, Report
from oncall_sync.run.converge import Verified

from .plain import counted, plain
from .plan_text import finding_line
from .words import headline


def apply_text(report: Report, verified: Verified | None, refused: list[Finding]) -> str:
    """Return the report as text; ends with a newline."""
    return "\n".join(_lines(report, verified, refused)) + "\n"


def _lines(report: Report, verified: Verified | None, refused: list[Finding]) -> Iterator[str]:
    for change in report.done:
        yield f"done           {change.action} {headline(change)}"
    for failure in report.failed:
        yield f"failed         {_failure(failure)}"
    for failure in report.not_attempted:
        yield f"not attempted  {_failure(failure)}"
    for finding in refused:
        yield f"not attempted  {finding_line(finding)}"
    if verified is not None and verified.problem:
        yield f"not verified: {plain(verified.problem, 400)}"
    elif verified is not None and verified.left:
        left = counted(len(verified.left), "change")
        yield f"not verified: the provider does not show {left} yet; plan again in a minute"
        yield from (f"  {change.action} {headline(change)}" for change in verified.left)
    made = f"{counted(len(report.done), 'change')} made with {counted(report.writes, 'request')}"
    checked = "; read again: nothing left to do" if verified is not None and verified.clean and not refused else ""
    yield f"{made}{checked}"


def apply_json(report: Report, verified: Verified | None, refused: list[Finding]) -> dict[str, Any]:
    """Return the report as JSON values."""
    return {
        "done": [_change(change) for change in report.done],
        "failed": [{**_change(f.change), "reason": f.reason} for f in report.failed],
        "not_attempted": [{**_change(f.change), "reason": f.reason} for f in report.not_attempted],
        "refused": [{"ref": str(f.ref) if f.ref else None, "rule": f.rule, "reason": f.message} for f in refused],
        "requests": report.writes,
        "verified": verified.clean if verified is not None else None,
    }


def _failure(failure: Failure) -> str:
    return f"{failure.change.action} {headline(failure.change)}: {plain(failure.reason, 600)}"


def _change(change: Change) -> dict[str, Any]:
    return {"provider": change.provider, "ref": str(change.ref), "action": change.action, "name": change.name}
