"""`python -m tests.vendors API`: a vendor's double as a process. One line says where it listens; Ctrl-C or SIGTERM
ends it."""

import argparse
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from esimctl.profile.opened import Clock
from esimctl.providers.sandbox.books import OperatorBooks
from esimctl.providers.sandbox.faults import FAULTS
from esimctl.providers.sandbox.provider import DEFAULT_ZONE
from esimctl.values.moments import parse_duration, zone
from esimctl.values.money import Money
from tests.vendors import levers
from tests.vendors.accounts import address
from tests.vendors.armed import BEHAVIOURS, Armed
from tests.vendors.open import CREDIT, FACES, make_face
from tests.vendors.wire import Server, running


def cents(text: str) -> int:
    """`5USD`: accounts at these vendors are in no other currency."""
    credit = Money.parse(text)
    if credit.currency != "USD":
        raise argparse.ArgumentTypeError("accounts at these vendors are in USD")
    return credit.minor


def span(text: str) -> timedelta:
    """`10s`."""
    found = parse_duration(text)
    return timedelta(days=found.days, seconds=found.seconds)


def fault(text: str) -> tuple[str, int]:
    """`decline` or `decline=2`."""
    kind, _, times = text.partition("=")
    if kind not in FAULTS:
        raise argparse.ArgumentTypeError(f"faults: {', '.join(FAULTS)}")
    return kind, int(times or 1)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(prog="python -m tests.vendors", description=__doc__)
    found.add_argument("api", choices=FACES, metavar="API", help=", ".join(FACES))
    found.add_argument("--port", type=int, default=0, help="0, the default: any that is free")
    found.add_argument("--credit", type=cents, default=CREDIT, help="what a new account has: 1000USD")
    found.add_argument("--delay", type=span, default=timedelta(0), help="how long an eSIM takes: 10s")
    behaviours = "; ".join(f"{name}: {what}" for name, what in BEHAVIOURS.items())
    found.add_argument("--arm", action="append", default=[], choices=BEHAVIOURS, metavar="BEHAVIOUR",
                       help=f"all the time: {behaviours}")  # fmt: skip
    found.add_argument("--fault", action="append", default=[], type=fault, metavar="KIND[=TIMES]",
                       help="for the next orders: " + ", ".join(FAULTS))  # fmt: skip
    found.add_argument("--home", type=Path, help="where its books are kept; default: they go away with it")
    found.add_argument("--zone", type=zone, default=DEFAULT_ZONE, help="where a day begins and ends")
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Serve until told to stop; 2 where words are wrong or the port is taken."""
    asked = parser()
    given = asked.parse_args(words)
    stopped = threading.Event()
    with tempfile.TemporaryDirectory(prefix="vendor-") as folder:
        books, clock = OperatorBooks(given.home or Path(folder)), Clock(os.environ)
        face = make_face(given.api, books, given.zone, clock.now, credit=given.credit, delay=given.delay,
                         armed=Armed(frozenset(given.arm)))  # fmt: skip
        try:
            server = Server(face, given.port)
        except (OSError, OverflowError) as why:
            asked.error(f"port {given.port} cannot be opened: {why}; --port 0 takes a free one")
        for kind, times in given.fault:
            levers.arm(face.counter, kind, times)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stopped.set())
        url = server.base_url
        with running(server):
            print(url, flush=True)
            print(f"use it: {address(given.api)}={url}; Ctrl-C ends it", file=sys.stderr, flush=True)
            stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
