"""One sandbox for all tests, as new for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from oncall_sync_pagerduty.client import Client
from oncall_sync_pagerduty.sandbox import Options, Running
from tests.pagerduty.clock import Clock
from tests.pagerduty.world import HOST, NOW, SEED, TOKEN, World, adapter


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    """The address of a sandbox whose clock stands at NOW."""
    with Running(Options(seed=SEED, now=NOW)) as sandbox:
        yield sandbox.url


@pytest.fixture
def world(served: str) -> Iterator[World]:
    """An account with people in it and nothing else; every request must fit PagerDuty's own description."""
    world = World(served, adapter(served))
    world.control("reset", what="all")
    world.control("clock", now=NOW.isoformat())
    yield world
    world.pagerduty.close()
    assert world.odd_requests() == []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[Client]:
    made = Client("pd", TOKEN, HOST, sleep=clock.sleep, clock=clock)
    yield made
    made.close()


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock
