"""Lines bought at a counter, in an app or by a code: a person buys, and says when it is done.

Nothing is asked over a network and nothing is verified: an order is settled by the person's word alone, and says so
(`confirmed_by: user`). What is left on such a line is modelled (R-08, R-16, R-56, R-113).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from esimctl.catalogue import renamed
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.plans import plans as bundled
from esimctl.errors import ConfigurationError, UsageError
from esimctl.providers.protocol import (
    Answer,
    LineRef,
    Outcome,
    OutgoingOrder,
    ProviderOrder,
    Quote,
    Reading,
    Request,
    Tier,
    Verdict,
    Wish,
)
from esimctl.values.money import Money, MoneyError
from esimctl.values.record import replace
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.providers.registry import LocalSettings
    from esimctl.values.toml import Toml

ENDPOINT = "manual:purchases"
OWN = "manual/own"  #: the plan of a line whose terms the person typed in

Lines = Callable[[], "Mapping[str, Mapping[str, Toml]]"]
Rows = Callable[[], Sequence[Plan]]


class ManualProvider:
    """Sells the real plans of a line's carrier and the line's own plan.

    `lines` gives the profile's lines, `rows` the catalogue as the profile knows it; demo rows are not sold at counters.
    """

    tier = Tier.NOTHING
    settle_window = timedelta(0)
    absence_horizon = timedelta(0)
    reading_max_age = timedelta(hours=36)  #: a look every morning (R-98), with half a day to spare
    play_money = False

    def __init__(self, name: str, lines: Lines, rows: Rows = bundled) -> None:
        self.name = name
        self._lines = lines
        self._rows = rows

    def plans(self, now: datetime, *, line: LineRef | None = None, deadline: float = 30.0) -> Sequence[Plan]:
        """The real plans of the catalogue, and with `line` only its carrier's and its own."""
        table = {} if line is None else self._lines().get(line.name, {})
        own = None if line is None else own_plan(self.name, table)
        rows = tuple(
            replace(row, provider=self.name)
            for row in self._rows()
            if not row.example and (line is None or row.carrier == table.get("carrier"))
        )
        return rows if own is None else (own, *rows)

    def quote(self, wish: Wish, now: datetime, *, deadline: float = 30.0) -> Quote:
        """What the person will be asked for there: their own figure, their own row's, the line's, the catalogue's."""
        if wish.plan is None:
            assert wish.amount is not None
            return Quote(price=wish.price or wish.amount, effect="add", by_hand=True)
        table = self._lines().get(wish.line.name, {})
        row = own_plan(self.name, table) if wish.plan == OWN else self._row(wish.plan)
        if row is None or row.example:
            raise UsageError(
                "nothing is known of the plan {plan}",
                hint="esimctl plans list",
                code="plan_unknown",
                plan=Raw(wish.plan),
            )
        if table.get("carrier") and wish.plan != OWN and row.carrier != table["carrier"]:
            raise UsageError(
                "{plan} is a plan of {owner}, not of {carrier}",
                hint="esimctl plans list --line {line}",
                code="wrong_carrier",
                plan=Raw(row.id),
                owner=Raw(row.carrier),
                carrier=Raw(str(table["carrier"])),
                line=Raw(wish.line.name),
            )
        paid_before = wish.plan == table.get("plan") and row.grade != "own"
        price = wish.price or (own_price(table) if paid_before else None) or row.price
        if price is None:
            raise UsageError("say what it costs: --price MONEY", code="price_unknown")
        return Quote(price=price, terms=dict(row.terms), notes=row.notes, by_hand=True)

    def _row(self, plan: str) -> Plan | None:
        return renamed.find("plan", plan, {row.id: row for row in self._rows()})

    def request(self, order: OutgoingOrder) -> Request:
        """What the person says, as it is kept: plan, price and the receipt's number."""
        wish = order.wish
        table = {
            "kind": wish.kind,
            "line": wish.line.name,
            "plan": wish.plan,
            "amount": None if wish.amount is None else wish.amount.as_json(),
            "price": order.price.as_json(),
            "paid": wish.paid,
            "really": None if wish.price is None else str(wish.price),
        }
        return Request(ENDPOINT, json.dumps(table, sort_keys=True, ensure_ascii=False, separators=(",", ":")))

    def send(self, order: OutgoingOrder, request: Request, now: datetime, *, deadline: float) -> Answer:
        """The person's word comes back as the answer: nobody else is asked."""
        return self.word(request)

    def word(self, request: Request) -> Answer:
        """What the person said, read again in the stored request; a request without a word says that nothing was."""
        said = json.loads(request.body)
        paid = said.get("paid")
        status = 409 if paid is None else 200
        answer = {"paid": paid, "really": said.get("really"), "confirmed_by": "user"}
        return Answer(status, json.dumps(answer, sort_keys=True, ensure_ascii=False).encode())

    def interpret(self, order: OutgoingOrder, answer: Answer) -> Outcome:
        """Settled by the person's word: what was shown was paid, unless the person gave another figure."""
        if answer.status != 200:
            return Outcome(Verdict.REFUSED, "not_done", "you have not said that it is done", charged=False)
        said = json.loads(answer.body)
        return Outcome(
            Verdict.SETTLED,
            provider_order=receipt_number(said["paid"]),
            charged=True,
            paid=order.price if said["really"] is None else Money.parse(said["really"]),
            confirmed_by="user",
        )

    def look_up(self, order: OutgoingOrder, now: datetime, *, deadline: float) -> Outcome:
        """Only the person knows."""
        return Outcome(Verdict.AMBIGUOUS, "ask_the_person", charged=None)

    def reading(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Reading | None:
        """There is no interface: the line is modelled."""
        return None

    def account_balance(self, now: datetime, *, deadline: float = 30.0) -> Money | None:
        """There is no account."""
        return None

    def orders(self, since: datetime, now: datetime, *, deadline: float = 30.0) -> Sequence[ProviderOrder] | None:
        """There is no list."""
        return None

    def lines(self, now: datetime, *, deadline: float = 30.0) -> Sequence[LineRef]:
        """There is no list."""
        return ()


def receipt_number(reference: str) -> str | None:
    """What identifies a purchase; a word without a digit (`cash`) identifies none."""
    return reference if any(c.isdigit() for c in reference) else None


def own_plan(provider: str, table: "Mapping[str, Toml]") -> Plan | None:
    """The plan that a person described with `data` and `days` for a line; None where there is none, or half of one."""
    if table.get("plan") != OWN or table.get("data") is None or table.get("days") is None:
        return None
    terms = {"data": table.get("data"), "term": f"{table.get('days')} days"}
    return Plan(
        id=OWN,
        carrier=str(table.get("carrier") or ""),
        name=f"{terms['data']}, {terms['term']}",
        provider=provider,
        price=own_price(table),
        terms=terms,
        source="your own record",
        grade="own",
    )


def own_price(table: "Mapping[str, Toml]") -> Money | None:
    """What the person paid for the line's plan last time; ConfigurationError where the profile holds no amount."""
    text = table.get("price")
    try:
        return None if text is None else Money.parse(str(text))
    except MoneyError as why:
        raise ConfigurationError(
            "profile.toml: the price of a line: {why}", code="profile_value", why=why.said
        ) from why


def open_manual(name: str, local: "LocalSettings") -> ManualProvider:
    """The provider of lines that are bought elsewhere."""
    return ManualProvider(name, local.lines, local.plans or bundled)
