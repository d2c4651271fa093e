"""What is read of a service, of what pages for it, and of the policies that tell its hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oncall_sync.model import (
    ABSENT,
    ByPriority,
    ConstantUrgency,
    Integration,
    Live,
    Ref,
    Service,
    SupportHours,
)
from oncall_sync.rota.hours import merge
from oncall_sync_opsgenie.convert_integration import integration_body, tags
from oncall_sync_opsgenie.convert_service import integration_of, is_carrier, is_replaced, service_from
from oncall_sync_opsgenie.normal import normalized
from oncall_sync_opsgenie.timed import policies_for
from oncall_sync_opsgenie.wire import Known
from tests.opsgenie.recorded import recorded

KNOWN = Known(time_zone="UTC")
BODY = {
    "id": "S1",
    "name": "Shop",
    "description": "text",
    "teamId": "T1",
    "visibility": "TEAM_MEMBERS",
    "tags": [],
}
MAIN, SPARE = (Ref("escalation_policy", key, remote=True) for key in ("E1", "E2"))
OFFICE = merge((day * 1440 + 540, day * 1440 + 1020) for day in range(5))
API = Integration(name="api", form="events")
SERVICE = Service(
    ref=Ref("service", "S1", remote=True),
    name="Shop",
    description="text",
    team=Ref("team", "T1", remote=True),
    escalation_policy=MAIN,
    urgency=ConstantUrgency("high"),
    acknowledge_within=None,
    resolve_after=None,
    integrations=(API,),
)


def there(one: Integration | None = API, service: Service = SERVICE, **more: Any) -> dict[str, Any]:
    """An integration as it would be read after it was made."""
    body = integration_body(service, one, KNOWN, {}, policies_for(service, KNOWN))
    return {"id": f"I-{body['name']}", "apiKey": "secret", "_readOnly": ["id"], **body, **more}


def read(*integrations: dict[str, Any], policies: Any = (), body: Any = BODY) -> Service:
    service = service_from(body, integrations, policies, KNOWN)
    live = Live(remote_id="S1", resource=service)
    if service.escalation_policy is not ABSENT:  # what is only read is never wanted
        shown = {key: one for key, one in service.settings.get("opsgenie", {}).items() if key != "leftovers"}
        wanted = normalized(service, live, KNOWN)
        assert isinstance(wanted, Service)
        assert wanted.settings.get("opsgenie", {}) == shown
        assert all("deviates" not in one.settings.get("opsgenie", {}) for one in _integrations(wanted))
    return service


def _integrations(service: Service) -> tuple[Integration, ...]:
    assert service.integrations is not ABSENT
    return service.integrations


def shown(service: Service) -> dict[str, Any]:
    return dict(service.settings.get("opsgenie", {}))


def test_a_service_as_we_make_it_reads_as_it_was_made() -> None:
    assert read(there()) == SERVICE


def test_what_pages_is_by_form() -> None:
    mail = there(Integration(name="mail", form="email", email="ops"), emailAddress="ops@acme.opsgenie.net")
    vendor = there(Integration(name="graphs", form="vendor", vendor="Grafana"))
    odd = {**there(), "id": "I9", "name": "Shop: odd", "type": "Marid"}
    block = {
        **there(),
        "id": "I8",
        "name": "Shop: web",
        "url": "https://x",
        "headers": {"a": "b"},
        "alertFilter": "",
    }
    assert read(vendor, mail, odd, block, there()).integrations == (
        API,
        Integration(name="graphs", form="vendor", vendor="Grafana"),
        Integration(name="mail", form="email", email="ops"),
        Integration(name="odd", form="other"),
        Integration(name="web", form="events", settings={"opsgenie": {"url": "https://x"}}),
    )


def test_names_tell_whose_an_integration_is() -> None:
    assert integration_of("Shop", "Shop: api") == "api"
    assert integration_of("A: B", "A: B: api") == "api"
    for name in ("Shop", "Shop:api", "Shop: EU: api", "Shopping: api", "Shop: api (being replaced)"):
        assert integration_of("Shop", name) is None
    assert is_carrier("Shop", "Shop (direct)")
    assert not is_carrier("Shop", "Shop: api")
    assert is_replaced("Shop", "Shop: api (being replaced)")
    assert not is_replaced("Shop", "Shop: EU: api (being replaced)")
    assert not is_replaced("Shop", "Shop: api")


def test_the_stand_in_is_no_integration() -> None:
    alone = replace(SERVICE, integrations=())
    assert read(there(None, alone)) == alone
    beside = read(there(), there(None, alone))
    assert (beside.integrations, shown(beside)) == ((API,), {"leftovers": ["Shop (direct)"]})
    wrong = read(there(None, alone, priority="P5"), there(None, alone, enabled=False))
    assert shown(wrong) == {"leftovers": ["Shop (direct)"]}


def test_without_anything_that_pages_nothing_is_known() -> None:
    found = read()
    assert (found.escalation_policy, found.urgency, found.integrations) == (ABSENT, ABSENT, ())
    off = read(there(enabled=False))
    assert (off.escalation_policy, off.integrations) == (ABSENT, ())


def test_what_was_replaced_shows_until_it_is_gone() -> None:
    old = there(name="Shop: api (being replaced)", responders=[])
    found = read(there(), old)
    assert (found.integrations, shown(found)) == ((API,), {"leftovers": ["Shop: api (being replaced)"]})


@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ({"responders": [{"type": "escalation", "id": "E2"}]}, ["responders"]),
        ({"responders": [{"type": "team", "id": "T1"}]}, ["responders"]),
        ({"responders": []}, ["responders"]),
        ({"priority": "P2"}, ["priority"]),
        ({"priority": None}, ["priority"]),
        ({"tags": []}, ["tags"]),
        ({"tags": ["service:Shop", "alert-policy"]}, ["tags"]),
        ({"ownerTeam": {"id": "T2"}}, ["ownerTeam"]),
        ({"tags": ["theirs", "service:Shop"], "ownerTeam": {"id": "T1", "name": "Ops"}}, []),
    ],
)
def test_what_differs_from_the_others_shows(more: dict[str, Any], fields: list[str]) -> None:
    others = [there(Integration(name=name, form="events")) for name in ("a", "b")]
    found = read(*others, there(**more))
    assert (found.escalation_policy, found.urgency) == (MAIN, ConstantUrgency("high"))
    _, one, _ = _integrations(found)
    assert one.name == "api"
    assert one.settings.get("opsgenie", {}) == ({"deviates": fields} if fields else {})


def test_most_decide_and_the_first_name_if_there_is_a_tie() -> None:
    def to(key: str, name: str, of: str) -> dict[str, Any]:
        page = [{"type": "escalation", "id": key, "name": name}]
        return there(Integration(name=of, form="events"), responders=page)

    assert read(to("E1", "Z", "a"), to("E2", "A", "b")).escalation_policy == SPARE
    assert read(to("E1", "Z", "a"), to("E2", "A", "b"), to("E1", "Z", "c")).escalation_policy == MAIN


@pytest.mark.parametrize(
    ("more", "urgency"),
    [
        ({"priority": "P1"}, ConstantUrgency("high")),
        ({"priority": "P2"}, ConstantUrgency("high")),
        ({"priority": "P4"}, ConstantUrgency("low")),
        ({"priority": "P5"}, ConstantUrgency("low")),
        ({"priority": None}, ByPriority(("P1", "P2"), ("P3", "P4", "P5"))),
        ({"priority": None, "tags": ["urgency:P1+P3"]}, ByPriority(("P1", "P3"), ("P2", "P4", "P5"))),
    ],
)
def test_urgency_is_the_priority(more: dict[str, Any], urgency: Any) -> None:
    assert read(there(**more)).urgency == urgency


def test_by_priority_is_kept_in_a_tag() -> None:
    rule = ByPriority(("P1", "P3"), ("P2", "P4", "P5"))
    service = replace(SERVICE, urgency=rule)
    assert tags(service) == ["service:Shop", "urgency:P1+P3"]
    assert read(there(service=service)) == service


@pytest.mark.parametrize("raised", [False, True])
def test_hours_and_timeouts_are_policies(raised: bool) -> None:
    rule = SupportHours(hours=OFFICE, time_zone="UTC", raise_at_start=raised)
    again, close = timedelta(minutes=20), timedelta(hours=4)
    service = replace(SERVICE, urgency=rule, acknowledge_within=again, resolve_after=close)
    policies = [{"id": f"P{number}", **one} for number, one in enumerate(policies_for(service, KNOWN))]
    integration = there(service=service)
    assert read(integration, policies=policies) == service
    kinds = {"notification-policy"} | (set() if raised else {"alert-policy"})
    assert {tag for tag in integration["tags"] if tag.endswith("-policy")} == kinds

    changed = {**policies[0], "enabled": False}
    assert policies[0]["name"] in shown(read(integration, policies=[changed, *policies[1:]]))["leftovers"]
    twice = [*policies, {**policies[-1], "id": "P9"}]
    assert shown(read(integration, policies=twice)) == {"leftovers": [policies[-1]["name"]]}
    other = {**policies[0], "id": "P9", "name": "Shop: wait until 23:00", "delayAction": None}
    assert shown(read(integration, policies=[*policies, other])) == {"leftovers": ["Shop: wait until 23:00"]}


def test_settings_of_a_service_are_those_that_say_something() -> None:
    body: dict[str, Any] = {
        **BODY,
        "description": None,
        "visibility": "OPSGENIE_USERS",
        "tags": ["b", "a"],
        "links": {},
    }
    found = read(there(), body=body)
    assert (found.description, shown(found)) == (None, {"visibility": "OPSGENIE_USERS", "tags": ["a", "b"]})


def test_a_recorded_service_can_be_read() -> None:
    body = recorded("services/port_2024.json")
    found = service_from(body, (), (), KNOWN)
    assert (found.name, found.ref.key) == (body["name"], body["id"])
    assert found.team is None
    assert (found.integrations, found.escalation_policy, found.urgency) == ((), ABSENT, ABSENT)
