"""A saved plan is an approval: what it covers, and what makes it worthless."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.errors import StalePlan, TamperedPlan
from oncall_sync.model import Finding, Source
from oncall_sync.plan.plan import Plan, PlannedProvider, differences, digest, dumps, loads
from oncall_sync.plan.told import ToldImpact
from tests.plan.world import NOW, World, policy, schedule, service


def make(world: World | None = None, *declared: object, **more: object) -> Plan:
    world = world or World()
    decision = world.plan(*(declared or (schedule(), policy(), service())))  # type: ignore[arg-type]
    plan = Plan(
        created_at=NOW,
        expires_at=NOW + timedelta(days=7),
        workspace="acme",
        commit="abc",
        policy_sha256="0" * 64,
        providers=(PlannedProvider(name="pd", kind="pagerduty", account="acme"),),
        changes=tuple(decision.changes),
        impact=ToldImpact(since=NOW, until=NOW + timedelta(days=28)),
    )
    return replace(plan, **more)  # type: ignore[arg-type]


def test_it_comes_back_as_it_was() -> None:
    plan = make()
    data = loads(dumps(plan), NOW)
    assert data["digest"] == plan.digest == digest(data)
    assert {k: v for k, v in data.items() if k not in ("digest", "checksum")} == plan.as_json()
    keys = {"format_version", "tool", "created_at", "expires_at", "workspace", "policy", "providers", "changes"}
    assert keys | {"findings", "summary", "digest"} <= data.keys()
    assert data["summary"] == {"create": 3, "adopt": 0, "update": 0, "rename": 0, "delete": 0, "unmanaged": 0}


def test_the_text_is_canonical() -> None:
    text = dumps(make())
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=2) + "\n"


def test_clock_commit_sources_and_findings_do_not_move_the_digest() -> None:
    plan = make()
    moved = tuple(replace(c, source=Source("other.yaml", 99, 1)) for c in plan.changes)
    later = replace(
        plan,
        created_at=NOW + timedelta(hours=3),
        expires_at=NOW + timedelta(days=9),
        commit="def",
        policy_sha256="1" * 64,
        changes=moved,
        findings=(Finding("x", "warning", "y"),),
    )
    assert later.digest == plan.digest
    assert differences(plan.as_json(), later.as_json()) == []


def test_each_thing_it_covers_moves_the_digest_and_is_told() -> None:
    plan = make()
    other_account = replace(plan, providers=(replace(plan.providers[0], account="evil"),))
    fewer = replace(plan, changes=plan.changes[:-1])
    renamed = replace(plan, workspace="beta")
    other_field = make(None, schedule(), policy("chain", repeat=9), service())
    for other, told in [
        (other_account, "account acme, this is evil"),
        (fewer, "service.alerts: approved, no longer needed"),
        (renamed, "workspace 'acme'"),
        (other_field, "escalation_policy.chain: repeat"),
    ]:
        assert other.digest != plan.digest
        assert told in "\n".join(differences(plan.as_json(), other.as_json()))
    assert "needed now, not approved" in "\n".join(differences(fewer.as_json(), plan.as_json()))


@given(st.data())
def test_any_edit_of_what_is_covered_is_noticed(data: st.DataObject) -> None:
    saved = json.loads(dumps(make()))
    change = data.draw(st.sampled_from(saved["changes"]))
    field = data.draw(st.sampled_from(change["fields"]))
    field["after"] = "forged"
    with pytest.raises(TamperedPlan, match="edited"):
        loads(json.dumps(saved), NOW)


@pytest.mark.parametrize(
    ("key", "forged"),
    [
        ("expires_at", "2036-01-01T00:00:00Z"),
        ("max_deletes", 500),
        ("waivers", [{"rule": "service-deleted", "reason": "because"}]),
        ("impact", {}),
        ("findings", [{}]),
        ("checksum", "sha256:0"),
    ],
)
def test_any_edit_of_what_people_read_is_noticed(key: str, forged: object) -> None:
    saved = json.loads(dumps(make()))
    with pytest.raises(TamperedPlan, match="edited"):
        loads(json.dumps({**saved, key: forged}), NOW)


def test_another_major_version_of_the_tool_is_refused() -> None:
    saved = json.loads(dumps(make()))
    with pytest.raises(StalePlan, match="major version"):
        loads(json.dumps({**saved, "tool": "oncall-sync 99.0.1"}), NOW)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"digest": 1}', '{"digest": "x", "changes": [], "format_version": "1.0"}']
)
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(TamperedPlan):
        loads(text, NOW)


def test_plans_expire() -> None:
    text = dumps(make())
    assert loads(text, NOW + timedelta(days=7) - timedelta(seconds=1))
    with pytest.raises(StalePlan, match="expired at 2026-11-28T12:00:00Z"):
        loads(text, NOW + timedelta(days=7))


def test_another_major_format_is_refused() -> None:
    saved = json.loads(dumps(make()))
    saved["format_version"] = "2.0"
    with pytest.raises(StalePlan, match="another major version"):
        loads(json.dumps(saved), NOW)
