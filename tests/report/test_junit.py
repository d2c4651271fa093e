"""JUnit XML: well-formed whatever the text, and never green by silence."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import example, given
from hypothesis import strategies as st

from oncall_sync.model import AcknowledgedWithin, Check, Finding, HumanWithin, Ref, Source
from oncall_sync.report.annotated import Annotated
from oncall_sync.report.junit import LATER, junit_text
from oncall_sync.report.plain import plain
from tests.report.plans import SOURCE, WEEK, finding

SERVICE = Ref("service", "checkout")
CHECKS: tuple[Check, ...] = (
    HumanWithin(service=SERVICE, limit=WEEK, source=Source("policies/ops.yaml", 40, 3)),
    AcknowledgedWithin(service=SERVICE, limit=WEEK, source=Source("policies/ops.yaml", 41, 3)),
)


def parse(text: str) -> ET.Element:
    """The document; its counts are what is in it."""
    root = ET.fromstring(text)
    assert root.tag == "testsuites"
    for each in (root, *root.findall("testsuite")):
        counted = {name: len(each.findall(f".//{tag}")) for name, tag in COUNTS.items()}
        assert {name: int(each.attrib[name]) for name in COUNTS} == counted
    assert root.findall("testsuite/testcase")
    return root


COUNTS = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}


def told(
    *findings: Finding, judged: bool = True, checks: tuple[Check, ...] = (), failure: str | None = None
) -> str:
    return junit_text(
        Annotated(
            command="plan",
            config="oncall.yaml",
            findings=findings,
            checks=checks,
            judged=judged,
            failure=failure,
        )
    )


def test_errors_fail_and_the_rest_does_not() -> None:
    root = parse(
        told(finding(), finding("kept-child", "warning", "it stays"), finding("level-gap", "note", "a hole"))
    )
    first, second, third = root.findall(".//testcase")
    assert first.attrib == {
        "classname": "policies/ops.yaml",
        "name": "mid-shift-change: schedule duty",
        "file": "policies/ops.yaml",
        "line": "12",
    }
    failure = first.find("failure")
    assert failure is not None
    assert failure.attrib == {"message": "too early", "type": "mid-shift-change"}
    assert failure.text == "policies/ops.yaml:12:5: too early"
    assert [case.findtext("system-out") for case in (second, third)] == ["warning: it stays", "note: a hole"]


def test_every_promise_is_a_case() -> None:
    human, _ = CHECKS
    broken = Finding("human_within", "error", "too slow", human.source, SERVICE)
    late, fine = parse(told(broken, checks=CHECKS)).findall(".//testcase")
    assert late.attrib["name"] == "human_within: service checkout"
    assert late.find("failure") is not None
    assert list(fine) == []


def test_a_promise_that_was_not_looked_at_is_skipped() -> None:
    unknown = Finding("check-unknown", "note", "not read", CHECKS[0].source, SERVICE)
    first, second = parse(told(unknown, checks=CHECKS, judged=False)).findall(".//testcase")
    reasons = [skipped.attrib["message"] for case in (first, second) for skipped in case.findall("skipped")]
    assert reasons == ["not read", LATER]


def test_twins_have_names_of_their_own() -> None:
    names = [
        case.attrib["name"] for case in parse(told(finding(), finding(message="again"))).findall(".//testcase")
    ]
    assert names == ["mid-shift-change: schedule duty", "mid-shift-change: schedule duty (2)"]


def test_a_failure_is_an_error() -> None:
    root = parse(told(failure="pagerduty: it answered 401"))
    assert [error.attrib["message"] for error in root.iter("error")] == ["pagerduty: it answered 401"]


def test_nothing_to_tell_is_one_passing_case() -> None:
    (case,) = parse(told()).findall(".//testcase")
    assert list(case) == []
    assert parse(told(finding(source=None))).find(".//testcase").attrib["file"] == "oncall.yaml"  # type: ignore[union-attr]


@given(st.text(), st.text(), st.text(min_size=1))
@example("\0\x01\x08\x0b\x1b\x7f\x85\ud800\ufffe\uffff", "]]>&<>\"'\t\n\r", "a\x00b")
def test_any_text_is_well_formed(rule: str, message: str, file: str) -> None:
    for level in ("error", "note"):
        text = told(finding(rule, level, message, source=Source(file, SOURCE.line, 1)), failure=message)
        root = parse(text.encode("utf-8").decode("utf-8"))
        (case,) = [each for each in root.iter("testcase") if each.attrib["name"] != "plan"]
        assert case.attrib["file"] == plain(file, 2000)
        if level == "error":
            assert case.find("failure").attrib["message"] == plain(message, 1500)  # type: ignore[union-attr]
