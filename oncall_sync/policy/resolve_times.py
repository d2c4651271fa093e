"""Hours by name and hours of schedules: in which order to resolve them, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from oncall_sync.model import ALWAYS, Hours, Schedule
from oncall_sync.rota.hours import complement, union

from .book import Book, Entry, Page
from .place import Place
from .shape_base import HoursPart, Named, OfSchedule, Outside, can_be_name
from .shape_schedule import ScheduleShape
from .wording import did_you_mean, shown

Node: TypeAlias = tuple[str, str]
"""A schedule, `("schedule", key)`, or named hours, `(file, name)`: what hours can depend on."""

SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True)
class _Resolved:
    """Hours, the schedule whose zone they are in, if any, and whether all of it is known."""

    hours: Hours
    of: str | None = None
    known: bool = True


_UNKNOWN = _Resolved(ALWAYS, known=False)


@dataclass
class Times:
    """Resolves hours, given that what they depend on has been resolved before; see `in_order`."""

    book: Book
    named: dict[Node, _Resolved] = field(default_factory=dict)
    schedules: dict[str, Schedule] = field(default_factory=dict)

    def lookup(self, name: str, page: Page) -> list[Page]:
        """Return the pages that have hours of that name: this one if it does, else all others that do."""
        if name in page.shape.hours:
            return [page]
        return [other for other in self.book.pages if name in other.shape.hours]

    def edges(self, parts: tuple[HoursPart, ...], page: Page, place: Place) -> Iterator[tuple[Node, Place]]:
        """Yield what these hours depend on, and where they say so."""
        for index, part in enumerate(parts):
            here = place / index
            if isinstance(part, Named):
                pages = self.lookup(part.name, page)
                if len(pages) == 1:
                    yield (pages[0].file, part.name), here
            elif isinstance(part, OfSchedule):
                yield (SCHEDULE, part.schedule), here / "schedule"
            elif isinstance(part, Outside):
                yield from self.edges(part.outside, page, here / "outside")

    def hours(self, parts: tuple[HoursPart, ...], page: Page, place: Place, zone: str | None) -> Hours:
        """Return what hours written at `place` come to; `zone` is theirs, and a schedule's hours must be in it."""
        resolved = self._union(parts, page, place)
        if resolved.of is not None and zone is not None:
            other = self.schedules[resolved.of].time_zone
            if other != zone:
                self.book.say(
                    place,
                    f"these hours are in {zone}, but those of schedule {resolved.of} in {other}:"
                    " write both in one time_zone",
                )
        if not resolved.hours.spans and resolved.known:
            self.book.say(place, "these hours hold no minute of the week: write others")
        return resolved.hours

    def name_hours(self, node: Node, page: Page) -> None:
        """Resolve hours with a name and keep them."""
        place = page.place / "hours" / node[1]
        if not can_be_name(node[1]):
            message = f"{shown(node[1])} cannot name hours, as it has a meaning: write a word, as office"
            self.book.say(place, message, key=True)
        self.named[node] = self._union(page.shape.hours[node[1]], page, place)

    def _union(self, parts: tuple[HoursPart, ...], page: Page, place: Place) -> _Resolved:
        found = [self._part(part, page, place / index) for index, part in enumerate(parts)]
        of = next((each.of for each in found if each.of is not None), None)
        return _Resolved(union(*(each.hours for each in found)), of, all(each.known for each in found))

    def _part(self, part: HoursPart, page: Page, place: Place) -> _Resolved:
        if isinstance(part, Hours):
            return _Resolved(part)
        if isinstance(part, Named):
            return self._by_name(part.name, page, place)
        if isinstance(part, OfSchedule):
            return self._of_schedule(part.schedule, place / "schedule")
        inside = self._union(part.outside, page, place / "outside")
        return _Resolved(complement(inside.hours), inside.of, inside.known)

    def _by_name(self, name: str, page: Page, place: Place) -> _Resolved:
        pages = self.lookup(name, page)
        if len(pages) == 1:
            return self.named.get((pages[0].file, name), _UNKNOWN)
        if pages:
            where = " and ".join(str((each.place / "hours" / name).key_source()) for each in pages)
            self.book.say(
                place, f"hours {shown(name)} are in several other files ({where}): write them in this one"
            )
        elif not self.book.is_broken("hours", name):
            known = {known for each in self.book.pages for known in each.shape.hours}
            hint = did_you_mean(name, known)
            if not hint:
                hint = ": write hours such as Mon-Fri 09:00-18:00, or a name that stands under hours:"
            self.book.say(place, f"unknown hours {shown(name)}{hint}")
        return _UNKNOWN

    def _of_schedule(self, key: str, place: Place) -> _Resolved:
        entry = self.book.find("schedule", key, place)
        schedule = self.schedules.get(key)
        if entry is None or schedule is None:
            return _UNKNOWN
        if not schedule.rotations and (schedule.follows is not None or not self.book.is_whole(entry.ref)):
            # Why it has none is a problem of its own already.
            return _UNKNOWN
        if not schedule.rotations:
            self.book.say(
                place, f"schedule {key} has no rotations here, so its hours are not known: write them out"
            )
            return _UNKNOWN
        return _Resolved(union(*(rotation.hours for rotation in schedule.rotations)), key)


def schedule_edges(times: Times, entry: Entry) -> Iterator[tuple[Node, Place]]:
    """Yield what a schedule depends on: the one it follows, and its rotations' hours."""
    shape: ScheduleShape = entry.shape
    if shape.follows is not None:
        yield (SCHEDULE, shape.follows), entry.place / "follows"
    for index, rotation in enumerate(shape.rotations):
        place = entry.place / "rotations" / index / "hours"
        yield from times.edges(rotation.hours, entry.page, place)


def graph(times: Times) -> dict[Node, list[tuple[Node, Place]]]:
    """Return what every schedule and every named hours depend on."""
    found: dict[Node, list[tuple[Node, Place]]] = {}
    for page in times.book.pages:
        for name, parts in page.shape.hours.items():
            found[page.file, name] = list(times.edges(parts, page, page.place / "hours" / name))
    for key, entry in times.book.entries["schedule"].items():
        found[SCHEDULE, key] = list(schedule_edges(times, entry))
    return found


def in_order(book: Book, edges: Mapping[Node, list[tuple[Node, Place]]]) -> list[Node]:
    """Return all nodes, each after what it depends on; every cycle is a problem, told with its chain.

    Without recursion, so that a long chain is no deeper than a short one.
    """
    done: dict[Node, None] = {}
    for start in edges:
        trail: dict[Node, Iterator[tuple[Node, Place]]] = {}
        if start not in done:
            trail[start] = iter(edges[start])
        while trail:
            node = next(reversed(trail))
            step = next(trail[node], None)
            if step is None:
                del trail[node]
                done[node] = None
                continue
            after, place = step
            if after in trail:
                chain = list(trail)
                _say_cycle(book, [*chain[chain.index(after) :], after], place)
            elif after not in done and after in edges:
                trail[after] = iter(edges[after])
    return list(done)


def _say_cycle(book: Book, chain: list[Node], place: Place) -> None:
    names = [f"schedule {name}" if kind == SCHEDULE else f"hours {name}" for kind, name in chain]
    if len(names) > 8:
        names[4:-3] = ["…"]
    book.say(place, f"this goes round in a circle: {' -> '.join(names)}: write one of them without the others")
