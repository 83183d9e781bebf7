"""What is refused when a rule is set, not when it runs: a plan that nobody sells, or one that would wait in vain."""

from typing import TYPE_CHECKING

from esimctl.autotopup.pricing import waits_in_vain, wanted
from esimctl.autotopup.rule import Rule
from esimctl.autotopup.situation import Context
from esimctl.autotopup.trigger import first_turn
from esimctl.errors import EsimctlError, UsageError
from esimctl.market.plans import plan_by_id
from esimctl.profile.naming import line_ref
from esimctl.purchase.intent import make_offer
from esimctl.purchase.waiting import may_wait
from esimctl.values.moments import instant, zone
from esimctl.values.money import Money
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.profile.opened import Session


def check_plan(session: "Session", rule: Rule) -> None:
    """A plan that nobody sells, or that the line cannot have, is refused now rather than when it is needed."""
    if rule.plan is not None:
        plan_by_id(session, rule.plan, line=line_ref(rule.line, session.line(rule.line)))


def check_wait(session: "Session", rule: Rule) -> None:
    """A pack that would wait behind the present term is refused now, as far as anybody says so; a run looks again."""
    if rule.plan is None or rule.trigger == "before_expiry" or not session.store.exists():
        return
    ledger, where = session.store.ledger_for_reading(), zone(session.zone)
    context = Context(session, ledger, session.clock.now(), dry_run=True)
    if not may_wait(session, ledger, rule.line):
        return
    try:
        offer = make_offer(session, wanted(context, rule, rule.pay), ledger)
    except EsimctlError:  # what cannot be asked now is asked by the run
        return
    if not waits_in_vain(rule, offer, first_turn(rule, context.now, where), where):
        return
    begins = offer.quote.begins_at
    raise UsageError(
        "{plan} would wait behind the present term of {line}, until {begins}: it would not help when it is bought"
        if begins is not None
        else "{plan} would wait behind the present term of {line}: it would not help when it is bought",
        hint="esimctl autotopup set {line} --rule {rule} --before-expiry 7d --plan {plan} --max-price {most} "
        "--max-per-month {month}",
        code="would_wait",
        plan=Raw(rule.plan),
        line=Raw(rule.line),
        rule=Raw(rule.name),
        begins=Raw(instant(begins)),
        most=Raw(spelled(rule.max_price)),
        month=Raw(spelled(rule.max_per_month)),
    )


def spelled(money: Money | None) -> str:
    """Money as an option takes it: `2.00USD`."""
    return "" if money is None else f"{money.amount}{money.currency}"
