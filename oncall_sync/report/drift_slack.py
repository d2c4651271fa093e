"""Drift as one message for an incoming webhook, in Slack's format, which Mattermost and others take as well."""

from __future__ import annotations

import re
from typing import Any, Final

from oncall_sync.plan.drift import Drift, Drifted

from .drift_words import person, summary
from .plain import counted

LIMIT: Final = 3000
"""Slack recommends 4,000 characters at the most, and cuts at 40,000."""
_LONGEST_LINE: Final = 400
_PING: Final = re.compile(r"(?<![\w.+-])@(?=\w)")
_UNJOINED: Final = "@\u200b"
"""Slack pings nobody in escaped text, but Mattermost does: an invisible character behind the sign stops it."""


def payload(drift: Drift) -> dict[str, Any]:
    """Return the JSON of a message: plain text in which no name links, formats, or notifies anybody."""
    count = counted(len(drift.drifted), "object")
    verb = "was" if len(drift.drifted) == 1 else "were"
    accounts = ", ".join(f"{p.name} ({p.account})" for p in drift.providers)
    lines = [
        escaped(f"{drift.workspace}: {count} {verb} changed at {accounts} since the last apply"),
        *(escaped(_line(found, drift)) for found in drift.drifted),
    ]
    ending = escaped("Details: oncall-sync drift. Undo: oncall-sync apply. Keep: oncall-sync drift --accept.")
    return {
        "text": _cut(lines, ending),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def escaped(text: str) -> str:
    """Return text of one line that a chat shows as it is: Slack's three escapes, and no mention."""
    line = text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 1] + "…"
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _PING.sub(_UNJOINED, line)


def _line(found: Drifted, drift: Drift) -> str:
    named = [name for name in (person(touch, drift) for touch in found.touches) if name]
    who = f", by {', '.join(dict.fromkeys(named[:3]))}" if named else ""
    effect = found.effect
    rings = ""
    if effect is not None and effect.opened:
        rings = "; at times nobody is on call for " + ", ".join(sorted({gap.service for gap in effect.opened})[:3])
    elif effect is not None and effect.pages:
        rings = "; pages otherwise: " + ", ".join(sorted({page.service for page in effect.pages})[:3])
    return f"• {summary(found)}{rings}{who}"


def _cut(lines: list[str], ending: str) -> str:
    kept: list[str] = []
    room = LIMIT - len(ending) - 40
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            kept.append(f"… and {len(lines) - number} more")
            break
        kept.append(line)
    return "\n".join([*kept, ending])
