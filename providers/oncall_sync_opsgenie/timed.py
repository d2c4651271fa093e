"""Urgency by the hour and timeouts, as policies of the team that owns a service.

An integration gives its alerts one priority. What depends on the hour is said by policies that look for the
service's tag on an alert. Two sorts: an alert policy lowers the priority in the low hours; where low turns high
when support hours start, notification policies hold back what comes in the low hours until then. Their windows
never overlap, so their order among each other and among other people's means nothing.

An alert that comes on the last day before a start waits until the next time that the clock shows it; one that
comes earlier, for the weekday. That day is half an hour short, so that nothing depends on what nobody has written
down: "the next 09:00" is never asked for at 09:00, nor "the next Monday" on a Monday before that hour.

Source: Opsgenie's API, policies v2 (facts: delayAction, autoRestartAction, autoCloseAction).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from oncall_sync.model import WEEK, Hours, Service, SupportHours
from oncall_sync.rota.hours import DAY, DAY_NAMES, complement, merge

from .convert_integration import BETWEEN, SERVICE_TAG
from .convert_schedule import DAYS, hours_of, restriction
from .wire import Body, Known, minutes

LOW: Final = "low urgency by hours"
WAIT: Final = "wait until "
TIMEOUTS: Final = "restart and close"
MOST_RESTARTS: Final = 20
"""How often notifications are started again at the most (the most that the vendor's pages offer)."""
HAS_TAG: Final = "contains"
"""The condition's operation: one of the alert's tags is this one, letter for letter (inferred)."""
_WAIT: Final = re.compile(rf"{WAIT}([A-Z][a-z]{{2}} )?\d\d:\d\d")
_LAST_DAY: Final = DAY - 30
_ZONE: Final = re.compile(r"Times are (?P<zone>\S+)\.$")
_COMPARED: Final = ("delayAction", "autoRestartAction", "autoCloseAction", "priority", "filter", "continue")


def policy_belongs(service: str, name: str) -> bool:
    """Return whether a policy is one that we made for a service."""
    own = name.removeprefix(f"{service}{BETWEEN}")
    return own != name and (own in (LOW, TIMEOUTS) or _WAIT.fullmatch(own) is not None)


def own_name(name: str) -> str:
    """Return a policy's name without its service's, which may be about to change."""
    return name.rpartition(BETWEEN)[2]


def policies_for(service: Service, known: Known) -> list[Body]:
    """Return the policies that a normalized service needs, as bodies; none if nothing depends on the hour."""
    rule = service.urgency if isinstance(service.urgency, SupportHours) else None
    actions = _timeouts(service)
    found: list[Body] = []
    if rule is not None and not rule.raise_at_start:
        low = {"priority": known.low_priority, "message": "{{message}}", "continue": True}
        found.append(_policy(service, "alert", LOW, low, complement(rule.hours)))
    delayed = rule is not None and rule.raise_at_start
    if rule is not None and delayed:
        for name, action, windows in _delays(rule.hours):
            found.append(_policy(service, "notification", name, {**actions, "delayAction": action}, windows))
    if actions:
        hours = rule.hours if rule is not None and delayed else None
        found.append(_policy(service, "notification", TIMEOUTS, actions, hours))
    return found


def _policy(service: Service, kind: str, name: str, does: Body, windows: Hours | None) -> Body:
    zone = service.urgency.time_zone if isinstance(service.urgency, SupportHours) else None
    says = f"Kept by oncall-sync for the service {service.name}."
    condition = {
        "field": "tags",
        "operation": HAS_TAG,
        "expectedValue": f"{SERVICE_TAG}{service.name}",
        "not": False,
    }
    body: Body = {
        "type": kind,
        "name": f"{service.name}{BETWEEN}{name}",
        "policyDescription": f"{says} Times are {zone}." if zone and windows is not None else says,
        "enabled": True,
        "filter": {"type": "match-all-conditions", "conditions": [condition]},
        **does,
    }
    when = restriction(windows) if windows is not None else None
    return body if when is None else {**body, "timeRestrictions": when}


def _timeouts(service: Service) -> Body:
    out: Body = {}
    if isinstance(service.acknowledge_within, timedelta) and service.acknowledge_within:
        again = {"duration": _duration(service.acknowledge_within), "maxRepeatCount": MOST_RESTARTS}
        out["autoRestartAction"] = again
    if isinstance(service.resolve_after, timedelta) and service.resolve_after:
        out["autoCloseAction"] = {"duration": _duration(service.resolve_after)}
    return out


def _duration(span: timedelta) -> Body:
    return {"timeAmount": span // timedelta(minutes=1), "timeUnit": "minutes"}


def _delays(hours: Hours) -> Iterator[tuple[str, Body, Hours]]:
    """Yield name, delay and windows of each policy that holds back what comes outside `hours`."""
    by_clock: dict[int, list[tuple[int, int]]] = defaultdict(list)
    by_day: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for start, end in complement(hours).spans:
        last_day = max(start, end - _LAST_DAY)
        by_clock[end % DAY].append((last_day, end))
        if start < last_day:
            by_day[end % WEEK].append((start, last_day))
    for clock, spans in sorted(by_clock.items()):
        yield f"{WAIT}{_clock(clock)}", _until("next-time", clock), merge(spans)
    for minute, spans in sorted(by_day.items()):
        day, clock = divmod(minute, DAY)
        option = f"next-{DAYS[day]}"
        yield f"{WAIT}{DAY_NAMES[day]} {_clock(clock)}", _until(option, clock), merge(spans)


def _until(option: str, clock: int) -> Body:
    return {"delayOption": option, "untilHour": clock // 60, "untilMinute": clock % 60}


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def rule_from(policies: Sequence[Mapping[str, Any]], known: Known) -> SupportHours | None:
    """Return the support hours that a service's policies say; None if they say none."""
    on = [one for one in policies if one.get("enabled")]
    held = [one for one in on if one.get("delayAction")]
    lowered = [one for one in on if one.get("type") == "alert"]
    speaking = held or lowered
    if not speaking:
        return None
    low = merge(span for one in speaking for span in hours_of(one.get("timeRestrictions")).spans)
    return SupportHours(hours=complement(low), time_zone=_zone(speaking, known), raise_at_start=bool(held))


def _zone(policies: Sequence[Mapping[str, Any]], known: Known) -> str:
    for one in policies:
        found = _ZONE.search(str(one.get("policyDescription") or ""))
        if found:
            return found["zone"]
    return known.time_zone or "UTC"


def timeouts_from(policies: Sequence[Mapping[str, Any]]) -> tuple[timedelta | None, timedelta | None]:
    """Return after which times alerts are rung again and closed, None for never."""
    return _longest(policies, "autoRestartAction"), _longest(policies, "autoCloseAction")


def _longest(policies: Sequence[Mapping[str, Any]], action: str) -> timedelta | None:
    said = [one[action] for one in policies if one.get("enabled") and one.get(action)]
    longest = max((minutes(each.get("duration")) for each in said), default=0)
    return timedelta(minutes=longest) if longest else None


def same(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Return whether a live policy does what is wanted, whatever else the API says of it."""
    if not live.get("enabled") or hours_of(live.get("timeRestrictions")) != hours_of(
        wanted.get("timeRestrictions")
    ):
        return False
    for key in ("name", "policyDescription"):
        if (live.get(key) or "") != (wanted.get(key) or ""):
            return False
    return all(_plain(live.get(key)) == _plain(wanted.get(key)) for key in _COMPARED)


def _plain(value: Any) -> Any:
    """Return a value in one form: durations in minutes, conditions without their place, false as nothing."""
    if isinstance(value, Mapping):
        if "timeAmount" in value:
            return minutes(value)
        return {key: _plain(one) for key, one in value.items() if key != "order" and one not in (None, False, "")}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value or None
