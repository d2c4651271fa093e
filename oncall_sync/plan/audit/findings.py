"""What is wrong with ladders, and what policies promise that live accounts do not keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from oncall_sync.model import Finding, HumanWithin, Policies, Ref
from oncall_sync.plan.checks import evaluate, promises, standing, unknown
from oncall_sync.plan.checks.known import ContactBook, Contacts
from oncall_sync.plan.checks.words import MOST_SPANS, cut, exactly, moment, span
from oncall_sync.plan.judging import Sides
from oncall_sync.plan.rules import with_plan
from oncall_sync.rota.scene import Scene

from .ground import Account, Asked
from .reach import ways
from .rules import found
from .values import Ladder


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """All accounts in one scene, with what is declared and lives nowhere else; `contacts` as checks want them."""

    scene: Scene
    accounts: Sequence[Account]

    def name(self, ref: Ref) -> str:
        """Return what something is called."""
        if not ref.remote:
            return ref.key
        for account in self.accounts:
            scene = account.scene
            if ref in scene.services or ref in scene.policies or ref in scene.schedules or ref.kind == "user":
                return account.name(ref)
        return ref.kind.replace("_", " ")

    @property
    def contacts(self) -> ContactBook | None:
        """Return by what each person's phone or mailbox would be told of high urgency."""
        books = [one.reach for one in self.accounts if one.reach is not None]
        if not books:
            return None
        return {
            user: Contacts(frozenset(way.way for way in ways(reach, "high")))
            for book in books
            for user, reach in book.items()
        }


def broken_promises(asked: Asked, whole: Whole) -> Iterator[Finding]:
    """Yield what policies promise or what is looked at always and does not hold, with the level it really has."""
    policies = _told_of(asked, whole)
    checks = promises(asked.policies)
    args = (whole.scene, asked.now, asked.until, whole.contacts, whole.name)
    broken = [*evaluate(checks, *args), *standing(whole.scene, policies, asked.now, asked.until, whole.name)]
    findings = [one.finding() for one in broken]
    findings += unknown(checks, whole.scene, whole.contacts)
    findings += _of_the_organisation(asked, whole)
    told = {ref for account in whole.accounts for ref in (*account.services, *account.schedules)}
    told |= set(policies_of(whole.accounts))
    yield from (one for one in findings if not asked.narrow or one.ref in told)


def _of_the_organisation(asked: Asked, whole: Whole) -> list[Finding]:
    """Return which of the organisation's rules do not hold: as if all of it were new, nothing was so before."""
    sides = Sides(
        before=Scene(),
        after=whole.scene,
        since=asked.now,
        until=asked.until,
        name=whole.name,
        contacts=whole.contacts,
    )
    return with_plan(asked.policies, sides, asked.now.date())


def policies_of(accounts: Iterable[Account]) -> Iterator[Ref]:
    """Yield the escalation policies of the services to tell of."""
    for account in accounts:
        for ref in account.services:
            service = account.scene.services.get(ref)
            if service is not None and isinstance(service.escalation_policy, Ref):
                yield service.escalation_policy


def _told_of(asked: Asked, whole: Whole) -> Policies:
    """Return the policies as if whatever else is to be told of were declared as well."""
    scene = whole.scene
    services = {r.key: scene.services[r] for a in whole.accounts for r in a.services if r in scene.services}
    schedules = {r.key: scene.schedules[r] for a in whole.accounts for r in a.schedules if r in scene.schedules}
    ladders = {r.key: scene.policies[r] for r in policies_of(whole.accounts) if r in scene.policies}
    declared = asked.policies
    return replace(
        declared,
        services={**services, **declared.services},
        schedules={**schedules, **declared.schedules},
        escalation_policies={**ladders, **declared.escalation_policies},
    )


def ladder_findings(asked: Asked, ladders: Mapping[Ref, Sequence[Ladder]]) -> Iterator[Finding]:
    """Yield what is wrong with ladders once it is counted in how people are reached."""
    limits = _limits(asked.policies)
    for ref, found_ in sorted(ladders.items()):
        for ladder in found_:
            yield from _one(asked, ref, ladder, limits.get(ref))
        if found_ and not found_[0].policy:
            message = f"service {found_[0].name} has no escalation policy: nobody is paged for it. Give it one"
            yield found("no-policy", message, asked.source(ref), ref)


def _one(asked: Asked, ref: Ref, ladder: Ladder, limit: timedelta | None) -> Iterator[Finding]:
    called = f"service {ladder.service}, {ladder.urgency} urgency"
    if ladder.never:
        when = cut([span(*one, ladder.zone) for one in ladder.never], MOST_SPANS)
        message = (
            f"{called}: people are on call, and nothing that counts reaches any of them: {when}."
            " See what is said of them, or put somebody on the ladder whose phone rings"
        )
        yield found("nobody-reached", message, asked.source(ref), ref)
    if limit is not None and ladder.worst is not None and ladder.worst_at is not None and ladder.worst > limit:
        message = (
            f"{called}: a human is promised within {exactly(limit)}, and with people's own notification rules it"
            f" can take {exactly(ladder.worst)} (an incident of {moment(ladder.worst_at, ladder.zone)})."
            " Shorten those rules, or escalate sooner"
        )
        yield found("human-too-late", message, asked.source(ref, "human_within"), ref)


def _limits(policies: Policies) -> dict[Ref, timedelta]:
    """Return the shortest time that is promised for each service."""
    out: dict[Ref, timedelta] = {}
    for check in promises(policies):
        if isinstance(check, HumanWithin):
            out[check.service] = min(check.limit, out.get(check.service, check.limit))
    return out
