"""An apply that takes its time: layers begin when they are made, later than the plan was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oncall_sync.cli.common import Common
from tests.account import Account


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    with Account.opened(tmp_path, None) as opened:  # the real clock
        monkeypatch.setenv("PAGERDUTY_API_URL", opened.url)
        monkeypatch.setenv("PAGERDUTY_TOKEN", "any")
        monkeypatch.chdir(tmp_path)
        yield opened


def test_what_begins_after_the_plan_was_made_is_still_what_was_wanted(
    account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[datetime] = []

    def now(_options: Common) -> datetime:
        asked.append(datetime.now(UTC) - (timedelta(minutes=10) if not asked else timedelta()))
        return asked[-1]

    monkeypatch.setattr(Common, "now", now)
    made = account.sync(capsys, "apply", "--yes")
    assert made.code == 0, made.out + made.err
    assert "nothing left to do" in made.out
    assert account.sync(capsys, "plan", "--exit-code").code == 0
