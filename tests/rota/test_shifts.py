"""Who rings, against the oracle and against what the handbooks promise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import Assignment, Away, LiveOverride, Override, Ref, User
from oncall_sync.rota import stack
from oncall_sync.rota.hours import DAY, complement, merge
from oncall_sync.rota.shifts import Shift, ringing_at, shifts
from tests.rota import oracle
from tests.rota.samples import ANA, BEN, CY, DAN, OFFICE, people, rotation, schedule, schedules

MONDAY = datetime(2026, 1, 5)
HOUR = timedelta(hours=1)
DAYS = [timedelta(days=n) for n in range(8)]


def at(*parts, zone="Europe/Vienna"):
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def keys(users):
    return " ".join(sorted(user.key for user in users))


def told(found):
    return [(shift.since, shift.until, shift.users) for shift in found]


def well_formed(found, since, until):
    assert (found[0].since, found[-1].until) == (since, until)
    assert all(one.until == other.since and one.users != other.users for one, other in pairwise(found))
    assert all(shift.since < shift.until and shift.since.tzinfo is UTC for shift in found)
    assert all(shift.why for shift in found)


@st.composite
def questions(draw):
    made, around = draw(schedules())
    since = around.replace(tzinfo=UTC) + timedelta(minutes=draw(st.integers(-36 * 60, 20 * 60)))
    until = since + timedelta(minutes=draw(st.integers(1, 2 * DAY)))
    live = []
    for _ in range(draw(st.integers(0, 2))):
        begin = since + timedelta(minutes=draw(st.integers(-300, DAY)))
        end = begin + timedelta(minutes=draw(st.integers(0, DAY)))
        live.append(LiveOverride(since=begin, until=end, user_id=draw(st.sampled_from(["P1", "P2"]))))
    return made, since, until, draw(people(around)), live


@settings(max_examples=60, deadline=None)
@given(questions())
def test_every_minute_is_what_the_oracle_says(question):
    made, since, until, who, live = question
    refs = {"P1": ANA, "P2": DAN}
    found = list(shifts(made, since, until, people=who, live=live, refs=refs))
    well_formed(found, since, until)
    assert told(found) == oracle.rendered(made, since, until, who, live, refs)


@settings(max_examples=15, deadline=None)
@given(questions(), st.integers(0, 2 * DAY))
def test_one_instant_is_the_same_as_its_shift(question, minute):
    made, since, until, who, live = question
    moment = since + timedelta(minutes=minute % ((until - since) // oracle.MINUTE))
    whole = next(s for s in shifts(made, since, until, people=who, live=live) if s.since <= moment < s.until)
    assert ringing_at(made, moment, people=who, live=live).users == whole.users


ON_CALL = schedule(
    rotation("ana ben cy dan", datetime(2026, 1, 5, 9), DAYS[7], hours=OFFICE, name="daily"),
    rotation("ben cy dan ana", datetime(2026, 1, 2, 18), DAYS[7], hours=complement(OFFICE), name="duty"),
)


@pytest.mark.parametrize(
    ("friday", "hours"),
    [(datetime(2026, 3, 27, 18), 62), (datetime(2026, 10, 23, 18), 64), (datetime(2026, 5, 1, 18), 63)],
)
def test_mobile_engage_weekends_last_from_friday_to_monday_by_the_clock(friday, hours):
    begin, end = at(*friday.timetuple()[:5]), at(*(friday + DAYS[2] + 15 * HOUR).timetuple()[:5])
    found = list(shifts(ON_CALL, begin - HOUR, end + HOUR))
    assert [(shift.since, shift.until) for shift in found[1:-1]] == [(begin, end)]
    assert end - begin == hours * HOUR
    assert found[1].why == "rotation duty"


def test_mobile_engage_is_covered_by_exactly_one_person_all_year():
    found = list(shifts(ON_CALL, at(2026, 1, 5, 9), at(2027, 1, 4, 9)))
    assert {len(shift.users) for shift in found} == {1}
    assert keys(found[0].users) == "ana"
    assert len(found) == 52 * 10


@pytest.mark.parametrize(
    ("monday", "utc_hour"),
    [
        (datetime(2026, 3, 2), 16),
        (datetime(2026, 3, 9), 15),
        (datetime(2026, 10, 26), 15),
        (datetime(2026, 11, 2), 16),
    ],
)
def test_delivery_hands_off_at_ten_central_on_both_sides(monday, utc_hour):
    eoc = schedule(rotation("ana ben cy", datetime(2026, 1, 5, 10), DAYS[7]), zone="America/Chicago")
    since = monday.replace(tzinfo=UTC)
    found = list(shifts(eoc, since, since + DAYS[2]))
    assert [shift.since.hour for shift in found] == [0, utc_hour]
    assert found[1].since.astimezone(ZoneInfo("America/Chicago")).hour == 10


def test_a_handoff_in_a_skipped_hour_is_after_the_gap_and_in_a_repeated_one_at_its_first():
    made = schedule(rotation("ana ben", datetime(2026, 3, 28, 2, 30), DAYS[1]))
    spring = list(shifts(made, at(2026, 3, 29, 0), at(2026, 3, 29, 12)))
    assert spring[1].since == datetime(2026, 3, 29, 1, tzinfo=UTC)
    autumn = list(shifts(made, at(2026, 10, 25, 0), at(2026, 10, 25, 12)))
    assert autumn[1].since == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_what_lies_in_a_skipped_hour_does_not_ring():
    early = merge([(6 * DAY + 130, 6 * DAY + 170)])
    made = schedule(rotation("ana ben", MONDAY, DAYS[7], hours=early))
    assert [s.why for s in shifts(made, at(2026, 3, 29, 0), at(2026, 3, 29, 12))] == ["nobody"]
    assert len(list(shifts(made, at(2026, 4, 5, 0), at(2026, 4, 5, 12)))) == 3


def test_a_span_that_ends_within_the_repeated_hour():
    since, until = datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    made = schedule(rotation("ana ben", datetime(2026, 10, 24, 2, 30), DAYS[1]))
    found = list(shifts(made, since, until))
    assert told(found) == oracle.rendered(made, since, until)
    assert found[-1].until == until
    assert list(shifts(made, until, until)) == list(shifts(made, until, since)) == []


def test_lord_howe_turns_back_half_an_hour():
    made = schedule(rotation("ana ben", datetime(2026, 4, 4, 1, 45), DAYS[1]), zone="Australia/Lord_Howe")
    found = list(shifts(made, datetime(2026, 4, 4, 0, tzinfo=UTC), datetime(2026, 4, 5, 23, tzinfo=UTC)))
    assert [s.since for s in found[1:]] == [
        datetime(2026, 4, 4, 14, 45, tzinfo=UTC),
        datetime(2026, 4, 5, 15, 15, tzinfo=UTC),
    ]


def layered(overlap, top):
    base = rotation("ana", MONDAY, DAYS[7])
    return schedule(base, replace(rotation("ben", MONDAY, DAYS[1], name="top"), members=top), overlap=overlap)


def reasons(made, **more):
    return [(keys(s.users), s.why) for s in shifts(made, at(2026, 1, 5), at(2026, 1, 7), **more)]


def test_rotations_ring_together_or_cover_each_other():
    assert reasons(layered("everyone", (BEN, None))) == [
        ("ana ben", "rotation 1; rotation top"),
        ("ana", "rotation 1"),
    ]
    assert reasons(layered("last_wins", (BEN, None))) == [("ben", "rotation top"), ("ana", "rotation 1")]
    assert reasons(layered("last_wins", (None, None))) == [("ana", "rotation 1")]


def test_whether_a_vacant_turn_covers_is_one_switch(monkeypatch):
    monkeypatch.setattr(stack, "VACANT_COVERS", True)
    assert [who for who, _ in reasons(layered("last_wins", (BEN, None)))] == ["ben", ""]


def test_nobody_says_why():
    alone = replace(layered("everyone", (None,)), rotations=layered("everyone", (None,)).rotations[1:])
    assert reasons(alone) == [("", "vacant turn of rotation top")]
    assert reasons(schedule()) == [("", "nobody")]
    unnamed = schedule(rotation("ana", MONDAY + DAYS[1], DAYS[7]))
    assert reasons(unnamed) == [("", "nobody"), ("ana", "rotation")]


ROSTER = schedule(
    rotation("dan", MONDAY, DAYS[7]),
    assignments=(
        Assignment(
            since=MONDAY + 12 * HOUR,
            until=MONDAY + DAYS[1] + 12 * HOUR,
            on_call=(ANA, BEN),
            fallback=(CY,),
            observers=(Ref("user", "zoe"),),
        ),
    ),
)


def person(ref, **more):
    return {ref: User(ref=ref, name=ref.key, email=f"{ref.key}@example.com", **more)}


def test_an_assignment_rings_instead_of_turns_and_observers_never():
    assert reasons(ROSTER) == [("dan", "rotation"), ("ana ben", "assignment"), ("dan", "rotation")]


def test_a_fallback_joins_while_somebody_is_away_or_off():
    away = person(ANA, away=(Away(MONDAY + 18 * HOUR, MONDAY + 20 * HOUR),)) | person(CY, works=frozenset())
    assert [who for who, _ in reasons(ROSTER, people=away)] == ["dan", "ana ben", "ana ben cy", "ana ben", "dan"]
    off = person(BEN, works=frozenset({0, 2, 3, 4}))
    assert reasons(ROSTER, people=off)[1:3] == [
        ("ana ben", "assignment"),
        ("ana ben cy", "assignment; fallback for ben"),
    ]


def test_people_are_away_by_their_own_clock():
    ana = User(
        ref=ANA,
        name="ana",
        email="ana@example.com",
        time_zone="America/Chicago",
        away=(Away(datetime(2026, 12, 1, 2), datetime(2026, 12, 1, 4)),),
    )
    roster = schedule(
        assignments=(
            Assignment(since=datetime(2026, 11, 30), until=datetime(2026, 12, 3), on_call=(ANA,), fallback=(CY,)),
        )
    )
    found = shifts(roster, at(2026, 11, 30), at(2026, 12, 2), people={ANA: ana})
    joined = [(shift.since, shift.until) for shift in found if CY in shift.users]
    assert joined == [
        (datetime(2026, 12, 1, 8, tzinfo=UTC), datetime(2026, 12, 1, 10, tzinfo=UTC)),
    ]


def test_assignments_at_the_same_time_ring_together():
    both = replace(ROSTER, assignments=(*ROSTER.assignments, replace(ROSTER.assignments[0], on_call=(DAN,))))
    assert [who for who, _ in reasons(both)] == ["dan", "ana ben dan", "dan"]


def swap(begin, end, user, instead_of=None):
    return Override(since=MONDAY + begin * HOUR, until=MONDAY + end * HOUR, user=user, instead_of=instead_of)


def test_an_override_replaces_whoever_would_ring_also_nobody():
    made = schedule(rotation("ana", MONDAY + 12 * HOUR, DAYS[7]), overrides=(swap(6, 18, BEN),))
    assert reasons(made) == [("", "nobody"), ("ben", "override"), ("ana", "rotation")]


def test_an_override_instead_of_one_person_replaces_only_that_person():
    pair = (rotation("ana ben", MONDAY, DAYS[1], name="a"), rotation("dan", MONDAY, DAYS[1], name="b"))
    made = schedule(*pair, overrides=(swap(12, 36, CY, instead_of=ANA), swap(18, 24, BEN, instead_of=CY)))
    assert reasons(made) == [
        ("ana dan", "rotation a; rotation b"),
        ("cy dan", "rotation a; rotation b; override instead of ana"),
        ("ben dan", "rotation a; rotation b; override instead of ana; override instead of cy"),
    ]


def live(begin, end, user_id):
    return LiveOverride(since=at(2026, 1, 5) + begin * HOUR, until=at(2026, 1, 5) + end * HOUR, user_id=user_id)


def test_live_overrides_replace_everything_and_the_later_in_the_list_holds():
    made = schedule(rotation("ana", MONDAY, DAYS[7]), overrides=(swap(0, 48, DAN),))
    overrides = [live(12, 24, "P1"), live(10, 14, "P2"), live(20, 20, "P2"), live(23, 22, "P2")]
    assert reasons(made, live=overrides, refs={"P1": CY}) == [
        ("dan", "override"),
        ("P2", "override at the provider"),
        ("cy", "override at the provider"),
        ("dan", "override"),
    ]
    found = list(shifts(made, at(2026, 1, 5), at(2026, 1, 7), live=overrides))
    assert found[1].users == {Ref("user", "P2", remote=True)}


def test_neighbours_with_the_same_people_are_one_shift():
    made = schedule(rotation("ana", MONDAY, 12 * HOUR, name="a"), overrides=(swap(12, 13, ANA),))
    assert list(shifts(made, at(2026, 1, 5), at(2026, 1, 6))) == [
        Shift(at(2026, 1, 5), at(2026, 1, 6), frozenset({ANA}), "rotation a; override")
    ]


def test_instants_in_other_zones_are_the_same_instants():
    zone = ZoneInfo("America/Chicago")
    since, until = at(2026, 1, 5), at(2026, 1, 7)
    assert list(shifts(ON_CALL, since.astimezone(zone), until.astimezone(zone))) == list(
        shifts(ON_CALL, since, until)
    )


def test_shifts_come_one_by_one_however_far_the_end_is():
    far = datetime(9000, 1, 1, tzinfo=UTC)
    overrides = [live(12, 24, "P1")]
    for made in (ON_CALL, replace(ON_CALL, rotations=ON_CALL.rotations[:1])):
        assert len(list(islice(shifts(made, at(2026, 1, 5), far, live=overrides), 100))) == 100
