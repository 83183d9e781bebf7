"""The judgement on one rule: the table, the price where the table wants it, and the order that follows."""

from dataclasses import replace
from typing import TYPE_CHECKING

from esimctl.actions.autotopup.decide import REMIND, Decision, Priced, Situation, decide
from esimctl.actions.autotopup.raising import in_force
from esimctl.actions.autotopup.rule import Rule
from esimctl.actions.autotopup.situation import Context, gather

if TYPE_CHECKING:
    from esimctl.actions.autotopup.order import Attempt
    from esimctl.charging.money import Money


def judge(
    context: Context, rule: Rule, max_price: "Money | None", known: Situation | None = None
) -> tuple[Decision, Priced | None, tuple[str, ...]]:
    """The decision on a rule; the price is asked for only when everything else lets it through."""
    situation = known or gather(context, rule)
    decision = decide(situation)
    if not decision.needs_price and decision.decision != REMIND:
        return decision, None, ()
    from esimctl.actions.autotopup.pricing import price

    methods = tuple(situation.methods)
    if decision.decision == REMIND:  # what is not known of the price keeps nobody from being reminded
        priced, _ = price(context, rule, methods)
        return (decision if priced.waits is None else decide(replace(situation, priced=priced))), priced, methods
    priced, offer = price(context, capped(context, rule, max_price), methods)
    if not methods and priced.problem is None:
        priced = replace(priced, problem="missing_payment_method")
    balance = None if offer is None else offer.quote.balance_before
    return decide(replace(situation, priced=priced, balance_left=balance)), priced, methods


def capped(context: Context, rule: Rule, max_price: "Money | None") -> Rule:
    """The rule with the limits that count now: raised ones wait for their day, `--max-price` lowers them."""
    counting = in_force(rule, context.ledger.rule(rule.name), context.now)
    own = counting.max_price
    if max_price is None or (own is not None and not (own.currency == max_price.currency and max_price < own)):
        return counting
    return replace(counting, max_price=max_price)


def carry_out(
    context: Context, rule: Rule, priced: Priced | None, methods: tuple[str, ...], max_price: "Money | None"
) -> "Attempt":
    """Order, now. The intent is made anew from the rule; nothing that was only looked at is sent."""
    from esimctl.actions.autotopup.order import attempt
    from esimctl.actions.autotopup.pricing import wanted

    assert priced is not None
    return attempt(context.session, wanted(context, capped(context, rule, max_price), methods), methods)
