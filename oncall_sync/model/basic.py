"""Names and places: what every other value refers to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, TypeAlias, TypeVar, get_args

Kind: TypeAlias = Literal["team", "user", "schedule", "escalation_policy", "service", "urgency_rule"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

UrgencyName: TypeAlias = Literal["high", "low"]


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """What a resource is called in policies: `schedule.daily-duty`.

    With `remote`, `key` is the provider's own id instead: that is how adapters refer to what they read, until
    the core knows which declared resource it is.
    """

    kind: Kind
    key: str
    remote: bool = False

    def __str__(self) -> str:
        return f"{self.kind}.{self.key}"

    @property
    def words(self) -> str:
        """Return the form for people: `schedule daily-duty`, `escalation policy checkout`."""
        return f"{self.kind.replace('_', ' ')} {self.key}"


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """Where something was written. Lines and columns count from 1; `file` is relative to oncall.yaml."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Absent(Enum):
    """The type of `ABSENT`: a key that a policy does not mention, and that is left as it is."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT

T = TypeVar("T")
Maybe: TypeAlias = T | Literal[Absent.ABSENT]
"""`ABSENT`: leave it as it is. `None`, where allowed: clear it (the word `none`). Else: make it so."""
