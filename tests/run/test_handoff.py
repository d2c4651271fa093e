"""`handoff` on both sandboxes: who goes, who comes, and what they take over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.run.houses import (
    KINDS,
    NOW,
    PHONE,
    House,
    added,
    applied,
    asked,
    call,
    forget,
    ids,
    incident,
    opened,
    start,
    swap,
)

MONDAY = "2026-11-30T08:00:00Z"


@pytest.fixture(params=KINDS)
def house(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[House]:
    with opened(request.param, tmp_path, monkeypatch, capsys) as found:
        yield found


def told(house: House, *words: str) -> Any:
    result = house.sync("handoff", *words, "--format", "json")
    assert (result.code, result.err) == (0, ""), result.err
    return result.json


def phone(house: House, user: str) -> None:
    """Give somebody a phone that rings at once."""
    key = ids(house, "user")[user]
    if house.kind == "opsgenie":
        contact = {"method": "voice", "to": f"43-{PHONE}"}
        call(house, "POST", f"/v2/users/{key}/contacts", contact)
        step = {"contact": contact, "sendAfter": {"timeAmount": 0}, "enabled": True}
        rules = call(house, "GET", f"/v2/users/{key}/notification-rules")["data"]
        (rule,) = [one["id"] for one in rules if one["actionType"] == "create-alert"]
        call(house, "POST", f"/v2/users/{key}/notification-rules/{rule}/steps", step)
        return
    body = {"type": "phone_contact_method", "label": "Mobile", "address": PHONE, "country_code": 43}
    method = call(house, "POST", f"/users/{key}/contact_methods", {"contact_method": body})["contact_method"]
    rule = {"type": "assignment_notification_rule", "start_delay_in_minutes": 0, "urgency": "high"}
    by = {"id": method["id"], "type": method["type"]}
    call(house, "POST", f"/users/{key}/notification_rules", {"notification_rule": {**rule, "contact_method": by}})


def test_the_next_one(house: House) -> None:
    applied(house, start())
    incident(house, "Shop", "Shop burns", "anna")
    swap(house, "Day", "eve", NOW + timedelta(days=8), timedelta(hours=6))
    found = told(house, "day")
    assert {
        key: found[key] for key in ("schedule", "ref", "time_zone", "at", "until", "goes", "comes", "stays")
    } == {
        "schedule": "Day",
        "ref": "schedule.day",
        "time_zone": "Europe/Vienna",
        "at": MONDAY,
        "until": "2026-12-01T12:00:00Z",
        "goes": ["ben"],
        "comes": ["carla"],
        "stays": [],
    }
    assert found["rings_at"] == [{"escalation_policy": "main", "level": 1, "services": ["shop"]}]
    assert [(one["title"], one["services"], one["assigned"]) for one in found["incidents"]] == [
        ("Shop burns", ["shop"], ["anna"])
    ]
    assert [one["users"] for one in found["week"]] == [["carla"], ["eve"], ["carla"]]
    assert [one["user"] for one in found["overrides"]] == ["eve"]
    assert found["changes"] or found["untold"]
    text = house.sync("handoff", "day").out
    assert text.startswith(
        "Day: handoff Mon 2026-11-30 09:00 Europe/Vienna\n\n  goes   ben\n  comes  carla, until"
    )
    assert "Shop burns" in text
    assert "swap: eve takes over Tue 2026-12-01 13:00 to 19:00 Europe/Vienna" in text


def test_who_can_be_reached(house: House) -> None:
    policy = start()
    policy["checks"] = [{"reachable": {"schedule": "day", "by": ["phone"], "before": "24h"}}]
    applied(house, policy)
    found = told(house, "day")
    assert [(one["user"], one["ready"]) for one in found["reach"]] == [("carla", False)]
    assert found["not_ready"] == [{"user": "carla", "since": MONDAY}]
    assert "NOT READY: " in house.sync("handoff", "day").out
    phone(house, "carla")
    found = told(house, "day")
    assert [(one["user"], one["ready"]) for one in found["reach"]] == [("carla", True)]
    assert "phone" in found["reach"][0]["says"]
    for form in ("text", "json", "markdown"):
        result = house.sync("handoff", "day", "--format", form)
        assert PHONE not in result.out + result.err
        assert PHONE[-4:] not in result.out


def test_what_is_asked_of_a_provider(house: House) -> None:
    applied(house, start())
    forget(house)
    assert house.sync("plan", "--exit-code").code == 0
    usual = asked(house)
    told(house, "day")
    found = added(asked(house), usual)
    key = ids(house, "schedule")["Day"]
    prefix, incidents = ("", "/incidents") if house.kind == "pagerduty" else ("/v2", "/v1/incidents")
    rest = added(found, [f"{prefix}/schedules/{key}/overrides", incidents])
    people = [path for path in rest if path.startswith(f"{prefix}/users")]
    trail = [path for path in rest if path not in people]
    assert len(people) <= (1 if house.kind == "pagerduty" else 20)
    assert all("audit" in path or "logs" in path for path in trail)


def test_the_one_before(house: House) -> None:
    applied(house, start())
    found = told(house, "day", "--at", "2026-11-28 03:00")
    assert (found["at"], found["goes"], found["comes"]) == ("2026-11-23T08:00:00Z", ["anna"], ["ben"])
    assert found["changed_since"] == "2026-11-16T08:00:00Z"
    exactly = told(house, "day", "--at", MONDAY)
    assert (exactly["at"], exactly["comes"]) == (MONDAY, ["carla"])
    offline = told(house, "day", "--at", "2026-11-28 03:00", "--from", "policies")
    assert (offline["at"], offline["goes"], offline["comes"]) == (found["at"], found["goes"], found["comes"])
    assert (offline["as_declared"], offline["reach"], offline["incidents"]) == (False, None, None)


def test_offline_nobody_is_asked(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.declare(start())
    monkeypatch.delenv("ONCALL_CONTRACT_TOKEN")
    found = told(house, "night")
    assert (found["goes"], found["comes"]) == (["carla"], ["david"])
    assert found["not_read"] == {house.kind: "ONCALL_CONTRACT_TOKEN is not set"}
    assert asked(house) == []
    refused = house.sync("handoff", "night", "--from", "live")
    assert (refused.code, refused.out) == (1, "")


def test_what_cannot_be_told(house: House) -> None:
    policy = start()
    policy["schedules"]["day"]["rotations"]["first"]["members"] = ["anna"]
    house.declare(policy)
    alone = house.sync("handoff", "day", "--from", "policies")
    assert (alone.code, alone.out) == (1, "")
    assert "schedule day has no handoff: nobody takes over within a year" in alone.err
    unknown = house.sync("handoff", "dya", "--from", "policies")
    assert "there is no schedule 'dya' (there are: day, night)" in unknown.err
    early = house.sync("handoff", "day")
    assert "schedule day is declared, and not at" in early.err


def test_two_rotations_at_once(house: House) -> None:
    policy = start()
    turn = {"start": "Mon 2026-01-05 09:00", "every": "1 week"}
    policy["schedules"]["day"]["rotations"] = {
        "front": {"members": ["anna", "ben"], **turn},
        "back": {"members": ["carla", "david"], **turn, "hours": "Mon-Fri 09:00-17:00"},
    }
    house.declare(policy)
    found = told(house, "day", "--from", "policies")
    assert (found["at"], found["goes"], found["comes"]) == (MONDAY, ["anna", "carla"], ["ben", "david"])
    assert found["rotations"] == [
        {"rotation": "rotation front", "before": ["anna"], "after": ["ben"]},
        {"rotation": "rotation back", "before": ["carla"], "after": ["david"]},
    ]
