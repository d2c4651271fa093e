"""Many writes go out as fast as the limit allows: at most a few are refused, however many there are.

Counted by what the sandbox refused, never by the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oncall_sync.provider import kinds
from oncall_sync.run.stopping import WORTH_TELLING_SECONDS, Stop
from tests.contract.harness import TOKEN, House, Policy, sandbox

KINDS = sorted(kinds())
A_FEW = 6
"""No more than requests may be under way when the limit is met."""


def many(services: int) -> Policy:
    """So many services and hardly anything else."""
    return {
        "time_zone": "Europe/Vienna",
        "users": {"anna": {"email": "anna@example.com"}},
        "team": "ops",
        "teams": {"ops": {"name": "Operations", "members": ["anna"]}},
        "escalation_policies": {"main": {"name": "Main", "levels": [{"notify": [{"user": "anna"}]}]}},
        "services": {
            f"s{number}": {"name": f"Service {number}", "escalation_policy": "main", "urgency": "high"}
            for number in range(services)
        },
    }


@contextmanager
def limited(kind: str, per_minute: int, folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[House]:
    (folder / "acme").mkdir()
    with sandbox(kind, rate_limit=per_minute) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
        patch.setenv(f"{kind.upper()}_API_URL", server.url)
        yield House(kind, server.url, folder / "acme", capsys=capsys)


def at_the_limits_pace(house: House, services: int) -> None:
    waited: list[float] = []
    sleep = Stop.sleep

    def sleeping(stop: Stop, seconds: float) -> None:
        waited.append(seconds)
        sleep(stop, seconds)

    house.declare(many(services))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stop, "sleep", sleeping)
        made = house.apply()
    assert made.code == 0, made.out[-2000:] + made.err[-2000:]
    assert "read again: nothing left to do" in made.out
    log = house.control("requests")
    assert sum(1 for one in log if one["method"] != "GET") > services
    assert sum(1 for one in log if one["status"] == 429) <= A_FEW
    assert waited, "the limit was never met"
    assert (max(waited) >= WORTH_TELLING_SECONDS) == ("waiting " in made.err), made.err


def test_a_limit_of_a_short_window(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PagerDuty's window is a minute; here it is two seconds, and met more than once."""
    monkeypatch.setattr("oncall_sync_pagerduty.sandbox.limits.WINDOW", 2.0)
    with limited("pagerduty", 60, tmp_path, capsys) as house:
        at_the_limits_pace(house, 70)


def test_a_limit_of_a_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Opsgenie has a limit per second as well: 30 of these 300 a minute."""
    with limited("opsgenie", 300, tmp_path, capsys) as house:
        at_the_limits_pace(house, 50)


@pytest.mark.matrix
@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_writes_at_960_a_minute(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with limited(kind, 960, tmp_path, capsys) as house:
        at_the_limits_pace(house, 1000 if kind == "pagerduty" else 500)  # Opsgenie takes two requests for each
