"""What Opsgenie would make of a declared resource: the form in which it is compared with what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from oncall_sync.model import (
    ABSENT,
    ALWAYS,
    ByPriority,
    ConstantUrgency,
    EscalationPolicy,
    Integration,
    Level,
    Live,
    Maybe,
    Member,
    Ref,
    Resource,
    Schedule,
    Service,
    SupportHours,
    Team,
    Urgency,
)
from oncall_sync.rota.hours import complement

from .blocks import Place
from .convert_escalation import DEFAULT_REPEAT, policy_from, repeat_of, rules_of
from .convert_integration import DEFAULTS
from .convert_schedule import as_held as rotation_held
from .convert_schedule import named
from .convert_team import DEFAULT_ROLE
from .routing import routed
from .settings import canonical, faults
from .vendors import neutral
from .wire import KIND, Known, id_of

ROLES: Final[Mapping[str, str]] = {"manager": "admin", "responder": DEFAULT_ROLE, "observer": DEFAULT_ROLE}
"""What the roles that other providers have are called here; there is none that only looks on."""
PRIORITIES: Final = ("P1", "P2", "P3", "P4", "P5")
DEFAULT_URGENCY: Final = ConstantUrgency("high")

_SHOWN_ONLY: Final[Mapping[Place, str]] = {
    "team": "leftovers",
    "schedule": "leftovers",
    "service": "leftovers",
    "integration": "deviates",
}
"""What a read says, and no policy ever does: it is never wanted, so that the next plan takes it away."""


def normalized(wanted: Resource, live: Live | None, known: Known) -> Resource:
    """Return `wanted` as it would be read back: defaults in, one form for everything that has several.

    Blocks of other providers go, as nothing there can hold them. What Opsgenie cannot take away (an owner team)
    stays as it is in `live`. Idempotent; a resource that was read comes back as it is, but for what only a read
    says (see `_SHOWN_ONLY`).
    """
    there = live.resource if live is not None else None
    match wanted:
        case Team():
            return _team(wanted, there if isinstance(there, Team) else None, known)
        case Schedule():
            return _schedule(_common(wanted, "schedule", there))
        case EscalationPolicy():
            return _policy(_common(wanted, "escalation_policy", there), live)
        case Service():
            return _service(_common(wanted, "service", there))
        case _:
            return wanted


def _common(wanted: Any, place: Place, live: Resource | None) -> Any:
    text = wanted.description.rstrip() if isinstance(wanted.description, str) else ""
    team = wanted.team
    if not isinstance(team, Ref):
        team = live.team if live is not None and isinstance(live.team, Ref) else None
    return replace(
        wanted,
        description=text or None,  # blanks at its end do not survive the mark behind them
        team=team,
        settings=_settings(wanted.settings, place),
    )


def _settings(settings: Mapping[str, Mapping[str, Any]], place: Place) -> dict[str, dict[str, Any]]:
    said = {key: one for key, one in settings.get(KIND, {}).items() if key != _SHOWN_ONLY.get(place)}
    block = canonical(place, said)
    return {KIND: block} if block else {}


def _team(wanted: Team, live: Team | None, known: Known) -> Team:
    block = {key: one for key, one in wanted.settings.get(KIND, {}).items() if key != _SHOWN_ONLY["team"]}
    wanted = replace(_common(wanted, "team", live), team=None)
    if not any(faults("team", block)):
        wanted = replace(routed(wanted, canonical("team", block), live, known), settings={})
    if wanted.members is ABSENT:
        return wanted
    return replace(wanted, members=tuple(Member(one.user, _role(one)) for one in wanted.members))


def _role(member: Member) -> str:
    return DEFAULT_ROLE if member.role is ABSENT else ROLES.get(member.role, member.role)


def _schedule(wanted: Schedule) -> Schedule:
    rotations = tuple(rotation_held(one, wanted.time_zone) for one in named(wanted.rotations))
    return replace(wanted, rotations=rotations, follows=None, overlap="everyone")


def _policy(wanted: EscalationPolicy, live: Live | None) -> EscalationPolicy:
    """Return a policy as its own rules would be read back: settings that mean nothing where they stand go."""
    repeat = DEFAULT_REPEAT if wanted.repeat is ABSENT else wanted.repeat
    levels = tuple(
        replace(level, notify=tuple(dict.fromkeys(level.notify)), settings=_settings(level.settings, "level"))
        for level in wanted.levels
    )
    wanted = replace(wanted, repeat=repeat, levels=levels)
    if any(faults("escalation_policy", wanted.settings.get(KIND, {}))):
        return wanted
    ids = _ids(wanted, live)
    refs = {Ref(ref.kind, key, remote=True): ref for ref, key in ids.items()}
    owner = {"ownerTeam": {"id": ids[wanted.team]}} if isinstance(wanted.team, Ref) else {}
    held = policy_from({"id": "", "rules": rules_of(wanted, ids), "repeat": repeat_of(wanted, {}), **owner})
    if not held.levels:  # nobody to repeat for, or to wait for
        return replace(wanted, repeat=0, settings={}, levels=())
    return replace(
        wanted,
        repeat=held.repeat,
        settings=held.settings,
        levels=_as_written(held.levels, wanted.levels, refs),
    )


def _as_written(held: Sequence[Level], wanted: Sequence[Level], refs: Mapping[Ref, Ref]) -> tuple[Level, ...]:
    """Return levels with the refs they were written with, in the order they were written in."""
    out = []
    for number, level in enumerate(held):
        notify = tuple(refs.get(ref, ref) for ref in level.notify)
        written = wanted[number].notify
        out.append(replace(level, notify=written if set(written) == set(notify) else notify))
    return tuple(out)


def _ids(wanted: EscalationPolicy, live: Live | None) -> dict[Ref, str]:
    """Return an id for every ref: that of what is live, where it is known, or what stands for it until then.

    A live policy names the same in the same places as its raw body; that tells which id is whose.
    """
    there = live.resource if live is not None else None
    read = policy_from(live.raw["body"]) if live is not None and "body" in live.raw else None
    found: dict[Ref, str] = {}
    if isinstance(there, EscalationPolicy) and read is not None:
        found |= {
            ref: twin.key
            for level, other in zip(there.levels, read.levels, strict=False)
            for ref, twin in zip(level.notify, other.notify, strict=False)
        }
        if isinstance(there.team, Ref) and isinstance(read.team, Ref):
            found[there.team] = read.team.key
    named_ = {ref for level in wanted.levels for ref in level.notify}
    if isinstance(wanted.team, Ref):
        named_.add(wanted.team)
    return {ref: id_of(ref, found) for ref in named_}


def _service(wanted: Service) -> Service:
    integrations = () if wanted.integrations is ABSENT else wanted.integrations
    return replace(
        wanted,
        urgency=_urgency(wanted.urgency),
        acknowledge_within=_off(wanted.acknowledge_within),
        resolve_after=_off(wanted.resolve_after),
        integrations=tuple(_integration(one) for one in integrations),
    )


def _off(span: Maybe[timedelta | None]) -> timedelta | None:
    return span if isinstance(span, timedelta) and span else None


def _urgency(urgency: Maybe[Urgency]) -> Urgency:
    if urgency is ABSENT:
        return DEFAULT_URGENCY
    if isinstance(urgency, ByPriority):
        high = tuple(sorted(set(urgency.high)))
        return ByPriority(high=high, low=tuple(one for one in PRIORITIES if one not in high))
    return by_hours(urgency) if isinstance(urgency, SupportHours) else urgency


def by_hours(rule: SupportHours) -> Urgency:
    """Return support hours as they are read back: the high part of the week, or one urgency if it is all of it."""
    if rule.during == rule.outside or rule.hours == ALWAYS:
        return ConstantUrgency(rule.during)
    if not rule.hours.spans:
        return ConstantUrgency(rule.outside)
    if rule.during == "high" or rule.raise_at_start:
        return rule
    return replace(rule, hours=complement(rule.hours), during="high", outside="low")


def _integration(wanted: Integration) -> Integration:
    if wanted.form == "other":
        return _as_it_begins(replace(wanted, settings=_settings(wanted.settings, "integration")))
    held = replace(
        wanted,
        email=local_part(wanted.email or "") if wanted.form == "email" else None,
        vendor=neutral(wanted.vendor or "") if wanted.form == "vendor" else None,
        accept_from=ABSENT,
        settings=_settings(wanted.settings, "integration"),
    )
    return _as_it_begins(held)


def _as_it_begins(integration: Integration) -> Integration:
    """Return an integration without the fields that say what goes without saying: a read does not tell them."""
    block = integration.settings.get(KIND, {})
    said = {key: value for key, value in block.items() if DEFAULTS.get(key, DEFAULTS) != value}
    return replace(integration, settings={KIND: said} if said else {})


def local_part(address: str) -> str:
    """Return what is before the @ of an address: the rest is the account's, and Opsgenie adds it."""
    return address.partition("@")[0]
