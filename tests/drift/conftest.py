"""What accepting is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.harness import TOKEN, House
from tests.drift.desk import Desk
from tests.drift.test_every_provider import KINDS


@pytest.fixture(params=KINDS)
def desk(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    (tmp_path / "acme").mkdir()
    monkeypatch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
    with House.opened(request.param, tmp_path / "acme") as opened:
        opened.capsys = capsys
        monkeypatch.setenv(f"{request.param.upper()}_API_URL", opened.url)
        yield Desk(opened)
