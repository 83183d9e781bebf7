"""Which rows a recommendation compares: those that the person can buy and whose data can cover a day's need."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from esimctl.advice.packs import by_use, suits
from esimctl.advice.wish import EVERY, Need
from esimctl.catalogue.carriers import carrier as carrier_of
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.promotions import Promotion
from esimctl.errors import EsimctlError, UsageError
from esimctl.ledger.archived import OrderQuery
from esimctl.market.holding import of_plan
from esimctl.market.on_offer import COUNTER, PLAY, kind_of, plans_on_offer, promotions_on_offer
from esimctl.profile.naming import line_ref
from esimctl.values.money import Money
from esimctl.values.record import record, replace
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.text import nearest

if TYPE_CHECKING:
    from esimctl.advice.held import HeldLine
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session
    from esimctl.profile.own_catalogue import Market


@record
class Offers:
    """Plans that can be part of an answer, in the order of their ids, and how many rows could not be compared.

    `left_out` counts them by currency; None is a price that nobody knows. `narrow` are packs for some hours or one
    app: they cover no day's need, and are something on top of a plan at most. `mine` is what a line can go on with.
    """

    plans: tuple[Plan, ...]
    left_out: Mapping[str | None, int]
    narrow: tuple[Plan, ...] = ()
    mine: frozenset[str] = frozenset()

    def only(self, test: Callable[[Plan], bool]) -> "Offers":
        """Those plans that pass a test."""
        return replace(self, plans=tuple(plan for plan in self.plans if test(plan)))


def offers(
    session: "Session",
    wish: Need,
    rows: "Market",
    convert: Callable[[Money], Money | None],
    line: "HeldLine | None" = None,
    notes: list[Sentence] | None = None,
) -> Offers:
    """What can be bought for a wish; a line brings what its own provider sells for it, at what was last paid for it."""
    mine = [] if line is None else sold_for(session, line, notes)
    found = {row.id: row for row in on_offer(session, wish, line, notes)} | {row.id: row for row in mine}
    carrier = None if wish.carrier is None else carrier_of(wish.carrier, rows.every_carrier()).id
    claims = tuple(rows.own.values())
    there = [row for row in found.values() if wish.country.upper() in row.countries]
    known = [row for row in there if suits(row)]
    if carrier is not None:
        known = [row for row in known if row.carrier == carrier]
    if wish.rollover:
        known = [row for row in known if of_plan(session, row, claims).carries]
    if line is not None:
        known = as_paid(session, line, known)
    plans: list[Plan] = []
    left_out: dict[str | None, int] = {}
    for row in sorted(known, key=lambda row: row.id):
        price = by_use(row) or row.price
        if price is None or convert(price) is None:
            missing = None if price is None else price.currency
            left_out[missing] = left_out.get(missing, 0) + 1
        else:
            plans.append(row)
    narrow = tuple(row for row in there if on_top(row))
    own = {line.plan} if line is not None and line.plan is not None else set()
    return Offers(tuple(plans), left_out, narrow, frozenset({row.id for row in mine} | own))


def on_top(plan: Plan) -> bool:
    """Whether a pack is for some hours or one app, and goes on top of another plan of its carrier."""
    restricted = plan.purpose is not None or "window" in plan.terms
    return restricted and plan.price is not None and (plan.kind == "topup" or plan.purpose is not None)


def on_offer(session: "Session", wish: Need, line: "HeldLine | None", notes: list[Sentence] | None) -> tuple[Plan, ...]:
    """The rows on sale. Beside what a line can go on with only those of its sort of money, if any."""
    if wish.alone or (line is not None and kind_of(session, line.provider) == PLAY):
        return ()
    return plans_on_offer(session, provider=wish.provider, narrowed=True, notes=notes)


def sold_for(session: "Session", line: "HeldLine", notes: list[Sentence] | None) -> list[Plan]:
    """What a line can be renewed and topped up with: its own provider's, of its carrier where that sells for several.

    A provider that cannot be asked becomes a note.
    """
    try:
        rows = plans_on_offer(session, line=line_ref(line.line, session.line(line.line)))
    except EsimctlError as error:
        if notes is not None:
            notes.append(error.said)
        return []
    several = kind_of(session, line.provider) in (PLAY, COUNTER)
    return [row for row in rows if not several or row.carrier == line.carrier]


def as_paid(session: "Session", line: "HeldLine", plans: Sequence[Plan]) -> list[Plan]:
    """The plans with what the person really paid for the line's own one the last time, without a promotion.

    An own plan that nobody lists is what was bought then.
    """
    last = None if line.plan is None else last_paid(session, line.line, line.plan)
    if last is None or line.plan is None:
        return list(plans)
    paid = last.paid or last.price
    if any(plan.id == line.plan for plan in plans):
        return [replace(plan, price=paid) if plan.id == line.plan else plan for plan in plans]
    if not last.terms:
        return list(plans)
    day = line.today.isoformat()
    own = Plan(line.plan, line.carrier, line.plan, line.provider, paid, last.terms, as_of=day, grade="own")
    return [*plans, own] if suits(own) else list(plans)


def last_paid(session: "Session", line: str, plan: str) -> "OrderState | None":
    """The newest purchase that began a term of a line on that plan, without a promotion; older ones are not read."""
    bought = OrderQuery(lines=frozenset([line]), own=True, begins=True, plan=plan, states=frozenset(["settled"]))
    begun = session.store.ledger_for_reading().select(bought, "newest")
    return next((order for order in begun if order.promotion is None), None)


def promotions_for(session: "Session", wish: Need, rows: "Market") -> list[Promotion]:
    """The promotions that were asked for: none, one by its code, or every one that is on offer."""
    if wish.promotion is None:
        return []
    provider = wish.provider or (None if wish.line is None else str(session.line(wish.line)["provider"]))
    known = {row.id: row for row in promotions_on_offer(session, provider=provider, narrowed=True)}
    if wish.promotion == EVERY:
        return list(known.values())
    row = rows.promotion(wish.promotion)
    if row is not None and row.id in known:
        return [row]
    if row is not None and row.example:
        raise UsageError(
            "{promotion} is a demo promotion: only the embedded operator has it",
            hint="--provider sandbox plays with it; real ones: esimctl promotions list",
            code="demo_promotion",
            promotion=Raw(row.id),
        )
    near = " or ".join(nearest(wish.promotion, tuple(known)))
    raise UsageError(
        "there is no promotion {name!r}",
        hint="did you mean {near}?" if near else "all promotions: esimctl promotions list --all",
        code="unknown_promotion",
        name=Raw(wish.promotion),
        near=Raw(near),
    )
