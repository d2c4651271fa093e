"""Escalation policies, urgency rules and services."""

from __future__ import annotations

from oncall_sync.model import (
    ABSENT,
    AcceptFrom,
    ByPriority,
    ConstantUrgency,
    EscalationPolicy,
    Integration,
    Level,
    Maybe,
    Ref,
    Service,
    SupportHours,
    Urgency,
)

from .book import Book, Entry, Page
from .place import Place
from .resolve_times import Times
from .shape import EscalationPolicyShape, LevelShape
from .shape_service import IntegrationShape, ServiceShape, UrgencyRuleShape
from .vendors import VENDORS, vendor_name
from .wording import did_you_mean, shown

HIGH_OR_LOW = ("high", "low")


def resolve_escalation_policies(book: Book) -> dict[str, EscalationPolicy]:
    """Return the escalation policies."""
    return {key: _policy(book, entry) for key, entry in book.entries["escalation_policy"].items()}


def _policy(book: Book, entry: Entry) -> EscalationPolicy:
    shape: EscalationPolicyShape = entry.shape
    common = book.common(entry)
    if not shape.levels and not shape.external and book.is_whole(entry.ref):
        book.say(entry.place, "no levels: write at least one under levels:", key=True)
    levels = tuple(
        _level(book, each, entry.place / "levels" / index, common["provider"])
        for index, each in enumerate(shape.levels)
    )
    return EscalationPolicy(**common, levels=levels, repeat=shape.repeat)


def _level(book: Book, shape: LevelShape, place: Place, provider: str) -> Level:
    notify: list[Ref] = []
    for index, each in enumerate(shape.notify):
        here = place / "notify" / index
        if each.schedule is not None:
            notify.append(book.refer_within("schedule", each.schedule, here / "schedule", provider))
        elif each.user is not None:
            notify.append(book.refer("user", each.user, here / "user"))
    book.once(notify, place / "notify")
    return Level(tuple(notify), shape.escalate_after, book.settings(place, provider))


def resolve_urgency_rules(times: Times) -> dict[str, Urgency]:
    """Return the urgency rules that have a name."""
    book = times.book
    found: dict[str, Urgency] = {}
    for key, entry in book.entries["urgency_rule"].items():
        if isinstance(entry.shape, UrgencyRuleShape):
            found[key] = _rule(times, entry.shape, entry.page, entry.place)
        elif entry.shape in HIGH_OR_LOW:
            found[key] = _constant(entry.shape)
        else:
            book.say(entry.place, f"write high, low or a rule here, not {shown(entry.shape)}")
    return found


def _constant(name: str) -> ConstantUrgency:
    return ConstantUrgency("high" if name == "high" else "low")


def _rule(times: Times, shape: UrgencyRuleShape, page: Page, place: Place) -> Urgency:
    if not shape.support_hours:
        return ByPriority(high=tuple(sorted(shape.high)), low=tuple(sorted(shape.low)))
    zone = shape.time_zone or page.shape.time_zone
    if zone is None and not times.book.is_broken("time_zone", page.file):
        times.book.say(
            place,
            "support hours without a time zone: write time_zone: Europe/Vienna (or another) here"
            " or at the top of the file",
            key=True,
        )
    return SupportHours(
        hours=times.hours(shape.support_hours, page, place / "support_hours", zone),
        time_zone=zone or "UTC",
        during=shape.during,
        outside=shape.outside,
        raise_at_start=shape.raise_at_start,
    )


def resolve_services(times: Times, rules: dict[str, Urgency]) -> dict[str, Service]:
    """Return the services; `rules` are the urgency rules that have a name."""
    return {key: _service(times, rules, entry) for key, entry in times.book.entries["service"].items()}


def _service(times: Times, rules: dict[str, Urgency], entry: Entry) -> Service:
    book = times.book
    shape: ServiceShape = entry.shape
    common = book.common(entry)
    policy: Maybe[Ref] = ABSENT
    if isinstance(shape.escalation_policy, str):
        place = entry.place / "escalation_policy"
        policy = book.refer_within("escalation_policy", shape.escalation_policy, place, common["provider"])
    return Service(
        **common,
        escalation_policy=policy,
        urgency=_urgency(times, rules, entry),
        acknowledge_within=shape.acknowledge_within,
        resolve_after=shape.resolve_after,
        integrations=_integrations(book, entry, common["provider"]),
        human_within=shape.human_within,
    )


def _urgency(times: Times, rules: dict[str, Urgency], entry: Entry) -> Maybe[Urgency]:
    form = entry.shape.urgency
    place = entry.place / "urgency"
    if form is None:
        return ABSENT
    if isinstance(form, UrgencyRuleShape):
        return _rule(times, form, entry.page, place)
    if form in HIGH_OR_LOW:
        return _constant(form)
    if form not in times.book.entries["urgency_rule"] and not times.book.is_broken("urgency_rule", form):
        hint = did_you_mean(form, (*times.book.entries["urgency_rule"], *HIGH_OR_LOW))
        if not hint:
            hint = ": write high, low, or the name of a rule that stands under urgency_rules:"
        times.book.say(place, f"unknown urgency rule {shown(form)}{hint}")
    return rules.get(form, ABSENT)


def _integrations(book: Book, entry: Entry, provider: str) -> Maybe[tuple[Integration, ...]]:
    shape: ServiceShape = entry.shape
    if not shape.said("integrations"):
        return ABSENT
    found: dict[str, Integration] = {}
    for key in sorted(shape.integrations):
        place = entry.place / "integrations" / key
        integration = _integration(book, key, shape.integrations[key], place, provider)
        if integration.name in found:
            book.say(
                place,
                f"{shown(integration.name)} is the name of another integration here: write another",
                key=True,
            )
        found[integration.name] = integration
    return tuple(found.values())


def _integration(book: Book, key: str, shape: IntegrationShape, place: Place, provider: str) -> Integration:
    vendor = vendor_name(shape.vendor) if shape.vendor else None
    if shape.vendor and vendor is None:
        hint = did_you_mean(shape.vendor, VENDORS) or ": write events: api if it speaks the provider's events API"
        book.say(place / "vendor", f"unknown vendor {shown(shape.vendor)}{hint}")
    accept: Maybe[tuple[AcceptFrom, ...]] = shape.accept_from if shape.said("accept_from") else ABSENT
    return Integration(
        name=shape.name or key,
        form="events" if shape.events else "email" if shape.email else "vendor",
        email=shape.email,
        accept_from=accept,
        vendor=vendor,
        settings=book.settings(place, provider),
    )
