"""What a team's own alerts ring: what the team names, else its only policy, else what is there stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.harness import House
from tests.opsgenie.conftest import Hand

LEVELS = [{"notify": {"user": "anna"}, "escalate_after": "5m"}, {"notify": {"user": "ben"}}]


def policy(policies: int, **block: str) -> dict[str, Any]:
    return {
        "time_zone": "UTC",
        "team": "ops",
        "users": {name: {"email": f"{name}@example.com"} for name in ("anna", "ben")},
        "teams": {"ops": {"name": "Ops", "members": ["anna"], **({"opsgenie": block} if block else {})}},
        "escalation_policies": {f"p{number}": {"levels": LEVELS} for number in range(policies)},
    }


def applied(house: House, wanted: dict[str, Any]) -> None:
    house.declare(wanted)
    made = house.apply()
    assert made.code == 0, made.out + made.err
    assert "nothing left to do" in made.out


def rings(hand: Hand) -> str:
    team = hand.named("/v2/teams", "Ops")["id"]
    rules = hand.call("GET", f"/v2/teams/{team}/routing-rules")
    (notify,) = [one["notify"] for one in rules if one["isDefault"]]
    return str(notify.get("name") or notify["type"])


@pytest.mark.parametrize(
    ("policies", "block", "rung"),
    [
        (0, {}, "none"),
        (1, {}, "p0"),
        (2, {}, "none"),
        (1, {"route_to": "none"}, "none"),
        (2, {"route_to": "p1"}, "p1"),
    ],
)
def test_whom_the_default_rule_notifies(
    house: House, hand: Hand, policies: int, block: dict[str, str], rung: str
) -> None:
    applied(house, policy(policies, **block))
    assert rings(hand) == rung


def test_a_second_policy_takes_nothing_away_and_a_word_decides(house: House, hand: Hand) -> None:
    applied(house, policy(1))
    applied(house, policy(2))
    assert rings(hand) == "p0"
    applied(house, policy(2, route_to="p1"))
    assert rings(hand) == "p1"
    applied(house, policy(2, route_to="none"))
    assert rings(hand) == "none"


def test_a_policy_that_nobody_declared_is_refused_by_name_and_so_is_what_needs_the_team(house: House) -> None:
    house.declare(policy(1, route_to="p7"))
    refused = house.apply()
    assert refused.code == 1
    assert "sends its alerts to escalation policy p7, which is not declared" in refused.out
    assert "escalation policy p0 needs team ops, which cannot be made (see there)" in refused.out
    assert house.writes() == []
