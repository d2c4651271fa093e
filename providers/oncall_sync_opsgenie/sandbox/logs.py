"""Who changed what of a team's. Source: Opsgenie API: list team logs.

Every call that succeeds in writing leaves a line in the log of the team that owns what it wrote. The texts are
ours: the vendor publishes one example of them.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from oncall_sync_sandbox.store import Thing

from .account import WHAT, Account
from .envelope import data
from .http import Answer, Call, Route
from .refusals import unprocessable
from .teams import owner_of

NOBODY: Final = "System"
"""Inferred: the owner of a line that no person caused. Which person a key belongs to, X-Sandbox-Actor says."""
LIMIT: Final = 20
MOST: Final = 100
_KINDS: Final = {
    "teams": "teams",
    "schedules": "schedules",
    "escalations": "escalations",
    "services": "services",
    "integrations": "integrations",
    "policies": "policies",
    "heartbeats": "heartbeats",
}
_VERBS: Final = ("enable", "disable", "change-order")
_DONE: Final = {"POST": "added", "PUT": "updated", "PATCH": "updated", "DELETE": "deleted"}


def watch(call: Call) -> Callable[[Answer], None] | None:
    """What to call with the answer of a call that is about to happen, to log it; None if it is not one to log."""
    parts = call.path.strip("/").split("/")
    kind = parts[1] if len(parts) > 1 else ""
    if call.method not in _DONE or kind not in _KINDS:
        return None
    account, key = call.account, call.ids[0] if call.ids else None
    before = _found(account, kind, key)

    def write(answer: Answer) -> None:
        if not 200 <= answer.status < 300:
            return
        made = (answer.body or {}).get("data") or {}
        thing = before or _found(account, kind, made.get("id"))
        team = _team_of(kind, thing)
        if thing is not None and team is not None and account.store.get("teams", team) is not None:
            record(account, team, _text(call, kind, thing, parts[3:]), call.actor)

    return write


def record(account: Account, team: str, text: str, actor: Thing | None) -> None:
    """One line in the log of a team."""
    line = {"team": team, "log": text, "owner": NOBODY if actor is None else actor["username"]}
    at = account.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    account.store.put("logs", {"id": account.new_id(), **line, "createdDate": at})


def _found(account: Account, kind: str, key: str | None) -> Thing | None:
    if key is None:
        return None
    return account.store.get(_KINDS[kind], key) or account.by_name(_KINDS[kind], key)


def _team_of(kind: str, thing: Thing | None) -> str | None:
    if thing is None:
        return None
    return str(thing["id"]) if kind == "teams" else owner_of(thing)


def _text(call: Call, kind: str, thing: Thing, rest: list[str]) -> str:
    """`Schedule [NAME] updated`, `Schedule [NAME]: rotations added`."""
    head = f"{WHAT[_KINDS[kind]]} [{thing['name']}]"
    if not rest:
        return f"{head} {_DONE[call.method]}"
    words = [word for word in map(unquote, rest) if word not in call.ids]
    done = [] if words[-1:] and words[-1] in _VERBS else [_DONE[call.method]]
    return f"{head}: {' '.join([*words, *done])}"


def _list(call: Call) -> Answer:
    """Newest first unless `order=asc`; `offset` is the key of the last line of the page before."""
    account, team = call.account, call.account.find_by(call, "teams")
    lines = account.store.index("logs", "team", lambda one: one["team"])[team["id"]]
    order = (call.one("order") or "desc").lower()
    limit = call.one("limit") or str(LIMIT)
    if order not in {"asc", "desc"} or not limit.isdecimal() or not 1 <= int(limit) <= MOST:
        raise unprocessable(f"order should be one of [asc, desc], limit a number from 1 to {MOST}.")
    lines = lines if order == "asc" else lines[::-1]
    keys = [line["id"] for line in lines]
    offset = call.one("offset")
    start = keys.index(offset) + 1 if offset in keys else 0
    page = lines[start : start + int(limit)]
    shown = [{name: line[name] for name in ("log", "owner", "createdDate")} for line in page]
    return data(call, {"offset": page[-1]["id"] if page else "", "logs": shown})


ROUTES: Final = (Route("GET", "/v2/teams/*/logs", _list),)
