"""Integrations: what a service is paged through. From answers, and into requests.

A service of Opsgenie pages nobody. Alerts come through integrations, which carry here what the policy language
says of a service: whom they page (responders), how urgently (priority), and, as tags of every alert, whose they
are. They are named after the service, since nothing else in the API ties the two together.

Source: Opsgenie's API description (BaseIncomingFeature, EmailFeature).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from oncall_sync.model import ByPriority, ConstantUrgency, Integration, Ref, Service, Urgency

from .blocks import OURS
from .vendors import name_of, type_of, types_of
from .wire import KIND, Body, Known, id_of, safe

BETWEEN: Final = ": "
CARRIER: Final = " (direct)"
"""What a service's integration is called that nobody declared: without one, the service could page nobody."""
REPLACED: Final = " (being replaced)"
"""What the name of an integration, or of a service, ends with that a newer one has replaced."""
LONGEST_NAME: Final = 250
SERVICE_TAG: Final = "service:"
URGENCY_TAG: Final = "urgency:"
POLICY_TAGS: Final[Mapping[str, str]] = {"alert": "alert-policy", "notification": "notification-policy"}
"""Which tag says that a service's team has policies of a type for it: a read lists them only there."""
IN_COMMON: Final = ("responders", "priority", "tags", "ownerTeam")
"""What all integrations of a service have alike: it is the service's."""
API: Final = "API"
EMAIL: Final = "Email"
PRIORITIES: Final = ("P1", "P2", "P3", "P4", "P5")
USUAL_HIGH: Final = ("P1", "P2")
"""Which priorities are high where an integration leaves them to the sender and nothing says otherwise."""

DEFAULTS: Final[Mapping[str, Any]] = {
    "suppressNotifications": False,
    "ignoreTeamsFromPayload": False,
    "ignoreRecipientsFromPayload": False,
    "ignoreRespondersFromPayload": False,
    "ignoreTagsFromPayload": False,
    "ignoreExtraPropertiesFromPayload": False,
    "allowReadAccess": True,
    "allowWriteAccess": True,
    "allowDeleteAccess": True,
    "allowConfigurationAccess": False,
    "extraProperties": {},
}
"""How the fields of a new integration begin; what is so is not told apart from what was never said."""
_SHOWN: Final = ("feature-type", "isDefaultIntegration", "callback-type", "base-webhook-callback-type")


def wire_name(service: str, name: str) -> str:
    """Return what a service's integration is called in Opsgenie, where names are unique in the account."""
    return f"{service}{BETWEEN}{name}"


def integration_of(service: str, name: str) -> str | None:
    """Return the service's own name of an integration; None if it is not one of the service's."""
    own = name.removeprefix(f"{service}{BETWEEN}")
    return own if own != name and BETWEEN not in own and not own.endswith(REPLACED) else None


def is_carrier(service: str, name: str) -> bool:
    """Return whether an integration is the one that stands in where none is declared."""
    return name == f"{service}{CARRIER}"


def is_replaced(service: str, name: str) -> bool:
    """Return whether an integration was renamed out of the way, and is still to be deleted."""
    own = name.removeprefix(f"{service}{BETWEEN}")
    return own != name and BETWEEN not in own and own.endswith(REPLACED)


def escalation(body: Mapping[str, Any]) -> Ref | None:
    """Return the one escalation policy that an integration pages; None if it pages anything else."""
    found = responders(body)
    if len(found) != 1 or found[0]["type"] != "escalation":
        return None
    return Ref("escalation_policy", found[0]["id"], remote=True)


def responders(body: Mapping[str, Any]) -> list[Body]:
    """Return whom an integration pages, without names."""
    return [{"type": one.get("type"), "id": one.get("id")} for one in body.get("responders") or ()]


def integration_from(service: str, body: Mapping[str, Any]) -> Integration:
    """Return a service's integration, without what all of them have from the service."""
    kind = str(body.get("type"))
    name = integration_of(service, body["name"]) or body["name"]
    block = _block(body)
    settings = {KIND: block} if block else {}
    if kind == API:
        return Integration(name=name, form="events", settings=settings)
    if kind == EMAIL:
        return Integration(name=name, form="email", email=str(body.get("emailUsername") or ""), settings=settings)
    vendor = name_of(kind)
    return Integration(name=name, form="vendor" if vendor else "other", vendor=vendor, settings=settings)


def _block(body: Mapping[str, Any]) -> Body:
    """Return the fields that only this type has, or that are not as they begin."""
    read_only = {*(body.get("_readOnly") or ()), *_SHOWN}
    return {
        key: value
        for key, value in safe(body).items()
        if key not in OURS and key not in read_only and value not in (None, "", [], {})
        if key not in DEFAULTS or DEFAULTS[key] != value
    }


def integration_body(
    service: Service,
    one: Integration | None,
    known: Known,
    ids: Mapping[Ref, str],
    policies: Iterable[Mapping[str, Any]] = (),
) -> Body:
    """Return what an integration of a service has to say; None stands for the carrier.

    `policies` are those that the service needs. A value None means that the field goes; of a live integration,
    whatever is not named here stays.
    """
    body: Body = {
        "type": type_for(one),
        "name": wire_name(service.name, one.name) if one else f"{service.name}{CARRIER}",
        "enabled": True,
        "ownerTeam": {"id": id_of(service.team, ids)} if isinstance(service.team, Ref) else None,
        "tags": tags(service, {str(policy["type"]) for policy in policies}),
        "priority": priority(service.urgency, known),
    }
    if isinstance(service.escalation_policy, Ref):
        body["responders"] = [{"type": "escalation", "id": id_of(service.escalation_policy, ids)}]
    if one is not None and one.form == "email":
        body["emailUsername"] = one.email
    block = one.settings.get(KIND, {}) if one else {}
    return body | {key: value for key, value in block.items() if key not in OURS}


def type_for(one: Integration | None) -> str:
    """Return the type of an integration, or of the carrier."""
    if one is None or one.form == "events":
        return API
    return EMAIL if one.form == "email" else type_of(one.vendor or "") or API


def may_be(kind: str, one: Integration | None) -> bool:
    """Return whether a live integration of a type can become `one`: no type ever changes.

    A vendor has a type for each generation of its integration, and an older one stays: its key is in use.
    """
    if one is not None and one.form == "vendor":
        return kind == type_for(one) or kind in types_of(one.vendor or "")
    return kind == type_for(one) or (one is not None and one.form == "other")


def tags(service: Service, policies: Collection[str] = ()) -> list[str]:
    """Return our tags, sorted: the service, which priorities are high where the sender says them, and which
    types of policies there are for it."""
    own = [f"{SERVICE_TAG}{service.name}", *(POLICY_TAGS[kind] for kind in policies)]
    if isinstance(service.urgency, ByPriority):
        own.append(f"{URGENCY_TAG}{'+'.join(service.urgency.high)}")
    return sorted(own)


def our_tags(body: Mapping[str, Any]) -> set[str]:
    """Return those tags of an integration that mean something here; the others are its users'."""
    said = (str(tag) for tag in body.get("tags") or ())
    return {tag for tag in said if tag.startswith((SERVICE_TAG, URGENCY_TAG)) or tag in POLICY_TAGS.values()}


def priority(urgency: Any, known: Known) -> str | None:
    """Return the priority that alerts get; None for their own. By the hour it is high, and policies lower it."""
    if isinstance(urgency, ByPriority):
        return None
    low = isinstance(urgency, ConstantUrgency) and urgency.urgency == "low"
    return known.low_priority if low else known.high_priority


def plain_urgency(bodies: Sequence[Mapping[str, Any]], known: Known) -> Urgency | None:
    """Return the urgency that most of some integrations give their alerts; None without any."""
    found = [_urgency(body, known) for body in bodies]
    return max(found, key=lambda one: (found.count(one), str(one))) if found else None


def _urgency(body: Mapping[str, Any], known: Known) -> Urgency:
    said = body.get("priority")
    if said:
        return ConstantUrgency("low" if said >= known.low_priority else "high")
    tagged = next((tag for tag in body.get("tags") or () if tag.startswith(URGENCY_TAG)), None)
    words = tagged.removeprefix(URGENCY_TAG).split("+") if tagged is not None else USUAL_HIGH
    high = tuple(one for one in PRIORITIES if one in words)
    return ByPriority(high=high, low=tuple(one for one in PRIORITIES if one not in high))


def deviations(body: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """Return which of the `IN_COMMON` fields are not as `expected` has them."""
    return [key for key in IN_COMMON if key in expected and not _alike(key, body, expected)]


def _alike(key: str, body: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    if key == "responders":
        return bool(responders(body) == expected[key])
    if key == "tags":
        return our_tags(body) == our_tags(expected)
    if key == "ownerTeam":
        return bool((body.get(key) or {}).get("id") == (expected[key] or {}).get("id"))
    return bool((body.get(key) or None) == expected[key])
