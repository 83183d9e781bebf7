"""A rule as the public document `esimctl.autotopup/1` has it: what it may do, how it stands, why it did what it did."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.autotopup.rule import CAPS, Rule, Threshold, in_force, waiting
from esimctl.autotopup.situation import Context, enabled_since, is_paused, last_made, standing, suspension
from esimctl.autotopup.table import retold
from esimctl.autotopup.trigger import by_schedule
from esimctl.documents.autotopup import BuysPart, LastDecisionPart, RaisedPart, RuleRow, TriggerPart
from esimctl.ledger.said import instant, text, text_or_none
from esimctl.profile.opened import takes_play_money
from esimctl.values.moments import month_start, zone
from esimctl.values.money import Money
from esimctl.values.sentence import Told, from_table
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.facts import RuleFact


def rule_document(context: Context, rule: Rule) -> RuleRow:
    """One rule; what is unknown is None."""
    fact = context.ledger.rule(rule.name)
    assert rule.max_price is not None
    assert rule.max_per_month is not None
    first, end = (month_start(context.now, months, zone(context.session.zone)) for months in (0, 1))
    currency = rule.max_price.currency
    play = takes_play_money(context.session, str(context.session.lines.get(rule.line, {}).get("provider")))
    spent = context.ledger.spent(currency, first, end, line=rule.line, source=rule.source, play=play)
    asleep = suspension(context, rule, fact)
    return RuleRow(
        rule=rule.name,
        line=rule.line,
        status=rule_status(context, rule, fact),
        does="reminds" if context.by_hand(rule.line) else "asks" if rule.ask else "buys",
        trigger=TriggerPart(
            kind=rule.trigger,
            below_bytes=_octets(rule.below),
            below_amount=_money(rule.below),
            before_expiry=None if rule.lead is None else str(rule.lead),
            every=rule.every,
            from_=rule.start,
        ),
        buys=BuysPart(
            plan=rule.plan,
            amount=rule.amount,
            target_bytes=_octets(rule.target),
            target_amount=_money(rule.target),
        ),
        pay=rule.pay,
        max_price=rule.max_price,
        max_per_day=rule.max_per_day,
        max_per_month=rule.max_per_month,
        max_count=rule.max_count,
        max_unattended=rule.max_unattended,
        floor=rule.floor,
        raised=_raised(rule, fact, context.now) if fact.enabled else None,
        cooldown=str(rule.cooldown),
        until=rule.until,
        ask=rule.ask,
        remind=[str(value) if isinstance(value, Money) else f"{value}B" for value in rule.remind],
        spent_this_month=Money(spent, currency),
        orders_this_month=context.ledger.purchases(first, end, line=rule.line, source=rule.source, play=play),
        play_money=play,
        failures=fact.failures,
        suspended_reason=None if asleep is None else Told(asleep),
        confirmed_at=fact.confirmed_at if fact.enabled else None,
        last_order_at=fact.last_attempt_at,
        next_due=next_due(context, rule, fact),
        last_decision=_last_decision(fact.last_decision),
    )


def rule_status(context: Context, rule: Rule, fact: "RuleFact") -> str:
    """active, disabled, unconfirmed (changed since it was confirmed), paused, suspended or terminated."""
    confirmed, edited = standing(context, rule, fact)
    if rule.until is not None and context.now >= rule.until:
        return "terminated"
    if edited:
        return "unconfirmed"
    if not confirmed:
        return "disabled"
    if suspension(context, rule, fact) is not None:
        return "suspended"
    paused = context.session.store.paused() or is_paused(context.ledger, fact, context.now)
    return "paused" if paused else "active"


def next_due(context: Context, rule: Rule, fact: "RuleFact") -> datetime | None:
    """The next boundary of a schedule; for other triggers nobody knows."""
    if rule.every is None:
        return None

    where = zone(context.session.zone)
    since = enabled_since(fact, where) if fact.enabled else context.now
    return by_schedule(rule, context.now, where, since, last_made(context, rule, fact)).at


def _last_decision(entry: Mapping[str, Toml] | None) -> LastDecisionPart | None:
    """The last decision that differed from the one before."""
    if entry is None:
        return None
    return LastDecisionPart(
        at=instant(entry, "at"),
        decision=text(entry, "decision"),
        reason=text(entry, "reason"),
        order=text_or_none(entry, "order"),
        explanation=text_or_none(entry, "text"),
        said=retold(text(entry, "reason"), from_table(entry.get("said"))),
    )


def _raised(rule: Rule, fact: "RuleFact", now: datetime) -> RaisedPart | None:
    """What counts instead of limits that were raised more than twofold, and from when on they count themselves."""
    held = waiting(fact, now)
    if not held:
        return None
    counted = in_force(rule, fact, now)
    caps = {cap: getattr(counted, cap) if cap in held else None for cap in CAPS}
    return RaisedPart(from_=instant(fact.confirmed or {}, "held_until"), **caps)


def _octets(value: Threshold | None) -> int | None:
    return value if isinstance(value, int) else None


def _money(value: Threshold | None) -> Money | None:
    return value if isinstance(value, Money) else None
