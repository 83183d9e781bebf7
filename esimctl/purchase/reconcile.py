"""Settle every open order against its provider, then compare books: orders, charges, balances (R-93, R-94)."""

from typing import TYPE_CHECKING, Final

from esimctl.documents.books import ComparedRow, HealedRow, MatchedProviderRow, ReconcileDocument
from esimctl.documents.result import Result
from esimctl.errors import EsimctlError, ExitCode, UsageError
from esimctl.ledger.archived import OrderQuery
from esimctl.profile.books import Books, open_books
from esimctl.profile.codes import codes_of_order, keep_codes
from esimctl.profile.deadline import Deadline, SharedDeadline
from esimctl.purchase.account_balance import balance_rows
from esimctl.purchase.document import order_document
from esimctl.purchase.foreign import acknowledge, foreign_document, take_in
from esimctl.purchase.matching import PARTLY, Comparison, Match, ask, compare, exists_after_all, first_instant
from esimctl.purchase.outcome import keep_line, secrets_of
from esimctl.purchase.pursue import settle_open
from esimctl.purchase.refund import forget_line, settle_refunds, takes_line
from esimctl.purchase.reopening import reopen, reopen_unlisted
from esimctl.purchase.sending import as_sent
from esimctl.purchase.walk import prune_evidence
from esimctl.values.money import Money
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session

DELIVERED = frozenset({"settled", "refunding"})


def heal(books: Books, deadline: Deadline, lines_before: "set[str]") -> list[HealedRow]:
    """Mend what can be mended; returns what was done: order, line and `line_restored`, `plan_updated`,
    `code_fetched`, `line_given_back` (`order_reopened` is added by who compares).

    `lines_before` are the lines of the profile before open orders were settled, which restores missing ones as well.
    """
    done = []
    orders = books.ledger.all_orders()
    for order in orders:
        if takes_line(books.ledger, order) and forget_line(books, order):
            done.append(act(order, "line_given_back"))
        if order.kind == "new" and order.state in DELIVERED and order.line in books.session.lines:
            if order.line not in lines_before:
                done.append(act(order, "line_restored"))
            if fetch_code(books, order, deadline):
                done.append(act(order, "code_fetched"))
    return done + renewals(books, orders)


def renewals(books: Books, orders: "list[OrderState]") -> list[HealedRow]:
    """A line whose profile names the plan of an earlier order of its own, although a renewal changed it since."""
    done = []
    for name, table in list(books.session.lines.items()):
        plans = [o for o in orders if o.line == name and o.kind in {"new", "renew"} and o.state in DELIVERED and o.plan]
        last = plans[-1] if plans else None
        if last is None or last.kind != "renew" or table.get("plan") == last.plan:
            continue
        if table.get("plan") in {order.plan for order in plans[:-1]}:
            keep_line(books, last)
            done.append(act(last, "plan_updated"))
    return done


def fetch_code(books: Books, order: "OrderState", deadline: Deadline) -> bool:
    """Ask for an activation code that the vault has lost, or that a backup left out."""
    session = books.session
    kept = codes_of_order(session, order, books.ledger)
    if (kept is not None and kept.get("lpa")) or deadline.left <= 1.0:
        return False
    try:
        provider = session.provider(order.provider)
        outcome = provider.look_up(as_sent(order), session.clock.now(), deadline=deadline.left)
    except EsimctlError:
        return False
    goods = outcome.goods
    if goods is None or not goods.lpa:
        return False
    keep_codes(books.session, books.ledger, order, secrets_of(goods))
    if order.iccid is None and goods.iccid is not None:  # settled by a person's word, before the provider could say
        known = {"iccid": goods.iccid, "reference": goods.reference, "msisdn": goods.msisdn}
        books.write({"kind": "order.delivered", "order": order.id, **known})
        session.store.profile.set_table("line", order.line, {k: v for k, v in known.items() if v is not None})
        session.forget()
    return True


def act(order: "OrderState", what: str) -> HealedRow:
    """A row of `healed[]`."""
    return HealedRow(order=order.id, line=order.line, what=what)


JOURNAL: Final = "journal"  #: what `--acknowledge` calls a journal that lacks what was written here

TEXTS: Final = {
    "astray": "{what}: nothing is bought until a reconcile is clean, or you say --acknowledge journal",
    "taken": "{what}: the journal counts as it is from here on; what was bought at a counter meanwhile has to be"
    " entered again",
}

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session

LEAST = 5.0  #: seconds that a provider gets for its lists, whatever others have used up


def reconcile(
    session: "Session", *, wait: float = 0.0, accept: tuple[str, ...] = (), acknowledged: tuple[str, ...] = ()
) -> "Result[ReconcileDocument]":
    """The whole comparison, under the lock. 4 while an order is open or a balance does not fit the orders.

    20 while there is an order or a charge of somebody else that nobody has acknowledged, else 0. 6 where the journal
    lacks what was written here, until a comparison is clean or `acknowledged` holds JOURNAL.

    `accept` names providers whose balance is taken as right, `acknowledged` orders that a person has looked at (`all`).
    A provider that could not be asked gives the code of its failure when nothing is worse.
    """
    deadline = Deadline.from_environment(session.environ)
    for name in accept:
        if name not in session.section("provider"):
            raise UsageError(
                "there is no provider {name!r}", hint="esimctl providers list", code="unknown_provider", name=Raw(name)
            )
    with open_books(session, "reconcile", wait, anew=True) as books:
        astray = [alarm.said for alarm in session.store.alarms if alarm.stops]
        opened = [order.id for order in books.ledger.open_orders()]
        restored = books.ledger.must_reconcile and not astray
        lines_before = set(session.lines)
        settle_open(books, deadline, everything=True)
        healed = heal(books, deadline, lines_before)
        compared = compare_all(books, deadline)
        reopened = [order for each in compared for order in reopen(books, each, deadline)]
        reopened += [order for each in compared for order in reopen_unlisted(books, each, deadline)]
        healed += [act(order, "order_reopened") for order in reopened]
        for each in compared:
            settle_refunds(books, each)
            correct_payments(books, each)
            take_in(books, each)
        if acknowledged != (JOURNAL,):
            acknowledge(books, tuple(name for name in acknowledged if name != JOURNAL))
        rows = [row for each in compared for row in balance_rows(books, each, accept=each.listing.name in accept)]
        failures = [each.listing.failure for each in compared if each.listing.failure is not None]
        clean = not books.ledger.open_orders() and not failures and all(row.fits is not False for row in rows)
        taken = bool(astray) and (clean or JOURNAL in acknowledged)
        why = "; ".join(map(str, astray))
        known = session.store.noted.acceptance(why, accepted=None if clean else True) if taken else []
        books.write(*known, {"kind": "reconciled", "ok": clean})
        prune_evidence(books)
        result = Result("reconcile", document(books, opened, rows, healed, compared, clean=clean))
        contradicted = [match for each in compared for match in each.matches if contradicts(books, match)]
        result.exit_code = code_of(books, rows, failures) or (ExitCode.ATTENTION if contradicted else ExitCode.DONE)
        if astray and not taken and result.exit_code is not ExitCode.UNKNOWN_OUTCOME:
            result.exit_code = ExitCode.DAMAGED
        for match in contradicted:
            result.note(
                "order {id} is listed by {provider} as {number}, though you said that it was not charged: esimctl"
                " transactions resolve {id} --charged {number}",
                id=Raw(match.order.id),
                provider=Raw(match.order.provider),
                number=Raw(match.theirs.provider_order),
            )
        for said in astray:
            result.note(TEXTS["taken" if taken else "astray"], what=said)
        notes(result, compared, reopened, restored=restored, clean=clean)
        return result


def compare_all(books: Books, deadline: Deadline) -> list[Comparison]:
    """Every provider of the profile, asked once; one that cannot be asked, or is slow, never stops the others."""
    session, ledger = books.session, books.ledger
    since = first_instant(ledger, session.clock.now(), everything=ledger.must_reconcile)
    names = [*session.section("provider"), *ledger.names_of("provider", OrderQuery(own=True))]
    shares = SharedDeadline(deadline, names, least=LEAST)
    return [compare(ledger, ask(session, name, since, shares.of(name)), since) for name in dict.fromkeys(names)]


def contradicts(books: Books, match: Match) -> bool:
    """Whether the seller lists an order that a person closed by hand, and nobody has acknowledged that."""
    return exists_after_all(match) and f"order:{match.order.id}" not in books.ledger.acknowledged


def correct_payments(books: Books, compared: Comparison) -> None:
    """What was really paid, where the provider's books know it and ours do not, or know it otherwise."""
    for match in compared.matches:
        order, other = match.order, match.other_amount
        if order.state != "settled" or order.kind == "gift":
            continue
        if other is not None:
            what = f"charged {other} instead of {match.booked}"
            books.write(paid_entry(order.id, other, what))
        elif order.paid is None and match.theirs.charges and not match.extra:
            books.write(paid_entry(order.id, order.price, None))


def paid_entry(order: str, paid: Money, discrepancy: str | None) -> dict[str, Toml]:
    """The payment of a settled order as it turned out to be."""
    return {
        "kind": "order.paid",
        "order": order,
        "paid_minor": paid.minor,
        "paid_currency": paid.currency,
        "discrepancy": discrepancy,
    }


def document(
    books: Books,
    opened: list[str],
    rows: list[ComparedRow],
    healed: list[HealedRow],
    compared: list[Comparison],
    *,
    clean: bool,
) -> ReconcileDocument:
    """The document `esimctl.reconcile/1`: what was open when it began, every balance, every stranger."""
    session = books.session
    return ReconcileDocument(
        as_of=books.now(),
        profile=session.store.name,
        ok=clean,
        orders=[order_document(session, books.order(name)) for name in opened],
        balances=rows,
        foreign=[foreign_document(fact) for fact in books.ledger.foreign.values()],
        healed=healed,
        providers=[provider_row(each) for each in compared],
    )


def provider_row(compared: Comparison) -> MatchedProviderRow:
    """What could be compared with a provider."""
    listing = compared.listing
    return MatchedProviderRow(
        provider=listing.name,
        tier=None if listing.provider is None else listing.provider.tier.value,
        order_list=listing.orders is not None,
        balance=listing.balance is not None,
        matched=len(compared.matches),
        unlisted=[order.id for order in compared.unlisted],
        error=None if listing.failure is None else listing.failure.code,
    )


def code_of(books: Books, rows: list[ComparedRow], failures: list[EsimctlError]) -> ExitCode:
    """4 dominates; then what kept a provider from being asked; then charges that nobody has acknowledged."""
    if books.ledger.open_orders() or any(row.fits is False for row in rows):
        return ExitCode.UNKNOWN_OUTCOME
    if failures:
        return failures[0].exit_code
    return ExitCode.ATTENTION if books.ledger.unacknowledged() else ExitCode.DONE


def notes(
    result: "Result[ReconcileDocument]",
    compared: list[Comparison],
    reopened: "list[OrderState]",
    *,
    restored: bool,
    clean: bool,
) -> None:
    """What a person should know beside the figures."""
    for order in reopened:
        result.note(
            "order {id} exists after all: {provider} lists it as {number}",
            id=Raw(order.id),
            provider=Raw(order.provider),
            number=Raw(order.provider_order),
        )
    for each in compared:
        if each.listing.failure is not None:
            result.note(
                "{provider} could not be asked: {why}",
                provider=Raw(each.listing.name),
                why=each.listing.failure.said,
            )
        for match in each.matches:
            if match.theirs.status == PARTLY:
                result.note(
                    "{provider} gave a part of order {id} back; how much stands in the account there",
                    provider=Raw(each.listing.name),
                    id=Raw(match.order.id),
                )
        if each.unlisted:
            result.note(
                "{count} settled orders are not in the list of {provider}",
                count=len(each.unlisted),
                provider=Raw(each.listing.name),
            )
    if any(not row.acknowledged for row in result.data.foreign):
        result.note(
            "money left without an order of yours: esimctl transactions audit, then reconcile --acknowledge ORDER"
        )
    if restored and clean:
        result.note("the restored profile may spend again")
    elif restored:
        result.note("the restored profile spends nothing until a reconcile is clean")
