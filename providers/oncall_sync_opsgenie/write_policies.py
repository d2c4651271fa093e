"""What is sent for a service's policies, in an order in which no alert is held back that should ring.

Only policies hold alerts back or lower them. So what makes alerts louder (a policy goes, or keeps fewer hours) is
sent first, then the integrations, and what makes them quieter (a policy comes, or keeps more hours) last. Between
any two requests no more hours are quiet than were so before or are to be so after: were it the other way round,
support hours that move from the day to the night would, for a while or until somebody looks at a failed run, have
alerts held back around the clock. That nothing is held back for a moment rings somebody once too often instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oncall_sync.rota.hours import NEVER, complement, intersection

from .convert_schedule import hours_of
from .script import Script
from .timed import own_name, same
from .wire import Body

Bodies = Sequence[Mapping[str, Any]]
Pair = tuple[Mapping[str, Any], Body]
"""A policy as it is, and as it is to be."""


@dataclass(slots=True)
class Policies:
    """What becomes of a service's policies: those of team `old`, until they are those of team `new`."""

    script: Script
    old: str
    new: str
    going: list[Mapping[str, Any]] = field(default_factory=list)
    releasing: list[Pair] = field(default_factory=list)
    turning: list[Pair] = field(default_factory=list)
    coming: list[Body] = field(default_factory=list)

    def become(self, live: Bodies, wanted: Sequence[Body]) -> None:
        """Decide what is to be done. A policy stays in its team: for another it is made anew."""
        left = list(live)
        for body in wanted:
            twin = next((one for one in left if self.old == self.new and _key(one) == _key(body)), None)
            if twin is None:
                self.coming.append(body)
                continue
            left.remove(twin)
            if not same(twin, body):
                (self.releasing if _only_releases(twin, body) else self.turning).append((twin, body))
        self.going += left
        if len(self.turning) > 1:
            # Each takes some hours and gives some back; one after the other they could hold all of them together.
            self.going += [twin for twin, _ in self.turning]
            self.coming += [body for _, body in self.turning]
            self.turning.clear()

    def louder(self) -> None:
        """Add the calls after which fewer alerts are held back, or as many."""
        for one in self.going:
            says = f"delete policy {one['name']}"
            self.script.add("DELETE", f"/v2/policies/{one['id']}?teamId={self.old}", says)
        self._put(self.releasing)

    def quieter(self) -> None:
        """Add the calls after which more are."""
        self._put(self.turning)
        for body in self.coming:
            self.script.add("POST", f"/v2/policies?teamId={self.new}", f"add policy {body['name']}", body)

    def _put(self, pairs: Sequence[Pair]) -> None:
        for twin, body in pairs:
            says = f"change policy {twin['name']}"
            self.script.add("PUT", f"/v2/policies/{twin['id']}?teamId={self.new}", says, body)


def _key(body: Mapping[str, Any]) -> tuple[Any, str]:
    """Return what makes a policy the same one, whatever its service is called."""
    return body["type"], own_name(body["name"])


def _only_releases(twin: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Return whether a change leaves no alert to a policy that was not left to it before.

    That is so with a service's new name: it comes with a tag that no alert has before the integrations have it.
    """
    if twin["name"] != body["name"]:
        return True
    held = hours_of(twin.get("timeRestrictions")) if twin.get("enabled") else NEVER
    return intersection(hours_of(body.get("timeRestrictions")), complement(held)) == NEVER
