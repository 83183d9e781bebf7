"""What a crash can leave undone after the money was booked: a renewed line with its old plan, a missing code."""

from typing import TYPE_CHECKING, Any

from esimctl.actions.books import Books
from esimctl.actions.lines.codes import codes_of_order, keep_codes
from esimctl.actions.purchase.attempt import as_sent
from esimctl.actions.purchase.deadline import Deadline
from esimctl.actions.purchase.outcome import keep_line, secrets_of
from esimctl.actions.purchase.refund import forget_line, takes_line
from esimctl.errors import EsimctlError

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState

DELIVERED = frozenset({"settled", "refunding"})


def heal(books: Books, deadline: Deadline, lines_before: "set[str]") -> list[dict[str, Any]]:
    """Mend what can be mended; returns what was done: order, line and `line_restored`, `plan_updated`,
    `code_fetched`, `line_given_back` (`order_reopened` is added by who compares).

    `lines_before` are the lines of the profile before open orders were settled, which restores missing ones as well.
    """
    done = []
    orders = books.ledger.all_orders()
    for order in orders:
        if takes_line(books.ledger, order) and forget_line(books, order):
            done.append(act(order, "line_given_back"))
        if order.kind == "new" and order.state in DELIVERED and order.line in books.session.lines:
            if order.line not in lines_before:
                done.append(act(order, "line_restored"))
            if fetch_code(books, order, deadline):
                done.append(act(order, "code_fetched"))
    return done + renewals(books, orders)


def renewals(books: Books, orders: "list[OrderState]") -> list[dict[str, Any]]:
    """A line whose profile names the plan of an earlier order of its own, although a renewal changed it since."""
    done = []
    for name, table in list(books.session.lines.items()):
        plans = [o for o in orders if o.line == name and o.kind in {"new", "renew"} and o.state in DELIVERED and o.plan]
        last = plans[-1] if plans else None
        if last is None or last.kind != "renew" or table.get("plan") == last.plan:
            continue
        if table.get("plan") in {order.plan for order in plans[:-1]}:
            keep_line(books, last)
            done.append(act(last, "plan_updated"))
    return done


def fetch_code(books: Books, order: "OrderState", deadline: Deadline) -> bool:
    """Ask for an activation code that the vault has lost, or that a backup left out."""
    session = books.session
    kept = codes_of_order(session, order, books.ledger)
    if (kept is not None and kept.get("lpa")) or deadline.left <= 1.0:
        return False
    try:
        provider = session.provider(order.provider)
        outcome = provider.look_up(as_sent(order), session.clock.now(), deadline=deadline.left)
    except EsimctlError:
        return False
    goods = outcome.goods
    if goods is None or not goods.lpa:
        return False
    keep_codes(books.session, books.ledger, order, secrets_of(goods))
    if order.iccid is None and goods.iccid is not None:  # settled by a person's word, before the provider could say
        known = {"iccid": goods.iccid, "reference": goods.reference, "msisdn": goods.msisdn}
        books.write({"kind": "order.delivered", "order": order.id, **known})
        session.store.profile.set_table("line", order.line, {k: v for k, v in known.items() if v is not None})
        session.forget()
    return True


def act(order: "OrderState", what: str) -> dict[str, Any]:
    """A row of `healed[]`."""
    return {"order": order.id, "line": order.line, "what": what}
