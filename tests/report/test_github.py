"""Workflow commands: as GitHub's runner reads them, and no more than it keeps."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.model import Finding, Source
from oncall_sync.report.annotated import Annotated
from oncall_sync.report.github import MOST, github_text
from oncall_sync.report.plain import plain
from tests.report.plans import finding

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def told(*findings: Finding, failure: str | None = None) -> Annotated:
    return Annotated(command="plan", config="oncall.yaml", findings=findings, failure=failure)


def parse(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Read commands as the runner does: split first, then unescape."""
    out = []
    for line in text.splitlines():
        found = COMMAND.fullmatch(line)
        assert found, line
        named = dict(part.split("=", 1) for part in found[2].split(","))
        properties = {
            key: value.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",")
            for key, value in named.items()
        }
        message = found[3].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        out.append((found[1], {key: value.replace("%25", "%") for key, value in properties.items()}, message))
    return out


def test_an_annotation_is_at_its_line() -> None:
    text = github_text(told(finding(), finding("level-gap", "note", "a hole")))
    assert text.splitlines() == [
        "::error file=policies/ops.yaml,line=12,col=5,title=mid-shift-change::too early",
        "::notice file=policies/ops.yaml,line=12,col=5,title=level-gap::a hole",
    ]


@given(st.text(), st.text(min_size=1), st.sampled_from(["error", "warning", "note"]))
def test_any_text_is_one_command(message: str, file: str, level: str) -> None:
    ((word, properties, said),) = parse(
        github_text(told(finding("rule", level, message, source=Source(file, 3, 4))))
    )
    assert word == {"note": "notice"}.get(level, level)
    assert said == plain(message, 1500)
    assert properties == {"file": plain(file, 1000), "line": "3", "col": "4", "title": "rule"}


def test_more_than_github_keeps_is_counted() -> None:
    findings = [finding(level=level, message=f"{n}") for level in ("error", "warning", "note") for n in range(23)]
    commands = parse(github_text(told(*findings)))
    assert Counter(word for word, _, _ in commands) == {"error": MOST, "warning": MOST, "notice": MOST}
    last = commands[MOST - 1]
    assert last == ("error", {"title": "oncall-sync"}, "14 more errors: the log of this step has them all")


def test_ten_are_ten() -> None:
    commands = parse(github_text(told(*(finding(message=f"{n}") for n in range(10)))))
    assert [message for _, _, message in commands] == [f"{n}" for n in range(10)]


def test_a_failure_is_an_error_without_a_line_and_counts() -> None:
    commands = parse(github_text(told(*(finding(message=f"{n}") for n in range(11)), failure="401: no\ntoken")))
    assert commands[0] == ("error", {"title": "oncall-sync plan"}, "401: no\ntoken")
    assert len(commands) == MOST


def test_a_problem_of_a_whole_file_is_at_its_first_line() -> None:
    ((_, properties, _),) = parse(github_text(told(finding(source=Source("a.yaml", 0, 0)))))
    assert properties["line"] == properties["col"] == "1"


def test_nothing_to_tell_is_nothing() -> None:
    assert github_text(told()) == ""
