"""Rotations: what is kept, rounded and refused, and what PATCH cannot do."""

from typing import Any

import pytest

from .desk import Desk


def made(desk: Desk, **fields: Any) -> tuple[str, str]:
    """Paths of a schedule and of its one rotation."""
    path = desk.schedule()
    return path, f"{path}/rotations/{desk.post(f'{path}/rotations', desk.rotation('anna', **fields))['id']}"


def test_a_rotation_is_shown_with_its_parent() -> None:
    desk = Desk()
    path, rotation = made(desk)
    found = desk.get(rotation)
    assert found.pop("_parent") == {"id": path.rsplit("/", 1)[-1], "name": "Primary", "enabled": True}
    assert desk.get(f"{path}/rotations") == [found]
    assert desk.get("/v2/schedules/Primary/rotations?scheduleIdentifierType=name") == [found]
    assert (found["name"], found["length"], found["endDate"], found["timeRestriction"]) == ("Rot1", 1, None, None)


def test_names_are_given_to_those_without() -> None:
    desk = Desk()
    path, _ = made(desk)
    assert desk.post(f"{path}/rotations", desk.rotation("ben", name=""))["name"] == "Rot2"
    assert desk.post(f"{path}/rotations", desk.rotation("ben", name="Rot4"))["name"] == "Rot4"
    assert [one["name"] for one in desk.get(f"{path}/rotations")] == ["Rot1", "Rot2", "Rot4"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-11-02T09:14:59Z", "2026-11-02T09:00:00Z"),
        ("2026-11-02T10:16:00+01:00", "2026-11-02T09:30:00Z"),
        ("2026-11-02T23:50:00Z", "2026-11-03T00:00:00Z"),
    ],
)
def test_minutes_are_rounded(sent: str, kept: str) -> None:
    desk = Desk()
    _, rotation = made(desk, startDate=sent, endDate=sent.replace("2026", "2027"))
    found = desk.get(rotation)
    assert (found["startDate"], found["endDate"]) == (kept, kept.replace("2026", "2027"))


@pytest.mark.parametrize(
    "fields",
    [
        {"startDate": None},
        {"startDate": "soon"},
        {"startDate": "2026-11-02"},
        {"type": "monthly"},
        {"type": None},
        {"length": 0},
        {"length": "1"},
        {"participants": []},
        {"participants": None},
        {"participants": "anna"},
        {"participants": [{"type": "schedule", "name": "Primary"}]},
        {"participants": [{"type": "user", "username": "ghost@acme.example"}]},
        {"participants": [{"type": "user", "id": "", "username": ""}]},
        {"endDate": "2026-11-02T09:10:00Z"},
        {"name": "x" * 101},
        {"timeRestriction": {"type": "time-of-day", "restriction": {"startHour": 9}}},
        {"timeRestriction": {"type": "weekday-and-time-of-day", "restrictions": []}},
    ],
)
def test_what_is_refused(fields: dict[str, Any]) -> None:
    desk = Desk()
    path, rotation = made(desk)
    desk.refused(422, "POST", f"{path}/rotations", desk.rotation("anna", **fields))
    given = {name: value for name, value in fields.items() if value is not None}
    if given:
        desk.refused(422, "PATCH", rotation, given)


def test_every_kind_of_participant() -> None:
    desk = Desk()
    desk.team("Shop")
    members = [
        {"type": "user", "username": "anna@acme.example", "id": ""},
        {"type": "none"},
        {"type": "team", "name": "Shop"},
        {"type": "escalation", "name": "Shop_escalation", "username": ""},
    ]
    _, rotation = made(desk, participants=members)
    found = desk.get(rotation)["participants"]
    assert [one.get("username", one.get("name")) for one in found] == [
        "anna@acme.example", None, "Shop", "Shop_escalation",
    ]  # fmt: skip
    assert found[1] == {"type": "none"}


def test_the_terraform_providers_restrictions() -> None:
    """It sends an empty `restriction` beside `restrictions`, and junk keys."""
    desk = Desk()
    window = {
        "startDay": "monday", "startHour": 9, "startMin": 10, "endDay": "friday", "endHour": 17, "endMin": 45,
    }  # fmt: skip
    restriction = {"type": "weekday-and-time-of-day", "restrictions": [window], "restriction": {}}
    _, rotation = made(desk, timeRestriction=restriction, ScheduleIdentifierType=0, RotationId="")
    assert desk.get(rotation)["timeRestriction"] == {
        "type": "weekday-and-time-of-day",
        "restrictions": [{**window, "startMin": 0, "endHour": 18, "endMin": 0}],
    }


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (("monday", 23, 50), ("tuesday", 0, 0)),
        (("sunday", 23, 45), ("monday", 0, 0)),
        (("monday", 23, 44), ("monday", 23, 30)),
        (("monday", 0, 14), ("monday", 0, 0)),
    ],
)
def test_what_is_rounded_past_midnight_is_the_next_day(
    sent: tuple[str, int, int], kept: tuple[str, int, int]
) -> None:
    """As it is for a start of a rotation: see `test_minutes_are_rounded`."""
    desk = Desk()
    window = dict(zip(("startDay", "startHour", "startMin"), sent, strict=True))
    window |= dict(zip(("endDay", "endHour", "endMin"), sent, strict=True))
    restriction = {"type": "weekday-and-time-of-day", "restrictions": [window]}
    (found,) = desk.get(made(desk, timeRestriction=restriction)[1])["timeRestriction"]["restrictions"]
    assert (found["startDay"], found["startHour"], found["startMin"]) == kept
    assert (found["endDay"], found["endHour"], found["endMin"]) == kept


def test_a_patch_is_partial_and_clears_nothing() -> None:
    desk = Desk()
    day = {"startHour": 9, "startMin": 0, "endHour": 17, "endMin": 0}
    restriction = {"type": "time-of-day", "restriction": day}
    _, rotation = made(desk, endDate="2027-11-02T09:00:00Z", timeRestriction=restriction, length=2)
    before = desk.get(rotation)
    desk.patch(
        rotation, {"endDate": None, "timeRestriction": None, "length": None, "name": "", "participants": None}
    )
    desk.patch(rotation, {"timeRestriction": {}})
    assert desk.get(rotation) == before
    desk.patch(rotation, {"name": "Weeks", "length": 3})
    assert desk.get(rotation) == {**before, "name": "Weeks", "length": 3}
    desk.refused(422, "PATCH", rotation, {"startDate": "2028-01-01T00:00:00Z"})


def test_only_of_its_schedule() -> None:
    desk = Desk()
    _, rotation = made(desk)
    other = desk.schedule(name="Other")
    elsewhere = f"{other}/rotations/{rotation.rsplit('/', 1)[-1]}"
    for method in ("GET", "PATCH", "DELETE"):
        desk.refused(404, method, elsewhere)
    desk.delete(rotation)
    desk.refused(404, "GET", rotation)


def test_rotations_ring_together_and_end() -> None:
    desk = Desk()
    path = desk.schedule(
        desk.rotation("anna", endDate="2026-11-21T09:00:00Z"), desk.rotation("ben"), desk.rotation("cleo", "anna"),
        desk.rotation("ben", startDate="2027-01-01T00:00:00Z"),
    )  # fmt: skip
    assert desk.on_call(path, "2026-11-21T08:59:59Z") == ["anna", "ben", "cleo"]
    assert desk.on_call(path, "2026-11-21T09:00:00Z") == ["ben", "cleo"]
    assert desk.on_call(path, "2026-11-01T09:00:00Z") == []
