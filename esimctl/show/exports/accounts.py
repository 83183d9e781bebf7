"""Names of accounts for account books: one for each profile's line, provider and method, legal there, none for two.

Play money has commodities of its own (`PLAYUSD`) below `equity:esim:play`, so that no sum holds it and money: no sum of
the expenses, of the assets or of a part of them, and none of what a query by a name or a tag finds among both.
"""

import re
from functools import lru_cache

from esimctl.documents.exported import MoneyMove
from esimctl.values.moments import instant

#: what a payment method is in a balance sheet; every other kind is an asset
LIABILITIES = frozenset({"credit-card"})
#: a text that is written as it is in any account book: ids, names, instants
EVERYDAY = re.compile(r"[A-Za-z0-9:_.-]{1,100}")
_OTHER = re.compile(r"[^a-z0-9-]")


@lru_cache(maxsize=4096)
def part(name: str) -> str:
    """A name as one part of an account: a to z, digits and dashes stay, `_` is `-U-`, all else `-U<code point>-`.

    Capitals come from nowhere else, so no two names have the same part.
    """
    return _OTHER.sub(lambda found: "-U-" if found[0] == "_" else f"-U{ord(found[0]):X}-", name)


def capital(piece: str) -> str:
    """A part of an account as beancount wants it: a capital or a digit first, still never two for one."""
    return piece if piece[:1].isdigit() else piece[:1].upper() + piece[1:] if piece[:1].islower() else f"ZZ{piece}"


@lru_cache(maxsize=4096)
def account(root: str, place: str, *names: str, play: bool) -> tuple[str, ...]:
    """The parts of an account; what is play money has none below `root`."""
    return (*(("equity", "esim", "play") if play else (root, "esim")), place, *map(part, names))


def spent_on(move: MoneyMove, profile: str) -> tuple[str, ...]:
    """Where the money of a move went, as the parts of an account."""
    if move.line is None:
        return account("expenses", "foreign", profile, move.provider, play=move.play)
    return account("expenses", "lines", profile, move.line, play=move.play)


def paid_from(move: MoneyMove, profile: str) -> tuple[str, ...]:
    """Where it came from."""
    if move.method is None:
        return account("assets", "accounts", profile, move.provider, play=move.play)
    root = "liabilities" if move.method_kind in LIABILITIES else "assets"
    return account(root, "methods", profile, move.provider, move.method, play=move.play)


def negative(amount: str) -> str:
    """An amount with its sign turned."""
    return amount[1:] if amount.startswith("-") else f"-{amount}"


def postings(move: MoneyMove, profile: str) -> list[tuple[tuple[str, ...], str, str]]:
    """(account, amount, commodity) of a move; each commodity adds up to nothing."""
    play = "PLAY" if move.play else ""
    amount, commodity = move.money.amount, play + move.money.currency
    into, out_of = spent_on(move, profile), paid_from(move, profile)
    if move.move == "refund":
        return [(out_of, amount, commodity), (into, negative(amount), commodity)]
    found = [(into, amount, commodity), (out_of, negative(amount), commodity)]
    if move.fee is not None:
        amount, commodity = move.fee.amount, play + move.fee.currency
        fees = account("expenses", "fees", profile, play=move.play)
        found += [(fees, amount, commodity), (out_of, negative(amount), commodity)]
    return found


def title(move: MoneyMove) -> str:
    """What a move is called; SANDBOX stands wherever play money is shown."""
    return f"{'SANDBOX ' if move.play else ''}{move.move} {move.kind}"


def facts(move: MoneyMove, profile: str) -> dict[str, str]:
    """What stands beside a move: name → text, in a fixed order, only what is known."""
    found = {
        "order": move.id,
        "profile": profile,
        "play": "yes" if move.play else None,
        "provider": move.provider,
        "provider-order": move.provider_order,
        "method": move.method,
        "line": move.line,
        "plan": move.plan,
        "kind": move.kind,
        "move": move.move,
        "time": instant(move.at),
        "payment": None if move.told else "not told, the price is taken",
        "origin": "imported" if move.imported else None,
        "reason": move.reason,
    }
    return {name: value for name, value in found.items() if value is not None}
