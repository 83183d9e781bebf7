"""What can be wrong with money: attempts, charges, credits and effects, matched one by one (R-93 to R-95)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from esimctl.documents.books import EvidenceRow
from esimctl.ledger.orders import CLOSED
from esimctl.purchase.matching import BY_HAND, Comparison, Match, adopted, exists_after_all
from esimctl.usage.story import life_end
from esimctl.values.moments import instant
from esimctl.values.money import Money
from esimctl.values.record import field, record

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import ProviderOrder

#: reasons of a refusal that concern the payment: an attempt without a credit
FAILED_PAYMENTS = frozenset(
    {"declined", "insufficient_funds", "authentication_required", "payment_failed", "payment_declined", "card_declined"}
)
#: how long after a purchase a reading must show it
EFFECT_LAG = timedelta(hours=6)


@record(frozen=False)
class AuditFinding:
    """One finding."""

    kind: str
    provider: str
    orders: list[str]
    support: str
    line: str | None = None
    provider_orders: list[str] = field(default_factory=list)
    amount: Money | None = None
    evidence: list[EvidenceRow] = field(default_factory=list)


def says(source: str, at: "datetime | None", text: str) -> EvidenceRow:
    """A piece of evidence in words."""
    return EvidenceRow(source=source, at=at, says=text)


def findings(
    session: "Session",
    ledger: "LedgerState",
    compared: list[Comparison],
    since: datetime,
    orders: "Iterable[OrderState] | None" = None,
) -> list[AuditFinding]:
    """Every finding since then, by order and then by stranger; what a person acknowledged is left out.

    `orders` are those to look at where somebody has gone through all of them already.
    """
    listed = {match.order.id: match for each in compared for match in each.matches}
    found: list[AuditFinding] = []
    for order in ledger.all_orders() if orders is None else orders:
        if counts_since(order, since):
            found += of_order(ledger, order, listed.get(order.id))
    for each in compared:
        found += [
            stranger(each.listing.name, theirs)
            for theirs in each.strangers
            if not looked_at(session, ledger, each, theirs)
        ]
    found += remembered(ledger, {number for finding in found for number in finding.provider_orders}, compared)
    found += balances(ledger)
    return found


def counts_since(order: "OrderState", since: datetime) -> bool:
    """Whether an order is open, or something became of it since then."""
    return order.open or max(order.created_at, order.changed_at) >= since


def of_order(ledger: "LedgerState", order: "OrderState", match: Match | None) -> Iterator[AuditFinding]:
    """Attempt, charge, credit and effect of one order of ours."""
    if order.open:
        if order.state != "prepared":
            yield undelivered(order, match) if order.charged else unknown(order, match)
    elif f"order:{order.id}" not in ledger.acknowledged:
        yield from of_charges(ledger, order, match)
        if order.state == "settled":
            yield from of_delivery(ledger, order, match)


def of_charges(ledger: "LedgerState", order: "OrderState", match: Match | None) -> Iterator[AuditFinding]:
    """Attempts without a credit, and charges beyond the one that was due."""
    refused = order.state in CLOSED
    if refused and order.reason in FAILED_PAYMENTS:
        yield failed(order, match)
    if match is not None and not match.extra and exists_after_all(match):
        yield listed_after_all(order, match)
    if match is not None and match.extra and not extras_acknowledged(ledger, match):
        yield taken_for_nothing(order, match) if refused else taken_twice(order, match)


def of_delivery(ledger: "LedgerState", order: "OrderState", match: Match | None) -> Iterator[AuditFinding]:
    """A settled order: the amount that was agreed, the goods that were ordered, an effect on the line."""
    if differs(order, match):
        yield other_amount(order, match)
    elif order.discrepancy or (match is not None and match.theirs.delivered is False):
        yield undelivered(order, match)
    elif without_effect(ledger, order):
        yield undelivered(order, match, effect=False)


def extras_acknowledged(ledger: "LedgerState", match: Match) -> bool:
    """Whether a person has looked at the extra charges."""
    from esimctl.purchase.account_balance import looked_at as known

    return known(ledger, match.order.provider, match)


def differs(order: "OrderState", match: Match | None) -> bool:
    """Another amount than was agreed: by the answer, or by the provider's books; parts of a cent are no difference."""
    if match is not None and match.other_amount is not None:
        return True
    return order.paid is not None and order.paid != order.price and order.discrepancy is not None


def without_effect(ledger: "LedgerState", order: "OrderState") -> bool:
    """A top-up or renewal after which a later reading shows exactly what the one before it showed.

    Only while what was bought would still be there: a week later a pack for a week has come and gone.
    """
    if order.kind not in {"topup", "renew"} or order.settled_at is None:
        return False
    readings = [fact for fact in ledger.readings.get(order.line, []) if fact.source == "provider"]
    before = [fact for fact in readings if fact.read_at < order.created_at]
    after = [fact for fact in readings if fact.read_at >= order.settled_at + EFFECT_LAG]
    same = bool(before and after) and dict(before[-1].data) == dict(after[0].data)
    return same and after[0].read_at < life_end(order, UTC)


def reference(order: "OrderState") -> str:
    """How support finds an order: its number there, our reference, and when."""
    number = f"order {order.provider_order} " if order.provider_order else "our order "
    return f"{number}(our reference {order.key}) of {instant(order.last_attempt_at or order.created_at)}"


def upper(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]


def journal_says(order: "OrderState") -> list[EvidenceRow]:
    """What our books hold of an order."""
    sent = f"sent {order.attempts} times" if order.attempts != 1 else "sent once"
    evidence = [says("journal", order.created_at, f"{order.kind} for {order.price} with {order.method}, {sent}")]
    why = order.discrepancy or order.message or order.reason
    evidence.append(says("journal", order.changed_at, order.state if why is None else f"{order.state}: {why}"))
    return evidence


def provider_says(theirs: "ProviderOrder") -> EvidenceRow:
    """What the provider's books hold of it."""
    charges = " and ".join(map(str, theirs.charges)) or "nothing"
    delivered = {True: ", delivered", False: ", not delivered", None: ""}[theirs.delivered]
    return says("provider", theirs.created_at, f"{theirs.provider_order}: charged {charges}{delivered}")


def about(order: "OrderState", match: Match | None, kind: str, amount: Money, support: str) -> AuditFinding:
    """A finding about an order of ours."""
    number = match.theirs.provider_order if match is not None else order.provider_order
    evidence = journal_says(order) + ([provider_says(match.theirs)] if match is not None else [])
    numbers = [number] if number else []
    return AuditFinding(kind, order.provider, [order.id], support, order.line, numbers, amount, evidence)


def unknown(order: "OrderState", match: Match | None) -> AuditFinding:
    """Nobody knows whether it was charged."""
    support = (
        f"Please tell me whether {reference(order)} for {order.price} was executed and charged, and under which number."
    )
    return about(order, match, "unknown_outcome", order.price, support)


def failed(order: "OrderState", match: Match | None) -> AuditFinding:
    """An attempt without a credit: the payment did not go through."""
    support = (
        f"The payment of {order.price} for {reference(order)} failed ({order.reason}). Please confirm that nothing was"
        " taken, or give back what is held."
    )
    return about(order, match, "failed_charge", order.price, support)


def taken_twice(order: "OrderState", match: Match) -> AuditFinding:
    """Two charges, one credit."""
    extra = match.extra
    amount = extra[0] if len(extra) == 1 else Money(sum(charge.minor for charge in extra), extra[0].currency)
    times = max(len(match.theirs.charges), match.copies)
    due = f"{order.counted} was due once"
    support = f"{upper(reference(order))} was charged {times} times, {due}. Please refund {amount}."
    return about(order, match, "duplicate_charge", amount, support)


def taken_for_nothing(order: "OrderState", match: Match) -> AuditFinding:
    """Charged although it was refused."""
    amount = match.theirs.charges[0]
    support = f"{upper(reference(order))} was refused ({order.reason}), but {amount} was charged. Please refund it."
    return about(order, match, "charged_not_delivered", amount, support)


def listed_after_all(order: "OrderState", match: Match) -> AuditFinding:
    """The seller has an order that was closed here: by a person's word, or until the next reconcile takes it up."""
    why = "I took it for not charged" if order.reason == BY_HAND else f"it was closed here ({order.reason})"
    support = (
        f"{upper(reference(order))} for {order.price} stands in your list as {match.theirs.provider_order}, but {why}."
        " Please tell me whether it was charged."
    )
    return about(order, match, "unknown_outcome", order.price, support)


def undelivered(order: "OrderState", match: Match | None, *, effect: bool = True) -> AuditFinding:
    """Charged, and the goods are not there, or not those that were ordered."""
    what = "has not been delivered"
    if order.discrepancy:
        what = f"was not delivered as ordered ({order.discrepancy})"
    elif not effect:
        what = "shows no effect on the line"
    support = f"{upper(reference(order))} was charged {order.counted}, but {what}. Please deliver it or refund it."
    return about(order, match, "charged_not_delivered", order.counted, support)


def other_amount(order: "OrderState", match: Match | None) -> AuditFinding:
    """Another price than was agreed."""
    paid = (match.other_amount if match is not None else None) or order.paid or order.price
    support = f"{upper(reference(order))} was agreed at {order.price} and charged {paid}. Please refund the difference."
    return about(order, match, "amount_differs", paid, support)


def stranger(provider: str, theirs: "ProviderOrder") -> AuditFinding:
    """An order that was not made here."""
    amount = theirs.charges[0] if len(theirs.charges) == 1 else None
    support = (
        f"Order {theirs.provider_order} of {instant(theirs.created_at)} on my account was not made by this program."
        " Please tell me who made it, from where, and for which line."
    )
    return AuditFinding(
        "foreign_order", provider, [], support, None, [theirs.provider_order], amount, [provider_says(theirs)]
    )  # fmt: skip


def looked_at(session: "Session", ledger: "LedgerState", compared: Comparison, theirs: "ProviderOrder") -> bool:
    """Acknowledged by a person, adopted as a line of the profile, or imported from where it was made."""
    order = ledger.by_provider_order(compared.listing.name, theirs.provider_order)
    if order is not None and order.imported:
        return True
    fact = ledger.foreign.get((compared.listing.name, theirs.provider_order))
    return (fact is not None and fact.acknowledged) or adopted(session.lines, compared.listing.name, theirs)


def remembered(ledger: "LedgerState", told: set[str], compared: list[Comparison]) -> Iterator[AuditFinding]:
    """Strangers that an earlier reconcile saw, at a provider that cannot be asked now."""
    asked = {each.listing.name for each in compared if each.listing.orders is not None}
    for fact in ledger.unacknowledged():
        number = fact.provider_order.split("#")[0]
        if fact.provider in asked or number in told:
            continue
        order = fact.order
        amount = None if fact.amount_minor is None or fact.currency is None else Money(fact.amount_minor, fact.currency)
        kind = {"duplicate_charge": "duplicate_charge", "charged_although_refused": "charged_not_delivered"}.get(
            str(fact.reason), "foreign_order"
        )
        text = f"{fact.provider_order}: {amount or 'an unknown amount'}, seen by a reconcile"
        support = (
            f"Please explain the charge {fact.provider_order} of {instant(fact.at)} ({amount or 'amount unknown'})."
        )
        yield AuditFinding(
            kind,
            fact.provider,
            [str(order)] if order else [],
            support,
            None,
            [number],
            amount,
            [says("journal", fact.at, text)],
        )


def balances(ledger: "LedgerState") -> Iterator[AuditFinding]:
    """Accounts whose balance did not fit the orders when it was last compared."""
    for fact in ledger.assertions.values():
        if fact.ok or fact.expected_minor is None:
            continue
        actual, expected = Money(fact.balance_minor, fact.currency), Money(fact.expected_minor, fact.currency)
        missing = Money(fact.expected_minor - fact.balance_minor, fact.currency)
        support = f"My balance is {actual}; my orders come to {expected}. Please explain the difference."
        evidence = [says("journal", fact.at, f"the balance was {actual}, the orders come to {expected}")]
        yield AuditFinding("amount_differs", fact.provider, [], support, None, [], missing, evidence)
