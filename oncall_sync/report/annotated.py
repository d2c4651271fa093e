"""Findings for a program that puts them beside lines of files: what all such formats start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from oncall_sync.errors import PolicyErrors, SyncError
from oncall_sync.model import Check, Finding, Source

from .plain import plain

LONGEST = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated:
    """The findings of one command.

    Args:
        command: `validate` or `plan`.
        findings: with sources relative to the top of the repository, as hosts want them.
        config: oncall.yaml from there, the place of what has none.
        checks: the promises that the policies make, with sources as above.
        judged: whether every promise was looked at; without, one that has no finding may still be broken.
        failure: why there is no more to tell, if the command ended with an error that is not about a line.
    """

    command: str
    config: str
    findings: Sequence[Finding] = ()
    checks: Sequence[Check] = ()
    judged: bool = False
    failure: str | None = None


def said(finding: Finding) -> str:
    """Return the message of a finding on one line."""
    return plain(finding.message, LONGEST)


def below(prefix: str, findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with their files below a folder: `a.yaml` becomes `oncall/a.yaml`."""
    return [replace(f, source=moved(prefix, f.source)) for f in findings]


def moved(prefix: str, source: Source | None) -> Source | None:
    """Return a source with its file below a folder."""
    return replace(source, file=f"{prefix}/{source.file}") if source and prefix else source


def of_error(error: SyncError) -> tuple[list[Finding], str | None]:
    """Return an error as findings at lines, or as the one sentence it is if it is not about lines."""
    if not isinstance(error, PolicyErrors):
        return [], plain(error, LONGEST)
    return [Finding("policy", "error", p.message, Source(p.file, p.line, p.column)) for p in error.problems], None
