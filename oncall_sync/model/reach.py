"""How people can be reached, as a provider tells it; never a number or an address in clear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from .basic import UrgencyName
from .check import ContactWay


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One way to reach a person. `shown` is masked for people's eyes (`••• ••42`), enough to tell two apart.

    `usable` is False where it is switched off or the provider has stopped using it. `verified` is None where a
    provider does not say.
    """

    way: ContactWay
    shown: str
    usable: bool = True
    verified: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalStep:
    """One of a person's own notification rules: what rings, and how long after the page has come to them."""

    way: ContactWay
    after: timedelta
    urgency: UrgencyName
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """All that a provider knows of how one person is reached.

    `steps` are those that really ring: rules that name an unusable contact are left out. `rules_read` says
    whether personal rules are known at all; where not, every usable contact is a step at once. `cannot` says in a
    few words why the provider never pages this person (`deactivated`, `a stakeholder cannot be paged`).
    """

    contacts: tuple[Contact, ...] = ()
    steps: tuple[PersonalStep, ...] = ()
    rules_read: bool = True
    cannot: str | None = None


def masked(way: ContactWay, address: str) -> str:
    """Return what people may see of an address: the last two digits of a number, the first letter of an email.

    Of an app's address (a device's token) nothing is shown. Nothing but digits and letters is ever taken from it.
    """
    if way == "push":
        return "the app"
    if way == "email":
        name, _, domain = address.partition("@")
        return f"{_first(name)}•••@{_first(domain)}•••"
    digits = [one for one in address if one in "0123456789"]
    # Two of a very short number would be half of it.
    return "••• ••" + ("".join(digits[-2:]) if len(digits) >= _ENOUGH_DIGITS else "••")


_ENOUGH_DIGITS = 6


def _first(text: str) -> str:
    return text[0] if text[:1].isascii() and text[:1].isalnum() else "•"
