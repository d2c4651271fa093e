"""Model -> words -> model: what is written is read back as the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncall_sync.model import (
    ABSENT,
    BySender,
    EscalationPolicy,
    Follows,
    Hours,
    Integration,
    Policies,
    Ref,
    Resource,
    Rotation,
    Schedule,
    Service,
    Team,
    User,
)
from oncall_sync.policy.load import loads
from oncall_sync.policy.writing import Around, Unsayable, description, ordered, resource
from oncall_sync.policy.writing_schedule import declarable, rotation
from oncall_sync.policy.writing_service import integration_key, rule, target
from oncall_sync.policy.writing_words import TURNS, days, duration, every, hours, wall
from oncall_sync.rota.equal import same_rings
from oncall_sync.rota.hours import merge
from oncall_sync.rota.wall import to_instant
from tests.properties.strategies import Data, as_yaml, policies

EXAMPLES = sorted((Path(__file__).parents[2] / "policies").glob("*.yaml"))
PROVIDERS = {"pagerduty": "pagerduty", "opsgenie": "opsgenie"}
KINDS = frozenset(PROVIDERS)
SECTIONS = {
    "user": "users",
    "team": "teams",
    "schedule": "schedules",
    "escalation_policy": "escalation_policies",
    "service": "services",
}
quickly = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = datetime(2026, 11, 23, 12)


def read(*files: Data) -> Policies:
    texts = {f"{number}.yaml": as_yaml(one) for number, one in enumerate(files)}
    return loads(texts, providers=PROVIDERS, kinds=KINDS)


def written(found: Policies, around: Around) -> Data:
    """Everything in one file that says what is around it; urgency rules are written in place."""
    data: Data = {
        key: value
        for key, value in (
            ("provider", around.provider),
            ("time_zone", around.time_zone),
            ("team", around.team),
            ("hours", dict.fromkeys(around.hours, "Mon-Fri 09:00-18:00")),
        )
        if value
    }
    for one in found.resources():
        data.setdefault(SECTIONS[one.ref.kind], {})[one.ref.key] = resource(one, around)
    return data


def bare(found: Policies) -> dict[Ref, Resource]:
    out: dict[Ref, Resource] = {}
    for one in found.resources():
        out[one.ref] = one
        if isinstance(one, Service) and one.integrations is not ABSENT:
            by_name = tuple(sorted(one.integrations, key=lambda each: each.name))
            out[one.ref] = Service(
                **{name: getattr(one, name) for name in Service.__dataclass_fields__ if name != "integrations"},
                integrations=by_name,
            )
    return out


@quickly
@given(policies(), st.booleans())
def test_whatever_is_declared_comes_back(data: Data, named: bool) -> None:
    found = read(data)
    office = {"office": Hours(tuple((day * 1440 + 540, day * 1440 + 1080) for day in range(5)))}
    around = Around(
        provider="pagerduty", time_zone=data["time_zone"], team=data["team"], hours=office if named else {}
    )
    assert bare(read(written(found, around))) == bare(found)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_worked_examples_come_back(path: Path) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    found = loads({path.name: path.read_text(encoding="utf-8")}, providers=PROVIDERS, kinds=KINDS)
    around = Around(provider=data["provider"], time_zone=data.get("time_zone"), team=data.get("team"))
    assert bare(read(written(found, around))) == bare(found)


def test_it_is_written_as_people_do() -> None:
    path = next(path for path in EXAMPLES if path.stem == "mobile-engage")
    found = loads({path.name: path.read_text(encoding="utf-8")}, providers=PROVIDERS, kinds=KINDS)
    rule_of = found.urgency_rules
    office = found.schedules["daily-duty"].rotations[0].hours
    around = Around(
        provider="pagerduty",
        time_zone="Europe/Vienna",
        team="mobile-engage",
        hours={"office": office},
        rules=rule_of,
    )
    data = written(found, around)
    as_it_is = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    for section in ("teams", "schedules", "services", "users"):
        for key, one in as_it_is[section].items():
            mine = data[section][key]
            for word, value in one.items():
                if word not in ("rotations", "integrations"):
                    assert mine[word] == value, (section, key, word)
    (turns,) = as_it_is["schedules"]["on-call-duty"]["rotations"]
    assert data["schedules"]["on-call-duty"]["rotations"] == turns
    assert data["services"]["third-level-requests"]["integrations"] == {
        "mail-from-third-level-support": {
            "name": "Mail from third-level support",
            "email": "me-third-level",
            "accept_from": "thirdlevel.example.com",
        }
    }


minutes = st.integers(0, 7 * 1440)


@quickly
@given(st.lists(st.tuples(minutes, st.integers(1, 7 * 1440)), min_size=1, max_size=4))
def test_hours_come_back(spans: list[tuple[int, int]]) -> None:
    value = merge((start, start + length) for start, length in spans)
    turns = Rotation(members=(Ref("user", "a"),), start=NOW, every=timedelta(days=7), hours=value)
    data = {
        "provider": "none",
        "time_zone": "UTC",
        "users": {"a": {"email": "a@example.com"}},
        "schedules": {"s": {"rotations": rotation(turns, Around())}},
    }
    assert read(data).schedules["s"].rotations == (turns,)


@quickly
@given(st.integers(1, 5_000_000))
def test_durations_come_back(count: int) -> None:
    data = {
        "provider": "pagerduty",
        "services": {"s": {"acknowledge_within": duration(timedelta(minutes=count))}},
    }
    assert read(data).services["s"].acknowledge_within == timedelta(minutes=count)


@quickly
@given(st.frozensets(st.integers(0, 6), min_size=1))
def test_days_come_back(found: frozenset[int]) -> None:
    data = {"users": {"a": {"email": "a@example.com", "works": days(found)}}}
    assert read(data).users["a"].works == found


people = st.lists(st.sampled_from("abcd"), min_size=1, max_size=4).map(
    lambda keys: tuple(Ref("user", key) for key in keys)
)
starts = st.integers(-400, 400).map(lambda hours: datetime(2026, 1, 5) + timedelta(hours=6 * hours))


@quickly
@given(people, starts, st.sampled_from([*TURNS, *(3 * turn for turn in TURNS)]), people, starts)
def test_what_is_live_is_declared_so_that_it_rings_the_same(
    members: Any, start: datetime, length: timedelta, before: Any, near: datetime
) -> None:
    live = Rotation(members=members, start=start, every=length, since=NOW - timedelta(days=3), until=None)
    found = declarable(live, NOW, Rotation(members=before, start=near, every=length))
    assert found.since is None
    assert found.start <= NOW
    assert found.every in TURNS
    one, other = (
        Schedule(ref=Ref("schedule", "s"), name="s", time_zone="UTC", rotations=(each,)) for each in (live, found)
    )
    assert same_rings(one, other, to_instant(NOW, "UTC"))
    if length in TURNS and not (start - near) % length and near <= NOW:
        assert found.start == near


def test_of_all_starts_the_declared_one_is_kept_and_members_move() -> None:
    week = timedelta(days=7)
    a, b, c = (Ref("user", key) for key in "abc")
    near = Rotation(members=(a, b, c), start=datetime(2026, 1, 5, 9), every=week)
    live = Rotation(members=(b, c, a), start=datetime(2026, 11, 16, 9), every=week, since=NOW, until=None)
    found = declarable(live, NOW, near)
    assert (found.start, found.members) == (near.start, (b, c, a)[45 % 3 :] + (b, c, a)[: 45 % 3])
    later = Rotation(members=(a, b, c), start=datetime(2026, 11, 2, 10), every=week, since=NOW, until=None)
    found = declarable(later, NOW, near)
    assert found.members == near.members  # only the start can tell that handoffs are an hour later
    assert found.start.hour == 10


def test_what_cannot_be_said_is_refused() -> None:
    a = Ref("user", "a")
    live = Rotation(members=(a,), start=NOW, every=timedelta(hours=8), since=NOW)
    for broken in (
        lambda: declarable(live, NOW),
        lambda: rotation(live, Around()),
        lambda: declarable(
            Rotation(members=(a,), start=NOW, every=timedelta(days=7), since=NOW + timedelta(days=1)), NOW
        ),
        lambda: declarable(Rotation(members=(), start=NOW, every=timedelta(days=7)), NOW),
        lambda: every(timedelta(days=3)),
        lambda: duration(timedelta(seconds=90)),
        lambda: duration(timedelta()),
        lambda: duration(timedelta(days=36600)),
        lambda: wall(datetime(1969, 1, 1)),
        lambda: hours(Hours(()), {}),
        lambda: days(frozenset()),
        lambda: description("none"),
        lambda: description("  "),
        lambda: rule(BySender(), Around()),
        lambda: target(Ref("schedule", "PX", remote=True)),
        lambda: resource(EscalationPolicy(ref=Ref("escalation_policy", "p"), name="p"), Around(team="x")),
        lambda: resource(Team(ref=Ref("team", "t"), name=" "), Around()),
        lambda: resource(User(ref=a, name="a", email="a@example.com"), Around(time_zone="UTC")),
        lambda: resource(
            Service(ref=Ref("service", "s"), name="s", integrations=(Integration(name="x", form="other"),)),
            Around(),
        ),
    ):
        with pytest.raises(Unsayable):
            broken()


def test_what_is_around_is_not_said_again() -> None:
    base = {"ref": Ref("schedule", "s"), "name": "s", "provider": "pagerduty", "team": Ref("team", "ops")}
    follower = Schedule(**base, time_zone="UTC", follows=Follows(Ref("schedule", "t"), 2))
    around = Around(provider="pagerduty", team="ops")
    assert resource(follower, around) == {"follows": "t", "offset": 2}
    assert resource(follower, Around())["team"] == "ops"


def test_keys_of_integrations_are_plain_and_apart() -> None:
    assert integration_key("monitoring", ()) == "monitoring"
    assert integration_key("By Hand / ops", ()) == "by-hand-ops"
    assert integration_key("By hand", ("by-hand",)) == "by-hand-2"
    assert integration_key("日本", ()) == "integration"
    assert integration_key("none", ()) == "none-2"


def test_a_new_key_stands_where_people_put_it() -> None:
    assert list(ordered({"rotations": [], "overlap": "x"}, "name", "n")) == ["name", "rotations", "overlap"]
    assert list(ordered({"name": "n", "rotations": []}, "time_zone", "UTC")) == ["name", "time_zone", "rotations"]
    assert list(ordered({"members": [], "start": ""}, "until", "x")) == ["members", "start", "until"]
    assert ordered({"a": 1, "b": 2}, "a", 3) == {"a": 3, "b": 2}
