"""Escalation policies: levels that wait for each other, and rules that all count from the start."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.model import ABSENT, EscalationPolicy, Level, Ref
from oncall_sync_opsgenie.convert_escalation import (
    policy_from,
    repeat_of,
    rules_of,
    same_rules,
    span_text,
    starts_after,
    waits,
)
from tests.opsgenie.recorded import recorded

MINUTE = timedelta(minutes=1)
TEAM, ANNA, BEN = Ref("team", "T", remote=True), Ref("user", "A", remote=True), Ref("user", "B", remote=True)
ROTA = Ref("schedule", "S", remote=True)


def rule(delay: int, kind: str, key: str, way: str = "default", **more: Any) -> dict[str, Any]:
    return {
        "condition": "if-not-acked",
        "notifyType": way,
        "delay": {"timeAmount": delay, "timeUnit": "minutes"},
        "recipient": {"type": kind, "id": key},
        **more,
    }


def body_of(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "E", "name": "Ops", "ownerTeam": {"id": "T", "name": "ops"}, "rules": list(rules), **more}


def policy(*levels: Level, **more: Any) -> EscalationPolicy:
    plain = {"name": "Ops", "description": None, "team": TEAM, "repeat": 0}
    return EscalationPolicy(ref=Ref("escalation_policy", "E", remote=True), levels=levels, **{**plain, **more})


rules = st.lists(
    st.one_of(
        st.builds(rule, st.integers(0, 3), st.just("user"), st.sampled_from("AB")),
        st.builds(
            rule,
            st.integers(0, 3),
            st.just("schedule"),
            st.sampled_from("SR"),
            st.sampled_from(("default", "next")),
        ),
        st.builds(
            rule,
            st.integers(0, 3),
            st.just("team"),
            st.sampled_from(("T", "X")),
            st.sampled_from(("default", "admins", "all", "random", "users")),
        ),
    ).flatmap(
        lambda one: st.sampled_from(("if-not-acked", "if-not-closed")).map(lambda when: {**one, "condition": when})
    ),
    max_size=8,
)
repeats = st.none() | st.builds(
    lambda wait, count, close: {
        "waitInterval": wait,
        "count": count,
        "resetRecipientStates": True,
        "closeAlertAfterAll": close,
    },
    st.integers(1, 90),
    st.integers(1, 20),
    st.booleans(),
)


@given(rules, repeats)
def test_any_rules_are_written_as_they_were_read(
    found: list[dict[str, Any]], repeat: dict[str, Any] | None
) -> None:
    body = body_of(*found, **({} if repeat is None else {"repeat": repeat}))
    read = policy_from(body)
    assert same_rules(rules_of(read, {}), found)
    if found:
        assert repeat_of(read, repeat or {}) == (repeat or {})
    again = policy_from({**body, "rules": rules_of(read, {})})
    assert in_order(again) == in_order(read)


def in_order(one: EscalationPolicy) -> EscalationPolicy:
    """Everybody on a level is called together: the order says nothing."""
    return replace(one, levels=tuple(replace(x, notify=tuple(sorted(x.notify))) for x in one.levels))


people = st.lists(st.sampled_from((ANNA, BEN, ROTA)), min_size=1, max_size=3, unique=True).map(tuple)
blocks = st.fixed_dictionaries(
    {}, optional={"notify": st.sampled_from(("admins", "all")), "condition": st.just("not_closed")}
).map(lambda block: {"opsgenie": block} if block else {})
levels = st.lists(
    st.builds(
        Level, notify=people, escalate_after=st.integers(1, 2000).map(lambda n: n * MINUTE), settings=blocks
    ),
    min_size=1,
    max_size=5,
)


@given(levels, st.integers(0, 20), st.booleans(), st.integers(0, 200))
def test_a_policy_is_read_back_as_it_was_written(
    wanted: list[Level], repeat: int, closes: bool, starts: int
) -> None:
    *rest, last = wanted
    if not repeat:
        last = Level(last.notify, ABSENT, last.settings)
    block: dict[str, Any] = {"starts_after": span_text(starts)} if starts else {}
    if repeat and closes:
        block["close_after_repeats"] = True
    one = policy(*rest, last, repeat=repeat, settings={"opsgenie": block} if block else {})
    assert policy_from(body_of(*rules_of(one, {}), repeat=repeat_of(one, {}))) == one


def test_delays_are_absolute_there_and_relative_here() -> None:
    found = policy_from(body_of(rule(0, "user", "A"), rule(5, "schedule", "S"), rule(20, "user", "B")))
    assert [level.escalate_after for level in found.levels] == [5 * MINUTE, 15 * MINUTE, ABSENT]
    assert [one["delay"]["timeAmount"] for one in rules_of(found, {})] == [0, 5, 20]


def test_delays_come_in_any_unit_and_order() -> None:
    hour = {**rule(0, "user", "B"), "delay": {"timeAmount": 1, "timeUnit": "hours"}}
    found = policy_from(body_of(hour, rule(0, "user", "A"), rule(60, "schedule", "S")))
    assert [level.notify for level in found.levels] == [(ANNA,), (BEN, ROTA)]
    assert found.levels[0].escalate_after == 60 * MINUTE


def test_a_gap_before_the_first_level_is_kept() -> None:
    found = policy_from(body_of(rule(90, "user", "A")))
    assert found.settings == {"opsgenie": {"starts_after": "90m"}}
    assert starts_after(found) == 90
    assert [one["delay"]["timeAmount"] for one in rules_of(found, {})] == [90]


@pytest.mark.parametrize(
    ("text", "whole"), [("5m", 5), ("2h", 120), ("1d", 1440), ("10 minutes", 10), ("soon", 0)]
)
def test_spans(text: str, whole: int) -> None:
    assert starts_after(policy(settings={"opsgenie": {"starts_after": text}})) == whole


@given(st.integers(1, 10**5))
def test_spans_are_read_back(whole: int) -> None:
    assert starts_after(policy(settings={"opsgenie": {"starts_after": span_text(whole)}})) == whole


@pytest.mark.parametrize("way", ["admins", "all", "random", "users"])
def test_the_owner_team_may_be_called_besides(way: str) -> None:
    found = policy_from(body_of(rule(0, "user", "A"), rule(0, "team", "T", way)))
    assert found.levels[0] == Level((ANNA,), settings={"opsgenie": {"notify": way}})


def test_the_next_on_call_may_be_called_instead() -> None:
    found = policy_from(body_of(rule(0, "user", "A"), rule(0, "schedule", "S", "next")))
    assert found.levels[0] == Level((ANNA, ROTA), settings={"opsgenie": {"notify": "next"}})


def test_what_the_model_has_no_words_for_is_kept_rule_by_rule() -> None:
    found = policy_from(body_of(rule(0, "team", "X", "all"), rule(0, "user", "A", condition="if-not-closed")))
    assert found.levels[0].notify == (ANNA,)
    team, anna = (
        {"type": "team", "id": "X", "notifyType": "all"},
        {"type": "user", "id": "A", "notifyType": "default", "condition": "if-not-closed"},
    )
    assert sorted(found.levels[0].settings["opsgenie"]["also"], key=str) == sorted((team, anna), key=str)
    without = replace(found, levels=(replace(found.levels[0], notify=(BEN,)),))
    assert [one["recipient"]["id"] for one in rules_of(without, {})] == ["B", "X"]


def test_defaults() -> None:
    assert waits(Level((ANNA,))) == 30
    assert repeat_of(policy(Level((ANNA,)), repeat=ABSENT), {}) == {}
    assert repeat_of(policy(repeat=3), {}) == {}
    assert repeat_of(policy(Level((ANNA,)), repeat=3), {"resetRecipientStates": False}) == {
        "waitInterval": 30,
        "count": 3,
        "resetRecipientStates": False,
        "closeAlertAfterAll": False,
    }
    assert policy_from(body_of()).levels == ()


@pytest.mark.parametrize("path", ["escalations/demisto_list.json", "escalations/firehydrant_list.json"])
def test_recorded_policies_are_written_as_they_came(path: str) -> None:
    for body in recorded(path):
        found = policy_from(body)
        assert found.name == body["name"]
        assert same_rules(rules_of(found, {}), body["rules"])
        live = body.get("repeat") or {}
        assert found.repeat == (live.get("count") or 0)
        if found.repeat:
            assert repeat_of(found, live) == live
