"""The action's own script, as a process under `bash -e`, against the sandbox and a GitHub on this machine."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.account import Account
from tests.ci import action
from tests.ci.action import Step
from tests.ci.github_there import REPOSITORY, TOKEN, GitHub
from tests.conftest import NOW

pytestmark = pytest.mark.matrix

Capture = pytest.CaptureFixture[str]
CLOCK = f"--now\n{NOW.isoformat()}"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
MARKER = "<!-- oncall-sync:plan:acme -->"
PASSES = "0 2"


@pytest.fixture
def applied(account: Account, capsys: Capture) -> Account:
    assert account.sync(capsys, "apply", "--yes").code == 0
    account.forget()
    return account


def step(account: Account, command: str, github: GitHub | None = None, **inputs: str) -> Step:
    """Run a command at the sandbox's hour; nothing secret is ever in what it leaves behind."""
    inputs = {"args": CLOCK, **inputs} if command != "reviewed" else inputs
    done = action.run(account.folder, github, command=command, **inputs)
    told = f"{done.log}{done.summary}{done.outputs}{github.comments if github else ''}"
    assert TOKEN not in told
    assert "y_NbAkKc66ryYTWUXYEu" not in told
    assert "Traceback" not in told
    return done


def test_a_plan_with_changes_passes_with_its_own_exit_code(account: Account, github: GitHub) -> None:
    done = step(account, "plan", github, passes=PASSES, comment="true")
    assert (done.code, done.outputs["exit-code"]) == (0, "2")
    assert "::notice title=oncall-sync plan::exit code 2: there are changes" in done.log
    assert done.summary.startswith(f"{MARKER}\n")
    assert "4 to create" in done.summary
    saved = Path(done.outputs["plan"])
    assert saved == account.folder / "plans/ci.json"
    assert json.loads(saved.read_text())["digest"] == done.outputs["digest"]
    assert DIGEST.fullmatch(done.outputs["digest"])
    (comment,) = github.comments
    assert comment["body"].startswith(done.summary.strip())
    assert comment["body"].endswith(f"[log](https://github.example/{REPOSITORY}/actions/runs/77)\n")
    assert account.writes() == []


def test_one_comment_is_edited_in_place(applied: Account, github: GitHub) -> None:
    assert step(applied, "plan", github, passes=PASSES, comment="true").outputs["exit-code"] == "0"
    (ours,) = github.comments
    assert "**Nothing to do.**" in ours["body"]
    applied.edit("repeat: 1", "repeat: 2")
    assert step(applied, "plan", github, passes=PASSES, comment="true").outputs["exit-code"] == "2"
    assert "**1 to update.**" in ours["body"]
    assert github.written() == ["POST issues/7/comments", f"PATCH issues/comments/{ours['id']}"]


def test_a_plan_that_a_guard_refuses_fails_and_is_shown(applied: Account, github: GitHub) -> None:
    path = applied.folder / "policies/small.yaml"
    path.write_text(path.read_text().partition("services:")[0])
    done = step(applied, "plan", github, passes=PASSES, comment="true")
    assert (done.code, done.outputs["exit-code"]) == (3, "3")
    assert "::error title=oncall-sync plan::exit code 3: a guard refuses" in done.log
    assert "Apply would refuse this plan" in github.comments[0]["body"]
    waived = step(applied, "plan", args=f"{CLOCK}\n--waive\nservice-deleted=it's gone; no `more`")
    assert (waived.code, waived.outputs["exit-code"]) == (2, "2"), "only what `passes` says passes"


def test_no_plan_replaces_the_comment_of_the_last_one(
    account: Account, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    (account.folder / "plans").mkdir()
    (account.folder / "plans/ci.json").write_text("{}")  # of an earlier run
    ours = github.comment(f"{MARKER}\n\n**4 to create.**")
    monkeypatch.setenv("PAGERDUTY_API_URL", github.url)  # not PagerDuty's
    done = step(account, "plan", github, passes=PASSES, comment="true", artifact="oncall-plan")
    assert (done.code, done.outputs) == (1, {"exit-code": "1"})
    assert "::error title=oncall-sync plan::exit code 1: an error, told above" in done.log
    assert "No plan could be made" in ours["body"]
    account.write("oncall.yaml", "workspace: [\n")  # its name is not known now; it is the same comment
    step(account, "plan", github, comment="true")
    assert "oncall.yaml:" in ours["body"]
    step(account, "plan", github, comment="true", args="--no-such-option")
    assert "`oncall-sync plan` ended with 1." in ours["body"]
    assert len(github.comments) == 1


def test_a_missing_token_is_said(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    done = step(account, "plan", passes=PASSES)
    assert done.code == 1
    assert "no token: set the environment variable PAGERDUTY_TOKEN" in done.log
    assert "PAGERDUTY&#95;TOKEN" in done.summary


def test_a_comment_that_cannot_be_written_fails_the_step(account: Account, github: GitHub) -> None:
    github.busy = [403]
    done = step(account, "plan", github, passes=PASSES, comment="true")
    assert (done.code, done.outputs["exit-code"]) == (1, "2")
    assert "::error title=oncall-sync::comment: GET issues/7/comments: GitHub answered 403: " in done.log


def test_a_fork_gets_validate_with_nothing_to_steal(
    account: Account, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    done = step(account, "validate", github, token="", args="")
    assert (done.code, done.outputs) == (0, {"exit-code": "0"})
    assert "valid: 1 team, 4 users" in done.log
    account.edit("repeat: 1", "repaet: 1")
    done = step(account, "validate", github, token="", args="")
    assert (done.code, done.outputs) == (1, {"exit-code": "1"})
    assert re.search(r"^::error file=policies/small.yaml,line=\d+,col=\d+,title=policy::", done.log, re.MULTILINE)
    assert done.summary == "`oncall-sync validate`: exit code 1, an error, told above.\n"
    assert github.calls == account.log() == []


def test_the_reviewed_plan_is_applied_if_it_still_holds(account: Account, capsys: Capture) -> None:
    account.sync(capsys, "plan", "--out", "plans/ci.json")
    done = step(account, "apply", plan="plans/ci.json", passes="0 4")
    assert (done.code, done.outputs) == (0, {"exit-code": "0"})
    assert "read again: nothing left to do" in done.log
    assert done.summary.startswith("<pre>")
    assert "4 changes made" in done.summary
    assert account.sync(capsys, "plan", "--exit-code").code == 0
    assert len((account.folder / "plans/ci.journal").read_text().splitlines()) > 8


def test_another_digest_is_4_and_the_new_plan_can_be_applied(applied: Account, capsys: Capture) -> None:
    applied.edit("repeat: 1", "repeat: 2")
    applied.sync(capsys, "plan", "--out", "plans/ci.json")
    applied.edit("repeat: 2", "repeat: 3")  # somebody else's merge
    done = step(applied, "apply", plan="plans/ci.json", passes="0 4")
    assert (done.code, done.outputs) == (0, {"exit-code": "4"})
    assert "::notice title=oncall-sync apply::exit code 4: the plan is stale" in done.log
    assert "repeat would change otherwise than approved" in done.log
    assert applied.writes() == []
    applied.sync(capsys, "plan", "--out", "plans/ci.json")
    assert step(applied, "apply", plan="plans/ci.json").code == 0


def test_an_apply_in_part_fails(account: Account, capsys: Capture) -> None:
    account.edit("user6: {email: user6@", "user6: {email: gone@")
    account.sync(capsys, "plan", "--out", "plans/ci.json")
    done = step(account, "apply", plan="plans/ci.json", passes="0 4")
    assert (done.code, done.outputs) == (5, {"exit-code": "5"})
    assert "not attempted" in done.log
    assert "::error title=oncall-sync apply::exit code 5: applied in part" in done.log


HOSTILE = "x'\"$(touch stolen)`id`|@anna ::error::x\n\nend<<EOF\nEOF\nexit-code=0"


def test_hostile_names_stay_data(account: Account, github: GitHub) -> None:
    text = (account.folder / "policies/small.yaml").read_text()
    account.write("policies/small.yaml", text.replace("name: Operations", f"name: {json.dumps(HOSTILE[:60])}"))
    account.write("policies/more.yaml", f"teams: {{more: {{name: {json.dumps(HOSTILE)}}}}}\n")
    done = step(account, "plan", github, passes=PASSES, comment="true")
    assert done.outputs["exit-code"] in ("1", "2")
    assert not (account.folder / "stolen").exists()
    commands = [line for line in done.log.splitlines() if line.lstrip().startswith("::")]
    assert [re.match(r"::(\w[\w-]*)", line)[1] for line in commands[:1]] == ["stop-commands"]  # type: ignore[index]
    assert "::error::x" not in "".join(line for line in commands if not line.startswith("::stop"))
    body = github.comments[0]["body"]
    assert "@anna" not in body
    assert "`id`" not in body


def test_names_of_files_with_spaces_and_lines_stay_names(account: Account) -> None:
    inner = account.folder / "deep er"
    inner.mkdir()
    (account.folder / "policies").rename(inner / "policies")
    (account.folder / "oncall.yaml").rename(inner / "on-call.yaml")
    name = "plans/x\nEOF\nexit-code=0\ndigest=forged"
    done = step(account, "plan", working_directory="deep er", config="on-call.yaml", plan=name, passes=PASSES)
    assert (done.code, done.outputs["exit-code"]) == (0, "2")
    assert done.outputs["plan"] == str(inner / name)
    assert DIGEST.fullmatch(done.outputs["digest"])


def test_drift_opens_one_issue_and_closes_it(applied: Account, github: GitHub) -> None:
    policy = applied.one("escalation_policies", "checkout")
    by_hand = {"escalation_policy": {**policy, "num_loops": 5}}
    applied.call("PUT", f"/escalation_policies/{policy['id']}", by_hand, **{"X-Sandbox-Actor": "ben@example.com"})
    done = step(applied, "drift", github, passes=PASSES)
    assert (done.code, done.outputs) == (0, {"exit-code": "2"})
    (issue,) = github.issues
    assert issue["title"] == "On-call drift in acme"
    assert issue["body"].strip().endswith(done.summary.strip())
    assert step(applied, "drift", github, passes=PASSES).code == 0
    assert github.written() == ["POST issues"], "what says the same is left alone"
    applied.call("PUT", f"/escalation_policies/{policy['id']}", {"escalation_policy": policy})
    assert step(applied, "drift", github, passes=PASSES).outputs["exit-code"] == "0"
    assert issue["state"] == "closed"


def test_drift_that_cannot_be_known_fails_and_touches_no_issue(
    account: Account, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    done = step(account, "drift", github, passes=PASSES)
    assert (done.code, done.outputs["exit-code"]) == (1, "1")
    assert github.calls == []


def test_what_is_no_command_is_an_error(account: Account) -> None:
    done = step(account, "destroy", args="")
    assert done.code == 1
    assert "::error title=oncall-sync::command: there are validate, plan, apply, drift and reviewed" in done.log
