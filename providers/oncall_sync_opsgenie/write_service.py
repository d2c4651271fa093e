"""What is sent for a service: itself, the integrations that page for it, and the policies that tell its hours.

The order keeps alerts on their way:

1. Policies that hold alerts back, or lower them, let go of those that they should not (see `write_policies`).
2. Integrations are made and changed; whoever sends to one that exists goes on sending to it.
3. Policies take what is now theirs to hold back.
4. The service gets its name and its mark. Should a run be cut off before that, the next one finds what there is to
   do: by then integrations may have the new name, and are known by it (`Known.loose`).
5. Integrations that are no longer wanted go, when everything else of the plan is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from oncall_sync.model import ABSENT, Integration, Ref, Service

from .blocks import DEFAULT_VISIBILITY
from .convert_integration import (
    DEFAULTS,
    IN_COMMON,
    LONGEST_NAME,
    REPLACED,
    SERVICE_TAG,
    deviations,
    integration_body,
    integration_from,
    integration_of,
    is_carrier,
    is_replaced,
    may_be,
    our_tags,
    wire_name,
)
from .objecting import NAME_LIMITS
from .script import Script, described, raw_of
from .timed import policies_for
from .wire import KIND, PATHS, Body, Known, id_of, text_of
from .write_policies import Policies

_MEANTIME: Final = (" (being renamed)", " (being deleted)")
"""What the core adds to a name that an object has only until another one has given up the one it is to have."""


def service_calls(script: Script, wanted: Service, known: Known) -> None:
    """Add the calls for a service and what belongs to it: nothing where nothing differs."""
    raw = raw_of(script)
    body = raw.get("body") or {}
    if body and wanted.name.endswith(_MEANTIME):
        _rename_as_it_is(script, raw, wanted)
        return
    team = id_of(wanted.team, script.ids) if isinstance(wanted.team, Ref) else ""
    needed = policies_for(wanted, known)
    policies = Policies(script, str(body.get("teamId") or team), team)
    policies.become(raw.get("policies") or (), needed)
    policies.louder()
    settings = wanted.settings.get(KIND, {})
    after: Body = {
        "name": wanted.name,
        "description": described(wanted.description),
        "visibility": settings.get("visibility", DEFAULT_VISIBILITY),
        "tags": sorted(settings.get("tags", ())),
    }
    if not body:
        script.create({**after, "teamId": team})
    elif body.get("teamId") != team:
        _move(script, body, {**after, "teamId": team})
    _Integrations(script, wanted, known, needed).write()
    policies.quieter()
    if body and body.get("teamId") == team:
        script.update(_before(body), after)


def _rename_as_it_is(script: Script, raw: Mapping[str, Any], wanted: Service) -> None:
    """Rename a service for the meantime, and what is named after it along: nothing is made, so nothing is left."""
    body = raw["body"]
    old, new = str(body["name"]), wanted.name
    tags = {f"{SERVICE_TAG}{old}": f"{SERVICE_TAG}{new}"}
    for one in raw.get("policies") or ():
        conditions = [
            {**each, "expectedValue": tags.get(each.get("expectedValue"), each.get("expectedValue"))}
            for each in (one.get("filter") or {}).get("conditions") or ()
        ]
        after = {key: value for key, value in one.items() if key not in ("id", "order", "teamId")}
        after |= {
            "name": new + one["name"].removeprefix(old),
            "filter": {**one["filter"], "conditions": conditions},
        }
        path = f"/v2/policies/{one['id']}?teamId={body.get('teamId')}"
        script.add("PUT", path, f"rename policy {one['name']}", after)
    for one in raw.get("integrations") or ():
        renamed = {
            "name": new + one["name"].removeprefix(old),
            "tags": [tags.get(tag, tag) for tag in one.get("tags") or ()],
        }
        script.add("PUT", f"/v2/integrations/{one['id']}", f"rename integration {one['name']}", renamed)
    script.update(_before(body), {"name": new, "description": described(wanted.description)})


def _before(body: Mapping[str, Any]) -> Body:
    return {
        "name": body.get("name"),
        "description": text_of(body.get("description")) or "",
        "visibility": body.get("visibility") or DEFAULT_VISIBILITY,
        "tags": sorted(body.get("tags") or ()),
    }


def _move(script: Script, body: Mapping[str, Any], after: Body) -> None:
    """Make a service anew for another team, which a service can never change; its old self goes last.

    That one loses the mark with its name, so that no two services ever say that they are the same.
    """
    old = {"name": aside(str(body["name"]), NAME_LIMITS["service"]), "description": ""}
    script.add("PATCH", script.path, f"rename {script.name} out of the way", old)
    path, says = PATHS["service"], f"create {script.name} for another team"
    script.created = script.add("POST", path, says, after, makes=script.change.ref)
    script.add("DELETE", script.path, f"delete {script.name} as its old team had it", phase="clear")


def aside(name: str, limit: int) -> str:
    """Return the name of something that waits to be deleted while another has its own."""
    return f"{name[: limit - len(REPLACED)]}{REPLACED}"


class _Integrations:
    """What becomes of a service's integrations, which may have been named after another name of it."""

    def __init__(self, script: Script, wanted: Service, known: Known, policies: Sequence[Body]) -> None:
        raw = raw_of(script)
        self._script = script
        self._wanted = wanted
        self._known = known
        self._policies = policies
        self._live: dict[str, Mapping[str, Any]] = {one["name"]: one for one in raw.get("integrations") or ()}
        self._before = str((raw.get("body") or {}).get("name") or wanted.name)

    def write(self) -> None:
        """Add the calls that make, change and, last of all, delete integrations."""
        declared = () if self._wanted.integrations is ABSENT else self._wanted.integrations
        left = dict(self._live)
        for one in declared or (None,):
            twin = self._twin(one)
            if twin is None:
                self._make(one)
            elif may_be(str(twin["type"]), one):
                left.pop(str(twin["name"]), None)
                self._change(one, twin)
            else:
                self._replace(one, twin)
        for name, body in left.items():
            if body.get("enabled") or is_replaced(self._before, name):
                self._delete(name, body)
            elif self._before != self._wanted.name:
                self._rename(name, body)

    def _twin(self, one: Integration | None) -> Mapping[str, Any] | None:
        """Return what is to become `one`: of the service (switched off or not), or a loose one of that name."""
        for name in (one.name, one.was) if one else ():
            for full, body in self._live.items():
                if name is not None and integration_of(self._before, full) == name:
                    return body
        for full, body in self._live.items():
            if one is None and is_carrier(self._before, full):
                return body
        return self._known.loose.get(self._body(one)["name"])

    def _body(self, one: Integration | None) -> Body:
        return integration_body(self._wanted, one, self._known, self._script.ids, self._policies)

    def _make(self, one: Integration | None) -> None:
        body = {key: value for key, value in self._body(one).items() if value is not None}
        self._script.add("POST", "/v2/integrations", f"add integration {body['name']}", body)

    def _replace(self, one: Integration | None, twin: Mapping[str, Any]) -> None:
        """Make one of another type, which an integration never gets; the old one pages on until it is deleted."""
        says = f"rename integration {twin['name']} out of the way"
        name = wire_name(self._wanted.name, one.name) if one else twin["name"]
        renamed = {"name": aside(name, LONGEST_NAME)}  # after the service's new name: the next run looks for that
        self._script.add("PUT", f"/v2/integrations/{twin['id']}", says, renamed)
        self._make(one)

    def _change(self, one: Integration | None, twin: Mapping[str, Any]) -> None:
        """Change what differs. A list tells little of a loose integration: it is written in any case."""
        body = self._body(one) | {"type": twin["type"]}
        there = integration_from(self._before, twin)
        if one is not None:
            gone = set(there.settings.get(KIND, {})) - set(body)
            body |= {key: DEFAULTS[key] for key in gone if key in DEFAULTS}
        body["tags"] += sorted(set(twin.get("tags") or ()) - our_tags(twin))
        others = (key for key, value in body.items() if key not in IN_COMMON and twin.get(key) != value)
        if any(others) or deviations(twin, body):
            says = f"change integration {twin['name']}"
            if twin.get("ownerTeam") and "ownerTeam" in deviations(twin, body):
                says += ", which may get another key from its new team"
            self._script.add("PUT", f"/v2/integrations/{twin['id']}", says, body)

    def _rename(self, name: str, body: Mapping[str, Any]) -> None:
        """Let one that somebody switched off go along with its service, so that it can be found again."""
        own = name.removeprefix(self._before)
        says = f"rename integration {name}, which is switched off"
        path = f"/v2/integrations/{body['id']}"
        self._script.add("PUT", path, says, {"name": f"{self._wanted.name}{own}"})

    def _delete(self, name: str, body: Mapping[str, Any]) -> None:
        path = f"/v2/integrations/{body['id']}"
        self._script.add("DELETE", path, f"delete integration {name}", phase="clear")
