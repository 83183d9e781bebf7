"""From the judgement on one rule to its order: payment methods in turn, through the one walk of every purchase."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from esimctl.autotopup.rule import MOST_FAILURES, Rule, in_force
from esimctl.autotopup.situation import Context, gather
from esimctl.autotopup.table import REMIND, Decision, Priced, Situation, decide
from esimctl.errors import EsimctlError, ExitCode
from esimctl.purchase.walk import purchase
from esimctl.values.record import record, replace
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.documents.orders import OrderRow
    from esimctl.profile.opened import Session
    from esimctl.purchase.offer import Intent
    from esimctl.values.money import Money

#: refusals that another payment method may overcome
DECLINES: Final = frozenset({"declined", "insufficient_funds", "refused", "card_expired", "authentication_required"})


@record(frozen=False)
class Attempt:
    """What became of an attempt: the documents of its orders, the exit code, and a word and a sentence."""

    orders: "list[OrderRow]"
    exit_code: ExitCode
    reason: str
    said: Sentence | None = None

    @property
    def order(self) -> str | None:
        """The id of the newest order."""
        return self.orders[-1].id if self.orders else None


def attempt(session: "Session", intent: "Intent", methods: Sequence[str]) -> Attempt:
    """Buy with the first method that is not declined. Never raises for what became of an order."""
    orders: list[OrderRow] = []
    last = Attempt(orders, ExitCode.OWN_RULES, "missing_payment_method")
    for method in methods:
        ledger = session.store.ledger_for_reading()
        fact = ledger.rule(intent.source.removeprefix("rule:"))
        if orders and fact.failures >= MOST_FAILURES:
            break
        last = once(session, replace(intent, method=method, generation=fact.generation), orders)
        if last.exit_code is not ExitCode.REFUSED or last.reason not in DECLINES:
            break
    return last


def once(session: "Session", intent: "Intent", orders: "list[OrderRow]") -> Attempt:
    """One order with one method."""
    try:
        result = purchase(session, intent)
    except EsimctlError as error:
        if error.order is not None:
            orders.append(error.order)
        return Attempt(orders, error.exit_code, error.code, error.said)
    orders.append(result.data.order)
    if result.exit_code:
        return Attempt(
            orders, result.exit_code, "discrepancy", Sentence("{reason}", {"reason": Raw(result.data.order.reason)})
        )
    return Attempt(orders, ExitCode.DONE, "topped_up")


def judge(
    context: Context, rule: Rule, max_price: "Money | None", known: Situation | None = None
) -> tuple[Decision, Priced | None, tuple[str, ...]]:
    """The decision on a rule; the price is asked for only when everything else lets it through."""
    situation = known or gather(context, rule)
    decision = decide(situation)
    if not decision.needs_price and decision.decision != REMIND:
        return decision, None, ()
    from esimctl.autotopup.pricing import price

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
    from esimctl.autotopup.pricing import wanted

    assert priced is not None
    return attempt(context.session, wanted(context, capped(context, rule, max_price), methods), methods)
