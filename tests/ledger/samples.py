"""Entries for tests: short builders, and random legal histories."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from esimctl.ledger.archived import NamedField, OrderQuery, Sorting, first_of_each, rank
from esimctl.ledger.facts import ReadingFact
from esimctl.ledger.fold import Ledger
from esimctl.ledger.kept import compact
from esimctl.ledger.orders import OPEN, TRANSITIONS, OrderState
from esimctl.ledger.postings import due
from esimctl.values.money import Money
from esimctl.values.record import replace

START = datetime(2026, 3, 1, 9, tzinfo=UTC)


def prepared(order: str = "o1", **changes: Any) -> dict[str, Any]:
    """An `order.prepared` entry without `seq` and postings."""
    entry: dict[str, Any] = {
        "kind": "order.prepared", "at": START, "order": order, "order_kind": "topup", "line": "phone",
        "provider": "sandbox", "price_minor": 500, "currency": "USD", "method": "card", "method_kind": "credit-card",
        "request_id": f"r-{order}", "key": f"k-{order}", "tier": "A", "endpoint": "/orders", "request": "{}",
        "request_sha256": "00", "source": "person",
    }  # fmt: skip
    return {**entry, **changes}


def step(kind: str, order: str = "o1", **fields: Any) -> dict[str, Any]:
    """A later entry of an order, without `seq` and postings."""
    return {"kind": f"order.{kind}", "at": START, "order": order, **fields}


def numbered(*entries: dict[str, Any], ledger: Ledger | None = None) -> list[dict[str, Any]]:
    """Entries with `seq` and the postings that they owe."""
    ledger = ledger or Ledger()
    done = []
    for each in entries:
        entry = {"seq": ledger.next_seq, **each}
        if entry["kind"].startswith("order.") and "postings" not in entry:
            owed = due(ledger.subject(entry), entry)
            if owed is not None:
                entry["postings"] = owed
        ledger.apply(entry)
        done.append(entry)
    return done


def life(order: str = "o1", *, at: datetime = START, paid: int = 500, **changes: Any) -> list[dict[str, Any]]:
    """A purchase from intent to settlement."""
    told = {"paid_minor": paid, "paid_currency": changes.get("currency", "USD")}
    return [
        prepared(order, at=at, **changes),
        step("attempted", order, at=at, n=1),
        step("settled", order, at=at, confirmed_by="provider", provider_order=f"p-{order}", **told),
    ]


class History:
    """Writes random legal entries: orders in all their ways, readings, renames, rules, refunds, foreign orders."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.ledger = Ledger()
        self.entries: list[dict[str, Any]] = []
        self.now = START
        self.lines = ["phone", "tablet", "router"]

    def grow(self, steps: int) -> "History":
        """So many more entries, about."""
        for _ in range(steps):
            self.now += timedelta(seconds=self.random.choice([0, 1, 3_600, 90_000, 400_000]))
            if self.random.random() < 0.3:
                self._aside()
            else:
                self._order()
        return self

    def add(self, entry: dict[str, Any]) -> None:
        """Number it, let it pay its postings, apply it."""
        self.entries += numbered({**entry, "at": self.now}, ledger=self.ledger)

    def _order(self) -> None:
        random = self.random
        live = [o for o in self.ledger.orders.values() if TRANSITIONS[o.state]]
        if len([o for o in live if o.state in OPEN]) < 2 or random.random() < 0.2:
            number = len(self.ledger.orders) + 1
            source = random.choice(["person", "rule:a", "rule:b"])
            kind = random.choice(["new", "renew", "topup", "topup", "gift"])
            price = 0 if kind == "gift" else random.choice([100, 500, 1234])
            changes = {
                "currency": random.choice(["USD", "KHR"]),
                "source": source,
                "order_kind": kind,
                "price_minor": price,
            }
            self.add(prepared(f"o{number}", line=random.choice(self.lines), **changes))
            return
        order = random.choice(live)
        rare = {"refunding"} if random.random() < 0.8 else set()
        nexts = sorted(TRANSITIONS[order.state] - rare)
        if not nexts:
            return
        self.add(self._step(order, random.choice(nexts)))

    def _step(self, order: Any, state: str) -> dict[str, Any]:
        random = self.random
        if state == "attempted":
            return step("attempted", order.id, n=order.attempts + 1)
        if state == "settled" and order.state == "refunding":
            return step("refund_denied", order.id, reason="no")
        if state == "settled":
            paid = random.choice([{}, {"paid_minor": order.price.minor, "paid_currency": order.price.currency},
                                  {"paid_minor": 777, "paid_currency": "THB"}])  # fmt: skip
            fee = random.choice([{}, {"fee_minor": 3}])
            return step("settled", order.id, confirmed_by="provider", provider_order=f"p-{order.id}", **paid, **fee)
        if state == "refunded":
            amount = random.choice([order.counted, Money(7, "THB")])
            return step("refunded", order.id, amount_minor=amount.minor, currency=amount.currency)
        if state == "accepted":
            return step("accepted", order.id, charged=random.choice([True, False]))
        return step(state, order.id, reason="because")

    def _aside(self) -> None:  # noqa: C901 - a list of cases
        random = self.random
        line = random.choice(self.lines)
        match random.randrange(11):
            case 10:
                self.add({"kind": "line.restated", "line": line, "since": START, "claim": "own-smart-rollover",
                          "changed": {"rollover": {"mode": "carry", "validity": "3 months"}},
                          "holds": {"mode": "carry", "disputed": False}})  # fmt: skip
            case 9:
                number = f"i{random.randrange(10**6)}"
                self.add({"kind": "imported", "order": number, "order_kind": "topup", "line": line, "provider": "shop",
                          "method": "cash", "price_minor": random.choice([0, 300]), "currency": "USD",
                          "ordered_at": START, "paid_at": START, "provider_order": number})  # fmt: skip
            case 0:
                to = random.choice(["phone", "tablet", "router", "old"])
                if to != line:
                    self.add({"kind": "line.renamed", "line": line, "to": to})
            case 1:
                self.add({"kind": "foreign", "provider": "sandbox", "provider_order": str(random.randrange(5)),
                          "amount_minor": 250, "currency": "USD"})  # fmt: skip
            case 2:
                self.add(
                    {"kind": "rule.confirmed", "rule": "a", "digest": "d", "limit_minor": 9, "limit_currency": "USD"}
                )
            case 3:
                self.add({"kind": random.choice(["rule.paused", "rule.resumed"]), "rule": random.choice(["a", "b"])})
            case 4:
                self.add(
                    {
                        "kind": "alert",
                        "alert": "a1",
                        "class": "low",
                        "key": random.choice("xyz"),
                        "text": "t",
                        "line": line,
                    }
                )
            case 5 if self.ledger.orders and random.random() < 0.5:
                order = random.choice(list(self.ledger.orders))
                self.add({"kind": "attached", "order": order, "file": "bill.pdf", "sha256": random.choice("ab"),
                          "size": 3})  # fmt: skip
            case 5:
                self.add(
                    {"kind": "restored", "from": "f"} if random.random() < 0.3 else {"kind": "reconciled", "ok": True}
                )
            case 6:
                self.add({"kind": "line.added", "line": line, "provider": "sandbox", "plan": "p", "$odd": {"$t": 1}})
            case 7:
                settled = [o for o in self.ledger.orders.values() if o.state == "settled"]
                if settled:
                    order = random.choice(settled)
                    self.add(
                        step("paid", order.id, paid_minor=random.randrange(900), paid_currency=order.counted.currency)
                    )
            case _ if self.ledger.readings.get(line) and random.random() < 0.2:
                self.add({"kind": "reading.undone", "line": line, "undoes": self.ledger.readings[line][-1].seq})
            case _:
                data = {"remaining": random.randrange(10**9), "deep": [{"at": self.now, "x": "y"}]}
                self.add({"kind": "reading", "line": line, "read_at": self.now, "source": "manual", "data": data})


@st.composite
def histories(draw: st.DrawFn, most: int = 60) -> History:
    """A random history of up to `most` steps."""
    seed = draw(st.integers(0, 2**32))
    return History(Random(seed)).grow(draw(st.integers(0, most)))


class InMemory:
    """An archive in memory, as the store's is on disk: `ledger.archived.ArchivedFacts`."""

    def __init__(self) -> None:
        self.as_of = 1
        self._orders: dict[tuple[str, bool], OrderState] = {}
        self._readings: dict[int, ReadingFact] = {}

    def compact(self, ledger: Ledger, cutoff: datetime, **kept: int) -> None:
        """Take what leaves the ledger; what is here already gets the names of the present."""
        orders, readings = compact(ledger, cutoff, **kept)
        for old in (self._orders, self._readings):
            old.update({key: replace(fact, line=ledger.renamed(self.as_of, fact.line)) for key, fact in old.items()})
        self._orders |= {(order.id, order.imported): order for order in orders}
        self._readings |= {fact.seq: fact for fact in readings}
        self.as_of = ledger.next_seq

    def find(self, field: str, value: str, provider: str | None = None) -> OrderState | None:
        """The newest that fits, one of ours before one from elsewhere."""
        found = [
            order
            for order in self._orders.values()
            if getattr(order, field) == value and provider in (None, order.provider)
        ]
        return min(found, key=lambda order: (order.imported, -order.seq), default=None)

    def orders(self, query: OrderQuery, sorting: Sorting = "oldest") -> Iterator[OrderState]:
        """Sorted one by one."""
        known = [each for each in self._orders.values() if sorting != "settled" or each.settled_at is not None]
        return filter(query.fits, sorted(known, key=lambda order: rank(order, sorting)))

    def names(self, field: NamedField, query: OrderQuery, besides: Collection[int] = ()) -> dict[str, int]:
        """Values of a field."""
        return first_of_each(field, (order for order in self.orders(query) if order.seq not in besides))

    def readings(self, lines: Collection[str] | None = None) -> Iterator[ReadingFact]:
        """By `seq`."""
        facts = sorted(self._readings.values(), key=lambda fact: fact.seq)
        return (fact for fact in facts if lines is None or fact.line in lines)

    def readings_since(self, since: datetime, undone: Collection[int] = ()) -> Iterator[ReadingFact]:
        """Those since then, and the last before."""
        last: dict[str, ReadingFact] = {}
        for fact in sorted(self._readings.values(), key=lambda fact: (fact.read_at, fact.seq)):
            if fact.seq not in undone and fact.read_at < since:
                last[fact.line] = fact
            elif fact.seq not in undone:
                yield fact
        yield from last.values()
