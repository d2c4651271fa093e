"""The template for GitLab: its own scripts, as processes, against the sandbox and a GitLab on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.account import Account
from tests.ci.action import KEPT, ROOT
from tests.ci.loopback import Asked, listening

pytestmark = pytest.mark.matrix

TEMPLATE = yaml.safe_load((ROOT / "ci/gitlab/oncall-sync.gitlab-ci.yml").read_text(encoding="utf-8"))
JOBS = {name: job for name, job in TEMPLATE.items() if name not in ("variables", ".oncall-sync")}
NOTES = "/api/v4/projects/12/merge_requests/3/notes"
TOKEN = "glpat-x3fJk29sQpLmZ8vTnR4w"
MARKER = "<!-- oncall-sync:plan:acme -->"


@dataclass
class GitLab:
    """One merge request, and us as account 5."""

    url: str = ""
    notes: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def note(self, body: str, author: int) -> dict[str, Any]:
        self.notes.append({"id": 100 + len(self.notes), "body": body, "author": {"id": author}})
        return self.notes[-1]

    def answer(self, asked: Asked) -> tuple[int, Any]:
        self.calls.append(f"{asked.method} {asked.path.removeprefix('/api/v4')}")
        if asked.headers.get("PRIVATE-TOKEN") != TOKEN:
            return 401, {"message": "401 Unauthorized"}
        page = int(asked.query.get("page", 1))
        match asked.method, asked.path.removeprefix(NOTES):
            case "GET", "/api/v4/user":
                return 200, {"id": 5}
            case "GET", "":
                return 200, self.notes[(page - 1) * 100 : page * 100]
            case "POST", "":
                return 201, self.note(asked.body["body"], 5)
            case "PUT", number:
                (found,) = [n for n in self.notes if n["id"] == int(number.strip("/"))]
                found.update(asked.body)
                return 200, found
        return 404, {"message": "404 Not found"}


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    there = GitLab()
    with listening(there.answer) as there.url:
        yield there


def run(account: Account, job: str, gitlab: GitLab | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a job as a runner does: line after line, in one shell that stops at errors."""
    env = {name: os.environ[name] for name in KEPT if name in os.environ} | TEMPLATE["variables"]
    env |= {"CI_PROJECT_ID": "12", "CI_MERGE_REQUEST_IID": "3", "CI_JOB_URL": "https://gitlab.example/jobs/9"}
    env |= {"CI_API_V4_URL": f"{gitlab.url}/api/v4", "GITLAB_NOTE_TOKEN": TOKEN} if gitlab else {}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    script = "\n".join(JOBS[job]["script"])
    if account.now:
        script = script.replace('--config "', f'--now {account.now.isoformat()} --config "')
    bash = ["bash", "-eo", "pipefail", "-c", script]
    done = subprocess.run(
        bash, cwd=account.folder, env=env | more, capture_output=True, text=True, check=False, timeout=60
    )
    assert TOKEN not in done.stdout + done.stderr
    return done


def test_a_plan_is_one_note_that_is_edited_in_place(account: Account, gitlab: GitLab) -> None:
    gitlab.notes += [{"id": n, "body": "chatter", "author": {"id": 5}} for n in range(100)]
    theirs = gitlab.note(f"{MARKER}\n\nApproved, merge me", 6)
    other = gitlab.note("<!-- oncall-sync:plan:other -->\n\nother", 5)
    done = run(account, "oncall-plan", gitlab)
    assert done.returncode == 2, done.stderr
    ours = gitlab.notes[-1]
    assert ours["body"].startswith(f"{MARKER}\n")
    assert "4 to create" in ours["body"]
    assert ours["body"].endswith("[log](https://gitlab.example/jobs/9)\n")
    account.edit("repeat: 1", "repaet: 1")
    assert run(account, "oncall-plan", gitlab).returncode == 1
    assert "No plan could be made" in ours["body"]
    assert [call.split("/")[0] for call in gitlab.calls if not call.startswith("GET")] == ["POST ", "PUT "]
    assert theirs["body"].endswith("Approved, merge me")
    assert other["body"].endswith("other")


def test_without_a_token_there_is_the_artifact_and_with_a_wrong_one_an_error(
    account: Account, gitlab: GitLab
) -> None:
    assert run(account, "oncall-plan").returncode == 2
    assert (account.folder / "plans/ci.md").read_text().startswith(MARKER)
    assert (account.folder / "plans/ci.json").stat().st_mode & 0o777 == 0o600
    done = run(account, "oncall-plan", gitlab, GITLAB_NOTE_TOKEN="wrong")
    assert done.returncode == 1
    assert done.stderr.endswith(
        "the note on the merge request could not be written: HTTP Error 401: Unauthorized\n"
    )


def test_apply_applies_the_plan_that_was_read(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.sync(capsys, "plan", "--out", "plans/ci.json")
    assert run(account, "oncall-apply").returncode == 0
    assert account.sync(capsys, "plan", "--exit-code").code == 0
    assert run(account, "oncall-drift").returncode == 0
    assert (account.folder / "oncall-drift.md").read_text().startswith("<!-- oncall-sync:drift:acme -->")


def test_validate_leaves_a_report(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    account.edit("repeat: 1", "repaet: 1")
    assert run(account, "oncall-validate").returncode == 1
    assert "<testsuite" in (account.folder / "oncall-validate.xml").read_text()
    assert account.log() == []


def test_the_template_gives_each_job_what_it_may_have() -> None:
    assert set(JOBS) == {"oncall-validate", "oncall-plan", "oncall-apply", "oncall-drift"}
    places = {name: job.get("environment", {}).get("name") for name, job in JOBS.items()}
    assert places == {
        "oncall-validate": None,
        "oncall-plan": "oncall-plan",
        "oncall-apply": "production",
        "oncall-drift": "oncall-plan",
    }
    assert JOBS["oncall-plan"]["allow_failure"] == {"exit_codes": [2]}
    assert JOBS["oncall-apply"]["resource_group"] == "oncall-apply"
    assert JOBS["oncall-apply"]["interruptible"] is False
    (rule,) = JOBS["oncall-apply"]["rules"]
    assert (rule["when"], rule["allow_failure"]) == ("manual", False)
    fork = JOBS["oncall-plan"]["rules"][0]["if"]
    assert "$CI_MERGE_REQUEST_PROJECT_ID == $CI_PROJECT_ID && " in fork
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in fork
    for name, job in JOBS.items():
        assert job["extends"] == ".oncall-sync"
        assert job["artifacts"]["when"] == "always"
        assert name == "oncall-validate" or job["artifacts"]["access"] == "developer"
