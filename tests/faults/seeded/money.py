"""Bugs of counting and of limits."""

from typing import Any

from tests.faults.seeded import bug
from tests.faults.seeded.hunts import jumping, matching, racing


@bug(matching("A", "500"))
def float_money() -> None:
    """19.99 × 100 is 1998 as a whole number."""
    from esimctl.purchase import outcome
    from esimctl.values.money import Money
    from esimctl.values.record import replace

    real = outcome.settled_entries

    def settled(order: Any, came: Any, facts: Any) -> Any:
        paid = None if came.paid is None else Money(int(came.paid.minor / 100 * 100), came.paid.currency)
        return real(order, replace(came, paid=paid), facts)

    outcome.settled_entries = settled


@bug(matching("A"))
def price_taken_for_paid() -> None:
    """What was charged is copied from what was asked."""
    from esimctl.purchase import outcome
    from esimctl.values.record import replace

    real = outcome.settled_entries
    outcome.settled_entries = lambda order, came, facts: real(order, replace(came, paid=order.price), facts)


@bug(racing)
def no_lock() -> None:
    """Everybody gets the lock."""
    from esimctl.store import lock

    lock._try = lambda _fd, _path: True


@bug(racing)
def limits_looked_at_too_early() -> None:
    """Limits are compared with the books as they were before the lock."""
    from esimctl.purchase import gates
    from esimctl.purchase import walk as purchase
    from tests.faults.verdict import opened

    real = gates.within_limits

    def early(session: Any, _ledger: Any, offer: Any) -> None:
        real(session, before, offer)

    import os

    before = opened(os.environ).store.ledger_for_reading()
    gates.GATES = tuple(early if gate is real else gate for gate in gates.GATES)
    del purchase


@bug(jumping)
def clock_taken_raw() -> None:
    """Entries carry the clock as it is, set back or not."""
    from esimctl.profile.books import Books

    Books.now = lambda self: self.session.clock.now()  # type: ignore[method-assign]


@bug(jumping)
def limits_end_now() -> None:
    """What lies in the future counts against no limit: setting the clock back opens it again."""
    from esimctl.ledger.state import LedgerState
    from esimctl.store.folder import Store

    real = LedgerState.spent

    def spent(self: Any, currency: str, since: Any = None, *until: Any, **more: Any) -> int:
        from datetime import timedelta

        if since is None:
            return real(self, currency, since, *until, **more)
        end = since + timedelta(days=1)
        kept = self.spends
        self.spends = {key: spend for key, spend in kept.items() if spend.at <= end}
        try:
            return real(self, currency, since, *until, **more)
        finally:
            self.spends = kept

    LedgerState.spent = spent  # type: ignore[method-assign]
    Store._check_first = lambda _self: None  # type: ignore[method-assign]  # refuses a clock before the first entry


@bug(matching("A"))
def other_currency_unseen() -> None:
    """Amounts are compared without their currency."""
    from esimctl.purchase import outcome

    def differing(order: Any, came: Any) -> str | None:
        return None if came.paid is None or came.paid.minor == order.price.minor else "another amount"

    outcome.differing_price = differing
