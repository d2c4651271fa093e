"""What is read is what is wanted, if nothing is to change: else every plan would have something to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.model import (
    ABSENT,
    ByPriority,
    ConstantUrgency,
    Integration,
    Level,
    Live,
    Ref,
    Resource,
    Service,
    SupportHours,
)
from oncall_sync.plan.fill import localize
from oncall_sync.policy.vendors import VENDORS
from oncall_sync.rota.hours import merge
from oncall_sync_opsgenie.convert_escalation import policy_from
from oncall_sync_opsgenie.convert_schedule import SUFFIX, schedule_from
from oncall_sync_opsgenie.convert_team import team_from
from oncall_sync_opsgenie.normal import PRIORITIES, normalized
from tests.opsgenie.recorded import SCHEDULES, recorded
from tests.opsgenie.test_normal import ANNA, BEN, DUTY, KNOWN, LADDER, OPS, block, one

names = st.sampled_from(["a", "b", "c"])
ids = st.sampled_from(["I1", "I2", "I3"])
minutes = st.integers(0, 4).map(lambda n: {"timeAmount": 5 * n, "timeUnit": "minutes"})
types = st.sampled_from(["user", "schedule", "team", "group"])
kinds = st.sampled_from(["default", "next", "previous", "users", "admins", "all", "random"])
conditions = st.sampled_from(["if-not-acked", "if-not-closed"])
recipients = st.builds(lambda kind, key: {"type": kind, "id": key}, types, ids)
rules = st.builds(
    lambda condition, kind, delay, recipient: {
        "condition": condition,
        "notifyType": kind,
        "delay": delay,
        "recipient": recipient,
    },
    *(conditions, kinds, minutes, recipients),
)
owners = st.one_of(st.none(), ids.map(lambda key: {"id": key}))
repeats = st.one_of(
    st.just({}),
    st.none(),
    st.builds(
        lambda wait, count, close: {"waitInterval": wait, "count": count, "closeAlertAfterAll": close},
        *(st.integers(1, 60), st.integers(0, 3), st.booleans()),
    ),
)
ladders = st.builds(
    lambda found, owner, repeat: {"id": "E", "name": "e", "rules": found, "ownerTeam": owner, "repeat": repeat},
    *(st.lists(rules, min_size=1, max_size=7), owners, repeats),
)
windows: st.SearchStrategy[Any] = st.one_of(
    st.just({}),
    st.none(),
    st.just({"type": ""}),
    st.just({"type": "time-of-day", "restriction": {"startHour": 9, "startMin": 30, "endHour": 18, "endMin": 0}}),
    st.builds(
        lambda first, last: {
            "type": "weekday-and-time-of-day",
            "restrictions": [
                {"startDay": first, "startHour": 8, "startMin": 0, "endDay": last, "endHour": 17, "endMin": 30}
            ],
        },
        *(st.sampled_from(["monday", "friday"]), st.sampled_from(["friday", "sunday"])),
    ),
)
rotation_bodies = st.builds(
    lambda name, kind, length, people, window, end: {
        "id": "R",
        "name": name,
        "startDate": "2026-01-05T08:00:00Z",
        "type": kind,
        "length": length,
        "participants": people,
        "timeRestriction": window,
        **({"endDate": "2027-03-01T10:30:00Z"} if end else {}),
    },
    *(names, st.sampled_from(["weekly", "daily", "hourly"]), st.integers(1, 30)),
    *(st.lists(st.one_of(recipients, st.just({"type": "none"})), min_size=1, max_size=4), windows, st.booleans()),
)
schedule_bodies = st.builds(
    lambda zone, rotations, enabled, owner: {
        "id": "S",
        "name": "s",
        "timezone": zone,
        "enabled": enabled,
        "ownerTeam": owner,
        "rotations": rotations,
    },
    *(st.sampled_from(["UTC", "Europe/Vienna", "Asia/Kolkata", "Australia/Lord_Howe"]),),
    *(st.lists(rotation_bodies, max_size=3, unique_by=lambda one: one["name"]), st.booleans(), owners),
)
criteria = st.sampled_from(
    [
        {"type": "match-all"},
        {
            "type": "match-any-condition",
            "conditions": [{"field": "priority", "operation": "equals", "expectedValue": "P1"}],
        },
        {
            "type": "match-all-conditions",
            "conditions": [{"field": "tags", "operation": "contains", "expectedValue": "x", "order": 1}],
        },
    ]
)
notified = st.one_of(
    st.just({"type": "none"}), st.builds(lambda kind, key: {"type": kind, "id": key}, st.just("escalation"), ids)
)
routing_rules = st.lists(
    st.builds(
        lambda name, asked, window, zone, notify: {
            "name": name,
            "criteria": asked,
            "timeRestriction": window,
            "timezone": zone,
            "notify": notify,
        },
        *(names, criteria, windows, st.sampled_from(["UTC", "Europe/Vienna"]), notified),
    ),
    max_size=3,
)


def same(read: Resource, body: dict[str, Any]) -> None:
    """Read and wanted are one; so they are when the ids have become the keys of what is declared."""
    live = Live(remote_id=body["id"], resource=read, raw={"body": body})
    assert normalized(read, live, KNOWN) == read
    known = {"I1": "anna", "I2": "ben"}
    local = localize(read, lambda ref: Ref(ref.kind, known[ref.key]) if ref.key in known else ref)
    assert normalized(local, replace(live, resource=local), KNOWN) == local


@given(ladders)
def test_an_escalation_that_was_read_is_what_is_wanted(body: dict[str, Any]) -> None:
    same(policy_from(body), body)


@given(schedule_bodies)
def test_a_schedule_that_was_read_is_what_is_wanted(body: dict[str, Any]) -> None:
    same(schedule_from(body), body)


@given(routing_rules, notified)
def test_a_team_that_was_read_is_what_is_wanted(own: list[dict[str, Any]], last: dict[str, Any]) -> None:
    members = [{"user": {"id": "I1"}, "role": "admin"}, {"user": {"id": "I3"}, "role": "our own"}]
    body = {"id": "T", "name": "t", "members": members}
    found = [{**rule, "id": str(order), "order": order} for order, rule in enumerate(own)]
    read = team_from(body, [*found, {"id": "d", "isDefault": True, "notify": last}])
    same(read, body)


def test_what_only_a_read_says_is_never_wanted() -> None:
    nobody = [{"type": "none"}]
    rotation = {"id": "R", "startDate": "2026-01-05T08:00:00Z", "type": "weekly", "participants": nobody}
    old = {**rotation, "name": f"day{SUFFIX}"}
    body = {"id": "S", "name": "s", "timezone": "UTC", "rotations": [{**rotation, "name": "day"}, old]}
    read = schedule_from(body)
    found = one(read, Live(remote_id="S", resource=read, raw={"body": body}))
    assert read.settings == block(leftovers=[f"day{SUFFIX}"])
    assert found == replace(read, settings={})


levels = st.builds(
    lambda notify, after, said: Level(tuple(notify), after, block(**said) if said else {}),
    st.lists(st.sampled_from([ANNA, BEN, DUTY]), max_size=3),
    st.one_of(st.just(ABSENT), st.integers(0, 90).map(lambda n: timedelta(minutes=n, seconds=n % 2))),
    st.sampled_from(
        [
            *({}, {"notify": "next"}, {"notify": "all"}, {"condition": "not_closed"}, {"nonsense": 1}),
            {"also": [{"type": "user", "id": "I1", "notifyType": "random"}], "notify": "previous"},
        ]
    ),
)


@given(
    st.lists(levels, max_size=4),
    st.one_of(st.just(ABSENT), st.integers(0, 3)),
    st.sampled_from([OPS, None, ABSENT]),
    ladders,
)
def test_the_normal_form_of_a_policy_is_its_own(
    asked: list[Level], repeat: Any, team: Any, body: dict[str, Any]
) -> None:
    wanted = replace(LADDER, levels=tuple(asked), repeat=repeat, team=team)
    one(wanted)
    local = localize(policy_from(body), lambda ref: ANNA if ref.key == "I1" and ref.kind == "user" else ref)
    one(wanted, Live(remote_id="E", resource=local, raw={"body": body}))


@pytest.mark.parametrize("path", SCHEDULES)
def test_a_recorded_schedule_is_what_is_wanted(path: str) -> None:
    body = recorded(path)
    same(schedule_from(body), body)


@pytest.mark.parametrize("path", ["escalations/demisto_list.json", "escalations/firehydrant_list.json"])
def test_recorded_escalations_are_what_is_wanted(path: str) -> None:
    for body in recorded(path):
        same(policy_from(body), body)


spans = st.one_of(st.just(ABSENT), st.none(), st.integers(0, 300).map(lambda n: timedelta(minutes=n)))
priorities = st.lists(st.sampled_from(PRIORITIES), max_size=5).map(tuple)
hours = st.lists(st.tuples(st.integers(0, 330), st.integers(1, 300)), max_size=3).map(
    lambda found: merge((30 * start, 30 * (start + length)) for start, length in found)
)
high_or_low = st.sampled_from(["high", "low"])
urgencies = st.one_of(
    st.just(ABSENT),
    st.builds(ConstantUrgency, high_or_low),
    st.builds(ByPriority, priorities, priorities),
    st.builds(
        lambda found, during, outside, raised: SupportHours(
            hours=found, time_zone="Europe/Vienna", during=during, outside=outside, raise_at_start=raised
        ),
        *(hours, high_or_low, high_or_low, st.booleans()),
    ),
)
integrations = st.builds(
    lambda name, form, email, vendor, said: Integration(
        name=name, form=form, email=email, vendor=vendor, settings=block(**said) if said else {}
    ),
    *(names, st.sampled_from(["events", "email", "vendor", "other"]), st.sampled_from([None, "x", "x@y.z"])),
    *(st.sampled_from(VENDORS), st.sampled_from([{}, {"responders": []}, {"x": 1}, {"apiKey": "x"}])),
)


@given(urgencies, spans, spans, st.lists(integrations, max_size=3).map(tuple))
def test_the_normal_form_of_a_service_is_its_own(urgency: Any, ack: Any, resolve: Any, found: Any) -> None:
    plain = Service(ref=Ref("service", "x"), name="x", team=OPS)
    one(replace(plain, urgency=urgency, acknowledge_within=ack, resolve_after=resolve, integrations=found))
