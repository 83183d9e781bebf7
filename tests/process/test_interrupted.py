"""A real process, a slow provider and a real signal: the outcome is journalled, the code is 4, one charge."""

import json
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.process.runner import run, run_here, start

PLAN = "demo-monthly-5gb"


def pending(pid: int) -> bool:
    """Whether a signal sent to the process still waits to be delivered, as the kernel tells it."""
    status = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    waiting = [line.split()[1] for line in status if line.startswith(("SigPnd:", "ShdPnd:"))]
    return any(int(bits, 16) for bits in waiting)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_the_order_is_on_its_way(tmp_path: Path, number: signal.Signals) -> None:
    """The embedded operator is held busy by another program until the signal has come; then it answers."""
    home = tmp_path / "esimctl"
    assert run_here(["buy", PLAN, "--name", "phone", "--yes"], tmp_path).returncode == 0
    journal = home / "profiles" / "default" / "journal" / "000001.toml"
    before = journal.read_bytes().count(b'"order.attempted"')
    operator = sqlite3.connect(home / "sandbox" / "books.sqlite3", isolation_level=None)
    operator.execute("BEGIN IMMEDIATE")  # a quote only reads; the order has to wait for us
    quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = start(["topup", "phone", "--amount", "2USD", "--yes", "--json"], tmp_path, **quiet)
    try:
        waited = time.monotonic() + 30
        while journal.read_bytes().count(b'"order.attempted"') == before:
            assert time.monotonic() < waited, "the order was never attempted"
        process.send_signal(number)
        while pending(process.pid):  # it has to arrive before the operator is free again
            assert time.monotonic() < waited, "the signal was never delivered"
        assert process.poll() is None, "the signal waits for the outcome"
    finally:
        operator.close()
    out, _ = process.communicate(timeout=30)
    document = json.loads(out)
    assert process.returncode == 4
    assert document["order"]["state"] in {"settled", "unknown", "attempted"}
    told = run(["reconcile", "--json"], tmp_path)
    assert told.returncode == 0
    rows = json.loads(told.stdout)["balances"]
    assert [row["actual"]["amount"] for row in rows] == ["6.00"]
