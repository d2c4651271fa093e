"""Legacy schedules: their fields, their rendering, who stands in the way of deleting them."""

from typing import Any

import pytest

from .conftest import Client

WEEK = "?since=2026-11-23T00:00:00Z&until=2026-11-30T00:00:00Z"


def shifts(pd: Client, part: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["start"], one["end"], one["user"]["summary"]) for one in part["rendered_schedule_entries"]]


@pytest.mark.parametrize("zone", ["UTC", "Mars/Olympus", None, "GMT", 5])
def test_time_zones_that_v2_does_not_take(pd: Client, zone: object) -> None:
    error = pd.refused(
        400, "POST", "/schedules", {"schedule": {"name": "S", "time_zone": zone, "schedule_layers": []}}
    )
    assert error["errors"] == {"time_zone": ["is not included in the list"]}


@pytest.mark.parametrize("zone", ["Etc/UTC", "America/Lima", "Asia/Kolkata"])
def test_time_zones_that_it_takes(pd: Client, zone: str) -> None:
    assert pd.schedule(zone=zone)["time_zone"] == zone


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"name": " "}, {"name": ["can't be blank"]}),
        ({"name": "x" * 256}, {"name": ["is too long (maximum is 255 characters)"]}),
        ({"description": "x" * 1025}, {"description": ["is too long (maximum is 1024 characters)"]}),
    ],
)
def test_fields(pd: Client, fields: dict[str, str], errors: dict[str, list[str]]) -> None:
    body = {"name": "S", "time_zone": "Etc/UTC", "schedule_layers": [], **fields}
    assert pd.refused(400, "POST", "/schedules", {"schedule": body}) == {
        "message": "Invalid Schedule",
        "code": 3001,
        "errors": errors,
    }


def test_put_keeps_what_it_does_not_mention(pd: Client) -> None:
    team = pd.team()
    schedule = pd.schedule(description="Cards", teams=[{"id": team["id"], "type": "team_reference"}])
    changed = pd.ok(200, "PUT", f"/schedules/{schedule['id']}", {"schedule": {"name": "New"}})["schedule"]
    assert changed["name"] == "New"
    for key in ("description", "teams", "schedule_layers", "time_zone", "users"):
        assert changed[key] == schedule[key]


def test_nothing_is_rendered_without_a_window(pd: Client) -> None:
    schedule = pd.get(f"/schedules/{pd.schedule()['id']}")["schedule"]
    empty = {"rendered_schedule_entries": [], "rendered_coverage_percentage": None}
    assert schedule["final_schedule"] == {"name": "Final Schedule", **empty}
    assert schedule["overrides_subschedule"] == {"name": "Overrides", **empty}
    assert schedule["schedule_layers"][0]["rendered_schedule_entries"] == []


def test_a_window_cuts_the_shifts_and_overflow_does_not(pd: Client) -> None:
    key = pd.schedule(pd.layer("anna", "ben"))["id"]
    final = pd.get(f"/schedules/{key}{WEEK}")["schedule"]["final_schedule"]
    assert shifts(pd, final) == [
        ("2026-11-23T00:00:00+00:00", "2026-11-23T09:00:00+00:00", "Anna"),
        ("2026-11-23T09:00:00+00:00", "2026-11-30T00:00:00+00:00", "Ben"),
    ]
    assert final["rendered_coverage_percentage"] == 100
    whole = pd.get(f"/schedules/{key}{WEEK}&overflow=true")["schedule"]["final_schedule"]
    assert shifts(pd, whole)[1] == ("2026-11-23T09:00:00+00:00", "2026-11-30T09:00:00+00:00", "Ben")


def test_higher_layers_win_and_each_shows_its_own(pd: Client) -> None:
    night = {"type": "daily_restriction", "start_time_of_day": "00:00:00", "duration_seconds": 32_400}
    low, high = pd.layer("anna"), pd.layer("ben", restrictions=[night])
    schedule = pd.get(f"/schedules/{pd.schedule(low, high)['id']}?since=2026-11-23&until=2026-11-24")["schedule"]
    assert shifts(pd, schedule["final_schedule"]) == [
        ("2026-11-23T00:00:00+00:00", "2026-11-23T09:00:00+00:00", "Ben"),
        ("2026-11-23T09:00:00+00:00", "2026-11-24T00:00:00+00:00", "Anna"),
    ]
    top, bottom = schedule["schedule_layers"]
    assert (len(top["rendered_schedule_entries"]), top["rendered_coverage_percentage"]) == (1, 37.5)
    assert bottom["rendered_coverage_percentage"] == 100


def test_the_other_end_of_the_window_is_two_weeks_away(pd: Client) -> None:
    key = pd.schedule(pd.layer("anna"))["id"]
    since = pd.get(f"/schedules/{key}?since=2026-12-01T00:00:00Z")["schedule"]["final_schedule"]
    assert shifts(pd, since) == [("2026-12-01T00:00:00+00:00", "2026-12-15T00:00:00+00:00", "Anna")]
    until = pd.get(f"/schedules/{key}?until=2026-12-15T00:00:00Z")["schedule"]["final_schedule"]
    assert shifts(pd, until) == shifts(pd, since)


@pytest.mark.parametrize(("query", "code"), [("since=soon", 2004), ("since=2026-12-02&until=2026-12-01", 2005)])
def test_bad_windows(pd: Client, query: str, code: int) -> None:
    assert pd.refused(400, "GET", f"/schedules/{pd.schedule()['id']}?{query}")["code"] == code


def test_times_are_shown_in_the_zone_asked_for(pd: Client) -> None:
    key = pd.schedule(pd.layer("anna"), zone="America/New_York")["id"]
    own = pd.get(f"/schedules/{key}")["schedule"]["schedule_layers"][0]
    assert own["rotation_virtual_start"] == "2026-11-02T04:00:00-05:00"
    asked = pd.get(f"/schedules/{key}?time_zone=Asia/Tokyo")["schedule"]["schedule_layers"][0]
    assert asked["rotation_virtual_start"] == "2026-11-02T18:00:00+09:00"
    listed = pd.get("/schedules?include[]=schedule_layers")["schedules"][0]["schedule_layers"][0]
    assert listed["rotation_virtual_start"] == "2026-11-02T09:00:00Z"  # the account's zone
    assert pd.refused(400, "GET", f"/schedules/{key}?time_zone=Mars/Olympus")["code"] == 2001


def test_lists_have_parts_only_if_asked(pd: Client) -> None:
    pd.schedule()
    assert not {"schedule_layers", "final_schedule"} & set(pd.get("/schedules")["schedules"][0])
    parts = "&include[]=schedule_layers&include[]=final_schedule&include[]=overrides_subschedule"
    (found,) = pd.get(f"/schedules{WEEK}{parts}")["schedules"]
    assert len(found["final_schedule"]["rendered_schedule_entries"]) == 2
    assert found["overrides_subschedule"]["rendered_schedule_entries"] == []


def test_history_does_not_change(pd: Client) -> None:
    schedule = pd.schedule(pd.layer("anna"))
    layer = schedule["schedule_layers"][0]["id"]
    pd.clock("2026-11-22T12:00:00Z")
    pd.ok(
        200, "PUT", f"/schedules/{schedule['id']}", {"schedule": {"schedule_layers": [pd.layer("ben", id=layer)]}}
    )
    window = "?since=2026-11-22T00:00:00Z&until=2026-11-23T00:00:00Z"
    found = pd.get(f"/schedules/{schedule['id']}{window}")["schedule"]
    expected = [
        ("2026-11-22T00:00:00+00:00", "2026-11-22T12:00:00+00:00", "Anna"),
        ("2026-11-22T12:00:00+00:00", "2026-11-23T00:00:00+00:00", "Ben"),
    ]
    assert shifts(pd, found["final_schedule"]) == expected
    assert shifts(pd, found["schedule_layers"][0]) == expected


def test_preview_renders_and_keeps_nothing(pd: Client) -> None:
    body = {
        "schedule": {"name": "New", "time_zone": "Europe/London", "schedule_layers": [pd.layer("anna", "ben")]}
    }
    found = pd.ok(200, "POST", f"/schedules/preview{WEEK}", body)["schedule"]
    assert [name for _, _, name in shifts(pd, found["final_schedule"])] == ["Anna", "Ben"]
    assert pd.get("/schedules")["schedules"] == []
    made = pd.schedule(pd.layer("anna", "ben"))
    saved = pd.get(f"/schedules/{made['id']}{WEEK}")["schedule"]["final_schedule"]
    assert saved == found["final_schedule"]


def test_users_of_a_schedule(pd: Client) -> None:
    key = pd.schedule(pd.layer("anna", "ben"))["id"]
    assert {user["email"] for user in pd.get(f"/schedules/{key}/users")["users"]} == {
        "anna@acme.example",
        "ben@acme.example",
    }
    window = "?since=2026-11-24T00:00:00Z&until=2026-11-25T00:00:00Z"
    assert [user["email"] for user in pd.get(f"/schedules/{key}/users{window}")["users"]] == ["ben@acme.example"]


def test_the_next_on_call_of_a_user(pd: Client) -> None:
    key = pd.schedule(pd.layer("anna", "ben"))["id"]
    found = pd.get(f"/schedules/{key}?include_next_oncall_for_user={pd.users['ben']}")["schedule"][
        "next_oncall_for_user"
    ]
    assert (found["start"], found["end"]) == ("2026-11-23T09:00:00+00:00", "2026-11-30T09:00:00+00:00")


def test_a_schedule_in_use_cannot_go(pd: Client) -> None:
    schedule = pd.schedule(pd.layer("anna"))
    policy = pd.policy(schedule["id"])
    path = f"/schedules/{schedule['id']}"
    assert pd.get(path)["schedule"]["escalation_policies"][0]["id"] == policy["id"]
    error = pd.refused(400, "DELETE", path)
    assert error == {
        "message": "Invalid Input Provided",
        "code": 2001,
        "errors": ["Schedule can't be deleted if it's being used by escalation policies"],
    }
    incident = pd.incident(pd.service(policy["id"])["id"])
    rules = {"escalation_policy": {"escalation_rules": [pd.rule("anna")]}}
    pd.ok(200, "PUT", f"/escalation_policies/{policy['id']}", rules)
    snapshot = "Schedule can't be deleted if it's being used by an escalation policy snapshot with open incidents"
    assert pd.refused(400, "DELETE", path)["errors"] == [snapshot]
    done = {"incident": {"type": "incident", "status": "resolved"}}
    pd.ok(200, "PUT", f"/incidents/{incident['id']}", done, From="anna@acme.example")
    pd.ok(204, "DELETE", path)
    pd.refused(404, "GET", path)


def test_v3_knows_no_legacy_schedule(pd: Client) -> None:
    assert pd.get("/v3/schedules") == {"schedules": [], "limit": 100, "offset": 0, "more": False, "total": None}
    assert pd.get("/v3/schedules?limit=1000")["limit"] == 1000
    assert pd.refused(400, "GET", f"/v3/schedules/{pd.schedule()['id']}")["code"] == 2001
    assert pd.refused(404, "GET", "/v3/schedules/PNOBODY")["code"] == 2100
