"""Escalations: what is kept and refused, repeats, and whom one calls first."""

from datetime import datetime
from typing import Any

import pytest

from oncall_sync_opsgenie.sandbox.account import ADVANCED_INTEGRATIONS
from oncall_sync_opsgenie.sandbox.escalations import first_called
from oncall_sync_opsgenie.sandbox.oncalls import ringing_emails

from .desk import NOW, Desk

REPEAT = {"waitInterval": 10, "count": 3, "resetRecipientStates": True, "closeAlertAfterAll": False}


def called(desk: Desk, path: str, at: datetime = NOW) -> list[str]:
    found = first_called(desk.account, path.rsplit("/", 1)[-1], at)
    return [email.partition("@")[0] for email in found]


def test_an_escalation_as_it_is_shown() -> None:
    desk = Desk()
    team = desk.team("Shop")
    schedule = desk.schedule()
    rules = [
        desk.rule({"type": "schedule", "name": "Primary", "id": "", "username": ""}),
        {
            **desk.rule({"type": "user", "username": "anna@acme.example"}),
            "delay": {"timeAmount": 2, "timeUnit": "hours"},
        },
        desk.rule({"type": "team", "name": "Shop"}, 150, "admins"),
    ]
    made = desk.post(
        "/v2/escalations", {"name": "Ladder", "rules": rules, "ownerTeam": {"name": "Shop"}, "repeat": {}}
    )
    assert set(made) == {"id", "name"}
    shop = desk.to("team", team)
    found = {
        "id": made["id"],
        "name": "Ladder",
        "description": "",
        "ownerTeam": {"id": shop["id"], "name": "Shop"},
        "rules": [
            {
                "condition": "if-not-acked",
                "notifyType": how,
                "delay": {"timeAmount": amount, "timeUnit": unit},
                "recipient": recipient,
            }
            for how, amount, unit, recipient in (
                ("default", 0, "minutes", {**desk.to("schedule", schedule), "name": "Primary"}),
                ("default", 2, "hours", {**desk.user("anna"), "username": "anna@acme.example"}),
                ("admins", 150, "minutes", {**shop, "name": "Shop"}),
            )
        ],
    }
    assert desk.get(f"/v2/escalations/{made['id']}") == found
    assert desk.get("/v2/escalations/Ladder?identifierType=name") == found
    assert desk.get("/v2/escalations")[-1] == found


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"description": "x" * 1001},
        {"rules": []},
        {"rules": "all"},
        {"rules": [5]},
        {"ownerTeam": {"id": "nowhere"}},
        {"repeat": 3},
        {"repeat": {"count": 21}},
        {"repeat": {"count": "3"}},
        {"repeat": {"waitInterval": -1, "count": 1}},
        {"repeat": {"count": 1, "resetRecipientStates": "yes"}},
    ],
)
def test_what_is_refused(fields: dict[str, Any]) -> None:
    desk = Desk()
    good = {"name": "Ladder", "rules": [desk.rule(desk.user("anna"))]}
    desk.refused(422, "POST", "/v2/escalations", {**good, **fields})
    path = desk.escalation(*good["rules"])
    desk.refused(422, "PATCH", path, fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"condition": None},
        {"condition": "if-angry"},
        {"notifyType": "loudly"},
        {"notifyType": "next"},  # of a user
        {"delay": None},
        {"delay": {}},
        {"delay": 5},
        {"delay": {"timeAmount": -1}},
        {"delay": {"timeAmount": 1, "timeUnit": "fortnights"}},
        {"recipient": None},
        {"recipient": {"type": "none"}},
        {"recipient": {"type": "escalation", "name": "Ladder"}},
        {"recipient": {"type": "user", "username": "ghost@acme.example"}},
    ],
)
def test_a_rule_needs_all_of_it(fields: dict[str, Any]) -> None:
    desk = Desk()
    rule = {**desk.rule(desk.user("anna")), **fields}
    desk.refused(422, "POST", "/v2/escalations", {"name": "Ladder", "rules": [rule]})


def test_names_are_taken_once() -> None:
    desk = Desk()
    desk.escalation(desk.rule(desk.user("anna")))
    body = {"name": "Escalate", "rules": [desk.rule(desk.user("ben"))]}
    message = "Escalation with [name] [Escalate] already exists."
    assert desk.refused(409, "POST", "/v2/escalations", body)["message"] == message


def test_a_patch_replaces_the_rules_and_an_empty_repeat_ends_it() -> None:
    desk = Desk()
    path = desk.escalation(desk.rule(desk.user("anna")), desk.rule(desk.user("ben"), 5), repeat=REPEAT)
    assert desk.get(path)["repeat"] == REPEAT
    desk.patch(path, {"rules": [desk.rule(desk.user("cleo"))], "repeat": None})
    found = desk.get(path)
    assert ([one["recipient"]["id"] for one in found["rules"]], found["repeat"]) == ([desk.users["cleo"]], REPEAT)
    desk.patch(path, {"repeat": {}})
    assert "repeat" not in desk.get(path)
    desk.patch(path, {"repeat": {"count": 2}})
    assert desk.get(path)["repeat"] == {
        "waitInterval": 0, "count": 2, "resetRecipientStates": False, "closeAlertAfterAll": False,
    }  # fmt: skip
    desk.patch(path, {"repeat": {"count": 0, "waitInterval": 5}})
    assert "repeat" not in desk.get(path)


def test_an_empty_repeat_may_mean_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other reading of what the vendor leaves open."""
    monkeypatch.setattr("oncall_sync_opsgenie.sandbox.escalations.EMPTY_REPEAT_CLEARS", False)
    desk = Desk()
    path = desk.escalation(desk.rule(desk.user("anna")), repeat=REPEAT)
    desk.patch(path, {"repeat": {}})
    assert desk.get(path)["repeat"] == REPEAT


def test_a_small_plan_repeats_nothing_and_calls_nobody_next() -> None:
    desk = Desk(features=(ADVANCED_INTEGRATIONS,))
    schedule = desk.schedule()
    plain = {"name": "Ladder", "rules": [desk.rule(desk.user("anna"))], "repeat": {}}
    desk.post("/v2/escalations", plain)
    desk.refused(422, "POST", "/v2/escalations", {**plain, "name": "Two", "repeat": REPEAT})
    following = desk.rule(desk.to("schedule", schedule), 5, "next")
    desk.refused(422, "POST", "/v2/escalations", {"name": "Three", "rules": [following]})


def test_what_is_used_cannot_be_deleted() -> None:
    desk = Desk()
    path = desk.escalation(desk.rule(desk.user("anna")))
    schedule = desk.schedule(desk.rotation("anna", participants=[desk.to("escalation", path)]))
    assert "schedule [Primary]" in desk.refused(428, "DELETE", path)["message"]
    desk.delete(schedule)
    desk.delete("/v2/escalations/Escalate?identifierType=name")
    desk.refused(404, "GET", path)


def test_the_first_delay_that_has_anybody_is_called() -> None:
    desk = Desk()
    quiet = desk.schedule(desk.rotation("ben", startDate="2027-01-01T00:00:00Z"), name="Quiet")
    path = desk.escalation(
        desk.rule(desk.user("cleo"), 10),
        desk.rule(desk.to("schedule", quiet)),
        desk.rule(desk.user("anna"), 5),
        {**desk.rule(desk.user("ben")), "delay": {"timeAmount": 300, "timeUnit": "seconds"}},
    )
    assert called(desk, path) == ["anna", "ben"]
    assert called(desk, path, datetime.fromisoformat("2027-01-01T00:00:00+00:00")) == ["ben"]
    nobody = desk.escalation(desk.rule(desk.to("schedule", quiet)), name="Nobody")
    assert called(desk, nobody) == []
    assert first_called(desk.account, "nowhere", NOW) == []


def test_a_disabled_schedule_and_a_vacant_turn_have_nobody() -> None:
    desk = Desk()
    path = desk.schedule(desk.rotation("anna", participants=[{"type": "none"}]), desk.rotation("ben"))
    escalation = desk.escalation(desk.rule(desk.to("schedule", path)))
    assert called(desk, escalation) == ["ben"]
    desk.patch(path, {"enabled": False})
    assert called(desk, escalation) == []


def test_next_and_previous_are_the_neighbours_of_who_has_the_turn() -> None:
    desk = Desk()
    path = desk.schedule(desk.rotation("anna", "ben", "cleo"))  # the third week: cleo's
    desk.override(path, "ben", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z")
    found = {
        how: called(desk, desk.escalation(desk.rule(desk.to("schedule", path), 0, how), name=how))
        for how in ("default", "next", "previous")
    }
    assert found == {"default": ["ben"], "next": ["anna"], "previous": ["ben"]}
    desk.patch(path, {"enabled": False})
    assert called(desk, "next") == []


def test_members_of_a_team() -> None:
    desk = Desk()
    team = desk.to("team", desk.team("Shop", anna="admin", ben="user", cleo="user"))
    found = {
        how: called(desk, desk.escalation(desk.rule(team, 0, how), name=how))
        for how in ("admins", "users", "all", "random")
    }
    everybody = ["anna", "ben", "cleo"]
    assert found == {"admins": ["anna"], "users": ["ben", "cleo"], "all": everybody, "random": everybody}


def test_a_team_is_called_through_its_routing_rules() -> None:
    desk = Desk()
    team = desk.team("Shop", anna="user")
    path = desk.escalation(desk.rule(desk.to("team", team)))
    assert called(desk, path) == ["anna"]  # default rule, escalation, schedule
    night = desk.schedule(desk.rotation("ben"), name="Night")
    urgent = {"type": "match-all-conditions", "conditions": [
        {"field": "priority", "operation": "equals", "expectedValue": "P1"},
    ]}  # fmt: skip
    window = {"startHour": 20, "startMin": 0, "endHour": 6, "endMin": 0}
    rules = (
        {"name": "urgent", "criteria": urgent, "notify": {"type": "none"}},
        {
            "name": "night",
            "notify": desk.to("schedule", night),
            "timezone": "America/New_York",
            "timeRestriction": {"type": "time-of-day", "restriction": window},
        },
    )
    for rule in rules:
        desk.post(f"{team}/routing-rules", rule)
    # An alert that no condition speaks of is nobody's P1.
    assert called(desk, path, datetime.fromisoformat("2026-11-21T11:30:00+00:00")) == ["anna"]
    assert called(desk, path, datetime.fromisoformat("2026-11-21T10:30:00+00:00")) == ["ben"]


def test_what_refers_to_itself_comes_to_an_end() -> None:
    desk = Desk()
    escalation = desk.escalation(desk.rule(desk.user("anna")))
    path = desk.schedule(desk.rotation("anna", participants=[desk.to("escalation", escalation)]))
    desk.patch(escalation, {"rules": [desk.rule(desk.to("schedule", path)), desk.rule(desk.user("ben"), 5)]})
    assert called(desk, escalation) == ["ben"]
    assert ringing_emails(desk.account, path.rsplit("/", 1)[-1], NOW) == ["ben@acme.example"]
    assert desk.on_call(path) == ["ben"]


def test_forwarding_is_for_everybody_who_is_called() -> None:
    desk = Desk()
    rule = {
        "fromUser": {"username": "anna@acme.example"},
        "toUser": {"username": "cleo@acme.example"},
        "startDate": "2026-11-21T00:00:00Z",
        "endDate": "2026-11-22T00:00:00Z",
    }
    desk.post("/v2/forwarding-rules", rule)
    team = desk.to("team", desk.team("Shop", anna="admin"))
    schedule = desk.schedule(desk.rotation("anna", "ben"))
    recipients = ((desk.user("anna"), "default"), (team, "all"), (desk.to("schedule", schedule), "default"))
    for number, (recipient, how) in enumerate(recipients):
        path = desk.escalation(desk.rule(recipient, 0, how), name=f"Ladder {number}")
        assert called(desk, path) == ["cleo"]
        assert called(desk, path, datetime.fromisoformat("2026-12-05T00:00:00+00:00")) == ["anna"]
