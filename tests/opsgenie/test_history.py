"""Who changed what, as far as Opsgenie's logs tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from oncall_sync.errors import ProviderError
from oncall_sync.model import EscalationPolicy, History, Live, Ref, Schedule, Service, Team
from oncall_sync.provider import ProviderSettings, Recalls
from oncall_sync_opsgenie import Opsgenie
from oncall_sync_opsgenie.sandbox import Options, Running
from tests.opsgenie.loopback import TOKEN, Loopback, Reply

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
T1 = Ref("team", "T1", remote=True)


def adapter(url: str) -> Opsgenie:
    return Opsgenie(ProviderSettings(name="og", kind="opsgenie", token=TOKEN, api_url=url, sleep=lambda _: None))


def schedule(name: str = "Night", key: str = "S1", team: Ref | None = T1) -> Live:
    resource = Schedule(ref=Ref("schedule", key, remote=True), name=name, team=team, time_zone="UTC", rotations=())
    return Live(remote_id=key, resource=resource)


def line(text: str, owner: str = "anna@example.com", at: str = "2026-11-23T10:00:00Z") -> dict[str, str]:
    return {"log": text, "owner": owner, "createdDate": at}


def told(*lines: dict[str, str], objects: tuple[Live, ...] = (schedule(),)) -> History:
    """What is made of a log with these lines."""
    first = Reply(body={"data": {"offset": "key", "logs": list(lines)}})
    with Loopback(choose=lambda seen: first if "offset" not in seen.target else _END) as server:
        opsgenie = adapter(server.url)
        try:
            return opsgenie.history(objects, NOW - timedelta(days=30), NOW)
        finally:
            opsgenie.close()


_END = Reply(body={"data": {"offset": "", "logs": []}})


def test_a_person_is_named() -> None:
    (touch,) = told(line("Schedule [Night] updated")).touches
    assert (touch.by, touch.ours, touch.remote_id) == ("anna@example.com", False, "S1")
    assert touch.means == "how, Opsgenie's log does not say"
    assert touch.fields == ("Schedule [Night] updated",)


def test_lines_without_a_person_are_ours_unless_they_are_the_newest() -> None:
    lines = [line("Schedule [Night] updated", owner) for owner in ("System", "anna@example.com", "System")]
    assert [(touch.by, touch.ours) for touch in told(*lines).touches] == [
        (None, False),
        ("anna@example.com", False),
        (None, True),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Schedule [Nightly] updated",
        "Escalation [Night] updated",
        "Team [Night] updated",
        "Schedule [Overnight] updated",
    ],
)
def test_what_is_about_something_else_is_left_out(text: str) -> None:
    assert told(line(text)).touches == ()


@pytest.mark.parametrize(
    "text", ["Rotation [Day] of Night was changed", "Someone edited Night", "Schedule Night: x"]
)
def test_other_wordings_are_understood_by_the_name(text: str) -> None:
    assert len(told(line(text)).touches) == 1


def test_a_renamed_object_is_found_by_both_names() -> None:
    lines = [line("Schedule [New] updated"), line("Schedule [Night] updated")]
    found = told(*lines, objects=(schedule("New"), schedule("Night")))
    assert len(found.touches) == 2


def test_a_service_is_meant_by_its_integrations_and_policies() -> None:
    resource = Service(ref=Ref("service", "V1", remote=True), name="Shop", team=T1)
    raw: dict[str, Any] = {"integrations": [{"name": "Shop: alerts"}], "policies": [{"name": "Quiet"}]}
    live = Live(remote_id="V1", resource=resource, raw=raw)
    lines = [line("Integration [Shop: alerts] updated"), line("Policy [Quiet] added"), line("Team [Shop] updated")]
    assert len(told(*lines, objects=(live,)).touches) == 2


def test_old_and_coming_lines_are_left_out() -> None:
    lines = [
        line("Schedule [Night] updated", at="2026-11-24T10:00:00Z"),
        line("Schedule [Night] updated", at="2026-10-01T10:00:00Z"),
    ]
    assert told(*lines).touches == ()


def test_what_no_team_owns_cannot_be_told() -> None:
    found = told(objects=(schedule(team=None),))
    assert found.untold == "'Night': Opsgenie keeps logs of teams only, and no team owns it"


@pytest.mark.parametrize("status", [402, 403])
def test_a_closed_log_is_said(status: int) -> None:
    with Loopback(Reply(status=status, body={"message": "no"})) as server:
        opsgenie = adapter(server.url)
        found = opsgenie.history([schedule()], NOW - timedelta(days=1), NOW)
        opsgenie.close()
    assert found.untold == f"the log of a team cannot be read with this key ({status})"


def test_a_strange_answer_is_an_error_in_a_sentence() -> None:
    with Loopback(Reply(body={"data": {"logs": [{}]}})) as server:
        opsgenie = adapter(server.url)
        with pytest.raises(ProviderError, match="could not read the logs of teams"):
            opsgenie.history([schedule()], NOW - timedelta(days=1), NOW)
        opsgenie.close()


@pytest.fixture
def sandbox() -> Iterator[str]:
    users = {"anna": {"email": "anna@example.com", "name": "Anna"}}
    with Running(Options(seed={"users": users}, now=NOW)) as server:
        yield server.url


def test_against_the_sandbox_page_by_page(sandbox: str) -> None:
    def call(method: str, path: str, body: Any, **headers: str) -> Any:
        sent = {"Authorization": "GenieKey x"} | {k.replace("_", "-"): v for k, v in headers.items()}
        answer = requests.request(method, sandbox + path, json=body, headers=sent, timeout=60)
        answer.raise_for_status()
        return answer.json()["data"]

    team = call("POST", "/v2/teams", {"name": "Ops"})["id"]
    for number in range(105):
        call("PATCH", f"/v2/teams/{team}", {"description": str(number)})
    call("PATCH", f"/v2/teams/{team}", {"description": "x"}, X_Sandbox_Actor="anna@example.com")
    opsgenie = adapter(sandbox)
    assert isinstance(opsgenie, Recalls)
    live = Live(remote_id=team, resource=Team(ref=Ref("team", team, remote=True), name="Ops"))
    ladder = EscalationPolicy(
        ref=Ref("escalation_policy", "E", remote=True), name="Ops", team=live.resource.ref, levels=()
    )
    other = Live(remote_id="E", resource=ladder)
    found = opsgenie.history([live, other], NOW - timedelta(days=1), NOW)
    opsgenie.close()
    assert len(found.touches) == 107
    assert found.touches[0].by == "anna@example.com"
    assert {touch.remote_id for touch in found.touches} == {team}
