"""Schedules: what is kept, what is refused, what lists leave out."""

from typing import Any

import pytest

from .desk import Desk


def test_a_new_schedule_has_defaults() -> None:
    desk = Desk()
    made = desk.post("/v2/schedules", {"name": "Primary"})
    assert set(made) == {"id", "name", "enabled"}
    assert desk.get(f"/v2/schedules/{made['id']}") == {
        "id": made["id"],
        "name": "Primary",
        "description": "",
        "timezone": "Europe/London",
        "enabled": True,
        "rotations": [],
    }


def test_lists_show_rotations_only_when_asked() -> None:
    desk = Desk()
    desk.schedule(desk.rotation("anna", "ben", name="Weeks"))
    plain = desk.whole("/v2/schedules")
    assert (plain["data"][0]["rotations"], plain["expandable"]) == ([], ["rotation"])
    (rotation,) = desk.get("/v2/schedules?expand=rotation")[0]["rotations"]
    assert rotation == {
        "id": rotation["id"],
        "name": "Weeks",
        "startDate": "2026-11-02T09:00:00Z",
        "endDate": None,
        "type": "weekly",
        "length": 1,
        "participants": [
            {**desk.user("anna"), "username": "anna@acme.example"},
            {**desk.user("ben"), "username": "ben@acme.example"},
        ],
        "timeRestriction": None,
    }


def test_a_schedule_goes_by_id_or_by_name() -> None:
    desk = Desk()
    desk.schedule(name="Primary One")
    assert desk.get("/v2/schedules/Primary%20One?identifierType=name")["name"] == "Primary One"
    desk.refused(404, "GET", "/v2/schedules/Primary%20One")
    desk.refused(422, "GET", "/v2/schedules/x?identifierType=colour")
    desk.account.restricted = True
    assert desk.refused(403, "GET", "/v2/schedules/x")["code"] == 40301


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": 5},
        {"name": "x" * 101},
        {"name": "per/day"},
        {"name": "P", "timezone": "Mars/Base"},
        {"name": "P", "description": "x" * 10_001},
        {"name": "P", "enabled": "yes"},
        {"name": "P", "rotations": []},
        {"name": "P", "rotations": "weekly"},
        {"name": "P", "rotations": [5]},
        {"name": "P", "ownerTeam": {"name": "Nobody"}},
        {"name": "P", "rotations": [{"startDate": "2026-11-02T09:00:00Z", "type": "weekly", "participants": []}]},
    ],
)
def test_what_is_refused(body: Any) -> None:
    Desk().refused(422, "POST", "/v2/schedules", body)


def test_names_are_taken_once() -> None:
    desk = Desk()
    desk.schedule(name="Primary")
    other = desk.schedule(name="Other")
    message = "Schedule with [name] [Primary] already exists."
    assert desk.refused(409, "POST", "/v2/schedules", {"name": "Primary"})["message"] == message
    desk.refused(409, "PATCH", other, {"name": "Primary"})
    desk.patch(other, {"name": "Other"})


def test_a_schedule_cannot_be_called_like_a_team() -> None:
    desk = Desk()
    desk.team("sre")
    message = "There is already one Team with same name"
    assert desk.refused(409, "POST", "/v2/schedules", {"name": "sre"})["message"] == message


def test_a_patch_changes_what_it_names() -> None:
    desk = Desk()
    team = desk.team("Shop")
    path = desk.schedule(desk.rotation("anna"), description="old", ownerTeam={"name": "Shop"})
    desk.patch(path, {"description": "new", "timezone": "", "enabled": False, "ownerTeam": None, "junk": 1})
    found = desk.get(path)
    assert (found["description"], found["timezone"], found["enabled"]) == ("new", "Europe/London", False)
    assert found["ownerTeam"] == {"id": team.rsplit("/", 1)[-1], "name": "Shop"}
    assert len(found["rotations"]) == 1


def test_a_patch_with_rotations_replaces_them_all() -> None:
    desk = Desk()
    path = desk.schedule(desk.rotation("anna", name="A"), desk.rotation("ben", name="B"))
    desk.refused(422, "PATCH", path, {"rotations": [desk.rotation("cleo"), {"type": "weekly"}]})
    desk.patch(path, {"rotations": [desk.rotation("cleo", name="B")]})
    assert desk.on_call(path) == ["cleo"]
    desk.patch(path, {"rotations": []})
    assert desk.get(path)["rotations"] == []


def test_what_is_used_cannot_be_deleted() -> None:
    desk = Desk()
    path = desk.schedule()
    escalation = desk.escalation(desk.rule(desk.to("schedule", path)))
    message = desk.refused(428, "DELETE", path)["message"]
    assert "escalation [Escalate]" in message
    desk.delete(escalation)
    desk.delete(f"{path}?identifierType=id")
    desk.refused(404, "DELETE", path)


def test_what_is_inside_goes_with_it() -> None:
    desk = Desk()
    path = desk.schedule(desk.rotation("anna"))
    desk.override(path, "ben", "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")
    desk.delete(path)
    assert (list(desk.account.store.all("rotations")), list(desk.account.store.all("overrides"))) == ([], [])
    desk.delete(f"/v2/users/{desk.users['anna']}")  # nothing refers to her any more


def test_a_team_comes_with_a_schedule_and_an_escalation() -> None:
    """As recorded: weeks from Monday midnight, and three rules."""
    desk = Desk()
    team = desk.team("Shop", anna="admin", ben="user")
    schedule = desk.get("/v2/schedules/Shop_schedule?identifierType=name")
    assert schedule["ownerTeam"]["name"] == "Shop"
    (rotation,) = schedule["rotations"]
    assert (rotation["name"], rotation["type"], rotation["startDate"]) == (
        "Rot1",
        "weekly",
        "2026-11-16T00:00:00Z",
    )
    assert [one["username"] for one in rotation["participants"]] == ["anna@acme.example", "ben@acme.example"]
    escalation = desk.get("/v2/escalations/Shop_escalation?identifierType=name")
    assert [(one["delay"]["timeAmount"], one["notifyType"]) for one in escalation["rules"]] == [
        (0, "default"),
        (5, "next"),
        (10, "all"),
    ]
    (rule,) = desk.get(f"{team}/routing-rules")
    assert rule["notify"]["name"] == "Shop_escalation"
    desk.team("Empty")
    assert desk.get("/v2/schedules/Empty_schedule?identifierType=name")["rotations"] == []


def test_what_a_team_came_with_is_deleted_from_the_outside_in() -> None:
    desk = Desk()
    team = desk.team("Shop", anna="user")
    schedule, escalation = (f"/v2/{kind}s/Shop_{kind}?identifierType=name" for kind in ("schedule", "escalation"))
    desk.refused(428, "DELETE", schedule)
    desk.refused(428, "DELETE", escalation)
    (rule,) = desk.get(f"{team}/routing-rules")
    desk.patch(f"{team}/routing-rules/{rule['id']}", {"notify": {"type": "none"}})
    desk.delete(escalation)
    desk.delete(schedule)
    desk.delete(team)


def test_what_is_past_stays_as_it_was() -> None:
    desk = Desk()
    path = desk.schedule(desk.rotation("anna"))
    rotation = f"{path}/rotations/{desk.get(path)['rotations'][0]['id']}"
    desk.at("2026-11-23T09:00:00+00:00")
    desk.patch(rotation, {"participants": [desk.user("ben")]})
    desk.at("2026-11-25T09:00:00+00:00")
    desk.patch(path, {"enabled": False})
    found = [desk.on_call(path, f"2026-11-{day}T12:00:00Z") for day in (20, 22, 23, 24, 25, 26)]
    assert found == [["anna"], ["anna"], ["ben"], ["ben"], [], []]
    desk.at("2026-11-22T09:00:00+00:00")  # a clock put back knows no future but the present state's
    assert desk.on_call(path, "2026-11-23T12:00:00Z") == []
    desk.patch(path, {"enabled": True})
    assert desk.on_call(path, "2026-11-23T12:00:00Z") == ["ben"]
    assert desk.on_call(path, "2026-11-21T12:00:00Z") == ["ben"]


def test_only_so_many_former_states_are_kept() -> None:
    desk = Desk()
    path = desk.schedule()
    for minute in range(10, 70):
        desk.at(f"2026-11-22T{minute // 60:02}:{minute % 60:02}:00+00:00")
        desk.patch(path, {"description": str(minute)})
    (schedule,) = desk.account.store.all("schedules")
    assert len(schedule["past"]) == 50
