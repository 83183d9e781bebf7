"""`lines add --provider manual`: a line bought at a counter, with its terms as they were then (R-61, R-116)."""

import os
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from esimctl.catalogue.carriers import carrier as find_carrier
from esimctl.catalogue.carriers import e164, issuers
from esimctl.documents.lines import LineDocument
from esimctl.documents.result import Result
from esimctl.errors import UsageError
from esimctl.ledger import postings
from esimctl.ledger.lives import birth
from esimctl.lines.installing import LONGEST_CONFIRMATION
from esimctl.lines.lines import check_tags, line_entry
from esimctl.market import on_offer
from esimctl.market.holding import day_of, frozen
from esimctl.market.plans import plan_by_id
from esimctl.profile.books import open_together
from esimctl.profile.naming import check_name
from esimctl.profile.opened import parsed
from esimctl.profile.own_catalogue import market, own_carriers
from esimctl.providers.lpa import ActivationCode, ActivationCodeError, luhn_valid, plain_iccid
from esimctl.providers.manual import OWN, own_plan, receipt_number
from esimctl.purchase.gates import check_whole, new_receipt
from esimctl.purchase.intent import BY_HAND
from esimctl.purchase.profile_lines import set_free
from esimctl.store.user_file import said
from esimctl.values.money import Money
from esimctl.values.record import record, replace
from esimctl.values.sentence import Raw, either
from esimctl.values.toml import Toml
from esimctl.values.volume import exact_volume

if TYPE_CHECKING:
    from esimctl.profile.books import Books
    from esimctl.profile.opened import Session

PROVIDER = "manual"

CHANNELS = ("offline", "online")


@record
class CounterPurchase:
    """What a person says of a line. `data` is octets or UNLIMITED, `days` the term; both or neither, or a plan."""

    name: str
    carrier: str | None = None
    plan: str | None = None
    data: Any = None
    days: int | None = None
    price: Money | None = None
    started: str | None = None
    channel: str | None = None
    msisdn: str | None = None
    iccid: str | None = None
    lpa: str | None = None
    confirmation: str | None = None  #: the code that the phone asks for beside the activation code
    receipt: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()


@record
class CounterFacts:
    """Carrier, number and codes in their common forms; `guess` are the carriers that the number's prefix may be of."""

    carrier: str
    msisdn: str | None
    guess: tuple[str, ...]
    lpa: str | None
    iccid: str | None


@record
class CounterPack:
    """A pack as it was when its term began: its terms, the plan's id, where they come from, whose word its rollover is.

    All None where nothing is said of it.
    """

    terms: Mapping[str, Toml] | None = None
    plan: str | None = None
    source: str | None = None
    holds: Mapping[str, Toml] | None = None


def add_line(session: "Session", bought: CounterPurchase) -> "Result[LineDocument]":
    """Follow a line from now on. With a price the purchase stands in the books, confirmed by the person alone."""
    check_name(bought.name)
    bought = in_plain_text(replace(bought, tags=tuple(check_tags(bought.tags))))
    facts = checked(session, bought)
    started = instant_of(session, bought.started)
    pack = snapshot(session, bought, facts.carrier, started)
    with open_together(session, f"lines add {bought.name}", bought) as books:
        if not books.repeated:
            follow_line(books, bought, facts, started, pack)
    return told(session, bought, facts, pack)


def follow_line(
    books: "Books", bought: CounterPurchase, facts: CounterFacts, started: datetime, pack: CounterPack
) -> None:
    """The line in journal, vault and profile."""
    session, terms = books.session, pack.terms
    check_whole(session, books.ledger)
    set_free(books, bought.name)
    if bought.name in session.lines:
        raise UsageError("there is a line {name!r} already", code="name_taken", name=Raw(bought.name))
    if bought.receipt is not None and bought.price is not None:
        new_receipt(books.ledger, PROVIDER, bought.receipt)
    fresh = f"{books.now():%y%m%d}-{os.urandom(4).hex()}"
    order = None if bought.price is None else fresh
    own = birth(books.ledger, bought.name, order=order, iccid=facts.iccid, fresh=f"L{fresh}")
    if facts.lpa:
        given = {"lpa": facts.lpa, "confirmation_code": bought.confirmation}
        session.store.vault.write(own, {name: value for name, value in given.items() if value})
    born: dict[str, Toml] = {
        "kind": "line.added", "line": bought.name, "id": own, "provider": PROVIDER, "order": order,
        "plan": pack.plan, "iccid": facts.iccid,
        "terms": terms, "started": started, "carrier": facts.carrier, "channel": bought.channel,
        "price": None if bought.price is None else str(bought.price), "receipt": bought.receipt,
        "terms_source": pack.source, "holds": pack.holds,
    }  # fmt: skip
    books.write(*(purchase_entries(bought, order, pack, facts.iccid) if order else ()), born)
    table = {
        "provider": PROVIDER, "carrier": facts.carrier, "plan": pack.plan, "iccid": facts.iccid,
        "msisdn": facts.msisdn, "order": order, "receipt": bought.receipt, "channel": bought.channel,
        "started": None if terms is None else started, "price": born["price"], "note": bought.note,
        "data": terms["data"] if pack.plan == OWN and terms else None,
        "days": bought.days if pack.plan == OWN else None,
        "tags": list(bought.tags) or None,
    }  # fmt: skip
    session.store.profile.set_table("line", bought.name, {k: v for k, v in table.items() if v is not None})
    session.forget()


def told(session: "Session", bought: CounterPurchase, facts: CounterFacts, pack: CounterPack) -> "Result[LineDocument]":
    """The line's document, and what the person should know of it."""
    result = Result("line", LineDocument(line=line_entry(session, bought.name)))
    if bought.price is not None:
        bought_plan = market(session).plan(bought.plan) or own_plan(PROVIDER, session.line(bought.name))
        on_offer.told(result, on_offer.unusual(session, bought_plan, bought.price), bought.price)
    if pack.terms is None:
        result.note("what was bought is not known: the balance is unknown until you read it off the phone")
    if facts.guess and facts.carrier not in facts.guess:
        guess = either(facts.guess)
        result.note("the number's prefix is one of {guess}'s; that is a guess and no proof", guess=guess)
    if facts.iccid is not None and not checks_out(facts.iccid):
        result.note("the check digit of the ICCID does not fit: compare it with the card")
    result.note("Next: esimctl usage record {line} --remaining 4.2GB, whenever you have looked", line=Raw(bought.name))
    return result


def in_plain_text(bought: CounterPurchase) -> CounterPurchase:
    """The person's own words as they are kept."""
    receipt, note = said(bought.receipt, "--receipt", 128), said(bought.note, "--note")
    return replace(bought, receipt=receipt or None, note=note or None)


def checked(session: "Session", bought: CounterPurchase) -> CounterFacts:
    """What a person says, in common forms; UsageError for what cannot be."""
    known = own_carriers(session)
    number = None if bought.msisdn is None else e164(bought.msisdn)
    if bought.msisdn is not None and number is None:
        raise UsageError("that is not a telephone number", hint="--msisdn 012345678", code="bad_number")
    guess = () if number is None else tuple(each.id for each in issuers(number, known))
    if bought.carrier is None and bought.plan is None:
        raise UsageError(
            "say whose line it is: --carrier CARRIER",
            hint="--carrier {guess} (a guess by the number's prefix)" if guess else "--carrier smart",
            code="carrier_needed",
            guess=Raw(guess[0] if guess else ""),
        )
    in_plain_text(bought)
    if bought.channel is not None and bought.channel not in CHANNELS:
        raise UsageError("--channel takes offline or online", code="bad_channel")
    carrier = None if bought.carrier is None else find_carrier(bought.carrier, known).id
    if carrier is None:
        carrier = plan_by_id(session, bought.plan or "", provider=PROVIDER).carrier
    said(bought.confirmation, "the confirmation code", LONGEST_CONFIRMATION, code="bad_confirmation_code")
    iccid = printed_iccid(bought.iccid)
    return CounterFacts(carrier=carrier, msisdn=number, guess=guess, lpa=lpa_of(bought.lpa), iccid=iccid)


def printed_iccid(text: str | None) -> str | None:
    """An ICCID as it is printed on the card, in groups, perhaps with the F that pads it; the digits alone come back.

    Its check digit is not insisted on, carriers print what they like.
    """
    if text is None:
        return None
    iccid = plain_iccid(text)
    if not re.fullmatch(r"89[0-9A-F]{15,20}", iccid):
        raise UsageError("that is not an ICCID: 18 to 22 digits that begin with 89", code="bad_iccid")
    return iccid


def checks_out(iccid: str) -> bool:
    """Whether the check digit fits, that of the nineteen digits where another one follows for padding."""
    return luhn_valid(iccid) or (len(iccid) > 19 and luhn_valid(iccid[:19]))


def lpa_of(text: str | None) -> str | None:
    """An activation code in its full form, also out of a link; a wrong one is refused without being repeated."""
    if text is None:
        return None
    try:
        return ActivationCode.handed(text).text
    except ActivationCodeError as why:
        raise UsageError("{why}", code="bad_activation_code", why=why.said) from None


def snapshot(session: "Session", bought: CounterPurchase, carrier: str, started: datetime) -> CounterPack:
    """The pack that a person names, by a plan or by data and days, as it was then."""
    if bought.plan is not None:
        if bought.data is not None or bought.days is not None:
            raise UsageError("say either --plan, or --data and --days", code="plan_or_data")
        row = plan_by_id(session, bought.plan, provider=PROVIDER)
        if row.carrier != carrier:
            raise UsageError(
                "{plan} is a plan of {owner}, not of {carrier}", code="wrong_carrier", plan=Raw(row.id),
                owner=Raw(row.carrier),
                carrier=Raw(carrier), hint="esimctl plans list --carrier {carrier}",
            )  # fmt: skip
        terms, holds = frozen(session, row, row.terms, day_of(session, started))
        return CounterPack(_plain(terms), row.id, f"{row.source} ({row.as_of or row.retrieved})", holds)
    if (bought.data is None) != (bought.days is None):
        raise UsageError("--data and --days go together", code="data_and_days")
    if bought.data is None:
        return CounterPack()
    table = {"plan": OWN, "carrier": carrier, "data": exact_volume(bought.data), "days": bought.days}
    own = own_plan(PROVIDER, table)
    assert own is not None
    terms, holds = frozen(session, own, own.terms, day_of(session, started))
    return CounterPack(terms, OWN, "the person's own words", holds)


def _plain(value: Any) -> Any:
    if hasattr(value, "items"):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def instant_of(session: "Session", text: str | None) -> datetime:
    """When a term began: RFC 3339 or a day in the profile's zone, not in the future; now where nothing is said."""
    now = session.clock.now()
    if text is None:
        return now
    at = parsed(session, text, "--started")
    if at > now:
        raise UsageError("--started lies in the future", code="bad_time")
    return at


def purchase_entries(
    bought: CounterPurchase, order: str, pack: CounterPack, iccid: str | None
) -> list[Mapping[str, Toml]]:
    """A purchase that was made elsewhere, as an order that only the person confirms."""
    price = bought.price
    assert price is not None
    method = "cash" if bought.channel in (None, "offline") else "elsewhere"
    body = "{}"
    return [
        {
            "kind": "order.prepared", "order": order, "order_kind": "new", "line": bought.name, "provider": PROVIDER,
            "plan": pack.plan, "terms": pack.terms, "holds": pack.holds,
            "price_minor": price.minor, "currency": price.currency,
            "method": method, "method_kind": BY_HAND[method], "request_id": order, "key": order, "tier": "D",
            "endpoint": "manual:record", "request": body, "request_sha256": sha256(body.encode()).hexdigest(),
            "source": "person", "postings": postings.prepared(order, PROVIDER, method, price),
        },
        {"kind": "order.attempted", "order": order, "n": 1},
        {
            "kind": "order.settled", "order": order, "confirmed_by": "user",
            "provider_order": receipt_number(bought.receipt or ""), "paid_minor": price.minor,
            "paid_currency": price.currency, "iccid": iccid,
            "postings": postings.settled(order, bought.name, PROVIDER, method, price, price),
        },
    ]  # fmt: skip
