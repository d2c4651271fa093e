"""Where chat commands land, and whether somebody is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from oncall_sync.model import ChatCommand, Finding, Ref
from oncall_sync.plan.checks import LEVELS

from .ground import Account, Asked
from .values import ChatLanding, Ladder


def landings(
    asked: Asked, accounts: Sequence[Account], ladders: Mapping[Ref, Sequence[Ladder]]
) -> Iterator[tuple[ChatLanding, Finding | None]]:
    """Yield where each chat command lands; with a finding if there is no such service at a provider.

    That nobody is on call there, or that nobody is reached, is told of the service itself.
    """
    for command in asked.policies.chat_commands.values():
        account = next((one for one in accounts if command.service in one.scene.services), None)
        if account is not None:
            yield _landing(command, account, ladders.get(command.service, ())), None
        elif not asked.narrow:
            yield _lost(command, asked, {one.provider for one in accounts})


def _landing(command: ChatCommand, account: Account, ladders: Sequence[Ladder]) -> ChatLanding:
    now = next((one for one in ladders if one.opens), None)
    first = next((level.people for level in now.levels if level.people), ()) if now else ()
    return ChatLanding(
        command=command.command,
        service=account.key(command.service),
        on_call=tuple(person.user for person in first),
        human_now=now.human_now if now else None,
        always=bool(ladders) and not any(one.gaps or one.never for one in ladders),
    )


def _lost(command: ChatCommand, asked: Asked, read: set[str]) -> tuple[ChatLanding, Finding]:
    service = asked.policies.services.get(command.service.key)
    where = service.provider if service else "none"
    if where in read:
        problem = f"there is no such service at {where} yet"
        level = LEVELS["chat-command"]
    else:
        problem = "its service has no provider" if where == "none" else f"{where} was not read"
        level = "note"
    message = f"{command.command} pages {command.service.words}, and {problem}"
    landing = ChatLanding(command=command.command, service=command.service.key, problem=problem)
    return landing, Finding("chat-command", level, message, command.source, command.service)
