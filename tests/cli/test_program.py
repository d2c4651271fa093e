"""The program as a program: help, quick starts, exit codes of usage errors, and `sync` beside coreutils' sync."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oncall_sync.cli.main import COMMANDS, run
from oncall_sync.cli.sync import main as sync_main
from oncall_sync.cli.sync import system_sync

SLOW = {
    "oncall_sync.model",
    "oncall_sync.provider",
    "yaml",
    "pydantic",
    "requests",
    "rich",
    "deepdiff",
    "tenacity",
    "pdpyras",
    "starlette",
    "uvicorn",
}


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_help_needs_no_slow_import() -> None:
    code = (
        "import sys; from oncall_sync.cli.main import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert SLOW.isdisjoint(done.stderr.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Example:" in shown
    assert f"oncall-sync {command}" in shown


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("oncall-sync, version 0.")


@pytest.mark.parametrize(
    "words", [["plam"], ["plan", "--no-such"], ["plan", "--horizon", "soon"], ["apply", "a", "b"]]
)
def test_usage_errors_are_1_because_2_means_changes(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 1
    assert capsys.readouterr().err
    assert run([*words, "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().err)["error"]["kind"] == "usage"


def test_a_defect_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object) -> None:
        raise KeyError("secret detail")

    monkeypatch.setattr("oncall_sync.cli.common.load", broken)
    monkeypatch.setattr("oncall_sync.cli.validate.load", broken)
    assert run(["validate"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("KeyError: this is a defect of oncall-sync")
    assert "secret detail" not in shown
    monkeypatch.setenv("ONCALL_SYNC_DEBUG", "1")
    with pytest.raises(KeyError):
        run(["validate"])


def test_sync_without_arguments_is_coreutils() -> None:
    ours = Path(sys.executable).with_name("sync")
    env = {**os.environ, "PATH": f"{ours.parent}{os.pathsep}{os.environ['PATH']}"}
    for words in ([], ["--version"], ["-f", "/"], ["/"]):
        done = subprocess.run([ours, *words], capture_output=True, text=True, check=False, env=env, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), words
    version = subprocess.run([ours, "--version"], capture_output=True, text=True, check=True, env=env)
    assert "oncall-sync" not in version.stdout


def test_sync_runs_our_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        sync_main(["validate", "--help"])
    assert stopped.value.code == 0
    assert "Usage: oncall-sync validate" in capsys.readouterr().out


def test_a_typo_is_ours_to_explain(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        sync_main(["aply"])
    assert stopped.value.code == 1
    assert "aply" in capsys.readouterr().err


def test_our_own_script_is_never_taken_for_the_systems(tmp_path: Path) -> None:
    ours = tmp_path / "sync"
    ours.write_text("#!/bin/sh\n# oncall_sync\n")
    ours.chmod(0o755)
    found = system_sync(Path("/elsewhere"), str(tmp_path))
    assert found != str(ours)
