"""Impact in names: what a plan file and a reader are told of who is paged differently."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from oncall_sync.model import Ref, UrgencyName
from oncall_sync.rota.scene import Scene

from .impact import Gap, Impact, Page
from .labels import Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPage:
    """A `Page` in names: people are user keys (emails where nobody declares them), sorted.

    `zone` is the schedule's, for showing the instants as wall clock; `new` says that the service is.
    """

    provider: str
    service: str
    urgency: UrgencyName
    level: int
    since: datetime
    until: datetime
    before: tuple[str, ...]
    after: tuple[str, ...]
    delay_before: timedelta | None
    delay_after: timedelta | None
    zone: str = "UTC"
    new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldGap:
    """A `Gap` in names."""

    provider: str
    service: str
    urgency: UrgencyName
    since: datetime
    until: datetime
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldImpact:
    """Everything of `Impact`, over all providers of a plan."""

    since: datetime
    until: datetime
    pages: tuple[ToldPage, ...] = ()
    opened: tuple[ToldGap, ...] = ()
    closed: tuple[ToldGap, ...] = ()
    first_difference_after: datetime | None = None

    def plus(self, other: ToldImpact) -> ToldImpact:
        """Return both together."""
        firsts = [t for t in (self.first_difference_after, other.first_difference_after) if t is not None]
        return ToldImpact(
            since=self.since,
            until=self.until,
            pages=self.pages + other.pages,
            opened=self.opened + other.opened,
            closed=self.closed + other.closed,
            first_difference_after=min(firsts, default=None),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the plan file's `impact`: instants as UTC with Z, delays as ISO 8601."""
        first = self.first_difference_after
        return {
            "since": instant(self.since),
            "until": instant(self.until),
            "pages": [_page(page) for page in self.pages],
            "gaps": [_gap(gap) for gap in self.opened],
            "gaps_closed": [_gap(gap) for gap in self.closed],
            "first_difference_after": instant(first) if first else None,
        }


def tell(provider: str, found: Impact, before: Scene, after: Scene, labels: Labels) -> ToldImpact:
    """Return an impact in names."""

    def page(one: Page) -> ToldPage:
        return ToldPage(
            provider=provider,
            service=_service(one.service, labels),
            urgency=one.urgency,
            level=one.level,
            since=one.since,
            until=one.until,
            before=_people(one.before, labels),
            after=_people(one.after, labels),
            delay_before=one.delay_before,
            delay_after=one.delay_after,
            zone=_zone(one.service, (after, before)),
            new=one.service not in before.services,
        )

    def gap(one: Gap) -> ToldGap:
        return ToldGap(
            provider=provider,
            service=_service(one.service, labels),
            urgency=one.urgency,
            since=one.since,
            until=one.until,
            zone=_zone(one.service, (after, before)),
        )

    return ToldImpact(
        since=found.since,
        until=found.until,
        pages=tuple(map(page, found.pages)),
        opened=tuple(map(gap, found.opened)),
        closed=tuple(map(gap, found.closed)),
        first_difference_after=found.first_difference_after,
    )


def instant(value: datetime) -> str:
    """Return an aware instant as UTC RFC 3339 with Z, to the second."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_duration(value: timedelta) -> str:
    """Return a duration as ISO 8601: `PT15M`, `PT0S`, `P1DT2H`."""
    seconds = round(value.total_seconds())
    days, rest = divmod(seconds, 86_400)
    parts = [(rest // 3600, "H"), (rest % 3600 // 60, "M"), (rest % 60, "S")]
    clock = "".join(f"{count}{unit}" for count, unit in parts if count)
    date = f"{days}D" if days else ""
    return f"P{date}{'T' + clock if clock else ''}" if date or clock else "PT0S"


def _people(users: Iterable[Ref], labels: Labels) -> tuple[str, ...]:
    return tuple(sorted(labels.name(user) for user in users))


def _service(ref: Ref, labels: Labels) -> str:
    return labels.name(ref) if ref.remote else ref.key


def _zone(ref: Ref, scenes: Iterable[Scene]) -> str:
    """Return the zone of the first schedule on the service's ladder."""
    for scene in scenes:
        service = scene.services.get(ref)
        named_policy = service.escalation_policy if service else None
        policy = scene.policies.get(named_policy) if isinstance(named_policy, Ref) else None
        if policy is not None:
            named = (target for level in policy.levels for target in level.notify)
            zones = (scene.schedules[t].time_zone for t in named if t in scene.schedules)
            found = next(zones, None)
            if found:
                return found
    return "UTC"


def _page(page: ToldPage) -> dict[str, Any]:
    return {
        "provider": page.provider,
        "service": page.service,
        "urgency": page.urgency,
        "level": page.level,
        "since": instant(page.since),
        "until": instant(page.until),
        "before": list(page.before),
        "after": list(page.after),
        "delay_before": iso_duration(page.delay_before) if page.delay_before is not None else None,
        "delay_after": iso_duration(page.delay_after) if page.delay_after is not None else None,
    }


def _gap(gap: ToldGap) -> dict[str, Any]:
    return {
        "provider": gap.provider,
        "service": gap.service,
        "urgency": gap.urgency,
        "since": instant(gap.since),
        "until": instant(gap.until),
    }
