"""What must hold after any fault: what a reader sees first, then recovery, then equality with the operator's books."""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from tests.faults.operator import Sale, sales

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session


def opened(environ: Mapping[str, str]) -> "Session":
    """A session on a home, in this process."""
    from esimctl.purchase.opening import open_profile

    return open_profile(None, environ)


def reader(environ: Mapping[str, str]) -> Iterator[str]:
    """What a reader sees before anybody has recovered anything: readable, whole, closed to others."""
    from esimctl.errors import EsimctlError
    from esimctl.store.profile import ProfileFile

    home = Path(environ["ESIMCTL_HOME"])
    for folder in sorted((home / "profiles").glob("*")) if (home / "profiles").is_dir() else []:
        for path in (folder, *folder.rglob("*")):
            if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077:
                yield f"{path.name} is open to others"
        if (folder / "profile.toml").exists():
            try:
                if ProfileFile(folder / "profile.toml", folder / "backups").read().by_hand:
                    yield f"{folder.name}/profile.toml is not what the program wrote"
            except (EsimctlError, OSError) as error:
                yield f"{folder.name}/profile.toml cannot be read: {error}"
    try:
        session = opened(environ)
        session.store.ledger_for_reading()
        yield from (f"the journal: {finding.said}" for finding in session.store.findings if finding.blocking)
    except (EsimctlError, OSError) as error:
        yield f"reading fails: {error}"


def recover(environ: Mapping[str, str]) -> int:
    """Recovery as every spending command does it first; `reconcile` where the program has that command."""
    from esimctl.profile.books import open_books
    from esimctl.profile.deadline import Deadline
    from esimctl.purchase.pursue import settle_open

    session = opened(environ)
    if session.store.exists():
        with open_books(session, "recovery", 20.0) as books:
            settle_open(books, Deadline(20.0))
    return 0


def recovered(environ: Mapping[str, str]) -> Iterator[str]:
    """Recover twice: it must succeed, and the second time find nothing to do."""
    store = opened(environ).store
    for again in (False, True):
        before = store.journal.stamp()
        try:
            with mock.patch.dict(os.environ, environ, clear=True):
                recover(environ)
        except Exception as error:
            yield f"recovery fails: {type(error).__name__}: {error}"
            return
        if again and store.journal.stamp() != before:
            yield "a second recovery wrote to the journal"


def equal(environ: Mapping[str, str], *, lines: bool = True) -> Iterator[str]:
    """The ledger and the operator's books say the same, order by order and to the cent, and nothing paid is lost."""
    home = Path(environ["ESIMCTL_HOME"])
    yield from (f"{path.name} was left behind" for path in sorted((home / "profiles").glob(".*")))
    session = opened(environ)
    ledger = session.store.ledger_for_reading()
    yield from (f"after recovery: {finding.said}" for finding in session.store.findings if finding.blocking)
    sold = {sale.key: sale for sale in sales(home)}
    orders = {order.key: order for order in ledger.all_orders()}
    for key, sale in sold.items():
        order = orders.get(key)
        if len(sale.charges) != 1:
            yield f"{sale.number} was charged {len(sale.charges)} times"
        if order is None:
            yield f"LOST: {sale.number} was charged and is in no journal"
        else:
            yield from _order(session, ledger, order, sale, lines=lines)
    for key, order in orders.items():
        if order.state in {"settled", "refunding", "refunded"} and key not in sold:
            yield f"the ledger has {order.id} as settled, the operator has not"
        elif order.open:
            yield f"{order.id} is still {order.state} although the operator can be asked"
    yield from _sums(ledger, sold.values())


def _order(session: "Session", ledger: "Ledger", order: "OrderState", sale: Sale, *, lines: bool) -> Iterator[str]:
    if order.state not in {"settled", "refunding", "refunded"}:
        yield f"LOST: {sale.number} was charged, the order is {order.state}"
    elif order.paid is None or (order.paid.minor, order.paid.currency) != sale.charges[0]:
        yield f"{sale.number} was charged {sale.charges[0]}, the ledger says {order.paid}"
    elif sale.back:
        yield from _given_back(order.id, order.state, order.paid.minor, sale)
    elif order.state == "refunded":
        yield f"{order.id} is refunded, the operator has given nothing back"
    elif lines:
        yield from _goods(session, ledger, order.line, sale)


def _given_back(name: str, state: str, paid: int, sale: Sale) -> Iterator[str]:
    if [minor for minor, _ in sale.back] != [paid]:
        yield f"{sale.number} cost {paid}, {sale.back} was given back"
    if state == "settled":
        yield f"LOST: {sale.number} was given back, {name} knows nothing of it"


def _sums(ledger: "Ledger", sold: Any) -> Iterator[str]:
    told: dict[str, int] = {}
    for sale in sold:
        for minor, currency in sale.charges:
            told[currency] = told.get(currency, 0) + minor
    booked: dict[str, int] = {}
    for (account, currency), minor in ledger.balances.items():
        if account.startswith("spend:"):
            booked[currency] = booked.get(currency, 0) + minor
    if told != {currency: minor for currency, minor in booked.items() if minor}:
        yield f"the operator took {told}, the ledger booked {booked}"


def _goods(session: "Session", ledger: "Ledger", line: str, sale: Sale) -> Iterator[str]:
    if sale.kind != "new":
        return
    from esimctl.profile.codes import codes_of_line

    name = line
    for _seq, old, new in ledger.renames:
        name = new if name == old else name
    if name not in session.lines:
        yield f"LOST: {sale.number} was paid, line {name} is not in the profile"
    elif session.lines[name].get("iccid") != sale.iccid:
        yield f"line {name} carries another number than was sold"
    kept = codes_of_line(session, name, ledger)
    if kept is None or kept.get("lpa") != sale.lpa:
        yield f"LOST: the activation code of {sale.number}"


def document(out: str) -> dict[str, Any]:
    """The order of a JSON answer, the last one of a run of rules; empty where there is none."""
    try:
        table = json.loads(out)
    except ValueError:
        return {}
    found = None if not isinstance(table, dict) else table.get("order") or (table.get("orders") or [None])[-1]
    return found if isinstance(found, dict) else {}


def state_of(environ: Mapping[str, str], order_id: str | None) -> str | None:
    """The state of an order as a plain reader sees it."""
    order = opened(environ).store.ledger_for_reading().order(order_id or "")
    return None if order is None else order.state


__all__ = ["document", "equal", "opened", "reader", "recover", "recovered", "state_of"]
