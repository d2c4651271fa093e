"""Urgency rules, support hours and scheduled actions of a service: what goes with what.

Source: PagerDuty API: create a service; the exclusions are recorded by the Terraform provider.
"""

import re
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .checks import Faults
from .times import known_zone

CONSTANT_HIGH: Final = {"type": "constant", "urgency": "high"}
HOURS_SURVIVE_A_CONSTANT_RULE: Final = True
"""Inferred: a PUT that makes the urgency constant and does not mention `support_hours` leaves them in place."""

_URGENCIES: Final = ("low", "high", "severity_based")
_NAMES: Final = ("support_hours_start", "support_hours_end")
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")


def check_urgency(account: Account, faults: Faults, service: Thing, body: dict[str, Any]) -> None:
    """Checks the three together, and clears what a constant rule leaves without meaning."""
    rule = service["incident_urgency_rule"] or CONSTANT_HIGH
    service["incident_urgency_rule"] = rule
    if not isinstance(rule, dict) or rule.get("type") not in ("constant", "use_support_hours"):
        faults.add("Incident urgency rule type is not included in the list")
        return
    by_hours = rule["type"] == "use_support_hours"
    if not by_hours:
        if not HOURS_SURVIVE_A_CONSTANT_RULE and "support_hours" not in body:
            service["support_hours"] = None
        if "scheduled_actions" not in body:
            service["scheduled_actions"] = []
        if rule.get("urgency") not in _URGENCIES:
            faults.add("Incident urgency rule urgency is not included in the list")
    else:
        account.need("service_support_hours")
        _check_halves(faults, rule)
        if not service["support_hours"]:
            faults.add("Support hours can't be blank when the urgency rule uses them")
    if service["support_hours"] is not None:
        _check_hours(faults, service["support_hours"])
    service["scheduled_actions"] = service["scheduled_actions"] or []
    _check_actions(faults, service["scheduled_actions"], by_hours=by_hours)


def _check_halves(faults: Faults, rule: dict[str, Any]) -> None:
    if rule.get("urgency") is not None:
        faults.add("Incident urgency rule urgency must be blank when the type is use_support_hours")
    for name in ("during_support_hours", "outside_support_hours"):
        half = rule.get(name)
        if not isinstance(half, dict) or half.get("type") != "constant" or half.get("urgency") not in _URGENCIES:
            faults.add(f"Incident urgency rule {name.replace('_', ' ')} must be a constant urgency")


def _check_hours(faults: Faults, hours: Any) -> None:
    if not isinstance(hours, dict) or hours.get("type", "fixed_time_per_day") != "fixed_time_per_day":
        faults.add("Support hours type is not included in the list")
        return
    if not known_zone(hours.get("time_zone")):
        faults.add("Support hours time zone is invalid")
    for name in ("start_time", "end_time"):
        if not isinstance(hours.get(name), str) or not _CLOCK.fullmatch(hours[name]):
            faults.add(f"Support hours {name.replace('_', ' ')} is invalid")
    days = hours.get("days_of_week")
    if not isinstance(days, list) or not days or not set(map(str, days)) <= set("1234567"):
        faults.add("Support hours days of week must be between 1 and 7")


def _check_actions(faults: Faults, actions: Any, *, by_hours: bool) -> None:
    if not isinstance(actions, list):
        faults.add("Scheduled actions must be an array")
        return
    if actions and not by_hours:
        faults.add("Scheduled actions are only allowed when the urgency rule uses support hours")
    for action in actions:
        at = action.get("at") if isinstance(action, dict) else None
        if not isinstance(at, dict) or action.get("type") != "urgency_change":
            faults.add("Scheduled actions must be urgency changes")
        elif at.get("type") != "named_time" or at.get("name") not in _NAMES:
            faults.add("Scheduled actions at is not included in the list")
        elif action.get("to_urgency") != "high":
            faults.add("Scheduled actions to urgency must be high")
