"""What the running Opsgenie sandbox answers, against the vendor's description."""

import pytest

from tests.conformance import opsgenie_script, opsgenie_swagger
from tests.conformance.opsgenie_swagger import check_answer, check_request
from tests.conformance.session import Step

if not opsgenie_swagger.DESCRIPTION.exists():
    pytest.skip("the vendor's description is not beside this checkout", allow_module_level=True)


@pytest.fixture(scope="module")
def played() -> list[Step]:
    return opsgenie_script.steps()


def test_the_script_sends_what_the_description_allows(played: list[Step]) -> None:
    """Otherwise the answers below would prove little."""
    problems = [
        f"{step.name}: {problem}"
        for step in played
        if not step.wrong
        for problem in check_request(step.method, step.path, step.query, step.sent)
    ]
    assert problems == []


def test_every_answer_fits_the_description(played: list[Step]) -> None:
    problems = [
        f"{step.name}: {problem}"
        for step in played
        for problem in check_answer(step.method, step.path, step.status, step.body)
    ]
    assert problems == []


def test_only_wrong_requests_are_refused(played: list[Step]) -> None:
    unexpected = [
        f"{step.name}: {step.status} {step.body}" for step in played if step.wrong != (step.status >= 400)
    ]
    assert unexpected == []


STATUSES = {
    "create user": 201,
    "update user": 200,
    "create contact": 201,
    "add member": 200,
    "create schedule": 201,
    "update rotation": 200,
    "create override": 201,
    "delete override": 200,
    "create escalation": 201,
    "move routing rule": 200,
    "create service": 201,
    "create integration": 201,
    "update integration": 200,
    "delete integration": 200,
    "create alert policy": 201,
    "ping heartbeat": 202,
    "create incident": 202,
    "unknown users": 404,
    "unknown services": 404,
    "team name is taken": 409,
    "nameless team": 422,
    "unknown recipient": 422,
    "bad zone": 422,
    "limit too high": 422,
    "schedule in use": 428,
    "user in use": 428,
    "no key": 401,
    "malformed key": 422,
}


@pytest.mark.parametrize(("name", "status"), STATUSES.items())
def test_status(played: list[Step], name: str, status: int) -> None:
    assert {step.status for step in played if step.name == name} == {status}


def test_the_script_reaches_everything_the_sandbox_serves(played: list[Step]) -> None:
    """So that no call of the sandbox escapes the checks above."""
    from oncall_sync_opsgenie.sandbox import routes

    served = {
        (route.method, f"{route.path}/".count("*"), route.path)
        for module in routes._MODULES
        for route in module.ROUTES
    }
    unseen = [
        f"{method} {path}"
        for method, _, path in sorted(served)
        if not any(step.method == method and _fits(path, step.path) for step in played)
    ]
    assert unseen == []


def _fits(pattern: str, path: str) -> bool:
    wanted, parts = pattern.strip("/").split("/"), path.strip("/").split("/")
    return len(wanted) == len(parts) and all(one in ("*", part) for one, part in zip(wanted, parts, strict=True))
