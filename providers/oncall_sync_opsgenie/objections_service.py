"""What Opsgenie cannot hold of a service, of what opens its alerts, and of how urgent they are.

A service has no urgency and no timeouts there. What a policy says of them becomes the priority of its integrations
and, where it depends on the hour, policies of the team that look for the service's tag on an alert.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from oncall_sync.model import (
    ABSENT,
    ByPriority,
    BySender,
    ConstantUrgency,
    Integration,
    Objection,
    Ref,
    Service,
    SupportHours,
)
from oncall_sync.rota.hours import complement, in_words

from .convert_schedule import MOST_WINDOWS, fits
from .normal import by_hours
from .objecting import block_faults, cannot, nearly, whole_minutes
from .vendors import type_of
from .wire import KIND, Known

BETWEEN: Final = ": "
"""What stands between the name of a service and that of its integration in Opsgenie."""
LONGEST_INTEGRATION: Final = 250
LONGEST_TAG: Final = 50
"""Of a tag of an alert (the vendor's alert API documentation)."""
TAG: Final = "service:"
DOMAIN: Final = ".opsgenie.net"
MOST_RESTARTS: Final = 20


def service_objections(wanted: Service, known: Known) -> Iterator[Objection]:
    """Yield what Opsgenie cannot hold of a service."""
    yield from block_faults(wanted, "service", wanted.settings.get(KIND, {}))
    if not isinstance(wanted.team, Ref):
        message = "an Opsgenie service belongs to a team; write `team`, here or at the top of the file"
        yield cannot(wanted, "team", message)
    yield from _urgency(wanted, known)
    yield from _timeouts(wanted)
    if _has_policies(wanted) and len(TAG + wanted.name) > LONGEST_TAG:
        message = (
            f"alerts are told apart by a tag of the service's name, and Opsgenie's tags have up to {LONGEST_TAG}"
            f" characters; write a `name` of up to {LONGEST_TAG - len(TAG)}, this has {len(wanted.name)}"
        )
        yield cannot(wanted, "name", message)
    for number, one in enumerate(() if wanted.integrations is ABSENT else wanted.integrations):
        yield from _integration(wanted, one, f"integrations.{number}")


def _has_policies(wanted: Service) -> bool:
    hours = isinstance(wanted.urgency, SupportHours) and isinstance(by_hours(wanted.urgency), SupportHours)
    return hours or _given(wanted.acknowledge_within) or _given(wanted.resolve_after)


def _given(span: Any) -> bool:
    return isinstance(span, timedelta) and bool(span)


def _urgency(wanted: Service, known: Known) -> Iterator[Objection]:
    rule = by_hours(wanted.urgency) if isinstance(wanted.urgency, SupportHours) else wanted.urgency
    match rule:
        case ConstantUrgency("low"):
            message = (
                f"Opsgenie escalates and rings low urgency like any other, with priority {known.low_priority};"
                " whether that wakes somebody is up to their own notification rules"
            )
            yield nearly(wanted, "urgency", message)
        case BySender():
            yield cannot(wanted, "urgency", "whose senders decide cannot be declared; write high, low or a rule")
        case ByPriority(high=()):
            yield cannot(wanted, "urgency", "no priority is high in this rule; write `urgency: low`")
        case SupportHours():
            yield from _support_hours(wanted, rule, known)
        case _:
            pass


def _support_hours(wanted: Service, rule: SupportHours, known: Known) -> Iterator[Objection]:
    if known.time_zone is None:
        message = (
            f"Opsgenie's policies tell time in the account's own zone, which its API does not tell; these hours"
            f" are right if that is {rule.time_zone}. Look in Opsgenie's settings, and write `time_zone` under"
            " `providers` in oncall.yaml"
        )
        yield nearly(wanted, "urgency.time_zone", message, "urgency")
    elif known.time_zone != rule.time_zone:
        message = (
            f"Opsgenie's policies tell time in the account's own zone, which is {known.time_zone} (oncall.yaml),"
            f" and these hours are in {rule.time_zone}; write them in {known.time_zone}"
        )
        yield cannot(wanted, "urgency.time_zone", message, "urgency")
    yield from _windows(wanted, rule)
    if not rule.raise_at_start:
        message = (
            "Opsgenie escalates and rings low urgency like any other; outside the high hours alerts get"
            f" priority {known.low_priority}, and each person's own notification rules decide what that does"
        )
        yield nearly(wanted, "urgency", message)
    elif rule.during == "low":
        message = (
            "Opsgenie can hold alerts back until support hours start, and so raises only from low outside to high"
            " during them; write `during: high, outside: low`"
        )
        yield cannot(wanted, "urgency.raise_at_start", message, "urgency")
    else:
        message = (
            "Opsgenie holds back what comes outside support hours: nobody is rung before they start, and then the"
            " first level is"
        )
        yield nearly(wanted, "urgency.raise_at_start", message, "urgency")


def _windows(wanted: Service, rule: SupportHours) -> Iterator[Objection]:
    """Object to hours that policies cannot say: those of what is low, or those of what is rung again."""
    needed = []
    if not rule.raise_at_start:
        needed.append(complement(rule.hours))
    elif _given(wanted.acknowledge_within) or _given(wanted.resolve_after):
        needed.append(rule.hours)
    halves = all(not edge % 30 for span in rule.hours.spans for edge in span)
    if not halves or not all(fits(hours) for hours in needed):
        message = (
            f"Opsgenie's policies keep up to {MOST_WINDOWS} windows that begin and end at full or half hours, not"
            f" {in_words(rule.hours)}; round them, or write fewer"
        )
        yield cannot(wanted, "urgency.support_hours", message, "urgency")


def _timeouts(wanted: Service) -> Iterator[Objection]:
    for key, what in (("acknowledge_within", "before it rings again"), ("resolve_after", "before it closes")):
        span = getattr(wanted, key)
        if isinstance(span, timedelta) and span:
            yield from whole_minutes(wanted, key, span, f"{what} an alert")
    if _given(wanted.acknowledge_within):
        message = (
            "Opsgenie counts this from when an alert opened, not from when it was acknowledged: it rings again"
            f" each time that long until it is closed, {MOST_RESTARTS} times at the most"
        )
        yield nearly(wanted, "acknowledge_within", message)


def _integration(wanted: Service, one: Integration, path: str) -> Iterator[Objection]:
    yield from block_faults(wanted, "integration", one.settings.get(KIND, {}), f"{path}.")
    whole = f"{wanted.name}{BETWEEN}{one.name}"
    if BETWEEN in one.name:
        message = f"integration {one.name!r}: a colon and a blank part its name from the service's; write another"
        yield cannot(wanted, f"{path}.name", message, path)
    elif len(whole) > LONGEST_INTEGRATION:
        message = (
            f"integration {one.name!r} would be called {whole!r}, and Opsgenie takes up to {LONGEST_INTEGRATION}"
            " characters; shorten its name"
        )
        yield cannot(wanted, f"{path}.name", message, path)
    if one.form == "other":
        message = f"integration {one.name} is of a kind that cannot be declared"
        yield cannot(wanted, path, message)
    elif one.form == "email":
        yield from _email(wanted, one, path)
    elif one.form == "vendor" and type_of(one.vendor or "") is None:
        message = (
            f"integration {one.name}: Opsgenie has none for {one.vendor or 'a vendor without a name'} that its API"
            " can make; write `events: api`, and give the vendor that key"
        )
        yield cannot(wanted, f"{path}.vendor", message)


def _email(wanted: Service, one: Integration, path: str) -> Iterator[Objection]:
    local, _, domain = (one.email or "").partition("@")
    if not local:
        message = f"integration {one.name} needs an address; write the part before @"
        yield cannot(wanted, f"{path}.email", message)
    elif domain and not domain.casefold().endswith(DOMAIN):
        message = (
            f"integration {one.name}: Opsgenie's addresses are in the account's own domain, which ends in"
            f" {DOMAIN}; write the part before @"
        )
        yield cannot(wanted, f"{path}.email", message)
    if one.accept_from is not ABSENT and one.accept_from:
        message = (
            f"integration {one.name}: Opsgenie's API cannot say whose mail is accepted; mail from anywhere opens"
            " an alert, so keep the address to yourselves"
        )
        yield nearly(wanted, f"{path}.accept_from", message)
