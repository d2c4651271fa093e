"""Maintenance: for a time, integrations and policies are switched off."""

from typing import Any

import pytest

from .conftest import Client

PATH = "/v1/maintenance"


def rule(og: Client, **more: Any) -> dict[str, Any]:
    key = og.make("/v2/integrations", type="API", name="Shop")["id"]
    return {"state": "disabled", "entity": {"id": key, "type": "integration"}, **more}


def statuses(og: Client, kind: str) -> list[str]:
    return [one["status"] for one in og.get(f"{PATH}?type={kind}")]


def test_a_relative_time_comes_back_as_the_span_it_meant(og: Client) -> None:
    disabled = rule(og)
    made = og.make(PATH, time={"type": "for-30-minutes"}, rules=[disabled], description="Upgrade")
    assert made == {
        "id": made["id"],
        "status": "active",
        "time": {"type": "schedule", "startDate": "2026-11-21T09:00:30Z", "endDate": "2026-11-21T09:30:30Z"},
        "description": "Upgrade",
    }
    assert og.get(f"{PATH}/{made['id']}") == {**made, "rules": [disabled]}
    og.clock("2026-11-21T09:30:30Z")
    assert og.get(f"{PATH}/{made['id']}")["status"] == "past"
    og.refused(422, "PUT", f"{PATH}/{made['id']}", {"time": {"type": "indefinitely"}, "rules": [disabled]})
    og.refused(422, "POST", f"{PATH}/{made['id']}/cancel", {})


def test_planned_then_changed_then_cancelled(og: Client) -> None:
    span = {"type": "schedule", "startDate": "2026-12-01T09:00:00+01:00", "endDate": "2026-12-01T10:00:00+01:00"}
    disabled = rule(og)
    key = og.make(PATH, time=span, rules=[disabled])["id"]
    assert (statuses(og, "all"), statuses(og, "non-expired"), statuses(og, "past")) == (
        ["planned"],
        ["planned"],
        [],
    )
    og.change(f"{PATH}/{key}", "PUT", time={"type": "indefinitely"}, rules=[disabled])
    assert og.get(f"{PATH}/{key}")["time"] == {"type": "indefinitely", "startDate": "2026-11-21T09:00:30Z"}
    og.ok(200, "POST", f"{PATH}/{key}/cancel", {})
    assert (statuses(og, "all"), statuses(og, "non-expired"), statuses(og, "past")) == (
        ["cancelled"],
        [],
        ["cancelled"],
    )
    og.drop(f"{PATH}/{key}")
    og.refused(404, "GET", f"{PATH}/{key}")
    og.refused(422, "GET", f"{PATH}?type=some")


def test_policies_can_be_switched_either_way(og: Client) -> None:
    key = og.make("/v2/policies", type="alert", name="P", enabled=False, message="m")["id"]
    rules = [{"state": "enabled", "entity": {"id": key, "type": "policy"}}]
    made = og.make(PATH, time={"type": "for-1-hour"}, rules=rules)
    assert og.get(f"{PATH}/{made['id']}")["rules"] == rules


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rules": []},
        {"time": {"type": "for-a-while"}},
        {"time": {"type": "schedule"}},
        {"time": {"type": "schedule", "startDate": "2026-12-02T00:00:00Z", "endDate": "2026-12-01T00:00:00Z"}},
        {"time": {"type": "schedule", "startDate": "2026-01-02T00:00:00Z", "endDate": "2026-02-01T00:00:00Z"}},
        {"state": "enabled"},
        {"entity": {"id": "nothing", "type": "integration"}},
        {"entity": {"id": "nothing", "type": "team"}},
        {"description": "x" * 10_001},
    ],
)
def test_what_a_maintenance_may_not_be(og: Client, body: dict[str, Any]) -> None:
    own = {name: body[name] for name in ("state", "entity") if name in body}
    rest = {name: value for name, value in body.items() if name not in own}
    plain = {"time": {"type": "for-1-hour"}, "rules": [rule(og, **own)]} if body else {}
    og.refused(422, "POST", PATH, {**plain, **rest})
    assert og.get(PATH) == []
