"""Names of accounts for account books: one for each line, provider and method, legal there, and never two for one."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

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


def spent_on(move: Mapping[str, Any]) -> tuple[str, ...]:
    """Where the money of a move went, as the parts of an account."""
    if move["line"] is None:
        return ("expenses", "esim", "foreign", part(move["provider"]))
    return ("expenses", "esim", "lines", part(move["line"]))


def paid_from(move: Mapping[str, Any]) -> tuple[str, ...]:
    """Where it came from."""
    if move["method"] is None:
        return ("assets", "esim", "accounts", part(move["provider"]))
    root = "liabilities" if move["method_kind"] in LIABILITIES else "assets"
    return (root, "esim", "methods", part(move["provider"]), part(move["method"]))


FEES = ("expenses", "esim", "fees")


def negative(amount: str) -> str:
    """An amount with its sign turned."""
    return amount[1:] if amount.startswith("-") else f"-{amount}"


def postings(move: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str, str]]:
    """(account, amount, currency) of a move; each currency adds up to nothing."""
    amount, currency = move["money"]["amount"], move["money"]["currency"]
    into, out_of = spent_on(move), paid_from(move)
    if move["move"] == "refund":
        return [(out_of, amount, currency), (into, negative(amount), currency)]
    found = [(into, amount, currency), (out_of, negative(amount), currency)]
    if move["fee"] is not None:
        fee = move["fee"]
        found += [(FEES, fee["amount"], fee["currency"]), (out_of, negative(fee["amount"]), fee["currency"])]
    return found


def facts(move: Mapping[str, Any]) -> dict[str, str]:
    """What stands beside a move: name → text, in a fixed order, only what is known."""
    found = {
        "order": move["id"],
        "provider": move["provider"],
        "provider-order": move["provider_order"],
        "method": move["method"],
        "line": move["line"],
        "plan": move["plan"],
        "kind": move["kind"],
        "move": move["move"],
        "time": move["at"],
        "payment": None if move["told"] else "not told, the price is taken",
        "origin": "imported" if move["imported"] else None,
        "reason": move["reason"],
    }
    return {name: value for name, value in found.items() if value is not None}


__all__ = ["EVERYDAY", "capital", "facts", "negative", "part", "postings"]
