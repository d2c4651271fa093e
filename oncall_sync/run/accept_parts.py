"""Accepting what was changed of any object: its name and text, its owner, a team's people, who is called next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any, Final

from oncall_sync.model import (
    ABSENT,
    EscalationPolicy,
    Level,
    Member,
    Ref,
    Resource,
    Schedule,
    Service,
    Team,
)
from oncall_sync.policy.writing import Unsayable, description, level, member, ordered, owner
from oncall_sync.policy.writing_service import target
from oncall_sync.policy.writing_words import duration

from .accept_case import Case
from .accept_schedule import RINGING, accept_schedule
from .accept_service import accept_service

_CLEARED: Final = "none"
_COMMON: Final = frozenset({"name", "description", "team"})
_OWN: Final[Mapping[type[Resource], frozenset[str]]] = {
    Team: frozenset({"members"}),
    Schedule: RINGING,
    EscalationPolicy: frozenset({"levels", "repeat"}),
    Service: frozenset({"escalation_policy", "urgency", "acknowledge_within", "resolve_after", "integrations"}),
}


def accept_into(case: Case) -> None:
    """Make the words of a case say what is live, as far as its fields differ. Raises Unsayable."""
    declared, live = case.declared, case.live
    _refuse_others(case)
    if "name" in case.heads:
        case.put("name", live.name)
    if "description" in case.heads:
        case.put("description", description(live.description or None if live.description is not ABSENT else None))
    if "team" in case.heads:
        case.put("team", owner(case.known(live.team) if isinstance(live.team, Ref) else None))
    match declared, live:
        case Team(), Team():
            _team(case, live)
        case Schedule(), Schedule():
            accept_schedule(case, declared, live)
        case EscalationPolicy(), EscalationPolicy():
            _ladder(case, declared, live)
        case Service(), Service():
            accept_service(case, declared, live)
        case _:
            pass
    _blocks(case)


def _refuse_others(case: Case) -> None:
    """Refuse what the words of the language do not reach."""
    kinds = {*case.declared.settings, *case.live.settings}
    others = sorted(case.heads - _COMMON - _OWN.get(type(case.declared), frozenset()) - kinds)
    if {"pages", "routes"} & {*others}:
        raise Unsayable(
            "where alerts to the team itself go was changed; that is said in the provider's own block of the team,"
            " which is not written from here: write it there by hand"
        )
    if others:
        raise Unsayable(f"policies have no words for this: {', '.join(others)}; set it back at the provider")


def _blocks(case: Case) -> None:
    """Take over keys of a provider's block."""
    for kind in sorted(case.heads & {*case.declared.settings, *case.live.settings}):
        keys = {path.split(".")[1] for path in case.fields if path.startswith(f"{kind}.")}
        if not keys:
            keys = {*case.declared.settings.get(kind, {})}
        live = case.live.settings.get(kind, {})
        case.words = case.block(case.words, kind, keys, live, _CLEARED)


def _team(case: Case, live: Team) -> None:
    if "members" not in case.heads or live.members is ABSENT:
        return
    written = case.words.get("members")
    before = [] if written in (None, _CLEARED) else written if isinstance(written, list) else [written]
    there = {case.known(one.user).key: one for one in live.members}
    items: list[Any] = []
    for item in before:
        key = item["user"] if isinstance(item, dict) else item
        if key in there:
            one = there.pop(key)
            items.append(_with_role(item, one))
    usual = _usual_role(case)
    for key, one in there.items():
        role = ABSENT if one.role == usual else one.role
        items.append(member(Member(Ref("user", key), role)))
    alone = len(items) == 1 and not isinstance(written, list)
    case.put("members", items[0] if alone else items or _CLEARED)


def _with_role(item: Any, live: Member) -> Any:
    """Return a member as written, with another role if one is written and differs."""
    if isinstance(item, dict) and "role" in item and live.role is not ABSENT and item["role"] != live.role:
        return {**item, "role": live.role}
    return item


def _usual_role(case: Case) -> Any:
    """Return the role that the provider gives to whom none is said of."""
    somebody = Member(Ref("user", "somebody"))
    made = case.normalize(replace(case.declared, members=(somebody,)), None)  # type: ignore[call-arg]  # a team
    members = made.members if isinstance(made, Team) else ABSENT
    return ABSENT if members is ABSENT else members[0].role


def _ladder(case: Case, declared: EscalationPolicy, live: EscalationPolicy) -> None:
    if "repeat" in case.heads and live.repeat is not ABSENT:
        case.put("repeat", live.repeat)
    if "levels" not in case.heads:
        return
    if not live.levels:
        raise Unsayable("it calls nobody any more, which no policy can say: take it out of the policies")
    written = case.words["levels"]
    items = written if isinstance(written, list) else [written]
    wanted = case.wanted.levels if isinstance(case.wanted, EscalationPolicy) else declared.levels
    found: list[Any] = []
    for own, number in _pairs(declared.levels, live.levels):
        there = live.levels[number]
        known = replace(there, notify=tuple(case.known(ref) for ref in there.notify))
        if own is None:
            found.append(level(known))
        else:
            planned = wanted[own] if own < len(wanted) else declared.levels[own]
            found.append(_level(case, items[own], (declared.levels[own], planned), known))
    case.put("levels", found[0] if len(found) == 1 and not isinstance(written, list) else found)


def _pairs(declared: Sequence[Level], live: Sequence[Level]) -> Iterator[tuple[int | None, int]]:
    """Yield for each live level the declared one that it is, or came in the place of, if there is one."""
    before, after = ([frozenset(one.notify) for one in levels] for levels in (declared, live))
    for _, i, i_end, j, j_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for number in range(j, j_end):
            own = i + number - j
            yield (own if own < i_end else None), number


def _level(case: Case, words: dict[str, Any], own: tuple[Level, Level], live: Level) -> dict[str, Any]:
    """Return a level's words with what differs as it is live; `own` is it as declared, and as a plan has it."""
    declared, wanted = own
    if {*live.notify} != {*declared.notify}:
        words = ordered(words, "notify", _notified(words["notify"], live.notify))
    after = live.escalate_after
    if after is not ABSENT and declared.escalate_after is not ABSENT and after != declared.escalate_after:
        words = ordered(words, "escalate_after", duration(after))
    for kind in [kind for kind in declared.settings if kind in words]:
        ours, theirs = wanted.settings.get(kind, {}), live.settings.get(kind, {})
        keys = {name for name in words[kind] if ours.get(name) != theirs.get(name)}
        words = case.block(words, kind, keys, theirs, None)
    return words


def _notified(written: Any, live: Sequence[Ref]) -> Any:
    """Return whom a level rings: who stays as written, who is new behind them."""
    before = written if isinstance(written, list) else [written]
    forms = {_ref_in(item): item for item in before}
    items = [item for ref, item in forms.items() if ref in live]
    items += [target(ref) for ref in live if ref not in forms]
    return items[0] if len(items) == 1 and not isinstance(written, list) else items


def _ref_in(item: Any) -> Ref | None:
    if not isinstance(item, dict) or len(item) != 1:
        return None
    ((kind, key),) = item.items()
    key = key[kind] if isinstance(key, dict) and kind in key else key
    return Ref("schedule" if kind == "schedule" else "user", str(key))
