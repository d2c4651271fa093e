"""What the real Terraform provider (3.32.4) needs of a server, one test per point: bodies as it sends them."""

from typing import Any

import pytest
import requests

from .conftest import Client

MANAGED = "Managed by Terraform"
STRATEGIES = "include%5B%5D=escalation_rule_assignment_strategies"
PAUSE = "include%5B%5D=auto_pause_notifications_parameters"


def layers(pd: Client) -> list[dict[str, Any]]:
    people = [{"user": {"id": pd.users[name], "type": "user"}} for name in ("anna", "ben")]
    common = {
        "end": None,
        "start": "2025-01-06T09:00:00Z",
        "rotation_virtual_start": "2025-01-06 09:00:00 +0000 UTC",
    }
    office = {
        "type": "weekly_restriction",
        "start_day_of_week": 1,
        "start_time_of_day": "09:00:00",
        "duration_seconds": 28_800,
    }
    return [
        {
            **common,
            "name": "Weekdays",
            "rotation_turn_length_seconds": 604_800,
            "restrictions": [office],
            "users": people,
        },
        {**common, "name": "Nights", "rotation_turn_length_seconds": 86_400, "users": people},
    ]


def schedule(pd: Client, **fields: Any) -> Any:
    body = {
        "description": MANAGED,
        "name": "Payments primary",
        "time_zone": "Europe/London",
        "schedule_layers": layers(pd),
    }
    return pd.ok(201, "POST", "/schedules", {"schedule": {**body, **fields}})["schedule"]


def policy(pd: Client, target: str, **fields: Any) -> Any:
    rule = {"escalation_delay_in_minutes": 10, "targets": [{"id": target, "type": "schedule_reference"}]}
    body = {
        "name": "Payments",
        "description": MANAGED,
        "num_loops": 2,
        "teams": None,
        "escalation_rules": [rule],
        **fields,
    }
    return pd.ok(201, "POST", "/escalation_policies", {"escalation_policy": body})["escalation_policy"]


def service(pd: Client, key: str) -> Any:
    constant = {"type": "constant"}
    body = {
        "name": "Payments API",
        "description": MANAGED,
        "acknowledgement_timeout": 600,
        "auto_resolve_timeout": None,
        "response_play": None,
        "escalation_policy": {"id": key, "type": "escalation_policy_reference"},
        "incident_urgency_rule": {
            "type": "use_support_hours",
            "during_support_hours": {**constant, "urgency": "high"},
            "outside_support_hours": {**constant, "urgency": "low"},
        },
        "support_hours": {
            "type": "fixed_time_per_day",
            "time_zone": "Europe/London",
            "start_time": "09:00:00",
            "end_time": "17:00:00",
            "days_of_week": [1, 2, 3, 4, 5],
        },
        "scheduled_actions": [
            {
                "type": "urgency_change",
                "to_urgency": "high",
                "at": {"type": "named_time", "name": "support_hours_start"},
            }
        ],
    }
    return pd.ok(201, "POST", "/services", {"service": body})["service"]


def test_1_create_read_update_delete_of_everything(pd: Client) -> None:
    team = pd.ok(201, "POST", "/teams", {"team": {"name": "Payments", "description": MANAGED}})["team"]
    rota = schedule(pd, teams=[{"id": team["id"], "type": "team_reference"}])
    page = policy(pd, rota["id"])
    shop = service(pd, page["id"])
    integration = {
        "name": "Events v2",
        "type": "events_api_v2_inbound_integration",
        "service": {"id": shop["id"], "type": "service"},
    }
    one = pd.ok(201, "POST", f"/services/{shop['id']}/integrations", {"integration": integration})["integration"]
    paths = {
        f"/services/{shop['id']}/integrations/{one['id']}": "integration",
        f"/services/{shop['id']}": "service",
        f"/escalation_policies/{page['id']}": "escalation_policy",
        f"/schedules/{rota['id']}": "schedule",
        f"/teams/{team['id']}": "team",
    }
    for path, name in paths.items():
        assert pd.get(path)[name]["id"] == path.rpartition("/")[2]
        assert pd.ok(200, "PUT", path, {name: {"name": "Renamed"}})[name]["name"] == "Renamed"
        assert (
            pd.call("DELETE", path).status_code == 204
            if name == "integration"
            else pd.ok(204, "DELETE", path) is None
        )
        assert pd.refused(404, "GET", path)["code"] == 2100


def test_2_layers_come_back_in_reverse(pd: Client) -> None:
    found = pd.get(f"/schedules/{schedule(pd)['id']}")["schedule"]
    assert [one["name"] for one in found["schedule_layers"]] == ["Nights", "Weekdays"]


def test_3_gos_own_time_format_is_taken_and_rfc_3339_given(pd: Client) -> None:
    rota = schedule(pd)
    assert rota["schedule_layers"][0]["rotation_virtual_start"] == "2025-01-06T09:00:00+00:00"
    first, second = rota["schedule_layers"][::-1]
    ended = [{**first, "end": "2026-11-21 09:00:45 +0000 UTC"}, second]
    changed = pd.ok(200, "PUT", f"/schedules/{rota['id']}", {"schedule": {"schedule_layers": ended}})["schedule"]
    assert changed["schedule_layers"][1]["end"] == "2026-11-21T09:00:00+00:00"


def test_4_a_schedule_has_a_final_schedule_and_users_with_ids(pd: Client) -> None:
    found = pd.get(f"/schedules/{schedule(pd)['id']}")["schedule"]
    assert found["final_schedule"]["rendered_schedule_entries"] == []
    for layer in found["schedule_layers"]:
        assert [one["user"]["id"] for one in layer["users"]] == [pd.users["anna"], pd.users["ben"]]


def test_5_a_start_in_the_past_is_the_time_of_the_update(pd: Client) -> None:
    rota = schedule(pd)
    assert {one["start"] for one in rota["schedule_layers"]} == {"2026-11-21T09:00:30+00:00"}
    pd.clock("2026-11-23T10:00:00Z")
    changed = {"schedule": {"schedule_layers": rota["schedule_layers"][::-1]}}
    again = pd.ok(200, "PUT", f"/schedules/{rota['id']}", changed)["schedule"]
    assert {one["start"] for one in again["schedule_layers"]} == {"2026-11-23T10:00:00+00:00"}


def test_6_a_removed_layer_is_sent_with_its_end_and_stays(pd: Client) -> None:
    rota = schedule(pd)
    weekdays, nights = rota["schedule_layers"][::-1]
    gone = {**nights, "end": "2026-11-21 09:00:30 +0000 UTC"}
    changed = {"schedule": {"schedule_layers": [weekdays, gone]}}
    found = pd.ok(200, "PUT", f"/schedules/{rota['id']}", changed)["schedule"]["schedule_layers"]
    assert [(one["id"], one["end"] is None) for one in found] == [(nights["id"], False), (weekdays["id"], True)]


def test_7_null_teams_are_no_teams_and_rules_are_made_anew(pd: Client) -> None:
    rota = schedule(pd)
    page = policy(pd, rota["id"])
    assert page["teams"] == []
    rule = {"escalation_delay_in_minutes": 10, "targets": [{"id": rota["id"], "type": "schedule_reference"}]}
    body = {"escalation_policy": {"escalation_rules": [rule], "teams": None}}
    changed = pd.ok(200, "PUT", f"/escalation_policies/{page['id']}", body)["escalation_policy"]
    assert changed["escalation_rules"][0]["id"] != page["escalation_rules"][0]["id"]


def test_8_includes_with_encoded_brackets(pd: Client) -> None:
    page = policy(pd, schedule(pd)["id"])
    found = pd.get(f"/escalation_policies/{page['id']}?{STRATEGIES}")["escalation_policy"]["escalation_rules"][0]
    assert found["escalation_rule_assignment_strategy"] == {"type": "assign_to_everyone"}
    assert found["targets"][0]["type"] == "schedule_reference"


def test_9_what_a_service_must_have(pd: Client) -> None:
    page = policy(pd, schedule(pd)["id"])
    key = service(pd, page["id"])["id"]
    found = pd.get(f"/services/{key}?{PAUSE}")["service"]
    assert found["escalation_policy"]["id"] == page["id"]
    assert found["incident_urgency_rule"]["type"] == "use_support_hours"
    assert found["support_hours"]["days_of_week"] == [1, 2, 3, 4, 5]
    assert found["scheduled_actions"][0]["to_urgency"] == "high"
    assert set(found["auto_pause_notifications_parameters"]) == {"enabled", "timeout"}
    assert (found["alert_creation"], found["acknowledgement_timeout"], found["auto_resolve_timeout"]) == (
        "create_alerts_and_incidents",
        600,
        None,
    )


def test_10_put_keeps_what_is_absent(pd: Client) -> None:
    rota = schedule(pd)
    page = policy(pd, rota["id"], on_call_handoff_notifications="always")
    shop = service(pd, page["id"])
    changed = pd.ok(200, "PUT", f"/services/{shop['id']}", {"service": {"name": "Shop"}})["service"]
    assert {**changed, "name": "", "summary": ""} == {**shop, "name": "", "summary": ""}
    named = {"escalation_policy": {"name": "Page"}}
    kept = pd.ok(200, "PUT", f"/escalation_policies/{page['id']}", named)["escalation_policy"]
    assert kept["on_call_handoff_notifications"] == "always"


def test_11_a_user_is_found_by_email_on_the_first_page(pd: Client) -> None:
    found = pd.get("/users?query=anna%40acme.example")["users"]
    assert [user["email"] for user in found] == ["anna@acme.example"]


def test_12_the_texts_it_looks_for(pd: Client) -> None:
    rota = schedule(pd)
    page = policy(pd, rota["id"])
    error = pd.refused(400, "DELETE", f"/schedules/{rota['id']}")
    assert set(error) == {"message", "code", "errors"}
    assert error["errors"] == ["Schedule can't be deleted if it's being used by escalation policies"]
    pd.incident(service(pd, page["id"])["id"])
    other = {"escalation_policy": {"escalation_rules": [pd.rule("anna")]}}
    pd.ok(200, "PUT", f"/escalation_policies/{page['id']}", other)
    (text,) = pd.refused(400, "DELETE", f"/schedules/{rota['id']}")["errors"]
    assert text.endswith("an escalation policy snapshot with open incidents")
    query = f"statuses%5B%5D=triggered&statuses%5B%5D=acknowledged&user_ids%5B%5D={pd.users['anna']}"
    (incident,) = pd.get(f"/incidents?{query}")["incidents"]  # what it asks next: which ones to resolve
    assert incident["escalation_policy"]["id"] == page["id"]


@pytest.mark.parametrize("path", ["/teams", "/users?query=x"])
def test_13_a_429_says_when_to_come_back(pd: Client, path: str) -> None:
    pd.control("faults", kind="429", call=1)
    answer = requests.get(pd.url + path, headers={"Authorization": "Token token=x"}, timeout=60)
    assert answer.status_code == 429
    assert int(answer.headers["ratelimit-reset"]) >= 1
    assert requests.get(pd.url + path, headers={"Authorization": "Token token=x"}, timeout=60).status_code == 200
