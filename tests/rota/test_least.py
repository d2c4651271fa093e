"""Edits of a rotation's members: what is disturbed, what is offered, and how it is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from oncall_sync.model import ALWAYS, Ref, Rotation
from oncall_sync.rota.hours import NEVER
from oncall_sync.rota.least import Disturbance, disturbance, least
from tests.rota.samples import ANA, BEN, CY, DAN, OFFICE, rotation

MONDAY = datetime(2026, 1, 5, 9)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def label(ref: Ref) -> str:
    return ref.key


def test_one_more_person_in_a_weekly_rotation():
    before = rotation("ana ben cy", MONDAY, WEEK)
    wanted = rotation("ana ben cy dan", MONDAY, WEEK)
    now = MONDAY + 13 * WEEK + 2 * DAY
    # ben now, then cy, then ana: with dan at the end the third week is his.
    assert disturbance(before, wanted, now, 3 * WEEK) == Disturbance(
        weeks_total=3,
        weeks_changed=1,
        turns_total=3,
        turns_changed=1,
        changes_now=False,
        removed=False,
        current_before=BEN,
        current_after=BEN,
    )
    assert least(before, wanted, now, 3 * WEEK) is None


@pytest.mark.parametrize(
    ("weeks", "start", "declared", "offered"),
    [
        (
            12,
            "start: Mon 2025-12-29 09:00",
            "9 of the coming 12 weeks change hands; ana, on call now, hands over to dan in mid-shift",
            "9 of the coming 12 weeks change hands; ana, on call now, stays",
        ),
        (
            1,
            "start: Mon 2025-12-29 09:00",
            "the coming week changes hands; ana, on call now, hands over to dan in mid-shift",
            "the coming week does not change hands; ana, on call now, stays",
        ),
        (
            4,
            "start: Mon 2025-12-29 09:00",
            "4 of the coming 4 weeks change hands; ana, on call now, hands over to dan in mid-shift",
            "1 of the coming 4 weeks changes hands; ana, on call now, stays",
        ),
        (
            3,
            "start: Mon 2025-12-29 09:00",
            "3 of the coming 3 weeks change hands; ana, on call now, hands over to dan in mid-shift",
            "none of the coming 3 weeks changes hands; ana, on call now, stays",
        ),
    ],
)
def test_an_offer_in_words(weeks, start, declared, offered):
    before = rotation("ana ben cy", MONDAY, WEEK)
    wanted = rotation("ana ben cy dan", MONDAY, WEEK)
    offer = least(before, wanted, MONDAY + 3 * WEEK + DAY, weeks * WEEK)
    assert (offer.yaml, offer.declared.said(label), offer.said(label)) == (start, declared, offered)
    assert offer.start == offer.rotation.start == MONDAY - WEEK


def test_turns_are_told_where_they_are_not_weeks():
    before = rotation("ana ben cy", MONDAY, DAY)
    wanted = rotation("ana ben cy dan", MONDAY, DAY)
    found = disturbance(before, wanted, MONDAY + timedelta(hours=1), 2 * WEEK)
    # abc abc abc abc ab against abcd abcd abcd ab: the first three days are the same, and each twelfth from there.
    assert (found.turns_total, found.turns_changed, found.weeks_changed) == (14, 9, 2)
    assert found.said(label) == "2 of the coming 2 weeks change hands (9 of 14 turns); ana, on call now, stays"
    longer = rotation("ana ben", MONDAY, 2 * WEEK), rotation("ana cy", MONDAY, 2 * WEEK)
    found = disturbance(*longer, MONDAY + 8 * DAY, 5 * WEEK)
    # Weeks are one of ana's and two each of ben's, ana's; turns are counted as far as they begin in them.
    assert (found.weeks_total, found.weeks_changed, found.turns_total, found.turns_changed) == (5, 2, 3, 1)


def test_who_was_removed_cannot_be_kept():
    before = rotation("ana ben cy dan", MONDAY, WEEK)
    wanted = rotation("ana cy dan", MONDAY, WEEK)
    offer = least(before, wanted, MONDAY + WEEK + DAY, 3 * WEEK)
    # cy and dan keep their weeks, whatever becomes of ben's.
    assert offer.yaml == "start: Mon 2026-01-12 09:00"
    assert offer.said(label) == (
        "1 of the coming 3 weeks changes hands;"
        " ben, on call now, is no longer a member: with any start the shift under way goes to ana"
    )
    assert offer.offered.removed
    assert offer.offered.changes_now
    assert least(before, offer.rotation, MONDAY + WEEK + DAY, 3 * WEEK) is None


def test_a_handoff_is_not_in_mid_shift():
    before, after = rotation("ana ben", MONDAY, WEEK), rotation("ben ana", MONDAY, WEEK)
    at = disturbance(before, after, MONDAY + WEEK, WEEK)
    assert not at.changes_now
    assert at.said(label).endswith("; ana is on call now instead of ben, whose shift begins now")
    assert disturbance(before, after, MONDAY + WEEK + timedelta(minutes=1), WEEK).changes_now
    without = disturbance(before, rotation("ana", MONDAY, WEEK), MONDAY + WEEK, WEEK)
    assert without.said(label).endswith("ben, whose shift begins now and who is no longer a member")
    assert not without.changes_now
    # ben has two turns in a row: the second is no handoff.
    twice = rotation("ana ben ben", MONDAY, WEEK)
    assert disturbance(twice, after, MONDAY + 2 * WEEK, WEEK).said(label).endswith("ben, on call now, stays")
    assert disturbance(twice, rotation("ana", MONDAY, WEEK), MONDAY + 2 * WEEK, WEEK).changes_now


def test_nobody_counts_as_somebody_else():
    before = rotation("ana ben", MONDAY, WEEK)
    vacant = Rotation(members=(None,), start=MONDAY, every=WEEK)
    now = MONDAY + DAY
    stops = disturbance(before, vacant, now, 2 * WEEK)
    assert (stops.weeks_changed, stops.changes_now, stops.current_after) == (2, True, None)
    assert stops.said(label).endswith("is no longer a member: with any start the shift under way goes to nobody")
    closed = disturbance(before, replace(before, hours=OFFICE), MONDAY - DAY / 2 + 2 * WEEK, 2 * WEEK)
    assert closed.said(label).endswith("ben, on call now, hands over to nobody in mid-shift")
    begins = disturbance(vacant, before, now, 2 * WEEK)
    assert (begins.weeks_changed, begins.changes_now, begins.removed) == (2, False, False)
    assert begins.said(label).endswith("; ana is on call now, where nobody was")
    assert disturbance(vacant, vacant, now, 2 * WEEK).said(label).endswith("; nobody is on call now")


def test_outside_hours_nobody_is_on_call_but_the_rest_of_the_week_counts():
    before = rotation("ana ben cy", MONDAY, WEEK, hours=OFFICE)
    wanted = rotation("ana ben cy dan", MONDAY, WEEK, hours=OFFICE)
    night = MONDAY + 3 * WEEK + timedelta(hours=12)
    found = disturbance(before, wanted, night, WEEK)
    assert (found.current_before, found.current_after, found.changes_now) == (None, None, False)
    assert found.weeks_changed == 1
    assert least(before, wanted, night, 3 * WEEK).start == MONDAY - WEEK
    # On Friday night nothing is left of the week under way.
    assert disturbance(before, wanted, night + 4 * DAY, WEEK).weeks_changed == 0


def test_a_declared_start_in_the_future_leaves_a_gap_that_the_offer_closes():
    before = rotation("ana ben cy", MONDAY, WEEK)
    wanted = rotation("ana ben cy dan", MONDAY + 5 * WEEK, WEEK)
    offer = least(before, wanted, MONDAY + DAY, 4 * WEEK)
    assert offer.declared.said(label) == (
        "4 of the coming 4 weeks change hands; ana, on call now, hands over to nobody in mid-shift"
    )
    assert (offer.start, offer.offered.weeks_changed) == (MONDAY, 1)


def test_a_rotation_that_begins_later_is_not_made_to_ring_sooner():
    before = rotation("ana ben cy", MONDAY + 2 * WEEK, WEEK)
    moved = rotation("ana ben cy dan", MONDAY + 3 * WEEK, WEEK)
    assert least(before, replace(before, members=moved.members), MONDAY, 4 * WEEK) is None
    assert least(before, moved, MONDAY, 4 * WEEK).start == before.start


def test_a_start_is_before_the_end():
    before = rotation("ana ben", MONDAY + 4 * WEEK, WEEK)
    wanted = rotation("ana ben cy", MONDAY, WEEK, until=MONDAY + WEEK)
    # It would disturb nobody if it began when it ends.
    assert disturbance(before, wanted, MONDAY, 3 * WEEK).weeks_changed == 1
    assert least(before, wanted, MONDAY, 3 * WEEK) is None
    vacant = Rotation(members=(ANA, CY, None), start=MONDAY, every=WEEK, until=MONDAY + WEEK)
    assert least(before, vacant, MONDAY, 3 * WEEK).start == MONDAY - 2 * WEEK


def test_live_rotations_are_taken_by_what_they_ring():
    live = rotation("ana ben cy", MONDAY + 30 * WEEK, WEEK, since=MONDAY - WEEK)
    wanted = rotation("ana ben cy dan", MONDAY, WEEK)
    now = MONDAY + 3 * WEEK + DAY
    as_declared = least(rotation("ana ben cy", MONDAY, WEEK), wanted, now, 12 * WEEK)
    assert least(live, wanted, now, 12 * WEEK) == as_declared
    assert as_declared.start == MONDAY - WEEK


def test_nearest_then_earliest():
    before = rotation("ana ben", MONDAY, WEEK)
    now = MONDAY + 9 * WEEK + DAY
    # cy for ana: ben stays with a start one week off, which is as near before as after.
    wanted = rotation("ben cy", MONDAY, WEEK)
    assert least(before, wanted, now, 12 * WEEK).start == MONDAY - WEEK
    assert least(before, replace(wanted, start=datetime(1970, 1, 5, 9)), now, 9 * WEEK).start.year == 1970


@pytest.mark.parametrize("wanted", [rotation("", MONDAY, WEEK), rotation("ben", MONDAY, WEEK, until=MONDAY)])
def test_nothing_to_offer(wanted):
    assert least(rotation("ana ben", MONDAY, WEEK), wanted, MONDAY + DAY, WEEK) is None


def test_nobody_before():
    empty = rotation("", MONDAY + DAY, WEEK)
    wanted = rotation("ana ben", MONDAY, WEEK)
    found = disturbance(empty, wanted, MONDAY + 2 * DAY, timedelta(days=8))
    assert (found.weeks_total, found.weeks_changed, found.current_after) == (2, 2, ANA)
    assert disturbance(empty, replace(wanted, hours=NEVER), MONDAY, timedelta()).weeks_total == 1
    assert least(empty, wanted, MONDAY, WEEK) is None


def test_what_is_the_same_already_needs_no_offer():
    before = rotation("ana ben cy dan", MONDAY, WEEK)
    assert before.hours == ALWAYS
    turned = replace(before, members=(BEN, CY, DAN, ANA), start=MONDAY + WEEK)
    assert least(before, turned, MONDAY + 20 * WEEK, 12 * WEEK) is None
    off = replace(turned, start=MONDAY)
    offer = least(before, off, MONDAY + 20 * WEEK, 12 * WEEK)
    assert (offer.start, offer.offered.weeks_changed) == (MONDAY + WEEK, 0)
