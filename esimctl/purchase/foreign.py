"""Money that left the account without an order of ours: journalled as foreign, counted against the limits.

Three sorts: orders that somebody else made (another machine, the provider's website), a charge that was taken twice,
and a charge for an order that was refused.
"""

from typing import TYPE_CHECKING

from esimctl.documents.books import ForeignRow
from esimctl.errors import UsageError
from esimctl.ledger import postings
from esimctl.ledger.happenings import foreign_key
from esimctl.ledger.orders import CLOSED
from esimctl.ledger.said import number
from esimctl.profile.books import Books
from esimctl.profile.opened import takes_play_money
from esimctl.providers.lpa import mask
from esimctl.purchase.matching import Comparison, Match, adopted, total, wallet_methods
from esimctl.values.money import Money
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.facts import ForeignFact
    from esimctl.ledger.state import LedgerState
    from esimctl.providers.protocol import ProviderOrder

NOT_OURS, TWICE, REFUSED, OURS = "not_ours", "duplicate_charge", "charged_although_refused", "ours"


def extra_number(match: Match, place: int) -> str:
    """How an extra charge of an order is named in the journal."""
    return f"{match.theirs.provider_order}#{place + 2}"


def take_in(books: Books, compared: Comparison) -> None:
    """Journal what is new among strangers and extra charges; what was taken in before is left alone."""
    entries = []
    for theirs in compared.strangers:
        entries += stranger_entries(books, compared.listing.name, theirs)
    for match in compared.matches:
        for place, charge in enumerate(match.extra):
            number = extra_number(match, place)
            if (compared.listing.name, number) not in books.ledger.foreign:
                reason = TWICE if match.order.state not in CLOSED else REFUSED
                entries.append(
                    {
                        **foreign_entry(books, compared.listing.name, number, charge, match.theirs),
                        "reason": reason,
                        "order": match.order.id,
                    }
                )
    if entries:
        books.write(*entries)


def stranger_entries(books: Books, provider: str, theirs: "ProviderOrder") -> list[dict[str, Toml]]:
    """The entry for somebody else's order: new, or acknowledged because it was adopted or imported."""
    known = books.ledger.foreign.get((provider, theirs.provider_order))
    order = books.ledger.by_provider_order(provider, theirs.provider_order)
    mine = adopted(books.session.lines, provider, theirs) or (order is not None and order.imported)
    if known is not None and (known.acknowledged or not mine):
        return []
    sums = total(theirs.charges)
    amount = next(Money(minor, currency) for currency, minor in sums.items()) if len(sums) == 1 else None
    entry = {
        **foreign_entry(books, provider, theirs.provider_order, amount, theirs),
        "reason": NOT_OURS,
        "acknowledged": mine,
    }
    if known is None and amount is not None and after_opening(books.ledger, provider, theirs):
        entry["postings"] = drawn(books, provider, amount)
    return [entry]


def foreign_entry(
    books: Books, provider: str, number: str, amount: Money | None, theirs: "ProviderOrder"
) -> dict[str, Toml]:
    """What both sorts of entries have in common."""
    return {
        "kind": "foreign",
        "provider": provider,
        "provider_order": number,
        "amount_minor": None if amount is None else amount.minor,
        "currency": None if amount is None else amount.currency,
        "ordered_at": theirs.created_at,
        "their_kind": theirs.kind,
        "plan": theirs.plan,
        "iccid": theirs.iccid,
        "acknowledged": False,
        "play": takes_play_money(books.session, provider) or None,
    }


def after_opening(ledger: "LedgerState", provider: str, theirs: "ProviderOrder") -> bool:
    """Whether the wallet of that provider was opened before this order, and so has to go down by it."""
    if provider in ledger.assertions:
        return True
    first = next((o for o in ledger.all_orders() if o.provider == provider and o.wallet_before is not None), None)
    return first is not None and theirs.created_at is not None and theirs.created_at >= first.since


def drawn(books: Books, provider: str, amount: Money) -> list[dict[str, Toml]]:
    """Somebody else drew on the account."""
    method = wallet_methods(books.session, books.ledger, provider)[0]
    account = postings.wallet(provider, method)
    return [
        {"account": account, "currency": amount.currency, "minor": -amount.minor},
        {"account": "foreign", "currency": amount.currency, "minor": amount.minor},
    ]


def acknowledge(books: Books, names: "list[str] | tuple[str, ...]") -> list[str]:
    """A person has looked at these orders (`all`: at every one); returns the names that were acknowledged."""
    done = []
    for name in names:
        facts = [fact for fact in books.ledger.unacknowledged() if name in ("all", fact.provider_order, fact.order)]
        for fact in facts:
            acknowledge_foreign(books, fact)
        order = books.ledger.order(name)
        if order is not None:
            books.write({"kind": "acknowledged", "what": f"order:{order.id}"})
        if not facts and order is None and name != "all" and not known_stranger(books.ledger, name):
            raise UsageError(
                "there is no order {name!r} to acknowledge",
                hint="esimctl transactions audit",
                code="unknown_order",
                name=Raw(name),
            )
        done += [fact.provider_order for fact in facts]
    return done


def acknowledge_foreign(books: Books, fact: "ForeignFact") -> None:
    """Its money is ours to bear: an extra charge is taken off the wallet now, a stranger's was already."""
    entry: dict[str, Toml] = {**fact.told, "acknowledged": True}
    paid_from_account = fact.provider in books.ledger.assertions
    if fact.reason != NOT_OURS and paid_from_account and fact.amount_minor and fact.currency:
        order = None if fact.order is None else books.ledger.order(fact.order)
        if order is not None and order.method_kind == "provider-balance":
            entry["postings"] = drawn(books, fact.provider, Money(fact.amount_minor, fact.currency))
    books.write(entry, {"kind": "acknowledged", "what": foreign_key(fact.provider, fact.provider_order)})


def ours_after_all(ledger: "LedgerState", provider: str, number: str | None) -> list[dict[str, Toml]]:
    """A stranger that turned out to be an order of ours (after a restore): it is taken back, lest it count twice."""
    fact = None if number is None else ledger.foreign.get((provider, number))
    if fact is None or not fact.amount_minor:
        return []
    return [taken_back(fact)]


def taken_back(fact: "ForeignFact") -> dict[str, Toml]:
    """The entry that takes a stranger's charge back: it was for an order of ours."""
    entry: dict[str, Toml] = {**fact.told, "amount_minor": 0, "acknowledged": True, "reason": OURS}
    if fact.postings:
        entry["postings"] = [{**posting, "minor": -number(posting, "minor")} for posting in fact.postings]
    return entry


def known_stranger(ledger: "LedgerState", name: str) -> bool:
    """Whether it was acknowledged before: saying so twice is no mistake."""
    return any(name == number for _, number in ledger.foreign)


def foreign_document(fact: "ForeignFact") -> ForeignRow:
    """A row of `foreign[]`."""
    amount = None if fact.amount_minor is None or fact.currency is None else Money(fact.amount_minor, fact.currency)
    return ForeignRow(
        provider=fact.provider,
        provider_order=fact.provider_order,
        reason=fact.reason or NOT_OURS,
        order=fact.order,
        kind=fact.kind,
        plan=fact.plan,
        iccid=None if fact.iccid is None else mask(fact.iccid),
        amount=amount,
        created_at=fact.ordered_at,
        acknowledged=fact.acknowledged,
    )
