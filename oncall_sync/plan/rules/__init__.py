"""The organisation's own rules, judged: on any date for `validate`, on both sides of a plan for `plan`."""

from .judge import with_plan, without_date

__all__ = ["with_plan", "without_date"]
