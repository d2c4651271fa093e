"""Teams, their members and roles, and what comes and goes with them."""

from typing import Any

import pytest

from .conftest import Client, fields


def names(og: Client, path: str) -> list[str]:
    return [one["name"] for one in og.get(path)]


def test_a_team_comes_with_a_schedule_an_escalation_and_a_rule(og: Client) -> None:
    key = og.team("Payments", description="Cards", members=[{"user": {"username": "anna@acme.example"}}])
    assert names(og, "/v2/schedules") == ["Payments_schedule"]
    assert names(og, "/v2/escalations") == ["Payments_escalation"]
    schedule = og.get("/v2/schedules?expand=rotation")[0]
    escalation = og.get("/v2/escalations")[0]
    (rule,) = og.get(f"/v2/teams/{key}/routing-rules")
    assert schedule["ownerTeam"] == escalation["ownerTeam"] == {"id": key, "name": "Payments"}
    assert escalation["rules"][0]["recipient"]["id"] == schedule["id"]
    assert rule["notify"] == {"type": "escalation", "id": escalation["id"], "name": "Payments_escalation"}
    assert (rule["isDefault"], rule["name"]) == (True, "Default Routing Rule")


def test_lists_leave_the_members_out(og: Client) -> None:
    assert set(og.get("/v2/teams")[0]) == {"id", "name", "description", "links"}
    found = og.get("/v2/teams/Ops?identifierType=name")["members"]
    assert found == [
        {"user": {"id": og.users["anna"], "username": "anna@acme.example"}, "role": "admin"},
        {"user": {"id": og.users["ben"], "username": "ben@acme.example"}, "role": "user"},
    ]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"name"}),
        ({"name": ""}, {"name"}),
        ({"name": "a/b"}, {"name"}),
        ({"name": "é"}, {"name"}),
        ({"name": "x" * 101}, {"name"}),
        ({"name": "T", "description": "x" * 1001}, {"description"}),
        ({"name": "T", "description": 7}, {"description"}),
    ],
)
def test_what_a_team_may_not_be(og: Client, body: dict[str, Any], wrong: set[str]) -> None:
    assert fields(og.errors("/v2/teams", **body)) == wrong


def test_names_are_taken(og: Client) -> None:
    assert (
        og.refused(409, "POST", "/v2/teams", {"name": "Ops"})["message"]
        == "Team with [name] [Ops] already exists."
    )
    og.schedule(name="Primary")
    refused = og.refused(409, "POST", "/v2/teams", {"name": "Primary"})
    assert refused["message"] == "There is already one Schedule with same name"
    other = og.team("Other")
    og.refused(409, "PATCH", f"/v2/teams/{other}", {"name": "Ops"})
    og.change(f"/v2/teams/{other}", name="Other")


def test_a_team_whose_defaults_cannot_be_made_is_not_made_either(og: Client) -> None:
    schedule = og.schedule(name="Shop_schedule")
    og.refused(409, "POST", "/v2/teams", {"name": "Shop"})
    og.drop(f"/v2/schedules/{schedule}")
    escalation = og.escalation(name="Shop_escalation")
    og.refused(409, "POST", "/v2/teams", {"name": "Shop"})
    assert (names(og, "/v2/teams"), names(og, "/v2/schedules")) == (["Ops"], [])
    og.drop(f"/v2/escalations/{escalation}")
    og.team("Shop")


def test_patch_takes_an_id_only_and_replaces_all_members(og: Client) -> None:
    og.refused(404, "PATCH", "/v2/teams/Ops?identifierType=name", {"description": "x"})
    og.change(f"/v2/teams/{og.ops}", description="We operate", name="Operations")
    team = og.get(f"/v2/teams/{og.ops}")
    assert (team["name"], team["description"], len(team["members"])) == ("Operations", "We operate", 2)
    og.change(f"/v2/teams/{og.ops}", members=[{"user": {"id": og.users["cleo"]}, "role": "admin"}])
    assert [one["user"]["id"] for one in og.get(f"/v2/teams/{og.ops}")["members"]] == [og.users["cleo"]]
    og.change(f"/v2/teams/{og.ops}", members=[])
    assert og.get(f"/v2/teams/{og.ops}")["members"] == []


@pytest.mark.parametrize(
    "members",
    [
        "anna",
        [{}],
        [{"user": {"username": "nobody@acme.example"}}],
        [{"user": {"id": "", "username": ""}}],
        [{"user": {"username": "anna@acme.example"}, "role": "king"}],
        [
            {"user": {"username": "anna@acme.example"}},
            {"user": {"username": "anna@acme.example"}, "role": "admin"},
        ],
    ],
)
def test_what_members_may_not_be(og: Client, members: Any) -> None:
    og.refused(422, "PATCH", f"/v2/teams/{og.ops}", {"members": members})
    assert len(og.get(f"/v2/teams/{og.ops}")["members"]) == 2


def test_members_one_by_one(og: Client) -> None:
    path = "/v2/teams/Ops/members"
    query = "?teamIdentifierType=name"
    og.change(path + query, "POST", user={"username": "cleo@acme.example"})
    og.change(path + query, "POST", user={"id": og.users["anna"]}, role="user")
    found = {one["user"]["username"]: one["role"] for one in og.get(f"/v2/teams/{og.ops}")["members"]}
    assert found == {"ben@acme.example": "user", "cleo@acme.example": "user", "anna@acme.example": "user"}
    og.ok(200, "DELETE", f"{path}/ben@acme.example{query}")
    og.refused(404, "DELETE", f"{path}/ben@acme.example{query}")
    assert len(og.get(f"/v2/teams/{og.ops}")["members"]) == 2


def test_a_team_goes_with_what_it_owns(og: Client) -> None:
    key = og.team("Payments")
    og.drop("/v2/teams/Payments?identifierType=name")
    og.refused(404, "GET", f"/v2/teams/{key}")
    assert (og.get("/v2/schedules"), og.get("/v2/escalations")) == ([], [])
    og.team("Payments")  # the names are free again


def test_a_team_in_use_stays(og: Client) -> None:
    key = og.team("Payments")
    escalation = og.escalation(og.rule("team", key), name="Other")
    refused = og.refused(428, "DELETE", f"/v2/teams/{key}")
    assert refused["message"] == "Team [Payments] is used by escalation [Other]. It can not be deleted."
    og.drop(f"/v2/escalations/{escalation}")
    owned = og.get("/v2/schedules")[0]["id"]
    other = og.escalation(og.rule("schedule", owned), name="Other")
    og.refused(428, "DELETE", f"/v2/teams/{key}")  # what goes with it is in use
    og.drop(f"/v2/escalations/{other}")
    og.drop(f"/v2/teams/{key}")


def test_what_a_team_came_with_can_be_taken_away(og: Client) -> None:
    """What the Terraform provider's `delete_default_resources` does."""
    key = og.team("Payments")
    escalation, schedule = og.get("/v2/escalations")[0]["id"], og.get("/v2/schedules")[0]["id"]
    og.refused(428, "DELETE", f"/v2/escalations/{escalation}")  # the default rule notifies it
    rule = og.get(f"/v2/teams/{key}/routing-rules")[0]["id"]
    og.change(f"/v2/teams/{key}/routing-rules/{rule}", notify={"type": "none"})
    og.refused(428, "DELETE", f"/v2/schedules/{schedule}")  # the escalation notifies it
    og.drop(f"/v2/escalations/{escalation}")
    og.drop(f"/v2/schedules/{schedule}")
    assert og.get(f"/v2/teams/{key}/routing-rules")[0]["notify"] == {"type": "none"}


def test_roles(og: Client) -> None:
    path = f"/v2/teams/{og.ops}/roles"
    rights = [{"right": "manage-members", "granted": True}, {"right": "edit-schedules"}]
    key = og.make(path, name="Lead", rights=rights)["id"]
    assert og.get(path) == [
        {"id": key, "name": "Lead", "rights": [rights[0], {"right": "edit-schedules", "granted": False}]}
    ]
    assert og.get(f"{path}/Lead?identifierType=name")["id"] == key
    og.change("/v2/teams/Ops/members?teamIdentifierType=name", "POST", user=og.person("ben"), role="Lead")
    og.refused(428, "DELETE", f"{path}/{key}")
    og.change(f"{path}/{key}", name="Captain")
    assert {one["role"] for one in og.get(f"/v2/teams/{og.ops}")["members"]} == {"admin", "Captain"}
    og.change(f"/v2/teams/{og.ops}", members=[])
    og.drop(f"{path}/{key}")
    assert og.get(path) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"rights": []}, 422),
        ({"name": "Lead"}, 422),
        ({"name": "Lead", "rights": ["all"]}, 422),
        ({"name": "Lead", "rights": [{"right": "fly"}]}, 422),
        ({"name": "Lead", "rights": [{"right": "edit-schedules", "granted": "yes"}]}, 422),
        ({"name": "admin", "rights": []}, 409),
    ],
)
def test_what_a_role_may_not_be(og: Client, body: dict[str, Any], status: int) -> None:
    og.refused(status, "POST", f"/v2/teams/{og.ops}/roles", body)


def test_a_role_belongs_to_one_team(og: Client) -> None:
    other = og.team("Other")
    key = og.make(f"/v2/teams/{og.ops}/roles", name="Lead", rights=[])["id"]
    og.make(f"/v2/teams/{other}/roles", name="Lead", rights=[])
    og.refused(404, "GET", f"/v2/teams/{other}/roles/{key}")
    og.refused(409, "POST", f"/v2/teams/{og.ops}/roles", {"name": "Lead", "rights": []})
    og.refused(422, "PATCH", f"/v2/teams/{other}", {"members": [{"user": og.person("anna"), "role": "Boss"}]})
