"""What single rules guarantee beyond a planted fault: clocks, names, and what is not judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oncall_sync.model import (
    Away,
    Check,
    Covered,
    Distinct,
    HumanWithin,
    LiveOverride,
    ObservedFirst,
    PlannedAhead,
    Reachable,
    Ref,
    Rings,
)
from oncall_sync.plan.checks import Contacts, evaluate, promises, standing, unknown, without_today
from oncall_sync.plan.checks.ahead import following, weekly
from oncall_sync.plan.checks.handoffs import clock_changes
from oncall_sync.plan.checks.words import cut, days, moment, span
from oncall_sync.rota.scene import Scene
from tests.plan.checks.scenes import HEALTHY, OPSGENIE, SINCE, UNTIL, at, broken, policies, scene

VIENNA = "Europe/Vienna"
DAY = Ref("schedule", "day")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def test_spans_in_words() -> None:
    assert (
        span(at(2026, 11, 28, 18), at(2026, 11, 28, 19), VIENNA) == "Sat 2026-11-28 18:00 to 19:00 Europe/Vienna"
    )
    assert (
        span(at(2026, 11, 27, 18), at(2026, 11, 30, 9), VIENNA)
        == "Fri 2026-11-27 18:00 to Mon 2026-11-30 09:00 Europe/Vienna"
    )
    twice = span(utc("2026-10-25T00:30:00"), utc("2026-10-25T01:30:00"), VIENNA)
    assert twice == "Sun 2026-10-25 02:30+02:00 to 02:30+01:00 Europe/Vienna"
    assert moment(utc("2026-11-28T00:00:07"), "Asia/Kolkata") == "Sat 2026-11-28 05:30:07 Asia/Kolkata"


def test_lists_are_cut() -> None:
    assert cut(["a", "b", "c"], 3) == "a; b; c"
    assert cut(list("abcdefghijklmno"), 3) == "a; b; c; and 12 more"
    assert [days(found) for found in ({0, 1, 2, 3, 4}, {0, 2}, {5, 6}, {3})] == [
        "Mon-Fri",
        "Mon+Wed",
        "Sat+Sun",
        "Thu",
    ]


@pytest.mark.parametrize(
    ("first", "instants"),
    [
        (utc("2026-03-22T00:00:00"), ["2026-03-22T01:30", "2026-03-29T01:00", "2026-04-05T00:30"]),
        (utc("2026-10-18T00:00:00"), ["2026-10-18T00:30", "2026-10-25T00:30", "2026-11-01T01:30"]),
    ],
)
def test_a_weekly_moment_in_a_skipped_or_repeated_hour(first: datetime, instants: list[str]) -> None:
    sunday = 6 * 1440 + 150
    found = list(weekly(sunday, VIENNA, first, first + timedelta(days=15)))
    assert [f"{each:%Y-%m-%dT%H:%M}" for each in found] == instants
    assert following(sunday, VIENNA, found[1]) == found[2]
    assert list(weekly(sunday, VIENNA, found[0], found[2])) == found[:2]


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        (VIENNA, (2026, 3, 29), ("2026-03-29T01:00:00", "02:00", "03:00", True)),
        (VIENNA, (2026, 10, 25), ("2026-10-25T01:00:00", "02:00", "03:00", False)),
        ("Australia/Lord_Howe", (2026, 4, 5), ("2026-04-04T15:00:00", "01:30", "02:00", False)),
        ("Australia/Lord_Howe", (2026, 10, 4), ("2026-10-03T15:30:00", "02:00", "02:30", True)),
    ],
)
def test_clock_changes(zone: str, day: tuple[int, ...], expected: tuple[str, str, str, bool]) -> None:
    noon = datetime(*day, 12, 0, 0, 5, tzinfo=UTC)  # type: ignore[misc,arg-type]
    (change,) = clock_changes(zone, noon - timedelta(days=10), noon + timedelta(days=10))
    found = (f"{change.at:%Y-%m-%dT%H:%M:%S}", f"{change.first:%H:%M}", f"{change.last:%H:%M}", change.skipped)
    assert found == expected
    assert clock_changes("UTC", noon - timedelta(days=400), noon) == ()


def test_a_handoff_at_the_edge_of_the_gap_is_skipped_or_not() -> None:
    def told(clock: str, since: datetime) -> list[str]:
        odd = f"odd: {{rotations: {{members: [ana, ben], start: Sun 2026-01-04 {clock}, every: 1 week}}}}"
        declared = policies(HEALTHY.replace("schedules:\n", f"schedules:\n  {odd}\n"))
        return [b.rule for b in standing(scene(declared), declared, since, since + timedelta(days=14))]

    spring, autumn = at(2026, 3, 23), at(2026, 10, 19)
    assert [told(clock, spring) for clock in ("01:59", "02:00", "03:00")] == [[], ["handoff-dst"], []]
    assert [told(clock, autumn) for clock in ("01:59", "02:00", "03:00")] == [[], ["handoff-dst"], []]


def test_swaps_at_the_provider_count_and_no_id_is_ever_told() -> None:
    declared = policies()
    swap = LiveOverride(since=at(2026, 11, 24, 9), until=at(2026, 11, 24, 12), user_id="PXYZ")
    there = replace(scene(declared), overrides={DAY: (swap,)})
    found = evaluate(declared.checks, there, SINCE, UNTIL)
    assert [b.rule for b in found] == ["eligible"]
    assert "somebody who is not declared is on call for schedule day without vpn" in found[0].message
    assert "PXYZ" not in found[0].message
    named = evaluate(declared.checks, there, SINCE, UNTIL, None, lambda ref: "eve" if ref.remote else ref.key)
    assert named[0].message.startswith(
        "eve is on call for schedule day without vpn: Tue 2026-11-24 09:00 to 12:00"
    )


def test_a_promise_of_a_service_is_judged_once_and_with_its_place() -> None:
    declared = policies(HEALTHY.replace("human_within: 45m", "human_within: 10m"))
    for asked in (declared.checks, tuple(promises(declared))):
        (only,) = evaluate(asked, scene(declared), SINCE, UNTIL)
        assert (only.rule, only.ref) == ("human_within", Ref("service", "alerts"))


def test_low_incidents_escalate_where_the_provider_does_that() -> None:
    declared = policies(HEALTHY.replace("limit: 45m", "limit: 20m"))
    check = next(c for c in declared.checks if isinstance(c, HumanWithin))
    (some,) = evaluate([check], scene(declared), SINCE, UNTIL)[:1]
    assert len(some.spans) == 20
    (always,) = evaluate([check], scene(declared, {"pagerduty": OPSGENIE}), SINCE, UNTIL)[:1]
    assert always.spans == ((SINCE, UNTIL),)
    assert "(urgency high or low)" in always.message


def test_nobody_at_all_breaks_a_promise_of_time_and_says_what_becomes_of_the_event() -> None:
    text = HEALTHY.replace("      - {notify: {user: boss}, escalate_after: 15m}\n", "").replace(
        "      - {notify: {user: lead}, escalate_after: 15m}\n", ""
    )
    text = text.replace("hours: {outside: office}}", "hours: [Mon-Thu 18:00-09:00, Fri 18:00 - Mon 08:30]}")
    declared = policies(text)
    found = [b for b in broken(declared) if b.rule in ("human_within", "policy-gap")]
    assert sorted((b.rule, str(b.ref)) for b in found) == [
        ("human_within", "service.alerts"),
        ("human_within", "service.mail"),
        ("policy-gap", "service.alerts"),
        ("policy-gap", "service.mail"),
    ]
    for one in found:
        assert (one.since, one.until) == (at(2026, 11, 23, 8, 30), at(2026, 11, 23, 9))
        assert "pagerduty drops the event" in one.message
    (other,) = evaluate([], scene(declared, {"pagerduty": OPSGENIE}), SINCE, SINCE + timedelta(days=2))
    assert "An incident is made then, and nobody hears of it" in other.message


def test_one_level_is_told_of_as_one_person_only_if_it_always_is() -> None:
    def lone(notify: str) -> list[str]:
        policy = f"  lone: {{levels: {{notify: {notify}}}}}\nservices:\n"
        declared = policies(HEALTHY.replace("services:\n", policy))
        return [b.rule for b in standing(scene(declared), declared, SINCE, UNTIL)]

    assert lone("{user: lead}") == ["single-person"]
    assert lone("[{schedule: day}, {schedule: night}]") == []
    assert lone("[{user: lead}, {user: boss}]") == []


def test_a_follower_meets_its_leader_across_rotations_and_beyond_the_span() -> None:
    two = (
        "pair: {rotations: [{members: [ana, ben], start: Mon 2026-01-05 09:00, every: 1 week},"
        " {members: [cy, dan, OTHER], start: Mon 2026-01-05 09:00, every: 1 week}]}\n"
        "  shadow: {follows: pair, offset: 1}\n"
    )

    def found(other: str) -> list[tuple[str, datetime | None]]:
        declared = policies(HEALTHY.replace("schedules:\n", f"schedules:\n  {two.replace('OTHER', other)}"))
        told = standing(scene(declared), declared, SINCE, SINCE + timedelta(days=1))
        return [(b.rule, b.since) for b in told]

    assert found("zoe") == []
    # ana is next in the second rotation just after her turn in the first: in the week after the span
    assert found("ana") == [("follows-same", at(2026, 11, 30, 9))]


def test_away_is_read_in_the_persons_own_zone() -> None:
    declared = policies()
    dan = replace(
        declared.users["dan"],
        time_zone="America/Chicago",
        away=(Away(datetime(2026, 12, 1, 2), datetime(2026, 12, 1, 4)),),
    )
    declared = replace(declared, users={**declared.users, "dan": dan})
    found = [b for b in standing(scene(declared), declared, SINCE, UNTIL) if b.rule == "away-on-call"]
    assert [(b.ref, b.since, b.until) for b in found] == [(DAY, at(2026, 12, 1, 9), at(2026, 12, 1, 11))]


def test_somebody_named_in_a_level_who_is_away_is_on_call_too() -> None:
    text = HEALTHY.replace("lead@example.com", "lead@example.com, away: [{since: 2026-12-01, until: 2026-12-03}]")
    (only,) = broken(policies(text))
    assert (only.rule, only.ref) == ("away-on-call", Ref("escalation_policy", "chain"))
    assert (only.since, only.until) == (at(2026, 12, 1), at(2026, 12, 3))


def test_the_first_assignment_of_all_needs_no_observer_and_a_gap_none_more() -> None:
    declared = policies()
    roster = declared.schedules["roster"]
    check = ObservedFirst(schedule=roster.ref)

    def told(*turns: tuple[int, str, str]) -> list[str]:
        assigned = tuple(
            replace(
                roster.assignments[0],
                since=datetime(2026, 11, day),
                until=datetime(2026, 11, day + 2),
                on_call=tuple(Ref("user", key) for key in crew.split()),
                observers=tuple(Ref("user", key) for key in watching.split()),
            )
            for day, crew, watching in turns
        )
        there = Scene(schedules={roster.ref: replace(roster, assignments=assigned)})
        found = evaluate([check], there, at(2026, 11, 1), at(2026, 12, 1))
        return [b.message.split(" has a first turn")[0].rpartition(" ")[2] for b in found]

    assert told((2, "ana ben", "")) == []
    assert told((2, "ana", "ben"), (10, "ben", "")) == []
    assert told((2, "ana", "cy"), (4, "ana", ""), (6, "cy ben", "")) == ["cy", "ben"]
    assert told((2, "ana", "cy"), (4, "cy", ""), (6, "ana cy", "")) == []
    assert told((6, "cy", ""), (2, "ana", "cy")) == []


def test_planned_ahead_looks_past_the_span() -> None:
    declared = policies()
    check = next(c for c in declared.checks if isinstance(c, PlannedAhead))
    by = at(2027, 1, 4, 17)
    (only,) = evaluate([check], scene(declared), by, by + timedelta(minutes=1))
    assert (only.since, only.until) == (by, at(2027, 1, 6, 9))
    assert evaluate([check], scene(declared), by - timedelta(hours=1), by) == []


def test_who_is_missing_from_the_contacts_cannot_be_reached() -> None:
    check = Reachable(schedule=DAY, by=("phone",))
    there = scene(policies())
    known = {Ref("user", key): Contacts(frozenset({"phone", "email"})) for key in ("ana", "ben", "dan")}
    (only,) = evaluate([check], there, SINCE, UNTIL, known)
    assert only.message.startswith("cy is on call for schedule day and cannot be reached by phone: Mon 2026-11-23")
    assert evaluate([check], there, SINCE, UNTIL) == []


def test_what_is_not_in_the_scene_is_not_judged() -> None:
    declared = policies()
    theirs = Ref("service", "theirs")
    checks: list[Check] = [
        Rings(service=theirs, at=0, time_zone=VIENNA),
        HumanWithin(service=theirs, limit=timedelta(0)),
        Covered(target=Ref("schedule", "gone"), at_least=1),
        Distinct(schedules=(DAY, Ref("schedule", "gone"))),
        ObservedFirst(schedule=DAY),
    ]
    there = scene(declared)
    assert evaluate(checks, there, SINCE, UNTIL) == without_today(checks, there) == []
    assert [f.message.partition(": ")[2] for f in unknown(checks, there)] == [
        "who is on call for service theirs is not known here",
        "who is on call for service theirs is not known here",
        "who is on call for schedule gone is not known here",
        "who is on call for schedule gone is not known here",
        "schedule day has no assignments, so nothing says who observed",
    ]
