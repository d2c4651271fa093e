"""How people can be reached: their contact methods that are switched on, never numbers.

Opsgenie API: user with `expand=contact`. Each person's own notification rules decide which of them rings for which
alert, and how soon; a read of those costs a request per rule, so they are not asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_WAYS: Final[Mapping[str, str]] = {"mobile": "push", "voice": "phone", "sms": "sms", "email": "email"}


def ways(user: Mapping[str, Any]) -> frozenset[str]:
    """Return which of push, phone, sms and email a user has, and has not switched off.

    The names differ between answers: `contactMethod` and `enabled` in a user, `method` and `status` in a contact.
    """
    found: set[str] = set()
    for contact in user.get("userContacts") or ():
        way = _WAYS.get(str(contact.get("contactMethod") or contact.get("method")))
        enabled = contact.get("enabled", (contact.get("status") or {}).get("enabled", True))
        if way is not None and enabled:
            found.add(way)
    return frozenset(found)
