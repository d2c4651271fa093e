"""From oncall.yaml and a folder to policies; and that order, dates and size do not matter."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.errors import PolicyErrors, Problem
from oncall_sync.model import Policies
from oncall_sync.policy.config import load_config
from oncall_sync.policy.load import load, loads
from tests.effort import growth

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "policies").glob("*.yaml"))
PROVIDERS = {"pagerduty": "pagerduty", "opsgenie": "opsgenie"}
KINDS = frozenset({"pagerduty"})


def folder(path: Path, **files: str) -> Path:
    (path / "policies").mkdir()
    (path / "oncall.yaml").write_text(
        "workspace: acme\nproviders: {pagerduty: {kind: pagerduty, token_env: PAGERDUTY_TOKEN, region: us}}\n"
    )
    for name, text in files.items():
        (path / "policies" / f"{name}.yaml").write_text(text)
    return path / "oncall.yaml"


def found(path: Path) -> list[str]:
    with pytest.raises(PolicyErrors) as caught:
        load(load_config(path, {}), KINDS)
    return [str(problem) for problem in caught.value.problems]


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    config = folder(tmp_path, a="teams: {t: {members: anna}}", b="users: {anna: {email: anna@example.com}}", c="")
    policies = load(load_config(config, {}), KINDS)
    assert policies.workspace == "acme"
    assert policies.files == 3
    assert str(policies.teams["t"].source) == "policies/a.yaml:1:9"
    assert policies.teams["t"].provider == "pagerduty"


def test_problems_of_all_files_come_in_one_run_sorted(tmp_path: Path) -> None:
    config = folder(
        tmp_path,
        a="teams: {t: {members: [anna, zed]}}",
        b="users:\n\tanna: {email: anna@example.com}",
        c="teams: {u: {membrs: x}}\nteams: {}",
        d="services: {s: {escalation_policy: nix}}",
    )
    problems = found(config)
    assert [problem.split(":")[0] for problem in problems] == [
        "policies/b.yaml",
        "policies/c.yaml",
        "policies/c.yaml",
    ]
    assert "tab" in problems[0]
    assert problems[1] == "policies/c.yaml:1:13: unknown key 'membrs' (did you mean 'members'?)"
    # What is unknown may stand in b.yaml, which cannot be read; nobody is sent looking for it.
    (tmp_path / "policies" / "b.yaml").write_text("users: {anna: {email: anna@example.com}}")
    assert [problem for problem in found(config) if "unknown " in problem] == [
        "policies/a.yaml:1:29: unknown user 'zed': write the key of one, or declare it under users:",
        "policies/c.yaml:1:13: unknown key 'membrs' (did you mean 'members'?)",
        (
            "policies/d.yaml:1:35: unknown escalation policy 'nix': write the key of one, or declare it under"
            " escalation_policies:"
        ),
    ]


def test_a_missing_folder_is_a_problem_of_oncall_yaml(tmp_path: Path) -> None:
    config = folder(tmp_path)
    (tmp_path / "policies").rmdir()
    (problem,) = found(config)
    assert problem == "oncall.yaml:1:1: the policies folder 'policies' is not there: make it, or name another one"


def shuffled(value: Any, rng: random.Random) -> Any:
    """Put the keys of all mappings into another order, but for rotations: theirs says which one covers which."""
    if isinstance(value, dict):
        keys = list(value)
        if "frontend" not in keys:
            rng.shuffle(keys)
        return {key: shuffled(value[key], rng) for key in keys}
    return [shuffled(item, rng) for item in value] if isinstance(value, list) else value


def examples() -> Policies:
    return loads({path.name: path.read_bytes() for path in EXAMPLES}, providers=PROVIDERS, kinds=KINDS)


DATA = {path.name: yaml.load(path.read_text(), Loader=yaml.BaseLoader) for path in EXAMPLES}


def as_text(value: Any) -> str:
    """Write data so that it is read back the same: `yaml.dump` would quote the numbers of BaseLoader."""
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}": {as_text(item)}' for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_text(item) for item in value) + "]"
    plain = value.isdecimal() or value in ("true", "false")
    return str(value) if plain else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@settings(max_examples=20, deadline=None)
@given(st.integers(), st.permutations(sorted(DATA)))
def test_the_order_of_files_and_keys_says_nothing(seed: int, names: list[str]) -> None:
    rng = random.Random(seed)
    texts = {name: as_text(shuffled(DATA[name], rng)) for name in names}
    assert loads(texts, providers=PROVIDERS, kinds=KINDS) == examples()


def test_the_digest_is_of_all_files_and_of_nothing_else() -> None:
    one, two = {"a": "teams: {t: {}}", "b": "users: {}"}, {"b": "users: {}", "a": "teams: {t: {}}"}
    digests = [
        loads(texts, providers={"pd": "pagerduty"}).sha256 for texts in (one, two, one | {"b": "users: {} "})
    ]
    assert digests[0] == digests[1] != digests[2]


WORDS = [
    *(
        "users",
        "anna",
        "rotations",
        "members",
        "hours",
        "outside",
        "levels",
        "notify",
        "schedules",
        "s",
        "services",
    ),
    *("urgency", "checks", "rings", "integrations", "pagerduty", "waivers", "for"),
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=35, deadline=None)
@given(ANYTHING)
def test_whatever_is_written_is_read_or_refused_with_places(data: Any) -> None:
    inside = {"schedules": data, "checks": data, "services": {"s": data}}
    problems: Sequence[Problem] = ()
    try:
        loads({"a": json.dumps(inside), "b": json.dumps(data)}, providers=PROVIDERS)
    except PolicyErrors as error:
        problems = error.problems
    assert all(problem.line and problem.message for problem in problems)


LARGE_HEAD = """
provider: pagerduty
time_zone: Europe/Vienna
team: t{0}
users: {{u{0}: {{email: u{0}@example.com}}}}
teams: {{t{0}: {{members: u{0}}}}}
hours: {{office: 'Mon-Fri 09:00-18:00'}}
schedules: {{s{0}: {{rotations: {{members: u{0}, start: 2026-01-05 09:00, every: 1 week}}}}}}
escalation_policies: {{e{0}: {{levels: {{notify: {{schedule: s{0}}}}}}}}}
services:
"""
LARGE_SERVICE = """
  svc-{0}-{1}:
    name: Service {0} {1}
    description: >-
      Some text that goes on
      and on
      and on
    escalation_policy: e{0}
    urgency:
      support_hours: office
      during: high
      outside: low
      raise_at_start: true
    acknowledge_within: 30m
    resolve_after: 4h
    integrations:
      mail:
        email: svc-{0}-{1}
        accept_from:
          - example.com
          - b@example.com
"""


def a_large_file(number: int, services: int = 50) -> str:
    return LARGE_HEAD.format(number) + "".join(LARGE_SERVICE.format(number, each) for each in range(services))


def loading(texts: dict[str, str]) -> Callable[[], Policies]:
    return lambda: loads(texts, providers=PROVIDERS, kinds=KINDS)


def test_a_thousand_services_load() -> None:
    texts = {f"{number}.yaml": a_large_file(number) for number in range(20)}
    assert sum(text.count("\n") for text in texts.values()) >= 20_000
    assert len(loading(texts)().services) == 1000


def test_the_work_grows_with_the_files_and_no_faster() -> None:
    assert growth(lambda files: loading({f"{n}.yaml": a_large_file(n, 10) for n in range(files)}), 6) < 4.1


def test_the_work_grows_with_a_file_and_no_faster() -> None:
    assert growth(lambda services: loading({"0.yaml": a_large_file(0, services)}), 25) < 4.1
