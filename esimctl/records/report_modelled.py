"""What flowed through a line without an interface: the engine plays its story as the journal tells it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.errors import EsimctlError
from esimctl.providers.abilities import KeepsStories
from esimctl.providers.registry import KINDS
from esimctl.records.report_flows import Ending, Flows
from esimctl.records.report_packs import Origins
from esimctl.records.report_story import LOST, story_flows
from esimctl.usage.playing import play
from esimctl.usage.story import company
from esimctl.values.record import replace

if TYPE_CHECKING:
    from esimctl.ledger.facts import ReadingFact
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import LineRef
    from esimctl.records.report_orders import LineOrders


def modelled_flows(
    session: "Session",
    ledger: "Ledger",
    name: str,
    orders: "LineOrders",
    readings: Mapping[str, list["ReadingFact"]],
    now: datetime,
) -> Flows:
    """The flows of one line; what nobody looked at is not known."""
    names = company(ledger, name)
    state = play(session, _alone(ledger, names, orders, readings), name, now).engine.state()
    balances = {each: state.line(each) for each in names}
    looks = [move.at for move in balances[name].movements if move.reason in ("observed", "out-of-bucket")]
    return story_flows(balances, name, looks)


def endings(session: "Session", ledger: "Ledger", name: str, orders: "LineOrders", now: datetime) -> list[Ending]:
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
    ledger: "Ledger", names: tuple[str, ...], orders: "LineOrders", readings: Mapping[str, list["ReadingFact"]]
) -> "Ledger":
    """The ledger as far as it is about some lines, without an archive to be read for each of them."""
    return replace(
        ledger,
        orders={order.id: order for each in names for order in orders.own(each)},
        readings={each: readings.get(each, []) for each in names},
        archive=None,
    )


def kept_flows(session: "Session", cards: "Sequence[tuple[str, LineRef]]", now: "datetime") -> "dict[str, Flows]":
    """Line → its flows where such books know it; `cards` are (provider, line). Nobody is asked over a network."""
    found: dict[str, Flows] = {}
    for provider in sorted({name for name, _ in cards}):
        kind = KINDS.get(str(session.section("provider").get(provider, {}).get("kind", provider)))
        if kind is not None and kind.base_url is None and not kind.modelled:
            found.update(_flows(session, provider, [card for name, card in cards if name == provider], now))
    return found


def _flows(session: "Session", provider: str, cards: "Sequence[LineRef]", now: "datetime") -> "dict[str, Flows]":
    try:
        operator = session.provider(provider)
        if not isinstance(operator, KeepsStories):
            return {}
        heard, stories = operator.stories(cards, now)
    except EsimctlError:
        return {}  # its readings are in the journal
    found = {}
    for name, (iccid, members) in stories.items():
        found[name] = story_flows(members, iccid, None)
        found[name].until = heard
    return found
