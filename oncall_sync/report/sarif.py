"""Findings as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from oncall_sync import __version__
from oncall_sync.model import Finding
from oncall_sync.plan.guards import GUARDS

from .annotated import Annotated, said
from .plain import plain
from .rules import about_rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "primaryLocationLineHash"
"""The one fingerprint that GitHub compares; it computes one from the line's text only where there is none."""
_WORST: Mapping[str, int] = {"error": 0, "warning": 1, "note": 2}


def sarif_text(told: Annotated) -> str:
    """Return a whole SARIF log with one run.

    Rules are sorted by id. Every result has a location, because code scanning refuses one without: what is about
    no line is at the first of oncall.yaml. A failure is a notification of the run, not a result.
    """
    rules = sorted({finding.rule for finding in told.findings})
    prints = _fingerprints(told.findings)
    run: dict[str, Any] = {
        "tool": {"driver": _driver(rules, told.findings)},
        "automationDetails": {"id": f"oncall-sync/{told.command}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(told)],
        "results": [
            _result(finding, rules.index(finding.rule), mark, told.config)
            for finding, mark in zip(told.findings, prints, strict=True)
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _driver(rules: Sequence[str], findings: Sequence[Finding]) -> dict[str, Any]:
    return {
        "name": "oncall-sync",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule, [f for f in findings if f.rule == rule]) for rule in rules],
    }


def _rule(rule: str, findings: Sequence[Finding]) -> dict[str, Any]:
    text = about_rule(rule)
    guard = " An apply refuses it unless it is waived with a reason." if rule in GUARDS else ""
    worst = min((f.level for f in findings), key=_WORST.__getitem__)
    return {
        "id": rule,
        "shortDescription": {"text": f"{text[0].upper()}{text[1:]}."},
        "help": {"text": f"{text[0].upper()}{text[1:]}.{guard} See the list of findings in the documentation."},
        "defaultConfiguration": {"level": worst},
        "properties": {"tags": ["on-call"]},
    }


def _result(finding: Finding, index: int, mark: str, config: str) -> dict[str, Any]:
    source = finding.source
    line, column = (max(source.line, 1), max(source.column, 1)) if source else (1, 1)
    file = source.file if source else config
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.level,
        "message": {"text": _message(finding)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(plain(file, 1000)), "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": line, "startColumn": column},
                }
            }
        ],
        "partialFingerprints": {FINGERPRINT: mark},
    }


def _message(finding: Finding) -> str:
    """Return the message; SARIF reads `[text](target)` as a link, which no name may make."""
    return said(finding).replace("](", "] (")


def _fingerprints(findings: Sequence[Finding]) -> list[str]:
    """Return what stays the same while lines move and days pass: the rule, the file, and what it is about."""
    seen: Counter[str] = Counter()
    out: list[str] = []
    for finding in findings:
        file = finding.source.file if finding.source else ""
        # Messages about an object tell instants, which move; those without one tell what is wrong with a text.
        subject = str(finding.ref) if finding.ref else finding.message
        text = json.dumps([finding.rule, file, subject])
        seen[text] += 1
        out.append(f"{hashlib.sha256(text.encode()).hexdigest()[:32]}:{seen[text]}")
    return out


def _invocation(told: Annotated) -> dict[str, Any]:
    if told.failure is None:
        return {"executionSuccessful": True}
    notification = {"level": "error", "message": {"text": told.failure.replace("](", "] (")}}
    return {"executionSuccessful": False, "toolExecutionNotifications": [notification]}
