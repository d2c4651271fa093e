"""All files together: shapes to the model, with everything between them checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from oncall_sync.errors import PolicyErrors, Problem
from oncall_sync.model import Finding, Policies, Resource

from .api_urls import VENDOR_HOSTS
from .book import EVERY_KIND, NONE, Book
from .files import content_digest
from .mentions import Mentions
from .pages import shapes
from .place import Place
from .reading import Document
from .resolve_checks import resolve_chat_commands, resolve_checks, resolve_groups, resolve_waivers
from .resolve_people import resolve_teams, resolve_users, with_pages
from .resolve_schedules import resolve_schedules
from .resolve_services import resolve_escalation_policies, resolve_services, resolve_urgency_rules
from .wording import shown

T = TypeVar("T")
KNOWN_KINDS = frozenset(VENDOR_HOSTS)
"""Kinds whose blocks are never a typo, whether or not their adapters are installed."""


def resolve(
    documents: Sequence[Document],
    *,
    providers: Mapping[str, str],
    kinds: frozenset[str],
    workspace: str | None = None,
    problems: Sequence[Problem] = (),
) -> Policies:
    """Return what the documents declare; it does not depend on the date, nor on the order of files and keys.

    Args:
        documents: the policy files.
        providers: provider kinds by name, as oncall.yaml configures them.
        kinds: the kinds whose adapters are installed.
        workspace: the scope of ownership.
        problems: what is known to be wrong with the files already.

    Raises:
        PolicyErrors: with everything that is wrong, sorted; also if only `problems` are.
    """
    blocks = KNOWN_KINDS | kinds | frozenset(providers.values())
    pages, damage, wrong = shapes(documents, blocks)
    if {problem.file for problem in problems} - {document.file for document in documents}:
        # A file that could not be read may declare anything.
        damage.broken.add((EVERY_KIND, EVERY_KIND))
    book = Book(pages, providers, kinds, blocks, damage.broken, damage.partial, [*problems, *wrong])
    _check_defaults(book)
    digest = content_digest(documents)
    policies = replace(_policies(book), workspace=workspace, sha256=digest, files=len(documents))
    _check_names(book, policies)
    _check_former_keys(book, policies)
    if book.problems:
        raise PolicyErrors(book.problems)
    notes = {*book.notes, *_missing_adapters(book, policies)}
    return replace(policies, notes=tuple(sorted(notes, key=_note_order)))


def _check_defaults(book: Book) -> None:
    for page in book.pages:
        if page.shape.provider is not None:
            book.check_provider(page.shape.provider, page.place / "provider")
        if page.shape.team is not None:
            book.find("team", page.shape.team, page.place / "team")


def _policies(book: Book) -> Policies:
    times = resolve_schedules(book)
    rules = resolve_urgency_rules(times)
    services = resolve_services(times, rules)
    ladders = resolve_escalation_policies(book)
    return Policies(
        users=_by_key(resolve_users(book)),
        teams=_by_key(with_pages(resolve_teams(book), ladders.values())),
        schedules=_by_key(times.schedules),
        escalation_policies=_by_key(ladders),
        urgency_rules=_by_key(rules),
        services=_by_key(services),
        checks=resolve_checks(times, services),
        groups=_by_key(resolve_groups(book)),
        chat_commands=_by_key(resolve_chat_commands(book)),
        waivers=resolve_waivers(book),
        mentions=Mentions(book.referred),
    )


def _by_key(found: Mapping[str, T]) -> dict[str, T]:
    return {key: found[key] for key in sorted(found)}


def _place(book: Book, resource: Resource) -> Place:
    return book.entries[resource.ref.kind][resource.ref.key].place


def _check_names(book: Book, policies: Policies) -> None:
    """A provider finds things by name: two of one kind with one name could not be told apart."""
    first: dict[tuple[str, str, str], Resource] = {}
    for resource in policies.resources():
        if resource.ref.kind == "user":
            continue
        name = (resource.ref.kind, resource.provider, resource.name)
        if name in first:
            other = first[name]
            at = f" at {resource.provider}" if resource.provider != NONE else ""
            book.say(
                _place(book, resource),
                f"{resource.ref.words} has the name {shown(resource.name)}, as has {other.ref.words}{at}"
                f" ({other.source}): write another name: for one of them",
                key=True,
            )
        first.setdefault(name, resource)


def _check_former_keys(book: Book, policies: Policies) -> None:
    seen: dict[tuple[str, str], Resource] = {}
    for resource in policies.resources():
        if resource.was is None:
            continue
        kind = resource.ref.kind
        place = _place(book, resource) / "was"
        words = kind.replace("_", " ")
        if resource.was in book.entries[kind]:
            there = book.entries[kind][resource.was].place.key_source()
            book.say(
                place, f"{words} {shown(resource.was)} still exists ({there}): leave was out, or rename that one"
            )
        if (kind, resource.was) in seen:
            other = seen[kind, resource.was]
            book.say(
                place, f"{other.ref.words} was {shown(resource.was)} already ({other.source}): only one can be"
            )
        seen.setdefault((kind, resource.was), resource)


def _missing_adapters(book: Book, policies: Policies) -> list[Finding]:
    found: dict[str, list[Resource]] = {}
    for resource in policies.resources():
        if resource.provider != NONE and book.providers[resource.provider] not in book.installed:
            found.setdefault(resource.provider, []).append(resource)
    return [
        Finding(
            "adapter-missing",
            "note",
            f"{provider}: no adapter for {book.providers[provider]} is installed, so what is declared there"
            f" ({len(resources)}) is checked, but cannot be planned",
            min(resource.source for resource in resources if resource.source),
        )
        for provider, resources in found.items()
    ]


def _note_order(note: Finding) -> tuple[str, int, int, str]:
    where = note.source
    return (where.file, where.line, where.column, note.message) if where else ("", 0, 0, note.message)
