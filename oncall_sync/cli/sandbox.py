"""`oncall-sync sandbox`: a local server that speaks a vendor's API."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from oncall_sync.errors import PolicyErrors, UsageError

from .common import Common, common

_LATENCY = re.compile(r"(\d+)\s*(ms|s)")
_RATE = re.compile(r"(\d+)\s*/\s*min")


@click.command()
@click.argument("kind")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option(
    "--seed", type=click.Path(path_type=Path), help="YAML: users: {anna: {email: …, name: …}}, and objects."
)
@click.option("--latency", metavar="50ms", help="Wait this long before each answer.")
@click.option("--rate-limit", metavar="960/min", help="Answer 429 beyond so many calls a minute.")
@click.option("--store", type=click.Path(path_type=Path), help="SQLite file that survives a restart.")
@click.option("--token", help="Accept only this token; without it any.")
@common("text", "json")
def sandbox(common_: Common, kind: str, port: int, seed: Path | None, **limits: Any) -> None:
    """Serve a strict imitation of a vendor's API on this machine, until interrupted.

    Point the tool at it with PAGERDUTY_API_URL or OPSGENIE_API_URL. Nothing leaves the machine. With --now its
    clock stands at T.

    \b
    Example:
      oncall-sync sandbox pagerduty --port 8080 --seed people.yaml
      PAGERDUTY_API_URL=http://127.0.0.1:8080 PAGERDUTY_TOKEN=any oncall-sync plan
    """
    from oncall_sync.provider import HasSandbox, SandboxOptions, adapter

    vendor = adapter(kind)
    if not issubclass(vendor, HasSandbox):
        raise UsageError(f"the adapter for {kind!r} brings no sandbox")
    options = SandboxOptions(
        port=port,
        seed=_seed(seed) if seed else None,
        now=common_.fixed_now,
        latency=_latency(limits["latency"]),
        rate_limit=_rate(limits["rate_limit"]),
        store=str(limits["store"]) if limits["store"] else None,
        token=limits["token"],
    )
    try:
        vendor.sandbox(options, lambda url: click.echo(_started(kind, url, common_.format)))
    except ValueError as error:
        raise UsageError(f"--seed {seed}: {str(error).removeprefix('seed: ')}") from error
    except ModuleNotFoundError as error:
        message = f"the sandbox needs {error.name}: install oncall-sync[sandbox]"
        raise UsageError(message) from error
    except OSError as error:
        raise UsageError(f"the sandbox cannot listen on port {port}: {error.strerror or error}") from error


def _started(kind: str, url: str, form: str) -> str:
    return json.dumps({"kind": kind, "url": url}) if form == "json" else f"{kind} sandbox at {url}"


def _seed(path: Path) -> dict[str, Any]:
    from oncall_sync.policy.reading import read

    try:
        text = path.read_bytes()
    except OSError as error:
        raise UsageError(f"--seed {path}: {error.strerror or error}") from error
    document, problems = read(text, str(path))
    if problems or document is None:
        raise PolicyErrors(problems)
    return dict(document.data)


def _latency(text: str | None) -> timedelta:
    if not text:
        return timedelta()
    found = _LATENCY.fullmatch(text)
    if not found:
        raise UsageError(f"--latency {text!r}: write it as 50ms or 2s")
    return timedelta(**{"milliseconds" if found[2] == "ms" else "seconds": int(found[1])})


def _rate(text: str | None) -> int | None:
    if not text:
        return None
    found = _RATE.fullmatch(text)
    if not found or not int(found[1]):
        raise UsageError(f"--rate-limit {text!r}: write it as 960/min")
    return int(found[1])
