"""The soak, reduced: a few days in larger steps with many faults. The whole is `python -m tests.soak`."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.soak.life import Life


@pytest.fixture
def home_in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home that no disk has to wait for, where the machine has such a place."""
    shared = Path("/dev/shm")
    folder = tempfile.mkdtemp(dir=shared if shared.is_dir() else None)
    monkeypatch.setenv("ESIMCTL_HOME", f"{folder}/home")
    monkeypatch.setenv("ESIMCTL_NOW", "")  # put back when the test ends
    yield
    shutil.rmtree(folder)


@pytest.mark.usefixtures("home_in_memory")
def test_spending_equals_the_model_to_the_cent_and_nothing_is_told_twice() -> None:
    found = Life(3, rate=0.6, appetite=60, step=timedelta(minutes=40)).run(110)
    assert found.model_cents == found.ledger_cents == found.operator_cents
    assert found.attempts >= 5, "something happened at all"
    assert sum(found.faults.values()) >= 3
    assert found.repeated == []
