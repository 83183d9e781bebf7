"""The lock: one holder, whoever dies lets go, nobody falls back to anything weaker."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from esimctl.errors import Busy, ConfigurationError, CredentialsError
from esimctl.store.lock import acquire, holder, locked

HOLD = (
    "import sys; from pathlib import Path; from esimctl.store.lock import acquire;"
    "held = acquire(Path(sys.argv[1]), 5.0, purpose='hold'); print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture
def path(tmp_path):
    """Where the lock is."""
    return tmp_path / "lock"


@pytest.fixture
def other(path):
    """Another process that holds the lock until it is told or killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_a_held_lock_is_busy_at_once_and_says_by_whom(path, other):
    with pytest.raises(Busy) as caught:
        acquire(path, 0.0)
    assert f"pid {other.pid}, hold" in caught.value.message
    assert caught.value.exit_code == 75


def test_a_killed_holder_lets_go(path, other):
    """No leftover needs a person: the kernel releases what a dead process held."""
    other.send_signal(signal.SIGKILL)
    other.wait()
    lock = acquire(path, 0.0)
    assert holder(path).startswith(f"pid {os.getpid()}")
    lock.release()
    assert holder(path) is None, "what stands there later was left by a kill"


def test_waiting_ends_when_the_holder_does(path, other):
    thread = threading.Timer(0.05, other.stdin.close)
    thread.start()
    acquire(path, 10.0).release()
    thread.join()
    assert other.wait(10) == 0


def test_the_file_stays_and_is_private(path):
    with locked(path, 0.0):
        assert path.stat().st_mode & 0o777 == 0o600
    inode = path.stat().st_ino
    with locked(path, 0.0):
        assert path.stat().st_ino == inode


def test_a_lock_file_that_was_replaced_does_not_let_two_in(path):
    """Somebody deletes the file: the old holder keeps a lock on nothing, and the new one is on the new file."""
    first = acquire(path, 0.0)
    path.unlink()
    second = acquire(path, 0.0)
    with pytest.raises(Busy):
        acquire(path, 0.0)
    second.release()
    first.release()


def test_the_file_is_looked_at_again_after_locking(path, monkeypatch):
    """It was replaced between our opening and our locking: the lock on the old one does not count."""
    real, calls = fcntl.flock, []

    def flock(fd, how):
        calls.append(fd)
        if len(calls) == 1:
            path.unlink()
        return real(fd, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    acquire(path, 1.0).release()
    assert len(calls) == 2


def test_a_child_does_not_inherit_it(path):
    held = acquire(path, 0.0)
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, close_fds=False
    )
    held.release()
    acquire(path, 5.0).release()  # once the child has become another program
    assert child.poll() is None
    child.communicate()


def test_a_planted_link_is_not_followed(path, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    path.symlink_to(victim)
    with pytest.raises(OSError):
        acquire(path, 0.0)
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK])
def test_without_flock_there_is_no_lock_and_no_money(path, monkeypatch, code):
    def flock(fd, how):
        raise OSError(code, "no locks here")

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(ConfigurationError) as caught:
        acquire(path, 0.0)
    assert caught.value.code == "no_locks"


def test_a_store_is_locked_once_and_may_nest(store, again):
    with store.locked(0.0, "outer"), store.locked(0.0, "inner"):
        started = time.monotonic()
        with pytest.raises(Busy), again().locked(0.05, "other"):
            pytest.fail("two were in")
        assert time.monotonic() - started >= 0.05
    with again().locked(0.0, "other"):
        pass


def test_an_open_folder_is_refused_with_the_command(store):
    store.folder.chmod(0o755)
    with pytest.raises(CredentialsError) as caught, store.locked(0.0, "x"):
        pytest.fail("it was locked")
    assert caught.value.hint == f"chmod 700 {store.folder}"
    assert caught.value.exit_code == 77


@pytest.mark.slow
def test_fifty_processes_append_and_every_record_is_there_once(store, again):
    """Real processes, real lock, some of them killed: what was acknowledged is in the journal, in one dense chain."""
    code = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from esimctl.store.folder import Store\n"
        "store = Store(Path(sys.argv[1]), 'default')\n"
        "for n in range(2):\n"
        "    with store.locked(60.0, 'crowd'):\n"
        "        ledger = store.ledger_for_writing()\n"
        "        at = datetime(2026, 3, 1, tzinfo=UTC)\n"
        "        store.append(ledger, [{'kind': 'note', 'at': at, 'text': f'{sys.argv[2]}.{n}'}])\n"
        "    print(f'{sys.argv[2]}.{n}', flush=True)\n"
    )
    crowd = [
        subprocess.Popen([sys.executable, "-c", code, str(store.home), str(n)], stdout=subprocess.PIPE, text=True)
        for n in range(50)
    ]
    for victim in crowd[::5]:
        victim.stdout.readline()
        victim.send_signal(signal.SIGKILL)
    acknowledged = {f"{n}.0" for n in range(0, 50, 5)}
    for process in crowd:
        acknowledged |= set(process.communicate()[0].split())
    assert [process.returncode for n, process in enumerate(crowd) if n % 5] == [0] * 40
    loaded = again().journal.load()
    assert (loaded.damage, loaded.torn) == (None, None)
    written = [entry["text"] for entry in loaded.entries if not entry["text"].startswith("a cut append")]
    assert len(written) == len(set(written))
    assert acknowledged <= set(written)
    assert len(acknowledged) >= 90
    assert [entry["seq"] for entry in loaded.entries] == list(range(1, len(loaded.entries) + 1))
