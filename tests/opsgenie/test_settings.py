"""The `opsgenie:` blocks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from oncall_sync.model import Hours
from oncall_sync.policy import words
from oncall_sync.rota.hours import DAY_NAMES, in_words, merge
from oncall_sync_opsgenie.blocks import Place
from oncall_sync_opsgenie.settings import BLOCKS, canonical, faults, schema
from oncall_sync_opsgenie.spans import duration_words, minutes_of, parse_hours

OFFICE = "Mon-Fri 09:00-18:00"
GOOD: list[tuple[Place, dict[str, Any], dict[str, Any]]] = [
    ("service", {"visibility": "TEAM_MEMBERS", "tags": "none"}, {}),
    ("service", {"visibility": "OPSGENIE_USERS", "tags": "b"}, {"visibility": "OPSGENIE_USERS", "tags": ["b"]}),
    ("service", {"tags": ["b", "a", "b"]}, {"tags": ["a", "b"]}),
    ("escalation_policy", {"starts_after": "0m", "close_after_repeats": False}, {}),
    ("escalation_policy", {"starts_after": "120 minutes"}, {"starts_after": "2h"}),
    ("escalation_policy", {"starts_after": None, "close_after_repeats": True}, {"close_after_repeats": True}),
    ("level", {"notify": "none", "condition": "not_acked"}, {}),
    ("level", {"notify": "next", "condition": "not_closed"}, {"notify": "next", "condition": "not_closed"}),
    (
        "level",
        {"also": [{"type": "team", "id": "T2", "notifyType": "all"}, {"type": "group", "id": "G"}]},
        {"also": [{"type": "group", "id": "G"}, {"type": "team", "id": "T2", "notifyType": "all"}]},
    ),
    ("team", {"route_to": "main"}, {"route_to": "main"}),
    ("team", {"route_to": "none", "routing": "none"}, {"route_to": "none", "routing": []}),
    (
        "team",
        {"routing": [{"priority": "P1", "hours": OFFICE, "time_zone": "Europe/Vienna", "to": "main"}]},
        {"routing": [{"priority": ["P1"], "hours": [OFFICE], "time_zone": "Europe/Vienna", "to": "main"}]},
    ),
    ("team", {"routing": [{"to": "none", "name": "drop"}]}, {"routing": [{"to": "none", "name": "drop"}]}),
    ("schedule", {}, {}),
    ("integration", {"suppressNotifications": False}, {"suppressNotifications": False}),
    ("integration", {"alertFilter": {"x": [1]}}, {"alertFilter": {"x": [1]}}),
    ("provider", {"high_priority": "P1", "low_priority": "P4"}, {}),
    ("provider", {"high_priority": "P2", "time_zone": "UTC"}, {"high_priority": "P2", "time_zone": "UTC"}),
]
BAD: list[tuple[Place, dict[str, Any], str, str]] = [
    ("service", {"visibilty": "x"}, "visibilty", "opsgenie block of this service (did you mean `visibility`?)"),
    ("service", {"visibility": "all"}, "visibility", "'TEAM_MEMBERS' or 'OPSGENIE_USERS'"),
    ("service", {"tags": [str(n) for n in range(21)]}, "tags", "at most 20 items"),
    ("escalation_policy", {"starts_after": 5}, "starts_after", "write a duration with its unit"),
    ("escalation_policy", {"starts_after": "5s"}, "starts_after", "'5s' is not a duration in minutes"),
    ("escalation_policy", {"close_after_repeats": "yes"}, "close_after_repeats", "valid boolean"),
    ("level", {"notify": "everyone"}, "notify", "'next', 'previous', 'admins', 'all', 'random' or 'users'"),
    ("level", {"x": 1}, "x", "known here: notify, condition, also"),
    ("level", {"also": [{"typ": "x", "type": "team"}]}, "also.0.typ", "did you mean `type`?"),
    ("team", {"route_to": 5}, "route_to", "valid string"),
    ("team", {"routing": [{"priority": "P6", "to": "x"}]}, "routing.0.priority.0", "'P1', 'P2'"),
    ("team", {"routing": [{"hours": "Mon", "to": "x"}]}, "routing.0.hours.0", "'Mon' are not hours; write hours"),
    ("team", {"routing": [{"hours": OFFICE}]}, "routing.0.to", "required"),
    ("team", {"routing": [{"to": "x", "prio": 1}]}, "routing.0.prio", "did you mean `priority`?"),
    ("team", {"routing": [{"to": "x", "time_zone": "Mars"}]}, "routing.0.time_zone", "'Mars' is not a time zone"),
    ("team", {"routing": [{"to": "x", "name": "a"}, {"to": "y", "name": "a"}]}, "", "two routing rules are"),
    ("schedule", {"leftovers": ["x"]}, "leftovers", "this schedule (there are none here)"),
    ("integration", {"apiKey": "x"}, "apiKey", "`apiKey` is set from the policy itself"),
    ("integration", {"webhookUrl": "https://x"}, "webhookUrl", "`webhookUrl` holds a secret"),
    ("integration", {"callback": {"password": "x"}}, "callback", "`callback` holds a secret"),
    ("integration", {"responders": []}, "responders", "leave it out here"),
    ("integration", {"x": None}, "x", "`x` has no value"),
    ("integration", {"suppressNotifications": "x"}, "suppressNotifications", "valid boolean"),
    ("provider", {"high_priority": "P4"}, "", "high_priority must be more urgent than low_priority"),
    ("provider", {"low_priority": "low"}, "low_priority", "'P1', 'P2', 'P3', 'P4' or 'P5'"),
    ("provider", {"time_zone": "Vienna"}, "time_zone", "'Vienna' is not a time zone; write one such as"),
    ("provider", {"regoin": "eu"}, "regoin", "known here: high_priority, low_priority, time_zone"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "block", "form"), GOOD)
def test_a_block_has_one_canonical_form(place: Place, block: dict[str, Any], form: dict[str, Any]) -> None:
    assert list(faults(place, block)) == []
    assert canonical(place, block) == form
    assert canonical(place, form) == form


@pytest.mark.parametrize(("place", "block", "key", "message"), BAD)
def test_what_is_wrong_is_said_where_it_is(place: Place, block: dict[str, Any], key: str, message: str) -> None:
    said = dict(faults(place, block))
    assert message in said[key]
    assert canonical(place, block) == block


@pytest.mark.parametrize(("place", "block", "form"), GOOD)
def test_editors_agree(place: Place, block: dict[str, Any], form: dict[str, Any]) -> None:
    shape = schema(place)
    Draft7Validator.check_schema(shape)
    written = {key: one for key, one in block.items() if one is not None}
    Draft7Validator(shape).validate(written)
    Draft7Validator(shape).validate(form)
    assert "$ref" not in json.dumps(shape)


@pytest.mark.parametrize("place", BLOCKS)
def test_editors_refuse_what_we_refuse(place: Place) -> None:
    key = "apiKey" if place == "integration" else "nonsense"
    assert not Draft7Validator(schema(place)).is_valid({key: 1})


def test_a_text_that_is_no_duration_or_no_hours() -> None:
    for text in ("5s", "soon", "", "m"):
        with pytest.raises(ValueError, match="is not a duration"):
            minutes_of(text)
    for text, why in [
        ("Mon", "are not hours"),
        ("Mon-Wed-Fri 09:00-10:00", "two ranges of days"),
        ("Mun 09:00-10:00", "no day 'mun'"),
        ("Mon 09:60-10:00", "no time of day '09:60'"),
        ("Mon 24:30-10:00", "no time of day '24:30'"),
        ("Mon 09:00 - Mon 09:00", "ends where it begins"),
    ]:
        with pytest.raises(ValueError, match=why):
            parse_hours(text)


@pytest.mark.parametrize(
    "text",
    [
        *("always", "Mon-Fri 09:00-18:00", "sat-mon 22:00-06:00", "Mon+Wed 09:00-12:00, Fri 18:00 - Mon 09:00"),
        *("Mon-Thu 18:00\N{EN DASH}09:00", "Monday-Friday 00:00-24:00", "Sun 23:30 - Tue 00:30"),
    ],
)
def test_hours_are_read_as_in_policies(text: str) -> None:
    assert parse_hours(text) == words.hours(text)


@st.composite
def weeks(draw: st.DrawFn) -> Hours:
    spans = draw(st.lists(st.tuples(st.integers(0, 10_079), st.integers(1, 10_079)), min_size=1, max_size=5))
    return merge((start, start + length) for start, length in spans)


@given(weeks())
def test_hours_come_back_from_their_words(hours: Hours) -> None:
    assert parse_hours(in_words(hours)) == hours == words.hours(in_words(hours))


@given(st.integers(1, 100_000))
def test_durations_come_back_from_their_canonical_words(count: int) -> None:
    block = canonical("escalation_policy", {"starts_after": f"{count}m"})
    assert minutes_of(block["starts_after"]) == count
    assert canonical("escalation_policy", block) == block


def test_durations_for_people() -> None:
    from datetime import timedelta

    assert duration_words(timedelta(days=1, hours=2, seconds=30)) == "1d2h30s"
    assert duration_words(timedelta()) == "0m"


def test_days_are_all_days() -> None:
    assert [parse_hours(f"{day} 00:00-24:00").spans[0][0] // 1440 for day in DAY_NAMES] == list(range(7))
