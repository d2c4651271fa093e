"""`oncall-sync plan`: what an apply would do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from oncall_sync.errors import EXIT_CHANGES, EXIT_ERROR, EXIT_OK, EXIT_REFUSED, UsageError

from .common import Common, common, span
from .formats import ANNOTATIONS, COMMENT, errors_told, is_form, plan_form


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Save the plan, for `apply PLAN`.")
@click.option(
    "--exit-code",
    is_flag=True,
    help="Exit 2 if there are changes, 3 if apply would refuse them, 1 if nothing can be done.",
)
@click.option("--horizon", default="28d", show_default=True, help="How far ahead to say who is paged differently.")
@click.option("--expires", default="7d", show_default=True, help="How long the saved plan may be applied.")
@click.option("--calls", is_flag=True, help="List the requests that apply would send.")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="Read this provider as well.")
@click.option("--max-deletes", default=5, show_default=True, help="Refuse to delete more than this.")
@click.option("--waive", multiple=True, metavar="RULE=REASON", help="Let a guard pass, and say why.")
@click.option("--target", multiple=True, metavar="REF", help="Plan this only, as service.checkout. Not to apply.")
@common("text", "json", COMMENT, *ANNOTATIONS)
def plan(options: Common, out: Path | None, exit_code: bool, calls: bool, **asked: Any) -> int:  # noqa: FBT001
    """Say what would change, and for whom. Sends nothing that writes.

    With the formats markdown (a comment for a pull request), github, sarif and junit (annotations of lines),
    stdout has the form and stderr the text.

    \b
    Example:
      oncall-sync plan --out plans/friday.json
    """
    from oncall_sync.plan.guards import errors, refusing
    from oncall_sync.plan.plan import dumps
    from oncall_sync.report.calls import calls_text
    from oncall_sync.report.plan_text import plan_text

    from .planning import Asked, session

    if out and asked["target"]:
        raise UsageError("--target shows a part of a plan, and a part is not applied: leave out --out")
    for option in ("horizon", "expires"):
        asked[option] = span(asked[option], f"--{option}")
    with errors_told(options, "plan"), session(options, Asked(**asked)) as opened:
        planned = opened.plan()
        text = dumps(planned.plan) if options.format == "json" else plan_text(planned.plan)
        if calls and options.format != "json":
            text += calls_text(planned.decisions, opened.providers)
    if out:
        save(out, dumps(planned.plan))
    click.echo(text, nl=False, err=is_form(options))
    if is_form(options):
        part = bool(asked["target"])
        click.echo(plan_form(options, planned.plan, opened.request.policies, out, part=part), nl=False)
    if not exit_code:
        return EXIT_OK
    if refusing(planned.plan.findings):
        return EXIT_REFUSED
    if planned.plan.changes:
        return EXIT_CHANGES
    return EXIT_ERROR if errors(planned.plan.findings) else EXIT_OK


def save(path: Path, text: str) -> None:
    """Write a plan that only its owner can read. Raises UsageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text)
    except OSError as error:
        raise UsageError(f"--out {path}: {error.strerror or error}") from error
