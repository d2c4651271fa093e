"""Who is on call: flat and as a tree, now and next."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oncall_sync_opsgenie.sandbox.reached import on_call

from .desk import Desk

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "recorded" / "opsgenie"


def recorded(name: str) -> Any:
    file = RECORDED / name
    if not file.exists():
        pytest.skip("the recordings are not beside this checkout")
    return json.loads(file.read_text(encoding="utf-8"))["response"]["body"]["data"]


@pytest.mark.parametrize("day", ["2019-10-15", "2019-10-25"])
def test_a_recorded_schedule_has_on_call_who_was_recorded(day: str) -> None:
    """Six rotations, two of them ended, weekly turns of two and eleven people within working hours."""
    body = recorded("schedules/dxw_first_line_by_id.exchange.json")
    desk = Desk(datetime(2019, 9, 27, 12, 11, 55, tzinfo=UTC))
    schedule = desk.schedule(name=body["name"], timezone=body["timezone"])
    (thing,) = desk.account.store.all("schedules")
    for order, rotation in enumerate(body["rotations"]):
        known = {
            "endDate": None,
            "timeRestriction": None,
            **rotation,
            "schedule": thing["id"],
            "order": float(order),
        }
        desk.account.store.put("rotations", known)
    found = on_call(desk.account, thing, datetime.fromisoformat(f"{day}T10:00:00+00:00"))
    answer = recorded(f"oncalls/dxw_{day}T1000Z.exchange.json")
    assert [one.recipient.id for one in found] == [one["id"] for one in answer["onCallParticipants"]]
    shown = desk.get(f"{schedule}/on-calls?date={day}T10:00:00%2B00:00".replace("%2B", " "))
    assert [(one["id"], one["type"]) for one in shown["onCallParticipants"]] == [
        (one["id"], one["type"]) for one in answer["onCallParticipants"]
    ]


def test_the_flat_form_and_the_tree() -> None:
    desk = Desk()
    path = desk.schedule(desk.rotation("anna", "ben"), desk.rotation("anna"), desk.rotation("cleo"))
    parent = {"id": path.rsplit("/", 1)[-1], "name": "Primary", "enabled": True}
    tree = {
        "_parent": parent,
        "onCallParticipants": [
            {"id": desk.users[name], "name": f"{name}@acme.example", "type": "user"} for name in ("anna", "cleo")
        ],
    }
    assert desk.get(f"{path}/on-calls") == tree
    assert desk.get("/v2/schedules/Primary/on-calls?scheduleIdentifierType=name") == tree
    assert desk.get("/v2/schedules/on-calls") == [tree]
    flat = {"_parent": parent, "onCallRecipients": ["anna@acme.example", "cleo@acme.example"]}
    assert desk.get(f"{path}/on-calls?flat=true") == flat
    assert desk.get("/v2/schedules/on-calls?flat=true&date=2026-11-21T09:00:00Z") == [flat]
    desk.refused(422, "GET", f"{path}/on-calls?date=soon")
    desk.refused(404, "GET", "/v2/schedules/Primary/on-calls")


def test_a_disabled_schedule_has_nobody() -> None:
    desk = Desk()
    path = desk.schedule(desk.rotation("anna"), enabled=False)
    found = desk.get(f"{path}/on-calls")
    assert (found["_parent"]["enabled"], found["onCallParticipants"]) == (False, [])


def test_teams_and_escalations_show_whom_they_stand_for() -> None:
    desk = Desk()
    team = desk.to("team", desk.team("Shop", anna="admin", ben="user"))
    path = desk.schedule(
        desk.rotation(
            "anna",
            participants=[{"type": "escalation", "name": "Shop_escalation"}],
            startDate="2026-11-02T00:00:00Z",
        )
    )
    anna, ben = (
        {"id": desk.users[name], "name": f"{name}@acme.example", "type": "user"} for name in ("anna", "ben")
    )
    (found,) = desk.get(f"{path}/on-calls")["onCallParticipants"]
    escalation = desk.get("/v2/escalations/Shop_escalation?identifierType=name")
    schedule = {key: escalation["rules"][0]["recipient"][key] for key in ("id", "name", "type")}
    assert found == {
        "id": escalation["id"],
        "name": "Shop_escalation",
        "type": "escalation",
        "onCallParticipants": [
            {**schedule, "onCallParticipants": [anna], "escalationTime": 0, "notifyType": "default"},
            {**schedule, "onCallParticipants": [ben], "escalationTime": 5, "notifyType": "next"},
            {**team, "name": "Shop", "onCallParticipants": [anna, ben], "escalationTime": 10, "notifyType": "all"},
        ],
    }
    assert desk.on_call(path) == ["anna", "ben"]
    of_team = desk.schedule(desk.rotation("anna", participants=[team]), name="Of a team")
    (shop,) = desk.get(f"{of_team}/on-calls")["onCallParticipants"]
    assert (shop["type"], shop["onCallParticipants"]) == ("team", [found])


def test_a_user_of_an_escalation_has_a_time_too() -> None:
    desk = Desk()
    rule = {**desk.rule(desk.user("cleo")), "delay": {"timeAmount": 1, "timeUnit": "hours"}}
    path = desk.schedule(desk.rotation("anna", participants=[desk.to("escalation", desk.escalation(rule))]))
    (found,) = desk.get(f"{path}/on-calls")["onCallParticipants"]
    assert found["onCallParticipants"] == [
        {
            "id": desk.users["cleo"],
            "name": "cleo@acme.example",
            "type": "user",
            "escalationTime": 60,
            "notifyType": "default",
        }
    ]


def test_who_forwards_is_named() -> None:
    desk = Desk()
    path = desk.schedule(desk.rotation("anna"))
    span = {"startDate": "2026-11-21T00:00:00Z", "endDate": "2026-11-22T00:00:00Z"}
    people = {"fromUser": {"id": desk.users["anna"]}, "toUser": {"id": desk.users["ben"]}}
    desk.post("/v2/forwarding-rules", {**people, **span})
    (found,) = desk.get(f"{path}/on-calls")["onCallParticipants"]
    assert (found["name"], found["forwardedFrom"]["name"]) == ("ben@acme.example", "anna@acme.example")
    assert desk.on_call(path, "2026-11-22T00:00:00Z") == ["anna"]


def test_who_is_next() -> None:
    """By turns it is the next member; exactly, whoever the next change puts on call."""
    desk = Desk()
    path = desk.schedule(desk.rotation("anna", "ben"))  # anna's week, until Monday the 23rd
    desk.override(path, "cleo", "2026-11-22T00:00:00Z", "2026-11-22T12:00:00Z")
    found = desk.get(f"{path}/next-on-calls")
    assert [one["name"] for one in found["nextOnCallRecipients"]] == ["ben@acme.example"]
    assert [one["name"] for one in found["exactNextOnCallRecipients"]] == ["cleo@acme.example"]
    flat = desk.get(f"{path}/next-on-calls?flat=true&date=2026-11-22T12:00:00Z")
    assert flat["nextOnCallParticipants"] == ["ben@acme.example"]
    assert flat["exactNextOnCallParticipants"] == ["ben@acme.example"]


def test_nobody_is_next_to_oneself() -> None:
    desk = Desk()
    path = desk.schedule(desk.rotation("anna"))
    assert desk.get(f"{path}/next-on-calls?flat=true")["exactNextOnCallParticipants"] == []
    hours = {"startHour": 10, "startMin": 0, "endHour": 12, "endMin": 0}
    closed = desk.rotation("anna", "ben", timeRestriction={"type": "time-of-day", "restriction": hours})
    other = desk.schedule(closed, name="Hours")
    found = desk.get(f"{other}/next-on-calls?flat=true")
    assert (found["nextOnCallParticipants"], found["exactNextOnCallParticipants"]) == ([], ["anna@acme.example"])
