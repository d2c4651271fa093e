"""The forms from the command line: the form on stdout, the text on stderr, exit codes as ever."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from oncall_sync.cli.formats import ANNOTATIONS
from tests.account import CONFIG, SMALL, Account, Result
from tests.cli.corpus import TEXTS, acted_on, in_names
from tests.report.reading import acts, read

Capture = pytest.CaptureFixture[str]
FORMS = ("markdown", *ANNOTATIONS)
TOKEN = "y_NbAkKc66ryYTWUXYEu"
WRONG = ("repeat: 1", "repaet: 1")
PLACE = "policies/small.yaml:19:5"
each_form = pytest.mark.parametrize("form", FORMS)
each_annotation = pytest.mark.parametrize("form", ANNOTATIONS)


def well_formed(form: str, result: Result) -> str:
    """What stdout says, as a reader of that form reads it."""
    if form == "markdown":
        shown = read(result.out)
        assert acts(shown) == []
        return shown.text
    if form == "sarif":
        found = json.loads(result.out)["runs"][0]
        notes = found["invocations"][0].get("toolExecutionNotifications", [])
        return "\n".join(each["message"]["text"] for each in (*found["results"], *notes))
    if form == "junit":
        return "\n".join(value for each in ET.fromstring(result.out).iter() for value in each.attrib.values())
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in result.out.splitlines())
    return result.out


@each_form
def test_a_plan_is_told_twice(form: str, account: Account, capsys: Capture) -> None:
    plain = account.sync(capsys, "plan")
    told = account.sync(capsys, "plan", "--format", form, "--out", "plans/pr.json", "--exit-code")
    assert (plain.code, told.code) == (0, 2)
    assert told.err == plain.out
    well_formed(form, told)
    saved = json.loads((account.folder / "plans/pr.json").read_text())
    if form == "markdown":
        assert told.out.rstrip().endswith(saved["digest"])
        assert "oncall-sync apply plans/pr.json" in told.out
        assert (
            "oncall-sync apply" not in account.sync(capsys, "plan", "--format", form, "--target", "team.ops").out
        )
    calls = account.sync(capsys, "plan", "--format", form, "--calls")
    assert "requests" in calls.err
    assert "requests" not in calls.out


@each_annotation
def test_validate_is_told_twice(form: str, account: Account, capsys: Capture) -> None:
    account.edit("urgency: high\n", "urgency: high\n    human_within: 1m\n")
    plain = account.sync(capsys, "validate")
    told = account.sync(capsys, "validate", "--format", form)
    assert told.code == plain.code == 1
    assert told.err == plain.out
    assert "human_within" in told.out
    assert "promises a human within 1m" in well_formed(form, told)
    if form == "junit":
        (case,) = ET.fromstring(told.out).iter("testcase")
        assert case.attrib["name"] == "human_within: service checkout"


@each_form
def test_problems_of_policies_are_told_in_the_form(form: str, account: Account, capsys: Capture) -> None:
    account.edit(*WRONG)
    for command in ("plan", "validate") if form in ANNOTATIONS else ("plan",):
        told = account.sync(capsys, command, "--format", form)
        assert told.code == 1
        assert told.err.startswith(f"{PLACE}: unknown key 'repaet'")
        assert "unknown key 'repaet' (did you mean 'repeat'?)" in well_formed(form, told)
    if form == "github":
        assert told.out.startswith("::error file=policies/small.yaml,line=19,col=5,title=policy::")
    if form == "markdown":
        assert told.out.startswith("<!-- oncall-sync:plan:acme -->\n")


@each_form
def test_any_other_error_is_told_in_the_form(
    form: str, account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    told = account.sync(capsys, "plan", "--format", form)
    assert told.code == 1
    assert "PAGERDUTY_TOKEN" in told.err
    assert "PAGERDUTY_TOKEN" in well_formed(form, told)


def test_a_broken_config_has_a_marker_too(account: Account, capsys: Capture) -> None:
    account.write("oncall.yaml", "workspace: [\n")
    told = account.sync(capsys, "plan", "--format", "markdown")
    assert told.code == 1
    assert told.out.startswith("<!-- oncall-sync:plan -->\n")


@pytest.mark.parametrize("git", ["folder", "file"])
def test_files_count_from_the_top_of_the_repository(
    git: str, account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.write("conf/.on call/oncall.yaml", CONFIG)
    account.write("conf/.on call/policies/small.yaml", SMALL.replace(*WRONG))
    top = account.folder / "conf/.git"
    _ = top.mkdir() if git == "folder" else top.write_text("gitdir: elsewhere\n")
    config = ["--config", "conf/.on call/oncall.yaml"]
    told = account.sync(capsys, "validate", "--format", "github", *config)
    assert told.out.startswith("::error file=.on call/policies/small.yaml,line=19,")
    monkeypatch.chdir(account.folder / "conf/.on call")
    told = account.sync(capsys, "validate", "--format", "sarif")
    assert '"uri": ".on%20call/policies/small.yaml"' in told.out
    monkeypatch.chdir(account.folder / "conf")
    told = account.sync(capsys, "plan", "--format", "markdown", "--config", ".on call/oncall.yaml")
    assert "policies/small.yaml:19:5" in told.out


def test_outside_a_repository_files_count_from_here(account: Account, capsys: Capture) -> None:
    account.edit(*WRONG)
    assert not [each for each in (account.folder, *account.folder.parents) if (each / ".git").exists()]
    told = account.sync(capsys, "validate", "--format", "github")
    assert "file=policies/small.yaml" in told.out
    account.write("sub/oncall.yaml", CONFIG)
    account.write("sub/policies/small.yaml", SMALL.replace(*WRONG))
    told = account.sync(capsys, "validate", "--format", "github", "--config", "sub/oncall.yaml")
    assert "file=sub/policies/small.yaml" in told.out


def test_the_config_is_part_of_the_command(account: Account, capsys: Capture) -> None:
    account.write("other.yaml", CONFIG)
    told = account.sync(capsys, "plan", "--format", "markdown", "--config", "other.yaml")
    assert "oncall-sync apply --config other.yaml\n" in told.out


@each_form
def test_hostile_names_in_every_form(form: str, account: Account, capsys: Capture) -> None:
    services = {
        f"s{n}": {
            **({"name": text[:100]} if in_names(text) and text.strip() else {}),
            "description": text,
            "escalation_policy": "checkout",
            "urgency": "high",
        }
        for n, text in enumerate(TEXTS.values())
    }
    account.write("policies/many.yaml", yaml.safe_dump({"provider": "pagerduty", "services": services}))
    told = account.sync(capsys, "plan", "--format", form)
    assert told.code == 0, told.err
    well_formed(form, told)
    assert acted_on(told.err) == []
    assert "##[" not in told.out + told.err
    assert TOKEN not in told.out + told.err
    if form != "github":
        assert acted_on(told.out) == []
    if form == "markdown":
        assert "<script" not in told.out
        assert "@all" not in told.out


def test_the_help_stays_light() -> None:
    code = (
        "import sys; from oncall_sync.cli.main import run; run(['plan', '--help']);"
        "print([m for m in sys.modules if m.startswith('oncall_sync.report')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "[text|json|markdown|github|sarif|junit]" in done.stdout


def test_nothing_is_written_beside(account: Account, capsys: Capture) -> None:
    before = sorted(account.folder.rglob("*"))
    for form in FORMS:
        account.sync(capsys, "plan", "--format", form)
    assert sorted(Path(account.folder).rglob("*")) == before
