"""The action as a runner runs it: its own steps, with the environment that action.yml spells out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.ci.github_there import REPOSITORY, TOKEN, GitHub

ROOT = Path(__file__).parents[2]
SHA = "c0ffee" + "0" * 34
KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "PAGERDUTY_TOKEN",
    "PAGERDUTY_API_URL",
    "COVERAGE_PROCESS_CONFIG",
    "PYTHONWARNINGS",
)


@dataclass(frozen=True)
class Step:
    """What came of the step that runs oncall-sync: its exit code, its log, the files that the runner reads."""

    code: int
    log: str
    summary: str
    outputs: dict[str, str]


@cache
def definition() -> Any:
    """Return action.yml."""
    return yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def run_step() -> Any:
    """Return the step of the action that runs oncall-sync."""
    (step,) = [step for step in definition()["runs"]["steps"] if step.get("id") == "run"]
    return step


def run(folder: Path, github: GitHub | None = None, pull: int | None = 7, **inputs: str) -> Step:
    """Run the step in a folder with these inputs (`_` for `-`), on pull request `pull`, under `bash -e`."""
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    context = {"github.token": TOKEN, "github.event.pull_request.number": str(pull or "")}
    filled = {name: given.pop(name, str(i.get("default", ""))) for name, i in definition()["inputs"].items()}
    assert not given, f"action.yml has no such input: {given}"
    context |= {f"inputs.{name}": expanded(value, context) for name, value in filled.items()}
    files = {name: folder / f".{name}" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("")
    env = {name: os.environ[name] for name in KEPT if name in os.environ}
    env |= {name: expanded(value, context) for name, value in run_step()["env"].items()}
    env |= {name: str(file) for name, file in files.items()}
    env |= on_github(github) | {"GITHUB_ACTION_PATH": str(ROOT), "SYNC_BIN": str(Path(sys.executable).parent)}
    bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", run_step()["run"]]
    done = subprocess.run(bash, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == "", "the log is one stream"
    return Step(
        done.returncode,
        done.stdout,
        files["GITHUB_STEP_SUMMARY"].read_text(),
        outputs(files["GITHUB_OUTPUT"].read_text()),
    )


def on_github(github: GitHub | None) -> dict[str, str]:
    """Return what a runner tells every step about where it is; without `github`, nobody answers there."""
    return {
        "GITHUB_API_URL": github.url if github else "http://127.0.0.1:9",
        "GITHUB_REF_NAME": "main",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ID": "77",
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_SHA": SHA,
    }


def api(github: GitHub, *words: str, **settings: str) -> tuple[int, str, str]:
    """Run what the script says to GitHub with by itself; return its exit code, stdout and stderr."""
    env = {**on_github(github), "SYNC_GITHUB_TOKEN": TOKEN, "SYNC_PULL_REQUEST": "7", **settings}
    command = [sys.executable, "-I", str(ROOT / "ci/github/api.py"), *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert TOKEN not in done.stdout + done.stderr
    return done.returncode, done.stdout, done.stderr


def expanded(text: str, context: dict[str, str]) -> str:
    """Fill in `${{ … }}` as a runner does."""
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda found: context[found[1]], text)


def outputs(text: str) -> dict[str, str]:
    """Read a file of outputs as a runner does: `name=value`, or `name<<END`, lines, `END`."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, heredoc, end = line.partition("<<")
        if heredoc and "=" not in name:
            value: list[str] = []
            for inner in lines:
                if inner == end:
                    break
                value.append(inner)
            found[name] = "\n".join(value)
        else:
            name, _, found_value = line.partition("=")
            found[name] = found_value
    return found
