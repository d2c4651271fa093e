"""What a broken rule comes to, and what rules are judged on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from oncall_sync.model import EscalationPolicy, Policies, Ref, Resource, Schedule, Service
from oncall_sync.model.rule import Rule
from oncall_sync.plan.checks.broken import Spot, broken
from oncall_sync.plan.checks.known import ContactBook, missing
from oncall_sync.plan.checks.watch import Watch
from oncall_sync.rota.timeline import urgencies

from .glob import fits

NOT_AT_ALL = inf
"""How far from the rule what does not do it at all is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One resource that breaks one rule.

    Attributes:
        rule: which.
        ref: the resource.
        message: what is wrong and what to do, without the rule's own words.
        path: the part of the resource that is wrong (`levels.0`); an empty text is all of it.
        far: how far it is from the rule, in the rule's own measure; more is worse.
        spans: when (aware UTC, in order, disjoint); none is at any time.
    """

    rule: Rule
    ref: Ref
    message: str
    path: str = ""
    far: float = 1
    spans: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What rules are judged on: what is declared, what a scene has over a span, how people can be reached."""

    policies: Policies
    watch: Watch
    contacts: ContactBook | None = None

    def chosen(self, rule: Rule) -> Sequence[Ref]:
        """Return what a rule applies to and what is known well enough to judge, by kind and key.

        What is external is somebody else's.
        """
        return [ref for ref in selected(rule, self.policies) if not missing(ref, self.watch.scene)]

    def there(self, rule: Rule) -> Iterator[Resource]:
        """Yield what a rule applies to and the scene has, whatever is known of what it leads to."""
        scene = self.watch.scene
        for ref in selected(rule, self.policies):
            found = scene.services.get(ref) or scene.policies.get(ref) or scene.schedules.get(ref)
            if found is not None:
                yield found

    def services(self, rule: Rule) -> Iterator[tuple[Service, EscalationPolicy]]:
        """Yield the services that a rule applies to, with what they page by."""
        for ref in self.chosen(rule):
            service = self.watch.scene.services[ref]
            policy = self.watch.policy(service)
            if policy is not None:
                yield service, policy

    def ladders(self, rule: Rule) -> Iterator[EscalationPolicy]:
        """Yield the escalation policies that a rule applies to."""
        return (self.watch.scene.policies[ref] for ref in self.chosen(rule))

    def schedules(self, rule: Rule) -> Iterator[Schedule]:
        """Yield the schedules that a rule applies to."""
        return (self.watch.scene.schedules[ref] for ref in self.chosen(rule))

    def around(self, by: timedelta) -> Watch:
        """Return the same scene, looked at from so long before the span to so long after it."""
        watch = self.watch
        return watch.once(
            ("around", by), lambda: Watch(watch.scene, watch.since - by, watch.until + by, watch.name)
        )

    def within(self, spots: Iterable[Spot]) -> list[Spot]:
        """Return the spots that touch the span, cut at its ends; moments count if they are in it."""
        since, until = self.watch.since, self.watch.until
        out: list[Spot] = []
        for spot in spots:
            end = spot.until or spot.since
            if spot.since < until and (end > since or (end == spot.since == since)):
                cut = None if spot.until is None else min(end, until)
                out.append(Spot(max(spot.since, since), cut, spot.users))
        return out


def over(spots: Iterable[Spot]) -> tuple[tuple[datetime, datetime], ...]:
    """Return the spans of a breach from its spots, in order."""
    return broken("", "", sorted(spots, key=lambda spot: spot.since), None, None).spans


def selected(rule: Rule, policies: Policies) -> list[Ref]:
    """Return the refs of all declared resources that a rule applies to; external ones are left out."""
    of, found = rule.applies_to, []
    reached = _reached(policies, rule) if of.urgency else None
    for kind in rule.kinds:
        for resource in policies.of_kind(kind).values():
            ref = resource.ref
            if (
                resource.external
                or (of.kinds and kind not in of.kinds)
                or (reached is not None and ref not in reached)
            ):
                continue
            if of.teams and _team(resource) not in of.teams:
                continue
            if of.providers and resource.provider not in of.providers:
                continue
            if of.keys and not any(fits(key, ref.key) for key in of.keys):
                continue
            found.append(ref)
    return found


def _team(resource: Resource) -> str | None:
    return resource.team.key if isinstance(resource.team, Ref) else None


def _reached(policies: Policies, rule: Rule) -> set[Ref]:
    """Return the services that can have incidents of the rule's urgency, and all that those go through."""
    found: set[Ref] = set()
    for service in policies.services.values():
        if rule.applies_to.urgency not in urgencies(service):
            continue
        found.add(service.ref)
        policy = policies.get(service.escalation_policy) if isinstance(service.escalation_policy, Ref) else None
        if isinstance(policy, EscalationPolicy):
            found |= {policy.ref, *(target for level in policy.levels for target in level.notify)}
    return found
