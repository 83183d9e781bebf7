"""Promotions: what they give, until when, for whom."""

from collections.abc import Mapping
from datetime import timedelta

from esimctl.documents.claims import PromotionRow, PromotionsDocument
from esimctl.documents.document import ABSENT
from esimctl.show.amounts import octets, term
from esimctl.show.cards.plans import sandbox
from esimctl.show.reader import reader
from esimctl.show.styles import GOOD, LOOK, PLAY, SOURCE, styled
from esimctl.show.table import listed
from esimctl.show.terminal import Terminal
from esimctl.show.times import day
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.volume import parse_octets


def effect(row: PromotionRow) -> str:
    """`percent 20`, `add 3GB 15 days`."""
    told = [each for key in row.effect.KEYS if (each := getattr(row.effect, key)) is not ABSENT]
    flat = [item for each in told for item in (each.values() if isinstance(each, Mapping) else [each])]
    return " ".join(map(str, flat))


COLUMNS: Columns[PromotionRow] = (
    *columns(PromotionRow, "id"),
    Column("effect", effect),
    *columns(PromotionRow, "from until eligible orders"),
    Column("for", lambda r: ",".join([*r.plans, *r.carriers])),
    *columns(PromotionRow, "name"),
    *columns(PromotionRow, "holds", shown=False),
    Column("example", lambda r: r.example, lambda r: say("demo") if r.example else "-"),
    *columns(PromotionRow, "source grade seen retrieved as_of", shown=False),
)

#: kind of an order → what a promotion goes with
WITH = {"new": "new", "renew": "renewal", "topup": "top-up"}

#: who is left out
ELIGIBLE = {"new": "first orders only", "long": "plans of 90 days or more"}


def gives(row: PromotionRow) -> str:
    """`20 % off`, `+ 3 GB for 15 days`, `free`."""
    found = row.effect
    match found.kind:
        case "percent":
            return say("{percent} % off", percent=found.percent)
        case "fixed":
            return say("{amount} off", amount=str(found.amount))
        case "multiply":
            return say("data × {times} for {term}", times=found.times, term=term(str(found.term)))
        case "add":
            more = octets(parse_octets(str(found.data)))
            return say("+ {volume} for {term}", volume=more, term=term(str(found.term)))
        case "rollover":
            table = found.rollover or {}
            lives = table.get("validity")
            return say("rolls over") if lives is None else say("rolls over for {term}", term=term(str(lives)))
    return say("free")


def when(row: PromotionRow) -> str:
    """`until 31 Dec`, `from 13 Apr 2027`, `ended 1 Jan`: with the last day on which it holds."""
    last = day(row.until - timedelta(days=1))
    if row.holds:
        return styled(say("until {day}", day=last), GOOD)
    now = reader().now
    if now is not None and reader().here(now).date() >= row.until:
        return styled(say("ended {day}", day=last), SOURCE)
    return styled(say("from {day}", day=day(row.from_)), LOOK)


def whom(row: PromotionRow) -> str:
    """`new, renewal`; who is left out stands behind it."""
    goes = ", ".join(say(WITH[order]) for order in row.orders)
    return goes if row.eligible == "all" else f"{goes} ({say(ELIGIBLE[row.eligible])})"


SCREEN: Columns[PromotionRow] = (
    Column("promotion", lambda r: r.id, priority=0),
    Column("", lambda r: r.example, lambda r: styled("SANDBOX", PLAY) if r.example else "", priority=3),
    Column("gives", effect, gives, priority=1),
    Column("when", lambda r: r.until, when, priority=2),
    Column("with", lambda r: ",".join(r.orders), whom, priority=4, cut=True),
    Column("plans", lambda r: ",".join([*r.plans, *r.carriers]), lambda r: ", ".join([*r.plans, *r.carriers]),
           priority=5),
)  # fmt: skip


def listing(data: PromotionsDocument, terminal: Terminal) -> None:
    """Promotions as a table; where all are play, a line above says so."""
    rows = data.promotions
    if not rows:
        terminal.note(say("no promotion holds today"))
        return
    shown = SCREEN
    if all(row.example for row in rows):
        terminal.tell(sandbox() + "\n")
        shown = [column for column in SCREEN if column.name]
    listed(shown, rows, terminal, most=30, showing="Showing {shown} of {count} promotions (--all)")


VIEWS = {"promotions": View(COLUMNS, lambda data: data.promotions, listing, "no promotion holds today", SCREEN)}
