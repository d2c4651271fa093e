"""How values of the policy language stand in pydantic models: read by `words`, complained about in our sentences.

Each class here is put into an `Annotated[…]`; it brings both the reading and the JSON Schema of a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from . import words
from .wording import did_you_mean, shown

JsonSchema = dict[str, Any]
LONGEST_KEY = 100

_NEVER_IN_KEYS = re.compile(r"[/#\\{}\[\]]")


def objection(message: str) -> PydanticCustomError:
    """Return the error to raise inside a validator: its message reaches the reader as it is."""
    return PydanticCustomError("objection", "{message}", {"message": message})


def found(value: object) -> str:
    """Return what a value of the wrong kind is, in words."""
    match value:
        case None:
            return "nothing"
        case bool():
            return f"the word {str(value).lower()}"
        case int() | float():
            return f"the number {value}"
        case str():
            return shown(value) if value.strip() else "an empty text"
        case dict():
            return "a mapping"
    return "a list"


class Word:
    """A scalar that one function of `words` understands; with `clear`, the word `none` is None."""

    def __init__(self, read: Callable[[Any], Any], schema: JsonSchema, *, clear: bool = False) -> None:
        self.read = read
        self.clear = clear
        self.schema: JsonSchema = {"anyOf": [schema, {"const": "none"}]} if clear else schema

    def __call__(self, value: Any) -> Any:
        """Return what the value means, or raise an objection."""
        if self.clear and value == "none":
            return None
        try:
            return self.read(value)
        except words.WordError as error:
            raise objection(str(error)) from None

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self)

    def __get_pydantic_json_schema__(self, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchema:
        return dict(self.schema)


class OneOrMore:
    """A list where one item may stand for a list of one; `empty` is the objection to an empty list, if any.

    With `clear`, the word `none` is the empty list.
    """

    def __init__(self, *, empty: str | None = None, clear: bool = False) -> None:
        self.empty = empty
        self.clear = clear

    def __call__(self, value: Any) -> Any:
        """Return a list, whatever was written."""
        if self.clear and value == "none":
            return []
        if not isinstance(value, list):
            return [value]
        if not value and self.empty:
            raise objection(self.empty)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        listed = handler(core["schema"])
        if self.empty:
            listed["minItems"] = 1
        forms = [listed["items"], listed]
        if self.clear:
            forms.append({"const": "none"})
        return {"anyOf": forms}


class Bare:
    """A mapping for which the value of one of its keys may stand."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, value: Any) -> Any:
        """Return a mapping, if text was written."""
        return {self.name: value} if isinstance(value, str) else value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        return {"anyOf": [dict(_NAME), handler(core["schema"])]}


def text(value: Any) -> str:
    """Return text that is not blank, as written."""
    if not isinstance(value, str):
        hint = f": put it in quotes, '{value}'" if isinstance(value, (int, float)) else ""
        raise words.WordError(f"write text here, not {found(value)}{hint}")
    if not value.strip():
        raise words.WordError("this text is empty: write something, or leave the key out")
    return value


def any_text(value: Any) -> str:
    """Return text, also an empty one."""
    return value if value == "" else text(value)


def key(value: Any) -> str:
    """Return the key of a resource: printable, trimmed, and without what marks and paths are made of."""
    word = text(value)
    if len(word) > LONGEST_KEY or not word.isprintable() or word != word.strip() or _NEVER_IN_KEYS.search(word):
        raise words.WordError(
            f"{shown(word)} cannot be a key: write letters, digits, dots, dashes and underscores,"
            f" at most {LONGEST_KEY}, and the full name in name:"
        )
    return word


def flag(value: Any) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise words.WordError(f"write true or false, not {found(value)}")
    return value


def one_of(*choices: str) -> Word:
    """Return the word that takes one of a few texts."""

    def read(value: Any) -> str:
        if isinstance(value, str) and value in choices:
            return value
        hint = did_you_mean(value, choices) if isinstance(value, str) else ""
        listed = " or ".join([", ".join(choices[:-1]), choices[-1]]) if len(choices) > 1 else choices[0]
        raise words.WordError(f"write {listed}, not {found(value)}{hint}")

    return Word(read, {"enum": list(choices)})


def whole(low: int, high: int, *, none: int | None = None) -> Word:
    """Return the word that takes a whole number within bounds, or the word none, if `none` says what it means."""

    def read(value: Any) -> int:
        if none is not None and value == "none":
            return none
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise words.WordError(f"write a whole number from {low} to {high}, not {found(value)}")
        return value

    number: JsonSchema = {"type": "integer", "minimum": low, "maximum": high}
    return Word(read, number if none is None else {"anyOf": [number, {"const": "none"}]})


def reference(kind: str, *, clear: bool = False) -> Word:
    """Return the word that takes the key of a `kind`, bare or as `{kind: key}`."""

    def read(value: Any) -> str:
        if isinstance(value, dict) and list(value) == [kind]:
            value = value[kind]
        if not isinstance(value, str) or not value.strip():
            raise words.WordError(f"write the key of a {kind.replace('_', ' ')}, not {found(value)}")
        return value

    bare = {"type": "string", "minLength": 1}
    mapped = {"type": "object", "properties": {kind: bare}, "required": [kind], "additionalProperties": False}
    return Word(read, {"anyOf": [bare, mapped]}, clear=clear)


def day_date(value: Any) -> date:
    """Return a date, `2026-12-31`."""
    moment = words.wall(value, dates=True)
    if moment.hour or moment.minute:
        raise words.WordError(f"{shown(str(value))} has a time of day: write the date alone, {moment:%Y-%m-%d}")
    return moment.date()


def minute_of_week(value: Any) -> int:
    """Return `sat 03:00` as minutes since Monday 00:00."""
    return words.moment(value).of_week


def spelled(pattern: str, *examples: str) -> JsonSchema:
    """Return the JSON Schema of text with a form, as exact as an editor needs; `words` has the last say."""
    return {"type": "string", "pattern": pattern, "examples": list(examples)}


_DAY = "[A-Za-z]{3,9}"
_NAME: Mapping[str, Any] = {"type": "string", "minLength": 1}
_DURATION = spelled(r"^\s*[0-9]+ ?[A-Za-z]+\s*$", "15m", "4h", "2d", "30 minutes", "1 week")
_WALL = spelled(rf"^\s*({_DAY},?\s+)?[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([ T][0-9:]+)?\s*$", "Mon 2026-01-05 09:00")

TEXT = Word(text, dict(_NAME))
CLEARABLE_TEXT = Word(any_text, {"type": "string"}, clear=True)
FLAG = Word(flag, {"type": "boolean"})
DURATION = Word(words.duration, _DURATION)
CLEARABLE_DURATION = Word(words.duration, _DURATION, clear=True)
EVERY = Word(words.every, spelled(r"[A-Za-z]", "12h", "1 day", "2 days", "1 week", "2 weeks"))
DAYS = Word(words.days, spelled(rf"^\s*{_DAY}", "Mon-Fri", "Mon+Wed"))
ZONE = Word(words.zone, spelled(r"[A-Za-z]", "Europe/Vienna", "America/Chicago", "UTC"))
EMAIL = Word(words.email, spelled(r"@", "anna@example.com"))
WALL = Word(words.wall, _WALL)
WALL_OR_DATE = Word(lambda value: words.wall(value, dates=True), _WALL)
CLEARABLE_WALL = Word(lambda value: words.wall(value, dates=True), _WALL, clear=True)
DATE = Word(day_date, spelled(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2026-12-31"))
WEEK_MINUTE = Word(minute_of_week, spelled(rf"^\s*{_DAY}\s+[0-9:]+\s*$", "sat 03:00"))
