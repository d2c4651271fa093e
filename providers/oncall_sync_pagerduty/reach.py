"""How people can be reached: their contact methods and notification rules, never numbers in clear.

PagerDuty API: users with `include[]=contact_methods` and `include[]=notification_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from oncall_sync.model import Contact, ContactWay, PersonalStep, Reach, UrgencyName, masked

_WAYS: Final[Mapping[str, ContactWay]] = {
    "push_notification_contact_method": "push",
    "phone_contact_method": "phone",
    "sms_contact_method": "sms",
    "email_contact_method": "email",
}
PARAMS: Final = {"include[]": ["contact_methods", "notification_rules"]}
_STAKEHOLDERS: Final = frozenset({"read_only_user", "read_only_limited_user"})
"""Roles that can be added to no schedule and no escalation policy (PagerDuty docs "User Roles": Stakeholder).

Observers and limited users can be, and are paged.
"""
GONE: Final = "deactivated: no user of the account any more"


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


def reach_of(user: Mapping[str, Any]) -> Reach:
    """Return how a user of the list is reached, with `PARAMS` included; numbers and addresses masked.

    PagerDuty tells whether a contact is in use (`enabled`, `blacklisted`), not whether a number was confirmed; of
    an email it tells that whoever was invited by it never answered (`invitation_sent`).
    """
    methods = {one.get("id"): one for one in user.get("contact_methods") or ()}
    contacts = (_contact(way, one, user) for one in methods.values() if (way := _way(one)) is not None)
    steps = tuple(_steps(user.get("notification_rules") or (), methods))
    stakeholder = str(user.get("role")) in _STAKEHOLDERS
    return Reach(
        contacts=tuple(contacts),
        steps=tuple(sorted(steps, key=lambda one: (one.urgency, one.after, one.way, one.shown))),
        cannot="a stakeholder cannot be paged" if stakeholder else None,
    )


def _contact(way: ContactWay, method: Mapping[str, Any], user: Mapping[str, Any]) -> Contact:
    verified = False if way == "email" and user.get("invitation_sent") is True else None
    return Contact(way=way, shown=_shown(way, method), usable=_usable(method), verified=verified)


def _steps(rules: Iterable[Mapping[str, Any]], methods: Mapping[Any, Mapping[str, Any]]) -> Iterator[PersonalStep]:
    for rule in rules:
        method = methods.get((rule.get("contact_method") or {}).get("id"))
        way = None if method is None else _way(method)
        if method is None or way is None or not _usable(method):
            continue
        after = timedelta(minutes=int(rule.get("start_delay_in_minutes") or 0))
        urgency: UrgencyName = "low" if rule.get("urgency") == "low" else "high"
        yield PersonalStep(way=way, after=after, urgency=urgency, shown=_shown(way, method))


def _way(method: Mapping[str, Any]) -> ContactWay | None:
    """Return the way of a contact method. WhatsApp writes to a phone as a text message does."""
    kind = str(method.get("type")).removesuffix("_reference")
    return "sms" if kind == "whatsapp_contact_method" else _WAYS.get(kind)


def _usable(method: Mapping[str, Any]) -> bool:
    return not method.get("blacklisted") and method.get("enabled", True) is not False


def _shown(way: ContactWay, method: Mapping[str, Any]) -> str:
    return masked(way, str(method.get("address") or ""))
