"""What an export holds: rows for the format that was asked for, one at a time, from the journal and nothing else.

No provider is asked, so that the same state gives the same bytes. Orders come oldest first; a period takes in whatever
was made or changed in it, account books what was paid in it, a calendar what happens in it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Any

from esimctl.documents.exported import CalendarEvent, MetricFamily, MoneyMove
from esimctl.documents.orders import ExportDocument, OrderRow
from esimctl.errors import UsageError
from esimctl.profile.opened import moment, takes_play_money, unknown
from esimctl.purchase.document import dated, order_document
from esimctl.values.moments import zone
from esimctl.values.money import Money
from esimctl.values.record import field, record, replace
from esimctl.values.sentence import Raw, Sentence, commas
from esimctl.values.text import nearest
from esimctl.values.volume import VolumeError, parse_volume

if TYPE_CHECKING:
    from esimctl.ledger.facts import ForeignFact
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session


def of_order(order: "OrderState", where: tzinfo, *, play: bool) -> Iterator[MoneyMove]:
    """The payment of a settled order, and its refund; nothing for one that moved no money.

    What was paid counts, and the price where the provider never told the payment. `play`: it was play money.
    """
    if order.settled_at is None:
        return
    if order.counted or order.fee:
        told = order.paid is not None
        yield _move(
            order, "payment", order.settled_at, order.counted, where, play=play, fee=order.fee or None, told=told
        )
    if order.refund:
        yield _move(order, "refund", order.changed_at, order.refund, where, play=play)


def _move(
    order: "OrderState",
    move: str,
    at: datetime,
    money: Money,
    where: tzinfo,
    *,
    play: bool,
    fee: Money | None = None,
    told: bool = True,
) -> MoneyMove:
    return MoneyMove(
        move=move,
        at=at,
        date=at.astimezone(where).date(),
        id=order.id,
        kind=order.kind,
        provider_order=order.provider_order,
        provider=order.provider,
        method=order.method,
        method_kind=order.method_kind,
        line=order.line,
        plan=order.plan,
        reason=None,
        imported=order.imported,
        play=play,
        money=money,
        fee=fee,
        told=told,
    )


def of_foreign(fact: "ForeignFact", where: tzinfo, *, play: bool) -> Iterator[MoneyMove]:
    """A charge that no order of ours explains; nothing while its amount is unknown."""
    if not fact.amount_minor or fact.currency is None:
        return
    yield MoneyMove(
        move="foreign",
        at=fact.at,
        date=fact.at.astimezone(where).date(),
        id=None,
        kind="foreign",
        provider_order=fact.provider_order,
        provider=fact.provider,
        method=None,
        method_kind=None,
        line=None,
        plan=fact.plan,
        reason=fact.reason,
        imported=False,
        play=play,
        money=Money(fact.amount_minor, fact.currency),
    )


#: format → what its rows are; `jsonl` is another word for `json`
FORMATS = {
    "csv": "orders", "json": "orders", "jsonl": "orders", "hledger": "moves", "beancount": "moves", "ics": "events",
    "prometheus": "gauges",
}  # fmt: skip

SENTENCES = {"open": "{count} open orders are not in it: esimctl reconcile settles them"}

#: readable by others: a collector runs as another user, and its file holds no order, number or code
PUBLIC = frozenset({"prometheus"})


@record(frozen=False)
class Period:
    """From `since` on and before `until`, where they are given."""

    since: datetime | None
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies in it."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    def meets(self, order: "OrderState") -> bool:
        """Whether something became of an order in it: it was made before the end, and changed last after the start."""
        if order.stated_at is not None and self.holds(order.stated_at):
            return True
        begun = self.until is None or order.created_at < self.until
        return begun and (self.since is None or order.changed_at >= self.since)


@record(frozen=False)
class Export:
    """Rows to be rendered once. `head` is the document without them; `count` the rows so far, `notes` what to tell."""

    form: str
    head: ExportDocument
    rows: Iterable[Any]
    count: int = 0
    notes: list[Sentence] = field(default_factory=list)

    def counted(self) -> Iterator[Any]:
        """The rows, counted while they go by."""
        for row in self.rows:
            self.count += 1
            yield row

    @property
    def mode(self) -> int:
        """Of the file that it goes to."""
        return 0o644 if self.form in PUBLIC else 0o600


def export(
    session: "Session", form: str, *, since: str | None = None, until: str | None = None, line: str | None = None
) -> Export:
    """The rows of a format. UsageError for an unknown format, line or time, and for a period where none makes sense."""
    if form not in FORMATS:
        near = " or ".join(nearest(form, tuple(FORMATS)))
        raise UsageError(
            "there is no format {form!r}",
            hint="did you mean {near}?" if near else "formats: {formats}",
            code="unknown_format",
            form=Raw(form),
            near=Raw(near),
            formats=commas(FORMATS),
        )
    period = Period(moment(session, since, "--since"), moment(session, until, "--until"))
    if form == "prometheus" and (since is not None or until is not None):
        raise UsageError("metrics are of the present: --since and --until do not go with them", code="no_period")
    ledger = session.store.ledger_for_reading()
    session.store.check_whole()
    _check_line(session, ledger, line)
    head = ExportDocument(
        as_of=session.clock.now(),
        profile=session.store.name,
        format="json" if form == "jsonl" else form,
        since=period.since,
        until=period.until,
        line=line,
        records=0,
        path=None,
        content=None,
    )
    made = Export(form, head, ())
    made.rows = ROWS[FORMATS[form]](session, ledger, period, line, made)
    return made


def _check_line(session: "Session", ledger: "Ledger", line: str | None) -> None:
    if line is not None and line not in session.lines and all(order.line != line for order in ledger.records()):
        raise unknown("line", line, list(session.lines), "esimctl lines list")


def orders(session: "Session", ledger: "Ledger", period: Period, line: str | None, made: Export) -> Iterator[OrderRow]:
    """Order objects of the contract, refused ones too, with days and the octets of the pack; activation masked."""
    where, profile = zone(session.zone), made.head.profile
    for order in ledger.records():
        if line in (None, order.line) and period.meets(order):
            row = order_document(session, order, data_bytes=data_bytes(order))
            yield dated(row, where, profile=profile)


def data_bytes(order: "OrderState") -> int | None:
    """What the pack holds by the terms it was bought with; None for unlimited, for money, and where nobody said."""
    if order.imported:
        return order.data_bytes
    text = None if order.terms is None else order.terms.get("data")
    return octets_of(text) if isinstance(text, str) else None


@cache
def octets_of(text: str) -> int | None:
    """`20GB` as octets; there are as many texts as plans."""
    try:
        octets = parse_volume(text)
    except VolumeError:
        return None
    return octets if isinstance(octets, int) else None


def money_moves(
    session: "Session", ledger: "Ledger", period: Period, line: str | None, made: Export
) -> Iterator[MoneyMove]:
    """Every move of money, each with `before`: whether it came before the period, for accounts that are known then."""
    where, left_open = zone(session.zone), 0
    plays = cache(lambda provider: takes_play_money(session, provider))
    explained: set[tuple[str, str | None]] = set()
    for order in ledger.records():
        if order.imported:
            explained.add((order.provider, order.provider_order))
        if line not in (None, order.line):
            continue
        left_open += order.open
        for move in of_order(order, where, play=order.play or plays(order.provider)):
            yield from _placed(move, period)
    for fact in sorted(ledger.foreign.values(), key=lambda fact: (fact.at, fact.provider, fact.provider_order)):
        if line is not None or (fact.provider, fact.provider_order) in explained:
            continue
        for move in of_foreign(fact, where, play=fact.play or plays(fact.provider)):
            yield from _placed(move, period)
    if left_open:
        made.notes.append(Sentence(SENTENCES["open"], {"count": left_open}))


def _placed(move: MoneyMove, period: Period) -> Iterator[MoneyMove]:
    if period.holds(move.at):
        yield move
    elif period.since is not None and move.at < period.since:
        yield replace(move, before=True)


def calendar(
    session: "Session", ledger: "Ledger", period: Period, line: str | None, _made: Export
) -> Iterator[CalendarEvent]:
    """What has a date: see `records.events`."""
    from esimctl.records.calendar import events

    return (each for each in events(session, ledger, line) if period.holds(each.at))


def gauges(
    session: "Session", ledger: "Ledger", _period: Period, line: str | None, _made: Export
) -> Iterator[MetricFamily]:
    """Metric families: see `records.gauges`."""
    from esimctl.records.gauges import families

    return iter(families(session, ledger, line))


ROWS = {"orders": orders, "moves": money_moves, "events": calendar, "gauges": gauges}
