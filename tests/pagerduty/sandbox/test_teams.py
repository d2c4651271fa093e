"""Teams, members, and the memberships that come about by themselves."""

from typing import Any

import pytest

from .conftest import Client


def members(pd: Client, team: str) -> dict[str, str]:
    names = {key: name for name, key in pd.users.items()}
    return {names[one["user"]["id"]]: one["role"] for one in pd.get(f"/teams/{team}/members")["members"]}


def of(team: dict[str, Any]) -> list[dict[str, str]]:
    return [{"id": team["id"], "type": "team_reference"}]


def test_create_read_update_delete(pd: Client) -> None:
    team = pd.team("Payments", description="Cards")
    path = f"/teams/{team['id']}"
    assert pd.get(path)["team"] == team
    changed = pd.ok(200, "PUT", path, {"team": {"name": "Money"}})["team"]
    assert (changed["name"], changed["description"], changed["default_role"]) == ("Money", "Cards", "manager")
    assert pd.get(path + "?include[]=privileges")["team"]["privileges"] == []
    pd.ok(204, "DELETE", path)
    assert pd.refused(404, "GET", path)["code"] == 2100
    assert pd.refused(404, "DELETE", path)["code"] == 2100


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": ""}, "Name can't be blank"),
        ({"name": "x" * 101}, "Name is too long (maximum is 100 characters)"),
        ({"description": "x" * 1025}, "Description is too long (maximum is 1024 characters)"),
        ({"default_role": "boss"}, "Default role is not included in the list"),
        ({"name": "a\tb"}, "Name cannot contain non-printable characters"),
    ],
)
def test_what_a_team_may_not_be(pd: Client, fields: dict[str, str], error: str) -> None:
    assert pd.refused(400, "POST", "/teams", {"team": {"name": "T", **fields}})["errors"] == [error]


def test_a_team_cannot_be_its_own_ancestor(pd: Client) -> None:
    top = pd.team("Top")
    below = pd.team("Below", parent={"id": top["id"], "type": "team_reference"})
    assert below["parent"]["summary"] == "Top"
    body = {"team": {"parent": {"id": below["id"], "type": "team_reference"}}}
    assert pd.refused(400, "PUT", f"/teams/{top['id']}", body)["code"] == 2001


def test_membership(pd: Client) -> None:
    team = pd.team()["id"]
    pd.ok(204, "PUT", f"/teams/{team}/users/{pd.users['anna']}")
    pd.ok(204, "PUT", f"/teams/{team}/users/{pd.users['ben']}", {"role": "observer"})
    assert members(pd, team) == {"anna": "manager", "ben": "observer"}
    pd.ok(204, "PUT", f"/teams/{team}/users/{pd.users['ben']}", {"role": "responder"})
    assert members(pd, team)["ben"] == "responder"
    assert pd.get(f"/users/{pd.users['ben']}")["user"]["teams"][0]["id"] == team
    assert pd.get(f"/teams/{team}/members?include[]=users")["members"][1]["user"]["email"] == "ben@acme.example"
    pd.ok(204, "DELETE", f"/teams/{team}/users/{pd.users['ben']}")
    assert members(pd, team) == {"anna": "manager"}
    assert pd.refused(404, "DELETE", f"/teams/{team}/users/{pd.users['ben']}")["code"] == 2100
    assert pd.refused(404, "PUT", f"/teams/{team}/users/PNOBODY")["code"] == 2100
    assert pd.refused(400, "PUT", f"/teams/{team}/users/{pd.users['ben']}", {"role": "boss"})["code"] == 2001


def test_read_only_users_cannot_be_members(pd: Client) -> None:
    team = pd.team()["id"]
    assert pd.refused(400, "PUT", f"/teams/{team}/users/{pd.users['ray']}", {"role": "observer"})["code"] == 2001


def test_a_policy_with_a_team_brings_its_people(pd: Client) -> None:
    team = pd.team()
    schedule = pd.schedule(pd.layer("ben"))
    policy = pd.policy("anna", schedule["id"], teams=of(team))
    assert members(pd, team["id"]) == {"anna": "manager", "ben": "manager"}
    error = pd.refused(400, "DELETE", f"/teams/{team['id']}/users/{pd.users['ben']}")
    assert error["errors"] == ["User cannot be removed as they belong to an escalation policy on this team"]
    body = {"escalation_policy": {"escalation_rules": [pd.rule("cleo")]}}
    pd.ok(200, "PUT", f"/escalation_policies/{policy['id']}", body)
    assert members(pd, team["id"]) == {"anna": "manager", "ben": "manager", "cleo": "manager"}
    pd.ok(204, "DELETE", f"/teams/{team['id']}/users/{pd.users['ben']}")


def test_so_does_a_schedule_that_gains_people_and_a_policy_put_on_a_team(pd: Client) -> None:
    team, schedule = pd.team(default_role="none"), pd.schedule(pd.layer("ben"))
    policy = pd.policy(schedule["id"])
    assert members(pd, team["id"]) == {}
    pd.ok(204, "PUT", f"/teams/{team['id']}/escalation_policies/{policy['id']}")
    assert members(pd, team["id"]) == {"ben": "none"}
    changed = {"schedule": {"schedule_layers": [pd.layer("cleo", id=schedule["schedule_layers"][0]["id"])]}}
    pd.ok(200, "PUT", f"/schedules/{schedule['id']}", changed)
    assert set(members(pd, team["id"])) == {"ben", "cleo"}


def test_a_policy_has_one_team_at_most(pd: Client) -> None:
    first, second = pd.team("One"), pd.team("Two")
    policy = pd.policy(teams=of(first))
    path = f"/escalation_policies/{policy['id']}"
    error = pd.refused(400, "PUT", f"/teams/{second['id']}{path}")
    assert error == {"message": "Escalation Policy has already been taken", "code": 2001}
    pd.ok(204, "PUT", f"/teams/{first['id']}{path}")
    pd.refused(404, "DELETE", f"/teams/{second['id']}{path}")
    pd.ok(204, "DELETE", f"/teams/{first['id']}{path}")
    pd.ok(204, "PUT", f"/teams/{second['id']}{path}")
    body = {"escalation_policy": {"teams": of(first) + of(second)}}
    assert pd.refused(400, "PUT", path, body)["errors"] == ["Teams is too long (maximum is 1 team)"]


@pytest.mark.parametrize("kind", ["policy", "schedule", "subteam"])
def test_a_team_with_associations_cannot_go(pd: Client, kind: str) -> None:
    team = pd.team()
    if kind == "policy":
        pd.policy(teams=of(team))
    elif kind == "schedule":
        pd.schedule(teams=of(team))
    else:
        pd.team("Below", parent=of(team)[0])
    error = pd.refused(400, "DELETE", f"/teams/{team['id']}")
    assert error == {"message": "Team has existing associations", "code": 6006}


def test_deleting_a_team_ends_its_memberships(pd: Client) -> None:
    team = pd.team()["id"]
    pd.ok(204, "PUT", f"/teams/{team}/users/{pd.users['anna']}")
    pd.ok(204, "DELETE", f"/teams/{team}?reassignment_team={pd.team('Other')['id']}")
    assert pd.get(f"/users/{pd.users['anna']}")["user"]["teams"] == []
