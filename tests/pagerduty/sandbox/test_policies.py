"""Escalation policies."""

from typing import Any

import pytest

from .conftest import Client

PATH = "/escalation_policies"
STRATEGIES = "include[]=escalation_rule_assignment_strategies"


def test_defaults_and_references(pd: Client) -> None:
    schedule = pd.schedule()
    policy = pd.policy("anna", schedule["id"])
    assert (policy["num_loops"], policy["on_call_handoff_notifications"]) == (0, "if_has_services")
    assert (policy["teams"], policy["services"], policy["privilege"]) == ([], [], None)
    targets = policy["escalation_rules"][0]["targets"]
    assert [one["type"] for one in targets] == ["user_reference", "schedule_reference"]
    assert "escalation_rule_assignment_strategy" not in policy["escalation_rules"][0]


def test_plain_target_types_come_back_as_references(pd: Client) -> None:
    rule = {"escalation_delay_in_minutes": 1, "targets": [{"id": pd.users["anna"], "type": "user"}]}
    policy = pd.ok(201, "POST", PATH, {"escalation_policy": {"name": "P", "escalation_rules": [rule]}})[
        "escalation_policy"
    ]
    assert policy["escalation_rules"][0]["targets"][0]["type"] == "user_reference"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": ""}, "Name can't be blank"),
        ({"num_loops": 10}, "Num loops must be less than or equal to 9"),
        ({"num_loops": -1}, "Num loops must be greater than or equal to 0"),
        ({"on_call_handoff_notifications": "never"}, "On call handoff notifications is not included in the list"),
        ({"escalation_rules": []}, "Escalation rules can't be blank"),
    ],
)
def test_what_a_policy_may_not_be(pd: Client, fields: dict[str, Any], error: str) -> None:
    body = {"name": "P", "escalation_rules": [pd.rule("anna")], **fields}
    assert pd.refused(400, "POST", PATH, {"escalation_policy": body})["errors"] == [error]


@pytest.mark.parametrize(
    ("delay", "targets", "error"),
    [
        (0, 1, "Escalation delay in minutes must be greater than or equal to 1"),
        (1, 0, "Targets must be between 1 and 10"),
        (1, 11, "Targets must be between 1 and 10"),
    ],
)
def test_what_a_rule_may_not_be(pd: Client, delay: int, targets: int, error: str) -> None:
    rule = {"escalation_delay_in_minutes": delay, "targets": [pd.target("anna")] * targets}
    body = {"escalation_policy": {"name": "P", "escalation_rules": [rule]}}
    assert pd.refused(400, "POST", PATH, body)["errors"] == [error]


def test_ten_targets_and_one_minute_are_fine(pd: Client) -> None:
    rule = {"escalation_delay_in_minutes": 1, "targets": [pd.target("anna")] * 10}
    pd.ok(201, "POST", PATH, {"escalation_policy": {"name": "P", "num_loops": 9, "escalation_rules": [rule]}})


@pytest.mark.parametrize(
    "kind", ["user_reference", "schedule_reference", "schedule_v3_reference", "team_reference"]
)
def test_an_unknown_target_is_404_without_errors(pd: Client, kind: str) -> None:
    rule = {"escalation_delay_in_minutes": 1, "targets": [{"id": "PNOBODY", "type": kind}]}
    error = pd.refused(404, "POST", PATH, {"escalation_policy": {"name": "P", "escalation_rules": [rule]}})
    assert error == {"message": "Not Found", "code": 2100}


def test_a_target_of_the_wrong_type_is_not_found(pd: Client) -> None:
    rule = {"escalation_delay_in_minutes": 1, "targets": [{"id": pd.users["anna"], "type": "schedule_reference"}]}
    assert (
        pd.refused(404, "POST", PATH, {"escalation_policy": {"name": "P", "escalation_rules": [rule]}})["code"]
        == 2100
    )


def test_the_only_rule_cannot_go(pd: Client) -> None:
    path = f"{PATH}/{pd.policy()['id']}"
    error = pd.refused(400, "PUT", path, {"escalation_policy": {"escalation_rules": []}})
    assert error == {"message": "Cannot Delete Only Rule For Escalation Policy", "code": 2001}
    assert len(pd.get(path)["escalation_policy"]["escalation_rules"]) == 1


def test_rule_ids_stay_if_they_are_sent(pd: Client) -> None:
    policy = pd.policy("anna")
    (rule,) = policy["escalation_rules"]
    changed = [pd.rule("ben"), {**pd.rule("cleo"), "id": rule["id"]}, {**pd.rule("anna"), "id": "PSTRANGE"}]
    body = {"escalation_policy": {"escalation_rules": changed}}
    first, second, third = pd.ok(200, "PUT", f"{PATH}/{policy['id']}", body)["escalation_policy"][
        "escalation_rules"
    ]
    assert second["id"] == rule["id"]
    assert len({first["id"], second["id"], third["id"], "PSTRANGE"}) == 4


def test_put_keeps_what_it_does_not_mention(pd: Client) -> None:
    team = pd.team()
    policy = pd.policy("anna", description="d", num_loops=3, teams=[{"id": team["id"], "type": "team_reference"}])
    changed = pd.ok(200, "PUT", f"{PATH}/{policy['id']}", {"escalation_policy": {"name": "New"}})[
        "escalation_policy"
    ]
    for key in ("description", "num_loops", "teams", "escalation_rules", "on_call_handoff_notifications"):
        assert changed[key] == policy[key]
    cleared = pd.ok(200, "PUT", f"{PATH}/{policy['id']}", {"escalation_policy": {"teams": []}})[
        "escalation_policy"
    ]
    assert cleared["teams"] == []


def test_includes(pd: Client) -> None:
    team, schedule = pd.team(), pd.schedule()
    policy = pd.policy("anna", schedule["id"], teams=[{"id": team["id"], "type": "team_reference"}])
    pd.service(policy["id"])
    query = f"?include[]=services&include[]=teams&include[]=targets&{STRATEGIES}"
    found = pd.get(f"{PATH}/{policy['id']}{query}")["escalation_policy"]
    assert found["services"][0]["status"] == "active"
    assert found["teams"][0]["default_role"] == "manager"
    user, listed = found["escalation_rules"][0]["targets"]
    assert (user["email"], listed["time_zone"]) == ("anna@acme.example", "Europe/London")
    assert found["escalation_rules"][0]["escalation_rule_assignment_strategy"] == {"type": "assign_to_everyone"}


@pytest.mark.parametrize("block", [{"type": "round_robin"}, "round_robin"])
def test_round_robin(pd: Client, block: Any) -> None:
    rule = pd.rule("anna", "ben") | {"escalation_rule_assignment_strategy": block}
    policy = pd.ok(201, "POST", PATH, {"escalation_policy": {"name": "P", "escalation_rules": [rule]}})[
        "escalation_policy"
    ]
    found = pd.get(f"{PATH}/{policy['id']}?{STRATEGIES}")["escalation_policy"]["escalation_rules"][0]
    assert found["escalation_rule_assignment_strategy"] == {"type": "round_robin"}


def test_a_policy_in_use_cannot_go(pd: Client) -> None:
    policy = pd.policy()
    path = f"{PATH}/{policy['id']}"
    service = pd.service(policy["id"])
    assert pd.refused(400, "DELETE", path)["code"] == 2001
    incident = pd.incident(service["id"])
    other = {
        "service": {
            "escalation_policy": {"id": pd.policy(name="Other")["id"], "type": "escalation_policy_reference"}
        }
    }
    pd.ok(200, "PUT", f"/services/{service['id']}", other)
    assert pd.refused(400, "DELETE", path)["code"] == 2001  # the incident still goes by it
    done = {"incident": {"type": "incident", "status": "resolved"}}
    pd.ok(200, "PUT", f"/incidents/{incident['id']}", done, From="anna@acme.example")
    pd.ok(204, "DELETE", path)
    assert pd.refused(404, "DELETE", path)["code"] == 2100
