"""The vendor's own Python SDK against the sandbox, and what is taken down of it and of others.

The SDK has classes for four domains only; whatever else is called goes through its `call_api`, as the adapter
does. What is worked around here is what it is known to do wrong: it shares keys between configurations, tries
again after minutes, and puts a `url` into every answer.
"""

from collections.abc import Iterator
from typing import Any

import opsgenie_sdk
import pytest
import requests
from opsgenie_sdk.exceptions import ApiException

from oncall_sync_opsgenie.sandbox import Options
from tests.conformance.opsgenie_swagger import DESCRIPTION
from tests.conformance.opsgenie_traffic import Exchange, Watched, problems

if not DESCRIPTION.exists():
    pytest.skip("the vendor's description is not beside this checkout", allow_module_level=True)

SEED = {
    "name": "acme",
    "users": {"anna": {"email": "anna@example.com"}},
    "teams": {"Ops": {"members": {"anna": "admin"}}},
}
KEY = "0b9b8c1e-3c0a-4f6e-9b1c-2f7f8f0c7a10"


@pytest.fixture
def watched() -> Iterator[Watched]:
    with Watched(Options(seed=SEED)) as server:
        yield server


@pytest.fixture
def sdk(watched: Watched) -> Any:
    configuration = opsgenie_sdk.Configuration()
    configuration.host = watched.url
    configuration.api_key = {"Authorization": KEY}  # a new one: the SDK's own is every configuration's
    configuration.retry_enabled = False
    return opsgenie_sdk.ApiClient(configuration)


def call(sdk: Any, method: str, path: str, *query: tuple[str, str], body: Any = None, **ids: str) -> Any:
    """A call to what the SDK has no class for."""
    return sdk.call_api(
        path,
        method,
        ids,
        list(query),
        {},
        body=body,
        response_type="object",
        auth_settings=["GenieKey"],
        _return_http_data_only=True,
        _request_timeout=60,
    )


def test_the_account(sdk: Any, watched: Watched) -> None:
    found = opsgenie_sdk.AccountApi(sdk).get_info()
    assert (found.data.name, found.data.user_count, found.data.plan.name) == ("acme", 1, "Enterprise")
    (seen,) = watched.exchanges
    assert (seen.method, seen.path, seen.status, seen.got["data"]["name"]) == ("GET", "/v2/account", 200, "acme")
    assert problems(watched.exchanges) == []


def test_heartbeats(sdk: Any, watched: Watched) -> None:
    api = opsgenie_sdk.HeartbeatApi(sdk)
    payload = opsgenie_sdk.CreateHeartbeatPayload(name="nightly", interval=1, interval_unit="days", enabled=True)
    assert api.create_heartbeat(payload).data.name == "nightly"
    assert api.get_heartbeat("nightly").data.interval == 1
    api.update_heartbeat("nightly", update_heartbeat_payload=opsgenie_sdk.UpdateHeartbeatPayload(interval=2))
    api.disable_heartbeat("nightly")
    assert [(one.name, one.interval, one.enabled) for one in api.list_heart_beats().data.heartbeats] == [
        ("nightly", 2, False)
    ]
    api.enable_heartbeat("nightly")
    api.ping("nightly")
    api.delete_heartbeat("nightly")
    with pytest.raises(ApiException) as refused:
        api.get_heartbeat("nightly")
    assert refused.value.status == 404
    assert problems(watched.exchanges) == []
    assert [one.status for one in watched.exchanges] == [201, 200, 200, 200, 200, 200, 202, 200, 404]


def test_incidents(sdk: Any, watched: Watched) -> None:
    (team,) = call(sdk, "GET", "/v2/teams")["data"]
    body = {"name": "Shop", "teamId": team["id"]}
    service = call(sdk, "POST", "/v1/services", body=body)["data"]["id"]
    api = opsgenie_sdk.IncidentApi(sdk)
    sent = api.create_incident(opsgenie_sdk.CreateIncidentPayload(message="Shop is down", service_id=service))
    assert api.get_incident_request_status(sent.request_id).data.is_success
    (found,) = api.list_incidents("status:open").data
    assert api.get_incident(found.id).data.message == "Shop is down"
    api.close_incident(found.id, close_incident_payload=opsgenie_sdk.CloseIncidentPayload(note="up again"))
    assert api.get_incident(found.id).data.status == "closed"
    api.delete_incident(found.id)
    assert problems(watched.exchanges) == []


def test_what_the_sdk_has_no_class_for(sdk: Any, watched: Watched) -> None:
    path = "/v2/schedules/{id}"
    rotation = {"startDate": "2026-01-05T09:00:00Z", "type": "weekly", "participants": [{"type": "none"}]}
    made = call(sdk, "POST", "/v2/schedules", body={"name": "My duty", "rotations": [rotation]})
    assert made["url"].endswith("/v2/schedules")  # put in by the SDK
    found = call(sdk, "GET", path, ("identifierType", "name"), id="My duty")["data"]
    assert found["rotations"][0]["name"] == "Rot1"
    call(sdk, "PATCH", path, body={"timezone": "Asia/Tokyo"}, id=found["id"])
    assert call(sdk, "GET", path, id=found["id"])["data"]["timezone"] == "Asia/Tokyo"
    call(sdk, "DELETE", path, id=found["id"])
    with pytest.raises(ApiException) as refused:
        call(sdk, "GET", path, id=found["id"])
    assert refused.value.status == 404
    assert watched.exchanges[1].path == "/v2/schedules/My%20duty"
    assert watched.exchanges[1].query == [("identifierType", "name")]
    assert problems(watched.exchanges) == []


def test_others_are_taken_down_too_and_controls_are_not(watched: Watched) -> None:
    headers = {"Authorization": f"GenieKey {KEY}"}
    requests.get(f"{watched.url}/__sandbox__/rings", timeout=60)
    requests.post(f"{watched.url}/v2/teams", json={"name": "T", "lead": "Anna"}, headers=headers, timeout=60)
    requests.get(f"{watched.url}/v2/teams/nobody?identifierType=name", headers=headers, timeout=60)
    first, second = watched.exchanges
    assert (first.sent, first.status, first.got["result"]) == ({"name": "T", "lead": "Anna"}, 201, "Created")
    assert (second.query, second.status, second.sent) == ([("identifierType", "name")], 404, None)
    assert problems(watched.exchanges) == ["POST /v2/teams 201: body.lead is not described"]


def test_answers_that_do_not_fit_are_found() -> None:
    odd = Exchange("GET", "/v2/teams", [], None, 200, {"data": "none", "took": 0.1, "requestId": "R"})
    assert problems([odd]) == ["GET /v2/teams 200: body.data: 'none' is not of type 'array'"]
