"""Heartbeats: alerts for what has not been heard of."""

from typing import Any

from .conftest import Client, fields

BEAT: dict[str, Any] = {"name": "backup", "interval": 10, "intervalUnit": "minutes", "enabled": True}
PATH = "/v2/heartbeats/backup"


def test_a_heartbeat_as_it_is_shown(og: Client) -> None:
    made = og.make("/v2/heartbeats", **BEAT, ownerTeam={"name": "Ops"}, alertTags=["a"], alertPriority="P1")
    assert made == {
        **BEAT,
        "description": "",
        "alertMessage": "backup is expired",
        "alertTags": ["a"],
        "alertPriority": "P1",
        "expired": False,
        "ownerTeam": {"id": og.ops, "name": "Ops"},
    }
    assert og.get(PATH) == made
    assert og.get("/v2/heartbeats") == {"heartbeats": [made]}


def test_it_expires_when_it_is_not_heard_of(og: Client) -> None:
    og.make("/v2/heartbeats", **BEAT)
    og.clock("2026-11-21T12:00:00Z")
    assert og.get(PATH)["expired"] is False  # never heard of yet
    assert og.ok(202, "GET", f"{PATH}/ping")["result"].startswith("PONG")
    assert og.get(PATH)["lastPingTime"] == "2026-11-21T12:00:00Z"
    for at, expired in (("12:09:59", False), ("12:10:00", True)):
        og.clock(f"2026-11-21T{at}Z")
        assert og.get(PATH)["expired"] is expired
    assert og.ok(200, "POST", f"{PATH}/disable", {})["data"] == {
        "name": "backup",
        "enabled": False,
        "expired": False,
    }
    og.ok(202, "GET", f"{PATH}/ping")
    assert og.get(PATH)["lastPingTime"] == "2026-11-21T12:00:00Z"
    assert og.ok(200, "POST", f"{PATH}/enable", {})["data"]["expired"] is True
    og.ok(202, "GET", "/v2/heartbeats/nothing/ping")


def test_a_change_keeps_the_rest(og: Client) -> None:
    og.make("/v2/heartbeats", **BEAT, description="d")
    og.change(PATH, interval=2, intervalUnit="hours", name="other")
    found = og.get(PATH)
    assert (found["interval"], found["intervalUnit"], found["description"]) == (2, "hours", "d")
    og.drop(PATH)
    for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
        og.refused(404, method, PATH, body)


def test_what_a_heartbeat_may_not_be(og: Client) -> None:
    og.make("/v2/heartbeats", **BEAT)
    og.refused(409, "POST", "/v2/heartbeats", BEAT)
    assert fields(og.errors("/v2/heartbeats")) == {"name", "interval", "intervalUnit", "enabled"}
    wrong = {
        "name": "no blanks",
        "interval": 0,
        "intervalUnit": "weeks",
        "alertPriority": "P9",
        "alertTags": ["x" * 51],
    }
    assert fields(og.errors("/v2/heartbeats", **{**BEAT, **wrong})) == {*wrong, "tags"} - {"alertTags"}
