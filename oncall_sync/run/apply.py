"""Making a plan true: in order, each call once, and never taking away what is still needed.

Everything is made and re-pointed first, in circles as well (a team points to a policy of its own); what takes
something away comes last, in reverse order, and is left alone if anything that still refers to it could not be
changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from oncall_sync.errors import ProviderError, Rejected, Stopped
from oncall_sync.model import Call, Change, Ref
from oncall_sync.plan.diff import ORDER, Decision
from oncall_sync.plan.fill import pointed_at, references
from oncall_sync.plan.marking import marked
from oncall_sync.provider import Provider

from .ids import ids_of
from .journal import Journal
from .narrowing import needed_by_incidents
from .ordering import in_order_of_names
from .racing import Race, lost_race
from .requests import Request
from .sending import UNSURE, Sender, lost
from .stopping import Stop

STOPPED = "stopped on request"


@dataclass(frozen=True, slots=True)
class Failure:
    """A change that was not (wholly) made, and why, in the provider's own words where it spoke."""

    change: Change
    reason: str


@dataclass(slots=True)
class Report:
    """What came of a plan. `done` in the order it was finished."""

    done: list[Change] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    not_attempted: list[Failure] = field(default_factory=list)
    writes: int = 0

    @property
    def whole(self) -> bool:
        """Return whether everything was done."""
        return not self.failed and not self.not_attempted


class Applier:
    """Applies the changes of one provider; make one per provider and run."""

    def __init__(
        self,
        provider: Provider,
        decision: Decision,
        sender: Sender,
        journal: Journal,
        *,
        request: Request,
        stop: Stop,
    ) -> None:
        self._provider = provider
        self._decision = decision
        self._sender = sender
        self._journal = journal
        self._request = request
        self._stop = stop
        self._race = Race(provider, request.workspace, sender, journal)
        self._ids = ids_of(decision)
        self._parts: dict[str, Call] = {}
        self._stuck: dict[Ref, str] = {}
        self._stopped: str | None = None
        self._settling: list[tuple[Change, Sequence[Call]]] = []
        self._later: list[tuple[Change, Sequence[Call]]] = []

    def run(self, report: Report) -> None:
        """Make every change, let it point where it should, then clear what is no longer needed; fills `report`.

        When somebody asks to stop, what was not begun is not attempted. Never raises ProviderError or Stopped.
        """
        for change in in_order_of_names(self._decision.changes):
            if change.action == "delete":
                self._take_away(change)
            else:
                self._make(change, report)
        for change, clear in self._settling:
            self._settle(change, clear, report)
        if not self._stop.asked:
            self._race.without_doubled_parts(self._parts)
        self._spare_what_incidents_need(report)
        for change, calls in sorted(self._later, key=lambda item: -ORDER[item[0].ref.kind]):
            self._clear(change, calls, report)

    def _spare_what_incidents_need(self, report: Report) -> None:
        """Leave alone what incidents need that were opened since the plan was made; asks once for all deletes."""
        deletes = [change for change, _ in self._later if change.action == "delete"]
        if not deletes or self._stopped:
            return
        try:
            spared = needed_by_incidents(self._provider, deletes, self._request.limits, self._request.now)
        except Stopped as error:
            self._stopped = str(error)
            return
        except ProviderError as error:
            reason = f"whether incidents are open that need it could not be asked: {error}"
            spared = dict.fromkeys((change.ref for change in deletes), reason)
        for change in deletes:
            if change.ref in spared:
                self._give_up(report.not_attempted, change, spared[change.ref])
        self._later = [item for item in self._later if item[0].ref not in spared]

    def _take_away(self, change: Change) -> None:
        """Put a delete where it belongs: last, but letting go of others before those are deleted."""
        calls = self._provider.calls(change, self._ids)
        clear = [call for call in calls if call.phase != "settle"]
        (self._later if len(clear) == len(calls) else self._settling).append((change, clear))

    def _make(self, change: Change, report: Report) -> None:
        if self._stopped:
            return self._give_up(report.not_attempted, change, self._stopped)
        blocker = self._blocked(change)
        if blocker is not None:
            return self._give_up(report.not_attempted, change, f"it needs {blocker.words}, which was not done")
        calls = self._calls(change)
        error = self._send([c for c in calls if c.phase == "make"], report)
        if error is not None:
            return self._give_up(report.failed, change, error)
        clear = [c for c in calls if c.phase == "clear"]
        if any(c.phase == "settle" for c in calls):
            self._settling.append((change, clear))
            return None
        return self._made(change, clear, report)

    def _settle(self, change: Change, clear: Sequence[Call], report: Report) -> None:
        if self._stopped:
            return self._give_up(report.failed, change, self._stopped)
        blocker = next((ref for ref in sorted(pointed_at(change.wanted)) if ref in self._stuck), None)
        if blocker is not None:
            return self._give_up(report.not_attempted, change, f"it points to {blocker.words}, which was not done")
        calls = self._calls(change)
        error = self._send([c for c in calls if c.phase == "settle"], report)
        if error is not None:
            return self._give_up(report.failed, change, error)
        return self._made(change, clear, report)

    def _calls(self, change: Change) -> Sequence[Call]:
        limit = self._provider.capabilities.description_limits.get(change.ref.kind, 1024)
        final = marked(change, self._request.workspace, self._ids.__getitem__, limit, self._request.now)
        return self._provider.calls(final, self._ids)

    def _made(self, change: Change, clear: Sequence[Call], report: Report) -> None:
        if clear:
            self._later.append((change, clear))
        elif any(change is planned for planned in self._decision.changes):  # not a name for the meantime
            report.done.append(change)

    def _clear(self, change: Change, calls: Sequence[Call], report: Report) -> None:
        if self._stopped:
            return self._give_up(
                report.not_attempted if change.action == "delete" else report.failed, change, self._stopped
            )
        user = self._needed_by(change)
        if change.action == "delete" and user is not None:
            reason = f"{user.words} may still need it, and was not changed"
            return self._give_up(report.not_attempted, change, reason)
        error = self._send(calls, report)
        if error is not None:
            return self._give_up(report.failed, change, error)
        report.done.append(change)
        return None

    def _send(self, calls: Sequence[Call], report: Report) -> str | None:
        """Send calls in order; return why one failed, or None."""
        for planned in calls:
            call = self._ids.complete(planned)
            fresh = any(made in call.path or made in str(call.body) for made in self._ids.made)
            if self._stopped:
                return f"{self._stopped}, before it could {call.says}"
            self._journal.call("before", call)
            report.writes += 1
            try:
                outcome = self._sender.send(self._provider, call, fresh=fresh)
            except Stopped as error:
                self._journal.call("stopped", call)
                self._stopped = str(error)
                return f"{self._stopped}, before it could {call.says}"
            except ProviderError as error:
                self._journal.call("failed", call, error=str(error), status=error.status)
                return f"{call.says}: {error}{self._besides(error, call)}"
            self._journal.call("after", call, status=outcome.status, remote_id=outcome.remote_id)
            if outcome.remote_id is not None:
                self._stopped = self._note(call, outcome.remote_id)
                if self._stopped:
                    return self._stopped
            if self._stop.asked:
                self._stopped = STOPPED
        return None

    def _note(self, call: Call, remote_id: str) -> str | None:
        """Remember what was made; returns why to stop, if another apply made it as well."""
        if call.makes is None:
            self._parts[remote_id] = call
            return None
        self._ids.add(call.makes, remote_id)
        return self._race.lost(call, remote_id)

    def _besides(self, error: ProviderError, call: Call) -> str:
        """Return what else to say of a failure; stops if it tells of another apply at work."""
        if lost(error, call):
            return f"; {UNSURE}"
        if not isinstance(error, Rejected) or not self._race.there_meanwhile(call):
            return ""
        if call.makes is not None:
            self._stopped = lost_race(call.makes)
        return "; it is there by now: was another apply at work? Run this one again"

    def _blocked(self, change: Change) -> Ref | None:
        named = references(change.wanted) if change.wanted is not None else frozenset()
        return next((ref for ref in sorted(named) if ref in self._stuck), None)

    def _needed_by(self, change: Change) -> Ref | None:
        """Return something that was not changed and that refers to what is to be deleted."""
        gone = Ref(change.ref.kind, change.remote_id or "", remote=True)
        for other in self._decision.changes:
            if other.ref in self._stuck and other.live is not None and gone in references(other.live.resource):
                return other.ref
        return None

    def _give_up(self, where: list[Failure], change: Change, reason: str) -> None:
        self._stuck[change.ref] = reason
        self._journal.write("gave-up", ref=str(change.ref), reason=reason)
        where.append(Failure(change, reason))
