"""The filters and time restrictions that rules of several kinds share.

Source: Opsgenie API description: Filter, Condition, TimeRestrictionInterval; which operation goes with which field
is what the vendor's go-sdk insists on.
"""

import functools
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import available_timezones

from .refusals import Faults, unprocessable

TYPES: Final = ("match-all", "match-any-condition", "match-all-conditions")
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_WINDOWS: Final = 15
TIME_OF_DAY: Final = "time-of-day"
WEEKDAY: Final = "weekday-and-time-of-day"
_LISTS: Final = ("contains", "is-empty", "matches")
_TEXTS: Final = (*_LISTS, "equals", "starts-with", "ends-with", "equals-ignore-whitespace")
_ALL: Final = (*_TEXTS, "contains-key", "contains-value", "greater-than", "less-than")
OPERATIONS: Final = {
    **dict.fromkeys(("actions", "tags", "recipients"), _LISTS),
    **dict.fromkeys(("message", "alias", "description", "source", "entity", "teams"), _TEXTS),
    "details": ("contains", "is-empty", "contains-key", "contains-value"),
    "priority": ("equals", "greater-than", "less-than"),
    **dict.fromkeys(("extra-properties", "responders"), _ALL),
}
_PRIORITIES: Final = ("P1", "P2", "P3", "P4", "P5")
_LAST_HOUR: Final = 23
_TIMES: Final = (("startHour", 23), ("startMin", 59), ("endHour", 23), ("endMin", 59))


def known_zone(name: Any) -> bool:
    """Whether it is an IANA time zone."""
    return isinstance(name, str) and name in _zones()


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def criteria_from(body: Any) -> dict[str, Any]:
    """A filter as it is kept; 422 says what is wrong with it. `match-all` has no conditions."""
    if not isinstance(body, Mapping) or body.get("type") not in TYPES:
        raise unprocessable(f"Criteria type should be one of [{', '.join(TYPES)}].")
    conditions = body.get("conditions") or []
    if not isinstance(conditions, list) or bool(conditions) != (body["type"] != "match-all"):
        raise unprocessable(f"Conditions are not valid for the criteria type [{body['type']}].")
    if not conditions:
        return {"type": "match-all"}
    return {"type": body["type"], "conditions": [_condition(one) for one in conditions]}


def _condition(body: Any) -> dict[str, Any]:
    fields: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    faults = Faults()
    faults.choice(fields, "field", tuple(OPERATIONS))
    faults.choice(fields, "operation", OPERATIONS.get(str(fields.get("field")), _ALL))
    faults.flag(fields, "not")
    faults.whole(fields, "order", 0)
    faults.text(fields, "expectedValue", 15_000)
    faults.text(fields, "key", 512, required=fields.get("field") == "extra-properties")
    if fields.get("field") == "priority" and fields.get("expectedValue") not in _PRIORITIES:
        faults.add("expectedValue", f"expectedValue should be one of [{', '.join(_PRIORITIES)}].")
    faults.end()
    kept = {name: fields[name] for name in ("field", "key") if fields.get(name)}
    kept |= {"not": fields.get("not", False), "operation": fields["operation"]}
    return kept | {name: fields[name] for name in ("expectedValue", "order") if fields.get(name) not in (None, "")}


def restriction_from(body: Any) -> dict[str, Any] | None:
    """A time restriction as it is kept, minutes rounded to 0 or 30 (API description); None for no restriction.

    The Terraform provider sends an empty `restriction` beside `restrictions`, and an empty object for none.
    """
    if not isinstance(body, Mapping):
        raise unprocessable("timeRestriction should be an object.")
    kind = body.get("type")
    if not kind:
        return None
    if kind == TIME_OF_DAY:
        return {"type": kind, "restriction": _window(body.get("restriction"))}
    windows = body.get("restrictions")
    if kind != WEEKDAY:
        raise unprocessable(f"timeRestriction type should be one of [{WEEKDAY}, {TIME_OF_DAY}].")
    if not isinstance(windows, list) or not 1 <= len(windows) <= MOST_WINDOWS:
        raise unprocessable(f"restrictions should be a list of 1 to {MOST_WINDOWS}.")
    return {"type": kind, "restrictions": [_weekly(one) for one in windows]}


def _weekly(body: Any) -> dict[str, Any]:
    days: dict[str, Any] = {}
    for name in ("startDay", "endDay"):
        day = str(body.get(name)).lower() if isinstance(body, Mapping) else ""
        if day not in DAYS:
            raise unprocessable(f"{name} should be one of [{', '.join(DAYS)}].")
        days[name] = day
    window = _window(body)
    kept: dict[str, Any] = {}
    for edge in ("start", "end"):
        later = (window[f"{edge}Hour"], window[f"{edge}Min"]) == (0, 0) and body[f"{edge}Hour"] == _LAST_HOUR
        kept[f"{edge}Day"] = DAYS[(DAYS.index(days[f"{edge}Day"]) + later) % len(DAYS)]
        kept |= {name: window[name] for name in (f"{edge}Hour", f"{edge}Min")}
    return kept


def _window(body: Any) -> dict[str, int]:
    """startHour, startMin, endHour, endMin; all four are needed."""
    fields: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    faults = Faults()
    for name, most in _TIMES:
        faults.whole(fields, name, 0, most)
        if fields.get(name) is None:
            faults.add(name, f"{name} can not be empty.")
    faults.end()
    start = _rounded(fields["startHour"], fields["startMin"])
    end = _rounded(fields["endHour"], fields["endMin"])
    return {"startHour": start[0], "startMin": start[1], "endHour": end[0], "endMin": end[1]}


def _rounded(hour: int, minute: int) -> tuple[int, int]:
    """The nearest half hour; after the last of a day comes the next day's first (inferred, as for instants)."""
    halves = (hour * 60 + minute + 15) // 30 % 48
    return halves // 2, halves % 2 * 30
