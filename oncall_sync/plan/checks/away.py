"""People who are on call while they are away."""

from __future__ import annotations

from collections.abc import Iterator

from oncall_sync.model import Policies, Ref
from oncall_sync.rota.wall import to_instant

from .broken import Broken, Spot, broken
from .known import missing
from .watch import Watch, by_person


def away_on_call(policies: Policies, watch: Watch) -> Iterator[Broken]:
    """Yield a broken promise for each person who is on call in a declared schedule, or a level, while away.

    Being away is read in the person's own zone; without one, in that of the schedule. A fallback changes nothing:
    who is away rings all the same.
    """
    absent = {ref: user for ref, user in watch.scene.users.items() if user.away}
    if not absent:
        return
    for ref in [
        schedule.ref for schedule in policies.schedules.values() if not missing(schedule.ref, watch.scene)
    ]:
        for user, spots in by_person(watch.shifts(ref)).items():
            if user in absent:
                yield from _told(policies, watch, ref, user, spots)
    always = [Spot(watch.since, watch.until)]
    for policy in policies.escalation_policies.values():
        found = watch.scene.policies.get(policy.ref)
        named = {target for level in found.levels for target in level.notify} if found else set[Ref]()
        for user in sorted(named & absent.keys()):
            yield from _told(policies, watch, policy.ref, user, always)


def _told(policies: Policies, watch: Watch, ref: Ref, user: Ref, on_call: list[Spot]) -> Iterator[Broken]:
    person = watch.scene.users[user]
    zone = watch.zone(ref)
    own = person.time_zone or zone
    gone = [(to_instant(away.since, own), to_instant(away.until, own)) for away in person.away]
    spots = [
        Spot(max(spot.since, since), min(spot.until, until))
        for spot in on_call
        for since, until in gone
        if spot.until is not None and max(spot.since, since) < min(spot.until, until)
    ]
    if not spots:
        return
    declared = policies.get(ref)
    message = (
        f"{watch.name(user)} is away and rings for {watch.called(ref)} all the same: {watch.when(spots, zone)}."
        " Swap with somebody else by an override"
    )
    yield broken("away-on-call", message, spots, declared.source if declared else None, ref)
