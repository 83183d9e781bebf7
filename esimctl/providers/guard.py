"""The guard around a vendor: what its answers make of our code is a failure of that vendor, and of nothing else."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from esimctl.malformed import Malformed, parsed
from esimctl.providers.asking import unreadable

P = ParamSpec("P")
T = TypeVar("T")


#: what a vendor is asked for: each of these ends in a value or in an EsimctlError, whatever was answered
ASKED = frozenset({
    "account_balance", "cancel", "extras", "fetch_extras", "fetch_offers", "find", "finer", "goods", "lines",
    "movements", "orders", "plans", "quote", "reading", "readings", "request", "restock",
})  # fmt: skip


def guarded(ask: Callable[P, T]) -> Callable[P, T]:
    """A method of an adapter that raises nothing but EsimctlError: what cannot be read is ProtocolViolation (76)."""

    @wraps(ask)
    def asked(*given: P.args, **more: P.kwargs) -> T:
        try:
            return parsed(lambda: ask(*given, **more))
        except Malformed as why:
            raise unreadable(given[0].name, why) from why  # type: ignore[attr-defined]

    return asked


def guard(adapter: type) -> None:
    """Put the guard around every method of ASKED that a class has of its own."""
    for name in ASKED & vars(adapter).keys():
        setattr(adapter, name, guarded(vars(adapter)[name]))
