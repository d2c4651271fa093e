"""What is sent for a service: itself, the integrations that page for it, and the policies that tell its hours.

The order keeps alerts on their way:

1. Policies that hold alerts back, or lower them, let go of those that they should not (see `write_policies`).
2. Integrations are made and changed; whoever sends to one that exists goes on sending to it.
3. Policies take what is now theirs to hold back.
4. The service gets its name and its mark. Should a run be cut off before that, the next one finds what there is to
   do: by then integrations may have the new name, and are known by it (`Known.loose`). One for another team is
   made before the policies, which are that team's.
5. Integrations that are no longer wanted go, when everything else of the plan is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oncall_sync.model import Ref, Service
from oncall_sync.model.meantime import is_for_the_meantime

from .blocks import DEFAULT_VISIBILITY
from .convert_integration import SERVICE_TAG
from .objecting import NAME_LIMITS
from .script import Script, described, raw_of
from .timed import policies_for
from .wire import KIND, PATHS, Body, Known, id_of, text_of
from .write_integrations import Integrations, aside
from .write_policies import Policies


def service_calls(script: Script, wanted: Service, known: Known) -> None:
    """Add the calls for a service and what belongs to it: nothing where nothing differs."""
    raw = raw_of(script)
    body = raw.get("body") or {}
    if body and is_for_the_meantime(wanted.name):
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
    Integrations(script, wanted, known, needed).write()
    if body and body.get("teamId") != team:
        _move(script, body, {**after, "teamId": team})
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
