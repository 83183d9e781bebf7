"""What to buy for a stay: the cheapest purchases that cover a need, the next best way, and the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from esimctl.actions.advice.packs import Choice, Shelf, Stay, suits
from esimctl.actions.advice.rates import Rates
from esimctl.actions.market.catalogue import Market, market, note_wrong
from esimctl.actions.market.holding import day_of, of_plan
from esimctl.actions.market.on_offer import plans_on_offer
from esimctl.actions.result import Result
from esimctl.catalogue.carriers import carrier as carrier_of
from esimctl.catalogue.holding import generous
from esimctl.catalogue.plan import Plan
from esimctl.charging.cover import ANY_DAY, EFFORT, Found, cheapest
from esimctl.charging.money import Money
from esimctl.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from esimctl.actions.session import Session

MOST_DAYS = 731

Note = tuple[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Wish:
    """A stay and a need as they were asked for: `data` octets in all, or `per_day` octets a day."""

    days: int
    data: int | None = None
    per_day: int | None = None
    first: date | None = None
    country: str = "KH"
    carrier: str | None = None
    rollover: bool = False
    budget: Money | None = None
    currency: str = "USD"
    rates: tuple[str, ...] = ()
    provider: str | None = None  #: only what this one sells; the embedded operator's demo plans where it is named


def recommend(session: "Session", wish: Wish) -> Result:
    """The cheapest set of purchases with their dates; exit code 20 where it covers less than was asked."""
    result = Result("recommendation", {})
    question = Question(session, wish, notes=result.notes)
    stay, rates = question.stay, question.rates
    found, choices = question.answer(generous=False)
    document = {
        "from": stay.first.isoformat(),
        "days": stay.days,
        "need_bytes": stay.need * stay.days // stay.scale,
        "currency": wish.currency,
        **question.plan_of(found, choices),
        "optimal": found.proven,
        "complete": found.complete,
        "reason": question.reason(found, choices),
        "runner_up": question.runner_up(found, choices),
        "if_generous": question.if_generous(found),
        "rates": list(rates.texts),
        "candidates": len(choices),
        "assumes": [
            "the need is the same every day",
            "what ends first is used first",
            "a disputed or unknown rollover counts as none",
            *(["a plan that gives its data in parts is bought on a day that needs it"] if stay.days > ANY_DAY else []),
        ],
    }
    result.data = document
    note_wrong(result, question.rows.wrong)
    if not found.complete:
        result.exit_code = ExitCode.ATTENTION
        result.note("this covers less than you asked for")
    return result


def _stay(session: "Session", wish: Wish) -> Stay:
    from esimctl.actions.market.plans import today

    if not 1 <= wish.days <= MOST_DAYS:
        raise UsageError("--days takes 1 to {most}", code="bad_days", most=MOST_DAYS)
    if (wish.data is None) is (wish.per_day is None):
        raise UsageError(
            "say what you need: --data VOLUME in all, or --per-day VOLUME",
            hint="esimctl plans recommend --days 14 --per-day 500MB",
            code="missing_need",
        )
    first = wish.first or today(session)
    need = wish.data if wish.data is not None else wish.per_day
    if not need:
        raise UsageError("a need of nothing needs no plan", code="bad_need")
    return Stay(first, wish.days, need, wish.days if wish.data is not None else 1)


def candidates(session: "Session", wish: Wish, rows: Market, notes: list[Note] | None = None) -> list[Plan]:
    """The plans that may be part of an answer, in the order of their ids."""
    known = plans_on_offer(session, provider=wish.provider, narrowed=True, notes=notes)
    carrier = None if wish.carrier is None else carrier_of(wish.carrier, rows.every_carrier()).id
    own = tuple(rows.own.values())
    found = [row for row in known if suits(row) and wish.country.upper() in row.countries]
    if carrier is not None:
        found = [row for row in found if row.carrier == carrier]
    if wish.rollover:
        found = [row for row in found if of_plan(session, row, own).carries]
    return sorted(found, key=lambda row: row.id)


class Question:
    """One stay with everything that can be bought for it."""

    def __init__(
        self, session: "Session", wish: Wish, plans: Sequence[Plan] | None = None, *, notes: list[Note] | None = None
    ) -> None:
        self.session, self.wish, self.stay = session, wish, _stay(session, wish)
        self.rows, self.rates = market(session), Rates.of(session, wish.rates)
        plans = candidates(session, wish, self.rows, notes) if plans is None else plans
        self.plans = plans
        self._shelves: dict[bool, tuple[Shelf, list[Choice]]] = {}
        own = tuple(self.rows.own.values())
        self.cautious = {plan.id: of_plan(session, plan, own).table for plan in plans}
        self.generous = {plan.id: generous(own, plan, day_of(session)) for plan in plans}

    def _shelf(self, *, generous: bool) -> tuple[Shelf, list[Choice]]:
        """Everything that can be bought, made once for the cautious and once for the generous policies."""
        if generous not in self._shelves:
            policies = self.generous if generous else self.cautious
            shelf = Shelf(
                self.stay,
                lambda price: self.rates.convert(price, self.wish.currency),
                lambda plan: policies.get(plan.id),
            )
            self._shelves[generous] = shelf, shelf.choices(self.plans, list(self.rows.promotions.values()))
        return self._shelves[generous]

    def answer(
        self, *, generous: bool, without: str | None = None, only: str | None = None, below: int | None = None
    ) -> tuple[Found, list[Choice]]:
        """The cheapest way, by the cautious or the generous policies, perhaps without one plan or with one only.

        Where only what costs less than `below` is of interest, the search is short.
        """
        shelf, everything = self._shelf(generous=generous)
        choices = [one for one in everything if one.plan.id != without and only in (None, one.plan.id)]
        lines = [-1] * len(shelf.sellers)
        for table in self.session.lines.values():
            if table.get("carrier") in shelf.sellers:
                lines[shelf.sellers[str(table["carrier"])]] = 0
        budget = None if self.wish.budget is None else self.rates.convert(self.wish.budget, self.wish.currency)
        if self.wish.budget is not None and budget is None:
            raise UsageError(
                "--budget {budget} is not in {currency}, and there is no rate",
                hint="--rate 1USD=4100KHR",
                budget=str(self.wish.budget),
                currency=self.wish.currency,
            )
        found = cheapest(
            [choice.pack for choice in choices],
            self.stay.days,
            self.stay.need,
            lines=lines,
            budget=None if budget is None else budget.minor,
            below=below,
            effort=EFFORT if without is None and not generous else EFFORT // 4,
        )
        return found, choices

    def money(self, minor: int) -> dict[str, str]:
        """So many minor units of the currency asked for."""
        return Money(minor, self.wish.currency).as_json()

    def plan_of(self, found: Found, choices: Sequence[Choice]) -> dict[str, Any]:
        """Purchases, total and what they come to, as the documents have it."""
        bought = [(day, choices[number]) for day, number in found.purchases]
        covered = found.covered // self.stay.scale
        finite = [choice.octets for _, choice in bought]
        granted = None if any(octets is None for octets in finite) else sum(octets or 0 for octets in finite)
        return {
            "purchases": [self._purchase(day, choice) for day, choice in bought],
            "total": Money(found.price, self.wish.currency).as_json(),
            "covers_bytes": covered,
            "wasted_bytes": None if granted is None else max(granted - covered, 0),
        }

    def _purchase(self, day: int, choice: Choice) -> dict[str, Any]:
        converted = choice.price.currency != self.wish.currency
        return {
            "plan": choice.plan.id,
            "at": self._instant(day),
            "price": choice.price.as_json(),
            "converted": choice.common.as_json() if converted else None,
            "promotion": choice.promotion,
            "data_bytes": choice.octets,
            "validity": choice.plan.terms.get("term"),
            "provider": choice.plan.provider,
        }

    def _instant(self, day: int) -> str:
        from esimctl.actions.purchase.order_document import instant
        from esimctl.charging.moments import to_utc, zone

        place = zone(self.session.zone)
        start = to_utc(datetime.combine(self.stay.first + timedelta(days=day), time()), place)
        now = self.session.clock.now()
        same = now.astimezone(place).date() == self.stay.first + timedelta(days=day)
        return instant(now if same else start) or ""

    def reason(self, found: Found, choices: Sequence[Choice]) -> dict[str, Any]:
        """Why this way, as a sentence and its figures."""
        template, values = _because(self, found, choices)
        return {"text": template.format(**values), "template": template, "values": values}

    def runner_up(self, found: Found, choices: Sequence[Choice]) -> dict[str, Any] | None:
        """The cheapest way without the plan that costs most of the first one."""
        if not found.complete or not found.purchases:
            return None
        spent: dict[str, int] = {}
        for _, number in found.purchases:
            plan = choices[number].plan.id
            spent[plan] = spent.get(plan, 0) + choices[number].common.minor
        main = max(sorted(spent), key=lambda plan: spent[plan])
        other, others = self.answer(generous=False, without=main)
        if not other.complete:
            return None
        more = Money(other.price - found.price, self.wish.currency)
        template = "the cheapest way without {plan}; it costs {more} more"
        values = {"plan": main, "more": str(more)}
        return {
            **self.plan_of(other, others),
            "without": main,
            "reason": {"text": template.format(**values), "template": template, "values": values},
        }

    def if_generous(self, found: Found) -> dict[str, Any] | None:
        """What would change if the best claim on rollover held; None where nothing would."""
        if self.generous == self.cautious:
            return None
        other, choices = self.answer(generous=True, below=found.price if found.complete else None)
        if not other.complete:
            return None
        saves = Money(found.price - other.price, self.wish.currency).as_json() if found.complete else None
        return {**self.plan_of(other, choices), "saves": saves}


def _because(question: Question, found: Found, choices: Sequence[Choice]) -> tuple[str, dict[str, Any]]:
    """The template and its figures by the shape of the answer."""
    document = question.plan_of(found, choices)
    plans = [choices[number].plan for _, number in found.purchases]
    days = question.stay.days
    if not found.complete:
        share = document["covers_bytes"] * 100 // (question.stay.need * days // question.stay.scale)
        template = "nothing on offer covers it all: {percent} % of the need, from the first day on"
        return template, {"percent": share}
    length = "short" if days <= 30 else "long"
    if document["wasted_bytes"] is None:
        return length + " stay, {count} purchases: data without limit costs least", {"count": len(plans)}
    granted = document["covers_bytes"] + document["wasted_bytes"]
    values: dict[str, Any] = {
        "count": len(plans),
        "percent": document["wasted_bytes"] * 100 // granted if granted else 0,
    }
    values["term"] = str(plans[0].terms.get("term"))
    if len(plans) == 1:
        return length + " stay: one pack of {term}; {percent} % would be unused", values
    if len({plan.id for plan in plans}) == 1:
        return length + " stay: {count} packs of {term}, one after the other; {percent} % would be unused", values
    if any(plan.kind == "topup" for plan in plans):
        return length + " stay: a pack with top-ups, {count} purchases; {percent} % would be unused", values
    return length + " stay: {count} packs of several lengths; {percent} % would be unused", values


__all__ = ["MOST_DAYS", "Wish", "candidates", "recommend"]
