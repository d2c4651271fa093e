"""What all commands share: their options, the clock, and getting from oncall.yaml to policies."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from oncall_sync.errors import UsageError

if TYPE_CHECKING:
    from oncall_sync.model import Finding, Policies
    from oncall_sync.policy.config import Config

F = TypeVar("F", bound=Callable[..., Any])
LONGEST_SPAN = timedelta(days=3650)
_SPAN = re.compile(r"(\d+)\s*(m|h|d|w)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Common:
    """The options that every command takes."""

    config: Path
    format: str
    fixed_now: datetime | None

    def now(self) -> datetime:
        """Return the instant to work with: `--now`, else the real clock."""
        return self.fixed_now or datetime.now(UTC)


def common(*formats: str) -> Callable[[F], Callable[..., Any]]:
    """Add `--config`, `--format` and `--now` to a command; they arrive as its first argument, a `Common`."""

    def decorate(function: F) -> Callable[..., Any]:
        @click.option(
            "--config",
            type=click.Path(path_type=Path),
            default=Path("oncall.yaml"),
            show_default=True,
            help="The file that names the workspace, the policies and the providers.",
        )
        @click.option(
            "--format",
            "format_",
            type=click.Choice(formats),
            default=formats[0],
            show_default=True,
            help="Output form.",
        )
        @click.option("--now", metavar="T", help="Work as if it were T (RFC 3339), for tests and what-ifs.")
        @functools.wraps(function)
        def wrapper(*args: Any, config: Path, format_: str, now: str | None, **options: Any) -> Any:
            return function(Common(config, format_, instant(now) if now else None), *args, **options)

        return wrapper

    return decorate


def instant(text: str) -> datetime:
    """Return an aware instant from RFC 3339 text. Raises UsageError."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--now {text!r}: write it as 2026-11-21T09:00:00Z") from error
    if value.tzinfo is None:
        raise UsageError(f"--now {text!r}: say which offset it has, as in 2026-11-21T09:00:00Z")
    if not 1970 < value.year < 3000:
        raise UsageError(f"--now {text!r}: write a year between 1971 and 2999")
    return value.astimezone(UTC)


def span(text: str, option: str) -> timedelta:
    """Return a duration such as `28d` or `12h`. Raises UsageError."""
    found = _SPAN.fullmatch(text.strip())
    if not found or not int(found[1]):
        raise UsageError(f"{option} {text!r}: write a number and a unit, as in 28d, 12h or 90m")
    try:
        value = timedelta(**{_UNITS[found[2]]: int(found[1])})
    except OverflowError:
        value = timedelta.max
    if value > LONGEST_SPAN:
        raise UsageError(f"{option} {text!r}: write at most {LONGEST_SPAN.days}d")
    return value


def load(options: Common) -> tuple[Config, Policies, list[Finding]]:
    """Return oncall.yaml, the policies, and what installed adapters object to. Raises PolicyErrors."""
    import os

    from oncall_sync.policy.config import load_config
    from oncall_sync.policy.load import load as load_policies
    from oncall_sync.provider import kinds
    from oncall_sync.run.validate import objections

    config = load_config(options.config, os.environ)
    policies = load_policies(config, kinds())
    return config, policies, objections(config, policies)


def say(text: str) -> None:
    """Tell people something on stderr, on one line."""
    from oncall_sync.report.plain import plain

    click.echo(plain(text, 600), err=True)
