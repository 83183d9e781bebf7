"""What flowed through a line without an interface: the movements of the engine that plays its story."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.actions.balance.consumption import MONEY
from esimctl.actions.balance.playing import play
from esimctl.actions.report.flows import ENDED, MOMENT, Flows, Lost, Used
from esimctl.actions.tracking.story import company

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.charging.buckets import Movement
    from esimctl.ledger.facts import ReadingFact
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState

LOST = frozenset({"forfeited", "expired", "trimmed", "lapsed", "reset", "not-carried"})
USED = frozenset({"used", "committed", "out-of-bucket"})


def modelled_flows(
    session: "Session",
    ledger: "Ledger",
    name: str,
    orders: Mapping[str, list["OrderState"]],
    readings: Mapping[str, list["ReadingFact"]],
    now: datetime,
) -> Flows:
    """The flows of one line. What an observation found gone was used since the one before it, evenly over that time."""
    names = company(ledger, name)
    alone = replace(
        ledger,
        orders={order.id: order for each in names for order in orders.get(each, ())},
        readings={each: readings.get(each, []) for each in names},
        elders=None,
    )
    state = play(session, alone, name, now).engine.state()
    flows = Flows()
    mine = [move for move in state.line(name).movements if move.reason not in MONEY]
    if not mine:
        return flows
    observed = [move.at for move in mine if move.reason in ("observed", "out-of-bucket")]
    flows.since, flows.until = mine[0].at, observed[-1] if observed else None
    flows.over = mine[-1].at if state.line(name).status in ENDED else None
    before = seen = mine[0].at
    flows.carried += _not_carried(mine)
    for move in mine:
        if move.reason == "observed":
            before, seen = seen, move.at
        _take(flows, move, before, observed)
    for other in names:
        for move in state.line(other).movements if other != name else ():
            if move.reason == "used" and move.other == name:
                flows.used.append(Used(move.at, move.at, move.amount or 0))
                flows.taken.append((move.at, move.amount or 0, other))
    return flows


def _not_carried(moves: "Iterable[Movement]") -> "Iterator[tuple[datetime, int]]":
    """What is to be taken off what was carried, at its instant: a carry that failed, and what a ceiling cut at once."""
    came: dict[str, datetime] = {}
    for move in moves:
        if move.bucket is None:
            continue
        if move.reason == "carried-in":
            came[move.bucket] = move.at
        elif move.reason == "not-carried" or (move.reason == "trimmed" and came.get(move.bucket) == move.at):
            yield came.get(move.bucket, move.at), -(move.amount or 0)


def _take(flows: Flows, move: "Movement", before: datetime, observed: list[datetime]) -> None:
    """One movement into the flows. What the model lost is known only where somebody has looked since it was granted."""
    octets = move.amount or 0
    if move.reason in USED and move.other is None:
        flows.used.append(Used(move.at, move.at, octets))
    elif move.reason == "observed-less":
        flows.used.append(Used(before, move.at, octets))
    elif move.reason == "observed-more":
        flows.used.append(Used(before, move.at, -octets))
    elif move.reason == "carried-in":
        flows.carried.append((move.at, octets))
    elif move.reason in LOST and octets and move.bucket is not None:
        last = move.at - MOMENT
        flows.lost.append(Lost(last, last, octets if any(at <= move.at for at in observed) else None))


__all__ = ["modelled_flows"]
