"""The recorded PagerDuty payloads as exchanges: which call each body answered, whatever form it was kept in."""

import functools
import json
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from tests.conformance.openapi import SHARED

RECORDED = SHARED / "recorded" / "pagerduty"

LEFT_OUT = {
    "errors/invalid_key_404_html.exchange.json": "an HTML page, not JSON",
    "schedules/v1_priority_2013.json": "the retired v1 API",
}

# where the folder does not say which call a body answered
CALLS: dict[str, tuple[str, str, int]] = {
    "audit/openapi_records.json": ("GET", "/audit/records", 200),
    "audit/openapi_schedule_records.json": ("GET", "/schedules/PX/audit/records", 200),
    "errors/delete_schedule_in_use_400.json": ("DELETE", "/schedules/PX", 400),
    "errors/delete_user_with_schedule_400.json": ("DELETE", "/users/PX", 400),
    "errors/docs_429.exchange.json": ("GET", "/users", 429),
    "errors/docs_error_samples.json": ("POST", "/users", 400),
    "errors/escalation_policy_unknown_target_404.json": ("POST", "/escalation_policies", 404),
    "errors/schedule_weekly_restriction_too_long_400.json": ("POST", "/schedules", 400),
    "schedules_v3/openapi_get.json": ("GET", "/v3/schedules/PX", 200),
    "schedules_v3/openapi_list.json": ("GET", "/v3/schedules", 200),
    "schedules_v3/openapi_overrides.json": ("GET", "/v3/schedules/PX/overrides", 200),
    "schedules_v3/openapi_rotations.json": ("GET", "/v3/schedules/PX/rotations", 200),
    "services/pypd_integration.json": ("POST", "/services/PX/integrations", 201),
    "teams/firehydrant_2024_members.json": ("GET", "/teams/PX/members", 200),
    "teams/firehydrant_2024_members_empty.json": ("GET", "/teams/PX/members", 200),
    "users/PFNNZP8_contact_methods.json": ("GET", "/users/PX/contact_methods", 200),
    "users/PT6BV4C_contact_methods.json": ("GET", "/users/PX/contact_methods", 200),
}
SINGULAR = {
    "escalation_policies": "escalation_policy",
    "incidents": "incident",
    "integrations": "integration",
    "oncalls": "oncall",
    "schedules": "schedule",
    "services": "service",
    "teams": "team",
    "users": "user",
}


class Recorded(NamedTuple):
    """One call and what it answered; `file` is the recording's path below the recorded folder."""

    file: str
    method: str
    path: str
    query: list[tuple[str, str]]
    sent: Any
    status: int
    body: Any


@functools.cache
def recorded() -> list[Recorded]:
    """Every recorded exchange, in order of files; empty where the recordings are absent."""
    files = sorted(RECORDED.rglob("*.json"))
    return [exchange for file in files if _name(file) not in LEFT_OUT for exchange in _exchanges(file)]


def _name(file: Path) -> str:
    return file.relative_to(RECORDED).as_posix()


def _exchanges(file: Path) -> list[Recorded]:
    name, content = _name(file), json.loads(file.read_text(encoding="utf-8"))
    if not name.endswith(".exchange.json"):
        return _bodies(name, content)
    return [_exchange(name, kept) for kept in (content if isinstance(content, list) else [content])]


def _exchange(name: str, kept: dict[str, Any]) -> Recorded:
    answer = kept["response"]
    method, path, _ = CALLS.get(name, ("", "", 0))
    request = kept.get("request", {"method": method, "url": path})
    url = urlsplit(request["url"])
    query = parse_qsl(url.query) + _query(request.get("query"))
    sent, body = request.get("body") or None, answer.get("body") or None
    return Recorded(name, request["method"], url.path, query, sent, answer["status"], body)


def _query(kept: Any) -> list[tuple[str, str]]:
    if not kept:
        return []
    many = [(key, value if isinstance(value, list) else [value]) for key, value in kept.items()]
    return [(key, str(value)) for key, values in many for value in values]


def _bodies(name: str, content: Any) -> list[Recorded]:
    """Bodies alone: whole answers, arrays of whole answers, or arrays of objects out of a list's answer."""
    plural = name.split("/", maxsplit=1)[0]
    several = content if isinstance(content, list) else [content]
    if name in CALLS:
        method, path, status = CALLS[name]
        bare = "integrations" in path
        return [Recorded(name, method, path, [], None, status, {"integration": b} if bare else b) for b in several]
    if all(SINGULAR[plural] in body and plural != "oncalls" for body in several):
        return [Recorded(name, "GET", f"/{plural}/PX", [], None, 200, body) for body in several]
    if isinstance(content, dict) and plural in content:
        return [Recorded(name, "GET", f"/{plural}", [], None, 200, content)]
    return [Recorded(name, "GET", f"/{plural}", [], None, 200, {plural: several})]
