"""Layers as they are sent, checked, and kept: the part of a schedule where the API changes what it is given.

Sources: PagerDuty API: create and update a schedule; the facts that no page tells are cited one by one.
Stored and sent: Layer 1 first. Answered: the newest first (recorded; public-support-scripts, issue 60).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .checks import referred
from .refusals import invalid_schedule
from .times import instant, parse, stamp, to_minute, wall_as_utc, zone_of

OMITTED_LAYER_IS_KEPT: Final = True
"""Inferred: a PUT that does not list a live layer leaves it as it is. No client does that, so nobody has said."""
UNCHANGED_LAYER_MOVES_TOO: Final = True
"""Inferred: a past `start` becomes the moment of the PUT even if nothing else in the layer changed."""
EMPTIED_LAYER_ENDS: Final = True
"""Taking the last user out of a layer ends it (GitLab's handbook); the users it had stay visible (inferred)."""
VIRTUAL_START_LOSES_ITS_OFFSET = False
"""Whether `10:00+02:00` is taken as 10:00 UTC and comes back as 12:00+02:00.

It was so once (Terraform provider, pull requests 1 and 23). The vendor's own examples send offsets today, and so
does a deploying tool that was recorded in 2024, so it is off (inferred). Clients that send UTC never notice.
"""
MOST_LAYERS: Final = 60
"""PagerDuty knowledge base: schedule basics."""
TURN_SECONDS: Final = (3600, 31_536_000)
"""From the Terraform provider's validators; the API's own bounds are not published (inferred)."""

_DAY, _WEEK = 86_400, 604_800
_TOO_LONG: Final = "Please use a shorter duration or just turn the recurrence off."
_TIME_OF_DAY: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")
_TIMES: Final = ("start", "end", "rotation_virtual_start")

Fail = Callable[[str, str], None]


def _fail(field: str, message: str) -> None:
    raise invalid_schedule({field: [message]})


def kept_layers(
    account: Account, zone: str, sent: Any, before: Sequence[Thing], new_id: Callable[[], str]
) -> list[Thing]:
    """What a POST (nothing `before`) or PUT leaves in the schedule, Layer 1 first.

    A layer with an `id` changes the one before in place; one without is new; those not listed stay.
    """
    if not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent):
        _fail("schedule_layers", "must be an array of layers")
    known = {layer["id"]: layer for layer in before}
    result: list[Thing] = []
    for number, layer in enumerate(sent, start=1):
        old = known.get(str(layer.get("id")))
        if known and layer.get("id") and old is None:
            _fail("schedule_layers.id", "does not belong to this schedule")
        result.append(_kept(account, zone, layer, old, f"Layer {number}"))
    for place, layer in enumerate(before):
        if OMITTED_LAYER_IS_KEPT and all(one["id"] != layer["id"] for one in result):
            result.insert(min(place, len(result)), layer)
    if len(result) > MOST_LAYERS:
        _fail("schedule_layers", f"is too long (maximum is {MOST_LAYERS} layers)")
    for layer in result:
        layer["id"] = layer["id"] or new_id()
    return result


def _kept(account: Account, zone: str, sent: Mapping[str, Any], old: Thing | None, name: str) -> Thing:
    now = account.now()
    layer: Thing = {"id": None, "name": name, "end": None, "restrictions": []} if old is None else dict(old)
    given = {field: sent[field] for field in _TIMES if field in sent}
    layer.update({field: _moment(field, value, zone) for field, value in given.items()})
    if isinstance(sent.get("name"), str):
        layer["name"] = sent["name"]
    if "users" in sent:
        layer.update(_users(account, sent["users"], old, now))
    if "restrictions" in sent:
        layer["restrictions"] = [_restriction(one) for one in _listed(sent["restrictions"])]
    if "rotation_turn_length_seconds" in sent:
        layer["rotation_turn_length_seconds"] = sent["rotation_turn_length_seconds"]
    _check(layer)
    layer["start"] = _start(layer, old, now)
    return layer


def _start(layer: Thing, old: Thing | None, now: datetime) -> str:
    """A past start becomes now: history does not change (provider pull request 35). Ended layers keep theirs."""
    start = instant(layer["start"])
    ended = layer["end"] is not None and instant(layer["end"]) <= now
    if start > now:
        return str(layer["start"])
    if ended:
        return str((old or layer)["start"])
    unchanged = old is not None and {**old, "start": None} == {**layer, "start": None}
    if old is not None and unchanged and not UNCHANGED_LAYER_MOVES_TOO:
        return str(old["start"])
    return stamp(now)


def _moment(field: str, value: Any, zone: str) -> str | None:
    if value is None and field == "end":
        return None
    take = wall_as_utc if field == "rotation_virtual_start" and VIRTUAL_START_LOSES_ITS_OFFSET else _parsed(zone)
    moment = take(value)
    if moment is None:
        raise invalid_schedule({f"schedule_layers.{field}": ["is not a valid date"]})
    return stamp(to_minute(moment))


def _parsed(zone: str) -> Callable[[object], datetime | None]:
    return lambda value: parse(value, zone_of(zone))


def _users(account: Account, sent: Any, old: Thing | None, now: datetime) -> dict[str, Any]:
    if not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent):
        _fail("schedule_layers.users", "must be an array")
    if not sent:
        if old is None or not EMPTIED_LAYER_ENDS:
            _fail("schedule_layers.users", "can't be blank")
        return {"end": stamp(now)}
    return {"users": [{"user": {"id": referred(account, "users", one.get("user"))}} for one in sent]}


def _check(layer: Thing) -> None:
    for field in ("start", "rotation_virtual_start", "rotation_turn_length_seconds", "users"):
        if field not in layer:
            _fail(f"schedule_layers.{field}", "can't be blank")
    turn, (least, most) = layer["rotation_turn_length_seconds"], TURN_SECONDS
    if not isinstance(turn, int) or isinstance(turn, bool) or not least <= turn <= most:
        _fail("schedule_layers.rotation_turn_length_seconds", f"must be between {least} and {most}")


def _listed(sent: Any) -> list[Any]:
    if sent is not None and not isinstance(sent, list):
        _fail("schedule_layers.restrictions", "must be an array")
    return sent or []


def _restriction(sent: Any) -> Thing:
    kinds = {"daily_restriction": _DAY, "weekly_restriction": _WEEK}
    if not isinstance(sent, dict) or sent.get("type") not in list(kinds):
        raise invalid_schedule({"schedule_layers.restrictions.type": ["is not included in the list"]})
    kind, seconds, time = sent["type"], sent.get("duration_seconds"), sent.get("start_time_of_day")
    field = f"rotation_layers.{kind}s"
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 1:
        raise invalid_schedule({f"{field}.duration_seconds": ["must be greater than 0"]})
    if seconds >= kinds[kind]:
        raise invalid_schedule({f"{field}.duration_seconds": [_TOO_LONG]})
    if not isinstance(time, str) or not _TIME_OF_DAY.fullmatch(time):
        raise invalid_schedule({f"{field}.start_time_of_day": ["is invalid"]})
    found = {"type": kind, "start_time_of_day": time[:6] + "00", "duration_seconds": seconds}
    if kind == "weekly_restriction":
        day = sent.get("start_day_of_week")
        if not isinstance(day, int) or isinstance(day, bool) or not 1 <= day <= 7:
            raise invalid_schedule({f"{field}.start_day_of_week": ["must be between 1 and 7"]})
        found["start_day_of_week"] = day
    # On a daily restriction the day is dropped without a word, which is how others came to see it drift.
    return found
