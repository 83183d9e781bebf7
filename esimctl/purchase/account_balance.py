"""Whether the money agrees: a provider's balance and charges against the books, as rows and as assertions.

The account at a provider stands in our books as its wallet: the first balance seen opens it, orders move it from then
on. A later balance that differs stays a finding until a person accepts it (`reconcile --accept`).
"""

from typing import TYPE_CHECKING

from esimctl.documents.books import ComparedRow
from esimctl.ledger import postings
from esimctl.profile.books import Books
from esimctl.purchase.foreign import extra_number
from esimctl.purchase.matching import OWN_CREDIT, Comparison, Listing, Match, total, wallet_methods
from esimctl.values.money import Money

if TYPE_CHECKING:
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session


def balance_rows(books: Books, compared: Comparison, *, accept: bool) -> list[ComparedRow]:
    """A row for the account and one for each currency of the charges; one that says so where neither can be seen."""
    listing = compared.listing
    rows = []
    if listing.balance is not None:
        rows.append(account_row(books, listing, listing.balance, accept=accept))
    if listing.orders is not None:
        rows += charge_rows(books.ledger, compared)
    elif listing.failure is None:
        note = "{provider} has no order list: orders that were made elsewhere cannot be seen"
        rows.append(row(listing.name, "none", None, None, None, note.format(provider=listing.name)))
    if listing.failure is not None:
        rows.append(row(listing.name, "none", None, None, None, f"not compared: {listing.failure.message}"))
    return rows


def row(
    provider: str, basis: str, expected: Money | None, actual: Money | None, fits: bool | None, note: str | None = None
) -> ComparedRow:
    """One comparison. `basis` is account, charges or none; `fits` is null where nothing could be compared."""
    return ComparedRow(provider=provider, basis=basis, expected=expected, actual=actual, fits=fits, note=note)


def account_row(books: Books, listing: Listing, actual: Money, *, accept: bool) -> ComparedRow:
    """The balance against the wallet; journals an assertion that says something new."""
    name, ledger = listing.name, books.ledger
    last = ledger.assertions.get(name)
    if last is None:
        open_wallet(books, name, actual)
    elif last.currency != actual.currency and not accept:
        return row(name, "account", None, actual, False, f"the balance was in {last.currency}: --accept {name}")
    expected = wallet(books.session, ledger, name, actual.currency)
    held = reserved(ledger, name, actual.currency)
    missing = Money(expected.minor - actual.minor, actual.currency)
    fits = expected.minor <= actual.minor <= expected.minor + held
    moved = []
    if accept and missing.minor:
        moved, fits = postings.differing(name, wallet_methods(books.session, ledger, name)[0], missing), True
    if (
        moved
        or last is None
        or (last.balance_minor, last.ok, last.expected_minor) != (actual.minor, fits, expected.minor)
    ):
        books.write(
            {
                "kind": "assertion",
                "provider": name,
                "balance_minor": actual.minor,
                "currency": actual.currency,
                "expected_minor": expected.minor,
                "ok": fits,
                "postings": moved,
            }
        )
    note = None if fits else f"look into the account at {name}; to take its balance as right: --accept {name}"
    return row(name, "account", expected, actual, fits, note)


def open_wallet(books: Books, name: str, actual: Money) -> None:
    """The first balance ever: what it was before the first order, else what makes the books agree."""
    ledger = books.ledger
    methods = wallet_methods(books.session, ledger, name)
    first = next(
        (
            order.wallet_before
            for order in ledger.all_orders()
            if order.provider == name
            and order.wallet_before is not None
            and order.wallet_before.currency == actual.currency
        ),
        None,
    )
    moved = Money(0, actual.currency) if first is None else first
    if first is None:
        spent = wallet(books.session, ledger, name, actual.currency).minor
        moved = Money(actual.minor - spent, actual.currency)
    books.write(
        {
            "kind": "assertion",
            "provider": name,
            "balance_minor": moved.minor,
            "currency": actual.currency,
            "ok": True,
            "postings": postings.differing(name, methods[0], Money(-moved.minor, actual.currency)),
        }
    )


def wallet(session: "Session", ledger: "LedgerState", provider: str, currency: str) -> Money:
    """What the books say is left in the account, reservations taken off."""
    methods = wallet_methods(session, ledger, provider)
    return Money(sum(ledger.balance(postings.wallet(provider, name), currency) for name in methods), currency)


def reserved(ledger: "LedgerState", provider: str, currency: str) -> int:
    """Minor units that open orders may or may not have taken from the account."""
    return sum(
        order.price.minor
        for order in ledger.open_orders(provider=provider)
        if order.method_kind == OWN_CREDIT and order.price.currency == currency
    )


def charge_rows(ledger: "LedgerState", compared: Comparison) -> list[ComparedRow]:
    """What the provider took for our orders against what the books say, a row for each currency."""
    expected: dict[str, int] = {}
    actual: dict[str, int] = {}
    fits = True
    for match in compared.matches:
        booked = match.booked
        if booked is None or not counts(match):
            continue
        expected[booked.currency] = expected.get(booked.currency, 0) + booked.minor
        for currency, minor in total(match.theirs.charges or (booked, *match.extra)).items():
            actual[currency] = actual.get(currency, 0) + minor
        if match.extra:
            known = looked_at(ledger, compared.listing.name, match)
            fits = fits and known
            for charge in match.extra if known else ():
                expected[charge.currency] = expected.get(charge.currency, 0) + charge.minor
    return [
        row(
            compared.listing.name,
            "charges",
            Money(expected.get(currency, 0), currency),
            Money(actual.get(currency, 0), currency),
            fits and expected.get(currency, 0) == actual.get(currency, 0),
            None if fits and expected == actual else "esimctl transactions audit",
        )
        for currency in sorted(expected.keys() | actual.keys())
        if expected.get(currency, 0) or actual.get(currency, 0)
    ]


def counts(match: Match) -> bool:
    """An order whose charges can be told from the provider's list, and of which nothing was given back."""
    return bool(match.theirs.charges or match.extra) and match.order.state not in {"refunding", "refunded"}


def looked_at(ledger: "LedgerState", provider: str, match: Match) -> bool:
    """Whether a person has acknowledged the extra charges of an order."""
    facts = [ledger.foreign.get((provider, extra_number(match, at))) for at in range(len(match.extra))]
    return all(fact is not None and fact.acknowledged for fact in facts)
