"""What the sandbox remembers: plain JSON objects by kind and id, in memory, and in SQLite if asked.

Objects are replaced, never changed in place, so an answer that fails half-way leaves nothing behind.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any

Thing = dict[str, Any]
Keys = Callable[[Thing], Hashable]
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SPREAD = 1_540_483_477


class Index:
    """Objects of one kind by a key of theirs; `index[key]` is a list, empty if there are none."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._groups: dict[Hashable, dict[str, Thing]] = defaultdict(dict)

    def __getitem__(self, key: Hashable) -> list[Thing]:
        group = self._groups.get(key)
        return [] if group is None else list(group.values())

    def add(self, thing: Thing) -> None:
        """A new object, or a new state of one under the same keys, which keeps its place."""
        for key in self._of(thing):
            self._groups[key][thing["id"]] = thing

    def remove(self, thing: Thing) -> None:
        """An object that goes."""
        for key in self._of(thing):
            self._groups[key].pop(thing["id"], None)

    def replace(self, before: Thing | None, after: Thing) -> None:
        """A new state of an object, `before` being the old one if there was one."""
        if before is not None and self._of(before) != self._of(after):
            self.remove(before)
        self.add(after)

    def _of(self, thing: Thing) -> tuple[Hashable, ...]:
        found = self._keys(thing)
        return found if isinstance(found, tuple) else (found,)


class Store:
    """Ordered tables of objects; `close()` it when it has a file."""

    def __init__(self, file: Path | None = None) -> None:
        self._tables: dict[str, dict[str, Thing]] = defaultdict(dict)
        self._indexes: dict[str, dict[str, Index]] = defaultdict(dict)
        self._dirty: dict[tuple[str, str], None] = {}
        self._file = None if file is None else _open(file)
        self._load()

    def get(self, kind: str, key: str) -> Thing | None:
        """The object, or None."""
        return self._tables[kind].get(key)

    def all(self, kind: str) -> Iterator[Thing]:
        """Every object of a kind, oldest first."""
        return iter(self._tables[kind].values())

    def count(self, kind: str) -> int:
        """How many there are."""
        return len(self._tables[kind])

    def put(self, kind: str, thing: Thing) -> Thing:
        """Keeps `thing` under its id, in place of the one before."""
        table, key = self._tables[kind], thing["id"]
        for index in self._indexes[kind].values():
            index.replace(table.get(key), thing)
        table[key] = thing
        self._dirty[kind, key] = None
        return thing

    def drop(self, kind: str, key: str) -> None:
        """Forgets it."""
        thing = self._tables[kind].pop(key, None)
        if thing is not None:
            for index in self._indexes[kind].values():
                index.remove(thing)
            self._dirty[kind, key] = None

    def clear(self) -> None:
        """Forgets everything, ids included."""
        for kind, table in list(self._tables.items()):
            for key in list(table):
                self.drop(kind, key)

    def index(self, kind: str, name: str, keys: Keys) -> "Index":
        """Objects grouped by `keys(thing)` (a tuple: under each member); made once, then kept up to date."""
        index = self._indexes[kind].get(name)
        if index is None:
            index = self._indexes[kind][name] = Index(keys)
            for thing in self._tables[kind].values():
                index.add(thing)
        return index

    def new_id(self, prefix: str = "P", length: int = 6) -> str:
        """The next id: always the same sequence from an empty store, and looking like the vendor's."""
        # A multiplier coprime to 36 makes this a bijection: no id comes twice, and neighbours do not look alike.
        spread = self._next() * _SPREAD ** (1 + length // 6) % 36**length
        text = ""
        for _ in range(length):
            spread, digit = divmod(spread, 36)
            text = _DIGITS[digit] + text
        return prefix + text

    def _next(self) -> int:
        number = int((self.get("counter", "ids") or {"next": 1})["next"])
        self.put("counter", {"id": "ids", "next": number + 1})
        return number

    def flush(self) -> None:
        """Writes what changed to the file, if there is one."""
        if self._file is None:
            self._dirty.clear()
            return
        with self._file:
            for kind, key in self._dirty:
                thing = self._tables[kind].get(key)
                if thing is None:
                    self._file.execute("DELETE FROM objects WHERE kind = ? AND id = ?", (kind, key))
                else:
                    self._file.execute(
                        "INSERT INTO objects (kind, id, body) VALUES (?, ?, ?) "
                        "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                        (kind, key, json.dumps(thing)),
                    )
        self._dirty.clear()

    def close(self) -> None:
        """Writes the rest and lets go of the file."""
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _load(self) -> None:
        if self._file is None:
            return
        for kind, key, body in self._file.execute("SELECT kind, id, body FROM objects ORDER BY seq"):
            self._tables[kind][key] = json.loads(body)


def _open(file: Path) -> sqlite3.Connection:
    # One writer at a time by construction (the server's loop), but opened and closed by other threads.
    connection = sqlite3.connect(file, check_same_thread=False)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS objects "
        "(seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, id))"
    )
    # A killed sandbox keeps its data without it; only a power cut would not, and then there is the seed.
    connection.execute("PRAGMA synchronous = OFF")
    connection.commit()
    return connection
