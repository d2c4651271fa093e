"""What is sent for a service's integrations: every key and every address that is in use stays in use.

Names are unique in an account, and so are the addresses of mail. So a mail integration is known by its address
first, and whatever has a name that another one is to have is renamed before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from oncall_sync.model import ABSENT, Integration, Ref, Service

from .convert_integration import (
    DEFAULTS,
    EMAIL,
    IN_COMMON,
    LONGEST_NAME,
    REPLACED,
    deviations,
    integration_body,
    integration_from,
    integration_of,
    is_carrier,
    is_replaced,
    may_be,
    our_tags,
)
from .script import Script, raw_of
from .wire import KIND, Body, Known, id_of

Live = Mapping[str, Any]


def aside(name: str, limit: int) -> str:
    """Return the name of something that waits to be deleted while another has its own."""
    return f"{name[: limit - len(REPLACED)]}{REPLACED}"


class Integrations:
    """What becomes of a service's integrations, which may have been named after another name of it."""

    def __init__(self, script: Script, wanted: Service, known: Known, policies: Sequence[Body]) -> None:
        raw = raw_of(script)
        self._script = script
        self._wanted = wanted
        self._known = known
        self._policies = policies
        self._live: dict[str, Live] = {one["id"]: one for one in raw.get("integrations") or ()}
        self._before = str((raw.get("body") or {}).get("name") or wanted.name)
        self._taken = {one["name"] for one in (*self._live.values(), *known.loose.values())}
        declared = () if wanted.integrations is ABSENT else wanted.integrations
        self._declared: Sequence[Integration | None] = declared or (None,)

    def write(self) -> None:
        """Add the calls that make, change and, last of all, delete integrations."""
        twins = self._twins()
        paired = {one["id"] for one in twins.values()}
        bodies = [self._body(one) for one in self._declared]
        moved = self._out_of_the_way(bodies, twins)
        for number, (one, body) in enumerate(zip(self._declared, bodies, strict=True)):
            if number in twins:
                self._change(one, body, twins[number])
            else:
                made = {key: value for key, value in body.items() if value is not None}
                self._script.add("POST", "/v2/integrations", f"add integration {body['name']}", made)
        for key, left in self._live.items():
            if key in paired:
                continue
            if left.get("enabled") or key in moved or is_replaced(self._before, left["name"]):
                says = f"delete integration {left['name']}"
                self._script.add("DELETE", f"/v2/integrations/{key}", says, phase="clear")
            elif self._before != self._wanted.name:
                # Somebody switched it off. It goes along with its service, so that it can be found again.
                name = f"{self._wanted.name}{left['name'].removeprefix(self._before)}"
                self._rename(left, name, f"rename integration {left['name']}, which is switched off")

    def _twins(self) -> dict[int, Live]:
        """Return what is to become each of the declared ones, by its number; the surest first.

        Whatever is switched off counts, and so does an integration of no service with the name: none is made
        twice.
        """
        found: dict[int, Live] = {}
        for step in range(4):
            for number, one in enumerate(self._declared):
                taken = {twin["id"] for twin in found.values()}
                if number not in found:
                    alike = (body for body in self._alike(one, step) if may_be(str(body["type"]), one))
                    twin = next((body for body in alike if body["id"] not in taken), None)
                    if twin is not None:
                        found[number] = twin
        return found

    def _alike(self, one: Integration | None, step: int) -> Iterator[Live]:
        """Yield what may be the same, from the surest step on.

        A mail integration that has the name, and neither the address nor a service, has been renamed by a run that
        was cut off: its address is not in the list, and most likely the one that is wanted.
        """
        if one is not None and one.form == "email":
            return (self._by_address, self._loose, self._by_name, self._by_old_name)[step](one)
        return (self._by_name, self._by_old_name, self._loose, self._by_address)[step](one)

    def _by_address(self, one: Integration | None) -> Iterator[Live]:
        if one is not None and one.form == "email":
            mail = (body for body in self._live.values() if body["type"] == EMAIL)
            yield from (body for body in mail if body.get("emailUsername") == one.email)

    def _by_name(self, one: Integration | None) -> Iterator[Live]:
        for body in self._live.values():
            own = integration_of(self._before, body["name"])
            if own == one.name if one else is_carrier(self._before, body["name"]):
                yield body

    def _by_old_name(self, one: Integration | None) -> Iterator[Live]:
        if one is not None and one.was is not None:
            own = {integration_of(self._before, body["name"]): body for body in self._live.values()}
            yield from (body for name, body in own.items() if name == one.was)

    def _loose(self, one: Integration | None) -> Iterator[Live]:
        found = self._known.loose.get(self._body(one)["name"])
        if found is not None:
            yield found

    def _body(self, one: Integration | None) -> Body:
        return integration_body(self._wanted, one, self._known, self._script.ids, self._policies)

    def _out_of_the_way(self, bodies: Sequence[Body], twins: Mapping[int, Live]) -> set[str]:
        """Rename what has a name that another is to have, and return the ids. It pages on under its new name.

        One that will be deleted is named after what the service is to be called, since a later run looks there;
        one that gets another name in a moment, after what the service is called until then.
        """
        by_name = {one["name"]: one for one in (*self._known.loose.values(), *self._live.values())}
        paired = {one["id"] for one in twins.values()}
        moved = set()
        for number, body in enumerate(bodies):
            there = by_name.get(body["name"])
            if there is None or there is twins.get(number):
                continue
            service = self._before if there["id"] in paired else self._wanted.name
            name = aside(f"{service}{there['name'].removeprefix(self._before)}", LONGEST_NAME)
            while name in self._taken:
                name = aside(name, LONGEST_NAME) if len(name) < LONGEST_NAME else f"{name[1:]}"
            self._taken.add(name)
            self._rename(there, name, f"rename integration {there['name']} out of the way")
            moved.add(there["id"])
        return moved

    def _rename(self, there: Live, name: str, says: str) -> None:
        renamed: Body = {"name": name}
        if isinstance(self._wanted.team, Ref) and there["id"] not in self._live:
            renamed["ownerTeam"] = {"id": id_of(self._wanted.team, self._script.ids)}  # or no read would find it
        self._script.add("PUT", f"/v2/integrations/{there['id']}", says, renamed)

    def _change(self, one: Integration | None, body: Body, twin: Live) -> None:
        """Change what differs. A list tells little of a loose integration: it is written in any case."""
        body = {**body, "type": twin["type"]}
        if one is not None:
            there = integration_from(self._before, twin).settings.get(KIND, {})
            body |= {key: DEFAULTS[key] for key in there if key in DEFAULTS and key not in body}
        body["tags"] = [*body["tags"], *sorted(set(twin.get("tags") or ()) - our_tags(twin))]
        wrong = deviations(twin, body)
        if wrong or any(key not in IN_COMMON and twin.get(key) != value for key, value in body.items()):
            says = f"change integration {twin['name']}"
            if twin.get("ownerTeam") and "ownerTeam" in wrong:
                says += ", which may get another key from its new team"
            self._script.add("PUT", f"/v2/integrations/{twin['id']}", says, body)
