"""One rotation as two: published turns stay, the wanted ones follow, and the ended one may go."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from oncall_sync.model import ABSENT, Ref, Rotation
from oncall_sync.policy.load import loads
from oncall_sync.rota.equal import same_rings
from oncall_sync.rota.hours import NEVER
from oncall_sync.rota.least_two import TwoForms, two_rotations
from oncall_sync.rota.shifts import shifts
from oncall_sync.rota.wall import to_instant
from tests.rota import oracle
from tests.rota.samples import ANA, CY, OFFICE, PEOPLE, crew, rotation, schedule, weekly

MONDAY = datetime(2026, 1, 5, 9)
SIX_AM = datetime(2026, 1, 5, 6)
SIX = timedelta(hours=6)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
EVERY = [WEEK, WEEK / 14, DAY, 2 * DAY, 2 * WEEK]
ZONES = ["UTC", "Europe/Vienna", "Australia/Lord_Howe"]


def label(ref: Ref) -> str:
    return ref.key


@st.composite
def one(draw, until):
    """A rotation whose edges lie whole six hours from `SIX_AM`; its start may be past or future."""
    every = draw(st.sampled_from(EVERY))
    start = SIX_AM + SIX * draw(st.integers(-300, 150))
    return Rotation(
        members=tuple(draw(st.lists(st.sampled_from([*PEOPLE, None]), min_size=1, max_size=4))),
        start=start,
        every=every,
        hours=draw(weekly(360)),
        until=draw(st.sampled_from([ABSENT, None, start + SIX * draw(st.integers(1, until))])),
    )


@st.composite
def edits(draw):
    """The rotation as it was, which may be a live one, the wanted one and now."""
    before = draw(one(500))
    if draw(st.integers(0, 3)) == 0:
        before = replace(before, since=before.start + SIX * draw(st.integers(-60, 60)))
    wanted = draw(one(3000))
    if draw(st.booleans()):
        wanted = replace(before, members=wanted.members, until=ABSENT, since=None)
    return before, wanted, SIX_AM + SIX * draw(st.integers(0, 200)) + draw(st.sampled_from([SIX * 0, SIX / 5]))


@settings(max_examples=35, deadline=None)
@given(edits(), st.sampled_from(ZONES))
def test_as_before_until_the_handover_and_as_wanted_from_then_on(edit, zone):
    before, wanted, now = edit
    forms = two_rotations(before, wanted, now)
    event(f"two {forms is not None}")
    if forms is None:
        return
    at, found = forms.handover, schedule(forms.old, forms.new, zone=zone)
    assert forms.new.start == at >= now
    assert isinstance(forms.old.until, datetime)
    assert (at - wanted.start) % wanted.every == timedelta()
    since, switch = to_instant(now, zone), to_instant(at, zone)
    until = switch + 9 * WEEK
    first = [(s.since, s.until, s.users) for s in shifts(found, since, switch)]
    assert first == [(s.since, s.until, s.users) for s in shifts(schedule(before, zone=zone), since, switch)]
    # As wanted: its members from the first on, at its times, in its hours and up to its end.
    then = schedule(replace(wanted, start=at), zone=zone)
    assert [(s.since, s.until, s.users) for s in shifts(found, switch, until)] == [
        (s.since, s.until, s.users) for s in shifts(then, switch, until)
    ]
    assert same_rings(found, then, switch)
    assert same_rings(found, schedule(forms.new, zone=zone), switch)


@settings(max_examples=36, deadline=None)
@given(edits())
def test_a_second_opinion_every_six_hours(edit):
    before, wanted, now = edit
    forms = two_rotations(before, wanted, now)
    if forms is not None:
        found, at = schedule(forms.old, forms.new), forms.handover
        for wall in (now, *(SIX_AM + n * SIX for n in range((now - SIX_AM) // SIX + 1, 500))):
            expected = schedule(before if wall < at else replace(wanted, start=at))
            assert oracle.rung(found, wall) == oracle.rung(expected, wall)


@settings(max_examples=48, deadline=None)
@given(edits())
def test_it_is_the_first_handover_that_leaves_the_cycle_alone(edit):
    before, wanted, now = edit
    before, wanted = replace(before, until=ABSENT, since=None), replace(wanted, until=ABSENT)
    forms = two_rotations(before, wanted, now)
    end = before.start
    while end <= max(now, before.start):
        end += before.every * len(before.members)
    while wanted.start < end:
        wanted = replace(wanted, start=wanted.start + wanted.every)
    assert forms.handover == forms.old.until == wanted.start


@settings(max_examples=36, deadline=None)
@given(edits(), st.sampled_from([None, "Layer 1", 'a "b" \\ c: #\u0085\U0001f600']))
def test_the_lines_are_read_back_as_the_same_rotations(edit, name):
    before, wanted, now = edit
    forms = two_rotations(replace(before, name=name), replace(wanted, name=name), now)
    # No policy has hours without a minute, nor an end before the start.
    if forms is not None and forms.old.start < forms.old.until and NEVER not in (before.hours, wanted.hours):
        assert read(forms) == tuple(
            replace(each, until=ABSENT if each.until is None else each.until) for each in (forms.old, forms.new)
        )


def read(forms, keys=("ana", "ben", "cy", "dan")):
    """Return the rotations of a policy into which the lines were pasted."""
    users = "".join(f'  "{key}": {{email: u{n}@example.com}}\n' for n, key in enumerate(keys))
    pasted = "".join(f"    {line}\n" for line in forms.yaml)
    text = f"provider: none\ntime_zone: UTC\nusers:\n{users}schedules:\n  s:\n{pasted}"
    return loads({"a.yaml": text}, providers={}).schedules["s"].rotations


def test_one_more_person():
    before = rotation("ana ben cy", MONDAY, WEEK, name="frontend", hours=OFFICE)
    wanted = rotation("dan ana ben cy", MONDAY, WEEK, name="frontend", hours=OFFICE)
    forms = two_rotations(before, wanted, MONDAY + 4 * WEEK + DAY)
    assert forms == TwoForms(
        handover=MONDAY + 6 * WEEK,
        old=replace(before, until=MONDAY + 6 * WEEK),
        new=replace(wanted, start=MONDAY + 6 * WEEK, name="frontend from 2026-02-16"),
    )
    assert forms.yaml == (
        "rotations:",
        '  - name: "frontend"',
        "    members: [ana, ben, cy]",
        "    start: Mon 2026-01-05 09:00",
        "    every: 1 week",
        "    hours: Mon-Fri 09:00-18:00",
        "    until: Mon 2026-02-16 09:00",
        '  - name: "frontend from 2026-02-16"',
        "    members: [dan, ana, ben, cy]",
        "    start: Mon 2026-02-16 09:00",
        "    every: 1 week",
        "    hours: Mon-Fri 09:00-18:00",
    )
    assert forms.said(label) == (
        "every turn stays as it is until Mon 2026-02-16 09:00; from then on the new list, with dan first"
    )
    again = two_rotations(forms.new, replace(forms.new, members=(ANA,)), forms.handover)
    assert (again.handover, again.new.name) == (MONDAY + 10 * WEEK, "frontend from 2026-03-16")


def test_what_may_surprise_is_said():
    before = rotation("ana cy", MONDAY, WEEK)
    twice = two_rotations(before, rotation("cy ana", MONDAY, WEEK), MONDAY)
    assert twice.said(label).endswith("; from then on the new list, with cy first, for a second turn in a row")
    stranger = Ref("user", "PX1", remote=True)
    vacant = Rotation(members=(None, CY), start=MONDAY, every=WEEK)
    forms = two_rotations(replace(before, members=(stranger, ANA, stranger)), vacant, MONDAY)
    assert forms.unknown == (stranger,)
    assert forms.said(label).endswith("with a vacant turn first; PX1 must be declared under users first")
    # Who stopped before the handover has no second turn in a row.
    ended = two_rotations(replace(before, until=MONDAY + DAY), rotation("ana", MONDAY, WEEK), MONDAY)
    assert (ended.handover, ended.old.until) == (MONDAY + WEEK, MONDAY + DAY)
    assert ended.said(label).endswith("with ana first")


def test_other_handoffs_are_waited_for():
    before = rotation("ana ben", MONDAY, WEEK)
    friday = MONDAY + 4 * DAY + timedelta(hours=9)
    forms = two_rotations(before, rotation("ana ben cy", friday, 2 * WEEK), MONDAY)
    assert forms.handover == forms.old.until == friday + 2 * WEEK
    later = two_rotations(before, rotation("ana ben cy", friday + 20 * WEEK, WEEK), MONDAY)
    assert later.handover == later.old.until == friday + 20 * WEEK


def test_live_rotations_are_written_so_that_they_ring_now():
    live = rotation("ana ben cy", MONDAY + 30 * WEEK, WEEK, since=MONDAY - WEEK)
    forms = two_rotations(live, rotation("ana", MONDAY, WEEK), MONDAY + 4 * WEEK)
    assert forms.old == rotation("ana ben cy", MONDAY + 3 * WEEK, WEEK, until=MONDAY + 6 * WEEK)
    assert two_rotations(rotation("ana", MONDAY, WEEK), live, MONDAY).new == rotation(
        "ana ben cy", MONDAY + 30 * WEEK, WEEK
    )
    soon = replace(live, since=MONDAY + 2 * WEEK)
    assert two_rotations(soon, rotation("ana", MONDAY, WEEK), MONDAY).old == rotation(
        "cy ana ben", MONDAY + 2 * WEEK, WEEK, until=MONDAY + 5 * WEEK
    )
    assert two_rotations(replace(soon, since=MONDAY + 15 * DAY), rotation("ana", MONDAY, WEEK), MONDAY) is None


@pytest.mark.parametrize(
    "wanted", [rotation("", MONDAY, WEEK), rotation("ana", MONDAY, WEEK, until=MONDAY + 2 * WEEK)]
)
def test_nothing_to_write(wanted):
    assert two_rotations(rotation("ana ben", MONDAY, WEEK), wanted, MONDAY) is None


def test_a_list_without_people_has_no_cycle_to_wait_for():
    forms = two_rotations(rotation("", MONDAY, WEEK), rotation("ana", MONDAY, DAY), MONDAY + DAY / 2)
    assert forms.handover == MONDAY + DAY
    assert "every turn stays" in forms.said(label)


@pytest.mark.parametrize("every", [(WEEK / 14, "12h"), (DAY, "1 day"), (2 * DAY, "2 days"), (2 * WEEK, "2 weeks")])
def test_keys_and_turns_as_policies_write_them(every):
    length, text = every
    keys = ("null", "d'or: x", "a,b", "1e3", "anna")
    before = Rotation(members=crew(*keys, None), start=MONDAY, every=length)
    forms = two_rotations(before, replace(before, members=before.members[:2]), MONDAY)
    assert forms.yaml[1] == """  - members: ["null", "d'or: x", "a,b", "1e3", anna, nobody]"""
    assert forms.yaml[3] == f"    every: {text}"
    assert read(forms, keys) == (forms.old, forms.new)


def test_other_lengths_are_written_in_hours_or_minutes():
    for length, text in ((timedelta(minutes=90), "90m"), (timedelta(hours=36), "36h"), (3 * DAY, "3 days")):
        before = rotation("ana", MONDAY, length)
        assert two_rotations(before, before, MONDAY).yaml[3] == f"    every: {text}"
