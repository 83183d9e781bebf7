"""The purchase that began a line's term is found however many top-ups it has had since."""

from datetime import UTC, datetime

import pytest

from esimctl.ledger.kept import order_from_row
from esimctl.ledger.orders import BASE
from esimctl.market.holding import DONE, last_bought
from esimctl.store import index_rows
from tests.books import write_books

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def test_top_ups_that_left_the_ledger_are_not_read_for_it(tmp_path, monkeypatch):
    ledger = write_books(tmp_path / "home", 380, lines=2, every=100).ledger_for_reading()
    begun = [o for o in ledger.orders_of(["line-0000"]) if o.kind in BASE and o.state in DONE]
    assert begun, "or nothing is found"
    assert not any(order.id in ledger.orders for order in begun), "or nothing is looked for in the index"
    read = []
    monkeypatch.setattr(index_rows, "order_from_row", lambda *row: read.append(order_from_row(*row)) or read[-1])

    found = last_bought(ledger, "line-0000", NOW)

    assert found is not None
    assert found[0] == max(order.seq for order in begun)
    assert [order.seq for order in read] == [found[0]], "nor any purchase before it"


@pytest.mark.parametrize("line", ["nobody", "line-0000"])
def test_without_an_archive_it_is_the_same(tmp_path, line):
    kept = write_books(tmp_path / "kept", 380, lines=2, every=100).ledger_for_reading()
    folded = write_books(tmp_path / "folded", 380, lines=2, every=10_000)
    (folded.folder / "index.sqlite").unlink()
    assert last_bought(kept, line, NOW) == last_bought(folded.ledger_for_reading(), line, NOW)
