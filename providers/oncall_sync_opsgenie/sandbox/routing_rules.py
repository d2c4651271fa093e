"""Which schedule or escalation gets a team's alerts. Source: Opsgenie API: team routing rule; its default rule's
refusals are reported by users of the Terraform provider (issues 105 and 344).

Rules are asked in order; the default one is always last and matches everything.
"""

from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .criteria import criteria_from, known_zone, restriction_from
from .envelope import created, data, deleted, updated
from .http import Answer, Call, Route
from .refusals import Faults, forbidden, not_found, unprocessable

DEFAULT_NAME: Final = "Default Routing Rule"
MATCH_ALL: Final = {"type": "match-all"}
MOST: Final = 100
"""Inferred: rules of one team."""
_WRITABLE: Final = ("name", "criteria", "timezone", "timeRestriction", "notify")
_NOTIFIED: Final = ("schedule", "escalation", "none")


def rules_of(account: Account, team: str) -> list[Thing]:
    """A team's rules in the order in which they are asked, the default one last."""
    found = account.store.index("routing_rules", "team", lambda rule: rule["team"])[team]
    return sorted(found, key=lambda rule: int(rule["order"]))


def default_rule(account: Account, team: str, notify: dict[str, str]) -> Thing:
    """Makes the rule that every team has from the start."""
    rule = _new(account, team, {"name": DEFAULT_NAME, "notify": notify})
    return account.store.put("routing_rules", {**rule, "isDefault": True, "timezone": None})


def drop_rules(account: Account, team: str) -> None:
    """Forgets the rules of a team that goes."""
    for rule in rules_of(account, team):
        account.store.drop("routing_rules", rule["id"])


def rule_view(account: Account, rule: Thing) -> dict[str, Any]:
    """A rule as the API shows it."""
    view = {name: rule[name] for name in ("id", "name", "isDefault", "order", "criteria")}
    view |= {name: rule[name] for name in ("timezone", "timeRestriction") if rule[name] is not None}
    return {**view, "notify": account.shown(rule["notify"])}


def _new(account: Account, team: str, fields: dict[str, Any]) -> Thing:
    return {
        "id": account.new_id(),
        "team": team,
        "name": "",
        "isDefault": False,
        "order": len(rules_of(account, team)),
        "criteria": MATCH_ALL,
        "timezone": account.zone,
        "timeRestriction": None,
        **fields,
    }


def _fields(call: Call) -> dict[str, Any]:
    """What the body says, checked."""
    fields = {name: value for name, value in call.given(*_WRITABLE).items() if value != ""}
    faults = Faults()
    faults.text(fields, "name", 512)
    if "timezone" in fields and not known_zone(fields["timezone"]):
        faults.add("timezone", "timezone is not valid.")
    faults.end()
    if "criteria" in fields:
        fields["criteria"] = criteria_from(fields["criteria"])
    if "timeRestriction" in fields:
        fields["timeRestriction"] = restriction_from(fields["timeRestriction"])
    if "notify" in fields:
        fields["notify"] = call.account.recipient(fields["notify"], _NOTIFIED)
    return fields


def _check_default(fields: dict[str, Any]) -> None:
    if "timezone" in fields:
        raise unprocessable("Default routing rule can not have timezone.")
    if fields.get("timeRestriction") is not None:
        raise unprocessable("Default routing rule can not have time restriction.")
    if fields.get("criteria", MATCH_ALL) != MATCH_ALL:
        raise unprocessable("Default routing rule can not have criteria.")


def _team(call: Call) -> str:
    return str(call.account.find_by(call, "teams", parameter="teamIdentifierType")["id"])


def _found(call: Call) -> Thing:
    for rule in rules_of(call.account, _team(call)):
        if rule["id"] == call.ids[1]:
            return rule
    raise not_found("Team routing rule", call.ids[1])


def _placed(account: Account, rule: Thing, order: int) -> None:
    """Puts the rule at an index among the others of its team; the default one stays last."""
    others = [one for one in rules_of(account, rule["team"]) if one["id"] != rule["id"]]
    others.insert(min(order, len(others) - 1), rule)
    for index, one in enumerate(others):
        account.store.put("routing_rules", {**one, "order": index})


def _order(call: Call) -> int | None:
    faults = Faults()
    faults.whole(call.body, "order", 0)
    faults.end()
    order = call.body.get("order")
    return None if order is None else int(order)


def _list(call: Call) -> Answer:
    return data(call, [rule_view(call.account, rule) for rule in rules_of(call.account, _team(call))])


def _create(call: Call) -> Answer:
    team, fields, order = _team(call), _fields(call), _order(call)
    if "notify" not in fields:
        raise unprocessable("notify can not be empty.")
    if len(rules_of(call.account, team)) >= MOST:
        raise unprocessable(f"A team can not have more than {MOST} routing rules.")
    rule = _new(call.account, team, fields)
    _placed(call.account, rule, MOST if order is None else order)
    return created(call, {"id": rule["id"], "name": rule["name"]})


def _get(call: Call) -> Answer:
    return data(call, rule_view(call.account, _found(call)))


def _update(call: Call) -> Answer:
    """The order stays: it is for change-order."""
    rule, fields = _found(call), _fields(call)
    if rule["isDefault"]:
        _check_default(fields)
    rule = call.account.store.put("routing_rules", {**rule, **fields})
    return updated(call, {"id": rule["id"], "name": rule["name"]})


def _delete(call: Call) -> Answer:
    rule = _found(call)
    if rule["isDefault"]:
        raise forbidden("Default routing rule can not be deleted.")
    call.account.store.drop("routing_rules", rule["id"])
    for index, one in enumerate(rules_of(call.account, rule["team"])):
        call.account.store.put("routing_rules", {**one, "order": index})
    return deleted(call)


def _change_order(call: Call) -> Answer:
    rule, order = _found(call), _order(call)
    if rule["isDefault"]:
        raise forbidden("Order of the default routing rule can not be changed.")
    if order is None:
        raise unprocessable("order can not be empty.")
    _placed(call.account, rule, order)
    return updated(call, {"id": rule["id"], "name": rule["name"]})


ROUTES: Final = (
    Route("GET", "/v2/teams/*/routing-rules", _list),
    Route("POST", "/v2/teams/*/routing-rules", _create),
    Route("GET", "/v2/teams/*/routing-rules/*", _get),
    Route("PATCH", "/v2/teams/*/routing-rules/*", _update),
    Route("DELETE", "/v2/teams/*/routing-rules/*", _delete),
    Route("POST", "/v2/teams/*/routing-rules/*/change-order", _change_order),
)
