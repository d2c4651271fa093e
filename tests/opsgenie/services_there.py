"""An account with nothing but services, what pages for them, and their policies: what stands there after calls."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from oncall_sync.model import ALWAYS, Call, Change, Hours, Live, Ref, Service
from oncall_sync.plan.fill import fill, localize
from oncall_sync.rota.hours import NEVER, union
from oncall_sync_opsgenie.convert_integration import POLICY_TAGS
from oncall_sync_opsgenie.convert_schedule import hours_of
from oncall_sync_opsgenie.convert_service import (
    integration_of,
    is_carrier,
    is_replaced,
    policy_belongs,
    service_from,
)
from oncall_sync_opsgenie.normal import normalized
from oncall_sync_opsgenie.reader import owner, owners
from oncall_sync_opsgenie.wire import Known, safe
from oncall_sync_opsgenie.writer import calls_for
from tests.opsgenie.replay import in_phases

Body = dict[str, Any]
SHOP = Ref("service", "shop")
TEAMS = {Ref("team", "ops"): "T1", Ref("team", "dev"): "T2"}
POLICIES = {Ref("escalation_policy", "main"): "E1", Ref("escalation_policy", "spare"): "E2"}
IDS: Mapping[Ref, str] = {**TEAMS, **POLICIES}
REFS = {Ref(ref.kind, key, remote=True): ref for ref, key in IDS.items()}


class Refused(Exception):
    """What the API would not do."""


@dataclass
class There:
    """Everything, by id; `known` is what the adapter has from oncall.yaml."""

    known: Known = field(default_factory=Known)
    services: dict[str, Body] = field(default_factory=dict)
    integrations: dict[str, Body] = field(default_factory=dict)
    policies: dict[str, Body] = field(default_factory=dict)
    made: int = 0

    def perform(self, call: Call) -> None:
        """Do what one call says, as the API does; a PUT of an integration is laid over what is there."""
        path, _, query = call.path.partition("?")
        kind, key = re.fullmatch(r"/v[12]/(services|integrations|policies)/?(.*)", path).groups()  # type: ignore[union-attr]
        stored: dict[str, Body] = getattr(self, kind)
        body = copy.deepcopy(dict(call.body or {}))
        if kind == "policies":
            body["teamId"] = query.removeprefix("teamId=")
            if key and stored[key]["teamId"] != body["teamId"]:
                raise Refused("the policy of another team")
        if call.method == "DELETE":
            del stored[key]
            return
        if call.method == "POST":
            self.made += 1
            key = f"{kind}-{self.made}"
            body["id"] = key
        elif kind == "services" and "teamId" in body:
            raise Refused("a service stays in its team")
        elif kind != "policies":
            body = stored[key] | body
        else:
            body["id"] = key
        if kind == "integrations":
            self._check_integration(key, body)
        stored[key] = {name: value for name, value in body.items() if value is not None}
        names = [one["name"] for one in stored.values()]
        if kind != "policies" and len(set(names)) != len(names):
            raise Refused(f"409: {body['name']}")

    def _check_integration(self, key: str, body: Body) -> None:
        before = self.integrations.get(key, body)
        if before["type"] != body["type"]:
            raise Refused("an integration keeps its type")
        if body["type"] == "Email":
            others = [one for one in self.integrations.values() if one["id"] != key]
            if any(one.get("emailUsername") == body["emailUsername"] for one in others):
                raise Refused("409: the address is taken")
            body["emailAddress"] = f"{body['emailUsername']}@acme.opsgenie.net"
        body.setdefault("apiKey", f"key of {key}")
        body["_readOnly"] = ["id", "emailAddress"]

    def read(self) -> tuple[list[Live], Known]:
        """Return the services, and what the adapter knows after the read."""
        owned = owners(self.services.values())
        integrations: dict[str, list[Body]] = {key: [] for key in self.services}
        policies: dict[str, list[Body]] = {key: [] for key in self.services}
        loose = {}
        for one in self.integrations.values():
            team = (one.get("ownerTeam") or {}).get("id")
            key = owner(owned, team, one["name"], _belongs)
            if key is None:
                listed = {name: one[name] for name in ("id", "name", "enabled", "type")}
                loose[one["name"]] = {**listed, "teamId": team}
            else:
                integrations[key].append(one)
        asked = {
            (self.services[key]["teamId"], kind)
            for key, found in integrations.items()
            for kind, tag in POLICY_TAGS.items()
            if any(tag in one["tags"] for one in found)
        }
        for one in self.policies.values():
            key = owner(owned, one["teamId"], one["name"], policy_belongs)
            if key is not None and (one["teamId"], one["type"]) in asked:
                policies[key].append(one)
        known = replace(self.known, loose=loose)
        return [self._live(body, integrations[key], policies[key]) for key, body in self.services.items()], known

    def _live(self, body: Body, integrations: list[Body], policies: list[Body]) -> Live:
        raw = {"body": body, "integrations": integrations, "policies": policies}
        raw = copy.deepcopy({key: safe(value) for key, value in raw.items()})
        service = service_from(body, copy.deepcopy(integrations), copy.deepcopy(policies), self.known)
        return Live(remote_id=body["id"], resource=service, raw=raw)


def _belongs(service: str, name: str) -> bool:
    return is_carrier(service, name) or is_replaced(service, name) or integration_of(service, name) is not None


def local(live: Live) -> Service:
    """A live service with the refs of policies."""
    found = localize(live.resource, lambda ref: REFS.get(ref, ref))
    assert isinstance(found, Service)
    return found


def the_one(there: There) -> Live | None:
    """The service that carries the mark; one that was renamed out of the way has none."""
    found = [live for live in there.read()[0] if "[mark]" in str(live.resource.description)]
    assert len(found) <= 1
    return found[0] if found else None


def plan(there: There, wanted: Service) -> list[Call]:
    """What is sent to make it so, in order; nothing else but the mark tells a service."""
    live, (_, known) = the_one(there), there.read()
    if live is None:
        change = Change(provider="og", ref=SHOP, action="create", name=wanted.name)
        final = normalized(wanted, None, known)
    else:
        here = replace(live, resource=local(live))
        filled = fill(wanted, local(live), lambda _: frozenset(), datetime(2026, 1, 5, tzinfo=UTC)).resource
        final = normalized(filled, here, known)
        change = Change(
            provider="og",
            ref=SHOP,
            action="update",
            name=wanted.name,
            remote_id=live.remote_id,
            live=here,
        )
    final = replace(final, description=f"{final.description or ''} [mark]".strip())
    ids = {**IDS, SHOP: live.remote_id if live else "new"}
    return in_phases(calls_for(replace(change, wanted=final), ids, known))


def apply(there: There, calls: Iterable[Call]) -> None:
    """Perform calls one after another."""
    for call in calls:
        there.perform(call)


def comparable(service: Service) -> Service:
    """A service by what is the same of a declared one and a live one."""
    integrations = sorted((replace(one, was=None) for one in service.integrations), key=lambda one: one.name)  # type: ignore[union-attr]
    text = str(service.description or "").removesuffix("[mark]").strip()
    return replace(service, ref=SHOP, integrations=tuple(integrations), description=text or None)


def hushed(there: There, integration: dict[str, Any]) -> tuple[Hours, Hours]:
    """When an alert of an integration is held back, and when it is low."""
    held, low = NEVER, ALWAYS if integration.get("priority") == "P4" else NEVER
    for one in there.policies.values():
        (condition,) = one["filter"]["conditions"]
        mine = one["teamId"] == integration["ownerTeam"]["id"]
        if mine and one["enabled"] and condition["expectedValue"] in integration["tags"]:
            hours = hours_of(one.get("timeRestrictions"))
            held = union(held, hours) if "delayAction" in one else held
            low = union(low, hours) if one["type"] == "alert" else low
    return held, low
