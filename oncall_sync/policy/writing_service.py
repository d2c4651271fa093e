"""Services in words, and the levels of escalation policies."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from oncall_sync.model import (
    ABSENT,
    AcceptFrom,
    ByPriority,
    ConstantUrgency,
    Integration,
    Level,
    Ref,
    Service,
    SupportHours,
    Urgency,
)

from .writing_words import Around, Unsayable, duration, hours, key_of, one_or_list


def level(value: Level) -> dict[str, Any]:
    """Return one level of an escalation policy. Raises Unsayable."""
    if not value.notify:
        raise Unsayable("a level that notifies nobody cannot be said")
    out: dict[str, Any] = {"notify": one_or_list([target(one) for one in value.notify])}
    if value.escalate_after is not ABSENT:
        out["escalate_after"] = duration(value.escalate_after)
    return out | _blocks(value.settings)


def target(ref: Ref) -> dict[str, str]:
    """Return whom a level rings: `{schedule: key}` or `{user: key}`."""
    return {ref.kind: key_of(ref)}


def service_words(value: Service, around: Around) -> dict[str, Any]:
    """Return what only services say. Raises Unsayable."""
    out: dict[str, Any] = {}
    if value.escalation_policy is not ABSENT:
        out["escalation_policy"] = key_of(value.escalation_policy)
    if value.urgency is not ABSENT:
        out["urgency"] = urgency(value.urgency, around)
    for word in ("acknowledge_within", "resolve_after"):
        if getattr(value, word) is not ABSENT:
            out[word] = span(getattr(value, word))
    if value.human_within is not None:
        out["human_within"] = duration(value.human_within)
    if value.integrations is not ABSENT:
        out["integrations"] = integrations(value.integrations)
    return out


def span(value: timedelta | None) -> str:
    """Return a duration; None is the word `none`. Raises Unsayable."""
    return "none" if value is None else duration(value)


def urgency(value: Urgency, around: Around) -> Any:
    """Return `high` or `low`, the name of a rule, or a rule in place. Raises Unsayable if the sender decides."""
    if isinstance(value, ConstantUrgency):
        return value.urgency
    for name, known in around.rules.items():
        if known == value:
            return name
    return rule(value, around)


def rule(value: Urgency, around: Around) -> Any:
    """Return an urgency rule in place. Raises Unsayable if the sender of each event decides."""
    if isinstance(value, ConstantUrgency):
        return value.urgency
    if isinstance(value, ByPriority):
        return {"high": list(value.high), "low": list(value.low)}
    if not isinstance(value, SupportHours):
        raise Unsayable("an urgency that the sender of each event decides has no word in policies")
    out: dict[str, Any] = {
        "support_hours": hours(value.hours, around.hours),
        "during": value.during,
        "outside": value.outside,
    }
    if value.raise_at_start:
        out["raise_at_start"] = True
    return out if value.time_zone == around.time_zone else {**out, "time_zone": value.time_zone}


def integrations(values: Sequence[Integration]) -> Any:
    """Return integrations by key, or the word `none`. Raises Unsayable."""
    out: dict[str, Any] = {}
    for value in values:
        key = integration_key(value.name, out)
        out[key] = integration(value, key)
    return out or "none"


def integration(value: Integration, key: str) -> dict[str, Any]:
    """Return what stands under the key of an integration. Raises Unsayable for one of a form not declared here."""
    out: dict[str, Any] = {} if value.name == key else {"name": value.name}
    if value.form == "other":
        raise Unsayable(
            f"the integration {value.name!r} is of a kind that policies have no word for: put one in its"
            " place that they have, or leave it undeclared"
        )
    if value.form == "events":
        out["events"] = "api"
    else:
        out[value.form] = value.email if value.form == "email" else value.vendor
    if value.form == "email" and value.accept_from is not ABSENT:
        out["accept_from"] = senders(value.accept_from)
    return out | _blocks(value.settings)


def senders(values: Sequence[AcceptFrom]) -> Any:
    """Return whose mail is let in: one or a list, or the word `none` for no limit."""
    if not values:
        return "none"
    return one_or_list([{"regex": one.value} if one.form == "regex" else one.value for one in values])


def integration_key(name: str, taken: Collection[str]) -> str:
    """Return a key for an integration that people see as `name`, unlike those that are taken."""
    plain = re.sub(r"[^a-z0-9._]+", "-", name.casefold()).strip("-.") or "integration"
    key, number = (name if name == plain else plain), 2
    while key in taken or key == "none":
        key, number = f"{plain}-{number}", number + 1
    return key


def _blocks(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {kind: dict(block) for kind, block in settings.items()}
