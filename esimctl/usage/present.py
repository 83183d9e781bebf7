"""A line's present as the books know it, without asking anybody: the one way for every document that is not a reading.

A line without an interface is played from its story. Of a line whose provider answers for it the last reading is the
present, until an order is settled that the reading cannot have seen: from then on the charging engine works it out, by
the terms of the purchases, with the answers to them and the looks so far.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime
from json import loads
from typing import TYPE_CHECKING

from esimctl.charging.events import Event, Gift, Grant, Observe
from esimctl.ledger.facts import ReadingFact
from esimctl.ledger.said import flag, number_or_none
from esimctl.providers.pools import with_shared
from esimctl.providers.protocol import Reading, ReadingBucket
from esimctl.usage.last_reading import last_reading, reading_of
from esimctl.usage.modelled import MODEL, Modelled, figures_of, held_now, is_modelled, modelled, reading_of_model
from esimctl.usage.playing import Model, played
from esimctl.usage.story import Happening, debit, effect, stands, with_words, words_on
from esimctl.values.record import replace
from esimctl.values.toml import Toml
from esimctl.values.volume import Unlimited

if TYPE_CHECKING:
    from esimctl.ledger.facts import RestatedFact
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session

OTHER = "*"  #: a line that takes a gift, in an engine that knows one line alone; no line has such a name
BEGUN = frozenset({"active", "suspended", "expired"})
MOST = 200  #: orders of a line that are looked back to: what earlier ones brought is over, or in a look


def present(session: "Session", ledger: "Ledger", name: str, *, explain: bool = False) -> Modelled | None:
    """What is worked out of a line by now; None where its last reading is all that is known."""
    if is_modelled(session, session.line(name)):
        return modelled(session, ledger, name, explain=explain)
    if next(unseen(session, ledger, name), None) is None:
        return None
    now = session.clock.now()
    looks = [look for look in ledger.all_readings(name) if look.read_at <= now]
    every = (each for each in ledger.records() if not each.imported)
    orders = deque((each for each in every if stands(each) and concerns(session, each, name, now)), MOST)
    return worked_out(session, name, orders, looks, now, words_on(ledger, (name,)))


def present_reading(session: "Session", ledger: "Ledger", name: str) -> Reading | None:
    """The line's figures by now, worked out or read last; None where nothing is known of it."""
    told = present(session, ledger, name)
    return last_reading(ledger, name) if told is None else told.reading


def unseen(session: "Session", ledger: "Ledger", name: str) -> "Iterator[OrderState]":
    """Settled orders of a line, or gifts to it, that its last reading cannot have seen, and whose goods are there."""
    last, now = ledger.last_reading(name), session.clock.now()
    return (
        order
        for order in ledger.orders.values()
        if stands(order) and concerns(session, order, name, now) and (last is None or order_place(order) > place(last))
    )


def concerns(session: "Session", order: "OrderState", name: str, now: datetime) -> bool:
    """Whether an order that was settled by then did something to a line: it is the line's, or gave it something."""
    if order.settled_at is None or order.settled_at > now:
        return False
    if order.line == name:
        return True
    return order.kind == "gift" and loads(order.request).get("to") == session.lines.get(name, {}).get("iccid")


def place(look: ReadingFact) -> tuple[datetime, int]:
    """Where a look stands among what happened to its line."""
    return look.read_at, look.seq


def order_place(order: "OrderState") -> tuple[datetime, int]:
    """Where a settled order stands among what happened to its line."""
    assert order.settled_at is not None
    return order.settled_at, order.seq


def worked_out(
    session: "Session",
    name: str,
    orders: "Sequence[OrderState]",
    looks: Sequence[ReadingFact],
    now: datetime,
    words: "list[RestatedFact]",
) -> Modelled:
    """The line by these settled orders, looks and words on its terms, brought up to `now`."""
    orders, looks = sorted(orders, key=order_place), telling(orders, looks)
    told = with_words([*of_orders(orders, looks, name), *of_looks(looks, name)], words)
    story = sorted((each for each in told if each.at <= now), key=lambda each: (each.at, each.seq, each.event is None))
    model = played(session, name, (name, OTHER), story, now)
    at = max([look.read_at for look in looks] + [each.at for each in story], default=now)
    reading = reading_of_model(model, at, now)
    if model.engine.line(name).pending is not None and orders[-1].expires_at is None:
        reading = waiting(model, reading)
    dates = [order.use_by for order in orders if order.use_by is not None]
    if reading.status == "pending" and (use_by := dates[-1] if dates else reading.use_by) is not None:
        reading = replace(reading, use_by=use_by, status="pending" if now < use_by else "expired")
    pools = shared(looks[-1]) if looks else ()
    reading = with_shared(reading, pools)
    known = reading.remaining_bytes is not None or reading.unlimited
    figures = figures_of(model, reading, MODEL if known else None, at, at, None)
    movements = model.balance.movements
    held = held_now(model)
    return Modelled(reading, "modelled", at, at, figures, movements=movements, held=held, by_hand=False)


def telling(orders: "Sequence[OrderState]", looks: Sequence[ReadingFact]) -> list[ReadingFact]:
    """The last look before each order, and the last of all: what the others saw is in them."""
    ordered = sorted(looks, key=place)
    places = [place(look) for look in ordered]
    upto = {bisect_right(places, order_place(order)) for order in orders} | {len(ordered)}
    return [ordered[number - 1] for number in sorted(upto) if number]


def of_orders(orders: "Sequence[OrderState]", looks: Sequence[ReadingFact], name: str) -> "Iterator[Happening]":
    """What each order did, and beside it the end that its answer states."""
    begun = max((look.read_at for look in looks if look.status in BEGUN), default=None)
    for order in orders:
        at, seq = order_place(order)
        runs_by_now = begun is not None and begun >= at
        event = of_gift(order, name) if order.kind == "gift" else effect(order, begun=runs_by_now)
        yield Happening(at, seq, name, event)
        yield Happening(at, seq, name, debit(order))
        if order.line == name and order.expires_at is not None:
            data: dict[str, Toml] = {"expires_at": order.expires_at}
            yield Happening(at, seq, name, None, ReadingFact(name, at, "provider", data, at, seq))


def of_gift(order: "OrderState", name: str) -> Event:
    """A gift away, or one that came: until when that lives, its provider says."""
    at, octets = order_place(order)[0], int(loads(order.request).get("octets", 0))
    if order.line == name:
        return Gift(at, name, OTHER, octets, whatever_terms=True)
    return Grant(at, name, octets, "gift", f"gift-{order.id}")


def of_looks(looks: Sequence[ReadingFact], name: str) -> "Iterator[Happening]":
    """What was read: the line's own octets, and its end once it runs."""
    for look in looks:
        data = {key: value for key, value in look.data.items() if key != "expires_at" or runs(look)}
        octets = own_octets(look) if runs(look) else None
        event = None if octets is None else Observe(look.read_at, name, octets)
        yield Happening(look.read_at, look.seq, name, event, replace(look, line=name, data=data))


def runs(look: ReadingFact) -> bool:
    """Whether a look tells of a plan that has begun."""
    return look.status in BEGUN


def own_octets(look: ReadingFact) -> int | None:
    """Octets of the line's own data in a look, in windows and for later too; None where nobody says, or without end."""
    if look.unlimited:
        return None
    rows = [row for row in look.buckets if row.get("usage_type") == "data" and not flag(row, "shared")]
    if rows:
        left = [number_or_none(row, "remaining") for row in rows if row.get("status") != "expired"]
        return None if None in left else sum(octets for octets in left if octets is not None)
    known = look.remaining_bytes
    return None if known is None else max(0, known - sum(pool.remaining or 0 for pool in shared(look)))


def shared(look: ReadingFact) -> tuple[ReadingBucket, ...]:
    """What other lines let this one use, as it was read."""
    return tuple(bucket for bucket in reading_of(look).buckets if bucket.shared)


def waiting(model: Model, reading: Reading) -> Reading:
    """A plan that waits for its start: what it will give is known, when it begins and ends is not."""
    line = model.engine.line(model.name)
    assert line.pending is not None
    terms = line.pending[0]
    more = model.balance.remaining
    endless = isinstance(terms.data, Unlimited) or isinstance(more, Unlimited)
    octets = None if endless or terms.data is None else int_of(terms.data) + int_of(more)
    return replace(
        reading, status="pending", plan=terms.name, granted_bytes=octets, used_bytes=0, remaining_bytes=octets,
        available_bytes=octets, unlimited=endless, use_by=model.balance.use_by, expires_at=None, plan_ends_at=None,
        buckets=(), ahead=(),
    )  # fmt: skip


def int_of(volume: int | Unlimited) -> int:
    """Octets of a volume that has a number."""
    return 0 if isinstance(volume, Unlimited) else volume
