"""Codes, raw answers and places: closed to others, never through links, never in a repr."""

import os
import stat
from datetime import timedelta

import pytest

from esimctl.errors import ConfigurationError, CredentialsError, Damaged, UsageError
from esimctl.store import paths
from esimctl.store.evidence import MOST_BYTES
from tests.ledger.samples import START

LPA = "LPA:1$rsp.example$MATCH/4711"


def test_codes_are_kept_per_line_and_merged(store):
    store.vault.write("phone", {"lpa": LPA})
    store.vault.write("phone", {"confirmation_code": "1234", "iccid": ""})
    assert dict(store.vault.read("phone")) == {"lpa": LPA, "confirmation_code": "1234"}
    assert stat.S_IMODE((store.folder / "vault" / "phone.toml").stat().st_mode) == 0o600
    assert store.vault.read("tablet") is None
    assert store.vault.lines() == ["phone"]


def test_a_code_is_in_no_repr(store):
    store.vault.write("phone", {"lpa": LPA})
    secrets = store.vault.read("phone")
    assert "4711" not in f"{secrets} {secrets!r} {[secrets]}"


def test_codes_go_with_the_line(store):
    store.vault.write("phone", {"lpa": LPA})
    assert store.vault.move("phone", "L261129-0a1b2c3d")
    assert store.vault.read("L261129-0a1b2c3d")["lpa"] == LPA
    store.vault.write("phone", {"lpa": "x"})
    assert not store.vault.move("phone", "L261129-0a1b2c3d"), "what a line has already stays"
    assert store.vault.read("L261129-0a1b2c3d")["lpa"] == LPA
    assert store.vault.remove("L261129-0a1b2c3d")
    assert not store.vault.remove("L261129-0a1b2c3d")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_codes_that_others_could_read_are_refused_with_the_command(store, mode):
    store.vault.write("phone", {"lpa": LPA})
    path = store.folder / "vault" / "phone.toml"
    path.chmod(mode)
    with pytest.raises(CredentialsError) as caught:
        store.vault.read("phone")
    assert caught.value.hint == f"chmod 600 {path}"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_planted_link_or_second_name_is_refused(store, tmp_path):
    (tmp_path / "theirs").write_text('lpa = "x"')
    (tmp_path / "theirs").chmod(0o600)
    (store.folder / "vault" / "phone.toml").symlink_to(tmp_path / "theirs")
    with pytest.raises(CredentialsError):
        store.vault.read("phone")
    store.vault.write("tablet", {"lpa": LPA})
    os.link(store.folder / "vault" / "tablet.toml", tmp_path / "second")
    with pytest.raises(CredentialsError):
        store.vault.read("tablet")
    (store.folder / "vault" / "pipe.toml").unlink(missing_ok=True)
    os.mkfifo(store.folder / "vault" / "pipe.toml", 0o600)
    with pytest.raises(CredentialsError):
        store.vault.read("pipe")


def test_a_cut_code_is_damage_and_not_another_code(store):
    store.vault.write("phone", {"lpa": LPA})
    path = store.folder / "vault" / "phone.toml"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(Damaged):
        store.vault.read("phone")


@pytest.mark.parametrize("name", ["../x", "a/b", "A", "", ".x", "-x", "x" * 33, "x\n", "ü"])
def test_names_are_never_paths(store, name):
    with pytest.raises(UsageError):
        store.vault.write(name, {"lpa": LPA})
    with pytest.raises(ValueError):
        store.evidence.write(f"{name}/", 1, 200, {}, b"")


def test_raw_answers_are_kept_as_they_came(store):
    body = b'{"a": \xff\x00\n\n}'
    store.evidence.write("o1", 2, 503, {"Retry-After": "5", "Set-Cookie": "secret", "X-Api-Key": "secret"}, body)
    store.evidence.write("o1", 1, None, {}, b"")
    first, second = store.evidence.read("o1")
    assert (first.status, first.body) == (None, b"")
    assert (second.status, second.body, second.headers) == (503, body, {"retry-after": "5"})
    path = store.folder / "evidence" / "o1.2"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"secret" not in path.read_bytes()


def test_an_endless_answer_is_cut(store):
    store.evidence.write("o1", 1, 200, {}, b"x" * (MOST_BYTES + 1))
    (piece,) = store.evidence.read("o1")
    assert (len(piece.body), piece.cut) == (MOST_BYTES, True)


def test_codes_are_taken_out_of_raw_answers_in_every_spelling(store):
    code = "voucher 7/4711"
    body = '{"note": "voucher 7/4711", "e": "voucher 7\\/4711", "u": "voucher%207%2F4711", "v": "voucher%207/4711"}'
    store.evidence.write("o1", 1, 200, {}, body.encode())
    store.evidence.write("o10", 1, 200, {}, body.encode())
    assert store.evidence.redact("o1", [code, ""]) == 1
    assert b"4711" not in (store.folder / "evidence" / "o1.1").read_bytes()
    assert b"4711" in (store.folder / "evidence" / "o10.1").read_bytes()
    assert store.evidence.redact("o1", [code]) == 0


def test_raw_answers_go_ninety_days_after_the_end(store):
    for order in ("old", "new", "open"):
        store.evidence.write(order, 1, 200, {}, b"")
    ended = {"old": START - timedelta(days=91), "new": START - timedelta(days=89)}
    assert store.evidence.prune(ended, START) == 1
    assert [bool(store.evidence.read(order)) for order in ("old", "new", "open")] == [False, True, True]


def test_a_raw_answer_that_makes_no_sense_is_passed_over(store):
    (store.folder / "evidence" / "o1.1").write_bytes(b"\x00" * 40)
    store.evidence.write("o1", 2, 200, {}, b"x")
    assert [piece.attempt for piece in store.evidence.read("o1")] == [2]


def test_a_derived_document_is_believed_only_whole_and_for_its_stamp(store):
    stamp = store.stamp()
    assert store.state.write({"lines": [{"a": 1, "b": None}]}, stamp)
    assert store.state.read(stamp) == {"stamp": stamp, "lines": [{"a": 1}]}
    assert store.state.read("other") is None
    data = store.state.path.read_bytes()
    for at in range(len(data)):
        for broken in (data[:at], data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]):
            store.state.path.write_bytes(broken)
            assert store.state.read(stamp) is None
    store.state.forget()
    assert store.state.read() is None


def test_a_derived_document_never_fails(store, monkeypatch):
    assert not store.state.write({"x": object()}, "s")
    assert not store.state.write({"x": "\ud800"}, "s")

    def fail(fd):
        raise OSError(28, "no space")

    monkeypatch.setattr(os, "fsync", fail)
    assert not store.state.write({"x": 1}, "s")


def test_the_stamp_changes_with_every_append_and_every_edit(store):
    stamps = {store.stamp()}
    with store.locked(0.0, "x"):
        ledger = store.ledger_for_writing()
        store.append(ledger, [{"kind": "note", "at": START, "text": "x"}])
        stamps.add(store.stamp())
        store.append(ledger, [{"kind": "note", "at": START, "text": "x"}])
        stamps.add(store.stamp())
    store.profile.set_table("line", "a", {"plan": "x"})
    stamps.add(store.stamp())
    assert len(stamps) == 4


def test_the_home_is_what_the_environment_or_the_platform_says(tmp_path, monkeypatch):
    from platformdirs import user_data_path

    assert paths.home_folder({"ESIMCTL_HOME": str(tmp_path)}) == tmp_path
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert paths.home_folder({}) == user_data_path("esimctl", appauthor=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert paths.home_folder({"XDG_DATA_HOME": str(tmp_path)}) == user_data_path("esimctl", appauthor=False)


def test_profiles_are_listed_chosen_and_named(store):
    assert paths.profile_names(store.home) == ["default"]
    assert paths.active_profile(store.home) is None
    paths.choose_profile(store.home, "default")
    assert paths.active_profile(store.home) == "default"
    (store.home / paths.ACTIVE).write_text("../../etc")
    assert paths.active_profile(store.home) is None


def test_folders_of_others_links_and_read_only_ones_are_refused(store, tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(store.folder)
    with pytest.raises(CredentialsError):
        paths.check_folder(tmp_path / "link")
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(CredentialsError) as caught:
        paths.check_folder(store.folder)
    assert caught.value.code == "wrong_owner"
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(CredentialsError) as caught:
        paths.check_writable(store.folder)
    assert caught.value.exit_code == 77


def mounts(tmp_path, kind):
    """A table of mounts with `tmp_path` on a file system of some kind."""
    table = tmp_path / "mountinfo"
    escaped = str(tmp_path).replace(" ", "\\040")
    table.write_text(f"1 0 0:1 / / rw - ext4 /dev/a rw\n2 1 0:2 / {escaped} rw,x shared:1 - {kind} server:/x rw\n")
    return str(table)


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p", "fuse.sshfs", "fuse"])
def test_no_money_on_a_file_system_of_somebody_else(tmp_path, kind):
    table = mounts(tmp_path, kind)
    with pytest.raises(ConfigurationError) as caught:
        paths.check_file_system(tmp_path / "x", mounts=table)
    assert caught.value.code == "network_file_system"
    paths.check_file_system(tmp_path / "x", allowed=True, mounts=table)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs", "fuseblk"])
def test_local_file_systems_are_fine(tmp_path, kind):
    paths.check_file_system(tmp_path / "x", mounts=mounts(tmp_path, kind))
    paths.check_file_system(tmp_path, mounts="/nonexistent")


def test_the_seed_is_private_and_stays(store, again):
    seed = store.seed()
    assert len(seed) == 32
    assert again().seed() == seed
    (store.folder / "seed").chmod(0o644)
    with pytest.raises(CredentialsError):
        again().seed()


def test_a_pause_is_a_file_whose_presence_counts(store, again):
    assert not store.paused()
    store.pause()
    assert again().paused()
    store.resume()
    assert not again().paused()
