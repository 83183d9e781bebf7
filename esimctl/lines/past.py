"""Lines that were removed: what the journal keeps of them, reached by their identity also when another has the name."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from esimctl.documents.lines import LineDocument, LinePart, LinesDocument
from esimctl.documents.result import Result
from esimctl.market.on_offer import PLAY, kind_of
from esimctl.profile.codes import codes_of_line
from esimctl.profile.own_catalogue import market
from esimctl.providers.lpa import mask
from esimctl.purchase.document import activation
from esimctl.values.record import replace

if TYPE_CHECKING:
    from esimctl.ledger.facts import LineFact
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session


def list_removed(session: "Session") -> "Result[LinesDocument]":
    """Every line that was removed, the first one first."""
    ledger = session.store.ledger_for_reading()
    gone = sorted((ledger.lines[key] for key in ledger.gone), key=lambda fact: (fact.removed_at, fact.births[0].seq))
    result = Result("lines", LinesDocument(lines=[past_entry(session, ledger, fact) for fact in gone]))
    if not gone:
        result.note("no line was removed")
    return result


def show_past(session: "Session", ledger: "Ledger", key: str, *, reveal: bool) -> "Result[LineDocument]":
    """One of them, with its code; masked unless `reveal`."""
    fact = ledger.lines[key]
    secrets: Mapping[str, str] = codes_of_line(session, key, ledger) or {}
    has = bool(secrets or fact.iccid)
    row = replace(
        past_entry(session, ledger, fact, reveal=reveal),
        activation=activation(secrets.get("lpa"), fact.iccid, None, reveal=reveal) if has else None,
        confirmation_code=secrets.get("confirmation_code") if reveal else None,
        removed=True,
    )
    return Result("line", LineDocument(line=row))


def past_entry(session: "Session", ledger: "Ledger", fact: "LineFact", *, reveal: bool = False) -> LinePart:
    """A line as the journal knows it, under the keys of a line that is followed; what only the profile had is gone."""
    orders = [order for order in ledger.records() if order.line == fact.name] if fact.order else []
    number = next((order.msisdn for order in reversed(orders) if order.msisdn), None)
    plans = [order.plan for order in orders if order.plan and order.kind in ("new", "renew")]
    carrier = fact.carrier
    if carrier is None and plans:
        plan = market(session).plan(plans[-1])
        carrier = None if plan is None else plan.carrier
    return LinePart(
        id=fact.id,
        line=fact.once or fact.name,
        provider=fact.provider,
        carrier=carrier,
        plan=plans[-1] if plans else fact.plan,
        play_money=kind_of(session, fact.provider) == PLAY,
        iccid=fact.iccid if reveal or fact.iccid is None else mask(fact.iccid),
        msisdn=number if reveal or number is None else mask(number),
        order=fact.order,
        tags=(),
        owner=None,
        note=None,
        open_orders=len(ledger.open_orders(line=fact.name)),
        ties=(),
        removed_at=fact.removed_at,
    )
