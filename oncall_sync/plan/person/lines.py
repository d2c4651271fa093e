"""The lines of policy files that name a person, and what to do with each, in the order to do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from oncall_sync.model import Mention, Policies, Ref, Schedule, Source, User, Waiver

Part: TypeAlias = Literal[
    "level",
    "turn",
    "on_call",
    "fallback",
    "observers",
    "override",
    "instead_of",
    "member",
    "check",
    "waiver",
    "user",
]

ORDER: tuple[str, ...] = (
    "level",
    "turn",
    "on_call",
    "fallback",
    "observers",
    "override",
    "instead_of",
    "member",
    "check",
    "waiver",
    "user",
)
"""What rings comes first, and last of all the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line to change. `says` is what it means, `do` what to write instead.

    With `alone` nobody else is named there. `ref` is the resource it is part of; None for checks and waivers.
    """

    part: Part
    ref: Ref | None
    says: str
    do: str
    source: Source
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """A schedule that rings somebody because it follows another that names them; there is nothing to write."""

    ref: Ref
    follows: Ref
    source: Source | None


def lines(policies: Policies, user: User) -> list[Line]:
    """Return every line that names a user: those that would leave nobody first, then by what they do."""
    found = [_line(policies, mention) for mention in policies.mentions.get(user.ref, ())]
    found += [line for waiver in policies.rules.waivers for line in _owned(user, waiver)]
    if user.source is not None:
        does = "take it out, when nothing names it any more"
        found.append(Line(part="user", ref=user.ref, says="declares the user", do=does, source=user.source))
    return sorted(found, key=lambda line: (ORDER.index(line.part), not line.alone, line.source))


def followers(policies: Policies, refs: Iterable[Ref]) -> Iterator[Following]:
    """Yield the schedules that follow any of these, or one that does."""
    known = {*refs}
    while True:
        found = [
            Following(ref=schedule.ref, follows=schedule.follows.schedule, source=schedule.where("follows"))
            for schedule in policies.schedules.values()
            if schedule.ref not in known and schedule.follows and schedule.follows.schedule in known
        ]
        if not found:
            return
        yield from found
        known |= {each.ref for each in found}


def _owned(user: User, waiver: Waiver) -> Iterator[Line]:
    """Yield the line of a waiver of the organisation's own rules that a user owns; it may name anybody."""
    known = {user.ref.key.casefold(), user.email.casefold(), user.name.casefold()}
    if waiver.source is not None and waiver.owner.casefold() in known:
        says = _OWNER.format(rule=waiver.rule)
        yield Line(part="waiver", ref=None, says=says, do=_NEW_OWNER, source=waiver.source, alone=True)


_OWNER = "owns the waiver of {rule}"
_NEW_OWNER = "name another owner, or let the waiver go"


def _line(policies: Policies, mention: Mention) -> Line:
    section, key, *rest = mention.path
    match section:
        case "teams":
            return _member(policies, Ref("team", str(key)), mention)
        case "schedules":
            return _in_schedule(policies, Ref("schedule", str(key)), rest, mention)
        case "escalation_policies":
            return _level(policies, Ref("escalation_policy", str(key)), rest, mention)
        case "waivers":
            return _waiver(rest, mention)
        case "checks":
            does = "name somebody else, or leave the person out"
            return _made("check", None, f"the check {rest[0]} expects them", does, mention, alone=True)
        case _:
            where = ".".join(str(step) for step in mention.path)
            return _made("check", None, f"is named at {where}", "name somebody else", mention)


def _waiver(rest: list[str | int], mention: Mention) -> Line:
    if rest[-1] == "owner":
        says = _OWNER.format(rule=mention.beside.get("rule", ""))
        return _made("waiver", None, says, _NEW_OWNER, mention, alone=True)
    return _made("waiver", None, "is what a waiver is about", "let the waiver go", mention, alone=True)


def _made(part: Part, ref: Ref | None, says: str, do: str, mention: Mention, *, alone: bool | None = None) -> Line:
    only = mention.count == 1 if alone is None else alone
    return Line(part=part, ref=ref, says=says, do=do, source=mention.source, alone=only)


def _member(policies: Policies, ref: Ref, mention: Mention) -> Line:
    team = policies.teams.get(ref.key)
    listed = team.members if team is not None and isinstance(team.members, tuple) else ()
    role = mention.beside.get("role") if "user" in mention.beside else None
    managers = [member for member in listed if member.role == "manager"]
    says = f"is a member of team {ref.key}{f', as {role}' if role else ''}"
    if role == "manager" and len(managers) == 1:
        does = "make somebody else the manager first: there is no other"
        return _made("member", ref, says, does, mention, alone=True)
    does = "take them out" if mention.count > 1 else "take them out: nobody else is in the team"
    return _made("member", ref, says, does, mention)


def _in_schedule(policies: Policies, ref: Ref, rest: list[str | int], mention: Mention) -> Line:
    what, index, *inside = rest
    if what == "rotations":
        return _turn(policies, ref, int(index), int(inside[-1]), mention)
    span = f"from {mention.beside.get('since', '?')} to {mention.beside.get('until', '?')}"
    if what == "overrides":
        if inside[-1] == "user":
            says, does = f"takes over in {ref.words} {span}", "name somebody else, or take the override out"
            return _made("override", ref, says, does, mention, alone=True)
        says, does = f"is replaced in {ref.words} {span}", "take the override out, or leave instead_of out"
        return _made("instead_of", ref, says, does, mention, alone=True)
    if inside[0] == "on_call":
        alone = mention.count == 1
        does = (
            "name somebody else: nobody else is on call then" if alone else "name somebody else, or take them out"
        )
        return _made("on_call", ref, f"is on call in {ref.words} {span}", does, mention)
    if inside[0] == "fallback":
        says, does = f"is the fallback in {ref.words} {span}", "name another fallback"
        return _made("fallback", ref, says, does, mention)
    return _made("observers", ref, f"looks on in {ref.words} {span}", "take them out", mention, alone=False)


def _turn(policies: Policies, ref: Ref, index: int, number: int, mention: Mention) -> Line:
    schedule = policies.schedules.get(ref.key)
    name = rotation_words(schedule, index)
    says = f"has turn {number + 1} of {mention.count} in {ref.words}{f', {name}' if name else ''}"
    if mention.count == 1:
        does = "write somebody else: nobody else takes turns there"
    else:
        does = "write who takes the turns; without them all turns are dealt anew, and plan offers a start"
    return _made("turn", ref, says, does, mention)


def rotation_words(schedule: Schedule | None, index: int) -> str:
    """Return how a rotation is told from the others of its schedule; nothing if it is the only one."""
    rotations = schedule.rotations if schedule is not None else ()
    if index < len(rotations) and rotations[index].name:
        return f"rotation {rotations[index].name}"
    return f"rotation {index + 1}" if len(rotations) > 1 else ""


def _level(policies: Policies, ref: Ref, rest: list[str | int], mention: Mention) -> Line:
    policy = policies.escalation_policies.get(ref.key)
    number, most = int(rest[1]) + 1, len(policy.levels) if policy is not None else 0
    says = f"is rung at level {number} of {most} of {ref.words}"
    if mention.count > 1:
        return _made("level", ref, says, "take them out, or name somebody else", mention)
    rest_of_it = "it is the only level" if most == 1 else "or take the level out"
    return _made("level", ref, f"{says}, alone", f"name somebody else, {rest_of_it}", mention)
