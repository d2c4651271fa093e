"""What every test may count on: no network beyond loopback, no tokens from outside, a sandbox when asked for."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from oncall_sync_pagerduty.sandbox import Options, Running
from tests.account import SEED, Account
from tests.contract.harness import Sandboxes

# A busy machine is no reason to fail.
settings.register_profile("suite", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

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


@pytest.fixture(autouse=True, scope="session")
def locks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the locks of so many accounts, one for each port, out of the machine's own folder for such files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("locks")))
        patch.setattr("tempfile.tempdir", None)
        yield


@pytest.fixture(scope="session")
def pagerduty() -> Iterator[str]:
    """The address of a sandbox for all tests of this process, which each of them finds as new."""
    with Running(Options(seed=SEED, now=NOW)) as server:
        yield server.url


@pytest.fixture
def account(pagerduty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """A sandbox account with a folder of policies beside it; see `tests.account.Account`."""
    for name in ("PAGERDUTY_TOKEN", "PAGERDUTY_API_URL", "OPSGENIE_API_KEY", "OPSGENIE_API_URL"):
        monkeypatch.delenv(name, raising=False)
    with Account.at(pagerduty, tmp_path, NOW) as opened:
        opened.call("POST", "/__sandbox__/reset", {"what": "all"})
        monkeypatch.setenv("PAGERDUTY_API_URL", opened.url)
        monkeypatch.setenv("PAGERDUTY_TOKEN", "y_NbAkKc66ryYTWUXYEu")
        monkeypatch.chdir(tmp_path)
        yield opened


@pytest.fixture
def sandboxes() -> Iterator[Sandboxes]:
    """Every provider's sandbox, as new."""
    with ExitStack() as until:
        yield Sandboxes(until)


@pytest.fixture
def nobody_there() -> str:
    """An address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Where somebody tried to connect to, as it comes about."""
    tried: list[Any] = []
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        tried.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    return tried
