"""How people can be reached: their contacts and notification rules, never numbers in clear.

Opsgenie API: user with `expand=contact`; notification rule. The list of a person's rules has no steps, so each
rule for new alerts is asked for: three requests a person, as a rule, and one more per rule beyond the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypeAlias

from oncall_sync.errors import NotFound, ProviderError
from oncall_sync.model import Contact, ContactWay, PersonalStep, Reach, UrgencyName, masked

from .wire import Body, Known, minutes

_WAYS: Final[Mapping[str, ContactWay]] = {"mobile": "push", "voice": "phone", "sms": "sms", "email": "email"}
GONE: Final = "deactivated: no user of the account any more"
_CANNOT: Final[Mapping[str, str]] = {
    "stakeholder": "a stakeholder gets no alerts",
    "observer": "an observer gets no alerts",
}
"""Built-in roles without the right "Receive Alert Notifications" (Opsgenie docs "User Roles")."""
_PAGES: Final = "create-alert"
"""The rules that tell of a new alert; the others tell what became of it, or when a shift begins."""
_NOT_FOR_THIS_KEY: Final = frozenset({402, 403})
_NEVER: Final = timedelta.max

Get: TypeAlias = Callable[[str, str], Body]


def ways(user: Mapping[str, Any]) -> frozenset[str]:
    """Return which of push, phone, sms and email a user has, and has not switched off."""
    return frozenset(contact.way for contact in _contacts(user) if contact.usable)


def asked(get: Get, key: str) -> Body:
    """Return what `reach_of` needs to know of a user: `user` and `rules`; None for what is not to be had.

    Raises ProviderError; a user who is gone is no error, nor is a key that may not read rules.
    """
    try:
        user = get(f"/v2/users/{key}?expand=contact", "read contacts")["data"]
    except NotFound:
        return {"user": None, "rules": None}
    if _cannot(user) is not None:
        return {"user": user, "rules": []}
    path = f"/v2/users/{key}/notification-rules"
    try:
        listed = get(path, "read notification rules")["data"]
        mine = [one for one in listed if one.get("actionType") == _PAGES and one.get("enabled")]
        mine.sort(key=lambda one: one.get("order") or 0)
        rules = [get(f"{path}/{one['id']}", "read a notification rule")["data"] for one in mine]
    except ProviderError as error:
        if error.status not in _NOT_FOR_THIS_KEY:
            raise
        rules = None
    return {"user": user, "rules": rules}


def reach_of(found: Mapping[str, Any], known: Known) -> Reach:
    """Return how a user is reached, from what `asked` returned; numbers and addresses masked.

    A number that was never confirmed is switched off, and its `disabledReason` says so.
    """
    user = found["user"]
    if user is None:
        return Reach(cannot=GONE)
    contacts = tuple(_contacts(user))
    if found["rules"] is None:
        return Reach(contacts=contacts, rules_read=False, cannot=_cannot(user))
    usable = {_key(one) for one in user.get("userContacts") or () if _enabled(one)}
    asked_for: tuple[tuple[UrgencyName, str], ...] = (("high", known.high_priority), ("low", known.low_priority))
    steps = (step for urgency, priority in asked_for for step in _worst(found["rules"], priority, urgency, usable))
    ordered = tuple(sorted(steps, key=lambda one: (one.urgency, one.after, one.way, one.shown)))
    return Reach(contacts=contacts, steps=ordered, cannot=_cannot(user))


def _contacts(user: Mapping[str, Any]) -> Iterator[Contact]:
    """Yield contacts. The names differ between answers: `contactMethod` and `enabled` in a user, else `method`."""
    for one in user.get("userContacts") or ():
        method, to = _key(one)
        way = _WAYS.get(method)
        if way is None:
            continue
        reason = str(one.get("disabledReason") or (one.get("status") or {}).get("disabledReason") or "").lower()
        unconfirmed = (not _enabled(one) and ("verif" in reason or "confirm" in reason)) or (
            way == "email" and user.get("verified") is False
        )
        yield Contact(
            way=way, shown=masked(way, to), usable=_enabled(one), verified=False if unconfirmed else None
        )


def _key(contact: Mapping[str, Any]) -> tuple[str, str]:
    return str(contact.get("contactMethod") or contact.get("method")), str(contact.get("to") or "")


def _enabled(contact: Mapping[str, Any]) -> bool:
    found = contact.get("enabled", (contact.get("status") or {}).get("enabled", True))
    return found is not False


def _cannot(user: Mapping[str, Any]) -> str | None:
    if user.get("blocked"):
        return "deactivated: blocked"
    return _CANNOT.get(str((user.get("role") or {}).get("name")).lower())


def _worst(
    rules: Iterable[Mapping[str, Any]], priority: str, urgency: UrgencyName, usable: set[tuple[str, str]]
) -> Sequence[PersonalStep]:
    """Return the steps of the first rule that fits an alert of this priority.

    Inferred: of several the first decides. Where it depends on more than the priority (hours, what the alert says)
    which one that is, the one with which a phone rings last: better to be wrong on that side.
    """
    possible: list[Sequence[PersonalStep]] = []
    for rule in rules:
        fits = _fits(rule.get("criteria") or {}, priority)
        if fits is False:
            continue
        possible.append(tuple(_steps(rule, urgency, usable)))
        if fits and not (rule.get("timeRestriction") or {}).get("type"):
            break
    else:
        possible.append(())
    return max(possible, key=lambda steps: (_soonest(one for one in steps if one.way != "email"), _soonest(steps)))


def _soonest(steps: Iterable[PersonalStep]) -> timedelta:
    return min((one.after for one in steps), default=_NEVER)


def _steps(rule: Mapping[str, Any], urgency: UrgencyName, usable: set[tuple[str, str]]) -> Iterator[PersonalStep]:
    for step in rule.get("steps") or ():
        method, to = _key(step.get("contact") or {})
        way = _WAYS.get(method)
        if way is None or step.get("enabled") is False or (method, to) not in usable:
            continue
        after = timedelta(minutes=minutes(step.get("sendAfter")))
        yield PersonalStep(way=way, after=after, urgency=urgency, shown=masked(way, to))


def _fits(criteria: Mapping[str, Any], priority: str) -> bool | None:
    """Return whether criteria fit an alert of which only the priority is known; None is: that depends."""
    kind = criteria.get("type") or "match-all"
    if kind == "match-all":
        return True
    found = [_holds(one, priority) for one in criteria.get("conditions") or ()]
    decides = kind == "match-any-condition"
    if decides in found:
        return decides
    return None if None in found else not decides


def _holds(condition: Mapping[str, Any], priority: str) -> bool | None:
    """Return whether a condition holds. Which side of a priority `greater-than` means is proven nowhere: None."""
    if condition.get("field") != "priority" or condition.get("operation") != "equals":
        return None
    same = str(condition.get("expectedValue")).upper() == priority
    return same is not bool(condition.get("not"))
