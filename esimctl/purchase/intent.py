"""What a person or a rule wants to buy, and what it comes to: line, plan, method and price, before anything is sent."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from esimctl.catalogue.plan import Plan
from esimctl.errors import UsageError
from esimctl.ledger.archived import OrderQuery
from esimctl.market.holding import frozen_quote
from esimctl.market.on_offer import kind_of
from esimctl.market.plans import check_provider, plan_by_id
from esimctl.profile.naming import check_name, line_ref
from esimctl.profile.opened import Session, unknown
from esimctl.providers.protocol import LineRef, Wish
from esimctl.purchase.offer import Intent, Offer
from esimctl.purchase.waiting import with_wait
from esimctl.values.record import replace
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger

#: how what is bought elsewhere is paid where nobody says more: method → kind (R-82). They are there without being added
BY_HAND = {"cash": "cash", "elsewhere": "e-wallet"}

REQUEST_ID = regex(r"[!-~]{1,64}\Z")


def check_request_id(text: str | None) -> None:
    """A request id is 1 to 64 printable ASCII characters without spaces."""
    if text is not None and not REQUEST_ID.match(text):
        raise UsageError("--request-id takes 1 to 64 printable ASCII characters without spaces", code="bad_request_id")


def make_offer(session: Session, intent: Intent, ledger: "Ledger", *, deadline: float = 30.0) -> Offer:
    """Resolve names and ask the provider for the price. Sends no order and writes nothing."""
    check_request_id(intent.request_id)
    check_provider(session, intent.provider)
    if intent.kind == "new":
        plan = find_plan(session, intent)
        provider_name = intent.provider or plan.provider
        line = LineRef(intent.line or free_name(session, ledger, plan), plan=plan.id)
        if intent.line is not None:
            check_name(intent.line)
            if waits_for_its_first(session, intent):
                return make_offer(session, replace(intent, kind="renew"), ledger, deadline=deadline)
            if intent.line in session.lines:
                raise UsageError(
                    "there is a line {name!r} already",
                    hint="esimctl renew {name}",
                    code="name_taken",
                    name=Raw(intent.line),
                )
    else:
        table = session.line(intent.line or "")
        provider_name = str(table["provider"])
        line = line_ref(intent.line or "", table)
        chosen = intent.plan or (line.plan if intent.kind == "renew" else None)
        if chosen is None and intent.amount is None:
            raise UsageError(
                "say what to buy: --plan PLAN or --amount MONEY",
                hint="esimctl plans list --line {line}",
                line=Raw(line.name),
            )
        intent = replace(intent, plan=chosen)
        found = find_plan(session, intent, line=line) if chosen is not None else None
        offer = with_wait(session, ledger, _priced(session, intent, provider_name, line, found, deadline))
        return offer if intent.kind != "renew" else with_change(session, ledger, offer)
    return _priced(session, intent, provider_name, line, plan, deadline)


def waits_for_its_first(session: Session, intent: Intent) -> bool:
    """Whether a purchase names a line that is followed, but has no plan yet: then it is that line's first pack."""
    table = session.lines.get(intent.line or "")
    if table is None or table.get("plan") is not None:
        return False
    return kind_of(session, str(table.get("provider"))) == "manual"


def _priced(
    session: Session, intent: Intent, provider_name: str, line: LineRef, plan: Plan | None, deadline: float
) -> Offer:
    provider = session.provider(provider_name)
    method, kind = choose_method(session, intent.method, provider_name)
    wish = Wish(
        kind=intent.kind,
        line=line,
        method=method,
        method_kind=kind,
        plan=plan.id if plan is not None else None,
        amount=intent.amount,
        promotion=intent.promotion,
        confirmed=intent.confirmed,
        paid=intent.paid,
        price=intent.price,
    )
    quote = provider.quote(wish, session.clock.now(), deadline=deadline)
    return Offer(intent, wish, provider, frozen_quote(session, plan, quote, wish.promotion), plan)


def with_change(session: Session, ledger: "Ledger", offer: Offer) -> Offer:
    """The offer with what another plan does to what is left on a line whose books are kept here."""
    from esimctl.charging.plan_change import plan_change
    from esimctl.usage.modelled import is_modelled
    from esimctl.usage.playing import play
    from esimctl.usage.story import terms_of

    name, quote = offer.wish.line.name, offer.quote
    terms = None if offer.plan is None or quote.terms is None else terms_of(offer.plan.id, quote.terms)
    if terms is None or not is_modelled(session, session.line(name)):
        return offer
    change = plan_change(play(session, ledger, name, session.clock.now()).engine, name, terms)
    if change is None:
        return offer
    lost = max(quote.lost_bytes or 0, change.lost_bytes)
    return replace(offer, quote=replace(quote, change=change, lost_bytes=lost or None))


def find_plan(session: Session, intent: Intent, line: LineRef | None = None) -> Plan:
    """The plan by its id, in the bundled catalogue or in the copy of a reseller's list."""
    return plan_by_id(session, intent.plan or "", provider=intent.provider, line=line)


def free_name(session: Session, ledger: "Ledger", plan: Plan) -> str:
    """A name for a new line: the carrier's, numbered if it is taken by a line or an order that may become one."""
    taken = {*session.lines, *ledger.names_of("line", OrderQuery(own=True))}
    base = re.sub(r"[^a-z0-9_-]", "", plan.carrier.lower())[:24] or "line"
    number = 1
    while (name := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return name


def methods_for(session: Session, provider: str) -> dict[str, Mapping[str, Toml]]:
    """The profile's payment methods; for lines bought at a counter also those that are there without being added."""
    methods: dict[str, Mapping[str, Toml]] = dict(session.section("payment"))
    if kind_of(session, provider) == "manual":
        for name, kind in BY_HAND.items():
            methods.setdefault(name, {"kind": kind, "provider": provider})
    return methods


def choose_method(session: Session, asked: str | None, provider: str) -> tuple[str, str]:
    """The payment method by name, or the default one of that provider; returns its name and kind."""
    methods = methods_for(session, provider)
    if asked is not None:
        if asked not in methods:
            raise unknown("payment method", asked, list(methods), "esimctl payments list")
        owner = methods[asked].get("provider")
        if owner not in (None, provider):
            raise UsageError(
                "{method} belongs to {owner}, not to {provider}",
                hint="esimctl payments list",
                code="wrong_method",
                method=Raw(asked),
                owner=Raw(str(owner)),
                provider=Raw(provider),
            )
        return asked, str(methods[asked].get("kind", "credit-card"))
    usable = {name: table for name, table in methods.items() if table.get("provider") in (None, provider)}
    for name, table in usable.items():
        if table.get("default") and table.get("provider") == provider:
            return name, str(table.get("kind", "credit-card"))
    own = [name for name in usable if name in session.section("payment")]
    for name, table in usable.items():
        if table.get("default") or own == [name]:
            return name, str(table.get("kind", "credit-card"))
    if kind_of(session, provider) == "manual":
        return "cash", BY_HAND["cash"]
    raise UsageError(
        "no payment method for {provider} is the default",
        hint="esimctl payments default METHOD, or --pay METHOD",
        code="missing_payment_method",
        provider=Raw(provider),
    )
