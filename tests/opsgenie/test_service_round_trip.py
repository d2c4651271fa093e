"""What stands there after the calls of a service is what was wanted, whatever stood there before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from oncall_sync.model import (
    ALWAYS,
    ByPriority,
    ConstantUrgency,
    Hours,
    Integration,
    Service,
    SupportHours,
)
from oncall_sync.rota.hours import NEVER, complement, intersection, merge
from oncall_sync_opsgenie.normal import normalized
from oncall_sync_opsgenie.wire import Known
from tests.opsgenie.services_there import (
    POLICIES,
    SHOP,
    TEAMS,
    There,
    apply,
    comparable,
    hushed,
    local,
    plan,
    the_one,
)

names = st.sampled_from(["Shop", "Store", "Shop: EU"])
half_hours = st.lists(st.tuples(st.integers(0, 335), st.integers(1, 200)), max_size=3).map(
    lambda found: merge((30 * start, 30 * (start + length)) for start, length in found)
)
spans = st.one_of(st.none(), st.integers(1, 500).map(lambda count: timedelta(minutes=count)))
urgencies: st.SearchStrategy[Any] = st.one_of(
    st.builds(ConstantUrgency, st.sampled_from(["high", "low"])),
    st.builds(ByPriority, st.sampled_from([("P1",), ("P2", "P1"), ("P1", "P3")]), st.just(())),
    st.builds(
        lambda hours, raised: SupportHours(hours=hours, time_zone="UTC", raise_at_start=raised),
        *(half_hours, st.booleans()),
    ),
)
blocks = st.sampled_from([{}, {"suppressNotifications": True}, {"url": "https://a.example", "x": 0}])
kinds = st.sampled_from(
    [
        *({"form": "events"}, {"form": "email", "email": "a"}, {"form": "email", "email": "b"}),
        *({"form": "vendor", "vendor": "Grafana"}, {"form": "vendor", "vendor": "Datadog"}),
    ]
)
integrations = st.lists(
    st.builds(
        lambda name, kind, block: Integration(name=name, settings={"opsgenie": block} if block else {}, **kind),
        *(st.sampled_from(["one", "two", "three"]), kinds, blocks),
    ),
    max_size=3,
    unique_by=(lambda one: one.name, lambda one: one.email or one.name),
).map(tuple)
services = st.builds(
    lambda name, text, team, policy, urgency, again, close, found, block: Service(
        ref=SHOP,
        name=name,
        description=text,
        team=team,
        escalation_policy=policy,
        urgency=urgency,
        acknowledge_within=again,
        resolve_after=close,
        integrations=found,
        settings={"opsgenie": block},
    ),
    *(names, st.sampled_from([None, "text"]), st.sampled_from([*TEAMS]), st.sampled_from([*POLICIES])),
    *(urgencies, spans, spans, integrations),
    st.sampled_from([{}, {"tags": ["b", "a"]}, {"visibility": "OPSGENIE_USERS"}]),
)


def settled(there: There, wanted: Service) -> None:
    """The service is what is wanted, and nothing is left to do or lying about."""
    live = the_one(there)
    assert live is not None
    expected = normalized(wanted, None, Known())
    assert isinstance(expected, Service)
    found = comparable(local(live))
    for one in comparable(expected).integrations:  # type: ignore[union-attr]
        twin = next(each for each in found.integrations if each.name == one.name)  # type: ignore[union-attr]
        assert one.settings.get("opsgenie", {}).items() <= twin.settings.get("opsgenie", {}).items()
    bare = [replace(one, integrations=_bare(one), settings=_own(one)) for one in (found, comparable(expected))]
    assert bare[0] == bare[1]
    assert normalized(live.resource, live, Known()) == live.resource
    assert plan(there, wanted) == []


def _bare(service: Service) -> Any:
    return tuple(replace(one, settings={}) for one in service.integrations)  # type: ignore[union-attr]


def _own(service: Service) -> Any:
    return {"tags": [], "visibility": "TEAM_MEMBERS"} | dict(service.settings.get("opsgenie", {}))


def full(service: Service) -> Service:
    """Say everything that a policy may leave out: what is left out stays as it is."""
    return replace(service, settings={"opsgenie": _own(service)})


def alone(there: There) -> None:
    """Nothing is there but what the one service needs."""
    live = the_one(there)
    assert live is not None
    assert len(there.services) == 1
    assert len(there.integrations) == len(live.raw["integrations"]) == max(1, len(live.resource.integrations))  # type: ignore[attr-defined]
    assert len(there.policies) == len(live.raw["policies"])


@settings(max_examples=50, deadline=None)
@given(services, services)
def test_what_is_wanted_is_what_is_there_afterwards(first: Service, second: Service) -> None:
    there = There()
    apply(there, plan(there, first))
    settled(there, first)
    alone(there)
    apply(there, plan(there, full(second)))
    settled(there, second)
    alone(there)


@settings(max_examples=50, deadline=None)
@given(services, services, st.data())
def test_a_run_that_was_cut_off_is_finished_by_the_next(first: Service, second: Service, data: Any) -> None:
    there = There()
    apply(there, plan(there, first))
    calls = plan(there, full(second))
    assume(calls)
    apply(there, calls[: data.draw(st.integers(0, len(calls) - 1))])
    keys = {one["id"]: one["apiKey"] for one in there.integrations.values()}
    for _ in range(3):
        apply(there, plan(there, full(second)))
    settled(there, second)
    assert all(one["apiKey"] == keys.get(one["id"], one["apiKey"]) for one in there.integrations.values())


def quiet(service: Service | None) -> tuple[Hours, Hours]:
    """When alerts are to be held back, and when they are to be low."""
    if service is None:
        return NEVER, NEVER
    rule = normalized(service, None, Known()).urgency  # type: ignore[attr-defined]
    if isinstance(rule, SupportHours):
        low = complement(rule.hours)
        return (low, NEVER) if rule.raise_at_start else (NEVER, low)
    return NEVER, ALWAYS if rule == ConstantUrgency("low") else NEVER


def within(hours: Hours, most: Hours) -> bool:
    return intersection(hours, complement(most)) == NEVER


@settings(max_examples=70, deadline=None)
@given(services, services)
def test_between_calls_nobody_is_unpaged(first: Service, second: Service) -> None:
    there = There()
    apply(there, plan(there, first))
    staying = {one["id"] for one in there.integrations.values()}
    responders = {POLICIES[first.escalation_policy], POLICIES[second.escalation_policy]}  # type: ignore[index]
    calls = plan(there, full(second))
    staying -= {call.path.rpartition("/")[2] for call in calls if call.method == "DELETE"}
    for call in calls:
        there.perform(call)
        assert staying <= set(there.integrations)
        for one in there.integrations.values():
            assert one["enabled"]
            assert {each["id"] for each in one["responders"]} <= responders
            held, low = hushed(there, one)
            assert any(within(held, most) for most, _ in (quiet(first), quiet(second)))
            assert any(within(low, most) for _, most in (quiet(first), quiet(second)))
