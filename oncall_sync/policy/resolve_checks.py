"""Checks, chat groups, chat commands and waivers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from oncall_sync.model import (
    ALWAYS,
    AcknowledgedWithin,
    ChatCommand,
    Check,
    Covered,
    Distinct,
    Eligible,
    Group,
    HumanWithin,
    ObservedFirst,
    OnePerson,
    PlannedAhead,
    Raised,
    Reachable,
    Ref,
    Rings,
    Service,
    Staffed,
    SupportHours,
    Waiver,
)

from .book import SECTIONS, Book, Page
from .place import Place
from .resolve_times import Times
from .shape_checks import (
    CheckShape,
    OnePersonShape,
    PlannedAheadShape,
    RaisedShape,
    ReachableShape,
    RingsShape,
    StaffedShape,
    WaiverShape,
    WithinShape,
)
from .shape_schedule import ScheduleShape
from .wording import shown

T = TypeVar("T", Group, ChatCommand)


@dataclass(frozen=True)
class _Maker:
    """Makes one check of its shape; `place` is that of the rule's value."""

    times: Times
    services: Mapping[str, Service]
    page: Page
    place: Place

    def refer(self, kind: Any, key: str, name: str | int | None = None) -> Ref:
        """Return a reference that a key of the check makes; a problem is noted if it names nothing."""
        return self.times.book.refer(kind, key, self.place / (kind if name is None else name))

    def zone(self, own: str | None, *others: str | None) -> str:
        """Return the zone of the check's times: its own, else the first that is known."""
        for zone in (own, *others, self.page.shape.time_zone):
            if zone is not None:
                return zone
        if not self.times.book.is_broken("time_zone", self.page.file):
            self.times.book.say(
                self.place,
                "times without a time zone: write time_zone: Europe/Vienna (or another) in the check"
                " or at the top of the file",
                key=True,
            )
        return "UTC"

    def zone_of_schedule(self, key: str) -> str | None:
        """Return a schedule's zone; that of an external one is not known unless it is written."""
        schedule = self.times.schedules.get(key)
        if schedule is None:
            return None
        if schedule.external:
            shape: ScheduleShape = self.times.book.entries["schedule"][key].shape
            return shape.time_zone
        return schedule.time_zone

    def zone_of_service(self, key: str) -> str | None:
        """Return the zone of a service's support hours."""
        urgency = self.services[key].urgency if key in self.services else None
        return urgency.time_zone if isinstance(urgency, SupportHours) else None

    def covered(self, shape: Any) -> Covered:
        kind = "schedule" if shape.schedule is not None else "escalation_policy"
        target = self.refer(kind, getattr(shape, kind))
        at_least = 1 if shape.exactly is None and shape.at_least is None else shape.at_least
        return Covered(target=target, exactly=shape.exactly, at_least=at_least, source=self.source)

    def distinct(self, keys: tuple[str, ...]) -> Distinct:
        self.times.book.once(keys, self.place)
        schedules = tuple(self.refer("schedule", key, index) for index, key in enumerate(keys))
        return Distinct(schedules=schedules, source=self.source)

    def human_within(self, shape: WithinShape) -> HumanWithin:
        return HumanWithin(service=self.refer("service", shape.service), limit=shape.limit, source=self.source)

    def acknowledged_within(self, shape: WithinShape) -> AcknowledgedWithin:
        return AcknowledgedWithin(
            service=self.refer("service", shape.service), limit=shape.limit, source=self.source
        )

    def staffed(self, shape: StaffedShape) -> Staffed:
        zone = self.zone(shape.time_zone, self.zone_of_schedule(shape.schedule)) if shape.during else None
        zone = zone or self.zone_of_schedule(shape.schedule) or self.page.shape.time_zone or "UTC"
        one = shape.at_least if isinstance(shape.at_least, OnePersonShape) else shape
        hours = ALWAYS
        if shape.during:
            hours = self.times.hours(shape.during, self.page, self.place / "during", zone)
        return Staffed(
            schedule=self.refer("schedule", shape.schedule),
            at_least=shape.at_least if isinstance(shape.at_least, int) else 0,
            properties=shape.at_least if isinstance(shape.at_least, dict) else {},
            one=OnePerson(has=frozenset(one.has), works=one.works) if one.has or one.works else None,
            hours=hours,
            time_zone=zone,
            source=self.source,
        )

    def eligible(self, shape: Any) -> Eligible:
        return Eligible(
            schedule=self.refer("schedule", shape.schedule), has=frozenset(shape.has), source=self.source
        )

    def planned_ahead(self, shape: PlannedAheadShape) -> PlannedAhead:
        return PlannedAhead(
            schedule=self.refer("schedule", shape.schedule),
            by=shape.by,
            at=shape.for_,
            time_zone=self.zone(shape.time_zone, self.zone_of_schedule(shape.schedule)),
            source=self.source,
        )

    def observed_first(self, shape: Any) -> ObservedFirst:
        return ObservedFirst(schedule=self.refer("schedule", shape.schedule), source=self.source)

    def rings(self, shape: RingsShape) -> Rings:
        return Rings(
            service=self.refer("service", shape.service),
            at=shape.at,
            time_zone=self.zone(shape.time_zone, self.zone_of_service(shape.service)),
            urgency=shape.urgency,
            user=None if shape.user is None else self.refer("user", shape.user),
            source=self.source,
        )

    def raised(self, shape: RaisedShape) -> Raised:
        return Raised(
            service=self.refer("service", shape.service),
            opened=shape.opened,
            high_at=shape.high_at,
            time_zone=self.zone(shape.time_zone, self.zone_of_service(shape.service)),
            user=None if shape.rings is None else self.refer("user", shape.rings, "rings"),
            source=self.source,
        )

    def reachable(self, shape: ReachableShape) -> Reachable:
        return Reachable(
            schedule=self.refer("schedule", shape.schedule),
            by=shape.by,
            before=shape.before or timedelta(),
            source=self.source,
        )

    @property
    def source(self) -> Any:
        """Return the place of the rule's name."""
        return self.place.key_source()


def resolve_checks(times: Times, services: Mapping[str, Service]) -> tuple[Check, ...]:
    """Return the checks of all files, in the order of the files."""
    found: list[Check] = []
    for page in times.book.pages:
        for index, shape in enumerate(page.shape.checks):
            found.append(_check(times, services, page, shape, page.item("checks", index)))
    return tuple(found)


def _check(times: Times, services: Mapping[str, Service], page: Page, shape: CheckShape, place: Place) -> Check:
    rule = next(iter(shape.model_fields_set))
    make: Callable[[Any], Check] = getattr(_Maker(times, services, page, place / rule), rule)
    return make(getattr(shape, rule))


def resolve_groups(book: Book) -> dict[str, Group]:
    """Return the chat groups by name."""
    found: dict[str, Group] = {}
    for page in book.pages:
        for name, shape in page.shape.groups.items():
            place = page.place / "groups" / name
            book.check_key(name, place)
            kind, key = next(
                (kind, getattr(shape.from_, kind))
                for kind in ("schedule", "escalation_policy", "team")
                if getattr(shape.from_, kind) is not None
            )
            group = Group(
                name=name,
                slack=shape.slack,
                members=book.refer(kind, key, place / "from" / kind),  # type: ignore[arg-type]  # one of three kinds
                source=place.key_source(),
            )
            _keep(book, found, name, group, place)
    return found


def resolve_chat_commands(book: Book) -> dict[str, ChatCommand]:
    """Return the chat commands."""
    found: dict[str, ChatCommand] = {}
    for page in book.pages:
        for name, key in page.shape.chat_commands.items():
            place = page.place / "chat_commands" / name
            if not name.startswith("/") or not name.isprintable() or len(name.split()) != 1 or name == "/":
                book.say(
                    place,
                    f"{shown(name)} is not a chat command: write a slash and one word, as /pd-support",
                    key=True,
                )
            command = ChatCommand(
                command=name, service=book.refer("service", key, place), source=place.key_source()
            )
            _keep(book, found, name, command, place)
    return found


def _keep(book: Book, found: dict[str, T], name: str, value: T, place: Place) -> None:
    if name in found:
        book.say(
            place, f"{shown(name)} is already declared at {found[name].source}: keep one of the two", key=True
        )
    found.setdefault(name, value)


def resolve_waivers(book: Book) -> tuple[Waiver, ...]:
    """Return the waivers of all files; what they are about need not be declared any more."""
    return tuple(
        _waiver(book, shape, page.item("waivers", index))
        for page in book.pages
        for index, shape in enumerate(page.shape.waivers)
    )


def _waiver(book: Book, shape: WaiverShape, place: Place) -> Waiver:
    target: Ref | None = None
    for kind in SECTIONS.values():
        key = getattr(shape.for_, kind, None)
        if key is not None:
            target = Ref(kind, key)
            book.referred.append((target, place / "for" / kind))
    if (owner := _owner(book, shape.owner)) is not None:
        book.referred.append((owner, place / "owner"))
    return Waiver(
        rule=shape.rule,
        target=target,
        reason=shape.reason,
        owner=shape.owner,
        until=shape.until,
        source=place.source(),
    )


def _owner(book: Book, owner: str) -> Ref | None:
    """Return the user whom a waiver names as its owner, by key, email or name: it may be anybody."""
    asked = owner.casefold()
    for key, entry in book.entries["user"].items():
        if asked in (key.casefold(), entry.shape.email.casefold(), (entry.shape.name or key).casefold()):
            return entry.ref
    return None
