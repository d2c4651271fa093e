"""One session against a running PagerDuty sandbox: the life of an object of every kind, and refusals.

A step is named so that a failing check says which one. Steps marked `wrong` send what the vendor refuses.
"""

from tests.conformance.session import Body, Session, Step, daily, layer, ref, weekly

SINCE, UNTIL = "2026-03-23T00:00:00Z", "2026-04-06T00:00:00Z"
MAIL = "cards@acme.pagerduty.com"
WINDOW = [("since", SINCE), ("until", UNTIL)]


def play(url: str) -> list[Step]:
    """Runs the whole script against the sandbox at `url`."""
    session = Session(url)
    with session.http:
        users = _users(session)
        team = _team(session, users)
        schedule = _schedule(session, users, team)
        policy = _policy(session, users, team, schedule)
        service = _service(session, policy)
        _incident(session, service)
        _extras(session, users, team, policy, service)
        _whole_account(session)
        _refusals(session, users, policy, schedule)
        _deletes(session, users, team, schedule, policy)
    return session.steps


def _users(s: Session) -> list[str]:
    (anna,) = s.call("seeded user", "GET", "/users")["users"]
    fields: Body = {
        "type": "user",
        "name": "Bea",
        "email": "bea@example.com",
        "role": "user",
        "time_zone": "Europe/Vienna",
    }
    bea = s.post("create user", "/users", {"user": fields})
    cem = s.post("create user 2", "/users", {"user": {**fields, "name": "Cem", "email": "cem@example.com"}})
    body: Body = {"user": {"type": "user", "name": "Bea B.", "email": "bea@example.com", "job_title": "SRE"}}
    s.call("update user", "PUT", f"/users/{bea}", body)
    s.call("get user", "GET", f"/users/{bea}")
    includes = [("include[]", name) for name in ("contact_methods", "notification_rules", "teams")]
    s.call("get user with includes", "GET", f"/users/{bea}", query=includes)
    s.call("list users with includes", "GET", "/users", query=includes)
    s.call("first page of users", "GET", "/users", query=[("limit", "1"), ("total", "true")])
    s.call("second page of users", "GET", "/users", query=[("limit", "2"), ("offset", "2")])
    s.call("find users", "GET", "/users", query=[("query", "bea")])
    _contacts(s, f"/users/{bea}")
    return [anna["id"], bea, cem]


def _contacts(s: Session, user: str) -> None:
    sms = {"type": "sms_contact_method", "label": "Mobile", "address": "5550100101", "country_code": 1}
    s.call("list contact methods", "GET", f"{user}/contact_methods")
    key = s.post("create contact method", f"{user}/contact_methods", {"contact_method": sms})
    method = f"{user}/contact_methods/{key}"
    s.call("get contact method", "GET", method)
    s.call("update contact method", "PUT", method, {"contact_method": {**sms, "label": "Work"}})
    rule: Body = {"type": "assignment_notification_rule", "start_delay_in_minutes": 5, "urgency": "high"}
    rule["contact_method"] = {"id": key, "type": "sms_contact_method"}
    s.call("list notification rules", "GET", f"{user}/notification_rules")
    key = s.post("create notification rule", f"{user}/notification_rules", {"notification_rule": rule})
    where = f"{user}/notification_rules/{key}"
    s.call("get notification rule", "GET", where)
    s.call("update notification rule", "PUT", where, {"notification_rule": {**rule, "start_delay_in_minutes": 10}})
    s.call("delete notification rule", "DELETE", where)
    s.call("delete contact method", "DELETE", method)


def _team(s: Session, users: list[str]) -> str:
    team = s.post("create team", "/teams", {"team": {"type": "team", "name": "Payments", "description": "Cards"}})
    s.call("update team", "PUT", f"/teams/{team}", {"team": {"type": "team", "name": "Payments team"}})
    s.call("add member", "PUT", f"/teams/{team}/users/{users[0]}", {"role": "manager"})
    s.call("add member 2", "PUT", f"/teams/{team}/users/{users[2]}", {"role": "responder"})
    s.call("list members", "GET", f"/teams/{team}/members")
    s.call("list members with users", "GET", f"/teams/{team}/members", query=[("include[]", "users")])
    s.call("remove member", "DELETE", f"/teams/{team}/users/{users[2]}")
    s.call("get team", "GET", f"/teams/{team}")
    s.call("list teams", "GET", "/teams", query=[("query", "pay")])
    return team


def _schedule(s: Session, users: list[str], team: str) -> str:
    layers = [layer("Always", users, 604_800), layer("Office", users[:2], 86_400, daily(28_800))]
    common: Body = {
        "type": "schedule",
        "name": "Payments primary",
        "time_zone": "Europe/Vienna",
        "description": "Cards",
    }
    body: Body = {"schedule": {**common, "teams": [ref(team, "team")], "schedule_layers": layers}}
    s.call("preview schedule", "POST", "/schedules/preview", body, query=WINDOW)
    schedule = s.post("create schedule", "/schedules", body)
    s.call("get schedule", "GET", f"/schedules/{schedule}")
    rendered = s.call("get rendered schedule", "GET", f"/schedules/{schedule}", query=WINDOW)["schedule"]
    top, below = rendered["schedule_layers"]
    changed = [
        {**layers[0], "id": below["id"]},
        {**layers[1], "id": top["id"]},
        layer("Weekend", users[1:], 604_800),
    ]
    changed[2]["restrictions"] = [weekly(64 * 3600)]
    s.call(
        "update schedule", "PUT", f"/schedules/{schedule}", {"schedule": {**common, "schedule_layers": changed}}
    )
    s.call("list schedules", "GET", "/schedules")
    s.call("list schedules with layers", "GET", "/schedules", query=[("include[]", "schedule_layers")])
    override = {"start": "2026-03-28T12:00:00Z", "end": "2026-03-29T12:00:00Z", "user": ref(users[2], "user")}
    refused = {**override, "end": override["start"]}
    made = s.call(
        "create overrides", "POST", f"/schedules/{schedule}/overrides", {"overrides": [override, refused]}
    )
    s.call("list overrides", "GET", f"/schedules/{schedule}/overrides", query=WINDOW)
    s.call("get overridden schedule", "GET", f"/schedules/{schedule}", query=[*WINDOW, ("overflow", "true")])
    following = [("include_next_oncall_for_user", users[1])]
    s.call("next on-call of a user", "GET", f"/schedules/{schedule}", query=[*WINDOW, *following])
    s.call("users of schedule", "GET", f"/schedules/{schedule}/users", query=WINDOW)
    s.call("delete override", "DELETE", f"/schedules/{schedule}/overrides/{made[0]['override']['id']}")
    s.call("list v3 schedules", "GET", "/v3/schedules")
    return schedule


def _policy(s: Session, users: list[str], team: str, schedule: str) -> str:
    rules: list[Body] = [
        {"escalation_delay_in_minutes": 10, "targets": [ref(schedule, "schedule")]},
        {"escalation_delay_in_minutes": 15, "targets": [ref(users[0], "user"), ref(users[1], "user")]},
    ]
    common: Body = {"type": "escalation_policy", "name": "Payments", "num_loops": 2, "escalation_rules": rules}
    body: Body = {"escalation_policy": {**common, "description": "Cards", "teams": [ref(team, "team")]}}
    policy = s.post("create policy", "/escalation_policies", body)
    s.call("get policy", "GET", f"/escalation_policies/{policy}")
    includes = [("include[]", name) for name in ("services", "teams", "targets")]
    s.call("get policy with includes", "GET", f"/escalation_policies/{policy}", query=includes)
    always = {"escalation_policy": {**common, "on_call_handoff_notifications": "always"}}
    s.call("update policy", "PUT", f"/escalation_policies/{policy}", always)
    s.call("list policies", "GET", "/escalation_policies")
    s.call("list policies with includes", "GET", "/escalation_policies", query=includes)
    s.call("list policies of team", "GET", "/escalation_policies", query=[("team_ids[]", team)])
    return policy


def _service(s: Session, policy: str) -> str:
    hours = {"type": "fixed_time_per_day", "time_zone": "Europe/Vienna", "days_of_week": [1, 2, 3, 4, 5]}
    urgency: Body = {"type": "use_support_hours", "during_support_hours": {"type": "constant", "urgency": "high"}}
    moment = {"type": "named_time", "name": "support_hours_start"}
    common: Body = {"type": "service", "name": "Cards", "escalation_policy": ref(policy, "escalation_policy")}
    supported: Body = {
        "support_hours": {**hours, "start_time": "09:00:00", "end_time": "17:00:00"},
        "incident_urgency_rule": {**urgency, "outside_support_hours": {"type": "constant", "urgency": "low"}},
        "scheduled_actions": [{"type": "urgency_change", "at": moment, "to_urgency": "high"}],
    }
    service = s.post("create service", "/services", {"service": {**common, "description": "Cards", **supported}})
    second: Body = {**common, "name": "Refunds", "incident_urgency_rule": {"type": "constant", "urgency": "high"}}
    s.post("create plain service", "/services", {"service": {**second, "auto_resolve_timeout": 3600}})
    s.call("get service", "GET", f"/services/{service}")
    s.call(
        "update service", "PUT", f"/services/{service}", {"service": {**common, "acknowledgement_timeout": 600}}
    )
    events = {"type": "events_api_v2_inbound_integration", "name": "Monitoring"}
    key = s.post("create integration", f"/services/{service}/integrations", {"integration": events})
    email = {"type": "generic_email_inbound_integration", "name": "Mail", "integration_email": MAIL}
    s.post("create email integration", f"/services/{service}/integrations", {"integration": email})
    where = f"/services/{service}/integrations/{key}"
    s.call("get integration", "GET", where)
    s.call("update integration", "PUT", where, {"integration": {**events, "name": "Monitoring 2"}})
    includes = [("include[]", name) for name in ("escalation_policies", "teams", "integrations")]
    s.call("get service with includes", "GET", f"/services/{service}", query=includes)
    s.call("list services", "GET", "/services")
    s.call("list services with includes", "GET", "/services", query=includes)
    s.call("delete integration", "DELETE", where)
    return service


def _incident(s: Session, service: str) -> None:
    incident: Body = {"type": "incident", "title": "Cards are down", "service": ref(service, "service")}
    key = s.post("create incident", "/incidents", {"incident": incident})
    s.call("get incident", "GET", f"/incidents/{key}")
    s.call(
        "open incidents", "GET", "/incidents", query=[("statuses[]", "triggered"), ("statuses[]", "acknowledged")]
    )
    for status in ("acknowledged", "resolved"):
        body = {"incident": {"type": "incident", "status": status}}
        s.call(f"incident {status}", "PUT", f"/incidents/{key}", body)
    s.call("incidents of service", "GET", "/incidents", query=[("service_ids[]", service)])


def _extras(s: Session, users: list[str], team: str, policy: str, service: str) -> None:
    tag = s.post("create tag", "/tags", {"tag": {"type": "tag", "label": "gold"}})
    change = {"add": [{"type": "tag", "label": "silver"}, {"type": "tag_reference", "id": tag}]}
    s.call("change tags", "POST", f"/users/{users[0]}/change_tags", change)
    s.call("tags of user", "GET", f"/users/{users[0]}/tags")
    s.call("users of tag", "GET", f"/tags/{tag}/users")
    s.call("list tags", "GET", "/tags")
    s.call("delete tag", "DELETE", f"/tags/{tag}")
    s.call("take policy off its team", "DELETE", f"/teams/{team}/escalation_policies/{policy}")
    s.call("put policy on a team", "PUT", f"/teams/{team}/escalation_policies/{policy}")
    grouping = {
        "name": "By time",
        "type": "time",
        "config": {"timeout": 300},
        "services": [ref(service, "service")],
    }
    key = s.post("create grouping", "/alert_grouping_settings", {"alert_grouping_setting": grouping})
    s.call("get grouping", "GET", f"/alert_grouping_settings/{key}")
    body = {"alert_grouping_setting": {**grouping, "name": "By time 2"}}
    s.call("update grouping", "PUT", f"/alert_grouping_settings/{key}", body)
    s.call("list groupings", "GET", "/alert_grouping_settings")
    s.call("delete grouping", "DELETE", f"/alert_grouping_settings/{key}")


def _whole_account(s: Session) -> None:
    includes = [("include[]", name) for name in ("users", "schedules", "escalation_policies")]
    s.call("oncalls now", "GET", "/oncalls")
    s.call("oncalls of a window", "GET", "/oncalls", query=WINDOW)
    s.call("oncalls with includes", "GET", "/oncalls", query=[*WINDOW, *includes])
    s.call("earliest oncalls", "GET", "/oncalls", query=[*WINDOW, ("earliest", "true")])
    s.call("audit records", "GET", "/audit/records")
    s.call("audit records of schedules", "GET", "/audit/records", query=[("root_resource_types[]", "schedules")])
    page = s.call("first audit records", "GET", "/audit/records", query=[("limit", "2")])
    s.call("next audit records", "GET", "/audit/records", query=[("limit", "2"), ("cursor", page["next_cursor"])])
    s.call("abilities", "GET", "/abilities")
    s.call("priorities", "GET", "/priorities")
    s.call("vendors", "GET", "/vendors")
    s.call("licenses", "GET", "/licenses")
    s.call("maintenance windows", "GET", "/maintenance_windows", query=[("filter", "open")])


def _refusals(s: Session, users: list[str], policy: str, schedule: str) -> None:
    for kind in ("users", "teams", "schedules", "escalation_policies", "services"):
        s.call(f"unknown {kind}", "GET", f"/{kind}/PUNKNOWN", wrong=True)
        s.call(f"update unknown {kind}", "PUT", f"/{kind}/PUNKNOWN", {}, wrong=True)
    again = {"type": "user", "name": "Bea again", "email": "bea@example.com"}
    s.call("email is taken", "POST", "/users", {"user": again}, wrong=True)
    s.call("nameless team", "POST", "/teams", {"team": {"type": "team"}}, wrong=True)
    s.call(
        "service without policy", "POST", "/services", {"service": {"type": "service", "name": "X"}}, wrong=True
    )
    common: Body = {"type": "service", "name": "Cards", "escalation_policy": ref(policy, "escalation_policy")}
    s.call("service name is taken", "POST", "/services", {"service": common}, wrong=True)
    rule = {"escalation_delay_in_minutes": 5, "targets": [ref("PUNKNOWN", "user")]}
    bad = {"type": "escalation_policy", "name": "Bad", "escalation_rules": [rule]}
    s.call("unknown target", "POST", "/escalation_policies", {"escalation_policy": bad}, wrong=True)
    endless = {"type": "schedule", "name": "Bad", "time_zone": "Europe/Vienna"}
    body: Body = {"schedule": {**endless, "schedule_layers": [layer("Layer", users, 86_400, weekly(604_800))]}}
    s.call("restriction too long", "POST", "/schedules", body, wrong=True)
    s.call("preview of the same", "POST", "/schedules/preview", body, query=WINDOW, wrong=True)
    s.call("offset too far", "GET", "/users", query=[("offset", "10000"), ("limit", "100")], wrong=True)
    s.call("overrides without window", "GET", f"/schedules/{schedule}/overrides", wrong=True)
    s.call("legacy schedule as v3", "GET", f"/v3/schedules/{schedule}", wrong=True)
    s.call("schedule in use", "DELETE", f"/schedules/{schedule}", wrong=True)
    s.call("policy in use", "DELETE", f"/escalation_policies/{policy}", wrong=True)
    s.call("user in use", "DELETE", f"/users/{users[0]}", wrong=True)
    kept = s.http.headers.pop("Authorization")
    s.call("no token", "GET", "/users", wrong=True)
    s.http.headers["Authorization"] = kept


def _deletes(s: Session, users: list[str], team: str, schedule: str, policy: str) -> None:
    s.call("audit records of a schedule", "GET", f"/schedules/{schedule}/audit/records")
    s.call("team in use", "DELETE", f"/teams/{team}", wrong=True)
    for one in s.call("services left", "GET", "/services")["services"]:
        s.call("delete service", "DELETE", f"/services/{one['id']}")
    s.call("delete policy", "DELETE", f"/escalation_policies/{policy}")
    s.call("delete schedule", "DELETE", f"/schedules/{schedule}")
    s.call("delete user", "DELETE", f"/users/{users[2]}")
    s.call("delete team", "DELETE", f"/teams/{team}")
