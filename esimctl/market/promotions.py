"""Promotions: which there are, which hold today, and which would make a purchase cheaper or bigger."""

from typing import TYPE_CHECKING, Any

from esimctl.catalogue.carriers import carrier as carrier_of
from esimctl.catalogue.claims import STALE_AFTER_DAYS
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.promotions import Promotion
from esimctl.documents.result import Result
from esimctl.market.on_offer import promotions_on_offer
from esimctl.market.plans import check_provider
from esimctl.profile.own_catalogue import market, note_wrong

if TYPE_CHECKING:
    from datetime import date

    from esimctl.profile.opened import Session

ZONE = "Asia/Phnom_Penh"  #: of the carriers whose promotions these are; their days begin there


def list_promotions(
    session: "Session",
    *,
    carrier: str | None = None,
    plan: str | None = None,
    provider: str | None = None,
    everything: bool = False,
) -> Result:
    """Promotions that hold today, or all of them; the demo ones by the rule of `plans_on_offer`."""
    check_provider(session, provider)
    rows = market(session)
    day = _day(session)
    wanted = None if carrier is None else carrier_of(carrier, rows.every_carrier()).id
    chosen = None
    if plan is not None:
        from esimctl.catalogue.plans import plan as known

        chosen = known(plan, tuple(rows.plans.values()))
    found = []
    narrowed = (wanted or "demo") != "demo" or (chosen is not None and not chosen.example)
    for row in promotions_on_offer(session, provider=provider, narrowed=narrowed):
        of_plans = {named.carrier for name in row.plans if (named := rows.plan(name)) is not None} | set(row.carriers)
        if wanted is not None and wanted not in of_plans:
            continue
        if chosen is not None and not row.suits(chosen):
            continue
        if everything or row.holds(day):
            found.append(promotion_document(row, day))
    result = Result("promotions", {"promotions": found})
    note_wrong(result, rows.wrong)
    return result


def promotion_document(row: Promotion, day: "date") -> dict[str, Any]:
    """A promotion as the public document has it; `until` is the first day on which it is over."""
    from datetime import date

    return {
        "id": row.id,
        "name": row.name,
        "plans": list(row.plans),
        "carriers": list(row.carriers),
        "from": row.start.isoformat(),
        "until": row.until.isoformat(),
        "zone": ZONE,
        "holds": row.holds(day),
        "eligible": row.eligible,
        "orders": list(row.orders),
        "effect": {key: dict(value) if hasattr(value, "items") else value for key, value in row.effect.items()},
        "example": row.example,
        "source": row.source,
        "grade": row.grade,
        "seen": row.as_of,
        "retrieved": row.retrieved or row.as_of,
        "as_of": row.as_of or row.retrieved,
        "stale": row.as_of is None or (day - date.fromisoformat(row.as_of)).days > STALE_AFTER_DAYS,
    }


def applying(session: "Session", plan: Plan | None, kind: str) -> list[dict[str, str]]:
    """The promotions that would hold for an order of that kind today: a hint where none was asked for."""
    if plan is None or plan.provider != "sandbox":
        return []
    day = _day(session)
    return [
        {"id": row.id, "name": row.name}
        for row in market(session).promotions.values()
        if row.suits(plan) and row.holds(day) and kind in row.orders and not (row.eligible == "new" and kind != "new")
    ]


def _day(session: "Session") -> "date":
    from esimctl.values.moments import zone

    return session.clock.now().astimezone(zone(ZONE)).date()
