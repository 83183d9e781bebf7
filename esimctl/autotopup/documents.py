"""A rule as the public document `esimctl.autotopup/1` has it: what it may do, how it stands, why it did what it did."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from esimctl.autotopup.rule import CAPS, Rule, Threshold, waiting
from esimctl.autotopup.situation import Context, is_paused, last_made, standing, suspension
from esimctl.autotopup.trigger import by_schedule
from esimctl.profile.opened import takes_play_money
from esimctl.values.moments import instant, month_start, zone
from esimctl.values.money import Money

if TYPE_CHECKING:
    from esimctl.ledger.facts import RuleFact


def rule_document(context: Context, rule: Rule) -> dict[str, Any]:
    """One rule. Unknown is null; volumes are octets, money is an amount with its currency."""
    fact = context.ledger.rule(rule.name)
    first, end = (month_start(context.now, months, zone(context.session.zone)) for months in (0, 1))
    currency = rule.max_price.currency if rule.max_price is not None else "USD"
    play = takes_play_money(context.session, str(context.session.lines.get(rule.line, {}).get("provider")))
    spent = context.ledger.spent(currency, first, end, line=rule.line, source=rule.source, play=play)
    return {
        "rule": rule.name,
        "line": rule.line,
        "status": rule_status(context, rule, fact),
        "does": "reminds" if context.by_hand(rule.line) else "asks" if rule.ask else "buys",
        "trigger": {
            "kind": rule.trigger,
            **_threshold("below", rule.below),
            "before_expiry": None if rule.lead is None else str(rule.lead),
            "every": rule.every,
            "from": instant(rule.start),
        },
        "buys": {"plan": rule.plan, "amount": _money(rule.amount), **_threshold("target", rule.target)},
        "pay": list(rule.pay),
        "max_price": _money(rule.max_price),
        "max_per_day": _money(rule.max_per_day),
        "max_per_month": _money(rule.max_per_month),
        "max_count": rule.max_count,
        "max_unattended": rule.max_unattended,
        "floor": _money(rule.floor),
        "raised": _raised(fact, context.now) if fact.enabled else None,
        "cooldown": str(rule.cooldown),
        "until": instant(rule.until),
        "ask": rule.ask,
        "remind": [str(value) if isinstance(value, Money) else f"{value}B" for value in rule.remind],
        "spent_this_month": Money(spent, currency).as_json(),
        "orders_this_month": context.ledger.purchases(first, end, line=rule.line, source=rule.source, play=play),
        "play_money": play,
        "failures": fact.failures,
        "suspended_reason": suspension(context, rule, fact),
        "confirmed_at": instant(fact.confirmed_at if fact.enabled else None),
        "last_order_at": instant(fact.last_attempt_at),
        "next_due": instant(next_due(context, rule, fact)),
        "last_decision": decision_part(fact.last_decision),
    }


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
    from esimctl.autotopup.situation import enabled_since

    where = zone(context.session.zone)
    since = enabled_since(fact, where) if fact.enabled else context.now
    return by_schedule(rule, context.now, where, since, last_made(context, rule, fact)).at


def decision_part(entry: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The last decision that differed from the one before."""
    if entry is None:
        return None
    return {
        "at": instant(entry["at"]),
        "decision": entry["decision"],
        "reason": entry["reason"],
        "order": entry.get("order"),
        "explanation": entry.get("text"),
        "said": entry.get("said"),
    }


def _raised(fact: "RuleFact", now: datetime) -> dict[str, Any] | None:
    """What counts instead of limits that were raised more than twofold, and from when on they count themselves."""
    held = waiting(fact, now)
    if not held:
        return None
    shown = {cap: value.as_json() if isinstance(value, Money) else value for cap, value in held.items()}
    return {"from": instant((fact.confirmed or {})["held_until"]), **dict.fromkeys(CAPS), **shown}


def _money(value: Money | None) -> dict[str, str] | None:
    return None if value is None else value.as_json()


def _threshold(name: str, value: Threshold | None) -> dict[str, Any]:
    return {
        f"{name}_bytes": value if isinstance(value, int) else None,
        f"{name}_amount": value.as_json() if isinstance(value, Money) else None,
    }
