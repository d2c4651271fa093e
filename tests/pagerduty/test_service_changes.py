"""Changes of services, integrations, alert grouping, teams and policies: what is sent, and what is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oncall_sync.errors import Rejected
from oncall_sync.model import (
    ABSENT,
    AcceptFrom,
    Call,
    ConstantUrgency,
    EscalationPolicy,
    Integration,
    Level,
    Member,
    Ref,
    Service,
    SupportHours,
    Team,
)
from oncall_sync.rota.hours import merge
from tests.pagerduty.world import ANNA, BEN, CARLA, World

SERVICE, OTHER, POLICY, TEAM = (
    Ref("service", "api"),
    Ref("service", "web"),
    Ref("escalation_policy", "e"),
    Ref("team", "t"),
)
EVENTS = Integration(name="events", form="events")
MAIL = Integration(name="mail", form="email", email="api", accept_from=(AcceptFrom("domain", "a.com"),))


def policy(*levels: Level, **more: Any) -> EscalationPolicy:
    found = levels or (Level((ANNA,), timedelta(minutes=5)),)
    return EscalationPolicy(ref=POLICY, name="e", levels=found, **more)


def service(**more: Any) -> Service:
    return Service(**{"ref": SERVICE, "name": "api", "escalation_policy": POLICY, **more})


def grouped(by: dict[str, Any] | None, **more: Any) -> Service:
    return service(settings={"pagerduty": {"alert_grouping": by}} if by else {}, **more)


@pytest.fixture
def ready(world: World) -> World:
    world.make(policy())
    return world


def sent(calls: list[Call]) -> list[tuple[str, str]]:
    return [(call.method, call.says) for call in calls]


def test_a_put_carries_nothing_that_does_harm(ready: World) -> None:
    live = ready.make(service())
    (call,) = ready.change(service(description="new"), live)
    assert call.body is not None
    body = call.body["service"]
    assert set(body) == {
        "type",
        "name",
        "description",
        "escalation_policy",
        "acknowledgement_timeout",
        "auto_resolve_timeout",
        "incident_urgency_rule",
        "scheduled_actions",
        "auto_pause_notifications_parameters",
    }


def test_what_is_taken_away_is_taken_away(ready: World) -> None:
    office = merge([(540, 1080)])
    wanted = service(
        urgency=SupportHours(hours=office, time_zone="Europe/Vienna", raise_at_start=True),
        acknowledge_within=timedelta(minutes=5),
        resolve_after=timedelta(hours=1),
        settings={"pagerduty": {"auto_pause": "2m", "status": "disabled"}},
    )
    live = ready.make(wanted)
    plain = service(urgency=ConstantUrgency("low"), acknowledge_within=None, resolve_after=timedelta(0))
    ready.change(plain, live)
    found = ready.live(SERVICE)
    assert isinstance(found.resource, Service)
    assert found.resource.urgency == ConstantUrgency("low")
    assert (found.resource.acknowledge_within, found.resource.resolve_after) == (None, None)
    assert found.resource.settings == {}
    assert found.raw["body"]["support_hours"] is None
    assert ready.change(plain, found) == []


def test_a_disabled_service_stays_so_when_something_else_changes(ready: World) -> None:
    off = {"pagerduty": {"status": "disabled"}}
    live = ready.make(service(settings=off))
    (call,) = ready.change(service(settings=off, description="x"), live)
    assert call.body is not None
    assert "status" not in call.body["service"]
    assert ready.live(SERVICE).resource.settings == off


def test_integrations_are_matched_by_name(ready: World) -> None:
    live = ready.make(service(integrations=(EVENTS, MAIL)))
    new = replace(MAIL, email="api-2", settings={"pagerduty": {"opens_incident": "use_rules"}})
    calls = ready.change(service(integrations=(new, EVENTS)), live)
    assert sent(calls) == [("PUT", "change integration mail of service api")]
    found = ready.live(SERVICE)
    assert isinstance(found.resource, Service)
    assert found.resource.integrations == (EVENTS, new)
    assert ready.change(service(integrations=(new, EVENTS)), found) == []
    ready.change(service(integrations=(replace(new, accept_from=()), EVENTS)), found)
    found = ready.live(SERVICE)
    assert isinstance(found.resource, Service)
    assert found.resource.integrations == (EVENTS, replace(new, accept_from=()))


def test_another_form_is_another_integration_made_before_the_old_one_goes(ready: World) -> None:
    live = ready.make(service(integrations=(EVENTS,)))
    calls = ready.change(service(integrations=(replace(MAIL, name="events"),)), live)
    assert sent(calls) == [
        ("POST", "add email integration events to service api"),
        ("DELETE", "delete integration events of service api"),
    ]
    assert calls[1].phase == "clear"
    assert calls[1].depends_on == (calls[0].id,)


def test_another_vendor_is_another_integration(ready: World) -> None:
    metrics = Integration(name="m", form="vendor", vendor="Datadog")
    live = ready.make(service(integrations=(metrics,)))
    calls = ready.change(service(integrations=(replace(metrics, vendor="Google Cloud Monitoring"),)), live)
    assert [call.method for call in calls] == ["POST", "DELETE"]
    found = ready.live(SERVICE).resource
    assert isinstance(found, Service)
    assert found.integrations == (replace(metrics, vendor="Google Stackdriver"),)


def test_undeclared_integrations_go_and_absent_ones_stay(ready: World) -> None:
    live = ready.make(service(integrations=(EVENTS, MAIL)))
    held = ready.pagerduty.normalize(service(), live)
    assert isinstance(held, Service)
    assert ready.pagerduty.calls(_update(ready, replace(held, integrations=ABSENT), live), ready.ids) == ()
    calls = ready.change(service(integrations=(EVENTS,)), live)
    assert sent(calls) == [("DELETE", "delete integration mail of service api")]


def _update(world: World, wanted: Service, live: Any) -> Any:
    from oncall_sync.model import Change

    return Change(
        provider="pd",
        ref=wanted.ref,
        action="update",
        name=wanted.name,
        remote_id=live.remote_id,
        wanted=wanted,
        live=live,
    )


def test_integrations_of_other_kinds_stay_as_they_are(ready: World) -> None:
    live = ready.make(service())
    old = {"type": "generic_events_api_inbound_integration", "name": "old"}
    ready.vendor("POST", f"/services/{live.remote_id}/integrations", {"integration": old})
    live = ready.live(SERVICE)
    assert isinstance(live.resource, Service)
    assert live.resource.integrations == (Integration(name="old", form="other"),)
    wanted = service(integrations=(*live.resource.integrations, Integration(name="nowhere", form="other")))
    assert ready.change(wanted, live) == []


def test_custom_filters_stay_until_something_is_declared(ready: World) -> None:
    live = ready.make(service(integrations=(MAIL,)))
    key = live.raw["body"]["integrations"][0]["id"]
    rules = [
        {"subject_mode": "match", "subject_regex": text, "body_mode": "always", "from_email_mode": "always"}
        for text in ("a", "b")
    ]
    body = {"email_filter_mode": "and-rules-email", "email_filters": rules}
    ready.vendor("PUT", f"/services/{live.remote_id}/integrations/{key}", {"integration": body})
    live = ready.live(SERVICE)
    custom = replace(MAIL, accept_from=ABSENT, settings={"pagerduty": {"filters": "custom"}})
    assert isinstance(live.resource, Service)
    assert live.resource.integrations == (custom,)
    assert ready.change(service(integrations=(custom,)), live) == []
    (call,) = ready.change(service(integrations=(replace(custom, email="other"),)), live)
    assert call.body is not None
    assert len(call.body["integration"]["email_filters"]) == 2
    ready.change(service(integrations=(replace(custom, accept_from=()),)), ready.live(SERVICE))
    found = ready.live(SERVICE).resource
    assert isinstance(found, Service)
    assert found.integrations == (replace(MAIL, accept_from=()),)


def test_a_vendor_that_is_not_there(ready: World) -> None:
    with pytest.raises(Rejected, match="no vendor 'Nobody Inc'"):
        ready.make(service(integrations=(Integration(name="x", form="vendor", vendor="Nobody Inc"),)))


TIME = {"type": "time", "timeout": "10m"}
SMART = {"type": "intelligent", "window": "5m", "fields": ["summary"]}


def test_alert_grouping_of_its_own(ready: World) -> None:
    live = ready.make(grouped(TIME))
    assert sent(ready.change(grouped(SMART), live)) == [("PUT", "change the alert grouping of service api")]
    live = ready.live(SERVICE)
    assert live.resource.settings == {"pagerduty": {"alert_grouping": SMART}}
    assert sent(ready.change(grouped(None), live)) == [("DELETE", "change the alert grouping of service api")]
    assert ready.live(SERVICE).resource.settings == {}


def test_alert_grouping_that_others_share_is_left_to_them(ready: World) -> None:
    first, second = ready.make(grouped(TIME)), ready.make(service(ref=OTHER, name="web"))
    setting = first.raw["grouping"]
    both = [{"id": one.remote_id, "type": "service_reference"} for one in (first, second)]
    ready.vendor(
        "PUT", f"/alert_grouping_settings/{setting['id']}", {"alert_grouping_setting": {"services": both}}
    )
    calls = ready.change(grouped(SMART), ready.live(SERVICE))
    assert [call.method for call in calls] == ["PUT", "POST"]
    assert ready.live(SERVICE).resource.settings == {"pagerduty": {"alert_grouping": SMART}}
    assert ready.live(OTHER).resource.settings == {"pagerduty": {"alert_grouping": TIME}}


def test_members_come_and_go_but_nobody_whom_a_policy_rings(world: World) -> None:
    roles = (Member(ANNA, "manager"), Member(BEN, "responder"))
    world.make(Team(ref=TEAM, name="t", members=roles))
    world.make(policy(Level((CARLA,), timedelta(minutes=5)), team=TEAM))
    snapshot, live = world.read(), world.live(TEAM)
    assert snapshot.implicit == {(live.remote_id, world.ids[CARLA])}
    calls = world.change(Team(ref=TEAM, name="t", members=(Member(ANNA, "responder"),)), live)
    assert sent(calls) == [("PUT", "make anna responder of team t"), ("DELETE", "take Ben out of team t")]
    assert calls[1].phase == "clear"
    found = world.live(TEAM).resource
    assert isinstance(found, Team)
    assert found.members is not ABSENT
    assert {
        (name, m.role) for name, m in zip(world.names(m.user for m in found.members), found.members, strict=True)
    } == {
        ("anna", "responder"),
        ("carla", "manager"),
    }
    assert world.change(Team(ref=TEAM, name="t"), world.live(TEAM)) == []


def test_rules_that_stay_keep_their_ids(world: World) -> None:
    one, two = Level((ANNA,), timedelta(minutes=5)), Level((BEN,), timedelta(minutes=5))
    live = world.make(policy(one, two))
    ids = [rule["id"] for rule in live.raw["body"]["escalation_rules"]]
    (call,) = world.change(policy(one, replace(two, escalate_after=timedelta(minutes=9))), live)
    assert call.body is not None
    assert [rule.get("id") for rule in call.body["escalation_policy"]["escalation_rules"]] == [ids[0], None]
    round_robin = {"pagerduty": {"round_robin": True}}
    (call,) = world.change(policy(replace(one, settings=round_robin)), world.live(POLICY))
    assert call.body is not None
    (rule,) = call.body["escalation_policy"]["escalation_rules"]
    assert rule["escalation_rule_assignment_strategy"] == {"type": "round_robin"}
    assert "id" not in rule
    (call,) = world.change(policy(one), world.live(POLICY))
    assert world.live(POLICY).resource.levels[0].settings == {}  # type: ignore[attr-defined]


def test_the_owner_changes_and_goes(world: World) -> None:
    for key in ("t", "u"):
        world.make(Team(ref=Ref("team", key), name=key))
    live = world.make(policy(team=TEAM))
    world.change(policy(team=Ref("team", "u")), live)
    assert world.live(POLICY).resource.team == Ref("team", world.ids[Ref("team", "u")], remote=True)
    world.change(policy(team=None), world.live(POLICY))
    assert world.live(POLICY).resource.team is None
