"""People, teams and what a team does with its own alerts: from answers, and into requests.

Source: Opsgenie's API description (User, Team, TeamRoutingRule, Filter).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from oncall_sync.model import ALWAYS, Member, Ref, Route, Team, User

from .convert_schedule import hours_of, recipient, recipient_ref, restriction
from .wire import KIND, Body, id_of, remote, text_of

DEFAULT_ROLE: Final = "user"
"""What the API makes of a member without a role (its documented default)."""

MAKING: Final = "Being made by oncall-sync: what Opsgenie made along with it is yet to go."
"""How the description of a team begins until that is gone: whoever finds it, finishes."""
CAME_WITH: Final = (("escalation", "/v2/escalations", "_escalation"), ("schedule", "/v2/schedules", "_schedule"))
"""What is made with a team, and what its name ends with; the escalation first, as it calls the schedule."""

_ANY: Final = "match-all"
_EITHER: Final = "match-any-condition"
_ALL: Final = "match-all-conditions"


def user_from(body: Mapping[str, Any]) -> User:
    """Return a person; the user name is the mail address."""
    name = str(body.get("username") or "")
    return User(
        ref=Ref("user", body["id"], remote=True),
        name=str(body.get("fullName") or name),
        description=None,
        team=None,
        email=name,
    )


def team_from(body: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> Team:
    """Return a team with its members, and with what its routing rules make of its alerts.

    What came with a team that was never finished shows in settings that no policy can have (`leftovers`), so that
    the next plan takes it away; alerts that go there go nowhere as far as the model is concerned.
    """
    found = []
    for one in body.get("members") or ():
        user = remote("user", one.get("user"))
        if user is not None:
            found.append(Member(user, str(one.get("role") or DEFAULT_ROLE)))
    notify = (default_rule(rules) or {}).get("notify") or {}
    unfinished = is_being_made(body)
    name = str(body.get("name") or "")
    left = [f"{name}{suffix}" for _, _, suffix in CAME_WITH] if unfinished else []
    return Team(
        ref=Ref("team", body["id"], remote=True),
        name=name,
        description=text_of(str(body.get("description") or "").removeprefix(MAKING).lstrip("\n")),
        team=None,
        members=tuple(found),
        pages=None if notify.get("name") in left else recipient_ref(notify),
        routes=tuple(route_from(rule) for rule in own_rules(rules)),
        settings={KIND: {"leftovers": left}} if left else {},
    )


def is_being_made(body: Mapping[str, Any]) -> bool:
    """Return whether a run was cut off that made this team."""
    return str(body.get("description") or "").startswith(MAKING)


def default_rule(rules: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the rule that takes what no other one takes; it is always there, and always last."""
    return next((rule for rule in rules if rule.get("isDefault")), None)


def own_rules(rules: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the other rules in the order in which they are looked at."""
    return sorted((rule for rule in rules if not rule.get("isDefault")), key=lambda rule: rule.get("order") or 0)


def route_from(rule: Mapping[str, Any]) -> Route:
    """Return a routing rule; criteria beyond priorities are kept as their own text."""
    hours = hours_of(rule.get("timeRestriction"))
    criteria = rule.get("criteria") or {}
    priorities = _priorities(criteria)
    return Route(
        name=str(rule.get("name") or ""),
        to=recipient_ref(rule.get("notify") or {}),
        priorities=priorities or (),
        hours=hours,
        time_zone=None if hours == ALWAYS else rule.get("timezone") or None,
        other=_text(criteria) if priorities is None else None,
    )


def rule_body(route: Route, ids: Mapping[Ref, str]) -> Body:
    """Return a route as a routing rule, without its place."""
    body: Body = {"name": route.name, "criteria": _criteria(route), "notify": recipient(route.to, ids)}
    windows = restriction(route.hours)
    if windows is not None:
        body["timeRestriction"] = windows
        if route.time_zone is not None:
            body["timezone"] = route.time_zone
    return body


def member_body(member: Member, ids: Mapping[Ref, str]) -> Body:
    """Return a member as bodies carry it."""
    return {"user": {"id": id_of(member.user, ids)}, "role": role_of(member)}


def role_of(member: Member) -> str:
    """Return the role of a member, by default the API's own."""
    return member.role if isinstance(member.role, str) else DEFAULT_ROLE


def _priorities(criteria: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the priorities that criteria ask for, () for no criteria at all, None if they are of another sort."""
    conditions = criteria.get("conditions") or ()
    kind = criteria.get("type") or _ANY
    if kind == _ANY or not conditions:
        return ()
    if kind == _ALL and len(conditions) > 1:
        return None
    if all(_is_priority(condition) for condition in conditions):
        return tuple(sorted({str(condition["expectedValue"]) for condition in conditions}))
    return None


def _is_priority(condition: Mapping[str, Any]) -> bool:
    asked = (condition.get("field"), condition.get("operation"))
    return asked == ("priority", "equals") and not condition.get("not") and "expectedValue" in condition


def _criteria(route: Route) -> Body:
    if route.other is not None:
        return dict(json.loads(route.other))
    if not route.priorities:
        return {"type": _ANY}
    same = {"field": "priority", "operation": "equals", "not": False}
    return {
        "type": _EITHER,
        "conditions": [{**same, "expectedValue": one} for one in sorted(set(route.priorities))],
    }


def _text(criteria: Mapping[str, Any]) -> str:
    """Return criteria as text that is the same however their conditions are listed."""
    conditions = [{key: one for key, one in each.items() if key != "order"} for each in criteria["conditions"]]
    whole = {**criteria, "conditions": sorted(conditions, key=lambda one: json.dumps(one, sort_keys=True))}
    return json.dumps(whole, sort_keys=True, ensure_ascii=False)
