"""A journal for hledger and ledger: one transaction for each payment and refund, whatever it uses declared before.

Both read every line of it, strictly (`hledger check -s`, `ledger --pedantic`). The code is the provider's number; line,
plan and order are tags. In a tag a comma, a bracket, a percent sign and whatever could begin another tag or a date are
written `%2C`, `%5B`, `%25` …, in a code the parentheses too: text stays data.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from esimctl.documents.exported import MoneyMove
from esimctl.documents.orders import ExportDocument
from esimctl.show.exports.accounts import EVERYDAY, facts, postings, title
from esimctl.values.record import field, record
from esimctl.values.text import clean

LONGEST = 10_000
#: marks of theirs beside `%` and `;` → what is written as %XX, blanks at the ends too
_MARKS = {more: re.compile(rf"[%;{re.escape(more)}]|^\s+|\s+$") for more in (",[]", "()")}


@record(frozen=False)
class UsedNames:
    """What transactions use, to be declared."""

    commodity: set[str] = field(default_factory=set)
    account: set[str] = field(default_factory=set)
    payee: set[str] = field(default_factory=set)
    tag: set[str] = field(default_factory=set)

    def declarations(self) -> Iterator[str]:
        """One line for each; a commodity without its format, for which the two have no common way of writing."""
        for kind in ("commodity", "account", "payee", "tag"):
            yield from (f"{kind} {name}\n" for name in sorted(getattr(self, kind)))


def render(head: ExportDocument, rows: Iterable[MoneyMove]) -> Iterator[str]:
    """The declarations of what is used, then the transactions by day: a part (`--since`) stands on its own."""
    used = UsedNames()
    made = [(row.date, transaction(row, head.profile, used)) for row in rows if not row.before]
    yield f"; esimctl transactions export, profile {head.profile}\n"
    yield from used.declarations()
    made.sort(key=lambda each: each[0])
    yield from (text for _, text in made)


def transaction(move: MoneyMove, profile: str, used: UsedNames) -> str:
    """A transaction, an empty line before it; what it uses is added to `used`."""
    number, payee = move.provider_order, title(move)
    code = "" if number is None else f"({escaped(number, '()')}) "
    tags = facts(move, profile)
    lines = [f"\n{move.date.isoformat()} * {code}{payee}\n"]
    lines += [
        f"    ; {name}: {value if EVERYDAY.fullmatch(value) else escaped(value, ',[]')}\n"
        for name, value in tags.items()
    ]
    used.payee.add(payee)
    used.tag.update(tags)
    for parts, amount, commodity in postings(move, profile):
        account = ":".join(parts)
        used.account.add(account)
        used.commodity.add(commodity)
        lines.append(f"    {account}  {amount} {commodity}\n")
    return "".join(lines)


@lru_cache(maxsize=2048)
def escaped(text: str, more: str) -> str:
    """Text on one line, visible, with `%`, `;` and `more` as %XX, and blanks at the ends kept the same way."""
    marks = _MARKS[more]
    return marks.sub(lambda found: "".join(f"%{octet:02X}" for octet in found[0].encode()), clean(text, LONGEST))
