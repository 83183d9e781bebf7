"""Replacing a file: the old bytes or the new ones, no leftovers, no planted links."""

import os
import stat

import pytest

from esimctl.store.files import begin, make_folder, replace, sweep
from tests.store.conftest import Failing


@pytest.fixture
def path(tmp_path):
    """A file with old bytes."""
    (tmp_path / "file").write_bytes(b"old")
    return tmp_path / "file"


def test_bytes_are_durable_before_the_name_is(path, monkeypatch):
    """write, fsync, rename, fsync of the folder, in this order."""
    counted = Failing(monkeypatch, ("write", "fsync", "rename"), str)
    replace(path, b"new")
    assert counted.calls == ["write", "fsync", "rename", "fsync"]
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", [OSError, KeyboardInterrupt])
def test_every_failing_call_leaves_old_or_new_and_no_temporary(path, monkeypatch, kind):
    def fail(name):
        raise kind

    failing = Failing(monkeypatch, ("open", "write", "fsync", "rename"), fail)
    seen = set()
    for _ in failing.rounds():
        path.write_bytes(b"old")
        try:
            replace(path, b"new")
        except kind:
            pass
        seen.add(path.read_bytes())
        assert [item.name for item in path.parent.iterdir()] == ["file"]
    assert seen == {b"old", b"new"}


def test_short_writes_are_completed(path, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data)[:3]))
    replace(path, b"0123456789")
    assert path.read_bytes() == b"0123456789"


def test_a_link_is_replaced_and_its_target_is_not(path, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(path)
    replace(link, b"new")
    assert path.read_bytes() == b"old"
    assert not link.is_symlink()


def test_a_planted_temporary_file_is_not_used(path, monkeypatch):
    """Even if somebody guesses the name: it is created exclusively, never opened."""
    monkeypatch.setattr(os, "urandom", lambda count: b"\0" * count)
    victim = path.parent / "victim"
    victim.write_bytes(b"mine")
    (path.parent / f".file.esimctl-{os.getpid()}-000000000000.tmp").symlink_to(victim)
    with pytest.raises(FileExistsError):
        replace(path, b"new")
    assert (path.read_bytes(), victim.read_bytes()) == (b"old", b"mine")


def test_what_a_killed_writer_left_is_swept_and_nothing_else(tmp_path):
    """Ours by their names; not what somebody is writing, nor links, nor what synced folders and editors lay there."""
    (tmp_path / ".a.esimctl-1-00000000000a.tmp").write_bytes(b"x")
    (tmp_path / ".a.1-00000000000a.tmp").write_bytes(b"x")
    others = [".syncthing.a.tmp", ".a.tmp", "a.tmp", ".kept", ".a.esimctl-1-00.tmp"]
    for name in others:
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / ".l.esimctl-1-00000000000b.tmp").symlink_to(tmp_path / ".kept")
    os.mkfifo(tmp_path / ".p.esimctl-1-00000000000c.tmp")
    fd, written = begin(tmp_path / "file")
    others += [".l.esimctl-1-00000000000b.tmp", ".p.esimctl-1-00000000000c.tmp", written.name, ".a.1-00000000000a.tmp"]
    assert sweep(tmp_path) == 1
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted(others)
    os.close(fd)
    assert sweep(tmp_path, earlier=True) == 2, "its writer is gone; and that of an earlier version"
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted(others[:-2])


def test_a_temporary_file_that_was_swept_before_it_was_locked_is_made_again(path, monkeypatch):
    """Between its making and its locking another run may take it for a leftover."""
    real, swept = os.fstat, []

    def fstat(fd):
        if not swept:
            swept.extend(path.parent.glob(".file.*"))
            swept[0].unlink()
        return real(fd)

    monkeypatch.setattr(os, "fstat", fstat)
    replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert [item.name for item in path.parent.iterdir()] == ["file"]


def test_folders_are_private_and_durable_in_their_parents(tmp_path, monkeypatch):
    counted = Failing(monkeypatch, ("fsync",), str)
    make_folder(tmp_path / "a" / "b")
    assert len(counted.calls) == 2
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    make_folder(tmp_path / "a" / "b")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "file")
