"""Policies of a team and of the account."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync_opsgenie.sandbox import Options, Running

from .conftest import NOW, SEED, Client, fields

TAGGED = {"field": "tags", "operation": "contains", "expectedValue": "service:Shop", "not": False}
FILTER = {"type": "match-all-conditions", "conditions": [TAGGED]}
ALERT: dict[str, Any] = {"type": "alert", "name": "Low", "enabled": True, "message": "{{message}}"}
NOTIFY: dict[str, Any] = {"type": "notification", "name": "Wait", "enabled": True}
HOURS = {"type": "time-of-day", "restriction": {"startHour": 9, "startMin": 0, "endHour": 17, "endMin": 30}}
FIVE = {"timeAmount": 5, "timeUnit": "minutes"}


DURATION = st.fixed_dictionaries(
    {"timeAmount": st.integers(1, 10_000), "timeUnit": st.sampled_from(("days", "hours", "minutes", "seconds"))}
)
UNTIL = st.fixed_dictionaries(
    {
        "delayOption": st.sampled_from(("next-time", "next-weekday", "next-monday", "next-sunday")),
        "untilHour": st.integers(0, 23),
        "untilMinute": st.integers(0, 59),
    }
)
FOR = st.fixed_dictionaries({"delayOption": st.just("for-duration"), "duration": DURATION})
WINDOW = st.fixed_dictionaries(
    {
        "startDay": st.sampled_from(("monday", "friday", "sunday")),
        "startHour": st.integers(0, 23),
        "startMin": st.sampled_from((0, 30)),
        "endDay": st.sampled_from(("monday", "wednesday", "saturday")),
        "endHour": st.integers(0, 23),
        "endMin": st.sampled_from((0, 30)),
    }
)
RESTRICTIONS = st.fixed_dictionaries(
    {"type": st.just("weekday-and-time-of-day"), "restrictions": st.lists(WINDOW, min_size=1, max_size=15)}
)
ACTIONS = st.fixed_dictionaries(
    {},
    optional={
        "autoRestartAction": st.fixed_dictionaries({"duration": DURATION, "maxRepeatCount": st.integers(1, 20)}),
        "autoCloseAction": st.fixed_dictionaries({"duration": DURATION}),
        "delayAction": UNTIL | FOR,
        "timeRestrictions": RESTRICTIONS,
    },
)


def policies(og: Client) -> str:
    return f"/v2/policies?teamId={og.ops}"


def policy(og: Client, key: str, more: str = "") -> str:
    return f"/v2/policies/{key}{more}?teamId={og.ops}"


def listed(og: Client, kind: str = "alert") -> list[tuple[int, str]]:
    return [(one["order"], one["name"]) for one in og.get(f"/v2/policies/{kind}?teamId={og.ops}")]


def test_an_alert_policy_as_it_is_shown(og: Client) -> None:
    more = {"filter": FILTER, "timeRestrictions": HOURS, "priority": "P4", "continue": True, "tags": ["low"]}
    responders = [{"type": "team", "name": "Ops"}]
    made = og.make(policies(og), **ALERT, **more, policyDescription="d", responders=responders, details={"a": "b"})
    assert made == {"id": made["id"], "name": "Low", "type": "alert", "order": 0, "enabled": True}
    assert og.get(policy(og, made["id"])) == {
        "id": made["id"],
        "type": "alert",
        "name": "Low",
        "policyDescription": "d",
        "enabled": True,
        "teamId": og.ops,
        "filter": FILTER,
        "timeRestrictions": HOURS,
        "continue": True,
        "ignoreOriginalActions": False,
        "ignoreOriginalDetails": False,
        "ignoreOriginalResponders": False,
        "ignoreOriginalTags": False,
        "ignoreOriginalTeams": False,
        "message": "{{message}}",
        "alias": "{{alias}}",
        "description": "{{description}}",
        "entity": "{{entity}}",
        "source": "{{source}}",
        "actions": [],
        "tags": ["low"],
        "details": {"a": "b"},
        "priority": "P4",
        "responders": [{"type": "team", "id": og.ops, "name": "Ops"}],
    }


@pytest.mark.parametrize(
    "actions",
    [
        {},
        {"suppress": True},
        {"autoRestartAction": {"duration": FIVE, "maxRepeatCount": 20}, "autoCloseAction": {"duration": FIVE}},
        {"delayAction": {"delayOption": "for-duration", "duration": {"timeAmount": 2, "timeUnit": "hours"}}},
        {"delayAction": {"delayOption": "next-time", "untilHour": 9, "untilMinute": 0}},
        {"delayAction": {"delayOption": "next-monday", "untilHour": 0, "untilMinute": 59}},
        {"deduplicationAction": {"deduplicationActionType": "value-based", "count": 2}},
        {"deduplicationAction": {"deduplicationActionType": "frequency-based", "count": 100, "duration": FIVE}},
    ],
)
def test_a_notification_policy_comes_back_as_it_was_sent(og: Client, actions: dict[str, Any]) -> None:
    made = og.make(policies(og), **NOTIFY, **actions, filter=FILTER)
    found = og.get(policy(og, made["id"]))
    assert found == {
        "id": made["id"],
        **NOTIFY,
        "policyDescription": "",
        "teamId": og.ops,
        "filter": FILTER,
        "suppress": False,
        **actions,
    }
    og.change(policy(og, made["id"]), "PUT", **found)
    assert og.get(policy(og, made["id"])) == found


@settings(max_examples=50)
@given(actions=ACTIONS)
def test_whatever_a_notification_policy_does_comes_back(session: Client, actions: dict[str, Any]) -> None:
    session.reset()
    made = session.make(policies(session), **NOTIFY, **actions)
    found = session.get(policy(session, made["id"]))
    assert {name: found[name] for name in actions} == actions
    assert {"timeRestrictions", "delayAction", "autoCloseAction", "autoRestartAction"} & set(found) == set(actions)
    session.change(policy(session, made["id"]), "PUT", **found)
    assert session.get(policy(session, made["id"])) == found


def test_durations_are_of_minutes_unless_they_say_so(og: Client) -> None:
    made = og.make(policies(og), **NOTIFY, autoCloseAction={"duration": {"timeAmount": 5}})
    assert og.get(policy(og, made["id"]))["autoCloseAction"] == {"duration": FIVE}


@pytest.mark.parametrize(
    "actions",
    [
        {"autoCloseAction": 5},
        {"autoCloseAction": {}},
        {"autoCloseAction": {"duration": {"timeAmount": 0}}},
        {"autoCloseAction": {"duration": {"timeAmount": 5, "timeUnit": "weeks"}}},
        {"autoRestartAction": {"duration": FIVE}},
        {"autoRestartAction": {"duration": FIVE, "maxRepeatCount": 0}},
        {"delayAction": {"delayOption": "next-time", "untilHour": 24, "untilMinute": 0}},
        {"delayAction": {"delayOption": "next-time", "untilHour": 9}},
        {"delayAction": {"delayOption": "for-duration"}},
        {"delayAction": {"delayOption": "tomorrow", "untilHour": 9, "untilMinute": 0}},
        {"deduplicationAction": {"deduplicationActionType": "value-based", "count": 1}},
        {"deduplicationAction": {"deduplicationActionType": "frequency-based", "count": 2}},
        {"deduplicationAction": {"deduplicationActionType": "random", "count": 2}},
        {"suppress": True, "delayAction": {"delayOption": "for-duration", "duration": FIVE}},
        {"suppress": True, "deduplicationAction": {"deduplicationActionType": "value-based", "count": 2}},
        {"suppress": "yes"},
        {"timeRestrictions": "always"},
        {"filter": {"type": "match-any"}},
        {"filter": {"type": "match-all", "conditions": [TAGGED]}},
    ],
)
def test_what_a_notification_policy_may_not_do(og: Client, actions: dict[str, Any]) -> None:
    og.refused(422, "POST", policies(og), {**NOTIFY, **actions})
    assert listed(og, "notification") == []


def test_faults_of_fields(og: Client) -> None:
    assert fields(og.errors(policies(og), type="zoo", policyDescription="x" * 201)) == {
        "type",
        "name",
        "policyDescription",
        "enabled",
    }
    wrong = {
        "message": "x" * 131,
        "continue": "no",
        "tags": "a",
        "details": [],
        "priority": "P9",
        "responders": {},
    }
    assert fields(og.errors(policies(og), **{**ALERT, **wrong})) == set(wrong)
    assert fields(og.errors(policies(og), type="alert", name="A", enabled=True)) == {"message"}
    og.refused(422, "POST", policies(og), {**ALERT, "responders": [{"type": "none"}]})
    og.refused(422, "POST", "/v2/policies?teamId=nobody", ALERT)


def test_without_its_team_a_policy_is_not_there(og: Client) -> None:
    key, other = og.make(policies(og), **ALERT)["id"], og.team("Other")
    for query in ("", f"?teamId={other}"):
        for method, more, body in (
            ("GET", "", None),
            ("PUT", "", ALERT),
            ("DELETE", "", None),
            ("POST", "/disable", {}),
            ("POST", "/change-order", {"targetIndex": 0}),
        ):
            og.refused(404, method, f"/v2/policies/{key}{more}{query}", body)
    og.refused(422, "GET", f"/v2/policies/{key}?teamId=nobody")
    assert og.get("/v2/policies/alert") == og.get(f"/v2/policies/alert?teamId={other}") == []
    assert listed(og) == [(0, "Low")]


def test_policies_of_the_account(og: Client) -> None:
    key = og.make("/v2/policies", **ALERT)["id"]
    assert "teamId" not in og.get(f"/v2/policies/{key}")
    assert [one["id"] for one in og.get("/v2/policies/alert")] == [key]
    assert listed(og) == []
    og.refused(422, "POST", "/v2/policies", NOTIFY)
    og.refused(422, "GET", "/v2/policies/notification")


def test_the_order_is_changed_by_change_order_alone(og: Client) -> None:
    keys = {name: og.make(policies(og), **{**ALERT, "name": name})["id"] for name in "abc"}
    og.make(policies(og), **NOTIFY)
    og.change(policy(og, keys["a"]), "PUT", **{**ALERT, "name": "A", "order": 2})
    assert listed(og) == [(0, "A"), (1, "b"), (2, "c")]
    og.ok(200, "POST", policy(og, keys["c"], "/change-order"), {"targetIndex": 0})
    assert listed(og) == [(0, "c"), (1, "A"), (2, "b")]
    og.ok(200, "POST", policy(og, keys["c"], "/change-order"), {"targetIndex": 99})
    assert listed(og) == [(0, "A"), (1, "b"), (2, "c")]
    og.drop(policy(og, keys["a"]))
    assert listed(og) == [(0, "b"), (1, "c")]
    assert listed(og, "notification") == [(0, "Wait")]
    assert fields(og.errors(policy(og, keys["b"], "/change-order"))) == {"targetIndex"}
    assert fields(og.errors(policy(og, keys["b"], "/change-order"), targetIndex=-1)) == {"targetIndex"}


def test_put_replaces_everything_but_type_and_order(og: Client) -> None:
    key = og.make(policies(og), **ALERT, tags=["a"], timeRestrictions=HOURS, priority="P1")["id"]
    og.change(policy(og, key), "PUT", **{**ALERT, "enabled": False})
    found = og.get(policy(og, key))
    assert (found["tags"], found["enabled"], found["filter"]) == ([], False, {"type": "match-all"})
    assert "timeRestrictions" not in found
    assert "priority" not in found
    og.refused(422, "PUT", policy(og, key), NOTIFY)


def test_switching_off_and_on(og: Client) -> None:
    key = og.make(policies(og), **ALERT)["id"]
    for word, on in (("disable", False), ("enable", True)):
        og.ok(200, "POST", policy(og, key, f"/{word}"), {})
        assert og.get(policy(og, key))["enabled"] is on


def test_a_team_takes_its_policies_along(og: Client) -> None:
    og.make(policies(og), **ALERT, responders=[{"type": "team", "id": og.ops}])
    og.drop(f"/v2/teams/{og.ops}")
    assert og.get("/v2/policies/alert") == []


def test_not_every_plan_has_policies_of_the_account() -> None:
    with Running(Options(now=NOW, seed={**SEED, "features": {"global_policies": False}})) as server:
        og = Client(server.url)
        og.reset()
        og.refused(422, "POST", "/v2/policies", ALERT)
        og.make(policies(og), **ALERT)
        og.session.close()
