"""Renewals and top-ups of several lines: each an order of its own by the one walk, one after the other, in one report.

Here is what comes before anything is sent: every line is quoted and passed through the gates, without a lock, and gets
a request id of its own, derived from one id for the whole: the same command with the same id goes on where it stopped
and buys nothing twice. `one_by_one` sends.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from esimctl.documents.document import ABSENT
from esimctl.documents.orders import BulkRow, OrderRow, SumsPart
from esimctl.documents.result import Result
from esimctl.errors import EsimctlError, ExitCode, OwnRules, UsageError, reason_of
from esimctl.ledger.orders import CLOSED
from esimctl.profile.many import Told, failed, report, row, untried
from esimctl.purchase.gates import pass_gates
from esimctl.purchase.intent import make_offer
from esimctl.purchase.offer import Intent, Offer
from esimctl.purchase.walk import purchase
from esimctl.values.money import Money
from esimctl.values.record import record, replace
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.documents.orders import BulkDocument
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session

LONGEST_ID: Final = 28  #: characters of an id for several orders: `:`, a line's name and `:2` to `:99` follow it


@record
class Planned:
    """One row before anything is sent: what it would come to, what it came to before, or why it cannot be."""

    place: int
    intent: Intent
    offer: Offer | None = None
    earlier: "OrderState | None" = None
    error: EsimctlError | None = None

    @property
    def line(self) -> str:
        return self.intent.line or ""

    @property
    def plan(self) -> str | None:
        """What is bought, or was bought before; None for money alone."""
        if self.offer is not None:
            return self.offer.wish.plan
        return self.intent.plan if self.earlier is None else self.earlier.plan

    @property
    def price(self) -> Money | None:
        """What it costs, or cost before; None where nobody knows."""
        if self.offer is not None:
            return self.offer.quote.price
        return None if self.earlier is None else self.earlier.price

    @property
    def provider(self) -> str | None:
        if self.offer is not None:
            return self.offer.provider.name
        return None if self.earlier is None else self.earlier.provider

    @property
    def play(self) -> bool:
        """Whether it is paid with play money."""
        if self.offer is not None:
            return self.offer.provider.play_money
        return self.earlier is not None and self.earlier.play

    def agreed(self) -> "Planned":
        """The row after a person's yes: confirmed, and never dearer than what was shown."""
        limit = self.intent.max_price or self.price
        return replace(self, intent=replace(self.intent, confirmed=True, max_price=limit))


def check_id(request_id: str | None) -> None:
    """An id for several orders must leave room for the lines' names."""
    if request_id is not None and len(request_id) > LONGEST_ID:
        raise UsageError(
            "for several lines --request-id takes at most {most} characters", code="bad_request_id", most=LONGEST_ID
        )


def plan_all(session: "Session", intents: Sequence[Intent], request_id: str | None) -> list[Planned]:
    """Every row quoted and passed through the gates as they stand now. Takes no lock, writes nothing, sends nothing.

    A line that does not exist or is named twice is wrong usage of the whole command; everything else is the row's own.
    """
    check_id(request_id)
    names = [intent.line or "" for intent in intents]
    for name in names:
        session.line(name)
        if names.count(name) > 1:
            raise UsageError("{name} is named twice", code="named_twice", name=Raw(name))
    ledger = session.store.ledger_for_reading()
    return [_planned(session, ledger, place, intent, request_id) for place, intent in enumerate(intents, 1)]


def _planned(session: "Session", ledger: "Ledger", place: int, intent: Intent, request_id: str | None) -> Planned:
    if request_id is not None:
        own, earlier = own_id(ledger, request_id, intent.line or "")
        intent = replace(intent, request_id=own)
        if earlier is not None:
            return Planned(place, intent, earlier=earlier)
    try:
        offer = make_offer(session, intent, ledger)
        pass_gates(session, ledger, replace(offer, intent=replace(intent, confirmed=True)))
    except EsimctlError as error:
        return Planned(place, intent, error=error)
    return Planned(place, intent, offer=offer)


def own_id(ledger: "Ledger", request_id: str, line: str) -> tuple[str, "OrderState | None"]:
    """The request id of one line's order, and the order that has it already, also under a former name of the line.

    An order that was definitely refused is tried again, as `ID:LINE:2` and so on: nothing was charged for it.
    """
    names = [line]
    for _, old, new in reversed(ledger.renames):
        if new == names[-1]:
            names.append(old)
    for name in names:
        candidate, tries = f"{request_id}:{name}", 1
        while (earlier := ledger.by_request(candidate)) is not None and earlier.line == line:
            if earlier.state not in CLOSED:
                return candidate, earlier
            tries += 1
            candidate = f"{request_id}:{name}:{tries}"
        if tries > 1:
            return candidate, None
    return f"{request_id}:{line}", None


def totals(prices: Iterable[Money | None]) -> list[Money]:
    """The sums by currency, in order of their codes; nothing is converted."""
    sums: dict[str, int] = {}
    for price in prices:
        if price is not None:
            sums[price.currency] = sums.get(price.currency, 0) + price.minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]


def prices(planned: Iterable[Planned], play: bool) -> Iterable[Money | None]:
    """What the rows cost that are paid with money, or with play money."""
    return (each.price for each in planned if each.play is play)


def under(planned: Sequence[Planned], request_id: str) -> list[Planned]:
    """The rows with ids of their own where they have none yet: the whole got its id only after it was quoted."""
    return [
        each
        if each.intent.request_id is not None
        else replace(each, intent=replace(each.intent, request_id=f"{request_id}:{each.line}"))
        for each in planned
    ]


def within_total(planned: Sequence[Planned], limit: Money | None) -> None:
    """`--max-total`: all orders together, those that an earlier run of the same id made included.

    Orders for play money are held against it by themselves.
    """
    if limit is None:
        return
    for total in (money for play in (False, True) for money in totals(prices(planned, play))):
        if total.currency != limit.currency:
            raise OwnRules(
                "some of it costs {total}; --max-total {limit} is in another currency", code="total_above_max",
                total=Raw(str(total)), limit=Raw(str(limit)),
            )  # fmt: skip
        if total.minor > limit.minor:
            raise OwnRules(
                "all together it costs {total}, above --max-total {limit}", code="total_above_max",
                total=Raw(str(total)),
                limit=Raw(str(limit)),
            )  # fmt: skip


def foreseen(command: str, planned: Sequence[Planned], request_id: str | None) -> "Result[BulkDocument]":
    """The report of a dry run: what each row would come to."""
    rows = [
        failed(each.place, each.line, each.error, plan=each.plan, price=each.price)
        if each.error is not None
        else row(each.place, each.line, repeated=each.earlier is not None, plan=each.plan, price=each.price)
        for each in planned
    ]
    return summed(command, rows, request_id, planned, dry_run=True)


def summed(
    command: str,
    rows: list[BulkRow],
    request_id: str | None,
    planned: Sequence[Planned],
    *,
    dry_run: bool = False,
) -> "Result[BulkDocument]":
    """The report with its sums by currency: what all rows cost, what was charged, and what nobody knows yet.

    Where both money and play money are spent, the sums of play money stand in a block of their own.
    """
    orders = [found.order for found in rows if found.order is not None]
    kinds = sorted({each.play for each in planned if each.price is not None}) or [False]

    def sums(play: bool) -> SumsPart:
        of_kind = [order for order in orders if order.play_money is play]
        return SumsPart(
            total=totals(prices(planned, play)),
            charged=totals(paid_for(order) for order in of_kind if order.charged is True),
            unknown=totals(paid_for(order) for order in of_kind if order.charged == "unknown"),
        )

    result, whole = report(command, rows, dry_run=dry_run), sums(kinds[0])
    result.data = replace(
        result.data,
        request_id=request_id,
        total=whole.total,
        charged=whole.charged,
        unknown=whole.unknown,
        play_money=kinds[0],
        play=sums(True) if len(kinds) > 1 else ABSENT,
    )
    return result


def paid_for(order: OrderRow) -> Money | None:
    """What an order's document says was paid, else its price."""
    return order.price if order.paid is None else order.paid


ENDS_ALL: Final = frozenset({ExitCode.UNKNOWN_OUTCOME, ExitCode.DAMAGED, ExitCode.OUTPUT_FAILED})

ENDS_PROVIDER: Final = frozenset({ExitCode.UNREACHABLE, ExitCode.BUSY, ExitCode.PROTOCOL, ExitCode.CREDENTIALS})

SENTENCES: Final = {
    "done": "done: order {id}",
    "before": "done before: order {id}",
    "interrupted": "interrupted before it was sent: {what}",
}

LEFT_ALONE: Final = "not tried: {why}"


def buy_all(
    session: "Session", command: str, planned: Sequence[Planned], request_id: str, limit: Money | None, told: Told
) -> "Result[BulkDocument]":
    """Carry the rows out and report. `limit` holds for what is really charged, not for what was planned.

    After an interruption it is exit 4 where anything was sent; where nothing was, the interruption itself goes on.
    """
    going = _Round(session, limit, planned, told)
    rows = [going.take(each) for each in planned]
    result = summed(command, rows, request_id, planned)
    if going.interrupted:
        result.exit_code = ExitCode.UNKNOWN_OUTCOME
    return result


class _Round:
    """What has been learnt so far: whom to leave alone, and how much of the total is left, of each kind of money."""

    def __init__(self, session: "Session", limit: Money | None, planned: Sequence[Planned], told: Told) -> None:
        self.session = session
        self.told = told
        self.limit = limit
        most = 0 if limit is None else limit.minor
        self.left = {
            play: most - sum(_spent_before(each) for each in planned if each.play is play) for play in (False, True)
        }
        self.ended: str | None = None
        self.interrupted = False
        self.sent = False
        self.behind: set[str | None] = set()

    def take(self, each: Planned) -> BulkRow:
        """The row of one line: refused before, left alone, or bought."""
        if each.error is not None:
            return self._failed(each, each.error)
        done = each.earlier is not None and each.earlier.state == "settled"  # answered from the books
        if not done and (self.ended is not None or each.provider in self.behind):
            why = self.ended or f"{each.provider} could not take an order before it"
            return untried(each.place, each.line, LEFT_ALONE.format(why=why), plan=each.plan, price=each.price)
        try:
            return self._bought(each)
        except EsimctlError as error:
            self._learn(each, error)
            return self._failed(each, error)
        except BaseException as error:
            if not self.sent:
                raise
            self.ended, self.interrupted = "the run was interrupted", True
            self.told(each.line, Sentence(SENTENCES["interrupted"], {"what": reason_of(error)}))
            return untried(each.place, each.line, LEFT_ALONE.format(why=self.ended), plan=each.plan, price=each.price)

    def _bought(self, each: Planned) -> BulkRow:
        intent = each.intent
        if self.limit is not None and each.earlier is None:
            rest = Money(max(self.left[each.play], 0), self.limit.currency)
            if intent.max_price is None or rest.minor < intent.max_price.minor:
                intent = replace(intent, max_price=rest)
        result = purchase(self.session, intent)
        order, repeated = result.data.order, each.earlier is not None
        self.sent = True
        paid = paid_for(order)
        if not repeated and paid is not None:
            self.left[each.play] -= paid.minor
        self.told(each.line, Sentence(SENTENCES["before" if repeated else "done"], {"id": Raw(order.id)}))
        code = int(result.exit_code)
        return row(
            each.place,
            each.line,
            exit_code=code,
            code="not_as_ordered" if code else None,
            message=order.reason if code else None,
            repeated=repeated,
            order=order,
            plan=each.plan,
            price=each.price,
        )

    def _learn(self, each: Planned, error: EsimctlError) -> None:
        self.sent = self.sent or error.order is not None
        if error.exit_code in ENDS_ALL:
            self.ended = "the outcome of an order before it is not known"
        elif error.exit_code in ENDS_PROVIDER:
            self.behind.add(each.provider)

    def _failed(self, each: Planned, error: EsimctlError) -> BulkRow:
        self.told(each.line, error.said)
        return failed(each.place, each.line, error, repeated=each.earlier is not None, plan=each.plan, price=each.price)


def _spent_before(each: Planned) -> int:
    """Minor units that an earlier run of the same id has spent on the row."""
    return each.price.minor if each.earlier is not None and each.price is not None else 0
