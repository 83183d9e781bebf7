"""A report as a file: one HTML page with charts, or Markdown. The same figures and sentences as on the terminal."""

from collections.abc import Sequence
from typing import Any, Final

from esimctl.documents.records import FiguresRow, ReportDocument, ReportedMonthRow
from esimctl.show import markdown, webpage
from esimctl.show.amounts import money, octets
from esimctl.show.cards.report import (
    SCREEN,
    TEXTS,
    budget,
    facts,
    group_word,
    hint,
    known_bytes,
    many,
    missing,
    month_name,
    name_of,
    sentence,
    span,
    triggered,
)
from esimctl.show.charts import Bar, bar_chart, stacked_chart
from esimctl.show.styles import unstyled
from esimctl.show.times import moment
from esimctl.show.view import Columns
from esimctl.show.words import say
from esimctl.values.money import Money
from esimctl.values.record import field, record

MOST_BARS: Final = 12  #: groups in one chart, the largest
WIDE: Final = 420  #: of a chart: its words can be read where it is squeezed to a phone's 360 points


def html(data: ReportDocument) -> str:
    """The page."""
    body = [webpage.heading(title(data), 1), webpage.paragraph(about(data), "soft")]
    for total in data.totals:
        body += [webpage.heading(part) for part in headed(total)]
        body += [webpage.paragraph(told(total, data), "lead"), webpage.cards(facts(total))]
        body.append(webpage.figures(charts(data, total.play_money)))
        if many(data):
            body += [webpage.heading(by_what(data), 3), webpage.grid(*grid(data, total))]
        if total.triggers:
            body += [webpage.heading(say("Bought by"), 3), webpage.bullets(triggered(total))]
        body.append(webpage.bullets(missing(total)))
    if data.budgets:
        body += [webpage.heading(say("Budgets")), webpage.bullets([budget(row) for row in data.budgets])]
    if data.hints:
        body += [webpage.heading(say("What may fit better")), webpage.bullets([hint(row) for row in data.hints])]
    body += [webpage.paragraph(say(TEXTS[rule]), "soft") for rule in ("rule", "refund_rule")]
    return webpage.page(title(data), [piece for piece in body if piece])


def markdown_text(data: ReportDocument) -> str:
    """The report as Markdown; words of others cannot become markup."""
    say_it = markdown.escaped
    parts = [f"# {say_it(title(data))}\n", say_it(about(data)) + "\n"]
    for total in data.totals:
        parts += [f"## {say_it(part)}\n" for part in headed(total)]
        parts.append(say_it(told(total, data)) + "\n")
        pairs = [(say_it(label), say_it(value)) for label, value in facts(total)]
        parts.append(markdown.table((say("figure"), say("value")), pairs, (False, True)))
        if many(data):
            headings, rows, right = grid(data, total)
            escaped = [[say_it(cell) for cell in row] for row in rows]
            parts.append(f"### {say_it(by_what(data))}\n")
            parts.append(markdown.table([say_it(each) for each in headings], escaped, right))
        sentences = [say_it(each) for each in (*triggered(total), *missing(total))]
        if sentences:
            parts.append(markdown.bullets(sentences))
    more = [say_it(each) for each in (*map(budget, data.budgets), *map(hint, data.hints))]
    if more:
        parts.append(markdown.bullets(more))
    parts += [say_it(say(TEXTS[rule])) + "\n" for rule in ("rule", "refund_rule")]
    return "\n".join(parts)


def title(data: ReportDocument) -> str:
    """What it is, and of which months."""
    return say("Data and spending, {months}", months=span(data))


def headed(total: FiguresRow) -> list[str]:
    """The heading of play money's part; money has none."""
    return ["SANDBOX"] if total.play_money else []


def told(total: FiguresRow, data: ReportDocument) -> str:
    """The answer in a sentence."""
    return unstyled(sentence(total, span(data)))


def about(data: ReportDocument) -> str:
    """Of which profile, and as of when."""
    return say("profile {profile}, as of {time}; months of {zone}", profile=data.profile, time=moment(data.as_of),
               zone=data.zone)  # fmt: skip


def by_what(data: ReportDocument) -> str:
    """The heading of the rows."""
    return say("By month") if data.by is None else say("By month and {group}", group=group_word(data.by))


def grid(data: ReportDocument, total: FiguresRow) -> tuple[list[str], list[list[str]], list[bool]]:
    """Headings, rows and alignment of the table of one sort of money, its sum below."""
    chosen = [column for column in SCREEN if data.by or column.name != "group"]
    headings = [group_word(data.by or "") if column.name == "group" else say(column.name) for column in chosen]
    rows = [row for row in data.report if row.play_money is total.play_money]
    cells = [[str((column.person or column.cell)(row)) for column in chosen] for row in rows]
    figures: Columns[Any] = chosen[2 if data.by else 1 :]
    last = [say("Total"), *([""] if data.by else []), *(str((each.person or each.cell)(total)) for each in figures)]
    return [each[:1].upper() + each[1:] for each in headings], [*cells, last], [column.right for column in chosen]


def charts(data: ReportDocument, play_money: bool) -> list[str]:
    """Money by currency, and data used and lost, over the months or the groups; for one month alone its data."""
    rows = [row for row in data.report if row.play_money is play_money]
    if not many(data):
        row = next((row for row in rows), None)
        if row is None:
            return []
        rare = [what for what in ("carried", "wasted") if known_bytes(row, what)]
        names = [(what, say(TEXTS[what])) for what in ("bought", "used", *rare)]
        bars = [Bar(label, known_bytes(row, what) or 0, octets(known_bytes(row, what))) for what, label in names]
        return [bar_chart(say("Data"), bars, width=WIDE)] if any(bar.value for bar in bars) else []
    drawn = together(rows) if data.by is not None else [MonthBar(month_name(row.month)).more(row) for row in rows]
    return [*money_charts(drawn), *data_charts(drawn)]


@record(frozen=False)
class MonthBar:
    """What is drawn of a month or a group: octets used and lost, minor units spent by currency."""

    name: str
    used: int = 0
    wasted: int = 0
    minor: dict[str, int] = field(default_factory=dict)

    def more(self, row: ReportedMonthRow) -> "MonthBar":
        """With a row's figures on top of what is there."""
        self.used += row.used_bytes or 0
        self.wasted += row.wasted_bytes or 0
        for spent in row.spend:
            self.minor[spent.currency] = self.minor.get(spent.currency, 0) + spent.minor
        return self


def together(rows: Sequence[ReportedMonthRow]) -> list[MonthBar]:
    """A bar a group over all months, the largest use first."""
    groups: dict[str | None, MonthBar] = {}
    for row in rows:
        groups.setdefault(row.group, MonthBar(name_of(row))).more(row)
    return sorted(groups.values(), key=lambda bar: -bar.used - bar.wasted)


def money_charts(rows: Sequence[MonthBar]) -> list[str]:
    """A chart for each currency: sums of two are not one."""
    drawn = []
    for currency in sorted({currency for row in rows for currency in row.minor}):
        told = [(row.name, row.minor.get(currency, 0)) for row in rows]
        every = fitting(told, [minor for _, minor in told])
        bars = [Bar(name, minor, money(Money(minor, currency)).removesuffix(f" {currency}")) for name, minor in every]
        drawn.append(bar_chart(say("Spent, {currency}", currency=currency), bars, width=WIDE))
    return drawn


def fitting(rows: Sequence[Any], values: Sequence[int]) -> list[Any]:
    """All rows where they fit into a chart, else the first of those that have something to show."""
    if len(rows) <= MOST_BARS:
        return list(rows)
    return [row for row, value in zip(rows, values, strict=True) if value][:MOST_BARS]


def data_charts(rows: Sequence[MonthBar]) -> list[str]:
    """Data used, and data lost on top of it."""
    pairs = [(row.name, (max(0, row.used), max(0, row.wasted))) for row in rows]
    sizes = [sum(values) for _, values in pairs]
    if not any(sizes):
        return []
    legend = (say(TEXTS["used"]), say(TEXTS["wasted"]))
    return [stacked_chart(say("Data used and lost"), legend, fitting(pairs, sizes), width=WIDE, form=octets)]
