"""A report as a file: one HTML page with charts, or Markdown. The same figures and sentences as on the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from esimctl.show import markdown, webpage
from esimctl.show.amounts import local, money, octets
from esimctl.show.cards.report import (
    COLUMNS,
    SHOWN,
    TEXTS,
    budget,
    facts,
    group_word,
    hint,
    missing,
    name_of,
    sentence,
    span,
    triggered,
)
from esimctl.show.charts import Bar, bar_chart, stacked_chart
from esimctl.show.words import say
from esimctl.values.money import EXPONENTS

Row = Mapping[str, Any]
MOST_BARS: Final = 12  #: groups in one chart, the largest
WIDE: Final = 420  #: of a chart: its words can be read where it is squeezed to a phone's 360 points


def html(data: Mapping[str, Any]) -> str:
    """The page."""
    title = say("Data lines, {months}", months=span(data))
    body = [webpage.heading(title, 1), webpage.paragraph(about(data), "soft")]
    for total in data["totals"]:
        body += [webpage.paragraph(sentence(total, span(data)), "lead"), webpage.cards(facts(total))]
        body.append(webpage.figures(charts(data, total["play_money"])))
        if total["triggers"]:
            body += [webpage.heading(say("At whose word")), webpage.bullets(triggered(total))]
        body.append(webpage.bullets(missing(total)))
    if many(data):
        body += [webpage.heading(by_what(data)), webpage.grid(*grid(data))]
    if data["budgets"]:
        body += [webpage.heading(say("Budgets")), webpage.bullets([budget(row) for row in data["budgets"]])]
    if data["hints"]:
        body += [webpage.heading(say("What may fit better")), webpage.bullets([hint(row) for row in data["hints"]])]
    body += [webpage.paragraph(say(TEXTS[rule]), "soft") for rule in ("rule", "refund_rule")]
    return webpage.page(title, [piece for piece in body if piece])


def markdown_text(data: Mapping[str, Any]) -> str:
    """The report as Markdown; words of others cannot become markup."""
    say_it = markdown.escaped
    parts = [f"# {say_it(say('Data lines, {months}', months=span(data)))}\n", say_it(about(data)) + "\n"]
    for total in data["totals"]:
        parts.append(say_it(sentence(total, span(data))) + "\n")
        pairs = [(say_it(label), say_it(value)) for label, value in facts(total)]
        parts.append(markdown.table((say("figure"), say("value")), pairs, (False, True)))
        told = [say_it(each) for each in (*triggered(total), *missing(total))]
        if told:
            parts.append(markdown.bullets(told))
    if many(data):
        headings, rows, right = grid(data)
        escaped = [[say_it(cell) for cell in row] for row in rows]
        parts += [f"## {say_it(by_what(data))}\n", markdown.table([say_it(each) for each in headings], escaped, right)]
    more = [say_it(each) for each in (*map(budget, data["budgets"]), *map(hint, data["hints"]))]
    if more:
        parts.append(markdown.bullets(more))
    parts += [say_it(say(TEXTS[rule])) + "\n" for rule in ("rule", "refund_rule")]
    return "\n".join(parts)


def about(data: Mapping[str, Any]) -> str:
    """Of which profile, and as of when."""
    return say("profile {profile}, as of {time}; months of {zone}", profile=data["profile"], time=local(data["as_of"]),
               zone=data["zone"])  # fmt: skip


def many(data: Mapping[str, Any]) -> bool:
    """Whether there is more than the totals tell."""
    return data["by"] is not None or len(data["months"]) > 1


def by_what(data: Mapping[str, Any]) -> str:
    """The heading of the rows."""
    return say("By month") if data["by"] is None else say("By month and {group}", group=group_word(data["by"]))


def grid(data: Mapping[str, Any]) -> tuple[list[str], list[list[str]], list[bool]]:
    """Headings, rows and alignment of the table."""
    columns = [column for column in COLUMNS if column.name in SHOWN and (data["by"] or column.name != "group")]
    headings = [
        group_word(data["by"]) if column.name == "group" else say(column.name.removesuffix("_bytes").replace("_", " "))
        for column in columns
    ]
    rows = [
        [name_of(row) if column.name == "group" else str((column.person or column.cell)(row)) for column in columns]
        for row in data["report"]
    ]
    return headings, rows, [column.right for column in columns]


def charts(data: Mapping[str, Any], play_money: bool) -> list[str]:
    """Money by currency, and data used and lost, over the months or the groups; for one month alone its data."""
    rows = [row for row in data["report"] if row["play_money"] is play_money]
    if not many(data):
        row = rows[0]
        names = [(what, say(TEXTS[what])) for what in ("bought", "used", "carried", "wasted")]
        bars = [Bar(label, row[f"{what}_bytes"] or 0, octets(row[f"{what}_bytes"])) for what, label in names]
        return [bar_chart(say("Data"), bars, width=WIDE)] if any(bar.value for bar in bars) else []
    if data["by"] is None:
        named = [(str(row["month"]), row) for row in rows]
    else:
        named = [(name_of(row), row) for row in together(rows)]
    return [*money_charts(named, play_money), *data_charts(named)]


def together(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """A row a group over all months, the largest use first."""
    groups: dict[str | None, dict[str, Any]] = {}
    for row in rows:
        one = groups.setdefault(row["group"], {"group": row["group"], "used_bytes": 0, "wasted_bytes": 0, "minor": {}})
        for what in ("used_bytes", "wasted_bytes"):
            one[what] += row[what] or 0
        for currency, minor in minors(row).items():
            one["minor"][currency] = one["minor"].get(currency, 0) + minor
    return sorted(groups.values(), key=lambda one: -one["used_bytes"] - one["wasted_bytes"])


def minors(row: Row) -> dict[str, int]:
    """What was spent, in minor units."""
    if "minor" in row:
        found: dict[str, int] = row["minor"]
        return found
    return {each["currency"]: int(each["amount"].replace(".", "")) for each in row["spend"]}


def money_charts(rows: Sequence[tuple[str, Row]], play_money: bool) -> list[str]:
    """A chart for each currency: sums of two are not one."""
    drawn = []
    for currency in sorted({currency for _, row in rows for currency in minors(row)}):
        told = [(name, minors(row).get(currency, 0)) for name, row in rows]
        bars = [Bar(name, minor, written(minor, currency)) for name, minor in fitting(told, [pair[1] for pair in told])]
        title = say("Spent, {currency}", currency=currency) + ("  SANDBOX" if play_money else "")
        drawn.append(bar_chart(title, bars, width=WIDE))
    return drawn


def fitting(rows: Sequence[Any], values: Sequence[int]) -> list[Any]:
    """All rows where they fit into a chart, else the first of those that have something to show."""
    if len(rows) <= MOST_BARS:
        return list(rows)
    return [row for row, value in zip(rows, values, strict=True) if value][:MOST_BARS]


def written(minor: int, currency: str) -> str:
    """Minor units as a person reads money."""
    digits = EXPONENTS[currency]
    whole, rest = divmod(abs(minor), 10**digits)
    amount = f"{'-' if minor < 0 else ''}{whole}" + (f".{rest:0{digits}}" if digits else "")
    return money({"amount": amount, "currency": currency})


def data_charts(rows: Sequence[tuple[str, Row]]) -> list[str]:
    """Data used, and data lost on top of it."""
    pairs = [(name, (max(0, row["used_bytes"] or 0), max(0, row["wasted_bytes"] or 0))) for name, row in rows]
    sizes = [sum(values) for _, values in pairs]
    if not any(sizes):
        return []
    legend = (say(TEXTS["used"]), say(TEXTS["wasted"]))
    return [stacked_chart(say("Data used and lost"), legend, fitting(pairs, sizes), width=WIDE, form=octets)]
