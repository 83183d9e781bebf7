"""Take what has come to its end out of a ledger, so that loading it does not grow with history. Pure.

What is taken out goes to the archive; its money stays: exact sums for all time, and a row a quarter of an hour for the
windows of the limits.
"""

from datetime import datetime
from typing import Final

from esimctl.ledger.facts import ReadingFact
from esimctl.ledger.fold import Ledger
from esimctl.ledger.orders import OPEN, OrderState
from esimctl.ledger.state import SPEND_WINDOW

KEPT_ORDERS: Final = 50  #: that have ended, the newest
KEPT_READINGS: Final = 200  #: the newest, and the last of every line


def compact(
    ledger: Ledger, cutoff: datetime, *, kept_orders: int = KEPT_ORDERS, kept_readings: int = KEPT_READINGS
) -> tuple[list[OrderState], list[ReadingFact]]:
    """Shrink the ledger in place; the orders and readings that left it, oldest first.

    `cutoff` is the earliest instant among recent entries (one run with a clock far ahead must not age what was spent):
    spending more than SPEND_WINDOW before it meets no limit any more.
    """
    return _orders(ledger, cutoff, kept_orders), _readings(ledger, kept_readings)


def _orders(ledger: Ledger, cutoff: datetime, kept: int) -> list[OrderState]:
    ended = sorted(
        (order for order in ledger.orders.values() if order.state not in OPEN and order.state != "refunding"),
        key=lambda order: order.seq,
    )
    leaving = ended[: max(0, len(ended) - kept)]
    for order in leaving:
        del ledger.orders[order.id]
        for key in (order.id, f"{order.id}:refund"):
            spend = ledger.spends.pop(key, None)
            if spend is not None:
                ledger.tally(spend, purchases=1 if key == order.id else 0)
    brought = sorted(ledger.imported.values(), key=lambda order: order.seq)
    for order in brought[: max(0, len(brought) - kept)]:
        leaving.append(ledger.imported.pop(order.id))
    ledger.archived += len(leaving)
    for place, minor in ledger.spent_rows.expire(cutoff - SPEND_WINDOW):
        ledger.spent_before[place] = ledger.spent_before.get(place, 0) + minor
    return leaving


def _readings(ledger: Ledger, kept: int) -> list[ReadingFact]:
    everything = sorted((fact for facts in ledger.readings.values() for fact in facts), key=lambda fact: fact.seq)
    newest = {fact.seq for fact in everything[max(0, len(everything) - kept) :]}
    newest |= {fact.seq for line in ledger.readings if (fact := ledger.last_reading(line)) is not None}
    leaving = [fact for fact in everything if fact.seq not in newest]
    if leaving:
        for line, facts in ledger.readings.items():
            ledger.readings[line] = [fact for fact in facts if fact.seq in newest]
    return leaving
