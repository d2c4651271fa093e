"""A scene over one span of time, with everything worked out about it only once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

from oncall_sync.model import (
    EscalationPolicy,
    Level,
    Paging,
    Ref,
    Schedule,
    Service,
    SupportHours,
    Urgency,
    UrgencyName,
)
from oncall_sync.rota.scene import NEUTRAL, Scene
from oncall_sync.rota.shifts import Shift
from oncall_sync.rota.stack import sweep
from oncall_sync.rota.timeline import Rung, Users, joined, schedule_shifts, urgency_timeline

from .broken import Spot
from .words import MOST_PEOPLE, MOST_SPANS, cut, moment, more, span

Name: TypeAlias = Callable[[Ref], str]
"""How a ref is called: a user key, a schedule's key; never an id."""

T = TypeVar("T")
Part: TypeAlias = tuple[datetime, datetime, Users]
Opens: TypeAlias = tuple[datetime, datetime, UrgencyName | None]


def key_or_nothing(ref: Ref) -> str:
    """Return a ref's key; of one that only the provider knows, words, as its key is an id."""
    if not ref.remote:
        return ref.key
    return "somebody who is not declared" if ref.kind == "user" else "one that is not declared"


class Watch:
    """What the engine says of a scene from `since` to `until` (aware); every timeline is made once.

    All timelines are maximal spans in order and without holes, cut at `since` and `until`.
    """

    def __init__(self, scene: Scene, since: datetime, until: datetime, name: Name | None = None) -> None:
        self.scene = scene
        self.since, self.until = since.astimezone(UTC), until.astimezone(UTC)
        self.name: Name = name or key_or_nothing
        self._shifts: dict[Ref, list[Shift]] = {}
        self._rungs: dict[tuple[tuple[Ref, ...], ...], list[Rung]] = {}
        self._patterns: dict[tuple[tuple[Ref, ...], ...], list[tuple[Users, ...]]] = {}
        self._kept: dict[Hashable, Any] = {}
        self._opens: dict[Urgency, list[Opens]] = {}

    def shifts(self, ref: Ref) -> Sequence[Shift]:
        """Return the shifts of a schedule."""
        if ref not in self._shifts:
            self._shifts[ref] = list(schedule_shifts(ref, self.scene, self.since, self.until))
        return self._shifts[ref]

    def level(self, level: Level) -> Sequence[Part]:
        """Return who is on call for one level: its people, and whoever its schedules have."""
        rungs = self._timeline((level.notify,))
        return [(rung.since, rung.until, rung.levels[0]) for rung in rungs]

    def rungs(self, policy: EscalationPolicy) -> Sequence[Rung]:
        """Return what all levels of a policy have."""
        return self._timeline(tuple(level.notify for level in policy.levels))

    def patterns(self, policy: EscalationPolicy) -> Sequence[tuple[Users, ...]]:
        """Return one example of levels for each way in which levels have somebody or nobody within the span."""
        notify = tuple(level.notify for level in policy.levels)
        if notify not in self._patterns:
            found = {tuple(map(bool, rung.levels)): rung.levels for rung in self._timeline(notify)}
            self._patterns[notify] = list(found.values())
        return self._patterns[notify]

    def _timeline(self, notify: tuple[tuple[Ref, ...], ...]) -> Sequence[Rung]:
        if notify not in self._rungs:
            self._rungs[notify] = list(self._made(notify))
        return self._rungs[notify]

    def _made(self, notify: tuple[tuple[Ref, ...], ...]) -> Iterable[Rung]:
        schedules = sorted({ref for refs in notify for ref in refs if ref.kind == "schedule"})
        places = {ref: index for index, ref in enumerate(schedules)}
        fixed = [frozenset(ref for ref in refs if ref.kind == "user") for refs in notify]
        asked = [[places[ref] for ref in refs if ref in places] for refs in notify]
        streams = [[(s.since, s.until, s.users) for s in self.shifts(ref)] for ref in schedules]
        spans = sweep(streams, self.since, self.until) if streams else iter([(self.since, self.until, [])])
        found = (
            (
                begin,
                end,
                tuple(one.union(*(parts[i][1] for i in which)) for one, which in zip(fixed, asked, strict=True)),
            )
            for begin, end, parts in spans
        )
        return (Rung(begin, end, levels) for begin, end, levels in joined(found) if begin < end)

    def opens(self, service: Service) -> Sequence[Opens]:
        """Return with which urgency an incident opens; None where the event decides."""
        rule = service.urgency
        if not isinstance(rule, SupportHours):
            return list(urgency_timeline(service, self.since, self.until))
        if rule not in self._opens:
            self._opens[rule] = list(urgency_timeline(service, self.since, self.until))
        return self._opens[rule]

    def once(self, key: Hashable, work: Callable[[], T]) -> T:
        """Return what `work` returned when first asked for by that key; `key` must tell all it depends on."""
        if key not in self._kept:
            self._kept[key] = work()
        found: T = self._kept[key]
        return found

    def policy(self, service: Service | None) -> EscalationPolicy | None:
        """Return the policy that a service pages by, if the scene has it."""
        ref = service.escalation_policy if service else None
        return self.scene.policies.get(ref) if isinstance(ref, Ref) else None

    def paging(self, service: Service) -> Paging:
        """Return how the provider of a service pages."""
        return self.scene.paging.get(service.provider, NEUTRAL)

    def zone(self, ref: Ref) -> str:
        """Return the zone in which to tell times: a schedule's own, else that of the first one on the ladder.

        A service without any schedule has the zone of its support hours; what has none at all is told in UTC.
        """
        schedule, policy, service = (
            kind.get(ref) for kind in (self.scene.schedules, self.scene.policies, self.scene.services)
        )
        if isinstance(schedule, Schedule):
            return schedule.time_zone
        if isinstance(service, Service):
            policy = self.policy(service)
        if isinstance(policy, EscalationPolicy):
            named = (self.scene.schedules.get(ref) for level in policy.levels for ref in level.notify)
            found = next((schedule.time_zone for schedule in named if schedule), None)
            if found:
                return found
        rule = service.urgency if isinstance(service, Service) else None
        return rule.time_zone if isinstance(rule, SupportHours) else "UTC"

    def called(self, ref: Ref) -> str:
        """Return what people call it, with its kind: `schedule daily-duty`."""
        return f"{ref.kind.replace('_', ' ')} {self.name(ref)}"

    def people(self, users: Iterable[Ref]) -> str:
        """Return the names of people, sorted."""
        return cut(sorted({self.name(user) for user in users}), MOST_PEOPLE, ", ")

    def when(self, spots: Sequence[Spot], zone: str) -> str:
        """Return the spots in words, with who is in each: the first ones, `and 12 more`."""
        told = [self._spot(spot, zone) for spot in spots[:MOST_SPANS]]
        return "; ".join(told) + more(len(spots) - len(told), "; ")

    def _spot(self, spot: Spot, zone: str) -> str:
        text = moment(spot.since, zone) if spot.until is None else span(spot.since, spot.until, zone)
        return f"{text} ({self.people(spot.users)})" if spot.users else text


def by_person(shifts: Iterable[Shift]) -> dict[Ref, list[Spot]]:
    """Return when each person is on call: maximal spans in order, whoever else is."""
    found: dict[Ref, list[Spot]] = {}
    for shift in shifts:
        for user in shift.users:
            spots = found.setdefault(user, [])
            if spots and spots[-1].until == shift.since:
                spots[-1] = Spot(spots[-1].since, shift.until)
            else:
                spots.append(Spot(shift.since, shift.until))
    return dict(sorted(found.items()))
