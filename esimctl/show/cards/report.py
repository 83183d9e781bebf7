"""A report of months on the terminal and for pipes: what was spent, used and wasted, in sentences and in rows."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from esimctl.documents.balance import BudgetRow, HintRow
from esimctl.documents.records import FiguresRow, ReportDocument, ReportedMonthRow, TriggerRow
from esimctl.show.amounts import money, month, octets
from esimctl.show.bars import TEN, bar
from esimctl.show.reader import reader
from esimctl.show.styles import ASKED, LOOK, PLAY, SOURCE, styled
from esimctl.show.table import draw
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.moments import zone
from esimctl.values.money import Money
from esimctl.values.record import record
from esimctl.values.text import clean

#: label of every figure that a person sees
TEXTS: Final = {
    "spend": "Spent",
    "refunds": "Came back",
    "perhaps": "Open orders, perhaps spent",
    "foreign": "Charged by somebody else",
    "overage": "Use beyond plans, from the main balance",
    "purchases": "Purchases",
    "bought": "Bought",
    "used": "Used",
    "carried": "Carried over",
    "wasted": "Lost",
    "wasted_money": "Lost, in money",
    "sent": "Given away",
    "received": "Received",
    "taken": "Used of other lines' data",
    "lent": "Used by other lines",
    "rule": "Lost data costs its share of what was paid for it: it counts in the month in which it lapsed, against "
    "the purchase that brought it, rounded down.",
    "refund_rule": "A refund counts in the month in which it came back; an open order is in no sum.",
}


def amounts(rows: Sequence[Money]) -> str:
    """Money in every currency that there is; `-` where there is none."""
    return ", ".join(money(each) for each in rows) or "-"


def known_bytes(row: FiguresRow, what: str) -> int | None:
    """The octets of one sort: bought, used, carried or wasted."""
    octets: int | None = getattr(row, f"{what}_bytes")
    return octets


def volume(row: FiguresRow, what: str) -> str:
    """A volume; where something is missing in it, at least so much."""
    known = known_bytes(row, what)
    told = octets(known)
    if known is None:
        return say("unknown")
    if what == "bought" and row.unlimited:
        return say("{volume} and unlimited data", volume=told)
    return say("at least {volume}", volume=told) if getattr(row.unknown, what) else told


def sentence(row: FiguresRow, when: str) -> str:
    """The answer: what was spent, used and lost, with the money that the lost data had cost."""
    spent = say("{money} spent", money=amounts(row.spend)) if row.spend else say("nothing spent")
    used = say("use unknown") if row.used_bytes is None else say("{volume} used", volume=volume(row, "used"))
    params = {"month": when, "spent": spent, "used": used, "lost": lost(row)}
    return say("{month}: {spent}, {used}, {lost}", **{name: styled(part, None) for name, part in params.items()})


def lost(row: FiguresRow) -> str:
    """What was lost unused, and what it had cost."""
    if row.wasted_bytes is None:
        return say("loss unknown")
    if not row.wasted_bytes:
        return say("nothing lost")
    if row.wasted_money:
        return say("{volume} lost (cost {money})", volume=volume(row, "wasted"), money=amounts(row.wasted_money))
    return say("{volume} lost", volume=volume(row, "wasted"))


def facts(row: FiguresRow) -> list[tuple[str, str]]:
    """(label, value) of every figure that is not nothing; money and data always."""
    found = [(say(TEXTS["spend"]), amounts(row.spend))]
    found += rest_of_money(row)
    found.append((say(TEXTS["purchases"]), str(row.purchases)))
    found += [(say(TEXTS[what]), volume(row, what)) for what in ("bought", "used", "carried", "wasted")]
    if row.wasted_money:
        found.append((say(TEXTS["wasted_money"]), amounts(row.wasted_money)))
    return found + moved(row)


def rest_of_money(row: FiguresRow) -> list[tuple[str, str]]:
    """Money that is in no other figure, where there is some."""
    every = ("refunds", "perhaps", "foreign", "overage")
    return [(say(TEXTS[each]), amounts(getattr(row, each))) for each in every if getattr(row, each)]


def moved(row: FiguresRow) -> list[tuple[str, str]]:
    """Data that went from line to line, where some did."""
    volumes = {
        "sent": row.gifts_sent_bytes, "received": row.gifts_received_bytes, "taken": row.pool_taken_bytes,
        "lent": row.pool_lent_bytes,
    }  # fmt: skip
    return [(say(TEXTS[what]), octets(volume)) for what, volume in volumes.items() if volume]


def triggered(row: FiguresRow) -> list[str]:
    """Who bought how often, a sentence each."""
    return [f"{who(made)}: {how_often(made.purchases)}, {amounts(made.spend)}" for made in row.triggers]


def who(made: TriggerRow) -> str:
    """Whether a person or a rule bought it, or the record came from elsewhere."""
    if made.by == "rule":
        return say("rule {rule}", rule=made.rule)
    return say("imported") if made.by == "imported" else say("you")


def how_often(count: int) -> str:
    """`1 purchase`, `3 purchases`."""
    return say("1 purchase") if count == 1 else say("{count} purchases", count=count)


def missing(row: FiguresRow) -> list[str]:
    """What is not known, and of how many."""
    gaps = row.unknown
    found = []
    if count := max(gaps.used, gaps.wasted):
        found.append(
            say("use and loss are not wholly known for 1 line: no reading in time")
            if count == 1
            else say("use and loss are not wholly known for {count} lines: no reading in time", count=count)
        )
    if count := gaps.overage:
        found.append(
            say("use beyond plans is not known for 1 line: no reading of its main balance")
            if count == 1
            else say("use beyond plans is not known for {count} lines: no reading of their main balance", count=count)
        )
    if count := max(gaps.bought, gaps.paid, gaps.wasted_money, gaps.foreign):
        found.append(
            say("prices or volumes are not known for 1 purchase or line")
            if count == 1
            else say("prices or volumes are not known for {count} purchases or lines", count=count)
        )
    return found


def budget(row: BudgetRow) -> str:
    """A budget against what was spent."""
    scope = row.line if row.line is not None else say("everything")
    params = {"scope": scope, "budget": money(row.budget), "spent": money(row.spent), "left": money(row.left)}
    mark = "  SANDBOX" if row.play_money else ""
    if row.expected is None:
        return say("budget of {scope}: {budget} a month, {spent} spent, {left} left", **params) + mark
    told = say(
        "budget of {scope}: {budget} a month, {spent} spent, {left} left; at this pace {expected} by its end",
        expected=money(row.expected),
        **params,
    )
    return told + mark


def hint(row: HintRow) -> str:
    """A bigger or a smaller plan."""
    return say(row.template, **row.params)


def group_word(by: str) -> str:
    """What the groups are."""
    return {"line": say("line"), "carrier": say("carrier"), "person": say("person"), "method": say("payment method")}[
        by
    ]


def span(data: ReportDocument) -> str:
    """The months: `Nov 2026`, `2026` of a year up to its end or to this month, `Sep 2026 to Nov 2026`."""
    first, last = data.months[0], data.months[-1]
    if first == last:
        return month_name(first)
    present = data.as_of.astimezone(zone(data.zone)).strftime("%Y-%m")
    if first[:4] == last[:4] and first.endswith("-01") and (last.endswith("-12") or last == present):
        return first[:4]
    return say("{first} to {last}", first=month_name(first), last=month_name(last))


def month_name(text: str) -> str:
    """A month of the document, `2026-11`, as people write it."""
    return month(date.fromisoformat(f"{text}-01"))


def name_of(row: ReportedMonthRow) -> str:
    """A group's name; `-` for what belongs to none."""
    return "-" if row.group is None else clean(row.group)


def person(data: ReportDocument, terminal: Terminal) -> None:
    """The answer, its figures and what is missing in them: a block of money, and one of play money."""
    if not data.totals:
        terminal.note(say("nothing in these months"))
    for at, total in enumerate(data.totals):
        head = styled("SANDBOX", PLAY) + " · " if total.play_money else ""
        terminal.tell(("\n" if at else "") + head + styled(sentence(total, span(data)), ASKED) + "\n")
        block(data, total, terminal)
    for line in (*map(budget, data.budgets), *map(hint, data.hints)):
        terminal.tell(line + "\n")


def block(data: ReportDocument, total: FiguresRow, terminal: Terminal) -> None:
    """The months or groups of one sort of money, or its figures; who bought; what is not known."""
    rows = [row for row in data.report if row.play_money is total.play_money]
    if many(data):
        first = next((row.month for row in rows if not empty(row)), data.months[0])
        told = [row for row in rows if row.month >= first]
        if len(data.months) == 1:
            told = sorted(told, key=lambda row: -(row.used_bytes or 0))
        summed = Summed(total, max((row.used_bytes or 0 for row in told), default=0))
        draw(summed.columns(data), [*told, *([total] if len(told) > 1 else [])], terminal)
        if len(told) < len(rows):
            terminal.tell(styled(say("nothing before {month}", month=month_name(first)), SOURCE) + "\n")
        figures = [*rest_of_money(total), *moved(total)]
    else:
        figures = [*alone(total), *rest_of_money(total), *moved(total)]
    if figures:
        draw(FIGURES, figures, terminal, header=False)
    if len(total.triggers) > 1:
        terminal.tell("\n")
        draw(BOUGHT_BY, sorted(total.triggers, key=lambda made: -made.purchases), terminal)
    for line in missing(total):
        terminal.tell(styled("! ", LOOK) + line + "\n")


def empty(row: FiguresRow) -> bool:
    """Whether nothing at all is known to have happened."""
    figures = (row.spend, row.refunds, row.perhaps, row.foreign, row.overage, row.purchases, row.triggers)
    volumes = (row.bought_bytes, row.used_bytes, row.carried_bytes, row.wasted_bytes)
    return not any(figures) and all(volume == 0 for volume in volumes) and not moved(row)


def many(data: ReportDocument) -> bool:
    """Whether there is more than the totals tell."""
    return data.by is not None or len(data.months) > 1


def alone(row: FiguresRow) -> list[tuple[str, str]]:
    """The figures of one month; a bar where what was used has a whole."""
    bought, used = row.bought_bytes or 0, row.used_bytes or 0
    whole = bought + (row.carried_bytes or 0)
    bare = not whole or used > whole or row.unlimited or row.used_bytes is None
    picture = "" if bare else share(used, whole) + "  "
    told = volume(row, "bought")
    if row.purchases:
        told = say("{volume} in {purchases}", volume=told, purchases=styled(how_often(row.purchases), None))
    found = [(say(TEXTS["bought"]), told), (say(TEXTS["used"]), picture + volume(row, "used"))]
    if row.carried_bytes:
        found.append((say(TEXTS["carried"]), volume(row, "carried")))
    if row.wasted_bytes:
        cost = say(", which had cost {money}", money=amounts(row.wasted_money)) if row.wasted_money else ""
        found.append((say(TEXTS["wasted"]), styled(volume(row, "wasted") + cost, LOOK)))
    return found


@record
class Summed:
    """The rows of a block as its table tells them from the total below them, and the highest use for its bars."""

    total: FiguresRow
    highest: int

    def month(self, row: Any) -> str:
        """The month, or that it is the total."""
        return styled(say("Total"), ASKED) if row is self.total else month_name(row.month)

    def group(self, row: Any) -> str:
        """The group, or that it is the total."""
        return styled(say("Total"), ASKED) if row is self.total else name_of(row)

    def picture(self, row: Any) -> str:
        """The use as a bar, a share of the highest."""
        return "" if row is self.total or not self.highest else share(row.used_bytes or 0, self.highest)

    def columns(self, data: ReportDocument) -> Columns[Any]:
        """The columns of the table."""
        first = [Column[Any]("month", lambda row: row.month, self.month, priority=0)]
        if data.by is not None:
            group = self.group if len(data.months) == 1 else lambda row: "" if row is self.total else name_of(row)
            named = Column[Any](data.by, lambda row: row.group, group, priority=0)
            first = [named] if len(data.months) == 1 else [*first, named]
        bars = Column[Any]("", lambda row: row.used_bytes, self.picture, priority=6)
        every = {column.name: column for column in SCREEN}
        return [*first, every["spent"], every["used"], bars, every["lost"], every["lost money"], every["bought"]]


def share(part: int, whole: int) -> str:
    """A bar of ten cells without a judgement: how much of a whole was used."""
    drawn = bar(part, whole, TEN)
    return f"[{drawn:-<10}]" if not reader().blocks else drawn + "░" * (TEN - len(drawn))


FIGURES: Columns[tuple[str, str]] = (
    Column("figure", lambda pair: pair[0], priority=0),
    Column("value", lambda pair: pair[1], priority=0),
)

BOUGHT_BY: Columns[TriggerRow] = (
    Column("bought by", lambda made: made.by, who, priority=0),
    Column("purchases", lambda made: made.purchases, right=True, priority=2),
    Column("spent", lambda made: made.spend, lambda made: amounts(made.spend), right=True, priority=1),
)

SCREEN: Columns[ReportedMonthRow] = (
    Column("month", lambda row: row.month, lambda row: month_name(row.month), priority=0),
    Column("group", lambda row: row.group, name_of, priority=0),
    Column("spent", lambda row: row.spend, lambda row: amounts(row.spend), right=True, priority=1),
    Column("used", lambda row: row.used_bytes, lambda row: volume(row, "used"), right=True, priority=2),
    Column("lost", lambda row: row.wasted_bytes, lambda row: volume(row, "wasted"), right=True, priority=3),
    Column("lost money", lambda row: row.wasted_money, lambda row: amounts(row.wasted_money), right=True, priority=4),
    Column("bought", lambda row: row.bought_bytes, lambda row: volume(row, "bought"), right=True, priority=5),
)


def moneys(name: str) -> Column[ReportedMonthRow]:
    """Sums of money, one a currency: `5.00 USD,20000 KHR` for machines."""
    [column] = columns(ReportedMonthRow, name, person=lambda row: amounts(getattr(row, name)))
    return column._replace(right=True)


def volumes(what: str) -> Column[ReportedMonthRow]:
    """A volume; where something is missing in it, at least so much."""
    return columns(ReportedMonthRow, f"{what}_bytes", person=lambda row: volume(row, what))[0]


COLUMNS: Columns[ReportedMonthRow] = (
    *columns(ReportedMonthRow, "month group play_money"),
    *(moneys(name) for name in ("spend", "perhaps", "foreign", "refunds")),
    *columns(ReportedMonthRow, "purchases topups"),
    *(volumes(what) for what in ("bought", "used", "carried", "wasted")),
    moneys("wasted_money"),
    *columns(ReportedMonthRow, "gifts_sent_bytes gifts_received_bytes"),
    Column("triggers", lambda row: ",".join(f"{t.rule or t.by}:{t.purchases}" for t in row.triggers) or None),
    *columns(ReportedMonthRow, "unlimited", shown=False),
    Column("unknown", lambda row: ",".join(f"{k}:{n}" for k, n in vars(row.unknown).items() if n) or None, shown=False),
    *columns(ReportedMonthRow, "pool_taken_bytes pool_lent_bytes", shown=False),
    moneys("overage")._replace(shown=False),
)

VIEWS = {"report": View(COLUMNS, lambda data: data.report, person, "nothing in these months", screen=SCREEN)}
