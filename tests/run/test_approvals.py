"""A saved plan is applied where, by whom and while it was approved; otherwise nothing is sent that writes."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from oncall_sync.plan import plan as plans
from oncall_sync.provider import kinds
from tests.contract.harness import PEOPLE, TOKEN, House, Result, Sandboxes, sandbox
from tests.contract.steps import START

Saved = dict[str, Any]


@pytest.fixture(params=sorted(kinds()))
def house(
    request: pytest.FixtureRequest,
    sandboxes: Sandboxes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> House:
    """An account with a part of what is wanted, and an approved plan for the rest."""
    monkeypatch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
    (tmp_path / "acme").mkdir()
    found = House(request.param, sandboxes.url(request.param), tmp_path / "acme", capsys=capsys)
    monkeypatch.setenv(f"{request.param.upper()}_API_URL", found.url)
    found.declare({key: value for key, value in START.items() if key not in ("services", "escalation_policies")})
    assert found.apply().code == 0
    found.declare(START)
    assert found.sync("plan", "--out", str(plan_of(found))).code == 0
    found.writes()
    return found


def plan_of(house: House) -> Path:
    return house.folder / "plans" / "friday.json"


def refused(house: House, *words: str) -> Result:
    """Apply the plan: exit 4, and nothing that writes was sent."""
    result = house.sync("apply", str(plan_of(house)), *words)
    assert result.code == 4, result.out + result.err
    assert "Traceback" not in result.err
    assert house.writes() == []
    return result


def test_as_approved(house: House) -> None:
    assert stat.S_IMODE(plan_of(house).stat().st_mode) == 0o600
    made = house.sync("apply", str(plan_of(house)))
    assert made.code == 0, made.err
    assert plan_of(house).with_suffix(".journal").exists()
    assert house.writes()
    assert "escalation_policy.main: approved, no longer needed" in refused(house).err


def test_the_policies_changed(house: House) -> None:
    policy = deepcopy(START)
    policy["escalation_policies"]["main"]["repeat"] = 3
    house.declare(policy)
    assert "escalation_policy.main: repeat would change otherwise than approved" in refused(house).err


def test_the_account_changed(house: House) -> None:
    changed = deepcopy(START)
    changed["schedules"]["day"]["name"] = "Days"
    house.declare(
        {
            key: value
            for key, value in changed.items()
            if key in ("users", "teams", "schedules", "team", "time_zone")
        }
    )
    assert house.apply("--waive", "mid-shift-change=x").code == 0
    house.writes()
    house.declare(START)
    assert "schedule.day: needed now, not approved" in refused(house).err


def test_another_account(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    users = {name: {"email": f"{name}@example.com", "name": name.title()} for name in PEOPLE}
    named = {"subdomain": "evil"} if house.kind == "pagerduty" else {"name": "evil"}
    with sandbox(house.kind, seed={**named, "users": users}) as other:
        monkeypatch.setenv(f"{house.kind.upper()}_API_URL", other.url)
        elsewhere = replace(house, url=other.url)
        assert "account sandbox, this is evil" in refused(elsewhere).err
    assert house.writes() == []


def test_another_workspace(house: House) -> None:
    config = house.folder / "oncall.yaml"
    config.write_text(config.read_text().replace("workspace: acme", "workspace: other"))
    assert "workspace 'acme'" in refused(house).err


def test_expired(house: House) -> None:
    assert "expired" in refused(replace(house, now=house.now + timedelta(days=7))).err


def test_another_major_version_of_the_tool(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "TOOL", "oncall-sync 99.0.0")
    assert "major version" in refused(house).err


def forge(house: House, edit: Callable[[Saved], object]) -> None:
    saved = json.loads(plan_of(house).read_text())
    edit(saved)
    plan_of(house).write_text(json.dumps(saved))


@pytest.mark.parametrize(
    "edit",
    [
        lambda saved: saved.update(expires_at="2036-01-01T00:00:00Z"),
        lambda saved: saved.update(max_deletes=500),
        lambda saved: saved.update(waivers=[{"rule": "service-deleted", "reason": "because"}]),
        lambda saved: saved["changes"].pop(),
        lambda saved: saved.update(digest="sha256:" + hashlib.sha256(b"").hexdigest()),
        lambda saved: saved.clear(),
    ],
    ids=["expiry", "deletes", "waivers", "changes", "digest", "everything"],
)
def test_tampered_with(house: House, edit: Callable[[Saved], object]) -> None:
    forge(house, edit)
    refused(house)


def test_the_order_of_what_is_refused(house: House) -> None:
    """What went stale is told before what a guard would say: the reviewer saw another plan."""
    house.declare({**START, "services": {}, "escalation_policies": {}, "schedules": {}})
    refused(house, "--max-deletes", "0")
