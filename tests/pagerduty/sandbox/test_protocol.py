"""What holds for every call: authentication, envelopes, pages, limits, abilities."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from oncall_sync_pagerduty.sandbox import Options, Running

from .conftest import NOW, SEED, Client


def client_of(server: Running) -> Client:
    found = Client(server.url)
    found.reset()
    return found


@pytest.mark.parametrize("header", [None, "", "Token abc", "Basic abc", "Token token=", "Bearer "])
def test_401_without_a_well_formed_key(pd: Client, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = requests.get(pd.url + "/users", headers=headers, timeout=60)
    assert answer.status_code == 401
    assert answer.json() == {"error": {"message": "Authentication failed", "code": 2006}}


@pytest.mark.parametrize("header", ["Token token=any", 'Token token="any"', "Bearer any"])
def test_any_well_formed_key_is_taken(pd: Client, header: str) -> None:
    assert requests.get(pd.url + "/users", headers={"Authorization": header}, timeout=60).status_code == 200


def test_only_the_token_asked_for() -> None:
    with Running(Options(token="right")) as server:
        for token, status in (("right", 200), ("wrong", 401)):
            headers = {"Authorization": f"Token token={token}"}
            assert requests.get(server.url + "/users", headers=headers, timeout=60).status_code == status


def test_unknown_paths_and_objects_are_404_with_code_2100(pd: Client) -> None:
    assert pd.refused(404, "GET", "/nothing") == {"message": "Not Found", "code": 2100}
    for kind in ("users", "teams", "schedules", "escalation_policies", "services", "incidents", "vendors", "tags"):
        assert pd.refused(404, "GET", f"/{kind}/PNOBODY") == {"message": "Not Found", "code": 2100}


def test_a_write_needs_its_envelope_and_json(pd: Client) -> None:
    assert pd.refused(400, "POST", "/teams", {"name": "x"})["code"] == 2001
    assert pd.refused(400, "POST", "/teams", [1])["code"] == 2001
    headers = {"Authorization": "Token token=x"}
    assert requests.post(pd.url + "/teams", data="{not json", headers=headers, timeout=60).status_code == 400


def test_every_resource_says_id_type_summary_self_and_html_url(pd: Client) -> None:
    team = pd.team("Ops")
    assert {key: team[key] for key in ("type", "summary", "self", "html_url")} == {
        "type": "team",
        "summary": "Ops",
        "self": f"https://api.pagerduty.com/teams/{team['id']}",
        "html_url": f"https://acme.pagerduty.com/teams/{team['id']}",
    }
    assert len(team["id"]) == 7
    assert team["id"].startswith("P")
    assert team["id"].isupper()
    service = pd.service(pd.policy()["id"])
    assert service["html_url"] == f"https://acme.pagerduty.com/service-directory/{service['id']}"


def test_read_only_fields_are_ignored(pd: Client) -> None:
    team = pd.team("Ops", id="PMINE00", summary="mine", html_url="http://mine")
    assert team["id"] != "PMINE00"
    assert team["summary"] == "Ops"
    assert "mine" not in team["html_url"]


def test_classic_pages(pd: Client) -> None:
    for number in range(30):
        pd.team(f"Team {number:02}")
    first = pd.get("/teams")
    assert (len(first["teams"]), first["limit"], first["offset"], first["more"], first["total"]) == (
        25,
        25,
        0,
        True,
        None,
    )
    rest = pd.get("/teams?limit=25&offset=25&total=true")
    assert ([team["name"] for team in rest["teams"]], rest["more"], rest["total"]) == (
        [f"Team {number}" for number in range(25, 30)],
        False,
        30,
    )
    assert pd.get("/teams?limit=500")["limit"] == 100
    assert len(pd.get("/teams?limit=30")["teams"]) == 30


@pytest.mark.parametrize(
    "query", ["limit=100&offset=9901", "limit=0", "limit=x", "offset=-1", "limit=1&offset=10000"]
)
def test_pages_out_of_bounds_are_400(pd: Client, query: str) -> None:
    assert pd.refused(400, "GET", f"/users?{query}")["code"] == 2001


def test_the_last_page_allowed_is_fine(pd: Client) -> None:
    assert pd.get("/users?limit=100&offset=9900")["users"] == []


def test_query_matches_name_and_email_and_is_echoed(pd: Client) -> None:
    found = pd.get("/users?query=ANNA@acme.example")
    assert [user["email"] for user in found["users"]] == ["anna@acme.example"]
    assert found["query"] == "ANNA@acme.example"
    pd.team("Payments EU")
    pd.team("Search")
    assert [team["name"] for team in pd.get("/teams?query=payments")["teams"]] == ["Payments EU"]


def test_sorting_by_name(pd: Client) -> None:
    for name in ("beta", "Alpha", "gamma"):
        pd.policy(name=name)
    names = [one["name"] for one in pd.get("/escalation_policies?sort_by=name:desc")["escalation_policies"]]
    assert names == ["gamma", "beta", "Alpha"]
    assert pd.refused(400, "GET", "/services?sort_by=age")["code"] == 2001


def test_filters_by_team(pd: Client) -> None:
    team = pd.team()
    mine = pd.policy("anna", name="Mine", teams=[{"id": team["id"], "type": "team_reference"}])
    other = pd.policy("ben", name="Other")
    pd.service(mine["id"], "A")
    pd.service(other["id"], "B")
    pd.schedule(name="S", teams=[{"id": team["id"], "type": "team_reference"}])
    pd.schedule(name="T")
    query = f"?team_ids[]={team['id']}"
    assert [one["name"] for one in pd.get(f"/escalation_policies{query}")["escalation_policies"]] == ["Mine"]
    assert [one["name"] for one in pd.get(f"/services{query}")["services"]] == ["A"]
    assert [one["name"] for one in pd.get(f"/schedules{query}")["schedules"]] == ["S"]
    assert [one["email"] for one in pd.get(f"/users{query}")["users"]] == ["anna@acme.example"]
    by_user = f"/escalation_policies?user_ids[]={pd.users['ben']}"
    assert [one["name"] for one in pd.get(by_user)["escalation_policies"]] == ["Other"]


@pytest.fixture(scope="module")
def poor() -> Iterator[Client]:
    off = {
        "teams": True,
        "round_robin": False,
        "audit_trail": False,
        "urgencies": False,
        "service_support_hours": False,
    }
    with Running(Options(now=NOW, seed={**SEED, "abilities": off})) as server:
        client = client_of(server)
        yield client
        client.session.close()


def test_abilities_are_listed_and_tested(pd: Client, poor: Client) -> None:
    assert "teams" in pd.get("/abilities")["abilities"]
    assert pd.ok(204, "GET", "/abilities/round_robin") is None
    assert "round_robin" not in poor.get("/abilities")["abilities"]
    assert poor.refused(402, "GET", "/abilities/round_robin")["code"] == 2014
    assert poor.refused(404, "GET", "/abilities/flying")["code"] == 2100


def test_without_round_robin_the_include_and_the_blocks_are_403(poor: Client) -> None:
    policy = poor.policy()
    path = f"/escalation_policies/{policy['id']}?include[]=escalation_rule_assignment_strategies"
    assert poor.refused(403, "GET", path)["code"] == 2014
    assert (
        poor.refused(403, "GET", "/escalation_policies?include%5B%5D=escalation_rule_assignment_strategies")[
            "code"
        ]
        == 2014
    )
    rule = poor.rule("anna") | {"escalation_rule_assignment_strategy": {"type": "assign_to_everyone"}}
    body = {"escalation_policy": {"name": "R", "escalation_rules": [rule]}}
    assert poor.refused(403, "POST", "/escalation_policies", body)["code"] == 2014
    assert poor.get(f"/escalation_policies/{policy['id']}")["escalation_policy"]["id"] == policy["id"]


def test_without_the_audit_trail_only_single_resources_tell(poor: Client) -> None:
    assert poor.refused(402, "GET", "/audit/records")["code"] == 2014
    team = poor.team("T")
    assert len(poor.get(f"/teams/{team['id']}/audit/records")["records"]) == 1


def test_teams_need_their_ability() -> None:
    with Running(Options(seed={**SEED, "abilities": ["urgencies"]})) as server:
        pd = Client(server.url)
        assert pd.get("/abilities")["abilities"] == ["urgencies"]
        assert pd.refused(402, "GET", "/teams")["code"] == 2014
        pd.session.close()


def test_support_hours_need_their_ability(poor: Client) -> None:
    rule = {"type": "use_support_hours"}
    body = {
        "service": {
            "name": "x",
            "escalation_policy": {"id": poor.policy(name="Q")["id"]},
            "incident_urgency_rule": rule,
        }
    }
    assert poor.refused(402, "POST", "/services", body)["code"] == 2014


def test_rate_limit_headers_and_refusal() -> None:
    with Running(Options(rate_limit=3, seed=SEED)) as server, requests.Session() as session:
        session.headers["Authorization"] = "Token token=one"
        seen = [session.get(server.url + "/teams", timeout=60) for _ in range(4)]
        assert [one.status_code for one in seen] == [200, 200, 200, 429]
        assert [one.headers["ratelimit-remaining"] for one in seen] == ["2", "1", "0", "0"]
        assert seen[0].headers["ratelimit-limit"] == "3"
        assert 0 < int(seen[3].headers["ratelimit-reset"]) <= 60
        assert seen[3].json() == {"error": {"message": "Rate Limit Exceeded", "code": 2020}}
        other = session.get(server.url + "/teams", headers={"Authorization": "Token token=two"}, timeout=60)
        assert other.status_code == 200
        assert session.get(server.url + "/__sandbox__/requests", timeout=60).status_code == 200


def test_no_limit_means_no_headers(pd: Client) -> None:
    assert "ratelimit-limit" not in pd.call("GET", "/teams").headers


def test_a_window_of_the_rate_limit_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    from oncall_sync_pagerduty.sandbox.limits import RateLimit

    seconds = [0.0]
    limit = RateLimit(1, lambda: seconds[0])
    answers: list[Any] = [limit.take("t")[0], limit.take("t")[0]]
    seconds[0] = 60.0
    answers.append(limit.take("t")[0])
    assert answers == [True, False, True]
