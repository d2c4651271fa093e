"""What the tests of this folder do alike: a run to compare with, a second run, a process that dies."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.contract.harness import CONTROLS, NOW, House, watched

from .story import WAIVED, Scenario, Thing, inventory

Pick = Callable[[int], list[int]]
SAMPLE = 2
"""`make test` tries so many of a row, evenly spread."""


def every(count: int) -> list[int]:
    return list(range(1, count + 1))


def spread(count: int, number: int) -> list[int]:
    """Return `number` of the numbers from 1 to `count`, with the first and the last and evenly spread."""
    return sorted({1 + step * (count - 1) // (number - 1) for step in range(number)})


def some(count: int) -> list[int]:
    return spread(count, SAMPLE)


LATER = NOW + timedelta(hours=26)


@dataclass(frozen=True)
class Undisturbed:
    """What a scenario takes (the method of each call, in order) and comes to when nothing goes wrong."""

    methods: list[str]
    there: list[Thing]
    rings: dict[datetime, dict[str, list[str]]]

    @property
    def writes(self) -> int:
        return len(self.at_writes)

    @property
    def at_writes(self) -> list[int]:
        """Return which calls write, counted from 1."""
        return [number for number, method in enumerate(self.methods, 1) if method != "GET"]

    def is_reached(self, house: House, told: str) -> None:
        """The account is just as it should be: everything once, and whoever should ring rings."""
        assert inventory(house) == self.there, told
        assert house.rings(house.now) == self.rings[house.now], told


_KNOWN: dict[tuple[str, str], Undisturbed] = {}


def undisturbed(house: House, scenario: Scenario) -> Undisturbed:
    """Return what comes of it without faults; found out once, since a sandbox always does the same."""
    key = house.kind, scenario.name
    if key not in _KNOWN:
        scenario.begin(house)
        with watched(house, f"{scenario.name}, undisturbed"):
            made = house.apply(*WAIVED)
        assert made.code == 0, made.out + made.err
        methods = [one["method"] for one in house.control("requests")]
        _KNOWN[key] = Undisturbed(methods, inventory(house), {at: house.rings(at) for at in (NOW, LATER)})
        assert _KNOWN[key].writes >= 8
    return _KNOWN[key]


def converges(house: House, told: str) -> None:
    """Apply again without faults: it works, and then there is nothing left."""
    with watched(house, told):
        second = house.apply(*WAIVED)
    assert second.code == 0, f"{told}: {second.out}{second.err}"
    house.control("reset", {"what": "log"})
    empty = house.sync("plan", "--exit-code")
    assert empty.code == 0, f"{told}: {empty.out}{empty.err}"


def clear_faults(house: House) -> None:
    CONTROLS.delete(f"{house.url}/__sandbox__/faults", timeout=10).raise_for_status()


def arrived(house: House, *, writes: bool) -> int:
    """Return how many calls, or how many writing ones, have reached the sandbox."""
    return sum(1 for one in house.control("requests") if not writes or one["method"] != "GET")


def started(house: House, *words: str, command: str = "apply --yes") -> subprocess.Popen[str]:
    """Start a real process."""
    config = ["--config", str(house.folder / "oncall.yaml"), "--now", house.now.isoformat()]
    # A shell that runs the suite in the background has it ignore SIGINT, and whatever it starts as well.
    listens = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{listens}; from oncall_sync.cli.main import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, *command.split(), *config, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def killed(house: House, count: int, *, writes: bool) -> None:
    """Start an apply and kill it as soon as its `count`-th call, or write, has arrived; it is never answered."""
    process = started(house, *WAIVED)
    try:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if arrived(house, writes=writes) >= count:
                break
            time.sleep(0.01)
        assert process.poll() is None, "the process ended before it got that far"
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
