"""What a successful answer is wrapped in: `data`, `result`, pages. `took` and `requestId` are the app's to add."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from oncall_sync_sandbox.http import Answer

from .http import Call
from .refusals import unprocessable

MOST: Final = 100
"""The largest page (docs)."""


def data(_: Call, value: Any, *, status: int = 200, **more: Any) -> Answer:
    """`{"data": value, …more}`."""
    return Answer(status, {"data": value, **more})


def created(_: Call, meta: Mapping[str, Any]) -> Answer:
    """201; only meta (`id`, `name`, …) is answered, so that a client must read again to see defaults."""
    return _result(201, "Created", meta)


def updated(_: Call, meta: Mapping[str, Any], result: str = "Updated") -> Answer:
    """200 for PATCH, PUT, and calls such as enable and change-order with a `result` of their own."""
    return _result(200, result, meta)


def deleted(_: Call) -> Answer:
    """200 without data."""
    return Answer(200, {"result": "Deleted"})


def paged(
    call: Call,
    items: Sequence[Any],
    default_limit: int = 20,
    *,
    show: Callable[[Any], Any] | None = None,
    total: bool = True,
) -> Answer:
    """One page, with links to others in `paging` and in X-Paging-* headers; only what is on it is shown."""
    limit, offset = _number(call, "limit", default_limit, 1), _number(call, "offset", 0, 0)
    if limit > MOST:
        raise unprocessable(f"Limit can not be greater than {MOST}.")
    page = [item if show is None else show(item) for item in items[offset : offset + limit]]
    links = {name: _link(call, limit, at) for name, at in _others(len(items), limit, offset).items()}
    head = {"totalCount": len(items)} if total else {}
    body = {**head, "data": page, "paging": links}
    return Answer(200, body, {f"X-Paging-{name.capitalize()}": link for name, link in links.items()})


def _others(count: int, limit: int, offset: int) -> dict[str, int]:
    """Where the other pages begin. The last one keeps the stride of the pages from the first."""
    found = {}
    if offset > 0:
        found["prev"] = max(0, offset - limit)
    if offset + limit < count:
        found["next"] = offset + limit
    return {**found, "first": 0, "last": max(0, (count - 1) // limit * limit)}


def _link(call: Call, limit: int, offset: int) -> str:
    rest = [(key, value) for key, value in call.query if key not in {"limit", "offset"}]
    return f"{call.base}{call.path}?{urlencode([('limit', limit), ('offset', offset), *rest])}"


def _number(call: Call, name: str, default: int, least: int) -> int:
    text = call.one(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise unprocessable(f"{name.capitalize()} should be a number, {least} or more.")
    return int(text)


def _result(status: int, result: str, meta: Mapping[str, Any]) -> Answer:
    return Answer(status, {"result": result, "data": dict(meta)})
