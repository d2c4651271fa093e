"""Who refers to what: the references that keep an object from being deleted (428).

Recipients are found where they are stored: rules of escalations, participants of rotations, `notify` of routing
rules, responders of integrations and policies.
"""

from collections.abc import Iterator
from typing import Any, Final

from oncall_sync_sandbox.store import Index, Thing

from .account import KINDS, Account
from .refusals import in_use

SERVICES_HOLD_THEIR_TEAM: Final = True
"""Inferred: a team that has services cannot be deleted."""
_TYPES: Final = {kind: name for name, kind in KINDS.items()}


def references(account: Account, kind: str, key: str) -> list[str]:
    """Everything that refers to the object `key` of a store kind (`users`, `teams`, `schedules`, `escalations`)
    from outside of what goes with it, each as `escalation [NAME]` and once.
    """
    wanted = (_TYPES[kind], key)
    found = [f"escalation [{one['name']}]" for one in _by_recipient(account, "escalations")[wanted]]
    for rotation in _by_recipient(account, "rotations")[wanted]:
        schedule = account.store.get("schedules", rotation["schedule"])
        found.append(f"schedule [{rotation['schedule'] if schedule is None else schedule['name']}]")
    rules = _by_recipient(account, "routing_rules")[wanted]
    found += [f"routing rule of team [{account.team_meta(rule['team']).get('name')}]" for rule in rules]
    for others, word in (("integrations", "integration"), ("policies", "policy")):
        found += [f"{word} [{one['name']}]" for one in _by_recipient(account, others)[wanted]]
    if kind == "teams" and SERVICES_HOLD_THEIR_TEAM:
        found += [f"service [{one['name']}]" for one in account.store.all("services") if one["teamId"] == key]
    return list(dict.fromkeys(found))


def refuse_if_used(account: Account, kind: str, thing: Thing, what: str) -> None:
    """428 when anything refers to it; `what` is what the message calls it."""
    by = references(account, kind, thing["id"])
    if by:
        raise in_use(what, str(thing.get("name") or thing.get("username")), by)


def recipients(thing: Thing) -> Iterator[tuple[str, str]]:
    """Every (type, id) that a stored object names as a recipient."""
    named: list[Any] = [rule.get("recipient") for rule in thing.get("rules") or []]
    named += thing.get("participants") or []
    named += thing.get("responders") or []
    named.append(thing.get("notify"))
    for one in named:
        if isinstance(one, dict) and "id" in one:
            yield one["type"], one["id"]


def _by_recipient(account: Account, kind: str) -> Index:
    return account.store.index(kind, "recipients", lambda thing: tuple(dict.fromkeys(recipients(thing))))
