"""Requests and answers against PagerDuty's own API description, as sentences about what does not fit.

The description is OpenAPI 3.0, whose schemas are JSON Schema draft 4 (boolean `exclusiveMinimum`, siblings of
`$ref` ignored) plus `nullable`, `readOnly` and `writeOnly`; each is compiled once per operation. Where the
description itself is wrong, `known_wrong.KNOWN_WRONG` corrects it before anything is compiled.
"""

import copy
import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
from jsonschema import Draft4Validator, FormatChecker, validators
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from tests.conformance.known_wrong import KNOWN_WRONG
from tests.conformance.unknown_keys import unknown_keys

SHARED = Path(__file__).resolve().parents[3] / "shared"
DESCRIPTION = SHARED / "api" / "pagerduty-openapi.json"
METHODS = ("get", "put", "post", "delete", "patch")
FORMATS = FormatChecker(formats=())

Query = Mapping[str, Any] | Sequence[tuple[str, str]]
Side = Literal["request", "answer"]
Keyword = Callable[[Validator, Any, Any, Any], Iterator[ValidationError]]


class Operation(NamedTuple):
    """One method on one path template of the description, with its parameters resolved."""

    method: str
    template: str
    described: dict[str, Any]
    parameters: list[dict[str, Any]]


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    """RFC 3339: a date, a time and an offset."""
    return not isinstance(value, str) or datetime.fromisoformat(value).utcoffset() is not None


@functools.cache
def vendor_document() -> dict[str, Any]:
    """The description as the vendor publishes it; skips the calling test where it is absent."""
    if not DESCRIPTION.exists():
        pytest.skip("the vendor's API description is not beside this checkout")
    document: dict[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return document


@functools.cache
def document() -> dict[str, Any]:
    """The description with every correction of `KNOWN_WRONG`."""
    corrected = copy.deepcopy(vendor_document())
    for wrong in KNOWN_WRONG:
        for pointer in wrong.at:
            target = corrected
            for part in pointer_parts(pointer):
                target = target[int(part)] if isinstance(target, list) else target.setdefault(part, {})
            target.update(copy.deepcopy(dict(wrong.put)))
    return corrected


def check_request(method: str, path: str, query: Query = (), body: Any = None) -> list[str]:
    """What is wrong with a request, by the description: path, method, query parameters and JSON body."""
    operation = find(method, path)
    if isinstance(operation, str):
        return [operation]
    problems = [*_query_problems(operation, _pairs(query))]
    described = resolved(operation.described.get("requestBody", {}))
    if body is None:
        wanted = resolved(described.get("content", {}).get("application/json", {}).get("schema", {}))
        missing = described.get("required") or wanted.get("required")
        return [*problems, "the body is missing"] if missing else problems
    if not described:
        return [*problems, f"{operation.method.upper()} {operation.template} takes no body"]
    pointer = _pointer("paths", operation.template, operation.method, "requestBody")
    problems += _schema_problems("request", pointer, body, "body")
    schema = described.get("content", {}).get("application/json", {}).get("schema", {})
    return [*problems, *unknown_keys(schema, body, resolved)]


def check_answer(method: str, path: str, status: int, body: Any = None) -> list[str]:
    """What is wrong with an answer, by the description: an unknown status, a JSON body of another shape."""
    operation = find(method, path)
    if isinstance(operation, str):
        return [operation]
    described = operation.described["responses"].get(str(status))
    if described is None:
        return [f"{operation.method.upper()} {operation.template} is not described to answer {status}"]
    if "application/json" not in resolved(described).get("content", {}):
        return [f"a {status} has no body here, found {_short(body)}"] if body is not None else []
    if body is None:
        return [f"a {status} has a body here, found none"]
    pointer = _pointer("paths", operation.template, operation.method, "responses", str(status))
    return _schema_problems("answer", pointer, body, "body")


def find(method: str, path: str) -> Operation | str:
    """The operation a method and a path mean, the most literal template first; or why there is none."""
    parts = path.partition("?")[0].removeprefix("/").split("/")
    fitting = [template for template, pattern in _templates() if _fits(pattern, parts)]
    if not fitting:
        return f"no path like {path} is described"
    for template in fitting:
        item = document()["paths"][template]
        if method.lower() in item:
            shared = [*item.get("parameters", []), *item[method.lower()].get("parameters", [])]
            return Operation(method.lower(), template, item[method.lower()], [resolved(p) for p in shared])
    return f"{method.upper()} {fitting[0]} is not described"


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every described operation: method, path template, description."""
    for template, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, template, item[method]


def resolved(described: dict[str, Any]) -> dict[str, Any]:
    """What a description says itself or by `$ref`."""
    while "$ref" in described:
        described = at_pointer(document(), described["$ref"].removeprefix("#"))
    return described


def at_pointer(node: Any, pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901)."""
    for part in pointer_parts(pointer):
        node = node[int(part)] if isinstance(node, list) else node[part]
    return node


def pointer_parts(pointer: str) -> list[str]:
    """The unescaped parts of a JSON pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _pointer(*parts: str) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


@functools.cache
def _templates() -> list[tuple[str, list[str]]]:
    """Path templates, those with fewer variables first, so that `/users/me` is not a user called me."""
    templates = sorted(document()["paths"], key=lambda template: (template.count("{"), template))
    return [(template, template.strip("/").split("/")) for template in templates]


def _fits(pattern: list[str], parts: list[str]) -> bool:
    return len(pattern) == len(parts) and all(
        part != "" if wanted.startswith("{") else part == wanted
        for wanted, part in zip(pattern, parts, strict=True)
    )


def _pairs(query: Query) -> list[tuple[str, str]]:
    if not isinstance(query, Mapping):
        return [(name, str(value)) for name, value in query]
    many = ((name, value if isinstance(value, list | tuple) else [value]) for name, value in query.items())
    return [(name, str(value)) for name, values in many for value in values]


def _query_problems(operation: Operation, pairs: list[tuple[str, str]]) -> Iterator[str]:
    known = {parameter["name"]: parameter for parameter in operation.parameters if parameter["in"] == "query"}
    for name, parameter in known.items():
        if parameter.get("required") and name not in dict(pairs):
            yield f"the query parameter {name} is missing"
    for name, value in pairs:
        if name not in known:
            yield f"the query parameter {name} is not described"
            continue
        schema = resolved(known[name].get("schema", {}))
        values = value.split(",") if known[name].get("explode") is False else [value]
        for single in values:
            problem = _parameter_problem(resolved(schema.get("items", schema)), single)
            if problem:
                yield f"the query parameter {name} is {single!r}, {problem}"


def _parameter_problem(schema: Mapping[str, Any], value: str) -> str | None:
    if "enum" in schema and value not in map(str, schema["enum"]):
        return f"not one of {schema['enum']}"
    if schema.get("type") == "integer" and not re.fullmatch(r"-?\d+", value):
        return "not an integer"
    if schema.get("type") == "boolean" and value not in {"true", "false", "1", "0"}:
        return "not true or false"
    if schema.get("format") == "date-time" and not FORMATS.conforms(value, "date-time"):
        return "not a time with an offset"
    return None


def _schema_problems(side: Side, pointer: str, body: Any, where: str) -> list[str]:
    validator = _validator(side, pointer)
    if validator is None:
        return []
    problems = []
    for error in sorted(validator.iter_errors(body), key=lambda e: [str(part) for part in e.absolute_path]):
        deepest = _telling(error)
        path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in deepest.absolute_path)
        problems.append(f"{where}{path}: {_sentence(deepest)}")
    return problems


def _telling(error: ValidationError) -> ValidationError:
    """Of alternatives that all failed, the complaint of the one whose `type` the object names."""
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    meant = [
        errors
        for errors in branches.values()
        if not any(inner.validator == "enum" and list(inner.relative_path) == ["type"] for inner in errors)
    ]
    return _telling(meant[0][0]) if len(meant) == 1 else error


def _sentence(error: ValidationError) -> str:
    return error.message if len(error.message) < 200 else f"{error.message[:90]} ... {error.message[-90:]}"


def _short(body: Any) -> str:
    return json.dumps(body)[:80]


@functools.cache
def _validator(side: Side, pointer: str) -> Validator | None:
    """The compiled schema of a request body or a response; none where the description says nothing."""
    node, base = at_pointer(document(), pointer), pointer
    while "$ref" in node:
        base = node["$ref"].removeprefix("#")
        node = at_pointer(document(), base)
    if "schema" not in node.get("content", {}).get("application/json", {}):
        return None
    schema = {"$ref": f"urn:pagerduty#{base}{_pointer('content', 'application/json', 'schema')}"}
    compiled: Validator = _dialect(side)(schema, registry=_registry(), format_checker=FORMATS)
    return compiled


@functools.cache
def _registry() -> Registry[Any]:
    """The whole description as one resource, so that every `$ref` of it resolves whatever it points into."""
    resource = DRAFT4.create_resource(document())
    registry: Registry[Any] = Registry().with_resource("urn:pagerduty", resource)
    return registry


@functools.cache
def _dialect(side: Side) -> Any:
    """Draft 4 with OpenAPI's own keywords; the document stays as it is, since its references point everywhere."""
    draft4 = Draft4Validator.VALIDATORS
    hidden = "readOnly" if side == "request" else "writeOnly"

    def unless_null(keyword: str) -> Keyword:
        def check(validator: Validator, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
            if instance is None and schema.get("nullable") is True:
                return
            yield from draft4[keyword](validator, value, instance, schema) or ()

        return check

    def required(validator: Validator, names: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        properties = schema.get("properties", {})
        sent = [name for name in names if not properties.get(name, {}).get(hidden)]
        yield from draft4["required"](validator, sent, instance, schema) or ()

    changed = {keyword: unless_null(keyword) for keyword in ("type", "enum", "allOf", "anyOf")}
    # the vendor's alternatives overlap (an object and its reference), so "exactly one" would refuse good data
    return validators.extend(Draft4Validator, {**changed, "oneOf": changed["anyOf"], "required": required})
