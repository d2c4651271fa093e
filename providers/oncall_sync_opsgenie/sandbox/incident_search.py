"""The query of a list of incidents: `status: open AND priority: P1`. Source: Opsgenie docs: search for incidents.

Terms are joined by AND, groups of them by OR; a term without a field looks into the message. What else the
search language has, parentheses, NOT and comparisons, is refused.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .refusals import unprocessable

_TERM: Final = re.compile(r'(?:(?P<field>[A-Za-z]+)\s*:\s*)?(?P<value>"[^"]*"|[^\s()<>]+)')
_READ: Final[dict[str, Callable[[Thing], Any]]] = {
    "status": lambda one: [one["status"]],
    "priority": lambda one: [one["priority"]],
    "tag": lambda one: one["tags"],
    "tinyid": lambda one: [one["tinyId"]],
    "id": lambda one: [one["id"]],
    "ownerteam": lambda one: [one["ownerTeam"] or ""],
    "impactedservices": lambda one: one["impactedServices"],
}
"""Fields that are compared whole; `message` and `description` are searched in."""
_SEARCHED: Final = ("message", "description")

Test = Callable[[Thing], bool]


def matches(query: str) -> Test:
    """What tells whether an incident is asked for, by an empty query every one; 422 if it is not understood."""
    groups = [_terms(part) for part in re.split(r"\bOR\b", query)] if query.strip() else [[]]
    return lambda one: any(all(test(one) for test in group) for group in groups)


def _terms(text: str) -> list[Test]:
    found: list[Test] = []
    for part in re.split(r"\bAND\b|&&", text):
        rest = part.strip()
        if not rest:
            raise unprocessable(f"Query is not valid: {text.strip()}")
        while rest:
            match = _TERM.match(rest)
            if match is None or rest.upper().startswith("NOT "):
                raise unprocessable(f"Query is not valid: {text.strip()}")
            found.append(_test((match["field"] or _SEARCHED[0]).lower(), match["value"].strip('"').lower()))
            rest = rest[match.end() :].lstrip()
    return found


def _test(field: str, value: str) -> Test:
    if field in _SEARCHED:
        return lambda one: value in str(one[field]).lower()
    if field not in _READ:
        raise unprocessable(f"Query is not valid: {field} is not a field.")
    read = _READ[field]
    return lambda one: value in [str(each).lower() for each in read(one)]
