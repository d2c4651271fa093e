"""Who is on call. Source: Opsgenie API: who is on call; recorded answers for what is nested.

`flat=true` answers addresses instead of a tree. The names of the two forms of next-on-calls are the wrong way
round in the API itself, and so they are here.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import KINDS, Account
from .envelope import data
from .history import states
from .http import Answer, Call, Route
from .reached import (
    UNITS,
    OnCall,
    Path,
    beside,
    delay_of,
    emails,
    on_call,
    people,
    rule_targets,
    targets,
)
from .refusals import unprocessable
from .rendering import Recipient, final
from .times import parse

AHEAD: Final = timedelta(days=90)
"""Inferred: how far ahead the next on-call is looked for."""


def ringing_emails(account: Account, schedule: str, at: datetime) -> list[str]:
    """The addresses of those a schedule rings at an instant, each once; of an escalation, whom it calls first."""
    return emails(account, people(account, OnCall(Recipient("schedule", schedule)), at))


def _view(account: Account, one: OnCall, at: datetime, path: Path = frozenset()) -> dict[str, Any]:
    """Somebody or something on call, and within it whom it stands for."""
    view: dict[str, Any] = _head(account, one.recipient)
    if one.forwarded is not None:
        view["forwardedFrom"] = _head(account, Recipient("user", one.forwarded))
    nested = [] if one.recipient in path else list(_nested(account, one, at, path | {one.recipient}))
    return {**view, "onCallParticipants": nested} if nested else view


def _head(account: Account, recipient: Recipient) -> dict[str, str]:
    thing = account.store.get(KINDS[recipient.type], recipient.id)
    name = {} if thing is None else {"name": thing["username" if recipient.type == "user" else "name"]}
    return {"id": recipient.id, **name, "type": recipient.type}


def _nested(account: Account, one: OnCall, at: datetime, path: Path) -> Iterator[dict[str, Any]]:
    if one.recipient.type == "escalation":
        thing = account.store.get("escalations", one.recipient.id)
        for rule in [] if thing is None else thing["rules"]:
            yield _of_rule(account, rule, at, path)
    elif one.recipient.type != "user":
        for each in targets(account, one, at):
            yield _view(account, each, at, path)


def _of_rule(account: Account, rule: Thing, at: datetime, path: Path) -> dict[str, Any]:
    recipient = Recipient(rule["recipient"]["type"], rule["recipient"]["id"])
    found = rule_targets(account, rule, at)
    if recipient.type == "user":
        view = _view(account, found[0], at)
    else:
        nested = [_view(account, each, at, path | {recipient}) for each in found]
        view = {**_head(account, recipient), **({"onCallParticipants": nested} if nested else {})}
    return {**view, "escalationTime": delay_of(rule) // UNITS["minutes"], "notifyType": rule["notifyType"]}


def _flat(views: list[dict[str, Any]]) -> list[str]:
    """The addresses of all users in a tree, each once, in its order."""
    found: dict[str, None] = {}
    for view in views:
        if view["type"] == "user":
            found[str(view.get("name", view["id"]))] = None
        else:
            found |= dict.fromkeys(_flat(view.get("onCallParticipants", [])))
    return list(found)


def _asked(call: Call) -> datetime:
    text = call.one("date")
    moment = parse(text) if text else call.account.now()
    if moment is None:
        raise unprocessable("date should be a date and time.")
    return moment


def _parent(schedule: Thing) -> dict[str, Any]:
    return {"_parent": {name: schedule[name] for name in ("id", "name", "enabled")}}


def _now(call: Call, schedule: Thing, at: datetime) -> dict[str, Any]:
    views = [_view(call.account, one, at) for one in on_call(call.account, schedule, at)]
    if call.flag("flat"):
        return {**_parent(schedule), "onCallRecipients": _flat(views)}
    return {**_parent(schedule), "onCallParticipants": views}


def _list(call: Call) -> Answer:
    at = _asked(call)
    return data(call, [_now(call, schedule, at) for schedule in call.account.store.all("schedules")])


def _get(call: Call) -> Answer:
    return data(call, _now(call, _schedule(call), _asked(call)))


def _schedule(call: Call) -> Thing:
    return call.account.find_by(call, "schedules", parameter="scheduleIdentifierType")


def _next(call: Call) -> Answer:
    """`next`: whose turns come after the present ones; `exactNext`: who is on call after the next change.

    Both meanings are inferred.
    """
    account, schedule, at = call.account, _schedule(call), _asked(call)
    change = _change(account, schedule, at)
    found = {
        "nextOnCall": beside(account, schedule, at, 1),
        "exactNextOnCall": [] if change is None else on_call(account, schedule, change),
    }
    views = {name: [_view(account, one, at) for one in them] for name, them in found.items()}
    if call.flag("flat"):
        return data(call, {**_parent(schedule), **{f"{name}Participants": _flat(v) for name, v in views.items()}})
    return data(call, {**_parent(schedule), **{f"{name}Recipients": v for name, v in views.items()}})


def _change(account: Account, schedule: Thing, at: datetime) -> datetime | None:
    """The next instant from which others are on call than at `at`, and somebody is."""
    rules, starts = list(account.store.all("forwarding_rules")), set[datetime]()
    for state, span in states(account, schedule, at, at + AHEAD):
        for rotation in state.rotations:
            for one in final(rotation, state.overrides, rules, state.zone, span):
                starts |= {one.start, one.end}
    present = {one.recipient for one in on_call(account, schedule, at)}
    for start in sorted(one for one in starts if at < one < at + AHEAD):
        found = {one.recipient for one in on_call(account, schedule, start)}
        if found and found != present:
            return start
    return None


ROUTES: Final = (
    Route("GET", "/v2/schedules/on-calls", _list),
    Route("GET", "/v2/schedules/*/on-calls", _get),
    Route("GET", "/v2/schedules/*/next-on-calls", _next),
)
