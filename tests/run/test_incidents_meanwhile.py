"""Incidents that are opened while an apply is at work: what they need is not deleted, and everything else is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall_sync.model import Call, Outcome
from oncall_sync.provider import Provider
from oncall_sync.run.sending import Sender
from oncall_sync.run.stopping import Stop
from tests.contract.harness import Result
from tests.faults.story import SCENARIOS, WAIVED, inventory
from tests.run.houses import KINDS, House, incident, opened

RICH = SCENARIOS[1]


@pytest.fixture(params=KINDS)
def house(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[House]:
    monkeypatch.setattr(Stop, "sleep", lambda _self, _seconds: None)
    (tmp_path / "acme").mkdir()
    with opened(request.param, tmp_path / "acme", monkeypatch, capsys) as found:
        yield found


def apply_while_something_burns(house: House, *words: str) -> Result:
    """Apply, and let an incident be opened right before the first write."""
    send = Sender.send
    lit: list[str] = []

    def sending(sender: Sender, provider: Provider, call: Call, *, fresh: bool) -> Outcome:
        if not lit:
            lit.append("Search burns")
            incident(house, "Search", lit[0], "eve")
        return send(sender, provider, call, fresh=fresh)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sender, "send", sending)
        return house.apply(*WAIVED, *words)


def names(house: House) -> set[str]:
    return {name for _, name, _ in inventory(house)}


def test_what_they_need_is_not_deleted(house: House) -> None:
    RICH.begin(house)
    partly = apply_while_something_burns(house)
    assert partly.code == 5, partly.out + partly.err
    assert (
        "not attempted  delete service Search: incidents are open by now that need it: #1 Search burns"
        in partly.out
    )
    assert "not attempted  delete escalation policy Other" in partly.out
    assert "not attempted  delete schedule Old: escalation policy other may still need it" in partly.out
    assert "done           delete escalation policy Main" in partly.out
    assert "done           update service Shop" in partly.out
    assert {"Search", "Other", "Old", "Ladder", "Weekend"} <= names(house)
    refused = house.apply(*WAIVED)
    assert refused.code == 3
    assert "service search is deleted while incidents are open that need it: #1 Search burns" in refused.err
    assert house.apply(*WAIVED, "--waive", "open-incidents=it burns because of this").code in (0, 5)


def test_one_question_is_asked_before_the_first_delete(house: House) -> None:
    RICH.begin(house)
    assert house.apply(*WAIVED).code == 0
    calls = [(one["method"], one["path"]) for one in house.control("requests")]
    asked = [
        number for number, (method, path) in enumerate(calls) if (method, path[-10:]) == ("GET", "/incidents")
    ]
    kinds = ("services", "escalation_policies", "escalations", "schedules")
    deletes = [
        number
        for number, (method, path) in enumerate(calls)
        if method == "DELETE" and path.count("/") <= 3 and path.split("/")[-2] in kinds
    ]
    assert len(asked) == 2  # for the plan, and right before the deletes
    assert asked[0] < asked[1] < min(deletes)


def test_a_waiver_holds_for_what_is_opened_later(house: House) -> None:
    RICH.begin(house)
    made = apply_while_something_burns(house, "--waive", "open-incidents=it burns because of this")
    assert "incidents are open" not in made.out


def test_without_an_answer_nothing_is_deleted(house: House) -> None:
    RICH.begin(house)
    house.control("faults", {"kind": "500", "path": "/incidents$", "call": 2, "times": 60})
    partly = house.apply(*WAIVED)
    assert partly.code == 5
    assert (
        "not attempted  delete service Search: whether incidents are open that need it could not be asked"
        in partly.out
    )
    assert {"Search", "Other", "Old", "Main"} <= names(house)
