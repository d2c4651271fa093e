"""What an integration does with what comes by it."""

from typing import Any

import pytest

from oncall_sync_opsgenie.sandbox import Options, Running

from .conftest import NOW, SEED, Client, fields

FILTER = {"conditionMatchType": "match-all"}
SUBJECT = {"field": "subject", "operation": "contains", "expectedValue": "down"}


def integration(og: Client, **more: Any) -> str:
    return str(og.make("/v2/integrations", **{"type": "API", "name": "Shop", **more})["id"])


def test_an_integration_has_actions_from_the_start(og: Client) -> None:
    key = integration(og, responders=[og.person("anna")])
    found = og.get(f"/v2/integrations/{key}/actions")
    assert found["_parent"] == {"id": key, "name": "Shop", "enabled": True, "type": "API"}
    assert {kind: [one["name"] for one in found[kind]] for kind in ("create", "close", "ignore")} == {
        "create": ["Create Alert"],
        "close": ["Close Alert"],
        "ignore": [],
    }
    (create,) = found["create"]
    assert create["responders"][0]["username"] == "anna@acme.example"
    assert (create["message"], create["user"]) == ("{{message}}", "{{user}}")


def test_one_more_action(og: Client) -> None:
    path = f"/v2/integrations/{integration(og)}/actions"
    condition = {"conditionMatchType": "match-any-condition", "conditions": [SUBJECT]}
    made = og.make(path, type="ignore", name="Noise", filter=condition)
    assert made == og.get(path)
    assert made["ignore"] == [
        {
            "type": "ignore",
            "name": "Noise",
            "order": 0,
            "filter": {**condition, "conditions": [{**SUBJECT, "not": False}]},
        }
    ]
    assert len(made["create"]) == 1
    again = og.make(path, type="create", name="Second", filter=FILTER, priority="P2", tags=["a"], note="")
    assert [(one["name"], one["order"]) for one in again["create"]] == [("Create Alert", 0), ("Second", 1)]
    assert (again["create"][1]["priority"], again["create"][1]["note"]) == ("P2", "{{note}}")


def test_put_replaces_all_of_them(og: Client) -> None:
    key = integration(og)
    path = f"/v2/integrations/{key}/actions"
    people = [{"type": "user", "username": "anna@acme.example"}]
    body = {"create": [{"type": "create", "name": "New", "filter": FILTER, "responders": people}]}
    og.change(path, "PUT", **body)
    found = og.get(path)
    assert [len(found[kind]) for kind in ("create", "close", "acknowledge", "addNote", "ignore")] == [
        1,
        0,
        0,
        0,
        0,
    ]
    assert found["create"][0]["responders"] == [{**og.person("anna"), "username": "anna@acme.example"}]
    assert og.get(f"/v2/integrations/{key}")["isAdvanced"] is True
    og.change(path, "PUT", **found)
    assert og.get(path) == found


@pytest.mark.parametrize(
    "body",
    [
        {"type": "dance", "name": "X", "filter": FILTER},
        {"type": "close", "name": "X"},
        {"type": "close", "name": "X", "filter": {"conditionMatchType": "match-all", "conditions": [SUBJECT]}},
        {"type": "close", "name": "X", "filter": {"conditionMatchType": "match-any-condition"}},
        {"type": "create", "name": "X", "filter": FILTER, "responders": [{"type": "user", "id": "nobody"}]},
        {
            "type": "close",
            "name": "X",
            "filter": {
                "conditionMatchType": "match-any-condition",
                "conditions": [{**SUBJECT, "operation": "is"}],
            },
        },
    ],
)
def test_what_an_action_may_not_be(og: Client, body: dict[str, Any]) -> None:
    path = f"/v2/integrations/{integration(og)}/actions"
    before = og.get(path)
    og.refused(422, "POST", path, body)
    assert og.get(path) == before


def test_faults_of_fields(og: Client) -> None:
    path = f"/v2/integrations/{integration(og)}/actions"
    wrong = {"tags": "a", "priority": "P9", "appendAttachments": "no", "responders": {}, "extraProperties": []}
    assert fields(og.errors(path, type="create", message="x" * 131, **wrong)) == {"name", "message", *wrong}
    og.refused(422, "PUT", path, {"create": {}})


def test_what_only_tells_others_has_none(og: Client) -> None:
    path = f"/v2/integrations/{integration(og, type='Webhook', url='https://x.example')}/actions"
    assert og.get(path)["create"] == []
    og.refused(422, "POST", path, {"type": "close", "name": "X", "filter": FILTER})


def test_not_every_plan_allows_them() -> None:
    with Running(Options(now=NOW, seed={**SEED, "features": {"advanced_integrations": False}})) as server:
        og = Client(server.url)
        path = f"/v2/integrations/{integration(og)}/actions"
        refused = og.refused(422, "POST", path, {"type": "close", "name": "X", "filter": FILTER})
        assert refused["message"] == "Your plan does not allow saving or updating advanced integrations."
        og.session.close()
