"""From entries to state: the ledger is what the journal comes to, and nothing else.

`apply` is total: an entry that cannot follow changes nothing (the invariants report it), so that a reader always sees
the part that makes sense.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from esimctl.ledger.entries import Entry, check_entry
from esimctl.ledger.facts import Spend
from esimctl.ledger.happenings import HANDLERS
from esimctl.ledger.lives import delivered, make_room, own_accounts, reopened, rule_of_life
from esimctl.ledger.orders import LEADS, OrderState, advance, born, objection
from esimctl.ledger.said import instant, number, tables, text
from esimctl.ledger.state import LedgerState
from esimctl.values.record import record, replace
from esimctl.values.toml import Toml

#: reasons with which an order came to nothing before anybody could say no: they do not count as failures of a rule
NOT_REACHED: Final = frozenset({"absent", "not_sent", "redirected", "tls", "unreachable"})


@record(frozen=False)
class Ledger(LedgerState):
    """State after `next_seq - 1` entries. Mutated by `apply` alone."""

    def apply(self, entry: Entry) -> None:
        """Take in one entry; see the module's note on entries that do not fit."""
        if not check_entry(entry):
            self.take(entry)

    def take(self, entry: Entry) -> None:
        """`apply` for an entry that is known to be well formed."""
        at = instant(entry, "at")
        self.next_seq = max(self.next_seq, number(entry, "seq") + 1)
        if self.high_water is None or at > self.high_water:
            self.high_water = at
        if self.first_at is None:
            self.first_at = at
        kind = text(entry, "kind")
        if kind in LEADS:
            self._apply_order(entry)
        elif kind in HANDLERS:
            HANDLERS[kind](self, entry)
            self._post(tables(entry, "postings"))
        if "heads" in entry:  # of whichever kind: the journal stands for the ends of others from here on
            self.heads.update((number(head, "seq"), text(head, "hash")) for head in tables(entry, "heads"))

    def _apply_order(self, entry: Entry) -> None:
        order = self.subject(entry)
        if objection(order, entry):
            return
        if order is not None and order.id not in self.orders:
            self._revive(order)
        if order is None:
            order = born(entry)
            if order.kind == "new":
                make_room(self, order.line, order.seq)
            self._count_source(order)
        else:
            order = advance(order, entry)
            if text(entry, "kind") == "order.reopened":
                order = reopened(self, order)
        self.orders[order.id] = order
        if "iccid" in entry:
            delivered(self, order)
        self._post(own_accounts(order, entry))
        if text(entry, "kind") in ("order.settled", "order.paid", "order.refunded"):
            self._count(order)
        if order.rule is not None:
            self._rule_order(order, entry)

    def _count(self, order: OrderState) -> None:
        """Its money as it stands now, also in the month that a wrong clock stated."""
        for key, spend in self._spends_of(order):
            self.spends[key] = spend
            if order.stated_at is not None:
                self.stated[key] = replace(spend, at=order.stated_at, true_at=spend.at)

    def _revive(self, order: OrderState) -> None:
        """An archived order has more to happen to it: its money leaves the rows, lest it be counted twice."""
        for key, spend in self._spends_of(order):
            self.tally(spend, purchases=1 if key == order.id else 0, sign=-1)
            self.spends[key] = spend
        self.orders[order.id] = order

    def _spends_of(self, order: OrderState) -> Iterator[tuple[str, Spend]]:
        """What an order weighs: its payment, net of a refund in the same currency, and a refund in another."""
        if order.settled_at is None:
            return
        spent, refund = order.counted, order.refund
        spend = Spend(
            order.settled_at,
            spent.minor,
            spent.currency,
            order.source,
            order.provider,
            order.line,
            order.id,
            order.play,
        )
        if refund is not None and refund.currency == spend.currency:
            spend = replace(spend, minor=spend.minor - refund.minor)
        elif refund is not None:
            yield f"{order.id}:refund", replace(spend, minor=-refund.minor, currency=refund.currency)
        if order.kind != "gift" or spent.minor:  # a gift without a fee moves data, no money
            yield order.id, spend

    def _count_source(self, order: OrderState) -> None:
        """A rule's orders are counted until a person orders something of the same kind of money."""
        if order.play:
            self.unattended_play = self.unattended_play + 1 if order.rule else 0
        else:
            self.unattended = self.unattended + 1 if order.rule else 0

    def _rule_order(self, order: OrderState, entry: Entry) -> None:
        assert order.rule is not None
        name = (
            order.rule
            if order.line not in self.lines or self.lines[order.line].once is None
            else rule_of_life(order.rule, order.line)
        )
        rule, at, kind = self.rule(name), instant(entry, "at"), text(entry, "kind")
        if kind == "order.prepared":
            rule = replace(rule, last_attempt_at=at)
        elif kind == "order.settled":
            rule = replace(rule, last_settled_at=at, failures=0, generation=rule.generation + 1)
        elif kind == "order.rejected":
            rule = replace(rule, generation=rule.generation + 1)
            if text(entry, "reason") not in NOT_REACHED:  # nor do they begin a back-off, least of all a day later
                rule = replace(rule, last_failed_at=at, failures=rule.failures + 1)
        elif kind == "order.cancelled":
            rule = replace(rule, generation=rule.generation + 1)
        self.rules[rule.name] = rule

    def _post(self, postings: Iterable[Mapping[str, Toml]]) -> None:
        for posting in postings:
            place = (text(posting, "account"), text(posting, "currency"))
            total = self.balances.get(place, 0) + number(posting, "minor")
            if total:
                self.balances[place] = total
            else:
                self.balances.pop(place, None)


def fold(entries: Iterable[Entry], start: Ledger | None = None) -> Ledger:
    """The ledger after these entries; `start` is continued in place."""
    ledger = start or Ledger()
    for entry in entries:
        ledger.apply(entry)
    return ledger
