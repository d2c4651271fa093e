"""Findings as GitHub's workflow commands: a runner turns each into an annotation of a line.

GitHub keeps ten errors, ten warnings and ten notices of a step and drops the rest without a word
(https://github.com/actions/toolkit/pull/734), so what is more is counted in the tenth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from oncall_sync.model import Finding, Severity

from .annotated import Annotated, said
from .plain import counted, plain

MOST = 10
_WORDS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def github_text(told: Annotated) -> str:
    """Return one command a line, at most `MOST` of a level; empty if there is nothing to tell."""
    lines = [_command("error", told.failure, title=f"oncall-sync {told.command}")] if told.failure else []
    for level, word in _WORDS.items():
        found = [finding for finding in told.findings if finding.level == level]
        most = MOST - (level == "error" and bool(told.failure))
        lines += _annotations(word, found, most)
    return "".join(f"{line}\n" for line in lines)


def _annotations(word: str, found: list[Finding], most: int) -> Iterator[str]:
    shown = found if len(found) <= most else found[: most - 1]
    yield from (_annotation(word, finding) for finding in shown)
    if len(found) > len(shown):
        rest = counted(len(found) - len(shown), f"more {word}")
        yield _command(word, f"{rest}: the log of this step has them all", title="oncall-sync")


def _annotation(word: str, finding: Finding) -> str:
    source = finding.source
    where: dict[str, str] = {}
    if source:
        # A problem of a whole file is at its first line; a column without a line would be dropped.
        where = {
            "file": plain(source.file, 1000),
            "line": str(max(source.line, 1)),
            "col": str(max(source.column, 1)),
        }
    return _command(word, said(finding), **where, title=finding.rule)


def _command(word: str, message: str, **properties: str) -> str:
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{word} {named}::{_data(message)}"


def _data(text: str) -> str:
    """Escape as the runner unescapes: percent signs first."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
