"""The account that everything goes wrong in."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from oncall_sync.provider import kinds
from oncall_sync.run.stopping import Stop
from oncall_sync_opsgenie.client import Client as Opsgenie
from oncall_sync_pagerduty.client import Client as PagerDuty
from tests.contract.harness import TOKEN, House, Sandboxes


class Hurried:
    """A clock that runs on whenever somebody waits, so that waiting takes no time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._ahead += seconds


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Hurried:
    """Waits of this process take no time."""
    clock = Hurried()
    monkeypatch.setattr(Stop, "sleep", clock.sleep)
    for client in (PagerDuty, Opsgenie):
        monkeypatch.setitem(client.__init__.__kwdefaults__, "clock", clock)
    return clock


@pytest.fixture(params=sorted(kinds()))
def house(
    request: pytest.FixtureRequest,
    sandboxes: Sandboxes,
    hurried: Hurried,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> House:
    """One provider's sandbox, as new."""
    monkeypatch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
    (tmp_path / "acme").mkdir()
    found = House(request.param, sandboxes.url(request.param), tmp_path / "acme", capsys=capsys)
    monkeypatch.setenv(f"{request.param.upper()}_API_URL", found.url)
    return found
