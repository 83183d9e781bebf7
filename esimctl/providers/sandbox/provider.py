"""The embedded operator as a provider like any other: keyed orders (tier A), play money, no network.

It never reads a clock: `now` is handed in with every call. Its answers are bytes and are read like a stranger's.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from esimctl.catalogue.plan import Plan
from esimctl.catalogue.plans import DEMO, plans
from esimctl.catalogue.promotions import shipped_promotions
from esimctl.errors import ConfigurationError, EsimctlError, Refused, UsageError
from esimctl.providers.protocol import (
    Answer,
    Goods,
    LineRef,
    Outcome,
    OutgoingOrder,
    ProviderOrder,
    Quote,
    Reading,
    Request,
    Tier,
    Verdict,
    Wish,
)
from esimctl.providers.sandbox import desk, faults, meter
from esimctl.providers.sandbox import desk as delivery
from esimctl.providers.sandbox.answers import encode, interpret
from esimctl.providers.sandbox.books import OperatorBooks, moment, ticks
from esimctl.providers.sandbox.controls import Controls
from esimctl.providers.sandbox.desk import OrderForm, Refusal
from esimctl.providers.sandbox.stock import NotOffered, OperatorStock
from esimctl.values.moments import MomentError, zone
from esimctl.values.money import Money, MoneyError
from esimctl.values.record import fields, replace
from esimctl.values.sentence import Raw, either
from esimctl.values.text import nearest

if TYPE_CHECKING:
    from sqlite3 import Connection

    from esimctl.charging.balances import LineBalance
    from esimctl.charging.explain import StoryStep
    from esimctl.providers.registry import LocalSettings

ENDPOINT = "sandbox:orders"
DEFAULT_ZONE = "Asia/Phnom_Penh"
RETRY_AFTER = "30"

_NOT_JSON = b'<html><title>502</title>{"order": "SB-'


class SandboxProvider(Controls):
    """Sells the stock it was given and keeps its books under `home`. `balance`: the account's credit, if it has one."""

    tier = Tier.KEYED
    settle_window = timedelta(0)
    absence_horizon = timedelta(0)  #: its books are a file of this machine: what is not in them did not happen
    reading_max_age = timedelta(minutes=15)
    play_money = True

    def __init__(self, name: str, books: OperatorBooks, stock: OperatorStock, balance: Money | None = None) -> None:
        self.name = name
        self.books = books
        self.stock = stock
        self.balance = balance

    # -- what can be bought

    def plans(self, now: datetime, *, line: LineRef | None = None, deadline: float = 30.0) -> Sequence[Plan]:
        """Everything on the shelf; with `line`, what is for lines of its carrier: the demo rows are for every line."""
        shelf = self.stock.plans(self.name)
        if line is None:
            return shelf
        with self.books.reading(deadline) as database:
            carrier = meter.facts(database, line).carrier
        return tuple(plan for plan in shelf if plan.carrier in (carrier, DEMO))

    def quote(self, wish: Wish, now: datetime, *, deadline: float = 30.0) -> Quote:
        """Price, terms and effect of a wish; what cannot be had is a UsageError, or Refused for a promotion."""
        with self.books.reading(deadline) as database:
            facts = None if wish.kind == "new" else meter.facts(database, wish.line)
            wanted = wish.plan if wish.plan is not None or wish.amount is not None or facts is None else facts.plan
            form = self._form(wish, wanted, wish.amount or Money.zero("USD"))
            try:
                offer = desk.offered(database, self.stock, form, now)
            except NotOffered as why:
                raise _not_offered(why) from why
            except Refusal as why:
                raise self._unusable(why, wanted) from why
            order = wish.amount if offer is None else offer
            assert order is not None
            changes = meter.changes(database, self.stock.zone, facts, order, now, renews=wish.kind == "renew")
        if changes.impossible is not None:
            raise Refused(
                "{why}",
                hint="see: esimctl balance {line}",
                code="not_possible",
                why=Raw(changes.impossible),
                line=Raw(wish.line.name),
            )
        price = order if isinstance(order, Money) else order.price
        return Quote(
            price=price,
            terms=None if offer is None else offer.terms,
            balance_before=self.account_balance(now, deadline=deadline),
            needs_confirmation=desk.CONFIRMED in (wish.method, wish.method_kind),
            effect=changes.effect,
            begins_at=None if changes.renewal is None else changes.renewal.begins_at,
            lost_bytes=changes.lost_bytes,
            change=changes.change,
            renewal=changes.renewal,
            notes=() if offer is None else offer.plan.notes,
        )

    # -- ordering

    def request(self, order: OutgoingOrder) -> Request:
        """The bytes for this order; the same order gives the same bytes."""
        form = self._form(order.wish, order.wish.plan, order.price)
        table = {name: getattr(form, name) for name in fields(OrderForm)}
        table |= {"key": order.key, "price": order.price.as_json()}
        table["amount"] = None if form.amount is None else form.amount.as_json()
        return Request(ENDPOINT, json.dumps(table, sort_keys=True, ensure_ascii=False, separators=(",", ":")))

    def send(self, order: OutgoingOrder, request: Request, now: datetime, *, deadline: float) -> Answer:
        """Hand the stored bytes to the desk, once; armed faults strike here.

        Books that cannot be opened are an operator that was not reached; a change that could not be completed may have
        been made.
        """
        begun = False
        try:
            with self.books.writing(deadline) as database:
                answer = self._at_the_desk(database, order.key, request.body, now)
                begun = True
        except EsimctlError as why:
            return Answer(None, failure=why.code, sent=begun)
        return answer

    def _at_the_desk(self, database: "Connection", key: str, body: str, now: datetime) -> Answer:
        if faults.keeps_away(database, key, ticks(now)):
            return Answer(None, failure="unreachable", sent=False)
        if faults.strikes(database, "timeout-before"):
            return Answer(None, failure="deadline")
        if faults.strikes(database, "rate-limit"):
            return Answer(429, encode({"error": "rate_limited"}), {"retry-after": RETRY_AFTER})
        self._open_account(database)
        status, document = desk.take(database, self.stock, body, now)
        if faults.strikes(database, "timeout-after"):
            return Answer(None, failure="deadline")
        if faults.strikes(database, "error-500"):
            return Answer(500, encode({"error": "internal"}))
        if faults.strikes(database, "malformed"):
            return Answer(status, _NOT_JSON)
        return Answer(status, encode(document))

    def interpret(self, order: OutgoingOrder, answer: Answer) -> Outcome:
        """An answer in common words. Pure."""
        return interpret(order, answer)

    def look_up(self, order: OutgoingOrder, now: datetime, *, deadline: float) -> Outcome:
        """Find an order by its key: the operator knows at once whether there is one."""
        try:
            with self.books.reading(deadline) as database:
                answered = desk.found(database, order.key, now)
        except EsimctlError as why:
            return Outcome(Verdict.AMBIGUOUS, why.code, charged=None)
        if answered is None:
            return Outcome(Verdict.ABSENT, "not_found", charged=False)
        status, document = answered
        return interpret(order, Answer(status, encode(document)))

    # -- looking

    def reading(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Reading | None:
        """What is left on a line, worked out by the engine from all that happened to it."""
        with self.books.reading(deadline) as database:
            facts = meter.facts(database, line)
            stale = faults.mark(database, "stale-usage")
            if stale is None:
                return meter.reading(database, self.stock, facts, now)
        with self.books.writing(deadline) as database:
            old = faults.mark(database, "stale-usage")
            faults.strikes(database, "stale-usage")
            return meter.reading(database, self.stock, facts, now, newest=old)

    def goods(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Goods | None:
        """The eSIM of a line with its code."""
        with self.books.reading(deadline) as database:
            iccid = meter.facts(database, line).iccid
            msisdn, lpa = delivery.activation(database, iccid)
        return Goods(iccid=iccid, msisdn=msisdn, lpa=lpa)

    def explain(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> "Sequence[StoryStep]":
        """The story of a line's data in order: bought, used, carried, lost, given."""
        with self.books.reading(deadline) as database:
            return meter.explanation(database, self.stock.zone, meter.facts(database, line), now)

    def uses(
        self, line: LineRef, now: datetime, *, deadline: float = 30.0
    ) -> tuple[datetime, Sequence[tuple[datetime, int]]]:
        """Every use of the line since it came to life, by its own date."""
        with self.books.reading(deadline) as database:
            found = meter.facts(database, line)
            return found.ready_at, meter.uses(database, found, now)

    def stories(
        self, lines: Sequence[LineRef], now: datetime, *, deadline: float = 5.0
    ) -> "tuple[datetime, Mapping[str, tuple[str, Mapping[str, LineBalance]]]]":
        """The books of the lines and of all that shared or gave data with them; up to what it has heard, if it lags."""
        with self.books.reading(deadline) as database:
            return meter.stories(database, self.stock.zone, lines, now, faults.mark(database, "stale-usage"))

    def account_balance(self, now: datetime, *, deadline: float = 30.0) -> Money | None:
        """The account's credit where the profile gives it one (`balance` in the provider's settings); else None."""
        if self.balance is None:
            return None
        with self.books.reading(deadline) as database:
            row = database.execute("SELECT minor FROM wallet WHERE currency = ?", (self.balance.currency,)).fetchone()
        return self.balance if row is None else Money(row[0], self.balance.currency)

    def orders(self, since: datetime, now: datetime, *, deadline: float = 30.0) -> Sequence[ProviderOrder] | None:
        """Every order since then with every charge that was taken for it, refused ones included."""
        with self.books.reading(deadline) as database:
            rows = database.execute(
                "SELECT number, key, kind, plan, iccid, status, created_at, ready_at FROM purchase"
                " WHERE created_at >= ? ORDER BY number",
                (ticks(since),),
            ).fetchall()
            charges: dict[int, list[Money]] = {}
            for number, minor, currency in database.execute("SELECT purchase, minor, currency FROM charge"):
                charges.setdefault(number, []).append(Money(minor, currency))
        return tuple(
            ProviderOrder(
                provider_order=desk.order_number(number),
                key=key,
                kind=kind,
                plan=plan,
                iccid=iccid,
                charges=tuple(charges.get(number, ())),
                delivered=status == 200 and now >= moment(ready_at),
                created_at=moment(created_at),
                status="refused" if status != 200 else "done" if now >= moment(ready_at) else "processing",
            )
            for number, key, kind, plan, iccid, status, created_at, ready_at in rows
        )

    def lines(self, now: datetime, *, deadline: float = 30.0) -> Sequence[LineRef]:
        """The operator's lines, oldest first."""
        with self.books.reading(deadline) as database:
            rows = database.execute(
                "SELECT line.iccid, msisdn, line.plan FROM line JOIN purchase ON purchase.iccid = line.iccid"
                " WHERE kind = 'new' AND status = 200 ORDER BY line.created_at, line.rowid"
            ).fetchall()
        return tuple(
            LineRef(f"sandbox-{iccid[-4:]}", iccid=iccid, msisdn=msisdn, plan=plan) for iccid, msisdn, plan in rows
        )

    # -- within

    def _form(self, wish: Wish, plan: str | None, price: Money) -> OrderForm:
        return OrderForm(
            key="",
            kind=wish.kind,
            plan=plan,
            amount=wish.amount,
            iccid=None if wish.kind == "new" else wish.line.iccid,
            method=wish.method,
            method_kind=wish.method_kind,
            confirmed=wish.confirmed,
            promotion=wish.promotion,
            price=price,
        )

    def _open_account(self, database: "Connection") -> None:
        if self.balance is not None:
            row = (self.balance.currency, self.balance.minor)
            database.execute("INSERT OR IGNORE INTO wallet VALUES (?, ?)", row)

    def _unusable(self, why: Refusal, plan: str | None) -> UsageError:
        close = nearest(plan or "", tuple(each.id for each in self.stock.read_plans()))
        near = either(close if why.reason == "plan_unknown" else ())
        hint = "did you mean {near}?" if near.items else "what can be bought: esimctl plans list"
        return UsageError("{why}", hint=hint, code=why.reason, why=why.said, near=near)


def _not_offered(why: NotOffered) -> UsageError | Refused:
    kind = UsageError if why.reason == "plan_kind" else Refused
    return kind("{why}", hint="what can be bought: esimctl plans list", code=why.reason, why=why.said)


def open_sandbox(name: str, local: "LocalSettings") -> SandboxProvider:
    """The embedded operator, with the rows of a profile or those that come along. Wrong settings: 78."""
    try:
        where = zone(str(local.zone or DEFAULT_ZONE))
        balance = None if local.balance is None else Money.parse(str(local.balance))
    except (MomentError, MoneyError) as why:
        raise ConfigurationError("provider {name}: {why}", code="configuration", name=Raw(name), why=why.said) from why
    stock = OperatorStock(local.plans or plans, local.promotions or shipped_promotions, where)
    if local.held is not None:
        stock = replace(stock, read_terms=local.held)
    return SandboxProvider(name, OperatorBooks(local.home), stock, balance)
