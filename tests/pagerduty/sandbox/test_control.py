"""The sandbox's own controls: log, faults, latency, clock, rings."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.waits import HANG_SECONDS, Waits, until

from .conftest import Client

PREFIX = "/__sandbox__"


def faults(pd: Client, **body: object) -> None:
    pd.control("faults", **body)


def dropped(pd: Client, method: str, path: str, body: object = None) -> bool:
    try:
        requests.request(method, pd.url + path, json=body, headers={"Authorization": "Token token=x"}, timeout=60)
    except requests.ConnectionError:
        return True
    return False


def names(pd: Client) -> list[str]:
    return [team["name"] for team in pd.get("/teams")["teams"]]


def test_the_log_has_vendor_calls_in_order_and_nothing_else(pd: Client) -> None:
    pd.team("Ops")
    pd.get("/teams?query=ops")
    pd.refused(404, "GET", "/teams/PNOBODY")
    requests.get(pd.url + "/users", timeout=60)
    found = pd.get(f"{PREFIX}/requests")
    assert {tuple(one) for one in found} == {("at", "method", "path", "query", "status", "body")}
    assert {one["at"] for one in found} == {"2026-11-21T09:00:30Z"}
    assert [tuple(one.values())[1:] for one in found] == [
        ("POST", "/teams", "", 201, {"team": {"name": "Ops"}}),
        ("GET", "/teams", "query=ops", 200, None),
        ("GET", "/teams/PNOBODY", "", 404, None),
        ("GET", "/users", "", 401, None),
    ]
    pd.control("reset", what="log")
    assert pd.get(f"{PREFIX}/requests") == []
    assert names(pd) == ["Ops"]


def test_reset_goes_back_to_the_seed(pd: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pd.team("Ops")["id"]
    pd.clock("2027-01-01T00:00:00Z")
    pd.control("latency", ms=300)
    faults(pd, kind="500", call=2, times=9)
    pd.control("reset", what="all")
    waits = Waits(monkeypatch)
    assert names(pd) == []
    assert waits.asked == []
    assert pd.team("Ops")["id"] == first  # ids begin anew, too
    assert pd.get(f"{PREFIX}/requests")[-1]["at"] == "2026-11-21T09:00:30Z"


def test_latency(pd: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = Waits(monkeypatch)
    pd.control("latency", ms=80)
    pd.get("/teams")
    assert waits.asked == [0.08]
    pd.get(f"{PREFIX}/requests")  # controls are not delayed
    assert waits.asked == [0.08]


def test_an_answer_does_not_come_before_it_is_due(pd: Client) -> None:
    faults(pd, kind="slow", call=1, ms=120)
    start = time.monotonic()
    pd.get("/teams")
    assert time.monotonic() - start >= 0.12  # a wait can be longer on a busy machine, never shorter


def test_the_clock_moves(pd: Client) -> None:
    pd.clock("2027-03-01T12:00:00+01:00")
    assert pd.service(pd.policy()["id"])["created_at"] == "2027-03-01T11:00:00Z"
    pd.control("clock", now=None)
    assert pd.service(pd.policy(name="2")["id"], "2")["created_at"][:10] != "2027-03-01"


def test_drop_before_has_no_effect(pd: Client) -> None:
    faults(pd, kind="drop-before", write=1)
    pd.get("/teams")  # reads do not count
    assert dropped(pd, "POST", "/teams", {"team": {"name": "A"}})
    assert names(pd) == []
    assert not dropped(pd, "POST", "/teams", {"team": {"name": "B"}})
    statuses = [one["status"] for one in pd.get(f"{PREFIX}/requests") if one["method"] == "POST"]
    assert statuses == [None, 201]


def test_drop_after_has_its_effect(pd: Client) -> None:
    faults(pd, kind="drop-after", write=1)
    assert dropped(pd, "POST", "/teams", {"team": {"name": "A"}})
    assert names(pd) == ["A"]


def test_the_third_writing_call_and_the_one_after(pd: Client) -> None:
    faults(pd, kind="drop-before", write=3, times=2)
    found = []
    for number in range(5):
        pd.get("/users")
        found.append(dropped(pd, "POST", "/teams", {"team": {"name": f"T{number}"}}))
    assert found == [False, False, True, True, False]
    assert names(pd) == ["T0", "T1", "T4"]


def test_the_second_call_of_any_kind(pd: Client) -> None:
    faults(pd, kind="drop-before", call=2)
    assert [dropped(pd, "GET", "/teams") for _ in range(3)] == [False, True, False]


def test_a_path_picks_what_is_counted(pd: Client) -> None:
    faults(pd, kind="500", call=1, path="^/users")
    pd.get("/teams")
    assert pd.refused(500, "GET", "/users") == {"message": "Internal Server Error", "code": 2000}
    pd.get("/users")


def test_429_and_500_have_no_effect(pd: Client) -> None:
    faults(pd, kind="429", write=1)
    faults(pd, kind="500", write=2)
    first = pd.call("POST", "/teams", {"team": {"name": "A"}})
    assert (first.status_code, first.json()["error"]["code"], first.headers["ratelimit-remaining"]) == (
        429,
        2020,
        "0",
    )
    assert pd.call("POST", "/teams", {"team": {"name": "B"}}).status_code == 500
    pd.team("C")
    assert names(pd) == ["C"]


def test_slow(pd: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = Waits(monkeypatch)
    faults(pd, kind="slow", write=1, ms=1000)
    waits.go.clear()
    with ThreadPoolExecutor(1) as beside:
        sent = beside.submit(
            requests.post,
            pd.url + "/teams",
            json={"team": {"name": "A"}},
            headers={"Authorization": "Token token=x"},
            timeout=HANG_SECONDS,
        )
        try:
            until(lambda: waits.asked)
            assert names(pd) == ["A"]  # the answer is slow, not the effect
            assert not sent.done()
        finally:
            waits.go.set()
        assert sent.result().status_code == 201
    assert waits.asked == [1.0]


def test_faults_can_be_called_off(pd: Client) -> None:
    faults(pd, kind="500", call=1)
    pd.ok(200, "DELETE", f"{PREFIX}/faults")
    pd.get("/teams")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("faults", {"kind": "explode"}),
        ("faults", {"kind": "500", "write": 1, "call": 1}),
        ("faults", {"kind": "500", "write": 0}),
        ("faults", {"kind": "500", "path": "("}),
        ("faults", {"kind": "500", "when": "now"}),
        ("latency", {"ms": -1}),
        ("latency", {}),
        ("clock", {"now": "soon"}),
        ("reset", {"what": "some"}),
    ],
)
def test_controls_that_are_not_understood(pd: Client, name: str, body: dict[str, object]) -> None:
    assert isinstance(pd.refused(400, "POST", f"{PREFIX}/{name}", body), str)


def test_unknown_controls_and_broken_json(pd: Client) -> None:
    assert pd.call("GET", f"{PREFIX}/nothing").status_code == 404
    assert requests.post(f"{pd.url}{PREFIX}/clock", data="{", timeout=60).status_code == 400
    assert requests.post(f"{pd.url}{PREFIX}/clock", data="[]", timeout=60).status_code == 400


def test_controls_need_no_key(pd: Client) -> None:
    assert requests.get(f"{pd.url}{PREFIX}/requests", timeout=60).status_code == 200


def test_rings(pd: Client) -> None:
    night = {"type": "daily_restriction", "start_time_of_day": "00:00:00", "duration_seconds": 3600}
    gaps = pd.schedule(pd.layer("cleo", restrictions=[night]), name="Night")
    always = pd.schedule(pd.layer("anna", "ben"), name="Always")
    body = {"name": "P", "escalation_rules": [pd.rule(gaps["id"]), pd.rule(always["id"], "cleo")]}
    pd.service(
        pd.ok(201, "POST", "/escalation_policies", {"escalation_policy": body})["escalation_policy"]["id"], "Shop"
    )
    pd.service(pd.policy(gaps["id"], name="Q")["id"], "Silent")

    def rings(at: str) -> object:
        return pd.get(f"{PREFIX}/rings?at={at}")

    assert rings("2026-11-22T09:00:00Z") == {"Shop": ["anna@acme.example", "cleo@acme.example"], "Silent": []}
    assert rings("2026-11-23T09:00:00Z") == {"Shop": ["ben@acme.example", "cleo@acme.example"], "Silent": []}
    assert rings("2026-11-23T00:30:00Z") == {"Shop": ["cleo@acme.example"], "Silent": ["cleo@acme.example"]}
    assert pd.get(f"{PREFIX}/rings")["Silent"] == []
    assert pd.refused(400, "GET", f"{PREFIX}/rings?at=soon")
