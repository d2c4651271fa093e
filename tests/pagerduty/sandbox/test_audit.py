"""The audit trail."""

from typing import Any

import pytest

from .conftest import Client

ANNA = "anna@acme.example"


def records(pd: Client, query: str = "", path: str = "/audit/records") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pd.get(f"{path}{query}")["records"]
    return found


def test_a_seed_is_nobodys_doing(pd: Client) -> None:
    assert pd.get("/audit/records") == {"records": [], "next_cursor": None, "limit": 100}


def test_a_life_newest_first(pd: Client) -> None:
    team = pd.team("Ops")
    path = f"/teams/{team['id']}"
    pd.ok(200, "PUT", path, {"team": {"name": "Op"}})
    pd.ok(200, "PUT", path, {"team": {"name": "Op"}})  # changes nothing, says nothing
    pd.ok(204, "DELETE", path)
    found = records(pd)
    assert [one["action"] for one in found] == ["delete", "update", "create"]
    assert found[1]["details"]["fields"] == [{"name": "name", "before_value": "Ops", "value": "Op"}]
    assert found[1]["root_resource"] == {"id": team["id"], "type": "team_reference", "summary": "Op"}
    assert found[1]["execution_time"] == "2026-11-21T09:00:30.000Z"


def test_keys_and_people_are_told_apart(pd: Client) -> None:
    team = pd.team()
    pd.ok(200, "PUT", f"/teams/{team['id']}", {"team": {"name": "New"}}, X_Sandbox_Actor=ANNA)
    by_person, by_key = records(pd)
    assert by_person["method"] == {"type": "browser"}
    assert by_person["actors"] == [{"id": pd.users["anna"], "type": "user_reference", "summary": "Anna"}]
    assert by_key["method"] == {"type": "api_token", "truncated_token": "1234"}
    assert by_key["actors"][0]["type"] == "api_key_reference"
    assert pd.refused(400, "GET", "/teams", X_Sandbox_Actor="who@acme.example")["code"] == 2001


def test_filters(pd: Client) -> None:
    pd.team()
    schedule = pd.schedule()
    pd.ok(200, "PUT", f"/schedules/{schedule['id']}", {"schedule": {"name": "New"}}, X_Sandbox_Actor=ANNA)
    policy = pd.policy()
    pd.service(policy["id"])

    def kinds(query: str) -> list[str]:
        return [one["root_resource"]["type"] for one in records(pd, query)]

    assert kinds("?root_resource_types[]=escalation_policies") == ["escalation_policy_reference"]
    assert kinds("?root_resource_types[]=teams&root_resource_types[]=services") == [
        "service_reference",
        "team_reference",
    ]
    assert kinds("?actions[]=update") == ["schedule_reference"]
    assert kinds("?method_type=browser") == ["schedule_reference"]
    assert kinds(f"?actor_type=user_reference&actor_id={pd.users['anna']}") == ["schedule_reference"]
    assert kinds("?method_type=api_token&method_truncated_token=0000") == []
    assert len(kinds("?method_type=api_token&method_truncated_token=1234")) == 4


def test_fields_have_the_names_of_the_api(pd: Client) -> None:
    service = pd.service(pd.policy()["id"])
    other = pd.policy(name="Other")["id"]
    body = {"service": {"escalation_policy": {"id": other, "type": "escalation_policy_reference"}}}
    pd.ok(200, "PUT", f"/services/{service['id']}", body)
    (field,) = records(pd, "?actions[]=update")[0]["details"]["fields"]
    assert (field["name"], field["value"]) == ("escalation_policy", other)
    assert not records(pd, "?actions[]=create&root_resource_types[]=users")


def test_cursor_pages(pd: Client) -> None:
    for number in range(5):
        pd.team(f"T{number}")
    seen, cursor, pages = [], "", 0
    while True:
        page = pd.get(f"/audit/records?limit=2{cursor}")
        seen += [one["root_resource"]["summary"] for one in page["records"]]
        pages += 1
        assert page["limit"] == 2
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
        pd.team(f"Late {pages}")  # what comes in meanwhile does not shift the pages
    assert (seen, pages) == (["T4", "T3", "T2", "T1", "T0"], 3)
    assert pd.refused(400, "GET", "/audit/records?cursor=%FF%FE")["code"] == 2001


def test_the_span_is_a_day_unless_said_and_a_month_at_most(pd: Client) -> None:
    pd.team("Old")
    pd.clock("2026-11-23T09:00:00Z")
    pd.team("New")
    assert [one["root_resource"]["summary"] for one in records(pd)] == ["New"]
    assert len(records(pd, "?since=2026-11-20T00:00:00Z")) == 2
    assert len(records(pd, "?since=2026-11-20T00:00:00Z&until=2026-11-22T00:00:00Z")) == 1
    assert len(records(pd, "?since=2026-10-24T00:00:00Z&until=2026-11-24T00:00:00Z")) == 2
    for query in (
        "since=2026-10-23&until=2026-11-24",
        "since=2026-11-25",
        "since=soon",
        "actor_id=P1",
        "method_truncated_token=1",
    ):
        assert pd.refused(400, "GET", f"/audit/records?{query}")["code"] == 2001


@pytest.mark.parametrize("kind", ["users", "teams", "schedules", "escalation_policies", "services"])
def test_of_one_resource(pd: Client, kind: str) -> None:
    policy = pd.policy()
    made = {
        "users": {"id": pd.users["anna"]},
        "teams": pd.team(),
        "schedules": pd.schedule(),
        "escalation_policies": policy,
        "services": pd.service(policy["id"]),
    }[kind]
    body = {
        "users": "user",
        "teams": "team",
        "schedules": "schedule",
        "escalation_policies": "escalation_policy",
        "services": "service",
    }
    pd.ok(200, "PUT", f"/{kind}/{made['id']}", {body[kind]: {"description": "changed", "name": "Changed"}})
    found = records(pd, path=f"/{kind}/{made['id']}/audit/records")
    assert [one["action"] for one in found] == (["update"] if kind == "users" else ["update", "create"])
    assert pd.refused(404, "GET", f"/{kind}/PNOBODY/audit/records")["code"] == 2100


def test_members_overrides_and_integrations_belong_to_their_root(pd: Client) -> None:
    team, schedule = pd.team()["id"], pd.schedule()["id"]
    service = pd.service(pd.policy()["id"])["id"]
    pd.ok(204, "PUT", f"/teams/{team}/users/{pd.users['anna']}")
    pd.ok(204, "PUT", f"/teams/{team}/users/{pd.users['anna']}", {"role": "observer"})
    pd.ok(204, "DELETE", f"/teams/{team}/users/{pd.users['anna']}")
    user = {"id": pd.users["ben"], "type": "user_reference"}
    body = {"overrides": [{"start": "2026-12-01T00:00:00Z", "end": "2026-12-02T00:00:00Z", "user": user}]}
    pd.ok(201, "POST", f"/schedules/{schedule}/overrides", body)
    events = {"integration": {"name": "E", "type": "events_api_v2_inbound_integration"}}
    pd.ok(201, "POST", f"/services/{service}/integrations", events)
    integration, override, left, role, joined = records(pd, "?actions[]=update")
    assert joined["details"]["references"][0]["added"][0]["id"] == pd.users["anna"]
    assert role["details"]["fields"] == [{"name": "team_role", "before_value": "manager", "value": "observer"}]
    assert role["details"]["resource"]["type"] == "user_reference"
    assert left["details"]["references"][0]["removed"][0]["id"] == pd.users["anna"]
    assert (override["root_resource"]["id"], integration["root_resource"]["id"]) == (schedule, service)
