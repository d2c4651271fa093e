"""Where alerts go that are sent to a team itself: from a team's block to the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from oncall_sync.model import ABSENT, ALWAYS, Hours, Ref, Route, Team
from oncall_sync.rota.hours import in_words, union

from .blocks import NOBODY
from .convert_schedule import hours_of, restriction
from .spans import parse_hours
from .wire import Known

ANY: Final = "any priority"
"""How a rule without a name begins that asks for no priority."""


def routed(wanted: Team, block: Mapping[str, Any], live: Team | None, known: Known) -> Team:
    """Return a team with what its block says about its alerts, in the form in which it is read back.

    `block` is canonical. A team that is to be made notifies nobody unless somebody said whom.
    """
    if "route_to" in block:
        wanted = replace(wanted, pages=target(block["route_to"]))
    if "routing" in block:
        routes = tuple(route(one, known) for one in block["routing"])
        wanted = replace(wanted, routes=_with_others(routes, live))
    if wanted.pages is ABSENT:
        wanted = replace(wanted, pages=None)
    return replace(wanted, routes=()) if wanted.routes is ABSENT else wanted


def target(key: str) -> Ref | None:
    """Return what a key in a block points to; the word `none` is nobody."""
    return None if key == NOBODY else Ref("escalation_policy", key)


def route(item: Mapping[str, Any], known: Known) -> Route:
    """Return one rule of a block. Raises ValueError for hours that are none."""
    hours = hours_of(restriction(asked_hours(item)))
    priorities = tuple(sorted(set(item.get("priority", ()))))
    words = ["+".join(priorities) or ANY, *([] if hours == ALWAYS else [in_words(hours)])]
    return Route(
        name=item.get("name") or ", ".join(words),
        to=target(item["to"]),
        priorities=priorities,
        hours=hours,
        time_zone=None if hours == ALWAYS else item.get("time_zone") or known.time_zone,
    )


def asked_hours(item: Mapping[str, Any]) -> Hours:
    """Return the hours that a rule of a block asks for, also those Opsgenie cannot say. Raises ValueError."""
    texts = item.get("hours") or ()
    return union(*map(parse_hours, texts)) if texts else ALWAYS


def _with_others(routes: Sequence[Route], live: Team | None) -> tuple[Route, ...]:
    """Return rules with those of a live team among them that a block has no words for, at the places they have.

    One of the same name takes the place of such a rule.
    """
    out = list(routes)
    names = {one.name for one in routes}
    for place, other in _others(live):
        if other.name not in names:
            out.insert(min(place, len(out)), other)
    return tuple(out)


def _others(live: Team | None) -> Iterator[tuple[int, Route]]:
    routes = () if live is None or live.routes is ABSENT else live.routes
    yield from ((place, one) for place, one in enumerate(routes) if one.other is not None)
