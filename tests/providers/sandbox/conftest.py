"""A person at the embedded operator's counter, with fresh books for each test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from esimctl.providers.protocol import LineRef, Outcome, OutgoingOrder, Reading, Wish
from esimctl.providers.registry import LocalSettings, open_provider
from esimctl.providers.sandbox.provider import SandboxProvider
from esimctl.values.money import Money

#: 2026-01-31 10:00 in Phnom Penh: a day of the month that many months do not have.
START = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)


@dataclass
class Counter:
    """Orders with keys of their own; the clock stands until it is told otherwise."""

    provider: SandboxProvider
    now: datetime = START
    numbers: Any = field(default_factory=lambda: count(1))

    def order(
        self, kind: str, line: LineRef, key: str | None = None, price: Money | None = None, **wish: Any
    ) -> OutgoingOrder:
        wished = Wish(kind, line, wish.pop("method", "sandbox-card"), wish.pop("method_kind", "credit-card"), **wish)
        asked = self.provider.quote(wished, self.now).price if price is None else price
        name = key or f"key-{next(self.numbers)}"
        return OutgoingOrder(id=name, key=name, wish=wished, price=asked, created_at=self.now)

    def send(self, order: OutgoingOrder) -> Outcome:
        answer = self.provider.send(order, self.provider.request(order), self.now, deadline=5)
        return self.provider.interpret(order, answer)

    def place(self, kind: str, line: LineRef, **wish: Any) -> Outcome:
        return self.send(self.order(kind, line, **wish))

    def buy(self, plan: str, name: str = "phone", **wish: Any) -> LineRef:
        goods = self.place("new", LineRef(name), plan=plan, **wish).goods
        assert goods is not None
        return LineRef(name, iccid=goods.iccid, msisdn=goods.msisdn, plan=plan)

    def use(self, line: LineRef, octets: int, at: datetime | None = None) -> None:
        assert line.iccid is not None
        self.provider.use(line.iccid, octets, self.now, at)

    def look(self, line: LineRef) -> Reading:
        reading = self.provider.reading(line, self.now)
        assert reading is not None
        return reading

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)


def opened(home: Path, **settings: Any) -> SandboxProvider:
    provider = open_provider("sandbox", "sandbox", LocalSettings(home, **settings))
    assert isinstance(provider, SandboxProvider)
    return provider


@pytest.fixture
def shop(tmp_path: Path) -> Counter:
    return Counter(opened(tmp_path))


def rows(provider: SandboxProvider, query: str) -> list[Mapping[str, Any]]:
    """What the operator's books say."""
    with provider.books.reading() as database:
        database.row_factory = lambda cursor, row: {
            column[0]: value for column, value in zip(cursor.description, row, strict=True)
        }
        return database.execute(query).fetchall()
