"""All files side by side: which keys there are, where, and what is wrong between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from oncall_sync.errors import Problem
from oncall_sync.model import Finding, Kind, Ref, Resource

from .place import PartMarks, Place, printable
from .shape import FileShape
from .shape_common import Declared
from .shape_values import key as read_key
from .wording import WordError, did_you_mean, shown

NONE: Final = "none"
NOBODY: Final = "nobody"
EVERY_KIND: Final = "*"

SECTIONS: Final[Mapping[str, Kind]] = {
    "users": "user",
    "teams": "team",
    "schedules": "schedule",
    "escalation_policies": "escalation_policy",
    "urgency_rules": "urgency_rule",
    "services": "service",
}
_RESERVED: Final[Mapping[str, frozenset[str]]] = {
    "users": frozenset({NONE, NOBODY}),
    "urgency_rules": frozenset({NONE, "high", "low"}),
}
_SAID_OF_EXTERNAL: Final = frozenset({"name", "provider", "team", "description", "external", "time_zone"})


@dataclass(frozen=True, slots=True)
class Page:
    """One file: its shape, and which items of its lists are left after broken ones were taken out."""

    place: Place
    shape: FileShape
    kept: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """Return the file's name."""
        return self.place.document.file

    def item(self, section: str, index: int) -> Place:
        """Return the place of an item of a list in the shape."""
        kept = self.kept.get(section)
        return self.place / section / (kept[index] if kept is not None else index)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something declared under a key."""

    ref: Ref
    shape: Any
    page: Page
    place: Place


@dataclass
class Book:
    """The files of one run, and the problems and notes found so far.

    `providers` are provider kinds by name in oncall.yaml; `installed` the kinds that have an adapter here;
    `blocks` all kinds whose blocks may be written. `broken` and `partial` hold (kind, key) of what could not be
    read, wholly or in part, and (default, file) of defaults: nobody is told that those are unknown or missing.
    `referred` holds what references name, and where they stand.
    """

    pages: list[Page]
    providers: Mapping[str, str]
    installed: frozenset[str]
    blocks: frozenset[str]
    broken: set[tuple[str, str]] = field(default_factory=set)
    partial: set[tuple[str, str]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    referred: list[tuple[Ref, Place]] = field(default_factory=list)
    entries: dict[Kind, dict[str, Entry]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for section, kind in SECTIONS.items():
            self.entries[kind] = self._register(section, kind)

    def _register(self, section: str, kind: Kind) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        reserved = _RESERVED.get(section, frozenset({NONE}))
        for page in self.pages:
            for key, shape in getattr(page.shape, section).items():
                place = page.place / section / key
                entry = Entry(Ref(kind, key), shape, page, place)
                if key in reserved:
                    self.say(place, f"{shown(key)} is a word of the language: write another key", key=True)
                elif key in found:
                    first = found[key].place.key_source()
                    self.say(
                        place,
                        f"{entry.ref.kind.replace('_', ' ')} {shown(key)} is already declared at {first}:"
                        " write another key, or keep one of the two",
                        key=True,
                    )
                    continue
                else:
                    self.check_key(key, place)
                found[key] = entry
        return found

    def check_key(self, key: str, place: Place) -> None:
        """Note a problem unless marks and paths can hold the key."""
        try:
            read_key(key)
        except WordError as error:
            self.say(place, str(error), key=True)

    def say(self, place: Place, message: str, *, key: bool = False) -> None:
        """Note a problem at a value, or at its key."""
        self.problems.append(place.problem(message, key=key))

    def find(self, kind: Kind, key: str, place: Place) -> Entry | None:
        """Return what a reference at `place` names; a problem is noted if there is no such thing."""
        entry = self.entries[kind].get(key)
        if entry is not None:
            self.referred.append((entry.ref, place))
        elif not self.is_broken(kind, key):
            what = kind.replace("_", " ")
            hint = did_you_mean(key, self.entries[kind])
            if not hint:
                section = next(section for section, of in SECTIONS.items() if of == kind)
                hint = f": write the key of one, or declare it under {section}:"
            self.say(place, f"unknown {what} {shown(key)}{hint}")
        return entry

    def is_broken(self, kind: str, key: str) -> bool:
        """Tell whether a key may well be declared, but could not be read."""
        return not self.broken.isdisjoint(
            {(kind, key), (kind, EVERY_KIND), (EVERY_KIND, key), (EVERY_KIND, EVERY_KIND)}
        )

    def is_whole(self, ref: Ref) -> bool:
        """Tell whether nothing was taken out of a resource because it is wrong."""
        return (ref.kind, ref.key) not in self.partial

    def refer(self, kind: Kind, key: str, place: Place) -> Ref:
        """Return the reference, with a problem noted if it names nothing."""
        self.find(kind, key, place)
        return Ref(kind, key)

    def refer_within(self, kind: Kind, key: str, place: Place, provider: str) -> Ref:
        """As `refer`, from a resource at `provider`: what it names must be there too."""
        entry = self.find(kind, key, place)
        other = self.provider_of(entry) if entry else provider
        if (
            provider not in (NONE, other)
            and provider in self.providers
            and (other in self.providers or other == NONE)
        ):
            where = "is planned only (provider: none)" if other == NONE else f"is at {shown(other)}"
            self.say(
                place,
                f"{Ref(kind, key).words} {where}, and this is at {shown(provider)}:"
                " write one that is at the same provider",
            )
        return Ref(kind, key)

    def provider_of(self, entry: Entry) -> str:
        """Return the provider's name: the resource's own, its file's, or the only one there is."""
        only = next(iter(self.providers)) if len(self.providers) == 1 else ""
        return entry.shape.provider or entry.page.shape.provider or only

    def check_provider(self, name: str, place: Place) -> None:
        """Note a problem unless oncall.yaml configures a provider of that name."""
        if name != NONE and name not in self.providers:
            known = ", ".join((*sorted(self.providers), NONE))
            hint = (
                did_you_mean(name, (*self.providers, NONE)) or f": write one of {known}, or add it to oncall.yaml"
            )
            self.say(place, f"unknown provider {shown(name)}{hint}")

    def common(self, entry: Entry) -> dict[str, Any]:
        """Return the fields that every resource has, checked."""
        shape: Declared = entry.shape
        provider = self.provider_of(entry)
        if shape.provider:
            self.check_provider(provider, entry.place / "provider")
        elif not provider and not self.is_broken("provider", entry.page.file):
            known = ", ".join((*sorted(self.providers), NONE))
            self.say(
                entry.place,
                f"no provider: write provider: here or at the top of the file, one of {known}",
                key=True,
            )
        if shape.external:
            self._check_external(entry, provider)
        return {
            "ref": entry.ref,
            "name": shape.name or entry.ref.key,
            "description": shape.description,
            "provider": provider,
            "team": self._owner(entry, provider),
            "external": shape.external,
            "protected": shape.protected,
            "was": shape.was,
            "settings": self.settings(entry.place, provider),
            "source": entry.place.key_source(),
            "marks": PartMarks(entry.place),
        }

    def _owner(self, entry: Entry, provider: str) -> Any:
        shape: Declared = entry.shape
        if entry.ref.kind == "team":
            if shape.said("team"):
                self.say(entry.place / "team", "a team has no owner: leave team out", key=True)
            return Resource.__dataclass_fields__["team"].default
        if shape.said("team"):
            if not isinstance(shape.team, str):
                return None
            return self.refer_within("team", shape.team, entry.place / "team", provider)
        if entry.page.shape.team is None or shape.external:
            return shape.team
        return self.refer_within("team", entry.page.shape.team, entry.page.place / "team", provider)

    def _check_external(self, entry: Entry, provider: str) -> None:
        what = entry.ref.kind.replace("_", " ")
        if provider == NONE:
            self.say(
                entry.place, f"an external {what} is looked up at a provider: write which one it is", key=True
            )
        written = entry.place.raw()
        for name in written if isinstance(written, dict) else ():
            if name not in _SAID_OF_EXTERNAL:
                self.say(
                    entry.place / name,
                    f"{shown(name)} cannot be said of an external {what}, which belongs to somebody else:"
                    " write only name, provider, team and description",
                    key=True,
                )

    def settings(self, place: Place, provider: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the provider-only blocks at a place, as written; what nobody here reads is noted."""
        written = place.raw()
        kinds = sorted(self.blocks.intersection(written)) if isinstance(written, dict) else []
        found: dict[str, Mapping[str, Any]] = {}
        for kind in kinds:
            if not isinstance(written[kind], dict):
                self.say(place / kind, f"write a mapping under {kind}, or leave it out", key=True)
                continue
            found[kind] = written[kind]
            if kind not in self.installed:
                self._note(
                    place / kind, f"the block {kind} is kept, but not checked: its adapter is not installed"
                )
            elif kind != self.providers.get(provider):
                self._note(place / kind, f"the block {kind} is kept, but not used: this is at {provider}")
        return found

    def _note(self, place: Place, message: str) -> None:
        self.notes.append(Finding("block-kept", "note", printable(message), place.key_source()))

    def once(self, items: Iterable[Any], place: Place) -> None:
        """Note a problem at each item of a list that was there before."""
        seen: set[Any] = set()
        for index, item in enumerate(items):
            if item in seen:
                self.say(place / index, "this is written twice: leave one of them out")
            seen.add(item)
