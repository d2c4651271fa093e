"""What stands there after the calls of a service is what was wanted, whatever stood there before."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from oncall_sync.model import (
    ALWAYS,
    WEEK,
    ByPriority,
    ConstantUrgency,
    Hours,
    Integration,
    Ref,
    Service,
    SupportHours,
)
from oncall_sync.rota.hours import NEVER, complement, contains, intersection, merge, union
from oncall_sync_opsgenie.convert_schedule import hours_of
from oncall_sync_opsgenie.normal import normalized
from oncall_sync_opsgenie.wire import Known
from tests.opsgenie.services_there import POLICIES, SHOP, TEAMS, There, apply, comparable, local, plan, the_one

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


@settings(max_examples=150, deadline=None)
@given(services, services)
def test_what_is_wanted_is_what_is_there_afterwards(first: Service, second: Service) -> None:
    there = There()
    apply(there, plan(there, first))
    settled(there, first)
    alone(there)
    apply(there, plan(there, full(second)))
    settled(there, second)
    alone(there)


@settings(max_examples=150, deadline=None)
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


def hushed(there: There, integration: dict[str, Any]) -> tuple[Hours, Hours]:
    """When an alert of an integration is held back, and when it is low."""
    held, low = NEVER, ALWAYS if integration.get("priority") == "P4" else NEVER
    for one in there.policies.values():
        (condition,) = one["filter"]["conditions"]
        mine = one["teamId"] == integration["ownerTeam"]["id"]
        if mine and one["enabled"] and condition["expectedValue"] in integration["tags"]:
            hours = hours_of(one.get("timeRestrictions"))
            held = union(held, hours) if "delayAction" in one else held
            low = union(low, hours) if one["type"] == "alert" else low
    return held, low


def within(hours: Hours, most: Hours) -> bool:
    return intersection(hours, complement(most)) == NEVER


@settings(max_examples=200, deadline=None)
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


OFFICE = merge((day * 1440 + 540, day * 1440 + 1020) for day in range(5))
MAIL = Integration(name="mail", form="email", email="a")
API = Integration(name="api", form="events")
PLAIN = Service(
    ref=SHOP,
    name="Shop",
    description="text",
    team=Ref("team", "ops"),
    escalation_policy=Ref("escalation_policy", "main"),
    urgency=ConstantUrgency("high"),
    acknowledge_within=None,
    resolve_after=None,
    integrations=(API, MAIL),
)


def after(wanted: Service) -> There:
    there = There()
    apply(there, plan(there, wanted))
    return there


def told(there: There, wanted: Service) -> list[tuple[str, str, str]]:
    """Calls in short."""
    return [(call.phase, call.method, call.says) for call in plan(there, full(wanted))]


def test_a_new_service_pages_before_its_policies_hold_anything_back() -> None:
    rule = SupportHours(hours=OFFICE, time_zone="UTC", raise_at_start=True)
    assert told(There(), replace(PLAIN, urgency=rule)) == [
        ("make", "POST", "create service Shop"),
        ("make", "POST", "add integration Shop: api"),
        ("make", "POST", "add integration Shop: mail"),
        ("make", "POST", "add policy Shop: wait until 09:00"),
        ("make", "POST", "add policy Shop: wait until Mon 09:00"),
    ]


def test_another_policy_is_written_to_every_integration_and_nothing_else() -> None:
    spare = replace(PLAIN, escalation_policy=Ref("escalation_policy", "spare"))
    there = after(PLAIN)
    assert told(there, spare) == [
        ("make", "PUT", "change integration Shop: api"),
        ("make", "PUT", "change integration Shop: mail"),
    ]
    body = plan(there, spare)[0].body
    assert body is not None
    assert body["responders"] == [{"type": "escalation", "id": "E2"}]
    assert "id" not in body and "apiKey" not in body


def test_hours_that_move_to_the_night_are_never_quiet_all_day() -> None:
    def hours(of: Hours) -> Service:
        return replace(PLAIN, urgency=SupportHours(hours=of, time_zone="UTC", raise_at_start=True))

    day = merge((one * 1440 + 540, one * 1440 + 1020) for one in range(7))
    there = after(hours(day))
    calls = plan(there, full(hours(complement(day))))
    assert [call.method for call in calls] == ["DELETE", "POST"]
    for call in calls:
        there.perform(call)
        held, _ = hushed(there, next(iter(there.integrations.values())))
        assert held != ALWAYS


def test_a_new_name_goes_to_all_that_bears_it_and_to_the_service_last() -> None:
    rule = SupportHours(hours=OFFICE, time_zone="UTC")
    old = replace(PLAIN, urgency=rule, integrations=(API,))
    there = after(old)
    (one,) = there.integrations.values()
    one["tags"].append("theirs")
    assert told(there, replace(old, name="Store")) == [
        ("make", "PUT", "change policy Shop: low urgency by hours"),
        ("make", "PUT", "change integration Shop: api"),
        ("make", "PATCH", "change service Store"),
    ]
    key = one["apiKey"]
    apply(there, plan(there, replace(old, name="Store")))
    (one,) = there.integrations.values()
    assert (one["name"], one["apiKey"]) == ("Store: api", key)
    assert one["tags"] == ["alert-policy", "service:Store", "theirs"]


def test_another_team_gets_a_service_of_its_own() -> None:
    there = after(replace(PLAIN, resolve_after=timedelta(hours=1), integrations=(API,)))
    moved = replace(PLAIN, resolve_after=timedelta(hours=1), integrations=(API,), team=Ref("team", "dev"))
    assert told(there, moved) == [
        ("make", "DELETE", "delete policy Shop: restart and close"),
        ("make", "PUT", "change integration Shop: api, which may get another key from its new team"),
        ("make", "PATCH", "rename service Shop out of the way"),
        ("make", "POST", "create service Shop for another team"),
        ("make", "POST", "add policy Shop: restart and close"),
        ("clear", "DELETE", "delete service Shop as its old team had it"),
    ]
    calls = plan(there, moved)
    assert [call.makes for call in calls if call.makes] == [SHOP]
    aside, made, *others = calls[2:]
    assert aside.body == {"name": "Shop (being replaced)", "description": ""}
    assert all(made.id in call.depends_on for call in others)
    long = after(replace(PLAIN, name="x" * 100))
    (aside,) = [call for call in plan(long, replace(moved, name="x" * 100)) if call.says.endswith("of the way")]
    assert aside.body is not None and len(aside.body["name"]) == 100


def test_what_somebody_switched_off_is_switched_on_and_keeps_its_key() -> None:
    there = after(PLAIN)
    one = next(each for each in there.integrations.values() if each["name"] == "Shop: api")
    one["enabled"] = False
    live = the_one(there)
    assert live is not None
    assert [each.name for each in live.resource.integrations] == ["mail"]  # type: ignore[attr-defined]
    assert told(there, PLAIN) == [("make", "PUT", "change integration Shop: api")]
    apply(there, plan(there, PLAIN))
    assert there.integrations[one["id"]]["enabled"]


def test_what_somebody_switched_off_and_nobody_declared_stays_and_is_renamed_along() -> None:
    there = after(PLAIN)
    one = next(each for each in there.integrations.values() if each["name"] == "Shop: api")
    one["enabled"] = False
    without = replace(PLAIN, integrations=(MAIL,))
    assert told(there, without) == []
    apply(there, plan(there, replace(without, name="Store")))
    assert there.integrations[one["id"]] == {**one, "name": "Store: api"}


def test_an_integration_of_nobody_with_the_name_is_taken_and_not_made_twice() -> None:
    there = There()
    rest = {"responders": [], "tags": ["x"], "apiKey": "kept", "url": "https://a.example"}
    there.integrations["L"] = {"id": "L", "name": "Shop: api", "enabled": False, "type": "API", **rest}
    apply(there, plan(there, PLAIN))
    assert len(there.integrations) == 2
    one = there.integrations["L"]
    assert (one["apiKey"], one["url"], one["ownerTeam"]) == ("kept", "https://a.example", {"id": "T1"})
    assert one["enabled"] and one["responders"] == [{"type": "escalation", "id": "E1"}]


def test_without_integrations_one_stands_in() -> None:
    there = after(replace(PLAIN, integrations=()))
    assert [one["name"] for one in there.integrations.values()] == ["Shop (direct)"]
    assert told(there, PLAIN) == [
        ("make", "POST", "add integration Shop: api"),
        ("make", "POST", "add integration Shop: mail"),
        ("clear", "DELETE", "delete integration Shop (direct)"),
    ]


def test_another_type_is_another_integration_and_the_old_one_pages_on() -> None:
    there = after(PLAIN)
    grafana = Integration(name="api", form="vendor", vendor="Grafana")
    assert told(there, replace(PLAIN, integrations=(grafana, MAIL))) == [
        ("make", "PUT", "rename integration Shop: api out of the way"),
        ("make", "POST", "add integration Shop: api"),
        ("clear", "DELETE", "delete integration Shop: api"),
    ]


def test_an_older_type_of_the_same_vendor_stays() -> None:
    there = after(replace(PLAIN, integrations=(Integration(name="g", form="vendor", vendor="Grafana"),)))
    (one,) = there.integrations.values()
    one["type"] = "Grafana"
    wanted = replace(
        PLAIN,
        integrations=(Integration(name="g", form="vendor", vendor="Grafana"),),
        urgency=ConstantUrgency("low"),
    )
    assert told(there, wanted) == [("make", "PUT", "change integration Shop: g")]
    apply(there, plan(there, wanted))
    settled(there, wanted)


def test_a_name_for_the_meantime_changes_nothing_but_names() -> None:
    rule = SupportHours(hours=OFFICE, time_zone="UTC", raise_at_start=True)
    there = after(replace(PLAIN, urgency=rule))
    before = copy.deepcopy(there)
    live = the_one(there)
    assert live is not None
    calls = plan(there, replace(PLAIN, name="Shop (being renamed)"))
    assert {call.method for call in calls} == {"PUT", "PATCH"}
    apply(there, calls)
    assert set(there.integrations) == set(before.integrations)
    for key, one in there.integrations.items():
        tags = ["notification-policy", "service:Shop (being renamed)"]
        name = one["name"].replace("Shop", "Shop (being renamed)", 1)
        assert one["name"].startswith("Shop (being renamed): ")
        assert one["tags"] == tags
        assert {**before.integrations[key], "name": name, "tags": tags}.keys() == one.keys()
        assert hushed(there, one) == hushed(before, before.integrations[key])
    assert contains(hushed(there, one)[0], 0) and WEEK
