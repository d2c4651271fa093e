"""The webhook: told once, in a form that does nothing, and its address is a secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oncall_sync.report.drift_slack import LIMIT, escaped
from tests.account import Account, Result
from tests.drift.test_drift import CARLA, Capture, takes_a_turn
from tests.opsgenie.loopback import Loopback, Reply

SECRET = "/services/T000/B000/XXXXsecretXXXX"


@pytest.fixture
def drifted(account: Account, capsys: Capture) -> Account:
    assert account.sync(capsys, "apply", "--yes").code == 0
    takes_a_turn(account, **CARLA)
    return account


def notify(account: Account, capsys: Capture, *words: str) -> Result:
    assert account.now is not None
    return account.sync(capsys, "drift", "--notify", *words, "--now", account.now.isoformat())


def test_one_message_in_slacks_format(drifted: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(Reply(body=b"ok")) as server:
        monkeypatch.setenv("ONCALL_SYNC_WEBHOOK", server.url + SECRET)
        told = notify(drifted, capsys)
    assert (told.code, told.err) == (2, "")
    (seen,) = server.seen
    assert (seen.method, seen.target, seen.headers["content-type"]) == ("POST", SECRET, "application/json")
    assert "authorization" not in seen.headers
    message = json.loads(seen.body)
    assert set(message) == {"text", "mrkdwn", "unfurl_links", "unfurl_media"}
    first, second, _ = message["text"].splitlines()
    assert first == "acme: 1 object was changed at pagerduty (acme) since the last apply"
    assert second == (
        "• schedule checkout-night: lead@example.com takes the turns of anna; pages otherwise: checkout,"
        " by carla@example.com"
    )
    assert "secret" not in told.out


def test_nothing_is_posted_without_drift(
    account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert account.sync(capsys, "apply", "--yes").code == 0
    with Loopback() as server:
        monkeypatch.setenv("ONCALL_SYNC_WEBHOOK", server.url)
        assert notify(account, capsys).code == 0
    assert server.seen == []


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(status=404, body=b"no_service"), "the webhook answered 404; nobody was told"),
        (Reply(status=302, headers={"Location": "http://127.0.0.1:9/elsewhere"}), "the webhook answered 302"),
        (Reply(lost=True), "no answer from the webhook (ConnectionError)"),
    ],
)
def test_a_webhook_that_fails_does_not_hide_the_drift(
    drifted: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch, reply: Reply, said: str
) -> None:
    with Loopback(reply) as server:
        monkeypatch.setenv("ONCALL_SYNC_WEBHOOK", server.url + SECRET)
        told = notify(drifted, capsys)
    assert told.code == 2
    assert said in told.err
    assert "checkout-night" in told.out
    assert "secret" not in told.err + told.out
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "address",
    ["", "http://hooks.example/x", "ftp://hooks.example/secret", "https://u:secret@hooks.example/x", "secret"],
)
def test_addresses_that_no_webhook_may_have(
    account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("ONCALL_SYNC_WEBHOOK", address)
    told = notify(account, capsys)
    assert (told.code, told.out) == (1, "")
    assert "ONCALL_SYNC_WEBHOOK" in told.err
    assert "secret" not in told.err
    assert account.log() == []


def test_no_netrc_adds_a_password(
    drifted: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Loopback(Reply(body=b"ok")) as server:
        monkeypatch.setenv("ONCALL_SYNC_WEBHOOK", server.url)
        notify(drifted, capsys)
    assert "authorization" not in server.seen[0].headers


def test_names_ping_nobody() -> None:
    assert escaped("<!channel> <@U1> a&b") == "&lt;!channel&gt; &lt;@\u200bU1&gt; a&amp;b"
    assert "@all" not in escaped("@all, @here and (@channel)")
    assert escaped("anna@example.com") == "anna@example.com"


def test_a_message_is_short(account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [json.dumps(f"{'<!channel> ' * 8}{number}") for number in range(60)]
    rest = "escalation_policy: checkout, acknowledge_within: 10m"
    more = "".join(f"  s{number}: {{name: {name}, {rest}}}\n" for number, name in enumerate(names))
    path = account.folder / "policies/small.yaml"
    path.write_text(path.read_text() + more)
    assert account.sync(capsys, "apply", "--yes").code == 0
    for one in account.call("GET", "/services?limit=100")["services"]:
        one["acknowledgement_timeout"] = 3600
        account.call("PUT", f"/services/{one['id']}", {"service": one})
    with Loopback(Reply(body=b"ok")) as server:
        monkeypatch.setenv("ONCALL_SYNC_WEBHOOK", server.url)
        assert notify(account, capsys).code == 2
    text = json.loads(server.seen[0].body)["text"]
    assert len(text) <= LIMIT
    assert "61 objects were changed" in text
    assert "more\n" in text
    assert "<!" not in text
