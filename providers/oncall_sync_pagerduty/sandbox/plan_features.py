"""What comes with the account: abilities, priorities, licences, maintenance windows.

Source: PagerDuty API: abilities, priorities, licenses, maintenance windows.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from oncall_sync_sandbox.store import Store, Thing

from .account import ALL_ABILITIES, Account
from .http import Answer, Call, Route
from .pages import classic
from .refusals import invalid, missing_ability, not_found
from .times import instant

_PRIORITIES: Final = {
    "P1": "Critical issue that warrants public notification and liaison with executive teams",
    "P2": "Critical system issue actively impacting many customers' ability to use the product",
    "P3": "Stability or minor customer-impacting issues that require immediate attention from service owners",
    "P4": "Minor issues requiring action, but not affecting customer ability to use the product",
    "P5": "Cosmetic issues or bugs, not affecting customer ability to use the product",
}
_SEATS: Final = 1000
_STAKEHOLDERS: Final = ("read_only_user", "read_only_limited_user")
_FULL: Final = ("owner", "admin", "user", "limited_user", "observer", "restricted_access")


_STATES: Final[dict[str, Callable[[datetime, datetime, datetime], bool]]] = {
    "past": lambda _start, now, end: end <= now,
    "future": lambda start, now, _end: start > now,
    "ongoing": lambda start, now, end: start <= now < end,
    "open": lambda _start, now, end: end > now,
}


def stock(store: Store) -> None:
    """Puts the priorities every account has into an empty store."""
    for number, (name, text) in enumerate(_PRIORITIES.items(), start=1):
        store.put("priorities", {"id": f"PPRIO{number}0", "name": name, "description": text})


def _abilities(call: Call) -> Answer:
    return Answer(200, {"abilities": [name for name in ALL_ABILITIES if name in call.account.abilities]})


def _ability(call: Call) -> Answer:
    if call.ids[0] in call.account.abilities:
        return Answer(204)
    raise missing_ability(call.ids[0]) if call.ids[0] in ALL_ABILITIES else not_found()


def _priorities(call: Call) -> Answer:
    account = call.account

    def view(one: Thing) -> dict[str, Any]:
        return {**account.head("priorities", one), "name": one["name"], "description": one["description"]}

    return classic(call, "priorities", list(account.store.all("priorities")), view)


def _license(account: Account, key: str, group: str, roles: tuple[str, ...]) -> dict[str, Any]:
    used = sum(user["role"] in roles for user in account.living("users"))
    name = f"Business ({'Full User' if group == 'FullUser' else group})"
    return {
        "id": key,
        "name": name,
        "description": "",
        "valid_roles": list(roles),
        "role_group": group,
        "type": "license",
        "summary": name,
        "self": None,
        "html_url": None,
        "current_value": used,
        "allocations_available": max(0, _SEATS - used),
    }


def _licenses(call: Call) -> Answer:
    both = (("PLICFUL", "FullUser", _FULL), ("PLICSTK", "Stakeholder", _STAKEHOLDERS))
    return Answer(200, {"licenses": [_license(call.account, *one) for one in both]})


def _windows(call: Call) -> Answer:
    account, state = call.account, call.one("filter") or "all"
    now = account.now()
    if state not in {*_STATES, "all"}:
        raise invalid("Filter is not included in the list")
    wanted = set(call.many("service_ids"))
    found = [
        one
        for one in account.store.all("maintenance_windows")
        if (state == "all" or _STATES[state](instant(one["start_time"]), now, instant(one["end_time"])))
        and (not wanted or wanted & set(one["services"]))
    ]
    return classic(call, "maintenance_windows", found, lambda one: _window_view(account, one))


def _window_view(account: Account, one: Thing) -> dict[str, Any]:
    return {
        **account.head("maintenance_windows", {**one, "name": one["description"]}),
        "sequence_number": one["number"],
        "start_time": one["start_time"],
        "end_time": one["end_time"],
        "description": one["description"],
        "services": account.refs("services", one["services"]),
        "teams": [],
    }


ROUTES: Final = (
    Route("GET", "/abilities", _abilities),
    Route("GET", "/abilities/*", _ability),
    Route("GET", "/priorities", _priorities),
    Route("GET", "/licenses", _licenses),
    Route("GET", "/maintenance_windows", _windows),
)
