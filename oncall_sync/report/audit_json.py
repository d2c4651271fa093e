"""An audit as one JSON object; its keys are documented in docs/reference/audit-json.md, and stay."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from oncall_sync import __version__
from oncall_sync.model import Finding
from oncall_sync.plan.audit.ground import Audit
from oncall_sync.plan.audit.load import hours_of
from oncall_sync.plan.audit.values import (
    ChatLanding,
    Incoming,
    Ladder,
    LevelNow,
    PersonRow,
    Share,
    Span,
    Turns,
    Way,
)
from oncall_sync.plan.told import instant, iso_duration

FORMAT_VERSION = "1.0"


def audit_json(audit: Audit) -> str:
    """Return the audit with sorted keys; ends with a newline."""
    return json.dumps(as_json(audit), indent=2, sort_keys=True) + "\n"


def as_json(audit: Audit) -> dict[str, Any]:
    """Return the audit as JSON values: instants as UTC with Z, durations as ISO 8601, hours as numbers."""
    levels = [finding.level for finding in audit.findings]
    return {
        "format_version": FORMAT_VERSION,
        "tool": f"oncall-sync {__version__}",
        "workspace": audit.workspace,
        "at": instant(audit.now),
        "since": instant(audit.since),
        "until": instant(audit.until),
        "providers": [{"name": name, "kind": kind, "account": account} for name, kind, account in audit.accounts],
        "not_read": [{"name": name, "reason": reason} for name, reason in audit.not_read.items()],
        "services": [_ladder(one) for one in audit.ladders],
        "people": [_person(one) for one in audit.people],
        "incoming": [_incoming(one) for one in audit.incoming],
        "overrides": [
            {
                "provider": one.provider,
                "schedule": one.schedule,
                "user": one.user,
                "since": instant(one.since),
                "until": instant(one.until),
                "rule": one.why,
            }
            for one in audit.overrides
        ],
        "unused": [
            {"provider": one.provider, "kind": one.kind, "name": one.name, "managed": one.managed}
            for one in audit.unused
        ],
        "unmanaged": [
            {"provider": one.provider, "kind": one.kind, "name": one.name, "managed_by": one.by}
            for one in audit.unmanaged
        ],
        "chat_commands": [_chat(one) for one in audit.chat],
        "load": [_turns(one) for one in audit.turns],
        "shares": [_share(one) for one in audit.shares],
        "findings": [_finding(one) for one in audit.findings],
        "summary": {f"{level}s": levels.count(level) for level in ("error", "warning", "note")},
    }


def _ladder(one: Ladder) -> dict[str, Any]:
    return {
        "provider": one.provider,
        "service": one.service,
        "name": one.name,
        "managed": one.managed,
        "urgency": one.urgency,
        "escalation_policy": one.policy,
        "time_zone": one.zone,
        "opens_now": one.opens,
        "human_now": _duration(one.human_now),
        "human_worst": None if one.never or one.gaps else _duration(one.worst),
        "human_worst_reached": _duration(one.worst),
        "human_worst_at": _instant(one.worst_at),
        "never": _spans(one.never),
        "gaps": _spans(one.gaps),
        "levels": [_level(level) for level in one.levels],
    }


def _level(one: LevelNow) -> dict[str, Any]:
    return {
        "level": one.number,
        "begins": _duration(one.begins),
        "lasts": _duration(one.lasts),
        "people": [
            {
                "user": person.user,
                "via": person.via,
                "reached": _duration(person.reached),
                "cannot": person.cannot,
                "known": person.known,
                "ways": [_way(way) for way in person.ways],
            }
            for person in one.people
        ],
    }


def _way(one: Way) -> dict[str, Any]:
    return {"way": one.way, "shown": one.shown, "after": iso_duration(one.after)}


def _person(one: PersonRow) -> dict[str, Any]:
    contacts = [
        {"way": each.way, "shown": each.shown, "usable": each.usable, "verified": each.verified}
        for each in one.contacts
    ]
    return {
        "provider": one.provider,
        "user": one.user,
        "on_call_now": one.now,
        "first": instant(one.first),
        "where": list(one.where),
        "contacts": contacts,
        "cannot": one.cannot,
        "known": one.known,
        "problems": list(one.problems),
    }


def _incoming(one: Incoming) -> dict[str, Any]:
    return {
        "provider": one.provider,
        "user": one.user,
        "schedule": one.schedule,
        "since": instant(one.since),
        "ready": one.ready,
        "problems": list(one.problems),
    }


def _chat(one: ChatLanding) -> dict[str, Any]:
    return {
        "command": one.command,
        "service": one.service,
        "on_call": list(one.on_call),
        "human_now": _duration(one.human_now),
        "always": one.always,
        "problem": one.problem,
    }


def _turns(one: Turns) -> dict[str, Any]:
    return {
        "user": one.user,
        "part": one.part,
        "time_zone": one.zone,
        "hours": hours_of(one.hours),
        "night_hours": hours_of(one.night_hours),
        "nights": one.nights,
        "weekend_hours": hours_of(one.weekend_hours),
        "weekends": one.weekends,
        "handoffs": one.handoffs,
    }


def _share(one: Share) -> dict[str, Any]:
    return {
        "provider": one.provider,
        "schedule": one.schedule,
        "user": one.user,
        "hours": hours_of(one.hours),
        "mean": hours_of(one.mean),
        "ratio": one.ratio,
        "known_since": _instant(one.known_since),
    }


def _finding(one: Finding) -> dict[str, Any]:
    source = one.source
    return {
        "rule": one.rule,
        "level": one.level,
        "message": one.message,
        "source": {"file": source.file, "line": source.line, "column": source.column} if source else None,
    }


def _spans(found: Iterable[Span]) -> list[dict[str, str]]:
    return [{"since": instant(since), "until": instant(until)} for since, until in found]


def _duration(value: timedelta | None) -> str | None:
    return None if value is None else iso_duration(value)


def _instant(value: datetime | None) -> str | None:
    return None if value is None else instant(value)
