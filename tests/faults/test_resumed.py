"""A process is killed at any call; before anybody runs it again, a day goes by and the provider restarts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from oncall_sync.provider import kinds
from tests.contract.harness import TOKEN, House, sandbox

from .conftest import Hurried
from .ground import LATER, converges, every, killed, undisturbed
from .story import SCENARIOS

RICH = SCENARIOS[1]
KINDS = sorted(kinds())


@contextmanager
def served(kind: str, store: Path, port: int = 0) -> Iterator[str]:
    with sandbox(kind, store=store, port=port) as server:
        yield server.url


def resume(house: House, store: Path, call: int) -> None:
    """Kill at a call, restart the sandbox from what it stored, and go on a day later."""
    told = f"killed at call {call}"
    with served(house.kind, store, urlsplit(house.url).port or 0):
        goal = undisturbed(house, RICH)
        RICH.begin(house)
        house.control("faults", {"kind": "slow", "call": call, "ms": 60_000})
        killed(house, call, writes=False)
        before = house.rings()
    with served(house.kind, store, urlsplit(house.url).port or 0):
        assert house.rings() == before, told
        house.control("clock", {"now": LATER.isoformat()})
        later = replace(house, now=LATER)
        converges(later, told)
        goal.is_reached(later, told)


@pytest.fixture(params=KINDS)
def stored(
    request: pytest.FixtureRequest,
    hurried: Hurried,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> House:
    """A house whose sandbox is started by the test, always at the same address."""
    monkeypatch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
    (tmp_path / "acme").mkdir()
    with served(request.param, tmp_path / "first.db") as url:
        monkeypatch.setenv(f"{request.param.upper()}_API_URL", url)
    return House(request.param, url, tmp_path / "acme", capsys=capsys)


@pytest.mark.matrix
def test_killed_at_any_call_restarted_and_resumed_a_day_later(stored: House, tmp_path: Path) -> None:
    with served(stored.kind, tmp_path / "goal.db", urlsplit(stored.url).port or 0):
        goal = undisturbed(stored, RICH)
    for call in every(len(goal.methods)):
        resume(stored, tmp_path / f"{call}.db", call)
