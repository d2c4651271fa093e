"""Looking for what another apply added as well costs a few requests, however many parts were added."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oncall_sync.provider import kinds
from tests.contract.harness import TOKEN, House, Policy, Sandboxes
from tests.contract.steps import START

MANY = 8


def policy(rotation: str) -> Policy:
    """Many schedules with a rotation each, and many services with an integration each."""
    one = {"members": ["anna"], "start": "Mon 2026-01-05 09:00", "every": "1 week"}
    more = {"members": ["ben"], "start": "Mon 2026-01-05 09:00", "every": "1 week", "hours": "Mon-Fri 09:00-17:00"}
    rotations = {"first": one, **({rotation: more} if rotation else {})}
    hooks = {"alerts": {"events": "api"}, **({rotation: {"events": "api"}} if rotation else {})}
    return {
        **{key: START[key] for key in ("time_zone", "team", "users", "teams")},
        "schedules": {
            f"s{n}": {"name": f"S{n}", "rotations": rotations, "overlap": "everyone"} for n in range(MANY)
        },
        "escalation_policies": {"main": {"name": "Main", "levels": [{"notify": [{"user": "lead"}]}]}},
        "services": {
            f"w{n}": {"name": f"W{n}", "escalation_policy": "main", "integrations": hooks} for n in range(MANY)
        },
    }


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_many_parts_of_many_things(
    kind: str,
    sandboxes: Sandboxes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
    (tmp_path / "acme").mkdir()
    house = House(kind, sandboxes.url(kind), tmp_path / "acme", capsys=capsys)
    monkeypatch.setenv(f"{kind.upper()}_API_URL", house.url)
    before, after = policy(""), policy("second")
    if kind == "pagerduty":  # has one rotation ring at a time
        after["schedules"] = before["schedules"] = {}
    house.declare(before)
    assert house.apply().code == 0
    house.declare(after)
    house.control("reset", {"what": "log"})
    made = house.apply("--waive", "mid-shift-change=meant")
    assert made.code == 0, made.out + made.err
    log = house.control("requests")
    assert sum(1 for one in log if one["method"] == "POST") >= MANY
    one_by_one = re.compile(r"/v2/schedules/[^/]+/rotations|/services/[^/]+")
    assert not [one["path"] for one in log if one["method"] == "GET" and one_by_one.fullmatch(one["path"])]
    whole = re.compile(r"/v2/schedules|/services")
    assert (
        sum(1 for one in log if one["method"] == "GET" and whole.fullmatch(one["path"])) == 3
    )  # plan, look, verify
