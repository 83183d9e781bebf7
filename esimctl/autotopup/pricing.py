"""What a rule would order now, for how much, and which limits that meets."""

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, TypeAlias

from esimctl.autotopup.rule import Rule
from esimctl.autotopup.situation import Context, looked_at
from esimctl.autotopup.table import Priced
from esimctl.autotopup.trigger import next_boundary
from esimctl.catalogue.search import total_bytes
from esimctl.errors import (
    Busy,
    ConfigurationError,
    CredentialsError,
    EsimctlError,
    ProtocolViolation,
    Refused,
    Unreachable,
)
from esimctl.ledger.caps import Breach, Limits, breaches
from esimctl.market.plans import plan_by_id
from esimctl.profile.budget import over_budget, told
from esimctl.profile.naming import line_ref
from esimctl.purchase.gates import profile_limits
from esimctl.purchase.intent import make_offer
from esimctl.purchase.offer import Intent, Offer
from esimctl.purchase.waiting import QUEUE
from esimctl.usage.left import left_at_any_hour
from esimctl.values.moments import zone
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.catalogue.plan import Plan


class NotPossible(Exception):
    """There is nothing that the rule could order; `args` are the problem's word and a sentence."""


def price(context: Context, rule: Rule, methods: tuple[str, ...]) -> tuple[Priced, Offer | None]:
    """The price of what the rule would order, and the offer. Asks the provider; orders nothing, writes nothing."""
    try:
        offer = make_offer(context.session, wanted(context, rule, methods), context.ledger)
    except NotPossible as problem:
        return Priced(problem=problem.args[0], said=problem.args[1]), None
    except EsimctlError as error:
        return Priced(problem=_word(error), said=error.said), None
    quoted = offer.quote.price
    if waits_in_vain(rule, offer, context.now, zone(context.session.zone)):
        return Priced(quoted, waits=(offer.wish.plan or "", offer.quote.begins_at)), offer
    if offer.quote.needs_confirmation and methods:
        asks = Sentence("{method} wants its owner to confirm every payment", {"method": Raw(offer.wish.method)})
        return Priced(quoted, "authentication_required", asks), offer
    play = offer.provider.play_money
    found = tuple(limits_met(context, rule, quoted, play=play))
    unread, said, over = room_in_budget(context, rule, quoted, play=play)
    return Priced(quoted, unread, said, found, last_price(context, rule, offer), over), offer


def waits_in_vain(rule: Rule, offer: Offer, at: datetime, where: tzinfo) -> bool:
    """Whether a pack would wait behind the present term instead of helping when it is bought.

    A renewal before the end is to wait. What a schedule buys may, if its turn comes before the schedule's next day.
    """
    if offer.quote.effect != QUEUE or rule.trigger == "before_expiry":
        return False
    begins = offer.quote.begins_at
    return rule.every is None or begins is None or begins >= next_boundary(rule, at, where)


#: (problem, its sentence, why a budget is met)
Room: TypeAlias = tuple[str | None, Sentence | None, Sentence | None]


def room_in_budget(context: Context, rule: Rule, quoted: Money, *, play: bool) -> Room:
    """Whether a budget has room for a price; one that cannot be read lets nothing automatic be spent."""
    try:
        broken = over_budget(context.session, context.ledger, rule.line, quoted, context.now, play=play)
    except ConfigurationError as error:
        return "budget_unreadable", error.said, None
    if not broken:
        return None, None, None
    return None, None, told(broken[0], quoted)


def _word(error: EsimctlError) -> str:
    if error.code == "missing_payment_method":
        return "missing_payment_method"
    if isinstance(error, Unreachable | Busy | ProtocolViolation):
        return "unreachable"
    if isinstance(error, CredentialsError):
        return "credentials"
    return "not_eligible" if isinstance(error, Refused) else "invalid_amount"


def wanted(context: Context, rule: Rule, methods: tuple[str, ...]) -> Intent:
    """The order that the rule stands for now, with its first usable method."""
    intent = Intent(
        "topup",
        line=rule.line,
        method=methods[0] if methods else None,
        max_price=rule.max_price,
        source=rule.source,
        generation=context.ledger.rule(rule.name).generation,
    )
    if rule.amount is not None:
        return replace(intent, amount=rule.amount)
    if isinstance(rule.target, Money):
        return replace(intent, amount=_missing_money(context, rule, rule.target))
    plan = _closing(context, rule) if rule.target is not None else _named(context, rule)
    return replace(intent, kind="renew" if plan.kind == "base" else "topup", plan=plan.id)


def _missing_money(context: Context, rule: Rule, target: Money) -> Money:
    reading = context.reading(rule.line)
    balance = reading.main_balance if reading is not None else None
    if balance is None or balance.currency != target.currency:
        raise NotPossible("invalid_amount", Sentence("the main balance is not known"))
    return target - balance


def _named(context: Context, rule: Rule) -> "Plan":

    session = context.session
    return plan_by_id(session, rule.plan or "", line=line_ref(rule.line, session.line(rule.line)))


def _closing(context: Context, rule: Rule) -> "Plan":
    """The cheapest pack that fills up to the target in one order, within the limit of one order."""
    reading = context.reading(rule.line)
    left = None if reading is None else left_at_any_hour(reading, context.now).judged
    if left is None or not isinstance(rule.target, int):
        raise NotPossible("invalid_amount", Sentence("it is not known how much data is missing"))
    session = context.session
    line = line_ref(rule.line, session.line(rule.line))
    fitting = []
    for plan in session.provider(str(session.line(rule.line)["provider"])).plans(context.now, line=line):
        total = total_bytes(plan)
        if plan.kind != "topup" or plan.price is None or not isinstance(total, int):
            continue
        if plan.window or plan.purpose is not None:  # what is missing is data for everything, at any hour
            continue
        if total >= rule.target - left and _affordable(plan.price, rule.max_price):
            fitting.append(plan)
    if not fitting:
        raise NotPossible("invalid_amount", Sentence("no pack within the limit of one order reaches the target"))
    return min(fitting, key=lambda plan: (plan.price.minor if plan.price else 0, plan.id))


def _affordable(asked: Money, most: Money | None) -> bool:
    return most is None or (asked.currency == most.currency and asked <= most)


def limits_met(context: Context, rule: Rule, quoted: Money, *, play: bool) -> list[Breach]:
    """Every limit that the order would break: the rule's own, the line's and the profile's.

    What a schedule or an end sets off comes at most once in its period by itself: only the calendar month is counted
    there, or February would hold back what January bought. A threshold meets the rolling window as well.
    """
    own = Limits(
        per_order=() if rule.max_price is None else (rule.max_price,),
        per_day=() if rule.max_per_day is None else (rule.max_per_day,),
        per_month=() if rule.max_per_month is None else (rule.max_per_month,),
        count_per_month=rule.max_count,
        line=rule.line,
        source=rule.source,
        play=play,
    )
    where = zone(context.session.zone)
    found = [
        breach
        for breach in breaches(context.ledger, context.now, where, own, quoted)
        if rule.trigger == "threshold" or breach.window != "rolling"
    ]
    for limits in profile_limits(context.session, rule.line, play=play):
        found += breaches(context.ledger, context.now, where, limits, quoted)
    return found


def last_price(context: Context, rule: Rule, offer: Offer) -> Money | None:
    """What the rule's last order of the same pack cost, since a person last looked at the rule."""
    since = looked_at(context.ledger.rule(rule.name))
    for order in reversed(context.orders(rule.line)):
        same = order.rule == rule.name and order.plan is not None and order.plan == offer.wish.plan
        if same and order.settled_at is not None and (since is None or order.created_at > since):
            return order.price
    return None
