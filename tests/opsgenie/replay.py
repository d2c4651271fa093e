"""The least of an API: what stands there after calls, where a PATCH changes only what it names."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from oncall_sync.model import Call, Change, Live, Ref, Resource
from oncall_sync_opsgenie.script import Script

Body = dict[str, Any]


def change_to(wanted: Resource, live: Live | None = None, **more: Any) -> Change:
    """A change that makes something so, or anew."""
    return Change(
        **{
            "provider": "og",
            "ref": Ref(wanted.ref.kind, "it"),
            "action": "update" if live else "create",
            "name": wanted.name,
            "remote_id": live.remote_id if live else None,
            "wanted": wanted,
            "live": live,
            **more,
        }
    )


def script_for(wanted: Resource, live: Live | None = None, ids: Mapping[Ref, str] | None = None) -> Script:
    """An empty script for such a change."""
    return Script(change_to(wanted, live), dict(ids or {}))


def said(script: Script) -> list[tuple[str, str, str, Any]]:
    """Calls as phase, method, path and body."""
    return [(call.phase, call.method, call.path, call.body) for call in script.calls]


def in_phases(calls: Iterable[Call]) -> list[Call]:
    """Calls in the order in which a core sends them."""
    order = {"make": 0, "settle": 1, "clear": 2}
    return sorted(calls, key=lambda call: order[call.phase])


def after(body: Body, calls: Sequence[Call], path: str, children: str) -> Body:
    """The body of `path`, whose list `children` has a sub-resource of its own, after these calls.

    Raises KeyError for a child that is not there.
    """
    body = copy.deepcopy(body)
    for number, call in enumerate(in_phases(calls)):
        tail = call.path.removeprefix(path)
        listed = body.setdefault(children, [])
        if not tail:
            assert call.method == "PATCH"
            body.update(copy.deepcopy(dict(call.body or {})))
        elif call.method == "POST" and tail.endswith(_sub(children)):
            one = {"id": f"new{number}", **copy.deepcopy(dict(call.body or {}))}
            listed.insert(one.pop("order", len(listed)), one)
        elif f"{_sub(children)}/" in tail:
            found = {one["id"]: one for one in listed}[tail.rpartition("/")[2]]
            if call.method == "DELETE":
                listed.remove(found)
            else:
                found.update(copy.deepcopy(dict(call.body or {})))
    return body


def _sub(children: str) -> str:
    return "/routing-rules" if children == "rules" else f"/{children}"
