"""A vendor's sandbox, in the background or until a signal."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from .options import Options

if TYPE_CHECKING:
    from .app import Sandbox
    from .server import Background

    Make = Callable[[Options], Sandbox]


def serve(make: "Make", options: Options, ready: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM; `ready` gets the base URL once the port listens.

    Raises OSError if the port is taken and ValueError for a seed it cannot use.
    """
    from .server import serve_until_signalled

    serve_until_signalled(make, options, ready)


class Running(ABC):
    """A sandbox in a background thread, for tests and demos: `with Running() as pagerduty: pagerduty.url`."""

    def __init__(self, options: Options = Options()) -> None:  # noqa: B008 - frozen
        self._options = options
        self._server: Background | None = None

    @abstractmethod
    def make(self, options: Options) -> "Sandbox":
        """Makes the vendor's sandbox."""

    @property
    def url(self) -> str:
        """The base URL, `http://127.0.0.1:PORT`; only while it runs."""
        if self._server is None:
            raise RuntimeError("the sandbox is not running")
        return self._server.url

    def __enter__(self) -> Self:
        from .server import Background

        self._server = Background(self.make, self._options)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
