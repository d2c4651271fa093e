"""Ctrl-C: the request in flight is finished, nothing is begun after it, and the next run goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from oncall_sync.errors import Stopped
from oncall_sync.run.stopping import Stop
from tests.account import Account, Result

Sync = Callable[..., Result]


@pytest.fixture
def sync(account: Account, capsys: pytest.CaptureFixture[str]) -> Sync:
    return lambda *words: account.sync(capsys, *words)


def running(account: Account, *words: str) -> subprocess.Popen[str]:
    assert account.now is not None
    program = "from oncall_sync.cli.main import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, "apply", "--yes", "--now", account.now.isoformat(), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=account.folder,
        env=dict(os.environ),
    )


def until_write(account: Account, number: int) -> None:
    deadline = time.monotonic() + 30
    while len(account.writes()) < number:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_request_in_flight_is_finished(account: Account, sync: Sync, number: signal.Signals) -> None:
    account.fault("slow", write=4, ms=1500)
    process = running(account)
    until_write(account, 4)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 5, out + err
    assert "stopping after the request in flight" in err
    assert len(account.writes()) == 4
    assert "not attempted  create service checkout: stopped on request" in out
    (path,) = (account.folder / "plans").glob("*.journal")
    events = [json.loads(line)["event"] for line in path.read_text().splitlines()]
    assert events.count("before") == events.count("after") == 4
    assert events[-1] == "end"
    assert sync("apply", "--yes").code == 0
    assert sync("plan", "--exit-code").code == 0


def test_a_second_time_stops_at_once(account: Account, sync: Sync) -> None:
    account.fault("slow", write=2, ms=20_000)
    process = running(account)
    until_write(account, 2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=15)
    assert time.monotonic() - began < 10
    assert process.returncode == 5, out + err
    assert "may have taken effect" in err
    assert "Traceback" not in err
    again = sync("apply", "--yes")
    assert again.code == 0
    assert "the last apply did not come to its end" in again.err


def test_a_wait_is_told_and_ends_when_somebody_asks() -> None:
    said: list[str] = []
    stop = Stop(said.append)
    stop.sleep(0.01)
    assert said == []
    threading.Timer(0.1, stop.ask).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        stop.sleep(60)
    assert time.monotonic() - began < 10
    assert said == ["waiting 60 s for the provider"]
