"""A purchase as it was asked for, and as it was resolved and priced."""

from esimctl.catalogue.plan import Plan
from esimctl.providers.protocol import Provider, Quote, Wish
from esimctl.values.money import Money
from esimctl.values.record import record


@record
class Intent:
    """A purchase as it was asked for. `kind` is new, renew or topup; `source` is person or rule:<name>."""

    kind: str
    line: str | None = None
    plan: str | None = None
    amount: Money | None = None
    provider: str | None = None
    method: str | None = None
    promotion: str | None = None
    max_price: Money | None = None
    request_id: str | None = None
    no_wait: bool = False
    confirmed: bool = False  #: a person said yes, or `--yes`
    source: str = "person"
    generation: int | None = None
    lock_wait: float = 0.0
    paid: str | None = None  #: a person says that it was bought elsewhere; the receipt's number, perhaps empty
    price: Money | None = None  #: what a person really pays elsewhere
    again: bool = False  #: a person says that it is another purchase, though the same was finished for a stopped run


@record
class Offer:
    """An intent with everything resolved and the provider's price for it."""

    intent: Intent
    wish: Wish
    provider: Provider
    quote: Quote
    plan: Plan | None
