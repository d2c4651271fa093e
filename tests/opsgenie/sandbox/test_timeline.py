"""The timeline: its window, its kinds of period, what is past."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from .desk import Desk
from .test_oncalls import RECORDED

HOURS = {
    "type": "weekday-and-time-of-day",
    "restrictions": [
        {"startDay": day, "startHour": 10, "startMin": 0, "endDay": day, "endHour": 18, "endMin": 0}
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
    ],
}
NIGHTS = {
    "type": "weekday-and-time-of-day",
    "restrictions": [
        {"startDay": first, "startHour": 18, "startMin": 0, "endDay": last, "endHour": 10, "endMin": 0}
        for first, last in (
            ("monday", "tuesday"),
            ("tuesday", "wednesday"),
            ("wednesday", "thursday"),
            ("thursday", "friday"),
            ("friday", "monday"),
        )
    ],
}


def lines(timeline: Any, index: int = 0) -> list[tuple[str, str, str, str | None]]:
    return [
        (one["startDate"][5:], one["endDate"][5:], one["type"], one["recipient"].get("name", "").partition("@")[0])
        for one in timeline["rotations"][index]["periods"]
    ]


@pytest.mark.parametrize(
    ("query", "window"),
    [
        ("", ("2026-11-21T05:00:00Z", "2026-11-28T05:00:00Z")),
        ("?interval=2&intervalUnit=days", ("2026-11-21T05:00:00Z", "2026-11-23T05:00:00Z")),
        ("?intervalUnit=months&date=2027-01-31", ("2027-01-31T05:00:00Z", "2027-02-28T05:00:00Z")),
        ("?intervalUnit=WEEKS&date=2026-10-31T12:00:00Z", ("2026-10-31T04:00:00Z", "2026-11-07T05:00:00Z")),
        ("?interval=2&date=2026-03-07T04:59:59Z", ("2026-03-06T05:00:00Z", "2026-03-20T04:00:00Z")),
    ],
)
def test_the_window_begins_at_local_midnight(query: str, window: tuple[str, str]) -> None:
    desk = Desk()
    path = desk.schedule(timezone="America/New_York")
    found = desk.get(f"{path}/timeline{query}")
    assert (found["startDate"], found["endDate"]) == window
    assert set(found) == {"_parent", "startDate", "endDate", "finalTimeline"}


@pytest.mark.parametrize(
    "query", ["?interval=0", "?interval=13", "?interval=two", "?intervalUnit=years", "?date=soon", "?interval=-1"]
)
def test_windows_that_are_refused(query: str) -> None:
    desk = Desk()
    desk.refused(422, "GET", f"{desk.schedule()}/timeline{query}")


def test_the_recorded_windows() -> None:
    """The periods of a recorded month lie exactly on what the same restrictions leave here."""
    file = RECORDED / "timeline" / "dxw_2020-02_month.json"
    if not file.exists():
        pytest.skip("the recordings are not beside this checkout")
    body = json.loads(file.read_text(encoding="utf-8"))["data"]
    desk = Desk(datetime(2020, 2, 25, 10, 14, 22, 766_000, tzinfo=UTC))
    people = {"systems": [desk.user("cleo")], "bob": [desk.user("ben")], "alice": [desk.user("anna")]}
    start = {"startDate": "2019-08-21T09:00:00Z", "type": "weekly"}
    turns = [
        {**start, "name": "On Call Phone", "type": "daily", "participants": people["systems"]},
        {**start, "name": "Ops", "participants": people["bob"], "timeRestriction": HOURS},
        {**start, "name": "Dev", "participants": people["alice"], "timeRestriction": HOURS},
        {**start, "name": "OOH", "participants": people["bob"], "timeRestriction": NIGHTS},
    ]
    path = desk.schedule(*turns)
    found = desk.get(f"{path}/timeline?interval=1&intervalUnit=months&date=2020-02-01")
    assert (found["startDate"], found["endDate"]) == (body["startDate"], body["endDate"])
    for ours, theirs in zip(found["finalTimeline"]["rotations"], body["finalTimeline"]["rotations"], strict=True):
        assert ours["name"] == theirs["name"]
        spans = {(one["startDate"], one["endDate"], one["type"]) for one in ours["periods"]}
        # One period of another month was put there by whoever published it.
        shown = [one for one in theirs["periods"] if one["startDate"] >= body["startDate"]]
        assert {(one["startDate"], one["endDate"], one["type"]) for one in shown} <= spans
        assert all(("flattenedRecipients" in one) == (one["type"] == "historical") for one in ours["periods"])
        assert all(set(one) == set(ours["periods"][0]) for one in ours["periods"] if one["type"] == "historical")


def test_kinds_of_periods() -> None:
    desk = Desk()
    path = desk.schedule(desk.rotation("anna", "ben", name="Weeks"))
    desk.override(path, "cleo", "2026-11-22T00:00:00Z", "2026-11-22T12:00:00Z")
    people = {"fromUser": {"id": desk.users["ben"]}, "toUser": {"id": desk.users["cleo"]}}
    span = {"startDate": "2026-11-24T00:00:00Z", "endDate": "2026-11-25T00:00:00Z"}
    desk.post("/v2/forwarding-rules", {**people, **span})
    whole = desk.whole(f"{path}/timeline?expand=base,override,forwarding")
    assert whole["expandable"] == ["base", "forwarding", "override"]
    found = whole["data"]
    head = {key: value for key, value in found["finalTimeline"]["rotations"][0].items() if key != "periods"}
    assert (head["name"], head["order"]) == ("Weeks", 1.0)
    assert lines(found["finalTimeline"]) == [
        ("11-21T00:00:00Z", "11-21T09:00:30Z", "historical", "anna"),
        ("11-21T09:00:30Z", "11-22T00:00:00Z", "default", "anna"),
        ("11-22T00:00:00Z", "11-22T12:00:00Z", "override", "cleo"),
        ("11-22T12:00:00Z", "11-23T09:00:00Z", "default", "anna"),
        ("11-23T09:00:00Z", "11-24T00:00:00Z", "default", "ben"),
        ("11-24T00:00:00Z", "11-25T00:00:00Z", "forwarding", "cleo"),
        ("11-25T00:00:00Z", "11-28T00:00:00Z", "default", "ben"),
    ]
    assert lines(found["baseTimeline"])[1:] == [
        ("11-21T09:00:30Z", "11-23T09:00:00Z", "default", "anna"),
        ("11-23T09:00:00Z", "11-28T00:00:00Z", "default", "ben"),
    ]
    assert lines(found["overrideTimeline"]) == [("11-22T00:00:00Z", "11-22T12:00:00Z", "override", "cleo")]
    assert lines(found["forwardingTimeline"]) == [("11-24T00:00:00Z", "11-25T00:00:00Z", "forwarding", "cleo")]
    (passed,) = found["forwardingTimeline"]["rotations"][0]["periods"]
    assert passed["fromUser"] == "ben@acme.example"


def test_what_is_past_says_who_was_reached() -> None:
    desk = Desk()
    team = desk.team("Shop", anna="admin", ben="user")
    path = desk.schedule(
        desk.rotation("anna", participants=[desk.to("team", team), {"type": "none"}], type="daily"),
        desk.rotation("ben"),
    )
    people = {"fromUser": {"id": desk.users["ben"]}, "toUser": {"id": desk.users["cleo"]}}
    span = {"startDate": "2026-11-19T00:00:00Z", "endDate": "2026-11-20T00:00:00Z"}
    desk.post("/v2/forwarding-rules", {**people, **span})
    found = desk.get(f"{path}/timeline?date=2026-11-19&intervalUnit=days")["finalTimeline"]["rotations"]
    shop, silent = found[0]["periods"]
    assert (silent["recipient"], silent["flattenedRecipients"]) == ({"type": "none"}, [])
    assert (shop["type"], shop["recipient"]["type"], shop["recipient"]["name"]) == ("historical", "team", "Shop")
    assert [one["name"] for one in shop["flattenedRecipients"]] == ["anna@acme.example"]
    (passed,) = found[1]["periods"]
    assert passed["type"] == "historical"
    assert passed["recipient"]["forwardedFrom"] == "ben@acme.example"
    assert passed["flattenedRecipients"][0]["name"] == "cleo@acme.example"


def test_edits_change_only_what_is_to_come() -> None:
    desk = Desk()
    path = desk.schedule(desk.rotation("anna", name="Weeks"), desk.rotation("cleo", name="Gone"))
    weeks, gone = (f"{path}/rotations/{one['id']}" for one in desk.get(path)["rotations"])
    desk.at("2026-11-23T12:00:00+00:00")
    desk.patch(weeks, {"participants": [desk.user("ben")]})
    desk.delete(gone)
    desk.at("2026-11-24T12:00:00+00:00")
    desk.patch(path, {"description": "an edit that changes nobody"})
    found = desk.get(f"{path}/timeline?date=2026-11-23")["finalTimeline"]
    assert [one["name"] for one in found["rotations"]] == ["Weeks", "Gone"]
    assert lines(found) == [
        ("11-23T00:00:00Z", "11-23T12:00:00Z", "historical", "anna"),
        ("11-23T12:00:00Z", "11-24T12:00:00Z", "historical", "ben"),
        ("11-24T12:00:00Z", "11-30T00:00:00Z", "default", "ben"),
    ]
    assert lines(found, 1) == [("11-23T00:00:00Z", "11-23T12:00:00Z", "historical", "cleo")]


def test_a_deleted_person_was_there() -> None:
    desk = Desk()
    path = desk.schedule(desk.rotation("anna", name="Weeks"))
    rotation = f"{path}/rotations/{desk.get(path)['rotations'][0]['id']}"
    desk.at("2026-11-23T12:00:00+00:00")
    desk.patch(rotation, {"participants": [desk.user("ben")]})
    desk.delete(f"/v2/users/{desk.users['anna']}")
    first = desk.get(f"{path}/timeline?date=2026-11-23")["finalTimeline"]["rotations"][0]["periods"][0]
    assert first["recipient"] == {"id": desk.users["anna"], "type": "user"}
