"""What all shapes share: unknown keys are refused, provider blocks stand aside, hours may nest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    model_validator,
)

from oncall_sync.model import Hours

from . import words
from .shape_values import OneOrMore, Word, objection, reference


class Shape(BaseModel):
    """The shape of one mapping in a policy file."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    def said(self, name: str) -> bool:
        """Tell whether a key was written, whatever its value."""
        return name in self.model_fields_set


class Blocked(Shape):
    """A mapping that may hold provider-only blocks; their kinds are the validation context.

    The blocks are left to the adapters: they are taken out here and picked up from the document later.
    """

    @model_validator(mode="before")
    @classmethod
    def _without_blocks(cls, data: Any, info: ValidationInfo) -> Any:
        kinds: frozenset[str] = info.context or frozenset()
        if isinstance(data, dict) and not kinds.isdisjoint(data):
            return {name: value for name, value in data.items() if name not in kinds}
        return data


def written(value: Any) -> Any:
    """Refuse null where something belongs."""
    if value is None:
        raise objection("nothing is written here: write a mapping, or leave the key out")
    return value


NotNull = BeforeValidator(written)


def only_one(shape: Shape, *names: str) -> str:
    """Return which one of several keys was written; raises an objection unless it is exactly one."""
    said = [name for name in names if shape.said(name)]
    if len(said) == 1:
        return said[0]
    listed = " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    if said:
        raise objection(f"{' and '.join(said)} exclude each other here: write only one of {listed}")
    raise objection(f"something is missing here: write {listed}")


@dataclass(frozen=True, slots=True)
class Named:
    """Hours by a name under `hours:`."""

    name: str


class OfSchedule(Shape):
    """The hours in which a schedule has somebody to ring."""

    schedule: Annotated[str, reference("schedule")] = Field(description="key of the schedule")


def hours_text(value: Any) -> Hours | Named:
    """Return windows and spans as hours, the rest as a name. Raises WordError, also for days without times."""
    if not isinstance(value, str) or not value.strip() or ":" in value or value.strip().casefold() == "always":
        return words.hours(value)
    return _name_or_days(value.strip())


@lru_cache(maxsize=256)
def _name_or_days(name: str) -> Named | Hours:
    """Return a name, unless it says days: those need times. Remembered, as a file says its few names often."""
    first = name.split(maxsplit=1)[0] if any(character.isdigit() for character in name) else name
    try:
        words.days(first)
    except words.WordError:
        return Named(name)
    return words.hours(name)


def can_be_name(text: str) -> bool:
    """Tell whether hours under that name could be referred to."""
    try:
        return hours_text(text) == Named(text) and text.isprintable()
    except words.WordError:
        return False


def _hours_form(value: Any) -> str:
    if isinstance(value, dict):
        return "<OfSchedule>" if "schedule" in value else "<Outside>"
    return "<text>"


_HOURS_TEXT = Word(
    hours_text,
    {
        "type": "string",
        "examples": ["Mon-Fri 09:00-18:00", "Fri 18:00 - Mon 09:00", "office"],
        "description": "a window, a span, or a name under hours:",
    },
)


class Outside(Shape):
    """All the rest of the week: it cannot leave a hole."""

    outside: HoursParts = Field(description="hours, names of hours, or {schedule: key}")


HoursPart: TypeAlias = Annotated[
    Annotated[Hours | Named, _HOURS_TEXT, Tag("<text>")]
    | Annotated[Outside, Tag("<Outside>")]
    | Annotated[OfSchedule, Tag("<OfSchedule>")],
    Discriminator(_hours_form),
]


HoursParts: TypeAlias = Annotated[
    tuple[HoursPart, ...], OneOrMore(empty="no hours: write some, or leave the key out")
]

Outside.model_rebuild()

__all__ = [
    "Blocked",
    "HoursPart",
    "HoursParts",
    "Named",
    "NotNull",
    "OfSchedule",
    "Outside",
    "Shape",
    "can_be_name",
    "hours_text",
    "only_one",
    "written",
]
