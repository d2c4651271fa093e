"""Roles that a team makes up for its members. Source: Opsgenie API: team role."""

from collections.abc import Mapping
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .envelope import created, data, deleted, updated
from .http import Answer, Call, Route
from .refusals import Faults, conflict, in_use, not_found, unprocessable

BUILT_IN: Final = ("user", "admin")
RIGHTS: Final = frozenset(
    (
        "manage-members", "edit-team-roles", "delete-team-roles", "access-member-profiles", "edit-member-profiles",
        "edit-routing-rules", "delete-routing-rules", "edit-escalations", "delete-escalations", "edit-schedules",
        "delete-schedules", "edit-integrations", "delete-integrations", "edit-heartbeats", "delete-heartbeats",
        "access-reports", "edit-services", "delete-services", "edit-rooms", "delete-rooms",
        "send-service-status-update", "edit-policies", "delete-policies", "edit-maintenance", "delete-maintenance",
        "edit-automation-actions", "delete-automation-actions", "subscription-to-services",
    )
)  # fmt: skip
"""Only the first two are documented where we could read it; the others are inferred."""


def _team(call: Call) -> Thing:
    return call.account.find_by(call, "teams", parameter="teamIdentifierType")


def _roles(account: Account, team: str) -> list[Thing]:
    return [one for one in account.store.all("team_roles") if one["team"] == team]


def _found(call: Call) -> Thing:
    key = call.identifier_type()
    for role in _roles(call.account, _team(call)["id"]):
        if role[key] == call.ids[1]:
            return role
    raise not_found("Team role", call.ids[1])


def _view(role: Thing) -> dict[str, Any]:
    return {name: role[name] for name in ("id", "name", "rights")}


def _checked(call: Call, role: Thing) -> Thing:
    faults = Faults()
    faults.text(role, "name", 100, required=True)
    faults.end()
    others = [one["name"] for one in _roles(call.account, role["team"]) if one["id"] != role["id"]]
    if role["name"] in (*BUILT_IN, *others):
        raise conflict("Team role", role["name"])
    if not isinstance(role["rights"], list):
        raise unprocessable("rights can not be empty.")
    return {**role, "rights": [_right(one) for one in role["rights"]]}


def _right(body: Any) -> dict[str, Any]:
    fields: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    faults = Faults()
    faults.choice(fields, "right", RIGHTS)
    faults.flag(fields, "granted")
    faults.end()
    return {"right": fields["right"], "granted": fields.get("granted", False)}


def _list(call: Call) -> Answer:
    return data(call, [_view(role) for role in _roles(call.account, _team(call)["id"])])


def _create(call: Call) -> Answer:
    role: Thing = {"id": "", "team": _team(call)["id"], "name": None, "rights": None}
    role = _checked(call, {**role, **call.given("name", "rights")})
    role = call.account.store.put("team_roles", {**role, "id": call.account.new_id()})
    return created(call, {"id": role["id"], "name": role["name"]})


def _get(call: Call) -> Answer:
    return data(call, _view(_found(call)))


def _update(call: Call) -> Answer:
    """Members keep a role that is renamed: they hold it by name, so the name changes with them."""
    before, team = _found(call), _team(call)
    role = call.account.store.put("team_roles", _checked(call, {**before, **call.given("name", "rights")}))
    members = [{**one, "role": role["name"]} if one["role"] == before["name"] else one for one in team["members"]]
    call.account.store.put("teams", {**team, "members": members})
    return updated(call, {"id": role["id"], "name": role["name"]})


def _delete(call: Call) -> Answer:
    role, team = _found(call), _team(call)
    if any(one["role"] == role["name"] for one in team["members"]):
        raise in_use("Team role", role["name"], [f"members of team [{team['name']}]"])
    call.account.store.drop("team_roles", role["id"])
    return deleted(call)


ROUTES: Final = (
    Route("GET", "/v2/teams/*/roles", _list),
    Route("POST", "/v2/teams/*/roles", _create),
    Route("GET", "/v2/teams/*/roles/*", _get),
    Route("PATCH", "/v2/teams/*/roles/*", _update),
    Route("DELETE", "/v2/teams/*/roles/*", _delete),
)
