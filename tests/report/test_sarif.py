"""SARIF 2.1.0: the keys that the standard has, where it has them, and what code scanning asks for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from oncall_sync.model import Finding, Ref, Source
from oncall_sync.plan.checks import LEVELS
from oncall_sync.plan.guards import GUARDS, NEVER_WAIVED
from oncall_sync.report.annotated import Annotated
from oncall_sync.report.rules import about_rule
from oncall_sync.report.sarif import sarif_text
from tests.cli.corpus import TEXTS
from tests.report.plans import finding


def closed(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    """An object that has no key but these, as every object of the standard's schema."""
    return {"type": "object", "required": [*required], "properties": properties, "additionalProperties": False}


TEXT = {"type": "string"}
MESSAGE = closed(("text",), text={"type": "string", "minLength": 1})
LEVEL = {"enum": ["none", "note", "warning", "error"]}
COUNT = {"type": "integer", "minimum": 1}
RULE = closed(
    ("id",),
    id=TEXT,
    shortDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=closed((), level=LEVEL),
    properties=closed((), tags={"type": "array", "items": TEXT, "uniqueItems": True}),
)
LOCATION = closed(
    ("physicalLocation",),
    physicalLocation=closed(
        ("artifactLocation", "region"),
        artifactLocation=closed(("uri",), uri={"type": "string", "pattern": r"^[\w./%~-]+$"}, uriBaseId=TEXT),
        region=closed(("startLine",), startLine=COUNT, startColumn=COUNT),
    ),
)
RESULT = closed(
    ("ruleId", "message", "locations", "partialFingerprints"),
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations={"type": "array", "minItems": 1, "items": LOCATION},
    partialFingerprints={"type": "object", "minProperties": 1, "additionalProperties": TEXT},
)
NOTIFICATION = closed(("message",), level=LEVEL, message=MESSAGE)
RUN = closed(
    ("tool", "results"),
    tool=closed(
        ("driver",),
        driver=closed(
            ("name",),
            name=TEXT,
            version=TEXT,
            semanticVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
            rules={"type": "array", "items": RULE, "uniqueItems": True},
        ),
    ),
    automationDetails=closed((), id=TEXT),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    invocations={
        "type": "array",
        "items": closed(
            ("executionSuccessful",),
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications={"type": "array", "items": NOTIFICATION},
        ),
    },
    results={"type": "array", "items": RESULT},
)
LOG = closed(
    ("version", "runs"),
    **{"$schema": TEXT, "version": {"const": "2.1.0"}, "runs": {"type": "array", "items": RUN, "minItems": 1}},
)


def run(*findings: Finding, failure: str | None = None) -> dict[str, Any]:
    """The one run of a log; the log is as the standard has it."""
    told = Annotated(command="validate", config="oncall.yaml", findings=findings, failure=failure)
    log = json.loads(sarif_text(told))
    Draft7Validator(LOG).validate(log)
    (only,) = log["runs"]
    rules = only["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in only["results"]] == [f.rule for f in findings]
    return dict(only)


def test_a_result_has_its_rule_place_and_level() -> None:
    made = run(finding(), finding("kept-child", "warning", "it stays"), finding("level-gap", "note", "a hole"))
    assert [result["level"] for result in made["results"]] == ["error", "warning", "note"]
    assert made["results"][0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "policies/ops.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 12, "startColumn": 5},
    }
    assert [rule["id"] for rule in made["tool"]["driver"]["rules"]] == [
        "kept-child",
        "level-gap",
        "mid-shift-change",
    ]
    assert "waived" in made["tool"]["driver"]["rules"][2]["help"]["text"]


def test_what_has_no_place_is_at_the_config() -> None:
    (result,) = run(finding(source=None))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "oncall.yaml"
    (result,) = run(finding(source=Source("a b/ü.yaml", 0, 0)))["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b/%C3%BC.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1, "startColumn": 1},
    }


def prints(*findings: Finding) -> list[str]:
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in run(*findings)["results"]]


def test_fingerprints_stay_while_lines_and_days_move() -> None:
    one = finding()
    moved = replace(one, source=Source("policies/ops.yaml", 99, 1), message="another day")
    assert prints(one) == prints(moved)
    others = [
        replace(one, rule="covered"),
        replace(one, ref=Ref("schedule", "x")),
        replace(one, source=None),
        replace(one, ref=None),
    ]
    assert len({*prints(one, one, *others)}) == 6


def test_a_failure_is_no_alert() -> None:
    made = run(failure="pagerduty: it answered 401")
    assert made["results"] == []
    (invocation,) = made["invocations"]
    assert not invocation["executionSuccessful"]
    assert "401" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert run()["invocations"] == [{"executionSuccessful": True}]


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_any_text(rule: str, file: str, message: str) -> None:
    (result,) = run(finding(rule, message=message, source=Source(file, 1, 1)))["results"]
    assert "](" not in result["message"]["text"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_corpus_makes_no_links(text: str) -> None:
    (result,) = run(finding(message=f"[{text}](https://evil.example)"))["results"]
    assert "](" not in result["message"]["text"]
    assert result["message"]["text"].isprintable()


def test_every_rule_is_explained() -> None:
    for rule in {*GUARDS, *LEVELS, *NEVER_WAIVED}:
        assert about_rule(rule) != rule.replace("-", " ")
    assert about_rule("not-known-yet") == "not known yet"
