"""The `opsgenie:` blocks: what is wrong in one, its one canonical form, and its JSON Schema.

Canonical: only what differs from the default is in a block, durations are in their largest unit, and lists whose
order means nothing are sorted. What is read and what is declared are compared in this form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from .blocks import (
    NOBODY,
    Also,
    IntegrationBlock,
    LevelBlock,
    Place,
    PolicyBlock,
    ProviderBlock,
    RouteItem,
    ScheduleBlock,
    ServiceBlock,
    TeamBlock,
    refused,
)

BLOCKS: Final[Mapping[Place, type[BaseModel]]] = {
    "service": ServiceBlock,
    "escalation_policy": PolicyBlock,
    "level": LevelBlock,
    "team": TeamBlock,
    "schedule": ScheduleBlock,
    "integration": IntegrationBlock,
    "provider": ProviderBlock,
}


def canonical(place: Place, block: Mapping[str, Any]) -> dict[str, Any]:
    """Return a block in its canonical form; one that is wrong comes back as it is (see `faults`)."""
    try:
        found = BLOCKS[place].model_validate(dict(block))
    except ValidationError:
        return dict(block)
    said = place == "integration"  # whose fields begin as the API has it: what is written is what counts
    out = found.model_dump(exclude_unset=said, exclude_defaults=not said, exclude_none=True)
    if "tags" in out:
        out["tags"] = sorted(set(out["tags"]))
    if "also" in out:
        out["also"] = sorted((dict(one) for one in block["also"]), key=lambda one: sorted(one.items()))
    return out


def faults(place: Place, block: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(dotted key, sentence)` for everything wrong in a block."""
    if place == "integration":
        said = {str(key): refused(str(key), value) for key, value in block.items()}
        yield from ((key, message) for key, message in said.items() if message is not None)
        block = {key: value for key, value in block.items() if said[str(key)] is None}
    try:
        BLOCKS[place].model_validate(dict(block))
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            path = ".".join(str(part) for part in one["loc"] if isinstance(part, int) or part.isidentifier())
            if one["type"] == "extra_forbidden":
                yield path, _unknown(place, one["loc"])
            else:
                message = one["msg"].removeprefix("Value error, ")
                yield path, f"`{path}`: {message}" if path else message


def _unknown(place: Place, location: tuple[int | str, ...]) -> str:
    model = BLOCKS[place] if len(location) == 1 else {"routing": RouteItem}.get(str(location[0]), Also)
    known = list(model.model_fields)
    near = get_close_matches(str(location[-1]), known, 1)
    hint = f"known here: {', '.join(known)}" if known else "there are none here"
    if near:
        hint = f"did you mean `{near[0]}`?"
    return f"unknown key `{location[-1]}` in the opsgenie block of this {place.replace('_', ' ')} ({hint})"


def schema(place: Place) -> dict[str, Any]:
    """Return a JSON Schema of a block as YAML holds it, in words that draft-07 knows and without references."""
    found = BLOCKS[place].model_json_schema()
    parts = found.pop("$defs", {})

    def inline(value: Any) -> Any:
        if isinstance(value, list):
            return [inline(one) for one in value]
        if not isinstance(value, dict):
            return value
        if value == {"type": "null"}:
            return {"const": NOBODY}
        if "default" in value and value["default"] is None:
            value = {key: one for key, one in value.items() if key != "default"}
        if "$ref" in value:
            rest = {key: inline(one) for key, one in value.items() if key != "$ref"}
            return {**inline(parts[value["$ref"].rpartition("/")[2]]), **rest}
        return {key: inline(one) for key, one in value.items()}

    return dict(inline(found))
