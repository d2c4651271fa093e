"""What an account begins with.

A seed: `name` and `time_zone` of the account, `features` (a list: only these; a mapping: switched on or off),
`restricted` (keys are those of an integration), `users` by key with `email` and optionally `name`, `role`,
`time_zone`, `blocked`, `verified` (true, unless said) and `contacts: [{method, to, verified?}]`; then objects in
the vendor's own shape, by name or in a list: `teams` (also with `members: {key: role}`, `routing_rules`, and
`defaults: false` for one that has neither the schedule nor the escalation it came with), `schedules` (also with
`overrides`), `escalations`, `services` (also with `incident_rules`), `integrations`, `policies`, `heartbeats`,
`maintenance`, `forwarding_rules`, `incidents` (also with `status: closed`). A reference may name the thing instead
of its id: a user by key or email, anything else by name.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from oncall_sync_sandbox.store import Thing

from .account import FEATURES, KINDS, Account
from .contacts import unconfirmed
from .criteria import known_zone
from .http import Call
from .refusals import Refusal
from .teams import new_team
from .users import new_user

_USER_KEYS: Final = ("email", "name", "role", "time_zone", "contacts", "blocked", "verified")
_PATHS: Final = {
    "schedules": "/v2/schedules",
    "escalations": "/v2/escalations",
    "services": "/v1/services",
    "integrations": "/v2/integrations",
    "policies": "/v2/policies",
    "heartbeats": "/v2/heartbeats",
    "maintenance": "/v1/maintenance",
    "forwarding_rules": "/v2/forwarding-rules",
    "incidents": "/v1/incidents",
}
"""What is planted after users and teams, in this order, and by which call."""
_INSIDE: Final = {
    "schedules": ("overrides", "/v2/schedules/{}/overrides"),
    "services": ("incident_rules", "/v1/services/{}/incident-rules"),
}
_NAMED: Final = {**KINDS, "integration": "integrations", "policy": "policies"}
"""Where things are that a reference by type and name means; the last two are what maintenance speaks of."""
_SETTINGS: Final = ("name", "time_zone", "features", "restricted")


class Settings(NamedTuple):
    """What of a seed is not an object."""

    name: str
    zone: str
    features: Collection[str]
    restricted: bool


def settings(seed: Mapping[str, Any]) -> Settings:
    """Name, time zone and features of the account; ValueError if they make no sense."""
    unknown = set(seed) - {*_SETTINGS, "users", "teams", *_PATHS}
    if unknown:
        raise ValueError(f"seed: unknown keys: {', '.join(sorted(map(str, unknown)))}")
    zone = seed.get("time_zone", "Etc/UTC")
    if not known_zone(zone):
        raise ValueError(f"seed: time_zone is not known: {zone}")
    wanted = seed.get("features", FEATURES)
    if isinstance(wanted, Mapping):
        strange = set(wanted) - set(FEATURES)
        wanted = [name for name in FEATURES if wanted.get(name, True)]
    else:
        strange = set(wanted) - set(FEATURES)
    if strange:
        raise ValueError(f"seed: unknown features: {', '.join(sorted(map(str, strange)))}")
    return Settings(str(seed.get("name", "sandbox")), zone, frozenset(wanted), bool(seed.get("restricted")))


def fill(account: Account, seed: Mapping[str, Any]) -> None:
    """Puts the seed into an empty store, by the same checks as calls go through."""
    planter = _Planter(account)
    late: list[tuple[str, Thing, list[Any]]] = []
    for kind in ("users", "teams", *_PATHS):
        for key, body in _items(kind, seed.get(kind) or {}):
            try:
                if kind == "users":
                    planter.user(key, body)
                elif kind == "teams":
                    late.append((key, planter.team(body), body.get("routing_rules") or []))
                elif kind == "incidents":
                    planter.incident(body)
                else:
                    planter.thing(kind, body)
            except Refusal as refused:
                raise ValueError(f"seed: {kind}: {key}: {refused.body}") from refused
        if kind == "escalations":
            _route(planter, late)


def _route(planter: "_Planter", late: list[tuple[str, Thing, list[Any]]]) -> None:
    """Routing rules name escalations, which name teams: so they come after both."""
    for key, team, rules in late:
        for rule in rules:
            try:
                planter.rule(team, rule)
            except Refusal as refused:
                raise ValueError(f"seed: teams: {key}: routing_rules: {refused.body}") from refused


def _items(kind: str, found: Any) -> list[tuple[str, dict[str, Any]]]:
    pairs = list(found.items()) if isinstance(found, Mapping) else [(None, one) for one in found]
    if not all(isinstance(body, Mapping) for _, body in pairs):
        raise ValueError(f"seed: {kind}: every entry must be a mapping")
    named = [
        ({"name": str(key), **body} if key is not None and kind != "users" else dict(body)) for key, body in pairs
    ]
    return [
        (str(key or body.get("name") or body.get("email") or body.get("message") or ""), body)
        for (key, _), body in zip(pairs, named, strict=True)
    ]


class _Planter:
    """Creates seed objects one by one, by the handlers of the API."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._users: dict[str, str] = {}

    def user(self, key: str, body: dict[str, Any]) -> None:
        """A person, by a key that references can use; a seeded one has followed its invitation."""
        if strange := set(body) - set(_USER_KEYS):
            raise ValueError(f"seed: users: {key}: unknown keys: {', '.join(sorted(strange))}")
        name = body.get("name") or key.replace("_", " ").replace("-", " ").title()
        fields = {"username": body.get("email"), "fullName": name, "role": {"name": body.get("role", "User")}}
        if "time_zone" in body:
            fields["timeZone"] = body["time_zone"]
        user = new_user(self._account, fields)
        state = {"verified": bool(body.get("verified", True)), "blocked": bool(body.get("blocked", False))}
        self._account.store.put("users", {**user, **state})
        self._users[key] = user["id"]
        for contact in body.get("contacts") or []:
            ways = {name: value for name, value in contact.items() if name != "verified"}
            if ways != {"method": "email", "to": user["username"]}:  # everybody has that one
                key = self._post(f"/v2/users/{user['id']}/contacts", ways)
                if contact.get("verified") is False:
                    unconfirmed(self._account, key)

    def team(self, body: dict[str, Any]) -> Thing:
        """A team, with what it comes with unless `defaults` is false."""
        members = body.get("members") or []
        if isinstance(members, Mapping):
            members = [{"user": {"id": key}, "role": role} for key, role in members.items()]
        found = [self._resolved(one) for one in members]
        known = [
            {"user": self._account.referred("users", one.get("user"))["id"], "role": one.get("role", "user")}
            for one in found
        ]
        fields: dict[str, Any] = {name: body[name] for name in ("name", "description") if name in body}
        return new_team(self._account, {**fields, "members": known}, defaults=body.get("defaults", True))

    def rule(self, team: Thing, body: Mapping[str, Any]) -> None:
        """A routing rule; one with `isDefault` changes the default one."""
        path = f"/v2/teams/{team['id']}/routing-rules"
        if not body.get("isDefault"):
            self._post(path, body)
            return
        default = next(one for one in self._account.store.all("routing_rules") if one["team"] == team["id"])
        self._post(f"{path}/{default['id']}", body, "PATCH")

    def thing(self, kind: str, body: dict[str, Any]) -> None:
        """Anything that is created by POST to its list, and what is inside it."""
        inside, path = _INSIDE.get(kind, ("", ""))
        inner = body.pop(inside, None) or []
        team = self._team_id(body)
        query = f"?teamId={team}" if kind == "policies" and team is not None else ""
        key = self._post(_PATHS[kind] + query, body)
        for one in inner:
            self._post(path.format(key), one)

    def incident(self, body: dict[str, Any]) -> None:
        """An incident; its services may be named, and it is closed again if its status says so."""
        status = body.pop("status", "open")
        if status not in ("open", "closed"):
            raise ValueError(f"seed: incidents: status should be open or closed, not {status}")
        services = body.get("impactedServices") or []
        found = (self._account.by_name("services", str(one)) for one in services)
        keys = [one["id"] if one else name for name, one in zip(services, found, strict=True)]
        self._post(f"{_PATHS['incidents']}/create", {**body, "impactedServices": keys})
        if status == "closed":
            made = self._account.find("incident_requests", "seed")["outcome"]["incidentId"]
            self._post(f"{_PATHS['incidents']}/{made}/close", {})
        self._account.store.drop("incident_requests", "seed")  # nobody asked for it

    def _team_id(self, body: dict[str, Any]) -> str | None:
        """`teamId` may be a name, too."""
        if not isinstance(body.get("teamId"), str):
            return None
        team = self._account.by_name("teams", body["teamId"])
        if team is not None:
            body["teamId"] = team["id"]
        return str(body["teamId"])

    def _post(self, path: str, body: Any, method: str = "POST") -> str:
        from .routes import ROUTES  # which has the handlers of everything

        plain, _, query = path.partition("?")
        route = ROUTES.find(method, plain.strip("/").split("/"))
        if route is None:
            raise ValueError(f"seed: no such call: {method} {plain}")
        handler, ids = route
        call = Call(
            account=self._account,
            method=method,
            path=plain,
            query=parse_qsl(query),
            headers={},
            body=self._resolved(body),
            request_id="seed",
            ids=ids,
        )
        answer = handler(call)
        return str((answer.body.get("data") or {}).get("id"))

    def _resolved(self, value: Any) -> Any:
        """The same body, references by key or name made references by id."""
        if isinstance(value, list):
            return [self._resolved(one) for one in value]
        if not isinstance(value, Mapping):
            return value
        found = {str(key): self._resolved(one) for key, one in value.items()}
        for name in ("id", "username"):
            if found.get(name) in self._users:
                return {**found, name: None, "id": self._users[found[name]]}
        kind = _NAMED.get(str(found.get("type")))
        thing = self._account.by_name(kind, str(found["id"])) if kind is not None and "id" in found else None
        return found if thing is None else {**found, "id": thing["id"]}
