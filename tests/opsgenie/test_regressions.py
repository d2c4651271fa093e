"""What the vendor's Terraform provider gets wrong: the whole program, in winter.

Each of these was seen there: a zone that is not written, or not missed, because two zones show the same time
today; things that somebody took away and nobody noticed; what a PATCH cannot take away and a plan that never ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import pytest

from tests.contract.harness import House, Policy, watched
from tests.faults.ground import clear_faults
from tests.opsgenie.conftest import Hand

HOURS = "Mon-Fri 08:00-18:00"
START: Policy = {
    "time_zone": "Europe/London",
    "team": "ops",
    "users": {name: {"email": f"{name}@example.com"} for name in ("anna", "ben", "carla")},
    "teams": {"ops": {"name": "Operations", "members": ["anna", "ben"], "opsgenie": {"route_to": "main"}}},
    "schedules": {
        "day": {
            "name": "Day",
            "rotations": {
                "office": {
                    "members": ["anna", "ben"],
                    "start": "Mon 2026-01-05 09:00",
                    "every": "1 week",
                    "hours": HOURS,
                    "until": "2027-06-01 00:00",
                },
                "rest": {"members": ["carla"], "start": "Mon 2026-01-05 09:00", "every": "1 week"},
            },
        },
    },
    "escalation_policies": {
        "main": {
            "name": "Main",
            "levels": [
                {"notify": [{"schedule": "day"}], "escalate_after": "15m"},
                {"notify": [{"user": "carla"}], "escalate_after": "10m"},
            ],
            "repeat": 2,
        }
    },
    "services": {"shop": {"name": "Shop", "escalation_policy": "main", "urgency": "high"}},
}
SCHEDULES, ESCALATIONS = "/v2/schedules", "/v2/escalations"


def policy(**schedule: Any) -> Policy:
    found = deepcopy(START)
    found["schedules"]["day"].update(schedule)
    return found


def applied(house: House, wanted: Policy = START) -> None:
    house.declare(wanted)
    made = house.apply("--waive", "mid-shift-change=put right")
    assert made.code == 0, made.out + made.err
    assert "read again: nothing left to do" in made.out


def settled(house: House) -> None:
    empty = house.sync("plan", "--exit-code")
    assert empty.code == 0, empty.out + empty.err


@pytest.mark.parametrize("zone", ["UTC", "Africa/Abidjan", "Europe/London"])
def test_a_schedule_is_made_in_the_zone_that_was_written(house: House, hand: Hand, zone: str) -> None:
    """Issue 460 there: made in New York wherever the wanted zone shows UTC's time today, until the next apply."""
    applied(house, policy(time_zone=zone))
    assert hand.named(SCHEDULES, "Day")["timezone"] == zone
    made = [one for one in house.control("requests") if (one["method"], one["path"]) == ("POST", SCHEDULES)]
    assert [one["body"]["timezone"] for one in made] == [zone]


def test_a_zone_that_shows_the_same_time_in_winter_is_another_zone(house: House, hand: Hand) -> None:
    applied(house)
    key = hand.named(SCHEDULES, "Day")["id"]
    hand.call("PATCH", f"{SCHEDULES}/{key}", {"timezone": "Africa/Abidjan"})
    assert house.plan() == {"schedule.day": "update"}
    assert "Africa/Abidjan" in house.sync("plan").out
    applied(house)
    assert hand.named(SCHEDULES, "Day")["timezone"] == "Europe/London"


def test_a_zone_that_is_declared_anew_is_written_though_today_shows_no_difference(
    house: House, hand: Hand
) -> None:
    applied(house)
    applied(house, policy(time_zone="Africa/Abidjan"))
    assert hand.named(SCHEDULES, "Day")["timezone"] == "Africa/Abidjan"


def _rotation(hand: Hand, name: str) -> tuple[str, dict[str, Any]]:
    day = hand.named(SCHEDULES, "Day")
    return f"{SCHEDULES}/{day['id']}/rotations", next(one for one in day["rotations"] if one["name"] == name)


def _anew(hand: Hand, *without: str) -> None:
    """As a person would on the vendor's pages: a rotation that has lost something; the API itself cannot."""
    path, body = _rotation(hand, "office")
    kept = {key: one for key, one in body.items() if key not in {"id", "_parent", *without}}
    hand.call("DELETE", f"{path}/{body['id']}")
    hand.call("POST", path, kept)


def _no_hours(hand: Hand) -> None:
    _anew(hand, "timeRestriction")


def _no_end(hand: Hand) -> None:
    _anew(hand, "endDate")


def _an_earlier_end(hand: Hand) -> None:
    path, body = _rotation(hand, "office")
    hand.call("PATCH", f"{path}/{body['id']}", {"endDate": "2027-03-01T00:00:00Z"})


def _a_rotation_too_many(hand: Hand) -> None:
    path, body = _rotation(hand, "rest")
    anna = [{"type": "user", "username": "anna@example.com"}]
    kept = {key: one for key, one in body.items() if key not in {"id", "_parent"}}
    hand.call("POST", path, {**kept, "name": "rogue", "participants": anna})


def _another_owner(hand: Hand) -> None:
    other = hand.call("POST", "/v2/teams", {"name": "Others"})
    for path, name in ((SCHEDULES, "Day"), (ESCALATIONS, "Main")):
        found = hand.named(path, name)
        hand.call("PATCH", f"{path}/{found['id']}", {"ownerTeam": {"id": other["id"]}})


def _no_repetition(hand: Hand) -> None:
    found = hand.named(ESCALATIONS, "Main")
    hand.call("PATCH", f"{ESCALATIONS}/{found['id']}", {"repeat": {"count": 0}})
    assert not hand.named(ESCALATIONS, "Main").get("repeat")


def _off(hand: Hand) -> None:
    (found,) = hand.call("GET", "/v2/integrations")
    hand.call("POST", f"/v2/integrations/{found['id']}/disable")


DAY, MAIN, SHOP = "schedule.day", "escalation_policy.main", "service.shop"
TAKEN_AWAY: Mapping[str, tuple[Callable[[Hand], None], set[str]]] = {
    "the hours of a rotation": (_no_hours, {DAY}),
    "the end of a rotation": (_no_end, {DAY}),
    "an end moved": (_an_earlier_end, {DAY}),
    "the owner team": (_another_owner, {DAY, MAIN}),
    "the repetition": (_no_repetition, {MAIN}),
    "an integration that is on": (_off, {SHOP}),
}


@pytest.mark.parametrize("what", TAKEN_AWAY)
def test_what_somebody_took_away_is_noticed_and_put_back(house: House, hand: Hand, what: str) -> None:
    edit, refs = TAKEN_AWAY[what]
    applied(house)
    before = house.rings()
    edit(hand)
    assert house.plan() == dict.fromkeys(refs, "update")
    applied(house)
    assert house.rings() == before


def test_a_rotation_that_nobody_declared_is_told(house: House, hand: Hand) -> None:
    """There it is invisible. Whoever added it rings; it stays, until somebody says what is meant."""
    applied(house)
    _a_rotation_too_many(hand)
    assert "the rotation 'rogue' is not declared" in house.sync("plan").out
    assert house.sync("drift").code == 2


@pytest.mark.parametrize(("key", "never"), [("hours", "always"), ("until", "none")])
def test_what_a_patch_cannot_take_away_goes_and_nobody_is_unpaged(
    house: House, hand: Hand, key: str, never: str
) -> None:
    """There, such a plan never ends. Here the rotation is made anew; at each write whoever rang rings."""
    alone = policy()
    del alone["schedules"]["day"]["rotations"]["rest"]
    applied(house, alone)
    wanted = deepcopy(alone)
    wanted["schedules"]["day"]["rotations"]["office"][key] = never
    house.declare(wanted)
    house.control("reset", {"what": "log"})
    with watched(house, f"without {key}"):
        made = house.apply()
    assert made.code == 0, made.out + made.err
    assert [one.split()[0] for one in house.writes() if "/rotations" in one] == ["PATCH", "POST", "DELETE"]
    settled(house)
    (left,) = hand.named(SCHEDULES, "Day")["rotations"]
    gone = {"hours": "timeRestriction", "until": "endDate"}[key]
    assert left["name"] == "office"
    assert not left.get(gone)


@pytest.mark.parametrize("write", [1, 2, 3])
def test_cut_off_in_between_somebody_rings_and_the_next_run_finishes(house: House, hand: Hand, write: int) -> None:
    applied(house)
    wanted = deepcopy(START)
    wanted["schedules"]["day"]["rotations"]["office"]["hours"] = "always"
    house.declare(wanted)
    house.control("faults", {"kind": "500", "write": write, "path": "/rotations", "times": 99})
    with watched(house, f"cut off before write {write}"):
        cut = house.apply()
    assert cut.code == 5, cut.out + cut.err
    assert house.rings()["Shop"]
    clear_faults(house)
    applied(house, wanted)
    assert sorted(one["name"] for one in hand.named(SCHEDULES, "Day")["rotations"]) == ["office", "rest"]


def test_the_order_of_what_has_none_is_no_difference(house: House, hand: Hand) -> None:
    """Rotations go by name; windows and conditions are sets. There such plans never end (225, 409, 191)."""
    wanted = policy()
    wanted["teams"]["ops"]["opsgenie"]["routing"] = [{"name": "urgent", "priority": ["P2", "P1"], "to": "main"}]
    wanted["schedules"]["day"]["rotations"]["office"]["hours"] = ["Mon 08:00-18:00", "Wed 08:00-12:00"]
    applied(house, wanted)
    path, office = _rotation(hand, "office")
    restriction = office["timeRestriction"]
    assert len(restriction["restrictions"]) == 2
    turned = {**restriction, "restrictions": restriction["restrictions"][::-1]}
    hand.call("PATCH", f"{path}/{office['id']}", {"timeRestriction": turned})
    team = hand.named("/v2/teams", "Operations")["id"]
    rule = next(one for one in hand.call("GET", f"/v2/teams/{team}/routing-rules") if one["name"] == "urgent")
    criteria = {**rule["criteria"], "conditions": rule["criteria"]["conditions"][::-1]}
    assert len(criteria["conditions"]) == 2
    hand.call("PATCH", f"/v2/teams/{team}/routing-rules/{rule['id']}", {"criteria": criteria})
    settled(house)
    rotations = wanted["schedules"]["day"]["rotations"]
    wanted["schedules"]["day"]["rotations"] = {name: rotations[name] for name in ("rest", "office")}
    house.declare(wanted)
    settled(house)


@pytest.mark.parametrize(
    ("key", "said"),
    [("start", "Mon 2026-01-05 09:20"), ("until", "2027-06-01 00:10"), ("hours", "Mon 08:05-18:00")],
)
def test_minutes_that_would_be_rounded_are_refused_before_any_write(house: House, key: str, said: str) -> None:
    wanted = deepcopy(START)
    wanted["schedules"]["day"]["rotations"]["office"][key] = said
    house.declare(wanted)
    for words in (["validate"], ["apply", "--yes"]):
        refused = house.sync(*words)
        told = refused.out + refused.err
        assert refused.code == 1, told
        assert "full" in told, told
        assert "half hours" in told, told
        assert "all.yaml:" in told, told
    assert house.writes() == []
