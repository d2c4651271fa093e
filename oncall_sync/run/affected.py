"""One person, as the policies and the accounts know them: read, put together, never written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from oncall_sync.errors import UsageError
from oncall_sync.model import Live, Paging, Ref, Resource, User
from oncall_sync.plan.affected import Affected, Ground, affected, declared_user
from oncall_sync.plan.person.found import Standing, at_provider, gone, namings, routes, swaps
from oncall_sync.plan.scenes import live_scene
from oncall_sync.provider import Incidents, Overrides, PersonalReach, Progress, Provider
from oncall_sync.rota.scene import Scene

from .reading import Account, namer, read_account, rest_of
from .requests import Request
from .scenes import together

R = TypeVar("R", bound=Resource)
NEAR = 5
"""How many names like the one asked for are offered."""


def find_affected(
    request: Request,
    providers: Mapping[str, Provider],
    paging: Mapping[str, Paging],
    asked: str,
    progress: Progress,
) -> Affected:
    """Return everything about the person whom `asked` means. Sends nothing that writes.

    Each account is read once; then there is a request per schedule (swaps), one for the person's contacts and one
    for their incidents. `paging` says how each provider pages, for what was not read. Raises UsageError for a
    person whom nobody knows, ProviderError.
    """
    user = declared_user(request.policies, asked)
    accounts = {name: read_account(request, name, each, progress) for name, each in sorted(providers.items())}
    people = {name: _there(account, user, asked) for name, account in accounts.items()}
    if user is None:
        user = next(
            (u for name, account in accounts.items() if (u := _declared(request, account, people[name]))), None
        )
        people = people if user is None else {name: _there(each, user, asked) for name, each in accounts.items()}
    if user is None and not any(people.values()):
        raise UsageError(_unknown(request, accounts, asked))
    parts = {name: _part(request, account, user, people[name]) for name, account in accounts.items()}
    scene = together([rest_of(request.policies, set(accounts), paging), *(part.scene for part in parts.values())])
    ground = Ground(
        policies=request.policies,
        scene=scene,
        people=frozenset(ref for part in parts.values() for ref in part.refs)
        | ({user.ref} if user else frozenset()),
        since=request.now,
        until=request.now + request.horizon,
        names=namer(accounts.values()),
    )
    standings = [part.standing for part in parts.values()]
    return affected(ground, user, _called(user, people), standings, request.not_read)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one account adds."""

    scene: Scene
    refs: frozenset[Ref]
    standing: Standing


def _there(account: Account, user: User | None, asked: str) -> Live | None:
    """Return the person's user in an account. Raises UsageError if several have the name."""
    if user is not None:
        return account.decision.bindings.bound.get(user.ref)
    found = at_provider(account.snapshot, asked)
    if len(found) > 1:
        emails = ", ".join(sorted(one.resource.email for one in found if isinstance(one.resource, User)))
        message = f"{len(found)} users of {account.snapshot.provider} are called {asked!r}"
        raise UsageError(f"{message}: ask for one by email ({emails})")
    return found[0] if found else None


def _declared(request: Request, account: Account, live: Live | None) -> User | None:
    """Return the declared user who is this live one, if anybody is."""
    bound = account.decision.bindings.bound.items()
    refs = [ref for ref, one in bound if live is not None and one is live]
    return request.policies.users.get(refs[0].key) if refs else None


def _part(request: Request, account: Account, user: User | None, live: Live | None) -> _Part:
    snapshot, decision, provider = account.snapshot, account.decision, account.provider
    until = request.now + request.horizon
    ids = [one.remote_id for one in snapshot.of_kind("schedule")]
    found = provider.overrides(ids, request.now, until) if ids and isinstance(provider, Overrides) else {}
    paging = provider.capabilities.paging
    scene = live_scene(snapshot, decision, account.side.users, paging, found)
    if live is None:
        deleted = tuple(sorted(set(gone(snapshot)))) if user is not None else ()
        return _Part(scene, frozenset(), Standing(provider=snapshot.provider, there=False, deleted=deleted))
    key = live.remote_id
    ref = decision.labels.to_ref(Ref("user", key, remote=True))
    reach = provider.reach([key]).get(key) if isinstance(provider, PersonalReach) else None
    incidents = tuple(provider.incidents([], [key])) if isinstance(provider, Incidents) else None
    standing = Standing(
        provider=snapshot.provider,
        there=True,
        cannot=reach.cannot if reach is not None else None,
        namings=tuple(namings(request.policies, snapshot, decision, key, ref)),
        swaps=tuple(swaps(snapshot, found.items(), key)),
        incidents=incidents,
        routes=tuple(
            routes(snapshot, {id_ for id_, each in found.items() if any(o.user_id == key for o in each)}, key)
        ),
    )
    return _Part(scene, frozenset((ref,)), standing)


def _called(user: User | None, people: Mapping[str, Live | None]) -> tuple[str, str]:
    """Return the person's key, or their email where no policy declares them, and their name."""
    there = next((live.resource for live in people.values() if live is not None), None)
    if user is not None:
        named = user.name != user.ref.key or there is None
        return user.ref.key, user.name if named or there is None else there.name
    if not isinstance(there, User):
        raise TypeError("a person is declared, or in an account")
    return there.email, there.name


def _unknown(request: Request, accounts: Mapping[str, Account], asked: str) -> str:
    """Return what to say of somebody whom nobody knows: names that are like it, and where nobody looked."""
    declared = request.policies.users.values()
    names = {user.ref.key for user in declared} | {user.name for user in declared}
    for account in accounts.values():
        people = (live.resource for live in account.snapshot.users)
        names |= {text for one in people if isinstance(one, User) for text in (one.name, one.email)}
    folded = {name.casefold(): name for name in sorted(names)}
    near: Sequence[str] = [folded[one] for one in get_close_matches(asked.casefold(), folded, NEAR, 0.6)]
    near = near or sorted(name for one, name in folded.items() if asked.casefold() in one)[:NEAR]
    where = ", ".join(["the policies", *accounts])
    hint = f"did you mean {', '.join(near)}?" if near else "ask by key, email or name"
    unread = "".join(f"; {name} was not read: {why}" for name, why in request.not_read.items())
    return f"nobody is called {asked!r} in {where} ({hint}){unread}"
