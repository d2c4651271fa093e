"""One session against one sandbox, shared by all checks of its answers."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.conformance import script
from tests.conformance.session import Step


@pytest.fixture(scope="session")
def sandbox() -> Iterator[str]:
    """The URL of a sandbox whose clock stands still."""
    from oncall_sync_pagerduty.sandbox import Options, Running

    seed = {"subdomain": "acme", "users": {"anna": {"email": "anna@example.com", "name": "Anna"}}}
    with Running(Options(seed=seed, now=datetime(2026, 3, 20, 9, tzinfo=UTC))) as server:
        yield server.url


@pytest.fixture(scope="session")
def steps(sandbox: str) -> list[Step]:
    """Every call of the script with its answer."""
    return script.play(sandbox)
