"""Users and teams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from oncall_sync.model import ABSENT, Away, EscalationPolicy, Maybe, Member, Ref, Team, User

from .book import Book, Entry
from .place import PartMarks
from .shape import TeamShape, UserShape
from .wording import shown


def resolve_users(book: Book) -> dict[str, User]:
    """Return the users; two with one email are a problem, as a provider would know them as one."""
    first: dict[str, Entry] = {}
    for entry in book.entries["user"].values():
        email = entry.shape.email.casefold()
        if email in first:
            other = first[email]
            book.say(
                entry.place / "email",
                f"{shown(entry.shape.email)} is the email of user {other.ref.key} already"
                f" ({(other.place / 'email').source()}): write one user for one person",
            )
        first.setdefault(email, entry)
    return {key: _user(entry) for key, entry in book.entries["user"].items()}


def _user(entry: Entry) -> User:
    shape: UserShape = entry.shape
    return User(
        ref=entry.ref,
        name=shape.name or entry.ref.key,
        source=entry.place.key_source(),
        marks=PartMarks(entry.place),
        email=shape.email,
        has=frozenset(shape.has),
        works=shape.works,
        away=tuple(sorted((Away(each.since, each.until) for each in shape.away), key=lambda away: away.since)),
        ids=shape.ids,
        time_zone=shape.time_zone or entry.page.shape.time_zone,
    )


def resolve_teams(book: Book) -> dict[str, Team]:
    """Return the teams."""
    return {
        key: Team(**book.common(entry), members=_members(book, entry))
        for key, entry in book.entries["team"].items()
    }


def with_pages(teams: Mapping[str, Team], policies: Iterable[EscalationPolicy]) -> dict[str, Team]:
    """Return teams that page the only escalation policy they own; with none or several, that is left as it is."""
    owned: dict[tuple[Ref, str], list[Ref]] = {}
    for policy in policies:
        if isinstance(policy.team, Ref) and not policy.external:
            owned.setdefault((policy.team, policy.provider), []).append(policy.ref)
    return {
        key: replace(team, pages=found[0]) if len(found := owned.get((team.ref, team.provider), [])) == 1 else team
        for key, team in teams.items()
    }


def _members(book: Book, entry: Entry) -> Maybe[tuple[Member, ...]]:
    shape: TeamShape = entry.shape
    if not shape.said("members"):
        return ABSENT
    place = entry.place / "members"
    book.once((each.user for each in shape.members), place)
    found: list[Member] = []
    for index, each in enumerate(shape.members):
        ref: Ref = book.refer("user", each.user, place / index / "user")
        found.append(Member(ref, ABSENT if each.role is None else each.role))
    return tuple(found)
