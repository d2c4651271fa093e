"""Legacy (layer-based) schedules. Source: PagerDuty API: schedules; layers.py has what it does to layers."""

from datetime import tzinfo
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .audit import record, save
from .checks import referred_all, written
from .http import Answer, Call, Route
from .layers import kept_layers
from .pages import classic, matching
from .refusals import invalid, invalid_schedule, not_found
from .shifts import HORIZON, asked_window, entry_view, final, of_layer, of_overrides, rendered, whole
from .teams import join_by_policy
from .times import known_zone, shown, stamp, zone_of
from .usage import open_incidents, policies_targeting
from .users import user_view

LISTS_RENDER_FINAL: Final = True
"""Inferred: lists carry `final_schedule` and `overrides_subschedule` when asked, as the 2026 description says;
recordings up to 2024 show lists without them."""
_VERSIONS_KEPT: Final = 50
_PREVIEWED: Final = "PREVIEW"


def new_schedule(account: Account, body: dict[str, Any], key: str | None = None) -> Thing:
    """A schedule with defaults filled in and checked, not yet stored."""
    blank = {"id": key or account.store.new_id(), "name": None, "description": None, "time_zone": None}
    return _applied(account, {**blank, "teams": [], "layers": [], "past": []}, body)


def _applied(account: Account, before: Thing, body: dict[str, Any]) -> Thing:
    schedule = {**before, **written(body, ("name", "description", "time_zone"))}
    if "teams" in body:
        schedule["teams"] = referred_all(account, "teams", body["teams"])
    _check(schedule)
    if "schedule_layers" in body:
        before_layers = before["layers"]
        # An id in a POST names nothing and is replaced, as recorded for the rules of a policy.
        new_id = _numbered() if before["id"] == _PREVIEWED else account.store.new_id
        schedule["layers"] = kept_layers(
            account, schedule["time_zone"], body["schedule_layers"], before_layers, new_id
        )
    return schedule


def _numbered() -> Any:
    numbers = iter(range(1, 1000))
    return lambda: f"PLAYER{next(numbers)}"


def _check(schedule: Thing) -> None:
    errors: dict[str, list[str]] = {}
    for field, most in (("name", 255), ("description", 1024)):
        value = schedule[field]
        if field == "name" and not str(value or "").strip():
            errors[field] = ["can't be blank"]
        elif value is not None and not isinstance(value, str):
            errors[field] = ["must be a string"]
        elif value is not None and len(value) > most:
            errors[field] = [f"is too long (maximum is {most} characters)"]
    if not known_zone(schedule["time_zone"]):
        errors["time_zone"] = ["is not included in the list"]
    if errors:
        raise invalid_schedule(errors)


def schedule_view(call: Call, schedule: Thing, zone: tzinfo, parts: set[str]) -> dict[str, Any]:
    """A schedule with the named parts, its times in `zone`."""
    account = call.account
    span, overflow = asked_window(call, zone), call.flag("overflow")
    users = dict.fromkeys(one["user"]["id"] for layer in reversed(schedule["layers"]) for one in layer["users"])
    policies = policies_targeting(account, "schedules", schedule["id"])
    view = {
        **account.head("schedules", schedule),
        "name": schedule["name"],
        "time_zone": schedule["time_zone"],
        "description": schedule["description"],
        "users": account.refs("users", list(users)),
        "escalation_policies": account.refs("escalation_policies", [one["id"] for one in policies]),
        "teams": account.refs("teams", schedule["teams"]),
    }
    if "schedule_layers" in parts:
        # The other way round than they were sent: the newest, which wins, comes first.
        view["schedule_layers"] = [
            _layer_view(account, layer, zone)
            | rendered(account, of_layer(schedule, layer["id"]), span, zone, overflow=overflow)
            for layer in reversed(schedule["layers"])
        ]
    if "overrides_subschedule" in parts:
        found = rendered(account, of_overrides(account, schedule), span, zone, overflow=overflow)
        view["overrides_subschedule"] = {"name": "Overrides", **found}
    if "final_schedule" in parts:
        found = rendered(account, final(account, schedule), span, zone, overflow=overflow)
        view["final_schedule"] = {"name": "Final Schedule", **found}
    if (user := call.one("include_next_oncall_for_user")) is not None:
        view["next_oncall_for_user"] = _next_oncall(account, schedule, user, zone)
    return view


def _layer_view(account: Account, layer: Thing, zone: tzinfo) -> dict[str, Any]:
    times = {name: shown(layer[name], zone) for name in ("start", "end", "rotation_virtual_start")}
    return {
        "name": layer["name"],
        "id": layer["id"],
        **times,
        "rotation_turn_length_seconds": layer["rotation_turn_length_seconds"],
        "users": [{"user": account.ref("users", one["user"]["id"])} for one in layer["users"]],
        "restrictions": layer["restrictions"],
    }


def _next_oncall(account: Account, schedule: Thing, user: str, zone: tzinfo) -> dict[str, Any] | None:
    now = account.now()
    mine = [one for one in whole(final(account, schedule), now, now + HORIZON) if one.user_id == user]
    return entry_view(account, mine[0], zone) if mine else None


_EVERYTHING: Final = {"schedule_layers", "overrides_subschedule", "final_schedule"}


def _zone(call: Call, default: tzinfo) -> tzinfo:
    name = call.one("time_zone")
    if name is None:
        return default
    if not known_zone(name) and name != "UTC":
        raise invalid("Time zone is invalid")
    return zone_of(name)


def _whole(call: Call, schedule: Thing, status: int = 200) -> Answer:
    zone = _zone(call, zone_of(schedule["time_zone"]))
    return Answer(status, {"schedule": schedule_view(call, schedule, zone, _EVERYTHING)})


def _list(call: Call) -> Answer:
    account = call.account
    layered = [one for one in account.store.all("schedules") if not one.get("shift_based")]
    schedules = matching(call, layered, "name")
    teams = set(call.many("team_ids"))
    if teams:
        schedules = [one for one in schedules if teams & set(one["teams"])]
    parts = {part for part in _EVERYTHING if call.includes(part)}
    if not LISTS_RENDER_FINAL:
        parts &= {"schedule_layers"}
    zone = _zone(call, account.zone)
    return classic(call, "schedules", schedules, lambda one: schedule_view(call, one, zone, parts))


def _create(call: Call) -> Answer:
    schedule = new_schedule(call.account, call.wrapped("schedule"))
    return _whole(call, save(call, "schedules", schedule), 201)


def _get(call: Call) -> Answer:
    return _whole(call, _layered(call))


def _layered(call: Call) -> Thing:
    """The schedule in the path. Inferred: one that was upgraded is not there any more for calls of v2."""
    schedule = call.account.find("schedules", call.ids[0])
    if schedule.get("shift_based"):
        raise not_found()
    return schedule


def _update(call: Call) -> Answer:
    account, before = call.account, _layered(call)
    schedule = _applied(account, before, call.wrapped("schedule"))
    now = stamp(account.now())
    if schedule["layers"] != before["layers"] and not any(one["until"] == now for one in before["past"]):
        past = [*before["past"], {"until": now, "layers": before["layers"]}]
        schedule["past"] = past[-_VERSIONS_KEPT:]
    save(call, "schedules", schedule)
    for policy in policies_targeting(account, "schedules", schedule["id"]):
        join_by_policy(call, policy)
    return _whole(call, schedule)


def _delete(call: Call) -> Answer:
    account, schedule = call.account, _layered(call)
    key = schedule["id"]
    if policies_targeting(account, "schedules", key):
        raise invalid("Schedule can't be deleted if it's being used by escalation policies")
    if any(["schedules", key] in one["snapshot"] for one in open_incidents(account)):
        raise invalid(
            "Schedule can't be deleted if it's being used by an escalation policy snapshot with open incidents"
        )
    for override in [one for one in account.store.all("overrides") if one["schedule"] == key]:
        account.store.drop("overrides", override["id"])
    record(call, "delete", ("schedules", key))
    account.store.drop("schedules", key)
    return Answer(204)


def _preview(call: Call) -> Answer:
    body = {"name": "Preview", **call.wrapped("schedule")}
    return _whole(call, new_schedule(call.account, body, _PREVIEWED))


def _users(call: Call) -> Answer:
    account, schedule = call.account, call.account.find("schedules", call.ids[0])
    span = asked_window(call, zone_of(schedule["time_zone"]))
    if span is None:
        keys = dict.fromkeys(one["user"]["id"] for layer in schedule["layers"] for one in layer["users"])
    else:
        keys = dict.fromkeys(one.user_id for one in final(account, schedule)(*span))
    living = [user for key in keys if (user := account.store.get("users", key)) and not user.get("deleted_at")]
    return Answer(200, {"users": [user_view(call, user) for user in living]})


ROUTES: Final = (
    Route("GET", "/schedules", _list),
    Route("POST", "/schedules", _create),
    Route("POST", "/schedules/preview", _preview),
    Route("GET", "/schedules/*", _get),
    Route("PUT", "/schedules/*", _update),
    Route("DELETE", "/schedules/*", _delete),
    Route("GET", "/schedules/*/users", _users),
)
