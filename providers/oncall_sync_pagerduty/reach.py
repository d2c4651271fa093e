"""How people can be reached: the ways that a high-urgency notification rule would use, never numbers.

PagerDuty API: users with `include[]=contact_methods` and `include[]=notification_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_WAYS: Final = {
    "push_notification_contact_method": "push",
    "phone_contact_method": "phone",
    "sms_contact_method": "sms",
    "email_contact_method": "email",
}
PARAMS: Final = {"include[]": ["contact_methods", "notification_rules"]}


def ways(user: Mapping[str, Any]) -> frozenset[str]:
    """Return which of push, phone, sms and email ring a user when an incident is of high urgency.

    A contact method that no such rule uses, or that PagerDuty has stopped using (`blacklisted`, not `enabled`),
    rings nobody.
    """
    methods = {method.get("id"): method for method in user.get("contact_methods") or ()}
    found: set[str] = set()
    for rule in user.get("notification_rules") or ():
        named = rule.get("contact_method") or {}
        method = methods.get(named.get("id"), named)
        usable = not method.get("blacklisted") and method.get("enabled", True)
        if rule.get("urgency", "high") == "high" and usable:
            found.add(_WAYS.get(str(method.get("type")).removesuffix("_reference"), ""))
    return frozenset(found - {""})
