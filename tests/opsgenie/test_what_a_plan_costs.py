"""How many requests a plan without changes takes, by kind: what nobody manages costs nothing.

ceil(U/100) + 2T + ceil(V/100), one per managed integration and policy, one per team and type of policies, and six.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.contract.harness import NOW, PEOPLE, TOKEN, House, sandbox

STRANGERS, UNMANAGED, OTHER_TEAMS = 130, 104, 3
KINDS = (
    (r"/v2/account", "account"),
    (r"/v2/request-limits/?", "limits"),
    (r"/v2/users", "users"),
    (r"/v2/users/[^/]+", "one user"),
    (r"/v2/teams", "teams"),
    (r"/v2/teams/[^/]+", "team"),
    (r"/v2/teams/[^/]+/routing-rules", "rules"),
    (r"/v2/schedules", "schedules"),
    (r"/v2/escalations", "escalations"),
    (r"/v1/services", "services"),
    (r"/v2/integrations", "integrations"),
    (r"/v2/integrations/[^/]+", "integration"),
    (r"/v2/policies/(alert|notification)", "policies"),
    (r"/v2/policies/[^/]+", "policy"),
    (r"/v2/schedules/[^/]+/overrides", "overrides"),
)


def seed() -> dict[str, Any]:
    """A big account in which next to nothing is ours."""
    people = [*PEOPLE, *(f"stranger{number}" for number in range(STRANGERS))]
    teams = {f"Team {number}": {"defaults": False} for number in range(OTHER_TEAMS)}
    services = [{"name": f"Other {number}", "teamId": "Team 0"} for number in range(UNMANAGED)]
    integrations = [
        {"type": "API", "name": f"Theirs {number}", "ownerTeam": {"name": "Team 0"}} for number in range(9)
    ]
    policies = [
        {
            "type": "alert",
            "name": f"Theirs {number}",
            "message": "{{message}}",
            "enabled": True,
            "teamId": "Team 1",
        }
        for number in range(5)
    ]
    return {
        "users": {name: {"email": f"{name}@example.com"} for name in people},
        "teams": teams,
        "services": services,
        "integrations": integrations,
        "policies": policies,
    }


def declared() -> dict[str, Any]:
    """One team has policies of both types, one of one type, one none."""
    levels = [{"notify": {"user": "anna"}, "escalate_after": "5m"}, {"notify": {"user": "ben"}}]
    office = {"support_hours": "Mon-Fri 09:00-17:00", "during": "high", "outside": "low"}
    integrations = {"a": {"events": "api"}, "b": {"events": "api"}}
    found: dict[str, Any] = {"Both": {"urgency": office, "resolve_after": "1 day"}, "One": {"urgency": office}}
    found["Plain"] = {"urgency": "high"}
    keys = {name: name.lower() for name in found}
    return {
        "time_zone": "UTC",
        "users": {name: {"email": f"{name}@example.com"} for name in ("anna", "ben")},
        "teams": {key: {"name": name, "members": ["anna"]} for name, key in keys.items()},
        "escalation_policies": {f"p-{key}": {"team": key, "levels": levels} for key in keys.values()},
        "services": {
            f"s-{key}": {
                "team": key,
                "escalation_policy": f"p-{key}",
                "integrations": integrations,
                **found[name],
            }
            for name, key in keys.items()
        },
    }


def kind_of(path: str) -> str:
    return next(kind for pattern, kind in KINDS if re.fullmatch(pattern, path))


def test_a_plan_without_changes_takes_so_many_requests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme").mkdir()
    monkeypatch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
    with sandbox("opsgenie", seed=seed(), now=NOW) as server:
        monkeypatch.setenv("OPSGENIE_API_URL", server.url)
        house = House("opsgenie", server.url, tmp_path / "acme", capsys=capsys)
        house.declare(declared())
        made = house.apply()
        assert made.code == 0, made.out + made.err
        house.control("reset", {"what": "log"})
        planned = house.sync("plan", "--exit-code")
        assert planned.code == 0, planned.out + planned.err
        asked = house.control("requests")
    assert {one["method"] for one in asked} == {"GET"}
    counts = Counter(kind_of(one["path"]) for one in asked)
    teams = OTHER_TEAMS + 3
    assert counts == {
        **dict.fromkeys(("account", "limits", "teams", "schedules", "escalations", "integrations"), 1),
        "users": 2,
        "services": 2,
        "team": teams,
        "rules": teams,
        "integration": 6,
        "policies": 3,
        "policy": 3,
    }
