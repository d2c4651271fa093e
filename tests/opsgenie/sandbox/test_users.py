"""Users and how they are reached."""

from typing import Any

import pytest

from .conftest import Client, fields


def create(og: Client, **more: Any) -> str:
    body = {"username": "dan@acme.example", "fullName": "Dan", "role": {"name": "User"}, **more}
    return str(og.make("/v2/users", **body)["id"])


def test_a_user_as_it_is_shown(og: Client) -> None:
    user = og.get(f"/v2/users/{create(og, timeZone='Europe/Berlin', tags=['x'], details={'k': ['v']})}")
    shown = {key: user[key] for key in ("username", "fullName", "role", "timeZone", "locale", "tags", "details")}
    assert shown == {
        "username": "dan@acme.example",
        "fullName": "Dan",
        "role": {"id": "User", "name": "User"},
        "timeZone": "Europe/Berlin",
        "locale": "en_US",
        "tags": ["x"],
        "details": {"k": ["v"]},
    }
    assert (user["blocked"], user["verified"], user["createdAt"]) == (False, False, "2026-11-21T09:00:30.000Z")
    assert set(user["userAddress"]) == {"country", "state", "city", "line", "zipCode"}


def test_tags_and_details_show_only_when_there_are_any(og: Client) -> None:
    listed = og.get("/v2/users")[0]
    assert not {"tags", "details", "skypeUsername", "userContacts"} & set(listed)
    assert listed["verified"] is True  # seeded people have followed their invitations


def test_the_path_takes_an_id_or_a_username_in_any_case(og: Client) -> None:
    for key in (og.users["anna"], "anna@acme.example", "Anna%40ACME.example"):
        assert og.get(f"/v2/users/{key}")["id"] == og.users["anna"]
    assert og.refused(404, "GET", "/v2/users/nobody@acme.example")["message"].startswith("User with id [nobody")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"username": "Dan@acme.example"}, {"username"}),
        ({"username": "nobody"}, {"username"}),
        ({"username": "x" * 90 + "@acme.example"}, {"username"}),
        ({"fullName": ""}, {"fullName"}),
        ({"fullName": "x" * 513}, {"fullName"}),
        ({"role": {"name": "King"}}, {"role"}),
        ({"role": "User"}, {"role"}),
        ({"role": None, "fullName": None}, {"role", "fullName"}),
        ({"timeZone": "Mars/Olympus"}, {"timeZone"}),
        ({"tags": "x"}, {"tags"}),
        ({"details": {"a": "b"}}, {"details"}),
        ({"userAddress": {"city": 7}}, {"userAddress"}),
        ({"skypeUsername": 7}, {"skypeUsername"}),
    ],
)
def test_what_a_user_may_not_be(og: Client, body: dict[str, Any], wrong: set[str]) -> None:
    whole = {"username": "dan@acme.example", "fullName": "Dan", "role": {"name": "User"}, **body}
    assert fields(og.errors("/v2/users", **whole)) == wrong
    assert len(og.get("/v2/users")) == 4


def test_a_username_is_taken_once(og: Client) -> None:
    create(og)
    again = {"username": "dan@acme.example", "fullName": "Dan 2", "role": {"id": "user"}}
    assert "[username] [dan@acme.example] already exists" in og.refused(409, "POST", "/v2/users", again)["message"]


def test_patch_changes_what_it_mentions(og: Client) -> None:
    og.change("/v2/users/ben@acme.example", fullName="Benjamin", role={"name": "owner"}, timeZone=None)
    user = og.get(f"/v2/users/{og.users['ben']}")
    found = (user["fullName"], user["role"]["name"], user["timeZone"], user["username"])
    assert found == ("Benjamin", "Owner", "Europe/London", "ben@acme.example")
    assert fields(og.errors("/v2/users/ben@acme.example", "PATCH", username="B")) == {"username"}


def test_searching(og: Client) -> None:
    def found(query: str) -> list[str]:
        return [user["username"].partition("@")[0] for user in og.get(f"/v2/users?{query}")]

    assert found("query=username:ben@acme.example") == ["ben"]
    assert found("query=role:admin") == ["cleo"]
    assert found("query=role:observer%20AND%20blocked:false") == ["ray"]
    assert found("query=BE") == ["ben"]
    assert found("sortField=username&order=desc") == ["ray", "cleo", "ben", "anna"]
    assert found("sortField=insertedAt") == ["anna", "ben", "cleo", "ray"]
    og.refused(422, "GET", "/v2/users?query=shoe:44")
    og.refused(422, "GET", "/v2/users?sort=shoe")


def test_what_somebody_is_on(og: Client) -> None:
    schedule = og.schedule(og.rotation("anna", "ben"))
    og.schedule(og.rotation("cleo"), name="Other")
    escalation = og.escalation(og.rule("user", "ben"))
    path = "/v2/users/ben@acme.example"
    assert og.get(f"{path}/teams") == [{"id": og.ops, "name": "Ops"}]
    assert og.get(f"{path}/schedules") == [{"id": schedule, "name": "Primary", "enabled": True}]
    assert [one["id"] for one in og.get(f"{path}/escalations")] == [escalation]
    assert og.get(f"/v2/users/{og.users['ray']}/teams") == []


def test_a_user_in_use_stays(og: Client) -> None:
    schedule, path = og.schedule(og.rotation("ray")), "/v2/users/ray@acme.example"
    assert og.refused(428, "DELETE", path)["message"].startswith(
        "User [ray@acme.example] is used by schedule [Primary]"
    )
    og.drop(f"/v2/schedules/{schedule}")
    escalation = og.escalation(og.rule("user", "ray"))
    og.refused(428, "DELETE", path)
    og.drop(f"/v2/escalations/{escalation}")
    og.drop(path)
    og.refused(404, "GET", path)


def test_who_goes_leaves_teams_rules_and_contacts(og: Client) -> None:
    dates = {"startDate": "2026-12-01T00:00:00Z", "endDate": "2026-12-02T00:00:00Z"}
    og.make("/v2/forwarding-rules", fromUser=og.person("anna"), toUser=og.person("ben"), **dates)
    og.drop(f"/v2/users/{og.users['ben']}")
    assert [one["user"]["username"] for one in og.get(f"/v2/teams/{og.ops}")["members"]] == ["anna@acme.example"]
    assert og.get("/v2/forwarding-rules") == []
    og.refused(404, "GET", "/v2/users/ben@acme.example/contacts")


def test_who_goes_ends_their_overrides_and_stays_in_the_past(og: Client) -> None:
    schedule = og.schedule(og.rotation("anna"))
    dates = {"startDate": "2026-11-21T00:00:00Z", "endDate": "2026-11-22T00:00:00Z"}
    og.make(f"/v2/schedules/{schedule}/overrides", user=og.person("cleo"), **dates)
    path = f"/v2/schedules/{schedule}/on-calls?flat=true&date="
    og.clock("2026-11-21T12:00:00Z")
    og.drop(f"/v2/users/{og.users['cleo']}")
    assert og.get(f"/v2/schedules/{schedule}/overrides") == []
    found = {hour: og.get(f"{path}2026-11-21T{hour}:00:00Z")["onCallRecipients"] for hour in (11, 13)}
    assert found == {11: [og.users["cleo"]], 13: ["anna@acme.example"]}


def test_contacts(og: Client) -> None:
    path = "/v2/users/anna@acme.example/contacts"
    (email,) = og.get(path)
    assert (email["method"], email["to"], email["status"]) == ("email", "anna@acme.example", {"enabled": True})
    key = og.make(path, method="sms", to="44-7700900123")["id"]
    og.change(f"{path}/{key}", to="44-7700900124")
    og.ok(200, "POST", f"{path}/{key}/disable", {})
    one = og.get(f"{path}/{key}")
    assert (one["to"], one["status"]["enabled"], bool(one["status"]["disabledReason"])) == (
        "44-7700900124",
        False,
        True,
    )
    expanded = og.ok(200, "GET", "/v2/users/anna@acme.example?expand=contact")
    assert [(c["contactMethod"], c["enabled"]) for c in expanded["data"]["userContacts"]] == [
        ("email", True),
        ("sms", False),
    ]
    assert expanded["expandable"] == ["contact"]
    assert "userContacts" not in og.get("/v2/users/anna@acme.example")
    og.ok(200, "POST", f"{path}/{key}/enable", {})
    assert og.get(f"{path}/{key}")["status"] == {"enabled": True}
    og.drop(f"{path}/{key}")
    og.refused(404, "GET", f"{path}/{key}")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"method": "fax", "to": "1-5550100"}, {"method"}),
        ({"method": "mobile", "to": "1-5550100"}, {"method"}),
        ({"method": "sms", "to": "5550100"}, {"to"}),
        ({"method": "sms"}, {"to"}),
        ({"method": "email", "to": "nobody"}, {"to"}),
    ],
)
def test_what_a_contact_may_not_be(og: Client, body: dict[str, Any], wrong: set[str]) -> None:
    assert fields(og.errors("/v2/users/anna@acme.example/contacts", **body)) == wrong


def test_a_contact_is_there_once_and_with_its_owner(og: Client) -> None:
    path = "/v2/users/anna@acme.example/contacts"
    again = {"method": "email", "to": "anna@acme.example"}
    og.refused(409, "POST", path, again)
    key = og.get(path)[0]["id"]
    og.refused(404, "GET", f"/v2/users/ben@acme.example/contacts/{key}")
