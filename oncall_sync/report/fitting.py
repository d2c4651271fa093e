"""A long report cut to what a host accepts: by section, at whole items, with the number of those left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a section: `short` is what must be said of it, `more` what may be left out."""

    short: str
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a report. `noun` counts its items (`rows`), `extra` what `more` holds (`fields`).

    `head` and `tail` stand if there is an item at all, so that a table or a fold is whole however it is cut.
    """

    head: str
    items: Sequence[Item]
    noun: str
    extra: str = ""
    tail: str = ""


REST = "All of it is in `--format json`."
_ROOM_FOR_COUNT = 200


def size(text: str) -> int:
    """Return how long a host takes a text to be: characters outside the basic plane count as two."""
    return len(text) + sum(char > "\uffff" for char in text)


def fitted(sections: Sequence[Section], limit: int) -> list[str]:
    """Return the sections that have items, in order, together no longer than `limit` (joined by blank lines).

    Each gets what it needs, or an equal share of what those that need less have left. What does not fit is
    counted: first the `more` of items goes, from the last one on, then whole items.
    """
    there = [section for section in sections if section.items]
    needs = [_need(section) for section in there]
    rooms: dict[int, int] = {}
    left = limit
    for done, index in enumerate(sorted(range(len(there)), key=needs.__getitem__)):
        rooms[index] = min(needs[index], left // (len(there) - done))
        left -= rooms[index]
    return [_cut(section, rooms[index]) for index, section in enumerate(there)]


def _need(section: Section) -> int:
    return _frame(section) + sum(_cost(item.short) + _cost(item.more) for item in section.items)


def _frame(section: Section) -> int:
    return size(section.head) + size(section.tail) + _ROOM_FOR_COUNT


def _cost(text: str) -> int:
    return size(text) + 1 if text else 0


def _cut(section: Section, room: int) -> str:
    room -= _frame(section)
    kept = sum(total <= room for total in accumulate(_cost(item.short) for item in section.items))
    room -= sum(_cost(item.short) for item in section.items[:kept])
    lines, without = [section.head], 0
    for item in section.items[:kept]:
        lines.append(item.short)
        if item.more and _cost(item.more) <= room and not without:
            room -= _cost(item.more)
            lines.append(item.more)
        else:
            without += bool(item.more)
    lines += [section.tail] if section.tail else []
    return "\n".join([*lines, *_counted(section, kept, without)]) + "\n"


def _counted(section: Section, kept: int, without: int) -> list[str]:
    lost = len(section.items) - kept
    if lost:
        return ["", f"_{lost} of {len(section.items)} {section.noun} are not shown. {REST}_"]
    return ["", f"_The {section.extra} of {without} {section.noun} are not shown. {REST}_"] if without else []
