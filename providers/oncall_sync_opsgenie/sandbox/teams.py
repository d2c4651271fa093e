"""Teams and their members. Source: Opsgenie API: team; list items and members are recorded.

A new team comes with a schedule, an escalation and a default routing rule (docs; the Terraform provider's
`delete_default_resources` exists to get rid of them).
"""

import re
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .envelope import created, data, deleted, updated
from .escalations import default_escalation, drop_escalation
from .http import Answer, Call, Route
from .refusals import Faults, Refusal, conflict, in_use, not_found, refuse, unprocessable
from .routing_rules import default_rule, drop_rules
from .schedules import default_schedule, drop_schedule
from .usage import references

NAME: Final = re.compile(r"[a-zA-Z 0-9_.-]+")
DESCRIPTION: Final = 1000
"""Inferred: the longest description."""
MEMBER_ROLES: Final = ("user", "admin")
NAMES_ARE_SHARED: Final = True
"""A team and a schedule cannot have one name: 409 with the message below (Terraform provider, issue 353)."""
OWNED: Final = ("schedules", "escalations", "integrations", "policies", "heartbeats")
"""Inferred: what goes with its team; services hold it."""
_SITE: Final = "https://app.opsgenie.com/teams/dashboard"
_API: Final = "https://api.opsgenie.com/v2/teams"


def team_view(account: Account, team: Thing, *, members: bool = True) -> dict[str, Any]:
    """A team; lists leave the members out (recorded)."""
    key = team["id"]
    view: dict[str, Any] = {"id": key, "name": team["name"], "description": team["description"]}
    if members:
        view["members"] = [
            {
                "user": {"id": one["user"], "username": account.find("users", one["user"])["username"]},
                "role": one["role"],
            }
            for one in team["members"]
        ]
    return {**view, "links": {"web": f"{_SITE}/{key}/main", "api": f"{_API}/{key}"}}


def new_team(account: Account, fields: dict[str, Any], *, defaults: bool = True) -> Thing:
    """A stored team with its default rule, and unless told otherwise with the schedule and escalation it pages."""
    team = {"id": account.new_id(), "name": None, "description": "", "members": [], **fields}
    team = account.store.put("teams", _checked(account, team))
    try:
        notify = _with_defaults(account, team) if defaults else {"type": "none"}
    except Refusal:  # their names are taken, or too long: then there is no team either
        account.store.drop("teams", team["id"])
        raise
    default_rule(account, team["id"], notify)
    return team


def _with_defaults(account: Account, team: Thing) -> dict[str, str]:
    """Makes what a team comes with; the recipient that its default rule notifies."""
    schedule = default_schedule(account, team)
    try:
        escalation = default_escalation(account, team, schedule)
    except Refusal:
        drop_schedule(account, schedule["id"])
        raise
    return {"type": "escalation", "id": escalation["id"]}


def _checked(account: Account, team: Thing) -> Thing:
    """The team; refuses what the vendor refuses in it."""
    faults = Faults()
    faults.text(team, "name", 100, required=True, pattern=NAME)
    faults.text(team, "description", DESCRIPTION)
    faults.end()
    other = account.by_name("teams", team["name"])
    if other is not None and other["id"] != team["id"]:
        raise conflict("Team", team["name"])
    if NAMES_ARE_SHARED and account.by_name("schedules", team["name"]) is not None:
        raise refuse(409, "There is already one Schedule with same name")
    return team


def _members(account: Account, team: str, body: Any) -> list[dict[str, str]]:
    """What `members` in a body says, as it is kept."""
    if not isinstance(body, list):
        raise unprocessable("members should be a list.")
    found = [_member(account, team, one) for one in body]
    if len({one["user"] for one in found}) < len(found):
        raise unprocessable("A user can not be added to a team twice.")
    return found


def _member(account: Account, team: str, body: Any) -> dict[str, str]:
    """`{"user": id, "role"}` of `{"user": {"id"|"username"}, "role"}`."""
    fields = body if isinstance(body, dict) else {}
    user = account.referred("users", fields.get("user"))
    role = fields.get("role") or "user"
    own = [one["name"] for one in account.store.all("team_roles") if one["team"] == team]
    if role not in (*MEMBER_ROLES, *own):
        raise unprocessable(f"Role [{role}] is not a role of the team.")
    return {"user": user["id"], "role": role}


def _fields(call: Call, team: str) -> dict[str, Any]:
    fields = call.given("name", "description", "members")
    if "members" in fields:
        fields["members"] = _members(call.account, team, fields["members"])
    return fields


def _list(call: Call) -> Answer:
    teams = call.account.store.all("teams")
    return data(call, [team_view(call.account, team, members=False) for team in teams])


def _create(call: Call) -> Answer:
    team = new_team(call.account, _fields(call, ""))
    return created(call, {"id": team["id"], "name": team["name"]})


def _get(call: Call) -> Answer:
    return data(call, team_view(call.account, call.account.find_by(call, "teams")))


def _update(call: Call) -> Answer:
    """By id only. `members`, when present, replaces them all; what a team came with keeps its name."""
    before = call.account.find("teams", call.ids[0])
    team = {**before, **_fields(call, before["id"])}
    team = call.account.store.put("teams", _checked(call.account, team))
    return updated(call, {"id": team["id"], "name": team["name"]})


def _delete(call: Call) -> Answer:
    account, team = call.account, call.account.find_by(call, "teams")
    owned = {kind: [one for one in account.store.all(kind) if owner_of(one) == team["id"]] for kind in OWNED}
    refusal = _in_use(account, team, owned)
    if refusal is not None:
        raise refusal
    drop_rules(account, team["id"])
    for schedule in owned.pop("schedules"):
        drop_schedule(account, schedule["id"])
    for escalation in owned.pop("escalations"):
        drop_escalation(account, escalation["id"])
    for kind, things in owned.items():
        for one in things:
            account.store.drop(kind, one["id"])
    for role in [one for one in account.store.all("team_roles") if one["team"] == team["id"]]:
        account.store.drop("team_roles", role["id"])
    account.store.drop("teams", team["id"])
    return deleted(call)


def owner_of(thing: Thing) -> str | None:
    """The team that something belongs to."""
    return thing.get("ownerTeam") or thing.get("teamId")


def _in_use(account: Account, team: Thing, owned: dict[str, list[Thing]]) -> Refusal | None:
    """428 while anything else refers to the team, or to a schedule or an escalation that would go with it."""
    mine = {f"routing rule of team [{team['name']}]"}
    for kind, word in (("escalations", "escalation"), ("schedules", "schedule"), ("integrations", "integration")):
        mine |= {f"{word} [{one['name']}]" for one in owned[kind]}
    mine |= {f"policy [{one['name']}]" for one in owned["policies"]}
    by = references(account, "teams", team["id"])
    for kind in ("schedules", "escalations"):
        for one in owned[kind]:
            by += references(account, kind, one["id"])
    by = [one for one in dict.fromkeys(by) if one not in mine]
    return in_use("Team", team["name"], by) if by else None


def _of_members(call: Call) -> Thing:
    return call.account.find_by(call, "teams", parameter="teamIdentifierType")


def _add_member(call: Call) -> Answer:
    """Somebody who is a member already gets the role (inferred)."""
    team = _of_members(call)
    member = _member(call.account, team["id"], call.body)
    rest = [one for one in team["members"] if one["user"] != member["user"]]
    call.account.store.put("teams", {**team, "members": [*rest, member]})
    return updated(call, {"id": team["id"], "name": team["name"]}, "Added")


def _remove_member(call: Call) -> Answer:
    team, user = _of_members(call), call.account.find("users", call.ids[1])
    rest = [one for one in team["members"] if one["user"] != user["id"]]
    if len(rest) == len(team["members"]):
        raise not_found("Team member", call.ids[1])
    call.account.store.put("teams", {**team, "members": rest})
    return updated(call, {"id": team["id"], "name": team["name"]}, "Removed")


ROUTES: Final = (
    Route("GET", "/v2/teams", _list),
    Route("POST", "/v2/teams", _create),
    Route("GET", "/v2/teams/*", _get),
    Route("PATCH", "/v2/teams/*", _update),
    Route("DELETE", "/v2/teams/*", _delete),
    Route("POST", "/v2/teams/*/members", _add_member),
    Route("DELETE", "/v2/teams/*/members/*", _remove_member),
)
