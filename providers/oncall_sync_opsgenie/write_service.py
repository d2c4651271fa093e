"""What is sent for a service: itself, the integrations that page for it, and the policies that tell its hours.

The order keeps alerts on their way. What makes alerts louder (integrations) comes before what makes them quieter
(policies), and what is deleted goes last. A name is given to the integrations before it is given to the service:
should we be cut off in between, they are found by the name they are wanted under, and keep their keys.

The tag that says that a team has policies stays on an integration when the last policy goes: without it, a read
would not look for those that a lost request may have left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from oncall_sync.model import ABSENT, Integration, Ref, Service

from .blocks import DEFAULT_VISIBILITY
from .convert_integration import (
    DEFAULTS,
    POLICY_TAGS,
    REPLACED,
    deviations,
    integration_body,
    integration_from,
    integration_of,
    is_carrier,
    is_ours,
    type_for,
)
from .script import Script, described, raw_of
from .timed import policies_for, same
from .wire import KIND, PATHS, Body, Known, id_of, text_of

Bodies = Sequence[Mapping[str, Any]]


def service_calls(script: Script, wanted: Service, known: Known) -> None:
    """Add the calls for a service and what belongs to it: nothing where nothing differs."""
    raw = raw_of(script)
    body = raw.get("body") or {}
    after: Body = {
        "name": wanted.name,
        "description": described(wanted.description),
        "visibility": wanted.settings.get(KIND, {}).get("visibility", DEFAULT_VISIBILITY),
        "tags": list(wanted.settings.get(KIND, {}).get("tags", ())),
    }
    team = id_of(wanted.team, script.ids) if isinstance(wanted.team, Ref) else None
    moved = bool(body) and body.get("teamId") != team
    if not body:
        script.create({**after, "teamId": team})
    elif moved:
        _move(script, body, {**after, "teamId": team})
    _Integrations(script, wanted, known, raw.get("integrations") or (), str(body.get("name"))).write()
    _policies(script, wanted, known, raw.get("policies") or (), (str(body.get("teamId")), str(team)))
    if body and not moved:
        before = {
            "name": body.get("name"),
            "description": text_of(body.get("description")) or "",
            "visibility": body.get("visibility") or DEFAULT_VISIBILITY,
            "tags": sorted(body.get("tags") or ()),
        }
        script.update(before, after)


def _move(script: Script, body: Mapping[str, Any], after: Body) -> None:
    """Make a service anew for another team, which a service can never change; its old self goes last."""
    old = {"name": f"{body['name']}{REPLACED}", "description": ""}
    script.add("PATCH", script.path, f"rename {script.name} out of the way", old)
    path = PATHS["service"]
    script.add("POST", path, f"create {script.name} for another team", after, makes=script.change.ref)
    script.add("DELETE", script.path, f"delete {script.name} as its old team had it", phase="clear")


class _Integrations:
    """What becomes of the integrations of a service that was called `before`."""

    def __init__(self, script: Script, wanted: Service, known: Known, live: Bodies, before: str) -> None:
        self._script = script
        self._wanted = wanted
        self._known = known
        self._live = {str(one["name"]): one for one in live}
        self._before = before
        kinds = {str(one["type"]) for one in policies_for(wanted, known)}
        self._policy_tags = {tag for kind, tag in POLICY_TAGS.items() if kind in kinds}

    def write(self) -> None:
        """Add the calls that make, change and, last of all, delete integrations."""
        declared = () if self._wanted.integrations is ABSENT else self._wanted.integrations
        left: dict[str, Mapping[str, Any]] = dict(self._live)
        for one in declared or (None,):
            twin = self._twin(one)
            if twin is None:
                self._make(one)
            elif twin["type"] != type_for(one) and one is not None and one.form != "other":
                self._replace(one, twin)
            else:
                left.pop(str(twin["name"]), None)
                self._change(one, twin)
        for name, body in left.items():
            says = f"delete integration {name}"
            self._script.add("DELETE", f"/v2/integrations/{body['id']}", says, phase="clear")

    def _twin(self, one: Integration | None) -> Mapping[str, Any] | None:
        """Return the live integration that is to become `one`: of the service, or a loose one of that name."""
        names = [one.name, one.was] if one else []
        for name, body in self._live.items():
            own = integration_of(self._before, name)
            if (one is None and is_carrier(self._before, name)) or (own is not None and own in names):
                return body
        return self._known.loose.get(self._body(one)["name"])

    def _body(self, one: Integration | None) -> Body:
        return integration_body(self._wanted, one, self._known, self._script.ids)

    def _make(self, one: Integration | None) -> None:
        body = {key: value for key, value in self._body(one).items() if value is not None}
        body["tags"] = sorted({*body["tags"], *self._policy_tags})
        self._script.add("POST", "/v2/integrations", f"add integration {body['name']}", body)

    def _replace(self, one: Integration, twin: Mapping[str, Any]) -> None:
        says = f"rename integration {twin['name']} out of the way"
        renamed = {"name": f"{twin['name']}{REPLACED}"}
        self._script.add("PUT", f"/v2/integrations/{twin['id']}", says, renamed)
        self._make(one)

    def _change(self, one: Integration | None, twin: Mapping[str, Any]) -> None:
        """Change what differs. The list tells little of a loose integration: it is written in any case."""
        body = self._body(one)
        if one is not None and one.form == "other":
            del body["type"]
        there = integration_from(self._before, twin)
        if one is not None:
            gone = set(there.settings.get(KIND, {})) - set(body)
            body |= {key: DEFAULTS[key] for key in gone if key in DEFAULTS}
        had = set(twin.get("tags") or ())
        body["tags"] = sorted({*body["tags"], *self._policy_tags, *(t for t in had if t in POLICY_TAGS.values())})
        body["tags"] += sorted(tag for tag in had if not is_ours(tag))
        wrong = deviations(twin, body | {"tags": self._body(one)["tags"]})
        wrong += [key for key, value in body.items() if key not in _COMPARED_APART and twin.get(key) != value]
        if wrong or not self._policy_tags <= had:
            path = f"/v2/integrations/{twin['id']}"
            self._script.add("PUT", path, f"change integration {body['name']}", body)


_COMPARED_APART = frozenset(("responders", "priority", "tags", "ownerTeam"))


def _policies(script: Script, wanted: Service, known: Known, live: Bodies, teams: tuple[str, str]) -> None:
    """Add the calls for a service's policies, from the team that had them to the one that has."""
    old, new = teams
    there = _by_name(live) if old == new else {}
    for body in policies_for(wanted, known):
        own = _own_name(body)
        twins = there.get((body["type"], own)) or []
        if not twins:
            script.add("POST", f"/v2/policies?teamId={new}", f"add policy {body['name']}", body)
            continue
        twin = twins.pop(0)
        if not same(twin, body):
            path = f"/v2/policies/{twin['id']}?teamId={new}"
            script.add("PUT", path, f"change policy {body['name']}", body)
    for one in _left(there) if old == new else live:
        path = f"/v2/policies/{one['id']}?teamId={old}"
        script.add("DELETE", path, f"delete policy {one['name']}", phase="clear")


def _by_name(live: Bodies) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for body in live:
        found.setdefault((str(body.get("type")), _own_name(body)), []).append(body)
    return found


def _left(there: Mapping[tuple[str, str], Bodies]) -> Iterator[Mapping[str, Any]]:
    for bodies in there.values():
        yield from bodies


def _own_name(body: Mapping[str, Any]) -> str:
    """Return a policy's name without the service's, which may be about to change."""
    return str(body["name"]).rpartition(": ")[2]
