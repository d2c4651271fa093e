"""Users. Source: PagerDuty API: list, create, get, update and delete a user."""

import hashlib
from typing import Any, Final

from oncall_sync_sandbox.store import Index, Thing

from .account import Account
from .audit import record, save
from .checks import Faults, referred_all, written
from .contacts import contact_view, default_contacts, drop_contacts, rule_view
from .http import Answer, Call, Route
from .pages import classic, matching
from .refusals import Refusal, conflict, invalid, refuse
from .teams import team_view
from .times import instant, known_zone, shown, stamp
from .usage import policies_of_user, schedules_of_user

ROLES: Final = (
    "admin",
    "limited_user",
    "observer",
    "owner",
    "read_only_user",
    "restricted_access",
    "read_only_limited_user",
    "user",
)
_WRITABLE: Final = ("name", "email", "role", "time_zone", "color", "job_title", "description")
_COLORS: Final = ("purple", "red", "green", "blue", "teal", "orange", "brown", "turquoise", "dark-slate-blue")
OVERRIDES_END_WITH_THEIR_USER: Final = True
"""Inferred: deleting a user removes coming overrides and ends the one under way; nobody rings who is gone."""
USER_KEYS_BEGIN_WITH: Final = "u+"
"""Keys of a person begin so; `/users/me` needs one, for the other keys belong to the account."""


def new_user(account: Account, fields: dict[str, Any]) -> Thing:
    """A user with defaults filled in, not yet stored."""
    return {
        "id": account.store.new_id(),
        "name": None,
        "email": None,
        "role": "user",
        "time_zone": getattr(account.zone, "key", "Etc/UTC"),
        "color": _COLORS[account.store.count("users") % len(_COLORS)],
        "job_title": None,
        "description": None,
        **fields,
    }


def user_view(call: Call, user: Thing) -> dict[str, Any]:
    """A user as the API shows it, with what `include[]` asks for."""
    account, key = call.account, user["id"]
    contacts = account.store.index("contact_methods", "user", lambda one: one["user"])[key]
    rules = account.store.index("notification_rules", "user", lambda one: one["user"])[key]
    teams = [one["team"] for one in account.store.index("members", "user", lambda one: one["user"])[key]]
    digest = hashlib.sha256(str(user["email"]).lower().encode()).hexdigest()[:32]
    whole = call.includes("teams")
    return {
        **{name: user[name] for name in _WRITABLE},
        "avatar_url": f"https://secure.gravatar.com/avatar/{digest}.png?d=mm&r=PG",
        "billed": user["role"] not in {"read_only_user", "read_only_limited_user"},
        "invitation_sent": user.get("invitation_sent", False),
        "created_via_sso": False,
        "teams": [
            team_view(account, account.find("teams", team)) if whole else account.ref("teams", team)
            for team in teams
        ],
        "contact_methods": [contact_view(one, full=call.includes("contact_methods")) for one in contacts],
        "notification_rules": [rule_view(account, one, full=call.includes("notification_rules")) for one in rules],
        "coordinated_incidents": [],
        "locale": "en-US",
        **({"subdomains": [account.subdomain]} if call.includes("subdomains") else {}),
        **account.head("users", user),
    }


def requester(call: Call) -> Thing:
    """The user whom the `From` header names: 400 without it, 400 code 1008 when nobody has that address."""
    email = call.headers.get("from", "").strip().lower()
    if not email:
        raise refuse(400, 2003, "Missing Arguments", ["From header is required and must be a valid user's email"])
    for user in by_email(call.account)[email]:
        if not user.get("deleted_at"):
            return user
    raise refuse(400, 1008, "Requester User Not Found")


def by_email(account: Account) -> Index:
    """Users by lower-case address."""
    return account.store.index("users", "email", lambda one: str(one["email"]).lower())


def check_user(account: Account, user: Thing) -> None:
    """Refuses what the vendor refuses in a user."""
    faults = Faults()
    faults.text(user, "name", 100, required=True)
    faults.text(user, "job_title", 100)
    faults.text(user, "description", 1024)
    faults.choice(user, "role", ROLES)
    email = user["email"]
    if not isinstance(email, str) or "@" not in email.strip("@") or not 6 <= len(email) <= 100:
        faults.add("Email is invalid")
    elif any(one["id"] != user["id"] and not one.get("deleted_at") for one in by_email(account)[email.lower()]):
        faults.add("Email has already been taken")
    if not known_zone(user["time_zone"]):
        faults.add("Time zone is invalid")
    faults.end()


def _list(call: Call) -> Answer:
    account = call.account
    users = matching(call, account.living("users"), "name", "email")
    teams = referred_all(account, "teams", [{"id": team} for team in call.many("team_ids")])
    if teams:
        inside = {one["user"] for one in account.store.all("members") if one["team"] in teams}
        users = [user for user in users if user["id"] in inside]
    return classic(call, "users", users, lambda user: user_view(call, user))


def _create(call: Call) -> Answer:
    requester(call)
    user = new_user(call.account, written(call.wrapped("user"), _WRITABLE))
    check_user(call.account, user)
    save(call, "users", user)
    default_contacts(call.account, user)
    return Answer(201, {"user": user_view(call, user)})


def _get(call: Call) -> Answer:
    return Answer(200, {"user": user_view(call, call.account.find("users", call.ids[0]))})


def _me(call: Call) -> Answer:
    user = call.actor
    if user is None and call.token.startswith(USER_KEYS_BEGIN_WITH):
        user = next(iter(call.account.living("users")), None)
    if user is None:
        raise invalid("This endpoint requires a user-level API key; an account-level key has no current user")
    return Answer(200, {"user": user_view(call, user)})


def _update(call: Call) -> Answer:
    user = {**call.account.find("users", call.ids[0]), **written(call.wrapped("user"), _WRITABLE)}
    check_user(call.account, user)
    save(call, "users", user)
    return Answer(200, {"user": user_view(call, user)})


def _delete(call: Call) -> Answer:
    account, user = call.account, call.account.find("users", call.ids[0])
    refusal = _in_use(account, user["id"])
    if refusal is not None:
        raise refusal
    drop_contacts(account, user["id"])
    _end_overrides(account, user["id"])
    for membership in list(account.store.all("members")):
        if membership["user"] == user["id"]:
            account.store.drop("members", membership["id"])
    record(call, "delete", ("users", user["id"]))
    account.store.put("users", {**user, "deleted_at": shown(account.now(), account.zone)})
    return Answer(204)


def _end_overrides(account: Account, user: str) -> None:
    now = account.now()
    for one in [one for one in account.store.all("overrides") if one["user"]["id"] == user]:
        if OVERRIDES_END_WITH_THEIR_USER and instant(one["start"]) >= now:
            account.store.drop("overrides", one["id"])
        elif OVERRIDES_END_WITH_THEIR_USER and instant(one["end"]) > now:
            account.store.put("overrides", {**one, "end": stamp(now)})


def _in_use(account: Account, key: str) -> Refusal | None:
    open_for = [
        one for one in account.store.all("incidents") if one["status"] != "resolved" and key in one["assigned"]
    ]
    if open_for:
        return invalid("User can't be deleted while they have open incidents assigned to them")
    blocking = [("schedule", "schedules", one) for one in schedules_of_user(account, key)]
    blocking += [("escalation_policy", "escalation_policies", one) for one in policies_of_user(account, key)]
    if not blocking:
        return None
    kind, count = blocking[0][0], len(blocking)
    word = "object" if len({kind for kind, _, _ in blocking}) > 1 else kind.replace("_", " ")
    word = word if count == 1 else {"escalation policy": "escalation policies"}.get(word, f"{word}s")
    return conflict(
        f"The user cannot be deleted as they have {count} {word}. "
        f"Please remove the user from the following {word} to continue.",
        [
            {"type": kind, "url": f"/{kinds}/{one['id']}", "id": one["id"], "name": one["name"]}
            for kind, kinds, one in blocking
        ],
    )


ROUTES: Final = (
    Route("GET", "/users", _list),
    Route("POST", "/users", _create),
    Route("GET", "/users/me", _me),
    Route("GET", "/users/*", _get),
    Route("PUT", "/users/*", _update),
    Route("DELETE", "/users/*", _delete),
)
