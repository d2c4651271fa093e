"""Everybody who is on call within the span ahead: how they are reached, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall_sync.model import EscalationPolicy, Finding, Reach, Ref, UrgencyName
from oncall_sync.plan.checks.words import cut, exactly, moment
from oncall_sync.rota.paging import delay
from oncall_sync.rota.timeline import urgencies

from .ground import INCOMING, Account, Asked
from .ladder import Ladders
from .reach import DEACTIVATED, counts, ways
from .rules import found
from .values import ContactRow, Incoming, PersonRow

SILENT = frozenset({"on-call-deactivated", "on-call-unpageable", "no-contact", "email-only"})
"""Problems with which no phone rings."""
_MOST_PLACES = 3


@dataclass(slots=True)
class _Post:
    """When and where somebody is on call, for which urgencies, and where their phone rings too late."""

    first: datetime
    zone: str
    where: dict[str, None] = field(default_factory=dict)
    urgencies: set[UrgencyName] = field(default_factory=set)
    late: list[str] = field(default_factory=list)


class People:
    """The people of one account's ladders."""

    def __init__(self, asked: Asked, account: Account, ladders: Ladders) -> None:
        self._asked, self._account, self._ladders = asked, account, ladders
        self._posts = self._found()
        self._problems = {user: tuple(self._wrong(user, post)) for user, post in self._posts.items()}

    def rows(self) -> Iterator[PersonRow]:
        """Yield a row for each person, by name."""
        for user in sorted(self._posts, key=self._account.name):
            post, reach = self._posts[user], self._ladders.reaching.of(user)
            yield PersonRow(
                provider=self._account.provider,
                user=self._account.name(user),
                first=post.first,
                now=post.first == self._asked.now,
                where=tuple(post.where),
                contacts=tuple(_contacts(reach)),
                cannot=reach.cannot if reach else None,
                known=self._ladders.reaching.known(user),
                problems=tuple(rule for rule, _ in self._problems[user]),
            )

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with how people are reached."""
        for user in sorted(self._posts, key=self._account.name):
            for rule, message in self._problems[user]:
                yield found(rule, message, self._asked.source(user), user)

    def incoming(self) -> Iterator[Incoming]:
        """Yield everybody who comes on call for a schedule within a week and is not now, by time."""
        until = self._asked.now + INCOMING
        rows: list[Incoming] = []
        for ref in self._account.schedules:
            shifts = [one for one in self._ladders.watch.shifts(ref) if one.since < until]
            there = set(shifts[0].users) if shifts else set()
            for shift in shifts[1:]:
                rows += [self._coming(user, ref, shift.since) for user in shift.users - there]
                there |= shift.users
        yield from sorted(rows, key=lambda one: (one.since, one.schedule, one.user))

    def _coming(self, user: Ref, schedule: Ref, since: datetime) -> Incoming:
        problems = tuple(rule for rule, _ in self._problems.get(user, ()))
        return Incoming(
            provider=self._account.provider,
            user=self._account.name(user),
            schedule=self._account.key(schedule),
            since=since,
            zone=self._ladders.watch.zone(schedule),
            ready=not SILENT.intersection(problems),
            problems=problems,
        )

    def _found(self) -> dict[Ref, _Post]:
        posts: dict[Ref, _Post] = {}
        scene, watch = self._account.scene, self._ladders.watch
        by_policy: dict[Ref, set[UrgencyName]] = {}
        for ref in self._account.services:
            service = scene.services.get(ref)
            policy = watch.policy(service)
            if service is not None and policy is not None:
                by_policy.setdefault(policy.ref, set()).update(urgencies(service))
        for ref, names in sorted(by_policy.items()):
            self._on_policy(posts, scene.policies[ref], names)
        return posts

    def _on_policy(self, posts: dict[Ref, _Post], policy: EscalationPolicy, names: set[UrgencyName]) -> None:
        zone = self._ladders.watch.zone(policy.ref)
        for number, level in enumerate(policy.levels, 1):
            for target in level.notify:
                for user, first in self._times(target):
                    own = zone if target.kind == "user" else self._ladders.watch.zone(target)
                    post = posts.setdefault(user, _Post(first, own))
                    post.first = min(post.first, first)
                    post.where[self._called(target if target.kind == "schedule" else policy.ref)] = None
                    post.urgencies |= names
                    if number < len(policy.levels):
                        post.late += self._late(user, policy.ref, number, delay(level), names)

    def _times(self, target: Ref) -> Iterable[tuple[Ref, datetime]]:
        if target.kind == "user":
            return [(target, self._asked.now)]
        firsts: dict[Ref, datetime] = {}
        for shift in self._ladders.watch.shifts(target):
            if shift.since >= self._asked.until:
                break
            for user in shift.users:
                firsts.setdefault(user, shift.since)
        return firsts.items()

    def _late(
        self, user: Ref, policy: Ref, number: int, lasts: timedelta, names: set[UrgencyName]
    ) -> Iterator[str]:
        after = self._ladders.reaching.first(user, "high") if "high" in names else None
        if after is not None and after >= lasts:
            place = f"{self._called(policy)} leaves level {number} after {exactly(lasts)}"
            yield f"{place}, and their first rule rings after {exactly(after)}"

    def _called(self, ref: Ref) -> str:
        return f"{ref.kind.replace('_', ' ')} {self._account.key(ref)}"

    def _wrong(self, user: Ref, post: _Post) -> Iterator[tuple[str, str]]:
        reach = self._ladders.reaching.of(user)
        if reach is None:
            return
        who = f"{self._account.name(user)} is on call for {cut(list(post.where), _MOST_PLACES, ', ')}"
        if post.first == self._asked.now:
            who += " now"
        else:
            who += f" from {moment(post.first, post.zone)} on"
        yield from _silent(who, reach, "high" if "high" in post.urgencies else "low")
        if reach.cannot is None:
            yield from _unverified(who, reach)
            if post.late:
                text = cut(list(dict.fromkeys(post.late)), _MOST_PLACES)
                yield "rules-too-late", f"{who}: {text}. They should shorten their own notification rules"


def _silent(who: str, reach: Reach, urgency: UrgencyName) -> Iterator[tuple[str, str]]:
    """Yield why no phone rings for incidents of this urgency, if that is so."""
    if reach.cannot is not None and reach.cannot.startswith(DEACTIVATED):
        yield "on-call-deactivated", f"{who}, and is {reach.cannot}: put somebody else there"
        return
    if reach.cannot is not None:
        yield "on-call-unpageable", f"{who}, and {reach.cannot}: put somebody else there, or change their role"
        return
    there = ways(reach, urgency)
    if any(counts(way, urgency) for way in there):
        return
    phone = any(one.usable and one.way != "email" for one in reach.contacts)
    mend = (
        f"They have a phone, and none of their rules for {urgency} urgency uses it: they should add one"
        if phone
        else "They must add the app or a phone in their profile, and a rule that uses it"
    )
    if there:
        yield "email-only", f"{who}, and only email tells them of {urgency} urgency. {mend}"
    else:
        yield "no-contact", f"{who}, and nothing tells them of {urgency} urgency. {mend}"


def _unverified(who: str, reach: Reach) -> Iterator[tuple[str, str]]:
    unverified = [one for one in reach.contacts if one.verified is False]
    phones = [one.shown for one in unverified if one.way != "email"]
    if phones:
        listed = cut(list(dict.fromkeys(phones)), _MOST_PLACES, ", ")
        yield "phone-unverified", f"{who}, and their phone {listed} was never verified: they must confirm it"
    if len(phones) < len(unverified):
        yield "invitation-open", f"{who}, and never followed the invitation to the account: send it again"


def _contacts(reach: Reach | None) -> Iterator[ContactRow]:
    for one in reach.contacts if reach else ():
        yield ContactRow(way=one.way, shown=one.shown, usable=one.usable, verified=one.verified)


def on_ladders(account: Account, ladders: Ladders, until: datetime) -> frozenset[Ref]:
    """Return everybody whom the services to tell of can ring before `until`: whose reach is worth asking for."""
    targets: set[Ref] = set()
    for ref in account.services:
        policy = ladders.watch.policy(account.scene.services.get(ref))
        for level in policy.levels if policy else ():
            targets |= {*level.notify}
    shifts: Sequence[Ref] = [one for one in targets if one.kind == "schedule"]
    people = {one for one in targets if one.kind == "user"}
    return frozenset(people).union(
        *(shift.users for ref in shifts for shift in ladders.watch.shifts(ref) if shift.since < until)
    )
