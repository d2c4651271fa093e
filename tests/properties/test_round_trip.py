"""Whatever is declared: plan says it, apply makes it, and then there is nothing to do."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.properties.conftest import Ground
from tests.properties.oracle import KINDS, is_as_declared
from tests.properties.strategies import Data, in_other_words, policies

# Shrinking takes minutes here: add Phase.shrink to look into a failure.
slowly = settings(
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def declared(data: Data) -> set[str]:
    return {f"{KINDS[kind]}.{key}" for kind in KINDS for key in data[kind]}


@settings(slowly, max_examples=6)
@given(policies(), st.randoms(use_true_random=False))
def test_what_is_declared_is_made_and_read_back(ground: Ground, data: Data, random: Random) -> None:
    ground.begin(data)
    planned = ground.plan()
    assert {(c["ref"], c["action"]) for c in planned["changes"]} == {(ref, "create") for ref in declared(data)}
    assert [f for f in planned["findings"] if f["level"] == "error"] == []
    other = in_other_words(data, random)
    ground.write(*other)
    assert ground.plan()["digest"] == planned["digest"]
    ground.apply()
    ground.nothing_to_do()
    is_as_declared(ground, data)
    layers_are_in_order(ground, data)
    ground.write(data)
    assert ground.plan()["changes"] == []


def layers_are_in_order(ground: Ground, data: Data) -> None:
    """Answers list layers last one first; a schedule's first rotation is its lowest layer."""
    found = {one["name"]: one for one in ground.all("schedules")}
    for key, schedule in data["schedules"].items():
        if "follows" in schedule:
            continue
        layers = reversed(found[schedule.get("name", key)]["schedule_layers"])
        people = [[one["user"]["summary"].lower() for one in layer["users"]] for layer in layers]
        assert people == [rotation["members"] for rotation in schedule["rotations"]]


@settings(slowly, max_examples=6)
@given(policies(), policies())
def test_any_edit_is_made_and_read_back(ground: Ground, before: Data, after: Data) -> None:
    for schedule in before["schedules"].values():
        schedule.pop("overrides", None)  # declared ones are never taken away
    ground.begin(before)
    ground.apply()
    ground.write(after)
    refs = {(c["ref"], c["action"]) for c in ground.plan()["changes"]}
    assert {ref for ref, action in refs if action == "delete"} == declared(before) - declared(after)
    assert {ref for ref, action in refs if action == "create"} == declared(after) - declared(before)
    ground.apply()
    ground.nothing_to_do()
    is_as_declared(ground, after)
    edited = ground.rings()
    ground.begin(after)
    ground.apply()
    assert edited == ground.rings()
