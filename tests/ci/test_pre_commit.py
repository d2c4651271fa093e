"""The hook for pre-commit: what it runs, when, and that it is a hook."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.account import CONFIG, SMALL
from tests.ci.action import ROOT

(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def test_it_is_installed_from_this_repository_and_reads_everything_at_once() -> None:
    assert (HOOK["id"], HOOK["language"]) == ("oncall-sync-validate", "python")
    assert HOOK["pass_filenames"] is False
    assert HOOK["require_serial"] is True


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("oncall.yaml", True),
        ("policies/checkout.yaml", True),
        ("ops/policies/deep/er.yml", True),
        ("policies/README.md", False),
        ("deploy/values.yaml", False),
        ("my-policies/x.yaml", False),
        ("oncall.yaml.bak", False),
    ],
)
def test_it_runs_when_a_policy_changes(path: str, wanted: bool) -> None:
    assert bool(re.search(HOOK["files"], path)) is wanted


def test_its_entry_says_what_is_wrong_and_where(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "oncall.yaml").write_text(CONFIG)
    policy = tmp_path / "policies/small.yaml"
    env = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for text, code, says in (
        (SMALL, 0, "valid: 1 team"),
        (SMALL.replace("repeat: 1", "repaet: 1"), 1, "policies/small.yaml:19:5:"),
    ):
        policy.write_text(text)
        words = shlex.split(HOOK["entry"])
        done = subprocess.run(
            words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == code
        assert says in done.stdout + done.stderr
