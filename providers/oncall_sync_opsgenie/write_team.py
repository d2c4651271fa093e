"""What is sent for a team: itself, its members, and what becomes of its own alerts.

Opsgenie makes a schedule, an escalation policy and a default routing rule with every team. Nobody declared
them, so they go at once, and its members come only then: whoever is cut off in between has made nothing that
rings anybody. Alerts of the team ring nobody until a policy of its own is there to be pointed to. Until all of
that is done the team's description says so, beside its mark: the next run finishes it, and what people make later
under such a name is theirs.

Where the alerts go is settled after everything else of a plan was made, since teams, schedules and policies name
each other in circles. Rules are looked at in order and the first that fits decides, so a new one is put in front
of what it replaces: no alert falls through while they change. What the old list still had is deleted last, from
its end; the description, whose mark says that all this was done, follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from oncall_sync.model import ABSENT, Ref, Route, Team

from .convert_schedule import recipient
from .convert_team import (
    CAME_WITH,
    MAKING,
    default_rule,
    is_being_made,
    member_body,
    own_rules,
    role_of,
    route_from,
    rule_body,
)
from .objecting import DESCRIPTION_LIMITS
from .script import Script, changed, described, raw_of
from .wire import Body, id_of, text_of

NOBODY: Final[Body] = {"type": "none"}


def team_calls(script: Script, wanted: Team) -> None:
    """Add the calls for a team: nothing where nothing differs.

    A description is only sent with the alerts settled, if there is anything to settle: until then its mark would
    promise too much.
    """
    raw = raw_of(script)
    settled = Script(script.change, script.ids)
    _settle(settled, wanted, raw.get("rules") or ())
    after: Body = {"name": wanted.name, "description": described(wanted.description)}
    if script.change.live is None:
        _create(script, wanted, after, settled)
    else:
        body = raw["body"]
        if is_being_made(body):
            _finish(script, str(body.get("name")), raw.get("rules") or ())
        before = {"name": body.get("name"), "description": text_of(body.get("description")) or ""}
        if settled.calls:
            del after["description"]
        _change(script, wanted, before, after)
    _settle(script, wanted, raw.get("rules") or ())
    if settled.calls:
        body = {"description": described(wanted.description)}
        script.add("PATCH", script.path, f"mark {script.name} as settled", body, phase="settle")


def _create(script: Script, wanted: Team, body: Body, settled: Script) -> None:
    script.create({**body, "description": _unfinished(body["description"])})
    _finish(script, wanted.name, ())
    members = () if wanted.members is ABSENT else wanted.members
    last: Body = {} if settled.calls else {"description": body["description"]}
    if members:
        last["members"] = [member_body(member, script.ids) for member in members]
    if last:
        says = f"put people into {script.name}" if members else f"mark {script.name} as made"
        script.add("PATCH", script.path, says, last)


def _unfinished(description: str) -> str:
    """Return what is said of a team that is being made; the mark is at the end, so the text is cut in front."""
    room = DESCRIPTION_LIMITS["team"] - len(MAKING) - 2
    return f"{MAKING}\n\n{description[-room:]}"


def _finish(script: Script, team: str, rules: Sequence[Mapping[str, Any]]) -> None:
    """Take away what came with a team, unless somebody uses it by now; `rules` are those that were read, if any.

    Where the default rule leads elsewhere already, it is left to `_settle`.
    """
    last = default_rule(rules)
    notify = (last or {}).get("notify") or {}
    if last is None or notify.get("name") in {f"{team}{suffix}" for _, _, suffix in CAME_WITH}:
        path = _default_path(script) if last is None else f"{_rules_path(script)}/{last['id']}"
        script.add("PATCH", path, f"let {script.name} notify nobody yet", {"notify": NOBODY})
    for what, path, suffix in CAME_WITH:
        name = f"{team}{suffix}"
        owned = f"{path}/{quote(name, safe='')}?identifierType=name&ownedBy={script.own}"
        script.add("DELETE", owned, f"delete {what} {name}, which came with {script.name}")


def _change(script: Script, wanted: Team, before: Body, after: Body) -> None:
    """Change a team and its members.

    A PATCH replaces all members, also whoever was put in meanwhile; so people come and go one at a time. For a
    role there is no other documented way.
    """
    live = script.change.live.resource if script.change.live else None
    known = live.members if isinstance(live, Team) and live.members is not ABSENT else ()
    old = {id_of(member.user, script.ids): role_of(member) for member in known}
    new = {} if wanted.members is ABSENT else {id_of(one.user, script.ids): one for one in wanted.members}
    roles = {key: role_of(one) for key, one in new.items() if old.get(key, role_of(one)) != role_of(one)}
    members = (raw_of(script).get("body") or {}).get("members") or ()
    if roles:
        after = {**after, "members": [_member(one, roles) for one in members]}
    script.update(before, after)
    for key, one in new.items():
        if key not in old:
            says = f"make {_person(one.user)} a member of {script.name}"
            script.add("POST", f"{script.path}/members", says, member_body(one, script.ids))
    if wanted.members is ABSENT:
        return
    names = {one["user"]["id"]: one["user"].get("username") for one in members}
    for key in old:
        if key not in new:
            says = f"take {names.get(key) or 'somebody'} out of {script.name}"
            script.add("DELETE", f"{script.path}/members/{key}", says, phase="clear")


def _person(user: Ref) -> str:
    return "somebody who is not declared" if user.remote else user.key


def _member(body: Mapping[str, Any], roles: Mapping[str, str]) -> Body:
    """Return a member as it came, with another role where there is one."""
    key = body["user"]["id"]
    return {"user": {"id": key}, "role": roles.get(key, body.get("role"))}


def _settle(script: Script, wanted: Team, rules: Sequence[Mapping[str, Any]]) -> None:
    """Add the calls for what becomes of a team's alerts."""
    if wanted.routes is not ABSENT:
        _Routes(script, own_rules(rules)).become(wanted.routes)
    if wanted.pages is ABSENT:
        return
    last = default_rule(rules)
    notify = recipient(wanted.pages, script.ids)
    before = NOBODY if last is None else {key: (last.get("notify") or {}).get(key) for key in notify}
    if notify != before:
        path = _default_path(script) if last is None else f"{_rules_path(script)}/{last['id']}"
        says = f"let {script.name} notify {wanted.pages.words if wanted.pages else 'nobody'}"
        script.add("PATCH", path, says, {"notify": notify}, phase="settle")


class _Routes:
    """What becomes of a team's own routing rules."""

    def __init__(self, script: Script, live: Sequence[Mapping[str, Any]]) -> None:
        self._script = script
        self._live = live
        self._bodies = [rule_body(route_from(rule), script.ids) for rule in live]

    def become(self, routes: Sequence[Route]) -> None:
        """Add the calls that change, make and delete rules.

        Those that stay keep their order among each other; one that is to come earlier is made anew, as moving
        rules is known to end in other places than asked.
        """
        wanted = [rule_body(route, self._script.ids) for route in routes]
        kept = dict(self._pairs(wanted))
        order: list[int | None] = list(range(len(self._live)))
        at = 0
        for number, body in enumerate(wanted):
            place = kept.get(number)
            if place is None:
                self._make(body, at)
                order.insert(at, None)
            else:
                self._change(body, place)
                at = order.index(place)
            at += 1
        for place in reversed(range(len(self._live))):
            if place not in kept.values():
                says = f"delete {self._named(self._live[place])}"
                path = f"{_rules_path(self._script)}/{self._live[place]['id']}"
                self._script.add("DELETE", path, says, phase="settle")

    def _pairs(self, wanted: Sequence[Body]) -> list[tuple[int, int]]:
        """Return which wanted rule is which live one: the same, or of one name; as many as keep their order."""
        left = list(range(len(self._live)))
        found: dict[int, int] = {}
        for alike in (self._same, self._becomes):
            for number, body in enumerate(wanted):
                place = None if number in found else next((one for one in left if alike(body, one)), None)
                if place is not None:
                    found[number] = place
                    left.remove(place)
        return _rising(sorted(found.items()))

    def _same(self, wanted: Body, place: int) -> bool:
        return self._changes(wanted, place) == {}

    def _becomes(self, wanted: Body, place: int) -> bool:
        return self._bodies[place]["name"] == wanted["name"] and self._changes(wanted, place) is not None

    def _changes(self, wanted: Body, place: int) -> Body | None:
        """Return what a PATCH has to say; None if a PATCH cannot: a time restriction cannot be taken away."""
        before = self._bodies[place]
        return None if "timeRestriction" in before and "timeRestriction" not in wanted else changed(before, wanted)

    def _make(self, body: Body, order: int) -> None:
        says = f"add {self._named(body)}"
        self._script.add("POST", _rules_path(self._script), says, {**body, "order": order}, phase="settle")

    def _change(self, body: Body, place: int) -> None:
        changes = self._changes(body, place)
        if changes:
            path = f"{_rules_path(self._script)}/{self._live[place]['id']}"
            says = f"change {self._named(self._live[place])}"
            self._script.add("PATCH", path, says, changes, phase="settle")

    def _named(self, rule: Mapping[str, Any]) -> str:
        return f"routing rule {rule.get('name')} of {self._script.name}"


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs, sorted by their first numbers, whose second ones rise too."""
    best: list[list[tuple[int, int]]] = []
    for pair in pairs:
        before = (run for run in best if run[-1][1] < pair[1])
        best.append([*max(before, key=len, default=[]), pair])
    return max(best, key=len, default=[])


def _rules_path(script: Script) -> str:
    return f"{script.path}/routing-rules"


def _default_path(script: Script) -> str:
    """Return where the default rule is, of a team whose rules nobody has read yet."""
    return f"{_rules_path(script)}/default"
