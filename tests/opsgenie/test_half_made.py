"""What Opsgenie makes along with a team never pages anybody, and never stays, wherever a run is cut off."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.harness import House
from tests.faults.ground import clear_faults
from tests.opsgenie.conftest import Hand

DAY = {"members": ["anna"], "start": "2026-01-05 09:00", "every": "1 week"}
LADDERS = ("first", "second")


def policy(ladders: int, **team: Any) -> dict[str, Any]:
    """A team with none, one or two escalation policies: one is paged by the team, of two nobody knows which."""
    levels = [{"notify": {"schedule": "day"}, "escalate_after": "5m"}]
    return {
        "time_zone": "UTC",
        "team": "ops",
        "users": {name: {"email": f"{name}@example.com"} for name in ("anna", "ben")},
        "teams": {"ops": {"name": "Ops", "members": ["anna", {"user": "ben", "role": "admin"}], **team}},
        "schedules": {"day": {"rotations": DAY}},
        "escalation_policies": {key: {"levels": levels} for key in LADDERS[:ladders]},
    }


BEFORE = (2, 3, 4, 5)
"""Writes of a team after itself: its default rule, what came with it (two), its people and its mark."""
CUT_OFF = [("drop-after", 1), *(("drop-before", write) for write in BEFORE)]
"""`drop-before` is a run that ends before a write, `drop-after` one that ends right after it, unanswered."""


def pages(hand: Hand) -> Any:
    """Whom the default routing rule of the team notifies."""
    rules = hand.call("GET", "/v2/teams/Ops/routing-rules?teamIdentifierType=name")
    return next(rule["notify"] for rule in rules if rule["isDefault"])


def called(hand: Hand) -> list[str]:
    """Whom an alert of the team would ring, at any level, as far as nobody declared it."""
    if "Ops" not in hand.names("/v2/teams") or pages(hand).get("name") != "Ops_escalation":
        return []
    on_call = hand.call("GET", "/v2/schedules/on-calls?flat=true")
    came = [each for each in on_call if each["_parent"]["name"] == "Ops_schedule"]
    members = [each["user"]["username"] for each in hand.named("/v2/teams", "Ops")["members"]]
    return [*members, *(one for each in came for one in each["onCallRecipients"])]


@pytest.mark.parametrize("ladders", [0, 1, 2])
@pytest.mark.parametrize(("kind", "write"), CUT_OFF)
def test_nothing_that_came_with_a_team_stays(
    house: House, hand: Hand, kind: str, write: int, ladders: int
) -> None:
    house.declare(policy(ladders))
    house.control("faults", {"kind": kind, "write": write})
    house.control("faults", {"kind": "drop-before", "write": write + 1, "times": 99})
    assert house.apply().code == 5
    clear_faults(house)
    assert called(hand) == []
    again = house.apply()
    assert again.code == 0, again.out + again.err
    assert house.sync("plan", "--exit-code").code == 0
    assert hand.names("/v2/schedules") == ["day"]
    assert hand.names("/v2/escalations") == sorted(LADDERS[:ladders])
    notify = pages(hand)
    assert notify.get("name", "none") == ("first" if ladders == 1 else "none")
    team = hand.named("/v2/teams", "Ops")
    assert team["description"].startswith("Managed by oncall-sync: acme/team.ops")
    roles = {member["user"]["username"]: member["role"] for member in team["members"]}
    assert roles == {"anna@example.com": "user", "ben@example.com": "admin"}


def test_a_team_that_is_not_finished_says_so_in_the_plan(house: House) -> None:
    house.declare(policy(0))
    house.control("faults", {"kind": "drop-before", "write": 3, "times": 99})
    assert house.apply().code == 5
    clear_faults(house)
    told = house.sync("plan", "--format", "json").json
    (change,) = [each for each in told["changes"] if each["ref"] == "team.ops"]
    assert change["action"] == "update"
    fields = {field["path"]: field["before"] for field in change["fields"]}
    assert fields == {"members": {}, "opsgenie": {"leftovers": ["Ops_escalation", "Ops_schedule"]}}


def test_what_people_make_later_under_such_a_name_is_theirs(house: House, hand: Hand) -> None:
    house.declare(policy(0))
    assert house.apply().code == 0
    body = {"name": "Ops_schedule", "ownerTeam": {"name": "Ops"}}
    hand.call("POST", "/v2/schedules", body)
    house.declare(policy(1, description="With a ladder now.", opsgenie={"route_to": "first"}))
    assert house.apply().code == 0
    assert hand.names("/v2/schedules") == ["Ops_schedule", "day"]


def test_what_somebody_uses_by_now_stays(house: House, hand: Hand) -> None:
    house.declare(policy(0))
    house.control("faults", {"kind": "drop-before", "write": 2, "times": 99})
    assert house.apply().code == 5
    clear_faults(house)
    responder = {"type": "escalation", "name": "Ops_escalation"}
    hand.call("POST", "/v2/integrations", {"type": "API", "name": "theirs", "responders": [responder]})
    again = house.apply()
    assert again.code == 0, again.out + again.err
    assert house.sync("plan", "--exit-code").code == 0
    assert hand.names("/v2/escalations") == ["Ops_escalation"]
    assert hand.names("/v2/schedules") == ["Ops_schedule", "day"]
    assert pages(hand)["type"] == "none"


@pytest.mark.parametrize("ladders", [0, 1])
def test_a_team_that_was_made_by_hand_keeps_what_came_with_it(house: House, hand: Hand, ladders: int) -> None:
    """Its people chose to be paged so; a policy that says nothing else leaves it."""
    people = [{"user": {"username": f"{name}@example.com"}} for name in ("anna", "ben")]
    hand.call("POST", "/v2/teams", {"name": "Ops", "members": people})
    house.declare(policy(ladders, members=["anna", "ben"]))
    assert house.plan()["team.ops"] == "adopt"
    assert house.apply("--waive", "risky-adoption=known").code == 0
    assert "Ops_schedule" in hand.names("/v2/schedules")
    assert "Ops_escalation" in hand.names("/v2/escalations")


@pytest.mark.parametrize("cut_off", [1, 2, 3, 99])
def test_a_declared_schedule_of_such_a_name_is_the_declared_one(house: House, hand: Hand, cut_off: int) -> None:
    """The default one is gone before the declared one is made, and is never taken for it."""
    made = policy(1)
    made["schedules"]["day"]["name"] = "Ops_schedule"
    made["escalation_policies"]["first"]["name"] = "Ops_escalation"
    house.declare(made)
    house.control("faults", {"kind": "drop-before", "write": cut_off + 1, "times": 99})
    first = house.apply()
    assert first.code == (0 if cut_off == 99 else 5)
    clear_faults(house)
    if first.code:
        assert house.plan() == {
            "team.ops": "update",
            "schedule.day": "create",
            "escalation_policy.first": "create",
        }
    assert house.apply().code == 0
    assert house.sync("plan", "--exit-code").code == 0
    (found,) = hand.call("GET", "/v2/schedules?expand=rotation")
    (rotation,) = found["rotations"]
    assert [each["username"] for each in rotation["participants"]] == ["anna@example.com"]
    assert "schedule.day" in found["description"]
    assert pages(hand)["name"] == "Ops_escalation"
