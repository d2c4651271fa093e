"""Incidents, as far as they stand in the way of changes."""

from typing import Any

import pytest

from .conftest import Client, fields

PATH = "/v1/incidents"


def incident(og: Client, message: str = "Shop is down", **more: Any) -> str:
    accepted = og.ok(202, "POST", f"{PATH}/create", {"message": message, **more})
    outcome = og.get(f"{PATH}/requests/{accepted['requestId']}")
    assert (outcome["isSuccess"], outcome["action"]) == (True, "Create")
    return str(outcome["incidentId"])


def found(og: Client, query: str = "") -> list[str]:
    answer = og.ok(200, "GET", f"{PATH}/?query={query}&order=asc")
    return [one["message"] for one in answer["data"]]


def test_an_incident_as_it_is_shown(og: Client) -> None:
    service = og.make("/v1/services", name="Shop", teamId=og.ops)["id"]
    key = incident(og, serviceId=service, tags=["a"], priority="P1", responders=[og.person("anna")])
    assert og.get(f"{PATH}/{key}") == og.get(f"{PATH}/1?identifierType=tiny")
    assert og.get(f"{PATH}/{key}") == {
        "id": key,
        "tinyId": "1",
        "message": "Shop is down",
        "description": "",
        "status": "open",
        "tags": ["a"],
        "createdAt": "2026-11-21T09:00:30Z",
        "updatedAt": "2026-11-21T09:00:30Z",
        "priority": "P1",
        "responders": [og.person("anna")],
        "ownerTeam": og.ops,
        "impactedServices": [service],
        "extraProperties": {},
        "isSeen": False,
        "owner": "",
        "source": "",
        "links": {
            "web": f"https://app.opsgenie.com/incident/detail/{key}",
            "api": f"https://api.opsgenie.com/v1/incidents/{key}",
        },
    }


def test_open_ones_can_be_asked_for(og: Client) -> None:
    service = og.make("/v1/services", name="Shop", teamId=og.ops)["id"]
    keys = [
        incident(og, "One", impactedServices=[service]),
        incident(og, "Two", priority="P1", tags=["Web"]),
        incident(og, "Three is two"),
    ]
    assert found(og) == found(og, "status:open") == ["One", "Two", "Three is two"]
    og.ok(202, "POST", f"{PATH}/{keys[0]}/close", {"note": "done"})
    assert found(og, "status%3A%20open") == ["Two", "Three is two"]
    assert found(og, "status:closed") == found(og, f'impactedServices:"{service}"') == ["One"]
    assert found(og, "status:open AND priority:P1") == found(og, "status: open tag: web") == ["Two"]
    assert found(og, "two") == found(og, "priority:P1 OR message: three") == ["Two", "Three is two"]
    for query in ("shoe:big", "(status:open)", "NOT status:open", "status:open AND"):
        og.refused(422, "GET", f"{PATH}/?query={query}")


def test_a_list_has_pages_and_an_order(og: Client) -> None:
    for name in "bac":
        incident(og, name)
    newest = og.ok(200, "GET", f"{PATH}?query=&limit=2")
    assert [one["message"] for one in newest["data"]] == ["c", "a"]
    rest = og.ok(200, "GET", newest["paging"]["next"].removeprefix(og.url))
    assert [one["message"] for one in rest["data"]] == ["b"]
    sorted_ = og.ok(200, "GET", f"{PATH}?query=&sort=message&order=asc")
    assert [one["message"] for one in sorted_["data"]] == ["a", "b", "c"]
    by_number = og.ok(200, "GET", f"{PATH}?query=&sort=tinyId&order=desc")
    assert [one["tinyId"] for one in by_number["data"]] == ["3", "2", "1"]
    og.refused(422, "GET", f"{PATH}?query=&sort=mood")


def outcome(og: Client, method: str, path: str) -> tuple[bool, str]:
    accepted = og.ok(202, method, path, {} if method == "POST" else None)
    told = og.get(f"{PATH}/requests/{accepted['requestId']}")
    return told["isSuccess"], told["status"]


def test_what_does_not_work_is_told_later(og: Client) -> None:
    key = incident(og)
    assert outcome(og, "POST", f"{PATH}/1/close?identifierType=tiny") == (True, "Incident closed")
    assert outcome(og, "POST", f"{PATH}/{key}/close") == (False, "Incident is already closed")
    assert outcome(og, "DELETE", f"{PATH}/{key}") == (True, "Deleted incident")
    assert outcome(og, "DELETE", f"{PATH}/{key}") == (False, "Incident does not exist")
    assert outcome(og, "POST", f"{PATH}/{key}/close") == (False, "Incident does not exist")
    og.refused(404, "GET", f"{PATH}/{key}")
    answer = og.call("GET", f"{PATH}/requests/nothing")
    assert (answer.status_code, answer.headers["X-Opsgenie-Errortype"]) == (404, "RequestNotProcessed")


def test_numbers_are_not_used_twice(og: Client) -> None:
    first, second = incident(og, "One"), incident(og, "Two")
    og.ok(202, "DELETE", f"{PATH}/{first}")
    third = incident(og, "Three")
    assert [og.get(f"{PATH}/{key}")["tinyId"] for key in (second, third)] == ["2", "3"]


def test_a_service_can_go_while_incidents_are_open(og: Client) -> None:
    service = og.make("/v1/services", name="Shop", teamId=og.ops)["id"]
    key = incident(og, serviceId=service)
    og.drop(f"/v1/services/{service}")
    assert og.get(f"{PATH}/{key}")["status"] == "open"


@pytest.mark.parametrize(
    "body",
    [
        {"message": "m", "serviceId": "nothing"},
        {"message": "m", "impactedServices": ["nothing"]},
        {"message": "m", "impactedServices": "nothing"},
        {"message": "m", "responders": [{"type": "schedule", "id": "x"}]},
        {"message": "m", "responders": [{"type": "team", "name": "Nobody"}]},
    ],
)
def test_what_an_incident_may_not_be(og: Client, body: dict[str, Any]) -> None:
    og.refused(422, "POST", f"{PATH}/create", body)
    assert found(og) == []


def test_faults_of_fields(og: Client) -> None:
    wrong = {"priority": "P9", "tags": ["x" * 51], "details": [], "responders": {}, "notifyStakeholders": 1}
    assert fields(og.errors(f"{PATH}/create", **wrong)) == {"message", *wrong}
