"""Escalation policies. Source: PagerDuty API: escalation policies; issues of the Terraform provider."""

from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import ROUND_ROBIN, Account
from .audit import record, save
from .checks import Faults, referred_all, written
from .http import Answer, Call, Route
from .pages import by_name, classic, matching
from .refusals import invalid, not_found, refuse
from .teams import join_by_policy, team_view
from .usage import open_incidents, services_of, targets

_WRITABLE: Final = ("name", "description", "num_loops", "on_call_handoff_notifications")
_TARGETS: Final = {
    "user": "users",
    "user_reference": "users",
    "schedule": "schedules",
    "schedule_reference": "schedules",
    "schedule_v3": "schedules",
    "schedule_v3_reference": "schedules",
}
_STRATEGIES: Final = ("assign_to_everyone", "round_robin")
STRATEGIES: Final = "escalation_rule_assignment_strategies"
IN_USE: Final = "Escalation policy can't be deleted if it's being used by services"
IN_OPEN_INCIDENT: Final = "Escalation policy can't be deleted if it's being used by open incidents"
"""Inferred texts: the refusals are documented, their sentences are not."""


def new_policy(call: Call, body: dict[str, Any]) -> Thing:
    """A policy with defaults filled in and checked, not yet stored."""
    blank: Thing = {"id": call.account.store.new_id(), "name": None, "description": None, "num_loops": 0}
    blank |= {"on_call_handoff_notifications": "if_has_services", "teams": [], "rules": []}
    return _applied(call, blank, body)


def _applied(call: Call, before: Thing, body: dict[str, Any]) -> Thing:
    policy = {**before, **written(body, _WRITABLE)}
    faults = Faults()
    faults.text(policy, "name", 255, required=True)
    faults.text(policy, "description", 1024)
    faults.whole(policy, "num_loops", 0, 9)
    faults.choice(policy, "on_call_handoff_notifications", ("if_has_services", "always"))
    if "teams" in body:
        policy["teams"] = referred_all(call.account, "teams", body["teams"])
        if len(policy["teams"]) > 1:
            faults.add("Teams is too long (maximum is 1 team)")
    if "escalation_rules" in body:
        policy["rules"] = _rules(call, faults, body["escalation_rules"], before["rules"])
    faults.end()
    if not policy["rules"]:
        if before["rules"]:
            raise refuse(400, 2001, "Cannot Delete Only Rule For Escalation Policy")
        raise invalid("Escalation rules can't be blank")
    return policy


def _rules(call: Call, faults: Faults, sent: Any, before: list[Thing]) -> list[Thing]:
    if sent is not None and (not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent)):
        raise invalid("Escalation rules must be an array")
    known = [rule["id"] for rule in before]
    rules: list[Thing] = []
    for one in sent or []:
        faults.whole(one, "escalation_delay_in_minutes", 1)
        # Ids that were sent along are kept; in a create they mean nothing and are replaced (recorded).
        kept = one.get("id") if one.get("id") in known else None
        rule: Thing = {"id": kept, "escalation_delay_in_minutes": one.get("escalation_delay_in_minutes")}
        rule |= {
            "targets": _checked_targets(call.account, faults, one.get("targets")),
            "strategy": _strategy(call, one),
        }
        rules.append(rule)
    faults.end()
    for rule in rules:
        rule["id"] = rule["id"] or call.account.store.new_id()
    return rules


def _checked_targets(account: Account, faults: Faults, sent: Any) -> list[Thing]:
    if not isinstance(sent, list) or not 1 <= len(sent) <= 10:
        faults.add("Targets must be between 1 and 10")
        return []
    found: list[Thing] = []
    for one in sent:
        kind = _TARGETS.get(str(one.get("type"))) if isinstance(one, dict) else None
        # A schedule named by the wrong type is not found either (recorded: provider issue 1125).
        if kind is None or not isinstance(one.get("id"), str):
            raise not_found()
        found.append({"kind": kind, "id": account.find(kind, one["id"])["id"]})
    return found


def _strategy(call: Call, rule: dict[str, Any]) -> str:
    sent = rule.get("escalation_rule_assignment_strategy")
    if sent is None:
        return _STRATEGIES[0]
    call.account.need(ROUND_ROBIN, status=403)
    name = sent.get("type") if isinstance(sent, dict) else sent
    if name not in _STRATEGIES:
        raise invalid("Escalation rule assignment strategy is not included in the list")
    return str(name)


def policy_view(call: Call, policy: Thing) -> dict[str, Any]:
    """A policy as the API shows it, with what `include[]` asks for."""
    from .services import service_view  # each shows the other

    account = call.account
    services = services_of(account, policy["id"])
    teams = [account.find("teams", key) for key in policy["teams"]]
    return {
        **account.head("escalation_policies", policy),
        **{name: policy[name] for name in _WRITABLE},
        "escalation_rules": [_rule_view(call, rule) for rule in policy["rules"]],
        "services": [
            service_view(call, one) if call.includes("services") else account.ref("services", one["id"])
            for one in services
        ],
        "teams": [
            team_view(account, team) if call.includes("teams") else account.ref("teams", team["id"])
            for team in teams
        ],
        "privilege": None,
    }


def _rule_view(call: Call, rule: Thing) -> dict[str, Any]:
    view = {
        "id": rule["id"],
        "escalation_delay_in_minutes": rule["escalation_delay_in_minutes"],
        "targets": [_target_view(call, one["kind"], one["id"]) for one in rule["targets"]],
    }
    if call.includes(STRATEGIES):
        view["escalation_rule_assignment_strategy"] = {"type": rule["strategy"]}
    return view


def _target_view(call: Call, kind: str, key: str) -> dict[str, Any]:
    from .schedules import schedule_view
    from .users import user_view

    account = call.account
    if not call.includes("targets"):
        return account.ref(kind, key)
    if kind == "users":
        return user_view(call, account.find(kind, key))
    return schedule_view(call, account.find(kind, key), account.zone, set())


def _allowed(call: Call) -> None:
    if call.includes(STRATEGIES):
        call.account.need(ROUND_ROBIN, status=403)


def _list(call: Call) -> Answer:
    _allowed(call)
    policies = by_name(call, matching(call, call.account.store.all("escalation_policies"), "name"))
    if teams := set(call.many("team_ids")):
        policies = [one for one in policies if teams & set(one["teams"])]
    if users := {("users", key) for key in call.many("user_ids")}:
        policies = [one for one in policies if users & set(targets(one))]
    return classic(call, "escalation_policies", policies, lambda one: policy_view(call, one))


def _create(call: Call) -> Answer:
    policy = save(call, "escalation_policies", new_policy(call, call.wrapped("escalation_policy")))
    join_by_policy(call, policy)
    return Answer(201, {"escalation_policy": policy_view(call, policy)})


def _get(call: Call) -> Answer:
    _allowed(call)
    return Answer(
        200, {"escalation_policy": policy_view(call, call.account.find("escalation_policies", call.ids[0]))}
    )


def _update(call: Call) -> Answer:
    before = call.account.find("escalation_policies", call.ids[0])
    policy = save(call, "escalation_policies", _applied(call, before, call.wrapped("escalation_policy")))
    join_by_policy(call, policy)
    return Answer(200, {"escalation_policy": policy_view(call, policy)})


def _delete(call: Call) -> Answer:
    account, policy = call.account, call.account.find("escalation_policies", call.ids[0])
    if services_of(account, policy["id"]):
        raise invalid(IN_USE)
    if any(one["policy"] == policy["id"] for one in open_incidents(account)):
        raise invalid(IN_OPEN_INCIDENT)
    record(call, "delete", ("escalation_policies", policy["id"]))
    account.store.drop("escalation_policies", policy["id"])
    return Answer(204)


ROUTES: Final = (
    Route("GET", "/escalation_policies", _list),
    Route("POST", "/escalation_policies", _create),
    Route("GET", "/escalation_policies/*", _get),
    Route("PUT", "/escalation_policies/*", _update),
    Route("DELETE", "/escalation_policies/*", _delete),
)
