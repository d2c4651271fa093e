"""What a plan makes worse is refused; what was broken before it is told. Spans decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oncall_sync.model import Covered, Finding, LiveOverride, Policies, Ref, Schedule, Source
from oncall_sync.plan import judging
from oncall_sync.plan.checks import Broken
from oncall_sync.plan.judging import Sides, judge, mid_shift, redealt
from oncall_sync.rota.hours import DAY, merge
from oncall_sync.rota.scene import Scene
from tests.plan.world import World, policy, rotation, schedule, service

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # the second day of a turn
HERE, THERE = Source("p.yaml", 3, 1), Source("p.yaml", 9, 1)
DUTY = Ref("schedule", "duty")


def name(ref: Ref) -> str:
    return ref.key


def day(first: int, last: int | None = None) -> tuple[datetime, datetime]:
    """From the start of one day of the week to that of another; a moment without one."""
    return MONDAY + timedelta(days=first), MONDAY + timedelta(days=first if last is None else last)


def broken(*spans: tuple[datetime, datetime], rule: str = "covered", source: Source = HERE) -> Broken:
    since, until = spans[0] if spans else (None, None)
    return Broken(rule, "nobody", source, DUTY, since, until, spans)


def weighed(after: Sequence[Broken], before: Sequence[Broken], monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """Judge as if the rules had found these."""
    sides = Sides(before=Scene(), after=Scene(), since=MONDAY, until=day(7)[0], name=name)
    monkeypatch.setattr(
        judging, "evaluate", lambda _, scene, *rest: [*(after if scene is sides.after else before)]
    )
    monkeypatch.setattr(judging, "standing", lambda *_: [])
    assert sides.after is not sides.before
    return judge(Policies(), sides)


@pytest.mark.parametrize(
    ("before", "after", "level"),
    [
        ([], [day(1, 2)], "error"),
        ([day(1, 2)], [day(1, 2)], "warning"),
        ([day(0, 7)], [day(1, 2), day(3, 4)], "warning"),
        ([day(1, 2)], [day(1, 3)], "error"),
        ([day(1, 2)], [day(0, 2)], "error"),
        ([day(1, 2)], [day(1, 2), day(4, 5)], "error"),
        ([day(1, 2), day(2, 3)], [day(1, 3)], "warning"),
        ([day(1, 2), day(3, 4)], [day(1, 4)], "error"),
        ([day(1)], [day(1)], "warning"),
        ([day(1)], [day(2)], "error"),
        ([day(0, 1), day(1)], [day(1)], "warning"),
    ],
)
def test_worse_is_broken_when_it_was_not(
    before: Any, after: Any, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = [broken(*before)] if before else []
    (found,) = weighed([broken(*after)], was, monkeypatch)
    assert (found.level, found.source, found.ref) == (level, HERE, DUTY)
    assert found.message == ("nobody" if level == "error" else "nobody (so before this plan, too)")


def test_what_is_broken_at_any_time_is_no_worse_than_before(monkeypatch: pytest.MonkeyPatch) -> None:
    always = broken(rule="eligible")
    assert [f.level for f in weighed([always], [always], monkeypatch)] == ["warning"]
    assert [f.level for f in weighed([always], [], monkeypatch)] == ["error"]


def test_another_rule_or_place_excuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [broken(day(0, 7), rule="distinct"), broken(day(0, 7), source=THERE)]
    assert [f.level for f in weighed([broken(day(1, 2))], others, monkeypatch)] == ["error"]
    twins = [broken(day(1, 2)), broken(day(2, 3))]
    assert [f.level for f in weighed([broken(day(1, 3))], twins, monkeypatch)] == ["warning"]


def test_warnings_and_notes_stay_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    found = weighed([broken(day(1, 2), rule="handoff-dst"), broken(rule="level-gap")], [], monkeypatch)
    assert [(f.rule, f.level, f.message) for f in found] == [
        ("handoff-dst", "warning", "nobody"),
        ("level-gap", "note", "nobody"),
    ]


# --- with real scenes


def scene(duty: Schedule | None, **more: Any) -> Scene:
    schedules = {duty.ref: duty} if duty else {}
    return Scene(
        schedules=schedules, services={service().ref: service()}, policies={policy().ref: policy()}, **more
    )


def sides(before: Scene, after: Scene, now: datetime = NOW) -> Sides:
    return Sides(before=before, after=after, since=now, until=now + timedelta(days=7), name=name)


WHOLE = schedule()
OFFICE = schedule(
    "duty",
    replace(
        rotation("anna", "ben", "carla"), hours=merge((n * DAY + 9 * 60, n * DAY + 18 * 60) for n in range(5))
    ),
)


def test_a_check_of_something_new_is_broken_by_the_plan() -> None:
    policies = Policies(schedules={"duty": OFFICE}, checks=(Covered(target=DUTY, exactly=1, source=HERE),))

    def levels(before: Scene, after: Scene) -> list[str]:
        return [f.level for f in judge(policies, sides(before, after)) if f.rule == "covered"]

    assert levels(scene(None), scene(OFFICE)) == ["error"]
    assert levels(scene(WHOLE), scene(OFFICE)) == ["error"]
    assert levels(scene(OFFICE), scene(OFFICE)) == ["warning"]
    assert levels(scene(OFFICE), scene(WHOLE)) == []


def replaced(before: Schedule, after: Schedule, now: datetime = NOW, **more: Any) -> list[tuple[str, str]]:
    found = mid_shift(sides(scene(before, **more), scene(after, **more), now))
    return [(f.rule, f.level) for f in found]


OTHER = schedule("duty", rotation("anna", "carla", "ben"))
"""Now Carla, where WHOLE has Ben."""
MID = [("mid-shift-change", "error")]


def test_mid_shift_is_only_between_two_people_and_only_now() -> None:
    assert replaced(WHOLE, OTHER) == MID
    assert replaced(OTHER, WHOLE) == MID
    later = schedule("duty", rotation("carla", "ben", "anna"))  # Ben has this week either way
    assert replaced(WHOLE, later) == []
    assert replaced(WHOLE, WHOLE) == []
    assert replaced(WHOLE, replace(WHOLE, name="another name")) == []


def test_mid_shift_spares_handoffs_gaps_and_swaps() -> None:
    handoff = datetime(2026, 11, 30, 8, tzinfo=UTC)
    turned = {handoff - timedelta(minutes=1): MID, handoff: [], handoff + timedelta(minutes=1): MID}
    assert {at: replaced(WHOLE, OTHER, at) for at in turned} == turned
    night = datetime(2026, 11, 24, 22, tzinfo=UTC)
    assert replaced(OFFICE, OTHER, night) == []  # nobody was on call
    assert replaced(WHOLE, OFFICE, night) == []  # nobody is: a gap, which other rules tell
    held = LiveOverride(since=NOW - timedelta(hours=1), until=NOW + timedelta(hours=1), user_id="U")
    assert replaced(WHOLE, OTHER, overrides={DUTY: (held,)}) == []


def notes(before: Schedule, after: Schedule) -> list[Finding]:
    world = World()
    world.apply(before)
    return [*redealt(world.plan(after).changes, NOW, name)]


def test_new_old_and_moved_members_are_told_of_and_nothing_else() -> None:
    for members in (("anna", "ben"), ("anna", "ben", "carla", "david"), ("ben", "anna", "carla")):
        (found,) = notes(WHOLE, schedule("duty", rotation(*members)))
        assert (found.rule, found.level, found.ref) == ("rotation-redealt", "note", DUTY)
        assert "of the coming 12 weeks change hands" in found.message
    assert notes(WHOLE, OFFICE) == []
    assert notes(WHOLE, WHOLE) == []
