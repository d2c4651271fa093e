"""The vendor's own description, and where it is wrong about itself."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

DESCRIPTION = Path(__file__).parents[3].parent / "shared" / "api" / "pagerduty-openapi.json"

URN = "urn:pagerduty"

# Where the description is wrong about itself, the documentation or recordings: (method, path) -> reason.
WRONG_STATUS = {
    ("GET", "/schedules/{id}/overrides"): "says 201 for a list; a GET creates nothing",
    ("GET", "/v3/schedules/{id}"): "leaves out the 400 that the migration guide tells for a legacy id",
    ("DELETE", "/schedules/{id}/overrides/{override_id}"): "leaves out the 400 for an override that has ended",
}
UNDESCRIBED = {
    ("DELETE", "/services/{id}/integrations/{integration_id}"): "works, and the Terraform provider uses it",
}
# Error answers are of the shape in "Errors"; the description leaves out these statuses in places.
ERRORS = {400, 401, 402, 403, 404, 413, 429, 500}


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    return _nullable(json.loads(DESCRIPTION.read_text()))


def _nullable(node: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema; "any field can contain null unless it is required" (PagerDuty API: Types)."""
    if isinstance(node, list):
        return [_nullable(one) for one in node]
    if not isinstance(node, dict):
        return node
    found = {key: _nullable(value) for key, value in node.items()}
    if isinstance(found.get("$ref"), str):
        found["$ref"] = URN + found["$ref"]
    properties = found.get("properties")
    if isinstance(properties, dict):
        required = found.get("required") or []
        for name, schema in properties.items():
            if name not in required or (isinstance(schema, dict) and schema.get("nullable")):
                properties[name] = {"anyOf": [schema, {"type": "null"}]}
        _correct(properties)
    return found


def _correct(properties: dict[str, Any]) -> None:
    """What the schemas have wrong, property by property."""
    aggregate = json.dumps(properties.get("aggregate"))
    if "all, any" in aggregate:  # one word of two
        properties["aggregate"] = {"enum": ["all", "any"]}
    if "escalation_rule_assignment_strategy" in properties:  # a string here, an object in its own example
        properties["escalation_rule_assignment_strategy"] = {"type": "object", "required": ["type"]}
    if "alert_grouping_parameters" in properties:  # two alternatives that both match what is recorded
        properties["alert_grouping_parameters"] = {"type": ["object", "null"]}


@lru_cache(maxsize=256)
def validator(method: str, path: str, status: int) -> Any:
    answers = description()["paths"][path][method.lower()]["responses"]
    answer = answers.get(str(status))
    if answer is None:
        return None
    while "$ref" in answer:
        answer = _resolve(answer["$ref"])
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return None
    return jsonschema.Draft4Validator(schema, registry=_registry())


def _resolve(pointer: str) -> Any:
    node: Any = description()
    for part in pointer.removeprefix(URN + "#/").split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


@lru_cache(maxsize=1)
def _registry() -> Any:
    return Registry().with_resource(URN, Resource(contents=description(), specification=DRAFT4))


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    paths = sorted(description()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{[^/]+\}", "[^/]+", path)), path) for path in paths]


def described(method: str, path: str) -> str | None:
    for pattern, template in _patterns():
        if pattern.fullmatch(path) and method.lower() in description()["paths"][template]:
            return template
    return None


def check(method: str, path: str, status: int, text: str) -> None:
    """Fails unless the answer is one the description allows, or a known fault of the description."""
    template = described(method, path)
    if template is None:
        assert status in ERRORS or any(
            method == known and re.fullmatch(re.sub(r"\{[^/]+\}", "[^/]+", one), path)
            for known, one in UNDESCRIBED
        ), f"{method} {path} is not in the description"
        return
    answers = description()["paths"][template][method.lower()]["responses"]
    known = str(status) in answers or (method, template) in WRONG_STATUS or status in ERRORS
    assert known, f"{method} {template}: {status} is not described"
    found = validator(method, template, status)
    if found is None:
        return
    body = json.loads(text)
    if status >= 400 and not isinstance(body["error"], dict):
        assert template == "/{entity_type}/{id}/change_tags"  # its refusals are bare strings, as users saw
        return
    if status >= 400 and isinstance(body["error"].get("errors"), dict):
        assert body["error"]["code"] == 3001  # an object of field to messages, as recorded
        return
    found.validate(body)
