"""How people are reached, from a user of the list: contact methods, rules, roles; nothing in clear."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oncall_sync.model import masked
from oncall_sync_pagerduty.reach import reach_of

METHODS = [
    {"id": "P1", "type": "phone_contact_method", "address": "6501234567", "label": "6501234567", "enabled": True},
    {"id": "P2", "type": "sms_contact_method", "address": "6501234568", "enabled": False, "blacklisted": False},
    {"id": "P3", "type": "push_notification_contact_method", "address": "ab12cd", "blacklisted": True},
    {"id": "P4", "type": "email_contact_method", "address": "anna.private@home.example"},
    {"id": "P5", "type": "whatsapp_contact_method", "address": "6501234569", "country_code": 43},
    {"id": "P6", "type": "carrier_pigeon_contact_method", "address": "x"},
]


def rule(method: str, delay: int, urgency: str = "high") -> dict[str, Any]:
    named = {"id": method, "type": "contact_method_reference"}
    return {"contact_method": named, "start_delay_in_minutes": delay, "urgency": urgency}


def user(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "PU", "role": "user", "contact_methods": METHODS, "notification_rules": list(rules), **more}


def test_only_what_is_in_use_rings() -> None:
    found = reach_of(user(*[rule(f"P{n}", n) for n in range(1, 8)], rule("P1", 30, "low")))
    told = [(one.way, one.after / timedelta(minutes=1), one.urgency, one.shown) for one in found.steps]
    assert told == [
        ("phone", 1, "high", "••• ••67"),
        ("email", 4, "high", "a•••@h•••"),
        ("sms", 5, "high", "••• ••69"),
        ("phone", 30, "low", "••• ••67"),
    ]
    usable = [(one.way, one.usable) for one in found.contacts]
    assert usable == [("phone", True), ("sms", False), ("push", False), ("email", True), ("sms", True)]
    assert "650" not in repr(found)
    assert "private" not in repr(found)


@pytest.mark.parametrize("role", ["read_only_user", "read_only_limited_user"])
def test_a_stakeholder_is_not_paged(role: str) -> None:
    assert reach_of(user(role=role)).cannot == "a stakeholder cannot be paged"


@pytest.mark.parametrize("role", ["observer", "limited_user", "restricted_access", "owner"])
def test_other_roles_are(role: str) -> None:
    assert reach_of(user(role=role)).cannot is None


def test_an_open_invitation_leaves_the_email_unverified() -> None:
    found = reach_of(user(invitation_sent=True))
    assert {one.way: one.verified for one in found.contacts}["email"] is False


@pytest.mark.parametrize(
    ("way", "address", "shown"),
    [
        ("phone", "+43 664 1234567", "••• ••67"),
        ("sms", "112", "••• ••••"),
        ("phone", "\x1b[31m=cmd", "••• ••••"),
        ("phone", "٦٦٤١٢٣٤٥٦٧", "••• ••••"),
        ("email", "<script>@evil.example", "••••@e•••"),
        ("email", "", "••••@••••"),
        ("push", "a-token-of-a-device", "the app"),
    ],
)
def test_what_is_shown_of_an_address(way: Any, address: str, shown: str) -> None:
    assert masked(way, address) == shown
