"""The state of the ledger and the questions that can be asked of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from heapq import merge
from typing import Final

from esimctl.ledger.archived import (
    EVERY_ORDER,
    ArchivedFacts,
    NamedField,
    OrderField,
    OrderQuery,
    Sorting,
    first_of_each,
    rank,
)
from esimctl.ledger.facts import (
    AdjustFact,
    AlertFact,
    AssertionFact,
    AttachedFact,
    ForeignFact,
    LineFact,
    ReadingFact,
    RestatedFact,
    RuleFact,
    Spend,
    TieFact,
)
from esimctl.ledger.orders import OPEN, OrderState
from esimctl.ledger.rows import Place, SpentRows, place_of
from esimctl.ledger.said import (
    text,
)
from esimctl.values.record import field, record, replace
from esimctl.values.toml import Toml

#: spending older than this no longer meets any limit and is kept as a sum
SPEND_WINDOW: Final = timedelta(days=34)  #: a month of 31 days, and slack for zones and clocks


@record(frozen=False)
class LedgerState:
    """State after `next_seq - 1` entries."""

    next_seq: int = 1
    high_water: datetime | None = None  #: the latest `at` that no person has taken back
    first_at: datetime | None = None  #: the earliest one
    orders: dict[str, OrderState] = field(default_factory=dict)  #: by id, oldest first; see `all_orders` for every one
    imported: dict[str, OrderState] = field(default_factory=dict)  #: records from elsewhere, by id; no order of ours
    readings: dict[str, list[ReadingFact]] = field(default_factory=dict)  #: by line, as they came
    undone: set[int] = field(default_factory=set)  #: `seq` of readings that a person took back
    adjustments: list[AdjustFact] = field(default_factory=list)
    ties: list[TieFact] = field(default_factory=list)
    restated: list[RestatedFact] = field(default_factory=list)
    lines: dict[str, LineFact] = field(default_factory=dict)
    balances: dict[tuple[str, str], int] = field(default_factory=dict)  #: (account, currency) → minor
    spends: dict[str, Spend] = field(default_factory=dict)  #: by order id, or foreign:<provider>:<id>
    stated: dict[str, Spend] = field(default_factory=dict)  #: what a wrong clock dated, as it did; also in `spends`
    spent_rows: SpentRows = field(default_factory=SpentRows)  #: of archived orders, see `tally`
    spent_before: dict[Place, int] = field(default_factory=dict)  #: minor units of what is older
    rules: dict[str, RuleFact] = field(default_factory=dict)
    alerts: dict[str, AlertFact] = field(default_factory=dict)
    foreign: dict[tuple[str, str], ForeignFact] = field(default_factory=dict)
    assertions: dict[str, AssertionFact] = field(default_factory=dict)
    acknowledged: dict[str, datetime] = field(default_factory=dict)
    attachments: dict[str, AttachedFact] = field(default_factory=dict)  #: by order:SHA-256, as they came
    paused_at: datetime | None = None  #: all rules
    paused_until: datetime | None = None
    restored_at: datetime | None = None
    reconciled_at: datetime | None = None  #: the last clean reconcile
    heads: set[tuple[int, str]] = field(default_factory=set)  #: ends of other journals that this one stands for
    astray: bool = field(default=False, compare=False)  #: entries are known that are not in it; said by who opened it
    unattended: int = 0  #: orders of rules for money since a person last showed up
    unattended_play: int = 0  #: the same for play money
    renames: list[tuple[int, str, str]] = field(default_factory=list)  #: (seq, from, to)
    #: line → (seq, at) of entries that gave it another name or took a reading back: its dates may have changed
    retold: dict[str, list[tuple[int, datetime]]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)  #: of `lines`, those that were removed
    archived: int = 0  #: orders that `archive` holds
    archive: ArchivedFacts | None = field(default=None, compare=False)

    @property
    def must_reconcile(self) -> bool:
        """A backup was restored (or the files rolled back) and no clean reconcile has followed: nothing is spent."""
        return self.astray or (self.restored_at is not None and self.reconciled_at is None)

    def open_orders(self, line: str | None = None, provider: str | None = None) -> list[OrderState]:
        """Orders whose money or outcome is not settled, oldest first."""
        return [
            order
            for order in self.orders.values()
            if order.state in OPEN and line in (None, order.line) and provider in (None, order.provider)
        ]

    def order(self, order_id: str) -> OrderState | None:
        """By our id."""
        return self.orders.get(order_id) or self.imported.get(order_id) or self._elder("id", order_id)

    def subject(self, entry: Mapping[str, Toml]) -> OrderState | None:
        """The order that an `order.` entry is about. A first entry is not looked for in the archive: ids are random."""
        if text(entry, "kind") == "order.prepared":
            return self.orders.get(text(entry, "order"))
        order = self.order(text(entry, "order"))
        return None if order is not None and order.imported else order

    def by_request(self, request_id: str) -> OrderState | None:
        """By the caller's request id."""
        return self.young("request_id", request_id) or self._elder("request_id", request_id)

    def by_key(self, key: str) -> OrderState | None:
        """By wire key."""
        return self.young("key", key) or self._elder("key", key)

    def by_provider_order(self, provider: str, provider_order: str) -> OrderState | None:
        """By the provider's own id; what was imported counts, too."""
        for order in (*self.orders.values(), *self.imported.values()):
            if order.provider_order == provider_order and order.provider == provider:
                return order
        return self._elder("provider_order", provider_order, provider)

    def all_orders(self) -> list[OrderState]:
        """Every order that was made here, oldest first: all of a long history, where a query does not do."""
        return list(self.select(OrderQuery(own=True)))

    def orders_of(self, lines: Iterable[str]) -> list[OrderState]:
        """Every order of these lines that was made here, oldest first."""
        return list(self.select(OrderQuery(lines=frozenset(lines), own=True)))

    def records(self) -> Iterator[OrderState]:
        """Every order ever, made here or imported, oldest first, one at a time: for lists and exports of any length."""
        return self.select(EVERY_ORDER)

    def select(self, query: OrderQuery, sorting: Sorting = "oldest") -> Iterator[OrderState]:
        """The orders that are wanted, one at a time: who stops at the first that will do has read no other one."""

        def ranked(order: OrderState) -> tuple[int, ...]:
            return rank(order, sorting)

        live = (*self.orders.values(), *self.imported.values())
        fitting = filter(query.fits, live)
        wanted = sorted((each for each in fitting if sorting != "settled" or each.settled_at is not None), key=ranked)
        if self.archive is None:
            return iter(wanted)
        here = {(order.id, order.imported) for order in live}
        archived = self.archive.orders(self._then(query), sorting)
        old = (self._present(order) for order in archived if (order.id, order.imported) not in here)
        return merge(old, wanted, key=ranked)

    def names_of(self, field: NamedField, query: OrderQuery = EVERY_ORDER) -> list[str]:
        """The lines, providers, keys or numbers of the orders that are wanted, in the order of their first ones."""
        live = (*self.orders.values(), *self.imported.values())
        found = first_of_each(field, filter(query.fits, live))
        if self.archive is not None:
            for name, seq in self.archive.names(field, self._then(query), [order.seq for order in live]).items():
                present = self._present_name(name) if field == "line" else name
                found[present] = min(found.get(present, seq), seq)
        return sorted(found, key=found.__getitem__)

    def _then(self, query: OrderQuery) -> OrderQuery:
        """The query in the names that lines had when the archive was written."""
        return query if query.lines is None else replace(query, lines=frozenset(self._former(query.lines)))

    def _former(self, lines: Collection[str]) -> set[str]:
        """What lines that have these names now were called in the archive."""
        names = {*lines, *(old for _, old, _ in self.renames)}
        return {name for name in names if self._present_name(name) in lines}

    def _present_name(self, line: str) -> str:
        return line if self.archive is None else self.renamed(self.archive.as_of, line)

    def _present(self, order: OrderState) -> OrderState:
        """An archived order under the present name of its line."""
        name = self._present_name(order.line)
        return order if name == order.line else replace(order, line=name)

    def all_readings(self, line: str) -> list[ReadingFact]:
        """Every reading of a line, as they came."""
        every = {fact.seq: fact for fact in self.walk_readings(line)}
        return [every[seq] for seq in sorted(every)]

    def walk_readings(self, line: str) -> Iterator[ReadingFact]:
        """Every reading of a line, one at a time: for lines with any number of them."""
        live = {fact.seq for fact in self.readings.get(line, ())}
        for fact in () if self.archive is None else self.archive.readings(self._former((line,))):
            if fact.seq not in self.undone and fact.seq not in live:
                yield self._as_called(fact)
        yield from (fact for fact in self.readings.get(line, ()) if fact.seq not in self.undone)

    def every_reading(self) -> Iterator[ReadingFact]:
        """Every reading of every line, in no order, one at a time."""
        live = {fact.seq for facts in self.readings.values() for fact in facts}
        for fact in () if self.archive is None else self.archive.readings():
            if fact.seq not in self.undone and fact.seq not in live:
                yield self._as_called(fact)
        for facts in self.readings.values():
            yield from facts

    def readings_since(self, since: datetime, whole: Collection[str] = ()) -> dict[str, list[ReadingFact]]:
        """Line → its readings at or after `since` and the last one before it, by instant; one walk for all lines.

        Of the lines in `whole` all of them.
        """
        found: dict[str, dict[int, ReadingFact]] = {}
        for fact in self._archived_since(since, whole):
            if fact.seq not in self.undone:
                called = self._as_called(fact)
                found.setdefault(called.line, {})[fact.seq] = called
        for line, facts in self.readings.items():
            found.setdefault(line, {}).update((fact.seq, fact) for fact in facts)
        told = {}
        for line, by_seq in found.items():
            ordered = sorted(by_seq.values(), key=lambda fact: (fact.read_at, fact.seq))
            begin = 0 if line in whole else sum(1 for fact in ordered if fact.read_at < since)
            told[line] = ordered[max(0, begin - 1) :]
        return told

    def _archived_since(self, since: datetime, whole: Collection[str]) -> Iterator[ReadingFact]:
        if self.archive is not None:
            yield from self.archive.readings_since(since, self.undone)
            if whole:
                yield from self.archive.readings(self._former(whole))

    def _as_called(self, fact: ReadingFact) -> ReadingFact:
        """An archived reading under the present name of its line."""
        name = self._present_name(fact.line)
        return fact if name == fact.line else replace(fact, line=name)

    def last_reading(self, line: str) -> ReadingFact | None:
        """The reading that was true last, whenever it came in."""
        live = self.readings.get(line, [])
        if not live and self.undone:  # the last of a line is never archived, but the one before it may be
            live = self.all_readings(line)
        return max(live, key=lambda reading: (reading.read_at, reading.seq), default=None)

    def balance(self, account: str, currency: str) -> int:
        """Minor units in an account."""
        return self.balances.get((account, currency), 0)

    def attended(self) -> None:
        """A person showed up."""
        self.unattended = self.unattended_play = 0

    def reserved(self, currency: str, *, line: str | None = None, source: str | None = None, play: bool = False) -> int:
        """Minor units that open orders hold: of money, or with `play` of play money; never of both."""
        return sum(
            order.price.minor
            for order in self.open_orders(line=line)
            if order.price.currency == currency and order.play is play and _from(order.source, source)
        )

    def spent(
        self,
        currency: str,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        line: str | None = None,
        source: str | None = None,
        play: bool = False,
    ) -> int:
        """Settled at or after `since` plus everything reserved: what a limit is compared with.

        What a wrong clock dated into the window that ends at `until` counts there as well. `source` is `person`,
        `rule` (any), `rule:<name>` or `foreign`. `since` may lie SPEND_WINDOW back at most, or be None for all time.
        Money, or with `play` play money; never both.
        """
        total = self.reserved(currency, line=line, source=source, play=play)

        def fits(place: Place) -> bool:
            return place[0] == currency and place[3] is play and _of(place, line, source)

        for spend in self.spends.values():
            if fits(place_of(spend)) and (since is None or spend.at >= since):
                total += spend.minor
        total += sum(spend.minor for _, spend in self._stated(since, until) if fits(place_of(spend)))
        total += sum(minor for place, minor, _ in self.spent_rows.totals(since) if fits(place))
        if since is None:
            total += sum(minor for place, minor in self.spent_before.items() if fits(place))
        return total

    def purchases(
        self,
        since: datetime,
        until: datetime | None = None,
        *,
        line: str | None = None,
        source: str | None = None,
        play: bool = False,
    ) -> int:
        """How many purchases were settled at or after `since` or are open: for money, or for play money.

        Those that a wrong clock dated into the window that ends at `until` are among them.
        """
        count = sum(
            1
            for order in self.open_orders(line=line)
            if order.price.minor and order.play is play and _from(order.source, source)
        )
        settled = [(key, spend) for key, spend in self.spends.items() if spend.at >= since]
        for key, spend in (*settled, *self._stated(since, until)):
            fits = spend.play is play and _of(place_of(spend), line, source)
            if fits and not key.endswith(":refund"):
                count += 1
        for place, _, made in self.spent_rows.totals(since):
            if place[3] is play and _of(place, line, source):
                count += made
        return count

    def _stated(self, since: datetime | None, until: datetime | None) -> Iterator[tuple[str, Spend]]:
        """What a wrong clock dated into that window and the true time does not put there."""
        if since is None or until is None:
            return
        for key, spend in self.stated.items():
            if since <= spend.at < until and (spend.true_at is None or spend.true_at < since):
                yield key, spend

    def bought_at(
        self, currency: str, since: datetime, *, line: str | None = None, play: bool = False
    ) -> Iterator[datetime]:
        """When something was bought in that money at or after `since`, to a quarter of an hour where it is archived."""
        for key, spend in self.spends.items():
            fits = spend.currency == currency and spend.play is play and _of(place_of(spend), line, None)
            if fits and spend.at >= since and not key.endswith(":refund"):
                yield spend.at
        for place, at in self.spent_rows.bought(since):
            if place[0] == currency and place[3] is play and _of(place, line, None):
                yield at

    def tally(self, spend: Spend, *, purchases: int, sign: int = 1) -> None:
        """Put the spend of an order that leaves the ledger into its row; `sign` -1 takes it out again."""
        if sign < 0 and not self.spent_rows.holds(spend) and place_of(spend) in self.spent_before:
            self.spent_before[place_of(spend)] -= spend.minor
        else:
            self.spent_rows.add(spend, purchases, sign)

    def rule(self, name: str) -> RuleFact:
        """What happened to a rule; an empty fact for one that nothing happened to."""
        return self.rules.get(name) or RuleFact(name)

    def attached(self, order_id: str) -> list[AttachedFact]:
        """The files that a person keeps with an order, oldest first."""
        return [fact for fact in self.attachments.values() if fact.order == order_id]

    def unacknowledged(self) -> list[ForeignFact]:
        """Orders of somebody else that no person has looked at."""
        return [fact for fact in self.foreign.values() if not fact.acknowledged]

    def young(self, name: str, value: str) -> OrderState | None:
        """Like `by_request` and its kin, among the orders that are not archived; `name` is a field of an order."""
        return next((order for order in self.orders.values() if getattr(order, name) == value), None)

    def _elder(self, field: OrderField, value: str, provider: str | None = None) -> OrderState | None:
        found = self.archive.find(field, value, provider) if self.archive is not None else None
        if found is None or found.id in (self.imported if found.imported else self.orders):  # as it was, it came back
            return None
        return self._present(found)

    def renamed(self, as_of: int, line: str) -> str:
        """What a line that had this name before entry `as_of` is called now."""
        for seq, old, new in self.renames:
            if seq >= as_of and line == old:
                line = new
        return line


def _of(place: Place, line: str | None, source: str | None) -> bool:
    """Whether a row is of that line (any, for None) and of that source."""
    return line in (None, place[1]) and _from(place[2], source)


def _from(source: str, wanted: str | None) -> bool:
    return wanted is None or source == wanted or source.startswith(f"{wanted}:")
