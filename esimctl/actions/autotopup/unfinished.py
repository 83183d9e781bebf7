"""A run that bought something and could not be finished: never a plain failure, that would say nothing was sent."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from esimctl.errors import UnknownOutcome, reason_of


@contextmanager
def finished(orders: Sequence[Mapping[str, Any]]) -> Iterator[None]:
    """Whatever goes wrong inside after `orders` got its first order is 4 and carries the last of them."""
    try:
        yield
    except Exception as error:
        if not orders:
            raise
        raise UnknownOutcome(
            "order {id} was sent for a rule, but the run could not be finished: {what}",
            hint="esimctl transactions show {id}",
            code="interrupted_after_sending",
            order=orders[-1],
            id=orders[-1]["id"],
            what=reason_of(error),
        ) from error
