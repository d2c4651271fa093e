"""`oncall-sync apply`: make it so."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oncall_sync.errors import (
    EXIT_ERROR,
    EXIT_OK,
    EXIT_PARTIAL,
    Objected,
    Refused,
    StalePlan,
    Stopped,
    UsageError,
)

from .common import Common, common, say

if TYPE_CHECKING:
    from oncall_sync.model import Finding
    from oncall_sync.run.planning import Planned
    from oncall_sync.run.stopping import Stop

    from .planning import Session

DEFAULT_DELETES = 5


@click.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask. Needed where there is no terminal, unless PLAN is given.")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="Read this provider as well.")
@click.option("--max-deletes", type=int, help="Refuse to delete more than this.  [default: as in PLAN, else 5]")
@click.option("--refresh-marks", is_flag=True, help="Rewrite ownership marks that are lost or old, too.")
@click.option("--waive", multiple=True, metavar="RULE=REASON", help="Let a guard pass, and say why.")
@common("text", "json")
def apply(options: Common, plan_file: Path | None, yes: bool, **asked: Any) -> int:  # noqa: FBT001
    """Make the providers what the policies say.

    Plans again first. With PLAN, goes on only if that plan still says the same (else exit 4). Refuses (exit 3)
    what a guard forbids. Afterwards reads everything again, to make sure that nothing is left to do.

    \b
    Example:
      oncall-sync apply --yes
      oncall-sync apply plans/friday.json
    """
    from oncall_sync.report.plan_text import plan_text
    from oncall_sync.run.locking import locked
    from oncall_sync.run.stopping import Stop

    from .planning import Asked, session

    approved = _approved(plan_file, options.now()) if plan_file else None
    stop = Stop(say)
    with (
        session(options, Asked(**_as_approved(asked, approved)), stop) as opened,
        locked(opened.request.workspace, opened.addresses),
    ):
        before = _recall(opened, plan_file)
        planned = opened.with_checkout().plan()
        _check(planned, approved)
        refused = _refused(planned)
        if not planned.plan.changes:
            _guard(planned)
            _picked_up(before, options)
            return _nothing(options, planned, refused)
        if options.format == "text":
            click.echo(plan_text(planned.plan))
        _guard(planned)
        if approved is None:
            _confirm(planned, options, yes=yes)
        _picked_up(before, options)
        with stop.listening():
            return _apply(options, opened, planned, refused, journal_of(opened, plan_file), stop)


def _approved(path: Path, now: datetime) -> Mapping[str, Any]:
    from oncall_sync.plan.plan import loads

    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: this file is not a plan; make one with `plan --out`") from error
    return loads(text, now)


def _as_approved(asked: Mapping[str, Any], approved: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the options, and where they say nothing what was approved with the plan: limits and waivers."""
    plan = approved or {}
    out = dict(asked)
    if asked["max_deletes"] is None:
        out["max_deletes"] = plan.get("max_deletes", DEFAULT_DELETES)
    recorded = [f"{waiver['rule']}={waiver['reason']}" for waiver in plan.get("waivers", ())]
    out["waive"] = [*recorded, *asked["waive"]]
    return out


def journal_of(opened: Session, plan_file: Path | None) -> Path:
    """Return where the journal of this apply goes: beside the plan, else by its own time."""
    if plan_file:
        return plan_file.with_suffix(".journal")
    return opened.request.root / "plans" / f"{opened.request.now:%Y%m%dT%H%M%SZ}.journal"


def _recall(opened: Session, plan_file: Path | None) -> Path | None:
    """Say if the last apply did not come to its end, return its journal: this one goes on from there."""
    from oncall_sync.run.journal import unfinished

    found = unfinished(journal_of(opened, plan_file).parent)
    if found is not None:
        say(f"the last apply did not come to its end (see {found}); going on from what is there now")
    return found


def _picked_up(before: Path | None, options: Common) -> None:
    from oncall_sync.run.journal import Journal

    if before is not None:
        with contextlib.suppress(OSError), Journal(before, options.now) as journal:
            journal.write("picked-up")


def _check(planned: Planned, approved: Mapping[str, Any] | None) -> None:
    """Refuse in the order that exit codes promise: what is wrong (1), then what went stale (4)."""
    from oncall_sync.plan.plan import differences
    from oncall_sync.report.plan_text import finding_line

    cannot = [f for f in planned.plan.findings if f.rule == "cannot"]
    if cannot:
        raise Objected("\n".join(finding_line(f) for f in cannot))
    if approved is not None and approved["digest"] != planned.plan.digest:
        told = "\n".join(f"  {line}" for line in differences(approved, planned.plan.as_json()))
        raise StalePlan(
            f"this plan is stale: it is not what would happen now\n{told}\nplan again, and have it approved"
        )


def _guard(planned: Planned) -> None:
    from oncall_sync.plan.guards import NEVER_WAIVED, refusing
    from oncall_sync.report.plan_text import finding_line

    guards = refusing(planned.plan.findings)
    if not guards:
        return
    told = "\n".join(finding_line(f) for f in guards)
    rules = list(dict.fromkeys(f.rule for f in guards))
    fixed = [rule for rule in rules if rule in NEVER_WAIVED]
    if fixed:
        raise Refused(f"{told}\nnothing was changed; {', '.join(fixed)} cannot be waived")
    waive = " ".join(f"--waive {rule}='the reason'" for rule in rules)
    raise Refused(f"{told}\nnothing was changed; if it is meant, apply with {waive}")


def _refused(planned: Planned) -> list[Finding]:
    from oncall_sync.plan.guards import errors

    return errors(planned.plan.findings)


def _nothing(options: Common, planned: Planned, refused: list[Finding]) -> int:
    from oncall_sync.report.apply_text import apply_json
    from oncall_sync.report.plan_text import plan_text
    from oncall_sync.run.apply import Report

    if options.format == "json":
        click.echo(json.dumps(apply_json(Report(), None, refused), indent=2))
    else:
        click.echo(plan_text(planned.plan), nl=False)
    return EXIT_ERROR if refused else EXIT_OK


def _confirm(planned: Planned, options: Common, *, yes: bool) -> None:
    from oncall_sync.report.plan_text import plan_text

    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on: pass --yes, or apply a saved plan")
    if options.format != "text":
        click.echo(plan_text(planned.plan), err=True)
    click.confirm("apply this?", abort=True, err=True)


def _apply(
    options: Common, opened: Session, planned: Planned, refused: list[Finding], path: Path, stop: Stop
) -> int:
    from oncall_sync.report.apply_text import apply_json, apply_text
    from oncall_sync.run.converge import apply_plan, verify
    from oncall_sync.run.journal import Journal

    try:
        journal = Journal(path, options.now)
    except OSError as error:
        raise UsageError(f"the journal {path.name} cannot be written: {error.strerror or error}") from error
    try:
        with journal:
            report = apply_plan(planned, opened.request, opened.providers, journal, stop, say)
    except KeyboardInterrupt:
        raise Stopped(
            f"stopped at once: the request in flight may have taken effect (see {path}); apply again to go on"
        ) from None
    verified = None
    if report.whole:
        verified = verify(opened.request, opened.providers, clock=options.now, say=say, stop=stop)
    if options.format == "json":
        click.echo(json.dumps(apply_json(report, verified, refused), indent=2))
    else:
        click.echo(apply_text(report, verified, refused), nl=False)
    return EXIT_OK if report.whole and verified and verified.clean and not refused else EXIT_PARTIAL
