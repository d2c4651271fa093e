"""Which schedule or escalation gets a team's alerts."""

from typing import Any

import pytest

from .conftest import Client

RESTRICTION = {"type": "time-of-day", "restriction": {"startHour": 9, "startMin": 0, "endHour": 17, "endMin": 0}}
HIGH = {"field": "priority", "operation": "equals", "expectedValue": "P1"}


def rules(og: Client) -> str:
    return f"/v2/teams/{og.ops}/routing-rules"


def add(og: Client, name: str, **fields: Any) -> str:
    return str(og.make(rules(og), **{"name": name, "notify": {"type": "none"}, **fields})["id"])


def order(og: Client) -> list[tuple[int, str]]:
    return [(one["order"], one["name"]) for one in og.get(rules(og))]


def test_a_rule_as_it_is_shown(og: Client) -> None:
    schedule = og.schedule()
    criteria = {"type": "match-any-condition", "conditions": [HIGH]}
    notify = {"type": "schedule", "name": "Primary"}
    key = add(og, "Urgent", criteria=criteria, timeRestriction=RESTRICTION, timezone="Asia/Tokyo", notify=notify)
    assert og.get(f"{rules(og)}/{key}") == {
        "id": key,
        "name": "Urgent",
        "isDefault": False,
        "order": 0,
        "criteria": {"type": "match-any-condition", "conditions": [{**HIGH, "not": False}]},
        "timezone": "Asia/Tokyo",
        "timeRestriction": RESTRICTION,
        "notify": {"type": "schedule", "id": schedule, "name": "Primary"},
    }


def test_defaults_of_a_rule(og: Client) -> None:
    found = og.get(f"{rules(og)}/{add(og, 'Plain')}")
    assert found["criteria"] == {"type": "match-all"}
    assert found["timezone"] == "Europe/London"  # the account's
    assert "timeRestriction" not in found


def test_the_default_rule_is_last_whatever_is_added(og: Client) -> None:
    for name, at in (("a", None), ("b", 0), ("c", 1), ("d", 99)):
        add(og, name, order=at)
    assert order(og) == [(0, "b"), (1, "c"), (2, "a"), (3, "d"), (4, "Default Routing Rule")]


def test_the_order_is_changed_by_change_order_alone(og: Client) -> None:
    keys = {name: add(og, name) for name in "abc"}
    og.change(f"{rules(og)}/{keys['c']}", order=0, name="C")
    assert [name for _, name in order(og)] == ["a", "b", "C", "Default Routing Rule"]
    og.change(f"{rules(og)}/{keys['c']}/change-order", "POST", order=0)
    assert [name for _, name in order(og)] == ["C", "a", "b", "Default Routing Rule"]
    og.change(f"{rules(og)}/{keys['c']}/change-order", "POST", order=50)
    assert [name for _, name in order(og)] == ["a", "b", "C", "Default Routing Rule"]
    og.drop(f"{rules(og)}/{keys['a']}")
    assert order(og) == [(0, "b"), (1, "C"), (2, "Default Routing Rule")]
    og.refused(422, "POST", f"{rules(og)}/{keys['b']}/change-order", {})
    og.refused(422, "POST", f"{rules(og)}/{keys['b']}/change-order", {"order": -1})


def default(og: Client) -> str:
    return f"{rules(og)}/{next(one['id'] for one in og.get(rules(og)) if one['isDefault'])}"


def test_the_default_rule_notifies_what_it_is_told(og: Client) -> None:
    key = og.escalation()
    og.change(default(og), notify={"type": "escalation", "id": key}, name="Default", timezone="")
    found = og.get(default(og))
    assert found["notify"] == {"type": "escalation", "id": key, "name": "Escalate"}
    assert "timezone" not in found


@pytest.mark.parametrize(
    ("method", "more", "status", "body"),
    [
        ("DELETE", "", 403, None),
        ("POST", "/change-order", 403, {"order": 0}),
        ("PATCH", "", 422, {"timezone": "Europe/London"}),
        ("PATCH", "", 422, {"timeRestriction": RESTRICTION}),
        ("PATCH", "", 422, {"criteria": {"type": "match-any-condition", "conditions": [HIGH]}}),
    ],
)
def test_what_the_default_rule_refuses(og: Client, method: str, more: str, status: int, body: Any) -> None:
    refused = og.refused(status, method, default(og) + more, body)
    assert "efault routing rule" in refused["message"]
    assert refused.get("code") == (40301 if status == 403 else None)


@pytest.mark.parametrize(
    "body",
    [
        {"notify": None},
        {"notify": {"type": "user", "username": "anna@acme.example"}},
        {"notify": {"type": "schedule", "name": "Nothing"}},
        {"notify": {"type": "schedule", "id": "", "name": ""}},
        {"timezone": "Mars/Olympus"},
        {"name": "x" * 513},
        {"order": -1},
        {"criteria": {"type": "match-any"}},
        {"criteria": {"type": "match-all", "conditions": [HIGH]}},
        {"criteria": {"type": "match-any-condition", "conditions": []}},
        {"criteria": {"type": "match-any-condition", "conditions": [{**HIGH, "expectedValue": "P9"}]}},
        {"criteria": {"type": "match-any-condition", "conditions": [{**HIGH, "operation": "contains"}]}},
        {"criteria": {"type": "match-any-condition", "conditions": [{"field": "tags", "operation": "equals"}]}},
        {
            "criteria": {
                "type": "match-any-condition",
                "conditions": [{"field": "extra-properties", "operation": "matches"}],
            }
        },
        {"criteria": {"type": "match-any-condition", "conditions": [{"field": "shoe", "operation": "matches"}]}},
        {"timeRestriction": {"type": "sometimes"}},
        {"timeRestriction": "always"},
        {"timeRestriction": {"type": "time-of-day", "restriction": {"startHour": 9, "endHour": 17}}},
        {"timeRestriction": {"type": "time-of-day", "restriction": {**RESTRICTION["restriction"], "endHour": 24}}},  # type: ignore[dict-item]
        {"timeRestriction": {"type": "weekday-and-time-of-day", "restrictions": []}},
        {"timeRestriction": {"type": "weekday-and-time-of-day", "restrictions": [{}] * 16}},
        {"timeRestriction": {"type": "weekday-and-time-of-day", "restrictions": [{"startDay": "Someday"}]}},
    ],
)
def test_what_a_rule_may_not_be(og: Client, body: dict[str, Any]) -> None:
    og.refused(422, "POST", rules(og), {"name": "R", "notify": {"type": "none"}, **body})
    assert len(og.get(rules(og))) == 1


def test_minutes_are_rounded_to_half_hours(og: Client) -> None:
    window = {
        "startDay": "Sunday",
        "startHour": 8,
        "startMin": 14,
        "endDay": "monday",
        "endHour": 23,
        "endMin": 50,
    }
    restriction = {"type": "weekday-and-time-of-day", "restrictions": [window], "restriction": {}}
    kept = {"startDay": "sunday", "startHour": 8, "startMin": 0, "endDay": "tuesday", "endHour": 0, "endMin": 0}
    found = og.get(f"{rules(og)}/{add(og, 'R', timeRestriction=restriction)}")
    assert found["timeRestriction"] == {"type": "weekday-and-time-of-day", "restrictions": [kept]}


@pytest.mark.parametrize("restriction", [{}, {"type": ""}, None])
def test_no_restriction_has_several_forms(og: Client, restriction: Any) -> None:
    assert "timeRestriction" not in og.get(f"{rules(og)}/{add(og, 'R', timeRestriction=restriction)}")


def test_a_rule_belongs_to_one_team(og: Client) -> None:
    other, key = og.team("Other"), add(og, "R")
    og.refused(404, "GET", f"/v2/teams/{other}/routing-rules/{key}")
    assert len(og.get("/v2/teams/Ops/routing-rules?teamIdentifierType=name")) == 2
    og.refused(404, "GET", "/v2/teams/Nobody/routing-rules?teamIdentifierType=name")


def test_what_a_rule_notifies_cannot_go(og: Client) -> None:
    schedule = og.schedule()
    key = add(og, "R", notify={"type": "schedule", "id": schedule})
    refused = og.refused(428, "DELETE", f"/v2/schedules/{schedule}")
    assert "routing rule of team [Ops]" in refused["message"]
    og.drop(f"{rules(og)}/{key}")
    og.drop(f"/v2/schedules/{schedule}")
