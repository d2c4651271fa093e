"""Findings as JUnit XML: a test case for each promise that policies make, and for each other finding.

CI systems show errors as failures with the file and the line. A warning or a note does not fail its case; it is
the case's output. A promise that was not looked at is skipped, not passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import quoteattr

from oncall_sync.model import Check, Finding, Source
from oncall_sync.plan.checks.known import about

from .annotated import Annotated, said
from .plain import plain

UNKNOWN = "check-unknown"
LATER = "it depends on the day: plan judges it"


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case: its name, its place, and what came of it."""

    name: str
    source: Source | None
    findings: tuple[Finding, ...] = ()
    skipped: str = ""

    @property
    def failed(self) -> bool:
        return any(finding.level == "error" for finding in self.findings)


def junit_text(told: Annotated) -> str:
    """Return a whole XML document; there is at least one test case in it."""
    cases = [*_cases(told)]
    by_file = groupby(sorted(cases, key=lambda c: _file(c, told)), key=lambda c: _file(c, told))
    suites = [_suite(file, list(of_file)) for file, of_file in by_file]
    if told.failure or not cases:
        suites.append(_whole(told))
    failures, skipped = sum(c.failed for c in cases), sum(bool(c.skipped) for c in cases)
    tests = len(cases) + bool(told.failure or not cases)
    head = _tag(
        "testsuites",
        name=f"oncall-sync {told.command}",
        tests=tests,
        failures=failures,
        errors=int(bool(told.failure)),
        skipped=skipped,
    )
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>"]) + "\n"


def _cases(told: Annotated) -> Iterator[_Case]:
    of_checks: set[Finding] = set()
    for check in told.checks:
        found = tuple(f for f in told.findings if _is_about(f, check))
        of_checks |= set(found)
        unknown = next((said(f) for f in found if f.rule == UNKNOWN), "")
        skipped = unknown or ("" if found or told.judged else LATER)
        yield _Case(f"{check.rule}: {', '.join(r.words for r in about(check))}", check.source, found, skipped)
    for finding in told.findings:
        if finding not in of_checks:
            name = f"{finding.rule}: {finding.ref.words}" if finding.ref else finding.rule
            yield _Case(name, finding.source, (finding,))


def _is_about(finding: Finding, check: Check) -> bool:
    same = finding.source is not None and finding.source == check.source and finding.ref in (None, *about(check))
    return same and finding.rule in (check.rule, UNKNOWN)


def _file(case: _Case, told: Annotated) -> str:
    return case.source.file if case.source else told.config


def _suite(file: str, cases: list[_Case]) -> str:
    failures, skipped = sum(c.failed for c in cases), sum(bool(c.skipped) for c in cases)
    head = _tag("testsuite", name=file, tests=len(cases), failures=failures, errors=0, skipped=skipped)
    names: Counter[str] = Counter()
    lines: list[str] = []
    for case in cases:
        names[case.name] += 1
        twin = f" ({names[case.name]})" if names[case.name] > 1 else ""
        lines += _case(case, f"{case.name}{twin}", file)
    return "\n".join([f"  {head}", *lines, "  </testsuite>"])


def _case(case: _Case, name: str, file: str) -> Iterator[str]:
    line = max(case.source.line, 1) if case.source else 1
    yield f"    {_tag('testcase', classname=file, name=name, file=file, line=line)}"
    for finding in case.findings:
        text = said(finding)
        if finding.level == "error":
            where = f"{finding.source}: " if finding.source else ""
            yield f"      {_tag('failure', message=text, type=finding.rule)}{_text(where + text)}</failure>"
    if case.skipped and not case.failed:
        yield f"      {_tag('skipped', message=case.skipped)}</skipped>"
    quiet = [f"{finding.level}: {said(finding)}" for finding in case.findings if finding.level != "error"]
    if quiet:
        yield f"      <system-out>{_text('; '.join(quiet))}</system-out>"
    yield "    </testcase>"


def _whole(told: Annotated) -> str:
    """Return the suite of the command itself: that it could not do its work, or that there is nothing to tell."""
    head = _tag("testsuite", name=told.config, tests=1, failures=0, errors=int(bool(told.failure)), skipped=0)
    case = _tag("testcase", classname=told.config, name=told.command, file=told.config, line=1)
    lines = [f"  {head}", f"    {case}"]
    if told.failure:
        lines.append(f"      {_tag('error', message=told.failure, type='error')}</error>")
    return "\n".join([*lines, "    </testcase>", "  </testsuite>"])


def _tag(element: str, **attributes: object) -> str:
    """Return an opening tag. Everything unprintable is written out, for XML cannot hold it even escaped."""
    named = " ".join(f"{key}={quoteattr(plain(value, 2000))}" for key, value in attributes.items())
    return f"<{element} {named}>"


def _text(text: str) -> str:
    return plain(text, 2000).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
