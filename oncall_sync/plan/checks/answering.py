"""How long it takes until a human must have answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from oncall_sync.model import AcknowledgedWithin, EscalationPolicy, HumanWithin, Paging, Service, UrgencyName
from oncall_sync.rota.paging import delay
from oncall_sync.rota.stack import sweep
from oncall_sync.rota.timeline import Rung, Users, urgencies

from .broken import Broken, Spot, add, broken
from .watch import Watch
from .words import exactly

Steps: TypeAlias = tuple[tuple[int, timedelta], ...]
"""The levels (from 1) that an incident passes, each with how long it rings; none at all is a policy gap."""

Slow: TypeAlias = dict[Steps, tuple[list[Spot], set[UrgencyName]]]


def slas(services: Iterable[Service]) -> list[HumanWithin]:
    """Return the promises written on services themselves (`human_within:`), with the place of that word."""
    return [
        HumanWithin(service=s.ref, limit=s.human_within, source=s.where("human_within"))
        for s in services
        if s.human_within is not None
    ]


def steps(policy: EscalationPolicy, levels: Sequence[Users], urgency: UrgencyName, paging: Paging) -> Steps:
    """Return what an incident passes in one pass, up to and including the last level that has somebody.

    Empty levels take no time where the provider skips them. A low incident that does not escalate stays at the
    first level that has somebody.
    """
    staffed = [index for index, users in enumerate(levels) if users]
    if not staffed:
        return ()
    last = staffed[0] if urgency == "low" and not paging.low_escalates else staffed[-1]
    return tuple(
        (index + 1, delay(policy.levels[index]))
        for index in range(last + 1)
        if levels[index] or not paging.skips_empty_levels
    )


def total(passed: Steps) -> timedelta:
    """Return how long one pass lasts, the last level's own time included."""
    return sum((lasts for _, lasts in passed), timedelta())


def human_within(check: HumanWithin, watch: Watch) -> Iterator[Broken]:
    """Yield one broken promise for each way in which it takes too long, and one for nobody at all.

    Judged at every minute by who is on call then, for the slower of the urgencies that an incident can have.
    """
    service = watch.scene.services[check.service]
    policy = watch.policy(service)
    if policy is None:
        return
    if _always_holds(check, watch, policy, service):
        return
    paging = watch.paging(service)
    # Services that share a ladder are as slow as one another.
    alike = (policy.ref, service.urgency, paging, check.limit)
    wrong = watch.once(alike, lambda: _slow(check, watch, policy, service))
    for passed, (spots, slow) in wrong.items():
        when = watch.when(spots, watch.zone(check.service))
        promised = f"{watch.called(check.service)} promises a human within {exactly(check.limit)}"
        if passed:
            text = f"{promised}, and {too_long(passed, slow)}: {when}. {advice(passed)}"
        else:
            text = f"{promised}, and nobody at all is on call: {when}. {dropped(service, paging)}"
        yield broken(check.rule, text, spots, check.source, check.service)


def _always_holds(check: HumanWithin, watch: Watch, policy: EscalationPolicy, service: Service) -> bool:
    """Tell whether no urgency would take too long at any minute, whatever opens then."""
    paging, names = watch.paging(service), urgencies(service)
    ways = [steps(policy, levels, name, paging) for levels in watch.patterns(policy) for name in names]
    return all(way and total(way) <= check.limit for way in ways)


def _slow(check: HumanWithin, watch: Watch, policy: EscalationPolicy, service: Service) -> Slow:
    """Return when it takes too long, by what an incident passes then; the people are those of the last level."""
    paging, both = watch.paging(service), urgencies(service)
    wrong: Slow = {}
    for since, until, rung, urgency in minutes(watch, policy, service):
        names = both if urgency is None else [urgency]
        ways = {name: steps(policy, rung.levels, name, paging) for name in names}
        worst = max(ways.values(), key=total)
        if worst and total(worst) <= check.limit:
            continue
        last = rung.levels[worst[-1][0] - 1] if worst else frozenset()
        spots, slow = wrong.setdefault(worst, ([], set()))
        add(spots, since, until, last)
        slow.update(name for name, way in ways.items() if way == worst)
    return wrong


def minutes(
    watch: Watch, policy: EscalationPolicy, service: Service
) -> Iterator[tuple[datetime, datetime, Rung, UrgencyName | None]]:
    """Yield who is on call, and how urgent an incident is that opens then."""
    rungs: list[tuple[datetime, datetime, Rung | UrgencyName | None]]
    rungs = [(rung.since, rung.until, rung) for rung in watch.rungs(policy)]
    for since, until, found in sweep([rungs, watch.opens(service)], watch.since, watch.until):
        (_, rung), (_, urgency) = found
        if isinstance(rung, Rung) and not isinstance(urgency, Rung):
            yield since, until, rung, urgency


def too_long(passed: Steps, slow: Iterable[UrgencyName]) -> str:
    """Return how long it takes, added up, and for which urgencies."""
    sums = " + ".join(f"{exactly(lasts)} at level {number}" for number, lasts in passed)
    same = f" = {exactly(total(passed))}" if len(passed) > 1 else ""
    return f"it can take {sums}{same} (urgency {' or '.join(sorted(slow))})"


def advice(passed: Steps) -> str:
    """Return what to do about a ladder that takes too long."""
    return f"Shorten escalate_after, take a level out, or promise {exactly(total(passed))}"


def dropped(service: Service, paging: Paging) -> str:
    """Return what becomes of an event that nobody is on call for, and what to do."""
    mend = "Let a schedule cover this time, or add a user as last level"
    if paging.drops_when_nobody:
        return f"{service.provider} drops the event then: no incident is made, and nobody ever hears of it. {mend}"
    return f"An incident is made then, and nobody hears of it. {mend}"


def acknowledged_within(check: AcknowledgedWithin, watch: Watch) -> Iterator[Broken]:
    """Yield a broken promise if the first level rings longer than that; it holds, or not, at any time."""
    policy = watch.policy(watch.scene.services[check.service])
    if policy is None:
        return
    lasts = delay(policy.levels[0]) if policy.levels else None
    if lasts is not None and lasts <= check.limit:
        return
    promised = f"{watch.called(check.service)} promises an acknowledgement within {exactly(check.limit)}"
    found = "has no level at all" if lasts is None else f"goes on to its next level only after {exactly(lasts)}"
    mend = "add one" if lasts is None else f"write escalate_after: {exactly(check.limit)} in its first level"
    text = f"{promised}, and {watch.called(policy.ref)} {found}: {mend}"
    yield broken(check.rule, text, (), check.source, check.service)
