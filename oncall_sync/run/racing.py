"""Two applies at once, on machines that have no lock in common: who goes on, and who gives way.

Where a provider lets two things have one name, both may be made. Each apply looks for the other's after it made
one, and both decide alike without a word between them: the smaller id stays. The one that has it may be the later
one all the same, whose earlier twin looked too soon to see it and goes on; so it waits for the other to go, and if
that stays, it gives way itself. Either way one is left, and nothing ever referred to the one that goes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from oncall_sync.errors import ProviderError, Stopped
from oncall_sync.model import Call, Ref
from oncall_sync.plan.marks import split
from oncall_sync.provider import Lookup, Provider

from .journal import Journal
from .sending import Sender

WAITS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between looks whether the other apply takes its own back: a request of it may be on its way."""


def lost_race(made: Ref) -> str:
    """Return what to say when somebody else was first."""
    return f"another apply made {made.words} at the same moment; this one stopped: run it again"


@dataclass(frozen=True, slots=True)
class Race:
    """One apply's side of it, at one provider."""

    provider: Provider
    workspace: str
    sender: Sender
    journal: Journal

    def lost(self, call: Call, remote_id: str) -> str | None:
        """Return why to stop, if another apply made the same object and ours was taken back; None to go on."""
        try:
            others = self._twins(call, remote_id)
        except Stopped as error:
            return str(error)
        except ProviderError as error:
            self.journal.call("twins-unknown", call, error=str(error))
            self.sender.say(f"could not look whether another apply made {call.ref.words} as well: {error}")
            return None
        if not others:
            return None
        self.journal.call("twins", call, remote_id=remote_id, others=sorted(others))
        if not self._gives_way(call, remote_id, others):
            return None
        problem = self._take_back(call, remote_id)
        left = f" (and delete the second {call.ref.words} by hand: {problem})" if problem else ""
        return lost_race(call.ref) + left

    def there_meanwhile(self, call: Call) -> bool:
        """Return whether what a refused POST was to make is there by now, made by somebody else."""
        if call.method != "POST" or not isinstance(self.provider, Lookup):
            return False
        try:
            return self.provider.made(call) is not None
        except (ProviderError, Stopped):
            return False

    def without_doubled_parts(self, parts: Mapping[str, Call]) -> None:
        """Take back those of the parts just made, by id, that another apply has put there as well."""
        if not parts or not isinstance(self.provider, Lookup):
            return
        for key in self._parts_to_go(self.provider, parts):
            call = parts[key]
            self.sender.say(f"{call.says}: another apply did so at the same moment; taking ours back")
            if problem := self._take_back(call, key):
                self.sender.say(f"delete one of the two by hand: {problem}")

    def _twins(self, call: Call, remote_id: str) -> frozenset[str]:
        """Return the ids of others that carry the mark of what `call` just made."""
        if not isinstance(self.provider, Lookup) or call.makes is None:
            return frozenset()
        found = self.provider.namesakes(call, remote_id)
        marks = {key: split(description)[1] for key, description in found.items()}
        ours = (self.workspace, call.makes)
        return frozenset(key for key, mark in marks.items() if mark and (mark.workspace, mark.ref) == ours)

    def _gives_way(self, call: Call, remote_id: str, others: Collection[str]) -> bool:
        """Return whether ours is to go; also if the other one cannot be waited for, or not be looked at."""
        for seconds in WAITS:
            if not others or min(others) < remote_id:
                return bool(others)
            self._wait_told(call.ref.words, seconds)
            try:
                self.sender.sleep(seconds)
                others = self._twins(call, remote_id)
            except (ProviderError, Stopped):
                return True
        return bool(others)

    def _parts_to_go(self, provider: Lookup, parts: Mapping[str, Call]) -> list[str]:
        """Return which parts of ours are to go; what cannot be looked at stays, and the next plan tells."""
        going: set[str] = set()
        doubled: Mapping[str, Collection[str]] = {}
        try:
            for seconds in WAITS:
                doubled = provider.doubled({key: call for key, call in parts.items() if key not in going})
                going |= {key for key, others in doubled.items() if min(others) < key}
                if going >= doubled.keys():
                    break
                self._wait_told(f"a part of {parts[min(doubled.keys() - going)].ref.words}", seconds)
                self.sender.sleep(seconds)
        except (ProviderError, Stopped) as error:
            self.sender.say(f"could not look whether another apply added parts as well: {error}")
        return sorted(going | doubled.keys())

    def _wait_told(self, what: str, seconds: float) -> None:
        self.sender.say(
            f"another apply made {what} at the same moment, and is to give way; looking in {seconds:g} s"
        )

    def _take_back(self, call: Call, remote_id: str) -> str | None:
        """Delete what a call made, to which nothing refers; returns what went wrong."""
        head, _, query = call.path.partition("?")
        path = f"{head}/{remote_id}{'?' if query else ''}{query}"
        back = replace(call, method="DELETE", path=path, body=None, makes=None, says=f"undo: {call.says}")
        self.journal.call("before", back)
        try:
            outcome = self.sender.send(self.provider, back, fresh=False)
        except (ProviderError, Stopped) as error:
            self.journal.call("failed", back, error=str(error))
            return str(error)
        self.journal.call("after", back, status=outcome.status)
        return None
