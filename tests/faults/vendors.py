"""The real adapters against the vendors' doubles, without a socket: one answer to an order broken, the rest honest.

The double's behaviours are armed by name; the clock is the harness's, for both sides. At most one charge for one
order, and in the end the books say what the vendor's say.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from esimctl.errors import EsimctlError, ExitCode
from esimctl.ledger.orders import OrderState
from esimctl.profile.codes import codes_of_line
from esimctl.providers.protocol import Answer
from esimctl.providers.sandbox.books import OperatorBooks
from esimctl.values.money import Money
from tests.faults.matrix import START, Moving, session_of
from tests.faults.scratch import renew
from tests.faults.virtual import Hurried
from tests.vendors.accounts import CREDENTIALS, PACK, TOPUP, ZONE, address
from tests.vendors.armed import NOTHING, Armed
from tests.vendors.calls import Call, Silence
from tests.vendors.open import make_face

LINE = "phone"
STRANGER = "web-"  #: how the batches of somebody else begin


@dataclass(frozen=True, slots=True)
class Way:
    """How the answer to one order goes wrong. `answer` None: none comes."""

    name: str
    status: int | None = None
    body: bytes | None = None  #: None: the honest one
    headers: tuple[tuple[str, str], ...] = ()
    refuses: bool = False  #: a word that nothing was done, which is a lie where it was

    def spoil(self, honest: Answer) -> Answer:
        """What reaches the program."""
        if self.status is None and self.body is None:
            return Answer(None, failure="connection_lost", sent=True)
        return Answer(
            honest.status if self.status is None else self.status,
            honest.body if self.body is None else self.body,
            {**honest.headers, **dict(self.headers)},
        )


def _document(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


WAYS = (
    Way("reset"),
    Way("empty", 200, b""),
    Way("half", 200, b'{"success": true, "obj": {"orderNo": "B1"'),
    Way("portal", 200, b"<html>Sign in to the hotel</html>"),
    Way("a-list", 200, b"[1, 2]"),
    Way("wrong-shape", 200, _document(success=True, obj={"list": []}, data={}, purchase=[], profile=[])),
    Way("wrong-type", 200, _document(success="true", obj=[7], data=5, purchase="x", profile=3)),
    Way("500", 500, b"{}"),
    Way("502", 502, b"<html>bad gateway</html>"),
    Way("503-retry-after", 503, b"{}", (("retry-after", "5"),)),
    Way("408", 408, b""),
    Way("409", 409, b"{}"),
    Way("429", 429, b"{}", (("retry-after", "3"),)),
    Way("401", 401, b"{}", refuses=True),
    Way("403", 403, b"{}", refuses=True),
)


def _refusal(code: str) -> bytes:
    return _document(success=False, errorCode=code, errorMsg="no", obj=None)


def _said(code: int) -> bytes:
    return _document(code=code, reason="no")


#: what only one vendor says: api → its codes in answer to an order
CODES: Mapping[str, tuple[Way, ...]] = {
    "esim-access": (
        *(Way(code, 200, _refusal(code)) for code in ("000001", "200010", "310272", "310402", "900001", "999999")),
        *(
            Way(code, 200, _refusal(code), refuses=True)
            for code in ("000105", "101003", "200007", "200011", "310241", "400001", "401001")
        ),
        Way("success-as-text", 200, _document(success="perhaps", obj=None)),
    ),
    "airalo": (
        *(Way(f"422-{code}", 422, _said(code), refuses=True) for code in (11, 13, 14, 23, 33, 34, 43, 73)),
        *(Way(f"422-{code}", 422, _said(code)) for code in (53, 999)),
        Way("403-89", 403, _said(89), refuses=True),
        Way(
            "422-invalid",
            422,
            _document(data={"package_id": "no"}, meta={"message": "the parameter is invalid"}),
            refuses=True,
        ),
        Way("404", 404, _document(data=[], meta={"message": "messages.resource_not_found"}), refuses=True),
        Way("nothing", 200, _document(data=[], meta={"message": "success"})),
    ),
    "celitech": (
        Way("400", 400, _document(message="no"), refuses=True),
        Way("404", 404, _document(message="no"), refuses=True),
        Way("422", 422, _document(message="the Idempotency-Key was used for another request")),
        Way("409-running", 409, _document(message="the original request is still being processed")),
        Way("no-purchase", 200, b"[]"),
    ),
}


class VendorDesk:
    """A fresh profile with an account at a double. `ahead` is how far our clock stands before the vendor's."""

    def __init__(
        self, api: str, home: Path, armed: Armed = NOTHING, *, start: datetime = START, deadline: str = "20"
    ) -> None:
        self.api, self.home = api, home
        self.hurried = Hurried()
        self.clock = Moving(self.hurried)
        self.clock.base = start
        self.ahead = timedelta(0)
        self.environ = {
            "ESIMCTL_HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),  # a template and its copies have marks of their own
            "ESIMCTL_DEADLINE": deadline,
            **CREDENTIALS,
            address(api): "http://127.0.0.1:1",
        }
        self.face = make_face(api, OperatorBooks(home / "vendors"), ZONE, self.vendor_now, armed=armed)
        self.ways: list[tuple[Way, bool] | None] = []  #: for the next orders: how, and whether they are carried out
        self.posts = 0
        self.fired = 0
        self.before = {each.number for each in self.face.sold()}

    def vendor_now(self) -> datetime:
        return self.clock.now() - self.ahead

    # -- the wire

    def exchange(self, _client: object, method: str, url: str, *, headers: Mapping[str, str], **more: Any) -> Answer:
        """Instead of the network."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        call = Call.of(method, target, dict(headers), (more.get("body") or "").encode())
        if self.face.order_key(call) is None:
            return self._honest(call)
        self.posts += 1
        way = self.ways.pop(0) if self.ways else None
        if way is None:
            return self._honest(call)
        self.fired += 1
        spoilt, executed = way
        if executed:
            return spoilt.spoil(self._honest(call))
        with self.face.counter.books.writing() as database:  # what others do goes on all the same
            self.face.counter.meanwhile(database, self.vendor_now())
        return spoilt.spoil(self._plain(200, b"{}"))

    def _honest(self, call: Call) -> Answer:
        reply = self.face.respond(call)
        if isinstance(reply, Silence):
            return Answer(None, failure="connection_lost", sent=True)
        return self._plain(reply.status, reply.body, {name.lower(): value for name, value in reply.headers.items()})

    def _plain(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        return Answer(status, body, {"date": format_datetime(self.vendor_now(), usegmt=True), **(headers or {})})

    @contextmanager
    def acting(self) -> Iterator[None]:
        """The program's network is the double, and pauses cost nothing."""
        from esimctl.profile import deadline
        from esimctl.providers import asking
        from esimctl.providers.asking import Pacer
        from esimctl.providers.client import Client

        exchange = lambda client, method, url, **more: self.exchange(client, method, url, **more)  # noqa: E731
        with (
            mock.patch.object(deadline, "time", self.hurried),
            mock.patch.object(asking.time, "sleep", self.hurried.sleep),
            mock.patch.object(Client, "exchange", exchange),
            mock.patch.object(Pacer, "wait", return_value=True),
        ):
            yield

    # -- the program

    def session(self) -> Any:
        """As a new process would have it."""
        return session_of(self.home, self.environ, self.clock)

    def order(self, kind: str, request_id: str | None = "cell") -> int:
        """A purchase by a person; its exit code."""
        from esimctl.purchase.offer import Intent
        from esimctl.purchase.walk import purchase

        plan = f"{self.api}/{PACK if kind == 'new' else TOPUP[self.api]}"
        wish = Intent(kind, line=LINE if kind != "new" else None, plan=plan, request_id=request_id, confirmed=True)
        with self.acting():
            try:
                return int(purchase(self.session(), wish).exit_code)
            except EsimctlError as error:
                return int(error.exit_code)

    def settle(self) -> None:
        """What every later run of the program does first."""
        from esimctl.profile.books import open_books
        from esimctl.profile.deadline import Deadline
        from esimctl.purchase.pursue import settle_open

        session = self.session()
        with self.acting(), open_books(session, "recovery", 5.0) as books:
            settle_open(books, Deadline(20.0))

    def reconcile(self) -> Any:
        """The command's action."""
        from esimctl.purchase.reconcile import reconcile

        with self.acting():
            return reconcile(self.session())

    def resolve(self, name: str, number: str | None) -> None:
        """A person looked at the vendor's console: the number there, or None."""
        from esimctl.purchase.resolve import resolve

        with self.acting():
            resolve(self.session(), name, number)

    def pay_in(self, cents: int) -> None:
        """Credit is paid into the account."""
        self.face.pay_in(cents)

    def somebody_orders(self) -> None:
        """Somebody else buys on the same account."""
        self.face.sell(PACK, f"{STRANGER}{len(self.face.sold())}")

    def later(self, **span: float) -> None:
        """Time passes for both sides."""
        self.clock.base += timedelta(**span)

    def heal(self) -> None:
        """Runs within minutes, hours, and after the horizon; then the books are compared."""
        for span in (*[{"seconds": 90}] * 4, {"hours": 5}, {"hours": 25}, {"minutes": 2}):
            self.later(**span)
            self.settle()
        self.reconcile()

    # -- both sides' books

    def orders(self) -> list[OrderState]:
        """Of the journal, without those that made the stage."""
        ledger = self.session().store.ledger_for_reading()
        return [order for order in ledger.all_orders() if order.request_id != "stage"]

    def charges(self) -> dict[str, int]:
        """Batch → cents: what was taken for orders of ours since the desk was opened. Further days belong to one."""
        found: dict[str, int] = {}
        for each in self.face.sold():
            if each.number not in self.before and not each.batch.startswith(STRANGER):
                batch = each.batch.removesuffix("~days")
                found[batch] = found.get(batch, 0) + each.cents
        return found

    def credit(self) -> Money:
        """What the vendor says that the account has."""
        with self.face.counter.reading_books() as database:
            return Money(self.face.counter.credit(database), "USD")


def stage(api: str, place: Path) -> Path:
    """A profile with an account and one line bought there, some days ago."""
    from esimctl.store.folder import Store

    home = place / f"stage-{api}"
    home.mkdir(mode=0o700)
    method = {"kind": "provider-balance", "provider": api, "default": True}
    Store(home, "default").create(
        {"schema": 1, "provider": {api: {"kind": api}}, "payment": {f"{api}-balance": method}}
    )
    desk = VendorDesk(api, home, start=START - timedelta(days=2))
    from esimctl.purchase.offer import Intent
    from esimctl.purchase.walk import purchase

    wish = Intent("new", line=LINE, plan=f"{api}/{PACK}", request_id="stage", confirmed=True)
    with desk.acting():
        if purchase(desk.session(), wish).exit_code is not ExitCode.DONE:
            raise RuntimeError(f"the stage of {api} cannot be set")
    return home


def opened(api: str, template: Path, place: Path, armed: Armed = NOTHING) -> VendorDesk:
    """A desk on a copy of a stage."""
    return VendorDesk(api, renew(place / "home", template), armed)


def judge(desk: VendorDesk, *, refused: bool = False) -> Iterator[str]:
    """At most one charge for one order, and the books say what the vendor's say: in every cell, whatever was armed.

    `refused`: the vendor said no, definitely. What it did all the same for a top-up stands in no list of some: then the
    comparison of balances has to say so.
    """
    orders, charges = desk.orders(), desk.charges()
    if len(orders) != 1:
        yield f"{len(orders)} orders in the journal"
        return
    order = orders[0]
    if len(charges) > 1:
        yield f"DOUBLED: {len(charges)} charges {charges}, the order is {order.state}"
    # what moved the account meanwhile, or an order that is said to exist and is nowhere, only a person can clear
    unclear = {"deposits", "others"} & desk.face.counter.armed.names or order.reason == "exists"
    if charges and order.state != "settled":
        caught = refused and caught_by(desk.reconcile())
        (order,) = desk.orders()
        if order.state != "settled" and not caught and not (order.state == "manual" and unclear):
            yield f"LOST: charged, the order is {order.state} ({order.reason})"
    if not charges and order.state != "rejected" and not (order.state == "manual" and unclear):
        yield f"not charged, the order is {order.state} ({order.reason})"
    cents = sum(charges.values())
    if charges and order.state == "settled" and order.counted != Money(cents, "USD") and not order.discrepancy:
        yield f"charged {cents}, the books say {order.counted}"
    if charges and order.state == "settled" and order.kind == "new":
        session = desk.session()
        if order.line not in session.lines or not (codes_of_line(session, order.line) or {}).get("lpa"):
            yield f"LOST: line {order.line} or its code"


def caught_by(result: Any) -> bool:
    """Whether a comparison of books says that money is gone: a balance that does not fit, or an order of nobody."""
    unknown = any(not row.acknowledged for row in result.data.foreign)
    return result.exit_code is ExitCode.UNKNOWN_OUTCOME or unknown


__all__ = ["CODES", "WAYS", "VendorDesk", "Way", "judge", "opened", "stage"]
