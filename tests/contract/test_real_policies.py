"""Real policies at every provider: what was written for one works at another by changing the word `provider`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from oncall_sync.cli.main import run
from oncall_sync.provider import kinds

from .harness import NOW, TOKEN, Result

POLICIES = Path(__file__).parents[2] / "policies"
TEAMS = {"delivery": "opsgenie", "eshopbox": "opsgenie", "mobile-engage": "pagerduty", "pupper": "pagerduty"}
"""Where each team is. Those of PagerDuty say nothing that another provider could not hold."""
MOVING = tuple(team for team, kind in TEAMS.items() if kind == "pagerduty")
KINDS = sorted(kinds())


class Company:
    """Some teams' policies, each at a provider of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.urls: dict[str, str] = {}
        self._capsys = capsys

    def sync(self, *words: str) -> Result:
        self._capsys.readouterr()
        code = run([words[0], "--config", str(self.folder / "oncall.yaml"), *words[1:], "--now", NOW.isoformat()])
        shown = self._capsys.readouterr()
        return Result(code, shown.out, shown.err)

    def control(self, kind: str, name: str, **query: str) -> Any:
        answer = requests.get(f"{self.urls[kind]}/__sandbox__/{name}", params=query, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def rings(self, kind: str, at: datetime) -> dict[str, list[str]]:
        found: dict[str, list[str]] = self.control(kind, "rings", at=f"{at:%Y-%m-%dT%H:%M:%SZ}")
        return {name: who for name, who in found.items() if who}


@contextmanager
def company(
    folder: Path, placed: dict[str, str], capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch
) -> Iterator[Company]:
    """Yield the teams, each at the provider that `placed` says, and a sandbox per provider."""
    (folder / "policies").mkdir(parents=True)
    users: dict[str, dict[str, str]] = {}
    for team, kind in placed.items():
        text = (POLICIES / f"{team}.yaml").read_text(encoding="utf-8")
        text = re.sub(r"(?m)^provider: \w+", f"provider: {kind}", text)
        (folder / "policies" / f"{team}.yaml").write_text(text, encoding="utf-8")
        users |= {key: {"email": one["email"]} for key, one in yaml.safe_load(text)["users"].items()}
    entries = {kind: {"kind": kind, "token_env": "ONCALL_CONTRACT_TOKEN"} for kind in set(placed.values())}
    config = {"workspace": "acme", "policies": "policies", "providers": entries}
    (folder / "oncall.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    patch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
    there = Company(folder, capsys)
    with ExitStack() as stack:
        for kind in entries:
            sandbox = import_module(f"oncall_sync_{kind}.sandbox")
            server = stack.enter_context(sandbox.Running(sandbox.Options(seed={"users": users}, now=NOW)))
            there.urls[kind] = server.url
            patch.setenv(f"{kind.upper()}_API_URL", server.url)
        yield there


@pytest.mark.parametrize(
    "team", [MOVING[0], *(pytest.param(team, marks=pytest.mark.matrix) for team in MOVING[1:])]
)
def test_the_same_people_ring_at_the_same_minutes(
    tmp_path: Path, team: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Applied at every provider, over eight weeks, an hour at a time and off the hour."""
    rung: dict[str, list[dict[str, list[str]]]] = {}
    for kind in KINDS:
        with company(tmp_path / kind, {team: kind}, capsys, monkeypatch) as there:
            applied = there.sync("apply", "--yes")
            assert applied.code == 0, applied.out + applied.err
            assert there.sync("plan", "--exit-code").code == 0
            hours = (NOW + timedelta(hours=number, minutes=7 * (number % 8)) for number in range(0, 24 * 56, 3))
            rung[kind] = [there.rings(kind, at) for at in hours]
    assert any(rung[KINDS[0]])
    assert all(found == rung[KINDS[0]] for found in rung.values())


def test_one_folder_may_use_every_provider_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with company(tmp_path / "both", TEAMS, capsys, monkeypatch) as there:
        planned = there.sync("plan", "--format", "json").json
        assert [one["name"] for one in planned["providers"]] == KINDS
        order = [change["provider"] for change in planned["changes"]]
        assert order == sorted(order)
        shown = there.sync("plan").out
        assert [shown.count(f"{kind}: account") for kind in KINDS] == [1] * len(KINDS)
        applied = there.sync("apply", "--yes")
        assert applied.code == 0, applied.out + applied.err
        assert there.sync("plan", "--exit-code").code == 0
        assert all(there.rings(kind, NOW) for kind in KINDS)


@pytest.mark.skipif("opsgenie" not in KINDS, reason="the budget of Opsgenie's reads")
def test_a_plan_without_changes_costs_what_was_promised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ceil(U/100) + 2T + ceil(V/100), one per managed integration and policy, one per team with any, and 7."""
    with company(tmp_path / "all", dict.fromkeys(TEAMS, "opsgenie"), capsys, monkeypatch) as there:
        assert there.sync("apply", "--yes").code == 0
        url, headers = there.urls["opsgenie"], {"Authorization": f"GenieKey {TOKEN}"}

        def items(path: str) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = requests.get(url + path, headers=headers, timeout=10).json()["data"]
            return found

        teams, integrations = items("/v2/teams"), items("/v2/integrations")
        policies = [
            one
            for team in teams
            for kind in ("alert", "notification")
            for one in items(f"/v2/policies/{kind}?teamId={team['id']}")
        ]
        users, services = len(items("/v2/users?limit=100")), len(items("/v1/services?limit=100"))
        before = len(there.control("opsgenie", "requests"))
        assert there.sync("plan", "--exit-code").code == 0
        asked = there.control("opsgenie", "requests")[before:]
        extra = [one for one in asked if "/overrides" in one["path"] or one["query"] == "expand=contact"]
        paged = math.ceil(users / 100) + math.ceil(services / 100)
        budget = paged + 2 * len(teams) + len(integrations) + len(policies) + len(teams) + 7
        assert policies
        assert len(asked) - len(extra) <= budget
        assert all(one["method"] == "GET" for one in asked)
