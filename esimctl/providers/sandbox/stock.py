"""What the operator has on its shelf, and the story of each of its lines: all that was ever done to it."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from operator import attrgetter

from esimctl.catalogue import renamed
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.plans import unknown
from esimctl.catalogue.promotions import Promotion
from esimctl.charging.events import (
    Credit,
    Debit,
    Event,
    Gift,
    Install,
    Leave,
    Purchase,
    Renew,
    Restate,
    Share,
    Topup,
    Use,
)
from esimctl.charging.restating import worked_in
from esimctl.charging.terms import Terms, terms_from_table, volume_base
from esimctl.providers.sandbox.books import moment, ticks
from esimctl.values.money import Money
from esimctl.values.record import record, replace
from esimctl.values.sentence import Param, Raw, SaidError, Sentence
from esimctl.values.tables import Table
from esimctl.values.toml import Toml
from esimctl.values.volume import UNLIMITED, Unlimited, exact_volume


@record
class PricedPlan:
    """A plan at the price of this order: `terms` are those of the purchase, `gift` a pack that comes with it."""

    plan: Plan
    price: Money
    terms: Mapping[str, Toml]
    gift: Mapping[str, Toml] | None = None


class NotOffered(SaidError):
    """A plan or promotion that cannot be had like this; `reason` is snake_case."""

    def __init__(self, reason: str, template: str, **params: Param) -> None:
        super().__init__(template, **params)
        self.reason = reason


@record
class OperatorStock:
    """Plans and promotions, read when they are needed; `zone` decides which day it is."""

    read_plans: Callable[[], Sequence[Plan]]
    read_promotions: Callable[[], Sequence[Promotion]]
    zone: tzinfo
    read_terms: Callable[[Plan], Mapping[str, Toml]] = attrgetter("terms")  #: of a purchase, where they are others

    def plans(self, seller: str) -> tuple[Plan, ...]:
        """Everything on the shelf, sold under the name that the profile gives this operator."""
        return tuple(replace(plan, provider=seller) for plan in self.read_plans())

    def plan(self, name: str | None) -> Plan | None:
        """The plan of that id, or the one in the place of an id that was given up."""
        return None if name is None else renamed.find("plan", name, {plan.id: plan for plan in self.read_plans()})

    def offer(self, kind: str, plan: Plan, code: str | None, now: datetime) -> PricedPlan:
        """The plan at its price for an order of that kind; raises NotOffered."""
        wanted = "topup" if kind == "topup" else "base"
        if plan.kind != wanted:
            said = "{plan} is a {shape} plan and cannot be had as {kind}"
            raise NotOffered("plan_kind", said, plan=Raw(plan.id), shape=Sentence(plan.kind), kind=Sentence(kind))
        if plan.price is None:
            raise NotOffered("plan_unpriced", "{plan} has no price", plan=Raw(plan.id))
        if unknown(plan) and plan.terms.get("billing") != "payg":
            said = "what {plan} gives, and for how long, is not known"
            raise NotOffered("plan_unknown_terms", said, plan=Raw(plan.id))
        offer = PricedPlan(plan, plan.price, self.read_terms(plan))
        return offer if code is None else _with_promotion(offer, self._promotion(kind, plan, code, now))

    def _promotion(self, kind: str, plan: Plan, code: str, now: datetime) -> Promotion:
        found = renamed.find("promotion", code, {each.id: each for each in self.read_promotions()})
        if found is None:
            raise NotOffered("promotion_unknown", "there is no promotion {code}", code=Raw(code))
        if not found.suits(plan):
            raise NotOffered("promotion_not_for_plan", "{code} is not for {plan}", code=Raw(code), plan=Raw(plan.id))
        if kind not in found.orders or (found.eligible == "new" and kind != "new"):
            said = "{code} is not for an order of the kind {kind}"
            raise NotOffered("promotion_not_for_order", said, code=Raw(code), kind=Sentence(kind))
        if not found.holds(now.astimezone(self.zone).date()):
            raise NotOffered("promotion_over", "{code} does not hold on that day", code=Raw(code))
        return found


def _with_promotion(offer: PricedPlan, promotion: Promotion) -> PricedPlan:
    """The effect of a promotion on price, terms or what comes with it (R-106 to R-111)."""
    effect, terms = promotion.effect, offer.terms
    match effect.kind:
        case "free":
            return replace(offer, price=Money.zero(offer.price.currency))
        case "percent":
            less = offer.price.minor * effect.percent // 100
            return replace(offer, price=Money(offer.price.minor - less, offer.price.currency))
        case "fixed":
            less_money = Money.parse(effect.amount)
            if less_money.currency != offer.price.currency:
                theirs = {"code": Raw(promotion.id), "currency": Raw(less_money.currency)}
                raise NotOffered("promotion_currency", "{code} is in {currency}", **theirs)
            return replace(offer, price=Money(max(offer.price.minor - less_money.minor, 0), offer.price.currency))
        case "rollover":
            return replace(offer, terms={**terms, "rollover": {**(effect.rollover or {})}})
        case "multiply":
            one = Table(terms, base=volume_base(Table(terms))).volume("data", 0)
            if isinstance(one, Unlimited):
                raise NotOffered(
                    "promotion_not_for_plan", "{code} is not for data without limit", code=Raw(promotion.id)
                )
            data = exact_volume(one * (effect.times - 1))
        case "add":
            data = effect.data
        case other:
            said = "{code} does something unknown: {effect}"
            raise NotOffered("promotion_unknown", said, code=Raw(promotion.id), effect=Raw(other))
    return replace(offer, gift={"data": data, "term": effect.term, "category": "promo", "promotional": True})


def write(
    database: sqlite3.Connection,
    iccid: str,
    at: datetime,
    now: datetime,
    content: Mapping[str, Toml],
    other: str | None = None,
) -> None:
    """Put one event into the books: what counts at `at` and became known at `now`; `other` is the other line."""
    row = (iccid, other, ticks(at), ticks(now), json.dumps(content, ensure_ascii=False))
    database.execute("INSERT INTO event (iccid, other, at, recorded_at, content) VALUES (?, ?, ?, ?, ?)", row)


def company(database: sqlite3.Connection, lines: Iterable[str]) -> tuple[str, ...]:
    """Lines and all that gifts and sharing tie to them: they are worked out together."""
    ahead = list(lines)
    found = set(ahead)
    while ahead:
        one = ahead.pop()
        rows = database.execute(
            "SELECT other FROM event WHERE iccid = ? AND other IS NOT NULL"
            " UNION SELECT iccid FROM event WHERE other = ?",
            (one, one),
        )
        for (name,) in rows.fetchall():
            if name not in found:
                found.add(name)
                ahead.append(name)
    return tuple(sorted(found))


def read(database: sqlite3.Connection, lines: Iterable[str], until: datetime, newest: int | None = None) -> list[Event]:
    """The events of some lines up to an instant (and up to a number), oldest first, as the engine takes them."""
    names = tuple(lines)
    rows = database.execute(
        f"SELECT number, iccid, other, at, content FROM event WHERE iccid IN ({', '.join('?' * len(names))})"  # noqa: S608
        " AND at <= ? AND number <= ? ORDER BY at, number",
        (*names, ticks(until), 2**62 if newest is None else newest),
    )
    known: dict[str, Terms] = {}
    return worked_in(
        (number, _event(iccid, other, moment(at), Table(json.loads(content)), known))
        for number, iccid, other, at, content in rows
    )


def _event(line: str, other: str | None, at: datetime, content: Table, known: dict[str, Terms]) -> Event:
    match content.text("verb"):
        case "use":
            dated = content.integer("dated", None)
            return Use(at, line, content.integer("octets"), None if dated is None else moment(dated))
        case "purchase":
            return Purchase(at, line, _terms(content, known))
        case "install":
            return Install(at, line)
        case "renew":
            completes = content.integer("completes", None)
            return Renew(at, line, _terms(content, known), None if completes is None else moment(completes))
        case "topup":
            return Topup(at, line, _terms(content, known))
        case "credit" | "debit" as verb:
            money = Money(content.integer("minor"), content.text("currency"))
            return (Credit if verb == "credit" else Debit)(at, line, money)
        case "gift":
            return Gift(at, line, str(other), content.integer("octets"))
        case "share":
            cap = content.raw("cap")
            return Share(at, line, str(other), UNLIMITED if cap is None else cap)
        case "restate":
            return Restate(at, line, content.raw("changed"), content.raw("said"))
        case verb:
            assert verb == "leave", verb
            return Leave(at, line, str(other))


def _terms(content: Table, known: dict[str, Terms]) -> Terms:
    """The terms of a purchase; the same table is read once."""
    plan, table = content.text("plan"), content.raw("terms")
    key = json.dumps(table, sort_keys=True) + plan
    if key not in known:
        known[key] = terms_from_table(plan, table)
    return known[key]
