"""What `plan` and `apply` do alike: from options to a plan."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from oncall_sync.errors import UsageError
from oncall_sync.plan.guards import GUARDS, Limits
from oncall_sync.provider import Provider
from oncall_sync.run.accounts import choose, connected
from oncall_sync.run.checkout import worries
from oncall_sync.run.planning import Planned, make_plan
from oncall_sync.run.requests import Request
from oncall_sync.run.stopping import Stop

from .common import Common, load, say
from .progress import progress_bar


@dataclass(frozen=True, slots=True)
class Session:
    """Open connections, what was asked for, and by what words the accounts can be told apart before a read."""

    request: Request
    providers: dict[str, Provider]
    addresses: tuple[str, ...] = ()
    stop: Stop = field(default_factory=lambda: Stop(say))

    def with_checkout(self) -> Session:
        """Return the same session, which also minds what is checked out: what an apply would write."""
        findings = (*self.request.findings, *worries(self.request.root))
        return replace(self, request=replace(self.request, findings=findings))

    def plan(self) -> Planned:
        """Read everything and decide. Raises ProviderError."""
        with progress_bar() as progress:
            return make_plan(self.request, self.providers, self.stop.between(progress))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the options of `plan` and `apply` say; see their help."""

    providers: Sequence[str] = ()
    horizon: timedelta = timedelta(days=28)
    expires: timedelta = timedelta(days=7)
    max_deletes: int = 5
    waive: Sequence[str] = ()
    refresh_marks: bool = False
    target: Sequence[str] = ()


@contextmanager
def session(options: Common, asked: Asked, stop: Stop | None = None) -> Iterator[Session]:
    """Yield a session that `stop` stops; it tells of its waits. Raises PolicyErrors, UsageError, AuthError."""
    stop = stop or Stop(say)
    config, policies, objections = load(options)
    choice = choose(config, policies, asked.providers)
    limits = Limits(
        max_deletes=asked.max_deletes,
        waived=waived(asked.waive),
        waivers=policies.waivers,
        policy_files=policies.files,
    )
    request = Request(
        workspace=config.workspace,
        policies=policies,
        kinds={entry.name: entry.kind for entry in choice.read},
        root=config.root,
        now=options.now(),
        horizon=asked.horizon,
        expires=asked.expires,
        limits=limits,
        refresh_marks=asked.refresh_marks,
        findings=tuple(objections),
        not_read=choice.not_read,
        targets=frozenset(asked.target),
    )
    with connected(choice.read, os.environ, stop) as providers:
        addresses = tuple(
            f"{entry.kind} {entry.api_url or entry.region} {entry.token_env}" for entry in choice.read
        )
        yield Session(request, providers, addresses, stop)


def waived(options: Sequence[str]) -> dict[str, str]:
    """Return reasons by rule from `RULE=REASON`. Raises UsageError for a rule that is no guard."""
    out: dict[str, str] = {}
    for option in options:
        rule, _, reason = option.partition("=")
        if rule not in GUARDS:
            raise UsageError(f"--waive {option!r}: there is no guard {rule!r}; there are {', '.join(GUARDS)}")
        if not reason.strip():
            raise UsageError(f"--waive {rule}: say why, as in --waive {rule}='moved to the payments team'")
        out[rule] = reason.strip()
    return out
