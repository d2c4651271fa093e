"""Writes what the documentation takes from the program itself; `make docs` runs it.

Two kinds of output: the files in schemas/ as a whole, and in the pages of `PAGES` whatever stands between
`<!-- generated: NAME -->` and `<!-- end of NAME -->`. Nothing here depends on the clock, the machine or the
terminal, so a test can compare what is written with what would be.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

ROOT: Final = Path(__file__).resolve().parents[1]
SCHEMA: Final = "schemas/policy.json"
RULES_SCHEMA: Final = "schemas/rules.json"
PAGES: Final = (
    "README.md",
    "docs/reference/commands.md",
    "docs/reference/errors.md",
    "docs/reference/pagerduty.md",
    "docs/reference/policy-language.md",
    "docs/reference/providers.md",
    "docs/reference/rules.md",
    "docs/reference/sandbox.md",
)
WIDTH: Final = 100
FIRST_SHAPES: Final = (
    "User",
    "Team",
    "Schedule",
    "Rotation",
    "Assignment",
    "Override",
    "EscalationPolicy",
    "Level",
    "Notify",
    "UrgencyRule",
    "Service",
    "Integration",
    "Check",
)
_MARKED: Final = re.compile(r"(<!-- generated: (?P<name>[\w:-]+) -->\n).*?(<!-- end of (?P=name) -->)", re.DOTALL)
_REFERENCE: Final = "#/definitions/"
Schema = Mapping[str, Any]


def help_text(name: str = "") -> str:
    """Return the help of a command, or of the group, as a console `WIDTH` columns wide shows it."""
    from oncall_sync.cli.main import oncall_sync

    command, parent = group_context(oncall_sync), None
    if name:
        parent, found = command, oncall_sync.get_command(command, name)
        if found is None:
            raise KeyError(name)
        command = click.Context(found, info_name=name, parent=parent, terminal_width=WIDTH)
    return "\n".join(line.rstrip() for line in command.get_help().splitlines()) + "\n"


def group_context(group: click.Group) -> click.Context:
    """Return a context for the group of commands, independent of the terminal."""
    return click.Context(group, info_name="oncall-sync", terminal_width=WIDTH, help_option_names=["-h", "--help"])


def schema() -> dict[str, Any]:
    """Return the JSON Schema of policy files, provider-only blocks included."""
    from oncall_sync.policy.schema import policy_schema
    from oncall_sync.provider import SettingsSchema, installed

    return policy_schema(
        {
            kind: adapter.settings_schema()
            for kind, adapter in installed().items()
            if issubclass(adapter, SettingsSchema)
        }
    )


def cell(text: object) -> str:
    """Return text that stays within one cell of a table."""
    return " ".join(str(text).replace("|", "\\|").replace("<", "&lt;").split())


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in (head, tuple("---" for _ in head), *rows)]
    return "\n".join(lines) + "\n"


def title(definition: str) -> str:
    """Return what a shape of the schema is called: `EscalationPolicyShape` is an escalation policy."""
    words = re.findall(r"[A-Z][a-z]*", definition.removesuffix("Shape"))
    return " ".join(words).capitalize()


def link(definition: str) -> str:
    """Return a link to the section of a shape."""
    name = title(definition)
    return f"[{name.lower()}](#{name.lower().replace(' ', '-')})"


def form(value: Schema) -> str:
    """Return what may be written for a part of the schema, in a few words."""
    if "$ref" in value:
        return link(value["$ref"].removeprefix(_REFERENCE))
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{one}`" for one in value["enum"])
    for many in ("allOf", "anyOf", "oneOf"):
        if many in value:
            return _several(value[many])
    return _typed(value)


def _several(parts: list[Schema]) -> str:
    said = list(dict.fromkeys(form(part) for part in parts if not _is_long_reference(part)))
    lists = {f"list of {one}" for one in said}
    said = ["a list" if one in lists else one for one in said]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} or {said[-1]}"


def _is_long_reference(part: Schema) -> bool:
    """Tell whether this is the long form of a reference, `{user: anna}`, beside which the short form stands."""
    return len(part.get("properties", {})) == 1 and part.get("required") == list(part["properties"])


def _typed(value: Schema) -> str:
    kind = value.get("type")
    if kind == "array":
        return f"list of {form(value['items'])}"
    if kind == "object":
        return _mapping(value)
    if kind == "integer":
        bounds = (value.get("minimum"), value.get("maximum"))
        return f"number, {bounds[0]} to {bounds[1]}" if None not in bounds else "number"
    if kind == "boolean":
        return "`true`, `false`"
    examples = ", ".join(f"`{one}`" for one in value.get("examples", ())[:3])
    return f"text, such as {examples}" if examples else "text"


def _mapping(value: Schema) -> str:
    more = value.get("additionalProperties")
    if isinstance(more, Mapping):
        inner = "hours" if "Outside" in str(more) else form(more)
        return f"mapping of keys to {inner}"
    if value.get("properties"):
        return "{" + ", ".join(f"`{name}`" for name in value["properties"]) + "}"
    return "mapping"


def keys_table(shape: Schema) -> str:
    """Return the table of a shape's keys; blocks of providers are told elsewhere."""
    from oncall_sync.policy.api_urls import VENDOR_HOSTS

    required = shape.get("required", ())
    rows = [
        (
            f"`{name}`" + (" (required)" if name in required else ""),
            _form_or_hours(name, value),
            cell(value.get("description", "")),
        )
        for name, value in shape["properties"].items()
        if name not in VENDOR_HOSTS
    ]
    return table(("key", "what may stand there", "meaning"), rows)


def _form_or_hours(name: str, value: Schema) -> str:
    if "Outside" in str(value) and name != "hours":
        return "[hours](#hours)"
    if name == "hours" and "description" in value:
        return "mapping of names to [hours](#hours)" if value.get("type") == "object" else "[hours](#hours)"
    return form(value)


def policy_language() -> str:
    """Return one section per shape of the policy language."""
    whole = schema()
    definitions = whole["definitions"]
    first = [f"{name}Shape" for name in FIRST_SHAPES]
    order = [*first, *(name for name in definitions if name not in first and name.endswith("Shape"))]
    sections = ["### A policy file\n", keys_table(whole)]
    for name in order:
        shape = definitions[name]
        sections += [f"### {title(name)}\n", f"{shape.get('description', '')}\n", keys_table(shape)]
    return "\n".join(sections)


def rules() -> str:
    """Return the table of an organisation's rules."""
    from oncall_sync.model.rule import RULES, asked, rule_id
    from oncall_sync.plan.rules.judge import ALWAYS, WHOLLY
    from oncall_sync.policy.schema import rules_schema

    whole = rules_schema()
    entries = whole["definitions"]["RuleEntryShape"]["properties"]
    common = {*whole["definitions"]["OwnedShape"]["properties"]}
    rows = []
    for rule in RULES:
        (shape,) = set(re.findall(r"#/definitions/(\w+)", str(entries[rule.word])))
        told = whole["definitions"][shape]["properties"]
        keys = "; ".join(f"`{key}`: {form(one)}" for key, one in told.items() if key not in common)
        early = "`validate`, " if rule in WHOLLY else "`validate` in part, " if rule in ALWAYS else ""
        rows.append(
            (f"`{rule.word}`", cell(asked(rule)), keys or "`true`", f"{early}`plan`", f"`{rule_id(rule.word)}`")
        )
    return table(("rule", "asks that", "what may stand there", "told by", "finding"), rows)


def rules_keys() -> str:
    """Return a table for each of the other shapes of a rules file."""
    from oncall_sync.policy.schema import rules_schema

    whole = rules_schema()
    sections = []
    for name in ("Rule", "Selection", "Waiver", "Target"):
        shape = whole["definitions"][{"Rule": "OwnedShape", "Waiver": "RuleWaiverShape"}.get(name, f"{name}Shape")]
        sections += [f"### {name}\n", keys_table(shape)]
    return "\n".join(sections)


def capability_matrix() -> str:
    """Return the table of what every installed provider can hold, side by side."""
    from oncall_sync.provider import installed

    adapters = sorted(installed().items())
    own = {kind for kind, _ in adapters}
    words = dict.fromkeys(word for _, each in adapters for word in each.capabilities.words)
    rows = [
        (f"`{word}`", *(each.capabilities.words[word][0] for _, each in adapters))
        for word in words
        if not own & set(word.split("."))
    ]
    return table(("word", *(kind for kind, _ in adapters)), rows)


def pagerduty_words() -> str:
    """Return the table of what PagerDuty can hold, word by word."""
    from oncall_sync_pagerduty.capabilities import CAPABILITIES

    rows = [(f"`{word}`", fate, cell(said)) for word, (fate, said) in CAPABILITIES.words.items()]
    return table(("word", "held", "how"), rows)


def pagerduty_blocks() -> str:
    """Return a table per place in which a `pagerduty:` block may stand."""
    from oncall_sync_pagerduty.settings import BLOCKS
    from oncall_sync_pagerduty.settings import schema as block_schema

    sections = []
    for place in BLOCKS:
        found = block_schema(place)["properties"]
        where = "in oncall.yaml, under `providers:`" if place == "provider" else f"in {_article(place)}"
        rows = [(f"`{name}`", form(one), _default(one)) for name, one in found.items()]
        sections += [f"**{where}**\n", table(("key", "what may stand there", "unless said"), rows)]
    return "\n".join(sections)


def _article(place: str) -> str:
    word = place.replace("_", " ")
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _default(value: Schema) -> str:
    default = value.get("default")
    if default in (None, []):
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def pagerduty_limits() -> str:
    """Return the table of the lengths that are checked before anything is sent."""
    from oncall_sync_pagerduty.objections import DESCRIPTION_LIMITS, NAME_LIMITS

    limits = DESCRIPTION_LIMITS.items()
    rows = [(kind.replace("_", " "), f"{NAME_LIMITS[kind]:,}", f"{most:,}") for kind, most in limits]
    return table(("kind", "characters of a name", "of a description, the mark included"), rows)


def guards() -> str:
    """Return the table of guards."""
    from oncall_sync.plan.guards import GUARDS

    return table(("rule", "refuses because"), [(f"`{rule}`", cell(why)) for rule, why in GUARDS.items()])


def kinds() -> str:
    """Return the table of error kinds, from the error tree."""
    from oncall_sync import errors

    tree = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.SyncError)]
    said = [(one, (one.__doc__ or "").split("\n\n")[0]) for one in tree]
    rows = [(f"`{one.kind}`", str(one.exit_code), cell(what)) for one, what in said]
    return table(("kind", "exit code", "means"), rows)


def _console(name: str = "") -> str:
    return f"```text\n{help_text(name)}```\n"


def parts() -> dict[str, Callable[[], str]]:
    """Return what can stand between markers, by name."""
    from oncall_sync.cli.main import COMMANDS

    commands = {f"help:{name}": (lambda name=name: _console(name)) for name in COMMANDS}
    return commands | {
        "help": _console,
        "policy-language": policy_language,
        "capability-matrix": capability_matrix,
        "pagerduty-words": pagerduty_words,
        "pagerduty-blocks": pagerduty_blocks,
        "pagerduty-limits": pagerduty_limits,
        "guards": guards,
        "rules": rules,
        "rules-keys": rules_keys,
        "kinds": kinds,
    }


def renewed(text: str) -> str:
    """Return a page with everything between its markers made anew. Raises KeyError for an unknown name."""
    known = parts()
    return _MARKED.sub(lambda found: f"{found[1]}\n{known[found['name']]()}\n{found[3]}", text)


def generated() -> dict[str, str]:
    """Return the text of every file that is generated, wholly or in part, by its path in the repository."""
    from oncall_sync.policy.schema import dumps, rules_schema

    pages = {page: renewed((ROOT / page).read_text(encoding="utf-8")) for page in PAGES}
    return {SCHEMA: dumps(schema()), RULES_SCHEMA: dumps(rules_schema()), **pages}


def main() -> None:
    """Write every file that would change, and say which."""
    for name, text in generated().items():
        path = ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            sys.stdout.write(f"wrote {name}\n")


if __name__ == "__main__":
    main()
