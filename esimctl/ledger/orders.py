"""The life of an order: its states and legal transitions as data, and its value folded from entries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from esimctl.ledger.said import (
    flag,
    inner,
    instant,
    instant_or_none,
    number,
    number_or_none,
    text,
    text_or_none,
    texts,
)
from esimctl.values.money import Money
from esimctl.values.record import record, replace
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml


class Stage(NamedTuple):
    """A state of an order: the states that may follow, whether it is open, and what is known of the charge in it."""

    then: str
    open: bool = False
    charged: bool | None = None
    told: bool = False  #: the charge is as the entry says, and where it says nothing, as it was


LIFE: Final[Mapping[str, Stage]] = {
    "prepared": Stage("attempted rejected cancelled", open=True, charged=False),
    "attempted": Stage("attempted accepted unknown settled rejected manual", open=True),
    "accepted": Stage("accepted unknown settled rejected cancelled manual", open=True, told=True),
    "unknown": Stage("attempted accepted unknown settled rejected manual", open=True, told=True),
    "settled": Stage("refunding", charged=True),
    "rejected": Stage("", charged=False),
    "cancelled": Stage("", charged=False),
    "manual": Stage("accepted settled rejected", open=True),
    "refunding": Stage("refunded settled", charged=True),
    "refunded": Stage("", charged=True),
}

STATES: Final = tuple(LIFE)

BASE: Final = frozenset({"new", "renew"})  #: kinds of orders that begin a term

#: state → the states that may follow. None stands before the first entry.
TRANSITIONS: Final[Mapping[str | None, frozenset[str]]] = {
    None: frozenset({"prepared"}),
    **{state: frozenset(stage.then.split()) for state, stage in LIFE.items()},
}

OPEN: Final = frozenset(state for state, stage in LIFE.items() if stage.open)

TERMINAL: Final = frozenset(STATES) - OPEN

#: it was bought, though its money may have come back since
BOUGHT: Final = frozenset(state for state in TERMINAL if LIFE[state].charged)

#: it came to nothing, as far as anybody knew: `order.reopened` alone leads on from here, when the seller lists it
CLOSED: Final = TERMINAL - BOUGHT

#: kind → the state it leads to; None: it adds facts and is legal in the states of ADDS.
LEADS: Final[Mapping[str, str | None]] = {
    **{f"order.{state}": state for state in TRANSITIONS if state},
    "order.refund_denied": "settled",
    "order.reopened": "accepted",
    "order.paid": None,
    "order.delivered": None,
}

ADDS: Final[Mapping[str, frozenset[str]]] = {
    "order.paid": frozenset({"settled", "refunding"}),
    "order.delivered": frozenset({"accepted", "settled", "refunding"}),
}

BY_HAND: Final = "D"  #: the tier of what nobody but a person can look up

IMPORTED: Final = "imported"  #: the source of records that were taken over from elsewhere

PLAY_ENDPOINT: Final = "sandbox:"  #: how an endpoint of the embedded operator begins: older entries say no `play`

#: facts that any later entry may add or correct
_FACTS: Final = (
    "provider_order",
    "iccid",
    "reference",
    "msisdn",
    "use_by",
    "expires_at",
    "discrepancy",
    "confirmed_by",
)


@record
class OrderState:
    """An order as its entries leave it. `charged` is None while unknown; `paid` is never a copy of `price`."""

    id: str
    kind: str
    state: str
    charged: bool | None
    line: str
    provider: str
    price: Money
    method: str
    method_kind: str
    request_id: str
    key: str
    tier: str
    endpoint: str
    request: str
    request_sha256: str
    source: str
    created_at: datetime
    changed_at: datetime
    seq: int  #: of its first entry
    plan: str | None = None
    amount: Money | None = None
    terms: Mapping[str, Toml] | None = None
    max_price: Money | None = None
    promotion: str | None = None
    claims: tuple[str, ...] = ()
    holds: Mapping[str, Toml] | None = None  #: whose word the rollover in its terms is
    wallet_before: Money | None = None
    granted_before: int | None = None  #: octets that the line had been given in all before a top-up
    packs_before: int | None = None  #: and how many packs it had
    provider_line: str | None = None
    generation: int | None = None
    attempted_at: datetime | None = None  #: of the first attempt
    last_attempt_at: datetime | None = None
    attempts: int = 0
    their_time: datetime | None = None  #: by the provider's clock, at the first attempt
    last_their_time: datetime | None = None
    settled_at: datetime | None = None
    paid: Money | None = None
    refund: Money | None = None
    fee: Money | None = None  #: taken beside the price
    provider_order: str | None = None
    iccid: str | None = None
    reference: str | None = None
    msisdn: str | None = None
    use_by: datetime | None = None
    expires_at: datetime | None = None
    reason: str | None = None
    message: str | None = None
    discrepancy: str | None = None
    confirmed_by: str | None = None
    stated_at: datetime | None = None  #: when it was made by a clock that a person took back, as that clock said
    made_after: datetime | None = None  #: the last right time before it, where that clock dated its beginning
    data_bytes: int | None = None  #: what an imported record says that it brought; of our own orders the terms tell
    play: bool = False  #: paid with play money, which is in no sum with money

    @property
    def open(self) -> bool:
        """It holds its reservation and blocks its line."""
        return self.state in OPEN

    @property
    def since(self) -> datetime:
        """When it was made, at the earliest: from when on it is looked for. `created_at` is when at the latest."""
        return self.created_at if self.made_after is None else self.made_after

    @property
    def counted(self) -> Money:
        """What it weighs against a limit: what was paid, or the price while that is unknown."""
        return self.price if self.paid is None else self.paid

    @property
    def imported(self) -> bool:
        """It was made and paid elsewhere, and only its record came here."""
        return self.source == IMPORTED

    @property
    def given_back(self) -> bool:
        """Its money came back and what it brought is gone. At a counter a part of the money may come back for a fault,
        and what was bought stays.
        """
        paid, back = self.counted, self.refund
        part = self.tier == BY_HAND and back is not None and back.currency == paid.currency and back.minor < paid.minor
        return self.state == "refunded" and not part

    @property
    def rule(self) -> str | None:
        """The name of the rule that made it, None for a person."""
        return self.source[5:] if self.source.startswith("rule:") else None


def objection(order: OrderState | None, entry: Mapping[str, Toml]) -> Sentence | None:
    """Why this entry cannot follow, None if it can."""
    kind = text(entry, "kind")
    state = order.state if order else None
    leads = LEADS[kind]
    named = Raw(str(state)) if state is None else Sentence(state)
    if leads is None:
        fits = state in ADDS[kind]
        params = {"kind": Raw(kind), "state": named}
        return None if fits else Sentence("{kind} does not fit an order that is {state}", params)
    if kind == "order.reopened":
        return None if state in CLOSED else Sentence("an order that is {state} cannot be reopened", {"state": named})
    if leads not in TRANSITIONS[state]:
        return Sentence("an order that is {state} cannot become {leads}", {"state": named, "leads": Sentence(leads)})
    if kind == "order.settled" and state == "refunding":
        return Sentence("an order that is refunding cannot become settled by a payment")
    if leads == "attempted" and order is not None and number(entry, "n") != order.attempts + 1:
        return Sentence("attempt {n} follows attempt {last}", {"n": number(entry, "n"), "last": order.attempts})
    return None


def born(entry: Mapping[str, Toml]) -> OrderState:
    """The order that an `order.prepared` entry begins."""
    currency = text(entry, "currency")
    return OrderState(
        id=text(entry, "order"),
        kind=text(entry, "order_kind"),
        state="prepared",
        charged=False,
        line=text(entry, "line"),
        provider=text(entry, "provider"),
        price=Money(number(entry, "price_minor"), currency),
        method=text(entry, "method"),
        method_kind=text(entry, "method_kind"),
        request_id=text(entry, "request_id"),
        key=text(entry, "key"),
        tier=text(entry, "tier"),
        endpoint=text(entry, "endpoint"),
        request=text(entry, "request"),
        request_sha256=text(entry, "request_sha256"),
        source=text(entry, "source"),
        created_at=instant(entry, "at"),
        changed_at=instant(entry, "at"),
        seq=number(entry, "seq"),
        plan=text_or_none(entry, "plan"),
        terms=inner(entry, "terms"),
        amount=_money(number_or_none(entry, "amount_minor"), text_or_none(entry, "amount_currency") or currency),
        max_price=_money(number_or_none(entry, "max_price_minor"), currency),
        promotion=text_or_none(entry, "promotion"),
        claims=texts(entry, "claims"),
        holds=inner(entry, "holds"),
        wallet_before=_money(number_or_none(entry, "wallet_before_minor"), currency),
        provider_line=text_or_none(entry, "provider_line"),
        iccid=text_or_none(entry, "iccid"),
        generation=number_or_none(entry, "generation"),
        granted_before=number_or_none(entry, "granted_before"),
        packs_before=number_or_none(entry, "packs_before"),
        play=flag(entry, "play") if "play" in entry else text(entry, "endpoint").startswith(PLAY_ENDPOINT),
    )


def taken_over(entry: Mapping[str, Toml]) -> OrderState:
    """The order that an `imported` entry tells of: paid elsewhere, over and done with, without a request of ours."""
    back = "refund_minor" in entry
    return OrderState(
        id=text(entry, "order"),
        kind=text(entry, "order_kind"),
        state="refunded" if back else "settled",
        charged=True,
        line=text(entry, "line"),
        provider=text(entry, "provider"),
        method=text(entry, "method"),
        method_kind=IMPORTED,
        price=Money(number(entry, "price_minor"), text(entry, "currency")),
        request_id=f"{IMPORTED}:{entry['order']}",
        key=f"{IMPORTED}:{entry['order']}",
        tier="D",
        endpoint="",
        request="",
        request_sha256="",
        source=IMPORTED,
        created_at=instant(entry, "ordered_at"),
        changed_at=instant_or_none(entry, "refund_at") or instant(entry, "paid_at"),
        seq=number(entry, "seq"),
        plan=text_or_none(entry, "plan"),
        promotion=text_or_none(entry, "promotion"),
        settled_at=instant(entry, "paid_at"),
        paid=_money(
            number_or_none(entry, "paid_minor"), text_or_none(entry, "paid_currency") or text(entry, "currency")
        ),
        refund=Money(number(entry, "refund_minor"), text(entry, "refund_currency")) if back else None,
        provider_order=text_or_none(entry, "provider_order"),
        reason=text_or_none(entry, "reason"),
        data_bytes=number_or_none(entry, "data_bytes"),
        play=flag(entry, "play"),
    )


def advance(order: OrderState, entry: Mapping[str, Toml]) -> OrderState:
    """The order after a later entry of its own; what `objection` refuses must not come here."""
    kind, at = text(entry, "kind"), instant(entry, "at")
    state = LEADS[kind] or order.state
    changes: dict[str, Any] = {name: entry[name] for name in _FACTS if name in entry}
    changes["changed_at"] = at
    if LEADS[kind] is not None:
        changes.update(state=state, reason=text_or_none(entry, "reason"), message=text_or_none(entry, "message"))
        # once known to be charged, an answer that does not say so takes nothing back
        stage = LIFE[state]
        changes["charged"] = entry.get("charged", order.charged or None) if stage.told else stage.charged
    if state == "attempted":
        changes.update(attempts=number(entry, "n"), attempted_at=order.attempted_at or at, last_attempt_at=at)
        theirs = instant_or_none(entry, "their_time")
        changes.update(their_time=order.their_time if order.attempts else theirs, last_their_time=theirs)
    if kind == "order.settled":
        changes["settled_at"] = at
        changes["fee"] = _money(
            number_or_none(entry, "fee_minor"), text_or_none(entry, "fee_currency") or order.price.currency
        )
    if "paid_minor" in entry:
        changes["paid"] = Money(
            number(entry, "paid_minor"), text_or_none(entry, "paid_currency") or order.price.currency
        )
    if kind == "order.refunded":
        changes["refund"] = Money(number(entry, "amount_minor"), text(entry, "currency"))
    return replace(order, **changes)


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)
