"""Keys of a request body that its schema does not know: OpenAPI lets them pass, the vendor ignores them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Resolve = Callable[[dict[str, Any]], dict[str, Any]]


def unknown_keys(schema: dict[str, Any], value: Any, resolve: Resolve, where: str = "body") -> Iterator[str]:
    """The paths of keys that no alternative of the schema describes; objects without described keys are free."""
    branches = list(_branches(schema, resolve))
    if isinstance(value, list):
        for index, item in enumerate(value):
            for branch in branches:
                if "items" in branch:
                    yield from unknown_keys(branch["items"], item, resolve, f"{where}[{index}]")
                    break
    elif isinstance(value, dict):
        known = _properties(branches)
        for key, inner in value.items():
            if key in known:
                together = {"anyOf": known[key]}
                yield from unknown_keys(together, inner, resolve, f"{where}.{key}")
            elif known and not any(branch.get("additionalProperties") for branch in branches):
                yield f"{where}.{key} is not described"


def _branches(schema: dict[str, Any], resolve: Resolve) -> Iterator[dict[str, Any]]:
    resolved = resolve(schema)
    yield resolved
    for combined in ("allOf", "anyOf", "oneOf"):
        for part in resolved.get(combined, ()):
            yield from _branches(part, resolve)


def _properties(branches: list[dict[str, Any]]) -> Mapping[str, list[dict[str, Any]]]:
    known: dict[str, list[dict[str, Any]]] = {}
    for branch in branches:
        for key, schema in branch.get("properties", {}).items():
            known.setdefault(key, []).append(schema)
    return known
