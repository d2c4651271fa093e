"""Any one edit at the provider is exactly that object's drift; any one edit of the policies is none."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.properties.conftest import Ground
from tests.properties.oracle import KINDS
from tests.properties.strategies import Data, policies
from tests.properties.test_drift import EDITS, Edit, Stranger, is_managed
from tests.properties.test_round_trip import slowly

LIVE = [(kind, edit) for kind, edits in EDITS.items() for edit in edits]
NEW: dict[str, dict[str, Any]] = {
    "teams": {"name": "Another name", "description": "Another text"},
    "schedules": {"name": "Another name", "description": "Another text"},
    "escalation_policies": {"name": "Another name", "description": "Another text", "repeat": 4},
    "services": {
        "name": "Another name",
        "description": "Another text",
        "acknowledge_within": "17m",
        "resolve_after": "3h",
        "urgency": {"support_hours": "Sun 01:00-02:00", "during": "low", "outside": "high"},
    },
}
DECLARED = [(kind, key, value) for kind, keys in NEW.items() for key, value in keys.items()]


def drift(ground: Ground) -> tuple[int, list[dict[str, Any]]]:
    code, out = ground.sync("drift", "--format", "json")
    return code, json.loads(out)["drift"]


@pytest.mark.matrix
@settings(slowly, max_examples=10)
@given(policies(), st.sampled_from(LIVE))
def test_one_edit_at_the_provider(ground: Ground, data: Data, edit: tuple[str, Edit]) -> None:
    kind, change = edit
    key = max(sorted(data[kind]), key=lambda one: is_managed(change, data[kind][one]))
    declared = data[kind][key]
    ground.begin(data)
    ground.apply()
    assert drift(ground) == (0, [])
    (body,) = [one for one in ground.all(kind) if one["name"] == declared.get("name", key)]
    rung = ground.rings()
    change(body, Stranger(ground))
    if kind == "schedules":
        body["schedule_layers"].reverse()
    ground.call("PUT", f"/{kind}/{body['id']}", {KINDS[kind]: body})
    assume(change.__name__ != "_one_more_turn" or ground.rings() != rung)
    code, found = drift(ground)
    if not is_managed(change, declared):
        assert (code, found) == (0, [])
        return
    assert code == 2
    assert [(one["ref"], one["why"], one["fields_certain"]) for one in found] == [
        (f"{KINDS[kind]}.{key}", "drift", True)
    ]
    assert found[0]["fields"] != []
    ground.apply()
    assert drift(ground) == (0, [])


@pytest.mark.matrix
@settings(slowly, max_examples=10)
@given(policies(), st.sampled_from(DECLARED), st.data())
def test_one_edit_of_the_policies(ground: Ground, data: Data, edit: tuple[str, str, Any], draw: Any) -> None:
    kind, word, value = edit
    key = draw.draw(st.sampled_from(sorted(data[kind])))
    ground.begin(data)
    ground.apply()
    edited = deepcopy(data)
    edited[kind][key][word] = value
    assume(edited != data)
    ground.write(edited)
    assert [change["ref"] for change in ground.plan()["changes"]] == [f"{KINDS[kind]}.{key}"]
    assert drift(ground) == (0, [])
