"""The other half of the session: what turns events into alerts, changes them, and what watches over that."""

from typing import Any

from tests.conformance.opsgenie_session import URGENT, WEEKEND, Session
from tests.conformance.session import Body


def alerts(s: Session, team: str, escalation: str) -> None:
    """The life of services, integrations, policies, heartbeats, maintenance and incidents, to its end."""
    service = _service(s, team)
    integration = _integration(s, team, escalation)
    policy = _policies(s, team, escalation)
    _heartbeat(s, team)
    _maintenance(s, integration, policy)
    _incident(s, service)
    s.call("delete policy", "DELETE", f"/v2/policies/{policy}?teamId={team}")
    s.call("delete integration", "DELETE", f"/v2/integrations/{integration}")
    s.call("delete service", "DELETE", f"/v1/services/{service}")


def _service(s: Session, team: str) -> str:
    body: Body = {
        "name": "Shop",
        "teamId": team,
        "description": "",
        "visibility": "TEAM_MEMBERS",
        "tags": ["gold"],
    }
    key = s.post("create service", "/v1/services", body)
    s.get("get service", f"/v1/services/{key}")
    s.get("list services", "/v1/services?limit=100&offset=0")
    s.call("update service", "PATCH", f"/v1/services/{key}", {"name": "Shop", "description": "We sell"})
    path = f"/v1/services/{key}/incident-rules"
    told = {"enable": True, "message": "We look into it"}
    incident: Body = {"message": "{{message}}", "priority": "P1", "stakeholderProperties": told, "tags": []}
    rule: Body = {"conditionMatchType": "match-any-condition", "conditions": URGENT["conditions"]}
    one = s.post("create incident rule", path, {**rule, "incidentProperties": incident})
    s.get("list incident rules", path)
    s.get("get incident rule", f"{path}/{one}")
    s.call(
        "update incident rule",
        "PUT",
        f"{path}/{one}",
        {**rule, "incidentProperties": {**incident, "priority": "P2"}},
    )
    s.call("delete incident rule", "DELETE", f"{path}/{one}")
    return key


def _integration(s: Session, team: str, escalation: str) -> str:
    responders = [{"type": "escalation", "id": escalation}]
    body: Body = {"type": "API", "name": "Shop: api", "enabled": True, "ownerTeam": {"id": team}}
    key = s.post(
        "create integration", "/v2/integrations", {**body, "responders": responders, "tags": ["service:Shop"]}
    )
    mail: Body = {"type": "Email", "name": "Shop: mail", "emailUsername": "shop", "ownerTeam": {"id": team}}
    other = s.post("create email integration", "/v2/integrations", {**mail, "enabled": True})
    path = f"/v2/integrations/{key}"
    got: dict[str, Any] = s.get("get integration", path)
    s.get("get email integration", f"/v2/integrations/{other}")
    s.get("list integrations", "/v2/integrations")
    s.get("list integrations of a team", f"/v2/integrations?teamId={team}&type=API")
    kept = {name: value for name, value in got.items() if name not in {*got["_readOnly"], "_readOnly"}}
    s.call("update integration", "PUT", path, {**kept, "priority": "P2"})
    for verb in ("disable", "enable"):
        s.call(f"{verb} integration", "POST", f"{path}/{verb}", {})
    s.call("authenticate integration", "POST", "/v2/integrations/authenticate", {"type": "API"})
    original = {name: f"{{{{{name}}}}}" for name in ("user", "note", "alias")}
    action: Body = {**original, "type": "create", "name": "Open", "filter": {"conditionMatchType": "match-all"}}
    s.call("create action", "POST", f"{path}/actions", action)
    s.get("list actions", f"{path}/actions")
    s.call("replace actions", "PUT", f"{path}/actions", {"create": [{**action, "name": "Raise"}]})
    s.call("delete email integration", "DELETE", f"/v2/integrations/{other}")
    return key


def _policies(s: Session, team: str, escalation: str) -> str:
    query = f"?teamId={team}"
    common: Body = {"enabled": True, "filter": URGENT, "timeRestrictions": WEEKEND, "policyDescription": "Ours"}
    alert: Body = {**common, "type": "alert", "name": "Low", "message": "{{message}}", "continue": True}
    more: Body = {"tags": ["night"], "priority": "P4", "responders": [{"type": "escalation", "id": escalation}]}
    key = s.post("create alert policy", f"/v2/policies{query}", {**alert, **more})
    wait = {"delayOption": "next-time", "untilHour": 9, "untilMinute": 0}
    restart = {"duration": {"timeAmount": 30, "timeUnit": "minutes"}, "maxRepeatCount": 20}
    close = {"duration": {"timeAmount": 60, "timeUnit": "minutes"}}
    actions: Body = {"delayAction": wait, "autoRestartAction": restart, "autoCloseAction": close}
    notification: Body = {**common, "type": "notification", "name": "Wait", **actions}
    other = s.post("create notification policy", f"/v2/policies{query}", notification)
    s.get("get alert policy", f"/v2/policies/{key}{query}")
    s.get("get notification policy", f"/v2/policies/{other}{query}")
    s.get("list alert policies", f"/v2/policies/alert{query}")
    s.get("list notification policies", f"/v2/policies/notification{query}")
    s.call("update policy", "PUT", f"/v2/policies/{key}{query}", {**alert, "name": "Lower"})
    for verb in ("disable", "enable"):
        s.call(f"{verb} policy", "POST", f"/v2/policies/{key}/{verb}{query}", {})
    s.call("move policy", "POST", f"/v2/policies/{key}/change-order{query}", {"targetIndex": 0})
    s.call("delete notification policy", "DELETE", f"/v2/policies/{other}{query}")
    return key


def _heartbeat(s: Session, team: str) -> None:
    body: Body = {
        "name": "nightly",
        "interval": 1,
        "intervalUnit": "days",
        "enabled": True,
        "ownerTeam": {"id": team},
    }
    s.post("create heartbeat", "/v2/heartbeats", {**body, "alertTags": ["x"], "alertPriority": "P2"}, "name")
    s.get("get heartbeat", "/v2/heartbeats/nightly")
    s.get("list heartbeats", "/v2/heartbeats")
    s.call("update heartbeat", "PATCH", "/v2/heartbeats/nightly", {"interval": 2})
    for verb in ("disable", "enable"):
        s.call(f"{verb} heartbeat", "POST", f"/v2/heartbeats/nightly/{verb}", {})
    s.call("ping heartbeat", "GET", "/v2/heartbeats/nightly/ping")
    s.call("delete heartbeat", "DELETE", "/v2/heartbeats/nightly")


def _maintenance(s: Session, integration: str, policy: str) -> None:
    rules = [
        {"state": "disabled", "entity": {"id": integration, "type": "integration"}},
        {"state": "enabled", "entity": {"id": policy, "type": "policy"}},
    ]
    time = {"type": "schedule", "startDate": "2026-03-21T00:00:00Z", "endDate": "2026-03-22T00:00:00Z"}
    key = s.post(
        "create maintenance", "/v1/maintenance", {"description": "New disks", "time": time, "rules": rules}
    )
    s.get("get maintenance", f"/v1/maintenance/{key}")
    s.get("list maintenance", "/v1/maintenance?type=non-expired")
    body: Body = {"description": "Disks", "time": {"type": "for-1-hour"}, "rules": rules[:1]}
    s.call("update maintenance", "PUT", f"/v1/maintenance/{key}", body)
    s.call("cancel maintenance", "POST", f"/v1/maintenance/{key}/cancel", {})
    s.call("delete maintenance", "DELETE", f"/v1/maintenance/{key}")


def _incident(s: Session, service: str) -> None:
    body: Body = {"message": "Shop is down", "serviceId": service, "priority": "P1", "tags": ["x"]}
    sent = s.call("create incident", "POST", "/v1/incidents/create", body)
    s.get("incident request", f"/v1/incidents/requests/{sent['requestId']}")
    (incident,) = s.get("list incidents", "/v1/incidents?query=status:open&limit=10")
    where = f"/v1/incidents/{incident['id']}"
    s.get("get incident", where)
    s.call("close incident", "POST", f"{where}/close", {"note": "done"})
    s.call("delete incident", "DELETE", where)
