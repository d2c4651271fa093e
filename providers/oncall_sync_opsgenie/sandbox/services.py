"""Services. Source: Opsgenie API: service (v1); recorded for what one shows.

A service pages nobody by itself: alerts come by integrations, and an incident may name it as impacted.
"""

from collections.abc import Mapping
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .envelope import created, data, deleted, paged, updated
from .http import Answer, Call, Route
from .refusals import Faults, conflict, unprocessable

VISIBILITIES: Final = ("TEAM_MEMBERS", "OPSGENIE_USERS")
VISIBILITY: Final = "TEAM_MEMBERS"
"""Inferred: who sees a service of which nothing else was said."""
MOST_TAGS: Final = 20
NAMES_ARE_UNIQUE: Final = True
"""Inferred: no two services of an account have the same name."""
OPEN_INCIDENTS_BLOCK: Final = False
"""Inferred: a service can be deleted while incidents name it."""
_WRITABLE: Final = ("name", "description", "visibility", "tags")
_SITE: Final = "https://app.opsgenie.com/service"
_API: Final = "https://api.opsgenie.com/v1/services"


def service_view(service: Thing) -> dict[str, Any]:
    """A service as the API shows it."""
    key = service["id"]
    return {
        **{name: service[name] for name in ("id", "name", "description", "visibility", "teamId", "tags")},
        "links": {"web": f"{_SITE}/{key}/status", "api": f"{_API}/{key}"},
        "isExternal": False,
    }


def tags_in(faults: Faults, body: Mapping[str, Any], most: int = MOST_TAGS, longest: int | None = None) -> None:
    """Finds fault with `tags` that are not a list of texts, or too many, or too long."""
    faults.strings(body, "tags")
    tags = body.get("tags")
    if not isinstance(tags, list):
        return
    if len(tags) > most:
        faults.add("tags", f"tags can not be more than {most}.")
    elif longest is not None and any(isinstance(tag, str) and len(tag) > longest for tag in tags):
        faults.add("tags", f"tags can not be longer than {longest} characters.")


def _checked(account: Account, service: Thing) -> Thing:
    """The service; refuses what the vendor refuses in it."""
    faults = Faults()
    faults.text(service, "name", 100, required=True)
    faults.text(service, "description", 10_000)
    faults.choice(service, "visibility", VISIBILITIES)
    tags_in(faults, service)
    faults.end()
    other = account.by_name("services", service["name"])
    if NAMES_ARE_UNIQUE and other is not None and other["id"] != service["id"]:
        raise conflict("Service", service["name"])
    return service


def _list(call: Call) -> Answer:
    """By name, in the order of the alphabet unless `order=desc` (inferred); `query` looks into names."""
    wanted = (call.one("query") or "").strip()
    text = wanted.partition(":")[2].strip() if wanted.lower().startswith("name:") else wanted
    order = (call.one("order") or "asc").lower()
    if order not in ("asc", "desc"):
        raise unprocessable("Order should be one of [asc, desc]")
    found = [one for one in call.account.store.all("services") if text.lower() in one["name"].lower()]
    found.sort(key=lambda one: (one["name"].lower(), one["id"]), reverse=order == "desc")
    return paged(call, found, show=service_view)


def _create(call: Call) -> Answer:
    account = call.account
    team = call.body.get("teamId")
    if not isinstance(team, str) or not team:
        raise unprocessable("teamId can not be empty.")
    if account.store.get("teams", team) is None:
        raise unprocessable(f"Team with id [{team}] does not exist.")
    blank: Thing = {"name": None, "description": "", "visibility": VISIBILITY, "tags": [], "teamId": team}
    service = _checked(account, {"id": account.new_id(), **blank, **call.given(*_WRITABLE)})
    return created(call, _meta(account.store.put("services", service)))


def _get(call: Call) -> Answer:
    return data(call, service_view(call.account.find("services", call.ids[0])))


def _update(call: Call) -> Answer:
    """The team stays, whatever is sent: the docs have no `teamId` here."""
    service = {**call.account.find("services", call.ids[0]), **call.given(*_WRITABLE)}
    return updated(call, _meta(call.account.store.put("services", _checked(call.account, service))))


def _delete(call: Call) -> Answer:
    account, service = call.account, call.account.find("services", call.ids[0])
    key = service["id"]
    if OPEN_INCIDENTS_BLOCK and any(
        one["status"] == "open" and key in one["impactedServices"] for one in account.store.all("incidents")
    ):
        raise unprocessable("Service has open incidents. It can not be deleted.")
    for rule in [one for one in account.store.all("incident_rules") if one["service"] == key]:
        account.store.drop("incident_rules", rule["id"])
    account.store.drop("services", key)
    return deleted(call)


def _meta(service: Thing) -> dict[str, Any]:
    return {"id": service["id"], "name": service["name"]}


ROUTES: Final = (
    Route("GET", "/v1/services", _list),
    Route("POST", "/v1/services", _create),
    Route("GET", "/v1/services/*", _get),
    Route("PATCH", "/v1/services/*", _update),
    Route("DELETE", "/v1/services/*", _delete),
)
