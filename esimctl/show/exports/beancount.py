"""Books for beancount: one transaction for each payment and refund, accounts opened, plan and order as metadata.

A part of the whole (`--since`) opens what is used in it for the first time; the plugin opens the rest when the part is
checked alone, and nothing is opened twice when it is put behind the parts before it.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from esimctl.show.exports.accounts import EVERYDAY, capital, facts, postings
from esimctl.text import clean

LONGEST = 10_000
OPENED = "1970-01-01"  #: before everything, so that what is imported later needs no other date


def render(head: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Transactions, then the accounts they use; beancount sorts by date."""
    yield f"; esimctl transactions export, profile {head['profile']}\n"
    if head["since"] is not None:
        yield 'plugin "beancount.plugins.auto_accounts"\n'
    known: set[str] = set()
    accounts: set[str] = set()
    for move in rows:
        used = [(named(parts), amount, currency) for parts, amount, currency in postings(move)]
        (known if move["before"] else accounts).update(account for account, _, _ in used)
        if not move["before"]:
            yield transaction(move, used)
    yield "\n"
    for account in sorted(accounts - known):
        yield f"{OPENED} open {account}\n"


def transaction(move: Mapping[str, Any], used: list[tuple[str, str, str]]) -> str:
    """A transaction, an empty line before it."""
    lines = [f"\n{move['date']} * {text(move['provider'])} {text(move['move'] + ' ' + move['kind'])}\n"]
    lines += [
        f'  {name}: "{value}"\n' if EVERYDAY.fullmatch(value) else f"  {name}: {text(value)}\n"
        for name, value in facts(move).items()
    ]
    lines += [f"  {account}  {amount} {currency}\n" for account, amount, currency in used]
    return "".join(lines)


@lru_cache(maxsize=4096)
def named(parts: tuple[str, ...]) -> str:
    """An account's name: `Expenses:Esim:Lines:Phone`."""
    return ":".join(capital(piece) for piece in parts)


@lru_cache(maxsize=2048)
def text(value: str) -> str:
    """A string of beancount: on one line, backslash and quote escaped."""
    seen = clean(value, LONGEST).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{seen}"'


__all__ = ["render"]
