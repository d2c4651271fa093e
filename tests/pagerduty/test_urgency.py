"""Urgency rules and support hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.model import ALWAYS, BySender, ConstantUrgency, Hours, SupportHours, Urgency
from oncall_sync.rota.hours import merge
from oncall_sync_pagerduty.urgency import urgency_body, urgency_from, window

names = st.sampled_from(("high", "low"))


@st.composite
def one_window(draw: st.DrawFn) -> Hours:
    start = draw(st.integers(0, 1437))
    end = draw(st.integers(start + 1, 1438))
    days = draw(st.sets(st.integers(0, 6), min_size=1))
    return merge((day * 1440 + start, day * 1440 + end) for day in days)


urgencies: st.SearchStrategy[Urgency] = st.one_of(
    st.sampled_from((ConstantUrgency("high"), ConstantUrgency("low"))),
    st.just(BySender()),
    st.builds(
        SupportHours,
        hours=one_window(),
        time_zone=st.just("Europe/Vienna"),
        during=names,
        outside=names,
        raise_at_start=st.booleans(),
    ),
)


@given(urgencies)
def test_an_urgency_comes_back(urgency: Urgency) -> None:
    assert urgency_from(urgency_body(urgency)) == urgency


def test_a_constant_clears_support_hours_aloud() -> None:
    assert urgency_body(ConstantUrgency("low")) == {
        "incident_urgency_rule": {"type": "constant", "urgency": "low"},
        "support_hours": None,
        "scheduled_actions": [],
    }


def test_support_hours_as_the_api_wants_them() -> None:
    office = merge((day * 1440 + 540, day * 1440 + 1080) for day in range(5))
    found = urgency_body(SupportHours(hours=office, time_zone="UTC", raise_at_start=True))
    assert found["support_hours"] == {
        "type": "fixed_time_per_day",
        "time_zone": "Etc/UTC",
        "start_time": "09:00:00",
        "end_time": "18:00:00",
        "days_of_week": [1, 2, 3, 4, 5],
    }
    assert "urgency" not in found["incident_urgency_rule"]
    assert found["scheduled_actions"][0]["at"] == {"type": "named_time", "name": "support_hours_start"}


@pytest.mark.parametrize(
    "hours",
    [
        ALWAYS,
        Hours(()),
        merge([(540, 720), (780, 1080)]),
        merge([(0, 2880)]),
        merge([(540, 1440)]),
        merge([(1320, 1800)]),
        merge([(540, 1080), (1440 + 600, 1440 + 1080)]),
    ],
)
def test_hours_that_are_not_one_window_a_day(hours: Hours) -> None:
    assert window(hours) is None


def test_support_hours_past_midnight_are_read_as_they_are() -> None:
    night = {"time_zone": "Etc/UTC", "start_time": "22:00:00", "end_time": "06:00:00", "days_of_week": [7]}
    halves = {f"{half}_support_hours": {"type": "constant", "urgency": "low"} for half in ("during", "outside")}
    body: dict[str, Any] = {
        "incident_urgency_rule": {"type": "use_support_hours", **halves},
        "support_hours": night,
    }
    found = urgency_from(body)
    assert isinstance(found, SupportHours)
    assert found.hours == merge([(6 * 1440 + 1320, 6 * 1440 + 1800)])
    body["support_hours"] = {**night, "end_time": "22:00:00"}
    found = urgency_from(body)
    assert isinstance(found, SupportHours)
    assert timedelta(minutes=found.hours.spans[0][1] - found.hours.spans[0][0]) == timedelta(days=1)


@pytest.mark.parametrize(
    "body",
    [
        {"incident_urgency_rule": {"type": "constant", "urgency": "severity_based"}},
        {"incident_urgency_rule": {"type": "use_support_hours"}, "support_hours": {"time_zone": "Etc/UTC"}},
        {
            "incident_urgency_rule": {
                "type": "use_support_hours",
                "during_support_hours": {"urgency": "high"},
                "outside_support_hours": {"urgency": "low"},
            },
            "support_hours": None,
        },
    ],
)
def test_what_only_pagerduty_can_say_is_left_to_the_sender(body: dict[str, Any]) -> None:
    assert urgency_from(body) == BySender()


def test_a_service_without_a_rule_is_high() -> None:
    assert urgency_from({}) == ConstantUrgency("high")
