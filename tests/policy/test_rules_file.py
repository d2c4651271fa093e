"""Rules files: what they may say, where what is wrong is told, and that strangers' files do no harm."""

from __future__ import annotations

import json
import os
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from oncall_sync.errors import PolicyErrors, Problem
from oncall_sync.model import Hours, Ref, Source, Waiver
from oncall_sync.model.rule import (
    RULES,
    EligibleRule,
    HandoffsRule,
    HumanWithinRule,
    LevelsRule,
    NoDirectUsersRule,
    ReachableRule,
    RuleBook,
    Selection,
)
from oncall_sync.policy.config import Config, load_config
from oncall_sync.policy.load import load
from oncall_sync.policy.reading import read
from oncall_sync.policy.rules_file import rules_of
from oncall_sync.policy.schema import DRAFT, dumps, rules_schema
from tests.cli.corpus import BOMB, TEXTS

ROOT = Path(__file__).parents[2]
SCHEMA = Draft7Validator(rules_schema())
WAIVER = "{rule: levels, for: {service: shop}, reason: too new, owner: anna, until: 2026-12-31}"


def book(text: str) -> RuleBook:
    found, problems = rules_of(text.encode(), "rules.yaml")
    assert problems == []
    assert SCHEMA.is_valid(as_json(text))
    return found


def as_json(text: str) -> object:
    document, _ = read(text.encode(), "rules.yaml")
    assert document is not None
    return json.loads(json.dumps(document.data))


def wrong(text: str) -> list[str]:
    found, problems = rules_of(text.encode(), "rules.yaml")
    assert found == RuleBook()
    assert all(str(problem).isprintable() for problem in problems)
    return [str(problem).removeprefix("rules.yaml:") for problem in problems]


def test_short_forms_say_the_same_as_long_ones() -> None:
    short = "rules: {levels: 2, human_within: 15m, no_direct_users: true, eligible: vpn, reachable: [push, phone]}"
    long = """\
rules:
  - levels: {at_least: 2}
  - human_within: {limit: 15m, urgency: high}
  - no_direct_users: {except_last: 0}
  - eligible: {has: [vpn]}
  - reachable: {by: [push, phone]}
"""
    assert book(short) == book(long)
    assert book(short).rules == (
        LevelsRule(at_least=2),
        HumanWithinRule(limit=timedelta(minutes=15)),
        NoDirectUsersRule(),
        EligibleRule(has=frozenset({"vpn"})),
        ReachableRule(by=("push", "phone"), level="warning"),
    )


def test_all_that_a_rule_can_say() -> None:
    text = """\
rules:
  - handoffs:
      during: Mon-Fri 09:00-17:00
      level: warning
      why: people are awake
      see: https://wiki.example.com/x
      applies_to: {team: [a, b], kind: schedule, key: "*-primary", provider: pd, urgency: high}
waivers: WAIVER
""".replace("WAIVER", WAIVER)
    found = book(text)
    (rule,) = found.rules
    day = [(n * 1440 + 540, n * 1440 + 1020) for n in range(5)]
    assert rule == HandoffsRule(
        during=Hours(tuple(day)),
        level="warning",
        why="people are awake",
        see="https://wiki.example.com/x",
        applies_to=Selection(
            teams=("a", "b"), kinds=("schedule",), keys=("*-primary",), providers=("pd",), urgency="high"
        ),
    )
    assert rule.source == Source("rules.yaml", 2, 5)
    assert rule.id == "org-handoffs"
    shop = Ref("service", "shop")
    until = date(2026, 12, 31)
    assert found.waivers == (Waiver(rule="levels", target=shop, reason="too new", owner="anna", until=until),)
    assert found.waivers[0].source == Source("rules.yaml", 8, 10)


def test_every_rule_can_be_written_and_every_key_explains_itself() -> None:
    whole = rules_schema()
    Draft7Validator.check_schema(whole)
    assert whole["$schema"] == DRAFT
    assert [*whole["definitions"]["RuleEntryShape"]["properties"]] == [rule.word for rule in RULES]
    for name, shape in {"file": whole, **whole["definitions"]}.items():
        assert shape["additionalProperties"] is False, name
        assert all(value.get("description") for value in shape["properties"].values()), name
    assert (ROOT / "schemas/rules.json").read_text() == dumps(whole)


@pytest.mark.parametrize("text", ["", "rules: []", "rules: {}", "waivers: []", f"waivers: [{WAIVER}]"])
def test_little_is_fine(text: str) -> None:
    assert book(text).rules == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules: {levls: 2}", "1:9: unknown key 'levls' (did you mean 'levels'?)"),
        ("rule: {levels: 2}", "1:1: unknown key 'rule' (did you mean 'rules'?)"),
        ("rules:\n  levels: {at_leest: 2}", "2:12: unknown key 'at_leest' (did you mean 'at_least'?)"),
        ("rules:\n  levels: 0", "2:11: write a whole number from 1 to 20, not the number 0"),
        ("rules:\n  levels: {at_least: two}", "2:22: write a whole number from 1 to 20, not 'two'"),
        ("rules:\n  levels: {}", "2:3: 'at_least' is missing: so many levels or more"),
        ("rules:\n  levels:", "2:3: nothing is written here: write a value, or leave the key out"),
        ("rules:\n  human_within: 15", "2:17: 15 has no unit: write 15m for minutes or 15h for hours"),
        ("rules: {owned: false}", "1:16: write true, or a mapping, not the word false; a rule that does not hold"),
        ("rules: 5", "1:8: write a list here, not the number 5"),
        ("rules: [levels]", "1:9: write a mapping here, not 'levels'"),
        ("rules: [{levels: 2, owned: true}]", "1:9: levels and owned are several rules in one: put a dash before"),
        ("rules: [{}]", "1:9: this rule is empty: write one such as levels: 2"),
        ("rules: {covered: always}", "1:18: write first, last, every or any, not 'always'"),
        ("rules: {handoffs: Mon-Fri}", "1:19: "),
        ("rules: {levels: {at_least: 2, level: note}}", "1:38: write error or warning, not 'note'"),
        (
            "rules: {levels: {at_least: 2, see: javascript:x}}",
            "1:36: 'javascript:x' is not a link: write one that",
        ),
        ("rules: {levels: {at_least: 2, applies_to: }}", "1:31: nothing is written here"),
        ("rules: {levels: {at_least: 2, applies_to: {team: []}}}", "1:50: nothing is written here"),
        ("rules: {levels: {at_least: 2, applies_to: {kind: user}}}", "1:50: write schedule, escalation_policy or"),
        (
            "waivers: {rule: levels, for: {service: s}, reason: y, until: 2026-12-31}",
            "1:1: 'owner' is missing: who",
        ),
        (f"waivers: [{WAIVER.replace('levels', 'levles')}]", "1:18: write levels, human_within"),
        (
            f"waivers: [{WAIVER.replace('service', 'schedule')}]",
            "1:11: levels is about something else: write for:",
        ),
        (f"waivers: [{WAIVER.replace('2026-12-31', 'soon')}]", "1:85: 'soon' is not a date and time"),
        ("rules: {levels: 2}\nrules: {levels: 3}", "2:1: the key 'rules' stands twice"),
        ("rules: !!python/name:os.system x", "1:8: tags are not read"),
        (f"rules: {{}}\n{BOMB}", ": aliases make more than"),
        ("- levels: 2", "1:1: the file holds a list"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, says: str) -> None:
    assert any(says in line for line in wrong(text)), wrong(text)


def test_all_problems_of_a_file_come_in_one_run() -> None:
    text = f"rules:\n  levels: 0\n  owned: no\n  human_within: soon\nwaivers: [{WAIVER.replace('anna', '')}]\n"
    assert [line.split(" ")[0] for line in wrong(text)] == ["2:11:", "3:10:", "4:17:", "5:65:"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile_text_anywhere(text: str) -> None:
    quoted = json.dumps(text)
    for whole in (
        f"rules: {{{quoted}: 2}}",
        f"rules: {{levels: {quoted}}}",
        f"rules: {{levels: {{at_least: 2, why: {quoted}, see: {quoted}, applies_to: {{key: {quoted}}}}}}}",
        f"waivers: [{{rule: {quoted}, for: {quoted}, reason: {quoted}, owner: {quoted}, until: {quoted}}}]",
    ):
        _, problems = rules_of(whole.encode(), "rules.yaml")
        assert all(str(problem).isprintable() for problem in problems)


class Folder:
    """A folder with a config and one policy, into which rules are written."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("policies/a.yaml", "services: {}\n")

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def config(self, rules: str) -> Config:
        self.write("oncall.yaml", f"workspace: acme\nrules: {rules}\n")
        return load_config(self.root / "oncall.yaml", {})

    def problems(self, rules: str) -> list[Problem]:
        with pytest.raises(PolicyErrors) as caught:
            load(self.config(rules), frozenset())
        return list(caught.value.problems)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "root")


def test_one_file_or_several_are_read_in_order_and_once(folder: Folder) -> None:
    folder.write("shared/rules.yaml", "rules: {levels: 2}")
    folder.write("more.yml", f"rules: {{owned: true}}\nwaivers: {WAIVER}")
    one = load(folder.config("shared/rules.yaml"), frozenset()).rules
    assert [rule.word for rule in one.rules] == ["levels"]
    both = load(folder.config("[./more.yml, shared/rules.yaml, more.yml]"), frozenset()).rules
    assert [rule.word for rule in both.rules] == ["owned", "levels"]
    assert [str(rule.source) for rule in both.rules] == ["more.yml:1:9", "shared/rules.yaml:1:9"]
    assert len(both.waivers) == 1


def test_a_config_without_rules_has_none(folder: Folder) -> None:
    assert load(folder.config("[]"), frozenset()).rules == RuleBook()


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ("/etc/passwd", "oncall.yaml:2:8: '/etc/passwd' is not a file below this one"),
        ("../rules.yaml", "oncall.yaml:2:8: '../rules.yaml' is not a file below this one"),
        ("x/../../rules.yaml", "oncall.yaml:2:8: 'x/../../rules.yaml' is not a file below"),
        ("~/rules.yaml", "oncall.yaml:2:8: "),
        ("'C:\\rules.yaml'", "oncall.yaml:2:8: "),
        ("https://example.com/rules.yaml", "oncall.yaml:2:8: "),
        ("", "oncall.yaml:2:7: this is empty: write the name of a file with rules"),
        ("{levels: 2}", "oncall.yaml:2:8: this is a mapping: write the name of a file with rules"),
        ("[rules.yaml, 7]", "oncall.yaml:2:21: this is a number"),
        ("nowhere.yaml", "oncall.yaml:2:8: 'nowhere.yaml' is not there: make it, or name another file"),
        ("policies/rules.yaml", "oncall.yaml:2:8: 'policies/rules.yaml' is among the policies: put it elsewhere"),
        ("policies", "oncall.yaml:2:8: 'policies' is among the policies"),
        ("out.yaml", "out.yaml: a link that leaves the folder of oncall.yaml"),
        ("linked/rules.yaml", "linked/rules.yaml: a link that leaves the folder of oncall.yaml"),
        ("loop.yaml", "loop.yaml: a link that leads back to itself"),
        ("folder", "folder: not a regular file"),
        ("pipe", "pipe: not a regular file"),
        ("big.yaml", "big.yaml"),
    ],
)
def test_only_regular_files_inside_the_folder_are_read(folder: Folder, rules: str, says: str) -> None:
    (folder.root.parent / "rules.yaml").write_text("rules: {levels: 2}")
    (folder.root / "out.yaml").symlink_to("../rules.yaml")
    (folder.root / "linked").symlink_to("..")
    (folder.root / "loop.yaml").symlink_to("loop.yaml")
    (folder.root / "folder").mkdir()
    os.mkfifo(folder.root / "pipe")
    folder.write("policies/rules.yaml", "services: {}")
    folder.write("big.yaml", "# " + "x" * 5_000_000)
    found = folder.problems(rules)
    assert any(str(problem).startswith(says) for problem in found), found


def test_a_link_that_stays_inside_is_followed(folder: Folder) -> None:
    folder.write("shared/rules.yaml", "rules: {levels: 2}")
    (folder.root / "rules.yaml").symlink_to("shared/rules.yaml")
    assert len(load(folder.config("rules.yaml"), frozenset()).rules.rules) == 1


def test_problems_of_policies_and_of_all_rules_come_together(folder: Folder) -> None:
    folder.write("policies/a.yaml", "servcies: {}\nteam: nobody-here\n")
    folder.write("a.yaml", "rules: {levels: 0}")
    folder.write("b.yaml", "rules: {levls: 2}")
    found = [re.sub(r": .*", "", str(problem)) for problem in folder.problems("[a.yaml, b.yaml, c.yaml]")]
    assert found == ["a.yaml:1:17", "b.yaml:1:9", "oncall.yaml:2:25", "policies/a.yaml:1:1", "policies/a.yaml:2:7"]


def test_too_many_files(folder: Folder) -> None:
    names = [f"r{n}.yaml" for n in range(21)]
    assert "more than 20 files" in str(folder.problems(f"[{', '.join(names)}]")[0])
