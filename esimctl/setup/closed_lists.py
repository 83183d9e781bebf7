"""The lists of words that are closed: whoever takes one refuses every other. For completion scripts."""

from collections.abc import Mapping, Sequence
from typing import Final

#: what most people want of the intervals that every scheduler keeps
INTERVALS: Final = ("5min", "10min", "15min", "30min", "1h", "2h", "6h", "12h", "1d")


def closed() -> Mapping[str, Sequence[str]]:
    """Kind → all its words, from whoever refuses every other."""
    from esimctl.catalogue.topics import TOPICS
    from esimctl.ledger.orders import STATES
    from esimctl.providers.registry import kinds
    from esimctl.setup.payments import KINDS as PAYMENTS
    from esimctl.values.money import EXPONENTS

    return {
        "states": STATES,
        "topics": tuple(TOPICS),
        "currencies": tuple(EXPONENTS),
        "payment-kinds": PAYMENTS,
        "vendors": tuple(kind for kind in kinds() if kind != "manual"),
        "intervals": INTERVALS,
    }
