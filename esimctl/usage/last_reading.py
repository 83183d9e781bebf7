"""The newest reading of a line in the journal, and from when on another one has to be asked for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from esimctl.errors import EsimctlError
from esimctl.providers.protocol import Reading, ReadingBucket
from esimctl.values.money import Money
from esimctl.values.record import as_dict, fields
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.facts import ReadingFact
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session


def reading_table(reading: "Reading") -> dict[str, Toml]:
    """A provider's reading as the journal keeps it: plain types, unknown left out."""

    def plain(value: Any) -> Any:
        if isinstance(value, Money):
            return str(value)
        if isinstance(value, Mapping):
            return {key: plain(item) for key, item in value.items() if item is not None}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        return value

    table = {name: getattr(reading, name) for name in fields(reading) if name not in {"at", "ahead", "buckets"}}
    table["buckets"] = [as_dict(bucket) for bucket in reading.buckets]
    if reading.ahead:
        table["ahead"] = [as_dict(bucket) for bucket in reading.ahead]
    filtered: dict[str, Toml] = plain(table)
    return filtered


MONEY = ("main_balance", "charged")  #: figures of a reading that the journal keeps as text

_READING = frozenset(fields(Reading))

_BUCKET = frozenset(fields(ReadingBucket))


def last_reading(ledger: "Ledger", name: str) -> Reading | None:
    """The newest reading of a line in the journal, of whatever source."""
    fact = ledger.last_reading(name)
    return None if fact is None else reading_of(fact)


def reading_of(fact: "ReadingFact") -> Reading:
    """A journalled reading as a value again."""
    table = {key: value for key, value in fact.data.items() if key in _READING and key not in ("ahead", "buckets")}
    for name in MONEY:
        if name in table:
            table[name] = Money.parse(table[name])
    buckets, ahead = (tuple(map(_bucket, fact.data.get(key, ()))) for key in ("buckets", "ahead"))
    return Reading(at=fact.read_at, buckets=buckets, ahead=ahead, **{"status": "unknown", **table})


def _bucket(row: Mapping[str, Any]) -> ReadingBucket:
    """A bucket of the journal, which leaves out what is unknown."""
    known = {key: value for key, value in row.items() if key in _BUCKET}
    return ReadingBucket(**{"granted": None, "remaining": None, "start": None, "end": None, **known})


def is_stale(session: "Session", ledger: "Ledger", name: str, table: Mapping[str, Toml], known: Reading | None) -> bool:
    """No reading, one older than its allowance, one from before the last purchase, or one that time has overtaken."""
    if known is None:
        return True
    return session.clock.now() >= stale_at(session, ledger, name, table, known)


def stale_at(
    session: "Session",
    ledger: "Ledger",
    name: str,
    table: Mapping[str, Toml],
    known: Reading,
    *,
    fresh: bool = False,
) -> datetime:
    """From when on a reading has to be asked for again; `fresh` is one that was asked for in this run."""
    fact = ledger.last_reading(name)
    written = ledger.next_seq if fresh or fact is None else fact.seq
    for order in ledger.orders.values():
        if order.line == name and order.settled_at is not None and (order.settled_at, order.seq) > (known.at, written):
            return known.at
    if any(word.line == name and word.seq > written for word in ledger.restated):
        return known.at  # worked out anew since
    allowance = allowance_of(session, table)
    ends = [known.at + allowance]
    if known.next_change is not None:
        ends.append(known.next_change)
    return min(ends)


def allowance_of(session: "Session", table: Mapping[str, Toml]) -> timedelta:
    """How old a reading of this line's provider may be."""
    try:
        return session.provider(str(table["provider"])).reading_max_age
    except EsimctlError:
        return timedelta(hours=6)
