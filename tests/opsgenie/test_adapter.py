"""The adapter as the core meets it: settings, hosts, paths that stand for something, what it keeps to itself."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import oncall_sync_opsgenie
from oncall_sync.errors import AuthError, Rejected, Unreachable, UsageError
from oncall_sync.model import Call, Change, Ref, Team, User
from oncall_sync.provider import (
    Blockers,
    HasSandbox,
    Incidents,
    Lookup,
    Overrides,
    PersonalReach,
    Provider,
    ProviderSettings,
    Reachability,
    Recalls,
    SandboxOptions,
    SettingsSchema,
)
from oncall_sync.provider import adapter as installed_adapter
from oncall_sync_opsgenie import Opsgenie
from oncall_sync_opsgenie.adapter import REGIONS
from tests.contract.harness import NOW, TOKEN, House
from tests.opsgenie.conftest import Hand
from tests.opsgenie.loopback import Loopback, Reply

TEAM = Team(ref=Ref("team", "ops"), name="Ops")


def settings(**more: Any) -> ProviderSettings:
    return ProviderSettings(**{"name": "og", "kind": "opsgenie", "token": TOKEN, "sleep": lambda _: None, **more})


def call(method: str, path: str, body: Any = None, **more: Any) -> Call:
    common = {"id": "team.ops/1", "ref": TEAM.ref, "says": "do something"}
    return Call(**{**common, "method": method, "path": path, "body": body, **more})


def test_it_is_found_by_its_kind() -> None:
    found: object = installed_adapter("opsgenie")
    assert found is Opsgenie
    made: Provider = Opsgenie(settings())
    for protocol in (Overrides, Lookup, Blockers, Incidents, Reachability, PersonalReach, Recalls, SettingsSchema):
        assert isinstance(made, protocol)
    assert isinstance(made, HasSandbox)


def test_importing_it_costs_nothing() -> None:
    code = (
        "import sys, oncall_sync_opsgenie;"
        "assert not {'opsgenie_sdk', 'urllib3', 'requests'} & set(sys.modules);"
        "from oncall_sync_opsgenie import Opsgenie;"
        "assert not {'opsgenie_sdk', 'requests', 'starlette'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'Genie'"):
        _ = oncall_sync_opsgenie.Genie


def test_one_file_knows_the_clients_library() -> None:
    folder = Path(oncall_sync_opsgenie.__file__).parent
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}
    assert [name for name, text in texts.items() if "import opsgenie_sdk" in text] == ["client.py"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"region": "mars"}, "providers.og: Opsgenie has no region 'mars'; write us or eu"),
        ({"options": {"high_prio": "P1"}}, "did you mean `high_priority`?"),
        ({"options": {"low_priority": "P9"}}, "low_priority"),
        ({"options": {"time_zone": "Mars/Crater"}}, "time_zone"),
    ],
)
def test_wrong_settings(more: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Opsgenie(settings(**more))
    assert message in str(caught.value)


@pytest.mark.parametrize(("region", "host"), [("us", "api.opsgenie.com"), ("eu", "api.eu.opsgenie.com")])
def test_each_region_has_its_own_host(region: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes out is seen at a proxy, whom a client asks for the host by name; it says no."""
    assert REGIONS[region] == f"https://{host}"
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "")

        def refuse() -> None:
            there, _ = proxy.accept()
            with there:
                asked.append(there.recv(4096))
                there.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        opsgenie = Opsgenie(settings(region=region))
        with pytest.raises(Unreachable):
            opsgenie.perform(call("DELETE", "/v2/teams/T1"))
        thread.join(10)
        opsgenie.close()
    assert asked[0].startswith(f"CONNECT {host}:443 ".encode())
    assert TOKEN.encode() not in asked[0]


def test_an_address_that_was_given_is_taken_in_any_region() -> None:
    with Loopback(Reply(body={"data": {"name": "acme"}})) as server:
        opsgenie = Opsgenie(settings(region="eu", api_url=server.url))
        assert opsgenie.account().id == "acme"
        opsgenie.close()
    assert server.targets == ["/v2/account"]


def test_without_a_token_everything_but_the_network_works() -> None:
    offline = Opsgenie(settings(token=None))
    held = offline.normalize(TEAM, None)
    change = Change(provider="og", ref=TEAM.ref, action="create", name="Ops", wanted=held)
    assert offline.calls(change, {})[0].path == "/v2/teams"
    assert list(offline.objections(TEAM)) == []
    for ask in (
        offline.account,
        lambda: offline.read(NOW, lambda *_: None),
        lambda: offline.perform(call("POST", "/v2/teams", {})),
    ):
        with pytest.raises(AuthError, match="there is no token"):
            ask()


def test_people_are_never_written() -> None:
    anna = User(ref=Ref("user", "anna"), name="Anna", email="anna@example.com")
    offline = Opsgenie(settings(token=None))
    change = Change(provider="og", ref=anna.ref, action="update", name="Anna", wanted=anna)
    assert not offline.calls(change, {})


def test_what_is_made_says_its_id(opsgenie: Opsgenie, hand: Hand) -> None:
    made = opsgenie.perform(call("POST", "/v2/teams", {"name": "Ops"}, makes=TEAM.ref))
    assert hand.named("/v2/teams", "Ops")["id"] == made.remote_id
    changed = opsgenie.perform(call("PATCH", f"/v2/teams/{made.remote_id}", {"name": "Ops 2"}))
    assert (changed.status, changed.remote_id) == (200, None)
    with Loopback(Reply(201, {"result": "Created"})) as server:
        mute = Opsgenie(settings(api_url=server.url))
        with pytest.raises(Unreachable, match="the answer does not say what was made"):
            mute.perform(call("POST", "/v2/teams", {"name": "x"}, makes=TEAM.ref))
        mute.close()


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {"name": None}}, {"data": {"name": ""}}])
def test_an_account_without_a_name_is_no_answer_of_the_apis(body: Any) -> None:
    with Loopback(Reply(body=body)) as server:
        opsgenie = Opsgenie(settings(api_url=server.url))
        with pytest.raises(Unreachable, match="could not read the account: an answer is not the API's"):
            opsgenie.account()
        opsgenie.close()


def test_the_default_rule_is_found_when_it_is_sent(opsgenie: Opsgenie, hand: Hand) -> None:
    team = hand.call("POST", "/v2/teams", {"name": "Ops"})["id"]
    path = f"/v2/teams/{team}/routing-rules"
    hand.call(
        "POST", path, {"name": "first", "notify": {"type": "escalation", "name": "Ops_escalation"}, "order": 0}
    )
    opsgenie.perform(call("PATCH", f"{path}/default", {"notify": {"type": "none"}}))
    to = {one["name"]: one["notify"]["type"] for one in hand.call("GET", path)}
    assert to == {"first": "escalation", "Default Routing Rule": "none"}


def came_with(team: str, kind: str = "schedules", name: str = "Ops_schedule") -> Call:
    return call("DELETE", f"/v2/{kind}/{name}?identifierType=name&ownedBy={team}")


def test_what_came_with_a_team_is_deleted_by_name_and_owner(opsgenie: Opsgenie, hand: Hand) -> None:
    team = hand.call("POST", "/v2/teams", {"name": "Ops"})["id"]
    opsgenie.perform(call("PATCH", f"/v2/teams/{team}/routing-rules/default", {"notify": {"type": "none"}}))
    assert opsgenie.perform(came_with(team, "escalations", "Ops_escalation")).status == 200
    assert opsgenie.perform(came_with(team)).status == 200
    assert hand.names("/v2/schedules") == hand.names("/v2/escalations") == []
    assert opsgenie.perform(came_with(team)).status == 404


def test_what_is_in_use_or_somebody_elses_stays(opsgenie: Opsgenie, hand: Hand, house: House) -> None:
    team = hand.call("POST", "/v2/teams", {"name": "Ops"})["id"]
    other = hand.call("POST", "/v2/teams", {"name": "Others"})["id"]
    assert opsgenie.perform(came_with(team, "escalations", "Ops_escalation")).status == 404
    assert opsgenie.perform(came_with(team)).status == 404
    house.writes()
    assert opsgenie.perform(came_with(other)).status == 404
    assert house.writes() == []
    assert hand.names("/v2/schedules") == ["Ops_schedule", "Others_schedule"]
    with pytest.raises(Rejected):
        opsgenie.perform(call("DELETE", f"/v2/schedules/{hand.named('/v2/schedules', 'Ops_schedule')['id']}"))


SHOWN_ONCE = "oncall_sync_opsgenie.sandbox.integrations.KEY_IS_SHOWN_ONCE"
"""Nobody knows whether a read tells an integration's key; where the tests are about keys, it does."""


def test_an_integration_is_replaced_with_what_it_has(
    opsgenie: Opsgenie, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SHOWN_ONCE, False)
    hand.call("POST", "/v2/teams", {"name": "Ops"})
    body = {"type": "API", "name": "a", "ownerTeam": {"name": "Ops"}, "suppressNotifications": True}
    path = f"/v2/integrations/{hand.call('POST', '/v2/integrations', body)['id']}"
    before = hand.call("GET", path)
    assert before["apiKey"]
    opsgenie.perform(call("PUT", path, {"name": "b", "priority": "P1"}))
    assert hand.call("GET", path) == {**before, "name": "b", "priority": "P1"}


def test_overrides_are_those_of_people_in_the_span(opsgenie: Opsgenie, hand: Hand) -> None:
    hand.call("POST", "/v2/teams", {"name": "Ops"})
    key = hand.named("/v2/schedules", "Ops_schedule")["id"]
    anna = {"type": "user", "username": "anna@example.com"}
    for who, day in ((anna, 1), (anna, 5), ({"type": "none"}, 2)):
        span = {"startDate": f"2026-12-0{day}T09:00:00Z", "endDate": f"2026-12-0{day}T17:00:00Z"}
        hand.call("POST", f"/v2/schedules/{key}/overrides", {"user": who, **span})
    since = datetime(2026, 12, 1, 12, tzinfo=UTC)
    ((found,),) = opsgenie.overrides([key, key], since, since + timedelta(days=2)).values()
    assert found.since == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert found.user_id == hand.call("GET", "/v2/users/anna@example.com")["id"]


def test_ways_to_reach_people_are_kinds_and_no_addresses(opsgenie: Opsgenie, hand: Hand) -> None:
    anna = hand.call("GET", "/v2/users/anna@example.com")["id"]
    hand.call("POST", f"/v2/users/{anna}/contacts", {"method": "voice", "to": "1-6501234567"})
    found = opsgenie.ways_to_reach([anna, anna])
    assert found == {anna: frozenset({"email", "phone"})}
    assert "6501234567" not in repr(found)


def test_the_sandbox_gets_every_option(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr("oncall_sync_opsgenie.sandbox.serve", lambda options, ready: seen.append(options))
    options = SandboxOptions(port=1, seed={}, now=NOW, latency=timedelta(1), rate_limit=2, store="f", token="t")
    Opsgenie.sandbox(options, print)
    Opsgenie.sandbox(SandboxOptions(), print)
    assert (seen[0].port, seen[0].rate_limit, seen[0].store, seen[0].token) == (1, 2, Path("f"), "t")
    assert seen[1].store is None


POLICY = {
    "time_zone": "UTC",
    "team": "ops",
    "users": {"anna": {"email": "anna@example.com"}, "ben": {"email": "ben@example.com"}},
    "teams": {"ops": {"name": "Ops", "members": ["anna"]}},
    "escalation_policies": {"main": {"levels": [{"notify": {"user": "anna"}}]}},
    "services": {
        "shop": {"escalation_policy": "main", "urgency": "high", "integrations": {"a": {"events": "api"}}}
    },
}


def test_no_key_is_in_a_snapshot_a_plan_a_journal_or_an_error(
    opsgenie: Opsgenie, house: House, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(house.folder)
    monkeypatch.setattr(SHOWN_ONCE, False)
    house.declare(POLICY)
    assert house.apply().code == 0
    (listed,) = hand.call("GET", "/v2/integrations")
    key = hand.call("GET", f"/v2/integrations/{listed['id']}")["apiKey"]
    snapshot = opsgenie.read(NOW, lambda *_: None)
    kept = json.dumps([live.raw for live in snapshot.objects], default=str) + repr(snapshot) + repr(opsgenie)
    house.declare({**POLICY, "services": {"shop": {**POLICY["services"]["shop"], "urgency": "low"}}})  # type: ignore[index]
    told = [
        house.sync("plan", *words) for words in ([], ["--calls"], ["--out", "plan.json"], ["--format", "json"])
    ]
    house.control("faults", {"kind": "500", "path": "/v2/integrations/", "write": 1, "times": 99})
    failed = house.apply()
    assert failed.code == 5
    assert "500" in failed.out + failed.err
    said = kept + "".join(one.out + one.err for one in (*told, failed))
    written = [path.read_text(encoding="utf-8") for path in house.folder.rglob("*") if path.is_file()]
    assert len(written) > 3
    for text in (said, *written):
        assert key not in text
        assert TOKEN not in text


def test_an_error_says_nothing_of_what_was_sent(hand: Hand) -> None:
    secret = "eb243592-key-of-an-integration"
    body = {"message": f"no such key {TOKEN}", "errors": {"apiKey": "is wrong"}}
    with Loopback(Reply(body={"data": {"id": "I", "apiKey": secret}}), Reply(422, body)) as server:
        opsgenie = Opsgenie(settings(api_url=server.url))
        with pytest.raises(Rejected) as caught:
            opsgenie.perform(call("PUT", "/v2/integrations/I", {"name": "b"}))
        opsgenie.close()
    assert secret in server.seen[1].body.decode()
    assert secret not in str(caught.value)
    assert TOKEN not in str(caught.value)
