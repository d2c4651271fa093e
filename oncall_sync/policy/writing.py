"""Model -> words: resources as plain data, the way a person would write them in the policy language.

The other way round from `shape` and `resolve`, and pure as they are: read back, it is the same resource. What the
language cannot say raises `Unsayable`, never is left out. The order of keys is the one of the worked examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from oncall_sync.model import (
    ABSENT,
    Away,
    EscalationPolicy,
    Maybe,
    Member,
    Ref,
    Resource,
    Schedule,
    Service,
    Team,
    User,
)

from .writing_schedule import schedule_words
from .writing_service import level, service_words
from .writing_words import Around, Unsayable, day_or_wall, days, key_of, one_or_list

__all__ = ["Around", "Unsayable", "description", "level", "member", "ordered", "owner", "resource", "user"]

EVERY_DAY: Final = frozenset(range(7))
_ORDER: Final = (
    *("name", "description", "events", "email", "vendor", "accept_from"),
    *("provider", "external", "protected", "was", "team", "time_zone"),
    *("members", "start", "every", "hours", "until"),
    *("follows", "offset", "rotations", "overlap", "assignments", "overrides"),
    *("notify", "escalate_after", "levels", "repeat"),
    *("escalation_policy", "urgency", "support_hours", "during", "outside", "raise_at_start"),
    *("acknowledge_within", "resolve_after", "human_within", "integrations"),
)
"""Which key stands in front of which, in whatever mapping they are."""


def resource(value: Resource, around: Around) -> dict[str, Any]:
    """Return what stands under the key of a resource in a file that says what is `around`. Raises Unsayable."""
    if isinstance(value, User):
        return user(value, around)
    out = _common(value, around)
    match value:
        case Team():
            if value.members is not ABSENT:
                out["members"] = [member(one) for one in value.members] or "none"
        case Schedule():
            out |= schedule_words(value, around)
        case EscalationPolicy():
            if value.levels or not value.external:
                out["levels"] = [level(one) for one in value.levels]
            if value.repeat is not ABSENT:
                out["repeat"] = value.repeat
        case Service():
            out |= service_words(value, around)
        case _:
            pass
    return out | {kind: dict(block) for kind, block in value.settings.items()}


def user(value: User, around: Around) -> dict[str, Any]:
    """Return what stands under the key of a user. Raises Unsayable."""
    out: dict[str, Any] = {} if value.name == value.ref.key else {"name": _text(value.name, "name")}
    out["email"] = value.email
    if value.time_zone != around.time_zone:
        if value.time_zone is None:
            raise Unsayable(f"user {value.ref.key} has no time zone, but the file has one for all")
        out["time_zone"] = value.time_zone
    if value.has:
        out["has"] = one_or_list(sorted(value.has))
    if value.works != EVERY_DAY:
        out["works"] = days(value.works)
    if value.away:
        out["away"] = [_away(one) for one in value.away]
    return out | ({"ids": dict(value.ids)} if value.ids else {})


def member(value: Member) -> Any:
    """Return a person in a team: a key, or `{user: key, role: manager}`."""
    key = key_of(value.user)
    return key if value.role is ABSENT else {"user": key, "role": value.role}


def description(value: str | None) -> str:
    """Return a description; none at all is the word `none`. Raises Unsayable for what that word or blanks say."""
    if value is None:
        return "none"
    if value and (value == "none" or not value.strip()):
        raise Unsayable(f"a description that is only {value!r} cannot be said: it means something else")
    return value


def owner(value: Ref | None) -> str:
    """Return the owner; nobody is the word `none`."""
    return "none" if value is None else key_of(value)


def ordered(words: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return a mapping with a key set; a new one stands where the worked examples have it, the rest as it was."""
    if key in words:
        return {name: value if name == key else one for name, one in words.items()}
    later = _ORDER[_ORDER.index(key) + 1 :] if key in _ORDER else ()
    out: dict[str, Any] = {}
    for name, one in words.items():
        if name in later:
            out.setdefault(key, value)
        out[name] = one
    out.setdefault(key, value)
    return out


def _common(value: Resource, around: Around) -> dict[str, Any]:
    out: dict[str, Any] = {} if value.name == value.ref.key else {"name": _text(value.name, "name")}
    if value.description is not ABSENT:
        out["description"] = description(value.description)
    if value.provider != around.provider:
        out["provider"] = value.provider
    for word in ("external", "protected"):
        if getattr(value, word):
            out[word] = True
    if value.was is not None:
        out["was"] = value.was
    if not isinstance(value, Team):
        out |= _owned(value.team, around.team if not value.external else None, value.ref)
    return out


def _owned(team: Maybe[Ref | None], default: str | None, ref: Ref) -> dict[str, Any]:
    if team is ABSENT:
        if default is not None:
            raise Unsayable(f"{ref.words} leaves its owner as it is, but the file has one for all")
        return {}
    words = owner(team)
    return {} if words == default else {"team": words}


def _text(value: str, what: str) -> str:
    if not value.strip():
        raise Unsayable(f"a {what} of blanks cannot be said")
    return value


def _away(value: Away) -> dict[str, Any]:
    return {"since": day_or_wall(value.since), "until": day_or_wall(value.until)}
