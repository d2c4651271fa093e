"""The rate limits: by domain and by window."""

import pytest
import requests

from oncall_sync_opsgenie.sandbox import Options, Running
from oncall_sync_opsgenie.sandbox.limits import CONFIGURATION, DOMAINS, RateLimit, domain_of

from .conftest import KEY, SEED, Client


class Seconds:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("line", "domain"),
    [
        ("GET /v2/users", "search"),
        ("GET /v2/users/", "search"),
        ("GET /v2/users/anna@acme.example", CONFIGURATION),
        ("POST /v2/users", CONFIGURATION),
        ("GET /v2/schedules", CONFIGURATION),
        ("GET /v2/schedules/on-calls", "schedule-oncalls"),
        ("GET /v2/schedules/X/on-calls", "schedule-oncalls"),
        ("GET /v2/schedules/X/next-on-calls", "schedule-oncalls"),
        ("GET /v2/schedules/X/timeline", CONFIGURATION),
        ("GET /v2/integrations", CONFIGURATION),
        ("PUT /v2/integrations/X", "integration-configuration"),
        ("POST /v2/integrations/X/enable", "integration-configuration"),
        ("GET /v2/alerts", "search"),
        ("POST /v2/alerts", "alert"),
        ("GET /v2/heartbeats/X/ping", "heartbeat"),
        ("GET /v2/heartbeats", CONFIGURATION),
        ("POST /v1/incidents/create", "incident"),
        ("GET /v1/services", CONFIGURATION),
    ],
)
def test_domains(line: str, domain: str) -> None:
    assert domain_of(*line.split()) == domain
    assert domain in DOMAINS


def test_both_windows_are_enforced() -> None:
    clock = Seconds()
    limit = RateLimit(60, clock)  # so 6 a second
    assert [limit.take("x") for _ in range(7)] == [None] * 6 + [1]
    assert limit.take("y") is None  # a domain of its own
    taken = 6
    while limit.take("x") != 60:
        clock.now += 0.1
        taken += 1
        assert taken < 200
    clock.now += 1
    assert limit.take("x") is None  # one a second comes back


def test_no_limit() -> None:
    assert [RateLimit(None).take("x") for _ in range(3)] == [None] * 3


def test_a_refused_call_does_nothing_and_says_how_long(og: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_sync_opsgenie.sandbox.app.RateLimit", lambda calls: RateLimit(calls, Seconds()))
    with Running(Options(rate_limit=20, seed=SEED)) as server:
        client = Client(server.url)
        answers = [client.call("POST", "/v2/teams", {"name": f"T{number}"}) for number in range(3)]
        assert [one.status_code for one in answers] == [201, 201, 429]
        refused = answers[-1]
        assert refused.json()["message"] == (
            "You are making too many requests! To avoid errors, we recommend you limit requests."
        )
        told = {name: refused.headers[f"X-RateLimit-{name}"] for name in ("State", "Reason", "Period-In-Sec")}
        assert told == {"State": "THROTTLED", "Reason": "ACCOUNT", "Period-In-Sec": "1"}
        assert client.call("GET", "/v2/users").status_code == 200  # another domain
        other = requests.get(server.url + "/v2/teams", headers={"Authorization": f"GenieKey {KEY}x"}, timeout=60)
        assert other.status_code == 429  # limits are the account's, not the key's
        assert requests.get(server.url + "/__sandbox__/requests", timeout=60).status_code == 200
        client.session.close()


def test_the_limits_can_be_asked_for() -> None:
    with Running(Options(rate_limit=300)) as server:
        client = Client(server.url)
        found = client.get("/v2/request-limits/")["rateLimits"]
        client.session.close()
    assert [one["domain"] for one in found] == list(DOMAINS)
    assert found[0]["limits"] == [{"limit": 30, "periodInSeconds": 1}, {"limit": 300, "periodInSeconds": 60}]


def test_without_limits_generous_ones_are_told(og: Client) -> None:
    found = og.get("/v2/request-limits")["rateLimits"]
    assert {one["limits"][1]["limit"] for one in found} == {6000}
