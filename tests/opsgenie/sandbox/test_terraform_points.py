"""What the real Terraform provider (0.6.37) needs of a server, one test per point: bodies as it sends them.

Its SDK writes fields without a name of their own into every body (`IdentifierType` and so on), and empty ones.
"""

from typing import Any

import pytest

from .conftest import Client

MANAGED = "Managed by Terraform"
WEEKDAYS: dict[str, Any] = {
    "type": "weekday-and-time-of-day",
    "restrictions": [
        {"startDay": "monday", "endDay": "friday", "startHour": 9, "endHour": 17, "startMin": 0, "endMin": 30}
    ],
    "restriction": {},
}
HOURS: dict[str, Any] = {
    "type": "time-of-day",
    "restriction": {"startHour": 22, "endHour": 6, "startMin": 0, "endMin": 0},
}
BY_ID = "identifierType=id"


def participant(kind: str, key: str) -> dict[str, str]:
    """The provider names things by id; the user's name it has not goes along empty."""
    return {"type": kind, "id": key, "username": ""}


def team(og: Client, name: str = "Payments") -> str:
    members = [{"user": {"id": og.users["anna"]}, "role": "admin"}]
    return str(og.make("/v2/teams", description=MANAGED, name=name, members=members)["id"])


def schedule(og: Client, owner: str, **more: Any) -> str:
    body = {"name": "Payments primary", "timezone": "Europe/London", "enabled": True, "ownerTeam": {"id": owner}}
    return str(og.make("/v2/schedules", **{**body, "description": MANAGED, **more})["id"])


def rotation(og: Client, key: str, **more: Any) -> str:
    body = {
        "name": "Weeks",
        "startDate": "2025-01-06T09:00:00Z",
        "type": "weekly",
        "length": 1,
        "participants": [participant("user", og.users["anna"]), participant("user", og.users["ben"])],
        "timeRestriction": WEEKDAYS,
        "ScheduleIdentifierType": 1,
        "ScheduleIdentifierValue": key,
    }
    return str(og.make(f"/v2/schedules/{key}/rotations?scheduleIdentifierType=id", **{**body, **more})["id"])


def rules(target: str) -> list[dict[str, Any]]:
    common = {"condition": "if-not-acked", "notifyType": "default"}
    return [{**common, "recipient": participant("schedule", target), "delay": {"timeAmount": 0}}]


def escalation(og: Client, owner: str, target: str, **more: Any) -> str:
    body = {
        "name": "Payments",
        "description": MANAGED,
        "rules": rules(target),
        "ownerTeam": {"id": owner},
        "repeat": {},
    }
    return str(og.make("/v2/escalations", **{**body, **more})["id"])


def integration(og: Client, owner: str, target: str) -> str:
    responders = [{"type": "escalation", "id": target, "username": "", "name": ""}]
    body = {"name": "API", "type": "API", "allowWriteAccess": True, "ownerTeam": {"id": owner}}
    key = str(og.make("/v2/integrations", **body, responders=responders)["id"])
    og.ok(201, "POST", f"/v2/integrations/{key}/enable", {"Id": key})
    return key


def test_1_a_user_is_found_by_email_in_the_path(og: Client) -> None:
    for email in ("anna@acme.example", "anna%40acme.example"):
        found = og.get(f"/v2/users/{email}")
        assert (found["id"], found["role"]["name"], found["fullName"]) == (og.users["anna"], "User", "Anna")


def test_2_a_team_is_found_by_name_right_after_it_was_made(og: Client) -> None:
    key = team(og)
    by_name = og.get("/v2/teams/Payments?identifierType=name")
    assert by_name == og.get(f"/v2/teams/{key}?{BY_ID}")
    assert (by_name["id"], by_name["description"]) == (key, MANAGED)
    assert by_name["members"][0]["user"]["id"] == og.users["anna"]
    og.change(f"/v2/teams/{key}", id=key, name="Payments", description="Changed")  # without members: they stay
    changed = og.get(f"/v2/teams/{key}?{BY_ID}")
    assert (changed["description"], len(changed["members"])) == ("Changed", 1)
    og.drop(f"/v2/teams/{key}?{BY_ID}")
    og.refused(404, "GET", f"/v2/teams/{key}?{BY_ID}")


def test_3_a_schedule(og: Client) -> None:
    key = schedule(og, og.ops)
    found = og.get(f"/v2/schedules/{key}?{BY_ID}")
    assert (found["enabled"], found["ownerTeam"], found["timezone"]) == (
        True,
        {"id": og.ops, "name": "Ops"},
        "Europe/London",
    )
    junk = {"IdentifierType": 1, "IdentifierValue": key}
    og.change(
        f"/v2/schedules/{key}?{BY_ID}", **junk, name="Payments primary", timezone="Asia/Tokyo", enabled=False
    )
    found = og.get(f"/v2/schedules/{key}?{BY_ID}")
    assert (found["enabled"], found["timezone"], found["description"]) == (False, "Asia/Tokyo", MANAGED)
    og.drop(f"/v2/schedules/{key}?{BY_ID}")


def test_4_a_rotation(og: Client) -> None:
    key = schedule(og, og.ops)
    one = rotation(og, key)
    path = f"/v2/schedules/{key}/rotations/{one}?scheduleIdentifierType=id"
    found = og.get(path)
    assert (found["startDate"], found["length"], found["type"]) == ("2025-01-06T09:00:00Z", 1, "weekly")
    assert found["endDate"] is None  # it leaves the end out of its state then
    junk = {"ScheduleIdentifierType": 1, "ScheduleIdentifierValue": key, "RotationId": one}
    people = [participant("user", og.users["cleo"])]
    start = {"startDate": "2025-01-06T09:00:00Z", "type": "daily", "length": 2}
    og.change(path, **junk, **start, participants=people, endDate="2027-01-06T09:00:00Z")
    found = og.get(path)
    assert (found["type"], found["length"], found["endDate"]) == ("daily", 2, "2027-01-06T09:00:00Z")
    og.drop(path)
    og.refused(404, "GET", path)


def test_5_an_escalation(og: Client) -> None:
    key = escalation(og, og.ops, schedule(og, og.ops))
    found = og.get(f"/v2/escalations/{key}?{BY_ID}")
    (rule,) = found["rules"]
    assert rule["delay"] == {"timeAmount": 0, "timeUnit": "minutes"}
    assert rule["recipient"]["type"] == "schedule"
    people = [{**rules("")[0], "recipient": participant("user", og.users["ben"]), "delay": {"timeAmount": 5}}]
    junk = {"IdentifierType": "id", "Identifier": key}
    og.change(f"/v2/escalations/{key}?{BY_ID}", **junk, name="Payments", rules=people, repeat={})
    (rule,) = og.get(f"/v2/escalations/{key}?{BY_ID}")["rules"]
    assert (rule["recipient"]["id"], rule["delay"]["timeAmount"]) == (og.users["ben"], 5)
    og.drop(f"/v2/escalations/{key}?{BY_ID}")


def test_6_a_service(og: Client) -> None:
    key = str(og.make("/v1/services", name="Shop", teamId=og.ops, description=MANAGED, tags=["gold"])["id"])
    found = og.get(f"/v1/services/{key}")
    assert {name: found[name] for name in ("name", "teamId", "description", "tags")} == {
        "name": "Shop",
        "teamId": og.ops,
        "description": MANAGED,
        "tags": ["gold"],
    }
    og.change(f"/v1/services/{key}", Id=key, name="Store", description="Changed", visibility="TEAM_MEMBERS")
    found = og.get(f"/v1/services/{key}")
    assert (found["name"], found["description"], found["teamId"]) == ("Store", "Changed", og.ops)
    og.drop(f"/v1/services/{key}")
    og.refused(404, "GET", f"/v1/services/{key}")


def test_7_an_integration_is_a_flat_object_that_can_be_sent_back(og: Client) -> None:
    target = escalation(og, og.ops, schedule(og, og.ops))
    key = integration(og, og.ops, target)
    found = og.get(f"/v2/integrations/{key}")
    assert {"_readOnly", "ownerTeam", "enabled", "isAdvanced", "type", "name", "id"} <= set(found)
    assert (found["enabled"], found["ownerTeam"]["id"], found["type"]) == (True, og.ops, "API")
    assert [(one["type"], one["id"]) for one in found["responders"]] == [("escalation", target)]
    og.change(f"/v2/integrations/{key}", "PUT", **{**found, "enabled": False, "suppressNotifications": True})
    after = og.get(f"/v2/integrations/{key}")
    assert after == {**found, "enabled": False, "suppressNotifications": True}
    og.drop(f"/v2/integrations/{key}")
    og.refused(404, "GET", f"/v2/integrations/{key}")


def test_8_what_a_team_came_with_is_taken_away(og: Client) -> None:
    """Rules of the team by its name, then the first escalation and the first schedule that it owns."""
    key = team(og)
    path = "/v2/teams/Payments/routing-rules"
    for rule in og.get(f"{path}?teamIdentifierType=name"):
        junk = {"TeamIdentifierType": 0, "TeamIdentifierValue": "Payments", "RoutingRuleId": rule["id"]}
        og.change(f"{path}/{rule['id']}?teamIdentifierType=name", **junk, notify={"type": "none"})
    for kind in ("/v2/escalations", "/v2/schedules"):
        found = og.get(f"{kind}?expand=rotation" if kind.endswith("schedules") else kind)
        mine = next(one for one in found if one.get("ownerTeam", {}).get("name") == "Payments")
        og.drop(f"{kind}/{mine['id']}?{BY_ID}")
    assert og.get("/v2/escalations") == og.get("/v2/schedules") == []
    og.drop(f"/v2/teams/{key}?{BY_ID}")


def test_9_the_envelope_and_its_headers(og: Client) -> None:
    answer = og.call("POST", "/v2/teams", {"name": "Payments"})
    assert answer.json().keys() == {"result", "data", "took", "requestId"}
    assert answer.json()["result"] == "Created"
    for name in ("X-Request-Id", "X-Response-Time", "X-RateLimit-State"):
        assert answer.headers[name]


def test_10_junk_in_bodies_changes_nothing(og: Client) -> None:
    key = schedule(og, og.ops, IdentifierType=1, IdentifierValue="x", Identifier="y", Id="z", RotationId="r")
    found = og.get(f"/v2/schedules/{key}")
    assert found.keys() == {"id", "name", "description", "timezone", "enabled", "ownerTeam", "rotations"}


def test_11_empty_usernames_are_none(og: Client) -> None:
    key = schedule(og, og.ops)
    one = rotation(og, key, participants=[participant("user", og.users["anna"]), {"type": "none", "username": ""}])
    found = og.get(f"/v2/schedules/{key}/rotations/{one}")["participants"]
    assert found == [{"type": "user", "id": og.users["anna"], "username": "anna@acme.example"}, {"type": "none"}]


def test_12_an_empty_restriction_beside_restrictions_counts_for_nothing(og: Client) -> None:
    key = schedule(og, og.ops)
    one = rotation(og, key)
    found = og.get(f"/v2/schedules/{key}/rotations/{one}")["timeRestriction"]
    assert found == {name: WEEKDAYS[name] for name in ("type", "restrictions")}
    two = rotation(og, key, timeRestriction=HOURS)
    assert og.get(f"/v2/schedules/{key}/rotations/{two}")["timeRestriction"] == HOURS


@pytest.mark.parametrize("missing", ["startHour", "startMin", "endHour", "endMin"])
def test_13_restrictions_need_all_four_times(og: Client, missing: str) -> None:
    """The provider takes what it reads apart and would crash without one of them."""
    key = schedule(og, og.ops)
    window = {name: value for name, value in HOURS["restriction"].items() if name != missing}
    body = {**og.rotation("anna"), "timeRestriction": {**HOURS, "restriction": window}}
    assert missing in og.errors(f"/v2/schedules/{key}/rotations", **body)


def test_14_an_empty_repeat_is_none_and_not_shown(og: Client) -> None:
    target = schedule(og, og.ops)
    key = escalation(og, og.ops, target)
    assert "repeat" not in og.get(f"/v2/escalations/{key}")
    repeat = {"waitInterval": 10, "count": 2, "resetRecipientStates": True}
    og.change(f"/v2/escalations/{key}?{BY_ID}", name="Payments", rules=rules(target), repeat=repeat)
    shown = og.get(f"/v2/escalations/{key}")["repeat"]
    assert shown == {**repeat, "closeAlertAfterAll": False}
    og.change(f"/v2/escalations/{key}?{BY_ID}", name="Payments", rules=rules(target), repeat={})
    assert "repeat" not in og.get(f"/v2/escalations/{key}")


def test_15_what_an_update_leaves_out_stays(og: Client) -> None:
    """So a restriction, an end and an owner can never be taken away by the provider, whose plans do not settle."""
    key = schedule(og, og.ops)
    one = rotation(og, key, endDate="2027-01-06T09:00:00Z")
    path = f"/v2/schedules/{key}/rotations/{one}?scheduleIdentifierType=id"
    people = [participant("user", og.users["anna"])]
    og.change(path, startDate="2025-01-06T09:00:00Z", type="weekly", length=1, participants=people, RotationId=one)
    found = og.get(path)
    assert found["timeRestriction"]["restrictions"] == WEEKDAYS["restrictions"]
    assert found["endDate"] == "2027-01-06T09:00:00Z"
    og.change(f"/v2/schedules/{key}?{BY_ID}", name="Payments primary", enabled=True)
    assert og.get(f"/v2/schedules/{key}")["ownerTeam"]["id"] == og.ops


@pytest.mark.parametrize(
    "kind", ["/v2/teams", "/v2/schedules", "/v2/escalations", "/v1/services", "/v2/integrations"]
)
def test_16_what_is_gone_is_404(og: Client, kind: str) -> None:
    """Then the provider plans to make it again."""
    query = "" if kind in {"/v1/services", "/v2/integrations"} else f"?{BY_ID}"
    og.refused(404, "GET", f"{kind}/4513b7ea-3b91-438f-b7e4-e3e54af9147c{query}")


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("500", 500)])
def test_17_a_refused_call_can_be_tried_again(og: Client, kind: str, status: int) -> None:
    og.control("faults", kind=kind, call=1)
    assert og.call("POST", "/v2/teams", {"name": "Payments"}).status_code == status
    assert og.call("POST", "/v2/teams", {"name": "Payments"}).status_code == 201  # nothing was made before
