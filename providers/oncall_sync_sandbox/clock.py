"""The sandbox's clock: the real one, or one that stands where it was put."""

from datetime import UTC, datetime


class Clock:
    """`now()` is aware UTC. A clock that was set stands still until it is set again."""

    def __init__(self, standing: datetime | None = None) -> None:
        self._standing: datetime | None = None
        self.set(standing)

    def set(self, moment: datetime | None) -> None:
        """Stands at `moment` from now on; None lets it run again."""
        if moment is not None and moment.tzinfo is None:
            raise ValueError("the sandbox's clock needs a time with an offset")
        self._standing = None if moment is None else moment.astimezone(UTC)

    def now(self) -> datetime:
        """The sandbox's present."""
        return self._standing or datetime.now(UTC)
