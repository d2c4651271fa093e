"""What `drift --accept` does once the drift is found."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from oncall_sync.errors import EXIT_CHANGES, EXIT_ERROR, EXIT_OK, UsageError

from .common import Common

if TYPE_CHECKING:
    from oncall_sync.run.drift import DriftFound

    from .planning import Session


def check_accepting(options: Common, refs: Sequence[str], *, accept: bool, notify: bool) -> None:
    """Refuse words that do not go together, before anything is read. Raises UsageError."""
    if refs and not accept:
        raise UsageError(f"{refs[0]}: an object is named to accept it, as in `drift --accept {refs[0]}`")
    if accept and notify:
        raise UsageError(
            "--accept and --notify exclude each other: accept first, then let drift tell what is left"
        )
    if accept and options.format not in ("text", "json"):
        raise UsageError(f"--accept writes text or json, not {options.format}: leave --format out")


def accepting(options: Common, opened: Session, found: DriftFound, refs: Sequence[str]) -> int:
    """Accept drift, say what came of it, and return the exit code: 2 if something is left, or follows from it."""
    from oncall_sync.policy.config import load_config
    from oncall_sync.report.accept_json import accept_json
    from oncall_sync.report.accept_text import accept_text
    from oncall_sync.report.plan_text import finding_line
    from oncall_sync.run.accept import accept

    config = load_config(options.config, os.environ)
    out = accept(opened.request, config, opened.providers, found, refs)
    click.echo(accept_json(out) if options.format == "json" else accept_text(out), nl=False)
    for finding in found.drift.errors:
        click.echo(finding_line(finding), err=True)
    if out.left or out.follows:
        return EXIT_CHANGES
    return EXIT_ERROR if found.drift.errors else EXIT_OK
