"""A backup holds all but secrets; a restore touches nothing until it is verified, and spends nothing after."""

import io
import stat
import tarfile

import pytest

from esimctl.errors import ConfigurationError, Damaged, UsageError
from esimctl.store.backup import back_up, check_backup, opened
from esimctl.store.folder import Store
from esimctl.store.high_water import answered, read_mark
from esimctl.store.restore import restore
from tests.ledger.samples import START
from tests.store.conftest import CONTENT, buy

CANARY = "LPA:1$canary.example$SECRET-4711"


@pytest.fixture
def saved(store, tmp_path):
    """A profile with a purchase, its codes and raw answer, and a backup of it without secrets."""
    buy(store, "o1")
    store.vault.write("phone", {"lpa": CANARY})
    store.evidence.write("o1", 1, 200, {}, b"RAW-ANSWER-4711")
    store.seed()
    with store.locked(0.0, "backup"):
        back_up(store, tmp_path / "b.tar", START)
    return tmp_path / "b.tar"


def everything(path):
    """Every file in a backup as it is read, and its manifest."""
    with opened(path) as backup:
        return backup.manifest, {name: b"".join(backup.content(name)) for name in backup.names}


def test_a_backup_is_private_and_has_no_secret(saved):
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert b"SECRET-4711" not in saved.read_bytes()
    assert b"RAW-ANSWER-4711" not in saved.read_bytes()
    manifest = check_backup(saved)
    assert set(manifest.files) == {"profile.toml", "journal/000001.toml", "seed", "clock"}
    assert manifest.last_seq == 3


def test_with_the_vault_when_asked_for(store, saved, tmp_path):
    back_up(store, tmp_path / "v.tar", START, with_vault=True)
    assert b"SECRET-4711" in (tmp_path / "v.tar").read_bytes()
    restore(tmp_path / "new", "default", tmp_path / "v.tar", START)
    fresh = Store(tmp_path / "new", "default")
    assert fresh.vault.read("phone")["lpa"] == CANARY
    assert fresh.evidence.read("o1")[0].body == b"RAW-ANSWER-4711"


def test_an_existing_file_is_never_overwritten(store, saved):
    with pytest.raises(UsageError):
        back_up(store, saved, START)


def test_a_restored_profile_has_its_history_and_its_seed_and_must_reconcile(store, saved, tmp_path):
    """The same seed gives the same keys, so that a provider that honours them refuses to sell twice."""
    restore(tmp_path / "new", "other", saved, START)
    fresh = Store(tmp_path / "new", "other")
    ledger = fresh.ledger_for_reading()
    assert ledger.orders["o1"].state == "settled"
    assert ledger.must_reconcile
    assert fresh.seed() == store.seed()
    assert fresh.profile.read().doc == {"schema": 1, **CONTENT}
    assert not fresh.profile.read().by_hand
    with fresh.locked(0.0, "reconcile"):
        ledger = fresh.ledger_for_writing()
        fresh.append(ledger, [{"kind": "reconciled", "at": START, "ok": True}])
    assert not Store(tmp_path / "new", "other").ledger_for_reading().must_reconcile


def test_an_existing_profile_is_kept_aside_and_only_when_asked(store, saved):
    buy(store, "o2")
    with pytest.raises(UsageError) as caught:
        restore(store.home, "default", saved, START)
    assert caught.value.code == "profile_exists"
    assert "o2" in store.ledger_for_reading().orders
    restore(store.home, "default", saved, START, over=True)
    assert list(Store(store.home, "default").ledger_for_reading().orders) == ["o1"]
    kept = Store(store.home, f"default-before-{START:%Y%m%d}")
    assert list(kept.ledger_for_reading().orders) == ["o1", "o2"]
    assert kept.paused()
    assert read_mark(Store(store.home, "default").noted.path).seq == 4


def test_every_damaged_byte_of_a_backup_is_found_before_anything_is_touched(saved, tmp_path):
    """Flip a bit in every byte in turn (a tar's own padding excepted, which says nothing)."""
    data = saved.read_bytes()
    told = everything(saved)[1]
    refused = 0
    for at in range(0, len(data), 7):
        flipped = bytearray(data)
        flipped[at] ^= 2
        saved.write_bytes(bytes(flipped))
        try:
            assert everything(saved)[1] == told
        except (Damaged, ConfigurationError):  # the number of the format has no sum of its own
            refused += 1
            with pytest.raises((Damaged, ConfigurationError)):
                restore(tmp_path / "new", "default", saved, START)
    assert refused > 100
    assert not (tmp_path / "new" / "profiles" / "default").exists()


def tar_of(path, members):
    """A tar with these (TarInfo, bytes)."""
    with tarfile.open(path, "w") as tar:
        for info, data in members:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


@pytest.mark.parametrize(
    "name", ["../../evil", "/etc/evil", "journal/../x", "lock", "profile.toml/x", "vault/../../x.toml"]
)
def test_a_member_with_another_name_is_refused(tmp_path, name):
    tar_of(tmp_path / "x.tar", [(tarfile.TarInfo(name), b"x"), (tarfile.TarInfo("manifest.json"), b"{}")])
    with pytest.raises(Damaged):
        restore(tmp_path / "new", "default", tmp_path / "x.tar", START)
    assert not (tmp_path / "new").exists()


def test_links_in_a_backup_are_refused(tmp_path):
    link = tarfile.TarInfo("profile.toml")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    tar_of(tmp_path / "x.tar", [(link, b"")])
    with pytest.raises(Damaged):
        check_backup(tmp_path / "x.tar")


def test_a_manifest_that_lists_other_files_is_refused(saved, tmp_path):
    manifest, contents = everything(saved)
    del contents["seed"]
    members = {"manifest.json": manifest.encoded("0"), **contents}
    tar_of(tmp_path / "x.tar", [(tarfile.TarInfo(name), data) for name, data in members.items()])
    with pytest.raises(Damaged):
        check_backup(tmp_path / "x.tar")


def test_a_folder_that_was_rolled_back_must_reconcile(store, again):
    """The journal is older than what was noted outside its folder: whatever was spent since is not in it."""
    buy(store, "o1")
    old = {path: path.read_bytes() for path in (store.folder / "journal").glob("*.toml")}
    buy(store, "o2")
    for path, data in old.items():
        path.write_bytes(data)
    (store.folder / "index.sqlite").unlink(missing_ok=True)
    for _ in range(2):  # it stays said, whatever is written behind it
        with again().locked(0.0, "note") as writer:
            ledger = writer.ledger_for_writing()
            assert ledger.astray
            assert ledger.must_reconcile
            writer.append(ledger, [{"kind": "note", "at": START, "text": "on"}])
    with again().locked(0.0, "reconcile") as writer:
        ledger = writer.ledger_for_writing()
        known = [{"at": START, **entry} for entry in writer.noted.acceptance("compared")]
        assert [len(entry["heads"]) for entry in known] == [1]
        writer.append(ledger, [*known, {"kind": "reconciled", "at": START, "ok": True}])
    with again().locked(0.0, "buy") as writer:
        ledger = writer.ledger_for_writing()
        assert not ledger.must_reconcile
        assert ledger.next_seq == 8


def test_whoever_noted_the_end_that_an_entry_replaces_is_not_alarmed(store, again):
    """Another machine whose last record is named by the heads of an acceptance or a merge takes it for ours."""
    buy(store, "o1")
    other = store.noted.path.read_bytes()
    assert answered((3, "a" * 32), [(2, "b" * 32), (3, "a" * 32)])
    assert not answered((3, "a" * 32), [(3, "b" * 32), (2, "a" * 32)])
    seq, digest = int(other.split()[1]), "c" * 32
    store.noted.path.write_bytes(other.replace(other.split()[2], digest.encode()))
    assert [each.name for each in looked(again()).alarms] == ["journal_replaced"]
    store.noted.path.write_bytes(other)
    with again().locked(0.0, "accept") as writer:
        ledger = writer.ledger_for_writing()
        heads = [{"seq": seq, "hash": digest}]
        writer.append(ledger, [{"at": START, "kind": "restored", "from": "x", "heads": heads}])
    store.noted.path.write_bytes(other.replace(other.split()[2], digest.encode()))
    assert [each.name for each in looked(again()).alarms] == ["restored"]
    assert read_mark(store.noted.path).seq == seq + 1, "it moves up"


def looked(store):
    """After a look at the journal."""
    store.ledger_for_reading()
    return store


def test_a_folder_that_was_not_rolled_back_need_not(store, again):
    buy(store, "o1")
    buy(again(), "o2")
    with again().locked(0.0, "buy") as writer:
        assert not writer.ledger_for_writing().must_reconcile
