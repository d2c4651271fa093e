"""Teams and who is on them.

Source: PagerDuty API: teams; the refusals of memberships are recorded by the Terraform provider. A policy that a
team has brings its people along: they become members by themselves (the provider's issue on implicit members).
"""

from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .audit import brief, record, save
from .checks import Faults, referred, written
from .http import Answer, Call, Handler, Route
from .pages import by_name, classic, matching
from .refusals import invalid, not_found, refuse
from .usage import paged_users, policies_of_team, schedules_of_team

MEMBER_ROLES: Final = ("observer", "responder", "manager")
_STAKEHOLDERS: Final = {"read_only_user", "read_only_limited_user"}
_WRITABLE: Final = ("name", "description", "default_role")


def new_team(account: Account, fields: dict[str, Any]) -> Thing:
    """A team with defaults filled in, not yet stored."""
    blank = {"name": None, "description": None, "default_role": "manager", "parent": None}
    return {"id": account.store.new_id(), **blank, **fields}


def team_view(account: Account, team: Thing) -> dict[str, Any]:
    """A team as the API shows it."""
    return {
        "name": team["name"],
        "description": team["description"],
        **account.head("teams", team),
        "default_role": team["default_role"],
        "parent": None if team["parent"] is None else account.ref("teams", team["parent"]),
    }


def join(call: Call, team: Thing, user: str, role: str) -> None:
    """Makes the user a member with this role, or changes the role, and records it on the team."""
    account, key = call.account, f"{team['id']}/{user}"
    before = account.store.get("members", key)
    account.store.put("members", {"id": key, "team": team["id"], "user": user, "role": role})
    about = brief(account, "users", user)
    if before is None:
        record(call, "update", ("teams", team["id"]), references=[{"name": "members", "added": [about]}])
    elif before["role"] != role:
        change = {"name": "team_role", "before_value": before["role"], "value": role}
        record(call, "update", ("teams", team["id"]), resource=about, fields=[change])


def join_by_policy(call: Call, policy: Thing) -> None:
    """Adds everybody the policy pages to its team, with the team's default role."""
    for key in policy["teams"]:
        team = call.account.find("teams", key)
        for user in paged_users(call.account, policy):
            stakeholder = call.account.find("users", user)["role"] in _STAKEHOLDERS
            if not stakeholder and call.account.store.get("members", f"{key}/{user}") is None:
                join(call, team, user, team["default_role"])


def check_team(account: Account, team: Thing) -> None:
    """Refuses what the vendor refuses in a team."""
    faults = Faults()
    faults.text(team, "name", 100, required=True)
    faults.text(team, "description", 1024)
    faults.choice(team, "default_role", ("manager", "none"))
    parent = team["parent"]
    while parent is not None and not faults.found:
        if parent == team["id"]:
            faults.add("Parent can't be the team itself or one of its subteams")
        parent = account.find("teams", parent)["parent"]
    faults.end()


def _fields(call: Call) -> dict[str, Any]:
    body = call.wrapped("team")
    fields = written(body, _WRITABLE)
    if "parent" in body:
        fields["parent"] = None if body["parent"] is None else referred(call.account, "teams", body["parent"])
    return fields


def _list(call: Call) -> Answer:
    teams = by_name(call, matching(call, call.account.store.all("teams"), "name"))
    return classic(call, "teams", teams, lambda team: team_view(call.account, team))


def _create(call: Call) -> Answer:
    team = new_team(call.account, _fields(call))
    check_team(call.account, team)
    return Answer(201, {"team": team_view(call.account, save(call, "teams", team))})


def _get(call: Call) -> Answer:
    team = team_view(call.account, call.account.find("teams", call.ids[0]))
    if call.includes("privileges"):
        team["privileges"] = []
    return Answer(200, {"team": team})


def _update(call: Call) -> Answer:
    team = {**call.account.find("teams", call.ids[0]), **_fields(call)}
    check_team(call.account, team)
    return Answer(200, {"team": team_view(call.account, save(call, "teams", team))})


def _delete(call: Call) -> Answer:
    account, team = call.account, call.account.find("teams", call.ids[0])
    if (other := call.one("reassignment_team")) is not None:
        account.find("teams", other)
    children = any(one["parent"] == team["id"] for one in account.store.all("teams"))
    # Services are a team's through their policy, so the policies cover them.
    if children or policies_of_team(account, team["id"]) or schedules_of_team(account, team["id"]):
        raise refuse(400, 6006, "Team has existing associations")
    for member in [one for one in account.store.all("members") if one["team"] == team["id"]]:
        account.store.drop("members", member["id"])
    record(call, "delete", ("teams", team["id"]))
    account.store.drop("teams", team["id"])
    return Answer(204)


def _members(call: Call) -> Answer:
    from .users import user_view  # each shows the other

    account, team = call.account, call.account.find("teams", call.ids[0])
    members = account.store.index("members", "team", lambda one: one["team"])[team["id"]]

    def view(member: Thing) -> dict[str, Any]:
        if call.includes("users"):
            return {"user": user_view(call, account.find("users", member["user"])), "role": member["role"]}
        return {"user": account.ref("users", member["user"]), "role": member["role"]}

    return classic(call, "members", members, view)


def _put_member(call: Call) -> Answer:
    team = call.account.find("teams", call.ids[0])
    user = call.account.find("users", call.ids[1])
    role = call.body.get("role", team["default_role"]) if isinstance(call.body, dict) else team["default_role"]
    if role not in MEMBER_ROLES and role != team["default_role"]:
        raise invalid("Role is not included in the list")
    if user["role"] == "read_only_user":
        raise invalid("Read only users cannot be added to a team")
    join(call, team, user["id"], role)
    return Answer(204)


def _delete_member(call: Call) -> Answer:
    account, team = call.account, call.account.find("teams", call.ids[0])
    key = f"{team['id']}/{call.ids[1]}"
    if account.store.get("members", key) is None:
        raise not_found()
    if any(call.ids[1] in paged_users(account, policy) for policy in policies_of_team(account, team["id"])):
        raise invalid("User cannot be removed as they belong to an escalation policy on this team")
    account.store.drop("members", key)
    removed = {"name": "members", "removed": [brief(account, "users", call.ids[1])]}
    record(call, "update", ("teams", team["id"]), references=[removed])
    return Answer(204)


def _put_policy(call: Call) -> Answer:
    account = call.account
    team, policy = account.find("teams", call.ids[0]), account.find("escalation_policies", call.ids[1])
    if policy["teams"] and policy["teams"] != [team["id"]]:
        raise refuse(400, 2001, "Escalation Policy has already been taken")
    join_by_policy(call, save(call, "escalation_policies", {**policy, "teams": [team["id"]]}))
    return Answer(204)


def _delete_policy(call: Call) -> Answer:
    account = call.account
    team, policy = account.find("teams", call.ids[0]), account.find("escalation_policies", call.ids[1])
    if policy["teams"] != [team["id"]]:
        raise not_found()
    save(call, "escalation_policies", {**policy, "teams": []})
    return Answer(204)


def _for_plans_with_teams(handler: Handler) -> Handler:
    def guarded(call: Call) -> Answer:
        call.account.need("teams")
        return handler(call)

    return guarded


ROUTES: Final = tuple(
    Route(method, path, _for_plans_with_teams(handler))
    for method, path, handler in (
        ("GET", "/teams", _list),
        ("POST", "/teams", _create),
        ("GET", "/teams/*", _get),
        ("PUT", "/teams/*", _update),
        ("DELETE", "/teams/*", _delete),
        ("GET", "/teams/*/members", _members),
        ("PUT", "/teams/*/users/*", _put_member),
        ("DELETE", "/teams/*/users/*", _delete_member),
        ("PUT", "/teams/*/escalation_policies/*", _put_policy),
        ("DELETE", "/teams/*/escalation_policies/*", _delete_policy),
    )
)
