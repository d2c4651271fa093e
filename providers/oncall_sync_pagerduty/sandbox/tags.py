"""Tags on users, teams and escalation policies. Source: PagerDuty API: tags."""

from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .checks import Faults, written
from .http import Answer, Call, Route
from .pages import classic, matching
from .refusals import Refusal, invalid, not_found

ENTITIES: Final = ("users", "teams", "escalation_policies")


def _view(account: Account, tag: Thing) -> dict[str, Any]:
    return {**account.head("tags", tag), "label": tag["label"]}


def _new(account: Account, body: dict[str, Any]) -> Thing:
    tag = {"id": "", "label": None, **written(body, ("label",))}
    faults = Faults()
    faults.text(tag, "label", 191, required=True)
    if any(one["label"] == tag["label"] for one in account.store.all("tags")):
        faults.add("Label has already been taken")
    faults.end()
    return account.store.put("tags", {**tag, "id": account.store.new_id()})


def _links(account: Account, kind: str, key: str) -> list[Thing]:
    return account.store.index("taggings", "entity", lambda one: (f"{one['kind']}/{one['entity']}",))[
        f"{kind}/{key}"
    ]


def _list(call: Call) -> Answer:
    tags = sorted(
        matching(call, call.account.store.all("tags"), "label"), key=lambda one: str(one["label"]).lower()
    )
    return classic(call, "tags", tags, lambda tag: _view(call.account, tag))


def _create(call: Call) -> Answer:
    return Answer(201, {"tag": _view(call.account, _new(call.account, call.wrapped("tag")))})


def _get(call: Call) -> Answer:
    return Answer(200, {"tag": _view(call.account, call.account.find("tags", call.ids[0]))})


def _delete(call: Call) -> Answer:
    tag = call.account.find("tags", call.ids[0])
    for link in [one for one in call.account.store.all("taggings") if one["tag"] == tag["id"]]:
        call.account.store.drop("taggings", link["id"])
    call.account.store.drop("tags", tag["id"])
    return Answer(204)


def _entities(call: Call) -> Answer:
    account, kind = call.account, call.ids[1]
    tag = account.find("tags", call.ids[0])
    if kind not in ENTITIES:
        raise not_found()
    links = [one for one in account.store.all("taggings") if one["tag"] == tag["id"] and one["kind"] == kind]
    living = [
        one for one in links if not (account.store.get(kind, one["entity"]) or {"deleted_at": 1}).get("deleted_at")
    ]
    return classic(call, kind, living, lambda one: account.ref(kind, one["entity"]))


def _of(kind: str, call: Call) -> Answer:
    account, entity = call.account, call.account.find(kind, call.ids[0])
    tags = [account.find("tags", one["tag"]) for one in _links(account, kind, entity["id"])]
    return classic(call, "tags", tags, lambda tag: _view(account, tag))


def _change(kind: str, call: Call) -> Answer:
    """Adds and removes; here, and only here, a refusal's `error` is a bare string (provider issue 1019)."""
    account, entity = call.account, call.account.find(kind, call.ids[0])
    body = call.body if isinstance(call.body, dict) else {}
    for name in ("add", "remove"):
        if not isinstance(body.get(name) or [], list):
            raise Refusal(400, {"error": f"{name} must be an array"})
    adding = [_wanted(account, one) for one in body.get("add") or []]
    for one in body.get("remove") or []:
        key = f"{kind}/{entity['id']}/{_reference(account, one)}"
        account.store.drop("taggings", key)
    for tag in adding:
        key = f"{kind}/{entity['id']}/{tag}"
        account.store.put("taggings", {"id": key, "kind": kind, "entity": entity["id"], "tag": tag})
    return Answer(200, {})


def _reference(account: Account, one: Any) -> str:
    key = one.get("id") if isinstance(one, dict) and one.get("type") == "tag_reference" else None
    if not isinstance(key, str) or account.store.get("tags", key) is None:
        raise Refusal(400, {"error": "Tag not found"})
    return key


def _wanted(account: Account, one: Any) -> str:
    """A tag's id, created by its label if there is none yet."""
    if isinstance(one, dict) and one.get("type") == "tag":
        known = [tag["id"] for tag in account.store.all("tags") if tag["label"] == one.get("label")]
        try:
            return str(known[0] if known else _new(account, one)["id"])
        except Refusal as refused:
            raise Refusal(400, {"error": str(invalid().body["error"]["message"])}) from refused
    return _reference(account, one)


def _on(kind: str) -> tuple[Route, ...]:
    return (
        Route("GET", f"/{kind}/*/tags", lambda call: _of(kind, call)),
        Route("POST", f"/{kind}/*/change_tags", lambda call: _change(kind, call)),
    )


ROUTES: Final = (
    Route("GET", "/tags", _list),
    Route("POST", "/tags", _create),
    Route("GET", "/tags/*", _get),
    Route("DELETE", "/tags/*", _delete),
    Route("GET", "/tags/*/*", _entities),
    *(route for kind in ENTITIES for route in _on(kind)),
)
