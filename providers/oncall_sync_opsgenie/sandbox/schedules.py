"""Schedules. Source: Opsgenie API: schedule; recorded answers for what lists leave out."""

import re
from datetime import datetime, time, timedelta
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .criteria import known_zone
from .envelope import created, data, deleted, updated
from .history import overrides_of, remember, rotations_of
from .http import Answer, Call, Route
from .refusals import Faults, conflict, refuse, unprocessable
from .rotations import drop_rotation, new_rotation, rotation_view
from .times import instant_of, stamp, wall, zone_of
from .usage import refuse_if_used

NAME: Final = re.compile(r"[a-zA-Z 0-9_.-]+")
"""Letters, digits, blanks (recorded), underscores, periods and hyphens (docs)."""
DESCRIPTION: Final = 10_000
SUFFIX: Final = "_schedule"
_WRITABLE: Final = ("name", "description", "timezone", "enabled")


def default_schedule(account: Account, team: Thing) -> Thing:
    """The schedule a new team comes with: its members by weeks, from last Monday on (recorded of an account).

    Without members it has no rotation (inferred). 409 when its name is taken.
    """
    fields = {"name": f"{team['name']}{SUFFIX}", "ownerTeam": team["id"]}
    schedule = account.store.put("schedules", _checked(account, {**_blank(account), **fields}))
    members = [{"type": "user", "id": one["user"]} for one in team["members"]]
    if members:
        zone = zone_of(schedule["timezone"])
        today = wall(account.now(), zone).date()
        monday = datetime.combine(today - timedelta(days=today.weekday()), time())
        body = {"startDate": stamp(instant_of(monday, zone)), "type": "weekly", "participants": members}
        account.store.put("rotations", new_rotation(account, schedule, body))
    return schedule


def drop_schedule(account: Account, key: str) -> None:
    """Forgets a schedule and what is inside it."""
    for kind, things in (("rotations", rotations_of(account, key)), ("overrides", overrides_of(account, key))):
        for one in things:
            account.store.drop(kind, one["id"])
    account.store.drop("schedules", key)


def schedule_view(account: Account, schedule: Thing, *, rotations: bool = True) -> dict[str, Any]:
    """A schedule; without `rotations` it shows none, as lists do unless asked (recorded)."""
    view = {name: schedule[name] for name in ("id", "name", "description", "timezone", "enabled")}
    if schedule["ownerTeam"] is not None:
        view["ownerTeam"] = account.team_meta(schedule["ownerTeam"])
    shown = rotations_of(account, schedule["id"]) if rotations else []
    return {**view, "rotations": [rotation_view(account, one) for one in shown]}


def meta(schedule: Thing) -> dict[str, Any]:
    """How other things show it."""
    return {name: schedule[name] for name in ("id", "name", "enabled")}


def _blank(account: Account) -> Thing:
    return {
        "id": account.new_id(),
        "name": None,
        "description": "",
        "timezone": account.zone,
        "enabled": True,
        "ownerTeam": None,
        "since": account.now().isoformat(),
        "past": [],
    }


def _checked(account: Account, schedule: Thing) -> Thing:
    """The schedule; refuses what the vendor refuses in it."""
    faults = Faults()
    faults.text(schedule, "name", 100, required=True, pattern=NAME)
    faults.text(schedule, "description", DESCRIPTION)
    faults.flag(schedule, "enabled")
    if not known_zone(schedule["timezone"]):
        faults.add("timezone", "timezone is not valid.")
    faults.end()
    other = account.by_name("schedules", schedule["name"])
    if other is not None and other["id"] != schedule["id"]:
        raise conflict("Schedule", schedule["name"])
    if account.by_name("teams", schedule["name"]) is not None:
        # Seen by users of the vendor's Terraform provider (its issue 353), and not only for the owner's name.
        raise refuse(409, "There is already one Team with same name")
    return schedule


def _fields(call: Call) -> dict[str, Any]:
    fields = {name: value for name, value in call.given(*_WRITABLE).items() if (name, value) != ("timezone", "")}
    owner = call.account.owner(call.body)
    return fields if owner is None else {**fields, "ownerTeam": owner}


def _new_rotations(call: Call, schedule: Thing, before: list[Thing], least: int) -> list[Thing] | None:
    """The rotations that the body brings, checked and not yet stored; None if it does not speak of them."""
    sent, made = call.given("rotations").get("rotations"), list[Thing]()
    if sent is None:
        return None
    if not isinstance(sent, list):
        raise unprocessable("rotations should be a list.")
    if len(sent) < least:
        raise unprocessable("rotations can not be empty.")
    for body in sent:
        made.append(new_rotation(call.account, schedule, body, [*before, *made]))
    return made


def _put(account: Account, schedule: Thing, made: list[Thing] | None, before: list[Thing]) -> Thing:
    """Stores a schedule; rotations that were made take the place of those there were `before`."""
    for one in made or ():
        account.store.put("rotations", one)
    for one in before if made is not None else ():
        drop_rotation(account, one)
    return account.store.put("schedules", schedule)


def _list(call: Call) -> Answer:
    found, full = call.account.store.all("schedules"), call.expands("rotation")
    views = [schedule_view(call.account, one, rotations=full) for one in found]
    return data(call, views, expandable=["rotation"])


def _create(call: Call) -> Answer:
    account = call.account
    schedule = _checked(account, {**_blank(account), **_fields(call)})
    _put(account, schedule, _new_rotations(call, schedule, [], 1), [])
    return created(call, meta(schedule))


def _get(call: Call) -> Answer:
    return data(call, schedule_view(call.account, call.account.find_by(call, "schedules")))


def _update(call: Call) -> Answer:
    """`rotations`, when present, replace them all; everything else that is absent stays."""
    account = call.account
    found, fields = account.find_by(call, "schedules"), _fields(call)
    schedule, before = _checked(account, {**found, **fields}), rotations_of(account, found["id"])
    made = _new_rotations(call, schedule, before, 0)
    return updated(call, meta(_put(account, {**remember(account, found), **fields}, made, before)))


def _delete(call: Call) -> Answer:
    schedule = call.account.find_by(call, "schedules")
    refuse_if_used(call.account, "schedules", schedule, "Schedule")
    drop_schedule(call.account, schedule["id"])
    return deleted(call)


ROUTES: Final = (
    Route("GET", "/v2/schedules", _list),
    Route("POST", "/v2/schedules", _create),
    Route("GET", "/v2/schedules/*", _get),
    Route("PATCH", "/v2/schedules/*", _update),
    Route("DELETE", "/v2/schedules/*", _delete),
)
