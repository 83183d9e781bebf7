"""What to buy: what it comes to, the purchases with their dates, the other ways worth knowing, what was compared."""

from collections.abc import Iterator, Sequence
from typing import Any

from esimctl.documents.advice import BoughtWay, PurchaseRow, ReasonPart, RecommendationDocument
from esimctl.show.amounts import money, octets, term
from esimctl.show.plan_words import dated
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say

COLUMNS: Columns[PurchaseRow] = (
    *columns(PurchaseRow, "at plan price"),
    *columns(PurchaseRow, "converted", shown=False),
    Column("data_bytes", lambda r: "unlimited" if r.data_bytes is None else r.data_bytes,
           lambda r: octets(r.data_bytes, unlimited=r.data_bytes is None), right=True),
    Column("validity", lambda r: r.validity, lambda r: term(r.validity)),
    Column("promotion", lambda r: r.promotion, lambda r: r.promotion or ""),
    *columns(PurchaseRow, "persons by_use example", shown=False),
    Column("seen", lambda r: r.seen, dated, shown=False),
    *columns(PurchaseRow, "retrieved provider", shown=False),
)  # fmt: skip
NAMED = 4  #: plans of another way that are named in a sentence


def sentence(reason: ReasonPart) -> str:
    """A reason in the reader's language."""
    return say(reason.template, **reason.values)


def person(data: RecommendationDocument, terminal: Terminal) -> None:
    """The answer, its purchases, what they are good for, the other ways, and what all this rests on."""
    from esimctl.show.table import draw

    put = terminal.tell
    put(headline(data) + "\n")
    if data.purchases:
        draw([column for column in COLUMNS if wanted(column, data)], data.purchases, terminal)
    for said in (*worth(data), *others(data), *rests_on(data)):
        put(said + "\n")


def wanted(column: Column[Any], data: RecommendationDocument) -> bool:
    """Whether a column says something here: who shares where people share, a promotion where one was asked for."""
    told = {"persons": data.persons > 1, "promotion": data.without_promotions is not None}
    return told.get(column.name, column.shown)


def headline(data: RecommendationDocument) -> str:
    """The answer in a sentence."""
    figures = {
        "days": data.days,
        "need": octets(data.need_bytes),
        "total": money(data.total),
        "purchases": purchases(data),
    }
    if not data.complete:
        covered = octets(data.covers_bytes)
        return say("Not all of it: {covered} of {need} for {total}, {purchases}", covered=covered, **figures)
    if not data.purchases:
        return say("Nothing to buy for {days} days, {need} in all", **figures)
    if data.cheapest is not None:
        return say("Best for {days} days, {need} in all: {total}, {purchases}", **figures)
    if not data.optimal:
        return say("Cheapest found for {days} days, {need} in all: {total}, {purchases}", **figures)
    if data.carrier is not None:
        return say(
            "Cheapest with {carrier} for {days} days, {need} in all: {total}, {purchases}",
            carrier=data.carrier,
            **figures,
        )
    if data.left_out:
        return say(
            "Cheapest of those in {currency} for {days} days, {need} in all: {total}, {purchases}",
            currency=data.currency,
            **figures,
        )
    return say("Cheapest for {days} days, {need} in all: {total}, {purchases}", **figures)


def purchases(way: BoughtWay | RecommendationDocument) -> str:
    """How many purchases a way takes."""
    count = len(way.purchases)
    return say("one purchase") if count == 1 else say("{count} purchases", count=count)


def plans(way: BoughtWay) -> str:
    """The plans of a way in words: `2 × smart-laor-7d + smart-laor-30d`."""
    counted: dict[str, int] = {}
    for row in way.purchases:
        counted[row.plan] = counted.get(row.plan, 0) + 1
    named = [plan if count == 1 else f"{count} × {plan}" for plan, count in counted.items()]
    return " + ".join([*named[:NAMED], *(["…"] if len(named) > NAMED else [])])


def worth(data: RecommendationDocument) -> Iterator[str]:
    """What is left on the line, what would be unused, and why this way."""
    left = data.left
    if left is not None:
        there = octets(left.bytes, unlimited=left.bytes is None)
        yield say("What is left on {line} counts: {volume}", line=left.line, volume=there)
    if data.purchases:
        unlimited = data.wasted_bytes is None
        yield say("{wasted} would be unused", wasted=octets(data.wasted_bytes, unlimited=unlimited))
    yield sentence(data.reason)


def others(data: RecommendationDocument) -> Iterator[str]:
    """The ways that stand beside: with fewer packs, the very cheapest, without promotions, elsewhere, the next best."""
    fewer, cheapest, elsewhere = data.fewer, data.cheapest, data.elsewhere
    if fewer is not None and not fewer.optimal:
        yield say("With fewer packs, perhaps not the cheapest: {plans}, {total}, {purchases}", **figures(fewer))
    elif fewer is not None:
        yield say("With fewer packs: {plans}, {total}, {purchases}", **figures(fewer))
    if cheapest is not None:
        yield say("The very cheapest takes more packs: {plans}, {total}, {purchases}", **figures(cheapest))
    plain = data.without_promotions
    if plain is not None:
        yield say("Without a promotion: {plans}, {total}, {purchases}", **figures(plain))
    if elsewhere is not None:
        yield say("With plans of other carriers: {plans}, {total}, {purchases}", **figures(elsewhere))
    other = data.runner_up
    if other is not None:
        yield say("Next best: {plans}, {total}", plans=plans(other), total=money(other.total))
        yield sentence(other.reason)
    if data.on_top:
        packs = ", ".join(f"{row.plan} ({money(row.price)})" for row in data.on_top[:NAMED])
        yield say("On top of it, for some hours or one app only: {plans}", plans=packs)
    hope = data.if_generous
    if hope is not None:
        yield say("If the most generous claim on rollover held: {total}", total=money(hope.total))


def figures(way: BoughtWay) -> dict[str, str]:
    """What a sentence about a way tells of it."""
    return {"plans": plans(way), "total": money(way.total), "purchases": purchases(way)}


def rests_on(data: RecommendationDocument) -> Iterator[str]:
    """How many plans were compared, which were left out, whether all cases were, and how old the prices are."""
    known = {"count": data.compared, "currency": data.currency}
    if data.optimal:
        yield say("Compared: {count} plans with prices in {currency}, in all cases", **known)
    else:
        yield say(
            "Compared: {count} plans with prices in {currency}; the search was stopped, there may be a cheaper way",
            **known,
        )
    foreign = [row for row in data.left_out if row.currency is not None]
    if foreign:
        yield say(
            "Left out: {count} in {currencies}, without a rate (--rate 1USD=4100KHR)",
            count=sum(row.rows for row in foreign),
            currencies=", ".join(map(str, (row.currency for row in foreign))),
        )
    for row in data.left_out:
        if row.currency is None:
            yield say("Left out: {count} whose price is not known", count=row.rows)
    for rate in data.rates:
        yield say("converted at {rate}, your own rate", rate=rate)
    if any(row.example for row in data.purchases):
        yield say("SANDBOX: these plans are made up, nobody sells them")
    for age in ages(data.purchases):
        yield say("Prices: {age}. Ask before you pay.", age=age)


def ages(rows: Sequence[PurchaseRow]) -> list[str]:
    """How old the prices of what is bought are, each age once; what is made up has none."""
    return list(dict.fromkeys(dated(row) for row in rows if not row.example))


VIEWS = {
    "recommendation": View(COLUMNS, lambda data: data.purchases, person, "nothing on offer covers it"),
}
