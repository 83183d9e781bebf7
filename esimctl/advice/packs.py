"""Plans and promotions as packs of the exact search: days, units, prices and carries for one stay."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

from esimctl.advice.search.states import Carry, Pack
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.promotions import Promotion
from esimctl.catalogue.search import grant_bytes
from esimctl.ledger.said import inner, text
from esimctl.values.moments import Duration, parse_duration, plus_months
from esimctl.values.money import Money
from esimctl.values.record import record, replace
from esimctl.values.toml import Toml, text_at
from esimctl.values.volume import Unlimited, parse_octets, parse_volume, unit_size

duration = lru_cache(maxsize=512)(parse_duration)


@record
class Stay:
    """The days of a stay: the first one, how many, and the need of each day in units (`scale` units an octet)."""

    first: date
    days: int
    need: int
    scale: int


@record
class Choice:
    """Something to buy: a plan, with a promotion or without, its price and the price in the common currency."""

    plan: Plan
    promotion: str | None
    price: Money
    common: Money
    pack: Pack
    octets: int | None  #: all that it grants, None where there is no limit; what is used where use is paid for
    days: int | None = None  #: of a plan that is paid by use: for how many days it pays

    def joined(self, other: "Choice") -> "Choice":
        """Use that is paid for on the days of both."""
        octets, days = (self.octets or 0) + (other.octets or 0), (self.days or 0) + (other.days or 0)
        price, common = self.price + other.price, self.common + other.common
        return replace(self, price=price, common=common, octets=octets, days=days)


def suits(plan: Plan) -> bool:
    """Whether a plan's data can cover a whole day's need of anybody: not in a window, in one app, or of students."""
    usable = plan.purpose is None and plan.audience != "student" and "window" not in plan.terms
    if plan.category == "window" or not usable:
        return False
    return by_use(plan) is not None or ("term" in plan.terms and grant_bytes(plan) is not None)


def by_use(plan: Plan) -> Money | None:
    """The price of a whole started MB of a plan that has no allowance and charges what is used; else None (R-19)."""
    price = text_at(plan.overage, "price_per_mb")
    if grant_bytes(plan) is not None or plan.overage.get("action") != "charge" or price is None:
        return None
    return Money.parse(price)


def shared(plan: Plan) -> bool:
    """Whether several people can use one pack of it (R-20, R-34)."""
    return plan.kind == "base" and (plan.billing == "shared-pack" or plan.shareable) and by_use(plan) is None


def seller_of(plan: Plan) -> tuple[str, str]:
    """Whose top-ups go on a plan's line: those of the same carrier, had from the same provider."""
    return plan.provider, plan.carrier


def last_day(clock: object, term: str, first: date) -> date | None:
    """The first day after a term that begins on a day; None for less than a day."""
    span = duration(term)
    if clock == "calendar-month" and span.months:
        return plus_months(first.replace(day=1), span.months)
    if not span.months and not span.days:
        span = Duration(days=span.seconds // 86_400)
    end = plus_months(first, span.months) + timedelta(days=span.days)
    return end if end > first else None


class PackChoices:
    """Makes choices of plans for one stay; sellers are numbered where that matters."""

    def __init__(
        self, stay: Stay, convert: Callable[[Money], Money | None], carries: Callable[[Plan], Mapping[str, Toml] | None]
    ) -> None:
        self.stay, self.convert, self.carries = stay, convert, carries
        self.sellers: dict[tuple[str, str], int] = {}

    def choices(self, plans: Sequence[Plan], promotions: Sequence[Promotion]) -> list[Choice]:
        """Every plan as it is, and once more for each of these promotions that may hold."""
        made: list[Choice] = []
        special = {seller_of(plan) for plan in plans if plan.kind == "topup" or self.carries(plan) is not None}
        for promotion in promotions:
            special |= {seller_of(plan) for plan in plans if promotion.suits(plan)}
        self.sellers = {seller: number for number, seller in enumerate(sorted(special))}
        for plan in plans:
            if by_use(plan) is not None:
                made += self._by_use(plan)
                continue
            made += self._made(plan, None, "topup" if plan.kind == "topup" else "any")
            for promotion in promotions:
                if promotion.suits(plan):
                    made += self._promoted(plan, promotion)
        return made

    def _by_use(self, plan: Plan) -> list[Choice]:
        """Paying by use, for the whole stay; where nothing else is paid for it also for a day, a week or 30 days."""
        rate, stay = by_use(plan), self.stay
        assert rate is not None
        entry = Money.zero(rate.currency) if plan.price is None else plan.price
        if entry.currency != rate.currency:
            return []
        made = []
        for days in sorted({stay.days, *(() if entry else (length for length in (1, 7, 30) if length < stay.days))}):
            octets = -(-stay.need * days // stay.scale)
            price = entry + rate * -(-octets // unit_size("MB", plan.volume_base))
            common = self.convert(price)
            if common is not None:
                pack = Pack(common.minor, _Even(days, stay.need), length=days)
                made.append(Choice(plan, None, price, common, pack, octets, days))
        return made

    def _promoted(self, plan: Plan, promotion: Promotion) -> list[Choice]:
        orders = set(promotion.orders)
        if plan.kind == "topup":
            return self._made(plan, promotion, "topup") if "topup" in orders else []
        if promotion.eligible == "new":
            return self._made(plan, promotion, "first") if "new" in orders else []
        order = {(True, True): "any", (True, False): "first", (False, True): "again"}.get(
            ("new" in orders, "renew" in orders)
        )
        return [] if order is None else self._made(plan, promotion, order)

    def _made(self, plan: Plan, promotion: Promotion | None, order: str) -> list[Choice]:
        assert plan.price is not None
        price, terms, gift = plan.price, plan.terms, None
        if promotion is not None:
            changed = promoted(plan, promotion)
            if changed is None:
                return []
            price, terms, gift = changed
        common = self.convert(price)
        if common is None or (promotion is not None and not common and order != "first"):
            return []  # what would be free again and again is no offer that anybody means
        plan = replace(plan, terms=terms)
        grants = _Grants(plan, gift, self.stay)
        if not grants(0):
            return []
        window = self._window(promotion)
        if not window:
            return []
        granted = None if promotion is None else promotion.effect.rollover
        carry = self._carry(plan, granted if granted is not None else self.carries(plan))
        pack = Pack(
            price=common.minor,
            grants=grants,
            seller=self.sellers.get(seller_of(plan), -1),
            order=order,
            days=window,
            carry=carry,
            length=grants.length,
            longest=grants.longest,
        )
        return [Choice(plan, None if promotion is None else promotion.id, price, common, pack, grants.octets)]

    def _window(self, promotion: Promotion | None) -> range:
        if promotion is None:
            return range(self.stay.days)
        first, until = (promotion.start - self.stay.first).days, (promotion.until - self.stay.first).days
        return range(max(first, 0), max(0, min(until, self.stay.days)))

    def _carry(self, plan: Plan, table: Mapping[str, Toml] | None) -> Carry | None:
        if table is None or plan.kind != "base":
            return None
        validity = str(table["validity"])
        if validity.split(" ")[-1].startswith("period"):
            span = duration(str(plan.terms.get("period", plan.terms["term"])))
            count = int(validity.split(" ")[0])
            span = Duration(span.months * count, span.days * count, span.seconds * count)
        else:
            span = duration(validity)
        first, scale = self.stay.first, self.stay.scale

        def end(day: int) -> int:
            start = first + timedelta(days=day)
            return (plus_months(start, span.months) + timedelta(days=span.days + span.seconds // 86_400) - first).days

        most = None if "max" not in table else parse_octets(str(table["max"])) * scale
        percent = table.get("max_percent")
        return Carry(end, most, None if percent is None else int(str(percent)))


@record
class _Even:
    """What is paid by use gives each of its days what that needs."""

    days: int
    need: int

    def __call__(self, day: int) -> tuple[tuple[int, int, int], ...]:
        return ((day, day + self.days, self.days * self.need),)


class _Grants:
    """What a purchase on a day gives: (from, end, units) by day of the stay."""

    def __init__(self, plan: Plan, gift: tuple[int, str] | None, stay: Stay) -> None:
        self.plan, self.stay, self.extra = plan, stay, [] if gift is None else [gift]
        data = grant_bytes(plan)
        self.unlimited = isinstance(data, Unlimited)
        self.each = 0 if data is None or isinstance(data, Unlimited) else data
        bonus = inner(plan.terms, "bonus")
        if bonus is not None:
            more = parse_volume(text(bonus, "data"), plan.volume_base)
            self.extra += [] if isinstance(more, Unlimited) else [(more, text(bonus, "term"))]
        self._kept: dict[int, tuple[tuple[int, int, int], ...]] = {}
        span = duration(str(plan.terms["term"]))
        single = "period" not in plan.terms and not self.extra and not span.months
        self.length = None
        self.longest = 31 * span.months + span.days if span.months and "period" not in plan.terms else None
        if self.unlimited or self.extra:
            self.longest = None
        if single and self(0):
            self.length = self(0)[0][1]

    @property
    def octets(self) -> int | None:
        """All that one purchase grants."""
        return None if self.unlimited else sum(units for _, _, units in self(0)) // self.stay.scale

    def __call__(self, day: int) -> tuple[tuple[int, int, int], ...]:
        if day not in self._kept:
            self._kept[day] = tuple(self._of(self.stay.first + timedelta(days=day)))
        return self._kept[day]

    def _of(self, start: date) -> list[tuple[int, int, int]]:
        terms, first = self.plan.terms, self.stay.first
        end = last_day(terms.get("clock"), str(terms["term"]), start)
        if end is None:
            return []
        found: list[tuple[int, int, int]] = []
        begin, period = start, terms.get("period")
        while begin < end:
            stop = end if period is None else min(_after(start, duration(str(period)), len(found) + 1), end)
            if stop <= begin:
                return []
            units = self.each * self.stay.scale
            if self.unlimited:
                units = self.stay.need * (stop - begin).days
            found.append(((begin - first).days, (stop - first).days, units))
            begin = stop
        for octets, term in self.extra:
            until = last_day(None, term, start)
            if until is not None:
                found.append(((start - first).days, (until - first).days, octets * self.stay.scale))
        return found


def _after(start: date, step: Duration, times: int) -> date:
    return plus_months(start, step.months * times) + timedelta(days=(step.days + step.seconds // 86_400) * times)


def promoted(plan: Plan, promotion: Promotion) -> tuple[Money, Mapping[str, Toml], tuple[int, str] | None] | None:
    """Price, terms and gift under a promotion, as the operator grants it; None where it cannot be had."""
    assert plan.price is not None
    price, effect = plan.price, promotion.effect
    match effect.kind:
        case "free":
            return Money.zero(price.currency), plan.terms, None
        case "percent":
            return Money(price.minor - price.minor * effect.percent // 100, price.currency), plan.terms, None
        case "fixed":
            less = Money.parse(effect.amount)
            if less.currency != price.currency:
                return None
            return Money(max(price.minor - less.minor, 0), price.currency), plan.terms, None
        case "rollover":
            return price, {**plan.terms, "rollover": effect.rollover}, None
        case "multiply":
            one = grant_bytes(plan)
            if not isinstance(one, int):
                return None
            return price, plan.terms, (one * (effect.times - 1), effect.term)
    return price, plan.terms, (parse_octets(effect.data), effect.term)
