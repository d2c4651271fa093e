"""Every error this tool raises on purpose.

    SyncError                    a sentence for a person, and where it happened
    ├── UsageError               the command line does not fit
    ├── PolicyErrors             problems in oncall.yaml or the policies, all of one run
    ├── Objected                 a provider cannot hold what the policies say
    ├── PlanError                a plan file cannot be used
    │   ├── StalePlan            the account, the policies or the clock moved on since it was made
    │   └── TamperedPlan         it is not what was written
    ├── Refused                  a guard refuses what this plan would do
    ├── ProviderError            a provider did not do what was asked
    │   ├── AuthError            no token, a wrong one, or one without the right
    │   ├── Unreachable          no connection, no answer in time, or an answer that is not the API's
    │   ├── RateLimited          still limited after the whole waiting budget
    │   ├── NotFound             the object is not there (any more)
    │   └── Rejected             understood and declined; the provider's own words are in `reasons`
    └── Stopped                  somebody asked to stop, and nothing is in flight

The command line turns each into one sentence on stderr and an exit code; none is shown as a traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

EXIT_OK = 0
EXIT_ERROR = 1
EXIT_CHANGES = 2
EXIT_REFUSED = 3
EXIT_STALE = 4
EXIT_PARTIAL = 5


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a file: where, what, and what to write instead.

    `line` and `column` count from 1; 0 means the file as a whole.
    """

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        if not self.line:
            return f"{self.file}: {self.message}"
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class SyncError(Exception):
    """The base: `str(error)` is one sentence a tired person can act on; `kind` is stable for programs."""

    kind = "error"
    exit_code = EXIT_ERROR

    def as_json(self) -> dict[str, Any]:
        """Return the value of `error` in the JSON form: kind, message, source."""
        return {"kind": self.kind, "message": str(self), "source": None}


class UsageError(SyncError):
    """The command line does not fit: an unknown option, a folder that is not there."""

    kind = "usage"


class PolicyErrors(SyncError):
    """Everything wrong with oncall.yaml and the policies, sorted by file and line, never empty."""

    kind = "policy"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def as_json(self) -> dict[str, Any]:
        """As the base, with the first problem's place as `source` and all of them as `problems`."""
        problems = [
            {"message": p.message, "source": {"file": p.file, "line": p.line, "column": p.column}}
            for p in self.problems
        ]
        first = problems[0]
        return {
            "kind": self.kind,
            "message": first["message"],
            "source": first["source"],
            "problems": problems,
        }


class Objected(SyncError):
    """A provider cannot hold what the policies say; each objection has its line. Nothing was written."""

    kind = "objection"


class PlanError(SyncError):
    """A plan file cannot be used."""

    kind = "plan"


class StalePlan(PlanError):
    """The plan no longer says what would happen: it expired, or something moved on since."""

    kind = "stale-plan"
    exit_code = EXIT_STALE


class TamperedPlan(PlanError):
    """The plan is not what was written: its digest does not fit its content, or it is not a plan."""

    kind = "tampered-plan"
    exit_code = EXIT_STALE


class Refused(SyncError):
    """A guard refuses: nothing was written. The message names each rule and how to waive it."""

    kind = "refused"
    exit_code = EXIT_REFUSED


class ProviderError(SyncError):
    """A provider did not do what was asked.

    Args:
        provider: its name in oncall.yaml.
        message: one sentence, without ids and without anything secret.
        status: the HTTP status, if there was an answer.
        reasons: the provider's own words, as it gave them.
    """

    kind = "provider"

    def __init__(
        self, provider: str, message: str, *, status: int | None = None, reasons: Sequence[str] = ()
    ) -> None:
        self.provider = provider
        self.status = status
        self.reasons = tuple(reasons)
        super().__init__(f"{provider}: {message}")


class AuthError(ProviderError):
    """No token, a wrong one, or one that may not do this."""

    kind = "auth"


class Unreachable(ProviderError):
    """No connection, no answer in time, a 5xx to the end, or an answer that is not the API's."""

    kind = "unreachable"


class RateLimited(ProviderError):
    """The provider says 429; `retry_after` is how many seconds it asks to wait, if it says."""

    kind = "rate-limited"
    retry_after: float | None = None


class NotFound(ProviderError):
    """The object is not there (any more)."""

    kind = "not-found"


class Rejected(ProviderError):
    """The provider understood and declined; repeating the call changes nothing."""

    kind = "rejected"


class Stopped(SyncError):
    """Somebody asked to stop (Ctrl-C, SIGTERM); raised instead of a wait, so that no request is in flight."""

    kind = "stopped"
    exit_code = EXIT_PARTIAL
