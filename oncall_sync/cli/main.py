"""`oncall-sync`: the group of commands, and how every error becomes one sentence and an exit code."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from oncall_sync import __version__
from oncall_sync.errors import EXIT_ERROR, EXIT_OK, ProviderError, SyncError, UsageError

COMMANDS = (
    "validate",
    "plan",
    "apply",
    "drift",
    "audit",
    "who",
    "shifts",
    "affected",
    "handoff",
    "schema",
    "sandbox",
)
INTERRUPTED = 130


class Commands(click.Group):
    """A group whose commands are imported when they are needed, so that `--help` stays quick."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the commands in the order people meet them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"oncall_sync.cli.{cmd_name}"), cmd_name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="oncall-sync")
def oncall_sync() -> None:
    """On-call configuration as code.

    Teams, schedules, escalation policies and services are declared in YAML. `plan` says what would change at
    PagerDuty and Opsgenie, `apply` makes it so, and a second plan has nothing to do.

    \b
    Example:
      oncall-sync plan
      oncall-sync apply --yes
    """


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit; the entry point of the console script."""
    sys.exit(run(sys.argv[1:] if argv is None else argv))


def run(argv: Sequence[str]) -> int:
    """Run the command line and return its exit code. Nothing it raises on purpose gets past here."""
    try:
        code = oncall_sync.main(args=list(argv), prog_name="oncall-sync", standalone_mode=False)
        return code if isinstance(code, int) else EXIT_OK
    except click.Abort:
        click.echo("stopped; nothing more was done", err=True)
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return EXIT_ERROR
    except click.ClickException as error:
        # click would exit with 2, which to a script means "there are changes".
        return _fail(argv, UsageError(_usage(error)))
    except SyncError as error:
        return _fail(argv, error)
    except Exception as error:
        if os.environ.get("ONCALL_SYNC_DEBUG"):
            raise
        return _fail(argv, _defect(error))


def _defect(error: Exception) -> SyncError:
    where = f"{type(error).__name__}: this is a defect of oncall-sync"
    return SyncError(f"{where}; set ONCALL_SYNC_DEBUG=1 to see all of it, and please report it")


def _usage(error: click.ClickException) -> str:
    from oncall_sync.report.plain import plain

    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "oncall-sync"
    return f"{plain(error.format_message(), 400)} (see `{command} --help`)"


def _fail(argv: Sequence[str], error: SyncError) -> int:
    from oncall_sync.report.plain import plain

    if _wants_json(argv):
        click.echo(json.dumps({"error": error.as_json()}), err=True)
    else:
        # A provider's own words are one sentence, whatever they hold; ours have a line per problem.
        for line in [str(error)] if isinstance(error, ProviderError) else str(error).split("\n"):
            click.echo(plain(line, 1000), err=True)
    return error.exit_code or EXIT_ERROR


def _wants_json(argv: Sequence[str]) -> bool:
    """Return whether `--format json` was asked for, however little of the rest could be understood."""
    pairs = zip(argv, [*argv, ""][1:], strict=True)
    return any(word == "--format=json" or (word == "--format" and value == "json") for word, value in pairs)
