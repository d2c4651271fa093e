"""Integrations and the vendors they come from."""

import re
from typing import Any

import pytest

from .conftest import Client

EVENTS = "events_api_v2_inbound_integration"
EMAIL = "generic_email_inbound_integration"


@pytest.fixture
def path(pd: Client) -> str:
    return f"/services/{pd.service(pd.policy()['id'])['id']}/integrations"


def create(pd: Client, path: str, **fields: Any) -> Any:
    return pd.ok(201, "POST", path, {"integration": {"name": "Alerts", **fields}})["integration"]


def vendor(pd: Client, name: str) -> dict[str, str]:
    (found,) = [one for one in pd.get(f"/vendors?query={name}")["vendors"] if one["name"] == name]
    return {"id": found["id"], "type": "vendor_reference"}


def test_the_key_is_the_servers_alone(pd: Client, path: str) -> None:
    one = create(pd, path, type=EVENTS, integration_key="0" * 32)
    assert re.fullmatch(r"[0-9a-f]{32}", one["integration_key"])
    assert one["integration_key"] != "0" * 32
    changed = pd.ok(
        200, "PUT", f"{path}/{one['id']}", {"integration": {"name": "New", "integration_key": "1" * 32}}
    )
    assert (changed["integration"]["integration_key"], changed["integration"]["name"]) == (
        one["integration_key"],
        "New",
    )
    again = create(pd, path, type=EVENTS)
    assert again["integration_key"] != one["integration_key"]


def test_they_show_on_the_service(pd: Client, path: str) -> None:
    one = create(pd, path, type=EVENTS)
    service = path.removesuffix("/integrations")
    (reference,) = pd.get(service)["service"]["integrations"]
    assert (reference["id"], reference["type"]) == (one["id"], EVENTS + "_reference")
    (whole,) = pd.get(service + "?include[]=integrations")["service"]["integrations"]
    assert whole == one
    assert one["html_url"].startswith("https://acme.pagerduty.com/services/")
    assert pd.get(f"{path}/{one['id']}?include[]=services")["integration"]["service"]["status"] == "active"


def test_delete_works_though_nobody_says_so(pd: Client, path: str) -> None:
    key = create(pd, path, type=EVENTS)["id"]
    assert pd.call("DELETE", f"{path}/{key}").status_code == 204
    assert pd.refused(404, "GET", f"{path}/{key}")["code"] == 2100
    assert pd.refused(404, "DELETE", f"{path}/{key}")["code"] == 2100


def test_an_integration_of_another_service_is_not_found(pd: Client, path: str) -> None:
    key = create(pd, path, type=EVENTS)["id"]
    other = pd.service(pd.policy(name="2")["id"], "Other")["id"]
    assert pd.refused(404, "GET", f"/services/{other}/integrations/{key}")["code"] == 2100


def test_a_vendor_decides_the_type(pd: Client, path: str) -> None:
    one = create(pd, path, vendor=vendor(pd, "Amazon CloudWatch"), type=EVENTS)
    assert one["type"] == "event_transformer_api_inbound_integration"
    assert one["vendor"]["summary"] == "Amazon CloudWatch"
    assert create(pd, path, type=EVENTS)["vendor"] is None
    expanded = pd.get(f"{path}/{one['id']}?include[]=vendors")["integration"]["vendor"]
    assert expanded["website_url"].startswith("https://")


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({}, 400, "Type can't be blank"),
        ({"type": "carrier_pigeon"}, 400, "Type is not included in the list"),
        ({"type": EVENTS, "name": "x" * 256}, 400, "Name is too long (maximum is 255 characters)"),
        ({"vendor": {"id": "PNOBODY", "type": "vendor_reference"}}, 404, None),
        ({"type": EMAIL}, 400, "Integration email can't be blank"),
        (
            {"type": EMAIL, "integration_email": "a@gmail.com"},
            400,
            "Integration email must end in @acme.pagerduty.com",
        ),
        (
            {"type": EMAIL, "integration_email": "a@acme.pagerduty.com", "email_filter_mode": "none"},
            400,
            "Email filter mode is not included in the list",
        ),
        (
            {"type": EMAIL, "integration_email": "a@acme.pagerduty.com", "email_parsers": [{"action": "trigger"}]},
            400,
            "Email parsers must have exactly one incident_key extractor",
        ),
        (
            {
                "type": EMAIL,
                "integration_email": "a@acme.pagerduty.com",
                "email_filters": [{"body_mode": "maybe"}],
            },
            400,
            "Email filters body mode is not included in the list",
        ),
    ],
)
def test_what_an_integration_may_not_be(
    pd: Client, path: str, fields: Any, status: int, error: str | None
) -> None:
    refused = pd.refused(status, "POST", path, {"integration": {"name": "Alerts", **fields}})
    assert refused.get("errors") == (None if error is None else [error])


def test_email(pd: Client, path: str) -> None:
    address = {"type": EMAIL, "integration_email": "shop@acme.pagerduty.com"}
    one = create(pd, path, **address)
    assert one["integration_email"] == "shop@acme.pagerduty.com"
    assert one["email_filter_mode"] == "all-email"
    assert "integration_key" not in one
    taken = pd.refused(400, "POST", path, {"integration": {"name": "2", **address}})
    assert taken["errors"] == ["Integration email has already been taken"]
    moved = {"integration": {"integration_email": "cart@acme.pagerduty.com"}}
    assert (
        pd.ok(200, "PUT", f"{path}/{one['id']}", moved)["integration"]["integration_email"]
        == "cart@acme.pagerduty.com"
    )
    create(pd, path, **address)


def test_the_catalogue(pd: Client) -> None:
    names = {one["name"] for one in pd.get("/vendors?limit=100")["vendors"]}
    assert len(names) >= 60
    assert names >= {
        "Amazon CloudWatch", "Datadog", "Nagios", "Prometheus", "Google Cloud Monitoring", "Google Stackdriver",
        "New Relic", "Grafana", "Sentry", "Jira", "Zabbix", "Pingdom", "Splunk", "Email",
    }  # fmt: skip
    found = [one["name"] for one in pd.get("/vendors?query=splunk")["vendors"]]
    assert found == ["Splunk", "Splunk Email", "Splunk Observability Cloud"]
    assert len({one["id"] for one in pd.get("/vendors?limit=100")["vendors"]}) == len(names)
    assert pd.get(f"/vendors/{vendor(pd, 'Nagios')['id']}")["vendor"]["name"] == "Nagios"
