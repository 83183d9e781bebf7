"""What flowed through a line without an interface: the engine plays its story as the journal tells it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.actions.balance.playing import play
from esimctl.actions.report.flows import Ending, Flows
from esimctl.actions.report.packs import Origins
from esimctl.actions.report.story_flows import LOST, story_flows
from esimctl.actions.tracking.story import company

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.ledger.facts import ReadingFact
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState

Orders = Mapping[str, list["OrderState"]]


def modelled_flows(
    session: "Session",
    ledger: "Ledger",
    name: str,
    orders: "Orders",
    readings: Mapping[str, list["ReadingFact"]],
    now: datetime,
) -> Flows:
    """The flows of one line; what nobody looked at is not known."""
    names = company(ledger, name)
    state = play(session, _alone(ledger, names, orders, readings), name, now).engine.state()
    balances = {each: state.line(each) for each in names}
    looks = [move.at for move in balances[name].movements if move.reason in ("observed", "out-of-bucket")]
    return story_flows(balances, name, looks)


def endings(session: "Session", ledger: "Ledger", name: str, orders: "Orders", now: datetime) -> list[Ending]:
    """What has ended on a line by the terms of its orders, and when, had nothing at all been used; oldest first."""
    alone = _alone(ledger, company(ledger, name), orders, {})
    origins, found = Origins(), []
    for move in play(session, alone, name, now, observed=False).balance.movements:
        origins.take(move)
        if move.reason in LOST and move.amount and move.bucket is not None:
            since = origins.since.get(move.bucket, move.at)
            found.append(Ending(since, move.at, move.amount, origins.lost(move.bucket, move.amount)))
    return found


def _alone(
    ledger: "Ledger", names: tuple[str, ...], orders: "Orders", readings: Mapping[str, list["ReadingFact"]]
) -> "Ledger":
    """The ledger as far as it is about some lines, without an archive to be read for each of them."""
    return replace(
        ledger,
        orders={order.id: order for each in names for order in orders.get(each, ())},
        readings={each: readings.get(each, []) for each in names},
        elders=None,
    )
