"""Work counted in calls: the same number on every machine, however busy it is."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType

Work = Callable[[], object]

MOST = 20_000_000


def calls(work: Work, most: int = MOST) -> int:
    """Return how many calls, of Python or of C, `work` makes on this thread; more than `most` is a failure.

    What goes on within one call of C is not seen: searching a list counts for as much as its first item.
    """
    count = 0

    def counted(_frame: FrameType, event: str, _detail: object) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1
            if count > most:
                raise AssertionError(f"more than {most:,} calls")

    gc.collect()
    gc.disable()  # it would call finalizers of others
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def growth(made: Callable[[int], Work], size: int, times: int = 4) -> float:
    """Return how much more work there is where everything is `times` as large: that many times, if it is linear.

    `made` prepares the work for a size. It is done once beforehand, for what is worked out only once.
    """
    made(size)()
    return calls(made(times * size)) / calls(made(size))
