"""Urgency rules and support hours: from a service's answer, and into its requests.

Source: PagerDuty's API description (IncidentUrgencyRule, SupportHours, ScheduledAction).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from oncall_sync.model import BySender, ConstantUrgency, Hours, SupportHours, Urgency, UrgencyName
from oncall_sync.rota.hours import DAY, merge

from .wire import Body, zone_of

_RAISE: Final = {
    "type": "urgency_change",
    "at": {"type": "named_time", "name": "support_hours_start"},
    "to_urgency": "high",
}
Window = tuple[int, int, tuple[int, ...]]
"""Start and end in minutes of a day, and the days from Monday = 0."""


def urgency_from(service: Mapping[str, Any]) -> Urgency:
    """Return how urgent a service's incidents are.

    What only PagerDuty knows (the sender decides, at any time or during some hours) is `BySender`.
    """
    rule = service.get("incident_urgency_rule") or {"type": "constant", "urgency": "high"}
    if rule.get("type") != "use_support_hours":
        return _constant(rule.get("urgency"))
    hours = service.get("support_hours") or {}
    during = _name((rule.get("during_support_hours") or {}).get("urgency"))
    outside = _name((rule.get("outside_support_hours") or {}).get("urgency"))
    if during is None or outside is None or not hours:
        return BySender()
    return SupportHours(
        hours=_hours(hours),
        time_zone=zone_of(str(hours.get("time_zone") or "UTC")),
        during=during,
        outside=outside,
        raise_at_start=_raises(service.get("scheduled_actions")),
    )


def urgency_body(urgency: Urgency) -> Body:
    """Return the keys of a service that say `urgency`: rule, support hours and scheduled actions, all three."""
    if isinstance(urgency, SupportHours):
        found = window(urgency.hours) or (0, 0, ())
        start, end, days = found
        return {
            "incident_urgency_rule": {
                "type": "use_support_hours",
                "during_support_hours": {"type": "constant", "urgency": urgency.during},
                "outside_support_hours": {"type": "constant", "urgency": urgency.outside},
            },
            "support_hours": {
                "type": "fixed_time_per_day",
                "time_zone": zone_of(urgency.time_zone),
                "start_time": _clock(start),
                "end_time": _clock(end),
                "days_of_week": [day + 1 for day in days],
            },
            "scheduled_actions": [_RAISE] if urgency.raise_at_start else [],
        }
    name = urgency.urgency if isinstance(urgency, ConstantUrgency) else "severity_based"
    # Null and [] are sent, since leaving them out would keep support hours that no longer mean anything.
    rule = {"type": "constant", "urgency": name}
    return {"incident_urgency_rule": rule, "support_hours": None, "scheduled_actions": []}


def window(hours: Hours) -> Window | None:
    """Return hours as the one window a day that support hours are; None if they are not."""
    windows = {(start % DAY, start % DAY + end - start) for start, end in hours.spans}
    if len(windows) != 1:
        return None
    (start, end) = windows.pop()
    if end >= DAY:
        return None
    return start, end, tuple(start // DAY for start, _ in hours.spans)


def _constant(name: Any) -> Urgency:
    found = _name(name)
    return BySender() if found is None else ConstantUrgency(found)


def _name(name: Any) -> UrgencyName | None:
    return name if name in {"high", "low"} else None


def _hours(body: Mapping[str, Any]) -> Hours:
    start, end = _minutes(body.get("start_time")), _minutes(body.get("end_time"))
    length = (end - start) % DAY or DAY
    days = [int(day) - 1 for day in body.get("days_of_week") or ()]
    return merge((day * DAY + start, day * DAY + start + length) for day in days)


def _minutes(text: Any) -> int:
    hour, minute = (int(part) for part in str(text or "00:00").split(":")[:2])
    return hour * 60 + minute


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}:00"


def _raises(actions: Any) -> bool:
    return any((one.get("at") or {}).get("name") == "support_hours_start" for one in actions or ())
