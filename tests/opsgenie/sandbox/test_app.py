"""What holds for every call: authentication, envelopes, pages, identifiers, errors, the account."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from oncall_sync_opsgenie.sandbox import Options, Running

from .conftest import KEY, NOW, SEED, Client


def asked(url: str, path: str, header: str | None) -> requests.Response:
    headers = {} if header is None else {"Authorization": header}
    return requests.get(url + path, headers=headers, timeout=60)


@pytest.mark.parametrize("header", [None, "", "GenieKey", "Basic abc", f"geniekey {KEY}", f"Bearer {KEY}"])
def test_401_without_a_key(og: Client, header: str | None) -> None:
    answer = asked(og.url, "/v2/teams", header)
    assert answer.status_code == (422 if header == "GenieKey" else 401)
    assert set(answer.json()) == {"message", "took", "requestId"}


@pytest.mark.parametrize("key", ["not a key", "ä", "-", "a/b"])
def test_a_malformed_key_is_422(og: Client, key: str) -> None:
    answer = asked(og.url, "/v2/teams", f"GenieKey {key}".encode("latin-1").decode("latin-1"))
    assert (answer.status_code, answer.json()["message"]) == (422, "Key format is not valid!")


def test_only_the_key_asked_for() -> None:
    with Running(Options(token="right")) as server:
        assert asked(server.url, "/v2/teams", "GenieKey right").status_code == 200
        assert asked(server.url, "/v2/teams", "GenieKey wrong").status_code == 401


def test_every_answer_says_how_long_it_took_and_which_it_was(og: Client) -> None:
    answer = og.call("GET", "/v2/teams")
    body = answer.json()
    assert answer.headers["X-Request-ID"] == body["requestId"]
    assert float(answer.headers["X-Response-Time"]) == body["took"]
    assert answer.headers["X-RateLimit-State"] == "OK"
    assert "X-RateLimit-Period-In-Sec" not in answer.headers
    assert og.call("GET", "/v2/teams").json()["requestId"] != body["requestId"]
    refused = og.call("GET", "/v2/teams/nobody")
    assert refused.headers["X-Request-ID"] == refused.json()["requestId"]


def test_writes_answer_meta_and_a_result(og: Client) -> None:
    made = og.ok(201, "POST", "/v2/teams", {"name": "T"})
    assert set(made) == {"result", "data", "took", "requestId"}
    assert (made["result"], set(made["data"])) == ("Created", {"id", "name"})
    changed = og.ok(200, "PATCH", f"/v2/teams/{made['data']['id']}", {"description": "d"})
    assert (changed["result"], changed["data"]) == ("Updated", made["data"])
    gone = og.ok(200, "DELETE", f"/v2/teams/{made['data']['id']}")
    assert (gone["result"], "data" in gone) == ("Deleted", False)


def test_unknown_paths_have_no_handler(og: Client) -> None:
    refused = og.refused(404, "GET", "/v2/nothing")
    assert refused["message"].startswith("Could not find any handler")
    assert og.refused(404, "GET", "/v2/teams/nobody")["message"] == "Team with id [nobody] does not exist."


def test_another_method_is_405(og: Client) -> None:
    answer = og.call("PUT", f"/v2/teams/{og.ops}", {"name": "x"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, PATCH, DELETE")


def test_400_is_for_broken_json_only(og: Client) -> None:
    headers = {"Authorization": f"GenieKey {KEY}", "Content-Type": "application/json"}
    broken = requests.post(f"{og.url}/v2/teams", data="{not json", headers=headers, timeout=60)
    assert broken.status_code == 400
    listed = requests.post(f"{og.url}/v2/teams", data="[1]", headers=headers, timeout=60)
    assert listed.status_code == 422
    headers["Content-Type"] = "text/plain"
    assert requests.post(f"{og.url}/v2/teams", data="{}", headers=headers, timeout=60).status_code == 415


def test_junk_in_bodies_is_ignored(og: Client) -> None:
    key = og.team("T", id="mine", Identifier="x", IdentifierType=0, links={"web": "x"}, isDefault=True)
    assert key != "mine"
    assert set(og.get(f"/v2/teams/{key}")) == {"id", "name", "description", "members", "links"}


@pytest.mark.parametrize("path", ["/v2/teams/{}?identifierType=name", "/v2/teams/{}/?identifierType=NAME"])
def test_by_name(og: Client, path: str) -> None:
    key = og.team("Payments EU")
    assert og.get(path.format("Payments%20EU"))["id"] == key


def test_the_identifier_type_must_be_known(og: Client) -> None:
    og.refused(404, "GET", "/v2/teams/Ops")
    og.refused(422, "GET", "/v2/teams/Ops?identifierType=label")


def test_slashes_in_names_can_be_escaped(og: Client) -> None:
    refused = og.refused(404, "GET", "/v2/teams/a%2Fb?identifierType=name")
    assert refused["message"] == "Team with id [a/b] does not exist."


def test_pages_link_to_each_other(og: Client) -> None:
    for number in range(6):
        fields = {"username": f"u{number}@acme.example", "fullName": "U", "role": {"name": "User"}}
        og.make("/v2/users", **fields)
    path = "/v2/users?limit=4&offset=0&order=desc"
    seen: list[str] = []
    answer = og.call("GET", path)
    while True:
        body = answer.json()
        assert body["totalCount"] == 10
        seen += [user["username"] for user in body["data"]]
        assert all(answer.headers[f"X-Paging-{name}"] == link for name, link in body["paging"].items())
        if "next" not in body["paging"]:
            break
        assert "order=desc" in body["paging"]["next"]
        answer = og.call("GET", body["paging"]["next"].removeprefix(og.url))
    assert len(seen) == 10
    assert seen == sorted(seen, reverse=True)
    assert set(body["paging"]) == {"prev", "first", "last"}


@pytest.mark.parametrize("query", ["limit=101", "limit=0", "limit=x", "offset=-1", "limit=-1"])
def test_pages_out_of_bounds_are_422(og: Client, query: str) -> None:
    og.refused(422, "GET", f"/v2/users?{query}")


def test_a_page_past_the_end_is_empty(og: Client) -> None:
    body = og.ok(200, "GET", "/v2/users?offset=100")
    assert (body["data"], body["totalCount"], "next" in body["paging"]) == ([], 4, False)


def test_the_account(og: Client) -> None:
    found = og.get("/v2/account")
    assert (found["name"], found["userCount"], found["plan"]["name"]) == ("acme", 4, "Enterprise")


@pytest.fixture(scope="module")
def restricted() -> Iterator[Client]:
    with Running(Options(now=NOW, seed={**SEED, "restricted": True})) as server:
        client = Client(server.url)
        client.reset()
        yield client
        client.session.close()


def test_keys_of_an_integration_may_not_do_everything(restricted: Client) -> None:
    """Recorded: such a key cannot tell a schedule it may not see from one that does not exist."""
    for path in ("/v2/account", "/v2/request-limits/", "/v2/schedules/some?identifierType=name"):
        assert restricted.refused(403, "GET", path)["code"] == 40301
    restricted.refused(404, "GET", "/v2/escalations/some?identifierType=name")


def test_the_actor_must_be_somebody(og: Client) -> None:
    og.refused(422, "GET", "/v2/teams", X_Sandbox_Actor="who@acme.example")
    assert og.ok(200, "GET", "/v2/teams", X_Sandbox_Actor="anna@acme.example")["data"]


def test_faults_answer_as_the_vendor_does(og: Client) -> None:
    og.control("faults", kind="429", call=1)
    answer = og.call("GET", "/v2/teams")
    assert answer.status_code == 429
    assert answer.headers["X-RateLimit-State"] == "THROTTLED"
    assert int(answer.headers["X-RateLimit-Period-In-Sec"]) >= 1
    assert answer.json()["message"].startswith("You are making too many requests!")
    og.control("faults", kind="500", call=1)
    assert og.call("GET", "/v2/teams").status_code == 500
    og.control("faults", kind="drop-after", write=1)
    with pytest.raises(requests.ConnectionError):
        og.call("POST", "/v2/teams", {"name": "Dropped"})
    assert "Dropped" in [team["name"] for team in og.get("/v2/teams")]


def test_the_log_has_calls_as_they_were(og: Client) -> None:
    og.team("T")
    log: list[Any] = og.ok(200, "GET", "/__sandbox__/requests")
    assert [(one["method"], one["path"], one["status"], one["body"]) for one in log] == [
        ("POST", "/v2/teams", 201, {"name": "T"})
    ]


def test_a_file_survives_a_restart(tmp_path: Any) -> None:
    options = Options(now=NOW, seed=SEED, store=tmp_path / "og.sqlite")
    with Running(options) as server:
        client = Client(server.url)
        key = client.team("Kept")
        client.session.close()
    with Running(options) as server:
        client = Client(server.url)
        assert client.get(f"/v2/teams/{key}")["name"] == "Kept"
        assert client.get("/v2/schedules/Kept_schedule?identifierType=name")["ownerTeam"]["id"] == key
        client.session.close()


def test_ids_are_the_same_every_time(og: Client) -> None:
    first = og.team("T")
    og.reset()
    assert og.team("T") == first
