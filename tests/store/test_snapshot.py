"""The snapshot and the archive are conveniences: with, without or with broken ones the ledger is the same."""

import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.ledger.fold import Ledger, fold
from esimctl.store import journal as journal_module
from esimctl.store.folder import Store
from esimctl.store.mend import verify_whole
from tests.ledger.samples import START, History, life
from tests.store.conftest import CONTENT, Failing, buy


def same(ledger, whole):
    """Everything that can be asked of a ledger has the same answer."""
    assert ledger.balances == whole.balances
    assert ledger.next_seq == whole.next_seq
    assert ledger.all_orders() == whole.all_orders()
    for line in ("phone", "tablet", "router", "old"):
        assert ledger.all_readings(line) == whole.all_readings(line)
        assert ledger.spent("USD", line=line) == whole.spent("USD", line=line)
    for order in whole.orders.values():
        assert ledger.order(order.id) == ledger.by_key(order.key) == ledger.by_request(order.request_id) == order
    for name in ("lines", "rules", "alerts", "foreign", "assertions", "acknowledged", "adjustments", "unattended"):
        assert getattr(ledger, name) == getattr(whole, name)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, report_multiple_bugs=False)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_runs_of_any_length_come_to_the_fold_of_everything(seed, runs):
    """Entries written in several locked runs, with snapshots between them, small segments, an archive that is used."""
    history = History(Random(seed)).grow(sum(runs) * 2)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal_module, "SEGMENT_RECORDS", 40)
        patch.setattr("esimctl.ledger.kept.compact.__kwdefaults__", {"kept_orders": 2, "kept_readings": 3})
        Store(Path(folder) / "home", "default").create(CONTENT)
        done = 0
        for run in [*runs, len(history.entries)]:
            store = Store(Path(folder) / "home", "default")
            with store.locked(0.0, "run"):
                ledger = store.ledger_for_writing()
                assert store.findings == [] or not any(finding.blocking for finding in store.findings)
                for start in range(done, min(done + run, len(history.entries)), 7):
                    store.append(ledger, history.entries[start : min(start + 7, done + run)])
            done += run
        store = Store(Path(folder) / "home", "default")
        same(store.ledger_for_reading(), history.ledger)
        assert verify_whole(store) == []
        assert (store.folder / "snapshot.json").exists() == (len(history.entries) >= 32)


@pytest.fixture
def grown(store, monkeypatch):
    """A profile with 120 purchases, a snapshot, an archive and sealed segments."""
    monkeypatch.setattr(journal_module, "SEGMENT_RECORDS", 100)
    for start in range(0, 120, 40):
        buy(store, *(f"o{n}" for n in range(start, start + 40)))
    assert (store.folder / "archive-orders.jsonl").exists()
    return store


def whole_of(store):
    """The ledger from the journal alone."""
    return fold(store.journal.load().entries, Ledger())


def test_the_snapshot_is_used_and_bounds_what_is_read(grown, again, monkeypatch):
    """Only what follows the snapshot is parsed, and only the newest orders are held."""
    fresh = again()
    ledger = fresh.ledger_for_reading()
    assert len(ledger.orders) <= 50 + 32
    assert ledger.archived >= 60
    assert len(ledger.all_orders()) == 120
    same(ledger, whole_of(grown))


@pytest.mark.parametrize("name", ["snapshot.json", "archive-orders.jsonl", "state.toml"])
@pytest.mark.parametrize("how", ["gone", "empty", "cut", "flipped", "nonsense"])
def test_a_derived_file_that_is_wrong_in_any_way_changes_nothing(grown, again, name, how):
    path = grown.folder / name
    if not path.exists():
        grown.state.write({"x": 1}, "stamp")
    data = path.read_bytes()
    flipped = bytearray(data)
    flipped[len(data) // 3] ^= 4
    broken = {
        "gone": None,
        "empty": b"",
        "cut": data[: len(data) // 2],
        "flipped": bytes(flipped),
        "nonsense": b"[" * 9999,
    }[how]
    if broken is None:
        path.unlink()
    else:
        path.write_bytes(broken)
    fresh = again()
    same(fresh.ledger_for_reading(), whole_of(grown))
    assert fresh.findings == []
    buy(again(), "after")
    ledger = again().ledger_for_reading()
    assert ledger.order("after").state == "settled"
    assert ledger.order("o3").state == "settled"


def test_a_snapshot_of_another_journal_is_not_believed(grown, tmp_path):
    """Its own hash is right, but the segments are not those that it was made from."""
    other = Store(tmp_path / "other", "default")
    other.create(CONTENT)
    buy(other, *(f"x{n}" for n in range(20)))
    (grown.folder / "snapshot.json").write_bytes((other.folder / "snapshot.json").read_bytes())
    same(Store(grown.home, "default").ledger_for_reading(), whole_of(grown))


def test_a_changed_sealed_segment_is_found_although_the_snapshot_knows_its_sum(grown, again):
    """Reading goes on from the snapshot; spending stops."""
    path = grown.journal.path(1)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(data))
    fresh = again()
    ledger = fresh.ledger_for_reading()
    assert ledger.balance("wallet:sandbox:card", "USD") == -500 * 120
    assert [finding.name for finding in fresh.findings if finding.blocking] == ["frames"]


def test_a_copied_folder_is_verified_by_hash_and_believed(grown, again, tmp_path):
    """New inodes and times, same bytes."""
    for path in (grown.folder / "journal").glob("*.toml"):
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data)
    fresh = again()
    assert fresh.ledger_for_reading().archived > 0
    assert fresh.findings == []


def test_an_archived_order_can_still_be_refunded(grown, again):
    """It comes back to life, its money is counted once, and it is archived again."""
    fresh = again()
    with fresh.locked(0.0, "refund"):
        ledger = fresh.ledger_for_writing()
        assert "o1" not in ledger.orders
        fresh.append(ledger, [{"kind": "order.refunding", "at": START, "order": "o1", "reason": "asked"}])
        fresh.append(
            ledger, [{"kind": "order.refunded", "at": START, "order": "o1", "amount_minor": 500, "currency": "USD"}]
        )
        assert ledger.spent("USD") == 500 * 119
    buy(again(), *(f"n{n}" for n in range(60)))
    ledger = again().ledger_for_reading()
    assert "o1" not in ledger.orders
    assert (ledger.order("o1").state, ledger.by_key("k-o1").state) == ("refunded", "refunded")
    assert [order.id for order in ledger.all_orders()].count("o1") == 1
    same(ledger, whole_of(grown))


def test_an_archived_key_or_request_id_is_refused_all_the_same(grown, again):
    fresh = again()
    with fresh.locked(0.0, "buy"):
        ledger = fresh.ledger_for_writing()
        for clash in ({"key": "k-o1"}, {"request_id": "r-o1"}):
            with pytest.raises(ValueError, match="belongs to another order"):
                fresh.append(ledger, [{**life("new")[0], **clash}])


def test_every_stop_while_a_snapshot_is_kept_is_harmless(store, again, monkeypatch):
    """Die before the n-th call to the kernel, for every n, archive and snapshot due: nothing is lost or doubled."""

    class Stopped(BaseException):
        """The process is gone."""

    def stop(name):
        raise Stopped

    monkeypatch.setattr("esimctl.ledger.kept.compact.__kwdefaults__", {"kept_orders": 1, "kept_readings": 1})
    failing = Failing(monkeypatch, ("open", "write", "fsync", "rename", "ftruncate", "lseek"), stop)
    for number in failing.rounds():
        wanted, failing.at = failing.at, 0
        with store.locked(0.0, "run"):
            ledger = store.ledger_for_writing()
            store.append(ledger, [entry for n in range(12) for entry in life(f"o{number}.{n}")])
            failing.calls, failing.at = [], wanted
            with suppress(Stopped):
                store._conclude()
            reached, failing.at = failing.at, 0
        same(again().ledger_for_reading(), whole_of(store))
        failing.at = reached
    assert number > 8


def test_a_clock_far_ahead_ages_nothing(store, again):
    """One run in the wrong year may not push this month's spending out of the windows of the limits."""
    buy(store, *(f"o{n}" for n in range(70)))
    future = START + timedelta(days=5000)
    fresh = again()
    with fresh.locked(0.0, "astray"):
        ledger = fresh.ledger_for_writing()
        fresh.append(ledger, [{"kind": "note", "at": future, "text": "astray"}])
    buy(again(), *(f"p{n}" for n in range(40)))
    ledger = again().ledger_for_reading()
    assert ledger.archived >= 50
    assert ledger.spent("USD", START - timedelta(days=1)) == 500 * 110
    assert ledger.purchases(START - timedelta(days=1)) == 110


def test_what_is_kept_is_plain_json(grown):
    body = (grown.folder / "snapshot.json").read_bytes().partition(b"\n")[2]
    assert json.loads(body)["format"] == 4
