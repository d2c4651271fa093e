"""Promises of policies, judged over a span of time: pure, by intervals, with the reason and the people."""

from .broken import LEVELS, Broken
from .evaluate import evaluate, promises
from .known import Contacts, unknown
from .offline import without_today
from .standing import standing

__all__ = ["LEVELS", "Broken", "Contacts", "evaluate", "promises", "standing", "unknown", "without_today"]
