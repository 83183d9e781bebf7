"""A refund whose process dies at any of its writes: books and operator agree afterwards, the money comes back once."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from esimctl.store.folder import Store
from tests.conftest import Runner
from tests.faults import forked

PLAN = "demo-monthly-5gb"
NOW = "2026-11-20T09:00:00+07:00"
#: every way in which a refund changes a file of ours, and the operator's own commit
WRITES = ("fsync", "write", "rename", "ftruncate")


def dying_at(k: int) -> Callable[[], None]:
    """In a child: SIGKILL instead of the k-th write, wherever it is."""

    def change() -> None:
        count = 0

        def counted(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*words: Any, **more: Any) -> Any:
                nonlocal count
                count += 1
                if count == k:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*words, **more)

            return call

        for name in WRITES:
            setattr(os, name, counted(getattr(os, name)))
        from esimctl.providers.sandbox.provider import SandboxProvider

        SandboxProvider.cancel = counted(SandboxProvider.cancel)  # type: ignore[method-assign]

    return change


def given_back(home: Path) -> list[int]:
    """Every amount that the operator gave back."""
    with sqlite3.connect(home / "sandbox" / "books.sqlite3") as database:
        rows = database.execute("SELECT minor FROM charge WHERE minor < 0").fetchall()
    database.close()
    return [-minor for (minor,) in rows]


def state(home: Path, order: str) -> str:
    found = Store(home, "default").ledger_for_reading().order(order)
    assert found is not None
    return found.state


def test_every_write_of_a_refund_may_be_the_last(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    order = run("buy", PLAN, "--name", "phone", "--yes", "--json").json["order"]["id"]
    template = tmp_path / "template"
    home.rename(template)
    act = forked.command("transactions", "refund", order, "--yes", "--json")
    died, k = 0, 0
    while True:
        k += 1
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(template, home)
        environ = {"PATH": "/usr/bin:/bin", "HOME": str(home), "ESIMCTL_HOME": str(home), "ESIMCTL_NOW": NOW}
        ran = forked.run(act, tmp_path, environ, before=(dying_at(k),))
        if ran.code != forked.KILLED:
            assert ran.code == 0, ran
            break
        died += 1
        assert run("transactions", "list", "--json").code == 0, f"write {k}: unreadable"
        assert run("reconcile").code in (0, 4)
        assert (state(home, order) == "refunded") <= (given_back(home) == [400]), f"write {k}: booked, not given back"
        assert run("transactions", "refund", order, "--yes").code == 0, f"write {k}: asking again"
        assert given_back(home) == [400], f"write {k}: once"
        assert state(home, order) == "refunded"
        assert run("reconcile").code == 0
        assert run("lines", "list", "--json").json["lines"] == []
    assert died >= 6, "the faults have to fire"
