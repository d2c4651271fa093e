"""Schedules: turns of their own, turns of the schedule they follow, assignments and overrides."""

from __future__ import annotations

from itertools import pairwise

from oncall_sync.model import ALWAYS, Assignment, Follows, Override, Ref, Rotation, Schedule
from oncall_sync.rota.phase import following

from .book import NOBODY, Book, Entry
from .place import Place
from .resolve_times import SCHEDULE, Times, graph, in_order
from .shape_schedule import RotationShape, ScheduleShape
from .wording import shown

UNKNOWN_ZONE = "UTC"


def resolve_schedules(book: Book) -> Times:
    """Resolve all schedules and named hours, in the order of what they depend on."""
    times = Times(book)
    pages = {page.file: page for page in book.pages}
    for node in in_order(book, graph(times)):
        if node[0] == SCHEDULE:
            entry = book.entries["schedule"][node[1]]
            times.schedules[node[1]] = _Maker(times, entry).schedule()
        else:
            times.name_hours(node, pages[node[0]])
    return times


class _Maker:
    """Makes one schedule of its shape."""

    def __init__(self, times: Times, entry: Entry) -> None:
        self.times = times
        self.book = times.book
        self.entry = entry
        self.shape: ScheduleShape = entry.shape
        self.place = entry.place

    def schedule(self) -> Schedule:
        """Return the schedule; what is wrong with it is noted in the book."""
        common = self.book.common(self.entry)
        shape = self.shape
        self._check_form()
        zone = shape.time_zone or self.entry.page.shape.time_zone
        base = self._base(common["provider"]) if shape.follows else None
        overlap = shape.overlap
        if base is not None:
            zone, overlap = self._inherited_zone(base), base.overlap
            rotations = tuple(following(rotation, shape.offset) for rotation in base.rotations)
        else:
            rotations = tuple(self._rotation(each, index, zone) for index, each in enumerate(shape.rotations))
        lost = self.book.is_broken("time_zone", self.entry.page.file) or not self.book.is_whole(self.entry.ref)
        if zone is None and not lost and (shape.rotations or shape.assignments or shape.overrides):
            self.book.say(
                self.place,
                "times without a time zone: write time_zone: Europe/Vienna (or another) here"
                " or at the top of the file",
                key=True,
            )
        return Schedule(
            **common,
            time_zone=zone or UNKNOWN_ZONE,
            rotations=rotations,
            overlap=overlap,
            follows=Follows(Ref("schedule", shape.follows), shape.offset) if shape.follows else None,
            assignments=self._assignments(),
            overrides=self._overrides(),
        )

    def _check_form(self) -> None:
        shape = self.shape
        if shape.external:
            return
        if shape.follows:
            for name in ("rotations", "assignments", "overlap"):
                if shape.said(name):
                    self.book.say(
                        self.place / name,
                        f"{name} cannot be said of a schedule that follows another: leave one of the two out",
                        key=True,
                    )
            return
        if shape.said("offset"):
            self.book.say(self.place / "offset", "offset has no meaning without follows: leave it out", key=True)
        if not shape.rotations and not shape.assignments and self.book.is_whole(self.entry.ref):
            self.book.say(
                self.place, "this schedule rings nobody: write rotations, follows or assignments", key=True
            )

    def _base(self, provider: str) -> Schedule | None:
        """Return the schedule that this one follows, if it has turns to repeat."""
        key = self.shape.follows or ""
        place = self.place / "follows"
        self.book.refer_within("schedule", key, place, provider)
        base = self.times.schedules.get(key)
        if base is not None and not base.rotations and base.follows is None and self.book.is_whole(base.ref):
            self.book.say(place, f"schedule {shown(key)} has no turns to follow: write one that has rotations")
        return base

    def _inherited_zone(self, base: Schedule) -> str:
        if self.shape.time_zone is not None and self.shape.time_zone != base.time_zone:
            self.book.say(
                self.place / "time_zone",
                f"the schedule that this one follows is in {base.time_zone}: leave time_zone out here",
            )
        return base.time_zone

    def _rotation(self, shape: RotationShape, index: int, zone: str | None) -> Rotation:
        place = self.place / "rotations" / index
        hours = ALWAYS
        if shape.hours:
            hours = self.times.hours(shape.hours, self.entry.page, place / "hours", zone)
        return Rotation(
            members=tuple(
                None if key == NOBODY else self.book.refer("user", key, place / "members" / number)
                for number, key in enumerate(shape.members)
            ),
            start=shape.start,
            every=shape.every,
            hours=hours,
            until=shape.until,
            name=shape.name,
        )

    def _people(self, keys: tuple[str, ...], place: Place) -> tuple[Ref, ...]:
        self.book.once(keys, place)
        return tuple(self.book.refer("user", key, place / number) for number, key in enumerate(keys))

    def _assignments(self) -> tuple[Assignment, ...]:
        found: list[tuple[Assignment, Place]] = []
        for index, each in enumerate(self.shape.assignments):
            place = self.place / "assignments" / index
            assignment = Assignment(
                since=each.since,
                until=each.until,
                on_call=self._people(each.on_call, place / "on_call"),
                fallback=self._people(each.fallback, place / "fallback"),
                observers=self._people(each.observers, place / "observers"),
            )
            found.append((assignment, place))
        found.sort(key=lambda pair: pair[0].since)
        for (earlier, before), (later, place) in pairwise(found):
            if later.since < earlier.until:
                self.book.say(
                    place,
                    f"this begins at {later.since:%Y-%m-%d %H:%M}, before the one at {before.source()} ends"
                    f" ({earlier.until:%Y-%m-%d %H:%M}): write assignments that do not overlap",
                )
        return tuple(assignment for assignment, _ in found)

    def _overrides(self) -> tuple[Override, ...]:
        found: list[Override] = []
        for index, each in enumerate(self.shape.overrides):
            place = self.place / "overrides" / index
            instead = each.instead_of
            found.append(
                Override(
                    since=each.since,
                    until=each.until,
                    user=self.book.refer("user", each.user, place / "user"),
                    instead_of=None if instead is None else self.book.refer("user", instead, place / "instead_of"),
                )
            )
        return tuple(found)
