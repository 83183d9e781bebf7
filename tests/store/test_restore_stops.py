"""A restore that dies at any call: the old profile stands, or the new one does and the old one is kept, paused."""

import shutil
from contextlib import suppress

from esimctl.store.backup import back_up
from esimctl.store.folder import Store
from esimctl.store.restore import restore
from tests.ledger.samples import START
from tests.store.conftest import Failing, buy

KEPT = f"default-before-{START:%Y%m%d}"


class Stopped(BaseException):
    """The process is gone: nothing of it runs any more."""


def test_every_stop_leaves_one_profile_whole_and_the_next_writer_sweeps_the_rest(store, tmp_path, monkeypatch):
    buy(store, "o1")
    back_up(store, tmp_path / "b.tar", START)
    buy(store, "o2")
    pristine = tmp_path / "pristine"
    shutil.copytree(store.home, pristine)
    gone = []

    def stop(_name):
        gone.append(True)
        raise Stopped

    failing = Failing(monkeypatch, ("open", "write", "fsync", "rename", "mkdir", "unlink", "rmdir"), stop)
    ends = set()
    for _ in failing.rounds():
        wanted, failing.at = failing.at, 0
        shutil.rmtree(store.home)
        shutil.copytree(pristine, store.home)
        failing.calls, failing.at = [], wanted
        with monkeypatch.context() as patch:
            patch.setattr("esimctl.store.restore.clear_restoring", _only_before_a_stop(gone))
            with suppress(Stopped):
                restore(store.home, "default", tmp_path / "b.tar", START, over=True)
        reached, failing.at = failing.at, 0
        gone.clear()
        fresh = Store(store.home, "default")
        orders = list(fresh.ledger_for_reading().orders)
        ends.add(len(orders))
        if orders == ["o1"]:
            assert list(Store(store.home, KEPT).ledger_for_reading().orders) == ["o1", "o2"]
            assert Store(store.home, KEPT).paused()
            assert fresh.ledger_for_reading().must_reconcile
        else:
            assert orders == ["o1", "o2"]
            assert not fresh.paused()
            assert not (store.home / "profiles" / KEPT).exists()
        with fresh.locked(0.0, "next"):
            pass
        left = sorted(each.name for each in (store.home / "profiles").iterdir())
        assert left == ["default"] + ([KEPT] if orders == ["o1"] else [])
        failing.at = reached + 2  # every third call is enough, beside the harness
    assert ends == {1, 2}


def _only_before_a_stop(gone):
    """Who is killed sweeps nothing."""
    from esimctl.store import standing

    def clear(folder, *, ours=False):
        if not gone:
            standing.clear_restoring(folder, ours=ours)

    return clear
