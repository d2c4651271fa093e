"""Whatever is sent, the answer is a refusal in the vendor's words or a success, never a broken server."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .conftest import Client

STRANGE: tuple[Any, ...] = (None, 5, True, "", [], [None], {"id": []})


def variants(body: Any) -> Iterator[Any]:
    """The body with one part, at any depth, made strange."""
    if isinstance(body, dict | list):
        for key in body if isinstance(body, dict) else range(len(body)):
            for inner in variants(body[key]):
                changed = copy.copy(body)
                changed[key] = inner
                yield changed
    yield from STRANGE


Request = tuple[str, str, Any]


def people(pd: Client) -> dict[str, Request]:
    user = f"/users/{pd.users['anna']}"
    (method,) = pd.get(f"{user}/contact_methods")["contact_methods"]
    phone = {"type": "sms_contact_method", "label": "x", "address": "1", "country_code": 1}
    rule = {"start_delay_in_minutes": 5, "urgency": "low", "contact_method": {"id": method["id"]}}
    person = {"name": "A", "email": "anna@acme.example", "role": "user", "time_zone": "Etc/UTC"}
    return {
        "user": ("PUT", user, {"user": person}),
        "contact": ("POST", f"{user}/contact_methods", {"contact_method": phone}),
        "rule": ("POST", f"{user}/notification_rules", {"notification_rule": rule}),
        "team": ("POST", "/teams", {"team": {"name": "T", "description": "d", "parent": None}}),
        "member": ("PUT", f"/teams/{pd.team()['id']}{user}", {"role": "manager"}),
        "tags": ("POST", f"{user}/change_tags", {"add": [{"type": "tag", "label": "x"}], "remove": []}),
    }


def paging(pd: Client) -> dict[str, Request]:
    schedule, policy = pd.schedule(), pd.policy()
    week = {"type": "weekly_restriction", "start_time_of_day": "09:00:00", "start_day_of_week": 1}
    office = week | {"duration_seconds": 60}
    layer = pd.layer("anna", restrictions=[office], id=schedule["schedule_layers"][0]["id"])
    override = {"start": "2026-12-01T00:00:00Z", "end": "2026-12-02T00:00:00Z", "user": pd.target("anna")}
    rule = pd.rule("anna") | {"escalation_rule_assignment_strategy": {"type": "round_robin"}}
    page = {"name": "P", "teams": [], "num_loops": 1, "escalation_rules": [rule]}
    rota = {"name": "S", "time_zone": "Etc/UTC", "teams": [], "schedule_layers": [layer]}
    incident = {"title": "x", "service": {"id": pd.service(policy["id"])["id"]}, "urgency": "low"}
    incident |= {"assignments": [{"assignee": pd.target("ben")}]}
    return {
        "schedule": ("PUT", f"/schedules/{schedule['id']}", {"schedule": rota}),
        "preview": ("POST", "/schedules/preview", {"schedule": rota}),
        "overrides": ("POST", f"/schedules/{schedule['id']}/overrides", {"overrides": [override]}),
        "policy": ("PUT", f"/escalation_policies/{policy['id']}", {"escalation_policy": page}),
        "incident": ("POST", "/incidents", {"incident": incident}),
        "incidents": ("PUT", "/incidents", {"incidents": [{"id": "PX", "status": "resolved"}]}),
    }


def monitoring(pd: Client) -> dict[str, Request]:
    policy = pd.policy()["id"]
    path = f"/services/{pd.service(policy)['id']}"
    high, moment = {"type": "constant", "urgency": "high"}, {"type": "named_time", "name": "support_hours_end"}
    shop = {
        "name": "S",
        "escalation_policy": {"id": policy, "type": "escalation_policy_reference"},
        "incident_urgency_rule": {
            "type": "use_support_hours",
            "during_support_hours": high,
            "outside_support_hours": high,
        },
        "support_hours": {
            "time_zone": "Etc/UTC",
            "start_time": "09:00:00",
            "end_time": "17:00:00",
            "days_of_week": [1],
        },
        "scheduled_actions": [{"type": "urgency_change", "at": moment, "to_urgency": "high"}],
        "auto_pause_notifications_parameters": {"enabled": True, "timeout": 120},
        "auto_resolve_timeout": 5,
    }
    email = {
        "type": "generic_email_inbound_integration",
        "name": "E",
        "integration_email": "e@acme.pagerduty.com",
        "email_filters": [{"subject_mode": "always"}],
        "email_parsers": [{"action": "trigger", "value_extractors": [{"value_name": "incident_key"}]}],
    }
    grouping = {"type": "time", "config": {"timeout": 60}, "services": [{"id": path.rpartition("/")[2]}]}
    return {
        "service": ("PUT", path, {"service": shop}),
        "integration": ("POST", f"{path}/integrations", {"integration": email}),
        "grouping": ("POST", "/alert_grouping_settings", {"alert_grouping_setting": grouping}),
    }


NAMES = {
    people: ("user", "contact", "rule", "team", "member", "tags"),
    paging: ("schedule", "preview", "overrides", "policy", "incident", "incidents"),
    monitoring: ("service", "integration", "grouping"),
}


@pytest.mark.matrix
@pytest.mark.parametrize(("make", "name"), [(make, name) for make, names in NAMES.items() for name in names])
def test_strange_bodies(pd: Client, make: Callable[[Client], dict[str, Request]], name: str) -> None:
    method, path, body = make(pd)[name]
    headers = {"From": "anna@acme.example"}
    broken: list[tuple[Any, str]] = []
    reads = ("/users", "/teams", "/schedules?include[]=final_schedule&since=2026-12-01", "/services", "/incidents")
    for variant in variants(body):
        answer = pd.session.request(method, pd.url + path, json=variant, headers=headers, timeout=60)
        if answer.status_code >= 500:
            broken.append((variant, answer.text))
    again = (*reads, "/escalation_policies", "/oncalls", "/alert_grouping_settings", "/audit/records")
    broken += [(read, "cannot be read") for read in again if not pd.session.get(pd.url + read, timeout=60).ok]
    assert broken == []
