"""A GitHub on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ci.github_there import GitHub, served


@pytest.fixture
def github() -> Iterator[GitHub]:
    with served() as there:
        yield there
