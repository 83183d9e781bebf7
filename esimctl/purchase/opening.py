"""A profile opened with all that stands above it, and what a stopped run left in its books finished first."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from esimctl.errors import EsimctlError
from esimctl.market.provider import provider_of
from esimctl.profile.opened import Session
from esimctl.values.progress import Progress, silent
from esimctl.values.toml import table_at

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState

FILE: Final = "stopped.toml"  #: the orders that stopped runs had begun, for a day
A_DAY: Final = timedelta(days=1)


def open_profile(profile: str | None, environ: Mapping[str, str], progress: Progress = silent) -> Session:
    """The profile of this run, see `Session.open`; what a run that was stopped had begun in it is finished first."""
    session = Session.open(profile, environ, provider_of, progress)
    if session.unfinished:
        finish_stopped(session)
    return session


def finish_stopped(session: "Session") -> None:
    """Put lines in their place and book what a person's word had begun; `session.finished` are the orders it was at.

    Where somebody is at work, or the disk refuses, it is left to the next command: nothing is said here.
    """
    from esimctl.profile.books import open_books
    from esimctl.purchase.profile_lines import mend_lines
    from esimctl.purchase.pursue import never_sent_word

    with suppress(EsimctlError, OSError), open_books(session, "finish") as books:
        mend_lines(books)
        begun = {order.id for order in books.ledger.open_orders() if never_sent_word(books, order) is not order}
        met = [books.ledger.order(each) for each in session.store.touched | begun]
        orders = [order for order in met if order is not None and order.source == "person"]
        if orders:
            _keep_in_mind(session, orders, books.now())
        session.finished |= {order.id for order in orders if order.state == "settled"}


def _keep_in_mind(session: "Session", orders: "Iterable[OrderState]", now: datetime) -> None:
    from esimctl.store.private_files import PrivateTable

    table = PrivateTable(session.store.folder / FILE)
    known = {order: at for order, at in table_at(table.read(), "order").items() if _lately(at, now)}
    table.write({"order": {**{order.id: now for order in orders}, **known}})


def of_stopped_runs(session: "Session", ledger: "LedgerState") -> "list[OrderState]":
    """The orders that were stopped runs' within the last day, those that are settled by now."""
    from esimctl.store.private_files import PrivateTable

    try:
        kept = PrivateTable(session.store.folder / FILE).read()
    except EsimctlError:  # damaged, or open to others: a comfort is lost, no money
        return []
    now = session.clock.now()
    found = [ledger.order(order) for order, at in table_at(kept, "order").items() if _lately(at, now)]
    return [order for order in found if order is not None and order.state == "settled"]


def _lately(at: object, now: datetime) -> bool:
    return isinstance(at, datetime) and at.utcoffset() is not None and now - at < A_DAY
