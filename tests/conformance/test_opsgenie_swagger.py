"""The checks against Opsgenie's description catch what is wrong, and let pass what real accounts answered."""

from typing import Any

import pytest

from tests.conformance import openapi, opsgenie_recordings, opsgenie_swagger
from tests.conformance.opsgenie_known_wrong import KNOWN_WRONG
from tests.conformance.opsgenie_swagger import check_answer, check_request

if not (opsgenie_swagger.DESCRIPTION.exists() and opsgenie_recordings.RECORDED.exists()):
    pytest.skip(
        "the vendor's description and the recordings are not beside this checkout", allow_module_level=True
    )

RULE: dict[str, Any] = {
    "condition": "if-not-acked",
    "notifyType": "default",
    "delay": {"timeAmount": 0, "timeUnit": "minutes"},
    "recipient": {"type": "user", "id": "U", "username": "anna@example.com"},
}
ESCALATION: dict[str, Any] = {"name": "Page", "rules": [RULE]}
DONE = {"result": "Created", "data": {"id": "X", "name": "Page"}, "took": 0.1, "requestId": "R"}


@pytest.mark.parametrize("recorded", opsgenie_recordings.recorded(), ids=lambda one: one.file)
def test_recorded_payloads_fit(recorded: Any) -> None:
    assert check_request(recorded.method, recorded.path, recorded.query, recorded.sent) == []
    assert check_answer(recorded.method, recorded.path, recorded.status, recorded.body) == []


@pytest.mark.parametrize("wrong", KNOWN_WRONG, ids=lambda one: one.name)
def test_every_correction_still_corrects_something(wrong: Any) -> None:
    assert wrong.reason
    for pointer in wrong.at:
        node: Any = opsgenie_swagger.vendor_document()
        for part in openapi.pointer_parts(pointer):
            node = node[int(part)] if isinstance(node, list) else node.get(part, {})
        assert any(node.get(key) != value for key, value in wrong.put.items())


def test_corrections_have_names_of_their_own() -> None:
    names = [wrong.name for wrong in KNOWN_WRONG]
    assert len(names) == len(set(names))


def test_what_was_added_is_not_described_by_the_vendor() -> None:
    vendors = opsgenie_swagger.vendor_document()
    assert not opsgenie_swagger.PATHS.keys() & vendors["paths"].keys()
    assert not opsgenie_swagger.DEFINITIONS.keys() & vendors["definitions"].keys()


def test_a_good_call_has_no_problems() -> None:
    assert check_request("POST", "/v2/escalations", (), ESCALATION) == []
    assert check_answer("POST", "/v2/escalations", 201, DONE) == []
    assert check_request("GET", "/v2/users", [("limit", "100"), ("order", "desc")]) == []


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"condition": "if-asleep"}, "rules[0].condition: 'if-asleep' is not one of"),
        ({"delay": {"timeUnit": "minutes"}}, "rules[0].delay: 'timeAmount' is a required property"),
        ({"delay": {"timeAmount": "5"}}, "rules[0].delay.timeAmount: '5' is not of type 'integer'"),
        ({"recipient": {"id": "U"}}, "rules[0].recipient: 'type' is a required property"),
        ({"recipient": {"type": "user", "username": 7}}, "rules[0].recipient.username: 7 is not of type 'string'"),
        ({"recipient": {"type": "user", "name": "Anna"}}, "rules[0].recipient.name is not described"),
        ({"recipient": {"type": "robot"}}, "rules[0].recipient.type: 'robot' is not one of"),
        ({"notify": "default"}, "rules[0].notify is not described"),
    ],
)
def test_a_wrong_request_body_is_caught(rule: dict[str, Any], problem: str) -> None:
    found = check_request("POST", "/v2/escalations", (), {**ESCALATION, "rules": [{**RULE, **rule}]})
    assert any(problem in sentence for sentence in found), found


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "problem"),
    [
        ("GET", "/v2/userz", {}, None, "no path like /v2/userz is described"),
        ("PUT", "/v2/teams/X", {}, {}, "PUT /v2/teams/{identifier} is not described"),
        ("POST", "/v2/teams", {}, None, "the body is missing"),
        ("POST", "/v2/teams", {}, {}, "'name' is a required property"),
        ("GET", "/v2/teams", {}, {"name": "x"}, "takes no body"),
        ("GET", "/v2/teams/X", {"identifierType": "label"}, None, "'label', not one of ['id', 'name']"),
        ("GET", "/v2/users", {"limit": "all"}, None, "not an integer"),
        ("GET", "/v2/users", {"shoe": "44"}, None, "shoe is not described"),
        ("GET", "/v2/schedules/X/on-calls", {"flat": "yes"}, None, "not true or false"),
        ("GET", "/v2/schedules/X/on-calls", {"date": "noon"}, None, "not a time with an offset"),
    ],
)
def test_a_wrong_request_is_caught(method: str, path: str, query: Any, body: Any, problem: str) -> None:
    found = check_request(method, path, query, body)
    assert any(problem in sentence for sentence in found), found


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (200, DONE, "not described to answer 200"),
        (201, None, "the answer has no JSON body"),
        (201, {**DONE, "took": "long"}, "body.took: 'long' is not of type 'number'"),
        (201, {"data": {}}, "'requestId' is a required property"),
        (422, {**DONE, "message": 7}, "body.message: 7 is not of type 'string'"),
        (409, {"message": "taken"}, "'requestId' is a required property"),
    ],
)
def test_a_wrong_answer_is_caught(status: int, body: Any, problem: str) -> None:
    found = check_answer("POST", "/v2/escalations", status, body)
    assert any(problem in sentence for sentence in found), found


def test_the_subtype_that_an_object_names_counts() -> None:
    """The base knows `type` only: what is in a window is said by its kind alone."""
    window = {"startHour": "nine", "startMin": 0, "endHour": 17, "endMin": 0}
    for restriction in (
        {"type": "time-of-day", "restriction": window},
        {
            "type": "weekday-and-time-of-day",
            "restrictions": [{**window, "startDay": "monday", "endDay": "friday"}],
        },
    ):
        body = {"notify": {"type": "none"}, "timeRestriction": restriction}
        (problem,) = check_request("POST", "/v2/teams/X/routing-rules", (), body)
        assert problem.endswith("startHour: 'nine' is not of type 'integer'")
    mixed = {"notify": {"type": "none"}, "timeRestriction": {"type": "time-of-day", "restrictions": []}}
    (problem,) = check_request("POST", "/v2/teams/X/routing-rules", (), mixed)
    assert problem == "body.timeRestriction.restrictions is not described"


def test_an_integration_is_held_against_its_own_type() -> None:
    body = {"type": "Email", "name": "Mail", "emailUsername": "shop"}
    assert check_request("POST", "/v2/integrations", (), body) == []
    (problem,) = check_request("POST", "/v2/integrations", (), {**body, "type": "API"})
    assert problem == "body.emailUsername is not described"


def test_the_most_literal_path_is_meant() -> None:
    operation = opsgenie_swagger.find("GET", "/v2/schedules/on-calls")
    assert not isinstance(operation, str)
    assert operation.template == "/v2/schedules/on-calls"
    calendar = opsgenie_swagger.find("GET", "/v2/schedules/X.ics")
    assert not isinstance(calendar, str)
    assert calendar.template == "/v2/schedules/{identifier}.ics"
