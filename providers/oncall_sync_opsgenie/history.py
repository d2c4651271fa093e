"""Who changed what, as far as Opsgenie's logs tell.

Source: Opsgenie's API description ("List Team Logs"): a team's log has lines of prose, each with its owner and its
time, newest first, continued after a key. There is no other trail that can be asked (the account's log files are
downloads from elsewhere, of one plan only). How lines are worded is not published beyond an example, so a line is
about an object if it names it, or a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oncall_sync.errors import ProviderError
from oncall_sync.model import History, Kind, Live, Ref, Touch

from .client import PAGE, Client
from .wire import Body, instant

MOST_PAGES: Final = 20
"""How much of a team's log is read: 2000 lines, the newest."""
NOBODY: Final = frozenset({"", "system"})
"""Inferred: who owns a line that no person caused."""

_UNTOLD_MEANS: Final = "how, Opsgenie's log does not say"
_NO_PERSON: Final = "with an API key, or by Opsgenie itself"
_CLOSED: Final = frozenset({402, 403, 404})
_FIRST_WORD: Final = re.compile(r"\W*([A-Za-z]+)")
_KINDS: Final[Mapping[str, Kind]] = {
    "team": "team",
    "routing": "team",
    "schedule": "schedule",
    "rotation": "schedule",
    "escalation": "escalation_policy",
    "service": "service",
    "integration": "service",
    "policy": "service",
}
"""What a line is about, by the word it begins with: things of several kinds often have one name."""


@dataclass(frozen=True, slots=True)
class _Line:
    at: datetime
    text: str
    owner: str


def history(client: Client, objects: Sequence[Live], since: datetime, until: datetime) -> History:
    """Return who changed these objects, newest first; one id may come several times, under several names.

    A key's writes name nobody, ours no more than others': such a line is taken for ours unless it is the newest
    about its object. Raises ProviderError for what is no matter of rights.
    """
    teams: dict[str, list[Live]] = {}
    for live in objects:
        teams.setdefault(_team(live) or "", []).append(live)
    homeless = sorted({live.resource.name for live in teams.pop("", [])})
    untold = [f"{', '.join(map(repr, homeless))}: Opsgenie keeps logs of teams only, and no team owns it"] * bool(
        homeless
    )
    touches: list[Touch] = []
    for team, owned in teams.items():
        try:
            lines = [line for line in _lines(client, team, since) if since <= line.at <= until]
        except ProviderError as error:
            if error.status not in _CLOSED:
                raise
            untold.append(f"the log of a team cannot be read with this key ({error.status})")
            continue
        for key in dict.fromkeys(live.remote_id for live in owned):
            touches += _touches(key, [live for live in owned if live.remote_id == key], lines)
    found = sorted(touches, key=lambda touch: touch.at, reverse=True)
    return History(touches=tuple(found), untold="; ".join(untold) or None)


def _lines(client: Client, team: str, since: datetime) -> Iterator[_Line]:
    """Yield a team's lines, newest first, until they are older than `since`."""
    offset: str | None = None
    for _ in range(MOST_PAGES):
        asked = {"limit": PAGE, "order": "desc"} | ({"offset": offset} if offset else {})
        data = client.get(f"/v2/teams/{team}/logs", "read a team's log", asked)["data"]
        page = [_line(one) for one in data.get("logs") or ()]
        yield from page
        before, offset = offset, data.get("offset")
        if not page or page[-1].at < since or not offset or offset == before:
            return


def _line(body: Body) -> _Line:
    return _Line(instant(body["createdDate"]), str(body.get("log") or ""), str(body.get("owner") or ""))


def _touches(key: str, forms: Sequence[Live], lines: Sequence[_Line]) -> Iterator[Touch]:
    about = [line for line in lines if any(_is_about(line.text, live) for live in forms)]
    for number, line in enumerate(about):
        nobody = line.owner.strip().casefold() in NOBODY
        yield Touch(
            remote_id=key,
            at=line.at,
            by=None if nobody else line.owner,
            means=_NO_PERSON if nobody else _UNTOLD_MEANS,
            ours=nobody and number > 0,
            fields=(line.text,),
        )


def _is_about(text: str, live: Live) -> bool:
    first = _FIRST_WORD.match(text)
    kind = _KINDS.get(first[1].lower()) if first else None
    if kind is not None and kind != live.kind:
        return False
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in _names(live))


def _names(live: Live) -> Iterator[str]:
    """Yield what an object and its parts are called."""
    yield live.resource.name
    for part in ("integrations", "policies"):
        listed: Sequence[Mapping[str, Any]] = live.raw.get(part) or ()
        yield from (str(one["name"]) for one in listed if one.get("name"))


def _team(live: Live) -> str | None:
    owner = live.resource.team
    return live.remote_id if live.kind == "team" else owner.key if isinstance(owner, Ref) else None
