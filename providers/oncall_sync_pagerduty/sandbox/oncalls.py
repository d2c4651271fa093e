"""Who is on call: per policy, level and user. Source: PagerDuty API: list on-calls."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from oncall_sync_sandbox.store import Thing

from .account import Account
from .http import Answer, Call, Route
from .pages import classic
from .policies import policy_view
from .refusals import invalid, refuse
from .rendering import Entry
from .schedules import schedule_view
from .shifts import final, whole
from .times import known_zone, parse, shown, zone_of
from .users import user_view

REACH: Final = timedelta(days=90)


class OnCall(NamedTuple):
    """A user on call for one level of one policy; a direct target has no schedule, start or end."""

    policy: str
    level: int
    user: str
    schedule: str | None
    start: datetime | None
    end: datetime | None


def ringing(account: Account, policy: Thing, at: datetime) -> Iterator[list[str]]:
    """The users of each level on call at an instant, level 1 first; each level's users once, in target order."""
    for rule in policy["rules"]:
        found: dict[str, None] = {}
        for target in rule["targets"]:
            if target["kind"] == "users":
                found[target["id"]] = None
            else:
                shifts = final(account, account.find("schedules", target["id"]))(at, at + timedelta(seconds=1))
                found.update(dict.fromkeys(one.user_id for one in shifts if one.start <= at < one.end))
        yield list(found)


def _all(account: Account, since: datetime, until: datetime, policies: list[Thing]) -> Iterator[OnCall]:
    shifts: dict[str, list[Entry]] = {}
    for policy in policies:
        for level, rule in enumerate(policy["rules"], start=1):
            for target in rule["targets"]:
                key = target["id"]
                if target["kind"] == "users":
                    yield OnCall(policy["id"], level, key, None, None, None)
                    continue
                if key not in shifts:
                    shifts[key] = whole(final(account, account.find("schedules", key)), since, until)
                for one in shifts[key]:
                    yield OnCall(policy["id"], level, one.user_id, key, one.start, one.end)


def _window(call: Call) -> tuple[datetime, datetime]:
    now = call.account.now()
    moments = {"since": now, "until": now}
    for name in moments:
        if (text := call.one(name)) is not None:
            moment = parse(text, call.account.zone)
            if moment is None:
                raise refuse(400, 2004, f"Invalid {name}", [f"{name.capitalize()} is not a valid date"])
            moments[name] = moment
    since, until = moments["since"], moments["until"]
    if call.one("until") is None:
        until = max(since, until)
    if until < since:
        raise refuse(400, 2005, "Invalid Range", ["Until must be after since"])
    if call.flag("earliest") and call.one("until") is None:
        until = since + REACH
    return since, min(until, now + REACH)


def _list(call: Call) -> Answer:
    account = call.account
    since, until = _window(call)
    wanted = set(call.many("escalation_policy_ids"))
    policies = [one for one in account.store.all("escalation_policies") if not wanted or one["id"] in wanted]
    found = list(_all(account, since, until, policies))
    if users := set(call.many("user_ids")):
        found = [one for one in found if one.user in users]
    if schedules := set(call.many("schedule_ids")):
        found = [one for one in found if (one.schedule or "null") in schedules]
    if call.flag("earliest"):
        first: dict[tuple[str, int, str], OnCall] = {}
        for one in found:
            known = first.setdefault(one[:3], one)
            if known.start is not None and (one.start is None or one.start < known.start):
                first[one[:3]] = one
        found = list(first.values())
    found.sort(key=lambda one: (one.policy, one.level, one.start is not None, one.start or since))
    zone = account.zone
    if (name := call.one("time_zone")) is not None:
        if not known_zone(name) and name != "UTC":
            raise invalid("Time zone is invalid")
        zone = zone_of(name)
    rows = [one._asdict() | {"start": shown(one.start, zone), "end": shown(one.end, zone)} for one in found]
    return classic(call, "oncalls", rows, lambda one: _view(call, one))


def _view(call: Call, one: Thing) -> dict[str, Any]:
    account = call.account
    policy = account.ref("escalation_policies", one["policy"])
    user = account.ref("users", one["user"])
    schedule = None if one["schedule"] is None else account.ref("schedules", one["schedule"])
    if call.includes("escalation_policies"):
        policy = policy_view(call, account.find("escalation_policies", one["policy"]))
    if call.includes("users") and "deleted_at" not in user:
        user = user_view(call, account.find("users", one["user"]))
    if call.includes("schedules") and one["schedule"] is not None:
        schedule = schedule_view(call, account.find("schedules", one["schedule"]), account.zone, set())
    return {
        "escalation_policy": policy,
        "escalation_level": one["level"],
        "schedule": schedule,
        "user": user,
        "start": one["start"],
        "end": one["end"],
    }


ROUTES: Final = (Route("GET", "/oncalls", _list),)


def first_called(account: Account, at: datetime) -> dict[str, list[str]]:
    """For every service the sorted emails of the first level of its policy that has somebody at that instant."""
    by_policy: dict[str, list[str]] = {}
    found: dict[str, list[str]] = {}
    for service in account.store.all("services"):
        key = service["policy"]
        if key not in by_policy:
            levels = ringing(account, account.find("escalation_policies", key), at)
            people = next((users for users in levels if users), [])
            by_policy[key] = sorted(_email(account, user) for user in people)
        found[service["name"]] = by_policy[key]
    return found


def _email(account: Account, user: str) -> str:
    # Not `find`: in the past somebody may have rung who is deleted by now.
    found = account.store.get("users", user)
    return user if found is None else str(found["email"])
