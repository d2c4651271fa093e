"""Integrations: how alerts come, and whom they are for."""

from typing import Any

import pytest

from oncall_sync_opsgenie.sandbox import Options, Running

from .conftest import NOW, SEED, Client, fields


def integration(og: Client, name: str = "Shop", **more: Any) -> str:
    return str(og.make("/v2/integrations", **{"type": "API", "name": name, **more})["id"])


def shown(og: Client, key: str) -> Any:
    return og.get(f"/v2/integrations/{key}")


def test_a_new_integration_says_its_key_once(og: Client) -> None:
    made = og.make("/v2/integrations", type="API", name="Shop", ownerTeam={"name": "Ops"})
    key, secret = made["id"], made["apiKey"]
    assert made == {
        "id": key,
        "name": "Shop",
        "type": "API",
        "enabled": True,
        "teamId": og.ops,
        "apiKey": secret,
    }
    assert secret not in (key, "")
    assert "apiKey" not in shown(og, key)


def test_an_integration_as_it_is_shown(og: Client) -> None:
    escalation = og.escalation()
    key = integration(
        og,
        ownerTeam={"id": og.ops},
        responders=[{"type": "escalation", "name": "Escalate"}, {**og.person("anna"), "username": ""}],
        tags=["service:Shop"],
        priority="P1",
        junk=1,
    )
    assert shown(og, key) == {
        "suppressNotifications": False,
        "ignoreTeamsFromPayload": False,
        "ignoreRecipientsFromPayload": False,
        "ignoreRespondersFromPayload": False,
        "ignoreTagsFromPayload": False,
        "ignoreExtraPropertiesFromPayload": False,
        "allowReadAccess": True,
        "allowWriteAccess": True,
        "allowDeleteAccess": True,
        "allowConfigurationAccess": False,
        "tags": ["service:Shop"],
        "extraProperties": {},
        "priority": "P1",
        "isAdvanced": False,
        "isDefaultIntegration": False,
        "feature-type": "token-based",
        "responders": [
            {"type": "escalation", "id": escalation, "name": "Escalate"},
            {**og.person("anna"), "username": "anna@acme.example"},
        ],
        "recipients": [],
        "type": "API",
        "id": key,
        "name": "Shop",
        "enabled": True,
        "isGlobal": False,
        "ownerTeam": {"id": og.ops, "name": "Ops"},
        "_readOnly": ["id", "isGlobal", "isAdvanced", "feature-type", "isDefaultIntegration"],
    }


def test_what_is_shown_can_be_sent_back(og: Client) -> None:
    callback = {"url": "https://x.example/hook", "headers": {"X-A": "b"}, "addAlertDetails": True}
    for kind, more in (
        ("API", {"tags": ["a"], "priority": "P2", "ownerTeam": {"id": og.ops}}),
        ("Email", {"emailUsername": "shop"}),
        ("Webhook", callback),
        ("Datadog", {"forwardingEnabled": True}),
    ):
        key = integration(og, f"By {kind}", type=kind, **more)
        before = shown(og, key)
        assert all(name in before for name in more)
        og.change(f"/v2/integrations/{key}", "PUT", **before)
        assert shown(og, key) == before


def test_put_replaces_everything(og: Client) -> None:
    full: dict[str, Any] = {"tags": ["a"], "priority": "P2", "enabled": False, "responders": [og.person("anna")]}
    key = integration(og, ownerTeam={"id": og.ops}, allowWriteAccess=False, **full)
    og.change(f"/v2/integrations/{key}", "PUT", type="API", name="Shop 2")
    found = shown(og, key)
    assert (found["name"], found["tags"], found["responders"], found["enabled"]) == ("Shop 2", [], [], True)
    assert found["allowWriteAccess"]
    assert found["isGlobal"]
    assert "priority" not in found
    assert "ownerTeam" not in found
    og.refused(
        422, "PUT", f"/v2/integrations/{key}", {"type": "Webhook", "name": "Shop", "url": "https://x.example"}
    )


def test_mail_has_an_address_of_its_own(og: Client) -> None:
    key = integration(og, type="Email", emailUsername="shop")
    found = shown(og, key)
    assert found["emailAddress"] == "shop@acme.opsgenie.net"
    assert found["feature-type"] == "email-based"
    assert "emailAddress" in found["_readOnly"]
    assert "allowWriteAccess" not in found
    og.change(f"/v2/integrations/{key}", "PUT", type="Email", name="Shop", emailUsername="store")
    assert shown(og, key)["emailAddress"] == "store@acme.opsgenie.net"
    body = {"type": "Pingdom", "name": "Other", "emailUsername": "Store"}
    assert "emailUsername" in og.refused(409, "POST", "/v2/integrations", body)["message"]
    assert fields(og.errors("/v2/integrations", type="Email", name="Other")) == {"emailUsername"}
    assert fields(og.errors("/v2/integrations", type="Email", name="O", emailUsername="a@b")) == {"emailUsername"}
    assert "apiKey" not in og.make("/v2/integrations", type="Email", name="Other", emailUsername="other")


def test_names_are_unique_in_the_account(og: Client) -> None:
    key, other = integration(og), integration(og, "Other")
    og.refused(409, "POST", "/v2/integrations", {"type": "Webhook", "name": "Shop", "url": "https://x.example"})
    og.refused(409, "PUT", f"/v2/integrations/{other}", {"type": "API", "name": "Shop"})
    og.change(f"/v2/integrations/{key}", "PUT", type="API", name="Shop")
    og.drop(f"/v2/integrations/{key}")
    og.change(f"/v2/integrations/{other}", "PUT", type="API", name="Shop")


def test_what_lists_show(og: Client) -> None:
    one = integration(og, "One", ownerTeam={"id": og.ops})
    two = integration(og, "Two", type="Datadog", enabled=False)
    first = {"id": one, "name": "One", "enabled": True, "type": "API", "teamId": og.ops}
    second = {"id": two, "name": "Two", "enabled": False, "type": "Datadog"}
    assert og.get("/v2/integrations") == [first, second]
    assert og.get("/v2/integrations?type=Datadog") == [second]
    assert og.get(f"/v2/integrations?teamId={og.ops}") == og.get("/v2/integrations?teamName=Ops") == [first]
    assert og.get("/v2/integrations?teamName=Nobody") == []


def test_switching_off_and_on(og: Client) -> None:
    key = integration(og, tags=["a"])
    for word, on in (("disable", False), ("enable", True)):
        answer = og.ok(201, "POST", f"/v2/integrations/{key}/{word}", {})
        assert answer["data"]["enabled"] is shown(og, key)["enabled"] is on
    assert shown(og, key)["tags"] == ["a"]
    og.refused(404, "POST", "/v2/integrations/nothing/enable", {})


def test_what_goes_to_somebody_holds_them(og: Client) -> None:
    escalation = og.escalation()
    key = integration(og, responders=[{"type": "escalation", "id": escalation}])
    assert "integration [Shop]" in og.refused(428, "DELETE", f"/v2/escalations/{escalation}")["message"]
    og.drop(f"/v2/integrations/{key}")
    og.drop(f"/v2/escalations/{escalation}")
    og.refused(404, "GET", f"/v2/integrations/{key}")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"name": "X"}, "type"),
        (
            {"type": "jira-software-cloud", "name": "X"},
            "Integration with type 'jira-software-cloud' does not exist",
        ),
        ({"type": "IncomingCall", "name": "X"}, "can not be created"),
        ({"type": "Webhook", "name": "X"}, "Property [url] cannot be empty."),
        ({"type": "API", "name": "X", "responders": [{"type": "team", "name": "Nobody"}]}, "does not exist"),
        ({"type": "API", "name": "X", "responders": [{"type": "group", "id": "x"}]}, "Type should be one of"),
        ({"type": "API", "name": "X", "responders": {}}, "should be a list"),
        ({"type": "API", "name": "X", "ownerTeam": {"name": "Nobody"}}, "does not exist"),
    ],
)
def test_what_an_integration_may_not_be(og: Client, body: dict[str, Any], text: str) -> None:
    assert text in og.refused(422, "POST", "/v2/integrations", body)["message"]


def test_faults_of_fields(og: Client) -> None:
    wrong = {
        "enabled": "yes",
        "tags": "a",
        "priority": "P9",
        "extraProperties": {"a": 1},
        "allowReadAccess": 1,
        "suppressNotifications": "no",
    }
    assert fields(og.errors("/v2/integrations", type="API", name="x" * 251, **wrong)) == {"name", *wrong}


def test_a_key_is_of_one_type(og: Client) -> None:
    key = og.make("/v2/integrations", type="Datadog", name="D")["apiKey"]
    path, auth = "/v2/integrations/authenticate", f"GenieKey {key}"
    og.ok(200, "POST", path, {"type": "API"})
    og.ok(200, "POST", path, {"type": "Datadog"}, Authorization=auth)
    assert og.refused(403, "POST", path, {"type": "API"}, Authorization=auth)["code"] == 40301
    og.refused(422, "POST", path, {"type": "Telepathy"})


def test_another_team_means_another_key() -> None:
    with Running(Options(now=NOW, seed=SEED)) as server:
        og = Client(server.url)
        made = og.make("/v2/integrations", type="Datadog", name="D")
        path, auth = "/v2/integrations/authenticate", f"GenieKey {made['apiKey']}"
        og.change(f"/v2/integrations/{made['id']}", "PUT", type="Datadog", name="D")
        og.refused(403, "POST", path, {"type": "API"}, Authorization=auth)
        og.change(f"/v2/integrations/{made['id']}", "PUT", type="Datadog", name="D", ownerTeam={"name": "Ops"})
        og.ok(200, "POST", path, {"type": "API"}, Authorization=auth)  # the key is nobody's now
        og.session.close()
