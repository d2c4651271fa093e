"""Accepting what was changed of a schedule: its zone, its rotations, who takes turns when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from oncall_sync.model import ABSENT, ALWAYS, Ref, Rotation, Schedule
from oncall_sync.plan.facts import ended
from oncall_sync.plan.fill import match_rotations
from oncall_sync.policy.shape_schedule import is_one_rotation
from oncall_sync.policy.writing import Unsayable, ordered
from oncall_sync.policy.writing_schedule import declarable, members, rotation
from oncall_sync.policy.writing_service import integration_key
from oncall_sync.policy.writing_words import every, hours, wall
from oncall_sync.rota.equal import ever_overlap, same_rings
from oncall_sync.rota.phase import canonical, following
from oncall_sync.rota.turns import rings_from
from oncall_sync.rota.wall import to_instant, to_wall

from .accept_case import Case

RINGING: Final = frozenset({"time_zone", "rotations", "overlap", "precedence"})


def accept_schedule(case: Case, declared: Schedule, live: Schedule) -> None:
    """Take over what only schedules say. Raises Unsayable."""
    if not case.heads & RINGING:
        return
    wall_now = to_wall(case.now, live.time_zone)
    theirs = [one for one in live.rotations if not ended(one, wall_now)]
    if not theirs:
        raise Unsayable("it rings nobody any more, which no policy can say: take the schedule out of the policies")
    if declared.assignments:
        raise Unsayable("people are named for spans here, and turns at the provider: write which of the two it is")
    if declared.follows is not None and _follows_by_another_offset(case, declared, live):
        return
    if "time_zone" in case.heads:
        case.put("time_zone", live.time_zone)
        _move_overrides(case, declared, live.time_zone)
    if declared.follows is not None:
        _own_turns(case, live, theirs, wall_now)
    else:
        _Rotations(case, declared, theirs, wall_now).accept()
    together = replace(live, rotations=tuple(theirs))
    if live.overlap != declared.overlap and len(theirs) > 1 and ever_overlap(together):
        case.put("overlap", live.overlap)


def _follows_by_another_offset(case: Case, declared: Schedule, live: Schedule) -> bool:
    """Say another offset, if that is all that was changed of a schedule that follows another."""
    base = case.policies.schedules.get(declared.follows.schedule.key) if declared.follows else None
    if base is None or not base.rotations:
        return False
    for offset in range(1, max(len(one.members) for one in base.rotations)):
        turned = tuple(following(one, offset) for one in base.rotations)
        if same_rings(replace(declared, rotations=turned), live, case.now):
            case.put("offset", offset)
            return True
    return False


def _own_turns(case: Case, live: Schedule, theirs: Sequence[Rotation], wall_now: datetime) -> None:
    """Give a schedule that followed another turns of its own: they are no longer the other's."""
    for word in ("follows", "offset"):
        case.drop(word)
    if live.time_zone != case.around.time_zone:
        case.put("time_zone", live.time_zone)
    found = [_new(case, one, wall_now, named=len(theirs) > 1) for one in theirs]
    case.put("rotations", found[0] if len(found) == 1 else found)


def _move_overrides(case: Case, declared: Schedule, zone: str) -> None:
    """Say declared overrides by the clocks of another zone: they are at the same instants as before."""
    if not declared.overrides:
        return
    written = case.words["overrides"]
    items = written if isinstance(written, list) else [written]
    moved = []
    for item, own in zip(items, declared.overrides, strict=True):
        spans = {
            word: wall(to_wall(to_instant(getattr(own, word), declared.time_zone), zone))
            for word in ("since", "until")
        }
        moved.append({**item, **spans})
    case.put("overrides", moved if isinstance(written, list) else moved[0])


def _new(case: Case, live: Rotation, wall_now: datetime, *, named: bool) -> dict[str, Any]:
    """Return the words for a rotation that no policy has yet."""
    until = live.until if isinstance(live.until, datetime) else ABSENT
    known = replace(live, members=_known(case, live.members), until=until, name=live.name if named else None)
    return rotation(declarable(known, wall_now), case.around)


def _known(case: Case, people: Sequence[Ref | None]) -> tuple[Ref | None, ...]:
    return tuple(one and case.known(one) for one in people)


class _Rotations:
    """The rotations of one schedule, in whichever of the three forms they are written."""

    def __init__(self, case: Case, declared: Schedule, theirs: Sequence[Rotation], wall_now: datetime) -> None:
        self.case = case
        self.theirs = theirs
        self.now = wall_now
        written = case.words["rotations"]
        self.alone = isinstance(written, dict) and is_one_rotation(written)
        self.names = list(written) if isinstance(written, dict) and not self.alone else None
        items = [written] if self.alone else list(written.values()) if self.names is not None else list(written)
        self.own = list(zip(declared.rotations, items, strict=True))

    def accept(self) -> None:
        """Put the rotations that are live in the place of those that are written."""
        current = [one for one, _ in self.own if not ended(one, self.now)]
        pairs = match_rotations(current, self.theirs, self._foreign).pairs
        twins = {
            id(own): twin
            for own, twin in zip(current, pairs, strict=True)
            if twin is not None and _is_one(own, twin)
        }
        found: list[tuple[Rotation | None, Any, int | None]] = []
        for number, (own, words) in enumerate(self.own):
            twin = twins.get(id(own))
            if ended(own, self.now):
                found.append((None, words, number))
            elif twin is not None:
                found.append((twin, self._changed(words, own, twin), number))
        if "precedence" in self.case.heads:
            found = self._in_live_order(found)
        for one in self.theirs:
            if not any(one is twin for twin, _, _ in found) and self._is_added(one):
                words = _new(self.case, one, self.now, named=True)
                found.insert(self._place(one, [twin for twin, _, _ in found]), (one, words, None))
        self._put(found)

    def _foreign(self, names: Sequence[str]) -> frozenset[str]:
        return frozenset(names) & self.case.kept

    def _is_added(self, one: Rotation) -> bool:
        return self.case.every_child or one.name in self.case.kept

    def _in_live_order(
        self, found: list[tuple[Rotation | None, Any, int | None]]
    ) -> list[tuple[Rotation | None, Any, int | None]]:
        order = {id(one): place for place, one in enumerate(self.theirs)}
        return sorted(found, key=lambda one: order.get(id(one[0]), -1))

    def _place(self, one: Rotation, order: Sequence[Rotation | None]) -> int:
        """Return where a rotation goes: right above the nearest one that is below it at the provider."""
        at = next(place for place, each in enumerate(self.theirs) if each is one)
        for below in reversed(self.theirs[:at]):
            places = [place for place, each in enumerate(order) if each is below]
            if places:
                return places[0] + 1
        return 0

    def _changed(self, words: dict[str, Any], own: Rotation, live: Rotation) -> dict[str, Any]:
        """Return a rotation's words with what differs as it is live."""
        if own.name is not None and live.name is not None and live.name != own.name:
            words = ordered(words, "name", live.name)
        if live.hours != own.hours:
            words = _without(words, "hours")
            if live.hours != ALWAYS:
                words = ordered(words, "hours", hours(live.hours, self.case.around.hours))
        if not self._same_turns(own, live):
            words = self._dealt(words, own, live)
        if isinstance(live.until, datetime):
            if live.until != own.until:
                words = ordered(words, "until", wall(live.until))
        elif isinstance(own.until, datetime):
            words = _without(words, "until")
        return words

    def _same_turns(self, own: Rotation, live: Rotation) -> bool:
        alike = replace(own, hours=live.hours)
        begins = rings_from(live)
        return canonical(alike) == canonical(live) and (begins <= self.now or begins == own.start)

    def _dealt(self, words: dict[str, Any], own: Rotation, live: Rotation) -> dict[str, Any]:
        """Return words with the fewest changes to members, start and length that ring as it does live."""
        found = declarable(replace(live, members=_known(self.case, live.members)), self.now, own)
        if found.members != own.members:
            words = ordered(words, "members", listed(words.get("members"), members(found.members)))
        if found.start != own.start:
            weekday = str(words.get("start", "")).strip()[:1].isalpha()
            words = ordered(words, "start", wall(found.start, weekday=weekday))
        if found.every != own.every:
            words = ordered(words, "every", every(found.every))
        return words

    def _put(self, found: Sequence[tuple[Rotation | None, Any, int | None]]) -> None:
        if self.names is not None:
            named: dict[str, Any] = {}
            for twin, words, number in found:
                if number is not None:
                    named[self.names[number]] = words
                    continue
                name = (twin.name if twin else None) or "rotation"
                key = integration_key(name, {*self.names, *named})
                named[key] = _without(words, "name") if key == name else words
            self.case.put("rotations", named)
            return
        items = [words for _, words, _ in found]
        self.case.put("rotations", items[0] if self.alone and len(items) == 1 else items)


def _is_one(own: Rotation, live: Rotation) -> bool:
    """Tell whether a live rotation is a declared one, changed, and not another in its place."""
    return own.name is None or own.name == live.name or bool({*own.members} & {*live.members})


def listed(old: Any, keys: Sequence[str]) -> Any:
    """Return keys as a list was written before: each as it stood there, one alone if one stood alone."""
    before = old if isinstance(old, list) else [old]
    forms = {_key_in(item): item for item in before}
    items = [forms.get(key, key) for key in keys]
    return items[0] if len(items) == 1 and not isinstance(old, list) else items


def _key_in(item: Any) -> Any:
    return item.get("user") if isinstance(item, dict) else item


def _without(words: dict[str, Any], *keys: str) -> dict[str, Any]:
    gone: Collection[str] = keys
    return {name: value for name, value in words.items() if name not in gone}
