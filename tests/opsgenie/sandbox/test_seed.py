"""What an account begins with."""

from collections.abc import Mapping
from typing import Any

import pytest

from oncall_sync_opsgenie.sandbox import Options, Running

from .conftest import NOW, Client

PEOPLE = {
    "anna": {
        "email": "anna@acme.example",
        "name": "Anna A.",
        "role": "Admin",
        "time_zone": "Asia/Tokyo",
        "contacts": [{"method": "email", "to": "anna@acme.example"}, {"method": "sms", "to": "44-7700900123"}],
    },
    "ben-b": {"email": "ben@acme.example"},
}
ROTATION = {
    "name": "Rot1",
    "startDate": "2026-11-02T09:00:00Z",
    "type": "weekly",
    "participants": [{"type": "user", "id": "anna"}, {"type": "user", "username": "ben@acme.example"}],
}
RICH = {
    "name": "acme",
    "time_zone": "Europe/Berlin",
    "users": PEOPLE,
    "teams": {
        "Ops": {
            "description": "We operate",
            "members": {"anna": "admin", "ben-b": "user"},
            "defaults": False,
            "routing_rules": [
                {"name": "Night", "notify": {"type": "schedule", "id": "Primary"}},
                {"isDefault": True, "notify": {"type": "escalation", "id": "Page"}},
            ],
        },
        "Shop": {"members": [{"user": {"id": "ben-b"}, "role": "admin"}]},
    },
    "schedules": {
        "Primary": {
            "timezone": "Europe/London",
            "ownerTeam": {"name": "Ops"},
            "rotations": [ROTATION],
            "overrides": [
                {
                    "user": {"type": "user", "id": "ben-b"},
                    "startDate": "2026-11-21T00:00:00Z",
                    "endDate": "2026-11-22T00:00:00Z",
                }
            ],
        }
    },
    "escalations": [
        {
            "name": "Page",
            "rules": [
                {
                    "condition": "if-not-acked",
                    "notifyType": "default",
                    "delay": {"timeAmount": 0},
                    "recipient": {"type": "schedule", "id": "Primary"},
                }
            ],
        }
    ],
    "services": {
        "Store": {
            "teamId": "Ops",
            "incident_rules": [
                {
                    "conditionMatchType": "match-all",
                    "incidentProperties": {
                        "message": "down",
                        "priority": "P1",
                        "stakeholderProperties": {"message": "we look into it"},
                    },
                }
            ],
        }
    },
    "integrations": {
        "Store: api": {
            "type": "API",
            "ownerTeam": {"name": "Ops"},
            "responders": [{"type": "escalation", "id": "Page"}],
            "tags": ["service:Store"],
        }
    },
    "policies": [{"type": "alert", "name": "Low", "teamId": "Ops", "message": "{{message}}", "enabled": True}],
    "heartbeats": {"nightly": {"interval": 1, "intervalUnit": "days", "enabled": True}},
    "maintenance": [
        {
            "time": {"type": "schedule", "startDate": "2026-12-24T00:00:00Z", "endDate": "2026-12-25T00:00:00Z"},
            "rules": [{"state": "disabled", "entity": {"type": "integration", "id": "Store: api"}}],
        }
    ],
    "forwarding_rules": [
        {
            "fromUser": {"id": "anna"},
            "toUser": {"id": "ben-b"},
            "startDate": "2027-01-01T00:00:00Z",
            "endDate": "2027-01-02T00:00:00Z",
        }
    ],
}


def opened(seed: Mapping[str, Any]) -> Running:
    return Running(Options(now=NOW, seed=seed))


def test_a_rich_seed() -> None:
    with opened(RICH) as server:
        og = Client(server.url)
        assert og.get("/v2/account")["name"] == "acme"
        users = {user["username"]: user for user in og.get("/v2/users")}
        anna, ben = users["anna@acme.example"], users["ben@acme.example"]
        assert (anna["fullName"], anna["role"]["name"], anna["timeZone"]) == ("Anna A.", "Admin", "Asia/Tokyo")
        assert (ben["fullName"], ben["role"]["name"], ben["timeZone"]) == ("Ben B", "User", "Europe/Berlin")
        assert [one["method"] for one in og.get("/v2/users/anna@acme.example/contacts")] == ["email", "sms"]
        ops = og.get("/v2/teams/Ops?identifierType=name")
        assert [(one["user"]["id"], one["role"]) for one in ops["members"]] == [
            (anna["id"], "admin"),
            (ben["id"], "user"),
        ]
        assert [
            (one["name"], one["notify"]["name"]) for one in og.get(f"/v2/teams/{ops['id']}/routing-rules")
        ] == [
            ("Night", "Primary"),
            ("Default Routing Rule", "Page"),
        ]
        schedules = {one["name"]: one for one in og.get("/v2/schedules?expand=rotation")}
        assert set(schedules) == {"Primary", "Shop_schedule"}
        (rotation,) = schedules["Primary"]["rotations"]
        assert [one["id"] for one in rotation["participants"]] == [anna["id"], ben["id"]]
        (override,) = og.get(f"/v2/schedules/{schedules['Primary']['id']}/overrides")
        assert override["user"]["username"] == "ben@acme.example"
        assert {one["name"] for one in og.get("/v2/escalations")} == {"Page", "Shop_escalation"}
        assert len(og.get("/v2/forwarding-rules")) == 1
        (service,) = og.get("/v1/services")
        assert (service["name"], service["teamId"]) == ("Store", ops["id"])
        assert len(og.get(f"/v1/services/{service['id']}/incident-rules")) == 1
        assert [one["name"] for one in og.get("/v2/integrations")] == ["Store: api"]
        assert [one["name"] for one in og.get(f"/v2/policies/alert?teamId={ops['id']}")] == ["Low"]
        assert [one["name"] for one in og.get("/v2/heartbeats")["heartbeats"]] == ["nightly"]
        (planned,) = og.get("/v1/maintenance")
        (rule,) = og.get(f"/v1/maintenance/{planned['id']}")["rules"]
        assert rule["entity"]["id"] == og.get("/v2/integrations")[0]["id"]
        assert og.rings() == {"Store": ["ben@acme.example"]}  # overridden
        assert og.rings("2026-11-30T10:00:00Z") == {"Store": ["anna@acme.example"]}
        og.session.close()


def test_incidents_by_the_names_of_their_services_and_people() -> None:
    incidents = [
        {"message": "Down", "impactedServices": ["Store"], "responders": [{"type": "user", "id": "anna"}]},
        {"message": "Was down", "status": "closed", "priority": "P1"},
    ]
    with opened({**RICH, "incidents": incidents}) as server:
        og = Client(server.url)
        (service,) = og.get("/v1/services")
        found = {one["message"]: one for one in og.get("/v1/incidents")}
        assert {name: (one["tinyId"], one["status"]) for name, one in found.items()} == {
            "Down": ("1", "open"),
            "Was down": ("2", "closed"),
        }
        assert found["Down"]["impactedServices"] == [service["id"]]
        assert found["Down"]["responders"][0]["type"] == "user"
        assert og.call("GET", "/v1/incidents/requests/seed").status_code == 404
        og.session.close()


def test_an_empty_account() -> None:
    with opened({}) as server:
        og = Client(server.url)
        assert (og.get("/v2/account")["name"], og.get("/v2/users"), og.get("/v2/teams")) == ("sandbox", [], [])
        og.session.close()


def test_a_reset_brings_the_seed_back_with_the_same_ids() -> None:
    with opened(RICH) as server:
        og = Client(server.url)
        before = og.get("/v2/schedules?expand=rotation")
        og.drop("/v2/teams/Shop?identifierType=name")
        og.control("reset", what="all")
        assert og.get("/v2/schedules?expand=rotation") == before
        og.session.close()


@pytest.mark.parametrize(
    ("seed", "text"),
    [
        ({"shoes": {}}, "unknown keys: shoes"),
        ({"time_zone": "Mars/Olympus"}, "time_zone is not known: Mars/Olympus"),
        ({"features": ["flying"]}, "unknown features: flying"),
        ({"features": {"flying": False}}, "unknown features: flying"),
        ({"users": {"anna": {"mail": "a@b.example"}}}, "users: anna: unknown keys: mail"),
        ({"users": {"anna": {"email": "nobody"}}}, "seed: users: anna: .*username"),
        ({"users": {"anna": {"email": "a@b.example", "role": "King"}}}, "seed: users: anna: .*role"),
        ({"teams": ["Ops"]}, "teams: every entry must be a mapping"),
        ({"teams": {"Ops": {"members": {"nobody": "user"}}}}, "seed: teams: Ops: .*does not exist"),
        ({"teams": {"O": {"routing_rules": [{"name": "x"}]}}}, "seed: teams: O: routing_rules: .*notify"),
        ({"schedules": {"S": {"timezone": "Mars/Olympus"}}}, "seed: schedules: S: "),
        ({"escalations": {"E": {}}}, "seed: escalations: E: "),
        ({"incidents": [{"message": "x", "impactedServices": ["Nope"]}]}, "seed: incidents: x: .*does not exist"),
        ({"incidents": [{"message": "x", "status": "mended"}]}, "status should be open or closed, not mended"),
    ],
)
def test_a_seed_that_makes_no_sense(seed: Mapping[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text), opened(seed):
        pass


def test_features_can_be_switched_off() -> None:
    rule = {
        "condition": "if-not-acked",
        "notifyType": "default",
        "delay": {"timeAmount": 0},
        "recipient": {"type": "user", "username": "anna@acme.example"},
    }
    body = {"name": "Page", "rules": [rule], "repeat": {"waitInterval": 10, "count": 1}}
    for features, status in ((["repeat"], 201), ([], 422), ({"repeat": False}, 422), ({}, 201)):
        with opened({"users": PEOPLE, "features": features}) as server:
            og = Client(server.url)
            assert og.call("POST", "/v2/escalations", body).status_code == status
            og.session.close()
