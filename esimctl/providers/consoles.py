"""Where a person finds an order at its provider, step by step: data, so that a new provider is one row here."""

from collections.abc import Mapping

#: kind of provider → what to do there, one act a step. `{key}` is our reference, `{at}` when the order was sent.
STEPS: Mapping[str, tuple[str, ...]] = {
    "esim-access": (
        "sign in to the eSIM Access console and open Orders",
        "search the transaction id {key}; if there is none, look at the orders of {at}, an hour to either side",
        "the number is in the column orderNo; compare the price with {price} and the balance with its history",
    ),
    "airalo": (
        "sign in to the Airalo Partner Platform and open Orders (for a top-up: the eSIM, then its packages)",
        "search the description {key}; if there is none, look at the orders of {at}, an hour to either side",
        "the number is the order's id; compare the price with {price} and the credit with its transactions",
    ),
    "celitech": (
        "sign in to the CELITECH dashboard and open Purchases",
        "search the reference id {key}; if there is none, look at the purchases of {at}, an hour to either side",
        "the number is the purchase id; compare the price with {price}",
    ),
    "sandbox": (
        "ask the embedded operator: esimctl reconcile --json lists what it knows",
        "its numbers look like SB-000001",
    ),
    "manual": (
        "look at the receipt, the SMS of the carrier and the wallet's statement for {at}",
        "take the receipt's number as the number of the order; compare the price with {price}",
    ),
}
ANY: tuple[str, ...] = (
    "sign in at {provider} and open the list of orders",
    "search {key}; if there is none, look at the orders of {at}, an hour to either side",
    "compare the price with {price} and the balance with its history",
)


def steps(kind: str) -> tuple[str, ...]:
    """The steps for a kind of provider."""
    return STEPS.get(kind, ANY)
