"""A report of months on the terminal and for pipes: what was spent, used and wasted, in sentences and in rows."""

from collections.abc import Sequence
from typing import Final

from esimctl.documents.balance import BudgetRow, HintRow
from esimctl.documents.records import FiguresRow, ReportDocument, ReportedMonthRow, TriggerRow
from esimctl.show.amounts import money, octets
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.money import Money
from esimctl.values.text import clean

#: label of every figure that a person sees
TEXTS: Final = {
    "spend": "spent, less what came back",
    "refunds": "came back",
    "perhaps": "perhaps spent: orders that are open",
    "foreign": "charged to the account by somebody else",
    "overage": "overage, paid by the main balance and in no other sum",
    "purchases": "purchases",
    "topups": "top-ups among them",
    "bought": "data bought",
    "used": "data used",
    "carried": "data carried over",
    "wasted": "data lost unused",
    "wasted_money": "what the lost data had cost",
    "sent": "data given away",
    "received": "data received",
    "taken": "used of other lines' data",
    "lent": "used by other lines of this data",
    "rule": "Lost data costs its share of what was paid for it: it counts in the month in which it lapsed, against "
    "the purchase that brought it, rounded down.",
    "refund_rule": "A refund counts in the month in which it came back; an open order is in no sum.",
}


def amounts(rows: Sequence[Money], play_money: bool = False) -> str:
    """Money in every currency that there is; `-` where there is none."""
    if not rows:
        return "-"
    return ", ".join(money(each) for each in rows) + ("  SANDBOX" if play_money else "")


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
    """The month in one sentence (R-09)."""
    params = {
        "month": when,
        "bought": volume(row, "bought"),
        "spend": amounts(row.spend),
        "used": volume(row, "used"),
        "wasted": volume(row, "wasted"),
        "cost": amounts(row.wasted_money),
    }
    if row.purchases:
        first = say("{month}: bought {bought} for {spend}, used {used}", **params)
    else:
        first = say("{month}: bought nothing, used {used}", **params)
    if row.wasted_bytes is None:
        rest = say("; how much was lost is not known")
    elif row.wasted_bytes and row.wasted_money:
        rest = say(", lost {wasted} unused, which had cost {cost}", **params)
    else:
        rest = say(", lost {wasted} unused", **params) if row.wasted_bytes else say(", lost nothing")
    return first + rest + ("  SANDBOX" if row.play_money and (row.spend or row.wasted_money) else "")


def facts(row: FiguresRow) -> list[tuple[str, str]]:
    """(label, value) of every figure that is not nothing; money and data always."""
    game = row.play_money
    found = [(say(TEXTS["spend"]), amounts(row.spend, game))]
    found += [
        (say(TEXTS[each]), amounts(getattr(row, each), game))
        for each in ("refunds", "perhaps", "foreign", "overage")
        if getattr(row, each)
    ]
    found.append((say(TEXTS["purchases"]), str(row.purchases)))
    if row.topups:
        found.append((say(TEXTS["topups"]), str(row.topups)))
    found += [(say(TEXTS[what]), volume(row, what)) for what in ("bought", "used", "carried", "wasted")]
    if row.wasted_money:
        found.append((say(TEXTS["wasted_money"]), amounts(row.wasted_money, game)))
    moved = {
        "sent": row.gifts_sent_bytes, "received": row.gifts_received_bytes, "taken": row.pool_taken_bytes,
        "lent": row.pool_lent_bytes,
    }  # fmt: skip
    return found + [(say(TEXTS[what]), octets(volume)) for what, volume in moved.items() if volume]


def triggered(row: FiguresRow) -> list[str]:
    """Who bought how often, a sentence each."""
    return [trigger(made, row.play_money) for made in row.triggers]


def trigger(made: TriggerRow, play_money: bool) -> str:
    """What one person's word or one rule bought."""
    params = {"purchases": made.purchases, "topups": made.topups, "money": amounts(made.spend, play_money)}
    if made.by == "rule":
        return say(
            "by rule {rule}: purchases {purchases}, top-ups among them {topups}, {money}", rule=made.rule, **params
        )
    if made.by == "imported":
        return say("imported: purchases {purchases}, top-ups among them {topups}, {money}", **params)
    return say("by hand: purchases {purchases}, top-ups among them {topups}, {money}", **params)


def missing(row: FiguresRow) -> list[str]:
    """What is not known, and of how many."""
    gaps = row.unknown
    found = []
    if gaps.used or gaps.wasted:
        count = max(gaps.used, gaps.wasted)
        found.append(say("not wholly known for {count} lines: nobody looked at them in time", count=count))
    if gaps.overage:
        found.append(
            say("overage is not known for {count} lines: nobody said what their main balance is", count=gaps.overage)
        )
    if gaps.bought or gaps.paid or gaps.wasted_money or gaps.foreign:
        count = max(gaps.bought, gaps.paid, gaps.wasted_money, gaps.foreign)
        found.append(say("prices or volumes are not known for {count} purchases or lines", count=count))
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
    """The months in a few characters."""
    months = data.months
    return str(months[0]) if len(months) == 1 else f"{months[0]} … {months[-1]}"


def name_of(row: ReportedMonthRow) -> str:
    """A group's name; `-` for what belongs to none."""
    return "-" if row.group is None else clean(row.group)


def person(data: ReportDocument, terminal: Terminal) -> None:
    """One sentence, the rows where there are several, then every figure with who asked for it."""
    from esimctl.show.table import draw

    put = terminal.tell
    for total in data.totals:
        put(sentence(total, span(data)) + "\n")
    if len(data.months) > 1 or data.by is not None:
        put("\n")
        shown = [column for column in COLUMNS if column.name in SHOWN and (data.by or column.name != "group")]
        draw(shown, data.report, terminal)
    for total in data.totals:
        put("\n")
        for label, value in facts(total):
            put(f"{label}: {value}\n")
        for line in (*triggered(total), *missing(total)):
            put(f"- {line}\n")
    for line in (*map(budget, data.budgets), *map(hint, data.hints)):
        put(f"- {line}\n")


def moneys(name: str) -> Column[ReportedMonthRow]:
    """Sums of money, one a currency: `5.00 USD,20000 KHR` for machines."""
    [column] = columns(ReportedMonthRow, name, person=lambda row: amounts(getattr(row, name), row.play_money))
    return column._replace(right=True)


def volumes(what: str) -> Column[ReportedMonthRow]:
    """A volume; where something is missing in it, at least so much."""
    return columns(ReportedMonthRow, f"{what}_bytes", person=lambda row: volume(row, what))[0]


SHOWN: Final = (
    "month",
    "group",
    "spend",
    "bought_bytes",
    "used_bytes",
    "carried_bytes",
    "wasted_bytes",
    "wasted_money",
)
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

VIEWS = {"report": View(COLUMNS, lambda data: data.report, person, "nothing in these months")}
