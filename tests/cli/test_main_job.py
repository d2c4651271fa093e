"""The main job through the command line, against the sandbox: plan, apply, nothing left to do."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable

import pytest

from tests.account import SMALL, Account, Result

Sync = Callable[..., Result]


@pytest.fixture
def sync(account: Account, capsys: pytest.CaptureFixture[str]) -> Sync:
    return lambda *words: account.sync(capsys, *words)


@pytest.fixture
def applied(account: Account, sync: Sync) -> Account:
    assert sync("apply", "--yes").code == 0
    account.forget()
    return account


def changes(result: Result) -> list[str]:
    return [f"{c['action']} {c['ref']} {c['why']}" for c in result.json["changes"]]


def test_plan_says_what_will_be_made_and_writes_nothing(account: Account, sync: Sync) -> None:
    planned = sync("plan", "--exit-code")
    assert planned.code == 2
    assert "+ create schedule checkout-night" in planned.out
    assert "4 to create" in planned.out
    assert account.writes() == []


def test_apply_makes_it_and_a_second_run_has_nothing_to_do(account: Account, sync: Sync) -> None:
    made = sync("apply", "--yes")
    assert made.code == 0
    assert "nothing left to do" in made.out
    account.forget()
    again = sync("plan", "--exit-code")
    assert (again.code, again.out.splitlines()[-1]) == (0, "nothing to do")
    assert sync("apply", "--yes").code == 0
    assert account.writes() == []


def test_what_was_made_is_what_was_asked_for(applied: Account) -> None:
    service = applied.one("services", "checkout")
    assert service["acknowledgement_timeout"] == 1800
    assert service["auto_resolve_timeout"] is None
    assert service["incident_urgency_rule"] == {"type": "constant", "urgency": "high"}
    assert service["description"].startswith("Managed by oncall-sync: acme/service.checkout #v1:")
    policy = applied.one("escalation_policies", "checkout")
    assert [r["escalation_delay_in_minutes"] for r in policy["escalation_rules"]] == [15, 10]
    assert policy["num_loops"] == 1
    schedule = applied.one("schedules", "checkout-night")
    assert [t["summary"] for t in schedule["teams"]] == ["Operations"]
    assert schedule["schedule_layers"][0]["rotation_virtual_start"] == "2026-01-05T08:00:00Z"


def test_two_people_change_places(applied: Account, sync: Sync) -> None:
    applied.edit("[anna, user5, ben, user6]", "[anna, user6, ben, user5]")
    planned = sync("plan")
    assert "checkout-night: user5 and user6 change places" in planned.out
    assert sync("apply", "--yes").code == 0
    assert sync("plan", "--exit-code").code == 0


def test_an_edit_at_the_provider_is_drift_and_goes_back(applied: Account, sync: Sync) -> None:
    policy = applied.one("escalation_policies", "checkout")
    body = {"escalation_policy": {**policy, "num_loops": 5}}
    applied.call("PUT", f"/escalation_policies/{policy['id']}", body)
    assert changes(sync("plan", "--format", "json")) == ["update escalation_policy.checkout drift"]
    assert "repeat: 5 -> 1" in sync("plan").out
    assert sync("apply", "--yes").code == 0
    assert applied.one("escalation_policies", "checkout")["num_loops"] == 1


def test_settings_that_no_policy_mentions_survive(applied: Account, sync: Sync) -> None:
    service = applied.one("services", "checkout")
    policy = applied.one("escalation_policies", "checkout")
    pause = {"enabled": True, "timeout": 300}
    applied.call("PUT", f"/services/{service['id']}", {"service": {"auto_pause_notifications_parameters": pause}})
    handoff = {"escalation_policy": {**policy, "on_call_handoff_notifications": "always"}}
    applied.call("PUT", f"/escalation_policies/{policy['id']}", handoff)
    assert sync("plan", "--exit-code").code == 0
    applied.edit("acknowledge_within: 30m", "acknowledge_within: 15m")
    applied.edit("repeat: 1", "repeat: 2")
    assert sync("apply", "--yes").code == 0
    after = applied.call("GET", f"/services/{service['id']}?include[]=auto_pause_notifications_parameters")[
        "service"
    ]
    assert after["auto_pause_notifications_parameters"] == pause
    assert after["acknowledgement_timeout"] == 900
    assert applied.one("escalation_policies", "checkout")["on_call_handoff_notifications"] == "always"


def test_a_rename_keeps_the_object_and_its_keys(applied: Account, sync: Sync) -> None:
    before = applied.one("services", "checkout")
    applied.edit(
        "  checkout:\n    escalation_policy", "  checkout:\n    name: Checkout page\n    escalation_policy"
    )
    planned = sync("plan", "--format", "json")
    assert changes(planned) == ["rename service.checkout pending"]
    assert sync("apply", "--yes").code == 0
    after = applied.one("services", "Checkout page")
    assert after["id"] == before["id"]
    assert [i["id"] for i in after["integrations"]] == [i["id"] for i in before["integrations"]]


def test_was_renames_a_key(applied: Account, sync: Sync) -> None:
    applied.edit("  checkout-night:\n", "  night:\n    was: checkout-night\n")
    applied.edit("{schedule: checkout-night}", "{schedule: night}")
    before = applied.one("schedules", "checkout-night")["id"]
    assert changes(sync("plan", "--format", "json")) == ["rename schedule.night pending"]
    assert sync("apply", "--yes").code == 0
    assert applied.one("schedules", "night")["id"] == before
    assert sync("plan", "--exit-code").code == 0


def test_what_is_no_longer_declared_is_deleted_behind_a_guard(applied: Account, sync: Sync) -> None:
    start = SMALL.index("services:")
    applied.write("policies/small.yaml", SMALL[:start])
    assert changes(sync("plan", "--format", "json")) == ["delete service.checkout pending"]
    assert sync("plan", "--exit-code").code == 3
    refused = sync("apply", "--yes")
    assert refused.code == 3
    assert "--waive service-deleted=" in refused.err
    assert applied.writes() == []
    assert sync("apply", "--yes", "--waive", "service-deleted=moved to another tool").code == 0
    assert [w.split("/")[1] for w in applied.writes()] == ["services"]
    assert sync("plan", "--exit-code").code == 0


def test_everything_goes_in_an_order_that_the_vendor_accepts(applied: Account, sync: Sync) -> None:
    applied.write("policies/small.yaml", "")
    waived = ["service-deleted", "team-emptied"]
    options = [word for rule in waived for word in ("--waive", f"{rule}=closing down")]
    assert sync("apply", "--yes", "--provider", "pagerduty", *options).code == 0
    assert [w.split("/")[1] for w in applied.writes()] == ["services", "escalation_policies", "schedules", "teams"]
    assert sync("plan", "--exit-code").code == 0


def test_no_policy_file_at_all_is_guarded(applied: Account, sync: Sync) -> None:
    (applied.folder / "policies" / "small.yaml").unlink()
    assert sync("apply", "--yes", "--provider", "pagerduty").code == 3
    assert applied.writes() == []


def test_unmanaged_objects_are_counted_and_left_alone(applied: Account, sync: Sync) -> None:
    applied.call("POST", "/teams", {"team": {"name": "Others"}})
    planned = sync("plan", "--exit-code")
    assert planned.code == 0
    assert planned.out.splitlines()[-1] == "nothing to do (1 unmanaged object is left alone)"


def test_adoption_writes_the_mark_and_nothing_that_rings(account: Account, sync: Sync) -> None:
    account.call("POST", "/teams", {"team": {"name": "Operations", "description": "since 2014"}})
    planned = sync("plan", "--format", "json")
    assert "adopt team.ops pending" in changes(planned)
    assert sync("apply", "--yes").code == 0
    team = account.one("teams", "Operations")
    assert team["description"].startswith("since 2014\n\nManaged by oncall-sync: acme/team.ops")


def test_adopting_what_rings_differently_needs_a_waiver(account: Account, sync: Sync) -> None:
    assert sync("apply", "--yes").code == 0
    policy = account.one("escalation_policies", "checkout")
    edited = {**policy, "description": "Managed by Terraform", "num_loops": 0}
    account.call("PUT", f"/escalation_policies/{policy['id']}", {"escalation_policy": edited})
    refused = sync("apply", "--yes")
    assert refused.code == 3
    assert "Terraform manages it" in refused.err
    assert "it would ring differently (repeat)" in refused.err
    assert sync("apply", "--yes", "--waive", "risky-adoption=agreed with the platform team").code == 0
    assert sync("plan", "--exit-code").code == 0


def test_another_workspace_is_refused_and_the_rest_goes_on(applied: Account, sync: Sync) -> None:
    applied.edit("workspace: acme", "workspace: other", "oncall.yaml")
    applied.edit("  ops: {name: Operations", "  ops2: {name: Operations Two")
    applied.edit("team: ops\n", "team: ops2\n")
    planned = sync("plan")
    assert "belongs to the workspace 'acme'" in planned.out
    partly = sync("apply", "--yes")
    assert partly.code == 5
    assert "done           create team Operations Two" in partly.out
    assert "not attempted" in partly.out
    assert applied.one("schedules", "checkout-night")["description"].count("acme/") == 1


def test_a_missing_person_stops_only_what_names_them(account: Account, sync: Sync) -> None:
    account.edit("user6: {email: user6@", "user6: {email: gone@")
    planned = sync("plan")
    assert planned.code == 0
    assert "gone@example.com (user6) is not a user of pagerduty" in planned.out
    assert "policies/small.yaml:" in planned.out
    partly = sync("apply", "--yes")
    assert partly.code == 5
    assert account.one("teams", "Operations")
    assert sync("apply", "--yes").code == 1


def test_external_objects_are_used_and_never_written(applied: Account, sync: Sync) -> None:
    theirs = SMALL.replace("team: ops\n", "").replace(
        "  checkout:\n    levels:", "  checkout:\n    external: true\nx:"
    )
    theirs = theirs[: theirs.index("x:")] + theirs[theirs.index("services:") :]
    theirs = theirs.replace("services:\n  checkout:", "services:\n  checkout-eu:").replace(
        "email: checkout,", "email: eu,"
    )
    applied.write(
        "policies/small.yaml", theirs[: theirs.index("teams:")] + theirs[theirs.index("escalation_policies:") :]
    )
    applied.edit("workspace: acme", "workspace: other", "oncall.yaml")
    assert changes(sync("plan", "--format", "json")) == ["create service.checkout-eu new"]
    assert sync("apply", "--yes").code == 0
    assert all("escalation_policies" not in write for write in applied.writes())


def test_declared_overrides_are_made_once_and_swaps_by_people_are_shown(applied: Account, sync: Sync) -> None:
    schedule = applied.one("schedules", "checkout-night")
    people = {u["name"]: u["id"] for u in applied.call("GET", "/users?limit=100")["users"]}
    swap = {"start": "2026-11-26T09:00:00Z", "end": "2026-11-27T09:00:00Z"}
    swap["user"] = {"id": people["Carla"], "type": "user_reference"}  # type: ignore[assignment]
    applied.call("POST", f"/schedules/{schedule['id']}/overrides", {"overrides": [swap]})
    assert sync("plan", "--exit-code").code == 0
    override = "\n    overrides: {since: 2026-12-24 09:00, until: 2026-12-25 09:00, user: ben, instead_of: anna}"
    applied.edit("every: 1 week}", "every: 1 week}" + override)
    planned = sync("plan")
    assert "overrides 2026-12-24 09:00: anna -> ben until 2026-12-25 09:00" in planned.out
    assert "checkout-night: carla@example.com from 2026-11-26T09:00:00Z" in planned.out
    applied.forget()
    assert sync("apply", "--yes").code == 0
    assert applied.writes() == [f"POST /schedules/{schedule['id']}/overrides"]
    assert sync("plan", "--exit-code").code == 0


def test_a_saved_plan_is_applied_only_as_approved(account: Account, sync: Sync) -> None:
    assert sync("plan", "--out", "plans/p.json").code == 0
    path = account.folder / "plans" / "p.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    saved = json.loads(path.read_text())
    assert saved["summary"]["create"] == 4
    account.edit("repeat: 1", "repeat: 3")
    stale = sync("apply", "plans/p.json")
    assert stale.code == 4
    assert "escalation_policy.checkout: repeat would change otherwise than approved" in stale.err
    assert account.writes() == []
    account.edit("repeat: 3", "repeat: 1")
    assert sync("apply", "plans/p.json").code == 0
    assert sync("apply", "plans/p.json").code == 4


def test_calls_are_listed_in_order_without_bodies(account: Account, sync: Sync) -> None:
    planned = sync("plan", "--calls")
    lines = [line.split() for line in planned.out.partition("requests\n")[2].splitlines()]
    assert [line[:2] for line in lines][:2] == [
        ["POST", "/teams"],
        ["PUT", "/teams/@{team.ops}/users/" + lines[1][1][-7:]],
    ]
    assert "@example.com" not in planned.out.partition("requests\n")[2]


def test_the_journal_tells_every_call(applied: Account) -> None:
    (path,) = (applied.folder / "plans").glob("*.journal")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    events = [line["event"] for line in lines]
    assert events[0] == "start"
    assert events[-1] == "end"
    assert events.count("before") == events.count("after") > 6


def test_reading_costs_one_call_per_page_and_team(applied: Account, sync: Sync) -> None:
    assert sync("plan").code == 0
    log = applied.log()
    assert all(r["method"] == "GET" for r in log)
    paths = sorted(r["path"] for r in log)
    assert len(paths) == len(set(paths)), paths
    assert len(paths) <= 10, paths


@pytest.mark.parametrize("names", ["bca", "bac", "cab"])
def test_names_may_go_round(account: Account, sync: Sync, names: str) -> None:
    more = "".join(f"  {key}: {{escalation_policy: checkout, urgency: low}}\n" for key in "abc")
    account.write("policies/small.yaml", SMALL + more)
    assert sync("apply", "--yes").code == 0
    before = {key: account.one("services", key)["id"] for key in "abc"}
    renamed = "".join(
        f"  {key}: {{name: {name}, escalation_policy: checkout, urgency: low}}\n"
        for key, name in zip("abc", names, strict=True)
    )
    account.write("policies/small.yaml", SMALL + renamed)
    made = sync("apply", "--yes")
    assert made.code == 0, made.out
    assert {key: account.one("services", name)["id"] for key, name in zip("abc", names, strict=True)} == before
    assert sync("plan", "--exit-code").code == 0


def test_whoever_is_no_longer_called_leaves_the_team_and_that_is_nobodys_drift(
    applied: Account, sync: Sync
) -> None:
    applied.edit("[anna, user5, ben, user6]", "[anna, user5, ben]")
    assert changes(sync("plan", "--format", "json")) == [
        "update team.ops pending",
        "update schedule.checkout-night pending",
    ]
    assert sync("apply", "--yes", "--waive", "mid-shift-change=a test").code == 0
    team = applied.one("teams", "Operations")["id"]
    members = applied.call("GET", f"/teams/{team}/members?include[]=users")["members"]
    assert sorted(m["user"]["name"] for m in members) == ["Anna", "Ben", "User5"]
    assert sync("plan", "--exit-code").code == 0


def test_a_renamed_integration_keeps_its_key(applied: Account, sync: Sync) -> None:
    before = keys(applied)
    applied.edit("{monitoring: {events: api}", "{alerts: {events: api}")
    applied.edit("mail: {email: checkout", "post: {email: checkout")
    planned = sync("plan", "--format", "json").json
    assert [(f["path"], f["before"], f["after"]) for f in planned["changes"][0]["fields"]] == [
        ("integrations.alerts.name", "monitoring", "alerts"),
        ("integrations.post.name", "mail", "post"),
    ]
    assert sync("apply", "--yes").code == 0
    assert not [w for w in applied.writes() if w.startswith(("POST", "DELETE"))]
    assert {
        i["id"]: i["integration_key"] for i in integrations(applied) if i["type"].startswith("events")
    } == before
    assert sorted(i["summary"] for i in integrations(applied)) == ["alerts", "post"]
    assert sync("plan", "--exit-code").code == 0


def integrations(account: Account) -> list[dict[str, object]]:
    service = account.one("services", "checkout")["id"]
    found = account.call("GET", f"/services/{service}?include[]=integrations")["service"]["integrations"]
    return [account.call("GET", f"/services/{service}/integrations/{i['id']}")["integration"] for i in found]


def keys(account: Account) -> dict[object, object]:
    return {i["id"]: i["integration_key"] for i in integrations(account) if str(i["type"]).startswith("events")}


def test_a_waiver_for_a_rule_that_does_not_exist_is_an_error(account: Account, sync: Sync) -> None:
    waiver = "{rule: integration-replacd, reason: x, owner: anna, until: 2027-01-01}"
    account.write("policies/waivers.yaml", f"waivers:\n  - {waiver}\n")
    checked = sync("validate")
    assert checked.code == 1
    assert "policies/waivers.yaml:2:" in checked.out
    assert "did you mean 'integration-replaced'?" in checked.out


def test_what_pagerduty_cannot_hold_is_said_with_its_line_and_stops_apply(account: Account, sync: Sync) -> None:
    account.edit("[anna, user5, ben, user6]", "[anna, nobody, ben, user6]")
    checked = sync("validate")
    assert checked.code == 1
    assert "policies/small.yaml:13:" in checked.out
    stopped = sync("apply", "--yes")
    assert stopped.code == 1
    assert "[cannot]" in stopped.err
    assert account.writes() == []


def test_who_tells_of_gaps_and_of_events_that_are_lost(account: Account, sync: Sync) -> None:
    account.edit("every: 1 week}", "every: 1 week, hours: Mon-Fri 09:00-18:00}")
    account.edit("      - {notify: {user: ben}, escalate_after: 10m}\n", "")
    lost = sync("who", "--service", "checkout", "--at", "sat 03:00")
    assert "no incident is opened, because nobody at all is on call" in lost.out


def test_a_gap_that_a_plan_opens_is_refused(applied: Account, sync: Sync) -> None:
    applied.edit("every: 1 week}", "every: 1 week, hours: Mon-Fri 09:00-18:00}")
    applied.edit("      - {notify: {user: ben}, escalate_after: 10m}\n", "")
    planned = sync("plan")
    assert "[policy-gap; refused unless waived]" in planned.out
    assert "nobody will be on call" in planned.out
    assert sync("apply", "--yes").code == 3
    assert applied.writes() == []


def test_a_new_service_may_have_hours_but_not_nobody_ever(account: Account, sync: Sync) -> None:
    account.edit("every: 1 week}", "every: 1 week, hours: Mon-Fri 09:00-18:00}")
    account.edit("      - {notify: {user: ben}, escalate_after: 10m}\n", "")
    assert "warning: service checkout has nobody at all to ring" in sync("plan").out
    account.edit("hours: Mon-Fri 09:00-18:00}", "until: 2026-02-02 09:00}")
    assert sync("apply", "--yes").code == 3
    account.edit(", until: 2026-02-02 09:00}", ", hours: Mon-Fri 09:00-18:00}")
    assert sync("apply", "--yes").code == 0
    assert sync("plan", "--exit-code").code == 0


def test_swaps_count_where_only_a_service_goes_to_another_policy(applied: Account, sync: Sync) -> None:
    """Whoever took over a night rings there, before as after, although no schedule changes."""
    second = "  second:\n    levels: [{notify: {user: anna}}]\nservices:\n"
    applied.edit("services:\n", second)
    assert sync("apply", "--yes").code == 0
    schedule = applied.one("schedules", "checkout-night")
    carla = next(u["id"] for u in applied.call("GET", "/users")["users"] if u["name"] == "Carla")
    swap = {"start": "2026-11-26T09:00:00Z", "end": "2026-11-27T09:00:00Z"}
    body = {"overrides": [{**swap, "user": {"id": carla, "type": "user_reference"}}]}
    applied.call("POST", f"/schedules/{schedule['id']}/overrides", body)
    applied.edit("    escalation_policy: checkout\n", "    escalation_policy: second\n")
    pages = sync("plan", "--format", "json").json["impact"]["pages"]
    assert [page["before"] for page in pages if page["since"] == swap["start"]] == [["carla@example.com"]]
