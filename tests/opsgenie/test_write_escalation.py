"""What is sent for escalation policies: one call, with what differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oncall_sync.model import EscalationPolicy, Level, Live, Ref
from oncall_sync_opsgenie.convert_escalation import policy_from
from oncall_sync_opsgenie.script import Script
from oncall_sync_opsgenie.write_escalation import escalation_calls
from tests.opsgenie.recorded import recorded
from tests.opsgenie.replay import said, script_for

ANNA, ROTA, TEAM = Ref("user", "anna"), Ref("schedule", "rota"), Ref("team", "ops")
IDS = {ANNA: "U1", ROTA: "S1", TEAM: "T1"}
PATH = "/v2/escalations/E1"
REPEAT = {"waitInterval": 10, "count": 2, "resetRecipientStates": True, "closeAlertAfterAll": False}


def level(*notify: Ref, after: int = 10) -> Level:
    return Level(notify, timedelta(minutes=after))


def policy(*levels: Level, **more: Any) -> EscalationPolicy:
    plain = {"name": "Ops", "description": "d", "team": TEAM, "repeat": 0}
    return EscalationPolicy(ref=Ref("escalation_policy", "E1", remote=True), levels=levels, **{**plain, **more})


def calls(wanted: EscalationPolicy, now: Live | None = None) -> Script:
    script = script_for(wanted, now, IDS)
    escalation_calls(script, wanted)
    return script


def live(wanted: EscalationPolicy, **more: Any) -> Live:
    (made,) = calls(wanted).calls
    body = {"id": "E1", **(made.body or {}), **more}
    return Live(remote_id="E1", resource=policy_from(body), raw={"body": body})


TWO = policy(level(ROTA), level(ANNA))


def test_a_new_policy_is_one_call() -> None:
    ((phase, method, path, body),) = said(calls(replace(TWO, repeat=2)))
    assert (phase, method, path) == ("make", "POST", "/v2/escalations")
    assert body["ownerTeam"] == {"id": "T1"}
    assert body["repeat"] == REPEAT
    assert [(one["delay"]["timeAmount"], one["recipient"]["id"]) for one in body["rules"]] == [
        (0, "S1"),
        (10, "U1"),
    ]
    assert "ownerTeam" not in said(calls(replace(TWO, team=None)))[0][3]


def test_nothing_is_sent_where_nothing_differs() -> None:
    found = live(TWO)
    assert calls(TWO, found).calls == []
    rules = found.raw["body"]["rules"]
    hours = [
        {**one, "delay": {"timeAmount": one["delay"]["timeAmount"] * 60, "timeUnit": "seconds"}} for one in rules
    ]
    for more in ({"rules": rules[::-1]}, {"rules": hours}, {"repeat": None}, {"repeat": {"count": 0}}):
        assert calls(TWO, live(TWO, **more)).calls == []
    assert calls(replace(TWO, team=None), found).calls == []
    assert calls(replace(TWO, repeat=2), live(replace(TWO, repeat=2), repeat=REPEAT)).calls == []


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ({"name": "Dev"}, {"name": "Dev"}),
        ({"description": None}, {"description": ""}),
        ({"repeat": 2}, {"repeat": REPEAT}),
    ],
)
def test_only_what_differs_is_sent(more: dict[str, Any], body: dict[str, Any]) -> None:
    assert said(calls(replace(TWO, **more), live(TWO))) == [("make", "PATCH", PATH, body)]


def test_rules_are_sent_whole_and_a_repetition_is_taken_away() -> None:
    ((_, _, _, body),) = said(calls(policy(level(ROTA, after=15), level(ANNA)), live(TWO)))
    assert [one["delay"]["timeAmount"] for one in body["rules"]] == [0, 15]
    assert list(body) == ["rules"]
    assert said(calls(TWO, live(replace(TWO, repeat=2))))[0][3] == {"repeat": {}}


def test_what_the_model_does_not_know_of_a_repetition_stays() -> None:
    found = live(replace(TWO, repeat=2), repeat={"waitInterval": 10, "count": 2, "resetRecipientStates": False})
    assert calls(replace(TWO, repeat=2), found).calls == []
    assert said(calls(replace(TWO, repeat=3), found))[0][3] == {
        "repeat": {**REPEAT, "count": 3, "resetRecipientStates": False}
    }


def test_a_new_owner() -> None:
    assert said(calls(TWO, live(TWO, ownerTeam={"id": "T9"}))) == [
        ("make", "PATCH", PATH, {"ownerTeam": {"id": "T1"}})
    ]


@pytest.mark.parametrize("path", ["escalations/demisto_list.json", "escalations/firehydrant_list.json"])
def test_nothing_is_sent_for_a_recorded_policy_that_is_to_stay(path: str) -> None:
    for body in recorded(path):
        found = policy_from(body)
        assert calls(found, Live(remote_id=body["id"], resource=found, raw={"body": body})).calls == []
