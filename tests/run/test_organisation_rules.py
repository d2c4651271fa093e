"""The organisation's rules through the whole program: validate, plan and apply against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from oncall_sync.policy.rules_file import rules_of
from tests.account import Account, Result
from tests.cli.corpus import TEXTS, acted_on

Sync = Callable[..., Result]
RULES = """\
rules:
  people_per_rota: {at_least: 4, why: nobody is on call every other week}
  no_direct_users: {except_last: 1}
  longest_shift: 1 week
"""
WAIVER = """\
waivers:
  - {rule: people_per_rota, for: {schedule: checkout-night}, reason: one leaves, owner: lead, until: 2026-12-01}
"""
ROTA = "[anna, user5, ben, user6]"


@pytest.fixture
def sync(account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Sync:
    monkeypatch.setattr("oncall_sync.run.stopping.Stop.sleep", lambda _self, _seconds: None)
    account.edit("policies: policies\n", "policies: policies\nrules: rules.yaml\n", "oncall.yaml")
    account.write("rules.yaml", RULES)
    return lambda *words: account.sync(capsys, *words)


def rules(result: Result) -> list[tuple[str, str]]:
    return [(f["rule"], f["level"]) for f in result.json["findings"] if f["rule"].startswith("org-")]


def test_policies_that_obey_are_applied_in_silence(sync: Sync) -> None:
    valid = sync("validate")
    assert (valid.code, valid.out.splitlines()[-1]) == (
        0,
        "valid: 1 team, 4 users, 1 schedule, 1 escalation policy, 1 service, 3 rules",
    )
    applied = sync("apply", "--yes")
    assert applied.code == 0
    assert "org-" not in applied.out


def test_what_breaks_a_rule_is_refused_and_nothing_is_written(account: Account, sync: Sync) -> None:
    account.edit(ROTA, "[anna, ben]")
    invalid = sync("validate")
    assert invalid.code == 1
    assert (
        "policies/small.yaml:13:16: error: schedule checkout-night: 2 people are in it (anna, ben) instead of at"
        " least 4: add members (the organisation's rule people_per_rota at rules.yaml:2:3; nobody is on call every"
        " other week) [org-people-per-rota; refused unless waived]"
    ) in invalid.out
    assert rules(sync("plan", "--format", "json")) == [("org-people-per-rota", "error")]
    assert sync("plan", "--exit-code").code == 3
    account.forget()
    refused = sync("apply", "--yes")
    assert refused.code == 3
    assert "apply with --waive org-people-per-rota='the reason'" in refused.err
    assert account.writes() == []
    waived = sync("apply", "--yes", "--waive", "org-people-per-rota=the office burns")
    assert waived.code == 0
    assert "[waived: the office burns]" in waived.out


def test_what_was_so_before_does_not_hold_up_a_repair(account: Account, sync: Sync) -> None:
    account.edit(ROTA, "[anna, ben]")
    account.write("rules.yaml", "rules: {}\n")
    assert sync("apply", "--yes").code == 0
    account.write("rules.yaml", RULES)
    account.edit("escalate_after: 10m", "escalate_after: 5m")
    planned = sync("plan", "--format", "json")
    assert rules(planned) == [("org-people-per-rota", "warning")]
    assert sync("apply", "--yes").code == 0
    account.edit("[anna, ben]", "[anna]")
    assert sync("apply", "--yes").code == 3


def test_a_long_shift_is_told_by_plan_alone(account: Account, sync: Sync) -> None:
    account.edit(ROTA, "[anna, anna, ben, user5, user6]")
    assert sync("validate").code == 0
    planned = sync("plan", "--format", "json")
    assert rules(planned) == [("org-longest-shift", "error")]


def test_a_waiver_holds_until_its_day_is_over(account: Account, sync: Sync) -> None:
    account.edit(ROTA, "[anna, ben]")
    account.write("rules.yaml", RULES)
    account.write("waivers.yaml", WAIVER)
    account.edit("rules: rules.yaml", "rules: [rules.yaml, waivers.yaml]", "oncall.yaml")
    assert rules(sync("validate", "--format", "json")) == [
        ("org-people-per-rota", "note"),
        ("org-waiver-ends", "note"),
    ]
    assert "[waived: one leaves (lead, until 2026-12-01)]" in sync("validate").out
    assert sync("apply", "--yes").code == 0
    account.now = None
    late = sync("validate", "--format", "json", "--now", "2026-12-02T00:00:00Z")
    assert (late.code, rules(late)) == (1, [("org-people-per-rota", "error"), ("org-waiver-ended", "warning")])
    early = sync("validate", "--now", "2026-12-01T23:59:59Z")
    assert early.code == 0


def test_a_team_cannot_let_itself_off(account: Account, sync: Sync) -> None:
    account.edit(ROTA, "[anna, ben]")
    waiver = "{rule: org-people-per-rota, reason: we like it, owner: anna, until: 2027-01-01}"
    account.write("policies/waivers.yaml", f"waivers: [{waiver}]\n")
    found = sync("validate", "--format", "json")
    assert found.code == 1
    assert [f["rule"] for f in found.json["findings"]] == ["waiver-unknown", "org-people-per-rota"]
    assert "cannot be waived here" in found.json["findings"][0]["message"]
    assert sync("apply", "--yes").code == 3


def test_reachable_is_read_only_when_a_rule_asks(account: Account, sync: Sync) -> None:
    account.forget()
    sync("plan")
    asked = len(account.log())
    account.write("rules.yaml", "rules: {reachable: phone}\n")
    account.forget()
    found = sync("plan", "--format", "json")
    assert len(account.log()) > asked
    assert set(rules(found)) == {("org-reachable", "warning")}
    assert "cannot be reached by phone" in found.out
    account.write("rules.yaml", "rules: {reachable: {by: phone, level: error}}\n")
    assert sync("plan", "--exit-code").code == 3


def test_errors_in_rules_and_policies_come_together(account: Account, sync: Sync) -> None:
    account.write("rules.yaml", "rules:\n  levls: 2\n  human_within: soon\n")
    account.edit("repeat: 1", "repaet: 1")
    found = sync("plan")
    assert found.code == 1
    assert [line.split(" ")[0] for line in found.err.splitlines()] == [
        "policies/small.yaml:19:5:",
        "rules.yaml:2:3:",
        "rules.yaml:3:17:",
    ]
    assert account.log() == []


def hostile_rules() -> str:
    """Return a file in which every hostile text that may stand in one is a reason or an owner."""
    rules, waivers = [], []
    for text in map(json.dumps, TEXTS.values()):
        rule = f"  - levels: {{at_least: 9, why: {text}}}"
        waiver = (
            f"  - {{rule: levels, for: {{service: {text}}}, reason: {text}, owner: {text}, until: 2026-12-31}}"
        )
        if not rules_of(f"rules:\n{rule}\nwaivers:\n{waiver}\n".encode(), "r.yaml")[1]:
            rules.append(rule)
            waivers += [waiver, waiver.replace(f"service: {text}", "service: checkout")]
    assert len(rules) > 25
    return "\n".join(["rules:", *rules, "waivers:", *waivers]) + "\n"


def test_hostile_reasons_do_nothing_to_whoever_reads_them(account: Account, sync: Sync) -> None:
    account.write("rules.yaml", hostile_rules())
    for words in ("validate", "plan"):
        for form in ("text", "json", "sarif", "junit", "github", *(["markdown"] if words == "plan" else [])):
            found = sync(words, "--format", form)
            assert "Traceback" not in found.err
            assert "defect" not in found.err
            meant = [line for line in found.out.splitlines() if form == "github" and line.startswith("::")]
            rest = "\n".join(line for line in found.out.splitlines() if line not in meant)
            assert acted_on(rest) + acted_on(found.err) == []
            assert all(line.startswith(("::notice ", "::warning ", "::error ")) for line in meant)
            assert len(meant) <= 30


def test_every_form_tells_of_rules(account: Account, sync: Sync) -> None:
    account.edit(ROTA, "[anna, ben]")
    sarif = sync("plan", "--format", "sarif").json["runs"][0]
    (rule,) = [rule for rule in sarif["tool"]["driver"]["rules"] if rule["id"] == "org-people-per-rota"]
    assert rule["help"]["text"].startswith(
        "A rule of the organisation is broken: so many people take turns in every"
    )
    (result,) = [result for result in sarif["results"] if result["ruleId"] == "org-people-per-rota"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("policies/small.yaml", 13)
    assert "::error file=policies/small.yaml,line=13" in sync("plan", "--format", "github").out
    assert "<failure" in sync("plan", "--format", "junit").out
    assert "org-people-per-rota" in sync("plan", "--format", "markdown").out


def test_the_schema_of_rules(sync: Sync) -> None:
    assert sync("schema").json["title"] == sync("schema", "policies").json["title"] == "oncall-sync policy"
    assert sync("schema", "rules").json["title"] == "oncall-sync rules"
    assert sync("schema", "checks").code == 1
