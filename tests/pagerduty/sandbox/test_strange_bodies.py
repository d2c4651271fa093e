"""Whatever is sent, the answer is a refusal in the vendor's words or a success, never a broken server."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import Client

STRANGE: tuple[Any, ...] = (
    None,
    5,
    -1,
    1.5,
    True,
    "",
    "x",
    [],
    [None],
    [5],
    {},
    {"id": 5},
    {"id": None, "type": 7},
    [{}],
)


def variants(body: Any) -> Iterator[Any]:
    """The body with one part, at any depth, made strange."""
    if isinstance(body, dict | list):
        for key in body if isinstance(body, dict) else range(len(body)):
            for inner in variants(body[key]):
                changed = copy.copy(body)
                changed[key] = inner
                yield changed
    yield from STRANGE


def bodies(pd: Client) -> dict[str, tuple[str, str, Any]]:
    schedule, policy = pd.schedule(), pd.policy()
    service = pd.service(policy["id"])
    day = {
        "type": "weekly_restriction",
        "start_time_of_day": "09:00:00",
        "duration_seconds": 60,
        "start_day_of_week": 1,
    }
    high = {"type": "constant", "urgency": "high"}
    hours = {"time_zone": "Etc/UTC", "start_time": "09:00:00", "end_time": "17:00:00", "days_of_week": [1]}
    action = {
        "type": "urgency_change",
        "at": {"type": "named_time", "name": "support_hours_end"},
        "to_urgency": "high",
    }
    by_hours = {"type": "use_support_hours", "during_support_hours": high, "outside_support_hours": high}
    reference = {"id": policy["id"], "type": "escalation_policy_reference"}
    email = {
        "type": "generic_email_inbound_integration",
        "name": "E",
        "integration_email": "e@acme.pagerduty.com",
        "email_filters": [{"subject_mode": "always"}],
        "email_parsers": [{"action": "trigger", "value_extractors": [{"value_name": "incident_key"}]}],
    }
    rule = pd.rule("anna") | {"escalation_rule_assignment_strategy": {"type": "round_robin"}}
    layer = pd.layer("anna", restrictions=[day], id=schedule["schedule_layers"][0]["id"])
    method = pd.get(f"/users/{pd.users['anna']}/contact_methods")["contact_methods"][0]
    override = {"start": "2026-12-01T00:00:00Z", "end": "2026-12-02T00:00:00Z", "user": pd.target("anna")}
    grouping = {"type": "time", "config": {"timeout": 60}, "services": [{"id": service["id"]}]}
    pause = {"enabled": True, "timeout": 120}
    user = f"/users/{pd.users['anna']}"
    shop = {"name": "S", "escalation_policy": reference, "incident_urgency_rule": by_hours, "support_hours": hours}
    shop |= {
        "scheduled_actions": [action],
        "auto_pause_notifications_parameters": pause,
        "auto_resolve_timeout": 5,
    }
    phone = {"type": "sms_contact_method", "label": "x", "address": "1", "country_code": 1}
    again = {"start_delay_in_minutes": 5, "urgency": "low", "contact_method": {"id": method["id"]}}
    page = {"name": "P", "teams": [], "num_loops": 1, "escalation_rules": [rule]}
    rota = {"name": "S", "time_zone": "Etc/UTC", "teams": [], "schedule_layers": [layer]}
    incident = {"title": "x", "service": {"id": service["id"]}, "urgency": "low"}
    incident |= {"assignments": [{"assignee": pd.target("ben")}]}
    return {
        "user": (
            "PUT",
            user,
            {"user": {"name": "A", "email": "anna@acme.example", "role": "user", "time_zone": "Etc/UTC"}},
        ),
        "contact": ("POST", f"{user}/contact_methods", {"contact_method": phone}),
        "rule": ("POST", f"{user}/notification_rules", {"notification_rule": again}),
        "team": ("POST", "/teams", {"team": {"name": "T", "description": "d", "parent": None}}),
        "member": ("PUT", f"/teams/{pd.team()['id']}{user}", {"role": "manager"}),
        "schedule": ("PUT", f"/schedules/{schedule['id']}", {"schedule": rota}),
        "preview": ("POST", "/schedules/preview", {"schedule": rota}),
        "overrides": ("POST", f"/schedules/{schedule['id']}/overrides", {"overrides": [override]}),
        "policy": ("PUT", f"/escalation_policies/{policy['id']}", {"escalation_policy": page}),
        "service": ("PUT", f"/services/{service['id']}", {"service": shop}),
        "integration": ("POST", f"/services/{service['id']}/integrations", {"integration": email}),
        "incident": ("POST", "/incidents", {"incident": incident}),
        "incidents": ("PUT", "/incidents", {"incidents": [{"id": "PX", "status": "resolved"}]}),
        "tags": ("POST", f"{user}/change_tags", {"add": [{"type": "tag", "label": "x"}], "remove": []}),
        "grouping": ("POST", "/alert_grouping_settings", {"alert_grouping_setting": grouping}),
    }


NAMES = (
    "user", "contact", "rule", "team", "member", "schedule", "preview", "overrides", "policy", "service", "integration",
    "incident", "incidents", "tags", "grouping",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_strange_bodies(pd: Client, name: str) -> None:
    method, path, body = bodies(pd)[name]
    headers = {"From": "anna@acme.example"}
    broken, reads = (
        [],
        ("/users", "/teams", "/schedules?include[]=final_schedule&since=2026-12-01", "/services", "/incidents"),
    )
    for variant in variants(body):
        answer = pd.session.request(method, pd.url + path, json=variant, headers=headers, timeout=10)
        if answer.status_code >= 500:
            broken.append((variant, answer.text))
    again = (*reads, "/escalation_policies", "/oncalls", "/alert_grouping_settings", "/audit/records")
    broken += [(read, "cannot be read") for read in again if not pd.session.get(pd.url + read, timeout=10).ok]
    assert broken == []
