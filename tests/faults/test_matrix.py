"""Every write of a rich apply goes wrong in every way, and the next run finishes the job.

For every provider, for every write: the request is lost, its answer is lost, it is refused, the server breaks, for
once or for good, and the process is killed while it waits for the answer. Whoever is paged before and after is
paged after every single write in between. `make matrix` runs all of it, `make test` a sample.
"""

from __future__ import annotations

import pytest

from tests.contract.harness import House, watched

from .ground import Pick, clear_faults, converges, every, killed, spread, undisturbed
from .story import SCENARIOS, WAIVED, Scenario

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


def strike(house: House, scenario: Scenario, fault: str, pick: Pick) -> None:
    goal = undisturbed(house, scenario)
    tried = 0
    for write in pick(goal.writes):
        told = f"{scenario.name}, {fault} at write {write}"
        scenario.begin(house)
        house.control("faults", {**FAULTS[fault], "write": write})
        with watched(house, told):
            first = house.apply(*WAIVED)
        assert first.code == (5 if "for good" in fault else 0), f"{told}: {first.out}{first.err}"
        clear_faults(house)
        if first.code == 5:
            assert "failed" in first.out, told
            assert "Traceback" not in first.err
        converges(house, told)
        goal.is_reached(house, told)
        tried += 1
    assert tried == len(pick(goal.writes)) > 0


def kill(house: House, scenario: Scenario, pick: Pick) -> None:
    """Kill a real process while it waits for the answer to each write in turn."""
    goal = undisturbed(house, scenario)
    tried = 0
    for write in pick(goal.writes):
        told = f"{scenario.name}, killed at write {write}"
        scenario.begin(house)
        before = house.rings()
        house.control("faults", {"kind": "slow", "write": write, "ms": 60_000})
        killed(house, write, writes=True)
        during = house.rings()
        silent = [
            name for name in before if before[name] and goal.rings[house.now].get(name) and not during.get(name)
        ]
        assert not silent, told
        clear_faults(house)
        converges(house, told)
        goal.is_reached(house, told)
        tried += 1
    assert tried == len(pick(goal.writes)) > 0


def test_a_sample_of_writes_goes_wrong(house: House) -> None:
    """Every fault once, each at another write."""
    for number, fault in enumerate(FAULTS):
        strike(house, SCENARIOS[1], fault, lambda writes, one=number: [spread(writes, len(FAULTS))[one]])


@pytest.mark.matrix
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_write_goes_wrong(house: House, scenario: Scenario, fault: str) -> None:
    strike(house, scenario, fault, every)


def test_a_process_is_killed(house: House) -> None:
    kill(house, SCENARIOS[1], lambda writes: [writes // 2])


@pytest.mark.matrix
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_process_is_killed_at_every_write(house: House, scenario: Scenario) -> None:
    kill(house, scenario, every)
