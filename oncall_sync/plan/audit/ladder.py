"""Who rings for each service and urgency, and how long it takes until a human hears of it: now, and at worst."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from oncall_sync.model import ABSENT, EscalationPolicy, Ref, Service, SupportHours, UrgencyName
from oncall_sync.plan.checks.watch import Watch
from oncall_sync.rota.paging import delay
from oncall_sync.rota.timeline import joined, open_spans, urgencies

from .climb import Climber, Heard, longest
from .ground import Account
from .reach import Reaching, ways
from .values import Ladder, LevelNow, Person, Span

_WEEK = timedelta(days=8)
"""Support hours are weekly: whatever waits for them waits no longer."""


class Ladders:
    """The ladders of one account from `now` to `until`; what services share is worked out once."""

    def __init__(self, account: Account, now: datetime, until: datetime) -> None:
        self._account = account
        self._now, self._until = now, until
        far = max((longest(policy) for policy in account.scene.policies.values()), default=timedelta())
        self.watch = Watch(account.scene, now, until + far + 2 * _WEEK, account.name)
        self.reaching = Reaching(account.reach)

    def of(self, ref: Ref) -> Iterator[Ladder]:
        """Yield a ladder for each urgency that a service's incidents can have; none if it is not there."""
        service = self._account.scene.services.get(ref)
        if service is not None:
            yield from (self._ladder(service, urgency) for urgency in urgencies(service))

    def climber(self, service: Service) -> Climber | None:
        """Return the climber of a service; None if it has no ladder."""
        policy = self.watch.policy(service)
        if policy is None or not policy.levels:
            return None
        paging = self.watch.paging(service)
        rule = service.urgency if isinstance(service.urgency, SupportHours) else None

        def made() -> Climber:
            starts = tuple(self._starts(rule)) if rule is not None and rule.raise_at_start else ()
            rungs, first = self.watch.rungs(policy), self.reaching.first
            return Climber(policy=policy, rungs=rungs, paging=paging, first=first, starts=starts)

        return self.watch.once(("climber", policy.ref, rule, paging), made)

    def _starts(self, rule: SupportHours) -> Iterator[datetime]:
        spans = open_spans(rule.hours, rule.time_zone, self._now - _WEEK, self.watch.until)
        return (begin for begin, _ in spans)

    def _ladder(self, service: Service, urgency: UrgencyName) -> Ladder:
        account, policy = self._account, self.watch.policy(service)
        bare = Ladder(
            provider=account.provider,
            service=account.key(service.ref),
            name=service.name,
            managed=account.manages(service.ref),
            urgency=urgency,
            policy=account.name(policy.ref) if policy else None,
            zone=self.watch.zone(service.ref),
        )
        climber = self.climber(service)
        if climber is None or policy is None:
            return replace(bare, gaps=((self._now, self._until),))
        paging = self.watch.paging(service)
        alike = ("heard", policy.ref, service.urgency, urgency, paging)
        heard = self.watch.once(alike, lambda: list(self._heard(climber, service, urgency)))
        now = heard[0] if heard and heard[0].since == self._now else None
        reached = [one for one in heard if one.after is not None]
        worst = max(reached, key=lambda one: one.after or timedelta(), default=None)
        return replace(
            bare,
            opens=now is not None,
            levels=tuple(self._levels(policy, climber, urgency)),
            human_now=now.after if now else None,
            worst=worst.after if worst else None,
            worst_at=worst.since if worst else None,
            never=_spans(one for one in heard if one.after is None and one.anybody),
            gaps=_spans(one for one in heard if not one.anybody),
        )

    def _heard(self, climber: Climber, service: Service, urgency: UrgencyName) -> Iterator[Heard]:
        for since, until, opens in self.watch.opens(service):
            if opens in (None, urgency) and since < self._until:
                yield from climber.heard(since, min(until, self._until), urgency)

    def _levels(self, policy: EscalationPolicy, climber: Climber, urgency: UrgencyName) -> Iterator[LevelNow]:
        """Yield all levels for an incident that opened now: the first pass, whoever is on call when it comes."""
        groups = list(climber.groups(self._now, urgency))
        for number, level in enumerate(policy.levels, 1):
            group = next((one for one in groups if one.level == number), None)
            lasts = None if level.escalate_after is ABSENT else delay(level)
            if group is None:
                yield LevelNow(number=number, begins=None, lasts=lasts)
                continue
            people = (
                self._person(user, self._via(level.notify, user, group.at), group.urgency)
                for user in sorted(group.users, key=self._account.name)
            )
            yield LevelNow(number=number, begins=group.at - self._now, lasts=lasts, people=tuple(people))

    def _via(self, notify: Iterable[Ref], user: Ref, at: datetime) -> Ref | None:
        targets = list(notify)
        if user in targets:
            return None
        schedules = (ref for ref in targets if ref.kind == "schedule")
        return next(
            (
                ref
                for ref in schedules
                for shift in self.watch.shifts(ref)
                if shift.since <= at < shift.until and user in shift.users
            ),
            None,
        )

    def _person(self, user: Ref, via: Ref | None, urgency: UrgencyName) -> Person:
        reach, name = self.reaching.of(user), self._account.name
        return Person(
            user=name(user),
            via=name(via) if via else None,
            ways=ways(reach, urgency) if reach else (),
            reached=self.reaching.first(user, urgency),
            cannot=reach.cannot if reach else None,
            known=self.reaching.known(user),
        )


def _spans(found: Iterable[Heard]) -> tuple[Span, ...]:
    return tuple((since, until) for since, until, _ in joined((one.since, one.until, True) for one in found))
