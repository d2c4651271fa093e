"""Two services that change their names: nothing is made or deleted, so whoever sends alerts goes on sending."""

from __future__ import annotations

from typing import Any

import pytest

from oncall_sync.model.meantime import BEING_RENAMED, SHORTEST_LIMIT, for_the_meantime
from tests.contract.harness import House
from tests.faults.ground import clear_faults
from tests.opsgenie.conftest import Hand

LONG = "x" * 98
OFFICE = {"support_hours": "Mon-Fri 09:00-17:00", "during": "high", "outside": "low"}


def policy(shop: str, search: str, **of_shop: Any) -> dict[str, Any]:
    levels = {"shop": [{"notify": {"user": "anna"}}], "search": [{"notify": {"user": "ben"}}]}
    return {
        "time_zone": "UTC",
        "team": "ops",
        "users": {name: {"email": f"{name}@example.com"} for name in ("anna", "ben")},
        "teams": {"ops": {"name": "Ops"}},
        "escalation_policies": {key: {"levels": found} for key, found in levels.items()},
        "services": {
            "shop": {
                "name": shop,
                "escalation_policy": "shop",
                "integrations": {"api": {"events": "api"}, "mail": {"email": "shop"}},
                **of_shop,
            },
            "search": {"name": search, "escalation_policy": "search", "urgency": "low"},
        },
    }


def senders(hand: Hand) -> dict[str, tuple[str, str]]:
    """What alerts come in by, and whom it pages: by id, which a key goes with."""
    found = [hand.call("GET", f"/v2/integrations/{one['id']}") for one in hand.call("GET", "/v2/integrations")]
    return {one["id"]: (one["type"], one["responders"][0]["name"]) for one in found}


@pytest.mark.parametrize(
    ("names", "more"), [(("Shop", "Search"), {"urgency": OFFICE}), ((f"{LONG}A", f"{LONG}B"), {})]
)
def test_only_names_change(house: House, hand: Hand, names: tuple[str, str], more: dict[str, Any]) -> None:
    one, other = names
    house.declare(policy(one, other, **more))
    assert house.apply().code == 0
    before, rung = senders(hand), house.rings()
    house.declare(policy(other, one, **more))
    assert house.plan() == {"service.shop": "rename", "service.search": "rename"}
    house.writes()
    made = house.apply()
    assert made.code == 0, made.out + made.err
    assert {write.split()[0] for write in house.writes()} == {"PUT", "PATCH"}
    assert house.sync("plan", "--exit-code").code == 0
    assert senders(hand) == before
    assert house.rings() == {one: rung[other], other: rung[one]}


def policies(hand: Hand) -> list[tuple[str, str]]:
    """Each policy of the team, and the tag that it looks for."""
    team = hand.named("/v2/teams", "Ops")["id"]
    listed = hand.call("GET", f"/v2/policies/alert?teamId={team}")
    found = [hand.call("GET", f"/v2/policies/{one['id']}?teamId={team}") for one in listed]
    return [(one["name"], one["filter"]["conditions"][0]["expectedValue"]) for one in found]


RENAMES = {"places change": ("Search", "Shop", 8), "a new name": ("Store", "Search", 4)}
CUTS = [(name, write) for name, (_, _, writes) in RENAMES.items() for write in range(1, writes + 1)]


@pytest.mark.matrix
@pytest.mark.parametrize(("renames", "write"), CUTS)
def test_cut_off_in_between_the_next_run_finishes(house: House, hand: Hand, renames: str, write: int) -> None:
    shop, search, writes = RENAMES[renames]
    house.declare(policy("Shop", "Search", urgency=OFFICE))
    assert house.apply().code == 0
    before = senders(hand)
    house.declare(policy(shop, search, urgency=OFFICE))
    house.control("reset", {"what": "log"})
    house.control("faults", {"kind": "drop-before", "write": write + 1, "times": 99})
    assert house.apply().code == (5 if write < writes else 0)
    clear_faults(house)
    assert senders(hand) == before
    again = house.apply()
    assert again.code == 0, again.out + again.err
    assert house.sync("plan", "--exit-code").code == 0
    assert senders(hand) == before
    assert policies(hand) == [(f"{shop}: low urgency by hours", f"service:{shop}")]
    assert house.rings() == {shop: ["anna@example.com"], search: ["ben@example.com"]}


@pytest.mark.parametrize("write", [1, 2])
def test_policies_that_are_taken_back_find_what_was_left_in_between(house: House, hand: Hand, write: int) -> None:
    first, second = policy("Shop", "Search", urgency=OFFICE), policy("Search", "Shop", urgency=OFFICE)
    house.declare(first)
    assert house.apply().code == 0
    before = senders(hand)
    house.declare(second)
    house.control("faults", {"kind": "drop-before", "write": write + 1, "times": 99})
    assert house.apply().code == 5
    clear_faults(house)
    house.declare(first)
    assert house.apply().code == 0
    assert house.sync("plan", "--exit-code").code == 0
    assert senders(hand) == before
    assert hand.names("/v2/integrations") == ["Search (direct)", "Shop: api", "Shop: mail"]


def test_a_name_for_the_meantime_is_not_longer_than_any_provider_takes() -> None:
    assert for_the_meantime("Shop", BEING_RENAMED) == "Shop - being renamed"
    assert len(for_the_meantime("x" * 200, BEING_RENAMED)) == SHORTEST_LIMIT
