"""Every write of a rich apply goes wrong in every way, and the next run finishes the job.

For every provider, for every write: the request is lost, its answer is lost, it is refused, the server breaks, for
once or for good, and the process is killed while it waits for the answer. Whoever is paged before and after is
paged after every single write in between. `make matrix` runs all of it, `make test` a sample.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from oncall_sync.provider import kinds
from oncall_sync.run.stopping import Stop
from tests.contract.harness import NOW, TOKEN, House, watched

from .story import SCENARIOS, WAIVED, Scenario, inventory

Pick = Callable[[int], list[int]]
KINDS = sorted(kinds())
FOR_GOOD = 60
"""More often than anything is tried again."""
FAULTS = {
    "drop-before": {"kind": "drop-before"},
    "drop-after": {"kind": "drop-after"},
    "429": {"kind": "429", "times": 2},
    "500": {"kind": "500"},
    "drop-before, for good": {"kind": "drop-before", "times": FOR_GOOD},
    "500, for good": {"kind": "500", "times": FOR_GOOD},
}
SAMPLE = 4
"""`make test` tries so many writes of each row, evenly spread."""


def every(count: int) -> list[int]:
    return list(range(1, count + 1))


def some(count: int) -> list[int]:
    return sorted({1 + number * (count - 1) // (SAMPLE - 1) for number in range(SAMPLE)})


@pytest.fixture(params=KINDS)
def house(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[House]:
    monkeypatch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
    monkeypatch.setattr(Stop, "sleep", lambda _self, _seconds: None)
    (tmp_path / "acme").mkdir()
    with House.opened(request.param, tmp_path / "acme") as opened:
        opened.capsys = capsys
        monkeypatch.setenv(f"{request.param.upper()}_API_URL", opened.url)
        yield opened


def without_faults(house: House, scenario: Scenario) -> tuple[int, list[tuple[str, str]], dict[str, list[str]]]:
    """Return how many writes the scenario takes, what is there afterwards and who rings."""
    scenario.begin(house)
    with watched(house, f"{scenario.name}, undisturbed"):
        made = house.apply(*WAIVED)
    assert made.code == 0, made.out + made.err
    return len(house.writes()), inventory(house), house.rings()


def converges(house: House, told: str) -> None:
    """Apply again without faults: it works, and then there is nothing left."""
    with watched(house, told):
        second = house.apply(*WAIVED)
    assert second.code == 0, f"{told}: {second.out}{second.err}"
    house.writes()
    empty = house.sync("plan", "--exit-code")
    assert empty.code == 0, f"{told}: {empty.out}{empty.err}"


def strike(house: House, scenario: Scenario, fault: str, pick: Pick) -> None:
    count, there, rings = without_faults(house, scenario)
    assert count >= 8
    tried = 0
    for write in pick(count):
        told = f"{scenario.name}, {fault} at write {write}"
        scenario.begin(house)
        house.control("faults", {**FAULTS[fault], "write": write})
        with watched(house, told):
            first = house.apply(*WAIVED)
        assert first.code in (0, 5), f"{told}: {first.out}{first.err}"
        clear_faults(house)
        if first.code == 5:
            assert "failed" in first.out, told
            assert "Traceback" not in first.err
        converges(house, told)
        assert inventory(house) == there, told
        assert house.rings() == rings, told
        tried += 1
    assert tried == len(pick(count)) >= min(SAMPLE, count)


def clear_faults(house: House) -> None:
    requests.delete(f"{house.url}/__sandbox__/faults", timeout=10).raise_for_status()


def kill(house: House, scenario: Scenario, pick: Pick) -> None:
    """Kill a real process while it waits for the answer to each write in turn."""
    count, there, rings = without_faults(house, scenario)
    tried = 0
    for write in pick(count):
        told = f"{scenario.name}, killed at write {write}"
        scenario.begin(house)
        before = house.rings()
        house.control("faults", {"kind": "slow", "write": write, "ms": 60_000})
        killed(house, write)
        during = house.rings()
        silent = [name for name in before if before[name] and rings.get(name) and not during.get(name)]
        assert not silent, told
        clear_faults(house)
        converges(house, told)
        assert inventory(house) == there, told
        assert house.rings() == rings, told
        tried += 1
    assert tried == len(pick(count)) >= min(SAMPLE, count)


def killed(house: House, write: int) -> None:
    words = ["apply", "--yes", "--config", str(house.folder / "oncall.yaml"), *WAIVED, "--now", NOW.isoformat()]
    process = subprocess.Popen(
        [sys.executable, "-c", "from oncall_sync.cli.main import main; main()", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ),
    )
    try:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if sum(1 for one in house.control("requests") if one["method"] != "GET") >= write:
                break
            time.sleep(0.02)
        assert process.poll() is None, "the process ended before it got that far"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_sample_of_writes_goes_wrong(house: House, scenario: Scenario, fault: str) -> None:
    strike(house, scenario, fault, some)


@pytest.mark.matrix
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_write_goes_wrong(house: House, scenario: Scenario, fault: str) -> None:
    strike(house, scenario, fault, every)


def test_a_process_is_killed(house: House) -> None:
    kill(house, SCENARIOS[1], some)


@pytest.mark.matrix
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_process_is_killed_at_every_write(house: House, scenario: Scenario) -> None:
    kill(house, scenario, every)
