"""The Opsgenie sandbox's objects against recorded ones, key by key and type by type."""

from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from tests.conformance import opsgenie_script
from tests.conformance.opsgenie_recordings import RECORDED, recorded
from tests.conformance.opsgenie_shapes import differences, place, shapes_of
from tests.conformance.shapes import Shape

if not RECORDED.exists():
    pytest.skip("the recorded payloads are not beside this checkout", allow_module_level=True)

EXCEPTIONS = {
    "GET /v2/users.paging.next": "the recorded page was in the middle of a list",
    "GET /v2/users.paging.prev": "the recorded page was in the middle of a list",
}
ANSWERS = [one for one in recorded() if one.status == 200]
REFUSALS = [one for one in recorded() if one.status >= 400]


@pytest.fixture(scope="module")
def found() -> dict[str, Shape]:
    steps = [step for step in opsgenie_script.steps() if step.status == 200]
    return shapes_of((place(step.method, step.path, step.query), step.body) for step in steps)


@pytest.mark.parametrize("one", ANSWERS, ids=lambda one: one.file)
def test_objects_carry_every_key_that_recordings_carry(found: dict[str, Shape], one: Any) -> None:
    wanted = shapes_of([(place(one.method, one.path, one.query), one.body)])
    assert wanted.keys() <= found.keys(), "no answer of the sandbox shows such objects"
    assert [text for text in differences(wanted, found) if text.split(" is ")[0] not in EXCEPTIONS] == []


@pytest.mark.parametrize("one", REFUSALS, ids=lambda one: one.file)
def test_refusals_are_the_recorded_ones(one: Any) -> None:
    """A key that may not see a schedule cannot tell it from one that does not exist."""
    from oncall_sync_opsgenie.sandbox import Options, Running

    now = datetime(2026, 3, 20, 9, tzinfo=UTC)
    with Running(Options(now=now, seed={"restricted": True})) as server:
        headers = {"Authorization": "GenieKey 0b9b8c1e-3c0a-4f6e-9b1c-2f7f8f0c7a10"}
        answer = requests.request(one.method, server.url + one.path, params=one.query, headers=headers, timeout=60)
    assert answer.status_code == one.status
    always = {"took", "requestId"}
    assert {k: v for k, v in answer.json().items() if k not in always} == {
        k: v for k, v in one.body.items() if k not in always
    }
    assert answer.json().keys() == one.body.keys()
    assert {"x-request-id", "x-response-time", "x-ratelimit-state"} <= {name.lower() for name in answer.headers}


def test_a_missing_key_and_another_type_are_differences() -> None:
    wanted = shapes_of([("GET x", {"data": [{"id": "1", "name": "a"}, {"id": "2", "name": "b", "more": None}]})])
    have = shapes_of([("GET x", {"data": [{"id": "1", "name": 7}, {"id": "2", "name": "b"}]})])
    assert list(differences(wanted, have)) == ["GET x.data[].name is ['number', 'string'], recorded as ['string']"]
    assert list(differences(wanted, shapes_of([("GET x", {"data": [{"id": None}]})]))) == [
        "GET x.data[].name is missing"
    ]


def test_objects_of_another_type_are_of_another_kind() -> None:
    people = [{"type": "user", "username": "a"}, {"type": "team", "name": "b"}]
    assert shapes_of([("GET x", {"participants": people})]).keys() == {
        "GET x",
        "GET x.participants[]<user>",
        "GET x.participants[]<team>",
    }
