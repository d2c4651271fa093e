"""The JSON Schemas of policy and rules files, for editors: draft 7, which YAML language servers know best."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core import CoreSchema

from .api_urls import VENDOR_HOSTS
from .shape import FileShape
from .shape_rules import RulesShape

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
PLACES: Final[Mapping[str, str]] = {
    "TeamShape": "team",
    "ScheduleShape": "schedule",
    "EscalationPolicyShape": "escalation_policy",
    "LevelShape": "level",
    "ServiceShape": "service",
    "IntegrationShape": "integration",
}
"""Where a provider-only block may stand, by the shape that holds it."""


def policy_schema(blocks: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return the schema; `blocks` are the schemas of provider-only blocks by kind and place (see `PLACES`).

    A kind that gives nothing for a place, and a known kind without an adapter, may hold anything there.
    """
    schema = _of(FileShape)
    definitions: dict[str, Any] = schema.pop("$defs")
    for name, place in PLACES.items():
        properties = definitions[name]["properties"]
        for kind in sorted({*VENDOR_HOSTS, *blocks}):
            fragment = blocks.get(kind, {}).get(place) or {"type": "object"}
            properties[kind] = {"description": f"what only {kind} knows", **fragment}
    return _finished("oncall-sync policy", schema, definitions)


def rules_schema() -> dict[str, Any]:
    """Return the schema of a file with an organisation's rules."""
    schema = _of(RulesShape)
    return _finished("oncall-sync rules", schema, schema.pop("$defs"))


def _of(shape: type[BaseModel]) -> dict[str, Any]:
    return shape.model_json_schema(schema_generator=_Generator, ref_template="#/definitions/{model}")


def _finished(title: str, schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    for shape in (schema, *definitions.values()):
        for name, value in shape["properties"].items():
            shape["properties"][name] = _beside_reference(value)
    description = schema.pop("description")
    return {
        "$schema": DRAFT,
        "title": title,
        "description": description,
        **schema,
        "definitions": {name: definitions[name] for name in sorted(definitions)},
    }


def dumps(schema: Mapping[str, Any]) -> str:
    """Return a schema as the text of its file in schemas/."""
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def _beside_reference(value: dict[str, Any]) -> dict[str, Any]:
    """Draft 7 ignores what stands beside `$ref`: put the reference inside."""
    if "$ref" not in value or len(value) == 1:
        return value
    return {"allOf": [{"$ref": value["$ref"]}], **{name: each for name, each in value.items() if name != "$ref"}}


class _Generator(GenerateJsonSchema):
    """pydantic's schema without what would only confuse: titles, defaults that stand for absence, null."""

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> dict[str, Any]:
        made = super().generate(schema, mode)
        for shape in (made, *made.get("$defs", {}).values()):
            shape.pop("title", None)
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def default_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])
