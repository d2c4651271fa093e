"""One edit at the provider is one object's drift, and apply takes it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings

from tests.properties.conftest import Ground
from tests.properties.oracle import KINDS
from tests.properties.strategies import Data, policies
from tests.properties.test_round_trip import slowly

Body = dict[str, Any]
Edit = Callable[[Body, "Stranger"], None]


class Stranger:
    """Somebody at the provider, who knows a person that no policy names."""

    def __init__(self, ground: Ground) -> None:
        self.people = {one["email"]: one["id"] for one in ground.call("GET", "/users?limit=100")["users"]}

    def reference(self, name: str = "stranger") -> Body:
        return {"id": self.people[f"{name}@example.com"], "type": "user_reference"}


def renamed(body: Body, _: Stranger) -> None:
    body["name"] = "Edited by hand"


def described(body: Body, _: Stranger) -> None:
    mark = body["description"][body["description"].index("Managed by oncall-sync:") :]
    body["description"] = f"Edited by hand\n\n{mark}"


def _top_layer(body: Body, stranger: Stranger) -> None:
    body["schedule_layers"][0]["users"] = [{"user": stranger.reference()}]


def _one_more_turn(body: Body, stranger: Stranger) -> None:
    body["schedule_layers"][0]["users"].append({"user": stranger.reference()})


def _other_zone(body: Body, _: Stranger) -> None:
    body["time_zone"] = "Pacific/Auckland"


def _delay(body: Body, _: Stranger) -> None:
    body["escalation_rules"][-1]["escalation_delay_in_minutes"] += 100


def _target(body: Body, stranger: Stranger) -> None:
    body["escalation_rules"][0]["targets"].append(stranger.reference())


def _one_more_level(body: Body, stranger: Stranger) -> None:
    body["escalation_rules"].append({"escalation_delay_in_minutes": 7, "targets": [stranger.reference()]})


def _passes(body: Body, _: Stranger) -> None:
    body["num_loops"] = (body["num_loops"] + 1) % 10


def _acknowledged(body: Body, _: Stranger) -> None:
    body["acknowledgement_timeout"] = 1234 * 60


def _urgency(body: Body, _: Stranger) -> None:
    other = "low" if body["incident_urgency_rule"].get("urgency") == "high" else "high"
    body["incident_urgency_rule"] = {"type": "constant", "urgency": other}
    body["support_hours"] = None
    body["scheduled_actions"] = []


EDITS: dict[str, tuple[Edit, ...]] = {
    "teams": (renamed, described),
    "schedules": (renamed, described, _top_layer, _one_more_turn, _other_zone),
    "escalation_policies": (renamed, described, _delay, _target, _one_more_level, _passes),
    "services": (renamed, described, _acknowledged, _urgency),
}
MANAGED = {
    _acknowledged: "acknowledge_within",
    _urgency: "urgency",
    _passes: "repeat",
    described: "description",
}
"""What must be declared for an edit of it to be drift: a key that a policy does not mention is left as it is."""
JOINS = (_target, _one_more_level, _top_layer, _one_more_turn)


def is_managed(change: Edit, declared: Data) -> bool:
    if change is _delay:
        return "escalate_after" in declared["levels"][-1]
    return change not in MANAGED or MANAGED[change] in declared


@pytest.mark.matrix  # tests/drift has a table of single edits, for every provider
@pytest.mark.parametrize(
    ("kind", "change"), [pytest.param(k, e, id=f"{k}-{e.__name__}") for k in EDITS for e in EDITS[k]]
)
@settings(slowly, max_examples=2)
@given(policies())
def test_an_edit_at_the_provider_is_drift_and_goes_back(
    ground: Ground, kind: str, change: Edit, data: Data
) -> None:
    key = max(sorted(data[kind]), key=lambda one: is_managed(change, data[kind][one]))
    declared = data[kind][key]
    managed = is_managed(change, declared)
    ground.begin(data)
    ground.apply()
    before = {each: ground.all(each) for each in KINDS}
    (body,) = [one for one in before[kind] if one["name"] == declared.get("name", key)]
    rung = ground.rings()
    edited = ground.call("GET", f"/{kind}/{body['id']}?time_zone=UTC")[KINDS[kind]]
    change(edited, Stranger(ground))
    if kind == "schedules":
        edited["schedule_layers"].reverse()
    ground.call("PUT", f"/{kind}/{body['id']}", {KINDS[kind]: edited})
    assume(change is not _one_more_turn or ground.rings() != rung)
    found = [(c["ref"], c["action"], c["why"]) for c in ground.plan()["changes"]]
    if not managed:
        assert found == []
        return
    if change in JOINS:  # whoever a policy calls is put into its team, and leaves it again
        found = [one for one in found if not one[0].startswith("team.")]
    ((ref, action, why),) = found
    assert (ref, why) == (f"{KINDS[kind]}.{key}", "drift")
    assert action == ("rename" if change is renamed else "update")
    ground.apply()
    ground.nothing_to_do()
    assert ground.rings() == rung
    after = {each: ground.all(each) for each in KINDS}
    for each in KINDS:
        for one, other in zip(after[each], before[each], strict=True):
            assert _lasting(one) == _lasting(other)


def _lasting(body: Body) -> Body:
    """What an object is, without what the vendor renders and without its levels' ids and when its layers began."""
    rendered = (
        "final_schedule",
        "overrides_subschedule",
        "next_oncall_for_user",
        "updated_at",
        "summary",
        "escalation_policies",
    )
    out = {key: value for key, value in body.items() if key not in rendered}
    gone = ("rendered_schedule_entries", "rendered_coverage_percentage", "start", "rotation_virtual_start")
    rules = body.get("escalation_rules", ())
    out["escalation_rules"] = [{key: one[key] for key in one if key != "id"} for one in rules]
    layers = body.get("schedule_layers", ())
    out["schedule_layers"] = [{key: one[key] for key in one if key not in gone} for one in layers]
    return out
