"""What is different on a terminal: a progress bar, and a question before anything is applied."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.account import Account

PROGRAM = str(Path(sys.executable).with_name("oncall-sync"))
NOW = "2026-11-23T12:00:00Z"


def on_a_terminal(account: Account, *words: str, answer: str = "") -> tuple[int, str, str]:
    """Run a command with a terminal as stdin and stderr; return exit code, stdout, and what the terminal shows."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    command = [PROGRAM, *words, "--now", NOW]
    with subprocess.Popen(
        command, cwd=account.folder, env=env, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, text=True
    ) as program:
        os.close(theirs)
        if answer:
            os.write(ours, answer.encode())
        assert program.stdout
        out = program.stdout.read()
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux says so when the other end of a terminal is gone
                break
            if not part:
                break
            shown += part
    os.close(ours)
    return program.returncode, out, shown.decode(errors="replace")


def test_progress_is_shown_on_a_terminal_and_never_in_the_result(account: Account) -> None:
    code, out, shown = on_a_terminal(account, "plan")
    assert code == 0
    assert "reading users" in shown
    assert "reading" not in out
    assert "4 to create" in out


def test_nothing_but_the_result_is_written_when_piped(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account.sync(capsys, "plan").err == ""


@pytest.mark.parametrize(("answer", "code", "writes"), [("n\n", 130, False), ("y\n", 0, True)])
def test_apply_asks_first(account: Account, answer: str, code: int, writes: bool) -> None:
    done, out, shown = on_a_terminal(account, "apply", answer=answer)
    assert done == code
    assert "apply this?" in shown
    assert "4 to create" in out
    assert bool(account.writes()) is writes


def test_apply_as_json_still_shows_what_it_asks_about(account: Account) -> None:
    code, out, shown = on_a_terminal(account, "apply", "--format", "json", answer="n\n")
    assert code == 130
    assert out == ""
    assert "create schedule checkout-night" in shown
