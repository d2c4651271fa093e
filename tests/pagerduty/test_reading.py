"""Reading an account: how many requests, in which order of pages, and what is left out of what is kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import responses

from oncall_sync.errors import AuthError, ProviderError, Unreachable
from oncall_sync.model import ABSENT, EscalationPolicy, Integration, Ref, Schedule, Service, Team
from oncall_sync_pagerduty import PagerDuty
from tests.pagerduty.world import HOST, NOW, World, adapter, quiet

PAGE = "https://acme.pagerduty.com"


class Account:
    """Lists behind `responses`, with an answer for everything an account is asked."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self._mock = mock
        for path, key in (
            ("/users", "users"),
            ("/teams", "teams"),
            ("/schedules", "schedules"),
            ("/v3/schedules", "schedules"),
            ("/escalation_policies", "escalation_policies"),
            ("/services", "services"),
            ("/alert_grouping_settings", "alert_grouping_settings"),
            ("/tags", "tags"),
        ):
            self.has(path, key)
        self.has("/users", "users", {"id": "PU", "name": "Anna", "email": "a@x", "html_url": f"{PAGE}/users/PU"})

    def has(self, path: str, key: str, *items: Any) -> None:
        self.says(path, json={key: list(items), "more": False})

    def says(self, path: str, **answer: Any) -> None:
        self._mock.upsert(responses.GET, f"{HOST}{path}", **answer)

    def requests(self) -> Counter[str]:
        return Counter(str(call.request.path_url).partition("?")[0] for call in self._mock.calls)


@pytest.fixture
def account() -> Iterator[Account]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Account(mock)


@pytest.fixture
def pagerduty() -> Iterator[PagerDuty]:
    made = adapter()
    yield made
    made.close()


def test_one_request_per_page_and_one_per_team(world: World) -> None:
    for number in range(3):
        world.vendor("POST", "/teams", {"team": {"type": "team", "name": f"t{number}"}})
    policies = [
        {
            "escalation_delay_in_minutes": 5,
            "targets": [{"id": world.read().users[0].remote_id, "type": "user_reference"}],
        }
    ]
    made = world.vendor(
        "POST",
        "/escalation_policies",
        {"escalation_policy": {"type": "escalation_policy", "name": "p", "escalation_rules": policies}},
    )
    reference = {"id": made["escalation_policy"]["id"], "type": "escalation_policy_reference"}
    for number in range(103):
        world.vendor(
            "POST",
            "/services",
            {"service": {"type": "service", "name": f"s{number}", "escalation_policy": reference}},
        )
    world.control("reset", what="log")
    snapshot = world.read()
    assert len(snapshot.of_kind("service")) == 103
    found = Counter(one["path"] if "members" not in one["path"] else "members" for one in world.log())
    assert found == {
        "/users": 1,
        "/teams": 1,
        "members": 3,
        "/schedules": 1,
        "/v3/schedules": 1,
        "/escalation_policies": 1,
        "/services": 2,
        "/alert_grouping_settings": 1,
        "/tags": 1,
    }
    assert {one["method"] for one in world.log()} == {"GET"}


def test_asking_which_account_is_one_request(world: World) -> None:
    assert world.pagerduty.account().id == "acme"
    assert len(world.log()) == 1


def test_progress_is_told(world: World) -> None:
    told: list[tuple[str, int, int]] = []
    world.pagerduty.read(NOW, lambda *step: told.append(step))
    assert ("users", 5, 5) in told
    assert {label for label, *_ in told} >= {"users", "teams", "schedules", "services", "members"}


def test_round_robin_that_is_not_in_the_plan(account: Account, pagerduty: PagerDuty) -> None:
    from responses import matchers

    refused = {"error": {"message": "Missing Account Ability", "code": 2014}}
    rules = [{"id": "R", "escalation_delay_in_minutes": 5, "targets": [{"id": "PU", "type": "user_reference"}]}]
    plain = matchers.query_param_matcher({"limit": "100", "offset": "0"})
    account._mock.remove(responses.GET, f"{HOST}/escalation_policies")
    account._mock.get(f"{HOST}/escalation_policies", json=refused, status=403)
    account._mock.get(
        f"{HOST}/escalation_policies",
        json={"escalation_policies": [{"id": "PE", "name": "p", "escalation_rules": rules}]},
        match=[plain],
    )
    (policy,) = pagerduty.read(NOW, quiet).objects
    assert isinstance(policy.resource, EscalationPolicy)
    assert account.requests()["/escalation_policies"] == 2


def test_auto_pause_that_is_not_in_the_plan(account: Account, pagerduty: PagerDuty) -> None:
    account._mock.remove(responses.GET, f"{HOST}/services")
    account._mock.get(f"{HOST}/services", json={"error": {"code": 2014}}, status=402)
    account._mock.get(f"{HOST}/services", json={"services": [{"id": "PS", "name": "s"}]})
    (service,) = pagerduty.read(NOW, quiet).objects
    assert isinstance(service.resource, Service)
    assert service.resource.escalation_policy is ABSENT


@pytest.mark.parametrize("path", ["/v3/schedules", "/alert_grouping_settings", "/tags"])
@pytest.mark.parametrize("status", [402, 403, 404])
def test_lists_that_not_every_account_has(account: Account, pagerduty: PagerDuty, path: str, status: int) -> None:
    account.says(path, status=status, body="<html>")
    assert pagerduty.read(NOW, quiet).objects == ()


@pytest.mark.parametrize("path", ["/v3/schedules", "/escalation_policies", "/services"])
def test_other_refusals_are_not_swallowed(account: Account, pagerduty: PagerDuty, path: str) -> None:
    account.says(path, status=400, json={"error": {"message": "no"}})
    with pytest.raises(ProviderError, match="no"):
        pagerduty.read(NOW, quiet)


def test_a_wrong_token_is_one_sentence(account: Account, pagerduty: PagerDuty) -> None:
    for path in ("/users", "/teams", "/schedules", "/services", "/escalation_policies"):
        account.says(path, status=401)
    with pytest.raises(AuthError, match="could not read teams: the token is not accepted"):
        pagerduty.read(NOW, quiet)


def test_shift_based_schedules_are_listed_and_known(account: Account, pagerduty: PagerDuty) -> None:
    account.has("/v3/schedules", "schedules", {"id": "PV3", "type": "schedule_v3_reference", "summary": "shifts"})
    (live,) = pagerduty.read(NOW, quiet).objects
    assert isinstance(live.resource, Schedule)
    assert live.resource.name == "shifts"
    assert pagerduty.overrides(["PV3"], NOW, NOW) == {"PV3": ()}


def test_implicit_members_are_those_whom_a_policy_of_the_team_rings(
    account: Account, pagerduty: PagerDuty
) -> None:
    layer = {
        "id": "PL",
        "name": "x",
        "start": "2026-01-01T00:00:00Z",
        "rotation_virtual_start": "2026-01-01T00:00:00Z",
        "rotation_turn_length_seconds": 86_400,
        "users": [{"user": {"id": "PSCHED"}}],
    }
    account.has("/teams", "teams", {"id": "PT", "name": "t"})
    account.has("/teams/PT/members", "members", {"user": {"id": "PDIRECT"}, "role": "responder"}, {"role": "x"})
    account.has(
        "/schedules", "schedules", {"id": "PS", "name": "s", "time_zone": "UTC", "schedule_layers": [layer]}
    )
    targets = [
        {"id": "PDIRECT", "type": "user_reference"},
        {"id": "PS", "type": "schedule_reference"},
        {"id": "PV3", "type": "schedule_v3_reference"},
    ]
    policy = {
        "id": "PE",
        "name": "e",
        "teams": [{"id": "PT"}],
        "escalation_rules": [{"id": "R", "escalation_delay_in_minutes": 5, "targets": targets}],
    }
    account.has("/escalation_policies", "escalation_policies", policy)
    snapshot = pagerduty.read(NOW, quiet)
    assert snapshot.implicit == {("PT", "PDIRECT"), ("PT", "PSCHED")}
    team = snapshot.of_kind("team")[0].resource
    assert isinstance(team, Team)
    assert team.members is not ABSENT
    assert [m.user for m in team.members] == [Ref("user", "PDIRECT", remote=True)]


def test_nothing_secret_is_kept(account: Account, pagerduty: PagerDuty) -> None:
    integration = {
        "id": "PI",
        "type": "events_api_v2_inbound_integration",
        "name": "x",
        "integration_key": "KEYKEY",
    }
    account.has(
        "/services", "services", {"id": "PS", "name": "s", "service_key": "KEYKEY", "integrations": [integration]}
    )
    account.has(
        "/schedules", "schedules", {"id": "PC", "name": "c", "time_zone": "UTC", "http_cal_url": "https://KEYKEY"}
    )
    account.has(
        "/users", "users", {"id": "PU", "name": "A", "email": "a@x", "contact_methods": [{"address": "KEYKEY"}]}
    )
    snapshot = pagerduty.read(NOW, quiet)
    kept = [json.dumps(live.raw) + repr(live) for live in (*snapshot.objects, *snapshot.users)]
    assert "KEYKEY" not in "".join(kept)
    (service,) = snapshot.of_kind("service")
    assert isinstance(service.resource, Service)
    assert service.resource.integrations == (Integration(name="x", form="events"),)


def test_tags_are_asked_for_per_tag_or_per_thing_whichever_is_less(account: Account, pagerduty: PagerDuty) -> None:
    tag = {"id": "PTAG", "type": "tag", "label": "blue"}
    account.has("/tags", "tags", tag)
    account.has("/teams", "teams", {"id": "PT", "name": "t"})
    account.has("/teams/PT/members", "members")
    account.has("/teams/PT/tags", "tags", tag)
    (team,) = pagerduty.read(NOW, quiet).objects
    assert team.resource.settings == {"pagerduty": {"tags": ["blue"]}}
    account.has("/teams", "teams", {"id": "PT", "name": "t"}, {"id": "PT2", "name": "u"})
    account.has("/teams/PT2/members", "members")
    account.has("/tags/PTAG/teams", "teams", {"id": "PT2"})
    account.has("/tags/PTAG/escalation_policies", "escalation_policies")
    first, second = pagerduty.read(NOW, quiet).objects
    assert (first.resource.settings, second.resource.settings) == ({}, {"pagerduty": {"tags": ["blue"]}})


def test_bodies_that_lack_what_was_promised_are_one_sentence(account: Account, pagerduty: PagerDuty) -> None:
    account.has("/schedules", "schedules", {"id": "PS", "schedule_layers": [{"users": [{"user": {"id": "PU"}}]}]})
    with pytest.raises(Unreachable, match="could not read the account: an answer is not the API's"):
        pagerduty.read(NOW, quiet)
    account.has("/schedules/PS/overrides", "overrides", {"start": "soon"})
    with pytest.raises(Unreachable, match="could not read overrides: an answer is not the API's"):
        pagerduty.overrides(["PS"], NOW, NOW)


def test_a_time_zone_this_machine_does_not_know(account: Account, pagerduty: PagerDuty) -> None:
    layer = {"id": "PL", "start": "2026-01-01T00:00:00Z", "users": [{"user": {"id": "PU"}}]}
    times = {"rotation_virtual_start": "2026-01-01T00:00:00Z", "rotation_turn_length_seconds": 3600}
    account.has(
        "/schedules",
        "schedules",
        {"id": "PS", "name": "s", "time_zone": "Moon/Sea", "schedule_layers": [layer | times]},
    )
    with pytest.raises(ProviderError, match="Moon/Sea"):
        pagerduty.read(NOW, quiet)


def test_an_account_without_people_goes_by_its_host(account: Account, pagerduty: PagerDuty) -> None:
    account.has("/users", "users")
    assert pagerduty.account().id == "api.pagerduty.com"


def test_overrides_are_whole_and_one_request_per_schedule(account: Account, pagerduty: PagerDuty) -> None:
    one = {"start": "2026-11-20T10:00:00+01:00", "end": "2026-11-22T10:00:00+01:00", "user": {"id": "PU"}}
    account.has("/schedules/PA/overrides", "overrides", one)
    account.has("/schedules/PB/overrides", "overrides")
    found = pagerduty.overrides(["PA", "PB"], NOW, NOW)
    assert [item.user_id for item in found["PA"]] == ["PU"]
    assert found["PA"][0].since == datetime.fromisoformat("2026-11-20T09:00Z")
    assert found["PB"] == ()
    assert "overflow=true" in str(account._mock.calls[0].request.url)


def test_waiting_for_the_rate_limit_is_progress(
    account: Account, pagerduty: PagerDuty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oncall_sync_pagerduty.pace.UNTOLD_RESET_SECONDS", 1.0)
    account._mock.remove(responses.GET, f"{HOST}/tags")
    account._mock.get(f"{HOST}/tags", status=429)
    account._mock.get(f"{HOST}/tags", json={"tags": []})
    told: list[tuple[str, int, int]] = []
    pagerduty.read(NOW, lambda *step: told.append(step))
    assert ("waiting for the rate limit", 0, 1) in told


def test_the_first_failure_calls_the_rest_off(account: Account, pagerduty: PagerDuty) -> None:
    account.says("/teams", json={"teams": "none"})
    with pytest.raises(Unreachable):
        pagerduty.read(NOW, quiet)
    assert sum(account.requests().values()) <= 8
