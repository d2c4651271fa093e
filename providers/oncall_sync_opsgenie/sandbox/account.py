"""The account the sandbox plays: its store, its clock, its plan's features, and how it refers to things.

Things are stored with plain ids; views add names. What other modules rely on: a user has `username`, `fullName`;
a team `name`, `members: [{"user": id, "role"}]`; a routing rule `team`, `order`, `isDefault`, `criteria`,
`timezone`, `timeRestriction`, `notify: {"type"[, "id"]}`; a rotation `schedule` and `participants`; what a team
owns has `ownerTeam: id or None`, a service and a policy `teamId`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, uuid5

from oncall_sync_sandbox.clock import Clock
from oncall_sync_sandbox.store import Store, Thing

from .refusals import forbidden, not_found, unprocessable

if TYPE_CHECKING:
    from .http import Call

REPEAT: Final = "repeat"
GLOBAL_POLICIES: Final = "global_policies"
ADVANCED_INTEGRATIONS: Final = "advanced_integrations"
FEATURES: Final = (REPEAT, GLOBAL_POLICIES, ADVANCED_INTEGRATIONS)
"""What a plan can have; the names are ours, the vendor publishes none."""

WHAT: Final = {
    "users": "User",
    "contacts": "Contact",
    "notification_rules": "Notification rule",
    "forwarding_rules": "Forwarding rule",
    "teams": "Team",
    "team_roles": "Team role",
    "routing_rules": "Team routing rule",
    "schedules": "Schedule",
    "rotations": "Rotation",
    "overrides": "Schedule override",
    "escalations": "Escalation",
    "services": "Service",
    "incident_rules": "Incident rule",
    "integrations": "Integration",
    "actions": "Integration action",
    "policies": "Policy",
    "heartbeats": "Heartbeat",
    "maintenance": "Maintenance",
    "incidents": "Incident",
}
"""How error messages call a kind."""

KINDS: Final = {"user": "users", "team": "teams", "schedule": "schedules", "escalation": "escalations"}
"""Where the things are that a recipient's type names."""
_WITHOUT_ID: Final = frozenset(("none", "all"))


@dataclass(slots=True)
class Account:
    """Everything a handler may touch."""

    store: Store
    clock: Clock
    name: str = "sandbox"
    zone: str = "UTC"
    features: Collection[str] = FEATURES
    restricted: bool = False
    """Whether keys are those of an integration, to which some things are forbidden that others may."""
    rate_limit: int | None = None
    """Calls per minute of each domain; None is no limit."""

    def now(self) -> datetime:
        """The sandbox's present, aware UTC."""
        return self.clock.now()

    def new_id(self) -> str:
        """The next id: a UUID, the same sequence from every empty store."""
        return str(uuid5(NAMESPACE_URL, self.store.new_id("opsgenie:")))

    def find(self, kind: str, key: str) -> Thing:
        """The object under its id, or 404; users also under their username."""
        thing = self.store.get(kind, key)
        if thing is None and kind == "users":
            thing = self.by_name(kind, key)
        if thing is None:
            raise self._missing(kind, key)
        return thing

    def by_name(self, kind: str, name: str) -> Thing | None:
        """The object of that name; users by username, in any case."""
        if kind == "users":
            found = self.store.index(kind, "username", lambda thing: thing["username"].lower())[name.lower()]
        else:
            found = self.store.index(kind, "name", lambda thing: thing.get("name"))[name]
        return found[0] if found else None

    def find_by(self, call: "Call", kind: str, position: int = 0, parameter: str = "identifierType") -> Thing:
        """The object in the path, by id or by name as the query's `parameter` says; 404 if there is none."""
        key = call.ids[position]
        if call.identifier_type(parameter) == "id":
            return self.find(kind, key)
        thing = self.by_name(kind, key)
        if thing is None:
            raise self._missing(kind, key)
        return thing

    def recipient(self, body: Any, allowed: Collection[str] = (*KINDS, "none", "all")) -> dict[str, str]:
        """A `{"type", "id"}` that is sure to exist, from id, name or username; empty strings count as absent.

        422 for another type and for what does not exist.
        """
        if not isinstance(body, Mapping) or not isinstance(body.get("type"), str) or body["type"] not in allowed:
            raise unprocessable(f"Type should be one of [{', '.join(sorted(allowed))}].")
        kind = str(body["type"])
        if kind in _WITHOUT_ID:
            return {"type": kind}
        return {"type": kind, "id": self.referred(KINDS[kind], body)["id"]}

    def referred(self, kind: str, body: Any) -> Thing:
        """The object of a kind that `{"id"}`, `{"name"}` or `{"username"}` refers to; 422 if there is none."""
        keys = body if isinstance(body, Mapping) else {}
        label = "username" if kind == "users" else "name"
        key, name = keys.get("id") or None, keys.get(label) or None
        if not isinstance(key or name, str):
            raise unprocessable(f"{WHAT[kind]} should have an id or a {label}.")
        found = self.store.get(kind, str(key)) if key else self.by_name(kind, str(name))
        if found is None:
            raise unprocessable(f"{WHAT[kind]} with {'id' if key else label} [{key or name}] does not exist.")
        return found

    def shown(self, recipient: Mapping[str, Any]) -> dict[str, Any]:
        """A stored recipient with its name or username, as long as that exists."""
        kind = KINDS.get(recipient["type"])
        thing = self.store.get(kind, recipient["id"]) if kind is not None else None
        if thing is None:
            return dict(recipient)
        label = "username" if kind == "users" else "name"
        return {**recipient, label: thing[label]}

    def owner(self, body: Mapping[str, Any], key: str = "ownerTeam") -> str | None:
        """The id of the owning team in a body, None if it names none; 422 if it does not exist."""
        owner = body.get(key)
        if not isinstance(owner, Mapping) or not (owner.get("id") or owner.get("name")):
            return None
        return str(self.referred("teams", owner)["id"])

    def team_meta(self, key: str) -> dict[str, str]:
        """The team as others show it; just the id when it is gone."""
        team = self.store.get("teams", key)
        return {"id": key} if team is None else {"id": key, "name": team["name"]}

    def _missing(self, kind: str, key: str) -> Exception:
        # Recorded: a key that may not see a schedule cannot tell it from one that does not exist.
        if self.restricted and kind == "schedules":
            return forbidden("Api key is not authorized to access the schedule")
        return not_found(WHAT[kind], key)
