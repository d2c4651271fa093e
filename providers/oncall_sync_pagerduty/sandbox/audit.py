"""The audit trail: who did what to which object, when, and by which means.

Source: PagerDuty API "Audit records": newest first, cursor pages, the last 24 hours by default,
31 days at most.
"""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import AUDIT_TRAIL, Account
from .http import Answer, Call, Route
from .pages import number
from .refusals import invalid
from .times import instant, parse

ROOTS: Final = ("users", "teams", "schedules", "escalation_policies", "services")
LONGEST_SPAN: Final = timedelta(days=31)
_PUBLIC_NAMES: Final = {"policy": "escalation_policy", "rules": "escalation_rules", "layers": "schedule_layers"}
_SILENT: Final = {"id", "updated_at", "created_at", "past", "last_incident_timestamp"}


def record(
    call: Call,
    action: str,
    root: tuple[str, str],
    *,
    resource: dict[str, Any] | None = None,
    fields: Sequence[dict[str, Any]] = (),
    references: Sequence[dict[str, Any]] = (),
) -> None:
    """Adds one record about `root` (kind, id); `resource` is the part of it that changed, if not itself."""
    account = call.account
    about = account.ref(*root)
    about = {key: about[key] for key in ("id", "type", "summary")}
    details: dict[str, Any] = {"resource": resource or about}
    if fields:
        details["fields"] = list(fields)
    if references:
        details["references"] = list(references)
    moment = account.now().astimezone(UTC)
    account.store.put(
        "audit",
        {
            "id": account.store.new_id("PDAR", 12),
            "self": None,
            "execution_time": moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z",
            "execution_context": {"request_id": call.request_id, "remote_address": "127.0.0.1"},
            "actors": [_actor(call)],
            "method": _method(call),
            "root_resource": about,
            "action": action,
            "details": details,
        },
    )


def changed(before: Thing, after: Thing) -> list[dict[str, Any]]:
    """The fields in which two states of an object differ, values as text."""
    names = [name for name in {**before, **after} if name not in _SILENT and before.get(name) != after.get(name)]
    return [
        {"name": _named(name), "before_value": _text(before.get(name)), "value": _text(after.get(name))}
        for name in names
    ]


def created(after: Thing) -> list[dict[str, Any]]:
    """The fields an object began with."""
    set_ones = {name: value for name, value in after.items() if name not in _SILENT and value is not None}
    return [{"name": _named(name), "value": _text(value)} for name, value in set_ones.items()]


def _named(name: str) -> str:
    return _PUBLIC_NAMES.get(name, name)


def save(call: Call, kind: str, after: Thing) -> Thing:
    """Stores a root resource and records what that did: `create`, or `update` if a field differs."""
    before = call.account.store.get(kind, after["id"])
    call.account.store.put(kind, after)
    if before is None:
        record(call, "create", (kind, after["id"]), fields=created(after))
    elif fields := changed(before, after):
        record(call, "update", (kind, after["id"]), fields=fields)
    return after


def brief(account: Account, kind: str, key: str) -> dict[str, Any]:
    """A reference as the audit trail writes it: id, type and summary."""
    found = account.ref(kind, key)
    return {name: found[name] for name in ("id", "type", "summary")}


def _actor(call: Call) -> dict[str, Any]:
    if call.actor is not None:
        return brief(call.account, "users", call.actor["id"])
    return {"id": "PAPIKEY", "type": "api_key_reference", "summary": f"API key ending in {call.token[-4:]}"}


def _method(call: Call) -> dict[str, Any]:
    if call.actor is not None:
        return {"type": "browser"}
    return {"type": "api_token", "truncated_token": call.token[-4:]}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _all(call: Call) -> Answer:
    call.account.need(AUDIT_TRAIL)
    return _page(call, [one for one in call.account.store.all("audit") if _wanted(call, one)])


def of_one(kind: str, call: Call) -> Answer:
    """The records of the object in the path."""
    key = call.account.find(kind, call.ids[0])["id"]
    mine = call.account.store.index("audit", "root", lambda one: one["root_resource"]["id"])
    return _page(call, mine[key])


def _wanted(call: Call, one: Thing) -> bool:
    kinds = [name.removesuffix("_policies") + "_policy" if name.endswith("policies") else name[:-1]
             for name in call.many("root_resource_types")]  # fmt: skip
    actor, method = one["actors"][0], one["method"]
    asked = (
        (kinds, one["root_resource"]["type"].removesuffix("_reference")),
        (call.many("actions"), one["action"]),
        (_some(call.one("actor_type")), actor["type"]),
        (_some(call.one("actor_id")), actor["id"]),
        (_some(call.one("method_type")), method["type"]),
        (_some(call.one("method_truncated_token")), method.get("truncated_token")),
    )
    return all(not wanted or value in wanted for wanted, value in asked)


def _some(value: str | None) -> list[str]:
    return [] if value is None else [value]


def _span(call: Call) -> tuple[datetime, datetime]:
    if call.one("actor_id") and not call.one("actor_type"):
        raise invalid("Actor id must be qualified by actor type")
    if call.one("method_truncated_token") and not call.one("method_type"):
        raise invalid("Method truncated token must be qualified by method type")
    now = call.account.now()
    ends = {"since": now - timedelta(hours=24), "until": now}
    for name in ends:
        text = call.one(name)
        if text is not None:
            moment = parse(text, call.account.zone)
            if moment is None:
                raise invalid(f"{name.capitalize()} is not a valid date")
            ends[name] = moment
    since, until = ends["since"], ends["until"]
    if until < since or until - since > LONGEST_SPAN:
        raise invalid("Until must be after since and may not be more than 31 days after it")
    return since, until


def _page(call: Call, records: list[Thing]) -> Answer:
    since, until = _span(call)
    limit = min(number(call, "limit", 100, 1), 100)
    # Ties keep the order of writing, so the newest first means the list upside down.
    found = [one for one in reversed(records) if since <= instant(one["execution_time"]) <= until]
    last = _position(call.one("cursor"))
    if last is not None:
        keys = [one["id"] for one in found]
        if last not in keys:
            raise invalid("Cursor is invalid")
        found = found[keys.index(last) + 1 :]
    page = found[:limit]
    following = _cursor(page[-1]["id"]) if len(found) > limit else None
    return Answer(200, {"records": page, "next_cursor": following, "limit": limit})


def _cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _position(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    try:
        return base64.urlsafe_b64decode(cursor.encode()).decode()
    except ValueError:
        raise invalid("Cursor is invalid") from None


def _for(kind: str) -> Route:
    return Route("GET", f"/{kind}/*/audit/records", lambda call: of_one(kind, call))


ROUTES: Final = (Route("GET", "/audit/records", _all), *(_for(kind) for kind in ROOTS))
