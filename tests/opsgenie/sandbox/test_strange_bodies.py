"""Whatever is sent, the answer is a refusal in the vendor's words or a success, never a broken server."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .conftest import Client

STRANGE: tuple[Any, ...] = (None, 5, True, "", "x" * 20_000, [], [None], {"id": []}, {"type": {}})
Request = tuple[str, str, Any]
HOURS = {"startHour": 9, "startMin": 0, "endHour": 17, "endMin": 0}
RESTRICTION = {"type": "time-of-day", "restriction": HOURS}
WEEKDAYS = {
    "type": "weekday-and-time-of-day",
    "restrictions": [{**HOURS, "startDay": "monday", "endDay": "friday"}],
}
URGENT = {
    "type": "match-all-conditions",
    "conditions": [{"field": "priority", "operation": "equals", "expectedValue": "P1", "not": False, "order": 1}],
}
DATES = {"startDate": "2026-12-01T00:00:00Z", "endDate": "2026-12-02T00:00:00Z"}


def variants(body: Any) -> Iterator[Any]:
    """The body with one part, at any depth, made strange."""
    if isinstance(body, dict | list):
        for key in body if isinstance(body, dict) else range(len(body)):
            for inner in variants(body[key]):
                changed = copy.copy(body)
                changed[key] = inner
                yield changed
    yield from STRANGE


def people(og: Client) -> dict[str, Request]:
    user = "/v2/users/anna@acme.example"
    step = {
        "contact": {"method": "email", "to": "anna@acme.example"},
        "sendAfter": {"timeAmount": 5},
        "enabled": True,
    }
    rule = {"name": "R", "actionType": "create-alert", "enabled": True, "order": 0, "steps": [step]}
    more = {"criteria": URGENT, "timeRestriction": WEEKDAYS, "repeat": {"loopAfter": 5, "enabled": True}}
    times = {"notificationTime": ["just-before"], "schedules": [{"type": "schedule", "id": og.schedule()}]}
    person = {"username": "anna@acme.example", "fullName": "A", "role": {"name": "User"}, "timeZone": "Etc/UTC"}
    extra = {
        "locale": "en_US",
        "skypeUsername": "x",
        "userAddress": {"city": "x"},
        "tags": ["x"],
        "details": {"k": ["v"]},
    }
    key = og.make(f"{user}/notification-rules", **rule, **more)["id"]
    contact = og.get(f"{user}/contacts")[0]["id"]
    both = {"fromUser": og.person("anna"), "toUser": og.person("ben")}
    forwarding = og.make("/v2/forwarding-rules", **both, **DATES)["id"]
    return {
        "user": ("PATCH", user, {**person, **extra}),
        "new user": ("POST", "/v2/users", {**person, **extra}),
        "contact": ("POST", f"{user}/contacts", {"method": "sms", "to": "1-5550100"}),
        "change of contact": ("PATCH", f"{user}/contacts/{contact}", {"to": "anna@acme.example"}),
        "notification rule": ("PATCH", f"{user}/notification-rules/{key}", {**rule, **more, **times}),
        "new notification rule": ("POST", f"{user}/notification-rules", {**rule, **more, **times}),
        "order of rules": ("POST", f"{user}/notification-rules/{key}/change-order", {"order": 0}),
        "step": ("POST", f"{user}/notification-rules/{key}/steps", step),
        "forwarding": ("PUT", f"/v2/forwarding-rules/{forwarding}", {**both, **DATES, "alias": "x"}),
    }


def paging(og: Client) -> dict[str, Request]:
    schedule, escalation, team = og.schedule(), og.escalation(), f"/v2/teams/{og.ops}"
    turn = og.rotation("anna", endDate="2027-01-01T00:00:00Z", length=1, timeRestriction=RESTRICTION)
    one = og.get(f"/v2/schedules/{schedule}/rotations")[0]["id"]
    rota = {
        "name": "Primary",
        "timezone": "Etc/UTC",
        "enabled": True,
        "description": "",
        "ownerTeam": {"id": og.ops},
    }
    override = {"user": og.person("anna"), **DATES, "rotations": [{"id": one}], "alias": "swap"}
    repeat = {"waitInterval": 5, "count": 1, "resetRecipientStates": True, "closeAlertAfterAll": False}
    ladder = {
        "name": "Escalate",
        "rules": [og.rule("schedule", schedule)],
        "ownerTeam": {"name": "Ops"},
        "repeat": repeat,
    }
    route = {"name": "R", "criteria": URGENT, "timezone": "Etc/UTC", "timeRestriction": WEEKDAYS, "order": 0}
    route["notify"] = {"type": "escalation", "id": escalation}
    rule = og.make(f"{team}/routing-rules", **route)["id"]
    role = {"name": "Lead", "rights": [{"right": "manage-members", "granted": True}]}
    return {
        "team": (
            "PATCH",
            team,
            {"name": "Ops", "description": "d", "members": [{"user": og.person("anna"), "role": "user"}]},
        ),
        "new team": ("POST", "/v2/teams", {"name": "Ops", "description": "d"}),
        "member": ("POST", f"{team}/members", {"user": {"username": "ben@acme.example"}, "role": "admin"}),
        "role": ("POST", f"{team}/roles", role),
        "routing rule": ("PATCH", f"{team}/routing-rules/{rule}", route),
        "new routing rule": ("POST", f"{team}/routing-rules", route),
        "order of routing rules": ("POST", f"{team}/routing-rules/{rule}/change-order", {"order": 0}),
        "schedule": ("PATCH", f"/v2/schedules/{schedule}", {**rota, "rotations": [turn]}),
        "rotation": ("PATCH", f"/v2/schedules/{schedule}/rotations/{one}", turn),
        "new rotation": ("POST", f"/v2/schedules/{schedule}/rotations", turn),
        "override": ("POST", f"/v2/schedules/{schedule}/overrides", override),
        "escalation": ("PATCH", f"/v2/escalations/{escalation}", ladder),
    }


def monitoring(og: Client) -> dict[str, Request]:
    escalation, query = og.escalation(), f"?teamId={og.ops}"
    service = og.make("/v1/services", name="Shop", teamId=og.ops)["id"]
    responders = [{"type": "escalation", "id": escalation}]
    api = {"type": "API", "name": "I", "enabled": True, "ownerTeam": {"id": og.ops}, "responders": responders}
    more = {"tags": ["x"], "priority": "P1", "extraProperties": {"a": "b"}, "suppressNotifications": False}
    key = og.make("/v2/integrations", **api)["id"]
    action = {"type": "create", "name": "Open", "filter": {**URGENT, "conditionMatchType": "match-all-conditions"}}
    alert = {"type": "alert", "name": "Low", "message": "m", "filter": URGENT, "timeRestrictions": WEEKDAYS}
    alert |= {"tags": ["x"], "priority": "P1", "responders": responders, "enabled": True, "continue": True}
    wait = {"delayOption": "next-time", "untilHour": 9, "untilMinute": 0}
    minutes = {"timeAmount": 5, "timeUnit": "minutes"}
    actions = {"delayAction": wait, "autoCloseAction": {"duration": minutes}}
    actions |= {"autoRestartAction": {"duration": minutes, "maxRepeatCount": 2}}
    notification = {"type": "notification", "name": "Wait", "enabled": True, "filter": URGENT, **actions}
    first, second = (og.make(f"/v2/policies{query}", **one)["id"] for one in (alert, notification))
    told = {"enable": True, "message": "m"}
    incident = {
        "message": "m",
        "priority": "P1",
        "stakeholderProperties": told,
        "tags": ["x"],
        "details": {"a": "b"},
    }
    beat = {
        "interval": 1,
        "intervalUnit": "days",
        "enabled": True,
        "alertTags": ["x"],
        "ownerTeam": {"id": og.ops},
    }
    rules = [{"state": "disabled", "entity": {"id": key, "type": "integration"}}]
    return {
        "service": ("PATCH", f"/v1/services/{service}", {"name": "Shop", "description": "d", "tags": ["x"]}),
        "new service": ("POST", "/v1/services", {"name": "Shop", "teamId": og.ops}),
        "incident rule": (
            "POST",
            f"/v1/services/{service}/incident-rules",
            {"conditionMatchType": "match-all-conditions", **URGENT, "incidentProperties": incident},
        ),
        "integration": ("PUT", f"/v2/integrations/{key}", {**api, **more}),
        "mail": ("POST", "/v2/integrations", {"type": "Email", "name": "M", "emailUsername": "m"}),
        "action": ("POST", f"/v2/integrations/{key}/actions", action),
        "actions": ("PUT", f"/v2/integrations/{key}/actions", {"create": [action]}),
        "alert policy": ("PUT", f"/v2/policies/{first}{query}", alert),
        "notification policy": ("PUT", f"/v2/policies/{second}{query}", notification),
        "order of policies": ("POST", f"/v2/policies/{first}/change-order{query}", {"targetIndex": 0}),
        "heartbeat": ("POST", "/v2/heartbeats", {"name": "h", **beat}),
        "maintenance": ("POST", "/v1/maintenance", {"time": {"type": "schedule", **DATES}, "rules": rules}),
        "incident": (
            "POST",
            "/v1/incidents/create",
            {"message": "m", "serviceId": service, "details": {"a": "b"}},
        ),
    }


@pytest.mark.matrix
@pytest.mark.parametrize("requests", [people, paging, monitoring])
def test_no_body_breaks_the_server(og: Client, requests: Callable[[Client], dict[str, Request]]) -> None:
    broken = []
    for name, (method, path, body) in requests(og).items():
        for variant in variants(body):
            answer = og.session.request(method, og.url + path, json=variant, timeout=60)
            if answer.status_code >= 500:
                broken.append(f"{name}: {str(variant)[:300]}")
    assert broken == []
