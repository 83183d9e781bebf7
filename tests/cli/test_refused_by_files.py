"""A profile that another run holds, that is open to others, or that cannot be written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from esimctl.store.lock import acquire
from tests.conftest import Runner, tree

PLAN = "smart-laor-7d"


@pytest.fixture
def profile(run: Runner, tmp_path: Path) -> Path:
    """The folder of a profile that exists."""
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "phone", "--yes").code == 0
    run("balance")
    return tmp_path / "home" / "profiles" / "default"


def test_a_second_run_is_busy_and_says_who_holds_the_lock(run: Runner, profile: Path) -> None:
    lock = acquire(profile / "lock", 0.0, purpose="renew phone")
    try:
        before = tree(profile)
        ended = run("renew", "phone", "--yes", "--json")
        assert ended.code == 75
        assert ended.json["error"]["retry_safe"] is True
        assert f"pid {os.getpid()}" in ended.json["error"]["message"]
        assert run("balance", "--json").code == 0, "looking needs no lock"
        assert run("renew", "phone", "--dry-run").code == 0, "a dry run takes none"
        assert tree(profile) == before
    finally:
        lock.release()
    assert run("renew", "phone", "--yes").code == 0


def test_waiting_for_the_lock(run: Runner, profile: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable, "-c",
            ("import sys; from pathlib import Path; from esimctl.store.lock import acquire\n"
            "lock = acquire(Path(sys.argv[1]), 0.0); print('held', flush=True); sys.stdin.read(); lock.release()"),
            str(profile / "lock"),
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert run("topup", "phone", "--amount", "1USD", "--yes").code == 75
    holder.kill()
    holder.communicate()
    assert run("topup", "phone", "--amount", "1USD", "--yes", "--wait", "10s").code == 0, "a dead holder holds nothing"


def test_a_home_that_cannot_be_written(run: Runner, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    for words in (
        ("buy", PLAN, "--provider", "sandbox", "--yes"),
        ("profile", "create", "family"),
        ("payments", "add", "visa", "--kind", "cash"),
    ):
        ended = run(*words, env={"ESIMCTL_HOME": str(blocked / "below")})
        assert ended.code == 77, ended
        assert len(ended.err.splitlines()) <= 2
        assert "Traceback" not in ended.err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a read-only file system")
def test_a_read_only_home_still_reads(run: Runner, profile: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    mounted = subprocess.run(["mount", "--bind", home, home], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let root mount")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", home], check=True)
        assert run("balance", "--json").code == 0
        assert run("transactions", "list").code == 0
        before = tree(home)
        for words in (("renew", "phone", "--yes"), ("lines", "rename", "phone", "router"), ("profile", "create", "x")):
            ended = run(*words)
            assert ended.code == 77, ended
            assert "Traceback" not in ended.err
        assert tree(home) == before
    finally:
        subprocess.run(["umount", home], check=True)
