"""One line of `esimctl.balance/1`: what was read, what follows from it by now, and what needs attention."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from esimctl.catalogue.holding import RolloverInForce
from esimctl.documents.balance import (
    BalanceLine,
    BucketRow,
    DataPart,
    FiguresPart,
    ReadingPart,
    RolloverPart,
    RunOutPart,
    StoryRow,
    VoicePart,
    WindowPart,
)
from esimctl.documents.document import ABSENT, Absent
from esimctl.usage.explanation import called, explanation
from esimctl.usage.last_reading import stale_at
from esimctl.usage.left import left_in, usable
from esimctl.usage.run_out import run_out
from esimctl.usage.use import UseHistory
from esimctl.values.moments import zone
from esimctl.values.money import Money
from esimctl.values.toml import Toml, text_at

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Reading, ReadingBucket
    from esimctl.usage.modelled import Modelled

LIVE = frozenset({"active", "suspended"})
EXPIRING = timedelta(days=7)  #: R-70: renew at least one week before expiry
LOW_PER_CENT = 90  #: used; the regulator has operators announce 90 and 100 %


def line_document(
    session: "Session",
    ledger: "Ledger",
    name: str,
    table: Mapping[str, Toml],
    reading: "Reading | None",
    *,
    fresh: bool = False,
    explain: bool = False,
    model: "Modelled | None" = None,
    use: "UseHistory | None" = None,
) -> tuple[BalanceLine, datetime | None, datetime]:
    """The line, until when it holds without a new reading, and from when on the reading is stale.

    `model` is what stands behind the reading of a line that has no interface, `use` what its forecast rests on.
    """
    from esimctl.market.holding import of_line
    from esimctl.market.on_offer import PLAY, kind_of

    now = session.clock.now()
    if model is not None:
        stale_from = model.stale_from
    else:
        stale_from = now if reading is None else stale_at(session, ledger, name, table, reading, fresh=fresh)
    held = None if model is None else model.held
    line = line_of(
        name,
        reading,
        now,
        zone(session.zone),
        provider=text_at(table, "provider"),
        carrier=text_at(table, "carrier"),
        plan=(reading.plan if reading is not None else None) or text_at(table, "plan"),
        play_money=kind_of(session, str(table.get("provider"))) == PLAY,
        rollover=held or of_line(session, ledger, name),
        forecast=run_out(session, use or UseHistory(), reading),
        source=source_of(ledger, name, reading) if model is None else model.source,
        stale=now >= stale_from,
        order_open=bool(ledger.open_orders(line=name)),
        end_unseen=model is not None and model.by_hand and end_unseen(ledger, name),
        owner_of=lambda line: called(session, line),
        figures=ABSENT if model is None else model.figures,
        story=ABSENT if not explain else explanation(session, name, table) if model is None else model.steps,
    )
    lead = lead_time(reading)
    turns = [moment for moment in turning_points(reading, line.expires_at, lead) if moment > now]
    return line, min(turns) if turns else None, stale_from


def line_of(
    name: str,
    reading: "Reading | None",
    now: datetime,
    where: tzinfo,
    *,
    provider: str | None = None,
    carrier: str | None = None,
    plan: str | None,
    play_money: bool = False,
    rollover: RolloverInForce,
    forecast: RunOutPart,
    source: str | None,
    stale: bool = False,
    order_open: bool = False,
    end_unseen: bool = False,
    owner_of: "Callable[[str | None], str | None]" = lambda line: line,
    figures: FiguresPart | Absent = ABSENT,
    story: Sequence[StoryRow] | Absent = ABSENT,
) -> BalanceLine:
    """A line by a reading, at an instant that may be later than it: the one builder, for real lines and played ones.

    `owner_of` is the name of the line that a shared bucket is of; `end_unseen` says that it was renewed and nobody has
    looked since.
    """
    status = status_of(reading, now)
    data = data_part(reading, status, now, where)
    worth = rollover_part(reading, rollover)
    expires = None if reading is None else reading.expires_at
    words = attention(status, data, worth, now, expires, lead_time(reading), stale=stale, order_open=order_open)
    if end_unseen and status in LIVE:
        words.append("end_unseen")
    buckets = () if reading is None else (*reading.buckets, *reading.ahead)
    return BalanceLine(
        line=name,
        provider=provider,
        carrier=carrier,
        plan=plan,
        play_money=play_money,
        status=status,
        data=data,
        voice=VoicePart(remaining_seconds=None if reading is None else reading.voice_seconds),
        main_balance=None if reading is None else reading.main_balance,
        use_by=None if reading is None else reading.use_by,
        expires_at=expires,
        throttled=None if reading is None else reading.throttled,
        out_of_bucket_bytes=None if reading is None else reading.out_of_bucket_bytes,
        buckets=[bucket_row(bucket, now, where, owner_of) for bucket in buckets],
        rollover=worth,
        forecast=forecast,
        reading=ReadingPart(at=None if reading is None else reading.at, source=source, stale=stale),
        attention=words,
        figures=figures,
        explanation=story,
    )


def status_of(reading: "Reading | None", now: datetime) -> str:
    """The common word for a line's state; time alone can make an active line expired."""
    if reading is None:
        return "pending"
    if reading.status == "suspended" and reading.grace_until is not None and now < reading.grace_until:
        return "suspended"
    if reading.status in {"active", "suspended"} and reading.expires_at is not None and reading.expires_at <= now:
        return "expired"
    return reading.status


def data_part(reading: "Reading | None", status: str, now: datetime, where: tzinfo) -> DataPart:
    """Octets; `remaining_bytes` can be used now, `restricted_bytes` in windows, single apps or later."""
    left = left_in(reading, now, where, status)
    return DataPart(
        granted_bytes=None if reading is None or reading.unlimited else reading.granted_bytes,
        used_bytes=None if reading is None else reading.used_bytes,
        reserved_bytes=None if reading is None else reading.reserved_bytes,
        remaining_bytes=left.now,
        restricted_bytes=left.restricted,
        restricted_unlimited=left.restricted_unlimited,
        judged_bytes=left.judged,
        judged_granted_bytes=left.judged_granted,
        unlimited=left.unlimited,
    )


def bucket_row(
    bucket: "ReadingBucket",
    now: datetime,
    where: tzinfo,
    owner_of: "Callable[[str | None], str | None]" = lambda line: line,
) -> BucketRow:
    """A bucket, and whether it can be used now; of a shared one whose data it is."""
    return BucketRow(
        id=bucket.id,
        category=bucket.category,
        usage_type=bucket.usage_type,
        granted=bucket.granted,
        remaining=bucket.remaining,
        reserved=bucket.reserved,
        start=bucket.start,
        end=bucket.end,
        status=bucket.status,
        window=None if bucket.window is None else WindowPart(opens=bucket.window),
        shared=bucket.shared,
        provisional=bucket.provisional,
        unlimited=bucket.unlimited,
        money=money_of(bucket),
        purpose=bucket.purpose,
        usable=usable(bucket, now, where),
        owner=owner_of(bucket.owner) if bucket.shared else ABSENT,
        taken=bucket.taken if bucket.shared else ABSENT,
    )


def money_of(bucket: "ReadingBucket") -> Money | None:
    """What is left of a bucket of money, as an amount; None of everything else."""
    if bucket.currency is None or bucket.remaining is None:
        return None
    return Money(bucket.remaining, bucket.currency)


def rollover_part(reading: "Reading | None", held: RolloverInForce) -> RolloverPart:
    """What carries over if the line is renewed, and what is lost if it is not."""
    return RolloverPart(
        effective=held.mode,
        disputed=held.disputed,
        claim=held.claim,
        by=held.by,
        carry_if_renewed_bytes=None if reading is None else reading.carry_if_renewed_bytes,
        lost_anyway_bytes=None if reading is None else reading.lost_anyway_bytes,
        lost_if_not_bytes=None if reading is None else reading.lost_if_not_bytes,
        kept_anyway_bytes=None if reading is None else reading.kept_anyway_bytes,
        carried_until=None if reading is None else reading.carried_until,
        lost_anyway_at=None if reading is None else reading.lost_anyway_at,
        renew_by=None if reading is None else reading.renew_by,
        grace_until=None if reading is None else reading.grace_until,
    )


def source_of(ledger: "Ledger", name: str, reading: "Reading | None") -> str | None:
    """Where the figures come from."""
    if reading is None:
        return None
    fact = ledger.last_reading(name)
    return fact.source if fact is not None and fact.read_at == reading.at else "provider"


def attention(
    status: str, data: DataPart, rollover: RolloverPart, now: datetime, expires: datetime | None, lead: timedelta,
    *, stale: bool, order_open: bool,
) -> list[str]:  # fmt: skip
    """What a person should look at, in a fixed order; `lead` is how long before its end a line is expiring."""
    granted, left = data.judged_granted_bytes, data.judged_bytes
    low = granted and left is not None and (granted - left) * 100 >= granted * LOW_PER_CENT
    live = status in LIVE
    soon = expires is not None and now < expires <= now + lead
    last = rollover.renew_by
    at_risk = rollover.effective == "carry" and bool(rollover.lost_if_not_bytes) and last is not None
    tests = {
        "low_data": bool(low) and live,
        "expiring": live and soon,
        "expired": status == "expired",
        "stale_reading": stale,
        "order_open": order_open,
        "rollover_at_risk": at_risk and live and last is not None and now < last <= now + lead,
    }
    return [word for word, holds in tests.items() if holds]


def end_unseen(ledger: "Ledger", name: str) -> bool:
    """Whether a line that nobody answers for was renewed, and nobody has looked since whether its new end is there.

    Any reading after the renewal is the answer: whoever took it has seen the phone (R-69).
    """
    renewed = [
        (order.settled_at, order.seq)
        for order in ledger.orders.values()
        if order.line == name and order.kind == "renew" and order.settled_at is not None and order.state == "settled"
        and not order.imported
    ]  # fmt: skip
    if not renewed:
        return False
    at, seq = max(renewed)
    return not any(fact.read_at >= at and fact.seq > seq for fact in ledger.readings.get(name, ()))


def lead_time(reading: "Reading | None") -> timedelta:
    """Seven days (R-70), or a quarter of the term of a pack that does not live longer than four weeks."""
    ends = [] if reading is None else [b for b in reading.buckets if b.category == "base" and b.start and b.end]
    if not ends:
        return EXPIRING
    return min(EXPIRING, max((b.end - b.start) / 4 for b in ends if b.start and b.end))


def turning_points(reading: "Reading | None", expires: datetime | None, lead: timedelta) -> list[datetime]:
    """Instants at which the document changes although nobody does anything."""
    found = []
    if expires is not None:
        found += [expires - lead, expires]
    if reading is not None and reading.renew_by is not None:
        found += [reading.renew_by - lead, reading.renew_by]
    if reading is not None and reading.next_change is not None:
        found.append(reading.next_change)
    return found
