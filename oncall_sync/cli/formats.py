"""The forms that a result takes besides text and JSON: a comment for people, annotations for a program.

A program shows only a part of what it is given, and sometimes none, so with each of these forms stdout has the
form and stderr has the full text. An error is told in the form as well, before it is told on stderr.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from oncall_sync.errors import SyncError

from .common import Common

if TYPE_CHECKING:
    from oncall_sync.model import Finding, Policies
    from oncall_sync.plan.plan import Plan
    from oncall_sync.report.annotated import Annotated

ANNOTATIONS = ("github", "sarif", "junit")
COMMENT = "markdown"


def is_form(options: Common) -> bool:
    """Return whether one of the forms told here was asked for."""
    return options.format == COMMENT or options.format in ANNOTATIONS


@contextmanager
def errors_told(options: Common, command: str) -> Iterator[None]:
    """Write an error to stdout in the form that was asked for, and let it go on to stderr. Raises what it saw."""
    try:
        yield
    except SyncError as error:
        if is_form(options):
            click.echo(_error(options, command, error), nl=False)
        raise


def annotated(options: Common, command: str, findings: Sequence[Finding], policies: Policies) -> str:
    """Return findings in the form that was asked for; `validate` leaves promises that need a date unjudged."""
    from oncall_sync.plan.checks import promises
    from oncall_sync.report.annotated import Annotated, below, moved

    prefix = _prefix(options.config)
    told = Annotated(
        command=command,
        config=_config(options.config),
        findings=below(prefix, findings),
        checks=[
            replace(check, source=moved(prefix, check.source))
            for check in (() if command == "drift" else promises(policies))
        ],
        judged=command == "plan",
    )
    return _annotated(options.format, told)


def plan_form(options: Common, plan: Plan, policies: Policies, out: Path | None, *, part: bool) -> str:
    """Return a plan in the form that was asked for; `out` is where it is saved, `part` says it is not whole."""
    if options.format != COMMENT:
        return annotated(options, "plan", plan.findings, policies)
    from oncall_sync.report.plan_markdown import plan_markdown

    words = ["oncall-sync", "apply", *([str(out)] if out else [])]
    words += ["--config", str(options.config)] if options.config != Path("oncall.yaml") else []
    return plan_markdown(plan, None if part else shlex.join(words))


def _error(options: Common, command: str, error: SyncError) -> str:
    if options.format == COMMENT and command == "drift":
        from oncall_sync.report.drift_markdown import no_drift_markdown

        return no_drift_markdown(_workspace(options.config), error)
    if options.format == COMMENT:
        from oncall_sync.report.plan_markdown import no_plan_markdown

        return no_plan_markdown(_workspace(options.config), error)
    from oncall_sync.report.annotated import Annotated, below, of_error

    findings, failure = of_error(error)
    config, prefix = _config(options.config), _prefix(options.config)
    told = Annotated(command=command, config=config, findings=below(prefix, findings), failure=failure)
    return _annotated(options.format, told)


def _annotated(form: str, told: Annotated) -> str:
    if form == "sarif":
        from oncall_sync.report.sarif import sarif_text

        return sarif_text(told)
    if form == "junit":
        from oncall_sync.report.junit import junit_text

        return junit_text(told)
    from oncall_sync.report.github import github_text

    return github_text(told)


def _workspace(config: Path) -> str:
    """Return the workspace's name, or `""` if oncall.yaml is what is wrong."""
    from oncall_sync.policy.config import load_config

    try:
        return load_config(config, os.environ).workspace
    except SyncError:
        return ""


def _config(config: Path) -> str:
    prefix = _prefix(config)
    return f"{prefix}/{config.name}" if prefix else config.name


def _prefix(config: Path) -> str:
    """Return the folder of oncall.yaml from the top of the repository, which is where hosts count files from.

    Outside a repository it is counted from the folder the command runs in; `""` is the top itself.
    """
    folder = config.absolute().parent.resolve()
    top = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), Path.cwd().resolve())
    if folder == top or not folder.is_relative_to(top):
        return ""
    return folder.relative_to(top).as_posix()
