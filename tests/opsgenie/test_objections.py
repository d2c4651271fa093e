"""What Opsgenie cannot hold is said before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from oncall_sync.model import (
    AcceptFrom,
    Assignment,
    ByPriority,
    BySender,
    ConstantUrgency,
    EscalationPolicy,
    Integration,
    Level,
    Member,
    Override,
    Ref,
    Resource,
    Rotation,
    Schedule,
    Service,
    SupportHours,
    Team,
    User,
)
from oncall_sync.rota.hours import NEVER, complement, merge
from oncall_sync_opsgenie.convert_schedule import SUFFIX
from oncall_sync_opsgenie.objections import objections_to
from oncall_sync_opsgenie.wire import Known

VIENNA = Known(time_zone="Europe/Vienna")
ANNA, BEN = Ref("user", "anna"), Ref("user", "ben")
OPS, OTHER = Ref("team", "ops"), Ref("team", "other")
OFFICE = merge((day * 1440 + 540, day * 1440 + 1080) for day in range(5))
MANY = merge((hour * 600, hour * 600 + 60) for hour in range(16))
QUARTERS = merge([(545, 600)])
MINUTE, TEN, HOUR = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)
TEAM = Team(ref=OPS, name="Ops")
TURNS = Rotation(members=(ANNA, BEN), start=datetime(2026, 1, 5, 9), every=timedelta(weeks=1))
DUTY = Schedule(ref=Ref("schedule", "s"), name="s", time_zone="Europe/Vienna", team=OPS, rotations=(TURNS,))
POLICY = EscalationPolicy(ref=Ref("escalation_policy", "e"), name="e", team=OPS, levels=(Level((ANNA,), TEN),))
SERVICE = Service(ref=Ref("service", "x"), name="x", team=OPS, escalation_policy=POLICY.ref)
MAIL = Integration(name="mail", form="email", email="x")
HOURS = SupportHours(hours=OFFICE, time_zone="Europe/Vienna")
RAISED = replace(HOURS, raise_at_start=True)
LEVEL = Level((DUTY.ref,), TEN)


def block(**keys: Any) -> dict[str, dict[str, Any]]:
    return {"opsgenie": keys}


def said(wanted: Resource, known: Known = VIENNA) -> list[tuple[str, str]]:
    return [(one.fate, one.message) for one in objections_to(wanted, known)]


def turns(**keys: Any) -> Schedule:
    return replace(DUTY, rotations=(replace(TURNS, **keys),))


def levels(*found: Level, **keys: Any) -> EscalationPolicy:
    return replace(POLICY, levels=found, **keys)


def routing(*items: dict[str, Any]) -> Team:
    return replace(TEAM, settings=block(routing=list(items)))


def integration(**keys: Any) -> Service:
    return replace(SERVICE, integrations=(replace(MAIL, **keys),))


GOOD: list[Resource] = [
    replace(TEAM, name="Ops 1_a.b-c", members=(Member(ANNA, "manager"), Member(BEN), Member(BEN, "user"))),
    replace(TEAM, members=(Member(ANNA, "responder"), Member(BEN, "admin")), settings=block(route_to="none")),
    routing({"priority": "P1", "hours": "Mon-Fri 09:00-18:00", "to": "x"}, {"to": "none"}),
    DUTY,
    replace(DUTY, rotations=()),
    replace(DUTY, rotations=(TURNS, replace(TURNS, members=(BEN, None, BEN)))),
    replace(DUTY, rotations=(TURNS, replace(TURNS, name="b")), description="d" * 10_000),
    replace(
        DUTY,
        overlap="last_wins",
        rotations=(replace(TURNS, hours=OFFICE), replace(TURNS, hours=complement(OFFICE))),
    ),
    turns(start=datetime(2026, 1, 5, 9, 30), until=datetime(2027, 1, 1, 0, 30), every=timedelta(days=5)),
    replace(turns(every=HOUR * 12), time_zone="Asia/Kolkata"),
    turns(every=HOUR * 24),
    turns(every=HOUR * 12, members=(ANNA,)),
    replace(turns(start=datetime(2026, 1, 5, 9, 15)), time_zone="Asia/Kathmandu"),
    POLICY,
    levels(LEVEL, Level((ANNA,), timedelta(seconds=30)), repeat=0),
    levels(replace(LEVEL, settings=block(notify="next")), Level((), TEN, block(notify="all"))),
    levels(LEVEL, Level((ANNA,)), repeat=20, settings=block(close_after_repeats=True, starts_after="5m")),
    SERVICE,
    replace(SERVICE, urgency=ConstantUrgency("high"), integrations=(MAIL, Integration(name="e", form="events"))),
    replace(SERVICE, urgency=ByPriority(("P1",), ("P2",)), resolve_after=HOUR),
    replace(SERVICE, urgency=replace(HOURS, outside="high", time_zone="UTC")),
    replace(SERVICE, acknowledge_within=timedelta(0), settings=block(tags=["x"], visibility="OPSGENIE_USERS")),
    replace(SERVICE, name="n" * 100),
    integration(email="x@acme.OPSGENIE.net", accept_from=(), settings=block(suppressNotifications=True)),
    replace(SERVICE, integrations=(Integration(name="g", form="vendor", vendor="Google Cloud Monitoring"),)),
    User(ref=ANNA, name="anna", email="anna@example.com"),
    replace(DUTY, external=True, settings=block(nonsense=1)),
]

CANNOT: list[tuple[Resource, str]] = [
    (replace(TEAM, name="n" * 101), "names of up to 100 characters, this has 101; shorten it"),
    (replace(TEAM, name="Ops & Über"), "a-z, A-Z, 0-9, blanks, and . _ - only, not '&Ü'; write another `name`"),
    (replace(SERVICE, name=f"x{SUFFIX}"), "names that end in '(being replaced)' are for what this tool is about"),
    (replace(TEAM, members=(Member(ANNA, "amdin"),)), "no role 'amdin' that can be declared for a"),
    (replace(TEAM, members=(Member(ANNA, "Admin"),)), "did you mean admin?"),
    (replace(TEAM, members=(Member(ANNA, "boss"),)), "or no role, which leaves one of the team's own"),
    (replace(TEAM, settings=block(routeto="x")), "did you mean `route_to`?"),
    (routing({"hours": "Mon 09:10-10:00", "to": "x"}), "routing rules keep up to 15 windows in whole half hours"),
    (routing({"to": "x"}, {"to": "y"}), "rule 2 would be named 'any priority', as rule 1 is; alerts that fit"),
    (replace(DUTY, name="día"), "Opsgenie's schedules are named with"),
    (replace(DUTY, settings=block(x=1)), "unknown key `x` in the opsgenie block of this schedule"),
    (turns(members=()), "need at least one person, or `nobody`"),
    (turns(every=timedelta(minutes=90)), "turns last whole hours, days or weeks; write such a time"),
    (turns(start=datetime(2026, 1, 5, 9, 20)), "full and half hours, and rounds 09:20 to one; write a time"),
    (turns(until=datetime(2027, 1, 5, 9, 20)), "rounds 09:20 to one"),
    (replace(DUTY, time_zone="Asia/Kathmandu"), "rounds 09:00, 03:15 UTC to one; write a time on the half"),
    (turns(start=datetime(2026, 3, 29, 2, 30)), "Europe/Vienna skips 02:30 on that day"),
    (turns(hours=NEVER), "these hours are never"),
    (turns(hours=QUARTERS), "full or half hours, not Mon 09:05-10:00; round them, or split the rotation"),
    (turns(hours=MANY), "up to 15 windows"),
    (turns(name=f"x{SUFFIX}"), "for rotations about to be deleted"),
    (turns(name="n" * 101), "this rotation's has 101"),
    (replace(DUTY, overlap="last_wins", rotations=(TURNS, TURNS)), "every rotation rings, so two that ring at"),
    (
        replace(
            DUTY,
            rotations=(),
            assignments=(Assignment(since=datetime(2026, 1, 1), until=datetime(2026, 1, 2), on_call=(ANNA,)),),
        ),
        "turns, not assignments",
    ),
    (levels(), "at least one level"),
    (levels(LEVEL, repeat=21), "at most 20 times, not 21"),
    (levels(Level((), TEN)), "this level notifies nobody"),
    (levels(LEVEL, Level((ANNA,), timedelta(0)), LEVEL), "waits at least 1 minute before the next level; write"),
    (levels(LEVEL, Level((ANNA,), MINUTE * 1.5), LEVEL), "waits whole minutes before the next level; write it"),
    (levels(Level((ANNA,), MINUTE / 2), repeat=1), "at least 1 minute before the next pass"),
    (levels(Level((ANNA,), TEN, block(notify="next"))), "whose turn comes in a schedule, and this level has none"),
    (levels(Level((ANNA,), TEN, block(notify="all")), team=OTHER, settings=block(x=1)), "unknown key `x`"),
    (levels(Level((ANNA,), TEN, block(round_robin=True))), "unknown key `round_robin`"),
    (replace(SERVICE, team=None), "an Opsgenie service belongs to a team; write `team`"),
    (replace(SERVICE, urgency=BySender()), "write high, low or a rule"),
    (replace(SERVICE, urgency=ByPriority((), ("P1",))), "no priority is high in this rule"),
    (replace(SERVICE, resolve_after=timedelta(seconds=90)), "waits whole minutes before it closes an alert"),
    (replace(SERVICE, name="n" * 43, resolve_after=HOUR), "write a `name` of up to 42, this has 43"),
    (replace(SERVICE, settings=block(visiblity="x")), "did you mean `visibility`?"),
    (integration(email="x@example.com"), "the account's own domain, which ends in .opsgenie.net; write the part"),
    (integration(email=None), "integration mail needs an address"),
    (integration(name="a: b"), "integration 'a: b': a colon and a blank part its name from the service's"),
    (integration(name="n" * 250), "Opsgenie takes up to 250 characters; shorten its name"),
    (integration(settings=block(apiKey="x")), "`apiKey` is set from the policy itself"),
    (integration(form="vendor"), "has none for a vendor without a name"),
    (integration(form="vendor", vendor="Mackerel"), "integration mail: Opsgenie has none for Mackerel that"),
    (integration(form="other"), "a kind that cannot be declared"),
]  # fmt: skip

APPROXIMATED: list[tuple[Resource, str]] = [
    (replace(TEAM, description="d" * 1001), "the description is cut: Opsgenie takes up to 1,000 characters"),
    (replace(TEAM, members=(Member(ANNA, "observer"),)), "no observers in teams; anna becomes a user, who may be"),
    (replace(DUTY, team=None), "cannot take an owner team away; one that is there stays"),
    (turns(every=HOUR * 12), "turns of 12h in hours that pass"),
    (
        replace(
            DUTY,
            overrides=(
                Override(since=datetime(2026, 1, 5), until=datetime(2026, 1, 6), user=BEN, instead_of=ANNA),
            ),
        ),
        "for those that anna is in, and replaces whoever has the turn there",
    ),
    (replace(POLICY, team=None), "cannot take an owner team away"),
    (levels(LEVEL, repeat=0, settings=block(close_after_repeats=True)), "without `repeat` there is nothing to"),
    (levels(replace(LEVEL, escalate_after=HOUR * 25), Level((ANNA,))), "this level begins 1d1h after the alert"),
    (replace(SERVICE, urgency=ConstantUrgency("low")), "like any other, with priority P4; whether that wakes"),
    (replace(SERVICE, urgency=replace(HOURS, during="low")), "like any other, with priority P4"),
    (replace(SERVICE, urgency=HOURS), "outside the high hours alerts get priority P4"),
    (replace(SERVICE, urgency=replace(HOURS, during="low", outside="high")), "alerts get priority P4"),
    (replace(SERVICE, urgency=RAISED), "nobody is rung before they start"),
    (replace(SERVICE, acknowledge_within=HOUR), "from when an alert opened, not from when it was acknowledged"),
    (integration(accept_from=(AcceptFrom("domain", "a.com"),)), "mail from anywhere opens an alert"),
]


@pytest.mark.parametrize("wanted", GOOD)
def test_no_objections(wanted: Resource) -> None:
    assert said(wanted) == []


@pytest.mark.parametrize(("wanted", "message"), CANNOT)
def test_cannot(wanted: Resource, message: str) -> None:
    ((fate, text),) = said(wanted)
    assert fate == "cannot"
    assert message in text
    assert text.startswith(f"{wanted.ref.words}: ")


@pytest.mark.parametrize(("wanted", "message"), APPROXIMATED)
def test_approximated(wanted: Resource, message: str) -> None:
    ((fate, text),) = said(wanted)
    assert fate == "approximated"
    assert message in text
    assert text.startswith(f"{wanted.ref.words}: ")


BOTH: list[tuple[Resource, str, str]] = [
    (replace(SERVICE, urgency=replace(HOURS, time_zone="UTC")), "which is Europe/Vienna (oncall.yaml), and", "P4"),
    (replace(SERVICE, urgency=replace(HOURS, hours=QUARTERS)), "not Mon 09:05-10:00; round them", "P4"),
    (replace(SERVICE, urgency=replace(HOURS, hours=MANY)), "up to 15 windows", "P4"),
    (replace(SERVICE, urgency=replace(RAISED, hours=QUARTERS)), "not Mon 09:05-10:00; round", "nobody is rung"),
    (replace(SERVICE, urgency=replace(RAISED, hours=MANY), resolve_after=HOUR), "15 windows", "nobody is rung"),
    (replace(SERVICE, acknowledge_within=MINUTE / 2), "at least 1 minute before it rings again", "acknowledged"),
    (levels(Level((ANNA,), TEN, block(notify="all")), team=None), "and this policy has none", "owner team"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "error", "warning"), BOTH)
def test_some_of_it_cannot_be_held(wanted: Resource, error: str, warning: str) -> None:
    found = sorted(said(wanted), reverse=True)
    assert [fate for fate, _ in found] == ["cannot", "approximated"]
    assert error in found[0][1]
    assert warning in found[1][1]


def test_hours_may_be_many_where_only_their_starts_count() -> None:
    assert [fate for fate, _ in said(replace(SERVICE, urgency=replace(RAISED, hours=MANY)))] == ["approximated"]


def test_only_what_is_low_outside_can_be_raised() -> None:
    found = said(replace(SERVICE, urgency=replace(RAISED, during="low", outside="high")))
    assert [(fate, "during: high, outside: low" in text) for fate, text in found] == [("cannot", True)]


def test_two_rotations_of_one_name_are_both_wrong() -> None:
    found = said(replace(DUTY, rotations=(replace(TURNS, name="a"), replace(TURNS, name="a"))))
    assert found == [("cannot", "schedule s: two rotations are named 'a'; give each a name of its own")] * 2


def test_the_accounts_zone_is_asked_for_where_it_matters() -> None:
    found = said(replace(SERVICE, urgency=HOURS), Known())
    assert found[0][0] == "approximated"
    assert "these hours are right if that is Europe/Vienna" in found[0][1]
    assert "write `time_zone` under `providers` in oncall.yaml" in found[0][1]
    assert len(said(replace(SERVICE, urgency=ConstantUrgency("high")), Known())) == 0
    hours = routing({"hours": "Mon-Fri 09:00-18:00", "to": "x"})
    assert "in no time zone; write `time_zone`" in said(hours, Known())[0][1]


def test_low_is_said_with_the_accounts_own_priority() -> None:
    known = Known(low_priority="P5")
    assert "priority P5" in said(replace(SERVICE, urgency=ConstantUrgency("low")), known)[0][1]
