"""Ctrl-C while the rate limit holds everything back: at once, whatever is being done, with a list of it."""

from __future__ import annotations

import json
import signal
import subprocess
import time

import pytest

from tests.contract.harness import House

from .ground import arrived, clear_faults, converges, started, undisturbed
from .story import SCENARIOS, WAIVED

RICH = SCENARIOS[1]
MOST_ATTEMPTS = 8
"""So often a write is tried that is only ever answered 429."""
IN_FLIGHT = 6
"""So many reads may be under way when somebody stops them all."""
FOR_EVER = 10_000


def interrupted(house: House, fault: dict[str, object], calls: int, *, writes: bool) -> tuple[int, str, str]:
    """Apply until so many calls have arrived, interrupt; returns the code and what was said."""
    RICH.begin(house)
    house.control("faults", {"kind": "429", "times": FOR_EVER, **fault})
    process = started(house, *WAIVED)
    try:
        deadline = time.monotonic() + 60
        while arrived(house, writes=writes) < calls and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    clear_faults(house)
    assert "Traceback" not in err
    return process.returncode, out, err


def test_while_a_write_is_held_back(house: House) -> None:
    goal = undisturbed(house, RICH)
    code, out, err = interrupted(house, {"write": 3}, 4, writes=True)
    assert code == 5, out + err
    assert "trying again in" in err
    assert "stopped while waiting; nothing was in flight" in out
    assert "not attempted" in out
    assert arrived(house, writes=True) < MOST_ATTEMPTS
    (path,) = (house.folder / "plans").glob("*.journal")
    events = [json.loads(line)["event"] for line in path.read_text().splitlines()]
    assert events[-1] == "end"
    assert events.count("before") == events.count("after") + events.count("stopped")
    path.unlink()
    converges(house, "after a stop")
    goal.is_reached(house, "after a stop")


@pytest.mark.matrix
def test_while_the_account_is_read(house: House) -> None:
    code, out, err = interrupted(house, {"call": 3}, 6, writes=False)
    assert code == 130, out + err
    assert "stopped; nothing more was done" in err
    assert arrived(house, writes=False) <= 6 + IN_FLIGHT
    assert arrived(house, writes=True) == 0


@pytest.mark.matrix
def test_while_it_is_verified(house: House) -> None:
    goal = undisturbed(house, RICH)
    last = len(goal.methods)
    code, out, err = interrupted(house, {"call": last}, last + 1, writes=False)
    assert code == 5, out + err
    assert "not verified: stopped" in out
    assert "failed" not in out
    goal.is_reached(house, "everything was done before")


@pytest.mark.matrix
def test_a_plan_is_stopped_as_well(house: House) -> None:
    RICH.begin(house)
    house.control("faults", {"kind": "429", "times": FOR_EVER, "call": 3})
    process = started(house, command="plan")
    while arrived(house, writes=False) < 6:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert "Traceback" not in err
