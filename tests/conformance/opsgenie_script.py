"""One session against a running Opsgenie sandbox: the life of an object of every kind, and refusals.

A step is named so that a failing check says which one. Steps marked `wrong` send what the vendor refuses. What a
team pages is here; what raises alerts is in `opsgenie_script_alerts`.
"""

import functools
from datetime import UTC, datetime

from tests.conformance.opsgenie_script_alerts import alerts
from tests.conformance.opsgenie_session import OFFICE, URGENT, WEEKEND, Session, person, rotation, rule
from tests.conformance.session import Body, Step

ANNA = "anna@example.com"
DATES = {"startDate": "2026-03-28T12:00:00Z", "endDate": "2026-03-29T12:00:00Z"}


@functools.cache
def steps() -> list[Step]:
    """Every call of the script with its answer, against a sandbox of its own whose clock stands still."""
    from oncall_sync_opsgenie.sandbox import Options, Running

    seed = {"name": "acme", "users": {"anna": {"email": ANNA, "name": "Anna"}}}
    with Running(Options(seed=seed, now=datetime(2026, 3, 20, 9, tzinfo=UTC))) as server:
        return play(server.url)


def play(url: str) -> list[Step]:
    """Runs the whole script against the sandbox at `url`."""
    session = Session(url)
    with session.http:
        users = _users(session)
        team = _team(session, users)
        schedule = _schedule(session, users, team)
        escalation = _escalation(session, users, team, schedule)
        _routing(session, team, schedule, escalation)
        alerts(session, team, escalation)
        _account(session)
        _refusals(session, users, schedule, escalation)
        _deletes(session, users, team, schedule, escalation)
    return session.steps


def _users(s: Session) -> list[str]:
    (anna,) = s.get("seeded user", "/v2/users")
    fields: Body = {"username": "bea@example.com", "fullName": "Bea", "role": {"name": "User"}}
    more: Body = {"timeZone": "Europe/Vienna", "locale": "de_AT", "tags": ["day"], "details": {"shoe": ["44"]}}
    bea = s.post("create user", "/v2/users", {**fields, **more})
    cem = s.post("create user 2", "/v2/users", {**fields, "username": "cem@example.com", "fullName": "Cem"})
    s.call("update user", "PATCH", f"/v2/users/{bea}", {"fullName": "Bea B.", "skypeUsername": "bea"})
    s.get("get user", f"/v2/users/{bea}")
    s.get("get user with contacts", "/v2/users/bea@example.com?expand=contact")
    s.get("list users", "/v2/users?limit=2&offset=0&sortField=username&order=asc")
    _contacts(s)
    _notification_rules(s)
    _forwarding(s)
    return [anna["id"], bea, cem]


def _contacts(s: Session) -> None:
    path = "/v2/users/bea@example.com/contacts"
    key = s.post("create contact", path, {"method": "sms", "to": "43-6605550100"})
    s.call("disable contact", "POST", f"{path}/{key}/disable", {})
    s.get("get contact", f"{path}/{key}")
    s.get("list contacts", path)
    s.call("enable contact", "POST", f"{path}/{key}/enable", {})
    s.call("update contact", "PATCH", f"{path}/{key}", {"to": "43-6605550101"})
    s.call("delete contact", "DELETE", f"{path}/{key}")


def _notification_rules(s: Session) -> None:
    path = "/v2/users/bea@example.com/notification-rules"
    contact = {"method": "email", "to": "bea@example.com"}
    step: Body = {"contact": contact, "sendAfter": {"timeAmount": 2, "timeUnit": "minutes"}, "enabled": True}
    common: Body = {"name": "Night", "actionType": "create-alert", "enabled": True, "order": 0}
    more: Body = {"criteria": URGENT, "timeRestriction": OFFICE, "repeat": {"loopAfter": 5, "enabled": True}}
    key = s.post("create notification rule", path, {**common, **more, "steps": [step]})
    timed: Body = {
        "name": "Turn",
        "actionType": "schedule-start",
        "enabled": True,
        "notificationTime": ["just-before"],
    }
    s.post("create timed notification rule", path, timed)
    where = f"{path}/{key}"
    s.get("get notification rule", where)
    s.get("list notification rules", path)
    s.call("update notification rule", "PATCH", where, {"name": "Nights", "timeRestriction": WEEKEND})
    s.call("move notification rule", "POST", f"{where}/change-order", {"order": 1})
    for verb in ("disable", "enable"):
        s.call(f"{verb} notification rule", "POST", f"{where}/{verb}", {})
    one = s.post("create step", f"{where}/steps", step)
    s.get("list steps", f"{where}/steps")
    s.get("get step", f"{where}/steps/{one}")
    s.call("update step", "PATCH", f"{where}/steps/{one}", {"enabled": False})
    for verb in ("enable", "disable"):
        s.call(f"{verb} step", "POST", f"{where}/steps/{one}/{verb}", {})
    s.call("delete step", "DELETE", f"{where}/steps/{one}")
    s.call("delete notification rule", "DELETE", where)


def _forwarding(s: Session) -> None:
    people = {"fromUser": {"username": "bea@example.com"}, "toUser": {"username": ANNA}}
    body: Body = {**people, **DATES, "alias": "away"}
    key = s.post("create forwarding rule", "/v2/forwarding-rules", body)
    s.get("list forwarding rules", "/v2/forwarding-rules")
    s.get("get forwarding rule", f"/v2/forwarding-rules/{key}")
    s.get("forwarding rules of user", "/v2/users/bea@example.com/forwarding-rules")
    s.call("update forwarding rule", "PUT", "/v2/forwarding-rules/away?identifierType=alias", {**people, **DATES})
    s.call("delete forwarding rule", "DELETE", f"/v2/forwarding-rules/{key}?identifierType=id")


def _team(s: Session, users: list[str]) -> str:
    members = [{"user": {"id": users[0]}, "role": "admin"}, {"user": {"username": "bea@example.com"}}]
    team = s.post("create team", "/v2/teams", {"name": "Payments", "description": "Cards", "members": members})
    s.get("schedules that came with it", "/v2/schedules?expand=rotation")
    s.call("update team", "PATCH", f"/v2/teams/{team}", {"name": "Payments", "description": "Cards and so on"})
    s.call("add member", "POST", f"/v2/teams/{team}/members", {"user": {"id": users[2]}, "role": "user"})
    s.call("remove member", "DELETE", f"/v2/teams/{team}/members/cem@example.com?teamIdentifierType=id")
    s.get("get team", "/v2/teams/Payments?identifierType=name")
    s.get("list teams", "/v2/teams")
    s.get("teams of user", f"/v2/users/{users[0]}/teams")
    role: Body = {"name": "Lead", "rights": [{"right": "manage-members", "granted": True}]}
    key = s.post("create team role", f"/v2/teams/{team}/roles", role)
    s.get("list team roles", f"/v2/teams/{team}/roles")
    s.get("get team role", f"/v2/teams/{team}/roles/Lead?identifierType=name")
    s.call("update team role", "PATCH", f"/v2/teams/{team}/roles/{key}", {**role, "name": "Captain"})
    s.call("delete team role", "DELETE", f"/v2/teams/{team}/roles/{key}")
    s.get("team logs", f"/v2/teams/{team}/logs?limit=2&order=asc")
    return team


def _schedule(s: Session, users: list[str], team: str) -> str:
    (came_with,) = s.get("escalation that the team came with", "/v2/escalations")
    turns = [
        rotation("Weeks", [*map(person, users), {"type": "none"}]),
        rotation("Office", [{"type": "team", "id": team}], type="daily", length=2, timeRestriction=OFFICE),
        rotation("Page", [{"type": "escalation", "id": came_with["id"]}], timeRestriction=WEEKEND),
    ]
    common: Body = {"timezone": "Europe/Vienna", "description": "", "enabled": True, "ownerTeam": {"id": team}}
    key = s.post("create schedule", "/v2/schedules", {"name": "Primary", **common, "rotations": turns})
    path = f"/v2/schedules/{key}"
    s.get("get schedule", f"{path}?identifierType=id")
    s.get("list schedules", "/v2/schedules")
    s.get("list schedules with rotations", "/v2/schedules?expand=rotation")
    s.call("update schedule", "PATCH", path, {"name": "Primary", "timezone": "Europe/London"})
    weekend = rotation("Weekend", [person(users[1])], endDate="2026-12-31T23:00:00Z", timeRestriction=WEEKEND)
    one = s.post("create rotation", f"{path}/rotations?scheduleIdentifierType=id", weekend)
    s.get("get rotation", f"{path}/rotations/{one}")
    s.get("list rotations", f"{path}/rotations")
    s.call("update rotation", "PATCH", f"{path}/rotations/{one}", {"length": 2, "type": "hourly"})
    override: Body = {"user": person(users[2]), **DATES, "rotations": [{"name": "Weeks"}], "alias": "swap"}
    s.post("create override", f"{path}/overrides", override, "alias")
    s.get("get override", f"{path}/overrides/swap")
    s.get("list overrides", f"{path}/overrides")
    s.call("update override", "PUT", f"{path}/overrides/swap", {"user": person(users[1]), **DATES})
    _on_call(s, path)
    s.call("delete override", "DELETE", f"{path}/overrides/swap")
    s.call("delete rotation", "DELETE", f"{path}/rotations/{one}")
    s.get("schedules of user", f"/v2/users/{users[0]}/schedules")
    return key


def _on_call(s: Session, path: str) -> None:
    at = "date=2026-03-27T19:00:00Z"
    for flat in ("true", "false"):
        s.get(f"all on-calls, flat={flat}", f"/v2/schedules/on-calls?flat={flat}&{at}")
        s.get(f"on-calls, flat={flat}", f"{path}/on-calls?scheduleIdentifierType=id&flat={flat}&{at}")
        s.get(f"next on-calls, flat={flat}", f"{path}/next-on-calls?flat={flat}&{at}")
    s.get("on-calls in office hours", f"{path}/on-calls?date=2026-03-27T13:00:00Z")
    s.get("timeline", f"{path}/timeline")
    expand = "expand=base,forwarding,override"
    s.get("expanded timeline", f"{path}/timeline?interval=2&intervalUnit=weeks&{expand}&{at}")


def _escalation(s: Session, users: list[str], team: str, schedule: str) -> str:
    rules = [
        rule(0, {"type": "schedule", "id": schedule}),
        rule(5, {"type": "schedule", "id": schedule}, "next"),
        rule(5, person(users[0])),
        rule(10, {"type": "team", "id": team}, "all"),
    ]
    repeat = {"waitInterval": 10, "count": 2, "resetRecipientStates": True, "closeAlertAfterAll": False}
    common: Body = {"name": "Page", "description": "", "ownerTeam": {"id": team}, "rules": rules}
    key = s.post("create escalation", "/v2/escalations", {**common, "repeat": repeat})
    s.get("get escalation", f"/v2/escalations/{key}?identifierType=id")
    s.call("update escalation", "PATCH", f"/v2/escalations/{key}", {"rules": rules[:3], "repeat": {}})
    s.get("get escalation without repeat", "/v2/escalations/Page?identifierType=name")
    s.get("list escalations", "/v2/escalations")
    s.get("escalations of user", f"/v2/users/{users[0]}/escalations")
    return key


def _routing(s: Session, team: str, schedule: str, escalation: str) -> None:
    path = f"/v2/teams/{team}/routing-rules"
    (default,) = s.get("default routing rule", path)
    where = f"{path}/{default['id']}"
    s.call("route to nobody", "PATCH", where, {"notify": {"type": "none"}})
    s.call("route to escalation", "PATCH", where, {"notify": {"type": "escalation", "id": escalation}})
    common: Body = {"name": "Night", "criteria": URGENT, "timezone": "Europe/Vienna", "timeRestriction": WEEKEND}
    body: Body = {**common, "order": 0, "notify": {"type": "schedule", "id": schedule}}
    key = s.post("create routing rule", f"{path}?teamIdentifierType=id", body)
    s.get("get routing rule", f"{path}/{key}")
    s.get("list routing rules", path)
    s.call("update routing rule", "PATCH", f"{path}/{key}", {"name": "Nights"})
    s.call("move routing rule", "POST", f"{path}/{key}/change-order", {"order": 0})
    s.call("delete routing rule", "DELETE", f"{path}/{key}")


def _account(s: Session) -> None:
    s.get("account", "/v2/account")
    s.get("request limits", "/v2/request-limits/")


def _refusals(s: Session, users: list[str], schedule: str, escalation: str) -> None:
    for kind in ("users", "teams", "schedules", "escalations", "integrations", "policies", "forwarding-rules"):
        s.call(f"unknown {kind}", "GET", f"/v2/{kind}/nobody", wrong=True)
    s.call("unknown services", "GET", "/v1/services/nobody", wrong=True)
    s.call("team name is taken", "POST", "/v2/teams", {"name": "Payments"}, wrong=True)
    s.call("nameless team", "POST", "/v2/teams", {}, wrong=True)
    s.call("escalation name is taken", "POST", "/v2/escalations", {"name": "Page", "rules": []}, wrong=True)
    taken: Body = {"name": "Page", "rules": [rule(0, person(users[0]))]}
    s.call("escalation name is taken", "POST", "/v2/escalations", taken, wrong=True)
    unknown: Body = {"name": "Bad", "rules": [rule(0, person("nobody"))]}
    s.call("unknown recipient", "POST", "/v2/escalations", unknown, wrong=True)
    s.call("bad zone", "POST", "/v2/schedules", {"name": "Bad", "timezone": "Mars/Olympus"}, wrong=True)
    s.call("limit too high", "GET", "/v2/users?limit=101", wrong=True)
    s.call("schedule in use", "DELETE", f"/v2/schedules/{schedule}", wrong=True)
    s.call("escalation in use", "DELETE", f"/v2/escalations/{escalation}", wrong=True)
    s.call("user in use", "DELETE", f"/v2/users/{users[0]}", wrong=True)
    kept = s.http.headers.pop("Authorization")
    s.call("no key", "GET", "/v2/users", wrong=True)
    s.http.headers["Authorization"] = "GenieKey not a key"
    s.call("malformed key", "GET", "/v2/users", wrong=True)
    s.http.headers["Authorization"] = kept


def _deletes(s: Session, users: list[str], team: str, schedule: str, escalation: str) -> None:
    (rule,) = s.get("routing rules left", f"/v2/teams/{team}/routing-rules")
    s.call("stop routing", "PATCH", f"/v2/teams/{team}/routing-rules/{rule['id']}", {"notify": {"type": "none"}})
    s.call("delete escalation", "DELETE", f"/v2/escalations/{escalation}?identifierType=id")
    s.call("delete schedule", "DELETE", f"/v2/schedules/{schedule}?identifierType=id")
    s.call("delete team", "DELETE", f"/v2/teams/{team}?identifierType=id")
    s.call("delete user", "DELETE", f"/v2/users/{users[2]}")
