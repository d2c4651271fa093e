"""Overrides: aliases, rotations they are limited to, and whom they put on call."""

from typing import Any

import pytest

from .desk import Desk

SINCE, UNTIL = "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def path(desk: Desk) -> str:
    return desk.schedule(desk.rotation("anna", name="One"), desk.rotation("ben", name="Two"))


def test_an_override_as_it_is_shown(desk: Desk, path: str) -> None:
    body = {
        "alias": "holiday",
        "user": {"type": "user", "username": "cleo@acme.example"},
        "startDate": "2026-12-01T01:00:00+01:00",
        "endDate": "2026-12-01T10:07:05Z",
        "rotations": [{"name": "Two"}],
    }
    assert desk.post(f"{path}/overrides?scheduleIdentifierType=id", body) == {"alias": "holiday"}
    two = desk.get(path)["rotations"][1]["id"]
    found = {
        "alias": "holiday",
        "user": {"type": "user", "id": desk.users["cleo"], "username": "cleo@acme.example"},
        "startDate": SINCE,
        "endDate": "2026-12-01T10:07:05Z",
        "rotations": [{"id": two, "name": "Two"}],
    }
    assert desk.get(f"{path}/overrides") == [found]
    parent = {"id": path.rsplit("/", 1)[-1], "name": "Primary", "enabled": True}
    assert desk.get(f"{path}/overrides/holiday") == {"_parent": parent, **found}
    again = {**body, "rotations": [{"id": two}, {"name": "Two"}]}
    assert desk.refused(409, "POST", f"{path}/overrides", again)["message"] == (
        "Schedule override with [alias] [holiday] already exists."
    )
    desk.patch(f"{path}/overrides/holiday", {**again, "alias": "other"}, "PUT")
    assert desk.get(f"{path}/overrides") == [found]
    desk.delete(f"{path}/overrides/holiday")
    for method in ("GET", "PUT", "DELETE"):
        desk.refused(404, method, f"{path}/overrides/holiday", body)


def test_an_alias_of_ours_where_there_is_none(desk: Desk, path: str) -> None:
    alias = desk.override(path, "cleo", SINCE, UNTIL)
    assert desk.get(f"{path}/overrides/{alias}")["rotations"] == []


@pytest.mark.parametrize(
    "fields",
    [
        {"user": None},
        {"user": "cleo"},
        {"user": {"type": "user", "username": "ghost@acme.example"}},
        {"user": {"type": "schedule", "name": "Primary"}},
        {"startDate": None},
        {"endDate": "later"},
        {"endDate": SINCE},
        {"rotations": "One"},
        {"rotations": ["One"]},
        {"rotations": [{"name": "Three"}]},
        {"rotations": [{"id": "nowhere"}]},
        {"alias": 5},
    ],
)
def test_what_is_refused(desk: Desk, path: str, fields: dict[str, Any]) -> None:
    good = {"user": desk.user("cleo"), "startDate": SINCE, "endDate": UNTIL}
    desk.refused(422, "POST", f"{path}/overrides", {**good, **fields})
    alias = desk.override(path, "cleo", SINCE, UNTIL)
    if fields != {"alias": 5}:
        desk.refused(422, "PUT", f"{path}/overrides/{alias}", {**good, **fields})


def test_it_replaces_everybody_or_some_rotations(desk: Desk, path: str) -> None:
    desk.override(path, "cleo", "2026-12-01T06:00:00Z", "2026-12-01T08:00:00Z")
    desk.override(path, "cleo", "2026-12-01T10:00:00Z", "2026-12-01T12:00:00Z", rotations=[{"name": "Two"}])
    found = {hour: desk.on_call(path, f"2026-12-01T{hour:02}:00:00Z") for hour in (5, 6, 8, 10, 12)}
    assert found == {
        5: ["anna", "ben"],
        6: ["cleo"],
        8: ["anna", "ben"],
        10: ["anna", "cleo"],
        12: ["anna", "ben"],
    }


def test_the_later_one_wins(desk: Desk, path: str) -> None:
    desk.override(path, "cleo", SINCE, UNTIL)
    desk.override(path, "ben", "2026-12-01T06:00:00Z", "2026-12-01T08:00:00Z")
    assert desk.on_call(path, "2026-12-01T05:59:59Z") == ["cleo"]
    assert desk.on_call(path, "2026-12-01T06:00:00Z") == ["ben"]
    assert desk.on_call(path, "2026-12-01T08:00:00Z") == ["cleo"]


def test_nobody_may_stand_in(desk: Desk, path: str) -> None:
    desk.post(f"{path}/overrides", {"user": {"type": "none"}, "startDate": SINCE, "endDate": UNTIL})
    assert desk.on_call(path, "2026-12-01T05:00:00Z") == []


def test_without_rotations_it_is_on_call_all_the_same(desk: Desk) -> None:
    path = desk.schedule(name="Empty")
    desk.override(path, "cleo", SINCE, UNTIL)
    assert desk.on_call(path, "2026-12-01T05:00:00Z") == ["cleo"]
    assert desk.on_call(path, "2026-12-02T05:00:00Z") == []


def test_it_goes_with_the_last_of_its_rotations(desk: Desk, path: str) -> None:
    one, two = (f"{path}/rotations/{rotation['id']}" for rotation in desk.get(path)["rotations"])
    desk.override(path, "cleo", SINCE, UNTIL, rotations=[{"name": "One"}, {"name": "Two"}], alias="both")
    desk.override(path, "cleo", SINCE, UNTIL, rotations=[{"name": "One"}], alias="one")
    desk.override(path, "cleo", SINCE, UNTIL, alias="all")
    desk.delete(one)
    assert [(o["alias"], len(o["rotations"])) for o in desk.get(f"{path}/overrides")] == [("both", 1), ("all", 0)]
    desk.delete(two)
    assert [o["alias"] for o in desk.get(f"{path}/overrides")] == ["all"]


def test_it_goes_with_its_person(desk: Desk, path: str) -> None:
    desk.override(path, "cleo", SINCE, UNTIL)
    desk.delete(f"/v2/users/{desk.users['cleo']}")
    assert desk.get(f"{path}/overrides") == []


def test_one_that_was_deleted_was_there(desk: Desk, path: str) -> None:
    desk.override(path, "cleo", "2026-11-22T00:00:00Z", "2026-11-24T00:00:00Z", alias="swap")
    desk.at("2026-11-23T00:00:00+00:00")
    desk.delete(f"{path}/overrides/swap")
    assert desk.on_call(path, "2026-11-22T12:00:00Z") == ["cleo"]
    assert desk.on_call(path, "2026-11-23T12:00:00Z") == ["anna", "ben"]
