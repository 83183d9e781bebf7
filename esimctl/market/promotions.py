"""Promotions: which there are, which hold today, and which would make a purchase cheaper or bigger."""

from datetime import date
from typing import TYPE_CHECKING

from esimctl.catalogue.carriers import carrier as carrier_of
from esimctl.catalogue.claims import STALE_AFTER_DAYS
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.plans import plan as known
from esimctl.catalogue.promotions import Promotion, PromotionBenefit
from esimctl.documents.claims import PromotionEffect, PromotionRow, PromotionsDocument
from esimctl.documents.document import ABSENT
from esimctl.documents.offers import ApplyingPromotionRow
from esimctl.documents.result import Result
from esimctl.market.on_offer import promotions_on_offer
from esimctl.market.plans import check_provider, day_written
from esimctl.profile.own_catalogue import market, note_wrong
from esimctl.values.moments import zone

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

ZONE = "Asia/Phnom_Penh"  #: of the carriers whose promotions these are; their days begin there


def list_promotions(
    session: "Session",
    *,
    carrier: str | None = None,
    plan: str | None = None,
    provider: str | None = None,
    everything: bool = False,
) -> "Result[PromotionsDocument]":
    """Promotions that hold today, or all of them; the demo ones by the rule of `plans_on_offer`."""
    check_provider(session, provider)
    rows = market(session)
    day = _day(session)
    wanted = None if carrier is None else carrier_of(carrier, rows.every_carrier()).id
    chosen = None
    if plan is not None:
        chosen = known(plan, tuple(rows.plans.values()))
    found: list[PromotionRow] = []
    narrowed = (wanted or "demo") != "demo" or (chosen is not None and not chosen.example)
    for row in promotions_on_offer(session, provider=provider, narrowed=narrowed):
        of_plans = {named.carrier for name in row.plans if (named := rows.plan(name)) is not None} | set(row.carriers)
        if wanted is not None and wanted not in of_plans:
            continue
        if chosen is not None and not row.suits(chosen):
            continue
        if everything or row.holds(day):
            found.append(promotion_row(row, day))
    result = Result("promotions", PromotionsDocument(promotions=found))
    note_wrong(result, rows.wrong)
    return result


def promotion_row(row: Promotion, day: date) -> PromotionRow:
    """A promotion as the public document has it; `until` is the first day on which it is over."""
    seen, retrieved = day_written(row.as_of), day_written(row.retrieved)
    as_of = seen or retrieved
    assert as_of is not None
    return PromotionRow(
        id=row.id,
        name=row.name,
        plans=row.plans,
        carriers=row.carriers,
        from_=row.start,
        until=row.until,
        zone=ZONE,
        holds=row.holds(day),
        eligible=row.eligible,
        orders=row.orders,
        effect=_effect(row.effect),
        example=row.example,
        source=row.source,
        grade=row.grade,
        seen=seen,
        retrieved=retrieved or seen,
        as_of=as_of,
        stale=seen is None or (day - seen).days > STALE_AFTER_DAYS,
    )


def _effect(effect: PromotionBenefit) -> PromotionEffect:
    return PromotionEffect(
        kind=effect.kind,
        times=effect.times or ABSENT,
        data=effect.data or ABSENT,
        term=effect.term or ABSENT,
        percent=effect.percent or ABSENT,
        amount=effect.amount or ABSENT,
        rollover=effect.rollover or ABSENT,
    )


def applying(session: "Session", plan: Plan | None, kind: str) -> list[ApplyingPromotionRow]:
    """The promotions that would hold for an order of that kind today: a hint where none was asked for."""
    if plan is None or plan.provider != "sandbox":
        return []
    day = _day(session)
    return [
        ApplyingPromotionRow(id=row.id, name=row.name)
        for row in market(session).promotions.values()
        if row.suits(plan) and row.holds(day) and kind in row.orders and not (row.eligible == "new" and kind != "new")
    ]


def _day(session: "Session") -> date:
    return session.clock.now().astimezone(zone(ZONE)).date()
