"""Edits of a rotation's members: what is disturbed, and that no other whole-turn anchor disturbs less."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import combinations, product
from operator import ne

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from oncall_sync.model import ALWAYS, Ref, Rotation
from oncall_sync.policy import words
from oncall_sync.rota.hours import NEVER
from oncall_sync.rota.least import Disturbance, disturbance, least, ringing_now, written
from oncall_sync.rota.turns import turns
from tests.rota.oracle import turn_of
from tests.rota.samples import ANA, BEN, CY, DAN, OFFICE, crew, rotation, user, weekly

MONDAY = datetime(2026, 1, 5, 9)
SIX_AM = datetime(2026, 1, 5, 6)
SIX = timedelta(hours=6)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
TICK = timedelta(minutes=30)
EVERY = [WEEK, WEEK, WEEK / 14, DAY, 2 * DAY, 2 * WEEK]
CREW = crew("ana", "ben", "cy", "dan", "eve", "fay")


def label(ref: Ref) -> str:
    return ref.key


@st.composite
def lists(draw, longest=6):
    """Mostly different people, sometimes with vacant and repeated turns."""
    size = draw(st.integers(1, longest))
    if draw(st.integers(0, 2)):
        return tuple(draw(st.permutations(CREW))[:size])
    return tuple(draw(st.lists(st.sampled_from([*CREW[:4], None]), min_size=size, max_size=size)))


@st.composite
def edited(draw, members):
    """Return the list with one member more, one less, in another order, or another list altogether."""
    kind = draw(st.sampled_from(["add", "add", "remove", "remove", "reorder", "other"]))
    place = draw(st.integers(0, len(members)))
    if kind == "add" and len(members) < 6:
        return (*members[:place], draw(st.sampled_from([*CREW, None])), *members[place:])
    if kind == "remove" and len(members) > 1:
        place = min(place, len(members) - 1)
        return members[:place] + members[place + 1 :]
    return tuple(draw(st.permutations(members))) if kind != "other" else draw(lists())


@st.composite
def edits(draw, *, alike=False, future=True):
    """A rotation that rings, the wanted one, and now; every edge lies whole six hours from `SIX_AM`."""
    every = draw(st.sampled_from(EVERY))
    hours = draw(st.one_of(st.just(ALWAYS), st.just(ALWAYS), weekly(360)))
    start = SIX_AM - draw(st.integers(0, 20)) * every - SIX * draw(st.sampled_from([0, 0, 5]))
    before = Rotation(members=draw(lists()), start=start, every=every, hours=hours)
    now = SIX_AM + SIX * draw(st.integers(0, 120)) + draw(st.sampled_from([timedelta(), timedelta(minutes=90)]))
    wanted = replace(before, members=draw(edited(before.members)))
    if draw(st.booleans()):
        wanted = replace(wanted, start=start + draw(st.integers(-9, 9)) * every)
    if not alike and draw(st.integers(0, 3)) == 0:
        wanted = replace(wanted, every=draw(st.sampled_from(EVERY)), start=start + SIX * draw(st.integers(-9, 9)))
    if not alike and draw(st.integers(0, 5)) == 0:
        wanted = replace(wanted, hours=draw(weekly(360)))
    if not alike and draw(st.integers(0, 5)) == 0:
        before = replace(before, until=SIX_AM + (now - SIX_AM) // SIX * SIX + SIX * draw(st.integers(-3, 90)))
    if future and draw(st.integers(0, 5)) == 0:
        wanted = replace(wanted, start=wanted.start + (1 + (now - wanted.start) // wanted.every) * wanted.every)
    return before, wanted, now


def rung(made, wall):
    found = turn_of(made, wall)
    return found[1] if found else None


def counted(before, after, now, weeks):
    """Count changed weeks and turns the plain way: ask both who rings, every six hours."""
    edge = SIX_AM + (now - SIX_AM) // SIX * SIX - 400 * SIX
    turn = max(at for n in range(401) if ((at := edge + n * SIX) - before.start) % before.every == timedelta())
    week = turn if now < turn + WEEK else turn + WEEK
    changed, handed, reached = set(), set(), set()
    for n in range(-(week - SIX_AM) // -SIX, (week - SIX_AM) // SIX + weeks * 28):
        at = max(SIX_AM + n * SIX, now)
        if SIX_AM + (n + 1) * SIX <= now:
            continue
        reached.add((at - turn) // before.every)
        if rung(before, at) != rung(after, at):
            changed.add((at - week) // WEEK)
            handed.add((at - turn) // before.every)
    return len(changed), len(handed), len(reached)


@settings(max_examples=100, deadline=None)
@given(edits(), st.integers(1, 8))
def test_what_is_disturbed_is_what_asking_all_the_time_finds(edit, weeks):
    before, wanted, now = edit
    found = disturbance(before, wanted, now, weeks * WEEK)
    changed, handed, reached = counted(before, wanted, now, weeks)
    current, instead = rung(before, now), rung(wanted, now)
    began = rung(before, now - TICK) == current
    assert found == Disturbance(
        weeks_total=weeks,
        weeks_changed=changed,
        turns_total=reached,
        turns_changed=handed,
        changes_now=current is not None and instead != current and began,
        removed=current is not None and current not in wanted.members,
        current_before=current,
        current_after=instead,
    )


@settings(max_examples=180, deadline=None)
@given(edits(), st.sampled_from([1, 3, 8]))
def test_no_other_whole_turn_anchor_disturbs_less(edit, weeks):
    before, wanted, now = edit
    offer = least(before, wanted, now, weeks * WEEK)
    current, count = rung(before, now), len(wanted.members)

    def anchored(turn):
        return replace(wanted, start=wanted.start + turn * wanted.every)

    @cache
    def rank(turn):
        # Anchors a whole number of cycles apart ring the same as long as both are in the past.
        return counted(before, anchored(turn - 100 * count), now, weeks)[:2]

    able = [k for k in range(-200, 200) if anchored(k).start <= now]
    keeping = [k for k in able if current is not None and rung(anchored(k), now) == current]
    fewest = min(rank(k % count) for k in keeping or able)
    declared = counted(before, wanted, now, weeks)[:2]
    fine = declared <= fewest and (not keeping or rung(wanted, now) == current)
    event(f"offer {offer is not None}, keeps {bool(keeping)}, rings {current is not None}")
    assert (offer is None) == fine
    if offer is not None:
        best = [k for k in keeping or able if rank(k % count) == fewest]
        nearest = min(best, key=lambda k: (abs(k), k))
        assert offer.rotation == anchored(nearest)
        assert (offer.offered.weeks_changed, offer.offered.turns_changed) == fewest
        assert offer.declared == disturbance(before, wanted, now, weeks * WEEK)
        assert offer.offered == disturbance(before, offer.rotation, now, weeks * WEEK)


def every_edit(people):
    """Yield the list with one more at every place, with one less, and with every two changing places."""
    yield from ((*people[:n], user("new"), *people[n:]) for n in range(len(people) + 1))
    yield from (people[:n] + people[n + 1 :] for n in range(len(people)) if len(people) > 1)
    for one, other in combinations(range(len(people)), 2):
        swapped = [*people]
        swapped[one], swapped[other] = people[other], people[one]
        yield tuple(swapped)


@pytest.mark.parametrize("size", range(1, 7))
def test_every_edit_of_up_to_six_people_in_every_week(size):
    people = CREW[:size]
    for wanted, week in product(every_edit(people), range(max(size, 4))):
        coming = [people[(week + n) % size] for n in range(12)]
        dealt = [[wanted[(week + n - k) % len(wanted)] for n in range(12)] for k in range(len(wanted))]
        kept = [each for each in dealt if each[0] == coming[0]]
        changed = {sum(map(ne, coming, each)) for each in kept or dealt}
        before = Rotation(members=people, start=MONDAY, every=WEEK)
        after = replace(before, members=wanted)
        now = MONDAY + week * WEEK + DAY
        offer = least(before, after, now, 12 * WEEK)
        found = offer.offered if offer else disturbance(before, after, now, 12 * WEEK)
        assert found.weeks_changed == found.turns_changed == min(changed)
        assert (found.current_after == coming[0]) == bool(kept) == (not found.removed)
        if offer:
            assert sum(map(ne, coming, dealt[0])) > min(changed) or dealt[0][0] != coming[0]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_adding_one_person_keeps_the_person_on_call(data):
    size = data.draw(st.integers(1, 30))
    people = tuple(user(f"p{n}") for n in range(size))
    place = data.draw(st.integers(0, size))
    now = MONDAY + timedelta(hours=data.draw(st.integers(0, 24 * 400)))
    before = Rotation(members=people, start=MONDAY, every=data.draw(st.sampled_from(EVERY)))
    wanted = replace(before, members=(*people[:place], user("new"), *people[place:]))
    offer = least(before, wanted, now, 12 * WEEK)
    chosen = offer.rotation if offer else wanted
    assert ringing_now(chosen, now) == ringing_now(before, now)

    def owners(made):
        return [(turn.since, turn.member) for turn in turns(made, now, now + 30 * before.every)]

    # With one new person among different ones only one anchor keeps the current one; so it is what is left to do.
    assert chosen.start <= now
    alike = [owners(replace(wanted, start=MONDAY + (k - 2 * size) * before.every)) for k in range(size + 1)]
    assert [each for each in alike if each[0] == owners(before)[0]] == [owners(chosen)]


@settings(max_examples=100, deadline=None)
@given(edits(alike=True))
def test_the_line_to_paste_is_read_back_and_hands_over_when_wanted(edit):
    before, wanted, now = edit
    offer = least(before, wanted, now, 4 * WEEK)
    if offer is not None:
        key, _, value = offer.yaml.partition(": ")
        assert key == "start"
        assert words.wall(value) == offer.start <= now
        assert (offer.start - wanted.start) % wanted.every == timedelta()
        if wanted.every >= WEEK:
            assert value[:3] == written(wanted.start)[:3]
        if wanted.every >= DAY:
            assert offer.start.time() == wanted.start.time()


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
