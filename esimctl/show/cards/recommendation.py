"""What to buy: what it comes to, the purchases by day, what would be unused, the ways beside it, what was compared."""

from collections.abc import Iterator, Sequence
from typing import Any

from esimctl.documents.advice import (
    BoughtWay,
    LeftOutRow,
    PurchaseRow,
    ReasonPart,
    RecommendationDocument,
    RecommendationScreen,
)
from esimctl.show.amounts import money, octets, term
from esimctl.show.page import cells
from esimctl.show.plan_words import dated, months_seen
from esimctl.show.styles import ASKED, COMMAND, PLAY, SOURCE, Styled, styled
from esimctl.show.table import listed
from esimctl.show.terminal import Terminal
from esimctl.show.times import only_day
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.sentence import both

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

SCREEN: Columns[PurchaseRow] = (
    Column("day", lambda r: r.at, lambda r: only_day(r.at), right=True, priority=2),
    Column("buy", lambda r: r.plan, priority=0),
    Column("data", lambda r: r.data_bytes, lambda r: octets(r.data_bytes, unlimited=r.data_bytes is None), right=True,
           priority=3),
    Column("for", lambda r: r.validity, lambda r: term(r.validity), priority=4),
    Column("price", lambda r: r.price, lambda r: money(r.price), right=True, priority=1),
    Column("converted", lambda r: r.converted, lambda r: money(r.converted), right=True, priority=6),
    Column("promotion", lambda r: r.promotion, lambda r: r.promotion or "", priority=5),
    Column("persons", lambda r: r.persons, right=True, priority=4),
)  # fmt: skip


def sentence(reason: ReasonPart) -> str:
    """A reason in the reader's language."""
    return say(reason.template, **reason.values)


def person(data: RecommendationScreen, terminal: Terminal) -> None:
    """The answer, its purchases day by day, what would be unused, the way with fewer packs, and what was compared."""
    put = terminal.tell
    put(headline(data) + "\n")
    if data.purchases:
        shown = [column for column in SCREEN if wanted(column, data)]
        listed(shown, data.purchases, terminal, most=30, showing="Showing {shown} of {count} purchases (--all)")
    if worth := " ".join(beside(data)):
        put(worth + "\n")
    for said in (*others(data), *(explained(data) if data.explain else ())):
        put(said + "\n")
    put(rests_on(data, terminal.width) + "\n")


def wanted(column: Column[Any], data: RecommendationDocument) -> bool:
    """Whether a column says something here: who shares where people share, a promotion where one was asked for."""
    told = {
        "persons": data.persons > 1,
        "promotion": data.without_promotions is not None,
        "converted": any(row.converted is not None for row in data.purchases),
    }
    return told.get(column.name, True)


def headline(data: RecommendationDocument) -> str:
    """The answer in a sentence; SANDBOX where nobody sells what it names."""
    said = answer(data)
    return styled("SANDBOX", PLAY) + " · " + said if any(row.example for row in data.purchases) else said


def answer(data: RecommendationDocument) -> str:
    """What it costs, in how many packs, and whether that is the cheapest."""
    figures: dict[str, object] = {
        "days": data.days,
        "need": octets(data.need_bytes),
        "total": styled(money(data.total), ASKED),
        "packs": packs(data),
    }
    if not data.complete:
        covered = styled(octets(data.covers_bytes), ASKED)
        return say("Only {covered} of {need} can be had for {days} days: {total} ({packs})", covered=covered, **figures)
    if not data.purchases:
        return say("Nothing to buy for {days} days, {need} in all", **figures)
    if data.cheapest is not None:
        return say("Best for {days} days, {need} in all: {total} ({packs})", **figures)
    if not data.optimal:
        return say("Cheapest found for {days} days, {need} in all: {total} ({packs})", **figures)
    if data.carrier is not None:
        figures["carrier"] = data.carrier
        return say("Cheapest with {carrier} for {days} days, {need} in all: {total} ({packs})", **figures)
    return say("Cheapest for {days} days, {need} in all: {total} ({packs})", **figures)


def packs(way: BoughtWay | RecommendationDocument) -> str:
    """How many packs a way takes; what is paid by use is none."""
    count = len(way.purchases)
    if any(row.by_use for row in way.purchases):
        return say("one purchase") if count == 1 else say("{count} purchases", count=count)
    return say("one pack") if count == 1 else say("{count} packs", count=count)


def plans(way: BoughtWay) -> str:
    """The plans of a way in words: `2 × smart-laor-7d + smart-laor-30d`."""
    counted: dict[str, int] = {}
    for row in way.purchases:
        counted[row.plan] = counted.get(row.plan, 0) + 1
    named = [plan if count == 1 else f"{count} × {plan}" for plan, count in counted.items()]
    return " + ".join([*named[:NAMED], *(["…"] if len(named) > NAMED else [])])


def beside(data: RecommendationDocument) -> Iterator[str]:
    """What is left on the line, what would be unused, and the way with fewer packs, whatever it costs."""
    left, fewer = data.left, data.fewer
    if left is not None:
        there = octets(left.bytes, unlimited=left.bytes is None)
        yield say("What is left on {line} counts: {volume}.", line=left.line, volume=there)
    if data.purchases and data.wasted_bytes:
        yield say("{wasted} would be unused.", wasted=octets(data.wasted_bytes))
    if fewer is not None and not fewer.optimal:
        yield say("With fewer packs, perhaps not the cheapest: {plans}, {total} ({packs}).", **figures(fewer))
    elif fewer is not None:
        yield say("With fewer packs: {plans}, {total} ({packs}).", **figures(fewer))


def others(data: RecommendationDocument) -> Iterator[str]:
    """The ways that stand beside: the very cheapest, without promotions, with other carriers; who shares."""
    cheapest, elsewhere, plain = data.cheapest, data.elsewhere, data.without_promotions
    if data.persons > 1 and data.complete:
        yield sentence(data.reason)
    if cheapest is not None:
        yield say("The very cheapest takes more packs: {plans}, {total} ({packs}).", **figures(cheapest))
    if plain is not None:
        yield say("Without a promotion: {plans}, {total} ({packs}).", **figures(plain))
    if elsewhere is not None:
        yield say("With plans of other carriers: {plans}, {total} ({packs}).", **figures(elsewhere))


def explained(data: RecommendationDocument) -> Iterator[str]:
    """Why this way, the next best one, what could be had on top, and what would change if the best were true."""
    if data.persons == 1 or not data.complete:
        yield sentence(data.reason)
    other = data.runner_up
    if other is not None:
        if other.total == data.total:
            yield say("Runner-up, at the same price: {plans} ({packs}).", plans=plans(other), packs=packs(other))
        else:
            yield say("Runner-up: {plans}, {total} ({packs}).", **figures(other))
    if data.on_top:
        named = ", ".join(f"{row.plan} ({money(row.price)})" for row in data.on_top[:NAMED])
        yield say("On top of it, for some hours or one app only: {plans}", plans=named)
    hope = data.if_generous
    if hope is not None:
        yield say("If the most generous claim on rollover held: {total}", total=money(hope.total))


def figures(way: BoughtWay) -> dict[str, str]:
    """What a sentence about a way tells of it."""
    return {"plans": plans(way), "total": money(way.total), "packs": packs(way)}


def rests_on(data: RecommendationDocument, width: int | None) -> str:
    """How many plans were compared, in all cases or not, which were left out, and how old the prices are."""
    said = styled(compared(data) + "".join(left_out(data.left_out)), SOURCE)
    told = []
    if data.rates:
        told.append(say("Converted at {rates}.", rates=", ".join(data.rates)))
    if (months := months_seen(data.purchases)) is not None:
        told.append(say("Prices seen {months}.", months=months))
    rest = styled(" ".join(told), SOURCE)
    if any(row.currency is not None for row in data.left_out):
        rate = styled("--rate 1USD=4100KHR", COMMAND)
        wide = width is not None and cells(said) + cells(rate) + cells(rest) + 5 > width
        said = Styled(said + ("\n" if wide else " ") + say("({command})", command=rate))
    return " ".join([say("{said}.", said=said), rest])


def compared(data: RecommendationDocument) -> str:
    """How many plans were compared, and whether in all cases."""
    if not data.optimal:
        return say("{count} plans compared; the search was stopped, there may be a cheaper way", count=data.compared)
    if data.cheapest is None and data.complete and data.purchases:
        return say("Cheapest of {count} plans, all cases compared", count=data.compared)
    return say("{count} plans, all cases compared", count=data.compared)


def left_out(rows: Sequence[LeftOutRow]) -> Iterator[str]:
    """How many plans could not be compared; those that a rate would let in stand last."""
    if unpriced := sum(row.rows for row in rows if row.currency is None):
        yield say("; {count} without a known price left out", count=unpriced)
    foreign = [row for row in rows if row.currency is not None]
    if foreign:
        count, named = sum(row.rows for row in foreign), both(str(row.currency) for row in foreign)
        yield say("; {count} in {currencies} left out", count=count, currencies=named)


VIEWS = {
    "recommendation": View(COLUMNS, lambda data: data.purchases, person, "nothing on offer covers it"),
}
