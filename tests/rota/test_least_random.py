"""Random and exhaustive edits of a rotation's members: no other whole-turn anchor disturbs less."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import combinations, product
from operator import ne

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from oncall_sync.model import ALWAYS, Rotation
from oncall_sync.policy import words
from oncall_sync.rota.least import Disturbance, disturbance, least, ringing_now, written
from oncall_sync.rota.turns import turns
from tests.rota.oracle import turn_of
from tests.rota.samples import crew, user, weekly

MONDAY = datetime(2026, 1, 5, 9)
SIX_AM = datetime(2026, 1, 5, 6)
SIX = timedelta(hours=6)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
TICK = timedelta(minutes=30)
EVERY = [WEEK, WEEK, WEEK / 14, DAY, 2 * DAY, 2 * WEEK]
CREW = crew("ana", "ben", "cy", "dan", "eve", "fay")


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
def edits(draw, *, alike=False):
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
    if draw(st.integers(0, 5)) == 0:
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


@settings(max_examples=35, deadline=None)
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


@settings(max_examples=60, deadline=None)
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


@settings(max_examples=35, deadline=None)
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


@settings(max_examples=35, deadline=None)
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
