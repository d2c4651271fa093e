"""Accepting what was changed of a service: whom it pages, how urgently, and how news reaches it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from oncall_sync.model import (
    ABSENT,
    ConstantUrgency,
    Integration,
    Ref,
    Service,
    SupportHours,
    Urgency,
)
from oncall_sync.policy.writing import Unsayable, ordered
from oncall_sync.policy.writing_service import integration, integration_key, rule, senders, span
from oncall_sync.policy.writing_words import hours, key_of

from .accept_case import Case


def accept_service(case: Case, declared: Service, live: Service) -> None:
    """Take over what only services say. Raises Unsayable."""
    if "escalation_policy" in case.heads:
        if not isinstance(live.escalation_policy, Ref):
            raise Unsayable("it pages nothing that policies could name any more: set that at the provider")
        case.put("escalation_policy", key_of(case.known(live.escalation_policy)))
    if "urgency" in case.heads and live.urgency is not ABSENT:
        _urgency(case, declared, live.urgency)
    for word in ("acknowledge_within", "resolve_after"):
        value = getattr(live, word)
        if word in case.heads and value is not ABSENT:
            case.put(word, span(value))
    if "integrations" in case.heads and live.integrations is not ABSENT:
        _Integrations(case, declared, live).accept()


def _urgency(case: Case, declared: Service, live: Urgency) -> None:
    """Say an urgency with the smallest change: a word, another rule, the rule that it has, or one in its place."""
    if isinstance(live, ConstantUrgency):
        case.put("urgency", live.urgency)
        return
    for name, known in case.policies.urgency_rules.items():
        if _held(case, declared, known) == live:
            case.put("urgency", name)
            return
    written = case.words.get("urgency")
    if isinstance(written, dict):
        case.put("urgency", _rule(case, written, declared.urgency, live))
    elif isinstance(written, str) and _only_here(case, written):
        # Nobody else's urgency changes with the rule's.
        case.elsewhere["urgency_rules", written] = _changed_rule(case, declared.urgency, live)
    else:
        case.put("urgency", rule(live, case.around))


def _held(case: Case, declared: Service, urgency: Urgency) -> Any:
    made = case.normalize(replace(declared, urgency=urgency), None)
    return made.urgency if isinstance(made, Service) else None


def _only_here(case: Case, name: str) -> bool:
    known = case.policies.urgency_rules.get(name)
    alike = [one.ref for one in case.policies.services.values() if known is not None and one.urgency == known]
    return known is not None and not isinstance(known, ConstantUrgency) and alike == [case.declared.ref]


def _changed_rule(case: Case, declared: Any, live: Urgency) -> Callable[[Any], Any]:
    """Return a function that makes of a rule's words those of what is live."""

    def changed(written: Any) -> Any:
        return _rule(case, written, declared, live) if isinstance(written, dict) else rule(live, case.around)

    return changed


def _rule(case: Case, written: dict[str, Any], declared: Any, live: Urgency) -> Any:
    if not (isinstance(declared, SupportHours) and isinstance(live, SupportHours) and "support_hours" in written):
        return rule(live, case.around)
    words = written
    if live.hours != declared.hours:
        words = ordered(words, "support_hours", hours(live.hours, case.around.hours))
    for word in ("during", "outside", "raise_at_start", "time_zone"):
        if getattr(live, word) != getattr(declared, word):
            words = ordered(words, word, getattr(live, word))
    return words


class _Integrations:
    """The integrations of one service, by the keys they are written under."""

    def __init__(self, case: Case, declared: Service, live: Service) -> None:
        self.case = case
        self.live = live
        written = case.words.get("integrations")
        self.words: dict[str, Any] = dict(written) if isinstance(written, dict) else {}
        own = () if declared.integrations is ABSENT else declared.integrations
        self.keys = {self._key(one.name): one for one in own}
        wanted = case.wanted.integrations if isinstance(case.wanted, Service) else ABSENT
        self.wanted = {} if wanted is ABSENT else {one.name: one for one in wanted}

    def _key(self, name: str) -> str:
        named = (key for key, item in self.words.items() if isinstance(item, dict) and item.get("name") == name)
        return next(named, name)

    def accept(self) -> None:
        """Put the integrations that are live in the place of those that are written."""
        there = {} if self.live.integrations is ABSENT else {one.name: one for one in self.live.integrations}
        twins = self._twins(there)
        found: dict[str, Any] = {}
        for key, item in self.words.items():
            own = self.keys[key]
            if own.name in twins:
                found[key] = self._changed(key, item, self.wanted.get(own.name, own), there.pop(twins[own.name]))
        for name, one in there.items():
            if self.case.every_child or name in self.case.kept:
                key = integration_key(name, {*self.words, *found})
                found[key] = integration(one, key)
        self.case.put("integrations", found or "none")

    def _twins(self, there: Mapping[str, Integration]) -> dict[str, str]:
        """Return the name at the provider of each declared integration that is still there.

        One that was renamed there is the only one of its form that went, where the only one of that form came.
        """
        own = [self.wanted.get(one.name, one) for one in self.keys.values()]
        gone = [one for one in own if one.name not in there]
        come = [one for name, one in there.items() if name not in {one.name for one in own}]
        found = {one.name: one.name for one in own if one.name in there}
        for one in gone:
            alike = [each for each in come if _sort(each) == _sort(one)]
            if len(alike) == 1 and sum(_sort(each) == _sort(one) for each in gone) == 1:
                found[one.name] = alike[0].name
        return found

    def _changed(self, key: str, words: dict[str, Any], wanted: Integration, live: Integration) -> dict[str, Any]:
        """Return an integration's words with what differs as it is live."""
        if live.form != wanted.form:
            return integration(live, key)
        if live.name != wanted.name:
            words = ordered(words, "name", live.name)
        for word in ("email", "vendor"):
            if getattr(live, word) != getattr(wanted, word):
                words = ordered(words, word, getattr(live, word))
        if "accept_from" in words and live.accept_from != wanted.accept_from:
            if live.accept_from is ABSENT:
                raise Unsayable(
                    f"the mail that the integration {live.name!r} lets in is told in a way that policies have no"
                    " words for: set it back there, or take `accept_from` out here"
                )
            words = ordered(words, "accept_from", senders(live.accept_from))
        for kind in [kind for kind in words if kind in wanted.settings or kind in live.settings]:
            ours, theirs = wanted.settings.get(kind, {}), live.settings.get(kind, {})
            keys = {name for name in words[kind] if ours.get(name) != theirs.get(name)}
            words = self.case.block(words, kind, keys, theirs, None)
        return words


def _sort(one: Integration) -> tuple[str | None, ...]:
    return (one.form, one.vendor, one.email)
