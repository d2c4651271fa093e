"""What is sent for an escalation policy: one call, as a PATCH replaces its rules as a whole."""

from __future__ import annotations

from oncall_sync.model import EscalationPolicy, Ref

from .convert_escalation import NO_REPEAT, repeat_of, rules_of, same_rules
from .script import Script, described, raw_of
from .wire import Body, id_of, text_of


def escalation_calls(script: Script, wanted: EscalationPolicy) -> None:
    """Add the call that makes an escalation policy, or that changes what differs; none if nothing does.

    An owner team is never taken away: a PATCH has no way to say so.
    """
    body = raw_of(script).get("body") or {}
    after: Body = {"name": wanted.name, "description": described(wanted.description)}
    if isinstance(wanted.team, Ref):
        after["ownerTeam"] = {"id": id_of(wanted.team, script.ids)}
    after["rules"] = rules_of(wanted, script.ids)
    after["repeat"] = repeat_of(wanted, body.get("repeat") or {})
    if script.change.live is None:
        script.create(after)
        return
    before = {
        "name": body.get("name"),
        "description": text_of(body.get("description")) or "",
        "ownerTeam": {"id": (body.get("ownerTeam") or {}).get("id")},
        "rules": after["rules"] if same_rules(body.get("rules") or (), after["rules"]) else None,
        "repeat": _repeat(body),
    }
    script.update(before, after)


def _repeat(body: Body) -> Body:
    """Return the live repetition as it would be sent: none at all for one that happens no times."""
    found = body.get("repeat") or {}
    if not found.get("count"):
        return dict(NO_REPEAT)
    return {
        "waitInterval": int(found.get("waitInterval") or 0),
        "count": int(found["count"]),
        "resetRecipientStates": found.get("resetRecipientStates", True),
        "closeAlertAfterAll": bool(found.get("closeAlertAfterAll")),
    }
