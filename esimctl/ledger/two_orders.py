"""One order in two journals that went apart: whose entries stand, and where the two contradict each other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from esimctl.errors import UnknownOutcome
from esimctl.ledger.entries import Entry
from esimctl.ledger.fold import Ledger
from esimctl.ledger.orders import ADDS, CLOSED, LEADS, OPEN, OrderState
from esimctl.ledger.said import number, text
from esimctl.values.record import record
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml

#: how far an open order has come
_STEPS: Final = ("prepared", "attempted", "unknown", "manual", "accepted")
#: what an order is from its first entry on, and how the difference is called
_BORN: Final = ("kind", "provider", "plan", "price", "amount", "method", "key", "request_sha256", "play")
#: facts of the one that the other may lack
_FACTS: Final = ("provider_order", "iccid", "reference", "msisdn", "use_by", "expires_at")
_ONE_ORDER: Final = frozenset("AB")  #: tiers at which a key, or a reference, sent twice is one order
APART: Final = "~"  #: between a key that two orders had and the id of the one that gave it up


class Side:
    """One of the two journals: its entries behind the common beginning, and what all of it comes to.

    `orders` are those to which anything happened there, with the entries that lead each on.
    """

    def __init__(self, entries: Sequence[Entry], ledger: Ledger) -> None:
        self.entries = entries
        self.ledger = ledger
        self.orders: dict[str, list[Entry]] = {}
        for entry in entries:
            if text(entry, "kind") in LEADS:
                self.orders.setdefault(text(entry, "order"), []).append(entry)


@record
class Twins:
    """Orders of different ids that went out under one key, or one request id.

    `same` maps the id that goes to the one that stays; `rekeyed` maps an order that stays beside the other to the
    fields that get a text of their own.
    """

    same: Mapping[str, str]
    rekeyed: Mapping[str, Mapping[str, str]]


def theirs_stand(order_id: str, ours: Side, theirs: Side, shared: Iterable[int]) -> bool:
    """Whether the other side's entries of an order stand; UnknownOutcome (4) where the two contradict each other.

    `shared` are the `seq` of entries of theirs that are ours as well: the side that has all of the other's, and more,
    is the fuller one.
    """
    here, there, same = ours.orders[order_id], theirs.orders[order_id], set(shared)
    more = [entry for entry in there if number(entry, "seq") not in same]
    if not more:
        return False
    mine, other = ours.ledger.orders[order_id], theirs.ledger.orders[order_id]
    _same_birth(mine, other)
    if len(there) - len(more) == len(here):
        return True
    _same_end(ours, theirs, mine, other)
    return _weight(other) > _weight(mine)


def missing_facts(order_id: str, stands: OrderState, other: OrderState, at: datetime) -> Iterator[dict[str, Toml]]:
    """Entries with what the side that goes knew of an order and the one that stays did not."""
    if stands.state not in ADDS["order.delivered"]:
        return
    facts = {name: getattr(other, name) for name in _FACTS if getattr(stands, name) is None}
    known = {name: value for name, value in facts.items() if value is not None}
    if known:
        yield {"at": at, "kind": "order.delivered", "order": order_id, **known}
    if stands.paid is None and other.paid is not None and stands.state in ADDS["order.paid"]:
        paid: dict[str, Toml] = {"paid_minor": other.paid.minor, "paid_currency": other.paid.currency}
        yield {"at": at, "kind": "order.paid", "order": order_id, **paid}


def twins(ours: Side, theirs: Side) -> Twins:
    """The orders that both sides made under one key: a rule that ran on both, a request id that was used on both.

    Where the seller keeps keys apart, or both know the same number of his, it is one order. UnknownOutcome (4) where
    that cannot be told yet.
    """
    same: dict[str, str] = {}
    rekeyed: dict[str, dict[str, str]] = {}
    here, there = ours.orders, theirs.orders
    by_key, by_request = ({}, {})  # type: tuple[dict[str, OrderState], dict[str, OrderState]]
    for order_id in here:
        order = ours.ledger.orders[order_id]
        by_key[order.key], by_request[order.request_id] = order, order
    for order_id in there:
        other = theirs.ledger.orders[order_id]
        mine = by_key.get(other.key) or by_request.get(other.request_id)
        if mine is None or mine.id == other.id or other.id in here or mine.id in there:
            continue
        if _is_one(mine, other):
            _same_end(ours, theirs, mine, other)
            stays, goes = (other, mine) if _weight(other) > _weight(mine) else (mine, other)
            same[goes.id] = stays.id
        else:
            changes = _apart(mine, other)
            rekeyed.update(changes)
    return Twins(same, rekeyed)


def _is_one(mine: OrderState, other: OrderState) -> bool:
    if mine.key != other.key or mine.provider != other.provider:
        return False
    if mine.provider_order is not None and other.provider_order is not None:
        return mine.provider_order == other.provider_order
    return mine.tier in _ONE_ORDER and not {mine.state, other.state} & CLOSED


def _apart(mine: OrderState, other: OrderState) -> dict[str, dict[str, str]]:
    """The one that has come to its end gives up the key: nobody looks it up by it any more."""
    if mine.open and other.open and mine.key == other.key:
        raise UnknownOutcome(
            "the orders {one} here and {two} there went out under one key, and both are open",
            hint="esimctl reconcile, which asks the seller, then the same again",
            code="orders_contradict", one=Raw(mine.id), two=Raw(other.id),
        )  # fmt: skip
    goes = mine if other.open else other
    changes = {"request_id": f"{goes.request_id}{APART}{goes.id}"} if mine.request_id == other.request_id else {}
    if mine.key == other.key:
        changes["key"] = f"{goes.key}{APART}{goes.id}"
    return {goes.id: changes}


def _weight(order: OrderState) -> tuple[int, int, datetime, int]:
    """The fuller and later one weighs more."""
    ended = order.state not in OPEN
    step = int(order.state == "refunded") if ended else _STEPS.index(order.state)
    return int(ended), step, order.changed_at, sum(getattr(order, name) is not None for name in _FACTS)


def _same_birth(mine: OrderState, other: OrderState) -> None:
    for name in _BORN:
        here, there = getattr(mine, name), getattr(other, name)
        if here != there and (name != "key" or here.split(APART)[0] != there.split(APART)[0]):
            raise UnknownOutcome(
                "order {id} is one thing here and another there: its {name} is {here} and {there}",
                hint="look at both: esimctl transactions show {id}", code="orders_contradict",
                id=Raw(mine.id), name=Raw(name), here=Raw(str(here)), there=Raw(str(there)),
            )  # fmt: skip


def _same_end(ours: Side, theirs: Side, mine: OrderState, other: OrderState) -> None:
    numbers = {order.provider_order for order in (mine, other)} - {None}
    if len(numbers) == 2:
        raise UnknownOutcome(
            "order {id} is {here} of the seller here and {there} there",
            hint="esimctl reconcile, which asks the seller, then the same again",
            code="orders_contradict", id=Raw(mine.id), here=Raw(mine.provider_order or "-"),
            there=Raw(other.provider_order or "-"),
        )  # fmt: skip
    for one, two, side in ((mine, other, theirs), (other, mine, ours)):
        if one.state in CLOSED and _goes_on(one, two) and not _known_better(two, one, side):
            raise UnknownOutcome(
                "order {id} is {here} here and {there} there",
                hint="esimctl reconcile, which asks the seller, then the same again",
                code="orders_contradict", id=Raw(mine.id), here=Raw(mine.state), there=Raw(other.state),
            )  # fmt: skip


def _goes_on(closed: OrderState, other: OrderState) -> bool:
    """Whether the other side knows of the order what one that came to nothing cannot have."""
    if other.state in CLOSED:
        return False
    return other.charged is True or other.state == "accepted" or other.attempts > closed.attempts


def _known_better(order: OrderState, closed: OrderState, side: Side) -> bool:
    """A side that opened the order again, or compared it with the seller since, knows more than the other's end."""
    if any(text(entry, "kind") == "order.reopened" for entry in side.orders[order.id]):
        return True
    compared = side.ledger.reconciled_at
    sure = order.confirmed_by == "provider" and order.state not in OPEN
    return sure and compared is not None and compared > closed.changed_at
