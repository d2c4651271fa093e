"""Which calls a service takes, one by one, and what they leave alone."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta

import pytest

from oncall_sync.model import (
    ALWAYS,
    ConstantUrgency,
    Hours,
    Integration,
    Ref,
    Service,
    SupportHours,
)
from oncall_sync.model.meantime import BEING_DELETED, BEING_RENAMED, for_the_meantime
from oncall_sync.rota.hours import complement, contains, merge
from tests.opsgenie.services_there import SHOP, There, apply, hushed, plan, the_one

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


def _said(service: Service) -> Service:
    """Say everything that a policy may leave out: what is left out stays as it is."""
    return replace(service, settings={"opsgenie": {"tags": [], "visibility": "TEAM_MEMBERS"}})


def after(wanted: Service) -> There:
    there = There()
    apply(there, plan(there, wanted))
    return there


def told(there: There, wanted: Service) -> list[tuple[str, str, str]]:
    """Calls in short."""
    return [(call.phase, call.method, call.says) for call in plan(there, _said(wanted))]


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
    assert "id" not in body
    assert "apiKey" not in body


def test_hours_that_move_to_the_night_are_never_quiet_all_day() -> None:
    def hours(of: Hours) -> Service:
        return replace(PLAIN, urgency=SupportHours(hours=of, time_zone="UTC", raise_at_start=True))

    day = merge((one * 1440 + 540, one * 1440 + 1020) for one in range(7))
    there = after(hours(day))
    calls = plan(there, _said(hours(complement(day))))
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
    assert aside.body is not None
    assert len(aside.body["name"]) == 100


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
    assert one["enabled"]
    assert one["responders"] == [{"type": "escalation", "id": "E1"}]


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
    assert one["type"] == "Grafana"
    assert next(iter(there.integrations.values()))["priority"] == "P4"
    assert plan(there, wanted) == []


@pytest.mark.parametrize("suffix", [BEING_RENAMED, BEING_DELETED])
def test_a_name_for_the_meantime_changes_nothing_but_names(suffix: str) -> None:
    meantime = for_the_meantime("Shop", suffix)
    rule = SupportHours(hours=OFFICE, time_zone="UTC", raise_at_start=True)
    there = after(replace(PLAIN, urgency=rule))
    before = copy.deepcopy(there)
    live = the_one(there)
    assert live is not None
    calls = plan(there, replace(PLAIN, name=meantime))
    assert {call.method for call in calls} == {"PUT", "PATCH"}
    apply(there, calls)
    assert set(there.integrations) == set(before.integrations)
    for key, one in there.integrations.items():
        tags = ["notification-policy", f"service:{meantime}"]
        name = one["name"].replace("Shop", meantime, 1)
        assert one["name"].startswith(f"{meantime}: ")
        assert one["tags"] == tags
        assert {**before.integrations[key], "name": name, "tags": tags}.keys() == one.keys()
        assert hushed(there, one) == hushed(before, before.integrations[key])
        assert contains(hushed(there, one)[0], 0)
