"""What is sent again and what is not, at every provider: what was made moments ago may not be there yet."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest

from oncall_sync.errors import NotFound
from oncall_sync.model import Call, Outcome
from oncall_sync.provider import Provider, adapter, kinds
from oncall_sync.run.stopping import Stop
from tests.contract.harness import TOKEN, House, Sandboxes
from tests.contract.steps import START

LAG = 3
Waited = list[float]


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> Waited:
    """The waits of this process, which take no time."""
    found: Waited = []
    monkeypatch.setattr(Stop, "sleep", lambda _self, seconds: found.append(seconds))
    return found


@pytest.fixture(params=sorted(kinds()))
def house(
    request: pytest.FixtureRequest,
    sandboxes: Sandboxes,
    waited: Waited,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> House:
    monkeypatch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
    (tmp_path / "acme").mkdir()
    found = House(request.param, sandboxes.url(request.param), tmp_path / "acme", capsys=capsys)
    monkeypatch.setenv(f"{request.param.upper()}_API_URL", found.url)
    found.declare(START)
    return found


def lagging(house: House, patch: pytest.MonkeyPatch, strikes: Callable[[Call], bool], times: int) -> list[Call]:
    """Let a provider not know for a while what is there; no sandbox lags, so this is in front of it."""
    kind = adapter(house.kind)
    perform = kind.perform
    struck: list[Call] = []

    def late(provider: Provider, call: Call) -> Outcome:
        if strikes(call):
            struck.append(call)
            if len(struck) <= times:
                raise NotFound(provider.name, f"could not {call.says}: it is not there (404)", status=404)
        return perform(provider, call)

    patch.setattr(kind, "perform", late)
    return struck


def after_the_create(call: Call) -> bool:
    return call.ref.kind == "service" and call.method == "POST" and call.makes is None


def test_what_was_made_in_this_run_is_waited_for(
    house: House, waited: Waited, monkeypatch: pytest.MonkeyPatch
) -> None:
    struck = lagging(house, monkeypatch, after_the_create, LAG)
    made = house.apply()
    assert made.code == 0, made.out + made.err
    assert len(struck) > LAG
    assert waited[:LAG] == [0.5, 1.0, 2.0]
    assert made.err.count("trying again in") == LAG


def test_not_for_ever(house: House, waited: Waited, monkeypatch: pytest.MonkeyPatch) -> None:
    struck = lagging(house, monkeypatch, after_the_create, 10_000)
    partly = house.apply()
    assert partly.code == 5
    assert "failed         create service Shop" in partly.out
    assert "it is not there (404)" in partly.out
    assert len(struck) < 12
    assert sum(waited) <= 90


def test_what_was_there_before_is_not(house: House, waited: Waited, monkeypatch: pytest.MonkeyPatch) -> None:
    assert house.apply().code == 0
    policy = deepcopy(START)
    policy["services"]["shop"]["name"] = "Web shop"
    house.declare(policy)
    waited.clear()
    struck = lagging(house, monkeypatch, lambda call: call.ref.kind == "service", 1)
    partly = house.apply()
    assert partly.code == 5
    assert len(struck) == 1
    assert waited == []
    assert house.apply().code == 0


def test_what_is_gone_already_needs_no_delete(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert house.apply().code == 0
    house.declare({**START, "services": {}})
    lagging(house, monkeypatch, lambda call: call.method == "DELETE", 1)
    gone = house.apply("--waive", "service-deleted=moved")
    assert "failed" not in gone.out
