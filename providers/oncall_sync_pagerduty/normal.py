"""What PagerDuty would make of a declared resource: the form in which it is compared with what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from oncall_sync.model import (
    ABSENT,
    EscalationPolicy,
    Integration,
    Level,
    Maybe,
    Resource,
    Schedule,
    Service,
    SupportHours,
    Team,
    Urgency,
)
from oncall_sync.rota.equal import ever_overlap

from . import mail
from .convert_schedule import as_held as rotation_held
from .convert_service import DEFAULT_URGENCY, address, local_part
from .convert_team import DEFAULT_DELAY, DEFAULT_REPEAT, DEFAULT_ROLE
from .settings import Place, canonical
from .vendors import neutral
from .wire import KIND, zone_of
from .write_schedule import named


def normalized(wanted: Resource, account: str | None) -> Resource:
    """Return `wanted` as it would be read back: defaults in, one form for everything that has several.

    `account` is the account's id, if it is known: with it, whole addresses in its domain are cut to their first
    part. Blocks of other providers go, as nothing there can hold them.
    """
    match wanted:
        case Team():
            return _team(_common(wanted, "team"))
        case Schedule():
            return _schedule(_common(wanted, "schedule"))
        case EscalationPolicy():
            return _policy(_common(wanted, "escalation_policy"))
        case Service():
            return _service(_common(wanted, "service"), account)
        case _:
            return wanted


def _common(wanted: Any, place: Place) -> Any:
    text = wanted.description.rstrip() if isinstance(wanted.description, str) else ""
    return replace(
        wanted,
        description=text or None,  # blanks at its end do not survive the mark behind them
        team=None if wanted.team is ABSENT else wanted.team,
        settings=_settings(wanted.settings, place),
    )


def _settings(settings: Mapping[str, Mapping[str, Any]], place: Place) -> dict[str, dict[str, Any]]:
    block = canonical(place, settings.get(KIND, {}))
    return {KIND: block} if block else {}


def _team(wanted: Team) -> Team:
    wanted = replace(wanted, pages=ABSENT, routes=ABSENT)  # alerts come for services only
    if wanted.members is ABSENT:
        return wanted
    members = tuple(m if m.role is not ABSENT else replace(m, role=DEFAULT_ROLE) for m in wanted.members)
    return replace(wanted, members=members)


def _schedule(wanted: Schedule) -> Schedule:
    zone = zone_of(wanted.time_zone)
    rotations = tuple(
        rotation_held(rotation, zone) if rotation.members else rotation for rotation in named(wanted.rotations)
    )
    layered = replace(wanted, time_zone=zone, rotations=rotations, follows=None)
    return layered if ever_overlap(layered) else replace(layered, overlap="last_wins")


def _policy(wanted: EscalationPolicy) -> EscalationPolicy:
    repeat = DEFAULT_REPEAT if wanted.repeat is ABSENT else wanted.repeat
    return replace(wanted, repeat=repeat, levels=tuple(_level(level) for level in wanted.levels))


def _level(level: Level) -> Level:
    delay = DEFAULT_DELAY if level.escalate_after is ABSENT else level.escalate_after
    minutes = timedelta(minutes=delay // timedelta(minutes=1))
    return replace(level, escalate_after=minutes, settings=_settings(level.settings, "level"))


def _service(wanted: Service, account: str | None) -> Service:
    integrations = () if wanted.integrations is ABSENT else wanted.integrations
    return replace(
        wanted,
        urgency=_urgency(wanted.urgency),
        acknowledge_within=_off(wanted.acknowledge_within),
        resolve_after=_off(wanted.resolve_after),
        integrations=tuple(_integration(one, account) for one in integrations),
    )


def _off(span: Maybe[timedelta | None]) -> timedelta | None:
    return span if isinstance(span, timedelta) and span else None


def _urgency(urgency: Maybe[Urgency]) -> Urgency:
    if urgency is ABSENT:
        return DEFAULT_URGENCY
    return replace(urgency, time_zone=zone_of(urgency.time_zone)) if isinstance(urgency, SupportHours) else urgency


def _integration(wanted: Integration, account: str | None) -> Integration:
    if wanted.form == "vendor":
        return replace(wanted, vendor=neutral(wanted.vendor or ""), accept_from=ABSENT, settings={})
    if wanted.form != "email":
        return replace(wanted, accept_from=ABSENT, settings={})
    block = dict(_settings(wanted.settings, "integration").get(KIND, {}))
    accept = wanted.accept_from
    if accept is not ABSENT or "subject" in block or "body" in block or "filters" not in block:
        block.pop("filters", None)
        accept = () if accept is ABSENT else mail.as_held(accept)
    email = wanted.email or ""
    if account is not None:
        email = local_part(address(email, account), account)
    return replace(wanted, email=email, accept_from=accept, settings={KIND: block} if block else {})
