"""Making a plan true: in order, each call once, and never taking away what is still needed.

Everything is made and re-pointed first, in circles as well (a team points to a policy of its own); what takes
something away comes last, in reverse order, and is left alone if anything that still refers to it could not be
changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from oncall_sync.errors import ProviderError, Stopped
from oncall_sync.model import Call, Change, Ref
from oncall_sync.plan.diff import ORDER, Decision
from oncall_sync.plan.fill import pointed_at, references
from oncall_sync.plan.marking import marked
from oncall_sync.provider import Lookup, Provider

from .journal import Journal
from .ordering import in_order_of_names
from .sending import Sender, lost
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


class Ids(Mapping[Ref, str]):
    """Ids by ref: of live objects, of what this run made, and placeholders for what it is still to make."""

    def __init__(self, known: Mapping[Ref, str]) -> None:
        self._known = dict(known)
        self.made: set[str] = set()

    def __getitem__(self, ref: Ref) -> str:
        return ref.key if ref.remote else self._known.get(ref, placeholder(ref))

    def __iter__(self) -> Iterator[Ref]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def add(self, ref: Ref, remote_id: str) -> None:
        """Remember what this run made."""
        self._known[ref] = remote_id
        self.made.add(remote_id)

    def complete(self, call: Call) -> Call:
        """Return a call with every placeholder filled that can be."""
        names = {placeholder(ref): remote_id for ref, remote_id in self._known.items()}
        path = call.path
        for name, remote_id in names.items():
            path = path.replace(name, remote_id)
        return replace(call, path=path, body=_fill(call.body, names))


def placeholder(ref: Ref) -> str:
    """Return what stands for the id of something that is not made yet."""
    return f"@{{{ref}}}"


def ids_of(decision: Decision) -> Ids:
    """Return the ids that are known before anything is made."""
    return Ids({ref: live.remote_id for ref, live in decision.bindings.bound.items()})


class Applier:
    """Applies the changes of one provider; make one per provider and run."""

    def __init__(
        self,
        provider: Provider,
        decision: Decision,
        sender: Sender,
        journal: Journal,
        *,
        workspace: str,
        stop: Stop,
    ) -> None:
        self._provider = provider
        self._decision = decision
        self._sender = sender
        self._journal = journal
        self._workspace = workspace
        self._stop = stop
        self._ids = ids_of(decision)
        self._stuck: dict[Ref, str] = {}
        self._stopped: str | None = None
        self._settling: list[tuple[Change, Sequence[Call]]] = []
        self._later: list[tuple[Change, Sequence[Call]]] = []

    def run(self, report: Report, now: datetime) -> None:
        """Make every change, let it point where it should, then clear what is no longer needed; fills `report`.

        When somebody asks to stop, what was not begun is not attempted. Never raises ProviderError or Stopped.
        """
        for change in in_order_of_names(self._decision.changes):
            if change.action == "delete":
                self._take_away(change)
            else:
                self._make(change, report, now)
        for change, clear in self._settling:
            self._settle(change, clear, report, now)
        for change, calls in sorted(self._later, key=lambda item: -ORDER[item[0].ref.kind]):
            self._clear(change, calls, report)

    def _take_away(self, change: Change) -> None:
        """Put a delete where it belongs: last, but letting go of others before those are deleted."""
        calls = self._provider.calls(change, self._ids)
        clear = [call for call in calls if call.phase != "settle"]
        (self._later if len(clear) == len(calls) else self._settling).append((change, clear))

    def _make(self, change: Change, report: Report, now: datetime) -> None:
        if self._stopped:
            return self._give_up(report.not_attempted, change, self._stopped)
        blocker = self._blocked(change)
        if blocker is not None:
            return self._give_up(report.not_attempted, change, f"it needs {blocker.words}, which was not done")
        calls = self._calls(change, now)
        error = self._send([c for c in calls if c.phase == "make"], report)
        if error is not None:
            return self._give_up(report.failed, change, error)
        clear = [c for c in calls if c.phase == "clear"]
        if any(c.phase == "settle" for c in calls):
            self._settling.append((change, clear))
            return None
        return self._made(change, clear, report)

    def _settle(self, change: Change, clear: Sequence[Call], report: Report, now: datetime) -> None:
        if self._stopped:
            return self._give_up(report.failed, change, self._stopped)
        blocker = next((ref for ref in sorted(pointed_at(change.wanted)) if ref in self._stuck), None)
        if blocker is not None:
            return self._give_up(report.not_attempted, change, f"it points to {blocker.words}, which was not done")
        calls = self._calls(change, now)
        error = self._send([c for c in calls if c.phase == "settle"], report)
        if error is not None:
            return self._give_up(report.failed, change, error)
        return self._made(change, clear, report)

    def _calls(self, change: Change, now: datetime) -> Sequence[Call]:
        limit = self._provider.capabilities.description_limits.get(change.ref.kind, 1024)
        final = marked(change, self._workspace, self._ids.__getitem__, limit, now)
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
                unsure = (
                    "; it may have been made all the same: the next plan will tell" if lost(error, call) else ""
                )
                return f"{call.says}: {error}{unsure}"
            self._journal.call("after", call, status=outcome.status, remote_id=outcome.remote_id)
            if call.makes is not None and outcome.remote_id is not None:
                self._ids.add(call.makes, outcome.remote_id)
                if self._twinned(call, outcome.remote_id):
                    return self._stopped
            if self._stop.asked:
                self._stopped = STOPPED
        return None

    def _twinned(self, call: Call, remote_id: str) -> bool:
        """Take back what another apply made as well, at the same moment, and stop: that one goes on.

        Nothing refers to ours yet. Should both see each other, both go, and the next run makes it once.
        """
        if not isinstance(self._provider, Lookup) or call.makes is None:
            return False
        try:
            others = self._provider.twins(call, remote_id)
        except ProviderError as error:
            self._journal.call("twins-unknown", call, error=str(error))
            return False
        if not others:
            return False
        self._stopped = f"another apply made {call.makes.words} at the same moment; this one stopped: run it again"
        back = replace(
            call, method="DELETE", path=f"{call.path}/{remote_id}", body=None, says=f"take back {call.makes}"
        )
        self._journal.call("twin", back, others=list(others))
        try:
            self._sender.send(self._provider, back, fresh=False)
        except (ProviderError, Stopped) as error:
            self._stopped = f"{self._stopped} (and delete the second {call.makes.words} by hand: {error})"
        return True

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


def _fill(value: Any, names: Mapping[str, str], key: str = "") -> Any:
    """Fill placeholders where ids stand, and nowhere else: a description may hold any text."""
    if isinstance(value, Mapping):
        return {name: _fill(item, names, name) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_fill(item, names, key) for item in value]
    return names.get(value, value) if isinstance(value, str) and key.casefold().endswith("id") else value
