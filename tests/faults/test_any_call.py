"""Any call of a rich apply goes wrong, reading ones included, and so does what is done about it.

If a plan cannot be read, nothing is written (exit 1); what cannot be verified is not called done (exit 5).
Either way the next run finishes the job. `make matrix` runs all of it, `make test` a sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import pytest

from tests.contract.harness import House, watched

from .ground import Undisturbed, clear_faults, converges, every, spread, undisturbed
from .story import SCENARIOS, WAIVED

Fault = Mapping[str, Any]
FOR_GOOD = 60
FAULTS: Mapping[str, Fault] = {
    "drop-before": {"kind": "drop-before"},
    "drop-after twice": {"kind": "drop-after", "times": 2},
    "500 three times": {"kind": "500", "times": 3},
    "429 three times": {"kind": "429", "times": 3},
    "500, for good": {"kind": "500", "times": FOR_GOOD},
}
SECOND: Mapping[str, Fault] = {
    "drop-before": {"kind": "drop-before", "times": 2},
    "drop-after": {"kind": "drop-after", "times": 2},
    "500": {"kind": "500", "times": 2},
    "429": {"kind": "429", "times": 2},
}
"""What happens to the look-up and the repetition after an answer was lost."""
RICH = SCENARIOS[1]
SAMPLE = len(FAULTS)


def strike(house: House, goal: Undisturbed, told: str, *faults: Fault) -> None:
    RICH.begin(house)
    for fault in faults:
        house.control("faults", fault)
    with watched(house, told):
        first = house.apply(*WAIVED)
    clear_faults(house)
    assert first.code in (0, 1, 5), f"{told}: {first.out}{first.err}"
    assert "Traceback" not in first.err
    if first.code == 1:
        assert house.writes() == [], f"{told}: {first.err}"
    if first.code == 5:
        assert "failed" in first.out or "not attempted" in first.out or "not verified" in first.out, told
    converges(house, told)
    goal.is_reached(house, told)


def test_a_sample_of_calls_goes_wrong(house: House) -> None:
    goal = undisturbed(house, RICH)
    for call, fault in zip(spread(len(goal.methods), SAMPLE), cycle(FAULTS), strict=False):
        strike(house, goal, f"{fault} at call {call}", {**FAULTS[fault], "call": call})


@pytest.mark.matrix
@pytest.mark.parametrize("fault", FAULTS)
def test_every_call_goes_wrong(house: House, fault: str) -> None:
    goal = undisturbed(house, RICH)
    for call in every(len(goal.methods)):
        strike(house, goal, f"{fault} at call {call}", {**FAULTS[fault], "call": call})


def twice(house: House, goal: Undisturbed, second: str, call: int) -> None:
    """Lose the answer to a write, and let the two calls that follow go wrong as well."""
    told = f"a lost answer at call {call}, then {second}"
    lost = {"kind": "drop-after", "call": call}
    strike(house, goal, told, lost, {**SECOND[second], "call": call + 1})


def test_what_is_done_about_a_fault_goes_wrong_as_well(house: House) -> None:
    goal = undisturbed(house, RICH)
    picked = [goal.at_writes[number - 1] for number in spread(goal.writes, len(SECOND))]
    for call, second in zip(picked, SECOND, strict=True):
        twice(house, goal, second, call)


@pytest.mark.matrix
@pytest.mark.parametrize("second", SECOND)
def test_what_is_done_about_every_fault_goes_wrong_as_well(house: House, second: str) -> None:
    goal = undisturbed(house, RICH)
    for call in goal.at_writes:
        twice(house, goal, second, call)


def test_what_cannot_be_verified_is_not_called_done(house: House) -> None:
    goal = undisturbed(house, RICH)
    RICH.begin(house)
    house.control("faults", {"kind": "500", "call": len(goal.methods), "times": FOR_GOOD})
    unsure = house.apply(*WAIVED)
    assert unsure.code == 5, unsure.out
    assert "not verified: " in unsure.out
    assert "failed" not in unsure.out
    clear_faults(house)
    converges(house, "after a verification that failed")
    goal.is_reached(house, "after a verification that failed")
