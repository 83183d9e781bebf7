"""One attempt of a rule: its payment methods in order, the next only after a definite decline, through the one walk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from esimctl.actions.autotopup.rule import MOST_FAILURES
from esimctl.actions.purchase.walk import purchase
from esimctl.errors import EsimctlError, ExitCode

if TYPE_CHECKING:
    from esimctl.actions.purchase.offer import Intent
    from esimctl.actions.session import Session

#: refusals that another payment method may overcome
DECLINES: Final = frozenset({"declined", "insufficient_funds", "refused", "card_expired", "authentication_required"})


@dataclass(slots=True)
class Attempt:
    """What became of an attempt: the documents of its orders, the exit code, and a word and a sentence."""

    orders: list[Mapping[str, Any]]
    exit_code: ExitCode
    reason: str
    message: str = ""

    @property
    def order(self) -> str | None:
        """The id of the newest order."""
        return str(self.orders[-1]["id"]) if self.orders else None


def attempt(session: "Session", intent: "Intent", methods: Sequence[str]) -> Attempt:
    """Buy with the first method that is not declined. Never raises for what became of an order."""
    orders: list[Mapping[str, Any]] = []
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


def once(session: "Session", intent: "Intent", orders: list[Mapping[str, Any]]) -> Attempt:
    """One order with one method."""
    try:
        result = purchase(session, intent)
    except EsimctlError as error:
        if error.order is not None:
            orders.append(error.order)
        return Attempt(orders, error.exit_code, error.code, error.message)
    orders.append(result.data["order"])
    if result.exit_code:
        return Attempt(orders, result.exit_code, "discrepancy", str(result.data["order"]["reason"]))
    return Attempt(orders, ExitCode.DONE, "topped_up")
