"""What is declared, in the form in which it is read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from oncall_sync.model import (
    ABSENT,
    ALWAYS,
    AcceptFrom,
    ByPriority,
    ConstantUrgency,
    EscalationPolicy,
    Follows,
    Integration,
    Level,
    Live,
    Member,
    Ref,
    Rotation,
    Route,
    Schedule,
    Service,
    SupportHours,
    Team,
    User,
)
from oncall_sync.rota.hours import complement, merge
from oncall_sync_opsgenie.normal import normalized
from oncall_sync_opsgenie.wire import Known

KNOWN = Known(account="acme", time_zone="Europe/Vienna")
ANNA, BEN = Ref("user", "anna"), Ref("user", "ben")
OPS, MAIN, DUTY = Ref("team", "ops"), Ref("escalation_policy", "main"), Ref("schedule", "duty")
TEN = timedelta(minutes=10)
OFFICE = merge((day * 1440 + 540, day * 1440 + 1080) for day in range(5))
TEAM = Team(ref=OPS, name="Ops")
SERVICE = Service(ref=Ref("service", "shop"), name="Shop", team=OPS, escalation_policy=MAIN)
TURNS = Rotation(members=(ANNA, BEN), start=datetime(2026, 1, 5, 9), every=timedelta(weeks=1), until=None)
LADDER = EscalationPolicy(ref=MAIN, name="Main", team=OPS, levels=(Level((ANNA,), TEN), Level((DUTY,), TEN)))


def block(**keys: Any) -> dict[str, dict[str, Any]]:
    return {"opsgenie": keys}


def one(wanted: Any, live: Live | None = None) -> Any:
    """The normal form, of which the normal form is itself."""
    found = normalized(wanted, live, KNOWN)
    assert normalized(found, live, KNOWN) == found
    return found


def test_a_person_stays_as_is() -> None:
    user = User(ref=ANNA, name="Anna", email="anna@example.com")
    assert one(user) is user


@pytest.mark.parametrize(
    ("role", "held"),
    [
        *((ABSENT, "user"), ("manager", "admin"), ("responder", "user"), ("observer", "user")),
        *(("admin", "admin"), ("user", "user"), ("our own", "our own")),
    ],
)
def test_roles_are_called_as_here(role: Any, held: str) -> None:
    assert one(replace(TEAM, members=(Member(ANNA, role),))).members == (Member(ANNA, held),)


def test_a_new_team_notifies_nobody_unless_somebody_said_whom() -> None:
    found = one(replace(TEAM, description="text \n", settings={"pagerduty": {"tags": ["x"]}}))
    assert (found.pages, found.routes, found.members, found.settings) == (None, (), ABSENT, {})
    assert found.description == "text"
    assert one(replace(TEAM, pages=MAIN)).pages == MAIN
    other = Ref("escalation_policy", "other")
    assert one(replace(TEAM, pages=MAIN, settings=block(route_to="other"))).pages == other
    assert one(replace(TEAM, pages=MAIN, settings=block(route_to="none"))).pages is None


def test_a_block_becomes_routes() -> None:
    items = [
        {"name": "urgent", "priority": ["P2", "P1"], "to": "main"},
        {"hours": "Mon-Fri 09:00-18:00", "to": "main"},
        {"priority": "P5", "hours": ["Sat 09:00-18:00"], "time_zone": "UTC", "to": "none"},
        {"to": "none"},
    ]
    found = one(replace(TEAM, settings=block(routing=items)))
    assert found.settings == {}
    assert found.routes == (
        Route(name="urgent", to=MAIN, priorities=("P1", "P2")),
        Route(name="any priority, Mon-Fri 09:00-18:00", to=MAIN, hours=OFFICE, time_zone="Europe/Vienna"),
        Route(
            name="P5, Sat 09:00-18:00",
            to=None,
            priorities=("P5",),
            hours=merge([(5 * 1440 + 540, 5 * 1440 + 1080)]),
            time_zone="UTC",
        ),
        Route(name="any priority", to=None),
    )


def test_rules_that_have_no_words_stay_where_they_are() -> None:
    odd = [Route(name=name, to=None, other='{"type": "match-all-conditions"}') for name in "ab"]
    rules = (odd[0], Route(name="old", to=None), odd[1])
    there = replace(TEAM, description=None, team=None, routes=rules, pages=None)
    live = Live(remote_id="T", resource=there)
    asked = replace(TEAM, settings=block(routing=[{"name": "new", "to": "main"}, {"name": "b", "to": "main"}]))
    assert [route.name for route in one(asked, live).routes] == ["a", "new", "b"]
    assert one(asked, live).routes[2].other is None
    assert one(replace(TEAM, settings=block(routing=[])), live).routes == (odd[0], odd[1])
    assert one(there, live) == there


def test_a_block_that_is_wrong_is_left_to_the_objections() -> None:
    wrong = block(routing=[{"hours": "never"}])
    assert one(replace(TEAM, settings=wrong)).settings == wrong
    policy = replace(LADDER, settings=block(starts_after="soon"))
    assert one(policy).settings == policy.settings


def test_schedules_get_names_for_rotations_and_lose_what_is_not_kept() -> None:
    wanted = Schedule(
        ref=DUTY,
        name="Duty",
        time_zone="Europe/Vienna",
        rotations=(replace(TURNS, until=ABSENT), replace(TURNS, name="night", members=(ANNA, None))),
        overlap="last_wins",
        follows=Follows(Ref("schedule", "x"), 1),
        settings=block(leftovers=["old (being replaced)"]),
    )
    found = one(wanted)
    assert [rotation.name for rotation in found.rotations] == ["Rotation 1", "night"]
    assert (found.rotations[0].until, found.rotations[1].members) == (None, (ANNA, None))
    assert (found.overlap, found.follows, found.settings, found.team) == ("everyone", None, {}, None)


def test_an_owner_team_stays() -> None:
    for wanted in (LADDER, Schedule(ref=DUTY, name="Duty", time_zone="UTC"), SERVICE):
        live = Live(remote_id="X", resource=wanted)
        there = replace(live, resource=replace(wanted, team=OPS))
        assert one(replace(wanted, team=None), there).team == OPS
        assert one(replace(wanted, team=ABSENT), there).team == OPS
        assert one(replace(wanted, team=None)).team is None
        assert one(replace(wanted, team=Ref("team", "b")), there).team == Ref("team", "b")


def test_the_last_level_waits_only_for_another_pass() -> None:
    found = one(LADDER)
    assert [level.escalate_after for level in found.levels] == [TEN, ABSENT]
    assert found.repeat == 0
    again = one(replace(LADDER, repeat=2, levels=(Level((ANNA,)), Level((DUTY,)))))
    assert [level.escalate_after for level in again.levels] == [timedelta(minutes=30)] * 2
    assert again.repeat == 2


@pytest.mark.parametrize(
    ("level", "held"),
    [
        (Level((ANNA,), TEN, block(notify="next")), {}),
        (Level((DUTY,), TEN, block(notify="next")), {"notify": "next"}),
        (Level((ANNA,), TEN, block(notify="admins", condition="not_closed")), None),
        (Level((ANNA,), TEN, block(condition="not_acked")), {}),
        (Level((ANNA,), TEN, block(also=[{"type": "user", "id": "gone", "notifyType": "next"}])), {}),
        (Level((ANNA,), TEN, block(also=[{"type": "team", "id": "T9", "notifyType": "all"}])), None),
    ],
)
def test_settings_of_a_level_that_mean_nothing_there_go(level: Level, held: dict[str, Any] | None) -> None:
    found = one(replace(LADDER, levels=(level, LADDER.levels[1]))).levels[0]
    assert found.settings.get("opsgenie", {}) == (level.settings["opsgenie"] if held is None else held)
    assert found.notify == level.notify
    alone = one(replace(LADDER, team=None, levels=(Level((ANNA,), TEN, block(notify="all")),)))
    assert alone.levels[0].settings == {}


def test_a_policy_that_does_not_repeat_has_nothing_to_close_after() -> None:
    asked = replace(LADDER, settings=block(close_after_repeats=True, starts_after="300s"))
    assert one(asked).settings == asked.settings  # wrong: seconds
    asked = replace(LADDER, settings=block(close_after_repeats=True, starts_after="120m"))
    assert one(asked).settings == block(starts_after="2h")
    assert one(replace(asked, repeat=1)).settings == block(close_after_repeats=True, starts_after="2h")


@pytest.mark.parametrize(
    ("urgency", "held"),
    [
        (ABSENT, ConstantUrgency("high")),
        (ConstantUrgency("low"), ConstantUrgency("low")),
        (ByPriority(("P2", "P1"), ("P3",)), ByPriority(("P1", "P2"), ("P3", "P4", "P5"))),
        (SupportHours(hours=OFFICE, time_zone="UTC"), SupportHours(hours=OFFICE, time_zone="UTC")),
        (
            SupportHours(hours=OFFICE, time_zone="UTC", during="low", outside="high"),
            SupportHours(hours=complement(OFFICE), time_zone="UTC"),
        ),
        (SupportHours(hours=OFFICE, time_zone="UTC", during="low"), ConstantUrgency("low")),
        (SupportHours(hours=ALWAYS, time_zone="UTC", raise_at_start=True), ConstantUrgency("high")),
        (SupportHours(hours=merge([]), time_zone="UTC"), ConstantUrgency("low")),
    ],
)
def test_urgency_has_one_form(urgency: Any, held: Any) -> None:
    assert one(replace(SERVICE, urgency=urgency)).urgency == held


def test_services_have_nothing_absent() -> None:
    found = one(SERVICE)
    assert (found.integrations, found.acknowledge_within, found.resolve_after) == ((), None, None)
    asked = replace(SERVICE, acknowledge_within=timedelta(0), resolve_after=timedelta(hours=4))
    assert (one(asked).acknowledge_within, one(asked).resolve_after) == (None, timedelta(hours=4))
    assert one(replace(SERVICE, settings=block(visibility="TEAM_MEMBERS", tags=["b", "a"]))).settings == block(
        tags=["a", "b"]
    )


def test_integrations_are_held_by_what_opsgenie_keeps() -> None:
    senders = (AcceptFrom("domain", "a"),)
    asked = (
        Integration(name="mail", form="email", email="x@acme.opsgenie.net", accept_from=senders),
        Integration(name="metrics", form="vendor", vendor="Google Cloud Monitoring"),
        Integration(name="api", form="events", settings=block(suppressNotifications=True, deviates=[])),
        Integration(name="odd", form="other"),
    )
    assert one(replace(SERVICE, integrations=asked)).integrations == (
        Integration(name="mail", form="email", email="x"),
        Integration(name="metrics", form="vendor", vendor="Google Stackdriver"),
        Integration(name="api", form="events", settings=block(suppressNotifications=True)),
        Integration(name="odd", form="other"),
    )
