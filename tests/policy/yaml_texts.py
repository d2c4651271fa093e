"""Random YAML texts in mixed layouts, random edits of them, and which lines the edits may touch."""

from __future__ import annotations

from random import Random
from typing import Any

from oncall_sync.policy.editing import REMOVE, Change, Edit, Insert
from oncall_sync.policy.editing_changes import Path
from oncall_sync.policy.editing_tree import next_line, tree

WORDS = [
    "anna",
    "ben",
    "09:00",
    "1 week",
    "on",
    "true",
    "7",
    "a: b",
    "# no",
    "",
    "it's",
    "Mon 2026-01-05 09:00",
    "x#y",
]
SCALARS: list[Any] = [*WORDS, 1, 2.5, True, None, "two\nlines\n", "- dash", "[x]", "{", "null", "~", "@at", "é ü"]


def data(random: Random, depth: int = 0) -> Any:
    kind = random.random()
    if depth and (depth > 3 or kind < 0.45):
        return random.choice(SCALARS)
    if depth and kind < 0.7:
        return [data(random, depth + 1) for _ in range(random.randrange(4))]
    keys = random.sample(
        ["name", "k1", "k2", "users", "1", "on", "a b", "<<"], random.randrange(0 if depth else 1, 5)
    )
    return {key: data(random, depth + 1) for key in keys}


class Writer:
    """Writes data with comments, blank lines, flow and block mixed."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.count = 0
        self.step = random.choice([2, 2, 3, 4])
        self.dash = random.choice([0, self.step])
        self.newline = random.choice(["\n", "\n", "\r\n"])

    def text(self, value: dict[str, Any]) -> str:
        lines = [*self.apart(0), *self.mapping(value, 0), *self.apart(0)] if value else ["{}"]
        text = self.newline.join(lines)
        start = self.random.choice(["", "", "\ufeff", "---\n", "# top\n\n"]).replace("\n", self.newline)
        return start + text + self.random.choice(["", self.newline, self.newline, self.newline * 2])

    def note(self) -> str:
        self.count += 1
        return f"# note {self.count}"

    def behind(self) -> str:
        return " " * self.random.randrange(1, 3) + self.note() if self.random.random() < 0.3 else ""

    def apart(self, indent: int) -> list[str]:
        roll = self.random.random()
        if roll < 0.7:
            return []
        return [""] if roll < 0.85 else [" " * indent + self.note()]

    def scalar(self, value: Any, *, block: bool = False) -> str:
        if not isinstance(value, str):
            return "null" if value is None else str(value).lower()
        plain = value in ("anna", "ben", "09:00", "1 week", "on", "name", "users", "k1", "k2", "a b", "é ü", "x#y")
        plain = plain or (block and value == "Mon 2026-01-05 09:00")
        if plain and self.random.random() < 0.8:
            return value
        if "\n" not in value and self.random.random() < 0.5:
            return "'" + value.replace("'", "''") + "'"
        return '"' + value.replace("\n", "\\n") + '"'

    def flow(self, value: Any, indent: int) -> str:
        if not isinstance(value, dict | list):
            return self.scalar(value)
        items = [self.flow(item, indent + 2) for item in (value.values() if isinstance(value, dict) else value)]
        if isinstance(value, dict):
            items = [f"{self.scalar(key)}: {item}" for key, item in zip(value, items, strict=True)]
        opened, closed = "{}" if isinstance(value, dict) else "[]"
        if not items or self.random.random() < 0.6:
            pad = self.random.choice(["", "", " "]) if items else ""
            return opened + pad + ", ".join(items) + pad + closed
        return self.lines(items, opened, closed, indent)

    def lines(self, items: list[str], opened: str, closed: str, indent: int) -> str:
        text = opened
        for at, item in enumerate(items):
            fresh = self.random.random() < 0.8
            lead = (
                self.newline + "".join(line + self.newline for line in self.apart(indent + 2)) + " " * (indent + 2)
            )
            text += lead if fresh or "#" in text[text.rfind("\n") + 1 :] else " " * bool(at)
            last = at == len(items) - 1
            text += item + ("," if not last or self.random.random() < 0.5 else "") + self.behind()
        return text + self.newline + " " * (indent + 1) + closed

    def value(self, value: Any, indent: int, *, item: bool) -> tuple[str, list[str]]:
        """Return what stands behind a key or dash at `indent`, and the lines below."""
        if value and isinstance(value, dict | list) and self.random.random() < 0.6:
            if item and self.random.random() < 0.7:
                lines = self.block(value, indent + 2, indent + 2)
                return " " + lines[0].lstrip(" "), lines[1:]
            dash = indent + (2 if item else self.dash)
            below = self.block(value, indent + self.step, dash)
            return self.behind(), [*self.apart(indent + self.step), *below]
        if isinstance(value, str) and "\n" in value and self.random.random() < 0.6:
            head = self.random.choice(["|", ">"])
            lines = value.removesuffix("\n").split("\n")
            lines = lines if head == "|" else [part for line in lines for part in (line, "")][:-1]
            return f" {head}" + self.behind(), [" " * (indent + 2) + line if line else "" for line in lines]
        if value is None and self.random.random() < 0.7:
            return self.behind(), []
        first, *more = (self.flow(value, indent) + self.behind()).split(self.newline)
        return " " + first, more

    def block(self, value: Any, indent: int, dash: int) -> list[str]:
        return self.mapping(value, indent) if isinstance(value, dict) else self.sequence(value, dash)

    def mapping(self, value: dict[str, Any], indent: int) -> list[str]:
        lines: list[str] = []
        for at, (key, item) in enumerate(value.items()):
            behind, below = self.value(item, indent, item=False)
            lines += [*(self.apart(indent) if at else []), " " * indent + self.scalar(key) + ":" + behind, *below]
        return lines

    def sequence(self, value: list[Any], indent: int) -> list[str]:
        lines: list[str] = []
        for at, item in enumerate(value):
            behind, below = self.value(item, indent, item=True)
            lines += [*(self.apart(indent) if at else []), " " * indent + "-" + behind, *below]
        return lines


def places(value: Any, path: Path = ()) -> list[Path]:
    """Return all paths in data, the top not among them."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[Path] = []
    for key, item in entries:
        found += [(*path, key), *places(item, (*path, key))]
    return found


def at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def edits(random: Random, value: dict[str, Any]) -> list[Change]:
    """Return up to four edits that do not lead into one another."""
    found: list[Change] = []
    for _ in range(random.randrange(1, 5)):
        paths = places(value)
        path = random.choice([(), *paths])
        target = at(value, path)
        new = data(random, 2)
        roll = random.random()
        edit: Change
        if isinstance(target, list) and roll < 0.5:
            edit = Insert((*path, random.randrange(len(target) + 1)), new)
        elif isinstance(target, dict) and roll < 0.5:
            edit = Edit((*path, f"new{len(found)}"), new)
        elif path:
            edit = Edit(path, REMOVE if random.random() < 0.4 else new)
        else:
            continue
        if not any(clash(edit, other) or clash(other, edit) for other in found):
            found.append(edit)
    return found


def clash(one: Change, other: Change) -> bool:
    if isinstance(one, Insert):
        return False
    longer = isinstance(other, Edit) or len(other.path) > len(one.path)
    return longer and other.path[: len(one.path)] == one.path


def touched(text: str, changes: list[Change]) -> set[int]:
    """Return the lines (from 0) that the changes may rewrite: of the node, and in brackets of its neighbours."""
    body = text.removeprefix("\ufeff")
    lines: set[int] = set()
    for change in changes:
        node, above = tree(body), 0
        for depth, part in enumerate(change.path):
            assert node is not None
            entries = node.entries
            if len(entries) <= len(changes):
                mark(body, lines, above, node.end)  # all its entries may go: `key: []`
            number = next((n for n, e in enumerate(entries) if (e.key.text if e.key else n) == part), len(entries))
            if node.flow:
                mark(body, lines, node.start, node.start)
                mark(body, lines, node.end - 1, node.end - 1)
                for entry in entries[max(0, min(number, len(entries) - 1) - len(changes)) : number + 2]:
                    mark(body, lines, entry.start, entry.end)
            if number == len(entries) or (isinstance(change, Insert) and depth == len(change.path) - 1):
                mark(body, lines, node.start, node.start)  # it may begin behind a dash
                break
            above, node = entries[number].start, entries[number].value
        else:
            assert node is not None
            mark(body, lines, above, node.end)
            behind = next_line(body, node.end)  # what comes to stand behind a dash leaves empty lines
            mark(body, lines, above, behind + len(body[behind:]) - len(body[behind:].lstrip()) - 1)
    return lines


def mark(text: str, lines: set[int], start: int, end: int) -> None:
    first, last = (text.count("\n", 0, place) for place in (start, end))
    lines.update(range(first, last + 1))
