"""What the action's script says to GitHub, against a GitHub on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.ci.action import SHA, api
from tests.ci.github_there import REPOSITORY, TOKEN, GitHub

PLAN = "<!-- oncall-sync:plan:acme -->"
DRIFT = "<!-- oncall-sync:drift:acme -->"
HEAD = "beef" * 10
CHATTER = {"id": 1, "body": "chatter", "user": {"login": "anna"}}


@pytest.fixture
def said(tmp_path: Path) -> Path:
    """What oncall-sync said."""
    path = tmp_path / "said.md"
    path.write_text(f"{PLAN}\n\n**1 to update.**\n")
    return path


def merged(github: GitHub, **run: Any) -> None:
    """Let the commit be the merge of pull request 7, with one run of the plan workflow."""
    home = {"full_name": REPOSITORY}
    github.pulls.append(
        {
            "number": 7,
            "merged_at": "2026-11-23T12:00:00Z",
            "merge_commit_sha": SHA,
            "base": {"ref": "main"},
            "head": {"sha": HEAD, "repo": home},
        }
    )
    made = {"id": 31, "event": "pull_request", "head_sha": HEAD, "conclusion": "success", "head_repository": home}
    github.runs.append(made | run)
    github.artifacts[31] = [{"name": "oncall-plan", "expired": False}]


def test_a_comment_is_found_behind_pages_of_others(github: GitHub, said: Path) -> None:
    github.comments += [CHATTER] * 230
    ours = github.comment(f"{PLAN}\n\nold")
    assert api(github, "comment", str(said), "2") == (0, "", "")
    assert "1 to update" in ours["body"]
    assert github.written() == [f"PATCH issues/comments/{ours['id']}"]


def test_a_comment_of_somebody_else_or_of_another_workspace_is_not_ours(github: GitHub, said: Path) -> None:
    others = [github.comment(f"{PLAN}\n\nmerge me", "mallory"), github.comment("<!-- oncall-sync:plan:b -->\n\nb")]
    before = [other["body"] for other in others]
    assert api(github, "comment", str(said), "2")[0] == 0
    assert github.written() == ["POST issues/7/comments"]
    assert [other["body"] for other in others] == before
    assert api(github, "comment", str(said), "2", SYNC_AUTHOR="mallory")[0] == 0
    assert "1 to update" in others[0]["body"]


def test_without_a_workspace_the_only_comment_is_taken_and_one_of_two_is_not(github: GitHub, said: Path) -> None:
    ours = github.comment(f"{PLAN}\n\nold")
    said.write_text("<!-- oncall-sync:plan -->\n\nNo plan could be made\n")
    assert api(github, "comment", str(said), "1")[0] == 0
    assert "No plan could be made" in ours["body"]
    said.write_text(f"{PLAN}\n\nplanned\n")
    assert api(github, "comment", str(said), "0")[0] == 0
    assert "planned" in ours["body"]
    github.comment("<!-- oncall-sync:plan:other -->")
    said.write_text("")
    assert api(github, "comment", str(said), "1")[0] == 0
    assert len(github.comments) == 3
    assert "`oncall-sync plan` ended with 1" in github.comments[2]["body"]


def test_what_is_too_long_is_cut_at_a_line(github: GitHub, said: Path) -> None:
    said.write_text(f"{PLAN}\n" + "\U0001f4df pager\n" * 9000)
    assert api(github, "comment", str(said), "2")[0] == 0
    body = github.comments[0]["body"]
    assert len(body.encode("utf-16-le")) // 2 < 65_536
    assert "_The rest does not fit; the log of the run has it._" in body


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "the token is not valid"),
        (403, "may not do this"),
        (404, "see `permissions:`"),
        (418, "418"),
    ],
)
def test_refusals_are_one_sentence(github: GitHub, said: Path, status: int, says: str) -> None:
    github.busy = [status]
    code, out, err = api(github, "comment", str(said), "2")
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert err.startswith("::error title=oncall-sync::comment: GET issues/7/comments: ")
    assert says in err


def test_a_busy_github_is_asked_again_but_no_comment_is_written_twice(github: GitHub, said: Path) -> None:
    github.busy = [502]
    assert api(github, "comment", str(said), "2")[0] == 0
    assert github.calls == ["GET issues/7/comments", "GET issues/7/comments", "POST issues/7/comments"]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"SYNC_GITHUB_TOKEN": ""}, "there is no token for GitHub"),
        ({"GITHUB_API_URL": "http://github.example"}, "GITHUB_API_URL is not an https:// address"),
        ({"GITHUB_REPOSITORY": "../../user"}, "GITHUB_REPOSITORY is not OWNER/NAME"),
        ({"SYNC_PULL_REQUEST": ""}, "SYNC_PULL_REQUEST is not set"),
    ],
)
def test_settings_that_do_not_fit(github: GitHub, said: Path, settings: dict[str, str], says: str) -> None:
    code, _, err = api(github, "comment", str(said), "2", **settings)
    assert code == 1
    assert says in err
    assert github.calls == []


def test_one_issue_is_opened_kept_up_to_date_and_closed(github: GitHub, said: Path) -> None:
    github.issue(f"{DRIFT}\n\nmine!", "mallory")
    github.issue(DRIFT, pull_request={})
    github.issue("<!-- oncall-sync:drift:other -->\n\nb")
    github.issue(DRIFT, labels=[])
    said.write_text(f"{DRIFT}\n\nrepeat: 1 -> 5\n")
    assert api(github, "issue", str(said)) == (0, "", "")
    ours = github.issues[-1]
    assert (ours["title"], ours["labels"]) == ("On-call drift in acme", ["oncall-drift"])
    assert api(github, "issue", str(said))[0] == 0
    assert github.written() == ["POST issues"], "what says the same is left alone"
    said.write_text(f"{DRIFT}\n\nrepeat: 1 -> 6\n")
    assert api(github, "issue", str(said))[0] == 0
    assert ours["body"].endswith("1 -> 6")
    said.write_text(f"{DRIFT}\n\nNo drift.\n")
    assert api(github, "close", str(said))[0] == 0
    assert (ours["state"], ours["state_reason"]) == ("closed", "completed")
    assert github.comments[0]["body"].startswith("No drift any more ([log](https://github.example/")
    assert github.written() == ["POST issues", "PATCH issues/5", "PATCH issues/5", "POST issues/5/comments"]
    assert {issue["state"] for issue in github.issues[:4]} == {"open"}
    assert api(github, "close", str(said))[0] == 0
    assert len(github.written()) == 4


def test_the_reviewed_plan_is_that_of_the_commit_that_was_merged(github: GitHub) -> None:
    merged(github)
    github.pulls.insert(0, {**github.pulls[0], "number": 6, "merged_at": None})
    github.runs.append({**github.runs[0], "id": 40})  # a newer one, without an artifact
    assert api(github, "reviewed") == (0, "pull-request=7\nrun-id=31\n", "")
    assert github.written() == []


@pytest.mark.parametrize(
    "run",
    [
        {"head_sha": "0" * 40},
        {"event": "push"},
        {"conclusion": "failure"},
        {"head_repository": {"full_name": "mallory/oncall"}},
        {"head_repository": None},
    ],
)
def test_a_run_that_does_not_count(github: GitHub, run: dict[str, Any]) -> None:
    merged(github, **run)
    assert api(github, "reviewed") == (0, "pull-request=7\n", "")


@pytest.mark.parametrize("artifacts", [[], [{"name": "oncall-plan", "expired": True}], [{"name": "other"}]])
def test_a_plan_that_is_not_kept_any_more(github: GitHub, artifacts: list[dict[str, Any]]) -> None:
    merged(github)
    github.artifacts[31] = artifacts
    assert api(github, "reviewed")[1] == "pull-request=7\n"


@pytest.mark.parametrize(
    "change",
    [{"merge_commit_sha": "0" * 40}, {"base": {"ref": "release"}}, {"head": {"sha": HEAD, "repo": None}}],
)
def test_a_commit_that_was_not_reviewed_here(github: GitHub, change: dict[str, Any]) -> None:
    merged(github)
    github.pulls[0] |= change
    assert "run-id" not in api(github, "reviewed")[1]
    github.pulls.clear()
    assert api(github, "reviewed") == (0, "", "")


def test_the_digest_of_a_plan_is_a_digest_or_nothing(github: GitHub, said: Path) -> None:
    said.write_text('{"digest": "x\\nexit-code=0"}')
    assert api(github, "digest", str(said)) == (0, "", "")
    said.write_text(f'{{"digest": "sha256:{"a" * 64}"}}')
    assert api(github, "digest", str(said)) == (0, f"sha256:{'a' * 64}\n", "")


def test_text_becomes_html_that_does_nothing(github: GitHub, said: Path) -> None:
    said.write_text("done </pre> <img src=x> @anna `x`\n")
    assert api(github, "pre", str(said))[1] == "<pre>done &lt;/pre&gt; &lt;img src=x&gt; @anna `x`</pre>\n\n"


def test_a_redirect_is_not_followed(github: GitHub, said: Path) -> None:
    github.busy = [302]
    assert "answered 302" in api(github, "comment", str(said), "2")[2]
    assert TOKEN not in said.read_text()
    assert len(github.calls) == 1
