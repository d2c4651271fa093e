"""Incidents and on-calls: who is paged, and what an open incident holds on to."""

from typing import Any

import pytest

from .conftest import Client

FROM = {"From": "anna@acme.example"}
NIGHT = {"type": "daily_restriction", "start_time_of_day": "00:00:00", "duration_seconds": 3600}


def oncalls(pd: Client, query: str = "") -> list[tuple[int, str, Any, Any]]:
    found = pd.get(f"/oncalls{query}")["oncalls"]
    return [(one["escalation_level"], one["user"]["summary"], one["start"], one["end"]) for one in found]


def test_an_incident_goes_to_the_first_level_that_has_somebody(pd: Client) -> None:
    empty = pd.schedule(pd.layer("cleo", restrictions=[NIGHT]))
    body = {"name": "P", "escalation_rules": [pd.rule(empty["id"]), pd.rule("anna", "ben")]}
    policy = pd.ok(201, "POST", "/escalation_policies", {"escalation_policy": body})["escalation_policy"]
    incident = pd.incident(pd.service(policy["id"])["id"])
    assert [one["assignee"]["summary"] for one in incident["assignments"]] == ["Anna", "Ben"]
    assert (incident["status"], incident["assigned_via"]) == ("triggered", "escalation_policy")
    assert incident["summary"] == "[#1] down"


def test_with_nobody_on_call_there_is_no_incident(pd: Client) -> None:
    policy = pd.policy(pd.schedule(pd.layer("cleo", restrictions=[NIGHT]))["id"])
    service = {"id": pd.service(policy["id"])["id"], "type": "service_reference"}
    body = {"incident": {"type": "incident", "title": "x", "service": service}}
    assert pd.refused(400, "POST", "/incidents", body, **FROM)["code"] == 2001
    assert pd.get("/incidents")["incidents"] == []


def test_incidents_need_a_requester_a_title_and_a_service(pd: Client) -> None:
    service = {"id": pd.service(pd.policy()["id"])["id"], "type": "service_reference"}
    body = {"incident": {"type": "incident", "title": "x", "service": service}}
    assert pd.refused(400, "POST", "/incidents", body)["code"] == 2003
    assert pd.refused(400, "POST", "/incidents", body, From="who@acme.example") == {
        "message": "Requester User Not Found",
        "code": 1008,
    }
    untitled = {"incident": {**body["incident"], "title": " "}}
    assert pd.refused(400, "POST", "/incidents", untitled, **FROM)["errors"] == ["Title can't be blank"]
    unknown = {"incident": {**body["incident"], "service": {"id": "PNOBODY"}}}
    assert pd.refused(404, "POST", "/incidents", unknown, **FROM)["code"] == 2100


def test_filters(pd: Client) -> None:
    policy = pd.policy("anna")
    one, two = (pd.service(policy["id"], name)["id"] for name in ("One", "Two"))
    first, second = pd.incident(one), pd.incident(two, urgency="low")
    body = {"incidents": [{"id": first["id"], "type": "incident", "status": "acknowledged"}]}
    (changed,) = pd.ok(200, "PUT", "/incidents", body, **FROM)["incidents"]
    assert changed["acknowledgements"][0]["acknowledger"]["summary"] == "Anna"

    def ids(query: str) -> list[str]:
        return [one["id"] for one in pd.get(f"/incidents?{query}")["incidents"]]

    assert ids("statuses[]=triggered") == [second["id"]]
    assert ids("statuses[]=triggered&statuses[]=acknowledged") == [first["id"], second["id"]]
    assert ids(f"service_ids[]={one}") == [first["id"]]
    assert ids("urgencies[]=low") == [second["id"]]
    assert ids(f"user_ids[]={pd.users['anna']}") == [first["id"], second["id"]]
    assert ids(f"user_ids[]={pd.users['ben']}") == []
    assert ids(f"incident_key={first['incident_key']}") == [first["id"]]
    assert ids("since=2026-11-22T00:00:00Z&until=2026-11-23T00:00:00Z") == []
    assert ids("date_range=all&since=2026-11-22T00:00:00Z") == [first["id"], second["id"]]
    assert pd.refused(400, "GET", "/incidents?statuses[]=lost")["code"] == 2001
    assert pd.refused(400, "GET", "/incidents?since=2026-01-01&until=2026-11-01")["code"] == 2005


def test_resolved_is_final(pd: Client) -> None:
    incident = pd.incident(pd.service(pd.policy()["id"])["id"])
    path, done = f"/incidents/{incident['id']}", {"incident": {"type": "incident", "status": "resolved"}}
    resolved = pd.ok(200, "PUT", path, done, **FROM)["incident"]
    assert (resolved["status"], resolved["assignments"]) == ("resolved", [])
    assert pd.refused(400, "PUT", path, done, **FROM)["errors"] == ["Incident Already Resolved"]
    assert pd.get(path)["incident"]["resolved_at"] == "2026-11-21T09:00:30Z"


def test_too_many_at_once(pd: Client) -> None:
    body = {"incidents": [{"id": "PX", "type": "incident", "status": "resolved"}] * 251}
    assert pd.call("PUT", "/incidents", body, **FROM).status_code == 413


def test_oncalls_of_now(pd: Client) -> None:
    schedule = pd.schedule(pd.layer("anna", "ben"))
    body = {"name": "P", "escalation_rules": [pd.rule(schedule["id"]), pd.rule("cleo")]}
    pd.ok(201, "POST", "/escalation_policies", {"escalation_policy": body})
    assert oncalls(pd) == [
        (1, "Anna", "2026-11-21T09:00:30Z", "2026-11-23T09:00:00Z"),
        (2, "Cleo", None, None),
    ]
    assert pd.get("/oncalls")["oncalls"][1]["schedule"] is None


def test_oncalls_of_a_window_are_whole_shifts(pd: Client) -> None:
    schedule = pd.schedule(pd.layer("anna", "ben"))
    policy = pd.policy(schedule["id"])
    window = "?since=2026-11-24T00:00:00Z&until=2026-12-01T00:00:00Z"
    whole = [
        (1, "Ben", "2026-11-23T09:00:00Z", "2026-11-30T09:00:00Z"),
        (1, "Anna", "2026-11-30T09:00:00Z", "2026-12-07T09:00:00Z"),
    ]
    assert oncalls(pd, window) == whole
    assert oncalls(pd, f"{window}&user_ids[]={pd.users['ben']}") == whole[:1]
    assert oncalls(pd, f"{window}&schedule_ids[]={schedule['id']}") == whole
    assert oncalls(pd, f"{window}&schedule_ids[]=null") == []
    assert oncalls(pd, f"{window}&escalation_policy_ids[]=PNOBODY") == []
    assert oncalls(pd, f"{window}&escalation_policy_ids[]={policy['id']}") == whole
    shown = pd.get(f"/oncalls{window}&time_zone=Asia/Tokyo")["oncalls"][0]
    assert shown["start"] == "2026-11-23T18:00:00+09:00"


def test_the_earliest_on_call_of_each(pd: Client) -> None:
    pd.policy(pd.schedule(pd.layer("anna", "ben"))["id"])
    assert [name for _, name, _, _ in oncalls(pd, "?earliest=true")] == ["Anna", "Ben"]


def test_includes(pd: Client) -> None:
    pd.policy(pd.schedule()["id"])
    query = "?include[]=users&include[]=schedules&include[]=escalation_policies"
    (one,) = pd.get(f"/oncalls{query}")["oncalls"]
    assert one["user"]["email"] == "anna@acme.example"
    assert one["schedule"]["time_zone"] == "Europe/London"
    assert one["escalation_policy"]["num_loops"] == 0


@pytest.mark.parametrize(
    ("query", "code"), [("since=soon", 2004), ("since=2026-12-02&until=2026-12-01", 2005), ("time_zone=x", 2001)]
)
def test_bad_windows(pd: Client, query: str, code: int) -> None:
    assert pd.refused(400, "GET", f"/oncalls?{query}")["code"] == code
