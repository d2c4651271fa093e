"""How people are reached: which of their own rules decides, and what of it rings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oncall_sync.errors import NotFound, Rejected
from oncall_sync_opsgenie.reach import GONE, asked, reach_of
from oncall_sync_opsgenie.wire import Known

VOICE = {"contactMethod": "voice", "to": "1-6501234567", "enabled": True}
EMAIL = {"contactMethod": "email", "to": "anna@example.com", "enabled": True}
APP = {"contactMethod": "mobile", "to": "device", "enabled": True}
OFF = {"contactMethod": "sms", "to": "1-6501234568", "enabled": False, "disabledReason": "Contact is not verified"}
USER = {"id": "u", "verified": True, "role": {"name": "User"}, "userContacts": [VOICE, EMAIL, APP, OFF]}
KNOWN = Known()
P1 = {"field": "priority", "operation": "equals", "expectedValue": "P1"}


def rule(*steps: tuple[dict[str, Any], int], criteria: Any = None, **more: Any) -> dict[str, Any]:
    named = [
        {
            "contact": {"method": contact["contactMethod"], "to": contact["to"]},
            "sendAfter": {"timeAmount": after, "timeUnit": "minutes"},
            "enabled": True,
        }
        for contact, after in steps
    ]
    return {"criteria": criteria or {"type": "match-all"}, "steps": named, **more}


def firsts(*rules: dict[str, Any]) -> dict[str, tuple[str, int]]:
    """Return the first step for each urgency."""
    found = reach_of({"user": USER, "rules": list(rules)}, KNOWN)
    out: dict[str, tuple[str, int]] = {}
    for one in found.steps:
        out.setdefault(one.urgency, (one.way, int(one.after / timedelta(minutes=1))))
    return out


def on(*conditions: dict[str, Any], kind: str = "match-all-conditions") -> dict[str, Any]:
    return {"type": kind, "conditions": list(conditions)}


def test_the_first_rule_that_fits_decides() -> None:
    both = firsts(rule((VOICE, 3)), rule((APP, 0)))
    assert both == {"high": ("phone", 3), "low": ("phone", 3)}


@pytest.mark.parametrize(
    "criteria",
    [on(P1), on(P1, kind="match-any-condition"), on({**P1, "expectedValue": "P4", "not": True}, P1)],
)
def test_priorities_are_told_apart(criteria: dict[str, Any]) -> None:
    found = firsts(rule((APP, 0), criteria=criteria), rule((EMAIL, 0)))
    assert found == {"high": ("push", 0), "low": ("email", 0)}


@pytest.mark.parametrize(
    "may",
    [
        {"criteria": on({"field": "message", "operation": "contains", "expectedValue": "disk"})},
        {"criteria": on({**P1, "operation": "greater-than", "expectedValue": "P3"})},
        {"timeRestriction": {"type": "time-of-day", "restriction": {}}},
    ],
)
def test_where_it_depends_the_slower_one_is_told(may: dict[str, Any]) -> None:
    assert firsts(rule((APP, 0), **may), rule((VOICE, 10)))["high"] == ("phone", 10)
    assert firsts(rule((VOICE, 10), **may), rule((APP, 0)))["high"] == ("phone", 10)
    assert firsts(rule((EMAIL, 0), **may), rule((APP, 0)))["high"] == ("email", 0)
    assert firsts(rule((APP, 0), **may)) == {}


def test_what_is_switched_off_or_was_never_confirmed_does_not_ring() -> None:
    silent = rule((VOICE, 5))
    silent["steps"][0]["enabled"] = False
    assert firsts(rule((OFF, 0))) == firsts(silent) == {}
    found = reach_of({"user": USER, "rules": []}, KNOWN)
    assert [(one.way, one.usable, one.verified) for one in found.contacts] == [
        ("phone", True, None),
        ("email", True, None),
        ("push", True, None),
        ("sms", False, False),
    ]
    assert "650" not in repr(found)
    assert "anna@" not in repr(found)


@pytest.mark.parametrize(
    ("more", "cannot"),
    [
        ({"blocked": True}, "deactivated: blocked"),
        ({"role": {"name": "Stakeholder"}}, "a stakeholder gets no alerts"),
        ({"role": {"name": "Observer"}}, "an observer gets no alerts"),
        ({"role": {"name": "Admin"}}, None),
    ],
)
def test_who_is_never_paged(more: dict[str, Any], cannot: str | None) -> None:
    assert reach_of({"user": USER | more, "rules": []}, KNOWN).cannot == cannot


def test_what_is_asked_of_the_api_and_what_it_refuses() -> None:
    listed = [
        {"id": "r2", "actionType": "create-alert", "enabled": True, "order": 1},
        {"id": "r1", "actionType": "create-alert", "enabled": True, "order": 0},
        {"id": "r3", "actionType": "create-alert", "enabled": False, "order": 2},
        {"id": "r4", "actionType": "closed-alert", "enabled": True, "order": 0},
    ]
    paths: list[str] = []

    def get(path: str, _: str) -> dict[str, Any]:
        paths.append(path)
        return {"data": USER if "expand" in path else listed if path.endswith("rules") else rule((VOICE, 1))}

    asked(get, "u")
    assert [path.rpartition("/")[2] for path in paths] == ["u?expand=contact", "notification-rules", "r1", "r2"]

    def forbidden(path: str, doing: str) -> dict[str, Any]:
        if "notification-rules" in path:
            raise Rejected("og", "no", status=403)
        return get(path, doing)

    found = reach_of(asked(forbidden, "u"), KNOWN)
    assert (found.rules_read, found.steps, len(found.contacts)) == (False, (), 4)

    def gone(_: str, __: str) -> dict[str, Any]:
        raise NotFound("og", "gone", status=404)

    assert reach_of(asked(gone, "u"), KNOWN).cannot == GONE
