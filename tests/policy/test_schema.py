"""The JSON Schema: what editors say is what the reader says, as far as a schema can."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from oncall_sync.policy.reading import read
from oncall_sync.policy.schema import DRAFT, PLACES, dumps, policy_schema
from oncall_sync.provider import SettingsSchema, installed

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "policies").glob("*.yaml"))
SCHEMA = policy_schema({})


def as_json(text: bytes | str, file: str = "p.yaml") -> Any:
    document, problems = read(text.encode() if isinstance(text, str) else text, file)
    assert document is not None
    assert problems == []
    return json.loads(json.dumps(document.data))


def valid(text: str, schema: dict[str, Any] = SCHEMA) -> bool:
    return bool(Draft7Validator(schema).is_valid(as_json(text)))


def test_the_schema_in_the_repository_is_the_generated_one() -> None:
    blocks = {
        kind: adapter.settings_schema()
        for kind, adapter in installed().items()
        if issubclass(adapter, SettingsSchema)
    }
    assert (ROOT / "schemas" / "policy.json").read_text() == dumps(policy_schema(blocks))


def test_it_is_draft_7_and_says_so() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == DRAFT
    text = dumps(SCHEMA)
    assert not any(f'"{word}"' in text for word in ("$defs", "prefixItems", "discriminator", "default", "null"))
    assert text.endswith("}\n")


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for each in schema.values():
            yield from parts(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from parts(each)


def test_nothing_stands_beside_a_reference() -> None:
    assert [part for part in parts(SCHEMA) if "$ref" in part and len(part) > 1] == []


def test_every_key_explains_itself() -> None:
    for name, shape in {"file": SCHEMA, **SCHEMA["definitions"]}.items():
        assert shape["additionalProperties"] is False, name
        for key, value in shape["properties"].items():
            assert value.get("description"), f"{name}.{key}"


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_the_examples_are_valid(path: Path) -> None:
    assert list(Draft7Validator(SCHEMA).iter_errors(as_json(path.read_bytes()))) == []


@pytest.mark.parametrize(
    "text",
    [
        "services: {s: {integrations: none, urgency: {support_hours: [office, {outside: {schedule: s}}]}}}",
        "schedules: {s: {rotations: {a: {members: anna, start: 2026-01-05 09:00, every: 1 week}}}}",
        "schedules: {s: {rotations: [{members: [anna, nobody], start: Mon 2026-01-05 09:00, every: 12h}]}}",
        "teams: {t: {members: anna}, u: {members: none}, v: {members: [anna, {user: ben, role: manager}]}}",
        "checks: {staffed: {schedule: s, at_least: {has: x, works: Mon-Fri}}}",
        "checks: [{staffed: {schedule: s, at_least: {frontend: 1}}}, {staffed: {schedule: s, at_least: 2}}]",
    ],
)
def test_all_forms_are_valid(text: str) -> None:
    assert valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "shedules: {}",
        "schedules: {s: {rotation: {}}}",
        "schedules: {s: {rotations: {members: anna, start: 2026-01-05 09:00}}}",
        "schedules: {s: {rotations: {members: [], start: 2026-01-05 09:00, every: 1 week}}}",
        "escalation_policies: {e: {levels: []}}",
        "escalation_policies: {e: {levels: {notify: anna}}}",
        "escalation_policies: {e: {repeat: 10}}",
        "escalation_policies: {e: {levels: {notify: {user: anna}, escalate_after: 15}}}",
        "services: {s: {urgency: {during: medium}}}",
        "services: {s: {integrations: {}}}",
        "services: ~",
        "users: {anna: {}}",
        "checks: [{covred: {}}]",
        "checks: [{reachable: {schedule: s, by: pager}}]",
        "waivers: [{rule: x, reason: y, until: 2026-12-31}]",
    ],
)
def test_typos_are_caught(text: str) -> None:
    assert not valid(text)


def test_blocks_stand_where_they_may() -> None:
    for kind in ("pagerduty", "opsgenie"):
        assert valid(f"services: {{s: {{{kind}: {{anything: 1}}, integrations: {{a: {{{kind}: {{}}}}}}}}}}")
        assert valid(f"escalation_policies: {{e: {{levels: {{notify: {{user: a}}, {kind}: {{}}}}}}}}")
        assert not valid(f"users: {{a: {{email: a@example.com, {kind}: {{}}}}}}")
        assert not valid(f"services: {{s: {{{kind}: 5}}}}")


def test_an_adapter_types_its_blocks() -> None:
    service = {"type": "object", "properties": {"status": {"type": "string"}}, "additionalProperties": False}
    schema = policy_schema({"pagerduty": {"service": service}, "jsm": {"team": {"type": "object"}}})
    Draft7Validator.check_schema(schema)
    assert valid("services: {s: {pagerduty: {status: x}}}", schema)
    assert not valid("services: {s: {pagerduty: {stattus: x}}}", schema)
    assert valid("teams: {t: {pagerduty: {x: y}, jsm: {z: 1}}}", schema)
    assert valid("schedules: {s: {jsm: {z: 1}}}", schema)
    assert set(PLACES.values()) == {"team", "schedule", "escalation_policy", "level", "service", "integration"}
