"""What the two kinds of policies do. Source: Opsgenie API: policy (v2), `AlertPolicy` and `NotificationPolicy`."""

from collections.abc import Mapping
from typing import Any, Final

from .account import Account
from .integrations import PRIORITIES
from .reached import UNITS
from .refusals import Faults, unprocessable

Body = Mapping[str, Any]

RESPONDERS: Final = ("user", "team", "escalation", "schedule")
LENGTHS: Final = {"message": 130, "alias": 512, "description": 15_000, "entity": 512, "source": 100}
"""Inferred: those of an alert's own fields."""
DELAYS: Final = (
    "for-duration", "next-time", "next-weekday", "next-monday", "next-tuesday", "next-wednesday", "next-thursday",
    "next-friday", "next-saturday", "next-sunday",
)  # fmt: skip
DEDUPLICATIONS: Final = ("value-based", "frequency-based")
ACTIONS: Final = ("autoRestartAction", "autoCloseAction", "deduplicationAction", "delayAction")
_FLAGS: Final = (
    "continue",
    "ignoreOriginalActions",
    "ignoreOriginalDetails",
    "ignoreOriginalResponders",
    "ignoreOriginalTags",
    "ignoreOriginalTeams",
)


def alert_fields(account: Account, body: Body) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """What an alert policy does to an alert, and the responders it adds; 422 if that makes no sense."""
    faults = Faults()
    for name, most in LENGTHS.items():
        faults.text(body, name, most, required=name == "message")
    for name in _FLAGS:
        faults.flag(body, name)
    for name in ("actions", "tags"):
        faults.strings(body, name)
    details = body.get("details", {})
    if not isinstance(details, dict) or not all(isinstance(value, str) for value in details.values()):
        faults.add("details", "details should be an object of texts.")
    if body.get("priority"):
        faults.choice(body, "priority", PRIORITIES)
    if not isinstance(body.get("responders", []), list):
        faults.add("responders", "responders should be a list.")
    faults.end()
    fields: dict[str, Any] = {name: body.get(name, False) for name in _FLAGS}
    fields |= {name: body.get(name) or f"{{{{{name}}}}}" for name in LENGTHS}
    fields |= {"actions": body.get("actions", []), "tags": body.get("tags", []), "details": details}
    if body.get("priority"):
        fields["priority"] = body["priority"]
    return fields, [account.recipient(one, RESPONDERS) for one in body.get("responders", [])]


def notification_fields(body: Body) -> dict[str, Any]:
    """What a notification policy does to notifications; 422 if that makes no sense."""
    faults = Faults()
    faults.flag(body, "suppress")
    faults.end()
    fields: dict[str, Any] = {"suppress": body.get("suppress", False)}
    made = {
        "autoRestartAction": _restart,
        "autoCloseAction": _close,
        "deduplicationAction": _deduplication,
        "delayAction": _delay,
    }
    for name in ACTIONS:
        if name in body:
            fields[name] = made[name](_object(body[name], name))
    if fields["suppress"] and ("delayAction" in fields or "deduplicationAction" in fields):
        raise unprocessable("Suppress can not be used with delay or deduplication actions.")
    return fields


def _object(body: Any, name: str) -> Body:
    if not isinstance(body, Mapping):
        raise unprocessable(f"{name} should be an object.")
    return body


def duration_of(body: Any, what: str) -> dict[str, Any]:
    """A duration as it is kept; of minutes unless it has a unit."""
    fields: Body = body if isinstance(body, Mapping) else {}
    unit = fields.get("timeUnit") or "minutes"
    faults = Faults()
    faults.whole(fields, "timeAmount", 1)
    faults.choice({"timeUnit": unit}, "timeUnit", tuple(UNITS))
    if fields.get("timeAmount") is None:
        faults.add(what, f"{what} can not be empty.")
    faults.end()
    return {"timeAmount": fields["timeAmount"], "timeUnit": unit}


def _restart(body: Body) -> dict[str, Any]:
    faults = Faults()
    _number(faults, body, "maxRepeatCount", 1, 1_000_000)
    faults.end()
    return {
        "duration": duration_of(body.get("duration"), "duration"),
        "maxRepeatCount": body["maxRepeatCount"],
    }


def _close(body: Body) -> dict[str, Any]:
    return {"duration": duration_of(body.get("duration"), "duration")}


def _deduplication(body: Body) -> dict[str, Any]:
    """Only what counts alerts in a time has a duration."""
    faults = Faults()
    faults.choice(body, "deduplicationActionType", DEDUPLICATIONS)
    _number(faults, body, "count", 2, 100)
    faults.end()
    kept = {name: body[name] for name in ("deduplicationActionType", "count")}
    if body["deduplicationActionType"] == "value-based":
        return kept
    return {**kept, "duration": duration_of(body.get("duration"), "duration")}


def _delay(body: Body) -> dict[str, Any]:
    """For a duration, or until a clock in the account's own zone shows a time."""
    faults = Faults()
    faults.choice(body, "delayOption", DELAYS)
    option = body.get("delayOption")
    if option != DELAYS[0]:
        _number(faults, body, "untilHour", 0, 23)
        _number(faults, body, "untilMinute", 0, 59)
    faults.end()
    if option == DELAYS[0]:
        return {"delayOption": option, "duration": duration_of(body.get("duration"), "duration")}
    return {name: body[name] for name in ("delayOption", "untilHour", "untilMinute")}


def _number(faults: Faults, body: Body, field: str, least: int, most: int) -> None:
    """A whole number that has to be there."""
    faults.whole(body, field, least, most)
    if body.get(field) is None:
        faults.add(field, f"{field} can not be empty.")
