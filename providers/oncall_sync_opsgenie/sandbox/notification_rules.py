"""What a person hears of, and when. Source: Opsgenie API: notification rule."""

from collections.abc import Mapping
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .criteria import criteria_from, restriction_from
from .envelope import created, data, deleted, updated
from .http import Answer, Call, Route
from .notification_steps import ACTIONS, MOST_STEPS, found_rule, new_step, rules_of, step_from
from .refusals import Faults, unprocessable

TIMED: Final = ("schedule-start", "schedule-end")
TIMES: Final = ("just-before", "15-minutes-ago", "1-hour-ago", "1-day-ago")
DEFAULTS: Final = {
    "create-alert": "New Alert",
    "acknowledged-alert": "Acknowledged Alert",
    "closed-alert": "Closed Alert",
    "renotified-alert": "Renotified Alert",
    "assigned-alert": "Assigned Alert",
    "add-note": "Add Note",
    "schedule-start": "Schedule Start",
    "schedule-end": "Schedule End",
}
"""Inferred, but for their number: what a new user has, each telling by email at once."""
_WRITABLE: Final = (
    "name", "criteria", "notificationTime", "timeRestriction", "schedules", "steps", "repeat", "enabled",
)  # fmt: skip


def default_rules(account: Account, user: Thing) -> None:
    """The rules of a new user, by its email."""
    contact = {"method": "email", "to": user["username"]}
    for action, name in DEFAULTS.items():
        rule = _blank(account, user["id"], action) | {"name": name, "enabled": True}
        rule["steps"] = [new_step(account, {"contact": contact, "enabled": True, "sendAfter": {"timeAmount": 0}})]
        if action in TIMED:
            rule["notificationTime"] = ["just-before"]
        account.store.put("notification_rules", rule)


def drop_rules(account: Account, user: str) -> None:
    """Forgets the rules of a user who goes."""
    for one in rules_of(account, user):
        account.store.drop("notification_rules", one["id"])


def _blank(account: Account, user: str, action: str) -> Thing:
    return {
        "id": account.new_id(),
        "user": user,
        "actionType": action,
        "order": sum(one["actionType"] == action for one in rules_of(account, user)),
        "name": None,
        "criteria": {"type": "match-all"},
        "notificationTime": [],
        "timeRestriction": None,
        "schedules": [],
        "steps": [],
        "repeat": None,
        "enabled": None,
    }


def _meta(rule: Thing) -> dict[str, Any]:
    return {name: rule[name] for name in ("id", "name", "actionType", "order", "enabled")}


def _view(account: Account, rule: Thing) -> dict[str, Any]:
    view = {**_meta(rule), "criteria": rule["criteria"], "steps": rule["steps"]}
    view |= {name: rule[name] for name in ("notificationTime", "timeRestriction", "repeat") if rule[name]}
    if rule["schedules"]:
        view["schedules"] = [account.shown(one) for one in rule["schedules"]]
    return view


def _changed(call: Call, rule: Thing) -> Thing:
    """The rule with what the body says."""
    account, fields = call.account, call.given(*_WRITABLE)
    faults = Faults()
    rule = {**rule, **fields}
    faults.text(rule, "name", 512, required=True)
    faults.flag(rule, "enabled")
    times = rule["notificationTime"]
    if not isinstance(times, list) or not all(one in TIMES for one in times):
        faults.add("notificationTime", f"notificationTime should be of [{', '.join(TIMES)}].")
    elif rule["actionType"] in TIMED and not times:
        faults.add("notificationTime", "notificationTime can not be empty.")
    for name in ("schedules", "steps"):
        if not isinstance(rule[name], list) or len(rule[name]) > MOST_STEPS:
            faults.add(name, f"{name} should be a list of at most {MOST_STEPS}.")
    faults.end()
    if "criteria" in fields:
        rule["criteria"] = criteria_from(fields["criteria"])
    if "timeRestriction" in fields:
        rule["timeRestriction"] = restriction_from(fields["timeRestriction"])
    if "steps" in fields:
        rule["steps"] = [step_from(account, rule["user"], one) for one in fields["steps"]]
    if "repeat" in fields:
        rule["repeat"] = _repeat(fields["repeat"])
    rule["schedules"] = [account.recipient(one, ("schedule",)) for one in rule["schedules"]]
    return rule


def _repeat(body: Any) -> dict[str, Any]:
    fields: Mapping[str, Any] = body if isinstance(body, Mapping) else {"enabled": None}
    faults = Faults()
    faults.whole(fields, "loopAfter", 0)
    faults.flag(fields, "enabled")
    faults.end()
    return {"loopAfter": fields.get("loopAfter", 0), "enabled": fields.get("enabled", False)}


def _placed(account: Account, rule: Thing, order: int) -> Thing:
    """Puts the rule at an index among those of its action."""
    others = [
        one
        for one in rules_of(account, rule["user"])
        if one["actionType"] == rule["actionType"] and one["id"] != rule["id"]
    ]
    others.insert(order, rule)
    kept = [account.store.put("notification_rules", {**one, "order": index}) for index, one in enumerate(others)]
    return next(one for one in kept if one["id"] == rule["id"])


def _order(call: Call, default: int) -> int:
    faults = Faults()
    faults.whole(call.body, "order", 0)
    faults.end()
    order = call.body.get("order")
    return default if order is None else int(order)


def _list(call: Call) -> Answer:
    user = call.account.find("users", call.ids[0])["id"]
    return data(call, [_meta(rule) for rule in rules_of(call.account, user)])


def _create(call: Call) -> Answer:
    user = call.account.find("users", call.ids[0])["id"]
    faults = Faults()
    faults.choice(call.body, "actionType", ACTIONS)
    if call.body.get("enabled") is None:
        faults.add("enabled", "enabled can not be empty.")
    faults.end()
    blank = _blank(call.account, user, call.body["actionType"])
    rule = _placed(call.account, _changed(call, blank), _order(call, blank["order"]))
    return created(call, _meta(rule))


def _get(call: Call) -> Answer:
    return data(call, _view(call.account, found_rule(call)))


def _update(call: Call) -> Answer:
    rule = _changed(call, found_rule(call))
    return updated(call, _meta(_placed(call.account, rule, _order(call, rule["order"]))))


def _delete(call: Call) -> Answer:
    call.account.store.drop("notification_rules", found_rule(call)["id"])
    return deleted(call)


def _enable(call: Call) -> Answer:
    rule = call.account.store.put("notification_rules", {**found_rule(call), "enabled": True})
    return updated(call, _meta(rule), "Enabled")


def _disable(call: Call) -> Answer:
    rule = call.account.store.put("notification_rules", {**found_rule(call), "enabled": False})
    return updated(call, _meta(rule), "Disabled")


def _change_order(call: Call) -> Answer:
    rule = found_rule(call)
    if call.body.get("order") is None:
        raise unprocessable("order can not be empty.")
    return updated(call, _meta(_placed(call.account, rule, _order(call, 0))))


_RULES: Final = "/v2/users/*/notification-rules"
ROUTES: Final = (
    Route("GET", _RULES, _list),
    Route("POST", _RULES, _create),
    Route("GET", f"{_RULES}/*", _get),
    Route("PATCH", f"{_RULES}/*", _update),
    Route("DELETE", f"{_RULES}/*", _delete),
    Route("POST", f"{_RULES}/*/enable", _enable),
    Route("POST", f"{_RULES}/*/disable", _disable),
    Route("POST", f"{_RULES}/*/change-order", _change_order),
)
