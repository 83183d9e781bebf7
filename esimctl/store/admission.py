"""What may be written: entries are completed, checked against the ledger and each other, before any byte is."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from esimctl.ledger.entries import Entry, check_entry, is_outcome, mended, without_none
from esimctl.ledger.fold import Ledger
from esimctl.ledger.invariants import objections
from esimctl.ledger.postings import Posting, due
from esimctl.ledger.rows import SpentRows
from esimctl.ledger.said import text
from esimctl.values.record import fields
from esimctl.values.secrecy import any_known, without_known
from esimctl.values.sentence import Raw, SaidError, Several
from esimctl.values.toml import Toml


def admitted(ledger: Ledger, entries: Sequence[Mapping[str, Toml]]) -> list[Entry]:
    """The entries with `seq` and with the postings that they owe.

    ValueError for an entry that would make the journal one that no longer loads: a bug of ours is stopped here.
    """
    ahead = ledger if len(entries) == 1 else _scratch(ledger)
    complete: list[Entry] = []
    for each in entries:
        entry = without_none({**without_credentials(each), "seq": ahead.next_seq})
        if is_outcome(entry):
            entry = mended(entry)
        if problems := check_entry(entry if "postings" in entry else {**entry, "postings": []}):
            raise SaidError("{problems}", problems=Several(tuple(problems), "{a}; {b}"))
        _refuse_repetition(ledger, entry)
        if "postings" not in entry and (owed := _due(ahead, entry)) is not None:
            entry["postings"] = owed
        for finding in objections(ahead, entry):
            if finding.blocking:
                raise SaidError("{kind}: {why}", kind=Raw(text(entry, "kind")), why=finding.said)
        if ahead is not ledger:
            ahead.take(entry)
        complete.append(entry)
    return complete


#: what others wrote; all other texts are the person's names, or ours
FROM_OUTSIDE = frozenset({
    "data", "discrepancy", "iccid", "message", "msisdn", "provider_order", "reason", "reference", "said", "text",
    "their_kind",
})  # fmt: skip


def without_credentials(entry: Mapping[str, Toml]) -> dict[str, Toml]:
    """An entry in which no secret of this run stands, wherever a provider may have put it."""
    if not any_known():
        return dict(entry)
    return {key: _masked(value) if key in FROM_OUTSIDE else value for key, value in entry.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return without_known(value)
    if isinstance(value, Mapping):
        return {key: _masked(each) for key, each in value.items()}
    return type(value)(map(_masked, value)) if isinstance(value, list | tuple) else value


def _due(ledger: Ledger, entry: Entry) -> list[Posting] | None:
    return due(ledger.subject(entry), entry) if text(entry, "kind").startswith("order.") else None


def _scratch(ledger: Ledger) -> Ledger:
    """A ledger that can run ahead: its collections are copies, the facts in them are immutable."""
    ahead = copy(ledger)
    for name in fields(ledger):
        value = getattr(ledger, name)
        if isinstance(value, dict):
            setattr(ahead, name, {key: list(item) if isinstance(item, list) else item for key, item in value.items()})
        elif isinstance(value, SpentRows):
            setattr(ahead, name, value.copy())
        elif isinstance(value, list | set):
            setattr(ahead, name, type(value)(value))
    return ahead


def _refuse_repetition(ledger: Ledger, entry: Entry) -> None:
    """The archive included: a key or request id is used once, ever."""
    if text(entry, "kind") != "order.prepared":
        return
    if (
        ledger.order(text(entry, "order"))
        or ledger.by_key(text(entry, "key"))
        or ledger.by_request(text(entry, "request_id"))
    ):
        raise SaidError("order.prepared: its id, key or request id belongs to another order")
