"""Who changed what of a team's."""

import pytest

from .conftest import Client


def lines(og: Client, query: str = "", team: str = "Ops") -> list[str]:
    found = og.get(f"/v2/teams/{team}/logs?identifierType=name{query}")["logs"]
    assert all(set(one) == {"log", "owner", "createdDate"} for one in found)
    return [one["log"] for one in found]


def test_every_write_to_what_a_team_owns_leaves_a_line(og: Client) -> None:
    owner = {"ownerTeam": {"id": og.ops}}
    schedule = og.schedule(**owner)
    rotation = og.make(f"/v2/schedules/{schedule}/rotations", **og.rotation("anna"))["id"]
    og.change(f"/v2/schedules/{schedule}/rotations/{rotation}", length=2)
    escalation = og.escalation(**owner)
    og.change(f"/v2/escalations/{escalation}", description="d")
    rule = og.make(f"/v2/teams/{og.ops}/routing-rules", name="R", notify={"type": "none"})["id"]
    og.change(f"/v2/teams/{og.ops}/routing-rules/{rule}/change-order", "POST", order=0)
    og.drop(f"/v2/escalations/{escalation}")
    og.change(f"/v2/teams/{og.ops}", description="d")
    assert lines(og, "&order=asc") == [
        "Schedule [Primary] added",
        "Schedule [Primary]: rotations added",
        "Schedule [Primary]: rotations updated",
        "Escalation [Escalate] added",
        "Escalation [Escalate] updated",
        "Team [Ops]: routing-rules added",
        "Team [Ops]: routing-rules change-order",
        "Escalation [Escalate] deleted",
        "Team [Ops] updated",
    ]


def test_reads_refusals_and_what_no_team_owns_leave_none(og: Client) -> None:
    og.get(f"/v2/teams/{og.ops}")
    og.refused(409, "POST", "/v2/teams", {"name": "Ops"})
    og.refused(422, "PATCH", f"/v2/teams/{og.ops}", {"name": ""})
    og.schedule()
    assert lines(og) == []


def test_the_actor_and_the_time_are_told(og: Client) -> None:
    og.change(f"/v2/teams/{og.ops}", description="one")
    og.clock("2026-11-22T10:00:00Z")
    og.ok(200, "PATCH", f"/v2/teams/{og.ops}", {"description": "two"}, X_Sandbox_Actor="anna@acme.example")
    found = og.get(f"/v2/teams/{og.ops}/logs")["logs"]
    assert [(one["owner"], one["createdDate"]) for one in found] == [
        ("anna@acme.example", "2026-11-22T10:00:00Z"),
        ("System", "2026-11-21T09:00:30Z"),
    ]


def test_pages_go_on_after_the_key_of_the_last_line(og: Client) -> None:
    for number in range(5):
        og.change(f"/v2/teams/{og.ops}", name=f"Ops {number}")
    seen, offset = [], ""
    for _ in range(3):
        page = og.get(f"/v2/teams/{og.ops}/logs?limit=2&offset={offset}")
        seen += [one["log"] for one in page["logs"]]
        offset = page["offset"]
    assert len(seen) == 5
    assert seen[0] == "Team [Ops 3] updated"  # as it was before the call
    assert og.get(f"/v2/teams/{og.ops}/logs?offset={offset}") == {"offset": "", "logs": []}


@pytest.mark.parametrize("query", ["order=up", "limit=0", "limit=101", "limit=x"])
def test_queries_out_of_bounds(og: Client, query: str) -> None:
    og.refused(422, "GET", f"/v2/teams/{og.ops}/logs?{query}")


def test_the_line_of_a_new_team(og: Client) -> None:
    og.team("New")
    assert lines(og, team="New") == ["Team [New] added"]
