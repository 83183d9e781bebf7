"""What must hold in every journal, as a list of small named checks; used when loading and by `doctor`.

Adding a check is adding a function to a list. A finding that is `blocking` forbids spending (exit 6), others are said.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from esimctl.ledger.entries import Entry, check_entry, is_newer
from esimctl.ledger.fold import Ledger
from esimctl.ledger.lives import own_accounts
from esimctl.ledger.orders import LEADS, TERMINAL, objection
from esimctl.ledger.postings import due, imbalance
from esimctl.ledger.said import (
    instant,
    number,
    number_or_none,
    tables,
    text,
)
from esimctl.values.record import record
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml

#: the finding of an entry that only a newer version knows
NEWER: Final = "newer"
#: a clock may be set back this far without a word
CLOCK_SLACK: Final = timedelta(minutes=5)


@record
class Violation:
    """Something that does not hold. `seq` is the entry's, None where the whole ledger is meant."""

    name: str
    seq: int | None
    said: Sentence
    blocking: bool = True

    @property
    def place(self) -> Sentence:
        """What does not hold, with the entry."""
        if self.seq is None:
            return self.said
        return Sentence("entry {seq}: {what}", {"seq": self.seq, "what": self.said})


@record
class EntryCheck:
    """Looks at an entry before it is applied."""

    name: str
    sees: Callable[[Ledger, Mapping[str, Toml]], Sentence | None]
    blocking: bool = True


@record
class LedgerCheck:
    """Looks at the ledger after the last entry."""

    name: str
    sees: Callable[[Ledger], Iterator[Sentence]]
    blocking: bool = True


def _dense(ledger: Ledger, entry: Mapping[str, Toml]) -> Sentence | None:
    return (
        None
        if number(entry, "seq") == ledger.next_seq
        else Sentence(
            "entry {seq} stands where {wanted} should", {"seq": number(entry, "seq"), "wanted": ledger.next_seq}
        )
    )


def _balanced(_ledger: Ledger, entry: Mapping[str, Toml]) -> Sentence | None:
    rest = imbalance(tables(entry, "postings"))
    return Sentence("postings do not sum to zero: {rest}", {"rest": Raw(str(rest))}) if rest else None


def _derived(ledger: Ledger, entry: Mapping[str, Toml]) -> Sentence | None:
    """Postings are not free text: they follow from the order and the entry."""
    if "postings" not in entry or text(entry, "kind") not in LEADS:
        return None
    order = ledger.subject(entry)
    owed = due(order, entry)
    if owed is None or owed == own_accounts(order, entry):
        return None
    found = {"postings": Raw(str(entry["postings"])), "owed": Raw(str(owed))}
    return Sentence("postings are {postings}, not {owed}", found)


def _legal(ledger: Ledger, entry: Mapping[str, Toml]) -> Sentence | None:
    if text(entry, "kind") not in LEADS:
        return None
    return objection(ledger.subject(entry), entry)


def _unique_key(ledger: Ledger, entry: Mapping[str, Toml]) -> Sentence | None:
    if text(entry, "kind") != "order.prepared":
        return None
    if ledger.young("key", text(entry, "key")) is not None:
        return Sentence("the wire key of another order is used again")
    return (
        Sentence("the request id of another order is used again")
        if ledger.young("request_id", text(entry, "request_id"))
        else None
    )


def _unique_provider_order(ledger: Ledger, entry: Mapping[str, Toml]) -> Sentence | None:
    order = ledger.orders.get(text(entry, "order")) if text(entry, "kind") in LEADS else None
    if order is None or "provider_order" not in entry:
        return None
    other = ledger.young("provider_order", text(entry, "provider_order"))
    if other is None or other.id == order.id or other.provider != order.provider:
        return None
    both = {"order": Raw(order.id), "other": Raw(other.id), "provider": Raw(order.provider)}
    return Sentence("{order} and {other} claim the same order of {provider}", both)


def _attached_to_one(ledger: Ledger, entry: Mapping[str, Toml]) -> Sentence | None:
    if text(entry, "kind") != "attached" or ledger.order(text(entry, "order")) is not None:
        return None
    params = {"file": Raw(entry["file"]), "order": Raw(entry["order"])}
    return Sentence("{file} is attached to {order}, which is no order", params)


def _one_open(ledger: Ledger, entry: Mapping[str, Toml]) -> Sentence | None:
    if text(entry, "kind") != "order.prepared" or not ledger.open_orders(line=text(entry, "line")):
        return None
    return Sentence("line {line} has two open orders", {"line": Raw(entry["line"])})


def _in_time(ledger: Ledger, entry: Mapping[str, Toml]) -> Sentence | None:
    at: datetime = instant(entry, "at")
    if text(entry, "kind") == "clock.set":
        return None  # it says so itself
    if ledger.high_water is None or at >= ledger.high_water - CLOCK_SLACK:
        return None
    params = {"at": Raw(at.isoformat()), "last": Raw(ledger.high_water.isoformat())}
    return Sentence("written at {at}, after an entry of {last}", params)


def _released(ledger: Ledger) -> Iterator[Sentence]:
    for (account, currency), minor in ledger.balances.items():
        if account.startswith("reserved:"):
            order = ledger.orders.get(account[9:])
            if order is None or order.state in TERMINAL:
                yield Sentence(
                    "{account} still holds {minor} {currency}",
                    {"account": Raw(account), "minor": minor, "currency": Raw(currency)},
                )


def _spend_is_settled(ledger: Ledger) -> Iterator[Sentence]:
    """Books against orders: what went to the lines and came back is what the orders say."""
    booked: dict[str, int] = {}
    for (account, currency), minor in ledger.balances.items():
        if account.startswith("spend:") or account == "refunds":
            booked[currency] = booked.get(currency, 0) + minor
    told: dict[str, int] = {}
    for spend in ledger.spends.values():
        if spend.source != "foreign":
            told[spend.currency] = told.get(spend.currency, 0) + spend.minor
    for (currency, *_), minor, _purchases in ledger.spent_rows.totals():
        told[currency] = told.get(currency, 0) + minor
    for (currency, _line, source, _play), minor in ledger.spent_before.items():
        if source != "foreign":
            told[currency] = told.get(currency, 0) + minor
    for currency in sorted(booked.keys() | told.keys()):
        if booked.get(currency, 0) != told.get(currency, 0):
            yield Sentence(
                "{currency}: {booked} booked, {told} by the orders",
                {"currency": Raw(currency), "booked": booked.get(currency, 0), "told": told.get(currency, 0)},
            )


ENTRY_CHECKS: Final = (
    EntryCheck("dense_sequence", _dense),
    EntryCheck("balanced_entry", _balanced),
    EntryCheck("derived_postings", _derived),
    EntryCheck("legal_transition", _legal),
    EntryCheck("unique_key", _unique_key),
    EntryCheck("unique_provider_order", _unique_provider_order, blocking=False),
    EntryCheck("one_open_order", _one_open, blocking=False),
    EntryCheck("attached_to_an_order", _attached_to_one, blocking=False),
    EntryCheck("clock", _in_time, blocking=False),
)
LEDGER_CHECKS: Final = (
    LedgerCheck("reservation_released", _released),
    LedgerCheck("spend_is_settled", _spend_is_settled),
)


def audited_fold(entries: Iterable[Entry], start: Ledger | None = None) -> tuple[Ledger, list[Violation]]:
    """Fold and check in one walk; `start` is continued in place. An entry that is malformed meets no further check."""
    ledger = start or Ledger()
    findings: list[Violation] = []
    for entry in entries:
        problems = check_entry(entry)
        seq = number_or_none(entry, "seq")
        if is_newer(entry):
            findings.append(Violation(NEWER, seq if isinstance(seq, int) else None, problems[0]))
            continue
        findings += [Violation("well_formed", seq if isinstance(seq, int) else None, problem) for problem in problems]
        if not problems:
            findings += objections(ledger, entry)
            ledger.take(entry)
    findings += examine(ledger)
    return ledger, findings


def objections(ledger: Ledger, entry: Entry) -> list[Violation]:
    """The checks of one well-formed entry against the ledger before it."""
    return [
        Violation(check.name, number(entry, "seq"), said, check.blocking)
        for check in ENTRY_CHECKS
        if (said := check.sees(ledger, entry))
    ]


def examine(ledger: Ledger) -> list[Violation]:
    """The checks of the whole ledger."""
    return [Violation(check.name, None, said, check.blocking) for check in LEDGER_CHECKS for said in check.sees(ledger)]
