"""Ctrl-C: the request in flight is finished, nothing is begun after it, and the next run goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from oncall_sync.errors import Stopped
from oncall_sync.run.stopping import Stop
from tests.account import Account, Result
from tests.waits import HANG_SECONDS, Waits, until

PROGRAM = """
import oncall_sync_pagerduty.client as client
from oncall_sync.cli.main import main
client.ANSWER_SECONDS = 600.0
main()
"""
"""It waits for answers as long as a test holds them back."""

Sync = Callable[..., Result]


@pytest.fixture
def sync(account: Account, capsys: pytest.CaptureFixture[str]) -> Sync:
    return lambda *words: account.sync(capsys, *words)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Waits]:
    found = Waits(monkeypatch)
    yield found
    found.go.set()


class Run:
    """An apply in a process of its own. What it says goes to a file, to be read while it runs."""

    def __init__(self, account: Account) -> None:
        assert account.now is not None
        self._errors = account.folder / "stderr"
        with self._errors.open("w") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, "apply", "--yes", "--now", account.now.isoformat()],
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
                cwd=account.folder,
                env=dict(os.environ),
            )

    @property
    def err(self) -> str:
        return self._errors.read_text(encoding="utf-8")

    def end(self) -> str:
        """Return what it wrote, once it has ended by itself."""
        return self.process.communicate(timeout=HANG_SECONDS)[0]


@contextmanager
def running(account: Account) -> Iterator[Run]:
    run = Run(account)
    try:
        yield run
    finally:
        run.process.kill()
        run.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_request_in_flight_is_finished(
    account: Account, sync: Sync, waits: Waits, number: signal.Signals
) -> None:
    account.fault("slow", write=4)
    waits.go.clear()
    with running(account) as apply:
        until(lambda: waits.asked)
        apply.process.send_signal(number)
        until(lambda: "stopping after the request in flight" in apply.err)
        assert apply.process.poll() is None
        waits.go.set()
        out = apply.end()
    assert apply.process.returncode == 5, out + apply.err
    assert len(account.writes()) == 4
    assert "not attempted  create service checkout: stopped on request" in out
    (path,) = (account.folder / "plans").glob("*.journal")
    events = [json.loads(line)["event"] for line in path.read_text().splitlines()]
    assert events.count("before") == events.count("after") == 4
    assert events[-1] == "end"
    assert sync("apply", "--yes").code == 0
    assert sync("plan", "--exit-code").code == 0


def test_a_second_time_stops_at_once(account: Account, sync: Sync, waits: Waits) -> None:
    account.fault("slow", write=2)
    waits.go.clear()
    with running(account) as apply:
        until(lambda: waits.asked)
        apply.process.send_signal(signal.SIGINT)
        until(lambda: "once more to stop at once" in apply.err)
        apply.process.send_signal(signal.SIGINT)
        out = apply.end()  # though the answer never came
    waits.go.set()
    assert apply.process.returncode == 5, out + apply.err
    assert "may have taken effect" in apply.err
    assert "Traceback" not in apply.err
    again = sync("apply", "--yes")
    assert again.code == 0
    assert "the last apply did not come to its end" in again.err


def test_a_wait_is_told_and_ends_when_somebody_asks() -> None:
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        threading.Timer(0.1, stop.ask).start()

    stop = Stop(say)
    stop.sleep(0.01)
    assert said == []
    with pytest.raises(Stopped):  # which a wait that nobody ends does not raise
        stop.sleep(HANG_SECONDS)
    assert said == ["waiting 60 s for the provider"]
