"""Any one edit at the provider is accepted: a plan has nothing to do then, or it is said why it cannot be."""

from __future__ import annotations

import json
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


def changes(ground: Ground) -> dict[str, Any]:
    return {change["ref"]: change["fields"] for change in ground.plan()["changes"]}


@pytest.mark.matrix
@settings(slowly, max_examples=8)
@given(policies(), st.sampled_from(LIVE))
def test_one_edit_is_accepted(ground: Ground, data: Data, edit: tuple[str, Edit]) -> None:
    kind, change = edit
    key = max(sorted(data[kind]), key=lambda one: is_managed(change, data[kind][one]))
    declared = data[kind][key]
    assume(is_managed(change, declared))
    ground.begin(data)
    ground.apply()
    (body,) = [one for one in ground.all(kind) if one["name"] == declared.get("name", key)]
    rung = ground.rings()
    change(body, Stranger(ground))
    if kind == "schedules":
        body["schedule_layers"].reverse()
    ground.call("PUT", f"/{kind}/{body['id']}", {KINDS[kind]: body})
    assume(change.__name__ != "_one_more_turn" or ground.rings() != rung)
    edited = ground.rings()
    code, out = ground.sync("drift", "--accept", "--format", "json")
    told = json.loads(out)
    ref = f"{KINDS[kind]}.{key}"
    assert [one["ref"] for one in told["accepted"]] == [ref], told["left"]
    goes_along = {one["ref"] for one in told["follows"]}
    assert code == (2 if goes_along else 0)
    assert set(changes(ground)) == goes_along, (edit, changes(ground), told)
    assert all(one.startswith(("schedule.", "team.")) for one in goes_along)
    assert ground.rings() == edited
    if not goes_along:
        ground.nothing_to_do()
