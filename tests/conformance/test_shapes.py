"""The sandbox's objects against the newest recorded ones, key by key and type by type."""

import pytest

from tests.conformance import recordings, shapes
from tests.conformance.session import Step

if not recordings.RECORDED.exists():
    pytest.skip("the recorded payloads are not beside this checkout", allow_module_level=True)

EXCEPTIONS = {
    "integration.integration_email": "the recorded integrations take mail; others carry integration_key instead",
}
WHOLE = {"schedule": "get schedule", "error": "schedule in use"}
"""Kinds whose recording is one certain answer: lists leave out parts of a schedule, errors differ by cause."""


@pytest.mark.parametrize("kind", shapes.NEWEST)
def test_objects_carry_every_key_that_recordings_carry(steps: list[Step], kind: str) -> None:
    chosen = [
        s.body for s in steps if s.name == WHOLE.get(kind, s.name) and (kind == "error") == (s.status >= 400)
    ]
    found = shapes.shapes_of(chosen)
    assert kind in found, f"no answer of the sandbox shows a {kind}"
    lacking = shapes.differences(kind, shapes.recorded_shape(kind), found[kind])
    assert [d for d in lacking if d.split(" ")[0] not in EXCEPTIONS] == []


def test_a_missing_key_and_another_type_are_differences() -> None:
    found = shapes.shapes_of([{"id": "P1", "type": "team", "name": 7}])["team"]
    wanted = {"id": {"string"}, "name": {"string"}, "parent": {"null"}, "type": {"string"}}
    lacking = ["team.parent is missing", "team.name is ['number'], recorded as ['string']"]
    assert shapes.differences("team", wanted, found) == lacking


def test_a_key_counts_only_if_every_object_of_the_kind_carries_it() -> None:
    teams = [{"id": "P1", "type": "team", "name": "A", "parent": None}, {"id": "P2", "type": "team", "name": "B"}]
    assert shapes.shapes_of([{"teams": teams}])["team"].keys() == {"id", "type", "name"}


def test_null_says_nothing_about_a_type() -> None:
    assert shapes.differences("team", {"parent": {"null"}}, {"parent": {"object"}}) == []
    assert shapes.differences("team", {"parent": {"object"}}, {"parent": {"null"}}) == []
