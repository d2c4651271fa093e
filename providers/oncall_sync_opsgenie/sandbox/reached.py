"""Whom a schedule, an escalation or a team reaches at an instant.

Sources: Opsgenie docs for schedules (everybody who is on call in any rotation), escalations and teams (an alert
for a team goes through its routing rules); recorded on-call answers for the order and for what is nested.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

from oncall_sync_sandbox.store import Thing

from .account import KINDS, Account
from .forwarding import forwarded
from .history import state_at
from .rendering import Recipient, final, neighbour
from .restrictions import is_open
from .routing_rules import MATCH_ALL, rules_of
from .times import zone_of

ADMIN: Final = "admin"
_STEPS: Final = {"next": 1, "previous": -1}
_SECOND: Final = 1_000_000_000
UNITS: Final = {
    "days": 86_400 * _SECOND,
    "hours": 3600 * _SECOND,
    "minutes": 60 * _SECOND,
    "seconds": _SECOND,
    "miliseconds": 1_000_000,
    "micros": 1000,
    "nanos": 1,
}
"""Units of a delay in nanoseconds, spelled as in the API description."""


class OnCall(NamedTuple):
    """Who is on call, and the user who forwards to them, if they are so by forwarding."""

    recipient: Recipient
    forwarded: str | None = None


Path = frozenset[Recipient]
"""Where a search came through, so that what refers to itself does not go on for ever."""


def on_call(account: Account, schedule: Thing, at: datetime) -> list[OnCall]:
    """Everybody a schedule has on call, in the order of its rotations, each once; a disabled one has nobody.

    Without any rotation, who overrides all of them is on call all the same (inferred).
    """
    state = state_at(account, schedule, at)
    if not state.enabled:
        return []
    rules, span = list(account.store.all("forwarding_rules")), (at, at + datetime.resolution)
    rotations = state.rotations or [_NO_ROTATION]
    periods = (period for one in rotations for period in final(one, state.overrides, rules, state.zone, span))
    return _once(OnCall(period.recipient, period.forwarded) for period in periods)


_NO_ROTATION: Final[dict[str, Any]] = {
    "id": "", "startDate": "2000-01-01T00:00:00+00:00", "endDate": None, "type": "daily", "length": 1,
    "participants": [], "timeRestriction": None,
}  # fmt: skip


def beside(account: Account, schedule: Thing, at: datetime, step: int) -> list[OnCall]:
    """Whose turns are so many after (before: negative) the present ones, in the rotations that ring now."""
    state = state_at(account, schedule, at)
    if not state.enabled:
        return []
    found = (neighbour(one, state.zone, at, step) for one in state.rotations)
    return _once(_passed_on(account, one, at) for one in found if one is not None)


def rule_targets(account: Account, rule: Thing, at: datetime) -> list[OnCall]:
    """Whom one rule of an escalation notifies, one step deep."""
    kind, key = rule["recipient"]["type"], rule["recipient"]["id"]
    if kind == "team" and rule["notifyType"] != "default":
        team = account.store.get("teams", key)
        members = [] if team is None else [one for one in team["members"] if _meant(one, rule["notifyType"])]
        return [_passed_on(account, Recipient("user", one["user"]), at) for one in members]
    schedule = account.store.get("schedules", key) if kind == "schedule" else None
    if schedule is not None and rule["notifyType"] in _STEPS:
        return beside(account, schedule, at, _STEPS[rule["notifyType"]])
    return targets(account, _passed_on(account, Recipient(kind, key), at), at)


def targets(account: Account, one: OnCall, at: datetime) -> list[OnCall]:
    """Whom somebody or something that is to be notified stands for, one step deep; a user stands for themselves.

    An escalation, whose rules tell that, for nobody.
    """
    recipient = one.recipient
    if recipient.type == "user":
        return [one]
    thing = account.store.get(KINDS[recipient.type], recipient.id)
    if recipient.type == "schedule" and thing is not None:
        return on_call(account, thing, at)
    return team_targets(account, thing, at) if recipient.type == "team" and thing is not None else []


def team_targets(account: Account, team: Thing, at: datetime) -> list[OnCall]:
    """What a team's routing rules notify of an alert that no condition speaks of; nothing, or one thing."""
    for rule in rules_of(account, team["id"]):
        zone = zone_of(rule["timezone"] or account.zone)
        if rule["criteria"] == MATCH_ALL and is_open(rule["timeRestriction"], zone, at):
            notify = rule["notify"]
            return [] if notify["type"] == "none" else [OnCall(Recipient(notify["type"], notify["id"]))]
    return []


def people(account: Account, one: OnCall, at: datetime, path: Path = frozenset()) -> list[str]:
    """The users whose telephones ring first, by id, each once."""
    recipient = one.recipient
    if recipient.type == "user":
        return [recipient.id]
    if recipient in path:
        return []
    path |= {recipient}
    if recipient.type == "escalation":
        return _first(account, recipient.id, at, path)
    found = targets(account, one, at)
    return list(dict.fromkeys(user for each in found for user in people(account, each, at, path)))


def first_people(account: Account, escalation: str, at: datetime) -> list[str]:
    """The users of the first delay of an escalation that has anybody, by id; everybody is looked up for `at`."""
    return people(account, OnCall(Recipient("escalation", escalation)), at)


def delay_of(rule: Thing) -> int:
    """How many nanoseconds after the start of the escalation a rule comes."""
    return int(rule["delay"]["timeAmount"]) * UNITS[rule["delay"]["timeUnit"]]


def emails(account: Account, users: list[str]) -> list[str]:
    """The addresses of users; those who are gone by now show their id."""
    found = ((user, account.store.get("users", user)) for user in users)
    return [user if thing is None else str(thing["username"]) for user, thing in found]


def _first(account: Account, escalation: str, at: datetime, path: Path) -> list[str]:
    thing = account.store.get("escalations", escalation)
    rules = [] if thing is None else sorted(thing["rules"], key=delay_of)
    for _, group in groupby(rules, key=delay_of):
        notified = (one for rule in group for one in rule_targets(account, rule, at))
        found = [user for one in notified for user in people(account, one, at, path)]
        if found:
            return list(dict.fromkeys(found))
    return []


def _meant(member: Any, how: str) -> bool:
    """Of a team, `admins` are admins, `users` the others (docs); one of them at random may be anybody."""
    return how in {"all", "random"} or (member["role"] == ADMIN) == (how == "admins")


def _passed_on(account: Account, recipient: Recipient, at: datetime) -> OnCall:
    if recipient.type != "user":
        return OnCall(recipient)
    to = forwarded(account, recipient.id, at)
    return OnCall(recipient) if to == recipient.id else OnCall(Recipient("user", to), recipient.id)


def _once(found: Iterable[OnCall]) -> list[OnCall]:
    """Each recipient once; `none` is nobody."""
    by: dict[Recipient, OnCall] = {}
    for one in found:
        if one.recipient.type != "none":
            by.setdefault(one.recipient, one)
    return list(by.values())
