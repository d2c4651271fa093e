"""What every test may count on: no network beyond loopback, no tokens from outside, a sandbox when asked for."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.account import Account

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_connect = socket.socket.connect


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""

    def connect(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family != socket.AF_UNIX and not (str(host).startswith("127.") or host in ("::1", "localhost")):
            raise AssertionError(f"a test tried to reach {host}")
        _connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", connect)
    yield
    patch.undo()


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """A sandbox account with a folder of policies beside it; see `tests.account.Account`."""
    for name in ("PAGERDUTY_TOKEN", "PAGERDUTY_API_URL", "OPSGENIE_API_KEY", "OPSGENIE_API_URL"):
        monkeypatch.delenv(name, raising=False)
    with Account.opened(tmp_path, NOW) as opened:
        monkeypatch.setenv("PAGERDUTY_API_URL", opened.url)
        monkeypatch.setenv("PAGERDUTY_TOKEN", "y_NbAkKc66ryYTWUXYEu")
        monkeypatch.chdir(tmp_path)
        yield opened
