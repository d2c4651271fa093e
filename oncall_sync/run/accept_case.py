"""One object of which something is accepted: what its policy says, what is live, and the words for it so far."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from oncall_sync.model import Live, Policies, Ref, Resource, User
from oncall_sync.policy import words
from oncall_sync.policy.writing import Around, Unsayable, ordered

_RESERVED: Final = frozenset({"none", "nobody"})
_NOT_IN_KEYS: Final = re.compile(r"[^a-z0-9._-]+")


@dataclass(slots=True)
class People:
    """Users of a provider whom no policy declares yet, and the keys they get when something names them.

    Attributes:
        there: everybody at the provider, by id.
        taken: keys that users have already.
        found: the newcomers, as they are to be written, by key.
    """

    there: Mapping[str, User]
    taken: Collection[str]
    found: dict[str, dict[str, str]] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)

    def key(self, ref: Ref) -> str:
        """Return the key of a user known by id. Raises Unsayable for one who is no longer there."""
        if ref.key in self._keys:
            return self._keys[ref.key]
        user = self.there.get(ref.key)
        if user is None:
            raise Unsayable("it names somebody who was deleted at the provider: take that person out there first")
        try:
            email = words.email(user.email)
        except words.WordError as error:
            raise Unsayable(f"it names {user.name}, whose address no policy can hold: {error}") from None
        key = _key(user, {*self.taken, *self.found})
        named = {"name": user.name} if user.name.strip() and user.name != key else {}
        self.found[key] = {**named, "email": email}
        self._keys[ref.key] = key
        return key


def _key(user: User, taken: Collection[str]) -> str:
    """Return a key: the address's part before the @, the name if that is taken, else a number behind it."""
    local, name = (_NOT_IN_KEYS.sub("-", text.casefold()).strip("-.") for text in (_local(user), user.name))
    base = local or name or "user"
    wishes = [each for each in (base, name) if each]
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 4))
    return next(each for each in (*wishes, *numbered) if each not in taken and each not in _RESERVED)


def _local(user: User) -> str:
    return user.email.partition("@")[0].partition("+")[0]


@dataclass(slots=True, kw_only=True)
class Case:
    """What is to be accepted of one object, and the words for it so far.

    Attributes:
        words: what stands under its key; the functions that accept replace it.
        declared: what those words mean.
        wanted: the same, as a plan would make it.
        live: what is at the provider, in declared refs, its description without the mark.
        fields: the dotted paths that differ, as a plan has them.
        kept: names of children that somebody added.
        every_child: whether all that is live and not declared was added, not only `kept`.
        around: what the file says for all that is in it.
        normalize: what the provider would make of a resource.
        elsewhere: what makes new words of those that stand elsewhere in the policies, by section and key.
    """

    words: dict[str, Any]
    declared: Resource
    wanted: Resource
    live: Resource
    fields: frozenset[str]
    kept: frozenset[str]
    every_child: bool
    around: Around
    policies: Policies
    people: People
    name_of: Callable[[Ref], str]
    normalize: Callable[[Resource, Live | None], Resource]
    now: datetime
    elsewhere: dict[tuple[str, str], Callable[[Any], Any]] = field(default_factory=dict)

    @property
    def heads(self) -> frozenset[str]:
        """Return the first steps of the paths that differ."""
        return frozenset(path.partition(".")[0] for path in self.fields)

    def put(self, key: str, value: Any) -> None:
        """Say something of the object; a reference that stood in a mapping of its own stays in one."""
        old = self.words.get(key)
        if isinstance(old, dict) and isinstance(value, str) and len(old) == 1 and {*old} <= {"team", key}:
            value = dict.fromkeys(old, value)
        self.words = ordered(self.words, key, value)

    def drop(self, key: str) -> None:
        """Say nothing of it any more."""
        self.words = {name: value for name, value in self.words.items() if name != key}

    def known(self, ref: Ref) -> Ref:
        """Return what policies call something, a person whom they do not know yet included. Raises Unsayable."""
        if not ref.remote:
            return ref
        if ref.kind == "user":
            return Ref("user", self.people.key(ref))
        kind = ref.kind.replace("_", " ")
        raise Unsayable(
            f"it names the {kind} {self.name_of(ref)!r}, which no policy declares: declare it first, with"
            " `external: true` if it belongs to somebody else"
        )

    def block(
        self, words: dict[str, Any], kind: str, keys: Collection[str], live: Mapping[str, Any], cleared: str | None
    ) -> dict[str, Any]:
        """Return words with other values for some keys of a provider's block.

        What is live by default is said with the word that clears it; where there is none, nothing is said of it.
        """
        block = dict(words.get(kind) or {})
        for key in sorted(keys):
            if key not in block:
                raise Unsayable(f"`{key}` under `{kind}` is not something that policies say here: change it there")
            if key in live:
                block[key] = live[key]
            elif cleared is not None:
                block[key] = cleared
            else:
                del block[key]
        rest = {name: value for name, value in words.items() if name != kind}
        return ordered(words, kind, block) if block else rest
