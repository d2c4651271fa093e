"""What the engine says of a PagerDuty schedule is what the sandbox renders, by code of its own, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncall_sync.model import EscalationPolicy, LiveOverride, Ref, Schedule
from oncall_sync.provider import ProviderSettings
from oncall_sync.rota.paging import on_call
from oncall_sync.rota.scene import Scene
from oncall_sync.rota.shifts import shifts
from oncall_sync_pagerduty import PagerDuty
from oncall_sync_pagerduty.sandbox import Options, Running

PEOPLE = ("anna", "ben", "carla", "david")
SEED = {"users": {name: {"email": f"{name}@example.com", "name": name} for name in PEOPLE}}
MINUTE = timedelta(minutes=1)
SPAN = timedelta(days=21)
CHANGES = {
    "Europe/Vienna": (datetime(2026, 3, 29), datetime(2026, 10, 25)),
    "America/Chicago": (datetime(2026, 3, 8), datetime(2026, 11, 1)),
    "Australia/Lord_Howe": (datetime(2026, 4, 5), datetime(2026, 10, 4)),
    "Africa/Cairo": (datetime(2026, 4, 24), datetime(2026, 10, 30)),
    "Etc/UTC": (datetime(2026, 3, 29),),
}
"""Where the clocks change, and when."""

Spans = list[tuple[datetime, datetime, frozenset[str]]]


@dataclass
class Vendor:
    """The sandbox as people with a token see it, and the adapter as the tool does."""

    url: str
    adapter: PagerDuty
    session: requests.Session

    def control(self, verb: str, **body: Any) -> None:
        self.session.post(f"{self.url}/__sandbox__/{verb}", json=body, timeout=60).raise_for_status()

    def get(self, path: str, **params: Any) -> Any:
        answer = self.session.get(self.url + path, params=params, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = self.session.post(self.url + path, json=body, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    def started(self, now: datetime) -> dict[str, str]:
        """Begin again at an hour; returns the people's ids."""
        self.control("reset", what="all")
        self.control("clock", now=now.isoformat())
        return {user["email"].split("@")[0]: user["id"] for user in self.get("/users", limit=100)["users"]}


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with (
        Running(Options(seed=SEED, now=datetime(2026, 3, 1, tzinfo=UTC))) as running,
        requests.Session() as session,
    ):
        session.headers["Authorization"] = "Token token=somebody"
        settings_ = ProviderSettings(name="pd", kind="pagerduty", token="u+tokentokentoken", api_url=running.url)
        adapter = PagerDuty(settings_)
        yield Vendor(running.url, adapter, session)
        adapter.close()


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- what somebody might have set up in the vendor's pages


@dataclass(frozen=True)
class Setup:
    """Schedules in the vendor's shape, with people by name; `now` is about ten days before the clocks change."""

    now: datetime
    zone: str
    layers: list[list[dict[str, Any]]]
    overrides: list[list[tuple[int, int, str]]]


small_hours = st.integers(0, 16).map(lambda quarter: quarter * 15)  # when clocks change
minute_of_day = st.one_of(small_hours, st.integers(0, 1439))


@st.composite
def restrictions(draw: st.DrawFn) -> dict[str, Any]:
    opening = draw(minute_of_day)
    found = {"start_time_of_day": f"{opening // 60:02}:{opening % 60:02}:00"}
    if draw(st.booleans()):
        length = draw(st.integers(1, 1439))
        return {**found, "type": "daily_restriction", "duration_seconds": length * 60}
    length = draw(st.one_of(st.integers(1, 1440), st.integers(1, 7 * 1440 - 1)))
    day = draw(st.one_of(st.just(7), st.integers(1, 7)))
    return {**found, "type": "weekly_restriction", "duration_seconds": length * 60, "start_day_of_week": day}


@st.composite
def vendor_layers(draw: st.DrawFn, zone: str, now: datetime) -> dict[str, Any]:
    def clear(days: int) -> str:
        """A time by day: one that clocks show twice would lose which of the two it was."""
        wall = (now + timedelta(days=days)).replace(hour=draw(st.integers(5, 21)), minute=draw(st.integers(0, 59)))
        return stamp(wall.replace(tzinfo=ZoneInfo(zone)))

    anchor = now + timedelta(days=draw(st.integers(-400, 12)), minutes=draw(minute_of_day))
    return {
        "start": clear(draw(st.one_of(st.just(-30), st.integers(1, 9)))),
        "end": clear(draw(st.integers(11, 25))) if draw(st.integers(0, 3)) == 0 else None,
        "rotation_virtual_start": stamp(anchor),
        "rotation_turn_length_seconds": draw(st.sampled_from((8, 12, 24, 36, 48, 168, 336))) * 3600,
        "users": draw(st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=4)),
        "restrictions": draw(st.lists(restrictions(), max_size=3)),
    }


@st.composite
def setups(draw: st.DrawFn) -> Setup:
    zone = draw(st.sampled_from(sorted(CHANGES)))
    change = draw(st.sampled_from(CHANGES[zone]))
    now = (change - timedelta(days=10)).replace(hour=8, tzinfo=UTC)
    minutes = st.integers(10, int(SPAN / MINUTE))
    override = st.tuples(minutes, st.integers(1, 3 * 1440), st.sampled_from(PEOPLE))
    layers = st.lists(vendor_layers(zone, now), min_size=1, max_size=3)
    return Setup(
        now=now,
        zone=zone,
        layers=draw(st.lists(layers, min_size=2, max_size=2)),
        overrides=draw(st.lists(st.lists(override, max_size=4), min_size=2, max_size=2)),
    )


def put(vendor: Vendor, setup: Setup) -> tuple[list[str], str]:
    """Set it up over HTTP; returns the ids of the schedules, and of a policy that notifies them."""
    ids = vendor.started(setup.now)

    def user(name: str) -> dict[str, str]:
        return {"id": ids[name], "type": "user_reference"}

    made = []
    for number, (layers, overrides) in enumerate(zip(setup.layers, setup.overrides, strict=True)):
        sent = [{**one, "users": [{"user": user(name)} for name in one["users"]]} for one in layers]
        body = {"name": f"duty {number}", "time_zone": setup.zone, "schedule_layers": sent}
        key = vendor.post("/schedules", {"schedule": {**body, "type": "schedule"}})["schedule"]["id"]
        made.append(key)
        for begin, length, name in overrides:
            since = setup.now + begin * MINUTE
            one = {"start": stamp(since), "end": stamp(since + length * MINUTE), "user": user(name)}
            (answer,) = vendor.post(f"/schedules/{key}/overrides", {"overrides": [one]})
            assert answer["status"] == 201, answer
    targets = [{"id": key, "type": "schedule_reference"} for key in made]
    rules = [
        {"escalation_delay_in_minutes": 10, "targets": [targets[0], user("anna")]},
        {"escalation_delay_in_minutes": 10, "targets": targets[::-1]},
    ]
    policy = {"type": "escalation_policy", "name": "chain", "escalation_rules": rules}
    headers = {"From": "anna@example.com"}
    vendor.session.headers.update(headers)
    return made, vendor.post("/escalation_policies", {"escalation_policy": policy})["escalation_policy"]["id"]


def scene_of(vendor: Vendor, keys: list[str], since: datetime, until: datetime) -> Scene:
    """Read what there is, as the tool does."""
    found = [live.resource for live in vendor.adapter.read(since, lambda *_: None).objects]
    listed = vendor.adapter.overrides(keys, since, until)
    overrides: dict[Ref, tuple[LiveOverride, ...]] = {
        Ref("schedule", key, remote=True): tuple(of_schedule) for key, of_schedule in listed.items()
    }
    return Scene(
        schedules={r.ref: r for r in found if isinstance(r, Schedule)},
        policies={r.ref: r for r in found if isinstance(r, EscalationPolicy)},
        overrides=overrides,
    )


def final_schedule(vendor: Vendor, key: str, since: datetime, until: datetime) -> Spans:
    asked = {"since": stamp(since), "until": stamp(until), "time_zone": "UTC"}
    entries = vendor.get(f"/schedules/{key}", **asked)["schedule"]["final_schedule"]["rendered_schedule_entries"]
    parse = datetime.fromisoformat
    return [(parse(e["start"]), parse(e["end"]), frozenset([e["user"]["id"]])) for e in entries]


def ours(scene: Scene, key: str, since: datetime, until: datetime) -> Spans:
    ref = Ref("schedule", key, remote=True)
    found = shifts(scene.schedules[ref], since, until, live=scene.overrides[ref])
    return [(s.since, s.until, frozenset(user.key for user in s.users)) for s in found if s.users]


slow = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@slow
@given(setups())
def test_shifts_are_the_final_schedule(vendor: Vendor, setup: Setup) -> None:
    keys, _ = put(vendor, setup)
    since, until = setup.now, setup.now + SPAN
    scene = scene_of(vendor, keys, since, until)

    for key in keys:
        assert ours(scene, key, since, until) == final_schedule(vendor, key, since, until)


@slow
@given(setups())
def test_levels_ring_whom_oncalls_names(vendor: Vendor, setup: Setup) -> None:
    keys, policy_id = put(vendor, setup)
    since, until = setup.now, setup.now + SPAN
    scene = scene_of(vendor, keys, since, until)
    (policy,) = scene.policies.values()
    window = {"since": stamp(since), "until": stamp(until), "time_zone": "UTC", "limit": 100}
    rows: list[dict[str, Any]] = []
    while True:
        page = vendor.get("/oncalls", **window, **{"escalation_policy_ids[]": policy_id, "offset": len(rows)})
        rows += page["oncalls"]
        if not page["more"]:
            break
    parse = datetime.fromisoformat
    edges = {parse(row[end]) for row in rows for end in ("start", "end") if row[end]}
    edges |= {begin for key in keys for begin, _, _ in ours(scene, key, since, until)}
    moments = sorted({at for edge in edges for at in (edge - MINUTE, edge) if since <= at < until} | {since})

    for at in moments:
        wanted = {
            (row["escalation_level"], row["user"]["id"])
            for row in rows
            if row["start"] is None or parse(row["start"]) <= at < parse(row["end"])
        }
        found = {
            (n, user.key) for n, level in enumerate(policy.levels, 1) for user, _ in on_call(level, scene, at)
        }
        assert found == wanted, at


def test_the_comparison_sees_a_minute(vendor: Vendor) -> None:
    """Handoffs at 02:15 on the Sunday clocks go back; a minute's difference would be seen."""
    now = datetime(2026, 10, 19, 8, tzinfo=UTC)
    layer = {
        "start": stamp(now),
        "end": None,
        "rotation_virtual_start": "2026-10-01T00:15:00Z",  # 02:15 in Vienna
        "rotation_turn_length_seconds": 86_400,
        "users": ["anna", "ben"],
        "restrictions": [],
    }
    overrides = [[(600, 1, "carla")], []]
    keys, _ = put(vendor, Setup(now, "Europe/Vienna", [[layer], [{**layer, "users": ["ben"]}]], overrides))
    scene = scene_of(vendor, keys, now, now + SPAN)
    found = ours(scene, keys[0], now, now + SPAN)

    assert found == final_schedule(vendor, keys[0], now, now + SPAN)
    assert (datetime(2026, 10, 25, 0, 15, tzinfo=UTC), datetime(2026, 10, 26, 1, 15, tzinfo=UTC)) in [
        (begin, end) for begin, end, _ in found
    ]
    assert all(before[1] == after[0] for before, after in pairwise(found))
    without = Scene(schedules=scene.schedules, overrides=dict.fromkeys(scene.overrides, ()))
    assert ours(without, keys[0], now, now + SPAN) != found
