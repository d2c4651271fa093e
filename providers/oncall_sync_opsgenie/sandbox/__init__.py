"""A local server that speaks Opsgenie's REST API, as strict as the vendor.

Shares no code with the adapter or the core: what both got wrong would look right to both. Importing this costs
nothing; starlette and uvicorn are loaded when a server starts.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from oncall_sync_sandbox import running
from oncall_sync_sandbox.options import Options

if TYPE_CHECKING:
    from .app import Opsgenie

__all__ = ["Options", "Running", "serve"]


def _make(options: Options) -> "Opsgenie":
    from .app import Opsgenie

    return Opsgenie(options)


def serve(options: Options, ready: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM; see `oncall_sync_sandbox.running.serve`."""
    running.serve(_make, options, ready)


class Running(running.Running):
    """An Opsgenie in a background thread: `with Running() as opsgenie: opsgenie.url`."""

    def make(self, options: Options) -> "Opsgenie":
        """Makes it."""
        return _make(options)
