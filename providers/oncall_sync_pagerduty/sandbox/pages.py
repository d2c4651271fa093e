"""Pages of lists: classic (`limit`, `offset`) and how queries narrow a list down.

Source: PagerDuty API "Pagination": 25 by default, 100 at most, offset + limit up to 10,000, `total` null unless
asked for.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .http import Answer, Call
from .refusals import invalid

LAST_RECORD: Final = 10_000
OVERSIZED_LIMIT_IS_CUT: Final = True
"""Inferred: a `limit` above the maximum is answered with the maximum; the vendor only documents the maximum."""


def number(call: Call, name: str, default: int, least: int) -> int:
    """A whole number from the query, refused when it is none or below `least`."""
    text = call.one(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise invalid(f"{name.capitalize()} must be an integer of at least {least}")
    return int(text)


def window(call: Call, *, default: int = 25, most: int = 100) -> tuple[int, int]:
    """`limit` and `offset`, within the vendor's bounds."""
    limit, offset = number(call, "limit", default, 1), number(call, "offset", 0, 0)
    if limit > most:
        if not OVERSIZED_LIMIT_IS_CUT:
            raise invalid(f"Limit must be at most {most}")
        limit = most
    if offset + limit > LAST_RECORD:
        raise invalid(f"Offset plus limit must not exceed {LAST_RECORD}")
    return limit, offset


def classic(
    call: Call,
    name: str,
    things: Sequence[Thing],
    view: Callable[[Thing], Any],
    *,
    default: int = 25,
    most: int = 100,
) -> Answer:
    """One page; only its own rows are put into shape."""
    limit, offset = window(call, default=default, most=most)
    body: dict[str, Any] = {
        name: [view(thing) for thing in things[offset : offset + limit]],
        "limit": limit,
        "offset": offset,
        "total": len(things) if call.flag("total") else None,
        "more": offset + limit < len(things),
    }
    query = call.one("query")
    if query is not None:
        body["query"] = query  # echoed, as recorded
    return Answer(200, body)


def matching(call: Call, things: Iterable[Thing], *fields: str) -> list[Thing]:
    """The things any of whose `fields` contains `query=`, whatever the case; all without a query."""
    query = (call.one("query") or "").strip().lower()
    if not query:
        return list(things)
    return [thing for thing in things if any(query in str(thing.get(name) or "").lower() for name in fields)]


def by_name(call: Call, things: Iterable[Thing]) -> list[Thing]:
    """Sorted as `sort_by` says: by name, upwards unless `name:desc`."""
    order = call.one("sort_by") or "name"
    if order not in {"name", "name:asc", "name:desc"}:
        raise invalid("Sort by is not included in the list")
    return sorted(things, key=lambda thing: str(thing["name"]).lower(), reverse=order == "name:desc")
