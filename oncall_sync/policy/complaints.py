"""pydantic's errors in our sentences: where, what is wrong, what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from oncall_sync.errors import Problem

from .place import Place
from .reading import Document
from .shape import FileShape
from .shape_base import Blocked
from .shape_values import found
from .wording import did_you_mean, shown

_WANTS_MAPPING = frozenset({"model_type", "model_attributes_type", "dict_type"})


def complaints(
    error: ValidationError, document: Document, kinds: Iterable[str], top: type[BaseModel] = FileShape
) -> list[Problem]:
    """Return one problem per error in a document of the shape `top`.

    `kinds` are the provider kinds whose blocks may be written.
    """
    errors = error.errors(include_url=False)
    # One typo, one problem: a key that is missing because it is misspelled is not missing.
    meant = {
        (*each["loc"][:-1], _meant(each["loc"], kinds, top))
        for each in errors
        if each["type"] == "extra_forbidden"
    }
    return [
        _problem(each, document, kinds, top)
        for each in errors
        if each["type"] != "missing" or each["loc"] not in meant
    ]


def _problem(error: ErrorDetails, document: Document, kinds: Iterable[str], top: type[BaseModel]) -> Problem:
    path = error["loc"]
    place = Place(document, path)
    value = error["input"]
    if error["type"] == "extra_forbidden":
        return place.problem(_unknown_key(path, kinds, top), key=True)
    if error["type"] == "missing":
        return Place(document, path[:-1]).problem(_missing(path, top), key=True)
    if value is None:
        return place.problem(f"nothing is written here: write {_wanted(error)}, or leave the key out", key=True)
    if error["type"] in _WANTS_MAPPING:
        return place.problem(f"write a mapping here, not {found(value)}")
    if error["type"] == "tuple_type":
        return place.problem(f"write a list here, not {found(value)}")
    return place.problem(error["msg"], key=isinstance(value, dict))


def _wanted(error: ErrorDetails) -> str:
    if error["type"] in _WANTS_MAPPING:
        return "a mapping"
    return "a list" if error["type"] == "tuple_type" else "a value"


def _unknown_key(path: tuple[str | int, ...], kinds: Iterable[str], top: type[BaseModel]) -> str:
    known = _known(path, kinds, top)
    hint = did_you_mean(str(path[-1]), known) or f": known here are {', '.join(known)}"
    return f"unknown key {shown(str(path[-1]))}{hint}"


def _meant(path: tuple[str | int, ...], kinds: Iterable[str], top: type[BaseModel]) -> str:
    """Return the key that a misspelled one most resembles, or an empty text."""
    hint = did_you_mean(str(path[-1]), _known(path, kinds, top))
    return hint.split("'")[1] if hint else ""


def _known(path: tuple[str | int, ...], kinds: Iterable[str], top: type[BaseModel]) -> list[str]:
    shape = _shape_at(path[:-1], top)
    return [*_fields(shape), *(sorted(kinds) if issubclass(shape, Blocked) else ())]


def _missing(path: tuple[str | int, ...], top: type[BaseModel]) -> str:
    name = str(path[-1])
    description = _fields(_shape_at(path[:-1], top)).get(name, "")
    return f"{shown(name)} is missing{': ' if description else ''}{description}"


@cache
def _fields(shape: type[BaseModel]) -> dict[str, str]:
    return {info.alias or name: info.description or "" for name, info in shape.model_fields.items()}


def _shape_at(path: tuple[str | int, ...], top: type[BaseModel]) -> type[BaseModel]:
    """Return the shape of the mapping at a path: follow the fields down from the file."""
    shape = top
    at_key = False
    for step in path:
        if not at_key and str(step) in _below(shape):
            shape, at_key = _below(shape)[str(step)]
        else:
            at_key = False
    return shape


@cache
def _below(shape: type[BaseModel]) -> dict[str, tuple[type[BaseModel], bool]]:
    """Return the shapes one step down, by the field's name, and by their own where a field has several.

    The flag tells that a mapping by key is between the field and the shape.
    """
    below: dict[str, tuple[type[BaseModel], bool]] = {}
    for name, info in shape.model_fields.items():
        inside = list(_shapes((info.annotation, *info.metadata)))
        keyed = get_origin(info.annotation) is dict
        if len(inside) == 1:
            below[info.alias or name] = (inside[0], keyed)
        below |= {f"<{each.__name__}>": (each, False) for each in inside}
    return below


def _shapes(annotations: Iterable[Any]) -> Iterator[type[BaseModel]]:
    seen: set[type[BaseModel]] = set()
    for annotation in annotations:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            seen.add(annotation)
        else:
            seen.update(_shapes(get_args(annotation)))
    yield from sorted(seen, key=lambda shape: shape.__name__)
