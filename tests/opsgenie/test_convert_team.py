"""People, teams and routing rules, read and written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.model import ALWAYS, Member, Ref, Route
from oncall_sync.rota.hours import merge
from oncall_sync_opsgenie.convert_schedule import fits
from oncall_sync_opsgenie.convert_team import (
    default_rule,
    member_body,
    own_rules,
    route_from,
    rule_body,
    team_from,
    user_from,
)
from tests.opsgenie.recorded import recorded
from tests.opsgenie.test_convert_schedule import hours

POLICY = Ref("escalation_policy", "E1", remote=True)
PRIORITY = {"field": "priority", "operation": "equals", "not": False}
DEFAULT = {
    "id": "D",
    "isDefault": True,
    "notify": {"type": "escalation", "id": "E1"},
    "criteria": {"type": "match-all"},
}

targets = st.none() | st.builds(
    lambda kind, key: Ref(kind, key, remote=True), st.sampled_from(("escalation_policy", "schedule")), st.just("x")
)
TAGS = {"expectedValue": "db", "field": "tags", "not": True, "operation": "contains"}
BELOW = {"expectedValue": "P3", "field": "priority", "not": False, "operation": "less-than"}
others = st.sampled_from(("match-all-conditions", "match-any-condition")).map(
    lambda kind: json.dumps({"conditions": [BELOW, TAGS], "type": kind}, sort_keys=True)
)
routes = st.builds(
    Route,
    name=st.sampled_from(("a", "b", "c")),
    to=targets,
    priorities=st.sets(st.sampled_from(("P1", "P2", "P5"))).map(lambda found: tuple(sorted(found))),
    hours=hours.filter(fits),
    time_zone=st.sampled_from(("UTC", "Europe/Berlin")),
    other=st.none(),
).map(
    lambda one: Route(name=one.name, to=one.to, priorities=one.priorities) if one.hours == ALWAYS else one
) | st.builds(Route, name=st.sampled_from(("d", "e")), to=targets, other=others)


@given(routes)
def test_a_route_is_read_back_as_it_was_written(route: Route) -> None:
    assert route_from(rule_body(route, {})) == route


def test_a_person() -> None:
    body = {"id": "u", "username": "a@x.org", "fullName": "Anna"}
    found = user_from(body)
    assert (found.ref, found.name, found.email) == (Ref("user", "u", remote=True), "Anna", "a@x.org")
    assert user_from({"id": "u", "username": "a@x.org", "fullName": ""}).name == "a@x.org"


def test_a_team_says_what_becomes_of_its_alerts() -> None:
    rules = [
        {"id": "2", "name": "late", "order": 1, "notify": {"type": "none"}},
        {**DEFAULT, "order": 2},
        {"id": "1", "name": "first", "order": 0, "notify": {"type": "schedule", "id": "S"}},
    ]
    members = [{"user": {"id": "u"}, "role": "admin"}, {"user": {"id": "v"}}, {"user": {"username": "gone"}}]
    found = team_from({"id": "t", "name": "Ops", "description": "", "members": members}, rules)
    assert found.members == (
        Member(Ref("user", "u", remote=True), "admin"),
        Member(Ref("user", "v", remote=True), "user"),
    )
    assert (found.description, found.pages) == (None, POLICY)
    assert found.routes == (
        Route(name="first", to=Ref("schedule", "S", remote=True)),
        Route(name="late", to=None),
    )
    assert default_rule(rules) is rules[1]
    assert [rule["id"] for rule in own_rules(rules)] == ["1", "2"]


def test_a_team_without_rules_notifies_nobody() -> None:
    found = team_from({"id": "t", "name": "Ops"}, [])
    assert (found.members, found.pages, found.routes) == ((), None, ())


@pytest.mark.parametrize(
    ("criteria", "priorities"),
    [
        (None, ()),
        ({"type": "match-all"}, ()),
        ({"type": "match-all", "conditions": []}, ()),
        (
            {"type": "match-any-condition", "conditions": [{**PRIORITY, "expectedValue": "P2", "order": 0}]},
            ("P2",),
        ),
        ({"type": "match-all-conditions", "conditions": [{**PRIORITY, "expectedValue": "P1"}]}, ("P1",)),
        (
            {
                "type": "match-any-condition",
                "conditions": [{**PRIORITY, "expectedValue": "P3"}, {**PRIORITY, "expectedValue": "P1"}],
            },
            ("P1", "P3"),
        ),
    ],
)
def test_criteria_that_only_ask_for_priorities(criteria: Any, priorities: tuple[str, ...]) -> None:
    found = route_from({"id": "1", "name": "x", "criteria": criteria, "notify": {"type": "none"}})
    assert (found.priorities, found.other) == (priorities, None)


@pytest.mark.parametrize(
    "criteria",
    [
        {
            "type": "match-all-conditions",
            "conditions": [{**PRIORITY, "expectedValue": "P1"}, {**PRIORITY, "expectedValue": "P2"}],
        },
        {"type": "match-any-condition", "conditions": [{**PRIORITY, "not": True, "expectedValue": "P1"}]},
        {"type": "match-any-condition", "conditions": [{"field": "message", "operation": "contains"}]},
    ],
)
def test_other_criteria_are_kept(criteria: dict[str, Any]) -> None:
    rule = {"id": "1", "name": "x", "criteria": criteria, "notify": {"type": "none"}}
    found = route_from(rule)
    assert found.priorities == ()
    assert found.other is not None
    assert rule_body(found, {})["criteria"] == criteria
    turned = [{**one, "order": n} for n, one in enumerate(reversed(criteria["conditions"]))]
    assert route_from({**rule, "criteria": {**criteria, "conditions": turned}}) == found


def test_a_zone_means_something_only_with_hours() -> None:
    rule = {"id": "1", "name": "x", "timezone": "UTC", "notify": {"type": "none"}, "timeRestriction": {}}
    assert route_from(rule).time_zone is None
    route = Route(name="x", to=None, hours=merge([(540, 1080)]))
    assert "timezone" not in rule_body(route, {})


def test_members_as_bodies() -> None:
    anna = Ref("user", "anna")
    assert member_body(Member(anna), {anna: "U"}) == {"user": {"id": "U"}, "role": "user"}
    assert member_body(Member(anna, "admin"), {})["user"] == {"id": "@{user.anna}"}


def test_recorded_teams_and_people() -> None:
    body = recorded("teams/firehydrant_by_id.json")
    found = team_from(body, [])
    assert found.name == body["name"]
    assert found.members == tuple(
        Member(Ref("user", one["user"]["id"], remote=True), one["role"]) for one in body["members"]
    )
    for path in ("teams/demisto_list.json", "teams/firehydrant_list.json"):
        assert [team_from(one, []).name for one in recorded(path)] == [one["name"] for one in recorded(path)]
    for path in ("users/dxw_users.json", "users/firehydrant_list.json"):
        assert [user_from(one).email for one in recorded(path)] == [one["username"] for one in recorded(path)]
