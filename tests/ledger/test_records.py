"""Records of everything, one at a time: the archive gives each order once, as it is now, imported ones too."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings

from esimctl.ledger.fold import fold
from esimctl.store.folder import Store
from tests.books import history, lay_down, write_books
from tests.ledger.samples import START, History, histories, life, numbered, step


def imported(order: str = "i1", **changes: object) -> dict[str, object]:
    return {
        "kind": "imported", "at": START, "order": order, "order_kind": "topup", "line": "phone", "provider": "kiosk",
        "method": "cash", "price_minor": 500, "currency": "USD", "ordered_at": START, "paid_at": START, **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Three hundred orders with snapshots on the way."""
    return write_books(tmp_path_factory.mktemp("generated") / "home", 300, lines=40, every=200)


def test_generated_books_are_what_commands_would_have_written(generated: Store) -> None:
    """No finding, and the snapshot with its archive says what the journal says when it is read from the start."""
    quick = list(generated.ledger_for_reading().records())
    assert generated.findings == []
    entries = generated.journal.load().entries
    whole = fold(entries)
    assert quick == sorted(whole.orders.values(), key=lambda order: order.seq)
    assert len(quick) == 300
    assert len(entries) == sum(1 for _ in history(Random(1), 300, 40))


def test_an_archive_that_was_changed_is_not_believed(generated: Store) -> None:
    """The journal is read instead, and says the same; in the middle of a walk as well."""
    path = generated.folder / "index.sqlite"
    good = path.read_bytes()
    right = list(generated.ledger_for_reading().records())
    walk = generated.ledger_for_reading().records()
    begun = [next(walk) for _ in range(100)]
    for bad in (good[:-4096], good[: len(good) // 2], b"", b"nothing of that kind", bytes(len(good))):
        path.write_bytes(bad)
        assert list(generated.ledger_for_reading().records()) == right
    path.unlink()
    assert list(generated.ledger_for_reading().records()) == right
    assert [*begun, *walk] == right
    path.write_bytes(good)


def test_an_order_that_was_revived_comes_once_and_as_it_is_now(tmp_path: Path) -> None:
    """Archived, corrected later, archived again, its line renamed meanwhile."""
    store = write_books(tmp_path / "home", 200, lines=3, every=150)
    with store.locked():
        ledger = store.ledger_for_writing()
        old = next(order for order in ledger.records() if order.state == "settled")
        assert old.id not in ledger.orders
        at = ledger.high_water
        store.append(ledger, [
            {"kind": "order.paid", "at": at, "order": old.id, "paid_minor": 1, "paid_currency": old.counted.currency},
            {"kind": "line.renamed", "at": at, "line": old.line, "to": "new-name"},
            *({"kind": "note", "at": at, "text": str(n)} for n in range(40)),
        ])  # fmt: skip
    every = list(store.ledger_for_reading().records())
    (found,) = [order for order in every if order.id == old.id]
    assert (found.counted.minor, found.line) == (1, "new-name")
    assert len(every) == 200
    assert [order.seq for order in every] == sorted(order.seq for order in every)


def test_an_imported_record_is_no_order_of_ours() -> None:
    """Known by id and number; no spend, no posting, no open order, and no entry of an order can follow it."""
    ledger = fold(numbered(*life("o1"), imported(provider_order="K-1", paid_minor=400, paid_currency="USD")))
    assert [order.id for order in ledger.records()] == ["o1", "i1"]
    assert [order.id for order in ledger.all_orders()] == ["o1"]
    assert ledger.spent("USD") == 500
    found = ledger.by_provider_order("kiosk", "K-1")
    assert found is not None
    assert (found.id, found.imported, found.counted.minor, found.charged) == ("i1", True, 400, True)
    again = {"seq": ledger.next_seq, **step("refunding", "i1", reason="no")}
    ledger.apply(again)
    after = ledger.order("i1")
    assert after is not None
    assert after.state == "settled"


@given(histories())
@settings(max_examples=15, deadline=None)
def test_records_of_random_histories(tmp_path_factory: pytest.TempPathFactory, story: History) -> None:
    """On disk and in memory alike."""
    store = lay_down(tmp_path_factory.mktemp("h") / "home", story.entries)
    whole = fold(story.entries)
    want = sorted((*whole.orders.values(), *whole.imported.values()), key=lambda order: order.seq)
    assert list(store.ledger_for_reading().records()) == want
