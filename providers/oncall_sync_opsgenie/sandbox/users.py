"""Users. Source: Opsgenie API: user; the shape of list items is recorded."""

import re
from collections.abc import Iterable
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .contacts import default_contacts, drop_contacts, expanded
from .criteria import known_zone
from .envelope import created, data, deleted, paged, updated
from .history import remember
from .http import Answer, Call, Route
from .notification_rules import default_rules, drop_rules
from .refusals import Faults, conflict, unprocessable
from .usage import recipients, refuse_if_used

ROLES: Final = ("Owner", "Admin", "User", "Observer", "Stakeholder")
"""The built-in ones; named in any case. The sandbox knows no custom roles."""
LIMIT: Final = 100
"""The default page of users, unlike 20 elsewhere (API description)."""
LOCALE: Final = "en_US"
_USERNAME: Final = re.compile(r"[^@\sA-Z]+@[^@\sA-Z]+")
_WRITABLE: Final = (
    "username", "fullName", "role", "skypeUsername", "timeZone", "locale", "userAddress", "tags", "details",
)  # fmt: skip
_WHEN_SET: Final = ("skypeUsername", "tags", "details")
_ADDRESS: Final = ("country", "state", "city", "line", "zipCode")
_SORTS: Final = {"username": "username", "fullName": "fullName", "insertedAt": "createdAt"}
_FIELDS: Final = ("username", "fullName", "blocked", "verified", "role", "locale", "timeZone")
"""What a `query` can ask for as `field:value`, joined by AND."""


def user_view(user: Thing) -> dict[str, Any]:
    """A user as lists show it: tags, details and a Skype name only when there are any (recorded)."""
    shown = ("blocked", "verified", "id", "username", "fullName", "role", "timeZone", "locale")
    view = {name: user[name] for name in shown}
    view |= {name: user[name] for name in _WHEN_SET if user.get(name)}
    return {**view, "userAddress": user["userAddress"], "createdAt": user["createdAt"]}


def new_user(account: Account, fields: dict[str, Any]) -> Thing:
    """A user with defaults filled in, checked, stored, and reachable by email."""
    user: Thing = {
        "id": account.new_id(),
        "blocked": False,
        "verified": False,
        "timeZone": account.zone,
        "locale": LOCALE,
        "userAddress": dict.fromkeys(_ADDRESS, ""),
        "createdAt": account.now().strftime("%Y-%m-%dT%H:%M:%S.") + f"{account.now().microsecond // 1000:03}Z",
        **fields,
    }
    user = account.store.put("users", _checked(account, user))
    default_contacts(account, user)
    default_rules(account, user)
    return user


def _checked(account: Account, user: Thing) -> Thing:
    """The user with role and address in full; refuses what the vendor refuses."""
    faults = Faults()
    faults.text(user, "username", 100, required=True, pattern=_USERNAME)
    faults.text(user, "fullName", 512, required=True)
    faults.text(user, "skypeUsername", 512)
    faults.text(user, "locale", 10, required=True)
    faults.strings(user, "tags")
    role = _role(user.get("role"))
    if role is None:
        faults.add("role", f"role should be one of [{', '.join(ROLES)}].")
    if not known_zone(user["timeZone"]):
        faults.add("timeZone", "timeZone is not valid.")
    address = user["userAddress"] if isinstance(user["userAddress"], dict) else {"country": None}
    if not all(isinstance(address.get(name, ""), str) for name in _ADDRESS):
        faults.add("userAddress", "userAddress should have texts.")
    if not _are_details(user.get("details", {})):
        faults.add("details", "details should be lists of texts by key.")
    faults.end()
    other = account.by_name("users", user["username"])
    if other is not None and other["id"] != user["id"]:
        raise conflict("User", user["username"], "username")
    whole = {name: address.get(name, "") for name in _ADDRESS}
    return {**user, "role": {"id": role, "name": role}, "userAddress": whole}


def _role(body: Any) -> str | None:
    """The built-in role that `{"id"}` or `{"name"}` names."""
    name = (body.get("name") or body.get("id")) if isinstance(body, dict) else None
    return next((role for role in ROLES if role.lower() == str(name).lower()), None)


def _are_details(details: Any) -> bool:
    return isinstance(details, dict) and all(
        isinstance(values, list) and all(isinstance(value, str) for value in values) for values in details.values()
    )


def _list(call: Call) -> Answer:
    field = _SORTS.get(call.one("sortField") or call.one("sort") or "username")
    order = (call.one("order") or "asc").lower()
    if field is None or order not in {"asc", "desc"}:
        raise unprocessable(
            "sortField should be one of [username, fullName, insertedAt], order one of [asc, desc]."
        )
    users: Iterable[Thing] = call.account.store.all("users")
    for name, wanted in _wanted(call.one("query") or ""):
        users = [user for user in users if _matches(user, name, wanted)]
    found = sorted(users, key=lambda user: str(user[field]), reverse=order == "desc")
    return paged(call, found, LIMIT, show=user_view)


def _wanted(query: str) -> list[tuple[str | None, str]]:
    """(field, value) of every part; a part without a field is looked for in names."""
    found: list[tuple[str | None, str]] = []
    for part in re.split(r"\s+AND\s+", query.strip()) if query.strip() else []:
        name, colon, value = part.partition(":")
        if colon and name.strip() not in _FIELDS:
            raise unprocessable(f"Field [{name.strip()}] can not be searched for.")
        found.append((name.strip(), value.strip().strip('"')) if colon else (None, part.strip().strip('"')))
    return found


def _matches(user: Thing, name: str | None, wanted: str) -> bool:
    if name is None:
        return any(wanted.lower() in user[field].lower() for field in ("username", "fullName"))
    value = user["role"]["name"] if name == "role" else user[name]
    return str(value).lower() == wanted.lower()


def _create(call: Call) -> Answer:
    user = new_user(call.account, call.given(*_WRITABLE))
    return created(call, {"id": user["id"], "name": user["fullName"]})


def _get(call: Call) -> Answer:
    user = call.account.find("users", call.ids[0])
    view = user_view(user)
    if call.expands("contact"):
        view["userContacts"] = expanded(call.account, user["id"])
    return data(call, view, expandable=["contact"])


def _update(call: Call) -> Answer:
    before = call.account.find("users", call.ids[0])
    user = call.account.store.put("users", _checked(call.account, {**before, **call.given(*_WRITABLE)}))
    return updated(call, {"id": user["id"], "name": user["fullName"]})


def _delete(call: Call) -> Answer:
    """428 while a rotation or an escalation names the user; teams, contacts and overrides just lose it."""
    account, user = call.account, call.account.find("users", call.ids[0])
    refuse_if_used(account, "users", user, "User")
    key = user["id"]
    for team in list(account.store.all("teams")):
        rest = [member for member in team["members"] if member["user"] != key]
        if rest != team["members"]:
            account.store.put("teams", {**team, "members": rest})
    for rule in list(account.store.all("forwarding_rules")):
        if key in {rule["fromUser"], rule["toUser"]}:
            account.store.drop("forwarding_rules", rule["id"])
    for override in list(account.store.all("overrides")):
        if override["user"].get("id") == key:
            remember(account, account.find("schedules", override["schedule"]))  # what is past stays as it was
            account.store.drop("overrides", override["id"])
    drop_rules(account, key)
    drop_contacts(account, key)
    account.store.drop("users", key)
    return deleted(call)


def _teams(call: Call) -> Answer:
    key = call.account.find("users", call.ids[0])["id"]
    teams = [
        team for team in call.account.store.all("teams") if any(one["user"] == key for one in team["members"])
    ]
    return data(call, [{"id": team["id"], "name": team["name"]} for team in teams])


def _escalations(call: Call) -> Answer:
    from .escalations import escalation_view  # it is shown in full here, and refers to users itself

    key = call.account.find("users", call.ids[0])["id"]
    found = [one for one in call.account.store.all("escalations") if ("user", key) in recipients(one)]
    return data(call, [escalation_view(call.account, one) for one in found])


def _schedules(call: Call) -> Answer:
    account = call.account
    key = account.find("users", call.ids[0])["id"]
    on = {one["schedule"] for one in account.store.all("rotations") if ("user", key) in recipients(one)}
    found = [one for one in account.store.all("schedules") if one["id"] in on]
    return data(call, [{name: one[name] for name in ("id", "name", "enabled")} for one in found])


ROUTES: Final = (
    Route("GET", "/v2/users", _list),
    Route("POST", "/v2/users", _create),
    Route("GET", "/v2/users/*", _get),
    Route("PATCH", "/v2/users/*", _update),
    Route("DELETE", "/v2/users/*", _delete),
    Route("GET", "/v2/users/*/teams", _teams),
    Route("GET", "/v2/users/*/escalations", _escalations),
    Route("GET", "/v2/users/*/schedules", _schedules),
)
