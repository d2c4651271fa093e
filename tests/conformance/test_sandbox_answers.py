"""What the running sandbox answers, against the vendor's description and recorded refusals."""

import pytest
import requests

from tests.conformance import openapi, recordings
from tests.conformance.openapi import check_answer, check_request
from tests.conformance.session import Step

if not (openapi.DESCRIPTION.exists() and recordings.RECORDED.exists()):
    pytest.skip(
        "the vendor's description and the recordings are not beside this checkout", allow_module_level=True
    )


def test_the_script_sends_what_the_description_allows(steps: list[Step]) -> None:
    """Otherwise the answers below would prove little."""
    problems = [
        f"{step.name}: {problem}"
        for step in steps
        if not step.wrong
        for problem in check_request(step.method, step.path, step.query, step.sent)
    ]
    assert problems == []


def test_every_answer_fits_the_description(steps: list[Step]) -> None:
    problems = [
        f"{step.name}: {problem}"
        for step in steps
        for problem in check_answer(step.method, step.path, step.status, step.body)
    ]
    assert problems == []


def test_only_wrong_requests_are_refused(steps: list[Step]) -> None:
    unexpected = [
        f"{step.name}: {step.status} {step.body}" for step in steps if step.wrong != (step.status >= 400)
    ]
    assert unexpected == []


STATUSES = {
    "create user": 201,
    "get user": 200,
    "update user": 200,
    "create contact method": 201,
    "delete contact method": 204,
    "add member": 204,
    "create schedule": 201,
    "preview schedule": 200,
    "create overrides": 201,
    "delete override": 204,
    "create policy": 201,
    "create integration": 201,
    "delete integration": 204,
    "delete service": 204,
    "unknown users": 404,
    "update unknown teams": 404,
    "email is taken": 400,
    "unknown target": 404,
    "restriction too long": 400,
    "offset too far": 400,
    "schedule in use": 400,
    "user in use": 400,
    "no token": 401,
}


@pytest.mark.parametrize(("name", "status"), STATUSES.items())
def test_status(steps: list[Step], name: str, status: int) -> None:
    assert {step.status for step in steps if step.name == name} == {status}


RECORDED_ERRORS = {
    "schedule in use": "errors/delete_schedule_in_use_400.json",
    "unknown target": "errors/escalation_policy_unknown_target_404.json",
    "restriction too long": "errors/schedule_weekly_restriction_too_long_400.json",
}


@pytest.mark.parametrize(("name", "file"), RECORDED_ERRORS.items())
def test_error_bodies_are_the_recorded_ones(steps: list[Step], name: str, file: str) -> None:
    (kept,) = [exchange for exchange in recordings.recorded() if exchange.file == file]
    (step,) = [step for step in steps if step.name == name]
    assert step.body == kept.body


def test_refused_delete_of_a_user_names_what_is_in_the_way(steps: list[Step]) -> None:
    (kept,) = [e for e in recordings.recorded() if e.file == "errors/delete_user_with_schedule_400.json"]
    (step,) = [step for step in steps if step.name == "user in use"]
    assert step.body["error"].keys() == kept.body["error"].keys()
    assert step.body["error"]["conflicts"][0].keys() == kept.body["error"]["conflicts"][0].keys()


def test_the_log_has_every_call_in_order(sandbox: str, steps: list[Step]) -> None:
    log = requests.get(f"{sandbox}/__sandbox__/requests", timeout=60).json()
    logged = [(entry["method"], entry["path"], entry["status"]) for entry in log]
    assert logged[: len(steps)] == [(step.method, step.path, step.status) for step in steps]
    assert log[0].keys() == {"at", "method", "path", "query", "status", "body"}


def test_a_rate_limit_is_answered_as_documented(sandbox: str, steps: list[Step]) -> None:
    (kept,) = [e for e in recordings.recorded() if e.file == "errors/docs_429.exchange.json"]
    requests.post(f"{sandbox}/__sandbox__/faults", json={"kind": "429", "call": 1}, timeout=60)
    headers = {"Authorization": "Token token=sandbox"}
    answer = requests.get(f"{sandbox}/users", headers=headers, timeout=60)
    assert (answer.status_code, answer.json()) == (429, kept.body)
    assert answer.headers["ratelimit-remaining"] == "0"
    assert {"ratelimit-limit", "ratelimit-reset"} <= {name.lower() for name in answer.headers}
