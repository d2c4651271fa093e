"""Services, from answers: a service, the integrations named after it and the policies for it are one thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from oncall_sync.model import ABSENT, Integration, Ref, Service

from .convert_integration import (
    deviations,
    escalation,
    integration_body,
    integration_from,
    integration_of,
    is_carrier,
    is_replaced,
    plain_urgency,
)
from .settings import canonical
from .timed import policies_for, policy_belongs, rule_from, same, timeouts_from
from .wire import KIND, Known, remote, text_of

__all__ = ["integration_of", "is_carrier", "is_replaced", "policy_belongs", "service_from"]

Bodies = Sequence[Mapping[str, Any]]


def service_from(body: Mapping[str, Any], integrations: Bodies, policies: Bodies, known: Known) -> Service:
    """Return a service with what pages for it.

    An integration that is switched off is as good as missing. What is not as it would be written shows in settings
    that no policy can have, so that the next plan puts it right: `deviates` of an integration (which fields), and
    `leftovers` of the service (names of what is to be deleted or mended).
    """
    name = str(body.get("name") or "")
    on = [one for one in integrations if one.get("enabled") and not is_replaced(name, one["name"])]
    own = [one for one in on if not is_carrier(name, one["name"])]
    again, close = timeouts_from(policies)
    urgency = rule_from(policies, known) or plain_urgency(on, known)
    service = Service(
        ref=Ref("service", body["id"], remote=True),
        name=name,
        description=text_of(body.get("description")),
        team=remote("team", {"id": body.get("teamId")}),
        escalation_policy=_paged(on),
        urgency=ABSENT if urgency is None else urgency,
        acknowledge_within=again,
        resolve_after=close,
        settings=_block(body),
    )
    needed = policies_for(service, known)
    found = (_integration(service, one, known, needed) for one in own)
    service = replace(service, integrations=tuple(sorted(found, key=lambda one: one.name)))
    wrong = {
        *(one["name"] for one in integrations if is_replaced(name, one["name"])),
        *_wrong_carriers(service, [one for one in on if is_carrier(name, one["name"])], known, needed),
        *_wrong_policies(policies, needed),
    }
    if not wrong:
        return service
    block = {**service.settings.get(KIND, {}), "leftovers": sorted(wrong)}
    return replace(service, settings={**service.settings, KIND: block})


def _paged(bodies: Bodies) -> Any:
    """Return the escalation policy that most integrations page, the first by name if there is a tie."""
    found = Counter(ref for ref in map(escalation, bodies) if ref is not None)
    names = {one.get("id"): str(one.get("name") or "") for body in bodies for one in body.get("responders") or ()}
    return min(found, key=lambda ref: (-found[ref], names[ref.key], ref.key)) if found else ABSENT


def _block(body: Mapping[str, Any]) -> dict[str, Any]:
    said = {key: body[key] for key in ("tags", "visibility") if body.get(key)}
    block = canonical("service", said)
    return {KIND: block} if block else {}


def _integration(service: Service, body: Mapping[str, Any], known: Known, needed: Bodies) -> Integration:
    found = integration_from(service.name, body)
    wrong = deviations(body, integration_body(service, found, known, {}, needed))
    if not wrong:
        return found
    return replace(found, settings={KIND: {**found.settings.get(KIND, {}), "deviates": wrong}})


def _wrong_carriers(service: Service, carriers: Bodies, known: Known, needed: Bodies) -> Iterator[str]:
    """Yield the names of carriers that stand beside declared integrations, or that are not as they should be."""
    expected = integration_body(service, None, known, {}, needed)
    for one in carriers:
        if service.integrations or deviations(one, expected):
            yield one["name"]


def _wrong_policies(policies: Bodies, needed: Bodies) -> Iterator[str]:
    """Yield the names of policies that nothing needs, that are not as they would be made, or not there once."""
    wanted = {one["name"]: one for one in needed}
    there = Counter(one["name"] for one in policies)
    yield from (one["name"] for one in policies if one["name"] not in wanted or not same(one, wanted[one["name"]]))
    yield from (name for name in wanted if there[name] != 1)
