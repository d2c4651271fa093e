"""Users, contact methods and notification rules."""

import pytest

from .conftest import Client

FROM = {"From": "anna@acme.example"}


def create(pd: Client, **fields: object) -> dict[str, object]:
    body = {"user": {"name": "Dan", "email": "dan@acme.example", **fields}}
    found: dict[str, object] = pd.ok(201, "POST", "/users", body, **FROM)["user"]
    return found


def test_a_seeded_user_has_the_default_contact_and_rules(pd: Client) -> None:
    query = "?include[]=contact_methods&include[]=notification_rules"
    user = pd.get(f"/users/{pd.users['anna']}{query}")["user"]
    (method,) = user["contact_methods"]
    assert (method["type"], method["label"], method["address"]) == (
        "email_contact_method",
        "Default",
        "anna@acme.example",
    )
    assert [(rule["urgency"], rule["start_delay_in_minutes"]) for rule in user["notification_rules"]] == [
        ("high", 0),
        ("low", 0),
    ]
    assert user["notification_rules"][0]["contact_method"]["id"] == method["id"]
    plain = pd.get(f"/users/{pd.users['anna']}")["user"]
    assert plain["contact_methods"][0]["type"] == "email_contact_method_reference"
    assert "address" not in plain["contact_methods"][0]


def test_a_created_user_has_them_too(pd: Client) -> None:
    user = create(pd, time_zone="Europe/Berlin")
    assert user["role"] == "user"
    assert len(user["contact_methods"]) == 1  # type: ignore[arg-type]
    assert pd.get(f"/users/{user['id']}")["user"]["email"] == "dan@acme.example"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"email": "ANNA@acme.example"}, "Email has already been taken"),
        ({"email": "a@b"}, "Email is invalid"),
        ({"email": "nobody"}, "Email is invalid"),
        ({"name": " "}, "Name can't be blank"),
        ({"name": "x" * 101}, "Name is too long (maximum is 100 characters)"),
        ({"role": "king"}, "Role is not included in the list"),
        ({"time_zone": "Mars/Olympus"}, "Time zone is invalid"),
    ],
)
def test_what_a_user_may_not_be(pd: Client, fields: dict[str, str], error: str) -> None:
    body = {"user": {"name": "Dan", "email": "dan@acme.example", **fields}}
    assert pd.refused(400, "POST", "/users", body, **FROM) == {
        "message": "Invalid Input Provided",
        "code": 2001,
        "errors": [error],
    }
    assert len(pd.get("/users")["users"]) == 4


def test_from_names_the_requester(pd: Client) -> None:
    body = {"user": {"name": "Dan", "email": "dan@acme.example"}}
    assert pd.refused(400, "POST", "/users", body)["code"] == 2003
    assert pd.refused(400, "POST", "/users", body, From="who@acme.example")["code"] == 1008


def test_put_keeps_what_it_does_not_mention(pd: Client) -> None:
    key = pd.users["ben"]
    pd.ok(200, "PUT", f"/users/{key}", {"user": {"job_title": "SRE"}})
    user = pd.get(f"/users/{key}")["user"]
    assert (user["job_title"], user["email"], user["name"]) == ("SRE", "ben@acme.example", "Ben")


def test_me_needs_the_key_of_a_person(pd: Client) -> None:
    assert pd.refused(400, "GET", "/users/me")["code"] == 2001
    assert pd.get("/users/me", Authorization="Token token=u+abc")["user"]["email"] == "anna@acme.example"
    assert pd.get("/users/me", X_Sandbox_Actor="ben@acme.example")["user"]["email"] == "ben@acme.example"


def test_a_user_on_a_schedule_cannot_go(pd: Client) -> None:
    schedule = pd.schedule(pd.layer("ben"), name="Default")
    error = pd.refused(400, "DELETE", f"/users/{pd.users['ben']}")
    text = "The user cannot be deleted as they have 1 schedule. Please remove the user from the following schedule"
    text += " to continue."
    assert error == {  # as recorded: neither code nor message
        "errors": [text],
        "conflicts": [
            {"type": "schedule", "url": f"/schedules/{schedule['id']}", "id": schedule["id"], "name": "Default"}
        ],
    }


def test_a_user_on_a_policy_or_with_an_incident_cannot_go(pd: Client) -> None:
    policy = pd.policy("ben", name="P")
    error = pd.refused(400, "DELETE", f"/users/{pd.users['ben']}")
    assert error["conflicts"][0]["type"] == "escalation_policy"
    pd.incident(pd.service(policy["id"])["id"])
    body = {"escalation_policy": {"escalation_rules": [pd.rule("anna")]}}
    pd.ok(200, "PUT", f"/escalation_policies/{policy['id']}", body)
    assert pd.refused(400, "DELETE", f"/users/{pd.users['ben']}")["code"] == 2001


def test_a_deleted_user_stays_as_a_stub_where_it_was(pd: Client) -> None:
    schedule = pd.schedule(pd.layer("ben"), pd.layer("anna"))
    ended = [{"id": layer["id"], "end": "2026-11-21T09:00:00Z"} for layer in schedule["schedule_layers"][::-1]][:1]
    pd.ok(200, "PUT", f"/schedules/{schedule['id']}", {"schedule": {"schedule_layers": ended}})
    pd.ok(204, "DELETE", f"/users/{pd.users['ben']}")
    pd.refused(404, "GET", f"/users/{pd.users['ben']}")
    assert "ben@acme.example" not in [user["email"] for user in pd.get("/users")["users"]]
    stubs = [user for user in pd.get(f"/schedules/{schedule['id']}")["schedule"]["users"] if "deleted_at" in user]
    assert [(one["id"], one["summary"]) for one in stubs] == [(pd.users["ben"], "Ben")]
    create(pd, email="ben@acme.example")  # the address is free again


def contact(pd: Client, **fields: object) -> dict[str, object]:
    sms = {"type": "sms_contact_method", "label": "Mobile", "address": "5550100", "country_code": 1}
    return {"contact_method": {**sms, **fields}}


def test_deleting_somebody_ends_their_overrides(pd: Client) -> None:
    schedule = pd.schedule(pd.layer("anna"))
    who = {"id": pd.users["cleo"], "type": "user_reference"}
    spans = (("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"), ("2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z"))
    sent = [{"start": start, "end": end, "user": who} for start, end in spans]
    path = f"/schedules/{schedule['id']}"
    pd.ok(201, "POST", f"{path}/overrides", {"overrides": sent})
    pd.clock("2026-11-21T12:00:00Z")
    pd.ok(204, "DELETE", f"/users/{pd.users['cleo']}")
    final = pd.get(f"{path}?since=2026-11-21T10:00:00Z&until=2026-11-30T00:00:00Z")["schedule"]["final_schedule"]
    found = [(one["end"], one["user"]["summary"]) for one in final["rendered_schedule_entries"]]
    assert found == [("2026-11-21T12:00:00+00:00", "Cleo"), ("2026-11-30T00:00:00+00:00", "Anna")]


def test_contact_methods_come_and_go_with_their_rules(pd: Client) -> None:
    path = f"/users/{pd.users['anna']}"
    method = pd.ok(201, "POST", f"{path}/contact_methods", contact(pd))["contact_method"]
    rule = {
        "start_delay_in_minutes": 5,
        "urgency": "high",
        "contact_method": {"id": method["id"], "type": "sms_contact_method"},
    }
    made = pd.ok(201, "POST", f"{path}/notification_rules", {"notification_rule": rule})["notification_rule"]
    assert made["contact_method"]["type"] == "sms_contact_method_reference"
    moved = {"notification_rule": {"start_delay_in_minutes": 7}}
    assert (
        pd.ok(200, "PUT", f"{path}/notification_rules/{made['id']}", moved)["notification_rule"][
            "start_delay_in_minutes"
        ]
        == 7
    )
    assert len(pd.get(f"{path}/notification_rules?urgency=all")["notification_rules"]) == 3
    assert len(pd.get(f"{path}/notification_rules")["notification_rules"]) == 2  # only high, unless asked
    renamed = pd.ok(200, "PUT", f"{path}/contact_methods/{method['id']}", {"contact_method": {"label": "Private"}})
    assert renamed["contact_method"]["label"] == "Private"
    pd.ok(204, "DELETE", f"{path}/contact_methods/{method['id']}")
    pd.refused(404, "GET", f"{path}/notification_rules/{made['id']}")
    assert pd.get(f"{path}/contact_methods")["total"] == 1
    assert len(pd.get(f"{path}/notification_rules?urgency=all")["notification_rules"]) == 2


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"type": "fax"}, "Type is not included in the list"),
        ({"label": ""}, "Label can't be blank"),
        ({"address": "five"}, "Address may only contain up to 40 digits and the characters , * #"),
        ({"address": "0" * 41}, "Address may only contain up to 40 digits and the characters , * #"),
        ({"country_code": 2000}, "Country code must be less than or equal to 1999"),
        ({"country_code": 44, "address": "0555"}, "Address must not start with a trunk prefix of 0"),
        ({"country_code": 52, "address": "1555"}, "Address must not start with 1 for Mexico"),
        ({"type": "email_contact_method", "address": "nobody"}, "Address is invalid"),
    ],
)
def test_what_a_contact_method_may_not_be(pd: Client, fields: dict[str, object], error: str) -> None:
    path = f"/users/{pd.users['anna']}/contact_methods"
    assert pd.refused(400, "POST", path, contact(pd, **fields))["errors"] == [error]


def test_contact_methods_and_rules_are_unique(pd: Client) -> None:
    path = f"/users/{pd.users['anna']}"
    pd.ok(201, "POST", f"{path}/contact_methods", contact(pd))
    errors = pd.refused(400, "POST", f"{path}/contact_methods", contact(pd, label="Again"))["errors"]
    assert errors == ["User Contact method must be unique"]
    pd.ok(201, "POST", f"{path}/contact_methods", contact(pd, country_code=33))
    (known, _) = pd.get(f"{path}/notification_rules?urgency=all")["notification_rules"]
    twice = {"start_delay_in_minutes": 0, "urgency": "high", "contact_method": known["contact_method"]}
    errors = pd.refused(400, "POST", f"{path}/notification_rules", {"notification_rule": twice})["errors"]
    assert errors == ["Channel Start delay must be unique for a given contact method"]
    later = {"notification_rule": {**twice, "start_delay_in_minutes": -1}}
    assert pd.refused(400, "POST", f"{path}/notification_rules", later)["code"] == 2001


def test_phones_cannot_be_paired_by_the_api(pd: Client) -> None:
    body = contact(pd, type="push_notification_contact_method", address="token")
    assert pd.refused(400, "POST", f"/users/{pd.users['anna']}/contact_methods", body)["code"] == 2001
