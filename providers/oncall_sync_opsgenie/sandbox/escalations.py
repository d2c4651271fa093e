"""Escalations. Source: Opsgenie API: escalation; recorded lists for the one that a team comes with."""

from datetime import datetime
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import REPEAT, Account
from .envelope import created, data, deleted, updated
from .http import Answer, Call, Route
from .reached import UNITS, emails, first_people
from .refusals import Faults, conflict, unprocessable
from .usage import refuse_if_used

DESCRIPTION: Final = 1000
"""Inferred: the longest description."""
SUFFIX: Final = "_escalation"
CONDITIONS: Final = ("if-not-acked", "if-not-closed")
NOTIFIES: Final = {
    "user": ("default",),
    "schedule": ("default", "next", "previous"),
    "team": ("default", "users", "admins", "all", "random"),
}
"""What a rule may do with each type of recipient (docs; FireHydrant's importer)."""
PAID: Final = ("next", "previous", "random")
"""What needs a plan that has repeats, too (docs)."""
MOST_REPEATS: Final = 20
"""The vendor's help: an escalation repeats 20 times at the most."""
EMPTY_REPEAT_CLEARS: Final = True
"""Inferred: `"repeat": {}` takes a repetition away; the vendor's Terraform provider always sends it for none."""
_WRITABLE: Final = ("name", "description", "rules", "repeat")
_NO_PLAN: Final = "Your plan does not allow this feature."


def default_escalation(account: Account, team: Thing, schedule: Thing) -> Thing:
    """The escalation a new team comes with: its schedule, who is next there, then all of the team (recorded)."""
    steps = (
        (0, "default", {"type": "schedule", "id": schedule["id"]}),
        (5, "next", {"type": "schedule", "id": schedule["id"]}),
        (10, "all", {"type": "team", "id": team["id"]}),
    )
    rules = [
        {
            "condition": "if-not-acked",
            "notifyType": how,
            "delay": {"timeAmount": minutes, "timeUnit": "minutes"},
            "recipient": recipient,
        }
        for minutes, how, recipient in steps
    ]
    fields = {"name": f"{team['name']}{SUFFIX}", "ownerTeam": team["id"], "rules": rules}
    return account.store.put("escalations", _checked(account, {**_blank(account), **fields}))


def drop_escalation(account: Account, key: str) -> None:
    """Forgets an escalation."""
    account.store.drop("escalations", key)


def first_called(account: Account, escalation: str, at: datetime) -> list[str]:
    """The addresses of those an escalation calls first, each once: its first delay that has anybody at `at`."""
    return emails(account, first_people(account, escalation, at))


def escalation_view(account: Account, escalation: Thing) -> dict[str, Any]:
    """An escalation; one that does not repeat has no `repeat` (else the Terraform provider is never at rest)."""
    view = {name: escalation[name] for name in ("id", "name", "description")}
    if escalation["ownerTeam"] is not None:
        view["ownerTeam"] = account.team_meta(escalation["ownerTeam"])
    view["rules"] = [{**rule, "recipient": account.shown(rule["recipient"])} for rule in escalation["rules"]]
    return view if escalation["repeat"] is None else {**view, "repeat": escalation["repeat"]}


def _blank(account: Account) -> Thing:
    plain: Thing = {"name": None, "description": "", "ownerTeam": None, "rules": [], "repeat": None}
    return {"id": account.new_id(), **plain}


def _checked(account: Account, escalation: Thing) -> Thing:
    """The escalation; refuses what the vendor refuses in it."""
    faults = Faults()
    faults.text(escalation, "name", 100, required=True)
    faults.text(escalation, "description", DESCRIPTION)
    if not escalation["rules"]:
        faults.add("rules", "rules can not be empty.")
    faults.end()
    other = account.by_name("escalations", escalation["name"])
    if other is not None and other["id"] != escalation["id"]:
        raise conflict("Escalation", escalation["name"])
    return escalation


def _fields(call: Call) -> dict[str, Any]:
    """What a body says, as it is kept."""
    account, fields = call.account, call.given(*_WRITABLE)
    if "rules" in fields:
        if not isinstance(fields["rules"], list):
            raise unprocessable("rules should be a list.")
        fields["rules"] = [_rule(account, one) for one in fields["rules"]]
    if "repeat" in fields:
        fields["repeat"] = _repeat(account, fields["repeat"])
        if fields["repeat"] is None and not EMPTY_REPEAT_CLEARS:
            del fields["repeat"]
    owner = account.owner(call.body)
    return fields if owner is None else {**fields, "ownerTeam": owner}


def _rule(account: Account, body: Any) -> dict[str, Any]:
    """One rule; all four of its fields are needed, the unit of the delay is minutes unless it says so."""
    fields: dict[str, Any] = body if isinstance(body, dict) else {}
    recipient = fields.get("recipient")
    kind = recipient.get("type") if isinstance(recipient, dict) else None
    delay = fields.get("delay")
    delay = {"timeUnit": "minutes", **delay} if isinstance(delay, dict) else {}
    faults = Faults()
    faults.choice(fields, "condition", CONDITIONS)
    faults.choice({"recipient#type": kind}, "recipient#type", tuple(NOTIFIES))
    faults.choice(fields, "notifyType", NOTIFIES.get(str(kind), tuple(NOTIFIES["team"])))
    faults.choice(delay, "timeUnit", tuple(UNITS))
    faults.whole(delay, "timeAmount", 0)
    if delay.get("timeAmount") is None:
        faults.add("delay", "delay can not be empty.")
    faults.end()
    if fields["notifyType"] in PAID and REPEAT not in account.features:
        raise unprocessable(_NO_PLAN)
    return {
        "condition": fields["condition"],
        "notifyType": fields["notifyType"],
        "delay": {"timeAmount": delay["timeAmount"], "timeUnit": delay["timeUnit"]},
        "recipient": account.recipient(recipient, tuple(NOTIFIES)),
    }


def _repeat(account: Account, body: Any) -> dict[str, Any] | None:
    """A repetition; an empty one, and one of no times, is none."""
    if not isinstance(body, dict):
        raise unprocessable("repeat should be an object.")
    fields = {name: body[name] for name in _REPEAT if body.get(name) is not None}
    faults = Faults()
    faults.whole(fields, "waitInterval", 0)
    faults.whole(fields, "count", 0, MOST_REPEATS)
    for name in ("resetRecipientStates", "closeAlertAfterAll"):
        faults.flag(fields, name)
    faults.end()
    if not fields or fields.get("count") == 0:
        return None
    if REPEAT not in account.features:
        raise unprocessable(_NO_PLAN)
    return {**_REPEAT, **fields}


_REPEAT: Final = {"waitInterval": 0, "count": 1, "resetRecipientStates": False, "closeAlertAfterAll": False}
"""Inferred: what a repetition is that says nothing else."""


def _list(call: Call) -> Answer:
    found = call.account.store.all("escalations")
    return data(call, [escalation_view(call.account, one) for one in found])


def _meta(escalation: Thing) -> dict[str, Any]:
    return {"id": escalation["id"], "name": escalation["name"]}


def _create(call: Call) -> Answer:
    escalation = _checked(call.account, {**_blank(call.account), **_fields(call)})
    return created(call, _meta(call.account.store.put("escalations", escalation)))


def _get(call: Call) -> Answer:
    return data(call, escalation_view(call.account, call.account.find_by(call, "escalations")))


def _update(call: Call) -> Answer:
    """`rules`, when present, replace them all; everything else that is absent stays."""
    before = call.account.find_by(call, "escalations")
    escalation = _checked(call.account, {**before, **_fields(call)})
    return updated(call, _meta(call.account.store.put("escalations", escalation)))


def _delete(call: Call) -> Answer:
    escalation = call.account.find_by(call, "escalations")
    refuse_if_used(call.account, "escalations", escalation, "Escalation")
    drop_escalation(call.account, escalation["id"])
    return deleted(call)


ROUTES: Final = (
    Route("GET", "/v2/escalations", _list),
    Route("POST", "/v2/escalations", _create),
    Route("GET", "/v2/escalations/*", _get),
    Route("PATCH", "/v2/escalations/*", _update),
    Route("DELETE", "/v2/escalations/*", _delete),
)
