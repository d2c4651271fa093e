"""The recorded Opsgenie payloads as exchanges: which call each body answered, whatever form it was kept in."""

import functools
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.conformance.openapi import SHARED
from tests.conformance.recordings import Recorded

RECORDED = SHARED / "recorded" / "opsgenie"

LEFT_OUT = {"jsm/timeline_shape.json": "another product's API"}
ENVELOPE = {"took": 0.01, "requestId": "added"}
"""For bodies whose publisher cut theirs off."""

CALLS: dict[str, str] = {
    "escalations": "/v2/escalations",
    "oncalls": "/v2/schedules/X/on-calls",
    "oncalls/port_2024_flat_b.json": "/v2/schedules/X/on-calls?flat=true",
    "overrides": "/v2/schedules/X/overrides",
    "schedules": "/v2/schedules/X",
    "services": "/v1/services",
    "teams": "/v2/teams",
    "teams/firehydrant_by_id.json": "/v2/teams/X",
    "timeline": "/v2/schedules/X/timeline",
    "users": "/v2/users",
}
"""Which GET a body without its request answered, by file or by folder."""
INSIDE = {"oncalls/port_2024_flat_b.json": "__currentOncalls"}
"""Where the answer is inside of what the publisher made of it."""
ITEMS = ("services/port_2024.json", "users/port_2024.json")
"""One object out of a list's answer."""
ADDED = ("item", "__")
"""What publishers put in begins so."""


@functools.cache
def recorded() -> list[Recorded]:
    """Every recorded exchange, in order of files; empty where the recordings are absent."""
    files = [(file.relative_to(RECORDED).as_posix(), file) for file in sorted(RECORDED.rglob("*.json"))]
    return [_exchange(name, file) for name, file in files if name not in LEFT_OUT]


def _exchange(name: str, file: Path) -> Recorded:
    content = json.loads(file.read_text(encoding="utf-8"))
    if not name.endswith(".exchange.json"):
        path, _, query = CALLS.get(name, CALLS[name.partition("/")[0]]).partition("?")
        return Recorded(name, "GET", path, parse_qsl(query), None, 200, _whole(name, content))
    request, answer = content["request"], content["response"]
    url = urlsplit(request["url"])
    return Recorded(
        name, request["method"], url.path, parse_qsl(url.query), None, answer["status"], answer["body"]
    )


def _whole(name: str, content: dict[str, Any]) -> Any:
    """The answer as it was, as far as that can be said."""
    if name in INSIDE:
        content = content[INSIDE[name]]
    if "data" in content:
        return content
    kept = {key: value for key, value in content.items() if not key.startswith(ADDED)}
    return {"data": [kept] if name in ITEMS else kept, **ENVELOPE}
