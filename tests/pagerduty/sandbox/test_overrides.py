"""Overrides of a schedule."""

from typing import Any

import pytest

from .conftest import Client

WINDOW = "?since=2026-11-20T00:00:00Z&until=2026-12-20T00:00:00Z"


@pytest.fixture
def path(pd: Client) -> str:
    return f"/schedules/{pd.schedule(pd.layer('anna'))['id']}"


def override(pd: Client, start: str, end: str, person: str = "ben") -> dict[str, Any]:
    return {"start": start, "end": end, "user": {"id": pd.users[person], "type": "user_reference"}}


def create(pd: Client, path: str, *sent: dict[str, Any]) -> Any:
    return pd.ok(201, "POST", f"{path}/overrides", {"overrides": list(sent)})


def names(pd: Client, path: str, since: str, until: str) -> list[tuple[str, str]]:
    final = pd.get(f"{path}?since={since}&until={until}")["schedule"]["final_schedule"]
    return [(one["start"][11:16], one["user"]["summary"]) for one in final["rendered_schedule_entries"]]


def test_several_succeed_and_fail_each_on_its_own(pd: Client, path: str) -> None:
    good = override(pd, "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")
    backwards = override(pd, "2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z")
    past = override(pd, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")
    stranger = {**good, "user": {"id": "PNOBODY", "type": "user_reference"}}
    sent = {"overrides": [good, backwards, past, stranger, {**good, "start": "soon"}]}
    answer = pd.session.post(f"{pd.url}{path}/overrides", json=sent, timeout=60)  # echoes what no schema allows
    assert answer.status_code == 201
    answers = answer.json()
    assert [(one["status"], one.get("errors")) for one in answers] == [
        (201, None),
        (400, ["Override must end after its start"]),
        (400, ["Override must end in the future"]),
        (400, ["Override user must exist"]),
        (400, ["Override start and end must be valid dates"]),
    ]
    assert answers[0]["override"]["id"].startswith("Q")
    assert "id" not in answers[1]["override"]


def test_the_later_one_wins(pd: Client, path: str) -> None:
    create(pd, path, override(pd, "2026-12-01T00:00:00Z", "2026-12-01T12:00:00Z"))
    create(pd, path, override(pd, "2026-12-01T06:00:00Z", "2026-12-01T08:00:00Z", "cleo"))
    found = names(pd, path, "2026-12-01T00:00:00Z", "2026-12-01T13:00:00Z")
    assert found == [("00:00", "Ben"), ("06:00", "Cleo"), ("08:00", "Ben"), ("12:00", "Anna")]


def test_the_list_needs_a_window(pd: Client, path: str) -> None:
    assert pd.refused(400, "GET", f"{path}/overrides")["code"] == 2003
    assert pd.refused(400, "GET", f"{path}/overrides?since=2026-11-20")["errors"] == ["Until is required"]


def test_ids_are_told_only_for_editable_ones(pd: Client, path: str) -> None:
    create(pd, path, override(pd, "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"))
    (plain,) = pd.call("GET", f"{path}/overrides{WINDOW}").json()["overrides"]
    assert "id" not in plain
    (editable,) = pd.call("GET", f"{path}/overrides{WINDOW}&editable=true").json()["overrides"]
    assert editable["id"]
    cut = f"{path}/overrides?since=2026-12-01T12:00:00Z&until=2026-12-20T00:00:00Z"
    assert pd.call("GET", cut).json()["overrides"][0]["start"] == "2026-12-01T12:00:00+00:00"
    assert pd.call("GET", cut + "&overflow=true").json()["overrides"][0]["start"] == "2026-12-01T00:00:00+00:00"
    assert pd.call("GET", f"{path}/overrides?since=2026-12-03&until=2026-12-04").json()["overrides"] == []


def test_a_start_in_the_past_is_now(pd: Client, path: str) -> None:
    (made,) = create(pd, path, override(pd, "2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z"))
    assert made["override"]["start"] == "2026-11-21T09:00:30+00:00"


def test_a_future_one_goes_an_ongoing_one_ends_a_past_one_stays(pd: Client, path: str) -> None:
    later, soon = create(
        pd, path,
        override(pd, "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"),
        override(pd, "2026-11-21T12:00:00Z", "2026-11-21T18:00:00Z"),
    )  # fmt: skip
    pd.ok(204, "DELETE", f"{path}/overrides/{later['override']['id']}")
    pd.clock("2026-11-21T14:00:00Z")
    editable = pd.call("GET", f"{path}/overrides{WINDOW}&editable=true").json()["overrides"]
    assert [one["id"] for one in editable] == [soon["override"]["id"]]
    ongoing = f"{path}/overrides/{soon['override']['id']}"
    assert pd.call("DELETE", ongoing).status_code == 200
    assert names(pd, path, "2026-11-21T12:00:00Z", "2026-11-21T18:00:00Z") == [("12:00", "Ben"), ("14:00", "Anna")]
    assert pd.refused(400, "DELETE", ongoing)["code"] == 4004
    assert pd.call("GET", f"{path}/overrides{WINDOW}&editable=true").json()["overrides"] == []
    assert pd.refused(404, "DELETE", f"{path}/overrides/{later['override']['id']}") == {
        "message": "Override Not Found",
        "code": 4004,
    }


def test_the_deprecated_form_for_one(pd: Client, path: str) -> None:
    body = {"override": override(pd, "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")}
    made = pd.session.post(f"{pd.url}{path}/overrides", json=body, timeout=60)
    assert (made.status_code, set(made.json())) == (201, {"override"})
    body["override"]["end"] = "2026-11-30T00:00:00Z"
    assert pd.refused(400, "POST", f"{path}/overrides", body)["errors"] == ["Override must end after its start"]
    assert pd.refused(400, "POST", f"{path}/overrides", {"overrides": []})["code"] == 2001


def test_deleting_the_schedule_takes_them_along(pd: Client, path: str) -> None:
    create(pd, path, override(pd, "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"))
    pd.ok(204, "DELETE", path)
    assert pd.refused(404, "GET", f"{path}/overrides{WINDOW}")["code"] == 2100
