"""Applying a plan to every provider, and making sure that nothing is left to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from oncall_sync.errors import ProviderError, Stopped
from oncall_sync.model import Change
from oncall_sync.plan.diff import Decision
from oncall_sync.provider import Progress, Provider

from .apply import Applier, Report
from .journal import Journal
from .passing import brings_people, joined
from .planning import Planned, make_plan
from .requests import Request
from .sending import Sender
from .stopping import Stop

Say: TypeAlias = Callable[[str], None]

LISTS_LAG_SECONDS = 60.0  # how long a provider's lists may take to show what was just made
FIRST_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at the account after an apply found still to do; `problem` if it could not be looked at."""

    left: tuple[Change, ...] = ()
    problem: str | None = None

    @property
    def clean(self) -> bool:
        """Return whether nothing is left."""
        return not self.left and self.problem is None


def apply_plan(
    planned: Planned, request: Request, providers: Mapping[str, Provider], journal: Journal, stop: Stop, say: Say
) -> Report:
    """Make the plan true, provider by provider; returns what was done and what was not."""
    report = Report()
    sender = Sender(sleep=stop.sleep, say=say)
    waived = dict(request.limits.waived or {})
    journal.write("start", digest=planned.plan.digest, workspace=request.workspace, waived=waived)

    def make(decisions: Mapping[str, Decision]) -> None:
        for name, decision in decisions.items():
            applier = Applier(providers[name], decision, sender, journal, request=request, stop=stop)
            applier.run(report)

    make(planned.decisions)
    if report.whole:
        make(_came_along(planned, request, providers, stop, say))
    journal.write("end", done=len(report.done), failed=len(report.failed), not_attempted=len(report.not_attempted))
    return report


def _came_along(
    planned: Planned, request: Request, providers: Mapping[str, Provider], stop: Stop, say: Say
) -> Mapping[str, Decision]:
    """Return how to take out of teams whom the provider put there on the way; looks only where that can be."""
    names = [name for name, decision in planned.decisions.items() if brings_people(decision)]
    if not names:
        return {}
    try:
        after = make_plan(request, {name: providers[name] for name in names}, stop.between(_quiet)).decisions
    except (ProviderError, Stopped):
        return {}  # the verification says what is left
    found = joined(planned.decisions, after)
    for name, decision in found.items():
        for change in decision.changes:
            people = ", ".join(field.path.removeprefix("members.") for field in change.fields)
            say(f"{name}: taking out of {change.ref.words} again who came into it on the way: {people}")
    return found


def _quiet(_what: str, _done: int, _total: int) -> None:
    """Show no progress a second time."""


def verify(
    request: Request,
    providers: Mapping[str, Provider],
    *,
    clock: Callable[[], datetime],
    say: Say,
    stop: Stop,
    patience: float = LISTS_LAG_SECONDS,
) -> Verified:
    """Read again until the plan is empty or `patience` seconds have been waited.

    Each look is at its own hour (`clock`): what was made a minute ago begins after the plan was.
    """
    progress: Progress = stop.between(_quiet)
    waited, pause = 0.0, FIRST_LOOK_SECONDS
    while True:
        try:
            left = make_plan(replace(request, now=clock()), providers, progress).plan.changes
        except (ProviderError, Stopped) as error:
            return Verified(problem=str(error))
        if not left or waited >= patience:
            return Verified(left)
        say(f"{len(left)} changes do not show at the provider yet; looking again in {pause:.0f} s")
        try:
            stop.sleep(pause)
        except Stopped:
            return Verified(left, "stopped before it could look again")
        waited += pause
        pause = min(pause * 2, 10.0)
