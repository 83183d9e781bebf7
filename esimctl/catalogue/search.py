"""Finding plans: filters and orders over rows, in whole numbers."""

from collections.abc import Callable, Sequence
from functools import cmp_to_key

from esimctl.catalogue.carriers import Carrier, by_name, carrier
from esimctl.catalogue.glossary import concepts
from esimctl.catalogue.plan import Plan, _days, validity_days
from esimctl.catalogue.plans import plans
from esimctl.errors import UsageError
from esimctl.values.moments import parse_duration
from esimctl.values.money import Money
from esimctl.values.sentence import Raw, commas
from esimctl.values.toml import table_at, text_at
from esimctl.values.volume import UNLIMITED, Unlimited, parse_volume

SORTS = ("price", "per-gb", "days")


def find(
    among: Sequence[Plan] | None = None,
    *,
    country: str | None = None,
    carrier_name: str | None = None,
    carriers: Sequence[Carrier] | None = None,
    provider: str | None = None,
    least_bytes: int | Unlimited | None = None,
    days: int | None = None,
    max_price: Money | None = None,
    rollover: bool | None = None,
    kind: str | None = None,
    words: Sequence[str] = (),
    sort: str | None = None,
    carrying: Callable[[Plan], bool] | None = None,
) -> tuple[Plan, ...]:
    """The plans that pass every filter, in the order asked for (stable; without one, as they are listed).

    `carrier_name` is any name of a carrier in any language, or a word of the glossary; `least_bytes` counts all that
    a plan grants over its term; `days` is the least validity, a month counted as 30 days. A price in another currency
    than `max_price` is not compared but left out: nothing is ever converted. `carrying` says whether what is unused of
    a plan is carried; without it, the plan's own terms do.
    """
    if sort is not None and sort not in SORTS:
        raise UsageError(
            "plans cannot be sorted by {sort!r}", hint="one of {known}", sort=Raw(sort), known=commas(SORTS)
        )
    rows = plans() if among is None else among
    carry = carrying or carries
    tests = [_meaning(word, carry) for word in words]
    if carrier_name is not None:
        tests.append(_sold_under(carrier_name, carriers, carry))
    tests += _limits(least_bytes, days, max_price)
    for wanted, test in (
        (country, lambda row: str(country).upper() in row.countries),
        (provider, lambda row: row.provider == provider),
        (rollover, lambda row: carry(row) is rollover),
        (kind, lambda row: row.kind == kind),
    ):
        if wanted is not None:
            tests.append(test)
    found = [row for row in rows if all(test(row) for test in tests)]
    return tuple(found if sort is None else ordered(found, sort))


def _sold_under(name: str, among: Sequence[Carrier] | None, carry: Callable[[Plan], bool]) -> Callable[[Plan], bool]:
    """A carrier by any of its names, or a word of the glossary in its place."""
    if by_name(name, among) is None and concepts(name):
        return _meaning(name, carry)
    wanted = carrier(name, among).id
    return lambda row: row.carrier == wanted


def _limits(least: int | Unlimited | None, days: int | None, most: Money | None) -> list[Callable[[Plan], bool]]:
    tests: list[Callable[[Plan], bool]] = []
    if least is not None:
        tests.append(lambda row: _covers(total_bytes(row), least))
    if days is not None:
        tests.append(lambda row: (validity_days(row) or 0) >= days)
    if most is not None:
        tests.append(lambda row: _within(row.price, most))
    return tests


def carries(row: Plan) -> bool:
    """Whether the plan's own terms carry unused data into the next period."""
    return table_at(row.terms, "rollover").get("mode") == "carry"


def grant_bytes(row: Plan) -> int | Unlimited | None:
    """Octets of one grant; None for a plan without an allowance."""
    data = text_at(row.terms, "data")
    return None if data is None else parse_volume(data, row.volume_base)


def total_bytes(row: Plan) -> int | Unlimited | None:
    """Octets granted over the whole term, bonuses left out: a yearly plan grants every month."""
    one = grant_bytes(row)
    if one is None or isinstance(one, Unlimited):
        return one
    return one * _grants(row)


def ordered(rows: Sequence[Plan], sort: str) -> list[Plan]:
    """Rows by price, by price for a GB, or by validity; unknown last, ties as they stand.

    Prices of different currencies are not comparable: rows stand in groups of one currency.
    """
    if sort == "days":
        return sorted(rows, key=lambda row: (validity_days(row) is None, validity_days(row) or 0))
    if sort == "price":
        return sorted(rows, key=_price_key)
    return sorted(sorted(rows, key=_currency_key), key=cmp_to_key(_cheaper_by_volume))


def _price_key(row: Plan) -> tuple[bool, str, int]:
    return (True, "", 0) if row.price is None else (False, _group(row), row.price.minor)


def _currency_key(row: Plan) -> tuple[bool, str]:
    return _price_key(row)[:2]


def _group(row: Plan) -> str:
    """Dollars first: nearly everything here is priced in them."""
    assert row.price is not None
    return "" if row.price.currency == "USD" else row.price.currency


def _cheaper_by_volume(one: Plan, other: Plan) -> int:
    """Compare price over volume by cross multiplication; no volume last, unlimited before any number."""
    groups = [_currency_key(row) for row in (one, other)]
    if groups[0] != groups[1]:
        return -1 if groups[0] < groups[1] else 1
    ranks = [_volume_rank(row) for row in (one, other)]
    if ranks[0] != ranks[1] or one.price is None or other.price is None:
        return ranks[0] - ranks[1]
    mine, theirs = total_bytes(one), total_bytes(other)
    if not isinstance(mine, int) or not isinstance(theirs, int):
        return one.price.minor - other.price.minor
    return one.price.minor * theirs - other.price.minor * mine


def _volume_rank(row: Plan) -> int:
    total = total_bytes(row)
    if total is None or total == 0:
        return 2
    return 0 if total is UNLIMITED else 1


def _covers(total: int | Unlimited | None, least: int | Unlimited) -> bool:
    if total is None:
        return False
    if isinstance(total, Unlimited):
        return True
    return not isinstance(least, Unlimited) and total >= least


def _within(price: Money | None, most: Money) -> bool:
    return price is not None and price.currency == most.currency and price <= most


def _grants(row: Plan) -> int:
    period, term = row.period, row.term
    if period is None or term is None:
        return 1
    whole, step = parse_duration(term), parse_duration(period)
    if whole.months and step.months:
        return -(-whole.months // step.months)
    return -(-_days(whole) // max(_days(step), 1))


def _meaning(word: str, carry: Callable[[Plan], bool]) -> Callable[[Plan], bool]:
    """The test that a word of the glossary stands for; another word is looked for in the row itself."""
    tests: dict[str, Callable[[Plan], bool]] = {
        "rollover": carry,
        "travel": lambda row: row.audience == "tourist",
        "esim": lambda _: True,
        "monthly": lambda row: 28 <= (validity_days(row) or 0) <= 31,
        "weekly": lambda row: validity_days(row) == 7,
        "daily": lambda row: validity_days(row) == 1 or row.period == "1 day",
        "yearly": lambda row: (validity_days(row) or 0) >= 365,
        "payg": lambda row: row.billing == "pay-as-you-go",
        "family": lambda row: row.billing == "shared-pack",
        "night": lambda row: _opens_at_night(row),
        "weekend": lambda row: row.window.get("days") == ["sat", "sun"],
        "unlimited": lambda row: grant_bytes(row) is UNLIMITED,
        "topup": lambda row: row.kind == "topup",
    }
    meant = concepts(word)
    if meant is not None:
        return lambda row: all(tests[each](row) for each in meant)
    text = word.casefold()
    return lambda row: any(text in part.casefold() for part in (row.id, row.name, row.carrier, *row.notes))


def _opens_at_night(row: Plan) -> bool:
    return "from" in row.window and "days" not in row.window
