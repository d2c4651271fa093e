"""What people copy into their CI: well formed, least rights, nothing untrusted in a script."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.action import ROOT, definition, run_step

WORKFLOWS = sorted((ROOT / "ci/github/workflows").glob("*.yml"))
SCRIPTS = sorted((ROOT / "ci").rglob("*.sh"))
OURS = "YOUR--ORG/oncall-sync"
"""Where the action is has to be filled in; no account on GitHub can have this name, so nobody can wait there."""
PINNED = re.compile(r"actions/[a-z-]+@[0-9a-f]{40}")
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
SECRETS = ["PAGERDUTY_TOKEN", "OPSGENIE_API_KEY"]
SEARCH = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def program(name: str, why: str) -> str:
    """Return a program beside Python or on the path; skip the test without."""
    found = shutil.which(name, path=SEARCH)
    if found is None:
        pytest.skip(f"{name} is not installed: {why}")
    return found


def load(path: Path) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = load(path)["jobs"]
    return found


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in jobs(path).values():
        yield from job["steps"]


def test_the_three_workflows_are_there() -> None:
    assert [path.stem for path in WORKFLOWS] == ["oncall-apply", "oncall-drift", "oncall-plan"]


def test_actionlint_has_nothing_to_say() -> None:
    actionlint = program(
        "actionlint", "its packages fetch a binary from elsewhere, so `make dev` does not ask for it"
    )
    done = subprocess.run([actionlint, "-no-color", *WORKFLOWS], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_shellcheck_has_nothing_to_say() -> None:
    shellcheck = program("shellcheck", "`make dev` installs it where there is a binary for this machine")
    done = subprocess.run([shellcheck, *SCRIPTS], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_scripts_are_strict_and_can_be_run(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in text
    assert os.access(path, os.X_OK)


def test_the_action_is_well_formed() -> None:
    action = definition()
    assert {"name", "description", "inputs", "outputs", "runs"} <= set(action)
    assert action["runs"]["using"] == "composite"
    assert len(action["description"]) <= 125, "the marketplace takes no more"
    for name, one in {**action["inputs"], **action["outputs"]}.items():
        assert one["description"], name
    for name, one in action["inputs"].items():
        assert set(one) <= {"description", "default", "required"}
        assert one.get("required", False) != ("default" in one), name
        assert isinstance(one.get("default", ""), str), f"{name}: inputs are text"
    for step in action["runs"]["steps"]:
        assert ("run" in step) != ("uses" in step)
        assert step.get("shell") == ("bash" if "run" in step else None)
        assert "uses" not in step or PINNED.fullmatch(step["uses"])


def test_every_input_reaches_the_script_by_the_environment_alone() -> None:
    action = definition()
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", ""), "whatever stands there would be a part of the script"
    used = {name for step in action["runs"]["steps"] for name in re.findall(r"inputs\.([\w-]+)", str(step))}
    assert used == set(action["inputs"])
    script = (ROOT / "ci/github/run.sh").read_text(encoding="utf-8")
    script += (ROOT / "ci/github/api.py").read_text(encoding="utf-8")
    for name in run_step()["env"]:
        assert name in script
        assert not name.startswith(("ONCALL_", "PAGERDUTY", "OPSGENIE")), "policies may name those as tokens"
    for output in action["outputs"].values():
        name = re.fullmatch(r"\$\{\{ steps\.run\.outputs\.([\w-]+) \}\}", output["value"])
        assert name
        assert re.search(rf"output {name[1]} |\"{name[1]}=", script), name[1]


@each_workflow
def test_rights_are_given_per_job_and_actions_are_pinned(path: Path) -> None:
    assert load(path)["permissions"] == {}
    for name, job in jobs(path).items():
        rights = job["permissions"]
        assert rights["contents"] == "read"
        assert {right for right, level in rights.items() if level == "write"} <= {"pull-requests", "issues"}, name
        assert job["timeout-minutes"] <= 60
        assert "persist-credentials" in str(job["steps"][0])
    for step in steps(path):
        assert "run" not in step, "scripts belong into the action, where they are tested"
        assert PINNED.fullmatch(step["uses"]) or step["uses"].startswith(f"{OURS}@v")
    for line in re.findall(r"uses: actions/.*", path.read_text(encoding="utf-8")):
        assert re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


@each_workflow
def test_what_is_passed_to_the_action_is_what_it_takes(path: Path) -> None:
    action = definition()
    for job in jobs(path).values():
        ours = {step.get("id"): step for step in job["steps"] if step["uses"].startswith(OURS)}
        for step in ours.values():
            assert set(step["with"]) <= set(action["inputs"])
            assert step["with"]["command"] in ("validate", "plan", "apply", "drift", "reviewed")
        text = f"{job['steps']} {job.get('outputs')}"
        for name, output in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", text):
            assert name in ours
            assert output in action["outputs"]


@each_workflow
def test_tokens_are_for_the_steps_that_need_them_in_their_environment(path: Path) -> None:
    for name, job in jobs(path).items():
        for step in job["steps"]:
            needs = step.get("with", {}).get("command") in ("plan", "apply", "drift")
            assert step.get("env", {}) == (
                {secret: f"${{{{ secrets.{secret} }}}}" for secret in SECRETS} if needs else {}
            ), name
        if "secrets." in str(job):
            writes = "'command': 'apply'" in str(job)
            assert job["environment"] in (("production", "production-approval") if writes else ("oncall-plan",))
    assert "secrets" not in str({key: value for key, value in load(path).items() if key != "jobs"})


def test_a_fork_gets_validate_only() -> None:
    path = ROOT / "ci/github/workflows/oncall-plan.yml"
    assert "pull_request_target" not in path.read_text(encoding="utf-8")
    found = jobs(path)
    closed = {name for name, job in found.items() if "if" not in job}
    assert closed == {"validate"}
    assert "environment" not in found["validate"]
    assert found["validate"]["permissions"] == {"contents": "read"}
    assert [s["with"]["command"] for s in found["validate"]["steps"] if OURS in s["uses"]] == ["validate"]
    same = "github.event.pull_request.head.repo.full_name == github.repository"
    assert found["plan"]["if"].split(" && ")[0] == same
    assert "||" not in found["plan"]["if"]


def test_applies_wait_for_each_other_and_none_is_cut_off() -> None:
    path = ROOT / "ci/github/workflows/oncall-apply.yml"
    workflow = load(path)
    assert workflow["concurrency"] == {"group": "oncall-apply", "cancel-in-progress": False}
    assert set(workflow[True]) == {"push"}  # YAML 1.1 reads `on` as true
    for job in jobs(path).values():
        assert job["steps"][0]["with"]["ref"] == "${{ github.ref }}"


def test_what_one_job_keeps_the_next_one_takes() -> None:
    plan, apply = (ROOT / f"ci/github/workflows/oncall-{name}.yml" for name in ("plan", "apply"))
    kept = {step["with"]["artifact"] for step in steps(plan) if step.get("with", {}).get("command") == "plan"}
    downloads = [step["with"] for step in steps(apply) if "download-artifact" in step["uses"]]
    (looked_for,) = [step["with"] for step in steps(apply) if step.get("with", {}).get("command") == "reviewed"]
    assert kept == {looked_for["artifact"]} == {downloads[0]["name"]}
    assert definition()["inputs"]["workflow"]["default"] == plan.name
    again = {step["with"]["artifact"] for step in steps(apply) if step.get("with", {}).get("command") == "plan"}
    assert again == {downloads[1]["name"]}
    assert {one["path"] for one in downloads} == {"plans"}
