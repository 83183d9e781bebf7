"""A profile with an account, a line and a due rule at every vendor, whose doubles answer without a socket.

The program's own client is at work: only the connections below it are the harness's. One vendor can be made hostile;
commands run through `main`, as a script would run them.
"""

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from unittest import mock

import httpcore

from esimctl.ledger.orders import OrderState
from esimctl.providers.sandbox.books import OperatorBooks
from esimctl.values.money import Money
from tests.faults.hostile import Kind, Said
from tests.faults.matrix import START, Moving, session_of
from tests.faults.scratch import renew
from tests.faults.virtual import Hurried
from tests.vendors.accounts import APIS, PACK, TOPUP, ZONE, address
from tests.vendors.calls import Call, Silence
from tests.vendors.face import Face
from tests.vendors.open import make_face

#: with every character that some spelling writes otherwise
SECRETS: Mapping[str, str] = {
    "ESIMCTL_ESIM_ACCESS_ACCESS_CODE": "canary/of+access=0001",
    "ESIMCTL_AIRALO_CLIENT_ID": "canary-id/airalo",
    "ESIMCTL_AIRALO_CLIENT_SECRET": "canary/of+airalo=0002",
    "ESIMCTL_CELITECH_CLIENT_ID": "canary-id/celitech",
    "ESIMCTL_CELITECH_CLIENT_SECRET": "canary/of+celitech=0003",
}
CASE = "case"  #: the request id of the order that meets the hostile answer


@dataclass(slots=True)
class Attack:
    """What one vendor does: to which calls, and whether it carries orders out. `fired` counts its answers."""

    api: str
    kind: Kind
    orders: bool = False  #: only in answer to an order, which is carried out or not
    token: bool = False  #: only in answer to a question for a token
    executed: bool = True
    fired: int = 0


@dataclass(frozen=True, slots=True)
class Ran:
    """What a script sees of one command."""

    code: int
    out: str
    err: str


class Wire:
    """Instead of the program's connections."""

    def __init__(self, answer: Callable[[httpcore.Request], httpcore.Response]) -> None:
        self._answer = answer

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        from esimctl.providers.network import CURRENT

        CURRENT.get().sent = True
        return self._answer(request)

    def close(self) -> None:
        """There is no connection."""


class Mall:
    """The vendors, the home, the time of both."""

    def __init__(self, home: Path, start: datetime = START) -> None:
        self.home = home
        self.hurried = Hurried()
        self.clock = Moving(self.hurried)
        self.clock.base = start
        self.attack: Attack | None = None
        self.lost: set[str] = set()  #: vendors whose next answer to an order is lost
        self.told: list[str] = []  #: secrets that requests carried
        self.printed: list[str] = []
        state = {"XDG_STATE_HOME": str(home / "machine")}  # what it notes of a profile comes and goes with the stage
        self.environ = {"ESIMCTL_HOME": str(home), "ESIMCTL_DEADLINE": "20", **state, **SECRETS}
        self.faces: dict[str, Face] = {}
        for port, api in enumerate(APIS, 1):
            self.environ[address(api)] = f"http://127.0.0.1:{port}"
            self.faces[api] = make_face(api, OperatorBooks(home / "vendors"), ZONE, self.clock.now)
        self.before = {api: {each.number for each in self.faces[api].sold()} for api in APIS}

    # -- the vendors

    def _answer(self, request: httpcore.Request) -> httpcore.Response:
        api = APIS[(request.url.port or 1) - 1]
        assert isinstance(request.stream, Iterable)
        face, body = self.faces[api], b"".join(request.stream)
        headers = {name.decode().lower(): value.decode() for name, value in request.headers}
        call = Call.of(request.method.decode(), request.url.target.decode(), headers, body)
        order, attack = face.order_key(call) is not None, self.attack
        if order and api in self.lost:
            self.lost.discard(api)
            face.respond(call)
            raise httpcore.ReadError("lost")
        token = call.path.endswith("/token")
        if attack is None or attack.api != api or order is not attack.orders or token is not attack.token:
            return _response(self._honest(face, call))
        attack.fired += 1
        said = (
            self._plain(200, b'{"success":true,"obj":null}')
            if order and not attack.executed
            else self._honest(face, call)
        )
        secret = headers.get("rt-accesscode") or headers.get("authorization", "").removeprefix("Bearer ")
        secret = secret or SECRETS[f"ESIMCTL_{api.upper()}_CLIENT_SECRET"]
        self.told.append(secret)
        return _response(attack.kind.make(said, secret))

    def _honest(self, face: Face, call: Call) -> Said:
        reply = face.respond(call)
        if isinstance(reply, Silence):
            raise httpcore.ReadError("lost")
        return self._plain(reply.status, reply.body, reply.headers)

    def _plain(self, status: int, body: bytes, headers: Mapping[str, str] = {}) -> Said:
        named = {"date": format_datetime(self.clock.now(), usegmt=True), "content-type": "application/json", **headers}
        return Said(status, tuple((name.lower().encode(), value.encode()) for name, value in named.items()), body)

    # -- the program

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Its connections are ours, its pauses cost nothing, its clock is the harness's."""
        from esimctl.profile import deadline
        from esimctl.profile import opened as session
        from esimctl.providers import asking, network
        from esimctl.providers.asking import Pacer

        with (
            mock.patch.object(network, "connections", return_value=Wire(self._answer)),
            mock.patch.object(session, "Clock", return_value=self.clock),
            mock.patch.object(deadline, "time", self.hurried),
            mock.patch.object(asking.time, "sleep", self.hurried.sleep),
            mock.patch.object(Pacer, "wait", return_value=True),
            mock.patch.dict("os.environ", self.environ, clear=True),
        ):
            yield

    def __call__(self, *words: str) -> Ran:
        """One command line."""
        from esimctl.main import main

        out, err = io.StringIO(), io.StringIO()
        with (
            self.acting(),
            mock.patch.object(sys, "stdin", io.StringIO()),
            mock.patch.object(sys, "stdout", out),
            mock.patch.object(sys, "stderr", err),
        ):
            code = main(list(words))
        self.printed += [out.getvalue(), err.getvalue()]
        return Ran(code, out.getvalue(), err.getvalue())

    def session(self) -> Any:
        """The books, to look into."""
        return session_of(self.home, self.environ, self.clock)

    def heal(self) -> Iterator[Ran]:
        """Everybody is honest again: runs within minutes, hours, and after the horizon, while an order is open."""
        self.attack = None
        for span in ({"seconds": 90}, {"seconds": 90}, {"hours": 5}, {"hours": 25}, {"minutes": 2}):
            self.clock.base += timedelta(**span)
            yield self("reconcile", "--json")
            if not self.session().store.ledger_for_reading().open_orders():
                return

    # -- both sides' books

    def orders(self, api: str) -> list[OrderState]:
        """Those of this cell at a vendor."""
        ledger = self.session().store.ledger_for_reading()
        return [
            each for each in ledger.all_orders() if each.provider == api and not each.request_id.startswith("stage")
        ]

    def use(self, api: str, octets: int) -> None:
        """The eSIM of a line is in a phone, and so much of its data is gone."""
        for sold in self.faces[api].sold():
            self.faces[api].use(sold.iccid, octets)

    def charges(self, api: str) -> dict[str, int]:
        """Batch → cents since this cell began."""
        found: dict[str, int] = {}
        for each in self.faces[api].sold():
            if each.number not in self.before[api]:
                found[each.batch] = found.get(each.batch, 0) + each.cents
        return found


def _response(said: Said) -> httpcore.Response:
    return httpcore.Response(said.status, headers=list(said.headers), content=said.body)


def line_at(api: str) -> str:
    """The line that was bought at a vendor."""
    return f"at-{api}"


def stage(place: Path) -> Path:
    """Three accounts, three lines that were bought two hours ago, three confirmed rules that are due."""
    from esimctl.autotopup.rules import enable_rule, set_rule
    from esimctl.store.folder import Store

    home = place / "mall"
    home.mkdir(mode=0o700)
    payments = {f"{api}-balance": {"kind": "provider-balance", "provider": api, "default": True} for api in APIS}
    Store(home, "default").create({"schema": 1, "provider": {api: {"kind": api} for api in APIS}, "payment": payments})
    mall = Mall(home, START - timedelta(hours=2))
    for api in APIS:
        ran = mall(
            "buy",
            f"{api}/{PACK}",
            "--name",
            line_at(api),
            "--yes",
            "--max-price",
            "20USD",
            "--request-id",
            f"stage-{api}",
        )
        if ran.code != 0:
            raise RuntimeError(f"the stage of {api} cannot be set: {ran.err}")
        mall.use(api, 900_000_000)
        with mall.acting():
            values = {
                "below": "5GB", "plan": f"{api}/{TOPUP[api]}", "pay": [f"{api}-balance"], "max_price": "20USD",
                "max_per_month": "100USD",
            }  # fmt: skip
            set_rule(mall.session(), line_at(api), values)
            enable_rule(mall.session(), line_at(api), Money(10_000, "USD"))
    return home


def opened(template: Path, place: Path) -> Mall:
    """A mall on a copy of the stage."""
    return Mall(renew(place / "home", template))


__all__ = ["CASE", "SECRETS", "Attack", "Mall", "Ran", "line_at", "opened", "stage"]
