"""What rules and runs are worth telling: which reasons are announced, when again, in which words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from esimctl.alerts.delivered import note_answers
from esimctl.alerts.message import message
from esimctl.alerts.notices import MONEY, OVER, PROBLEM, REMINDER, WINDOW, Condition, is_time_again
from esimctl.autotopup.clock import KeptOut, busy_so_far
from esimctl.autotopup.rule import Rule
from esimctl.autotopup.table import REMIND, TABLE, Decision
from esimctl.errors import Busy, EsimctlError, ExitCode, Unreachable
from esimctl.ledger.facts import AlertFact
from esimctl.ledger.said import text_or_none
from esimctl.ledger.state import LedgerState
from esimctl.profile.alert_targets import targets
from esimctl.purchase.reasons import in_words
from esimctl.values.moments import zone
from esimctl.values.record import replace
from esimctl.values.sentence import Sentence

if TYPE_CHECKING:
    from esimctl.alerts.deliver import Round
    from esimctl.autotopup.order import Attempt
    from esimctl.autotopup.situation import Context
    from esimctl.documents.orders import OrderRow
    from esimctl.profile.opened import Session

#: reasons about the whole profile: told once for all rules
OF_PROFILE: Final = frozenset({"clock", "paused", "restored", "unattended_limit"})

#: reasons about an account: told once for all rules that spend there
OF_PROVIDER: Final = frozenset({
    "foreign_order", "balance_differs", "provider_clock", "unreachable", "credentials", "insufficient_funds",
    "balance_floor",
})  # fmt: skip

#: reasons about one rule
OF_RULE: Final = frozenset({
    "unconfirmed", "expired", "not_eligible", "balance_unknown", "discrepancy", "invalid_amount",
    "authentication_required", "price_above_max", "price_jump", "missing_payment_method", "budget_unreadable",
    "would_wait",
})  # fmt: skip

#: reasons that are told when they begin, and again after they ended, at most once a day
TOLD: Final = OF_PROFILE | OF_PROVIDER | OF_RULE

#: whom each may be about, as it was told: a reading that is missing is the line's matter or its provider's
SCOPES: Final = tuple(
    (reason, scope)
    for scope, reasons in (
        ("profile", OF_PROFILE),
        ("provider", OF_PROVIDER | {"balance_unknown"}),
        ("rule", OF_RULE),
    )
    for reason in sorted(reasons)
)

#: reasons that are told once, however long they go on: a person wanted it so, or nothing can be done about it in time
ONCE: Final = frozenset({"paused", "expired", "not_eligible", "missing_payment_method", "would_wait"})

#: reasons that are told once in the window of the limit
BY_WINDOW: Final = frozenset({"purchase_limit_reached", "spend_limit_reached", "budget_reached"})

#: reasons that must be met twice in a row before they are worth a word
TWICE: Final = frozenset({"balance_unknown", "unreachable"})

#: decisions with which whatever was told of one rule is over, though its row was not reached again
ENDS: Final = frozenset({"disabled", "expired", "not_due", "by_hand"})

#: a reason → its first and its last place in the table: what a later row decides has passed it
FIRST: Final[Mapping[str, int]] = {row.reason: place for place, row in reversed(list(enumerate(TABLE)))}

LAST: Final[Mapping[str, int]] = {row.reason: place for place, row in enumerate(TABLE)}

#: reasons of an open order that is looked for
HELD_FOR: Final = frozenset({"absent_once", "absent_but_paid", "absent_after_limit", "exists", "redirected"})

TEMPLATES: Final[Mapping[str, str]] = {
    "expired": "rule {rule} has ended and turned itself off",
    "purchase_limit_reached": "rule {rule} would top up {line}, but its limit is reached: {why}",
    "spend_limit_reached": "rule {rule} would top up {line}, but its limit is reached: {why}",
    "budget_reached": "rule {rule} would top up {line}, but a budget is reached: {why}",
    "rule": "rule {rule} does not top up {line}: {why}",
    "provider": "rules do not spend at {provider}: {why}",
    "profile": "rules do not spend: {why}",
}


def of_decision(context: "Context", rule: Rule, decision: Decision) -> Iterator[Condition]:
    """The conditions that a rule's decision begins or ends."""
    fact = context.ledger.rule(rule.name)
    previous = text_or_none(fact.last_decision or {}, "reason")
    provider = str(context.session.lines.get(rule.line, {}).get("provider", ""))
    for reason, scope in SCOPES:
        key = f"{reason}:{_name(rule, provider, scope)}"
        if reason == decision.reason and scope == _scope(context, rule, reason):
            passing = isinstance(context.unasked.get(rule.line), Unreachable | Busy | None)
            holds = reason not in TWICE or previous == reason or not passing
            yield replace(_condition(rule, provider, decision, reason, scope), holds=holds)
        elif is_live(context, key):
            condition = _condition(rule, provider, decision, reason, scope)
            yield replace(condition, holds=False, cleared=_is_over(decision, reason, scope))
    invalid = f"invalid_rule:{rule.name}"
    if is_live(context, invalid):
        yield Condition(invalid, "invalid_rule", PROBLEM, "", rule=rule.name, holds=False, cleared=True)
    if decision.reason in BY_WINDOW:
        key = f"{decision.reason}:{rule.name}:{_window(context.now, decision, context)}"
        yield replace(_condition(rule, provider, decision, decision.reason, "rule"), key=key, repeats=False)
    reminded = f"{REMIND}:{rule.name}"
    if decision.decision != REMIND and is_live(context, reminded):
        yield Condition(reminded, REMIND, REMINDER, "", line=rule.line, rule=rule.name, holds=False, cleared=True)
    if decision.decision == "ask":
        yield Condition(
            f"ask:{rule.name}:{fact.generation}", "ask", PROBLEM,
            "rule {rule} would top up {line} now and asks you first: {why}",
            {"rule": rule.name, "line": rule.line, "why": sentence(decision)}, line=rule.line, rule=rule.name,
        )  # fmt: skip


def is_live(context: "Context", key: str) -> bool:
    """Whether an alert was told and has not ended."""
    known = context.ledger.alerts.get(key)
    return known is not None and not known.resolved


def _scope(context: "Context", rule: Rule, reason: str) -> str:
    """Whom a reason is about now: the rule, its provider or the whole profile."""
    if reason in OF_PROFILE:
        return "profile"
    away = reason == "balance_unknown" and rule.line in context.unasked
    return "provider" if reason in OF_PROVIDER or away else "rule"


def _name(rule: Rule, provider: str, scope: str) -> str:
    """The part of an alert's key that says whom it is about."""
    return rule.name if scope == "rule" else f"provider:{provider}" if scope == "provider" else "profile"


def _is_over(decision: Decision, reason: str, scope: str) -> bool:
    """Whether a decision shows that a reason holds no more: it came from a later row, or nothing is to be bought."""
    if decision.reason == reason and decision.decision == "skip":
        return reason == "balance_unknown"  # told of the provider and now of the line, or the other way round
    if scope == "rule" and decision.reason in ENDS:
        return True
    return FIRST.get(decision.reason, len(TABLE)) > LAST[reason]


def _condition(rule: Rule, provider: str, decision: Decision, reason: str, scope: str) -> Condition:
    """What would be told of a reason; whether it holds is the caller's to say."""
    params = {"rule": rule.name, "line": rule.line, "provider": provider, "why": sentence(decision)}
    words = TEMPLATES.get(reason, TEMPLATES[scope])
    line, name = (rule.line, rule.name) if scope == "rule" else (None, None)
    return Condition(
        f"{reason}:{_name(rule, provider, scope)}", reason, PROBLEM, words, params, line=line, rule=name,
        window=timedelta(0) if reason == "paused" else WINDOW, repeats=reason not in ONCE,
    )  # fmt: skip


def _window(now: datetime, decision: Decision, context: "Context") -> str:
    local = now.astimezone(zone(context.session.zone))
    return local.strftime("%Y-%m-%d" if "day" in str(decision.params.get("limit")) else "%Y-%m")


def sentence(decision: Decision) -> Sentence:
    """The decision's reason in plain words."""
    return Sentence(decision.template, decision.params)


def of_attempt(rule: Rule, attempt: "Attempt") -> Iterator[Condition]:
    """What is told of the orders of an attempt."""
    return of_orders(rule, attempt.orders, discrepancy=attempt.reason == "discrepancy")


def of_orders(rule: Rule, orders: "Sequence[OrderRow]", *, discrepancy: bool = False) -> Iterator[Condition]:
    """Money that moved, and every refusal, each once. `discrepancy` is about the newest of the order documents."""
    for order in orders:
        price = order.price if order.paid is None else order.paid
        params: dict[str, Any] = {
            "rule": rule.name, "line": rule.line, "price": str(price),
            "order": order.id, "kind": order.kind, "method": order.payment_method,
            "why": in_words(order.reason or ""),
        }  # fmt: skip
        place: dict[str, Any] = {"line": rule.line, "rule": rule.name, "order": str(order.id)}
        if order.state == "settled" and order is orders[-1] and discrepancy:
            yield Condition(
                f"discrepancy:{order.id}", "discrepancy", PROBLEM,
                "rule {rule} topped up {line} for {price}, but not as ordered ({order}): {why}", params, **place,
            )  # fmt: skip
        elif order.state == "settled":
            yield Condition(
                f"topped_up:{order.id}", "topped_up", MONEY,
                "rule {rule} topped up {line} for {price} with {method} ({order})", params, **place,
            )  # fmt: skip
        elif order.state == "rejected":
            yield Condition(
                f"failed_charge:{order.id}", "failed_charge", PROBLEM,
                "rule {rule}: the order for {line} over {price} with {method} was refused: {why} ({order})",
                params, **place,
            )  # fmt: skip


def of_held(context: "Context", line: str | None) -> Iterator[Condition]:
    """Money that is held for orders that were looked for in vain so far, once a day each."""
    day = f"{context.now.astimezone(zone(context.session.zone)):%Y-%m-%d}"
    for order in context.ledger.open_orders(line=line):
        if order.state == "manual" or order.reason in HELD_FOR:
            yield Condition(
                f"order_held:{order.id}:{day}", "order_held", PROBLEM,
                "order {order} for {line} is not settled: {price} are held, and no rule buys for {line} until it is",
                {"order": order.id, "line": order.line, "price": str(order.price)},
                line=order.line, order=order.id,
            )  # fmt: skip


def of_suspension(rule: Rule, at: datetime, why: Sentence) -> Condition:
    """A rule that put itself to sleep."""
    return Condition(
        f"suspended:{rule.name}:{at:%Y%m%dT%H%M%S%f}", "suspended", PROBLEM,
        "rule {rule} is suspended and buys nothing: {why}; when that is mended: esimctl autotopup resume {rule}",
        {"rule": rule.name, "why": why}, line=rule.line, rule=rule.name,
    )  # fmt: skip


IN_A_ROW: Final = 3


def after(session: "Session", code: int, turn: "Round", say: Callable[[Sentence], str] = str) -> KeptOut:
    """What is to be noted of it; tells the targets when it is time, and that it is over. Never raises.

    `turn` hands over whatever this run has to say.
    """
    before, now = busy_so_far(session), session.clock.now()
    first, told = before.told_since or now, before.told
    if code != int(ExitCode.BUSY):
        if told:
            tell(session, first, now, told, turn, say, resolved=True)
        return KeptOut()
    busy = replace(before, in_a_row=before.in_a_row + 1)
    due = is_time_again(first, before.told_at or now, told, now) if told else busy.in_a_row >= IN_A_ROW
    if due:
        tell(session, first, now, told + 1, turn, say, resolved=False)
        busy = replace(busy, told=told + 1, told_since=first, told_at=now)
    return busy


def tell(
    session: "Session",
    first: "datetime",
    now: "datetime",
    count: int,
    turn: "Round",
    say: Callable[[Sentence], str],
    *,
    resolved: bool,
) -> None:
    """Hand it to every target."""
    from esimctl.alerts.deliver import send

    said = Sentence("runs are kept out by another one again and again: nothing is topped up meanwhile; esimctl doctor")
    if resolved:
        said = Sentence(OVER, {"what": said})
    alert = AlertFact(
        "busy", "busy", PROBLEM, first, now, count, str(said), resolved=resolved, said=said.as_table()
    )  # fmt: skip
    try:
        what = message(session, LedgerState(), [alert], say)
        ways = [target for target in targets(session) if target.valid and target.kind != "heartbeat"]
        answers = turn.hand_over({target.name: [send(target, what)] for target in ways})
        note_answers(session, {name: why for name, _, why in answers})
    except (EsimctlError, OSError):
        return
