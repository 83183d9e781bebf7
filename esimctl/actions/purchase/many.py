"""Renewals and top-ups of several lines: each an order of its own by the one walk, one after the other, in one report.

Here is what comes before anything is sent: every line is quoted and passed through the gates, without a lock, and gets
a request id of its own, derived from one id for the whole: the same command with the same id goes on where it stopped
and buys nothing twice. `one_by_one` sends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from esimctl.actions.bulk import failed, report, row
from esimctl.actions.purchase.gates import pass_gates
from esimctl.actions.purchase.intent import make_offer
from esimctl.actions.purchase.offer import Intent, Offer
from esimctl.actions.result import Result
from esimctl.charging.money import Money
from esimctl.errors import EsimctlError, OwnRules, UsageError

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState

LONGEST_ID: Final = 28  #: characters of an id for several orders: `:`, a line's name and `:2` to `:99` follow it
REFUSED: Final = frozenset({"rejected", "cancelled"})  #: nothing was charged: the row may be tried again


@dataclass(frozen=True, slots=True)
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

    def about(self) -> dict[str, Any]:
        """What the report says of the row whatever becomes of it."""
        price = self.price
        return {"plan": self.plan, "price": None if price is None else price.as_json()}


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
            raise UsageError("{name} is named twice", code="named_twice", name=name)
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
            if earlier.state not in REFUSED:
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
                total=str(total), limit=str(limit),
            )  # fmt: skip
        if total.minor > limit.minor:
            raise OwnRules(
                "all together it costs {total}, above --max-total {limit}", code="total_above_max", total=str(total),
                limit=str(limit),
            )  # fmt: skip


def foreseen(command: str, planned: Sequence[Planned], request_id: str | None) -> Result:
    """The report of a dry run: what each row would come to."""
    rows = [
        failed(each.place, each.line, each.error, **each.about())
        if each.error is not None
        else row(each.place, each.line, repeated=each.earlier is not None, **each.about())
        for each in planned
    ]
    return summed(command, rows, request_id, planned, dry_run=True)


def summed(
    command: str,
    rows: list[dict[str, Any]],
    request_id: str | None,
    planned: Sequence[Planned],
    *,
    dry_run: bool = False,
) -> Result:
    """The report with its sums by currency: what all rows cost, what was charged, and what nobody knows yet.

    Where both money and play money are spent, the sums of play money stand in a block of their own.
    """
    orders = [found["order"] for found in rows if found["order"] is not None]
    kinds = sorted({each.play for each in planned if each.price is not None}) or [False]

    def sums(play: bool) -> dict[str, Any]:
        of_kind = [order for order in orders if order["play_money"] is play]
        found = {
            "total": prices(planned, play),
            "charged": (paid_for(order) for order in of_kind if order["charged"] is True),
            "unknown": (paid_for(order) for order in of_kind if order["charged"] == "unknown"),
        }
        return {name: [money.as_json() for money in totals(each)] for name, each in found.items()}

    told: dict[str, Any] = {**sums(kinds[0]), "play_money": kinds[0]}
    if len(kinds) > 1:
        told["play"] = sums(True)
    return report(command, rows, dry_run=dry_run, request_id=request_id, **told)


def paid_for(order: dict[str, Any]) -> Money | None:
    """What an order's document says was paid, else its price."""
    value = order["paid"] or order["price"]
    return None if value is None else Money.parse(f"{value['amount']}{value['currency']}")
