"""What an account begins with: the catalogue every account has, and what a seed file adds.

A seed: `subdomain`, `time_zone`, `abilities` (a list: only these; a mapping: switched on or off), `users` by key,
then objects in the vendor's own shape: `teams` (with `members: {key: role}`), `schedules`, `escalation_policies`,
`services` (with `integrations`), `maintenance_windows`, `incidents`. A reference may name the thing instead of its
id: a user by key or email, anything else by name. An object may bring its own `id`.
"""

from collections.abc import Mapping
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from . import plan_features, vendors
from .account import ALL_ABILITIES, Account
from .checks import referred_all
from .contacts import add_contact, add_rule, default_contacts
from .http import Call
from .incidents import open_one
from .integrations import new_integration
from .policies import new_policy
from .refusals import Refusal
from .schedules import new_schedule
from .services import new_service
from .teams import check_team, join_by_policy, new_team
from .times import known_zone, parse, stamp
from .users import check_user, new_user

DEFAULT_SUBDOMAIN: Final = "sandbox"
_USER_FIELDS: Final = ("name", "email", "role", "time_zone", "job_title", "description", "color")
_KINDS: Final = {
    "user": "users",
    "team": "teams",
    "schedule": "schedules",
    "escalation_policy": "escalation_policies",
    "service": "services",
    "vendor": "vendors",
}
_KEYS: Final = frozenset(
    ("subdomain", "time_zone", "abilities", *_KINDS.values(), "maintenance_windows", "incidents")
) - {"vendors"}


def settings(seed: Mapping[str, Any]) -> tuple[str, str, frozenset[str]]:
    """Subdomain, account time zone and abilities; ValueError if they make no sense."""
    unknown = set(seed) - _KEYS
    if unknown:
        raise ValueError(f"seed: unknown keys: {', '.join(sorted(map(str, unknown)))}")
    zone = seed.get("time_zone", "Etc/UTC")
    if not known_zone(zone):
        raise ValueError(f"seed: time_zone is not known: {zone}")
    wanted = seed.get("abilities", ALL_ABILITIES)
    if isinstance(wanted, Mapping):
        wanted = [name for name in ALL_ABILITIES if wanted.get(name, True)]
    strange = set(wanted) - set(ALL_ABILITIES)
    if strange:
        raise ValueError(f"seed: unknown abilities: {', '.join(sorted(strange))}")
    return str(seed.get("subdomain", DEFAULT_SUBDOMAIN)), zone, frozenset(wanted)


def fill(account: Account, seed: Mapping[str, Any]) -> None:
    """Puts the catalogue and the seed into an empty store, by the same checks as calls go through."""
    vendors.stock(account.store)
    plan_features.stock(account.store)
    planter = _Planter(account)
    for kind in (
        "users",
        "teams",
        "schedules",
        "escalation_policies",
        "services",
        "maintenance_windows",
        "incidents",
    ):
        for key, body in _items(kind, seed.get(kind) or {}):
            try:
                planter.plant(kind, key, planter.resolved(body))
            except Refusal as refused:
                raise ValueError(f"seed: {kind}: {key}: {refused.body['error']}") from refused
    for one in list(account.store.all("audit")):  # the account was so from the start: nobody did it
        account.store.drop("audit", one["id"])


def _items(kind: str, found: Any) -> list[tuple[str, dict[str, Any]]]:
    pairs = list(found.items()) if isinstance(found, Mapping) else [(None, one) for one in found]
    if not all(isinstance(body, Mapping) for _, body in pairs):
        raise ValueError(f"seed: {kind}: every entry must be a mapping")
    return [(str(key or body.get("name") or body.get("title") or ""), dict(body)) for key, body in pairs]


class _Planter:
    """Creates seed objects one by one, and knows by what names they can be referred to."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._names: dict[tuple[str, str], str] = {
            ("vendors", one["name"]): one["id"] for one in account.store.all("vendors")
        }
        self._call = Call(
            account=account,
            method="POST",
            path="/",
            query=[],
            headers={},
            body=None,
            token=account.subdomain,
            request_id="seed",
        )

    def resolved(self, value: Any) -> Any:
        """The same body, references by name made references by id."""
        if isinstance(value, Mapping):
            found = {str(key): self.resolved(one) for key, one in value.items()}
            kind = _KINDS.get(str(found.get("type", "")).removesuffix("_reference"))
            if kind and "id" in found:
                found["id"] = self._names.get((kind, str(found["id"])), found["id"])
            return found
        return [self.resolved(one) for one in value] if isinstance(value, list) else value

    def plant(self, kind: str, key: str, body: dict[str, Any]) -> None:
        """One object of a kind."""
        makers = {
            "users": self._user,
            "teams": self._team,
            "schedules": lambda _, body: new_schedule(self._account, body, body.get("id")),
            "escalation_policies": lambda _, body: new_policy(self._call, body),
            "services": lambda _, body: new_service(self._account, body),
            "maintenance_windows": self._window,
        }
        if kind == "incidents":
            incident = open_one(self._account, body, None)
            self._account.store.put(kind, {**incident, "status": body.get("status", "triggered")})
            return
        thing = makers[kind](key, {"name": key, **body})
        thing["id"] = str(body.get("id", thing["id"]))
        self._account.store.put(kind, thing)
        for name in (key, thing.get("name"), thing.get("email")):
            if name:
                self._names[kind, str(name)] = thing["id"]
        self._after(kind, thing, body)

    def _after(self, kind: str, thing: Thing, body: dict[str, Any]) -> None:
        if kind == "users":
            self._contacts(thing, body)
        elif kind == "teams":
            for user, role in (body.get("members") or {}).items():
                key = self._names.get(("users", user), user)
                member = {"id": f"{thing['id']}/{key}", "team": thing["id"], "user": key, "role": role}
                self._account.store.put("members", member)
        elif kind == "escalation_policies":
            join_by_policy(self._call, thing)
        elif kind == "services":
            for one in body.get("integrations") or []:
                self._account.store.put("integrations", new_integration(self._account, thing["id"], one))

    def _user(self, key: str, body: dict[str, Any]) -> Thing:
        known = {"id", "contacts", "invitation_sent", *_USER_FIELDS}
        if strange := set(body) - known:
            raise ValueError(f"seed: users: {key}: unknown keys: {', '.join(sorted(strange))}")
        fields: dict[str, Any] = {name: body[name] for name in _USER_FIELDS if name in body}
        if fields["name"] == key:
            fields["name"] = key.replace("_", " ").replace("-", " ").title()
        user = new_user(self._account, fields)
        user["invitation_sent"] = bool(body.get("invitation_sent", False))
        check_user(self._account, user)
        return user

    def _contacts(self, user: Thing, body: dict[str, Any]) -> None:
        """`contacts`: type (with or without `_contact_method`), address, label, and rules: [{urgency, delay}].

        `enabled: false` and `blacklisted: true` are for one that PagerDuty has stopped using.
        """
        if "contacts" not in body:
            default_contacts(self._account, user)
            return
        for one in body["contacts"] or []:
            kind = str(one.get("type", "email")).removesuffix("_contact_method")
            fields = {"type": f"{kind}_contact_method", "label": one.get("label", kind.capitalize())}
            fields |= {
                "address": str(one.get("address", user["email"])),
                "country_code": one.get("country_code", 1),
                "enabled": bool(one.get("enabled", True)),
                "blacklisted": bool(one.get("blacklisted", False)),
            }
            method = add_contact(self._account, user["id"], fields)
            for rule in one.get("rules", [{"urgency": "high"}, {"urgency": "low"}]):
                add_rule(self._account, user["id"], method["id"], rule["urgency"], rule.get("delay", 0))

    def _team(self, _: str, body: dict[str, Any]) -> Thing:
        team = new_team(
            self._account, {name: body[name] for name in ("name", "description", "default_role") if name in body}
        )
        if body.get("parent") is not None:
            team["parent"] = body["parent"]["id"]
        check_team(self._account, team)
        return team

    def _window(self, _: str, body: dict[str, Any]) -> Thing:
        start, end = parse(body.get("start_time")), parse(body.get("end_time"))
        if start is None or end is None or end <= start:
            raise ValueError("seed: maintenance_windows: start_time and end_time must be times in order")
        number = self._account.store.count("maintenance_windows") + 1
        window = {"id": self._account.store.new_id(), "number": number, "description": body.get("description")}
        services = referred_all(self._account, "services", body.get("services"))
        return window | {"start_time": stamp(start), "end_time": stamp(end), "services": services}
