"""Requests and answers against Opsgenie's own API description, as sentences about what does not fit.

The description is Swagger 2, whose schemas are JSON Schema draft 4 plus `nullable` and polymorphism by
`discriminator`: an object that names one of the subtypes is also held against that one. What the description gets
wrong, `opsgenie_known_wrong.KNOWN_WRONG` corrects; what it does not have, `opsgenie_undescribed` adds.
"""

import copy
import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft4Validator, validators
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from tests.conformance.openapi import FORMATS, SHARED, at_pointer, pointer_parts
from tests.conformance.opsgenie_known_wrong import KNOWN_WRONG
from tests.conformance.opsgenie_undescribed import DEFINITIONS, PATHS

DESCRIPTION = SHARED / "api" / "opsgenie-swagger.json"
METHODS = ("get", "put", "post", "delete", "patch")
TEXT_ONLY = ".ics"
CHOSEN_BY, SUBTYPES, OWN = "x-chosen-by", "x-subtypes", "--own"
_ROOT = "urn:opsgenie"

Query = Mapping[str, Any] | Sequence[tuple[str, str]]


class Operation(NamedTuple):
    """One method on one path template of the description, with its parameters resolved."""

    method: str
    template: str
    described: dict[str, Any]
    parameters: list[dict[str, Any]]


@functools.cache
def vendor_document() -> dict[str, Any]:
    """The description as the vendor publishes it; skips the calling test where it is absent."""
    if not DESCRIPTION.exists():
        pytest.skip("the vendor's API description is not beside this checkout")
    document: dict[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return document


@functools.cache
def document() -> dict[str, Any]:
    """The description, corrected and completed, with subtypes where discriminators were."""
    corrected = copy.deepcopy(vendor_document())
    corrected["paths"].update(copy.deepcopy(PATHS))
    corrected["definitions"].update(copy.deepcopy(DEFINITIONS))
    for wrong in KNOWN_WRONG:
        for pointer in wrong.at:
            target = corrected
            for part in pointer_parts(pointer):
                target = target[int(part)] if isinstance(target, list) else target.setdefault(part, {})
            target.update(copy.deepcopy(dict(wrong.put)))
    _polymorphic(corrected["definitions"])
    return corrected


def check_request(method: str, path: str, query: Query = (), body: Any = None) -> list[str]:
    """What is wrong with a request, by the description: path, method, query parameters and JSON body."""
    operation = find(method, path)
    if isinstance(operation, str):
        return [operation]
    problems = [*_query_problems(operation, _pairs(query))]
    payload = next((one for one in operation.parameters if one["in"] == "body"), None)
    if body is None:
        return [*problems, "the body is missing"] if payload and payload.get("required") else problems
    if payload is None:
        # The docs' examples send `{}` to calls that take nothing.
        empty = body == {}
        return problems if empty else [*problems, f"{method} {operation.template} takes no body"]
    problems += _schema_problems(payload["schema"], body)
    return [*problems, *unknown_keys(payload["schema"], body)]


def check_answer(method: str, path: str, status: int, body: Any = None) -> list[str]:
    """What is wrong with an answer, by the description: an unknown status, a JSON body of another shape."""
    operation = find(method, path)
    if isinstance(operation, str):
        return [operation] if status not in {404, 405} else _schema_problems(_error_schema(), body)
    described = operation.described["responses"].get(str(status))
    if described is None and status >= 400:
        described = operation.described["responses"].get("default")  # 409, 428 and the like
    if described is None:
        return [f"{method} {operation.template} is not described to answer {status}"]
    schema = resolved(described).get("schema")
    if schema is None or operation.template.endswith(TEXT_ONLY):
        return []
    return ["the answer has no JSON body"] if body is None else _schema_problems(schema, body)


def find(method: str, path: str) -> Operation | str:
    """The operation a method and a path mean, the most literal template first; or why there is none."""
    parts = path.partition("?")[0].strip("/").split("/")
    fitting = [template for template, pattern in _templates() if _fits(pattern, parts)]
    if not fitting:
        return f"no path like {path} is described"
    for template in fitting:
        item = document()["paths"][template]
        if method.lower() in item:
            described = item[method.lower()]
            shared = [*item.get("parameters", []), *described.get("parameters", [])]
            return Operation(method.lower(), template, described, [resolved(one) for one in shared])
    return f"{method.upper()} {fitting[0]} is not described"


def resolved(described: dict[str, Any]) -> dict[str, Any]:
    """What a description says itself or by `$ref`."""
    while "$ref" in described:
        described = at_pointer(document(), described["$ref"].removeprefix("#"))
    return described


def unknown_keys(schema: dict[str, Any], value: Any, where: str = "body") -> Iterator[str]:
    """The paths of keys that the schema does not describe; objects without described keys are free.

    The vendor ignores such keys, so nobody would notice a slip.
    """
    branches = list(_branches(schema, value))
    if isinstance(value, list):
        items = next((one["items"] for one in branches if "items" in one), {})
        for index, item in enumerate(value):
            yield from unknown_keys(items, item, f"{where}[{index}]")
    elif isinstance(value, dict):
        known = {key: inner for branch in branches for key, inner in branch.get("properties", {}).items()}
        for key, inner in value.items():
            if key in known:
                yield from unknown_keys(known[key], inner, f"{where}.{key}")
            elif known and not any(branch.get("additionalProperties") for branch in branches):
                yield f"{where}.{key} is not described"


def _branches(schema: dict[str, Any], value: Any) -> Iterator[dict[str, Any]]:
    whole = resolved(schema)
    yield whole
    for part in whole.get("allOf", ()):
        yield from _branches(part, value)
    subtype = _subtype(whole, value)
    if subtype is not None:
        yield from _branches(subtype, value)


def _subtype(schema: Mapping[str, Any], value: Any) -> dict[str, Any] | None:
    """The subtype that a value names, if its schema has subtypes."""
    if SUBTYPES not in schema or not isinstance(value, dict):
        return None
    name = schema[SUBTYPES].get(value.get(schema[CHOSEN_BY]))
    return None if name is None else {"$ref": f"#/definitions/{name}"}


def _polymorphic(definitions: dict[str, Any]) -> None:
    """Moves what a base says of itself aside, so that its subtypes can have that without choosing one again."""
    parents = {name: _parents(definitions, name) for name in definitions}
    bases = {name: found["discriminator"] for name, found in definitions.items() if "discriminator" in found}
    for schema in list(definitions.values()):
        for part in schema.get("allOf", ()):
            name = part.get("$ref", "").removeprefix("#/definitions/")
            if name in bases:
                part["$ref"] += OWN
    for base, chosen_by in bases.items():
        subtypes = {
            definitions[name]["x-discriminator-value"]: name
            for name, above in parents.items()
            if base in above and "x-discriminator-value" in definitions[name]
        }
        definitions[base + OWN] = definitions[base]
        own = {"$ref": f"#/definitions/{base}{OWN}"}
        definitions[base] = {"allOf": [own], CHOSEN_BY: chosen_by, SUBTYPES: subtypes}


def _parents(definitions: Mapping[str, Any], name: str) -> set[str]:
    direct = [
        part["$ref"].removeprefix("#/definitions/")
        for part in definitions[name].get("allOf", ())
        if "$ref" in part
    ]
    return {*direct, *(found for one in direct for found in _parents(definitions, one))}


@functools.cache
def _templates() -> list[tuple[str, list[str]]]:
    """Path templates, those with fewer variables first, so that `/v2/alerts/count` is not an alert."""
    templates = sorted(document()["paths"], key=lambda template: (template.count("{"), -len(template), template))
    return [(template, template.strip("/").split("/")) for template in templates]


def _fits(pattern: list[str], parts: list[str]) -> bool:
    return len(pattern) == len(parts) and all(
        re.fullmatch(re.sub(r"\\{.*?\\}", "[^/]+", re.escape(wanted)), part)
        for wanted, part in zip(pattern, parts, strict=True)
    )


def _pairs(query: Query) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in (query.items() if isinstance(query, Mapping) else query)]


def _query_problems(operation: Operation, pairs: list[tuple[str, str]]) -> Iterator[str]:
    known = {parameter["name"]: parameter for parameter in operation.parameters if parameter["in"] == "query"}
    for name, parameter in known.items():
        if parameter.get("required") and name not in dict(pairs):
            yield f"the query parameter {name} is missing"
    for name, value in pairs:
        if name not in known:
            yield f"the query parameter {name} is not described"
            continue
        array = known[name].get("type") == "array"
        schema = known[name]["items"] if array else known[name]
        for single in value.split(",") if array else [value]:
            problem = _parameter_problem(schema, single)
            if problem:
                yield f"the query parameter {name} is {single!r}, {problem}"


def _parameter_problem(schema: Mapping[str, Any], value: str) -> str | None:
    if "enum" in schema and value not in map(str, schema["enum"]):
        return f"not one of {schema['enum']}"
    if schema.get("type") == "integer" and not re.fullmatch(r"-?\d+", value):
        return "not an integer"
    if schema.get("type") == "boolean" and value not in {"true", "false"}:
        return "not true or false"
    if schema.get("format") == "date-time" and not FORMATS.conforms(value, "date-time"):
        return "not a time with an offset"
    return None


def _schema_problems(schema: dict[str, Any], body: Any) -> list[str]:
    problems = []
    for error in sorted(
        _validator(json.dumps(schema)).iter_errors(body), key=lambda e: list(map(str, e.absolute_path))
    ):
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
        text = error.message if len(error.message) < 200 else f"{error.message[:90]} ... {error.message[-90:]}"
        problems.append(f"body{path}: {text}")
    return problems


def _error_schema() -> dict[str, Any]:
    return {"$ref": "#/definitions/ErrorResponse"}


@functools.cache
def _validator(schema: str) -> Validator:
    """The compiled form of a schema, given as JSON; references are to the whole description."""
    absolute = json.loads(schema.replace('"#/', f'"{_ROOT}#/'))
    resource = DRAFT4.create_resource(document())
    registry: Registry[Any] = Registry().with_resource(_ROOT, resource)
    compiled: Validator = _dialect()(absolute, registry=registry, format_checker=FORMATS)
    return compiled


@functools.cache
def _dialect() -> Any:
    draft4 = Draft4Validator.VALIDATORS

    def unless_null(keyword: str) -> Any:
        def check(validator: Validator, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
            if not (instance is None and schema.get("nullable") is True):
                yield from draft4[keyword](validator, value, instance, schema) or ()

        return check

    def subtypes(validator: Any, _: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        chosen = _subtype(schema, instance)
        if chosen is not None:
            yield from validator.descend(instance, chosen)

    changed = {keyword: unless_null(keyword) for keyword in ("type", "enum", "allOf")}
    return validators.extend(Draft4Validator, {**changed, SUBTYPES: subtypes})
