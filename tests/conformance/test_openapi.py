"""The checks against the vendor's description: its own examples, recordings, things that must be caught."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance import openapi, recordings, wrong_examples
from tests.conformance.known_wrong import KNOWN_WRONG
from tests.conformance.openapi import check_answer, check_request

if not openapi.DESCRIPTION.exists():
    pytest.skip("the vendor's API description is not beside this checkout", allow_module_level=True)

TEMPLATES = sorted({template for _, template, _ in openapi.operations()})


def examples(content: dict[str, Any]) -> Iterator[Any]:
    described = content.get("application/json", {})
    for example in described.get("examples", {}).values():
        yield openapi.resolved(example)["value"]
    if "example" in described:
        yield described["example"]


def problems_of_examples(template: str) -> list[str]:
    """Path parameters keep their braces: a template fits itself."""
    problems = []
    for method, _, operation in [entry for entry in openapi.operations() if entry[1] == template]:
        for body in examples(openapi.resolved(operation.get("requestBody", {})).get("content", {})):
            found = check_request(method, template, body=body)
            problems += [f"{method} request {p}" for p in found if not p.startswith("the query parameter")]
        for status, answer in operation["responses"].items():
            for body in examples(openapi.resolved(answer).get("content", {})):
                problems += [f"{method} {status} {p}" for p in check_answer(method, template, int(status), body)]
    return problems


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_vendors_own_examples_fit(template: str) -> None:
    problems = problems_of_examples(template)
    if template in wrong_examples.EXAMPLES:
        assert problems, "the vendor has put this right: take it off the list"
    else:
        assert problems == []


def test_listed_examples_exist() -> None:
    assert set(wrong_examples.EXAMPLES) <= set(TEMPLATES)


@pytest.mark.parametrize("file", sorted({exchange.file for exchange in recordings.recorded()}))
def test_recorded_payloads_fit(file: str) -> None:
    problems: list[str] = []
    for exchange in [kept for kept in recordings.recorded() if kept.file == file]:
        if exchange.sent is not None or exchange.query:
            problems += check_request(exchange.method, exchange.path, exchange.query, exchange.sent)
        problems += check_answer(exchange.method, exchange.path, exchange.status, exchange.body)
    if file in wrong_examples.RECORDINGS:
        assert problems
    else:
        assert problems == []


@pytest.mark.parametrize("wrong", KNOWN_WRONG, ids=[wrong.name for wrong in KNOWN_WRONG])
def test_every_correction_still_corrects_something(wrong: Any) -> None:
    for pointer in wrong.at:
        vendors = openapi.at_pointer(openapi.vendor_document(), pointer)
        assert any(vendors.get(key) != value for key, value in wrong.put.items())
    assert wrong.reason


def test_corrections_have_names_of_their_own() -> None:
    names = [wrong.name for wrong in KNOWN_WRONG]
    assert len(names) == len(set(names))


# --- what must be caught

POLICY = {
    "escalation_policy": {
        "type": "escalation_policy",
        "name": "Payments",
        "escalation_rules": [
            {"escalation_delay_in_minutes": 5, "targets": [{"id": "P1", "type": "user_reference"}]},
        ],
    }
}


def changed(value: Any, *path: Any, to: Any) -> Any:
    if not path:
        return to
    if isinstance(value, list):
        return [changed(item, *path[1:], to=to) if i == path[0] else item for i, item in enumerate(value)]
    return {**value, path[0]: changed(value[path[0]], *path[1:], to=to)}


def test_a_good_request_has_no_problems() -> None:
    assert check_request("POST", "/escalation_policies", {}, POLICY) == []
    query = [("include[]", "teams"), ("include[]", "contact_methods"), ("limit", "100")]
    assert check_request("GET", "/users", query) == []


@pytest.mark.parametrize(
    ("path", "to", "problem"),
    [
        (("name",), 7, "body.escalation_policy.name: 7 is not of type 'string'"),
        (("name",), None, "body.escalation_policy.name: None is not of type 'string'"),
        (("type",), "policy", "body.escalation_policy.type: 'policy' is not one of ['escalation_policy']"),
        (
            ("escalation_rules", 0, "targets", 0),
            {"type": "user_reference"},
            "body.escalation_policy.escalation_rules[0].targets[0]: 'id' is a required property",
        ),
        (
            ("escalation_rules", 0, "targets"),
            [],
            "body.escalation_policy.escalation_rules[0].targets: [] should be non-empty",
        ),
    ],
)
def test_a_wrong_request_body_is_caught(path: tuple[Any, ...], to: Any, problem: str) -> None:
    body = changed(POLICY, "escalation_policy", *path, to=to)
    assert check_request("POST", "/escalation_policies", {}, body) == [problem]


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "problem"),
    [
        ("GET", "/userz", {}, None, "no path like /userz is described"),
        ("GET", "/users/P1/", {}, None, "no path like"),
        ("PATCH", "/users/P1", {}, None, "PATCH /users/{id} is not described"),
        ("POST", "/users", {}, None, "the body is missing"),
        ("GET", "/users", {}, {}, "takes no body"),
        ("POST", "/users", {}, {}, "'user' is a required property"),
        ("GET", "/users", {"includes[]": "teams"}, None, "includes[] is not described"),
        ("GET", "/users", {"include[]": ["teams", "team"]}, None, "'team', not one of"),
        ("GET", "/users", {"limit": "all"}, None, "not an integer"),
        ("GET", "/users", {"total": "yes"}, None, "not true or false"),
        ("GET", "/oncalls", {"since": "2026-03-29 noon"}, None, "not a time with an offset"),
        ("GET", "/schedules/P1/overrides", {"since": "2026-03-29T00:00:00Z"}, None, "until is missing"),
    ],
)
def test_a_wrong_request_is_caught(method: str, path: str, query: Any, body: Any, problem: str) -> None:
    found = check_request(method, path, query, body)
    assert any(problem in sentence for sentence in found), found


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (200, {"users": {}}, "body.users: {} is not of type 'array'"),
        (200, {"users": [], "limit": "25"}, "body.limit: '25' is not of type 'integer'"),
        (200, {}, "'users' is a required property"),
        (200, None, "a 200 has a body here, found none"),
        (418, {}, "not described to answer 418"),
        (400, {"error": "no"}, "body.error: 'no' is not of type 'object'"),
        (400, {"error": {"code": "2001"}}, "body.error.code: '2001' is not of type 'integer'"),
    ],
)
def test_a_wrong_answer_is_caught(status: int, body: Any, problem: str) -> None:
    found = check_answer("GET", "/users", status, body)
    assert any(problem in sentence for sentence in found), found


def test_a_misspelled_key_is_caught() -> None:
    """The description allows any further key, and the vendor ignores it, so nobody would notice."""
    body = {"escalation_policy": {**POLICY["escalation_policy"], "on_call_handoff_notification": "always"}}
    found = check_request("POST", "/escalation_policies", {}, body)
    assert found == ["body.escalation_policy.on_call_handoff_notification is not described"]


def test_a_body_where_there_is_none_is_caught() -> None:
    assert check_answer("DELETE", "/teams/P1", 204) == []
    assert check_answer("DELETE", "/teams/P1", 204, {}) == ["a 204 has no body here, found {}"]


def test_of_an_object_or_its_reference_the_meant_one_is_named() -> None:
    user = {"id": "P1", "type": "user", "summary": "Anna", "name": "Anna", "email": 5}
    found = check_answer("GET", "/oncalls", 200, {"oncalls": [{"user": user}]})
    assert found == ["body.oncalls[0].user.email: 5 is not of type 'string'"]


def test_read_only_keys_may_be_missing_in_requests_only() -> None:
    rule = {"handoff_type": "both", "contact_method": {"id": "P1", "type": "email_contact_method_reference"}}
    body = {"oncall_handoff_notification_rule": rule}
    path = "/users/P1/oncall_handoff_notification_rules"
    assert check_request("POST", path, {}, body) == []
    assert any("'id' is a required property" in p for p in check_answer("POST", path, 201, body))


def test_times_need_an_offset() -> None:
    body = {"overrides": [{"start": "2026-03-29T00:00:00", "end": "2026-03-30T00:00:00Z", "user": {}}]}
    found = check_request("POST", "/schedules/P1/overrides", {}, body)
    assert "body.overrides[0].start: '2026-03-29T00:00:00' is not a 'date-time'" in found
    assert not any("].end" in sentence for sentence in found)


def test_the_most_literal_path_is_meant() -> None:
    operation = openapi.find("POST", "/schedules/preview")
    assert not isinstance(operation, str)
    assert operation.template == "/schedules/preview"
