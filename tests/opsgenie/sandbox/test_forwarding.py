"""For a time, one person's notifications go to another."""

from typing import Any

import pytest

from .conftest import Client

RULES = "/v2/forwarding-rules"
DATES = {"startDate": "2026-12-01T08:00:00+01:00", "endDate": "2026-12-08T08:00:00+01:00"}


def add(og: Client, **more: Any) -> dict[str, str]:
    people = {"fromUser": {"username": "anna@acme.example"}, "toUser": og.person("ben")}
    made: dict[str, str] = og.make(RULES, **{**people, **DATES, **more})
    return made


def test_a_rule_as_it_is_shown(og: Client) -> None:
    made = add(og, alias="holiday")
    shown = {
        "fromUser": {"id": og.users["anna"], "username": "anna@acme.example"},
        "toUser": {"id": og.users["ben"], "username": "ben@acme.example"},
        "startDate": "2026-12-01T07:00:00Z",
        "endDate": "2026-12-08T07:00:00Z",
        **made,
    }
    assert made["alias"] == "holiday"
    assert og.get(RULES) == [shown]
    assert og.get(f"{RULES}/{made['id']}") == shown
    assert og.get(f"{RULES}/holiday?identifierType=alias") == shown
    assert og.get("/v2/users/anna@acme.example/forwarding-rules") == [shown]
    assert og.get("/v2/users/ben@acme.example/forwarding-rules") == []


def test_the_alias_is_the_id_unless_one_is_given(og: Client) -> None:
    made = add(og)
    assert made["alias"] == made["id"]
    og.refused(404, "GET", f"{RULES}/holiday?identifierType=alias")
    og.refused(422, "GET", f"{RULES}/holiday?identifierType=name")


def test_put_replaces_everything_but_the_alias(og: Client) -> None:
    add(og, alias="holiday")
    body = {"fromUser": og.person("cleo"), "toUser": og.person("ben"), **DATES, "endDate": "2026-12-02T00:00:00Z"}
    og.change(f"{RULES}/holiday?identifierType=alias", "PUT", **body, alias="other")
    (one,) = og.get(RULES)
    assert (one["alias"], one["fromUser"]["id"], one["endDate"]) == (
        "holiday",
        og.users["cleo"],
        "2026-12-02T00:00:00Z",
    )
    og.refused(422, "PUT", f"{RULES}/{one['id']}", {"toUser": og.person("anna")})
    og.drop(f"{RULES}/{one['id']}")
    assert og.get(RULES) == []


@pytest.mark.parametrize(
    "body",
    [
        {"fromUser": {"username": "nobody@acme.example"}},
        {"toUser": None},
        {"toUser": {"username": "anna@acme.example"}},
        {"startDate": "soon"},
        {"endDate": None},
        {"endDate": "2026-12-01T07:00:00Z"},
        {"alias": "x" * 101},
    ],
)
def test_what_a_rule_may_not_be(og: Client, body: dict[str, Any]) -> None:
    whole = {
        "fromUser": {"username": "anna@acme.example"},
        "toUser": {"username": "ben@acme.example"},
        **DATES,
        **body,
    }
    og.refused(422, "POST", RULES, whole)
    assert og.get(RULES) == []


def test_an_alias_is_there_once(og: Client) -> None:
    add(og, alias="holiday")
    people = {"fromUser": og.person("cleo"), "toUser": og.person("ben")}
    og.refused(409, "POST", RULES, {**people, **DATES, "alias": "holiday"})


def test_who_forwards_is_not_on_call(og: Client) -> None:
    schedule = og.schedule(og.rotation("anna"))
    path = f"/v2/schedules/{schedule}/on-calls?flat=true&date=2026-12-0"
    add(og)
    found = {day: og.get(f"{path}{day}T12:00:00Z")["onCallRecipients"] for day in (1, 9)}
    assert found == {1: ["ben@acme.example"], 9: ["anna@acme.example"]}
    assert og.get(f"{path}1T06:59:00Z")["onCallRecipients"] == ["anna@acme.example"]
