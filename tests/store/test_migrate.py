"""A journal of schema 0 is read as it is, rewritten once, and comes to the same; a stop at any point harms nothing."""

import shutil
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest

from esimctl.errors import Damaged
from esimctl.store import frames
from esimctl.store import migrate as migrate_module
from esimctl.store.folder import Store
from esimctl.store.journal import Journal
from esimctl.store.migrate import STEPS, migrate, totals
from tests.ledger.samples import START, life
from tests.store.conftest import Failing

PROFILE = '# early days\n[settings]\nzone = "Asia/Phnom_Penh"\n\n[line.phone]\nprovider = "sandbox"\n'


def golden():
    """The bytes of an early journal: no head, no tier, no source; two settled orders and one in flight."""
    return (Path(__file__).parent / "golden" / "journal-schema-0.toml").read_bytes()


@pytest.fixture
def early(tmp_path):
    """A profile as an early version left it."""
    folder = tmp_path / "home" / "profiles" / "default"
    for name in ("journal", "backups"):
        (folder / name).mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    (folder / "journal" / "000001.toml").write_bytes(golden())
    (folder / "profile.toml").write_text(PROFILE)
    return Store(tmp_path / "home", "default")


def told(ledger):
    """What a migration may not change."""
    return {o.id: (o.state, o.price, o.paid) for o in ledger.orders.values()}, ledger.balances, ledger.next_seq


def test_the_golden_journal_is_what_an_early_version_wrote():
    """Frames without a head, orders without tier and source."""
    assert tomllib.loads(golden().decode())["tx"][0]["order"] == "o1"
    assert golden().startswith(b"[[tx]]\nseq = 1\n")
    assert b"source" not in golden()
    assert b"tier" not in golden()


def test_every_schema_before_todays_has_a_step():
    assert set(STEPS) == set(range(frames.SCHEMA))


def test_reading_does_not_rewrite(early):
    before = early.journal.path(1).read_bytes()
    ledger = early.ledger_for_reading()
    assert ledger.orders["o1"].tier == "D"
    assert ledger.orders["o3"].source == "person"
    assert early.findings == []
    assert early.journal.path(1).read_bytes() == before


def test_the_first_writer_migrates_and_keeps_the_old_files(early):
    before = told(early.ledger_for_reading())
    with early.locked(0.0, "buy"):
        ledger = early.ledger_for_writing()
        early.append(ledger, life("o4", at=START))
    (kept,) = (early.folder / "backups").glob("journal-schema-0-*")
    assert (kept / "000001.toml").read_bytes() == golden()
    loaded = Journal(early.folder / "journal").load()
    assert totals(loaded.entries[:8]) == totals(migrate_module.read_old(Journal(kept)).entries)
    after = Store(early.home, "default").ledger_for_reading()
    assert after.orders["o4"].state == "settled"
    assert (told(after)[0] | before[0]) == told(after)[0]
    assert tomllib.loads((early.folder / "journal" / "000001.toml").read_text())["schema"] == 1


def test_a_profile_without_a_schema_is_read_and_gets_one_with_its_next_edit(early):
    assert early.profile.read().doc["line"]["phone"] == {"provider": "sandbox"}
    early.profile.set_table("line", "tablet", {"provider": "sandbox"})
    doc = early.profile.read().doc
    assert next(iter(doc)) == "schema"
    assert doc["line"]["phone"] == {"provider": "sandbox"}
    assert "# early days" in early.profile.path.read_text()


def test_every_stop_leaves_the_old_journal_or_the_new_one(early, monkeypatch, tmp_path):
    """Die before the n-th call to the kernel, for every n: a reader sees the same ledger, the next writer finishes."""

    class Stopped(BaseException):
        """The process is gone."""

    def stop(name):
        raise Stopped

    before = told(early.ledger_for_reading())
    pristine = tmp_path / "pristine"
    shutil.copytree(early.folder, pristine)
    failing = Failing(monkeypatch, ("open", "write", "fsync", "rename", "mkdir", "unlink"), stop)
    stops = 0
    for _ in failing.rounds():
        stops += 1
        wanted, failing.at = failing.at, 0
        shutil.rmtree(early.folder)
        shutil.copytree(pristine, early.folder)
        failing.calls, failing.at = [], wanted
        with suppress(Stopped):
            migrate(early.folder)
        reached, failing.at = failing.at, 0
        assert told(Store(early.home, "default").ledger_for_reading()) == before
        fresh = Store(early.home, "default")
        with fresh.locked(0.0, "next"):
            assert told(fresh.ledger_for_writing()) == before
        assert migrate(early.folder) is False
        failing.at = reached
    assert stops > 10


def test_a_damaged_old_journal_is_not_migrated(early):
    data = bytearray(golden())
    data[len(data) // 2] ^= 1
    early.journal.path(1).write_bytes(bytes(data))
    with pytest.raises(Damaged):
        migrate(early.folder)
    assert early.journal.path(1).read_bytes() == bytes(data)


def test_a_step_that_changes_a_total_is_stopped(early, monkeypatch):
    """The comparison is not a formality."""

    def greedy(entry):
        return {**entry, "order": "other"} if "order" in entry else entry

    real = Journal.append
    monkeypatch.setattr(Journal, "append", lambda self, entries: real(self, [greedy(entry) for entry in entries]))
    with pytest.raises(Damaged):
        migrate(early.folder)
    assert early.journal.path(1).read_bytes() == golden()
