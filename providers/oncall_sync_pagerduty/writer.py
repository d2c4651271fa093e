"""What is sent for a change: teams and escalation policies here, schedules and services in their own modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oncall_sync.model import ABSENT, Call, Change, EscalationPolicy, Ref, Schedule, Service, Team

from .convert_team import DEFAULT_REPEAT, DEFAULT_ROLE, labels, rules_from
from .script import Script, described, owners, raw_of, writable
from .wire import KIND, Body, id_of, reference, remotes, text_of
from .write_schedule import schedule_calls
from .write_service import service_calls


@dataclass(frozen=True, slots=True)
class Known:
    """What the adapter knows of the account from its last read: its id, and which schedules are shift-based."""

    account: str | None = None
    shift_based: frozenset[str] = frozenset()


def calls_for(change: Change, ids: Mapping[Ref, str], known: Known) -> Sequence[Call]:
    """Return what would be sent for a change, in order; nothing where nothing differs."""
    script = Script(change, ids)
    if change.action == "delete":
        script.delete()
        return tuple(script.calls)
    match change.wanted:
        case Team() as team:
            _team(script, team)
        case EscalationPolicy() as policy:
            _policy(script, policy, known)
        case Schedule() as schedule:
            schedule_calls(script, schedule)
        case Service() as service:
            service_calls(script, service, known.account)
        case _:
            pass
    return tuple(script.calls)


def _team(script: Script, wanted: Team) -> None:
    raw = raw_of(script)
    if script.change.live is None:
        script.create({"type": "team", "name": wanted.name, "description": described(wanted.description)})
    else:
        base = writable(raw["body"]) | {"description": text_of(raw["body"].get("description")) or ""}
        script.update(base, base | {"name": wanted.name, "description": described(wanted.description)})
    _members(script, wanted, raw)
    _tags(script, wanted.settings, raw)


def _members(script: Script, wanted: Team, raw: Mapping[str, Any]) -> None:
    """Add what brings the team's members from those in `change.live` to those in `wanted`.

    Whom the provider put there by itself is in neither, if the core leaves them alone. PagerDuty refuses to take
    out anybody whom a policy of the team still rings; calls that clear come after the policies' changes.
    """
    live = script.change.live.resource if script.change.live else None
    if wanted.members is ABSENT:
        return
    known = live.members if isinstance(live, Team) and live.members is not ABSENT else ()
    before = {id_of(member.user, script.ids): member for member in known}
    after: dict[str, str | None] = {}
    for member in wanted.members:
        key = id_of(member.user, script.ids)
        old = before.get(key)
        role = member.role if member.role is not ABSENT else (old.role if old else DEFAULT_ROLE)
        after[key] = None
        if old is None or old.role != role:
            says = f"make {_person(member.user)} {role} of {script.name}"
            script.add("PUT", f"{script.path}/users/{key}", says, {"role": role})
    names = {one["user"]["id"]: one["user"].get("summary") for one in raw.get("members", ())}
    for key, member in before.items():
        if key not in after:
            who = names.get(key) or _person(member.user)
            says = f"take {who} out of {script.name}"
            script.add("DELETE", f"{script.path}/users/{key}", says, phase="clear")


def _person(user: Ref) -> str:
    return "somebody who is not declared" if user.remote else user.key


def _tags(script: Script, settings: Mapping[str, Mapping[str, Any]], raw: Mapping[str, Any]) -> None:
    live = raw.get("tags", ())
    before, after = set(labels(live)), set(settings.get(KIND, {}).get("tags", ()))
    new: list[Body] = [{"type": "tag", "label": label} for label in sorted(after - before)]
    old = [reference("tag", tag["id"]) for tag in live if labels([tag])[0] not in after]
    if new or old:
        body = ({"add": new} if new else {}) | ({"remove": old} if old else {})
        script.add("POST", f"{script.path}/change_tags", f"change the tags of {script.name}", body)


def _policy(script: Script, wanted: EscalationPolicy, known: Known) -> None:
    raw = raw_of(script)
    body = raw.get("body", {})
    block = wanted.settings.get(KIND, {})
    after: Body = {
        "type": "escalation_policy",
        "name": wanted.name,
        "description": described(wanted.description),
        "num_loops": DEFAULT_REPEAT if wanted.repeat is ABSENT else wanted.repeat,
        "on_call_handoff_notifications": block.get("handoff_notifications", "if_has_services"),
        "teams": owners(wanted.team, remotes("team", body.get("teams")), script.ids)[:1],
    }
    live = body.get("escalation_rules") or ()
    rules = rules_from(wanted.levels, live, script.ids, known.shift_based)
    if script.change.live is None:
        script.create({**after, "escalation_rules": rules})
    else:
        base = writable(body, "services") | {"description": text_of(body.get("description")) or ""}
        if len(rules) == len(live) and all("id" in rule for rule in rules):
            rules = base["escalation_rules"]
        script.update(base, {**base, **after, "escalation_rules": rules})
    _tags(script, wanted.settings, raw)
