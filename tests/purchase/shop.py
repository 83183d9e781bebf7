"""A provider for tests whose every answer a test decides: tier, order list, balance, and what an order comes to."""

# ruff: noqa: ARG002 (a provider is called like every other)

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from esimctl.catalogue.plan import Plan
from esimctl.errors import Unreachable
from esimctl.providers import registry
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
from esimctl.store.folder import Store
from esimctl.values.money import Money
from esimctl.values.record import replace

TEN = Money(1000, "USD")
PLAN = Plan("shop/ten", "shop", "Ten", "shop", TEN, {"data": "1GB", "term": "7d"})
CODE = "LPA:1$rsp.shop.example$CODE-4711"


@dataclass
class Shop:
    """The shop's books and its moods. `sold` is what it executed, by key; `behave` may do anything to one order."""

    tier: Tier = Tier.REFERENCE
    lists: bool = True
    balance: Money | None = None
    window: timedelta = timedelta(0)
    horizon: timedelta = timedelta(0)  #: of absence
    sold: dict[str, ProviderOrder] = field(default_factory=dict)
    strangers: list[ProviderOrder] = field(default_factory=list)
    behave: "Callable[[Shop, OutgoingOrder], Answer] | None" = None
    knows: "Callable[[Shop, OutgoingOrder], Outcome | None] | None" = None
    price: Money = TEN
    gone: bool = False
    sent: list[str] = field(default_factory=list)  #: the bytes of every order that arrived
    readings: list[Reading] = field(default_factory=list)

    def execute(
        self, order: OutgoingOrder, *, charges: Sequence[Money] | None = None, delivered: bool = True
    ) -> ProviderOrder:
        """Sell: charge (the price, once) and deliver."""
        taken = tuple([self.price] if charges is None else charges)
        number = f"SH-{len(self.sold) + 1}"
        iccid = order.wish.line.iccid or f"89855991{len(self.sold):011d}"
        self.sold[order.key] = ProviderOrder(
            number, order.key, order.wish.kind, order.wish.plan, iccid, taken, delivered, order.attempted_at, "done"
        )
        if self.balance is not None:
            self.balance = Money(self.balance.minor - sum(charge.minor for charge in taken), self.balance.currency)
        return self.sold[order.key]

    def answer(self, order: OutgoingOrder) -> Answer:
        """What a sale is answered with."""
        sale = self.sold[order.key]
        body = {"order": sale.provider_order, "iccid": sale.iccid, "lpa": CODE, "minor": sale.charges[0].minor}
        return Answer(200, json.dumps(body).encode())


SHOP = Shop()


class ShopProvider:
    """The shop behind the protocol."""

    reading_max_age = timedelta(minutes=15)
    play_money = False

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def tier(self) -> Tier:
        return SHOP.tier

    @property
    def settle_window(self) -> timedelta:
        return SHOP.window

    @property
    def absence_horizon(self) -> timedelta:
        return SHOP.horizon

    def _open(self) -> None:
        if SHOP.gone:
            raise Unreachable("the shop is closed", code="unreachable")

    def plans(self, now: datetime, *, line: LineRef | None = None, deadline: float = 30.0) -> Sequence[Plan]:
        self._open()
        return (replace(PLAN, price=SHOP.price),)

    def quote(self, wish: Wish, now: datetime, *, deadline: float = 30.0) -> Quote:
        self._open()
        return Quote(SHOP.price, terms=PLAN.terms, balance_before=SHOP.balance)

    def request(self, order: OutgoingOrder) -> Request:
        return Request("shop:orders", json.dumps({"key": order.key, "plan": order.wish.plan}))

    def send(self, order: OutgoingOrder, request: Request, now: datetime, *, deadline: float) -> Answer:
        SHOP.sent.append(request.body)
        if SHOP.behave is not None:
            return SHOP.behave(SHOP, order)
        if order.key not in SHOP.sold:
            SHOP.execute(order)
        return SHOP.answer(order)

    def interpret(self, order: OutgoingOrder, answer: Answer) -> Outcome:
        if answer.status != 200:
            if answer.status == 402:
                return Outcome(Verdict.REFUSED, "declined", charged=False)
            verdict = Verdict.AMBIGUOUS if answer.sent else Verdict.NOT_SENT
            return Outcome(verdict, answer.failure or "server_error")
        try:
            told = json.loads(answer.body)
            paid = Money(told["minor"], "USD")
        except (ValueError, KeyError):
            return Outcome(Verdict.AMBIGUOUS, "malformed")
        lpa = told.get("lpa") if order.wish.kind == "new" else None
        goods = Goods(iccid=told["iccid"], lpa=lpa)
        return Outcome(Verdict.SETTLED, provider_order=told["order"], charged=True, paid=paid, goods=goods)

    def look_up(self, order: OutgoingOrder, now: datetime, *, deadline: float) -> Outcome:
        if SHOP.knows is not None and (told := SHOP.knows(SHOP, order)) is not None:
            return told
        if SHOP.gone:
            return Outcome(Verdict.AMBIGUOUS, "unreachable")
        if order.key not in SHOP.sold:
            return Outcome(Verdict.ABSENT, "not_found", charged=False)
        return self.interpret(order, SHOP.answer(order))

    def reading(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Reading | None:
        return replace(SHOP.readings[-1], at=now) if SHOP.readings else None

    def account_balance(self, now: datetime, *, deadline: float = 30.0) -> Money | None:
        self._open()
        return SHOP.balance

    def orders(self, since: datetime, now: datetime, *, deadline: float = 30.0) -> Sequence[ProviderOrder] | None:
        self._open()
        return [*SHOP.sold.values(), *SHOP.strangers] if SHOP.lists else None

    def lines(self, now: datetime, *, deadline: float = 30.0) -> Sequence[LineRef]:
        return ()


def open_shop(name: str, local: object) -> ShopProvider:
    """How the registry opens it."""
    return ShopProvider(name)


def furnish(monkeypatch: pytest.MonkeyPatch, home: Path, **moods: Any) -> Shop:
    """A fresh shop, and a default profile that has it as its provider with its own credit as the method."""
    for name, value in vars(Shop(**moods)).items():
        setattr(SHOP, name, value)
    kind = registry.Kind("shop", "tests.purchase.shop:open_shop", SHOP.tier, "a shop of the tests")
    monkeypatch.setitem(registry.KINDS, "shop", kind)  # whoever has imported the table knows it too
    method = {"kind": "provider-balance", "provider": "shop", "default": True}
    Store(home, "default").create(
        {
            "schema": 1,
            "provider": {"shop": {"kind": "shop", "base_url": "http://127.0.0.1:9"}},
            "payment": {"shop-balance": method},
        }
    )
    return SHOP


def lost(shop: Shop, order: OutgoingOrder) -> Answer:
    """A mood: carried out, and the answer never comes."""
    shop.execute(order)
    return Answer(None, failure="timeout")


def vanished(shop: Shop, order: OutgoingOrder) -> Answer:
    """A mood: the order never arrives, and nobody can tell."""
    return Answer(None, failure="timeout")


def lying(shop: Shop, order: OutgoingOrder) -> Answer:
    """A mood: refused for want of money, and charged all the same; nothing is delivered."""
    shop.execute(order, delivered=False)
    return Answer(402)


def dearer(shop: Shop, order: OutgoingOrder) -> Answer:
    """A mood: twelve dollars are taken for ten."""
    shop.execute(order, charges=[Money(1200, "USD")])
    return shop.answer(order)


@contextmanager
def closed() -> Iterator[None]:
    """The shop cannot be reached."""
    SHOP.gone = True
    try:
        yield
    finally:
        SHOP.gone = False


__all__ = ["CODE", "PLAN", "SHOP", "TEN", "Shop", "closed", "dearer", "furnish", "lost", "lying", "vanished"]
