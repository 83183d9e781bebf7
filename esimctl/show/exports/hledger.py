"""A journal for hledger: one transaction for each payment and refund, every account and commodity declared.

The code is the provider's number; line, plan and order are tags. In a tag a comma, a percent sign and whatever could
begin another tag are written `%2C`, `%25` …, in a code the brackets too: text stays data.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from esimctl.charging.money import EXPONENTS
from esimctl.show.exports.accounts import EVERYDAY, facts, postings
from esimctl.text import clean

LONGEST = 10_000
#: marks of hledger's own beside `%` and `;` → what is written as %XX, blanks at the ends too
_MARKS = {more: re.compile(rf"[%;{re.escape(more)}]|^\s+|\s+$") for more in ("", ",", "()")}


def render(head: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Transactions, then the declarations of what they use: a part of the whole (`--since`) stands on its own."""
    yield f"; esimctl transactions export, profile {head['profile']}\n"
    accounts: set[str] = set()
    currencies: set[str] = set()
    for move in rows:
        if not move["before"]:
            yield transaction(move, accounts, currencies)
    yield "\n"
    for currency in sorted(currencies):
        digits = EXPONENTS[currency]
        yield f"commodity 1000.{'0' * digits} {currency}\n"
    for account in sorted(accounts):
        yield f"account {account}\n"


def transaction(move: Mapping[str, Any], accounts: set[str], currencies: set[str]) -> str:
    """A transaction, an empty line before it; what it uses is added to the two sets."""
    number = move["provider_order"]
    code = "" if number is None else f"({escaped(number, '()')}) "
    lines = [f"\n{move['date']} * {code}{escaped(move['move'], '')} {escaped(move['kind'], '')}\n"]
    lines += [
        f"    ; {name}: {value if EVERYDAY.fullmatch(value) else escaped(value, ',')}\n"
        for name, value in facts(move).items()
    ]
    for parts, amount, currency in postings(move):
        account = ":".join(parts)
        accounts.add(account)
        currencies.add(currency)
        lines.append(f"    {account}  {amount} {currency}\n")
    return "".join(lines)


@lru_cache(maxsize=2048)
def escaped(text: str, more: str) -> str:
    """Text on one line, visible, with `%`, `;` and `more` as %XX, and blanks at the ends kept the same way."""
    marks = _MARKS[more]
    return marks.sub(lambda found: "".join(f"%{octet:02X}" for octet in found[0].encode()), clean(text, LONGEST))


__all__ = ["render"]
