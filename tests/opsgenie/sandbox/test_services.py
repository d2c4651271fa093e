"""Services and their incident rules."""

from typing import Any

import pytest

from .conftest import Client, fields

STAKEHOLDERS = {"enable": True, "message": "We look into it"}
INCIDENT = {"message": "{{message}}", "priority": "P1", "stakeholderProperties": STAKEHOLDERS}
RULE: dict[str, Any] = {"conditionMatchType": "match-all", "incidentProperties": INCIDENT}
HIGH = {"field": "priority", "operation": "equals", "expectedValue": "P1"}


def service(og: Client, name: str = "Shop", **more: Any) -> str:
    return str(og.make("/v1/services", **{"name": name, "teamId": og.ops, **more})["id"])


def names(og: Client, query: str = "") -> list[str]:
    return [one["name"] for one in og.get(f"/v1/services{query}")]


def test_a_service_as_it_is_shown(og: Client) -> None:
    key = service(og, description="Where people buy", tags=["web"], visibility="OPSGENIE_USERS", Id="junk")
    assert og.get(f"/v1/services/{key}") == {
        "id": key,
        "name": "Shop",
        "description": "Where people buy",
        "visibility": "OPSGENIE_USERS",
        "teamId": og.ops,
        "tags": ["web"],
        "links": {
            "web": f"https://app.opsgenie.com/service/{key}/status",
            "api": f"https://api.opsgenie.com/v1/services/{key}",
        },
        "isExternal": False,
    }


def test_defaults_of_a_service(og: Client) -> None:
    found = og.get(f"/v1/services/{service(og)}")
    assert (found["description"], found["tags"], found["visibility"]) == ("", [], "TEAM_MEMBERS")


def test_a_change_keeps_the_rest_and_always_the_team(og: Client) -> None:
    key, other = service(og, tags=["a"], description="d"), og.team("Other")
    assert og.change(f"/v1/services/{key}", tags=[], teamId=other, description=None) == {"id": key, "name": "Shop"}
    found = og.get(f"/v1/services/{key}")
    assert (found["tags"], found["description"], found["teamId"]) == ([], "d", og.ops)


def test_lists_come_in_pages_by_name(og: Client) -> None:
    for number in range(23):
        service(og, f"Service {number:02}")
    first = og.ok(200, "GET", "/v1/services")
    assert len(first["data"]) == 20
    assert first["totalCount"] == 23
    rest = og.ok(200, "GET", first["paging"]["next"].removeprefix(og.url))
    assert [one["name"] for one in rest["data"]] == ["Service 20", "Service 21", "Service 22"]
    assert "next" not in rest["paging"]
    assert names(og, "?limit=2&order=desc") == ["Service 22", "Service 21"]
    og.refused(422, "GET", "/v1/services?limit=101")
    og.refused(422, "GET", "/v1/services?order=sideways")


def test_a_list_can_be_searched(og: Client) -> None:
    service(og, "Shop")
    service(og, "Shop admin")
    service(og, "Search")
    assert names(og, "?query=shop") == names(og, "?query=name:shop") == ["Shop", "Shop admin"]


def test_what_a_service_may_not_be(og: Client) -> None:
    service(og)
    assert fields(og.errors("/v1/services", teamId=og.ops)) == {"name"}
    assert fields(og.errors("/v1/services", name="x" * 101, teamId=og.ops, description="x" * 10_001)) == {
        "name",
        "description",
    }
    assert fields(og.errors("/v1/services", name="S", teamId=og.ops, visibility="ALL", tags=["t"] * 21)) == {
        "visibility",
        "tags",
    }
    og.refused(422, "POST", "/v1/services", {"name": "S"})
    og.refused(422, "POST", "/v1/services", {"name": "S", "teamId": "nobody"})
    assert "Shop" in og.refused(409, "POST", "/v1/services", {"name": "Shop", "teamId": og.ops})["message"]
    assert names(og) == ["Shop"]


def test_a_name_can_be_kept_but_not_taken(og: Client) -> None:
    one, two = service(og, "One"), service(og, "Two")
    og.change(f"/v1/services/{one}", name="One", description="d")
    og.refused(409, "PATCH", f"/v1/services/{two}", {"name": "One"})
    og.change(f"/v1/services/{two}", name="Three")
    assert names(og) == ["One", "Three"]


def test_a_deleted_service_is_gone_with_its_rules(og: Client) -> None:
    key = service(og)
    og.make(f"/v1/services/{key}/incident-rules", **RULE)
    og.drop(f"/v1/services/{key}")
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        og.refused(404, method, f"/v1/services/{key}", body)
    og.refused(404, "GET", f"/v1/services/{key}/incident-rules")


def test_a_team_with_services_stays(og: Client) -> None:
    key = service(og)
    assert "service [Shop]" in og.refused(428, "DELETE", f"/v2/teams/{og.ops}")["message"]
    og.drop(f"/v1/services/{key}")
    og.drop(f"/v2/teams/{og.ops}")


def test_rules_of_a_service(og: Client) -> None:
    path = f"/v1/services/{service(og)}/incident-rules"
    conditions = {"conditionMatchType": "match-any-condition", "conditions": [HIGH]}
    more = {**INCIDENT, "tags": ["incident"], "details": {"a": "b"}, "description": "d"}
    keys = [og.make(path, **RULE)["id"], og.make(path, **conditions, incidentProperties=more)["id"]]
    first, second = og.get(path)
    assert [(one["id"], one["order"]) for one in (first, second)] == [(keys[0], 0), (keys[1], 1)]
    assert first["incidentProperties"]["stakeholderProperties"] == {**STAKEHOLDERS, "description": ""}
    assert second["conditions"] == [{**HIGH, "not": False}]
    assert second["incidentProperties"]["details"] == {"a": "b"}
    assert og.get(f"{path}/{keys[1]}") == second
    og.change(f"{path}/{keys[1]}", "PUT", **RULE)
    assert og.get(f"{path}/{keys[1]}")["incidentProperties"]["tags"] == []  # all of it was replaced
    og.drop(f"{path}/{keys[0]}")
    assert [(one["id"], one["order"]) for one in og.get(path)] == [(keys[1], 0)]
    og.refused(404, "DELETE", f"{path}/{keys[0]}")
    og.refused(404, "GET", f"/v1/services/{service(og, 'Other')}/incident-rules/{keys[1]}")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**RULE, "conditionMatchType": "sometimes"},
        {**RULE, "conditions": [HIGH]},
        {**RULE, "conditionMatchType": "match-any-condition"},
        {**RULE, "incidentProperties": {**INCIDENT, "message": "x" * 131}},
        {**RULE, "incidentProperties": {**INCIDENT, "priority": "P9"}},
        {**RULE, "incidentProperties": {**INCIDENT, "details": {"a": 1}}},
        {**RULE, "incidentProperties": {**INCIDENT, "tags": ["t"] * 21}},
        {**RULE, "incidentProperties": {**INCIDENT, "stakeholderProperties": None}},
        {**RULE, "incidentProperties": {**INCIDENT, "stakeholderProperties": {"enable": "yes"}}},
    ],
)
def test_what_a_rule_may_not_be(og: Client, body: dict[str, Any]) -> None:
    path = f"/v1/services/{service(og)}/incident-rules"
    og.refused(422, "POST", path, body)
    assert og.get(path) == []
