"""Another list of members without a change to what is published: the old rotation ends, and a new one follows.

All times are naive wall clock in the schedule's zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from oncall_sync.model import ALWAYS, Ref, Rotation

from .hours import DAY, in_words
from .least import Label, written
from .turns import rings_from, rings_until

_MINUTE: Final = timedelta(minutes=1)
_UNITS: Final = ((7 * DAY, " week", " weeks"), (DAY, " day", " days"), (60, "h", "h"), (1, "m", "m"))
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_WORDS: Final = frozenset({"true", "false", "null", "nobody"})
_FROM: Final = re.compile(r" from [0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoForms:
    """Two rotations in the place of one: `old` up to `handover` and `new` from then on, without gap or overlap.

    Nobody's turn before `handover` changes. From then on `old` may be taken out without a change.
    """

    handover: datetime
    old: Rotation
    new: Rotation

    @property
    def yaml(self) -> tuple[str, ...]:
        """The lines to paste in the place of the schedule's one rotation, beginning with `rotations:`.

        Hours are written out, also those that have a name in the policies. Where a schedule has more rotations,
        these two belong where the one was.
        """
        return ("rotations:", *_item(self.old), *_item(self.new))

    @property
    def unknown(self) -> tuple[Ref, ...]:
        """People of the old list whom no policy declares: they have no key yet that the lines could name."""
        refs = (member for member in self.old.members if member is not None and member.remote)
        return tuple(dict.fromkeys(refs))

    def said(self, label: Label) -> str:
        """Return what it does, and what may surprise, as one sentence."""
        first = self.new.members[0]
        begins = f"with {label(first)} first" if first else "with a vacant turn first"
        said = f"every turn stays as it is until {written(self.handover)}; from then on the new list, {begins}"
        if first is not None and first == self._last():
            said += ", for a second turn in a row"
        if self.unknown:
            said += f"; {', '.join(label(ref) for ref in self.unknown)} must be declared under users first"
        return said

    def _last(self) -> Ref | None:
        """Return whose turn ends at the handover."""
        old = self.old
        if not old.members or rings_until(old) < self.handover:
            return None
        return old.members[(self.handover - datetime.resolution - old.start) // old.every % len(old.members)]


def two_rotations(before: Rotation, wanted: Rotation, now_wall: datetime) -> TwoForms | None:
    """Return the form that leaves the published weeks alone.

    The old rotation rings on to the end of its current cycle, the new one begins there with the first of its
    members. If `wanted` hands over at other times (another weekday, another `every`), the old one rings on to its
    first handoff from there on, so that handoffs are the wanted ones; likewise to its `start`, if that is later.
    An `until` that the old rotation has stays where it is earlier; nobody rings from there to the handover, as
    before.

    None if there is nothing to write: `wanted` has no members or ends before it would begin, or the old rotation
    begins only in the future and in the middle of a turn, which no policy can say.
    """
    old = _as_declared(before, now_wall)
    if old is None or not wanted.members:
        return None
    at = max(now_wall, rings_from(old))
    end = at if not old.members else _boundary(old.start, old.every * len(old.members), at + datetime.resolution)
    # An end that is set already: what comes after it is not published.
    end = max(now_wall, min(end, rings_until(old)))
    handover = max(wanted.start, _boundary(wanted.start, wanted.every, end))
    if handover >= rings_until(wanted):
        return None
    return TwoForms(
        handover=handover,
        old=replace(old, until=min(handover, rings_until(old))),
        new=replace(wanted, start=handover, since=None, name=_name(before, wanted, handover)),
    )


def _boundary(anchor: datetime, length: timedelta, at: datetime) -> datetime:
    """Return the first instant at or after `at` that is whole lengths away from `anchor`."""
    return at + (anchor - at) % length


def _as_declared(before: Rotation, now: datetime) -> Rotation | None:
    """Return the rotation as a policy can write it, the same from `now` on: its `start` says when it begins."""
    if not before.members:
        return replace(before, since=None)
    begins = rings_from(before)
    if begins > now:
        turn, gone = divmod(begins - before.start, before.every)
        cut = turn % len(before.members)
        members = before.members[cut:] + before.members[:cut]
        return None if gone else replace(before, members=members, start=begins, since=None)
    full = before.every * len(before.members)
    return replace(before, start=min(before.start, now - (now - before.start) % full), since=None)


def _name(before: Rotation, wanted: Rotation, handover: datetime) -> str | None:
    """Return a name for the new rotation: two of one schedule must not share theirs."""
    if wanted.name is None or wanted.name != before.name:
        return wanted.name
    return f"{_FROM.sub('', wanted.name)} from {handover.date().isoformat()}"


def _item(rotation: Rotation) -> Iterator[str]:
    """Yield a rotation as the lines of a YAML list item."""
    members = ", ".join("nobody" if ref is None else _key(ref.key) for ref in rotation.members)
    lines = [] if rotation.name is None else [f"name: {_quoted(rotation.name)}"]
    lines += [f"members: [{members}]", f"start: {written(rotation.start)}", f"every: {_every(rotation.every)}"]
    if rotation.hours != ALWAYS:
        lines.append(f"hours: {in_words(rotation.hours)}")
    if isinstance(rotation.until, datetime):
        lines.append(f"until: {written(rotation.until)}")
    for index, line in enumerate(lines):
        yield f"    {line}" if index else f"  - {line}"


def _every(every: timedelta) -> str:
    minutes = every // _MINUTE
    size, one, many = next(unit for unit in _UNITS if minutes % unit[0] == 0)
    return f"{minutes // size}{one if minutes == size else many}"


def _key(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else _quoted(text)


def _quoted(text: str) -> str:
    """Return a YAML double-quoted scalar of one line, whatever the text holds."""
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"
