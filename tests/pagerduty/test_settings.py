"""The `pagerduty:` blocks."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from oncall_sync_pagerduty import PagerDuty
from oncall_sync_pagerduty.convert_service import grouping_body, grouping_from
from oncall_sync_pagerduty.settings import Place, canonical, duration_text, faults, parse_duration

FIELDS = ["summary", "component"]
GOOD: list[tuple[Place, dict[str, Any], dict[str, Any]]] = [
    ("service", {"status": "active", "alert_grouping": "none", "auto_pause": None}, {}),
    ("service", {"status": "disabled", "auto_pause": "300s"}, {"status": "disabled", "auto_pause": "5m"}),
    ("service", {"auto_pause": "recommended"}, {"auto_pause": "recommended"}),
    (
        "service",
        {"alert_grouping": {"type": "time", "timeout": "120 minutes"}},
        {"alert_grouping": {"type": "time", "timeout": "2h"}},
    ),
    (
        "service",
        {"alert_grouping": {"type": "content_based", "aggregate": "any", "fields": FIELDS, "window": "24h"}},
        {
            "alert_grouping": {
                "type": "content_based",
                "aggregate": "any",
                "fields": sorted(FIELDS),
                "window": "1d",
            }
        },
    ),
    (
        "service",
        {"alert_grouping": {"type": "intelligent", "fields": "summary"}},
        {"alert_grouping": {"type": "intelligent", "fields": ["summary"]}},
    ),
    ("escalation_policy", {"handoff_notifications": "if_has_services", "tags": "b"}, {"tags": ["b"]}),
    ("team", {"tags": ["b", "a", "b"]}, {"tags": ["a", "b"]}),
    ("level", {"round_robin": False}, {}),
    ("integration", {"opens_incident": "on_new_email_subject", "subject": "x"}, {"subject": {"match": "x"}}),
    (
        "integration",
        {"body": {"no_match": "x"}, "filters": "custom"},
        {"body": {"no_match": "x"}, "filters": "custom"},
    ),
    ("provider", {"schedules": "layered"}, {}),
    ("schedule", {"schedules": "shift_based"}, {"schedules": "shift_based"}),
]
BAD: list[tuple[Place, dict[str, Any], str]] = [
    ("service", {"statsu": "active"}, "unknown key `statsu` in the pagerduty block of this service (did you mean"),
    ("service", {"alert_grouping": {"type": "time", "timout": "5m"}}, "did you mean `timeout`?"),
    ("integration", {"subject": {"mach": "x"}}, "did you mean `match`?"),
    ("level", {"x": 1}, "known here: round_robin"),
    ("service", {"status": "critical"}, "Input should be 'active' or 'disabled'"),
    ("service", {"auto_pause": "7m"}, "must be one of 2m, 3m, 5m, 10m, 15m, recommended, or none"),
    ("service", {"auto_pause": 5}, "write a duration with its unit"),
    ("service", {"alert_grouping": {"type": "time"}}, "the type time needs `timeout`"),
    ("service", {"alert_grouping": {"type": "time", "timeout": "soon"}}, "'soon' is not a duration"),
    ("service", {"alert_grouping": {"type": "time", "timeout": "2d"}}, "must be 1m to 1d, or 0m"),
    ("service", {"alert_grouping": {"type": "intelligent", "aggregate": "all"}}, "does not go with"),
    ("service", {"alert_grouping": {"type": "intelligent", "window": "1d"}}, "the type content_based only"),
    ("service", {"alert_grouping": "on"}, "alert_grouping"),
    ("integration", {"subject": {"match": "a", "no_match": "b"}}, "write either `match` or `no_match`"),
    ("level", {"round_robin": "yes"}, "valid boolean"),
    ("provider", {"schedules": "both"}, "'layered' or 'shift_based'"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "block", "form"), GOOD)
def test_a_block_has_one_canonical_form(place: Place, block: dict[str, Any], form: dict[str, Any]) -> None:
    assert list(faults(place, block)) == []
    assert canonical(place, block) == form
    assert canonical(place, form) == form


@pytest.mark.parametrize(("place", "block", "message"), BAD)
def test_what_is_wrong_is_said(place: Place, block: dict[str, Any], message: str) -> None:
    said = " ".join(text for _, text in faults(place, block))
    assert message in said
    assert canonical(place, block) == block


@pytest.mark.parametrize(("place", "block", "form"), GOOD)
def test_editors_agree(place: Place, block: dict[str, Any], form: dict[str, Any]) -> None:
    schema = PagerDuty.settings_schema()[place]
    Draft7Validator.check_schema(schema)
    written = {key: one for key, one in block.items() if one is not None}
    Draft7Validator(schema).validate(written)
    Draft7Validator(schema).validate(form)
    assert "$ref" not in json.dumps(schema)
    assert not Draft7Validator(schema).is_valid({"nonsense": 1})


@given(st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds)))
def test_durations_come_back(span: timedelta) -> None:
    assert parse_duration(duration_text(span)) == span


@pytest.mark.parametrize("block", [one["alert_grouping"] for place, _, one in GOOD if "alert_grouping" in one])
def test_alert_grouping_comes_back(block: dict[str, Any]) -> None:
    sent = grouping_body(block)
    assert None not in sent["config"].values()
    assert canonical("service", {"alert_grouping": grouping_from(sent)}) == {"alert_grouping": block}
