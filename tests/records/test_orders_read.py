"""A report of a month costs what happened in it: orders of earlier months stay where they are."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from esimctl.ledger.kept import order_from_row
from esimctl.purchase.opening import open_profile
from esimctl.records.report import report
from esimctl.records.report_orders import LineOrders
from esimctl.store import index_rows
from tests.bench.growth import looked_at
from tests.books import START, history, write_entries

LINES = ("line-0000", "line-0001")


@pytest.fixture
def session(tmp_path: Path) -> Any:
    """Half a year of two lines, each looked at after every order."""
    entries = looked_at(history(Random(1), 380, len(LINES), START, timedelta(hours=12)))
    write_entries(
        tmp_path / "home", entries, {"line": {name: {"provider": "sandbox", "carrier": "demo"} for name in LINES}}
    )
    return open_profile(None, {"ESIMCTL_HOME": str(tmp_path / "home"), "ESIMCTL_NOW": "2025-08-01T00:00:00Z"})


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every order that is made from a row of the index."""
    made: list[Any] = []
    monkeypatch.setattr(index_rows, "order_from_row", lambda *row: made.append(order_from_row(*row)) or made[-1])
    return made


def test_orders_before_the_month_are_not_read(session: Any, read: list[Any]) -> None:
    """Those after it are looked at for what of them ended unseen."""
    found = report(session, month="2025-05").data.report[0]
    begin = datetime(2025, 4, 30, 17, tzinfo=UTC)
    assert found.purchases > 40
    assert len([order for order in read if order.changed_at >= begin]) >= found.purchases
    taken_back = [order for order in read if order.changed_at < begin]
    assert {(order.kind, order.state) for order in taken_back} <= {("new", "refunded")}


@pytest.mark.parametrize("since", [None, START, START + timedelta(days=60), START + timedelta(days=3000)])
def test_what_settled_is_the_same_whether_a_line_was_read_or_is_asked_for(session: Any, since: datetime | None) -> None:
    ledger = session.store.ledger_for_reading()
    assert ledger.archived
    asked, known = LineOrders(ledger), LineOrders(ledger)
    known.read(LINES)
    for line in LINES:
        wanted = [
            order
            for order in ledger.orders_of([line])
            if since is None or (order.settled_at is not None and order.settled_at >= since)
        ]
        assert list(asked.settled_since(line, since)) == list(known.settled_since(line, since))
        assert list(known.settled_since(line, since)) == wanted
        assert asked.every(line) == known.every(line)
        assert asked.own(line) == known.own(line) == ledger.orders_of([line])
