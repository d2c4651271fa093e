"""Whom an alert of each service rings first."""

from typing import Any

from .conftest import Client

ANNA, BEN, CLEO = "anna@acme.example", "ben@acme.example", "cleo@acme.example"


def service(og: Client, name: str = "Shop", team: str = "") -> None:
    og.make("/v1/services", name=name, teamId=team or og.ops)


def integration(og: Client, *responders: dict[str, str], name: str = "Shop: api", **more: Any) -> str:
    body = {"type": "API", "tags": ["service:Shop"], "responders": list(responders), **more}
    return str(og.make("/v2/integrations", name=name, **body)["id"])


def test_without_services_nobody_is_told_of(og: Client) -> None:
    integration(og, og.person("anna"))
    assert og.rings() == {}


def test_an_escalation_calls_its_first_level_that_has_anybody(og: Client) -> None:
    service(og)
    empty = og.schedule(og.rotation("anna", startDate="2027-01-04T09:00:00Z"))
    rules = [
        og.rule("schedule", empty),
        og.rule("user", "ben", 5),
        og.rule("user", "anna", 5),
        og.rule("user", "cleo", 9),
    ]
    integration(og, {"type": "escalation", "id": og.escalation(*rules)})
    assert og.rings() == {"Shop": [ANNA, BEN]}
    assert og.rings("2027-01-05T09:00:00Z") == {"Shop": [ANNA]}


def test_all_of_its_integrations_count(og: Client) -> None:
    service(og)
    service(og, "Search")
    integration(og, og.person("cleo"))
    key = integration(
        og, {"type": "user", "username": ANNA}, name="Shop: mail", type="Email", emailUsername="shop"
    )
    integration(og, og.person("ben"), name="Search: api", tags=["service:Search", "x"])
    integration(og, og.person("ray"), name="Other", tags=["service:Shops"])
    assert og.rings() == {"Shop": [ANNA, CLEO], "Search": [BEN]}
    og.ok(201, "POST", f"/v2/integrations/{key}/disable", {})
    assert og.rings()["Shop"] == [CLEO]


def test_a_service_without_any_goes_to_its_teams_route(og: Client) -> None:
    rules = f"/v2/teams/{og.ops}/routing-rules"
    service(og)
    assert og.rings() == {"Shop": []}  # the default rule notifies none
    default = og.get(rules)[0]["id"]
    og.change(f"{rules}/{default}", notify={"type": "schedule", "id": og.schedule(og.rotation("ben"))})
    assert og.rings() == {"Shop": [BEN]}
    high = {
        "type": "match-any-condition",
        "conditions": [{"field": "priority", "operation": "equals", "expectedValue": "P1"}],
    }
    og.make(rules, name="High", criteria=high, notify={"type": "escalation", "id": og.escalation()})
    assert og.rings() == {"Shop": [BEN]}
    key = integration(og, og.person("cleo"))
    assert og.rings() == {"Shop": [CLEO]}
    og.ok(201, "POST", f"/v2/integrations/{key}/disable", {})
    assert og.rings() == {"Shop": [BEN]}


def test_an_integration_for_nobody_in_particular_is_for_its_team(og: Client) -> None:
    service(og)
    rules = f"/v2/teams/{og.ops}/routing-rules"
    og.change(f"{rules}/{og.get(rules)[0]['id']}", notify={"type": "escalation", "id": og.escalation()})
    key = integration(og)
    assert og.rings() == {"Shop": []}  # of the whole account
    body = og.get(f"/v2/integrations/{key}")
    og.change(f"/v2/integrations/{key}", "PUT", **{**body, "ownerTeam": {"id": og.ops}})
    assert og.rings() == {"Shop": [ANNA]}
    og.change(f"/v2/integrations/{key}", "PUT", **{**body, "responders": [{"type": "none"}]})
    assert og.rings() == {"Shop": []}


def test_maintenance_silences_an_integration(og: Client) -> None:
    service(og)
    key = integration(og, og.person("anna"))
    rule = {"state": "disabled", "entity": {"id": key, "type": "integration"}}
    span = {"type": "schedule", "startDate": "2026-12-01T09:00:00Z", "endDate": "2026-12-01T10:00:00Z"}
    og.make("/v1/maintenance", time=span, rules=[rule])
    assert [og.rings(f"2026-12-01T{at}Z")["Shop"] for at in ("08:59:59", "09:00:00", "10:00:00")] == [
        [ANNA],
        [],
        [ANNA],
    ]


def test_forwarding_counts_for_somebody_named_outright(og: Client) -> None:
    service(og)
    integration(og, og.person("anna"))
    og.make(
        "/v2/forwarding-rules",
        fromUser={"username": ANNA},
        toUser={"username": CLEO},
        startDate="2026-11-22T00:00:00Z",
        endDate="2026-11-23T00:00:00Z",
    )
    assert og.rings() == {"Shop": [ANNA]}
    assert og.rings("2026-11-22T12:00:00Z") == {"Shop": [CLEO]}
