"""What every provider has to do, as one table of steps that each of them is put through.

You are about to write an adapter for a third provider? This is the order in which it comes to life.

1. **Be found.** A package `oncall_sync_KIND` with a class that implements `oncall_sync.provider.Provider`,
   named in the entry point group `oncall_sync.providers`. From then on it is in `kinds()` and this table runs
   against it.
2. **Bring a sandbox.** `oncall_sync_KIND.sandbox` with `Options`, `Running` and `serve`, built on
   `oncall_sync_sandbox`: a server as strict as the vendor's, written from the vendor's documents and
   recordings, not from your adapter, with which it shares no code. Prove it faithful in tests of its own; here
   it is taken for real.
3. **Read.** `account()` and `read()`: whole lists, ids as remote refs, descriptions with the mark in them. The
   steps called "nothing" and "an empty account" then pass as far as their plans go.
4. **Create.** `normalize(wanted, None)` says what a new object will read back as; `calls()` is the requests
   that make it so; `perform()` sends one. "One of everything" passes once what is read is what was normalized.
5. **Change.** `calls()` sends only what differs. Work through STEPS from the top: names, people, time, ladders,
   services. A step whose plan is `{}` is about false changes: another anchor, another order, silence.
6. **Replace and delete.** `phase="clear"` for what takes something away, `phase="settle"` for what points to
   something that the same plan makes. The rings after every single write are watched here: whoever should have
   somebody before and after a step has somebody in the middle of it.
7. **Say no.** What the vendor cannot hold is an objection with a line, and its word in `Capabilities.words`
   says so; steps that need such words are left out for you, and the documentation's table says it to everybody.
8. **Live beside others.** Adoption, foreign owners, neighbours: nothing to write, the core decides; these tests
   only show that what your adapter reads is enough for it.

Each step is: edit, plan (it says exactly what the table says), apply, and apply again: its plan is empty, and it
writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oncall_sync.model import EscalationPolicy, Level, Ref, Rotation, Schedule
from oncall_sync.provider import adapter, kinds

from .harness import NOW, TOKEN, House, Sandboxes, by_hand, watched
from .steps import START, STEPS, Step

KINDS = sorted(kinds())


@dataclass
class Story:
    """One account on its way through the table."""

    house: House
    policy: dict[str, Any] = field(default_factory=lambda: deepcopy(START))
    stopped: str | None = None


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)


@pytest.fixture(scope="module", params=KINDS)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp(request.param) / "acme"
    folder.mkdir()
    with House.opened(request.param, folder) as house:
        house.declare(START)
        yield Story(house)


@pytest.fixture
def house(story: Story, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> House:
    monkeypatch.setenv(f"{story.house.kind.upper()}_API_URL", story.house.url)
    story.house.capsys = capsys
    return story.house


@pytest.fixture(params=KINDS)
def empty(
    request: pytest.FixtureRequest,
    sandboxes: Sandboxes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> House:
    """An account with people and nothing else."""
    (tmp_path / "acme").mkdir()
    house = House(request.param, sandboxes.url(request.param), tmp_path / "acme", capsys=capsys)
    monkeypatch.setenv(f"{request.param.upper()}_API_URL", house.url)
    return house


def settled(house: House, step: str, *words: str) -> None:
    """Apply; then a second apply has an empty plan and writes nothing."""
    with watched(house, step):
        applied = house.apply(*words)
    assert applied.code == 0, f"{step}: {applied.out}{applied.err}"
    house.writes()
    again = house.apply(*words)
    assert again.code == 0, again.err
    assert "nothing to do" in again.out, f"{step}: the plan afterwards is not empty:\n{again.out}"
    assert house.writes() == [], f"{step}: a second apply wrote something"


def test_one_of_everything(story: Story, house: House) -> None:
    story.stopped = "one of everything"
    plan = house.plan()
    assert plan == dict.fromkeys(plan, "create")
    assert len(plan) == 5
    settled(house, "one of everything")
    assert house.rings() == {"Shop": ["ben@example.com", "david@example.com"]}
    story.stopped = None


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_step(story: Story, house: House, step: Step) -> None:
    if story.stopped:
        pytest.skip(f"an earlier step failed: {story.stopped}")
    words = adapter(house.kind).capabilities.words
    lacking = [need for need in step.needs if words[need][0] == "cannot"]
    if lacking:
        pytest.skip(f"{house.kind} cannot hold {', '.join(lacking)}")
    story.stopped = step.name
    step.edit(story.policy)
    house.declare(story.policy)
    assert house.plan() == step.plan
    settled(house, step.name, *step.words)
    story.stopped = None


def test_another_order_of_everything_is_no_change(empty: House) -> None:
    empty.declare(START)
    assert empty.apply().code == 0
    turned: dict[str, Any] = {key: START[key] for key in reversed(START)}
    for kind in ("users", "schedules", "escalation_policies", "services"):
        turned[kind] = {key: turned[kind][key] for key in reversed(turned[kind])}
    empty.declare(turned)
    assert empty.plan() == {}


def test_what_exists_is_adopted(empty: House) -> None:
    start = datetime(2026, 1, 5, 9)
    members = tuple(Ref("user", name) for name in ("anna", "ben", "carla"))
    rotation = Rotation(name="first", members=members, start=start, every=timedelta(weeks=1), until=None)
    ref = Ref("schedule", "day")
    by_hand(
        empty,
        Schedule(
            ref=ref, name="Day", description=None, team=None, time_zone="Europe/Vienna", rotations=(rotation,)
        ),
    )
    empty.declare(START)
    plan = empty.plan()
    assert plan.pop("schedule.day") == "adopt"
    assert set(plan.values()) == {"create"}
    settled(empty, "adopt")


def test_a_neighbour_is_left_alone(empty: House) -> None:
    level = Level(notify=(Ref("user", "lead"),), escalate_after=timedelta(minutes=5))
    ref = Ref("escalation_policy", "theirs")
    theirs = EscalationPolicy(
        ref=ref, name="Theirs", description="Hands off", team=None, levels=(level,), repeat=0
    )
    by_hand(empty, theirs)
    before = _one(empty, "Theirs")
    empty.declare(START)
    settled(empty, "beside a neighbour")
    empty.declare({**START, "services": {}, "escalation_policies": {}, "schedules": {}})
    settled(empty, "everything away", "--waive", "service-deleted=test", "--max-deletes", "10")
    assert _one(empty, "Theirs") == before


def test_what_another_workspace_owns_is_never_touched(empty: House) -> None:
    other = empty.beside("other")
    other.declare(START)
    assert other.apply().code == 0
    before = [(o.remote_id, o.resource) for o in _all(empty)]
    empty.declare(START)
    empty.writes()
    refused = empty.apply()
    assert refused.code == 1
    assert "foreign-owner" in refused.out + refused.err
    assert empty.writes() == []
    assert [(o.remote_id, o.resource) for o in _all(empty)] == before


def test_external_things_are_referred_to_and_never_written(empty: House) -> None:
    other = empty.beside("other")
    other.declare(START)
    assert other.apply().code == 0
    mine = {
        "users": START["users"],
        "teams": {"ours": {"name": "Ours", "members": ["lead"]}},
        "team": "ours",
        "time_zone": "UTC",
        "schedules": {"day": {"name": "Day", "external": True}},
        "escalation_policies": {
            "ours": {"name": "Ours", "levels": [{"notify": [{"schedule": "day"}], "escalate_after": "5m"}]}
        },
    }
    empty.declare(mine)
    assert empty.plan() == {"team.ours": "create", "escalation_policy.ours": "create"}
    settled(empty, "beside an external schedule")


def test_gone_and_back_again(empty: House) -> None:
    empty.declare(START)
    settled(empty, "made")
    empty.declare({**START, "services": {}, "escalation_policies": {}, "schedules": {}})
    settled(empty, "gone", "--waive", "service-deleted=test", "--max-deletes", "10")
    assert empty.rings() == {}
    empty.declare(START)
    settled(empty, "back again")
    assert empty.rings() == {"Shop": ["ben@example.com", "david@example.com"]}


def test_somebody_missing_stops_what_needs_them_and_nothing_else(empty: House) -> None:
    policy = deepcopy(START)
    policy["users"]["ghost"] = {"email": "ghost@example.com"}
    policy["schedules"]["night"]["rotations"]["all"]["members"].append("ghost")
    empty.declare(policy)
    result = empty.apply()
    assert result.code == 5, result.out + result.err
    assert "ghost@example.com" in result.out + result.err
    assert {o.resource.name for o in _all(empty)} >= {"Operations", "Day", "Main", "Shop"}
    assert "Night" not in {o.resource.name for o in _all(empty)}


def test_every_word_of_the_first_policy_is_in_the_table(empty: House) -> None:
    words = adapter(empty.kind).capabilities.words
    for word in ("team.members", "schedule.rotations", "escalation_policy.levels", "service.integrations.events"):
        assert words[word][0] == "exact"


def _all(house: House) -> Any:
    provider = house.provider()
    try:
        return provider.read(NOW, lambda *_: None).objects
    finally:
        provider.close()


def _one(house: House, name: str) -> Any:
    (found,) = [o for o in _all(house) if o.resource.name == name]
    return found
