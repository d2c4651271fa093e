"""Tags, alert grouping, and what comes with the account."""

from typing import Any

import pytest

from oncall_sync_pagerduty.sandbox import Options, Running

from .conftest import NOW, SEED, Client

GROUPING = "/alert_grouping_settings"


def test_tags(pd: Client) -> None:
    tag = pd.ok(201, "POST", "/tags", {"tag": {"type": "tag", "label": "Batman"}})["tag"]
    assert (tag["label"], tag["summary"], tag["html_url"]) == ("Batman", "Batman", None)
    errors = pd.refused(400, "POST", "/tags", {"tag": {"type": "tag", "label": "Batman"}})["errors"]
    assert errors == ["Label has already been taken"]
    assert pd.refused(400, "POST", "/tags", {"tag": {"type": "tag", "label": "x" * 192}})["code"] == 2001
    path = f"/users/{pd.users['anna']}"
    change = {"add": [{"type": "tag", "label": "Robin"}, {"type": "tag_reference", "id": tag["id"]}]}
    pd.ok(200, "POST", f"{path}/change_tags", change)
    assert [one["label"] for one in pd.get(f"{path}/tags")["tags"]] == ["Robin", "Batman"]
    assert [one["id"] for one in pd.get(f"/tags/{tag['id']}/users")["users"]] == [pd.users["anna"]]
    assert pd.get(f"/tags/{tag['id']}/teams")["teams"] == []
    assert [one["label"] for one in pd.get("/tags?query=bat")["tags"]] == ["Batman"]
    pd.ok(200, "POST", f"{path}/change_tags", {"remove": [{"type": "tag_reference", "id": tag["id"]}]})
    assert [one["label"] for one in pd.get(f"{path}/tags")["tags"]] == ["Robin"]
    assert pd.get(f"/tags/{tag['id']}")["tag"]["label"] == "Batman"
    pd.ok(204, "DELETE", f"/tags/{tag['id']}")
    assert pd.refused(404, "GET", f"/tags/{tag['id']}")["code"] == 2100


@pytest.mark.parametrize(
    "change", [{"add": [{"type": "tag_reference", "id": "PNOBODY"}]}, {"add": 5}, {"add": [{"type": "tag"}]}]
)
def test_a_refused_change_of_tags_is_a_bare_string(pd: Client, change: dict[str, Any]) -> None:
    team = pd.team()["id"]
    assert isinstance(pd.refused(400, "POST", f"/teams/{team}/change_tags", change), str)
    assert pd.get(f"/teams/{team}/tags")["tags"] == []


def setting(pd: Client, *services: str, kind: str = "time", config: Any = None, status: int = 201) -> Any:
    references = [{"id": key, "type": "service_reference"} for key in services]
    body = {
        "name": "G",
        "type": kind,
        "config": {"timeout": 120} if config is None else config,
        "services": references,
    }
    return pd.ok(status, "POST", GROUPING, {"alert_grouping_setting": body})


def test_alert_grouping(pd: Client) -> None:
    policy = pd.policy()["id"]
    one, two = (pd.service(policy, name)["id"] for name in ("One", "Two"))
    made = setting(pd, one, two)["alert_grouping_setting"]
    path = f"{GROUPING}/{made['id']}"
    assert [service["name"] for service in made["services"]] == ["One", "Two"]
    body = {
        "alert_grouping_setting": {
            "type": "content_based",
            "config": {"aggregate": "all", "fields": ["summary"], "time_window": 86_400},
        }
    }
    changed = pd.ok(200, "PUT", path, body)["alert_grouping_setting"]
    assert (changed["type"], len(changed["services"])) == ("content_based", 2)
    assert setting(pd, one, status=400)["error"]["errors"] == ["Services already have an alert grouping setting"]
    pd.ok(200, "PUT", f"/services/{one}", {"service": {"alert_grouping_parameters": {"type": "time"}}})
    assert [service["id"] for service in pd.get(path)["alert_grouping_setting"]["services"]] == [two]
    pd.ok(204, "DELETE", path)
    assert pd.refused(404, "GET", path)["code"] == 2100


@pytest.mark.parametrize(
    ("kind", "config", "error"),
    [
        ("time", {"timeout": None}, "timeout cannot be null"),
        ("time", {"timeout": 30}, "timeout must be 0 or between 60 and 86400"),
        ("time", {"timeout": 60, "aggregate": "all"}, "aggregate is not valid for type time"),
        ("intelligent", {"time_window": 86_400}, "time_window must be between 300 and 3600"),
        ("content_based", {"aggregate": "some", "fields": ["x"]}, "aggregate must be all or any"),
        ("content_based", {"aggregate": "any", "fields": []}, "fields cannot be blank"),
        ("magic", {}, "Type is not included in the list"),
    ],
)
def test_what_grouping_may_not_be(pd: Client, kind: str, config: Any, error: str) -> None:
    service = pd.service(pd.policy()["id"])["id"]
    assert setting(pd, service, kind=kind, config=config, status=400)["error"]["errors"] == [error]


def test_grouping_pages_by_cursor(pd: Client) -> None:
    policy = pd.policy()["id"]
    for number in range(3):
        setting(pd, pd.service(policy, f"S{number}")["id"])
    first = pd.get(f"{GROUPING}?limit=2&total=true")
    assert (len(first["alert_grouping_settings"]), first["total"], "before" in first) == (2, 3, False)
    rest = pd.get(f"{GROUPING}?limit=2&after={first['after']}")
    assert (len(rest["alert_grouping_settings"]), "after" in rest) == (1, False)
    back = pd.get(f"{GROUPING}?limit=2&before={rest['before']}")
    assert back["alert_grouping_settings"] == first["alert_grouping_settings"]
    service = first["alert_grouping_settings"][0]["services"][0]["id"]
    assert len(pd.get(f"{GROUPING}?service_ids[]={service}")["alert_grouping_settings"]) == 1
    assert pd.refused(400, "GET", f"{GROUPING}?after=!!")["code"] == 2001


def test_priorities_and_licences(pd: Client) -> None:
    assert [one["name"] for one in pd.get("/priorities")["priorities"]] == ["P1", "P2", "P3", "P4", "P5"]
    full, stakeholder = pd.get("/licenses")["licenses"]
    assert (full["current_value"], stakeholder["current_value"]) == (3, 1)


OBJECTS = {
    "teams": [{"name": "Ops", "members": {"anna": "manager"}}],
    "schedules": [
        {
            "name": "Rota",
            "time_zone": "Europe/London",
            "schedule_layers": [
                {
                    "start": "2026-11-02T09:00:00Z",
                    "rotation_virtual_start": "2026-11-02T09:00:00Z",
                    "rotation_turn_length_seconds": 604_800,
                    "users": [{"user": {"id": "ben", "type": "user_reference"}}],
                }
            ],
        }
    ],
    "escalation_policies": {
        "Page": {
            "id": "PFIXED0",
            "teams": [{"id": "Ops", "type": "team_reference"}],
            "escalation_rules": [
                {"escalation_delay_in_minutes": 5, "targets": [{"id": "Rota", "type": "schedule_reference"}]}
            ],
        }
    },
    "services": [
        {
            "name": "Shop",
            "escalation_policy": {"id": "Page", "type": "escalation_policy_reference"},
            "integrations": [{"name": "CW", "vendor": {"id": "Amazon CloudWatch", "type": "vendor_reference"}}],
        }
    ],
    "maintenance_windows": [
        {
            "description": "Move",
            "start_time": "2026-11-21T08:00:00Z",
            "end_time": "2026-11-21T10:00:00Z",
            "services": [{"id": "Shop", "type": "service_reference"}],
        }
    ],
    "incidents": [{"title": "down", "service": {"id": "Shop", "type": "service_reference"}}],
}


def test_a_seed_with_objects() -> None:
    with Running(Options(now=NOW, seed={**SEED, **OBJECTS})) as server:
        pd = Client(server.url)
        pd.reset()
        team = pd.get("/teams")["teams"][0]["id"]
        members = pd.get(f"/teams/{team}/members")["members"]
        assert [one["user"]["summary"] for one in members] == ["Anna", "Ben"]
        service = pd.get("/services?include[]=integrations")["services"][0]
        assert service["escalation_policy"]["id"] == "PFIXED0"
        assert service["integrations"][0]["vendor"]["id"] == "PZQ6AUS"
        assert service["status"] == "maintenance"
        assert [
            one["description"] for one in pd.get("/maintenance_windows?filter=ongoing")["maintenance_windows"]
        ] == ["Move"]
        assert pd.get("/maintenance_windows?filter=future")["maintenance_windows"] == []
        assert pd.refused(400, "GET", "/maintenance_windows?filter=soon")["code"] == 2001
        assert len(pd.get("/incidents?statuses[]=triggered")["incidents"]) == 1
        assert pd.get("/audit/records")["records"] == []
        pd.session.close()


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        ({"userz": {}}, "unknown keys: userz"),
        ({"users": {"anna": {"email": "x"}}}, "Email is invalid"),
        ({"users": {"anna": {"email": "anna@acme.example", "age": 5}}}, "unknown keys: age"),
        ({"abilities": ["flying"]}, "unknown abilities: flying"),
        ({"time_zone": "UTC"}, "time_zone is not known"),
        ({"teams": ["Ops"]}, "every entry must be a mapping"),
    ],
)
def test_a_seed_that_makes_no_sense(seed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message), Running(Options(seed=seed)):
        pass


def test_seeded_contacts() -> None:
    contacts = [
        {"type": "sms", "address": "5550100", "country_code": 49, "rules": [{"urgency": "high", "delay": 3}]}
    ]
    people = {
        "anna": {"email": "anna@acme.example", "contacts": contacts},
        "ben": {"email": "b@acme.example", "contacts": []},
    }
    with Running(Options(now=NOW, seed={"users": people})) as server:
        pd = Client(server.url)
        anna, ben = pd.get("/users?include[]=contact_methods&include[]=notification_rules")["users"]
        assert [(one["type"], one["country_code"]) for one in anna["contact_methods"]] == [
            ("sms_contact_method", 49)
        ]
        assert [(one["urgency"], one["start_delay_in_minutes"]) for one in anna["notification_rules"]] == [
            ("high", 3)
        ]
        assert (ben["contact_methods"], ben["notification_rules"]) == ([], [])
        assert anna["html_url"].startswith("https://sandbox.pagerduty.com/")
        pd.session.close()
