"""One sandbox for all tests, as new for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oncall_sync_pagerduty.sandbox import Options, Running
from tests.pagerduty.world import NOW, SEED, World, adapter


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    """The address of a sandbox whose clock stands at NOW."""
    with Running(Options(seed=SEED, now=NOW)) as sandbox:
        yield sandbox.url


@pytest.fixture
def world(served: str) -> Iterator[World]:
    """An account with people in it and nothing else."""
    world = World(served, adapter(served))
    world.control("reset", what="all")
    world.control("clock", now=NOW.isoformat())
    yield world
    world.pagerduty.close()
