"""Escalation policies: levels that wait for each other, in terms of rules that all count from the start.

Source: Opsgenie's API description (Escalation, EscalationRule, EscalationRepeat). A rule's delay is absolute:
minutes since the escalation began; rules with the same delay ring together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

from oncall_sync.model import ABSENT, EscalationPolicy, Level, Maybe, Ref

from .convert_schedule import recipient, recipient_ref
from .wire import KIND, Body, minutes, remote, text_of

DEFAULT_DELAY: Final = timedelta(minutes=30)
"""How long a level waits where nobody said so; the API has no default, the delay is required."""
DEFAULT_REPEAT: Final = 0
NO_REPEAT: Final[Mapping[str, Any]] = {}
"""What takes a repetition away: inferred, it is what the vendor's Terraform provider always sends for none."""

NOT_ACKED: Final = "if-not-acked"
NOT_CLOSED: Final = "if-not-closed"
PLAIN: Final = "default"
NOTIFIED: Final = frozenset(("user", "schedule"))
"""Whom a level of the model notifies; recipients and refs call them the same."""
OF_SCHEDULES: Final = ("next", "previous")
"""How a level may notify its schedules instead: whose turn comes next, or was before."""
OF_TEAM: Final = ("admins", "all", "random", "users")
"""Whom of the owner team a level may notify besides."""

_MINUTE = timedelta(minutes=1)
_UNITS: Final = {"d": 24 * 60, "h": 60, "m": 1}
_SPAN: Final = re.compile(r"(\d+) ?([dhm])[a-z]*")


def policy_from(body: Mapping[str, Any]) -> EscalationPolicy:
    """Return an escalation policy: a level for each delay, in the order they ring.

    The last level has no delay of its own unless the policy repeats: then it is the wait before the next pass.
    """
    owner = remote("team", body.get("ownerTeam"))
    groups: dict[int, list[Mapping[str, Any]]] = {}
    for rule in body.get("rules") or ():
        groups.setdefault(minutes(rule.get("delay")), []).append(rule)
    delays = sorted(groups)
    repeat = body.get("repeat") or {}
    count = int(repeat.get("count") or 0)
    gaps: list[Maybe[timedelta]] = [(after - before) * _MINUTE for before, after in pairwise(delays)]
    gaps.append(int(repeat.get("waitInterval") or 0) * _MINUTE if count else ABSENT)
    block: dict[str, Any] = {}
    if delays and delays[0]:
        block["starts_after"] = span_text(delays[0])
    if count and repeat.get("closeAlertAfterAll"):
        block["close_after_repeats"] = True
    return EscalationPolicy(
        ref=Ref("escalation_policy", body["id"], remote=True),
        name=str(body.get("name") or ""),
        description=text_of(body.get("description")),
        team=owner,
        levels=tuple(_level(groups[at], gap, owner) for at, gap in zip(delays, gaps, strict=False)),
        repeat=count,
        settings={KIND: block} if block else {},
    )


def rules_of(policy: EscalationPolicy, ids: Mapping[Ref, str]) -> list[Body]:
    """Return levels as rules, delays in whole minutes from the start; whoever calls has objected to the rest."""
    at = starts_after(policy)
    rules: list[Body] = []
    for level in policy.levels:
        delay = {"timeAmount": at, "timeUnit": "minutes"}
        rules += [{**rule, "delay": delay} for rule in _rules(level, policy.team, ids)]
        at += waits(level)
    return rules


def repeat_of(policy: EscalationPolicy, before: Mapping[str, Any]) -> Body:
    """Return the repetition of a policy as bodies carry it; what the model does not know stays as `before`."""
    count = DEFAULT_REPEAT if policy.repeat is ABSENT else policy.repeat
    if not count or not policy.levels:
        return dict(NO_REPEAT)
    return {
        "waitInterval": waits(policy.levels[-1]),
        "count": count,
        "resetRecipientStates": before.get("resetRecipientStates", True),
        "closeAlertAfterAll": bool(policy.settings.get(KIND, {}).get("close_after_repeats")),
    }


def same_rules(one: Iterable[Mapping[str, Any]], other: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether rules ring the same: order, repetitions and the unit of their delays mean nothing."""
    return set(map(_key, one)) == set(map(_key, other))


def waits(level: Level) -> int:
    """Return the minutes before the next level."""
    return (DEFAULT_DELAY if level.escalate_after is ABSENT else level.escalate_after) // _MINUTE


def starts_after(policy: EscalationPolicy) -> int:
    """Return the minutes before the first level rings; a text that is no duration counts as none."""
    found = _SPAN.fullmatch(str(policy.settings.get(KIND, {}).get("starts_after", "")))
    return int(found[1]) * _UNITS[found[2]] if found else 0


def span_text(whole: int) -> str:
    """Return minutes in their largest unit, as blocks hold them: `5m`, `2h`."""
    unit, size = next((unit, size) for unit, size in _UNITS.items() if not whole % size)
    return f"{whole // size}{unit}"


def _level(rules: Sequence[Mapping[str, Any]], gap: Maybe[timedelta], owner: Ref | None) -> Level:
    """Return the rules of one delay as a level.

    Everybody it names is in `notify`; what a rule says beyond that is in the settings: in words where all agree,
    else rule by rule in `also`, which speaks for a recipient instead of `notify`.
    """
    block: dict[str, Any] = {}
    condition = NOT_ACKED
    if all(rule.get("condition") == NOT_CLOSED for rule in rules):
        condition, block["condition"] = NOT_CLOSED, "not_closed"
    called = (_called(rule) for rule in rules)
    notify = tuple(dict.fromkeys(ref for ref in called if ref is not None and ref.kind in NOTIFIED))
    way = _way(rules, owner)
    if way is not None:
        block["notify"] = way
    plain = Level(notify=notify, settings={KIND: block})
    expected = [_key(rule) for rule in _rules(plain, owner, {})]
    odd = [rule for rule in rules if _key(rule, timeless=True) not in expected or _twice(rule, rules)]
    if odd:
        block["also"] = sorted((_also(rule, condition) for rule in odd), key=lambda one: sorted(one.items()))
    return Level(notify=notify, escalate_after=gap, settings={KIND: block} if block else {})


def _way(rules: Sequence[Mapping[str, Any]], owner: Ref | None) -> str | None:
    """Return the one word for how a level notifies: its schedules in another way, or its own team besides."""
    schedules = [rule for rule in rules if (rule.get("recipient") or {}).get("type") == "schedule"]
    ways = {str(rule.get("notifyType")) for rule in schedules}
    if len(ways) == 1 and ways <= set(OF_SCHEDULES):
        return ways.pop()
    team = [str(rule.get("notifyType")) for rule in rules if owner is not None and _called(rule) == owner]
    return team[0] if len(team) == 1 and team[0] in OF_TEAM else None


def _twice(rule: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a recipient has another rule, of another sort, at this delay."""
    return any(_who(rule) == _who(other) and _key(rule) != _key(other) for other in rules)


def _also(rule: Mapping[str, Any], condition: str) -> dict[str, str]:
    body = rule.get("recipient") or {}
    out = {key: str(body[key]) for key in ("type", "id") if body.get(key)}
    out["notifyType"] = str(rule.get("notifyType") or PLAIN)
    own = rule.get("condition") or NOT_ACKED
    return out if own == condition else {**out, "condition": str(own)}


def _rules(level: Level, owner: Maybe[Ref | None], ids: Mapping[Ref, str]) -> list[Body]:
    """Return the rules of a level without their delay."""
    block = level.settings.get(KIND, {})
    condition = NOT_CLOSED if block.get("condition") == "not_closed" else NOT_ACKED
    way = block.get("notify")
    rules = []
    for ref in level.notify:
        kind = way if ref.kind == "schedule" and way in OF_SCHEDULES else PLAIN
        rules.append({"condition": condition, "notifyType": kind, "recipient": recipient(ref, ids)})
    named = {_who(rule) for rule in rules}
    # How somebody is called says nothing once a level no longer calls them.
    odd = [_as_rule(one, condition) for one in block.get("also", ())]
    also = [rule for rule in odd if _who(rule)[0] not in NOTIFIED or _who(rule) in named]
    spoken_for = {_who(rule) for rule in also}
    if way in OF_TEAM and isinstance(owner, Ref):
        rules.append({"condition": condition, "notifyType": way, "recipient": recipient(owner, ids)})
    return [rule for rule in rules if _who(rule) not in spoken_for] + also


def _as_rule(also: Mapping[str, Any], condition: str) -> Body:
    body = {key: also[key] for key in ("type", "id") if key in also}
    kind = also.get("notifyType", PLAIN)
    return {"condition": also.get("condition", condition), "notifyType": kind, "recipient": body}


def _called(rule: Mapping[str, Any]) -> Ref | None:
    return recipient_ref(rule.get("recipient") or {})


def _who(rule: Mapping[str, Any]) -> tuple[str, str]:
    body = rule.get("recipient") or {}
    return str(body.get("type")), str(body.get("id"))


def _key(rule: Mapping[str, Any], *, timeless: bool = False) -> tuple[int, str, str, str, str]:
    delay = 0 if timeless else minutes(rule.get("delay"))
    return delay, str(rule.get("condition") or NOT_ACKED), str(rule.get("notifyType") or PLAIN), *_who(rule)
