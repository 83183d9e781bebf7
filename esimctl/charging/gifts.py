"""Gifts: transferable data goes to another line and cannot be given on (sharing and gifts; R-48)."""

from datetime import datetime

from esimctl.charging.buckets import Bucket
from esimctl.charging.entries import Deed, KeptEvent, Refusal
from esimctl.charging.events import Gift
from esimctl.charging.lines import Line
from esimctl.values.moments import later


def refusal(line: Line, event: Gift, usable: list[Bucket], at: datetime) -> Refusal | None:
    """Why a gift may not be made: a pack of small rules, the first that is broken."""
    need = event.octets + (event.fee if event.cost_owner == "originator" else 0)
    if event.to == line.name:
        return "a gift to oneself"
    if event.octets <= 0 or (event.cost_owner == "receiver" and event.fee >= event.octets):
        return "nothing would arrive"
    if not usable:
        return "this plan gives nothing away"
    if not any(bucket.unlimited for bucket in usable) and need > sum(bucket.free for bucket in usable):
        return "more than may be given away"
    terms = line.current.terms if line.current is not None else None
    if terms is not None:
        least, most = terms.gift_least, terms.gift_most
        if (least is not None and event.octets < least) or (most is not None and event.octets > most):
            return "outside the limits of a gift"
        day = at.astimezone(line.zone).date().isoformat()
        if terms.gifts_per_day is not None and line.gifts.get(day, 0) >= terms.gifts_per_day:
            return "no more gifts on this day"
    return None


def give(deed: Deed) -> None:
    """All or nothing, both lines in one action; every part keeps the end of its source."""
    line, at, entry = deed.line, deed.at, deed.entry
    event = deed.event
    assert isinstance(event, Gift)
    other = deed.engine.lines[event.to]
    other.advance(at)
    usable = [bucket for bucket in line.usable(at) if bucket.transferable or event.whatever_terms]
    if deed.refused(refusal(line, event, usable, at)):
        return
    day = at.astimezone(line.zone).date().isoformat()
    line.gifts[day] = line.gifts.get(day, 0) + 1
    parts: dict[datetime, int] = {}

    def send(bucket: Bucket, part: int) -> None:
        line.send(bucket, part)
        parts[bucket.end] = parts.get(bucket.end, 0) + part
        line.note(at, "gift-sent", bucket, part, delta=part, other=event.to)

    def pay(bucket: Bucket, part: int) -> None:
        line.send(bucket, part)
        line.note(at, "fee", bucket, part, delta=part)

    most = event.octets + event.fee
    short = line.draw(event.octets, usable, send, lambda bucket: most if bucket.unlimited else bucket.free)
    line.sent += event.octets - short
    if event.cost_owner == "originator" and event.fee:
        unpaid = line.draw(event.fee, usable, pay, lambda bucket: most if bucket.unlimited else bucket.free)
        line.fees += event.fee - unpaid
        short += unpaid
    line.sift(len(line.order))
    deed.engine.shortage += short
    receive(other, entry, event, parts, at)


def receive(line: Line, entry: KeptEvent, event: Gift, parts: dict[datetime, int], at: datetime) -> None:
    """The receiver's side: one bucket for each end, less the fee where the receiver pays it."""
    fee = event.fee if event.cost_owner == "receiver" else 0
    for count, (end, part) in enumerate(sorted(parts.items()), 1):
        paid = min(fee, part)
        fee -= paid
        line.fees += paid
        line.received += part
        if part - paid:
            until = end if event.validity is None else min(end, later(at, event.validity, line.zone))
            number, tie = entry.key[2], f"gift-{entry.key[2]:09d}-{count:04d}"
            bucket = Bucket(f"gift-{number}-{count}", "gift", part - paid, at, until, 20, tie=tie)
            line.add(bucket, at)
            line.note(at, "gift-received", bucket, part - paid, delta=paid - part, other=event.line)
        if paid:
            line.note(at, "fee", amount=paid)
    line.grants += 1
    line.reckon()
