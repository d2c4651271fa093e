"""What an account must look like for a policy file, told by the vendor's own answers alone."""

from __future__ import annotations

from typing import Any

from tests.properties.conftest import Ground
from tests.properties.strategies import Data

MINUTES = {"30m": 30, "4h": 240, "2d": 2880}
KINDS = {
    "teams": "team",
    "schedules": "schedule",
    "escalation_policies": "escalation_policy",
    "services": "service",
}


def is_as_declared(ground: Ground, data: Data) -> None:
    """Everything that a policy mentions is so at the vendor."""
    for kind, word in KINDS.items():
        bodies = {one["name"]: one for one in ground.all(kind)}
        assert set(bodies) == {one.get("name", key) for key, one in data[kind].items()}
        for key, declared in data[kind].items():
            body = bodies[declared.get("name", key)]
            text, _, mark = body["description"].rpartition("Managed by oncall-sync: ")
            assert mark.startswith(f"acme/{word}.{key} #v1:")
            if "description" in declared:
                assert text.rstrip() == declared["description"]
            _CHECKS[kind](ground, body, declared, data)


def _team(ground: Ground, body: Any, declared: Data, _: Data) -> None:
    listed = ground.call("GET", f"/teams/{body['id']}/members?limit=100")["members"]
    roles = {one["user"]["summary"].lower(): one["role"] for one in listed}
    for member in declared.get("members", ()):
        name, role = (member, None) if isinstance(member, str) else (member["user"], member["role"])
        assert name in roles
        assert role is None or roles[name] == role


def _schedule(_ground: Ground, body: Any, declared: Data, data: Data) -> None:
    leader = data["schedules"][declared["follows"]] if "follows" in declared else declared
    assert body["time_zone"].replace("Etc/", "") == leader.get("time_zone", data["time_zone"])
    assert [team["summary"] for team in body["teams"]] == [_name(data, "teams", data["team"])]


def _policy(_ground: Ground, body: Any, declared: Data, data: Data) -> None:
    assert declared.get("repeat", body["num_loops"]) == body["num_loops"]
    assert len(body["escalation_rules"]) == len(declared["levels"])
    for rule, level in zip(body["escalation_rules"], declared["levels"], strict=True):
        delay = f"{rule['escalation_delay_in_minutes']}m"
        assert level.get("escalate_after", delay) == delay
        wanted = [(kind, key) for target in level["notify"] for kind, key in target.items()]
        names = [key if kind == "user" else _name(data, "schedules", key) for kind, key in wanted]
        targets = [one["summary"] for one in rule["targets"]]
        assert sorted(map(str.lower, targets)) == sorted(map(str.lower, names))


def _service(_ground: Ground, body: Any, declared: Data, data: Data) -> None:
    assert body["escalation_policy"]["summary"] == _name(
        data, "escalation_policies", declared["escalation_policy"]
    )
    for key, name in (
        ("acknowledge_within", "acknowledgement_timeout"),
        ("resolve_after", "auto_resolve_timeout"),
    ):
        if key in declared:
            assert (body[name] or 0) == 60 * MINUTES.get(declared[key], 0)
    rule = body["incident_urgency_rule"]
    if declared.get("urgency") in ("high", "low"):
        assert rule == {"type": "constant", "urgency": declared["urgency"]}
    elif "urgency" in declared:
        assert rule["type"] == "use_support_hours"
    if "integrations" in declared:
        wanted = {} if declared["integrations"] == "none" else declared["integrations"]
        assert {one["summary"] for one in body["integrations"]} == {
            one.get("name", key) for key, one in wanted.items()
        }
    if declared.get("pagerduty", {}).get("status"):
        assert body["status"] == "disabled"


def _name(data: Data, kind: str, key: str) -> str:
    name: str = data[kind][key].get("name", key)
    return name


_CHECKS = {"teams": _team, "schedules": _schedule, "escalation_policies": _policy, "services": _service}
