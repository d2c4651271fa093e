"""What became of a POST whose answer was lost, what is there twice, which incidents are open: at the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from oncall_sync.errors import Unreachable
from oncall_sync.model import Call, Live, Ref, Service
from oncall_sync.provider import ProviderSettings
from oncall_sync_opsgenie import Opsgenie
from tests.contract.harness import NOW, TOKEN
from tests.opsgenie.conftest import Hand
from tests.opsgenie.loopback import Loopback, Reply

MARK = "Managed by oncall-sync: acme/x.y #v1:01234567"
SPAN = {"startDate": "2026-12-01T09:00:00Z", "endDate": "2026-12-02T09:00:00Z"}


@pytest.fixture
def ids(hand: Hand) -> Mapping[str, str]:
    """What parts are put into: a team and a schedule, and somebody."""
    team = hand.call("POST", "/v2/teams", {"name": "Ops"})["id"]
    schedule = hand.call("POST", "/v2/schedules", {"name": "Day", "rotations": [rotation()]})["id"]
    return {"team": team, "schedule": schedule, "anna": hand.call("GET", "/v2/users/anna@example.com")["id"]}


def rotation(**more: Any) -> dict[str, Any]:
    anna = {"type": "user", "username": "anna@example.com"}
    return {"name": "first", "startDate": "2026-01-05T09:00:00Z", "type": "weekly", "participants": [anna], **more}


def post(path: str, body: Mapping[str, Any], **more: Any) -> Call:
    return Call(id="x/1", ref=Ref("team", "x"), method="POST", path=path, says="make x", body=body, **more)


PARTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "team": ("/v2/teams", {"name": "New", "description": MARK}),
    "schedule": ("/v2/schedules", {"name": "New", "description": MARK, "timezone": "UTC"}),
    "escalation policy": (
        "/v2/escalations",
        {
            "name": "New",
            "description": MARK,
            "rules": [
                {
                    "condition": "if-not-acked",
                    "notifyType": "default",
                    "delay": {"timeAmount": 0},
                    "recipient": {"type": "schedule", "name": "Day"},
                }
            ],
        },
    ),
    "service": ("/v1/services", {"name": "New", "teamId": "@team", "description": MARK}),
    "integration": ("/v2/integrations", {"type": "API", "name": "New: a", "ownerTeam": {"id": "@team"}}),
    "rotation": ("/v2/schedules/@schedule/rotations", rotation(name="second")),
    "override": ("/v2/schedules/@schedule/overrides", {**SPAN, "user": {"type": "user", "id": "@anna"}}),
    "routing rule": ("/v2/teams/@team/routing-rules", {"name": "new", "notify": {"type": "none"}, "order": 0}),
    "alert policy": (
        "/v2/policies?teamId=@team",
        {"type": "alert", "name": "New: low", "message": "{{message}}", "enabled": True},
    ),
    "notification policy": (
        "/v2/policies?teamId=@team",
        {
            "type": "notification",
            "name": "New: close",
            "enabled": True,
            "autoCloseAction": {"duration": {"timeAmount": 5}},
        },
    ),
}
"""Every path to which something is sent by POST, but the members of a team."""


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: filled(one, ids) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, ids) for one in value]
    for name, key in ids.items():
        value = value.replace(f"@{name}", key) if isinstance(value, str) else value
    return value


@pytest.mark.parametrize("what", PARTS)
def test_what_was_made_is_found_and_what_was_not_is_not(
    opsgenie: Opsgenie, ids: Mapping[str, str], what: str
) -> None:
    path, body = filled(list(PARTS[what]), ids)
    call = post(path, body)
    assert opsgenie.made(call) is None
    sent = opsgenie.perform(call)
    found = opsgenie.made(call)
    assert found is not None
    assert what == "override" or found.remote_id == sent.remote_id


def test_members_are_simply_put_in_again(opsgenie: Opsgenie, ids: Mapping[str, str]) -> None:
    call = post(f"/v2/teams/{ids['team']}/members", {"user": {"id": ids["anna"]}, "role": "user"})
    opsgenie.perform(call)
    assert opsgenie.made(call) is None
    opsgenie.perform(call)
    members = opsgenie._client.get(f"/v2/teams/{ids['team']}", "look")["data"]["members"]
    assert [one["user"]["username"] for one in members] == ["anna@example.com"]


@pytest.mark.parametrize("what", ["team", "schedule", "escalation policy", "service"])
def test_somebody_elses_of_the_same_name_is_not_taken_for_ours(
    opsgenie: Opsgenie, hand: Hand, ids: Mapping[str, str], what: str
) -> None:
    path, body = filled(list(PARTS[what]), ids)
    hand.call("POST", path, {**body, "description": "made by hand"})
    assert opsgenie.made(post(path, body)) is None


def test_an_override_is_the_same_by_whom_and_when(opsgenie: Opsgenie, ids: Mapping[str, str]) -> None:
    path, body = filled(list(PARTS["override"]), ids)
    opsgenie.perform(post(path, body))
    later = {**body, "endDate": "2026-12-03T09:00:00Z"}
    assert opsgenie.made(post(path, later)) is None
    assert opsgenie.made(post(path, {**body, "startDate": "2026-12-01T10:00:00+01:00"})) is not None


def test_a_service_behind_the_first_page_is_found(opsgenie: Opsgenie, hand: Hand, ids: Mapping[str, str]) -> None:
    for number in range(101):
        hand.call("POST", "/v1/services", {"name": f"A {number:03}", "teamId": ids["team"]})
    path, body = filled(list(PARTS["service"]), ids)
    sent = opsgenie.perform(post(path, body))
    found = opsgenie.made(post(path, body))
    assert found is not None
    assert found.remote_id == sent.remote_id


@pytest.mark.parametrize("what", ["rotation", "routing rule", "alert policy", "notification policy"])
def test_a_part_that_two_applies_added_is_there_twice(
    opsgenie: Opsgenie, ids: Mapping[str, str], what: str
) -> None:
    path, body = filled(list(PARTS[what]), ids)
    call = post(path, body)
    first = opsgenie.perform(call).remote_id
    assert first is not None
    assert opsgenie.doubled({first: call}) == {}
    second = opsgenie.perform(call).remote_id
    assert opsgenie.doubled({first: call}) == {first: {second}}
    assert opsgenie.doubled({"gone": call}) == {}


@pytest.mark.parametrize("what", ["team", "schedule", "escalation policy", "integration"])
def test_names_that_opsgenie_keeps_apart_have_no_twins(
    opsgenie: Opsgenie, ids: Mapping[str, str], what: str
) -> None:
    path, body = filled(list(PARTS[what]), ids)
    key = opsgenie.perform(post(path, body)).remote_id
    assert key is not None
    assert opsgenie.namesakes(post(path, body), key) == {}
    assert opsgenie.doubled({key: post(path, body)}) == {}


def test_open_incidents_are_named_and_closed_ones_are_not(
    opsgenie: Opsgenie, hand: Hand, ids: Mapping[str, str]
) -> None:
    service = hand.call("POST", "/v1/services", {"name": "Shop", "teamId": ids["team"]})["id"]
    other = hand.call("POST", "/v1/services", {"name": "Other", "teamId": ids["team"]})["id"]
    for message, about in (("on fire", service), ("wet", other), ("over", service)):
        hand.call(
            "POST", "/v1/incidents/create", {"message": message, "impactedServices": [about], "priority": "P1"}
        )
    over = next(one for one in hand.call("GET", "/v1/incidents") if one["message"] == "over")
    hand.call("POST", f"/v1/incidents/{over['id']}/close", {})
    lives = [live(service)]
    assert opsgenie.open_incidents(lives) == {service: ["#1 on fire"]}
    assert opsgenie.open_incidents([]) == {}
    (found,) = opsgenie.incidents([service], [])
    assert (found.title, found.opened_at, found.services) == ("on fire", NOW, (service,))
    assert opsgenie.incidents([], []) == []


def live(key: str) -> Live:
    return Live(remote_id=key, resource=Service(ref=Ref("service", key, remote=True), name="Shop"))


@pytest.mark.parametrize("body", [{}, {"data": 3}, {"data": [{"name": "New"}]}])
def test_an_answer_that_is_not_the_apis_is_an_error_in_a_sentence(body: Any) -> None:
    with Loopback(Reply(body=body)) as server:
        opsgenie = Opsgenie(ProviderSettings(name="og", kind="opsgenie", token=TOKEN, api_url=server.url))
        with pytest.raises(Unreachable, match="og: could not read what was made: an answer is not the API's"):
            opsgenie.made(post("/v2/teams", {"name": "New"}))
        opsgenie.close()
