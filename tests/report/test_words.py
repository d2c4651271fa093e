"""Prose about changes, and text made safe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.report.plain import plain
from oncall_sync.report.words import details, headline, turns
from tests.plan.world import World, policy, rotation, schedule, service


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("a b c", "a c b", "b and c change places"),
        ("a b c", "c b a", "a and c change places"),
        ("a b c", "b c a", "the turns are dealt in another order"),
        ("a b c", "a b c d", "d joins"),
        ("a b c", "a d e b c", "d and e join"),
        ("a b c", "a c", "b leaves"),
        ("a b c", "a x c", "x takes the turns of b"),
        ("a b c", "x a c", "x joins, b leaves"),
        ("a b", "a a b", "somebody has more or fewer turns"),
    ],
)
def test_turns_in_words(before: str, after: str, said: str) -> None:
    assert turns(before.split(), after.split()) == said


def test_a_swap_is_told_by_name() -> None:
    world = World()
    world.apply(schedule("checkout-night"))
    (change,) = world.plan(schedule("checkout-night", rotation("anna", "carla", "ben"))).changes
    assert headline(change) == "schedule checkout-night: ben and carla change places"
    assert list(details(change)) == [
        "rotation Layer 1 members: anna, ben, carla -> anna, carla, ben",
    ]


def test_a_rename_needs_no_details() -> None:
    world = World()
    world.apply(schedule())
    (change,) = world.plan(schedule("duty", name="Night")).changes
    assert headline(change) == "schedule Night: renamed from duty"
    assert list(details(change)) == []


def test_drift_says_so() -> None:
    world = World()
    world.apply(schedule(), policy())
    world.edit("chain", repeat=5)
    (change,) = world.plan(schedule(), policy()).changes
    assert headline(change) == "escalation policy chain (changed at the provider; goes back to what is declared)"
    assert list(details(change)) == ["repeat: 5 -> 1"]


def test_a_new_service_is_told_in_full() -> None:
    *_, change = World().plan(schedule(), policy(), service()).changes
    assert list(details(change)) == [
        "acknowledge within: 30m",
        "escalation policy: chain",
        "integration monitoring: form events",
        "urgency: high",
    ]


@given(st.text())
def test_plain_text_is_one_safe_line(text: str) -> None:
    shown = plain(text)
    assert shown.isprintable()
    assert len(shown) <= 200


def test_plain_text_keeps_what_people_write() -> None:
    assert plain("Zoë's «Dienst» 東京 👩") == "Zoë's «Dienst» 東京 👩"
    assert plain("a\x1b[31mb\nc\u202e") == "a\\x1b[31mb\\nc\\u202e"


def test_plain_text_is_no_command_of_a_ci_runner() -> None:
    for command in ("::error::x", "  ::error::x", "x ##[add-mask]y", "###[error]x", "##vso[task.setvariable]x"):
        shown = plain(command)
        assert not shown.lstrip().startswith("::")
        assert "##" not in shown.replace("##\\x23", "")
    assert plain("## heading #1") == "## heading #1"
