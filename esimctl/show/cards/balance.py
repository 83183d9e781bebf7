"""The balance: a line of figures in a pipe, a card for each line on a terminal."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from esimctl.documents.balance import BalanceDocument, BalanceLine, BucketRow, FiguresPart, RolloverPart
from esimctl.show.amounts import local, minutes, money, octets
from esimctl.show.left import apart, usable, whole_now
from esimctl.show.plan_words import of_line
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say

COLUMNS: Columns[BalanceLine] = (
    Column("line", lambda r: r.line, lambda r: r.line + ("  SANDBOX" if r.play_money else "")),
    *columns(BalanceLine, "status"),
    Column(
        "remaining_bytes",
        lambda r: "unlimited" if r.data.unlimited else r.data.remaining_bytes,
        lambda r: octets(r.data.remaining_bytes, unlimited=r.data.unlimited),
        right=True,
    ),
    Column(
        "granted_bytes",
        lambda r: r.data.granted_bytes,
        lambda r: octets(r.data.granted_bytes, unlimited=r.data.unlimited),
        right=True,
    ),
    *columns(
        BalanceLine,
        "data.used_bytes main_balance expires_at rollover.carry_if_renewed_bytes rollover.lost_if_not_bytes "
        "reading_at=reading.at attention",
    ),
    Column(
        "restricted_bytes",
        lambda r: "unlimited" if r.data.restricted_unlimited else r.data.restricted_bytes,
        lambda r: "; ".join(apart(r)),
        right=True,
    ),
    *columns(BalanceLine, "rollover.lost_anyway_bytes rollover.renew_by"),
    *columns(
        BalanceLine,
        "plan carrier provider voice_seconds=voice.remaining_seconds use_by throttled",
        shown=False,
    ),
    Column("rollover", lambda r: "disputed" if r.rollover.disputed else r.rollover.effective, shown=False),
    *columns(BalanceLine, "out_of_bucket_bytes source=reading.source", shown=False),
    *columns(BalanceLine, "play_money", shown=False, sheet=True),
    *columns(BalanceLine, "rollover.grace_until data.judged_bytes", shown=False),
)

#: what `attention` words mean, for people
ATTENTION = {
    "low_data": "data is low",
    "expiring": "expires within seven days",
    "expired": "expired",
    "stale_reading": "the reading is old",
    "order_open": "an order is still open",
    "rollover_at_risk": "unused data is lost unless renewed",
    "end_unseen": "renewed: look on the phone whether the new end is there, then: esimctl usage record",
}


def person(data: BalanceDocument, terminal: Terminal) -> None:
    """An overview of several lines as a table; one line in full."""
    if len(data.lines) == 1:
        card(data.lines[0], terminal)
        if data.recent_use:
            from esimctl.show.table import spark_line

            terminal.tell(spark_line(data.recent_use) + "\n")
    else:
        from esimctl.show.table import draw

        wanted = {"line", "status", "remaining_bytes", "granted_bytes", "expires_at", "attention"}
        if any(apart(line) for line in data.lines):
            wanted.add("restricted_bytes")
        draw([column for column in COLUMNS if column.name in wanted], data.lines, terminal)
    if data.budget:
        from esimctl.show.cards.setup import sentence

        for row in data.budget:
            terminal.tell(sentence(row) + "\n")


def card(line: BalanceLine, terminal: Terminal) -> None:
    """One line: figures first, then the buckets in the order in which they are used, then what to look at."""
    from esimctl.show.table import draw

    put = terminal.tell
    sandbox = "  SANDBOX" if line.play_money else ""
    put(f"{line.line}  {say(line.status)}  {line.plan or ''}{sandbox}\n")
    for sentence in left_now(line):
        put(sentence + "\n")
    if line.voice.remaining_seconds is not None:
        put(say("calls: {minutes} left", minutes=minutes(line.voice.remaining_seconds)) + "\n")
    if line.main_balance is not None:
        put(say("main balance: {money}", money=money(line.main_balance) + sandbox) + "\n")
    if line.use_by:
        put(say("install before: {time}", time=local(line.use_by)) + "\n")
    if line.expires_at:
        put(say("expires: {time}", time=local(line.expires_at)) + "\n")
    if line.buckets:
        put("\n")
        draw(BUCKETS, line.buckets, terminal)
        put("\n")
    put(say("rollover: {rollover}", rollover=of_line(line.rollover)) + "\n")
    for sentence in outlook(line.rollover, line.expires_at):
        put(sentence + "\n")
    for sentence in kinds(line.figures) if line.figures else ():
        put(sentence + "\n")
    if line.reading.at:
        put(say("as of {time}, source: {source}", time=local(line.reading.at), source=line.reading.source) + "\n")
    looked_at(line, put)


def looked_at(line: BalanceLine, put: Callable[[str], None]) -> None:
    """What needs attention, and the story of the data where it was asked for."""
    for word in line.attention:
        put("! " + say(ATTENTION[word]) + "\n")
    for step in line.explanation or ():
        put(f"  {local(step.at)}  {say(step.template, **step.params)}\n")


def left_now(line: BalanceLine) -> list[str]:
    """What can be used now, and apart from it what cannot."""
    data, others = line.data, apart(line)
    left = octets(data.remaining_bytes, unlimited=data.unlimited)
    used = octets(data.used_bytes)
    whole = whole_now(line)
    if others and not data.remaining_bytes and not data.unlimited:
        said = say("data: nothing can be used now, {used} used", used=used)
    elif others:
        said = say("data: {left} can be used now, {used} used", left=left, used=used)
    else:
        of = octets(whole, unlimited=data.unlimited)
        said = say("data: {left} of {whole} left, {used} used", left=left, whole=of, used=used)
    return [said, *(f"+ {other}" for other in others)]


def outlook(rollover: RolloverPart, ends: datetime | None = None) -> list[str]:
    """What renewing does with the data that is left, each part with its date; only what is not nothing."""
    kept, saved = rollover.carry_if_renewed_bytes, rollover.lost_if_not_bytes
    by, until = local(rollover.renew_by), rollover.carried_until
    said = []
    if kept and until:
        said.append(
            say("kept if you renew by {date}: {volume}, until {end}", date=by, volume=octets(kept), end=local(until))
        )
    elif kept:
        said.append(say("kept if you renew by {date}: {volume}", date=by, volume=octets(kept)))
    if rollover.kept_anyway_bytes:
        said.append(say("kept, renewed or not: {volume}", volume=octets(rollover.kept_anyway_bytes)))
    if saved:
        said.append(say("lost only if you do not renew by {date}: {volume}", date=by, volume=octets(saved)))
    if rollover.lost_anyway_bytes:
        first = local(rollover.lost_anyway_at)
        said.append(
            say("lost either way, from {date} on: {volume}", date=first, volume=octets(rollover.lost_anyway_bytes))
        )
    if rollover.grace_until and rollover.grace_until != ends:
        said.append(say("last moment of the grace: {date}", date=local(rollover.grace_until)))
    return said


def kinds(figures: FiguresPart) -> list[str]:
    """Of which kind each figure is and how old, for a line that is modelled."""
    parts = {
        "data": figures.data,
        "main balance": figures.main_balance,
        "end": figures.expires_at,
        "calls": figures.voice_seconds,
    }
    said = []
    for name, part in parts.items():
        if part.kind == "observed":
            said.append(
                say("{what}: read at {time} ({source})", what=say(name), time=local(part.at), source=part.source)
            )
        elif part.kind == "modelled":
            said.append(say("{what}: worked out from what you bought, not read", what=say(name)))
    data = figures.data
    if data.observed_bytes is not None and data.modelled_bytes not in (None, data.observed_bytes):
        said.append(
            say(
                "read {observed}; without readings it would be {modelled}",
                observed=octets(data.observed_bytes),
                modelled=octets(data.modelled_bytes),
            )
        )
    return said


def bucket_amount(field: Literal["remaining", "granted"]) -> Callable[[BucketRow], str]:
    """A bucket's figure in its own unit."""

    def get(bucket: BucketRow) -> str:
        if bucket.usage_type == "monetary":
            return money(bucket.money) if field == "remaining" else "-"
        amount = bucket.remaining if field == "remaining" else bucket.granted
        return minutes(amount) if bucket.usage_type == "voice" else octets(amount, unlimited=bucket.unlimited)

    return get


BUCKETS: Columns[BucketRow] = (
    *columns(BucketRow, "bucket=category"),
    Column("left", lambda b: b.remaining, bucket_amount("remaining"), right=True),
    Column("of", lambda b: b.granted, bucket_amount("granted"), right=True),
    *columns(BucketRow, "until=end"),
    Column("usable", lambda b: b.usable, usable),
    Column("state", lambda b: b.status, lambda b: say(b.status) + (" *" if b.provisional else "")),
)

VIEWS = {"balance": View(COLUMNS, lambda data: data.lines, person, "no lines yet: esimctl tour, or esimctl plans list")}
