"""An account of one's own, as new: policies, the whole program, and somebody who edits by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from oncall_sync.provider import ProviderSettings
from oncall_sync.run.stopping import Stop
from oncall_sync_opsgenie import Opsgenie
from oncall_sync_opsgenie.client import Client
from tests.contract.harness import TOKEN, House, Sandboxes
from tests.faults.conftest import Hurried


class Hand:
    """Whoever speaks to the API beside the tool."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self._url = url
        self._session = session
        self._session.headers["Authorization"] = "GenieKey 0f0f0f0f-other-key"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request; return `data`. Fails for a refusal."""
        answer = self._session.request(method, self._url + path, json=body, timeout=60)
        assert answer.ok, answer.text
        return answer.json().get("data")

    def named(self, path: str, name: str) -> dict[str, Any]:
        """Return the whole object of a list (`/v2/teams`) with this name."""
        key = next(one["id"] for one in self.call("GET", path) if one["name"] == name)
        found: dict[str, Any] = self.call("GET", f"{path}/{key}")
        return found

    def names(self, path: str) -> list[str]:
        """Return the names of a list, sorted."""
        return sorted(one["name"] for one in self.call("GET", path))


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Hurried:
    """Waits of this process take no time."""
    clock = Hurried()
    monkeypatch.setattr(Stop, "sleep", clock.sleep)
    monkeypatch.setitem(Client.__init__.__kwdefaults__, "clock", clock)  # type: ignore[arg-type]  # it has some
    return clock


@pytest.fixture
def house(
    sandboxes: Sandboxes,
    hurried: Hurried,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> House:
    """The sandbox, as new, and a folder of policies."""
    monkeypatch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
    (tmp_path / "acme").mkdir()
    found = House("opsgenie", sandboxes.url("opsgenie"), tmp_path / "acme", capsys=capsys)
    monkeypatch.setenv("OPSGENIE_API_URL", found.url)
    return found


@pytest.fixture
def hand(house: House) -> Iterator[Hand]:
    """Somebody with a key of their own."""
    with requests.Session() as session:
        yield Hand(house.url, session)


@pytest.fixture
def opsgenie(house: House, hurried: Hurried) -> Iterator[Opsgenie]:
    """The adapter itself, at that sandbox."""
    settings = ProviderSettings(name="og", kind="opsgenie", token=TOKEN, api_url=house.url, sleep=hurried.sleep)
    made = Opsgenie(settings)
    yield made
    made.close()
    made.close()
