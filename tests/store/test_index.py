"""The index is a convenience: with it, without it or with a broken one the ledger is the same."""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.ledger.archived import OrderQuery
from esimctl.ledger.fold import Ledger, fold
from esimctl.store import index_writing, mend
from esimctl.store import journal as journal_module
from esimctl.store.folder import Store
from esimctl.store.index import whole
from esimctl.store.index_rows import IndexedFacts
from esimctl.store.mend import verify, verify_whole
from tests.ledger.samples import START, History, life
from tests.store.conftest import CONTENT, Failing, buy

LINES = ("phone", "tablet", "router", "old")


def queries(random, ledger):
    """Every way of asking, with values that fit some."""
    times = sorted(order.created_at for order in ledger.records()) or [START]
    since, until = sorted(random.choices(times, k=2))
    lines = frozenset(random.sample(LINES, k=random.randrange(len(LINES) + 1)))
    yield from (OrderQuery(), OrderQuery(own=True), OrderQuery(misdated=True), OrderQuery(charging=True))
    yield from (OrderQuery(lines=lines), OrderQuery(lines=lines, own=True, states=frozenset(["settled"])))
    yield from (OrderQuery(since=since), OrderQuery(until=until), OrderQuery(since=since, until=until))
    yield OrderQuery(moved=(since, until))
    yield from (OrderQuery(settled_since=since), OrderQuery(lines=lines, own=True, settled_since=since))
    plan = random.choice(["", *(order.plan for order in ledger.records() if order.plan is not None)])
    yield from (
        OrderQuery(plan=plan),
        OrderQuery(lines=lines, own=True, begins=True, plan=plan, states=frozenset(["settled"])),
    )
    yield OrderQuery(begins=True)
    yield OrderQuery(own=True, kind="new", states=frozenset(["refunded"]))
    yield from (OrderQuery(kind="gift"), OrderQuery(provider="shop"), OrderQuery(provider="sandbox", own=True))
    yield OrderQuery(numbers=frozenset(f"p-o{random.randrange(20)}" for _ in range(4)))


def same(ledger, whole, random=None):
    """Everything that can be asked of a ledger has the same answer."""
    random = random or Random(1)
    assert ledger.balances == whole.balances
    assert ledger.next_seq == whole.next_seq
    assert ledger.all_orders() == whole.all_orders()
    for query in queries(random, whole):
        wanted = [order for order in whole.records() if query.fits(order)]
        assert list(ledger.select(query)) == list(whole.select(query)) == wanted
        assert list(ledger.select(query, "newest")) == wanted[::-1]
        settled = [order for order in wanted if order.settled_at is not None]
        settled.sort(key=lambda order: (order.settled_at, order.seq), reverse=True)
        assert list(ledger.select(query, "settled")) == list(whole.select(query, "settled")) == settled
        for field in ("line", "provider", "key", "provider_order"):
            assert ledger.names_of(field, query) == whole.names_of(field, query)
    for line in LINES:
        assert ledger.all_readings(line) == whole.all_readings(line)
        assert ledger.orders_of([line]) == whole.orders_of([line])
        assert ledger.spent("USD", line=line) == whole.spent("USD", line=line)
        assert ledger.last_reading(line) == whole.last_reading(line)
    for since in (START, START + timedelta(days=random.randrange(60))):
        assert ledger.readings_since(since) == whole.readings_since(since)
        assert ledger.readings_since(since, {"phone"}) == whole.readings_since(since, {"phone"})
    ours = sorted(ledger.every_reading(), key=lambda fact: fact.seq)
    assert ours == sorted(whole.every_reading(), key=lambda fact: fact.seq)
    for order in whole.orders.values():
        assert ledger.order(order.id) == ledger.by_key(order.key) == ledger.by_request(order.request_id) == order
    for order in whole.records():
        if order.provider_order is not None:
            found = ledger.by_provider_order(order.provider, order.provider_order)
            assert found == whole.by_provider_order(order.provider, order.provider_order)
    for unknown in ("nobody", ""):
        assert ledger.order(unknown) is ledger.by_key(unknown) is ledger.by_request(unknown) is None
    for name in ("lines", "rules", "alerts", "foreign", "assertions", "acknowledged", "adjustments", "unattended"):
        assert getattr(ledger, name) == getattr(whole, name)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, report_multiple_bugs=False)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_runs_of_any_length_come_to_the_fold_of_everything(seed, runs):
    """Entries written in several locked runs, the index kept between them, small segments, rows that are used."""
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
        same(store.ledger_for_reading(), history.ledger, Random(seed))
        assert verify_whole(store) == []
        assert whole(store.folder)
        assert (store.folder / "index.sqlite").exists() == (len(history.entries) >= 32)
        (store.folder / "index.checked").unlink(missing_ok=True)
        assert whole(store.folder), "the sums fit, whatever was renamed, revived and archived again"
        with store.locked(0.0, "again"):  # made anew, segment by segment
            (store.folder / "index.sqlite").unlink(missing_ok=True)
            store.ledger_for_writing()
        same(Store(Path(folder) / "home", "default").ledger_for_reading(), history.ledger, Random(seed))


@pytest.fixture
def grown(store, monkeypatch):
    """A profile with 120 purchases, an index and sealed segments."""
    monkeypatch.setattr(journal_module, "SEGMENT_RECORDS", 100)
    for start in range(0, 120, 40):
        buy(store, *(f"o{n}" for n in range(start, start + 40)))
    assert (store.folder / "index.sqlite").stat().st_mode & 0o777 == 0o600
    return store


def whole_of(store):
    """The ledger from the journal alone."""
    return fold(store.journal.load().entries, Ledger())


def test_the_index_is_used_and_bounds_what_is_read(grown, again, monkeypatch):
    """Only what follows the index is parsed, and only the newest orders are held."""
    fresh = again()
    ledger = fresh.ledger_for_reading()
    assert len(ledger.orders) <= 50 + 32
    assert ledger.archived >= 60
    assert len(ledger.all_orders()) == 120
    same(ledger, whole_of(grown))


@pytest.mark.parametrize("name", ["index.sqlite", "index.checked", "state.toml"])
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


def test_an_index_of_another_journal_is_not_believed(grown, tmp_path):
    """Its own hash is right, but the segments are not those that it was made from."""
    other = Store(tmp_path / "other", "default")
    other.create(CONTENT)
    buy(other, *(f"x{n}" for n in range(20)))
    (grown.folder / "index.sqlite").write_bytes((other.folder / "index.sqlite").read_bytes())
    same(Store(grown.home, "default").ledger_for_reading(), whole_of(grown))


def test_a_changed_sealed_segment_is_found_although_the_index_knows_its_sum(grown, again):
    """Reading goes on from the index; spending stops."""
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


def test_every_stop_while_an_index_is_kept_is_harmless(store, again, monkeypatch):
    """Die before the n-th call to the kernel, for every n, the index due: nothing is lost or doubled."""

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


def rows(store, words, *values):
    """Somebody at work on the file with a tool of their own."""
    with closing(sqlite3.connect(store.folder / "index.sqlite")) as database, database:
        return database.execute(words, values).fetchall()


#: what may have become of an order that was settled: its row is gone, says something else, or is not found
LOSSES = {
    "gone": "DELETE FROM orders WHERE id = 'o3'",
    "another request": "UPDATE orders SET request_id = 'r-x' WHERE id = 'o3'",
    "another line": "UPDATE orders SET line = 'tablet' WHERE id = 'o3'",
    "another amount": "UPDATE orders SET row = replace(row, '500', '400') WHERE id = 'o3'",
    "all": "DELETE FROM orders",
    "a sum": "UPDATE meta SET value = '7' WHERE key = 'orders_sum'",
    "an index": "DROP TABLE orders",
}


@pytest.mark.parametrize("how", LOSSES)
def test_a_lost_row_is_noticed_before_anything_is_spent(grown, again, how):
    """The index goes, the journal is read, and what was bought with that request id is not bought again."""
    rows(grown, LOSSES[how])
    fresh = again()
    with fresh.locked(0.0, "buy"):
        ledger = fresh.ledger_for_writing()
        found = ledger.by_request("r-o3")
        assert found is not None
        assert (found.id, found.line, found.counted.minor) == ("o3", "phone", 500)
        with pytest.raises(ValueError, match="belongs to another order"):
            fresh.append(ledger, [{**life("new")[0], "request_id": "r-o3"}])
    same(again().ledger_for_reading(), whole_of(grown))


def test_a_page_that_rotted_is_noticed_before_anything_is_spent(grown, again):
    """The key of an index points elsewhere: every row is there, and one of them is not found."""
    path = grown.folder / "index.sqlite"
    data = bytearray(path.read_bytes())
    place = data.index(b"r-o3\x04") if b"r-o3\x04" in data else data.rindex(b"r-o3")
    for at in (place, data.index(b"r-o3")):
        bad = bytearray(data)
        bad[at] ^= 1
        path.write_bytes(bytes(bad))
        fresh = again()
        with fresh.locked(0.0, "buy"):
            found = fresh.ledger_for_writing().by_request("r-o3")
            assert found is not None
            assert found.id == "o3"


def test_it_is_looked_through_once_and_again_when_somebody_wrote_it(grown, again, monkeypatch):
    """Not with every purchase; `index.checked` says how the last writer left it."""
    looked = []
    monkeypatch.setattr("esimctl.store.index.sound", lambda *_: looked.append(1) or True)
    (grown.folder / "index.checked").unlink()
    for _ in range(2):
        buy(again())
    assert len(looked) == 1
    buy(again(), *(f"n{n}" for n in range(40)))
    buy(again())
    assert len(looked) == 1, "what this program has written itself is known"
    rows(grown, "UPDATE meta SET value = value WHERE key = 'seq'")
    (grown.folder / "index.sqlite").touch()
    buy(again())
    assert len(looked) == 2


def test_a_bug_that_loses_a_row_writes_nothing(grown, again, monkeypatch):
    """There are not as many rows as were counted: the transaction is taken back, and the journal answers."""
    real = index_writing._put

    def loses(database, sums, table, written):
        real(database, sums, table, written)
        database.execute("DELETE FROM orders WHERE id = 'o3'")

    monkeypatch.setattr(index_writing, "_put", loses)
    fresh = again()
    with fresh.locked(0.0, "run"):
        ledger = fresh.ledger_for_writing()
        fresh.append(ledger, [entry for n in range(20) for entry in life(f"n{n}")])
        fresh.keep_point()
        assert ledger.by_request("r-o3").id == "o3"
    monkeypatch.undo()
    same(again().ledger_for_reading(), whole_of(grown))


def test_a_reader_that_meets_a_change_folds_in_memory(grown, again):
    """A commit that was cut off, a lock that is held, a writer in between: the same answers."""
    right = whole_of(grown)
    early = again().ledger_for_reading()
    with closing(sqlite3.connect(grown.folder / "index.sqlite", isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("esimctl.store.index.PATIENCE", 0.0)
            same(again().ledger_for_reading(), right)
            assert early.by_request("r-o3").id == "o3"
        database.execute("ROLLBACK")
    late = again().ledger_for_reading()
    buy(again(), *(f"n{n}" for n in range(40)))
    same(late, right)


def test_a_hot_journal_is_no_index_for_a_reader_and_taken_back_by_a_writer(grown, again):
    """As after a kill in the middle of a commit: pages of two states, and beside them how the first one was."""
    path, hot = grown.folder / "index.sqlite", grown.folder / "index.sqlite-journal"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA cache_size = 1")
        database.execute("PRAGMA cache_spill = 1")
        database.execute("BEGIN IMMEDIATE")
        database.execute("UPDATE orders SET row = upper(row), line = 'nowhere'")
        mixed, before = path.read_bytes(), hot.read_bytes()
        database.execute("ROLLBACK")
    path.write_bytes(mixed)
    hot.write_bytes(before)
    same(again().ledger_for_reading(), whole_of(grown))
    assert hot.exists()
    buy(again())
    assert not hot.exists()
    same(again().ledger_for_reading(), whole_of(grown))


def test_an_interrupted_rebuild_goes_on(store, again, monkeypatch):
    """Segment by segment into a file beside; who is stopped leaves what is done, and the next one begins there."""
    monkeypatch.setattr(journal_module, "SEGMENT_RECORDS", 30)
    for start in range(0, 60, 20):
        buy(store, *(f"o{n}" for n in range(start, start + 20)))
    (store.folder / "index.sqlite").unlink()
    told = []

    def stop(*said):
        told.append(said)
        if len(told) == 3:
            raise KeyboardInterrupt

    fresh = again()
    fresh.tell = stop
    with pytest.raises(KeyboardInterrupt), fresh.locked(0.0, "run"):
        fresh.ledger_for_writing()
    assert (store.folder / "index.sqlite.new").exists()
    assert not (store.folder / "index.sqlite").exists()
    same(again().ledger_for_reading(), whole_of(store))
    read = []
    real = journal_module.Journal.load
    monkeypatch.setattr(
        journal_module.Journal, "load", lambda self, *at, **more: read.append(at) or real(self, *at, **more)
    )
    fresh = again()
    with fresh.locked(0.0, "run"):
        ledger = fresh.ledger_for_writing()
    assert min(at[0].segment for at in read if at) >= 2, "the first two are not read again"
    assert not (store.folder / "index.sqlite.new").exists()
    assert whole(store.folder)
    same(ledger, whole_of(store))
    same(again().ledger_for_reading(), whole_of(store))


def test_a_clock_that_was_taken_back_dates_archived_orders_anew(store, again, monkeypatch):
    """Also where the index is made segment by segment: nothing may have left the ledger before that entry."""
    monkeypatch.setattr(journal_module, "SEGMENT_RECORDS", 30)
    monkeypatch.setattr("esimctl.ledger.kept.compact.__kwdefaults__", {"kept_orders": 2, "kept_readings": 1})
    ahead = START + timedelta(days=4000)
    with store.locked(0.0, "run"):
        ledger = store.ledger_for_writing()
        for n in range(30):
            store.append(ledger, life(f"o{n}", at=START))
        for n in range(30):
            store.append(ledger, life(f"p{n}", at=ahead))
        store.append(ledger, [{"kind": "clock.set", "at": START, "n": 90, "since": START, "stood": ahead}])
    buy(again(), *(f"q{n}" for n in range(40)))
    (store.folder / "index.sqlite").unlink(missing_ok=True)
    with again().locked(0.0, "run") as fresh:
        fresh.ledger_for_writing()
    ledger = again().ledger_for_reading()
    assert ledger.archived > 90
    assert [order.stated_at for order in ledger.select(OrderQuery(misdated=True))] == [ahead] * 30
    same(ledger, whole_of(store))


def test_what_earlier_versions_kept_goes(grown, again):
    for name in ("snapshot.json", "archive-orders.jsonl", "archive-readings.jsonl"):
        (grown.folder / name).write_bytes(b"old")
    buy(again())
    assert not [path for path in grown.folder.iterdir() if path.name.startswith(("snapshot", "archive"))]


def test_the_doctor_follows_the_chain_and_reads_no_entry_twice(grown, again, monkeypatch):
    """What does not fit is said in the words of who reads everything; an index that has lost a row reads everything."""
    read = []
    real = mend.verify_whole
    monkeypatch.setattr(mend, "verify_whole", lambda store: read.append(store) or real(store))
    assert (verify(again()), len(read)) == ([], 0)
    rows(grown, LOSSES["gone"])
    assert (verify(again()), len(read)) == ([], 1)
    (grown.folder / "index.sqlite").unlink()
    path = grown.journal.path(1)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(data))
    (said,) = verify(again())
    assert (str(said).startswith("000001.toml, byte "), len(read)) == (True, 2)


def test_the_doctor_sees_a_changed_octet_that_the_index_has_behind_it(grown, again, monkeypatch):
    """Also where the file looks as it did when it was sealed: its stamp is not asked."""
    path = grown.journal.path(1)
    before, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(data))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    fresh = again()
    fresh.ledger_for_reading()
    assert fresh.findings == []
    assert verify(again())


#: questions of a report, of a line's term and of an offer, which a history of any length may not slow down
FOUND_BY_INDEX = {
    "moved": (OrderQuery(moved=(START, START)), "oldest"),
    "misdated": (OrderQuery(misdated=True), "oldest"),
    "gifts": (OrderQuery(own=True, kind="gift"), "oldest"),
    "taken back": (OrderQuery(own=True, kind="new", states=frozenset(["refunded"])), "oldest"),
    "settled since": (OrderQuery(lines=frozenset(["phone"]), own=True, settled_since=START), "oldest"),
    "of a plan": (
        OrderQuery(lines=frozenset(["phone"]), own=True, begins=True, plan="p", states=frozenset(["settled"])),
        "newest",
    ),
    "of a term": (OrderQuery(lines=frozenset(["phone"]), own=True, begins=True), "settled"),
}


@pytest.mark.parametrize("name", FOUND_BY_INDEX)
def test_what_is_asked_often_is_found_by_an_index(grown, monkeypatch, name):
    """No walk over every row, and where the first that will do is wanted, no sorting of all that would do."""
    query, sorting = FOUND_BY_INDEX[name]
    asked = []
    monkeypatch.setattr(
        IndexedFacts, "_rows", lambda _, *words, values, **_k: asked.append((words, values)) or iter(())
    )
    ledger = Store(grown.home, "default").ledger_for_reading()
    list(ledger.select(query, sorting))
    ((words, values),) = asked
    plan = [told for *_, told in rows(grown, f"EXPLAIN QUERY PLAN {' '.join(words)}", *values)]
    assert any(told.startswith("SEARCH orders USING") for told in plan)
    assert not any(told.startswith("SCAN") for told in plan)
    assert sorting == "oldest" or not any("TEMP B-TREE" in told for told in plan)
