"""The account the sandbox plays: its store, its clock, its plan's abilities, and how it refers to things."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from oncall_sync_sandbox.clock import Clock
from oncall_sync_sandbox.store import Store, Thing

from .refusals import missing_ability, not_found

API: Final = "https://api.pagerduty.com"

ROUND_ROBIN: Final = "round_robin"
AUDIT_TRAIL: Final = "audit_trail"
ALL_ABILITIES: Final = (
    "teams",
    "read_only_users",
    "service_support_hours",
    "urgencies",
    "manage_schedules",
    "team_responders",
    "coordinated_responding",
    "event_rules",
    "preview_intelligent_alert_grouping",
    "offboarding_configured",
    ROUND_ROBIN,
    AUDIT_TRAIL,
)
"""What the plan can do. The last two are named by us: the vendor publishes no names for them (inferred)."""

_PAGES: Final = {"services": "service-directory"}
_NO_PAGE: Final = {"vendors", "tags", "priorities"}
_NAMES: Final = {
    "users": "user",
    "teams": "team",
    "schedules": "schedule",
    "escalation_policies": "escalation_policy",
    "services": "service",
    "vendors": "vendor",
    "tags": "tag",
    "priorities": "priority",
    "incidents": "incident",
    "maintenance_windows": "maintenance_window",
}


@dataclass(slots=True)
class Account:
    """Everything a handler may touch."""

    store: Store
    clock: Clock
    subdomain: str
    zone: tzinfo
    abilities: Collection[str]

    def now(self) -> datetime:
        """The sandbox's present, aware UTC."""
        return self.clock.now()

    def need(self, ability: str, *, status: int = 402) -> None:
        """Refuses with code 2014 when the plan lacks it."""
        if ability not in self.abilities:
            raise missing_ability(ability, status=status)

    def find(self, kind: str, key: str) -> Thing:
        """The object, or 404 code 2100; a deleted user is gone too."""
        thing = self.store.get(kind, key)
        if thing is None or thing.get("deleted_at"):
            raise not_found()
        return thing

    def living(self, kind: str) -> list[Thing]:
        """All of a kind that are not deleted."""
        return [thing for thing in self.store.all(kind) if not thing.get("deleted_at")]

    def head(self, kind: str, thing: Thing) -> dict[str, Any]:
        """The five keys every resource begins with."""
        name, key = _NAMES[kind], thing["id"]
        path = f"{API}/{kind}/{key}"
        if thing.get("shift_based"):
            name, path = f"{name}_v3", f"{API}/v3/{kind}/{key}"
        page = None if kind in _NO_PAGE else f"{self.site}/{_PAGES.get(kind, kind)}/{key}"
        return {
            "id": key,
            "type": name,
            "summary": summary(thing),
            "self": path,
            "html_url": page,
        }

    def ref(self, kind: str, key: str) -> dict[str, Any]:
        """The object as a reference; a deleted user keeps its name and says when it went (recorded)."""
        thing = self.store.get(kind, key) or {"id": key, "name": key}
        found = self.head(kind, thing)
        found["type"] += "_reference"
        if thing.get("deleted_at"):
            found["self"] = None
            found["deleted_at"] = thing["deleted_at"]
        return found

    def refs(self, kind: str, keys: Collection[str]) -> list[dict[str, Any]]:
        """References, in order."""
        return [self.ref(kind, key) for key in keys]

    @property
    def site(self) -> str:
        """The web UI's address, which names the subdomain."""
        return f"https://{self.subdomain}.pagerduty.com"


def summary(thing: Thing) -> str:
    """The short text by which the API shows an object in a reference."""
    return str(thing.get("name") or thing.get("label") or thing.get("summary") or "")
