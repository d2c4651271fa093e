"""The documentation says what the program does: generated parts, commands, links, examples."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import click
import pytest
import yaml

from oncall_sync.cli.main import COMMANDS, oncall_sync
from oncall_sync.model import Change, FieldChange, Finding, Ref, Source
from oncall_sync.plan.plan import Plan, PlannedProvider, StandingOverride
from oncall_sync.plan.told import ToldGap, ToldImpact, ToldPage
from oncall_sync.policy.load import loads
from oncall_sync.provider import kinds

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [ROOT / "README.md", *DOCS]
LINKING = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"^(?:\w+=\S+ +)*oncall-sync\b")
FORBIDDEN = re.compile(r"(?<![\w.])/(?:home|tmp|root|usr|var|opt|mnt)\b")
"""Paths of somebody's machine."""


def relative(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


each_page = pytest.mark.parametrize("page", PAGES, ids=relative)


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(page: Path, *languages: str) -> list[str]:
    return [text for language, text in BLOCK.findall(page.read_text(encoding="utf-8")) if language in languages]


def prose(page: Path) -> str:
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def test_generated_files_are_what_the_generator_makes(generate: ModuleType) -> None:
    stale = [
        name for name, text in generate.generated().items() if (ROOT / name).read_text(encoding="utf-8") != text
    ]
    assert not stale, f"run `make docs`: {', '.join(stale)}"


def test_every_marked_part_is_one_the_generator_knows(generate: ModuleType) -> None:
    marked = {
        relative(page): re.findall(r"<!-- generated: (\S+) -->", page.read_text(encoding="utf-8"))
        for page in PAGES
    }
    assert {name for name, parts in marked.items() if parts} == set(generate.PAGES)
    assert {part for parts in marked.values() for part in parts} == set(generate.parts())


def test_generating_twice_changes_nothing(generate: ModuleType) -> None:
    page = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    assert generate.renewed(generate.renewed(page)) == generate.renewed(page)


def test_readme_has_the_help_of_the_program(generate: ModuleType) -> None:
    assert generate.help_text() in blocks(ROOT / "README.md", "text")


@pytest.mark.parametrize("page", LINKING, ids=relative)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert found.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(found), target


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    pending = [ROOT / "README.md"]
    while pending:
        page = pending.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        targets = (target.partition("#")[0] for target in LINK.findall(prose(page)) if "://" not in target)
        pending += [(page.parent / target).resolve() for target in targets if target]
    assert set(DOCS) <= seen


def command_lines(page: Path) -> Iterator[list[str]]:
    """Yield the arguments of every `oncall-sync …` in a block of commands; assignments and pipes cut off."""
    for block in blocks(page, "sh"):
        for line in re.sub(r"<<'END'.*?^END$", "", block, flags=re.DOTALL | re.MULTILINE).splitlines():
            if COMMAND.match(line):
                lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
                lexer.whitespace_split = True
                words = list(lexer)
                cut = next((i for i, word in enumerate(words) if word[0] in "|&;<>"), len(words))
                yield words[words.index("oncall-sync") + 1 : cut]


def parse(arguments: list[str]) -> None:
    """Parse a command line without running it. Raises click's usage errors."""
    if arguments == ["--version"]:
        return
    group = click.Context(oncall_sync, info_name="oncall-sync")
    command = oncall_sync.get_command(group, arguments[0])
    assert command is not None, arguments
    command.make_context(arguments[0], arguments[1:], parent=group)


@each_page
def test_commands_parse(page: Path) -> None:
    for arguments in command_lines(page):
        parse(arguments)


def test_commands_are_found() -> None:
    assert sum(1 for page in PAGES for _ in command_lines(page)) > 30


@each_page
def test_commands_within_sentences_exist(page: Path) -> None:
    for text in re.findall(r"`oncall-sync ([^`\n]+)`", prose(page)):
        name, *rest = text.split()
        if name.startswith("--"):
            continue
        assert name in COMMANDS, text
        command = oncall_sync.get_command(click.Context(oncall_sync), name)
        assert command is not None
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert {word for word in rest if word.startswith("--")} <= known, text


@each_page
def test_nothing_names_a_machine_or_a_registry(page: Path) -> None:
    assert not FORBIDDEN.findall(page.read_text(encoding="utf-8"))


@each_page
def test_lines_are_short_and_addresses_are_examples(page: Path) -> None:
    text = prose(page)
    assert not [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")]
    hosts = set(re.findall(r"[\w.+-]+@([\w.-]+\w)", page.read_text(encoding="utf-8")))
    assert hosts <= {"example.com"}


@each_page
def test_examples_of_yaml_and_json_are_whole(page: Path) -> None:
    for text in blocks(page, "yaml"):
        yaml.safe_load(text)
    for text in blocks(page, "json"):
        json.loads(text)


def test_the_policy_of_the_tutorial_is_valid() -> None:
    text = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    found = re.search(r"cat > policies/checkout\.yaml <<'END'\n(.*?)^END$", text, re.DOTALL | re.MULTILINE)
    assert found is not None
    policies = loads({"checkout.yaml": found[1]}, providers={"pagerduty": "pagerduty"}, kinds=kinds())
    assert sorted(policies.services) == ["shop"]
    assert policies.notes == ()


def test_every_rule_of_a_finding_is_explained() -> None:
    sources = [*(ROOT / "oncall_sync").rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    rules = set(re.findall(r"(?:Finding|refuse)\(\s*\"([a-z]+(?:-[a-z]+)+)\"", text)) | {"cannot", "approximated"}
    assert len(rules) > 10
    page = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
    assert {rule for rule in rules if f"| `{rule}` |" not in page} == set()


def test_every_key_of_a_plan_is_explained() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    ref, source = Ref("service", "shop"), Source("policies/checkout.yaml", 1, 1)
    span = {"provider": "pagerduty", "service": "shop", "urgency": "high", "since": now, "until": now}
    page = ToldPage(**span, level=1, before=(), after=("anna",), delay_before=None, delay_after=timedelta())
    gap = ToldGap(**span)
    plan = Plan(
        created_at=now,
        expires_at=now,
        workspace="acme",
        commit=None,
        policy_sha256="",
        providers=(PlannedProvider(name="pagerduty", kind="pagerduty", account="acme"),),
        changes=(
            Change(
                provider="pagerduty",
                ref=ref,
                action="update",
                name="Shop",
                fields=(FieldChange("urgency", "low", "high"),),
                source=source,
            ),
        ),
        findings=(Finding("cannot", "error", "no", source),),
        overrides=(StandingOverride(provider="pagerduty", schedule="x", user="anna", since=now, until=now),),
        not_read={"opsgenie": "nothing uses it"},
        impact=ToldImpact(since=now, until=now, pages=(page,), opened=(gap,), closed=(gap,)),
    )
    page = prose(ROOT / "docs/reference/plan-json.md")
    told = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", page))))
    assert keys(plan.as_json()) - told == set()


def keys(value: object) -> set[str]:
    """Return every key of nested JSON values."""
    if isinstance(value, dict):
        return set(value).union(*(keys(one) for one in value.values()))
    return set().union(*(keys(one) for one in value)) if isinstance(value, list) else set()
