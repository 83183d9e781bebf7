"""What every provider can be asked, and the words in which it answers.

One protocol for the embedded operator, for lines bought at a counter and for the resellers' interfaces. An adapter
says in which capability tier it is; what is done after an ambiguous answer follows from the tier alone (the recovery
table in purchase/pursue), never from the adapter's name.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from esimctl.catalogue.plan import Plan
from esimctl.values.money import Money
from esimctl.values.record import field, record

if TYPE_CHECKING:
    from esimctl.charging.outlook import Renewal
    from esimctl.charging.plan_change import PlanChange
    from esimctl.values.toml import Toml


class Tier(StrEnum):
    """How an order can be found again when its answer was lost."""

    KEYED = "A"  #: an idempotency key is honoured; the same bytes may be sent again
    REFERENCE = "B"  #: our reference is unique there; the same reference may be sent again
    LABEL = "C"  #: a label is echoed and can be searched; never sent again
    NOTHING = "D"  #: only lists and balances; never sent again


class Verdict(StrEnum):
    """What is known after an order was handed to the transport."""

    NOT_SENT = "not-sent"  #: no byte of it left
    REFUSED = "refused"  #: definite: not executed, not charged
    ACCEPTED = "accepted"  #: taken, or said to exist: the goods follow, or are looked for
    SETTLED = "settled"  #: paid and delivered
    AMBIGUOUS = "ambiguous"  #: may have been executed
    BUSY = "busy"  #: rate limited: stays open, is looked up before anything is sent again
    ABSENT = "absent"  #: a look-up did not find it (what that proves: purchase/pursue.py)


@record
class LineRef:
    """A line as its provider knows it. `reference` is the provider's own id where the ICCID is not enough."""

    name: str
    iccid: str | None = None
    reference: str | None = None
    msisdn: str | None = None
    plan: str | None = None


@record
class Wish:
    """What is to be bought: a plan, or money for the main balance. `kind` is new, renew or topup."""

    kind: str
    line: LineRef
    method: str  #: the method's name in the profile
    method_kind: str  #: credit-card, provider-balance, …
    plan: str | None = None
    amount: Money | None = None
    promotion: str | None = None
    confirmed: bool = False  #: a person has confirmed this payment with its method (3-D Secure and the like)
    paid: str | None = None  #: a person says that it was bought elsewhere; the receipt's number, perhaps empty
    price: Money | None = None  #: what a person really pays elsewhere


@record
class Quote:
    """What the provider asks for a wish, now. `terms` is the plan's table of terms, kept with the purchase (R-116)."""

    price: Money
    terms: "Mapping[str, Toml] | None" = None
    valid_until: datetime | None = None
    balance_before: Money | None = None  #: of the account at the provider, where it has one
    needs_confirmation: bool = False
    effect: str | None = None  #: add, queue, stack, extend or reset: what it does to what is there
    begins_at: datetime | None = None  #: of what waits (queue): when the present term ends; None while unknown
    lost_bytes: int | None = None  #: what the person has now and would lose by this
    notes: tuple[str, ...] = ()
    by_hand: bool = False  #: a person buys it elsewhere and says when it is done
    granted_before: int | None = None  #: octets that the line has been given in all, before a top-up
    holds: "Mapping[str, Toml] | None" = None  #: whose word the rollover in the terms is
    change: "PlanChange | None" = None  #: what another plan than the running one does to what is left
    renewal: "Renewal | None" = None  #: what a renewal would do to the line, where that can be worked out
    packs_before: int | None = None  #: and how many packs it has


@record
class OutgoingOrder:
    """An order as it is sent and looked up: the wish, its price and the names under which it can be found."""

    id: str  #: ours
    key: str  #: the wire key, at most 64 printable ASCII characters without meaning
    wish: Wish
    price: Money
    created_at: datetime
    provider_order: str | None = None
    attempted_at: datetime | None = None
    others: frozenset[str] = frozenset()  #: the provider's ids of our other orders: none of them is this one
    wallet_before: Money | None = None  #: the account's credit just before it was sent, where it tells one
    their_time: datetime | None = None  #: the first sending by the provider's clock, where it was known
    granted_before: int | None = None  #: octets that the line had been given in all before a top-up
    packs_before: int | None = None  #: and how many packs it had


@record
class Request:
    """The exact bytes that are sent, once. They are journalled first; a second sending uses the stored ones."""

    endpoint: str
    body: str


@record
class Answer:
    """What came back, raw; kept as evidence before anybody parses it. `status` is None where there was no answer.

    `failure` names what went wrong on the way (snake_case), `sent` says whether a byte of the order may have left.
    `cause` says more of a failure, for people: expired, unknown_issuer, refused, no_name, timeout …
    """

    status: int | None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: str | None = None
    sent: bool = True
    cause: str | None = None


@record
class Goods:
    """What was delivered. `lpa` and `confirmation_code` are secrets: they go to the vault, nowhere else."""

    iccid: str | None = None
    reference: str | None = None
    msisdn: str | None = None
    lpa: str | None = None
    confirmation_code: str | None = None
    use_by: datetime | None = None
    expires_at: datetime | None = None


@record
class Outcome:
    """An answer or a look-up in common words.

    `reason` is snake_case: declined, insufficient_funds, out_of_stock, authentication_required, unauthorized,
    rate_limited, price_changed, plan_unknown, timeout, server_error, malformed, redirected, tls, unreachable, …
    `message` is the provider's own text, cleaned. `charged` is None while unknown.
    """

    verdict: Verdict
    reason: str | None = None
    message: str | None = None
    provider_order: str | None = None
    charged: bool | None = None
    paid: Money | None = None
    rounded: bool = False  #: the vendor counts finer than minor units: `paid` may be one of them below the price
    goods: Goods | None = None
    retry_after: float | None = None  #: seconds
    mismatch: str | None = None  #: another plan, price or line than ordered: settled, with a discrepancy
    confirmed_by: str = "provider"  #: or user: nobody but a person says so


@record
class ReadingBucket:
    """A bucket as the provider states it; octets for data, seconds for voice, minor units for money."""

    id: str
    category: str
    usage_type: str
    granted: int | None
    remaining: int | None
    start: datetime | None
    end: datetime | None
    status: str = "active"
    reserved: int = 0
    window: str | None = None  #: the hours of the day in which it is good, "22:00-06:00"
    shared: bool = False
    provisional: bool = False
    unlimited: bool = False
    owner: str | None = None  #: of a shared bucket: the line whose data it is, as the provider names lines
    taken: int | None = None  #: of a shared bucket: what this line took of it in the running period
    currency: str | None = None  #: of money
    purpose: str | None = None  #: the only thing that it is good for (social); None: everything


@record
class Reading:
    """What the provider says of a line at `at`. Unknown is None. `status` is a common word, `raw_status` theirs.

    What other lines share with it counts in the figures as far as the line may use it.
    """

    at: datetime
    status: str  #: pending, active, suspended, expired, closed or unknown
    granted_bytes: int | None = None
    used_bytes: int | None = None
    remaining_bytes: int | None = None
    available_bytes: int | None = None
    reserved_bytes: int = 0
    unlimited: bool = False
    voice_seconds: int | None = None
    main_balance: Money | None = None
    charged: Money | None = None  #: for use that no bucket covered, since the line began; None: unknown, or nothing yet
    use_by: datetime | None = None
    expires_at: datetime | None = None
    plan_ends_at: datetime | None = None  #: of the plan alone, also past: a pack beside it may outlive it; None: unsaid
    throttled: bool | None = None
    out_of_bucket_bytes: int | None = None
    forfeited_bytes: int | None = None
    carry_if_renewed_bytes: int | None = None
    lost_if_not_bytes: int | None = None
    lost_anyway_bytes: int | None = None
    kept_anyway_bytes: int | None = None
    carried_until: datetime | None = None
    lost_anyway_at: datetime | None = None
    renew_by: datetime | None = None  #: the last moment to renew in that keeps what can be kept
    grace_until: datetime | None = None
    next_change: datetime | None = None  #: when any of these numbers changes although nobody does anything
    buckets: tuple[ReadingBucket, ...] = ()
    ahead: tuple[ReadingBucket, ...] = ()  #: what is bought already and begins later, no part of the sums above
    plan: str | None = None
    raw_status: str | None = None


@record
class ProviderOrder:
    """An order as the provider's own books list it, for reconciliation and audit."""

    provider_order: str
    key: str | None  #: our wire key or label where the provider echoes it
    kind: str | None
    plan: str | None
    iccid: str | None
    charges: tuple[Money, ...]  #: every charge taken for it; two charges are a finding
    delivered: bool | None
    created_at: datetime | None
    status: str | None = None


class Provider(Protocol):
    """Who sells data. Every method that talks takes a `deadline`: seconds left, by a monotonic clock."""

    name: str
    tier: Tier
    settle_window: timedelta  #: absence counts only after it
    absence_horizon: timedelta  #: after a lost answer, absence closes an order only so long after it was sent last
    reading_max_age: timedelta  #: a reading older than this is stale
    play_money: bool  #: true for the embedded operator: SANDBOX stands wherever its money is shown

    def plans(self, now: datetime, *, line: LineRef | None = None, deadline: float = 30.0) -> Sequence[Plan]:
        """What can be bought; with `line`, what that line can be renewed or topped up with."""

    def quote(self, wish: Wish, now: datetime, *, deadline: float = 30.0) -> Quote:
        """The price and effect of a wish. Raises Refused, Unreachable, UsageError and their kin; never orders."""

    def request(self, order: OutgoingOrder) -> Request:
        """The bytes for this order. Pure: the same order gives the same bytes."""

    def send(self, order: OutgoingOrder, request: Request, now: datetime, *, deadline: float) -> Answer:
        """Hand the bytes over, once, without retry or redirect. Never raises for what the network does."""

    def interpret(self, order: OutgoingOrder, answer: Answer) -> Outcome:
        """Classify an answer to an order. Pure. What is not known to be definite is ambiguous."""

    def look_up(self, order: OutgoingOrder, now: datetime, *, deadline: float) -> Outcome:
        """Find an order again. ABSENT if the provider says that there is none, AMBIGUOUS if it cannot be asked."""

    def reading(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Reading | None:
        """What is left on a line; None where the provider has no interface for it (the line is modelled)."""

    def account_balance(self, now: datetime, *, deadline: float = 30.0) -> Money | None:
        """The account's own credit, None where there is none to ask for."""

    def orders(self, since: datetime, now: datetime, *, deadline: float = 30.0) -> Sequence[ProviderOrder] | None:
        """The provider's own list of orders, None where it has no such list."""

    def lines(self, now: datetime, *, deadline: float = 30.0) -> Sequence[LineRef]:
        """The lines that the account has there, for adoption."""
