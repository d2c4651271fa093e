from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.account import SMALL, Account, Result
from tests.cli.corpus import TEXTS, acted_on, answering, error_body, in_names, nonsense, policies

Capture = pytest.CaptureFixture[str]
USERS = {f"user{n}": text for n, text in enumerate(TEXTS.values(), 10)}


@pytest.fixture
def crowd(account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account with two people for every text, who are called by it."""
    for key, text in USERS.items():
        for name, email in ((text, key), (f"{key} spare", f"spare-{key}")):
            shown = name[:100] if in_names(name) else "plain"
            user = {"type": "user", "name": shown, "email": f"{email}@example.com", "description": text}
            account.call("POST", "/users", {"user": user}, From="anna@example.com")
    (account.folder / "policies/small.yaml").unlink()
    return account


def harmless(result: Result, *codes: int) -> Result:
    """What a command wrote does nothing to a terminal or a CI runner, and it ended as it should."""
    assert acted_on(result.out) + acted_on(result.err) == []
    assert "Traceback" not in result.err
    assert "defect" not in result.err
    assert result.code in (codes or (0,)), result.err
    return result


def every_command(account: Account, capsys: Capture) -> list[Result]:
    """Everything that reads, in every format."""
    asked: list[tuple[str, ...]] = [("validate",), ("plan", "--calls"), ("plan", "--out", "plans/p.json")]
    found = [harmless(account.sync(capsys, *words)) for words in asked]
    for words in (("validate", "--format", "json"), ("plan", "--calls", "--format", "json")):
        found.append(harmless(account.sync(capsys, *words)))
        assert isinstance(found[-1].json, dict)
    saved = (account.folder / "plans/p.json").read_text()
    assert json.loads(saved)["digest"] == found[-1].json["digest"]
    return found


def fill(account: Account) -> None:
    for key, text in USERS.items():
        account.write(f"policies/{key}.yaml", policies(text, plain=key, spare=f"spare-{key}"))


def test_every_text_in_every_place_of_policies(crowd: Account, capsys: Capture) -> None:
    fill(crowd)
    every_command(crowd, capsys)
    crowd.forget()
    made = harmless(crowd.sync(capsys, "apply", "--yes"))
    assert "read again: nothing left to do" in made.out
    again = harmless(crowd.sync(capsys, "plan", "--exit-code"))
    assert "nothing to do" in again.out
    sent = json.dumps([one["body"] for one in crowd.log()], ensure_ascii=False)
    for label, text in TEXTS.items():
        assert json.dumps(text.strip(), ensure_ascii=False)[1:-1] in sent, label
