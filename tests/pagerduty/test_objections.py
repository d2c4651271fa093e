"""What PagerDuty cannot hold is said before anything is sent, and where it was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from oncall_sync.model import (
    AcceptFrom,
    Assignment,
    ByPriority,
    ConstantUrgency,
    EscalationPolicy,
    Integration,
    Level,
    Member,
    Ref,
    Resource,
    Schedule,
    Service,
    Source,
    SupportHours,
    Team,
    User,
)
from oncall_sync.rota.hours import NEVER, merge
from tests.pagerduty.world import ANNA, BEN, adapter, weekly

OFFICE = merge((day * 1440 + 540, day * 1440 + 1080) for day in range(5))
TEN = timedelta(minutes=10)
PEOPLE = tuple(Ref("user", f"p{number}") for number in range(11))
TEAM = Team(ref=Ref("team", "t"), name="t")
DUTY = Schedule(ref=Ref("schedule", "s"), name="s", time_zone="Europe/Vienna", rotations=(weekly(ANNA, BEN),))
POLICY = EscalationPolicy(ref=Ref("escalation_policy", "e"), name="e", levels=(Level((ANNA,), TEN),))
SERVICE = Service(ref=Ref("service", "x"), name="x", escalation_policy=POLICY.ref)
MAIL = Integration(name="mail", form="email", email="x")


def block(**keys: Any) -> dict[str, dict[str, Any]]:
    return {"pagerduty": keys}


def said(wanted: Resource, **options: Any) -> list[tuple[str, str]]:
    return [(one.fate, one.message) for one in adapter(token=None, **options).objections(wanted)]


GOOD: list[Resource] = [
    TEAM,
    replace(TEAM, members=(Member(ANNA, "observer"), Member(BEN)), settings=block(tags=["x"])),
    DUTY,
    replace(DUTY, time_zone="UTC", settings=block(schedules="layered")),
    replace(DUTY, rotations=(weekly(ANNA, hours=OFFICE), weekly(BEN, hours=merge([(0, 60)])))),
    replace(DUTY, rotations=(weekly(ANNA), weekly(BEN)), overlap="last_wins"),
    POLICY,
    replace(POLICY, levels=(Level((ANNA,)),)),
    replace(POLICY, repeat=9, levels=(Level(PEOPLE[:10], timedelta(minutes=1), block(round_robin=True)),)),
    SERVICE,
    replace(SERVICE, urgency=ConstantUrgency("low"), integrations=(MAIL, Integration(name="e", form="events"))),
    replace(SERVICE, urgency=SupportHours(hours=OFFICE, time_zone="UTC"), settings=block(status="active")),
    replace(
        SERVICE,
        integrations=(replace(MAIL, email="x@acme.pagerduty.com", accept_from=(AcceptFrom("regex", "("),)),),
    ),
    User(ref=ANNA, name="anna", email="anna@example.com"),
    replace(DUTY, external=True, rotations=(), settings=block(nonsense=1)),
]

CANNOT: list[tuple[Resource, str]] = [
    (replace(TEAM, name="n" * 101), "names of up to 100 characters, this has 101"),
    (replace(TEAM, members=(Member(ANNA, "boss"),)), "no role 'boss' in teams; write manager,"),
    (replace(TEAM, settings=block(tag="x")), "did you mean `tags`?"),
    (replace(DUTY, rotations=(weekly(ANNA, None),)), "vacant turns (`nobody`)"),
    (replace(DUTY, rotations=(weekly(),)), "need at least one person"),
    (replace(DUTY, rotations=()), "at least one rotation"),
    (replace(DUTY, rotations=(weekly(ANNA, every=timedelta(minutes=59)),)), "from 1 hour to 365 days"),
    (replace(DUTY, rotations=(weekly(ANNA, every=timedelta(days=366)),)), "from 1 hour to 365 days"),
    (replace(DUTY, rotations=(weekly(ANNA, every=timedelta(hours=1, seconds=1)),)), "whole minutes"),
    (replace(DUTY, rotations=(weekly(ANNA, hours=NEVER),)), "these hours are never"),
    (replace(DUTY, rotations=(weekly(ANNA), weekly(BEN))), "or write `overlap: last_wins`"),
    (replace(DUTY, settings=block(schedules="shift_based")), "cannot be written yet"),
    (
        replace(
            DUTY,
            rotations=(),
            assignments=(Assignment(since=datetime(2026, 1, 1), until=datetime(2026, 1, 2), on_call=(ANNA,)),),
        ),
        "turns, not assignments",
    ),
    (replace(POLICY, levels=()), "at least one level"),
    (replace(POLICY, repeat=10), "at most 9 times"),
    (replace(POLICY, levels=(Level(PEOPLE, TEN),)), "1 to 10 people and schedules per level, this has 11"),
    (replace(POLICY, levels=(Level((), TEN),)), "this has 0"),
    (replace(POLICY, levels=(Level((ANNA,), timedelta(seconds=30)),)), "at least 1 minute"),
    (replace(POLICY, levels=(Level((ANNA,), TEN, block(robin=True)),)), "did you mean `round_robin`?"),
    (replace(POLICY, settings=block(handoff_notifications="never")), "'if_has_services' or 'always'"),
    (replace(SERVICE, urgency=ByPriority(("P1",), ("P2",))), "do not know the alert's priority"),
    (
        replace(SERVICE, urgency=SupportHours(hours=merge([(540, 720), (780, 1080)]), time_zone="UTC")),
        "one window within a day, not Mon 09:00-12:00, Mon 13:00-18:00",
    ),
    (replace(SERVICE, settings=block(tags=["x"])), "teams and escalation policies, not on services"),
    (replace(SERVICE, settings=block(stats="x")), "did you mean `status`?"),
    (replace(SERVICE, integrations=(replace(MAIL, email="x@example.com"),)), "write the part before @"),
    (replace(SERVICE, integrations=(replace(MAIL, email=None),)), "integration mail needs an address"),
    (replace(SERVICE, integrations=(replace(MAIL, settings=block(subjekt="x")),)), "did you mean `subject`?"),
    (replace(SERVICE, integrations=(replace(MAIL, form="events", settings=block(body="x")),)), "with email"),
    (replace(SERVICE, integrations=(Integration(name="v", form="vendor"),)), "needs the vendor's name"),
    (replace(SERVICE, integrations=(Integration(name="o", form="other"),)), "a kind that cannot be declared"),
]  # fmt: skip

APPROXIMATED: list[tuple[Resource, str]] = [
    (replace(TEAM, description="d" * 1025), "the description is cut"),
    (replace(DUTY, time_zone="CET"), "an Area/City name is safe"),
    (replace(POLICY, levels=(Level((ANNA,), timedelta(seconds=90)),)), "the seconds are dropped"),
]


@pytest.mark.parametrize("wanted", GOOD)
def test_no_objections(wanted: Resource) -> None:
    assert said(wanted) == []


@pytest.mark.parametrize(("wanted", "message"), CANNOT)
def test_cannot(wanted: Resource, message: str) -> None:
    ((fate, text),) = said(wanted)
    assert fate == "cannot"
    assert message in text
    assert text.startswith(wanted.ref.words)


@pytest.mark.parametrize(("wanted", "message"), APPROXIMATED)
def test_approximated(wanted: Resource, message: str) -> None:
    ((fate, text),) = said(wanted)
    assert fate == "approximated"
    assert message in text


def test_shift_based_schedules_for_a_whole_account_are_not_written_yet() -> None:
    assert "cannot be written yet" in said(DUTY, schedules="shift_based")[0][1]
    assert said(replace(DUTY, settings=block(schedules="layered")), schedules="shift_based") == []


def test_an_objection_points_at_what_was_written() -> None:
    here, block_here = Source("p.yaml", 7, 3), Source("p.yaml", 9, 3)
    wanted = replace(
        POLICY,
        repeat=10,
        settings=block(tagss=1),
        source=Source("p.yaml", 1, 1),
        marks={"repeat": here, "pagerduty": block_here},
    )
    places = {one.message.partition(": ")[2][:9]: one.source for one in adapter(token=None).objections(wanted)}
    assert places == {"PagerDuty": here, "unknown k": block_here}
