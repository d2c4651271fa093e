"""Services: fields, urgency, support hours."""

from typing import Any

import pytest

from .conftest import Client

HIGH, LOW = {"type": "constant", "urgency": "high"}, {"type": "constant", "urgency": "low"}
BY_HOURS = {"type": "use_support_hours", "during_support_hours": HIGH, "outside_support_hours": LOW}
HOURS = {
    "type": "fixed_time_per_day",
    "time_zone": "America/Lima",
    "start_time": "09:00:00",
    "end_time": "17:00:00",
    "days_of_week": [1, 2, 3, 4, 5],
}
RAISE = {
    "type": "urgency_change",
    "at": {"type": "named_time", "name": "support_hours_start"},
    "to_urgency": "high",
}
FULL: dict[str, Any] = {"incident_urgency_rule": BY_HOURS, "support_hours": HOURS, "scheduled_actions": [RAISE]}


def put(pd: Client, key: str, **fields: Any) -> Any:
    return pd.ok(200, "PUT", f"/services/{key}", {"service": fields})["service"]


def test_defaults(pd: Client) -> None:
    service = pd.service(pd.policy()["id"])
    assert service["incident_urgency_rule"] == HIGH
    assert (service["acknowledgement_timeout"], service["auto_resolve_timeout"]) == (None, None)
    assert service["alert_creation"] == "create_alerts_and_incidents"
    assert (service["support_hours"], service["scheduled_actions"], service["integrations"]) == (None, [], [])
    assert service["alert_grouping_parameters"] == {"type": None, "config": None}
    assert service["status"] == "active"
    assert service["created_at"] == "2026-11-21T09:00:30Z"


def test_the_old_way_of_alerts_is_not_taken(pd: Client) -> None:
    service = pd.service(pd.policy()["id"], alert_creation="create_incidents")
    assert service["alert_creation"] == "create_alerts_and_incidents"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": ""}, "Name can't be blank"),
        ({"name": "x" * 256}, "Name is too long (maximum is 255 characters)"),
        ({"description": "x" * 1025}, "Description is too long (maximum is 1024 characters)"),
        ({"escalation_policy": None}, "Escalation policy can't be blank"),
        ({"auto_resolve_timeout": -1}, "Auto resolve timeout must be greater than or equal to 0"),
        ({"acknowledgement_timeout": "600"}, "Acknowledgement timeout is not a number"),
        (
            {"incident_urgency_rule": {"type": "sometimes"}},
            "Incident urgency rule type is not included in the list",
        ),
        (
            {"incident_urgency_rule": {"type": "constant", "urgency": "extreme"}},
            "Incident urgency rule urgency is not included in the list",
        ),
        ({**FULL, "support_hours": None}, "Support hours can't be blank when the urgency rule uses them"),
        (
            {**FULL, "incident_urgency_rule": {**BY_HOURS, "urgency": "high"}},
            "Incident urgency rule urgency must be blank when the type is use_support_hours",
        ),
        (
            {**FULL, "incident_urgency_rule": {"type": "use_support_hours", "during_support_hours": HIGH}},
            "Incident urgency rule outside support hours must be a constant urgency",
        ),
        (
            {"scheduled_actions": [RAISE]},
            "Scheduled actions are only allowed when the urgency rule uses support hours",
        ),
        (
            {**FULL, "scheduled_actions": [{**RAISE, "to_urgency": "low"}]},
            "Scheduled actions to urgency must be high",
        ),
        (
            {**FULL, "scheduled_actions": [{**RAISE, "at": {"type": "named_time", "name": "noon"}}]},
            "Scheduled actions at is not included in the list",
        ),
        ({**FULL, "support_hours": {**HOURS, "time_zone": "Nowhere"}}, "Support hours time zone is invalid"),
        ({**FULL, "support_hours": {**HOURS, "start_time": "9"}}, "Support hours start time is invalid"),
        (
            {**FULL, "support_hours": {**HOURS, "days_of_week": [0]}},
            "Support hours days of week must be between 1 and 7",
        ),
        (
            {"auto_pause_notifications_parameters": {"enabled": True, "timeout": 7}},
            "Auto pause notifications parameters timeout is not included in the list",
        ),
    ],
)
def test_what_a_service_may_not_be(pd: Client, fields: dict[str, Any], error: str) -> None:
    policy = {"id": pd.policy()["id"], "type": "escalation_policy_reference"}
    body = {"service": {"name": "S", "escalation_policy": policy, **fields}}
    assert pd.refused(400, "POST", "/services", body)["errors"] == [error]
    assert pd.get("/services")["services"] == []


def test_an_unknown_policy_is_404(pd: Client) -> None:
    body = {
        "service": {"name": "S", "escalation_policy": {"id": "PNOBODY", "type": "escalation_policy_reference"}}
    }
    assert pd.refused(404, "POST", "/services", body)["code"] == 2100


def test_names_are_unique(pd: Client) -> None:
    policy = pd.policy()["id"]
    pd.service(policy, "Shop")
    other = pd.service(policy, "Other")
    body = {
        "service": {"name": "shop ", "escalation_policy": {"id": policy, "type": "escalation_policy_reference"}}
    }
    assert pd.refused(400, "POST", "/services", body)["errors"] == ["Name has already been taken"]
    assert pd.refused(400, "PUT", f"/services/{other['id']}", {"service": {"name": "Shop"}})["code"] == 2001
    assert put(pd, other["id"], name="Other")["name"] == "Other"


def test_put_keeps_what_it_does_not_mention(pd: Client) -> None:
    service = pd.service(pd.policy()["id"], description="d", acknowledgement_timeout=600, **FULL)
    pd.clock("2026-11-21T10:00:00Z")
    changed = put(pd, service["id"], name="New")
    same = set(service) - {"name", "summary", "updated_at"}
    assert {key: changed[key] for key in same} == {key: service[key] for key in same}
    assert changed["updated_at"] == "2026-11-21T10:00:00Z"


def test_timeouts_are_switched_off_by_null_and_by_zero(pd: Client) -> None:
    service = pd.service(pd.policy()["id"], acknowledgement_timeout=600, auto_resolve_timeout=14_400)
    assert (service["acknowledgement_timeout"], service["auto_resolve_timeout"]) == (600, 14_400)
    off = put(pd, service["id"], acknowledgement_timeout=0, auto_resolve_timeout=None)
    assert (off["acknowledgement_timeout"], off["auto_resolve_timeout"]) == (None, None)


def test_a_constant_rule_takes_the_actions_away_and_leaves_the_hours(pd: Client) -> None:
    service = pd.service(pd.policy()["id"], **FULL)
    changed = put(pd, service["id"], incident_urgency_rule=LOW)
    assert (changed["incident_urgency_rule"], changed["scheduled_actions"]) == (LOW, [])
    assert changed["support_hours"] == HOURS
    assert put(pd, service["id"], support_hours=None)["support_hours"] is None


def test_auto_pause_shows_only_on_request(pd: Client) -> None:
    pause = {"enabled": True, "timeout": 300}
    service = pd.service(pd.policy()["id"], auto_pause_notifications_parameters=pause)
    path = f"/services/{service['id']}"
    assert "auto_pause_notifications_parameters" not in pd.get(path)["service"]
    query = "?include[]=auto_pause_notifications_parameters"
    assert pd.get(path + query)["service"]["auto_pause_notifications_parameters"] == pause
    put(pd, service["id"], auto_pause_notifications_parameters={"enabled": False})
    assert pd.get(path + query)["service"]["auto_pause_notifications_parameters"] == {
        "enabled": False,
        "timeout": None,
    }


def test_includes(pd: Client) -> None:
    team = pd.team()
    policy = pd.policy(teams=[{"id": team["id"], "type": "team_reference"}])
    service = pd.service(policy["id"])
    assert service["teams"][0]["type"] == "team_reference"
    query = "?include[]=escalation_policies&include[]=teams&include[]=integrations"
    found = pd.get(f"/services/{service['id']}{query}")["service"]
    assert found["escalation_policy"]["num_loops"] == 0
    assert found["teams"][0]["default_role"] == "manager"
    assert [one["name"] for one in pd.get("/services?name=Shop")["services"]] == ["Shop"]


def test_status_follows_incidents_and_the_switch(pd: Client) -> None:
    service = pd.service(pd.policy()["id"])
    incident = pd.incident(service["id"])
    path = f"/services/{service['id']}"
    assert pd.get(path)["service"]["status"] == "critical"
    assert pd.get(path)["service"]["last_incident_timestamp"] == "2026-11-21T09:00:30Z"
    seen = {"incident": {"type": "incident", "status": "acknowledged"}}
    pd.ok(200, "PUT", f"/incidents/{incident['id']}", seen, From="anna@acme.example")
    assert pd.get(path)["service"]["status"] == "warning"
    assert put(pd, service["id"], status="disabled")["status"] == "disabled"
    assert put(pd, service["id"], status="critical")["status"] == "disabled"  # not for clients to say
    assert put(pd, service["id"], status="active")["status"] == "warning"


def test_deleting_takes_integrations_and_incidents_along(pd: Client) -> None:
    service = pd.service(pd.policy()["id"])
    incident = pd.incident(service["id"])
    pd.ok(204, "DELETE", f"/services/{service['id']}")
    assert pd.refused(404, "GET", f"/services/{service['id']}")["code"] == 2100
    assert pd.get(f"/incidents/{incident['id']}")["incident"]["status"] == "resolved"
    assert (
        pd.get(f"/escalation_policies/{pd.get('/escalation_policies')['escalation_policies'][0]['id']}")[
            "escalation_policy"
        ]["services"]
        == []
    )
