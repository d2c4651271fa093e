"""Policies: what changes alerts and their notifications. Source: Opsgenie API: policy (v2).

Policies of a team are found with `?teamId=` only, those of the account without it. Each kind has an order of its
own, and PUT replaces everything but that.
"""

from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import GLOBAL_POLICIES, Account
from .criteria import criteria_from, restriction_from
from .envelope import created, data, deleted, updated
from .http import Answer, Call, Route
from .policy_settings import alert_fields, notification_fields
from .refusals import Faults, not_found, unprocessable

NAME: Final = 100
DESCRIPTION: Final = 200
"""By the docs of version 2; the API description and those of version 1 say 512 for both."""
TYPES: Final = ("alert", "notification")
MATCH_ALL: Final = {"type": "match-all"}
"""Inferred: a policy without a filter is for every alert."""
_COMMON: Final = ("id", "type", "name", "policyDescription", "enabled", "filter")


def policies_of(account: Account, team: str | None, kind: str) -> list[Thing]:
    """The policies of a team (None: the account's) of one type, in the order in which they are asked."""
    found = account.store.index("policies", "team", _group)[(team, kind)]
    return sorted(found, key=lambda one: int(one["order"]))


def _group(policy: Thing) -> tuple[tuple[str | None, str]]:
    return ((policy["teamId"], policy["type"]),)  # an index reads a tuple as several keys


def policy_view(account: Account, policy: Thing) -> dict[str, Any]:
    """A policy as GET shows it."""
    view = {name: policy[name] for name in _COMMON}
    if policy["teamId"] is not None:
        view["teamId"] = policy["teamId"]
    if policy["timeRestrictions"] is not None:
        view["timeRestrictions"] = policy["timeRestrictions"]
    view |= policy["settings"]
    if policy["type"] == "alert":
        view["responders"] = [account.shown(one) for one in policy["responders"]]
    return view


def _meta(policy: Thing) -> dict[str, Any]:
    return {name: policy[name] for name in ("id", "name", "type", "order", "enabled")}


def _written(call: Call, team: str | None) -> Thing:
    """What a whole body says, without id and order."""
    body = call.given(*call.body)
    faults = Faults()
    faults.choice(body, "type", TYPES)
    faults.text(body, "name", NAME, required=True)
    faults.text(body, "policyDescription", DESCRIPTION)
    faults.flag(body, "enabled")
    if body.get("enabled") is None:
        faults.add("enabled", "enabled can not be empty.")
    faults.end()
    kind = body["type"]
    if team is None and kind == "notification":
        raise unprocessable("teamId can not be empty for notification policies.")
    settings, responders = alert_fields(call.account, body) if kind == "alert" else (notification_fields(body), [])
    restrictions = body.get("timeRestrictions")
    return {
        "type": kind,
        "teamId": team,
        "name": body["name"],
        "policyDescription": body.get("policyDescription", ""),
        "enabled": body["enabled"],
        "filter": criteria_from(body["filter"]) if "filter" in body else MATCH_ALL,
        "timeRestrictions": None if restrictions is None else restriction_from(restrictions),
        "settings": settings,
        "responders": responders,
    }


def _team(call: Call) -> str | None:
    """The team whose policies are meant; 422 if there is no such team."""
    key = call.one("teamId")
    if not key:
        return None
    if call.account.store.get("teams", key) is None:
        raise unprocessable(f"Team with id [{key}] does not exist.")
    return key


def _found(call: Call) -> Thing:
    """The policy in the path; without its team in the query it is not there."""
    policy = call.account.store.get("policies", call.ids[0])
    if policy is None or policy["teamId"] != _team(call):
        raise not_found("Policy", call.ids[0])
    return policy


def _ordered(account: Account, policies: list[Thing]) -> None:
    for order, policy in enumerate(policies):
        if policy["order"] != order:
            account.store.put("policies", {**policy, "order": order})


def _listed(call: Call, kind: str) -> Answer:
    team = _team(call)
    if team is None and kind == "notification":
        raise unprocessable("teamId can not be empty for notification policies.")
    return data(call, [_meta(policy) for policy in policies_of(call.account, team, kind)])


def _alert(call: Call) -> Answer:
    return _listed(call, "alert")


def _notification(call: Call) -> Answer:
    return _listed(call, "notification")


def _create(call: Call) -> Answer:
    """The new one is the last."""
    account, team = call.account, _team(call)
    if team is None and GLOBAL_POLICIES not in account.features:
        raise unprocessable("Your plan does not allow global policies.")
    policy = _written(call, team)
    order = len(policies_of(account, team, policy["type"]))
    return created(call, _meta(account.store.put("policies", {"id": account.new_id(), **policy, "order": order})))


def _get(call: Call) -> Answer:
    return data(call, policy_view(call.account, _found(call)))


def _update(call: Call) -> Answer:
    before = _found(call)
    policy = {**before, **_written(call, before["teamId"])}
    if policy["type"] != before["type"]:
        raise unprocessable("Type of a policy can not be changed.")
    return updated(call, _meta(call.account.store.put("policies", policy)))


def _delete(call: Call) -> Answer:
    policy = _found(call)
    call.account.store.drop("policies", policy["id"])
    _ordered(call.account, policies_of(call.account, policy["teamId"], policy["type"]))
    return deleted(call)


def _switch(call: Call) -> Answer:
    on = call.path.endswith("/enable")
    call.account.store.put("policies", {**_found(call), "enabled": on})
    return Answer(200, {"result": "Enabled" if on else "Disabled"})


def _change_order(call: Call) -> Answer:
    """An index past the end is the end (API description)."""
    policy = _found(call)
    faults = Faults()
    faults.whole(call.body, "targetIndex", 0)
    if call.body.get("targetIndex") is None:
        faults.add("targetIndex", "targetIndex can not be empty.")
    faults.end()
    others = policies_of(call.account, policy["teamId"], policy["type"])
    others = [one for one in others if one["id"] != policy["id"]]
    others.insert(call.body["targetIndex"], policy)
    _ordered(call.account, others)
    return Answer(200, {"result": "Updated"})


ROUTES: Final = (
    Route("POST", "/v2/policies", _create),
    Route("GET", "/v2/policies/alert", _alert),
    Route("GET", "/v2/policies/notification", _notification),
    Route("GET", "/v2/policies/*", _get),
    Route("PUT", "/v2/policies/*", _update),
    Route("DELETE", "/v2/policies/*", _delete),
    Route("POST", "/v2/policies/*/enable", _switch),
    Route("POST", "/v2/policies/*/disable", _switch),
    Route("POST", "/v2/policies/*/change-order", _change_order),
)
