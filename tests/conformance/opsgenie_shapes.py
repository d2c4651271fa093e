"""The shape of objects in Opsgenie's answers: which keys an object carries, and of which JSON types.

Objects do not say what they are, so a kind is a place in an answer: the call, the path to the object, and the
`type` that it names. Arrays count as one place.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.conformance.opsgenie_swagger import find
from tests.conformance.shapes import Shape, json_type

TYPED = frozenset(
    ("all", "none", "user", "escalation", "schedule", "team", "group", "time-of-day", "weekday-and-time-of-day")
)
"""Values of `type` that make objects different; of a rotation or a period it is just a field."""


FREE = frozenset(("details", "extraProperties"))
"""Whose keys are the user's."""


def place(method: str, path: str, query: Iterable[tuple[str, str]] = ()) -> str:
    """The call, without what differs between accounts; `flat` is another call."""
    operation = find(method, path)
    flat = " (flat)" if ("flat", "true") in query else ""
    return operation if isinstance(operation, str) else f"{method} {operation.template}{flat}"


def shapes_of(answers: Iterable[tuple[str, Any]]) -> dict[str, Shape]:
    """For every kind of object in answers of (place, body): the keys each of them carries, with their types."""
    shapes: dict[str, Shape] = {}
    for where, body in answers:
        for kind, found in _objects(body, where):
            types = {key: {json_type(value)} for key, value in found.items()}
            before = shapes.get(kind, types)
            shapes[kind] = {key: before[key] | types[key] for key in before.keys() & types.keys()}
    return shapes


def differences(recorded: Mapping[str, Shape], found: Mapping[str, Shape]) -> Iterator[str]:
    """What objects lack or type otherwise, of the kinds that both have; null says nothing about a type."""
    for kind in sorted(recorded.keys() & found.keys()):
        for key, types in sorted(recorded[kind].items()):
            if key not in found[kind]:
                yield f"{kind}.{key} is missing"
            elif types != {"null"} and not found[kind][key] <= types | {"null"}:
                yield f"{kind}.{key} is {sorted(found[kind][key])}, recorded as {sorted(types)}"


def _objects(value: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, f"{where}[]")
    elif isinstance(value, dict):
        kind = where + (f"<{value['type']}>" if value.get("type") in TYPED else "")
        yield kind, value
        for key, inner in value.items():
            if key not in FREE:
                yield from _objects(inner, f"{kind}.{key}")
