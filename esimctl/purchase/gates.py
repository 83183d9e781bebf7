"""What must hold before an order is sent: the person's own rules, as a list of named gates."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from esimctl.errors import ConfigurationError, NoRoom, OwnRules, Refused, UnknownOutcome, UsageError
from esimctl.ledger.caps import Limits, breach
from esimctl.profile.books import Books
from esimctl.profile.budget import over_budget, told
from esimctl.profile.mistakes import check_mistakes
from esimctl.purchase.document import order_document
from esimctl.purchase.offer import Offer
from esimctl.values.moments import EARLIEST, zone
from esimctl.values.money import Money
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.tables import Table, TableError

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session

MAIN_BALANCE = "main-balance"  #: the kind of method that is the line's own money
#: a clock that stands this far behind the journal's newest entry was set back
CLOCK_TOLERANCE = timedelta(minutes=5)


def pass_gates(session: "Session", ledger: "Ledger", offer: Offer) -> None:
    """Raise for the first gate that does not let the offer through; writes nothing."""
    for gate in GATES:
        gate(session, ledger, offer)


def sound_profile(session: "Session", _ledger: "Ledger", _offer: Offer) -> None:
    """A mistake in profile.toml may be a limit that does not hold: nothing is bought (78)."""
    check_mistakes(session)


def not_paused(session: "Session", _ledger: "Ledger", _offer: Offer) -> None:
    """`autotopup pause` stops all spending: a file whose mere presence says so."""
    if session.store.paused():
        raise OwnRules("spending is paused", hint="esimctl autotopup resume", code="paused")


def reconciled(session: "Session", ledger: "Ledger", _offer: Offer) -> None:
    """After a restore nothing is spent before a clean reconcile: the limits would start from old figures."""
    check_compared(session, ledger)


def check_whole(session: "Session", ledger: "Ledger") -> None:
    """Damaged (6) where the journal is not the one that was written here: there is more than the ledger knows.

    Nothing is spent, given away or taken into such books: it may have been already.
    """
    if ledger.astray:
        session.store.check_alarms()


def check_compared(session: "Session", ledger: "Ledger") -> None:
    """`check_whole`, and OwnRules (5) in a profile that was put back and not compared with its providers since."""
    check_whole(session, ledger)
    if ledger.must_reconcile:
        raise OwnRules(
            "this profile was put back from a copy or mended; it must be compared with its providers first",
            hint="esimctl reconcile",
            code="restored",
        )


def line_is_free(session: "Session", ledger: "Ledger", offer: Offer) -> None:
    """An order whose outcome is open blocks its line."""
    for order in ledger.open_orders(line=offer.wish.line.name):
        raise UnknownOutcome(
            "order {id} on {line} is still open ({state}): nothing more is bought for it until that is settled",
            hint="esimctl reconcile",
            code="order_open",
            order=order_document(session, order),
            id=Raw(order.id),
            line=Raw(order.line),
            state=Sentence(order.state),
        )


def within_max_price(_session: "Session", _ledger: "Ledger", offer: Offer) -> None:
    """`--max-price`, in the price's own currency: nothing is converted."""
    limit, price = offer.intent.max_price, offer.quote.price
    if limit is None:
        return
    if limit.currency != price.currency:
        raise OwnRules(
            "the price is {price}; --max-price {limit} is in another currency",
            code="price_above_max",
            price=Raw(str(price)),
            limit=Raw(str(limit)),
        )
    if price.minor > limit.minor:
        raise OwnRules(
            "the price is {price}, above --max-price {limit}",
            hint="esimctl plans list --max-price '{limit}'",
            code="price_above_max",
            price=Raw(str(price)),
            limit=Raw(str(limit)),
        )


def within_limits(session: "Session", ledger: "Ledger", offer: Offer) -> None:
    """The profile's limits: per order, per day, per month, in money and in count; reserved money counts."""
    now = max(session.clock.now(), ledger.high_water or EARLIEST)  # a clock set back opens no month that is spent
    for limits in profile_limits(session, offer.wish.line.name, play=offer.provider.play_money):
        broken = breach(ledger, now, zone(session.zone), limits, offer.quote.price)
        if broken is not None:
            raise OwnRules(
                "{price} more would break the limit {limit} of {scope}",
                hint="esimctl doctor --clock"
                if now > session.clock.now() + CLOCK_TOLERANCE
                else "esimctl transactions list",
                code="limit_reached",
                price=Raw(str(offer.quote.price)),
                limit=Raw(broken.limit_name.replace("_", "-")),
                scope=Sentence("line {name}", {"name": Raw(broken.line)}) if broken.line else Sentence("the profile"),
            )


def within_budget(session: "Session", ledger: "Ledger", offer: Offer) -> None:
    """The month's budgets hold for what is bought automatically; a person is warned before, and may."""
    if offer.intent.source == "person":
        return
    price = offer.quote.price
    play = offer.provider.play_money
    for broken in over_budget(session, ledger, offer.wish.line.name, price, session.clock.now(), play=play):
        raise OwnRules("{why}", hint="esimctl profile budget", code="budget_reached", why=told(broken, price))


def payment_confirmed(_session: "Session", _ledger: "Ledger", offer: Offer) -> None:
    """A method that wants a confirmation by its owner is not tried without one."""
    if offer.quote.needs_confirmation and not offer.intent.confirmed:
        raise UsageError(
            "{method} wants you to confirm this payment",
            hint="--yes confirms it",
            code="confirmation_needed",
            method=Raw(offer.wish.method),
        )


def held_on_the_line(session: "Session", ledger: "Ledger", offer: Offer) -> None:
    """A main balance pays what it holds and no more (3); one that nobody has read is the seller's to judge."""
    if offer.wish.method_kind != MAIN_BALANCE:
        return
    if offer.wish.amount is not None or offer.intent.kind == "new":
        raise Refused(
            "the main balance of a line pays for packs of that line alone", code="wrong_method", hint="--pay METHOD"
        )
    held = main_balance_of(session, ledger, offer)
    price = offer.quote.price
    if held is not None and (held.currency != price.currency or held < price):
        raise Refused(
            "the main balance of {line} is {held}, {price} is needed",
            hint="esimctl topup {line} --amount {price}",
            code="insufficient_funds",
            line=Raw(offer.wish.line.name),
            held=Raw(str(held)),
            price=Raw(str(price)),
        )


def main_balance_of(session: "Session", ledger: "Ledger", offer: Offer) -> Money | None:
    """What the line's main balance holds now, as its provider or its own story says; None where nobody knows."""
    from esimctl.usage.modelled import is_modelled, modelled

    name = offer.wish.line.name
    if is_modelled(session, session.line(name)):
        return modelled(session, ledger, name).reading.main_balance
    reading = offer.provider.reading(offer.wish.line, session.clock.now())
    return None if reading is None else reading.main_balance


def said_to_be_paid(_session: "Session", ledger: "Ledger", offer: Offer) -> None:
    """What a person buys elsewhere is recorded when the person says that it is done, never before."""
    if offer.quote.by_hand and offer.intent.paid is None:
        raise UsageError(
            "only you can say when {line} has been paid",
            hint="--paid REFERENCE says so, with the receipt's number",
            code="paid_needed",
            line=Raw(offer.wish.line.name),
        )
    if offer.quote.by_hand and offer.intent.paid:
        new_receipt(ledger, offer.provider.name, offer.intent.paid)


def not_twice(session: "Session", ledger: "Ledger", offer: Offer) -> None:
    """A stopped purchase that another command has finished is not booked once more without a word that it is meant."""
    from esimctl.purchase.said_again import finished_lately

    earlier = None if offer.intent.again else finished_lately(session, ledger, offer)
    if earlier is not None:
        raise UsageError(
            "order {id} on {line} is the same: it was begun by a run that was stopped, and is finished by now; nothing"
            " was booked once more",
            hint="--again books it once more; esimctl transactions show {id}",
            code="finished_already",
            id=Raw(earlier.id),
            line=Raw(earlier.line),
        )


def new_receipt(ledger: "Ledger", provider: str, number: str) -> None:
    """A receipt that was entered before is a purchase that was entered before."""
    earlier = ledger.by_provider_order(provider, number)
    if earlier is not None:
        raise UsageError(
            "the receipt {number} is in the books already, as order {id} on {line}",
            hint="esimctl transactions show {id}",
            code="receipt_known",
            number=Raw(number),
            id=Raw(earlier.id),
            line=Raw(earlier.line),
        )


GATES: tuple[Callable[["Session", "Ledger", Offer], None], ...] = (
    sound_profile,
    not_paused,
    reconciled,
    line_is_free,
    within_max_price,
    within_limits,
    within_budget,
    held_on_the_line,
    payment_confirmed,
    said_to_be_paid,
    not_twice,
)


#: what is refused before the lock is taken, since no other run can change it
BEFORE_THE_LOCK = (sound_profile, not_paused, within_max_price)


def profile_limits(session: "Session", line: str, *, play: bool) -> list[Limits]:
    """The limits of `[settings.limits]` and of the line's own `[line.NAME.limits]`, of money or of play money."""
    try:
        tables = ((scope, session.settings_of(scope)) for scope in (None, line))
        limits = ((scope, None if table is None else table.inner("limits", None)) for scope, table in tables)
        return [limits_from(table, scope, play=play) for scope, table in limits if table is not None]
    except TableError as error:
        raise ConfigurationError("{finding}", code="bad_limit", finding=error.said) from None


def limits_from(table: Table, line: str | None, *, play: bool) -> Limits:
    """Limits as they stand in profile.toml."""
    return Limits(
        table.amounts("per_order"),
        table.amounts("per_day"),
        table.amounts("per_month"),
        table.integer("count_per_day", None),
        table.integer("count_per_month", None),
        line=line,
        play=play,
    )


def room_on_disk(books: Books) -> None:
    """An order whose outcome could not be written down is not sent."""
    if not books.session.store.has_ballast():
        raise NoRoom(
            "the disk is full: an order could be sent, but not its outcome kept; nothing was sent",
            hint="free some space at {place}",
            code="disk_full",
            place=Raw(str(books.session.home)),
        )


def clock_is_sane(books: Books) -> None:
    """No automatic spending by a clock that stands before the journal's newest entry."""
    high, now = books.ledger.high_water, books.session.clock.now()
    if high is not None and now < high - CLOCK_TOLERANCE:
        raise OwnRules(
            "the clock stands before the newest entry of the journal", hint="esimctl doctor --clock", code="clock"
        )
