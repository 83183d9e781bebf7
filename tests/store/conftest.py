"""A profile in a folder of its own for every test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from esimctl.store.folder import Store
from esimctl.store.kept_by import REAL
from tests.ledger.samples import life

CONTENT: dict[str, Any] = {
    "settings": {"zone": "Asia/Phnom_Penh", "limits": {"per_day": ["5.00 USD"]}},
    "provider": {"sandbox": {"kind": "sandbox"}},
    "payment": {"sandbox-card": {"kind": "credit-card", "default": True}},
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A new profile."""
    made = Store(tmp_path / "home", "default", REAL)
    made.create(CONTENT)
    return made


@pytest.fixture
def again(store: Store) -> Callable[[], Store]:
    """The same profile as the next run of the program opens it."""
    return lambda: Store(store.home, store.name)


def buy(store: Store, *orders: str, **changes: Any) -> None:
    """Settled purchases, each in three appends of one locked run."""
    with store.locked(5.0, "buy"):
        ledger = store.ledger_for_writing()
        for order in orders:
            for entry in life(order, **changes):
                store.append(ledger, [entry])


class Failing:
    """Counts calls of functions of `os` and lets the n-th of them fail: call 1, 2, 3 … until a run survives."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], act: Callable[[str], None]) -> None:
        import os

        self.calls: list[str] = []
        self.at = 0
        self.happened = False
        for name in names:
            monkeypatch.setattr(os, name, self._counted(name, getattr(os, name), act))

    def _counted(self, name: str, real: Callable[..., Any], act: Callable[[str], None]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) == self.at:
                self.happened = True
                act(name)
            return real(*args, **kwargs)

        return call

    def rounds(self) -> Iterator[int]:
        """1, 2, 3 … until a round made fewer calls than its number."""
        while True:
            self.at += 1
            self.calls, self.happened = [], False
            yield self.at
            if not self.happened:
                self.at = 0
                return
