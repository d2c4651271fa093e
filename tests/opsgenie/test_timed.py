"""Support hours and timeouts as policies, against a clock that is asked minute by minute for a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import ALWAYS, WEEK, ByPriority, ConstantUrgency, Hours, Ref, Service, SupportHours
from oncall_sync.rota.hours import DAY, complement, contains, merge
from oncall_sync_opsgenie.normal import by_hours
from oncall_sync_opsgenie.timed import own_name, policies_for, policy_belongs, rule_from, same, timeouts_from
from oncall_sync_opsgenie.wire import Known

KNOWN = Known(time_zone="Europe/Vienna")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OFFICE = merge((day * DAY + 540, day * DAY + 1020) for day in range(5))
SHOP = Service(ref=Ref("service", "shop"), name="Shop", team=Ref("team", "ops"))
HOUR = timedelta(hours=1)

half_hours = st.lists(st.tuples(st.integers(0, 335), st.integers(1, 300)), min_size=1, max_size=5).map(
    lambda found: merge((30 * start, 30 * (start + length)) for start, length in found)
)
partly = half_hours.filter(lambda hours: hours != ALWAYS)
spans = st.one_of(st.none(), st.integers(1, 3000).map(lambda count: timedelta(minutes=count)))


def by_the_hour(hours: Hours, **more: Any) -> Service:
    rule = by_hours(SupportHours(hours=hours, time_zone="Europe/Vienna", **more))
    return replace(SHOP, urgency=rule)


def minutes_of(policy: dict[str, Any]) -> set[int]:
    """The minutes of the week in which a policy is in force, found by walking from each start to its end."""
    restriction = policy.get("timeRestrictions")
    if restriction is None:
        return set(range(WEEK))
    if restriction["type"] == "time-of-day":
        one = restriction["restriction"]
        windows = [{**one, "startDay": day, "endDay": day} for day in DAYS]
        size = DAY
    else:
        windows, size = restriction["restrictions"], WEEK
    found: set[int] = set()
    for window in windows:
        at, end = (
            DAYS.index(window[f"{edge}Day"]) * DAY + window[f"{edge}Hour"] * 60 + window[f"{edge}Min"]
            for edge in ("start", "end")
        )
        assert at % 30 == end % 30 == 0
        while True:
            found.add(at % WEEK)
            at += 1
            if at % size == end % size:
                break
    return found


def ends(delay: dict[str, Any], at: int) -> set[int]:
    """The minutes at which an alert of the minute `at` may ring: one for each way to read the delay.

    A clock that shows the time right now may be the next one that does or not; "next Monday", on a Monday, may be
    today or not.
    """
    clock = delay["untilHour"] * 60 + delay["untilMinute"]
    if delay["delayOption"] == "next-time":
        return {first + (clock - first) % DAY for first in (at, at + 1)}
    target = DAYS.index(delay["delayOption"].removeprefix("next-")) * DAY + clock
    tomorrow = (at // DAY + 1) * DAY
    return {first + (target - first) % WEEK for first in (at, at + 1, tomorrow)}


@settings(max_examples=35, deadline=None)
@given(partly)
def test_what_comes_outside_the_hours_waits_for_their_next_start(hours: Hours) -> None:
    service = by_the_hour(hours, raise_at_start=True)
    found = policies_for(service, KNOWN)
    inside = [contains(hours, minute) for minute in range(WEEK)]
    starts = [minute for minute in range(2 * WEEK) if inside[minute % WEEK] and not inside[(minute - 1) % WEEK]]
    held: dict[int, dict[str, Any]] = {}
    for policy in found:
        assert policy["type"] == "notification"
        for minute in minutes_of(policy):
            assert minute not in held, "two policies hold the same alert"
            held[minute] = policy["delayAction"]
    assert {minute for minute in range(WEEK) if not inside[minute]} == set(held)
    upcoming = iter(starts)
    start = next(upcoming)
    for minute in range(WEEK):
        while start < minute:
            start = next(upcoming)
        if minute in held:
            assert ends(held[minute], minute) == {start}


@settings(max_examples=35, deadline=None)
@given(partly, st.sampled_from(["high", "low"]), st.sampled_from(["high", "low"]))
def test_what_is_low_has_the_low_priority(hours: Hours, during: Any, outside: Any) -> None:
    service = by_the_hour(hours, during=during, outside=outside)
    found = policies_for(service, KNOWN)
    if during == outside:
        assert (found, service.urgency) == ([], ConstantUrgency(during))
        return
    (policy,) = found
    assert (policy["type"], policy["priority"], policy["continue"]) == ("alert", "P4", True)
    low = {m for m in range(WEEK) if (during if contains(hours, m) else outside) == "low"}
    assert minutes_of(policy) == low


@given(partly, st.booleans(), spans, spans)
def test_policies_say_what_they_were_made_of(hours: Hours, raised: bool, again: Any, close: Any) -> None:
    service = by_the_hour(hours, raise_at_start=raised)
    service = replace(service, acknowledge_within=again, resolve_after=close)
    found = policies_for(service, KNOWN)
    assert rule_from(found, Known()) == service.urgency
    assert timeouts_from(found) == (again, close)
    assert len({one["name"] for one in found}) == len(found)
    assert all(policy_belongs("Shop", one["name"]) for one in found)
    assert not any(policy_belongs("Sho", one["name"]) or policy_belongs("Shop: x", one["name"]) for one in found)
    assert all(same({**one, "id": "P", "order": 1.0, "teamId": "T"}, one) for one in found)
    assert not any(same(one, other) for one in found for other in found if one is not other)


@settings(max_examples=40, deadline=None)
@given(partly, st.booleans(), spans, spans)
def test_at_every_minute_one_policy_restarts_and_closes(
    hours: Hours, raised: bool, again: Any, close: Any
) -> None:
    service = by_the_hour(hours, raise_at_start=raised)
    service = replace(service, acknowledge_within=again, resolve_after=close)
    acting = [
        one for one in policies_for(service, KNOWN) if "autoRestartAction" in one or "autoCloseAction" in one
    ]
    seen = [minute for one in acting for minute in minutes_of(one)]
    assert sorted(seen) == (list(range(WEEK)) if again or close else [])
    for one in acting:
        assert timeouts_from([one]) == (again, close)


def test_office_hours_are_three_policies() -> None:
    found = policies_for(by_the_hour(OFFICE, raise_at_start=True), KNOWN)
    assert [(own_name(one["name"]), one["delayAction"]) for one in found] == [
        ("wait until 09:00", {"delayOption": "next-time", "untilHour": 9, "untilMinute": 0}),
        ("wait until Mon 09:00", {"delayOption": "next-monday", "untilHour": 9, "untilMinute": 0}),
    ]
    assert found[1]["timeRestrictions"]["restrictions"] == [
        {"startDay": "friday", "endDay": "sunday", "startHour": 17, "startMin": 0, "endHour": 9, "endMin": 30}
    ]
    assert found[0]["policyDescription"] == "Kept by oncall-sync for the service Shop. Times are Europe/Vienna."
    (condition,) = found[0]["filter"]["conditions"]
    assert condition == {"field": "tags", "operation": "contains", "expectedValue": "service:Shop", "not": False}
    daily = merge((day * DAY + 540, day * DAY + 1020) for day in range(7))
    (policy,) = policies_for(by_the_hour(daily, raise_at_start=True), KNOWN)
    assert policy["timeRestrictions"]["type"] == "time-of-day"


@pytest.mark.parametrize(
    "urgency", [ConstantUrgency("high"), ConstantUrgency("low"), ByPriority(("P1",), ("P2",))]
)
def test_what_does_not_depend_on_the_hour_needs_no_policy(urgency: Any) -> None:
    service = replace(SHOP, urgency=urgency, acknowledge_within=None, resolve_after=None)
    assert policies_for(service, KNOWN) == []
    (policy,) = policies_for(replace(service, resolve_after=HOUR), KNOWN)
    assert (own_name(policy["name"]), policy["autoCloseAction"]["duration"]) == (
        "restart and close",
        {"timeAmount": 60, "timeUnit": "minutes"},
    )
    assert "timeRestrictions" not in policy
    assert policy["policyDescription"] == "Kept by oncall-sync for the service Shop."
    assert rule_from([policy], KNOWN) is None


def test_a_policy_is_what_it_does_and_not_how_the_api_shows_it() -> None:
    (ours,) = policies_for(replace(SHOP, resolve_after=HOUR), KNOWN)
    hours = {"duration": {"timeAmount": 1, "timeUnit": "hours"}}
    conditions = [{**ours["filter"]["conditions"][0], "order": 3}]
    shown = {**ours, "autoCloseAction": hours, "filter": {**ours["filter"], "conditions": conditions}}
    assert same({**shown, "timeRestrictions": {}, "suppress": False, "order": 0.5}, ours)
    for more in (
        {"enabled": False},
        {"name": "Shop: other"},
        {"policyDescription": "Times are UTC."},
        {"autoCloseAction": {"duration": {"timeAmount": 2, "timeUnit": "hours"}}},
        {"autoRestartAction": {"duration": {"timeAmount": 2, "timeUnit": "hours"}, "maxRepeatCount": 20}},
        {"filter": {"type": "match-all"}},
        {"timeRestrictions": {"type": "time-of-day", "restriction": {"startHour": 1, "endHour": 2}}},
    ):
        assert not same({**shown, **more}, ours)


def test_a_zone_is_read_from_the_description_or_is_the_accounts() -> None:
    (policy,) = policies_for(by_the_hour(OFFICE), KNOWN)
    blank = {**policy, "policyDescription": None}
    zones = [rule_from([policy], Known()), rule_from([blank], KNOWN), rule_from([blank], Known())]
    assert [rule.time_zone for rule in zones if rule is not None] == ["Europe/Vienna", "Europe/Vienna", "UTC"]
    assert rule_from([{**policy, "enabled": False}], KNOWN) is None
    assert rule_from([policy], KNOWN) == SupportHours(hours=OFFICE, time_zone="Europe/Vienna")
    assert complement(complement(OFFICE)) == OFFICE


def test_policies_of_others_are_left_to_them() -> None:
    for name in ("Shop", "Shop: wait until lunch", "Shop: wait until 9:00 or so", "Shop: own", "wait until 09:00"):
        assert not policy_belongs("Shop", name)
    assert policy_belongs("Shop", "Shop: wait until Mon 09:00")
    assert policy_belongs("A: B", "A: B: wait until 09:30")
    assert not policy_belongs("A", "A: B: wait until 09:30")
