"""What a rule's decisions are worth telling: which reasons are announced, when again, and in which words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from esimctl.actions.autotopup.decide import Decision
from esimctl.actions.autotopup.notices import MONEY, PROBLEM, WINDOW, Condition
from esimctl.actions.autotopup.rule import Rule
from esimctl.charging.moments import zone

if TYPE_CHECKING:
    from esimctl.actions.autotopup.order import Attempt
    from esimctl.actions.autotopup.situation import Context

#: reasons that are told when they begin, and again after they ended, at most once a day
TOLD: Final = frozenset({
    "unconfirmed", "expired", "not_eligible", "balance_unknown", "clock", "restored", "foreign_order",
    "invalid_amount", "unreachable", "authentication_required", "credentials", "price_above_max", "price_jump",
    "insufficient_funds", "missing_payment_method", "budget_unreadable",
})  # fmt: skip
#: reasons that are told once in the window of the limit
BY_WINDOW: Final = frozenset({"purchase_limit_reached", "spend_limit_reached", "budget_reached"})
#: reasons that must be met twice in a row before they are worth a word
TWICE: Final = frozenset({"balance_unknown", "unreachable"})
#: reasons after which a reason of the later rows is known to have ended
BEYOND: Final = frozenset({"due"})

_WORDS: Final[Mapping[str, str]] = {
    "expired": "rule {rule} has ended and turned itself off",
    "purchase_limit_reached": "rule {rule} would top up {line}, but its limit is reached: {why}",
    "spend_limit_reached": "rule {rule} would top up {line}, but its limit is reached: {why}",
    "budget_reached": "rule {rule} would top up {line}, but a budget is reached: {why}",
}
_OTHERWISE: Final = "rule {rule} does not top up {line}: {why}"


def of_decision(context: "Context", rule: Rule, decision: Decision) -> Iterator[Condition]:
    """The conditions that a rule's decision begins or ends."""
    fact = context.ledger.rule(rule.name)
    previous = (fact.last_decision or {}).get("reason")
    for reason in TOLD & ({decision.reason} | live(context, rule)):
        holds = reason == decision.reason and (reason not in TWICE or previous == reason)
        yield _condition(rule, decision, reason, f"{reason}:{rule.name}", holds)
    if decision.reason in BY_WINDOW:
        key = f"{decision.reason}:{rule.name}:{_window(context.now, decision, context)}"
        yield _condition(rule, decision, decision.reason, key, True)
    if decision.decision == "ask":
        yield Condition(
            f"ask:{rule.name}:{fact.generation}", "ask", PROBLEM,
            "rule {rule} would top up {line} now and asks you first: {why}",
            {"rule": rule.name, "line": rule.line, "why": sentence(decision)}, line=rule.line, rule=rule.name,
        )  # fmt: skip


def live(context: "Context", rule: Rule) -> set[str]:
    """Reasons of this rule that were told and have not ended."""
    found = set()
    for reason in TOLD:
        known = context.ledger.alerts.get(f"{reason}:{rule.name}")
        if known is not None and not known.resolved:
            found.add(reason)
    return found


def _condition(rule: Rule, decision: Decision, reason: str, key: str, holds: bool) -> Condition:
    params = {"rule": rule.name, "line": rule.line, "why": sentence(decision)}
    return Condition(
        key, reason, PROBLEM, _WORDS.get(reason, _OTHERWISE), params, line=rule.line, rule=rule.name,
        holds=holds, cleared=reason != decision.reason, window=WINDOW,
    )  # fmt: skip


def _window(now: datetime, decision: Decision, context: "Context") -> str:
    local = now.astimezone(zone(context.session.zone))
    return local.strftime("%Y-%m-%d" if "day" in str(decision.params.get("limit")) else "%Y-%m")


def sentence(decision: Decision) -> str:
    """The decision's reason in plain English."""
    return decision.template.format(**decision.params)


def of_attempt(rule: Rule, attempt: "Attempt") -> Iterator[Condition]:
    """What is told of the orders of an attempt."""
    return of_orders(rule, attempt.orders, discrepancy=attempt.reason == "discrepancy")


def of_orders(rule: Rule, orders: Sequence[Mapping[str, Any]], *, discrepancy: bool = False) -> Iterator[Condition]:
    """Money that moved, and every refusal, each once. `discrepancy` is about the newest of the order documents."""
    for order in orders:
        price = order["paid"] or order["price"]
        params: dict[str, Any] = {
            "rule": rule.name, "line": rule.line, "price": f"{price['amount']} {price['currency']}",
            "order": order["id"], "method": order["payment_method"],
            "why": str(order["reason"] or "").replace("_", " "),
        }  # fmt: skip
        place: dict[str, Any] = {"line": rule.line, "rule": rule.name, "order": str(order["id"])}
        if order["state"] == "settled" and order is orders[-1] and discrepancy:
            yield Condition(
                f"discrepancy:{order['id']}", "discrepancy", PROBLEM,
                "rule {rule} topped up {line} for {price}, but not as ordered ({order}): {why}", params, **place,
            )  # fmt: skip
        elif order["state"] == "settled":
            yield Condition(
                f"topped_up:{order['id']}", "topped_up", MONEY,
                "rule {rule} topped up {line} for {price} with {method} ({order})", params, **place,
            )  # fmt: skip
        elif order["state"] == "rejected":
            yield Condition(
                f"failed_charge:{order['id']}", "failed_charge", PROBLEM,
                "rule {rule}: the order for {line} over {price} with {method} was refused: {why} ({order})",
                params, **place,
            )  # fmt: skip


def of_suspension(rule: Rule, at: datetime, why: str) -> Condition:
    """A rule that put itself to sleep."""
    return Condition(
        f"suspended:{rule.name}:{at:%Y%m%dT%H%M%S%f}", "suspended", PROBLEM,
        "rule {rule} is suspended and buys nothing: {why}; when that is mended: esimctl autotopup resume {rule}",
        {"rule": rule.name, "why": why}, line=rule.line, rule=rule.name,
    )  # fmt: skip


__all__ = ["of_attempt", "of_decision", "of_orders", "of_suspension", "sentence"]
