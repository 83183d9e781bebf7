# ruff: noqa: ARG002 (every adapter is called alike, whatever it needs of it)
"""Operators of every capability tier with honest books, and an adapter for them: small, independent of any vendor."""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from esimctl.catalogue.plan import Plan
from esimctl.errors import Unreachable
from esimctl.providers.client import Client
from esimctl.providers.protocol import (
    Answer,
    Goods,
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
from esimctl.providers.strict_json import JsonObject, read_object
from esimctl.providers.verdicts import ambiguous, by_status, by_transport, exists, refused
from esimctl.values.money import Money

WINDOW = timedelta(seconds=60)
TIERS = {"A": Tier.KEYED, "B": Tier.REFERENCE, "C": Tier.LABEL, "D": Tier.NOTHING, "E": Tier.LABEL}
Reply = tuple[int, dict[str, Any]]


@dataclass(slots=True)
class Booking:
    """One order in the operator's books."""

    number: str
    mark: str | None
    line: str
    minor: int
    currency: str
    at: datetime
    charges: list[tuple[int, str]] = field(default_factory=list)
    status: str = "done"
    visible_at: datetime | None = None
    body: str = ""


class Operator:
    """The other side. `letter` says how an order can be found again there; a re-sent order is judged by that."""

    def __init__(self, letter: str, now: Callable[[], datetime]) -> None:
        self.letter, self.now = letter, now
        self.lock = threading.Lock()
        self.bookings: list[Booking] = []
        self.wallet = 100_000
        self.posts = 0
        self.lag = timedelta(0)  #: until an order can be looked up
        self.twist: Callable[[Booking], None] = lambda _booking: None
        self.forgetful = False
        self.skew = timedelta(0)

    @property
    def charges(self) -> list[tuple[int, str]]:
        """Everything that was taken."""
        return [charge for booking in self.bookings for charge in booking.charges]

    def take(self, body: str) -> Reply:
        """An order arrives; it is executed, or found executed."""
        form = json.loads(body)
        with self.lock:
            known = [each for each in self.bookings if each.mark == form["mark"] and self.letter in "AB"]
            if known and not self.forgetful:
                if self.letter == "B":
                    return 409, {"code": "duplicate_reference"}
                return (200, _told(known[0])) if known[0].body == body else (409, {"code": "key_conflict"})
            booking = Booking(
                f"N{len(self.bookings) + 1:05d}",
                None if self.letter == "D" else form["mark"],
                form["line"],
                form["minor"],
                form["currency"],
                self.now() + self.skew,
                body=body,
                visible_at=self.now() + self.lag,
                status="created" if self.letter == "E" else "done",
            )
            self.bookings.append(booking)
            if self.letter != "E":
                self._charge(booking)
            return 200, _told(booking)

    def complete(self, number: str) -> Reply:
        """The second phase of an operator that only reserves first; repeating it changes nothing."""
        with self.lock:
            booking = next(each for each in self.bookings if each.number == number)
            if booking.status == "created":
                booking.status = "done"
                self._charge(booking)
            return 200, _told(booking)

    def _charge(self, booking: Booking) -> None:
        booking.charges.append((booking.minor, booking.currency))
        self.twist(booking)
        self.wallet -= sum(minor for minor, _ in booking.charges)

    def find(self, mark: str | None) -> list[Booking]:
        """Orders by their mark where the tier has marks, else all; what is not visible yet is not there."""
        with self.lock:
            seen = [each for each in self.bookings if each.visible_at is None or each.visible_at <= self.now()]
            if mark is None or self.letter == "D":
                return seen
            return [] if self.forgetful else [each for each in seen if each.mark == mark]


def _told(booking: Booking) -> dict[str, Any]:
    minor, currency = booking.charges[0] if booking.charges else (booking.minor, booking.currency)
    return {
        "order": booking.number, "mark": booking.mark, "line": booking.line, "status": booking.status, "minor": minor,
        "currency": currency, "at": booking.at.isoformat(),
    }  # fmt: skip


@cache
def _shared() -> Client:
    """One for all, as it takes a while to read the certificates; every order has a connection of its own anyway."""
    return Client()


class FakeProvider:
    """The adapter. It talks through the program's own client and reads by the program's own common rules."""

    settle_window = WINDOW
    absence_horizon = timedelta(days=1)
    reading_max_age = timedelta(minutes=15)
    play_money = True

    def __init__(self, letter: str, base: str) -> None:
        self.name, self.letter, self.base = "fake", letter, base
        self.tier = TIERS[letter]
        self.client = _shared()

    def plans(self, now: datetime, *, line: LineRef | None = None, deadline: float = 30.0) -> Sequence[Plan]:
        return ()

    def quote(self, wish: Wish, now: datetime, *, deadline: float = 30.0) -> Quote:
        assert wish.amount is not None
        return Quote(wish.amount, balance_before=self.account_balance(now))

    def request(self, order: OutgoingOrder) -> Request:
        form = {
            "mark": order.key,
            "line": order.wish.line.iccid,
            "minor": order.price.minor,
            "currency": order.price.currency,
        }
        return Request("/orders", json.dumps(form, sort_keys=True))

    def send(self, order: OutgoingOrder, request: Request, now: datetime, *, deadline: float) -> Answer:
        answer = self._ask("POST", request.endpoint, deadline, request.body)
        if self.letter == "E" and answer.status == 200:
            created = self.interpret(order, answer)
            if created.verdict is Verdict.ACCEPTED and created.provider_order is not None:
                return self._ask("POST", f"/complete/{created.provider_order}", deadline, "{}")
        return answer

    def interpret(self, order: OutgoingOrder, answer: Answer) -> Outcome:
        plain = by_transport(answer, None)
        if plain is not None:
            return plain
        assert answer.status is not None
        try:
            told = read_object(answer.body)
            if answer.status in (200, 201, 202):
                return self._executed(order, told)
            code = told.maybe_text("code")
        except ValueError:
            return ambiguous("malformed") if answer.status < 300 else by_status(answer.status)
        return self._refused(answer.status, code)

    def _refused(self, status: int, code: str | None) -> Outcome:
        if status == 422 and code == "bad_package":
            return refused(code)
        if status == 409:
            if code == "duplicate_reference":
                return exists()
            return refused("price_changed") if code == "price_changed" else ambiguous(code or "conflict")
        return by_status(status)

    def _executed(self, order: OutgoingOrder, told: JsonObject) -> Outcome:
        number, status = told.id_of("order"), told.id_of("status")
        if status == "failed":
            return refused("failed_there")
        if status in ("processing", "created"):
            return Outcome(Verdict.ACCEPTED, provider_order=number, charged=None)
        minor = told.integer("minor")
        if status != "done" or minor is None:
            return ambiguous("malformed")
        paid = Money(minor, told.id_of("currency"))
        wrong = None if told.exact("line") == order.wish.line.iccid else "another line"
        return Outcome(
            Verdict.SETTLED, provider_order=number, charged=True, paid=paid, goods=Goods(iccid=order.wish.line.iccid),
            mismatch=wrong,
        )  # fmt: skip

    def look_up(self, order: OutgoingOrder, now: datetime, *, deadline: float) -> Outcome:
        answer = self._ask("GET", f"/orders?mark={order.key}", deadline)
        if answer.status != 200:
            return Outcome(Verdict.AMBIGUOUS, answer.failure or "server_error")
        found = [row for row in json.loads(answer.body)["orders"] if self._is(order, row)]
        if not found:
            return Outcome(Verdict.ABSENT, "not_found", charged=False)
        if found[0]["status"] == "created":  # reserved there, not bought: the second phase may be repeated
            done = self._ask("POST", f"/complete/{found[0]['order']}", deadline, "{}")
            return self.interpret(order, done)
        return self._executed(order, JsonObject(found[0]))

    def _is(self, order: OutgoingOrder, row: dict[str, Any]) -> bool:
        """By the mark; where there is none, by line, price and time, and by not being another order of ours."""
        if self.letter != "D":
            return bool(row["mark"] == order.key)
        at = datetime.fromisoformat(row["at"])
        near = abs(at - (order.attempted_at or order.created_at)) <= timedelta(minutes=10)
        return near and row["line"] == order.wish.line.iccid and row["order"] not in order.others

    def reading(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Reading | None:
        return None

    def account_balance(self, now: datetime, *, deadline: float = 30.0) -> Money | None:
        answer = self._ask("GET", "/balance", deadline)
        if answer.status != 200:
            raise Unreachable("the fake operator cannot be asked")
        return Money(int(json.loads(answer.body)["minor"]), "USD")

    def orders(self, since: datetime, now: datetime, *, deadline: float = 30.0) -> Sequence[ProviderOrder] | None:
        answer = self._ask("GET", "/orders", deadline)
        if answer.status != 200:
            raise Unreachable("the fake operator cannot be asked")
        return tuple(
            ProviderOrder(
                row["order"], row["mark"], "topup", None, row["line"], tuple(Money(m, c) for m, c in row["charges"]),
                delivered=row["status"] == "done", created_at=datetime.fromisoformat(row["at"]), status=row["status"],
            )
            for row in json.loads(answer.body)["orders"]
        )  # fmt: skip

    def lines(self, now: datetime, *, deadline: float = 30.0) -> Sequence[LineRef]:
        return ()

    def _ask(self, method: str, path: str, deadline: float, body: str | None = None) -> Answer:
        return self.client.exchange(method, self.base + path, headers={}, body=body, deadline=deadline, fresh=True)


__all__ = ["TIERS", "WINDOW", "Booking", "FakeProvider", "Operator"]
