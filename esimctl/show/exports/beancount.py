"""Books for beancount: accounts opened, then one transaction for each payment and refund, plan and order as metadata.

A part of the whole (`--since`) opens what is used in it for the first time; the plugin opens the rest when the part is
checked alone (beancount asks only the first file for plugins, so not where the part alone is included in another), and
nothing is opened twice when it is put behind the parts before it or included beside them. No commodity is declared: it
needs no declaration, and a second one in another profile's books, or in a person's own, would be an error.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from esimctl.documents.exported import MoneyMove
from esimctl.documents.orders import ExportDocument
from esimctl.show.exports.accounts import EVERYDAY, capital, facts, postings, title
from esimctl.values.text import clean

LONGEST = 10_000
OPENED = "1970-01-01"  #: before everything, so that what is imported later needs no other date


def render(head: ExportDocument, rows: Iterable[MoneyMove]) -> Iterator[str]:
    """The accounts that are used, then the transactions by day."""
    profile = head.profile
    known: set[str] = set()
    accounts: set[str] = set()
    made: list[tuple[date, str]] = []
    for move in rows:
        used = [(named(parts), amount, commodity) for parts, amount, commodity in postings(move, profile)]
        (known if move.before else accounts).update(account for account, _, _ in used)
        if not move.before:
            made.append((move.date, transaction(move, profile, used)))
    yield f"; esimctl transactions export, profile {profile}\n"
    if head.since is not None:
        yield 'plugin "beancount.plugins.auto_accounts"\n'
    for account in sorted(accounts - known):
        yield f"{OPENED} open {account}\n"
    made.sort(key=lambda each: each[0])
    yield from (text for _, text in made)


def transaction(move: MoneyMove, profile: str, used: list[tuple[str, str, str]]) -> str:
    """A transaction, an empty line before it."""
    lines = [f"\n{move.date.isoformat()} * {text(move.provider)} {text(title(move))}\n"]
    lines += [
        f'  {name}: "{value}"\n' if EVERYDAY.fullmatch(value) else f"  {name}: {text(value)}\n"
        for name, value in facts(move, profile).items()
    ]
    lines += [f"  {account}  {amount} {commodity}\n" for account, amount, commodity in used]
    return "".join(lines)


@lru_cache(maxsize=4096)
def named(parts: tuple[str, ...]) -> str:
    """An account's name: `Expenses:Esim:Lines:Default:Phone`."""
    return ":".join(capital(piece) for piece in parts)


@lru_cache(maxsize=2048)
def text(value: str) -> str:
    """A string of beancount: on one line, backslash and quote escaped."""
    seen = clean(value, LONGEST).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{seen}"'
