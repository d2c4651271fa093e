"""From method and path to handler."""

from collections import defaultdict
from typing import Final

from . import (
    audit,
    contacts,
    grouping,
    incidents,
    integrations,
    oncalls,
    overrides,
    plan_features,
    policies,
    schedules,
    services,
    tags,
    teams,
    users,
    vendors,
)
from .http import Handler

_MODULES: Final = (
    audit, contacts, grouping, incidents, integrations, oncalls, overrides, plan_features, policies, schedules,
    services, tags, teams, users, vendors,
)  # fmt: skip
_Shape = tuple[str, int]


def _table() -> dict[_Shape, list[tuple[tuple[str, ...], Handler]]]:
    table: dict[_Shape, list[tuple[tuple[str, ...], Handler]]] = defaultdict(list)
    for module in _MODULES:
        for route in module.ROUTES:
            parts = tuple(route.path.strip("/").split("/"))
            table[route.method, len(parts)].append((parts, route.handler))
    for found in table.values():
        found.sort(key=lambda one: tuple(part == "*" for part in one[0]))  # fixed words before variable ones
    return dict(table)


_TABLE: Final = _table()


def route(method: str, path: str) -> tuple[Handler, tuple[str, ...]] | None:
    """The handler and the variable parts of the path; None if the API has no such call."""
    parts = path.strip("/").split("/")
    for pattern, handler in _TABLE.get((method, len(parts)), ()):
        if all(want in ("*", part) for want, part in zip(pattern, parts, strict=True)):
            return handler, tuple(part for want, part in zip(pattern, parts, strict=True) if want == "*")
    return None
