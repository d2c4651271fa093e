"""The shape of objects in answers: which keys an object of a kind carries, and of which JSON types.

What a description allows to be missing, a client may rely on all the same, because real answers always carry it.
So the sandbox's answers are also held against the newest recordings, key by key.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.conformance.recordings import recorded

Shape = dict[str, set[str]]

NEWEST: Mapping[str, tuple[str, ...]] = {
    "user": ("users/jupiterone_2022_page.exchange.json", "users/anonymised_2025.json"),
    "contact_method": ("users/PFNNZP8_contact_methods.json",),
    "team": ("teams/salto_2024_list.exchange.json", "teams/anonymised_2025.json"),
    "member": ("teams/firehydrant_2024_members.json",),
    "schedule": ("schedules/P538IZH_two_layers_daily_restriction.json",),
    "layer": ("schedules/salto_2024_list_include_layers.exchange.json",),
    "restriction": ("schedules/P538IZH_two_layers_daily_restriction.json",),
    "subschedule": ("schedules/P538IZH_two_layers_daily_restriction.json",),
    "escalation_policy": (
        "escalation_policies/salto_2024_post.exchange.json",
        "escalation_policies/anonymised_2025.json",
    ),
    "rule": ("escalation_policies/salto_2024_post.exchange.json",),
    "service": ("services/salto_2024_put.exchange.json", "services/salto_2024_list.exchange.json"),
    "integration": ("services/pypd_integration.json",),
    "oncall": ("oncalls/port_PWAXLIH_across_dst.json",),
    "incident": ("incidents/pypd_incidents.json",),
    "audit_record": ("audit/openapi_records.json",),
    "reference": (
        "escalation_policies/salto_2024_post.exchange.json",
        "services/salto_2024_put.exchange.json",
    ),
    "error": ("errors/delete_schedule_in_use_400.json",),
    "page": ("users/jupiterone_2022_page.exchange.json", "teams/firehydrant_2024_members.json"),
}
"""Per kind, the newest recordings that kept whole objects (others were cut by their publishers)."""

BY_KEY = {
    "schedule_layers": "layer",
    "restrictions": "restriction",
    "escalation_rules": "rule",
    "oncalls": "oncall",
    "members": "member",
    "records": "audit_record",
    "final_schedule": "subschedule",
    "overrides_subschedule": "subschedule",
    "error": "error",
    "integrations": "integration",
    "integration": "integration",
}


def shapes_of(bodies: Iterable[Any]) -> dict[str, Shape]:
    """For every kind of object in the bodies: the keys that each such object carries, with all types they took."""
    shapes: dict[str, Shape] = {}
    for body in bodies:
        for kind, found in _objects(body, "page" if _is_page(body) else ""):
            types = {key: {json_type(value)} for key, value in found.items() if not key.startswith("__")}
            if kind not in shapes:
                shapes[kind] = types
                continue
            common = shapes[kind].keys() & types.keys()
            shapes[kind] = {key: shapes[kind][key] | types[key] for key in common}
    return shapes


def recorded_shape(kind: str) -> Shape:
    """The shape of a kind in its newest recordings."""
    return shapes_of(exchange.body for exchange in recorded() if exchange.file in NEWEST[kind])[kind]


def json_type(value: Any) -> str:
    """The JSON name of a value's type."""
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "number", float: "number", list: "array", dict: "object"}
    return "null" if value is None else names[type(value)]


def differences(kind: str, wanted: Shape, found: Shape) -> list[str]:
    """What an answer lacks or types otherwise; null says nothing about a type."""
    lacking = [f"{kind}.{key} is missing" for key in sorted(wanted.keys() - found.keys())]
    otherwise = [
        f"{kind}.{key} is {sorted(found[key])}, recorded as {sorted(wanted[key])}"
        for key in sorted(wanted.keys() & found.keys())
        if wanted[key] != {"null"} and not found[key] <= wanted[key] | {"null"}
    ]
    return lacking + otherwise


def _is_page(body: Any) -> bool:
    return isinstance(body, dict) and "limit" in body and "offset" in body


def _objects(value: Any, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, kind)
    elif isinstance(value, dict):
        named = _kind_by_type(value) or kind
        if named:
            yield named, value
        if named == "audit_record":
            return  # its references are of another kind: id, type and summary only
        for key, inner in value.items():
            yield from _objects(inner, BY_KEY.get(key, ""))


def _kind_by_type(value: dict[str, Any]) -> str | None:
    """The kind an object names itself; a restriction, say, has a `type` too but no identity of its own."""
    kind = value.get("type")
    if not isinstance(kind, str) or "id" not in value:
        return None
    if kind.endswith("_reference") and "name" not in value:
        return "reference"
    if kind.endswith("_contact_method"):
        return "contact_method"
    if "_inbound_integration" in kind:
        return "integration"
    return kind
