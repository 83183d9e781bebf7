"""The newest reading of a line in the journal, and from when on another one has to be asked for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from esimctl.errors import EsimctlError
from esimctl.ledger.said import flag, instant_or_none, number_or_none, tables, text, text_or_none
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


def last_reading(ledger: "Ledger", name: str) -> Reading | None:
    """The newest reading of a line in the journal, of whatever source."""
    fact = ledger.last_reading(name)
    return None if fact is None else reading_of(fact)


def reading_of(fact: "ReadingFact") -> Reading:
    """A journalled reading as a value again."""
    told = fact.data
    return Reading(
        at=fact.read_at,
        status=fact.status or "unknown",
        granted_bytes=fact.granted_bytes,
        used_bytes=fact.used_bytes,
        remaining_bytes=fact.remaining_bytes,
        available_bytes=number_or_none(told, "available_bytes"),
        reserved_bytes=number_or_none(told, "reserved_bytes") or 0,
        unlimited=fact.unlimited,
        voice_seconds=fact.voice_seconds,
        main_balance=fact.main_balance,
        charged=fact.charged,
        use_by=instant_or_none(told, "use_by"),
        expires_at=fact.expires_at,
        plan_ends_at=instant_or_none(told, "plan_ends_at"),
        throttled=flag(told, "throttled") if "throttled" in told else None,
        out_of_bucket_bytes=fact.out_of_bucket_bytes,
        forfeited_bytes=fact.forfeited_bytes,
        carry_if_renewed_bytes=number_or_none(told, "carry_if_renewed_bytes"),
        lost_if_not_bytes=number_or_none(told, "lost_if_not_bytes"),
        lost_anyway_bytes=number_or_none(told, "lost_anyway_bytes"),
        kept_anyway_bytes=number_or_none(told, "kept_anyway_bytes"),
        carried_until=instant_or_none(told, "carried_until"),
        lost_anyway_at=instant_or_none(told, "lost_anyway_at"),
        renew_by=instant_or_none(told, "renew_by"),
        grace_until=instant_or_none(told, "grace_until"),
        next_change=instant_or_none(told, "next_change"),
        buckets=tuple(map(_bucket, fact.buckets)),
        ahead=tuple(map(_bucket, tables(told, "ahead"))),
        plan=fact.plan,
        raw_status=text_or_none(told, "raw_status"),
    )


def _bucket(row: Mapping[str, Toml]) -> ReadingBucket:
    """A bucket of the journal, which leaves out what is unknown."""
    return ReadingBucket(
        id=text(row, "id"),
        category=text(row, "category"),
        usage_type=text(row, "usage_type"),
        granted=number_or_none(row, "granted"),
        remaining=number_or_none(row, "remaining"),
        start=instant_or_none(row, "start"),
        end=instant_or_none(row, "end"),
        status=text_or_none(row, "status") or "active",
        reserved=number_or_none(row, "reserved") or 0,
        window=text_or_none(row, "window"),
        shared=flag(row, "shared"),
        provisional=flag(row, "provisional"),
        unlimited=flag(row, "unlimited"),
        owner=text_or_none(row, "owner"),
        taken=number_or_none(row, "taken"),
        currency=text_or_none(row, "currency"),
        purpose=text_or_none(row, "purpose"),
    )


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
