"""The journal under a disk that fails: what an append reported is there, what it refused is not."""

import errno
import os
import stat

import pytest

from esimctl.errors import ConfigurationError, Damaged
from esimctl.store import frames
from esimctl.store import journal as journal_module
from esimctl.store.frames import GENESIS
from esimctl.store.journal import Journal, JournalNotWritten
from tests.ledger.samples import START, life, prepared
from tests.store.conftest import Failing, buy


def nothing(name):
    """A call that is only counted."""


def note(text="x"):
    """The smallest entry."""
    return {"kind": "note", "at": START, "text": text}


@pytest.fixture
def journal(store):
    """The journal of a new profile, with three entries."""
    made = Journal(store.folder / "journal", store.folder / "reserve")
    made.load()
    made.append([note("1"), note("2"), note("3")])
    return made


def texts(folder):
    """What a fresh reader sees."""
    return [entry["text"] for entry in Journal(folder).load().entries]


def test_an_append_is_one_fsync_and_a_first_one_two(store, monkeypatch):
    """Both records of one call are made durable together; the folder only when a segment begins."""
    counted = Failing(monkeypatch, ("fsync",), nothing)
    made = Journal(store.folder / "journal")
    made.load()
    made.append([note()])
    assert len(counted.calls) == 2
    made.append([note(), note()])
    assert len(counted.calls) == 3


def test_a_purchase_takes_seven_fsyncs_at_most(store, monkeypatch):
    """Intent, attempt, raw answer, outcome and the derived document."""
    buy(store, "o0")
    counted = Failing(monkeypatch, ("fsync",), nothing)
    with store.locked(0.0, "buy"):
        ledger = store.ledger_for_writing()
        first, second, third = life("o1")
        store.append(ledger, [first])
        store.append(ledger, [second])
        store.evidence.write("o1", 1, 200, {}, b"{}")
        store.append(ledger, [third])
        store.state.write({"lines": []}, store.stamp())
    assert 5 <= len(counted.calls) <= 7


def test_short_writes_lose_nothing(journal, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data)[:7]))
    journal.append([note("4" * 500)])
    assert texts(journal.folder) == ["1", "2", "3", "4" * 500]


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_every_failing_call_leaves_what_was_there(journal, monkeypatch, code):
    """Fail call 1, 2, 3 … until a run survives: each time the old entries and no half one; a repetition is refused."""

    def fail(name):
        raise OSError(code, os.strerror(code))

    failing = Failing(monkeypatch, ("open", "write", "fsync", "lseek", "fstat"), fail)
    survived, refusals = 0, []
    for _round in failing.rounds():
        failing.at, wanted = 0, failing.at
        fresh = Journal(journal.folder, journal.ballast)
        fresh.load()
        failing.calls, failing.at = [], wanted
        try:
            fresh.append([note("new")])
            survived += 1
        except JournalNotWritten as error:
            refusals.append(error.errno)
            failing.at = 0
            with pytest.raises(JournalNotWritten):
                fresh.append([note("again")])
            failing.at = wanted
        now, failing.at = failing.at, 0
        found = texts(journal.folder)
        failing.at = now
        assert found == ["1", "2", "3"] + ["new"] * survived
    assert survived == 1
    assert set(refusals) == {code}
    assert len(refusals) >= 5


def test_a_failed_fsync_is_never_repeated_on_the_same_descriptor(journal, monkeypatch):
    """The kernel may have forgotten the pages: a second fsync would lie."""
    calls = []

    def fsync(fd):
        calls.append(fd)
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(JournalNotWritten):
        journal.append([note("4")])
    assert len(calls) == 1
    assert journal.poisoned


def test_an_outcome_takes_the_ballast_on_a_full_disk(store, monkeypatch):
    """An intent must fail when the disk is full; what became of an order must not."""
    real, full = os.write, [True]

    def write(fd, data):
        if full[0] and not (store.folder / "reserve").exists():
            full[0] = False
        if full[0]:
            raise OSError(errno.ENOSPC, "no space left on device")
        return real(fd, data)

    with store.locked(0.0, "buy"):
        ledger = store.ledger_for_writing()
        first, second, third = life("o1")
        store.append(ledger, [first])
        store.append(ledger, [second])
        monkeypatch.setattr(os, "write", write)
        store.append(ledger, [third])
        assert not (store.folder / "reserve").exists()
    monkeypatch.undo()
    assert store.ledger_for_reading().orders["o1"].state == "settled"
    with store.locked(0.0, "later"):
        store.ledger_for_writing()
    assert (store.folder / "reserve").stat().st_size == 65_536


def test_an_intent_does_not_take_the_ballast(store, monkeypatch):
    with store.locked(0.0, "buy"):
        ledger = store.ledger_for_writing()

        def write(fd, data):
            raise OSError(errno.ENOSPC, "no space left on device")

        monkeypatch.setattr(os, "write", write)
        with pytest.raises(JournalNotWritten):
            store.append(ledger, [prepared()])
    assert (store.folder / "reserve").exists()


def test_an_outcome_with_broken_text_is_written_all_the_same(store):
    """A provider's half surrogate pair may not cost the record of a paid order."""
    with store.locked(0.0, "buy"):
        ledger = store.ledger_for_writing()
        first, second, _ = life("o1")
        store.append(ledger, [first])
        store.append(ledger, [second])
        store.append(
            ledger, [{"kind": "order.unknown", "at": START, "order": "o1", "reason": "x", "message": "\ud800!"}]
        )
    assert store.ledger_for_reading().orders["o1"].message == "?!"


def test_every_torn_tail_is_set_aside_and_noted(store, again):
    """Cut the last record at every byte: the next writer heals it, keeps the bytes, and says so in the next record."""
    buy(store, "o1")
    path = store.journal.path(1)
    whole = path.read_bytes()
    first = whole.rindex(b"#! ", 0, whole.rindex(b"#! "))
    start = whole.index(b"\n", first) + 1
    for length in range(start + 1, len(whole), 23):
        path.write_bytes(whole[:length])
        for torn in path.parent.glob("torn-*"):
            torn.unlink()
        fresh = again()
        store.noted.path.unlink(missing_ok=True)
        assert fresh.ledger_for_reading().orders["o1"].state == "attempted"
        with fresh.locked(0.0, "heal"):
            ledger = fresh.ledger_for_writing()
            (torn,) = path.parent.glob("torn-*.bin")
            assert torn.read_bytes() == whole[start:length]
            assert stat.S_IMODE(torn.stat().st_mode) == 0o600
            assert path.read_bytes() == whole[:start]
            written = fresh.append(ledger, [note("on")])
        assert [entry["kind"] for entry in written] == ["note", "note"]
        assert torn.name in written[1]["text"]


def test_damage_in_the_middle_stops_writing_and_not_reading(store, again):
    buy(store, "o1", "o2")
    path = store.journal.path(1)
    data = bytearray(path.read_bytes())
    data[data.index(b'order = "o2"') + 10] ^= 1
    path.write_bytes(bytes(data))
    fresh = again()
    assert fresh.ledger_for_reading().orders["o1"].state == "settled"
    assert [finding.name for finding in fresh.findings] == ["frames"]
    before = path.read_bytes()
    with fresh.locked(0.0, "buy"), pytest.raises(Damaged) as caught:
        fresh.ledger_for_writing()
    assert caught.value.exit_code == 6
    assert path.read_bytes() == before


def test_segments_are_sealed_and_chained(store, again, monkeypatch):
    """A full segment is closed, the next one continues its numbers and its chain; one that is missing is damage."""
    monkeypatch.setattr(journal_module, "SEGMENT_RECORDS", 4)
    buy(store, "o1", "o2", "o3")
    paths = sorted((store.folder / "journal").glob("*.toml"))
    assert [path.name for path in paths] == ["000001.toml", "000002.toml", "000003.toml"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o400, 0o400, 0o600]
    assert list(again().ledger_for_reading().orders) == ["o1", "o2", "o3"]
    paths[1].rename(paths[1].with_suffix(".gone"))
    fresh = again()
    fresh.ledger_for_reading()
    assert "a segment is missing" in str(fresh.findings[0].said)


def test_a_segment_of_another_journal_is_damage(store, tmp_path, monkeypatch):
    """The chain shows that a file was put in from elsewhere, although every frame of it is right."""
    from esimctl.store.folder import Store

    monkeypatch.setattr(journal_module, "SEGMENT_RECORDS", 3)
    other = Store(tmp_path / "other", "default")
    other.create({})
    buy(other, "x1", "x2")
    buy(store, "o1", "o2")
    target = store.journal.path(2)
    target.chmod(0o600)
    target.write_bytes(other.journal.path(2).read_bytes())
    loaded = Journal(store.folder / "journal").load()
    assert loaded.damage is not None
    assert [entry["order"] for entry in loaded.entries] == ["o1"] * 3


def test_a_newer_schema_is_refused_untouched(store):
    block = frames.to_toml({"schema": 2, "segment": 1, "first": 1, "previous": GENESIS})
    path = store.journal.path(1)
    path.write_bytes(frames.frame(block, 0, GENESIS))
    before = path.read_bytes()
    with store.locked(0.0, "x"), pytest.raises(ConfigurationError) as caught:
        store.ledger_for_writing()
    assert caught.value.exit_code == 78
    assert path.read_bytes() == before


def test_an_entry_that_could_not_follow_is_stopped_before_the_disk(store):
    """A bug of ours must not write a journal that no longer loads."""
    buy(store, "o1")
    with store.locked(0.0, "x"):
        ledger = store.ledger_for_writing()
        size = store.journal.path(1).stat().st_size
        for entry in (
            {"kind": "order.unknown", "order": "o1", "reason": "late"},
            {"kind": "order.attempted", "order": "nobody", "n": 1},
            {**prepared("o2"), "key": "k-o1"}, {**prepared("o2"), "request_id": "r-o1"},
            {**prepared("o2"), "postings": []}, {**prepared("o2"), "price_minor": 1.5}, {"kind": "gossip"},
        ):  # fmt: skip
            with pytest.raises(ValueError):
                store.append(ledger, [{"at": START, **entry}])
        assert store.journal.path(1).stat().st_size == size
        assert ledger.next_seq == 4


def test_a_stop_between_any_two_calls_leaves_a_journal_that_loads(store, again, monkeypatch):
    """Die before the n-th call to the kernel, for every n: what a reader then sees is a beginning of the purchase."""

    class Stopped(BaseException):
        """Not an error: the process is gone."""

    def stop(name):
        raise Stopped

    states = set()
    names = ("open", "write", "fsync", "rename", "ftruncate", "lseek", "unlink", "mkdir", "link")
    failing = Failing(monkeypatch, names, stop)
    for number in failing.rounds():
        wanted, failing.at = failing.at, 0
        fresh = again()
        failing.calls, failing.at = [], wanted
        try:
            buy(fresh, f"o{number}")
        except Stopped:
            pass
        reached, failing.at = failing.at, 0
        ledger = again().ledger_for_reading()
        order = ledger.orders.get(f"o{number}")
        states.add(order.state if order else None)
        with again().locked(0.0, "next") as writer:
            ledger = writer.ledger_for_writing()
            assert [f for f in writer.findings if f.blocking] == []
            if order is not None and order.open:
                reason = {
                    "kind": f"order.{'cancelled' if order.state == 'prepared' else 'rejected'}",
                    "reason": "stopped",
                }
                writer.append(ledger, [{"at": START, "order": order.id, **reason}])
        failing.at = reached
    assert states == {None, "prepared", "attempted", "settled"}
    assert not list(store.folder.rglob("*.tmp"))


def test_a_symbolic_link_in_place_of_a_segment_is_not_followed(store, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    store.journal.path(1).symlink_to(victim)
    with store.locked(0.0, "x"), pytest.raises(OSError):
        store.ledger_for_writing()
    assert victim.read_bytes() == b"mine"


def test_no_purchase_begins_on_a_network_file_system(store, monkeypatch):
    """Readings may be kept there; money needs locks and fsync that hold."""
    monkeypatch.setattr("esimctl.store.paths.file_system", lambda *_: "nfs4")
    with store.locked(0.0, "buy"):
        ledger = store.ledger_for_writing()
        store.append(ledger, [note()])
        with pytest.raises(ConfigurationError) as caught:
            store.append(ledger, [prepared()])
        assert caught.value.code == "network_file_system"
        store.profile.edit(lambda doc: doc["settings"].update(allow_network_files=True))
        store.append(ledger, [prepared()])
