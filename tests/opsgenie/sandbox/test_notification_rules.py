"""What a person hears of, by which contact, and how soon."""

from typing import Any

import pytest

from .conftest import Client, fields

RULES = "/v2/users/anna@acme.example/notification-rules"
EMAIL = {"method": "email", "to": "anna@acme.example"}
STEP = {"contact": EMAIL, "enabled": True}


def add(og: Client, name: str = "Mine", action: str = "create-alert", **more: Any) -> str:
    return str(og.make(RULES, name=name, actionType=action, enabled=True, **more)["id"])


def listed(og: Client, action: str = "create-alert") -> list[tuple[int, str]]:
    return [(one["order"], one["name"]) for one in og.get(RULES) if one["actionType"] == action]


def test_everybody_begins_with_a_rule_for_every_occasion(og: Client) -> None:
    found = og.get(RULES)
    assert len(found) == 8
    assert {tuple(one) for one in found} == {("id", "name", "actionType", "order", "enabled")}  # meta only
    first = og.get(f"{RULES}/{found[0]['id']}")
    (step,) = first["steps"]
    assert step == {**STEP, "id": step["id"], "sendAfter": {"timeAmount": 0, "timeUnit": "minutes"}}
    assert first["criteria"] == {"type": "match-all"}


def test_a_rule_as_it_is_shown(og: Client) -> None:
    schedule = og.schedule()
    window = {"startHour": 22, "startMin": 0, "endHour": 6, "endMin": 30}
    more = {
        "criteria": {
            "type": "match-any-condition",
            "conditions": [{"field": "priority", "operation": "equals", "expectedValue": "P1"}],
        },
        "timeRestriction": {"type": "time-of-day", "restriction": window},
        "schedules": [{"type": "schedule", "name": "Primary"}],
        "repeat": {"loopAfter": 10, "enabled": True},
        "steps": [{**STEP, "sendAfter": {"timeAmount": 5}}],
    }
    found = og.get(f"{RULES}/{add(og, 'Night', **more)}")
    assert (found["name"], found["order"], found["enabled"]) == ("Night", 1, True)
    assert found["schedules"] == [{"type": "schedule", "id": schedule, "name": "Primary"}]
    assert found["repeat"] == {"loopAfter": 10, "enabled": True}
    assert found["timeRestriction"] == more["timeRestriction"]
    assert found["steps"][0]["sendAfter"] == {"timeAmount": 5, "timeUnit": "minutes"}
    assert "notificationTime" not in found


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"actionType": "lunch"}, {"actionType"}),
        ({"enabled": None}, {"enabled"}),
        ({"enabled": "yes"}, {"enabled"}),
        ({"name": ""}, {"name"}),
        ({"actionType": "schedule-start"}, {"notificationTime"}),
        ({"notificationTime": ["soon"]}, {"notificationTime"}),
        ({"steps": {}}, {"steps"}),
        ({"steps": [{"contact": EMAIL}]}, {"enabled"}),
        ({"steps": [{"contact": {"method": "fax"}, "enabled": True}]}, {"contact"}),
        ({"steps": [{"contact": {"method": "sms", "to": "1-5550100"}, "enabled": True}]}, {"contact"}),
        ({"steps": [{**STEP, "sendAfter": {"timeAmount": -1}}]}, {"timeAmount"}),
        ({"steps": [{**STEP, "sendAfter": {"timeAmount": 1, "timeUnit": "hours"}}]}, {"sendAfter"}),
        ({"repeat": {"loopAfter": "x"}}, {"loopAfter"}),
        ({"order": -1}, {"order"}),
    ],
)
def test_what_a_rule_may_not_be(og: Client, body: dict[str, Any], wrong: set[str]) -> None:
    whole = {"name": "R", "actionType": "create-alert", "enabled": True, **body}
    assert fields(og.errors(RULES, **whole)) == wrong
    assert len(og.get(RULES)) == 8


def test_rules_of_an_occasion_have_an_order(og: Client) -> None:
    first, second = add(og, "a"), add(og, "b", order=0)
    assert listed(og) == [(0, "b"), (1, "New Alert"), (2, "a")]
    og.change(f"{RULES}/{first}/change-order", "POST", order=0)
    assert listed(og) == [(0, "a"), (1, "b"), (2, "New Alert")]
    og.change(f"{RULES}/{second}", order=2, name="B")
    assert listed(og) == [(0, "a"), (1, "New Alert"), (2, "B")]
    assert listed(og, "closed-alert") == [(0, "Closed Alert")]
    og.refused(422, "POST", f"{RULES}/{first}/change-order", {})
    og.drop(f"{RULES}/{first}")
    og.refused(404, "GET", f"{RULES}/{first}")


def test_a_rule_can_be_switched(og: Client) -> None:
    key = add(og)
    og.change(f"{RULES}/{key}/disable", "POST")
    assert og.get(f"{RULES}/{key}")["enabled"] is False
    og.change(f"{RULES}/{key}/enable", "POST")
    assert og.get(f"{RULES}/{key}")["enabled"] is True


def test_steps(og: Client) -> None:
    rule = add(og)
    path = f"{RULES}/{rule}/steps"
    assert og.get(path) == []
    key = og.make(path, **STEP, sendAfter={"timeAmount": 3, "timeUnit": "minutes"})["id"]
    one = og.get(f"{path}/{key}")
    assert one["_parent"] == {"id": rule, "name": "Mine"}
    og.change(f"{path}/{key}", sendAfter={"timeAmount": 7})
    og.change(f"{path}/{key}/disable", "POST")
    (one,) = og.get(path)
    assert (one["sendAfter"]["timeAmount"], one["enabled"], one["contact"]) == (7, False, EMAIL)
    og.change(f"{path}/{key}/enable", "POST")
    assert og.get(path)[0]["enabled"] is True
    og.drop(f"{path}/{key}")
    og.refused(404, "GET", f"{path}/{key}")
    og.refused(422, "POST", path, {"contact": EMAIL})


def test_rules_are_their_owners(og: Client) -> None:
    key = add(og)
    og.refused(404, "GET", f"/v2/users/ben@acme.example/notification-rules/{key}")
    og.refused(404, "GET", "/v2/users/nobody@acme.example/notification-rules")
