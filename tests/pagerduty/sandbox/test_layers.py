"""What becomes of the layers of a schedule on their way in and out."""

from typing import Any

import pytest

from .conftest import Client

PATH = "/schedules"


def layers(schedule: dict[str, Any]) -> list[dict[str, Any]]:
    """As sent: Layer 1 first."""
    found: list[dict[str, Any]] = schedule["schedule_layers"][::-1]
    return found


def put(pd: Client, schedule: dict[str, Any], *sent: Any, status: int = 200, **fields: Any) -> Any:
    body = {"schedule": {"schedule_layers": list(sent), **fields}}
    answer = pd.ok(status, "PUT", f"{PATH}/{schedule['id']}", body)
    return answer["schedule"] if status == 200 else answer["error"]


def test_the_order_is_turned_round(pd: Client) -> None:
    sent = [pd.layer("anna", name="Layer 1"), pd.layer("ben", name="Layer 2"), pd.layer("cleo", name="Layer 3")]
    schedule = pd.schedule(*sent)
    assert [one["name"] for one in schedule["schedule_layers"]] == ["Layer 3", "Layer 2", "Layer 1"]
    again = put(pd, schedule, *layers(schedule))
    assert [one["name"] for one in again["schedule_layers"]] == ["Layer 3", "Layer 2", "Layer 1"]
    swapped = put(pd, schedule, *schedule["schedule_layers"])  # a naive round trip turns precedence upside down
    assert [one["name"] for one in swapped["schedule_layers"]] == ["Layer 1", "Layer 2", "Layer 3"]


def test_names_are_given_where_none_is(pd: Client) -> None:
    assert [one["name"] for one in layers(pd.schedule(pd.layer("anna"), pd.layer("ben")))] == [
        "Layer 1",
        "Layer 2",
    ]


def test_an_id_changes_the_layer_in_place_and_no_id_is_a_new_one(pd: Client) -> None:
    schedule = pd.schedule(pd.layer("anna", name="A"))
    (first,) = layers(schedule)
    changed = put(pd, schedule, pd.layer("ben", id=first["id"], name="A2"), pd.layer("cleo", name="B"))
    one, two = layers(changed)
    assert (one["id"], one["name"], one["users"][0]["user"]["summary"]) == (first["id"], "A2", "Ben")
    assert two["id"] != first["id"]


def test_an_omitted_layer_stays(pd: Client) -> None:
    schedule = pd.schedule(pd.layer("anna", name="A"), pd.layer("ben", name="B"))
    changed = put(pd, schedule, {"id": layers(schedule)[1]["id"], "name": "B2"})
    assert [one["name"] for one in layers(changed)] == ["A", "B2"]


def test_a_strange_id_is_refused(pd: Client) -> None:
    other = pd.schedule(name="Other")
    error = put(pd, pd.schedule(), pd.layer("anna", id=layers(other)[0]["id"]), status=400)
    assert (error["code"], error["message"]) == (3001, "Invalid Schedule")


def test_layers_never_go_they_end(pd: Client) -> None:
    schedule = pd.schedule(pd.layer("anna"))
    (layer,) = layers(schedule)
    ended = put(pd, schedule, {**layer, "end": "2026-11-21 09:00:45 +0000 UTC"}, pd.layer("ben"))
    assert [one["end"] for one in layers(ended)] == ["2026-11-21T09:00:00+00:00", None]
    kept = put(pd, schedule, layers(ended)[1])
    assert len(kept["schedule_layers"]) == 2
    still = put(pd, schedule, {"id": layer["id"]})
    assert layers(still)[0]["end"] is not None  # not mentioning it does not reopen it
    reopened = put(pd, schedule, {"id": layer["id"], "end": None})
    assert layers(reopened)[0]["end"] is None


def test_a_past_start_becomes_now_and_a_future_one_stays(pd: Client) -> None:
    schedule = pd.schedule(
        pd.layer("anna", start="2020-01-01T00:00:00Z"), pd.layer("ben", start="2026-12-01T10:00:59Z")
    )
    assert [one["start"] for one in layers(schedule)] == ["2026-11-21T09:00:30+00:00", "2026-12-01T10:00:00+00:00"]
    pd.clock("2026-11-22T10:00:00Z")
    moved = put(pd, schedule, *layers(schedule))
    assert layers(moved)[0]["start"] == "2026-11-22T10:00:00+00:00"
    assert layers(moved)[1]["start"] == "2026-12-01T10:00:00+00:00"


def test_an_ended_layer_keeps_its_start(pd: Client) -> None:
    schedule = pd.schedule(pd.layer("anna"), pd.layer("ben"))
    one, two = layers(schedule)
    put(pd, schedule, {**one, "end": "2026-11-21T09:00:00Z"}, two)
    pd.clock("2026-11-25T10:00:00Z")
    later = put(pd, schedule, {"id": one["id"], "end": "2026-11-21T09:00:00Z"}, {"id": two["id"]})
    assert layers(later)[0]["start"] == "2026-11-21T09:00:30+00:00"
    assert layers(later)[1]["start"] == "2026-11-25T10:00:00+00:00"


def test_a_virtual_start_with_an_offset_is_that_instant(pd: Client) -> None:
    layer = pd.layer("anna", rotation_virtual_start="2026-07-01T10:00:00+02:00")
    schedule = pd.schedule(layer, zone="Europe/Berlin")
    assert layers(schedule)[0]["rotation_virtual_start"] == "2026-07-01T10:00:00+02:00"
    naive = put(pd, schedule, *layers(schedule))
    assert layers(naive)[0]["rotation_virtual_start"] == "2026-07-01T10:00:00+02:00"


def test_the_virtual_start_may_lose_its_offset(pd: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_sync_pagerduty.sandbox.layers.VIRTUAL_START_LOSES_ITS_OFFSET", True)
    layer = pd.layer("anna", rotation_virtual_start="2026-07-01T10:00:00+02:00")
    schedule = pd.schedule(layer, zone="Europe/Berlin")
    assert layers(schedule)[0]["rotation_virtual_start"] == "2026-07-01T12:00:00+02:00"
    utc = pd.schedule(
        pd.layer("anna", rotation_virtual_start="2026-07-01T10:00:00Z"), zone="Europe/Berlin", name="2"
    )
    assert layers(utc)[0]["rotation_virtual_start"] == "2026-07-01T12:00:00+02:00"
    naive = put(pd, utc, *layers(utc))
    assert layers(naive)[0]["rotation_virtual_start"] == "2026-07-01T14:00:00+02:00"  # the round trip moves it


def test_a_start_keeps_its_instant(pd: Client) -> None:
    schedule = pd.schedule(pd.layer("anna", start="2026-12-01T10:00:00+02:00"))
    assert layers(schedule)[0]["start"] == "2026-12-01T08:00:00+00:00"


def test_seconds_are_zeroed(pd: Client) -> None:
    restriction = {"type": "daily_restriction", "start_time_of_day": "09:00:17", "duration_seconds": 3600}
    layer = pd.layer(
        "anna",
        rotation_virtual_start="2026-11-02T09:00:17Z",
        end="2027-01-01T00:00:17Z",
        restrictions=[restriction],
    )
    (found,) = layers(pd.schedule(layer))
    assert found["rotation_virtual_start"] == "2026-11-02T09:00:00+00:00"
    assert found["end"] == "2027-01-01T00:00:00+00:00"
    assert found["restrictions"][0]["start_time_of_day"] == "09:00:00"


def test_emptying_a_layer_ends_it(pd: Client) -> None:
    schedule = pd.schedule(pd.layer("anna"))
    (found,) = layers(put(pd, schedule, {**layers(schedule)[0], "users": []}))
    assert found["end"] == "2026-11-21T09:00:30+00:00"


def test_the_day_of_a_daily_restriction_is_dropped(pd: Client) -> None:
    restriction = {
        "type": "daily_restriction",
        "start_time_of_day": "09:00:00",
        "duration_seconds": 60,
        "start_day_of_week": 2,
    }
    (found,) = layers(pd.schedule(pd.layer("anna", restrictions=[restriction])))
    assert "start_day_of_week" not in found["restrictions"][0]


WEEKLY = {
    "type": "weekly_restriction",
    "start_time_of_day": "09:00:00",
    "duration_seconds": 3600,
    "start_day_of_week": 1,
}
TOO_LONG = "Please use a shorter duration or just turn the recurrence off."


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"duration_seconds": 604_800}, "rotation_layers.weekly_restrictions.duration_seconds", TOO_LONG),
        (
            {"type": "daily_restriction", "duration_seconds": 86_400},
            "rotation_layers.daily_restrictions.duration_seconds",
            TOO_LONG,
        ),
        (
            {"duration_seconds": 0},
            "rotation_layers.weekly_restrictions.duration_seconds",
            "must be greater than 0",
        ),
        (
            {"start_day_of_week": None},
            "rotation_layers.weekly_restrictions.start_day_of_week",
            "must be between 1 and 7",
        ),
        (
            {"start_day_of_week": 8},
            "rotation_layers.weekly_restrictions.start_day_of_week",
            "must be between 1 and 7",
        ),
        ({"start_time_of_day": "25:00:00"}, "rotation_layers.weekly_restrictions.start_time_of_day", "is invalid"),
        ({"type": "yearly"}, "schedule_layers.restrictions.type", "is not included in the list"),
    ],
)
def test_invalid_restrictions(pd: Client, change: dict[str, Any], field: str, message: str) -> None:
    body = {
        "name": "S",
        "time_zone": "Etc/UTC",
        "schedule_layers": [pd.layer("anna", restrictions=[{**WEEKLY, **change}])],
    }
    error = pd.refused(400, "POST", PATH, {"schedule": body})
    assert error == {"message": "Invalid Schedule", "code": 3001, "errors": {field: [message]}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": "soon"}, "schedule_layers.start"),
        ({"start": None}, "schedule_layers.start"),
        ({"rotation_virtual_start": "soon"}, "schedule_layers.rotation_virtual_start"),
        ({"rotation_turn_length_seconds": 3599}, "schedule_layers.rotation_turn_length_seconds"),
        ({"rotation_turn_length_seconds": 31_536_001}, "schedule_layers.rotation_turn_length_seconds"),
        ({"rotation_turn_length_seconds": "86400"}, "schedule_layers.rotation_turn_length_seconds"),
        ({"users": []}, "schedule_layers.users"),
    ],
)
def test_invalid_layers(pd: Client, change: dict[str, Any], field: str) -> None:
    body = {"name": "S", "time_zone": "Etc/UTC", "schedule_layers": [{**pd.layer("anna"), **change}]}
    assert list(pd.refused(400, "POST", PATH, {"schedule": body})["errors"]) == [field]
    assert pd.get(PATH)["schedules"] == []


def test_a_layer_cannot_do_without_its_parts(pd: Client) -> None:
    for name in ("start", "rotation_virtual_start", "rotation_turn_length_seconds", "users"):
        layer = {key: value for key, value in pd.layer("anna").items() if key != name}
        body = {"name": "S", "time_zone": "Etc/UTC", "schedule_layers": [layer]}
        assert list(pd.refused(400, "POST", PATH, {"schedule": body})["errors"]) == [f"schedule_layers.{name}"]


def test_an_unknown_user_is_404(pd: Client) -> None:
    layer = pd.layer("anna", users=[{"user": {"id": "PNOBODY", "type": "user_reference"}}])
    body = {"name": "S", "time_zone": "Etc/UTC", "schedule_layers": [layer]}
    assert pd.refused(404, "POST", PATH, {"schedule": body}) == {"message": "Not Found", "code": 2100}


def test_sixty_layers_are_the_most(pd: Client) -> None:
    schedule = pd.schedule(*[pd.layer("anna")] * 60)
    assert put(pd, schedule, pd.layer("ben"), status=400)["code"] == 3001
