"""Rate limits: never more than a window allows, slower after 429, and every long wait told."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync_opsgenie.answers import Answer
from oncall_sync_opsgenie.pace import (
    ALERT,
    CONFIGURATION,
    HEARTBEAT,
    INCIDENT,
    INTEGRATION_CONFIGURATION,
    ON_CALLS,
    RECOVERY_SECONDS,
    SEARCH,
    START_PER_SECOND,
    Pace,
    Window,
    domain,
    windows,
)
from tests.pagerduty.clock import Clock

OK = Answer(200)


def limited(period: str | None = None) -> Answer:
    return Answer(429, {} if period is None else {"x-ratelimit-period-in-sec": period})


def made(limits: dict[str, tuple[Window, ...]] | None = None) -> tuple[Pace, Clock]:
    clock = Clock()
    pace = Pace(clock.sleep, clock)
    pace.learn(limits or {})
    return pace, clock


def busiest(sent: list[float], seconds: float) -> int:
    """The most requests in any span of so many seconds."""
    return max(sum(at <= one < at + seconds for one in sent) for at in sent)


def per_second(pace: Pace, clock: Clock, requests: int = 20) -> float:
    began = clock.now
    for _ in range(requests):
        pace.hold_back(CONFIGURATION)
    return requests / (clock.now - began)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v2/users?limit=100&offset=0", SEARCH),
        ("GET", "/v2/users/", SEARCH),
        ("GET", "/v2/users/anna@example.com", CONFIGURATION),
        ("POST", "/v2/users", CONFIGURATION),
        ("GET", "/v2/alerts?query=x", SEARCH),
        ("GET", "/v2/alerts/1", ALERT),
        ("POST", "/v2/alerts", ALERT),
        ("GET", "/v2/integrations", CONFIGURATION),
        ("GET", "/v2/integrations/1", CONFIGURATION),
        ("POST", "/v2/integrations", INTEGRATION_CONFIGURATION),
        ("PUT", "/v2/integrations/1", INTEGRATION_CONFIGURATION),
        ("delete", "/v2/integrations/1", INTEGRATION_CONFIGURATION),
        ("GET", "/v2/schedules/on-calls?flat=true", ON_CALLS),
        ("GET", "/v2/schedules/on-calls/anna@example.com.ics", ON_CALLS),
        ("GET", "/v2/schedules/1/next-on-calls", ON_CALLS),
        ("GET", "/v2/schedules?expand=rotation", CONFIGURATION),
        ("GET", "/v2/schedules/1/timeline", CONFIGURATION),
        ("POST", "/v2/teams", CONFIGURATION),
        ("GET", "/v1/services?limit=100", CONFIGURATION),
        ("POST", "/v1/incidents/create", INCIDENT),
        ("GET", "/v1/incident-templates", CONFIGURATION),
        ("GET", "/v2/heartbeats", HEARTBEAT),
        ("GET", "/v2/account", CONFIGURATION),
        ("GET", "/", CONFIGURATION),
    ],
)
def test_each_request_has_its_domain(method: str, path: str, expected: str) -> None:
    assert domain(method, path) == expected


def test_windows_are_read_and_what_is_odd_is_left_out() -> None:
    good = {"limit": 10, "periodInSeconds": 1}
    odd = [{"limit": "x", "periodInSeconds": 1}, {"limit": 0, "periodInSeconds": 1}, {"limit": True}, None]
    body = {
        "data": {
            "rateLimits": [
                {"domain": "configuration", "limits": [good, {"limit": 90, "periodInSeconds": 60}, *odd]},
                {"domain": "search", "limits": odd},
                {"domain": 3, "limits": [good]},
                "x",
            ]
        }
    }
    assert windows(body) == {"configuration": (Window(10, 1), Window(90, 60))}


@pytest.mark.parametrize("body", [None, [], {}, {"data": None}, {"data": {"rateLimits": {}}}])
def test_no_windows_in_what_is_none(body: Any) -> None:
    assert windows(body) == {}


@given(
    st.lists(st.tuples(st.integers(1, 20), st.sampled_from((1, 7, 60))), min_size=1, max_size=3),
    st.lists(st.floats(0, 3), min_size=1, max_size=60),
)
def test_no_window_is_ever_exceeded(limits: list[tuple[int, int]], gaps: list[float]) -> None:
    pace, clock = made({CONFIGURATION: tuple(Window(*one) for one in limits)})
    sent = []
    for gap in gaps:
        clock.now += gap
        sent.append(pace.hold_back(CONFIGURATION))
    for most, seconds in limits:
        assert busiest(sent, seconds) <= most


def test_a_limit_is_used_up_before_anybody_waits() -> None:
    pace, clock = made({CONFIGURATION: (Window(10, 1), Window(30, 60))})
    for _ in range(30):
        pace.hold_back(CONFIGURATION)
    assert clock.now - 1000 < 3
    pace.hold_back(CONFIGURATION)
    assert 60 <= clock.now - 1000 < 61


def test_threads_share_one_window() -> None:
    clock, lock = Clock(), threading.Lock()

    def sleep(seconds: float) -> None:
        with lock:
            clock.sleep(seconds)

    pace = Pace(sleep, clock)
    pace.learn({CONFIGURATION: (Window(7, 1),)})
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda _: pace.hold_back(CONFIGURATION), range(200)))
    assert busiest(sent, 1) <= 7


@pytest.mark.parametrize("name", ["integration configuration", "integration-config", "IntegrationConfiguration"])
def test_a_domain_is_found_however_it_is_spelled(name: str) -> None:
    pace, clock = made({name: (Window(1, 60),)})
    pace.hold_back(INTEGRATION_CONFIGURATION)
    pace.hold_back(CONFIGURATION)
    assert clock.slept == []
    pace.hold_back(INTEGRATION_CONFIGURATION)
    assert sum(clock.slept) > 59


def test_what_is_not_known_starts_at_the_stated_rate() -> None:
    pace, clock = made()
    assert per_second(pace, clock) == pytest.approx(START_PER_SECOND, rel=0.4)
    pace, clock = made({SEARCH: (Window(100, 1),)})
    assert per_second(pace, clock) == pytest.approx(START_PER_SECOND, rel=0.4)


def test_429_halves_the_pace_once_for_what_was_on_its_way() -> None:
    pace, clock = made({CONFIGURATION: (Window(16, 1),)})
    on_the_way = [pace.hold_back(CONFIGURATION) for _ in range(6)]
    for sent_at in on_the_way:
        pace.heed(CONFIGURATION, limited("1"), sent_at)
    clock.now += 2
    sent = [pace.hold_back(CONFIGURATION) for _ in range(40)]
    assert busiest(sent, 1) == 8
    pace.heed(CONFIGURATION, limited("1"), sent[-1])
    assert busiest([pace.hold_back(CONFIGURATION) for _ in range(40)], 1) == 4


def test_the_pace_recovers_slowly_and_never_above_the_limit() -> None:
    pace, clock = made({CONFIGURATION: (Window(20, 1),)})
    pace.heed(CONFIGURATION, limited("1"), pace.hold_back(CONFIGURATION))
    found = []
    for _ in range(8):
        clock.now += RECOVERY_SECONDS
        for _ in range(3):  # more answers do not make it faster
            pace.heed(CONFIGURATION, OK, pace.hold_back(CONFIGURATION))
        clock.now += 2
        found.append(busiest([pace.hold_back(CONFIGURATION) for _ in range(60)], 1))
        assert clock.now
    assert found[0] == 12
    assert found == sorted(found)
    assert found[-1] == 20


def test_the_pace_never_stops_altogether() -> None:
    pace, clock = made()
    for _ in range(50):
        clock.now += 100
        pace.heed(CONFIGURATION, limited("1"), pace.hold_back(CONFIGURATION))
    clock.now += 100
    began = clock.now
    for _ in range(4):
        pace.hold_back(CONFIGURATION)
    assert 9 < clock.now - began < 12  # a sixteenth of five a second


def test_a_delayed_answer_slows_down_without_a_pause() -> None:
    pace, clock = made({CONFIGURATION: (Window(16, 1),)})
    throttled = Answer(200, {"x-ratelimit-state": "THROTTLED"})
    pace.heed(CONFIGURATION, throttled, pace.hold_back(CONFIGURATION))
    assert clock.slept == []
    clock.now += 2
    assert busiest([pace.hold_back(CONFIGURATION) for _ in range(40)], 1) == 8
    assert not pace.spent


@pytest.mark.parametrize(
    ("period", "seconds"),
    [("60", 60.0), ("1", 1.0), ("0", 0.1), (None, 1.0), ("x", 1.0), ("nan", 1.0), ("-3", 1.0)],
)
def test_429_pauses_its_domain_alone(period: str | None, seconds: float) -> None:
    pace, clock = made()
    pace.heed(CONFIGURATION, limited(period), pace.hold_back(CONFIGURATION))
    pace.hold_back(SEARCH)
    assert clock.slept == []
    pace.hold_back(CONFIGURATION)
    assert sum(clock.slept) == pytest.approx(seconds)


def test_429_without_a_period_pauses_at_most_a_minute() -> None:
    pace, clock = made()
    pauses = []
    for _ in range(9):
        pace.heed(CONFIGURATION, limited(), clock.now)
        before = clock.now
        pace.hold_back(CONFIGURATION)
        pauses.append(clock.now - before)
        clock.now += 1
    assert pauses == pytest.approx([1, 2, 4, 8, 16, 32, 60, 60, 60])
    pace.heed(CONFIGURATION, OK, clock.now)
    pace.heed(CONFIGURATION, limited(), clock.now)
    before = clock.now
    pace.hold_back(CONFIGURATION)
    assert 1 <= clock.now - before < 4  # from the start again, at the slow pace that is left


def test_only_429_spends_the_budget() -> None:
    pace, clock = made({CONFIGURATION: (Window(1, 60),)})
    for _ in range(10):
        sent_at = pace.hold_back(CONFIGURATION)
    assert sum(clock.slept) > 500
    assert not pace.spent
    for _ in range(6):  # one pause, however many hear of it
        pace.heed(CONFIGURATION, limited("60"), sent_at)
    assert not pace.spent
    for _ in range(3):
        clock.now += 60
        pace.heed(CONFIGURATION, limited("60"), clock.now)
    assert pace.spent


def test_every_wait_worth_telling_is_told_once() -> None:
    pace, clock = made({CONFIGURATION: (Window(2, 60),), SEARCH: (Window(10, 1),)})
    told: list[float] = []
    pace.on_wait = told.append
    for _ in range(11):
        pace.hold_back(SEARCH)
    assert clock.slept
    assert told == []  # less than a second or so is nobody's business
    for _ in range(4):
        pace.hold_back(CONFIGURATION)
    assert told == [pytest.approx(60.1)]


def test_a_period_of_hours_is_not_slept_through() -> None:
    pace, clock = made()
    pace.heed(CONFIGURATION, limited("86400"), pace.hold_back(CONFIGURATION))
    before = clock.now
    pace.hold_back(CONFIGURATION)
    assert clock.now - before <= 60.0
