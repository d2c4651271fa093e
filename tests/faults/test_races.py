"""Two applies at once on two machines, which have no lock in common.

One runs as a whole in the middle of the other, before and after each of its writes; and both run side by side, so
that each finds the other's twin. Nothing is there twice afterwards, whoever should ring rings all the time, and
whoever lost says so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Literal

import pytest

from oncall_sync.cli.main import run
from oncall_sync.model import Call, Outcome
from oncall_sync.provider import Provider
from oncall_sync.run.sending import Sender
from oncall_sync.run.stopping import Stop
from tests.contract.harness import House, Policy, Result, watched
from tests.contract.steps import START

from .ground import converges, every, some, undisturbed
from .story import SCENARIOS, WAIVED, Scenario, inventory

When = Literal["before", "after"]
OTHER = "another apply"
RICH = SCENARIOS[1]


class Intruder:
    """Runs a whole second apply when the first one comes to a certain write."""

    def __init__(self, house: House, write: int, when: When, folder: Path) -> None:
        self._house, self._write, self._when, self._folder = house, write, when, folder
        self._writes = 0
        self._inside = False
        self.result: Result | None = None

    def interrupt(self, patch: pytest.MonkeyPatch) -> None:
        send = Sender.send

        def sending(sender: Sender, provider: Provider, call: Call, *, fresh: bool) -> Outcome:
            if self._inside:
                return send(sender, provider, call, fresh=fresh)
            self._writes += 1
            mine = self._writes == self._write
            if mine and self._when == "before":
                self._run()
            try:
                return send(sender, provider, call, fresh=fresh)
            finally:
                if mine and self._when == "after":
                    self._run()

        patch.setattr(Sender, "send", sending)

    def _run(self) -> None:
        self._inside = True
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(self._folder))  # another machine's locks
            self.result = self._house.apply(*WAIVED)
        self._inside = False


def race(house: House, scenario: Scenario, moments: Iterable[tuple[int, When]], folder: Path) -> None:
    goal = undisturbed(house, scenario)
    lost = 0
    for write, when in moments:
        told = f"{scenario.name}, a whole apply {when} write {write}"
        scenario.begin(house)
        intruder = Intruder(house, write, when, folder)
        with watched(house, told), pytest.MonkeyPatch.context() as patch:
            intruder.interrupt(patch)
            first = house.apply(*WAIVED)
        assert intruder.result is not None, told
        for result in (first, intruder.result):
            assert result.code in (0, 5), f"{told}: {result.out}{result.err}"
            assert "Traceback" not in result.err
        lost += OTHER in first.out + intruder.result.out
        converges(house, told)
        goal.is_reached(house, told)
    assert lost, "nobody ever noticed the other"


def test_a_whole_apply_in_the_middle_of_another(house: House, tmp_path: Path) -> None:
    picked = some(undisturbed(house, RICH).writes)
    race(house, RICH, zip(picked, cycle(("before", "after")), strict=False), tmp_path)


@pytest.mark.matrix
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_whole_apply_at_every_write_of_another(
    house: House, scenario: Scenario, when: When, tmp_path: Path
) -> None:
    race(house, scenario, ((write, when) for write in every(undisturbed(house, scenario).writes)), tmp_path)


def _one_more(kind: str) -> Policy:
    """Everything of the beginning and one thing more, which is the first that both applies make."""
    policy = deepcopy(START)
    if kind == "team":
        policy["teams"]["second"] = {"name": "Second", "members": ["anna"]}
    elif kind == "schedule":
        policy["schedules"]["weekend"] = {**policy["schedules"]["night"], "name": "Weekend"}
    elif kind == "escalation_policy":
        policy["escalation_policies"]["other"] = {**policy["escalation_policies"]["main"], "name": "Other"}
    elif kind == "service":
        policy["services"]["search"] = {"name": "Search", "escalation_policy": "main", "urgency": "high"}
    else:
        policy["services"]["shop"]["integrations"]["hooks"] = {"events": "api"}
    return policy


@dataclass
class Pair:
    """Two applies of one workspace, each with a folder of its own, that meet at their first write."""

    houses: tuple[House, House]
    meeting: threading.Barrier = field(default_factory=lambda: threading.Barrier(2))
    met: threading.local = field(default_factory=threading.local)

    def run(self, patch: pytest.MonkeyPatch) -> list[int]:
        """Both have planned before either writes, and both have written before either looks around."""
        send = Sender.send

        def sending(sender: Sender, provider: Provider, call: Call, *, fresh: bool) -> Outcome:
            if getattr(self.met, "already", False):
                return send(sender, provider, call, fresh=fresh)
            self.met.already = True
            self.meeting.wait(60)
            try:
                return send(sender, provider, call, fresh=fresh)
            finally:
                self.meeting.wait(60)

        patch.setattr(Sender, "send", sending)
        patch.setattr("oncall_sync.run.locking.locked", lambda *_: nullcontext())
        with ThreadPoolExecutor(2) as pool:
            words = [
                ["apply", "--yes", "--config", str(h.folder / "oncall.yaml"), "--now", h.now.isoformat()]
                for h in self.houses
            ]
            return list(pool.map(run, words))


@pytest.mark.parametrize(
    "kind",
    [
        "team",
        pytest.param("schedule", marks=pytest.mark.matrix),
        pytest.param("escalation_policy", marks=pytest.mark.matrix),
        "service",
        pytest.param("integration", marks=pytest.mark.matrix),
    ],
)
def test_side_by_side(
    house: House, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stop, "sleep", lambda _stop, seconds: time.sleep(seconds))  # it takes the other one time
    scenario = Scenario(f"one {kind} more", deepcopy(START), _one_more(kind))
    scenario.begin(house)
    there = inventory(house)
    other = House(house.kind, house.url, tmp_path / "other", capsys=capsys)
    other.declare(scenario.after)
    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        codes = Pair((house, other)).run(patch)
    shown = capsys.readouterr()
    said = shown.out + shown.err
    assert set(codes) <= {0, 5}, said
    assert 0 in codes, said
    assert OTHER in said
    assert "Traceback" not in said
    added = [thing for thing in inventory(house) if thing not in there]
    assert len(added) == 1, added
    converges(house, kind)
    assert [thing for thing in inventory(house) if thing not in there] == added
