"""What doctor sees, and what a person may decide about a damaged end of the journal."""

import pytest

from esimctl.errors import Damaged
from esimctl.store import journal as journal_module
from esimctl.store.mend import cut_damage, remarks, verify_whole
from tests.ledger.samples import START
from tests.store.conftest import buy


def flip(path, near):
    """Change a bit of the record that contains `near`."""
    data = bytearray(path.read_bytes())
    data[data.rindex(near)] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(data))


def test_a_sound_profile_has_only_good_remarks(store):
    buy(store, "o1")
    assert [remark.name for remark in remarks(store) if not remark.ok] == []
    assert {remark.name for remark in remarks(store)} >= {"profile", "journal", "modes"}
    assert verify_whole(store) == []


def test_hand_edits_loose_modes_and_unknown_keys_are_said(store):
    path = store.profile.path
    path.write_text(path.read_text() + "[settings.odd]\n")
    (store.folder / "journal").chmod(0o755)
    bad = {remark.name: remark for remark in remarks(store) if not remark.ok}
    assert set(bad) == {"profile", "profile_key", "modes"}
    assert str(bad["modes"].fix) == f"chmod go-rwx {store.folder / 'journal'}"


def test_a_damaged_end_is_cut_only_by_a_persons_word_and_then_nothing_is_spent(store, again):
    buy(store, "o1", "o2")
    path = store.journal.path(1)
    flip(path, b'"p-o2"')
    fresh = again()
    assert [remark.name for remark in remarks(fresh) if not remark.ok] == ["frames"]
    assert verify_whole(fresh)
    with fresh.locked(0.0, "mend"):
        assert cut_damage(fresh, START) > 100
    ledger = again().ledger_for_reading()
    assert (ledger.orders["o1"].state, ledger.orders["o2"].state) == ("settled", "attempted")
    assert ledger.must_reconcile
    (torn,) = path.parent.glob("torn-*.bin")
    assert b"order.settled" in torn.read_bytes()
    with again().locked(0.0, "mend") as sound:
        assert cut_damage(sound, START) == 0


def test_damage_with_whole_segments_behind_it_needs_a_backup(store, again, monkeypatch):
    monkeypatch.setattr(journal_module, "SEGMENT_RECORDS", 3)
    buy(store, "o1", "o2")
    flip(store.journal.path(1), b'"p-o1"')
    before = store.journal.path(1).read_bytes()
    with again().locked(0.0, "mend") as fresh, pytest.raises(Damaged):
        cut_damage(fresh, START)
    assert store.journal.path(1).read_bytes() == before
