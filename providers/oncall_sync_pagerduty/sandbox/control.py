"""The sandbox's own controls under `/__sandbox__/`: the log, faults, latency, the clock, who rings."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from .account import Account
from .faults import ordered
from .oncalls import ringing
from .times import parse, stamp

if TYPE_CHECKING:
    from .app import Sandbox

PREFIX: Final = "/__sandbox__/"


def control(sandbox: "Sandbox", method: str, name: str, query: str, raw: bytes) -> tuple[int, Any]:
    """Status and JSON answer of a control call; 400 or 404 says what was not understood."""
    try:
        body = json.loads(raw) if raw.strip() else {}
        if not isinstance(body, dict):
            raise ValueError("the body must be an object")
        answer = _answered(
            sandbox, method, name, {key: values[-1] for key, values in parse_qs(query).items()}, body
        )
    except ValueError as error:
        return 400, {"error": str(error)}
    return (404, {"error": f"no such control: {method} {PREFIX}{name}"}) if answer is None else (200, answer)


def _answered(
    sandbox: "Sandbox", method: str, name: str, query: Mapping[str, str], body: Mapping[str, Any]
) -> Any | None:
    match method, name:
        case "GET", "requests":
            return list(sandbox.log)
        case "POST", "reset":
            _reset(sandbox, body.get("what", "all"))
        case "POST", "latency":
            ms = body.get("ms")
            if not isinstance(ms, int | float) or isinstance(ms, bool) or ms < 0:
                raise ValueError("ms must be a number, 0 or more")
            sandbox.latency = timedelta(milliseconds=ms)
        case "POST", "clock":
            sandbox.account.clock.set(None if body.get("now") is None else _moment(body["now"]))
        case "POST", "faults":
            sandbox.faults.order(ordered(body))
        case "DELETE", "faults":
            sandbox.faults.clear()
        case "GET", "rings":
            at = _moment(query["at"]) if "at" in query else sandbox.account.now()
            return rings(sandbox.account, at)
        case _:
            return None
    return {"now": stamp(sandbox.account.now())}


def _reset(sandbox: "Sandbox", what: Any) -> None:
    if what not in {"log", "all"}:
        raise ValueError("what must be log or all")
    sandbox.log.clear()
    if what == "all":
        sandbox.start_over()


def _moment(text: Any) -> datetime:
    moment = parse(text)
    if moment is None:
        raise ValueError(f"not a time: {text}")
    return moment


def rings(account: Account, at: datetime) -> dict[str, list[str]]:
    """For every service the sorted emails of the first level of its policy that has somebody at that instant."""
    by_policy: dict[str, list[str]] = {}
    found: dict[str, list[str]] = {}
    for service in account.store.all("services"):
        key = service["policy"]
        if key not in by_policy:
            levels = ringing(account, account.find("escalation_policies", key), at)
            people = next((users for users in levels if users), [])
            by_policy[key] = sorted(_email(account, user) for user in people)
        found[service["name"]] = by_policy[key]
    return found


def _email(account: Account, user: str) -> str:
    # Not `find`: in the past somebody may have rung who is deleted by now.
    found = account.store.get("users", user)
    return user if found is None else str(found["email"])
