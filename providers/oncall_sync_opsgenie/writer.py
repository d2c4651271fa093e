"""What is sent for a change: which module says so, and how things are taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oncall_sync.model import Call, Change, EscalationPolicy, Ref, Schedule, Service, Team

from .script import Script, raw_of
from .wire import Known
from .write_escalation import escalation_calls
from .write_schedule import schedule_calls
from .write_service import service_calls
from .write_team import team_calls


def calls_for(change: Change, ids: Mapping[Ref, str], known: Known) -> Sequence[Call]:
    """Return what would be sent for a change, in order; nothing where nothing differs."""
    script = Script(change, ids)
    if change.action == "delete":
        _delete(script)
        return tuple(script.calls)
    match change.wanted:
        case Team() as team:
            team_calls(script, team)
        case EscalationPolicy() as policy:
            escalation_calls(script, policy)
        case Schedule() as schedule:
            schedule_calls(script, schedule)
        case Service() as service:
            service_calls(script, service, known)
        case _:
            pass
    return tuple(script.calls)


def _delete(script: Script) -> None:
    """Take an object away, and first what would hold on to others: Opsgenie deletes nothing that is pointed to.

    A team's rules let go of escalations, which are deleted before it. A service's integrations and policies are no
    parts of it: left alone they would go on ringing people.
    """
    raw = raw_of(script)
    match script.change.ref.kind:
        case "team":
            for rule in raw.get("rules", ()):
                _let_go(script, rule)
        case "service":
            for one in raw.get("integrations", ()):
                says = f"delete integration {one['name']}"
                script.add("DELETE", f"/v2/integrations/{one['id']}", says, phase="clear")
            team = raw.get("body", {}).get("teamId")
            for one in raw.get("policies", ()):
                says = f"delete policy {one['name']}"
                script.add("DELETE", f"/v2/policies/{one['id']}?teamId={team}", says, phase="clear")
        case _:
            pass
    script.delete()


def _let_go(script: Script, rule: Mapping[str, object]) -> None:
    path = f"{script.path}/routing-rules/{rule['id']}"
    if not rule.get("isDefault"):
        says = f"delete routing rule {rule.get('name')} of {script.name}"
        script.add("DELETE", path, says, phase="settle")
    elif rule.get("notify") != {"type": "none"}:
        says = f"let {script.name} notify nobody"
        script.add("PATCH", path, says, {"notify": {"type": "none"}}, phase="settle")
