"""Findings of `check`: one line in all for people and pipes, or the line that plugins of monitors print."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from esimctl.documents.balance import CheckDocument, CheckedLine
from esimctl.show.amounts import local, money, octets
from esimctl.show.line_cells import NEEDS, URGENT, badness
from esimctl.show.styles import ACT, ASKED, GOOD, LOOK, styled
from esimctl.show.table import draw
from esimctl.show.terminal import Terminal
from esimctl.show.times import day_from_now, moment, only_day
from esimctl.show.view import Column, Columns, View
from esimctl.show.words import english, say
from esimctl.values.moments import instant
from esimctl.values.text import clean


def summary(data: CheckDocument, speak: Callable[..., str] = english) -> str:
    """What needs attention, lines and then money, and why; in English for programs; empty when there is nothing."""
    found = []
    doubted = {each.order for each in data.findings}
    for row in data.lines:
        if not row.ok:
            words = ", ".join(speak(FINDINGS.get(word, word)) for word in row.attention)
            template = (
                "{line}: {words} ({left}, worked out)" if row.source == "modelled" else "{line}: {words} ({left})"
            )
            found.append(speak(template, line=row.line, words=words, left=left(row, speak)))
    found += [
        speak(
            "{line}: order {order} is not settled, {price} are held",
            line=row.line,
            order=row.order,
            price=money(row.price),
        )
        for row in data.orders
        if row.order not in doubted
    ]
    told = [(each.text, each.said) for each in data.findings] + [(each.text, each.said) for each in data.rules]
    found += [text if speak is english else speak(said) for text, said in told]
    return "; ".join(found)


def left(row: CheckedLine, speak: Callable[..., str]) -> str:
    """What is left now, what is left apart from it, and until when it must be renewed where that saves something."""
    now = octets(row.remaining_bytes, unlimited=row.unlimited, speak=speak)
    said = [speak("{volume} left", volume=now)]
    if row.restricted_bytes or row.restricted_unlimited:
        more = octets(row.restricted_bytes, unlimited=row.restricted_unlimited, speak=speak)
        said.append(speak("{volume} more in its hours, apps or later", volume=more))
    if "rollover_at_risk" in row.attention:
        said.append(speak("renew by {date}", date=local(row.renew_by)))
    return ", ".join(said)


#: finding → what it is called in one or two words
FINDINGS = {
    "low_data": "low data",
    "expiring": "expires soon",
    "expired": "has expired",
    "stale_reading": "stale reading",
    "order_open": "order open",
    "rollover_at_risk": "rollover at risk",
    "exhausted": "used up",
    "end_unseen": "renewed: is the new end to be seen?",
}


NAMED = 2  #: of the findings that a monitor's one line names


def plugin_line(data: CheckDocument, below: int | None = None) -> str:
    """`WARNING - text | perfdata` as plugin guidelines have it; labels are quoted, unknown figures left out.

    `below` is the threshold that was asked for: less is a warning, nothing left is critical.
    """
    limits = "" if below is None else f";{below}:;1:;0;"
    figures = " ".join(
        f"'{row.line}'={row.judged_bytes}B{limits}" for row in data.lines if row.judged_bytes is not None
    )
    state = data.plugin.state if data.plugin else "UNKNOWN"
    line = f"{state} - {clean(plugin_text(data), 2000).replace('|', '/')}"
    return f"{line} | {figures}" if figures else line


def plugin_text(data: CheckDocument) -> str:
    """How many lines need attention, the worst two findings, and how many others there are; money comes first."""
    bad = sorted(
        (row for row in data.lines if not row.ok), key=lambda row: (badness(row.attention), row.judged_bytes or 0)
    )
    doubted = {each.order for each in data.findings}
    found = [each.text for each in data.findings]
    found += [
        english("{line}: order {order} is not settled, {price} are held", line=row.line, order=row.order,
                price=money(row.price))
        for row in data.orders
        if row.order not in doubted
    ]  # fmt: skip
    found += [each.text for each in data.rules]
    found += [
        english("{line} {words} ({left})", line=row.line, words=words_of(row), left=left(row, english)) for row in bad
    ]
    if not found:
        fine = "1 line, nothing to do" if len(data.lines) == 1 else "{count} lines, nothing to do"
        return english(fine, count=len(data.lines))
    text = "; ".join(found[:NAMED])
    if len(found) > NAMED:
        text += english("; and {count} more", count=len(found) - NAMED)
    if len(bad) > 1:
        text = english("{bad} of {count} lines need attention", bad=len(bad), count=len(data.lines)) + f": {text}"
    return text


def words_of(row: CheckedLine) -> str:
    """What a line needs, in the words of balances, in English."""
    words = [word for word in row.attention if word != "low_data" or "exhausted" not in row.attention]
    return ", ".join(english(NEEDS[word]) for word in words)


SCREEN: Columns[CheckedLine] = (
    Column("line", lambda r: r.line, priority=0),
    Column("left", lambda r: r.remaining_bytes, lambda r: octets(r.remaining_bytes, unlimited=r.unlimited), right=True,
           priority=2),
    Column("ends", lambda r: instant(r.expires_at), lambda r: day_from_now(r.expires_at), priority=3,
           short=[lambda r: only_day(r.expires_at)]),
    Column("needs attention", lambda r: ",".join(r.attention), lambda r: needs(r), priority=1),
)  # fmt: skip


def needs(row: CheckedLine) -> str:
    """What a line needs, in the words that balances have, and by when where that saves something."""
    words = [word for word in row.attention if word != "low_data" or "exhausted" not in row.attention]
    said = [str(styled(say(NEEDS[word]), ACT if word in URGENT else LOOK)) for word in words]
    if "rollover_at_risk" in words:
        said[words.index("rollover_at_risk")] += " " + say("(by {date})", date=moment(row.renew_by))
    return ", ".join(said)


def person(data: CheckDocument, terminal: Terminal) -> None:
    """How many lines need attention and what each of them needs, then what is wrong with money, books and rules."""
    bad = [row for row in data.lines if not row.ok]
    if bad:
        said = "1 of {count} lines needs attention" if len(bad) == 1 else "{bad} of {count} lines need attention"
        terminal.tell(styled(say(said, bad=len(bad), count=len(data.lines)), ASKED) + "\n")
        draw(SCREEN, sorted(bad, key=lambda row: (badness(row.attention), row.line)), terminal)
    doubted = {each.order for each in data.findings}
    for order in data.orders:
        if order.order not in doubted:
            held = say("{line}: order {order} is open, {price} is held", line=order.line, order=order.order,
                       price=money(order.price))  # fmt: skip
            terminal.tell(styled("! ", ACT) + held + "\n")
    for found in [finding.said for finding in data.findings] + [rule.said for rule in data.rules]:
        terminal.tell(styled("! ", ACT) + say(found) + "\n")
    if data.ok and not terminal.quiet and terminal.out_is_terminal:
        fine = "1 line, nothing to do" if len(data.lines) == 1 else "{count} lines, nothing to do"
        terminal.tell(styled(say(fine, count=len(data.lines)), GOOD) + "\n")


class Summary(NamedTuple):
    """The one row: the sentence, and the figures of the first line that needs attention."""

    text: str
    line: str | None
    words: Sequence[str]
    found: CheckedLine | None


COLUMNS: Columns[Summary] = (
    Column("findings", lambda r: r.text),
    Column("line", lambda r: r.line, shown=False),
    Column("attention", lambda r: ",".join(r.words), shown=False),
    Column("remaining", lambda r: r.found and r.found.remaining_bytes, shown=False),
    Column("expires", lambda r: r.found and instant(r.found.expires_at), shown=False),
    Column("restricted", lambda r: r.found and r.found.restricted_bytes, shown=False),
    Column("renew_by", lambda r: r.found and instant(r.found.renew_by), shown=False),
)


def rows(data: CheckDocument) -> list[Summary]:
    """One row in all: scripts that mail what is printed get one line."""
    text = summary(data)
    if not text:
        return []
    bad = [row for row in data.lines if not row.ok]
    late = data.rules
    words = [word for row in bad for word in row.attention]
    words += ["order_open"] * len(data.orders) + ["rule_overdue"] * len(late)
    words += [finding.kind for finding in data.findings]
    lines: list[str | None] = [row.line for row in bad]
    lines += [order.line for order in data.orders] + [rule.line for rule in late]
    lines += [finding.line for finding in data.findings]
    return [Summary(text, lines[0], words, bad[0] if bad else None)]


VIEWS = {"check": View(COLUMNS, rows, person)}
