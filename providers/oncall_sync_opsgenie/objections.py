"""What Opsgenie cannot hold of a declared resource, said before anything is sent.

Limits are Opsgenie's API description's unless a comment says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from difflib import get_close_matches
from typing import Final

from oncall_sync.model import (
    ABSENT,
    ALWAYS,
    EscalationPolicy,
    Level,
    Objection,
    Ref,
    Resource,
    Schedule,
    Service,
    Team,
)

from .convert_escalation import DEFAULT_DELAY, OF_SCHEDULES, OF_TEAM
from .convert_schedule import SUFFIX, fits
from .normal import ROLES
from .objecting import (
    DESCRIPTION_LIMITS,
    NAME_LIMITS,
    block_faults,
    cannot,
    keeps_owner,
    nearly,
    whole_minutes,
)
from .objections_schedule import schedule_objections
from .objections_service import service_objections
from .routing import asked_hours, route
from .settings import canonical, faults
from .spans import duration_words, minutes_of
from .wire import KIND, Known

OWN_ROLES: Final = ("admin", "user")
NAMES: Final = re.compile(r"[a-zA-Z 0-9_.-]+")
"""What teams and schedules may be called: the vendor's Terraform provider takes nothing else."""
MOST_PASSES: Final = 20
"""How often an escalation repeats at the most (the vendor's help pages)."""
LONGEST_DELAY: Final = timedelta(days=1)
"""How long after its start an escalation may call somebody; only older documentation says so."""


def objections_to(wanted: Resource, known: Known) -> Iterator[Objection]:
    """Yield what Opsgenie cannot hold of `wanted`; `known` is what oncall.yaml says about the account."""
    if wanted.external or wanted.ref.kind not in NAME_LIMITS:
        return
    yield from _sizes(wanted)
    match wanted:
        case Team():
            yield from _team(wanted, known)
        case Schedule():
            yield from schedule_objections(wanted)
        case EscalationPolicy():
            yield from _policy(wanted)
        case Service():
            yield from service_objections(wanted, known)


def named_alike(wanted: Sequence[Resource]) -> Iterator[Objection]:
    """Yield an objection for each schedule that has the name of a team.

    The vendor's Terraform provider, issue 353: 409 "There is already one Team with same name", for a schedule of
    its own owner's name; taken to be so for any team's.
    """
    teams = {one.name: one for one in wanted if isinstance(one, Team)}
    for one in wanted:
        team = teams.get(one.name) if isinstance(one, Schedule) else None
        if team is None or (one.external and team.external):
            continue
        message = (
            f"Opsgenie keeps no schedule of the same name as a team, and {team.ref.words} is called {team.name!r}"
            " too; write another `name`"
        )
        yield cannot(team if one.external else one, "name", message)


def _sizes(wanted: Resource) -> Iterator[Objection]:
    """Object to names and descriptions that do not fit; the core cuts descriptions so that the mark has room."""
    kind, name = wanted.ref.kind, wanted.name
    if len(name) > NAME_LIMITS[kind]:
        message = f"Opsgenie takes names of up to {NAME_LIMITS[kind]} characters, this has {len(name)}; shorten it"
        yield cannot(wanted, "name", message)
    if kind in {"team", "schedule"} and not NAMES.fullmatch(name):
        odd = "".join(dict.fromkeys(NAMES.sub("", name)))
        message = (
            f"Opsgenie's {kind}s are named with a-z, A-Z, 0-9, blanks, and . _ - only, not {odd!r};"
            " write another `name`"
        )
        yield cannot(wanted, "name", message)
    if name.endswith(SUFFIX):
        message = f"names that end in {SUFFIX.strip()!r} are for what this tool is about to delete; write another"
        yield cannot(wanted, "name", message)
    text = wanted.description if isinstance(wanted.description, str) else ""
    limit = DESCRIPTION_LIMITS[kind]
    if len(text) > limit:
        message = (
            f"the description is cut: Opsgenie takes up to {limit:,} characters, our mark included,"
            f" this has {len(text):,}"
        )
        yield nearly(wanted, "description", message)


def _team(wanted: Team, known: Known) -> Iterator[Objection]:
    block = wanted.settings.get(KIND, {})
    yield from block_faults(wanted, "team", block)
    if not any(faults("team", block)):
        yield from _routing(wanted, known)
    for number, member in enumerate(() if wanted.members is ABSENT else wanted.members):
        if member.role is ABSENT:
            continue
        path = f"members.{number}.role"
        if member.role == "observer":
            message = f"Opsgenie has no observers in teams; {member.user.key} becomes a user, who may be called"
            yield nearly(wanted, path, message)
        elif member.role not in (*OWN_ROLES, *ROLES):
            yield _role(wanted, path, member.role)


def _role(wanted: Team, path: str, role: str) -> Objection:
    near = get_close_matches(role.casefold(), OWN_ROLES, 1)
    other = "write admin or user, or no role, which leaves one of the team's own"
    hint = f"did you mean {near[0]}?" if near else other
    return cannot(wanted, path, f"Opsgenie has no role {role!r} that can be declared for a member; {hint}")


def _routing(wanted: Team, known: Known) -> Iterator[Objection]:
    names: dict[str, int] = {}
    for number, item in enumerate(canonical("team", wanted.settings.get(KIND, {})).get("routing", ())):
        path = f"{KIND}.routing.{number}"
        rule = route(item, known)
        first = names.setdefault(rule.name, number)
        if first != number:
            message = (
                f"routing rule {number + 1} would be named {rule.name!r}, as rule {first + 1} is; alerts that fit"
                " both go where the first one says, so take one out, or give it a name"
            )
            yield cannot(wanted, path, message)
        if not fits(asked_hours(item)):
            message = "Opsgenie's routing rules keep up to 15 windows in whole half hours; write such hours"
            yield cannot(wanted, f"{path}.hours", message)
        if rule.hours != ALWAYS and rule.time_zone is None:
            message = (
                "these hours are in no time zone; write `time_zone`, or give the account's own in oncall.yaml"
            )
            yield cannot(wanted, f"{path}.hours", message)


def _policy(wanted: EscalationPolicy) -> Iterator[Objection]:
    block = wanted.settings.get(KIND, {})
    yield from block_faults(wanted, "escalation_policy", block)
    if not wanted.levels:
        message = "Opsgenie's escalations need at least one level; write whom to notify first"
        yield cannot(wanted, "levels", message)
    repeat = 0 if wanted.repeat is ABSENT else wanted.repeat
    if not 0 <= repeat <= MOST_PASSES:
        message = f"Opsgenie repeats an escalation at most {MOST_PASSES} times, not {repeat}; write up to that"
        yield cannot(wanted, "repeat", message)
    if wanted.repeat == 0 and block.get("close_after_repeats") is True:
        message = "without `repeat` there is nothing to close after; it is left out until the policy repeats"
        yield nearly(wanted, f"{KIND}.close_after_repeats", message)
    if wanted.team is None:
        yield keeps_owner(wanted)
    for number, level in enumerate(wanted.levels):
        yield from _level(wanted, level, f"levels.{number}", last=number == len(wanted.levels) - 1)
    yield from _length(wanted)


def _level(wanted: EscalationPolicy, level: Level, path: str, *, last: bool) -> Iterator[Objection]:
    block = level.settings.get(KIND, {})
    yield from block_faults(wanted, "level", block, f"{path}.")
    way = block.get("notify")
    if not level.notify and way not in OF_TEAM and not block.get("also"):
        yield cannot(wanted, f"{path}.notify", "this level notifies nobody; write a schedule or a user")
    if way in OF_SCHEDULES and not any(ref.kind == "schedule" for ref in level.notify):
        message = f"`notify: {way}` is about whose turn comes in a schedule, and this level has none"
        yield cannot(wanted, f"{path}.{KIND}.notify", message)
    if way in OF_TEAM and not isinstance(wanted.team, Ref):
        message = f"`notify: {way}` is about the owner team, and this policy has none; write `team`"
        yield cannot(wanted, f"{path}.{KIND}.notify", message)
    repeats = wanted.repeat != 0
    if level.escalate_after is not ABSENT and (repeats or not last):
        what = "before the next pass" if last else "before the next level"
        yield from whole_minutes(wanted, f"{path}.escalate_after", level.escalate_after, what)


def _length(wanted: EscalationPolicy) -> Iterator[Objection]:
    """Warn of levels that may come too late for Opsgenie; it counts all delays from the start."""
    block = canonical("escalation_policy", wanted.settings.get(KIND, {}))
    wrong = any(faults("escalation_policy", block))
    at = timedelta(minutes=0 if wrong else minutes_of(block.get("starts_after", "0m")))
    for number, level in enumerate(wanted.levels):
        if at > LONGEST_DELAY:
            message = (
                f"this level begins {duration_words(at)} after the alert; Opsgenie may refuse more than"
                f" {duration_words(LONGEST_DELAY)}, so wait less before it"
            )
            yield nearly(wanted, f"levels.{number}", message)
            return
        at += DEFAULT_DELAY if level.escalate_after is ABSENT else level.escalate_after
