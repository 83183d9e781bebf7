"""The fault matrix: what must hold after any fault of an order, whatever the vendor and its tier."""

from pathlib import Path
from time import sleep
from typing import Any

import pytest

from esimctl.providers import asking
from esimctl.providers.asking import Pacer
from esimctl.purchase import pursue
from tests.conftest import Outcome
from tests.providers.fakes.run import Shop
from tests.vendors.broken import AMBIGUOUS, Fault

#: faults at which an exchange ends by the deadline alone
SLOW = frozenset({"hang", "drip-headers", "drip-body", "many-1xx"})
FAULTS = [(kind, after) for kind in AMBIGUOUS for after in (False, True)]
NAMES = [f"{kind}-{'after' if after else 'before'}" for kind, after in FAULTS]
#: the same, where of those that wait for the deadline only `hang` is quick: another vendor's tests run all of them
FEWER = [
    pytest.param(*pair, id=name, marks=pytest.mark.slow if pair[0] in SLOW - {"hang"} else ())
    for pair, name in zip(FAULTS, NAMES, strict=True)
]


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look-ups follow each other quickly, and the vendor's rate limits (tested for themselves) are not waited for."""
    monkeypatch.setattr(asking, "PAUSE", 0.01)
    monkeypatch.setattr(Pacer, "wait", lambda _self, _limits, _seconds: True)
    monkeypatch.setattr(pursue, "PAUSES", (0.0, 0.02, 0.1, 0.05, 0.1))


def document(outcome: Outcome) -> dict[str, Any]:
    """The order in an answer, be it a result or a failure."""
    found: dict[str, Any] = outcome.json["order"]
    return found


def strike(shop: Shop, path: str, kind: str, *, after: bool, words: tuple[str, ...], times: int = 1) -> Outcome:
    """Run one purchase into a fault, then let everything heal; the outcome of the purchase."""
    shop.vendor.faults.append(Fault(path, kind, after=after, times=times))
    quick = {"ESIMCTL_DEADLINE": "2"} if kind in SLOW else {}
    outcome = shop(*words, "--yes", "--json", "--request-id", "once", env=quick)
    shop.vendor.faults.clear()
    return outcome


def heal(shop: Shop, words: tuple[str, ...], runs: int = 60) -> Outcome:
    """The same request id again, until it is no longer open: absence is proven only after the settle window."""
    again = shop(*words, "--yes", "--json", "--request-id", "once")
    for _ in range(runs):
        if again.code != 4:
            break
        sleep(0.1)
        again = shop(*words, "--yes", "--json", "--request-id", "once")
    return again


def nothing_lost(shop: Shop, outcome: Outcome, healed: Outcome) -> None:
    """At most one charge; charged and delivered is settled, not charged is refused: nothing in between is left."""
    charges = len(shop.vendor.charges)
    assert charges <= 1, shop.vendor.charges
    assert outcome.code in {0, 3, 4}, outcome
    state = document(healed)["state"]
    assert state == ("settled" if charges else "rejected"), (charges, healed)
    if outcome.code == 0:
        assert charges == 1
    if outcome.code == 3:
        assert charges == 0
    assert healed.code == (0 if charges else 3), healed


def no_canary(shop: Shop, home: Path, canaries: list[str], codes: list[str]) -> None:
    """Credentials stand nowhere; activation codes in the vault alone, and in the answer to `buy`."""
    for text in shop.printed:
        for canary in canaries:
            assert canary not in text
    for path in home.rglob("*"):
        if path.is_file() and "credentials" not in path.parts:
            data = path.read_bytes()
            for canary in canaries:
                assert canary.encode() not in data, path
            if "vault" not in path.parts:
                for code in codes:
                    assert code.encode() not in data, path
