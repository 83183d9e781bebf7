"""Payment methods: names and references. Never a card number (R-75); what can be paid with what is the provider's."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from esimctl.documents.result import Result
from esimctl.documents.setup import PaymentDocument, PaymentRow, PaymentsDocument
from esimctl.errors import UsageError
from esimctl.market.on_offer import kind_of
from esimctl.profile.books import open_books, open_together
from esimctl.profile.naming import check_name
from esimctl.profile.opened import unknown
from esimctl.purchase.intent import BY_HAND, methods_for
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, commas
from esimctl.values.toml import Toml, text_at

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

KINDS = (
    "credit-card", "debit-card", "paypal", "alipay", "bank-transfer", "e-wallet", "khqr", "cash", "provider-balance",
    "main-balance",
)  # fmt: skip
_CARD_NUMBER = re.compile(r"(?:\d[ -]?){12,19}")


def list_payments(session: "Session") -> "Result[PaymentsDocument]":
    """All payment methods, the defaults marked; those of a counter where the profile follows a line bought at one."""
    found = dict(session.section("payment"))
    for provider in {str(table.get("provider")) for table in session.lines.values()}:
        if kind_of(session, provider) == "manual":
            found |= {name: row for name, row in methods_for(session, provider).items() if name not in found}
    return Result("payments", PaymentsDocument(payments=[entry(name, table) for name, table in found.items()]))


def entry(name: str, table: Mapping[str, Toml]) -> PaymentRow:
    """A payment method as the public document has it."""
    return PaymentRow(
        name=name,
        kind=str(table["kind"]),
        provider=text_at(table, "provider"),
        reference=text_at(table, "reference"),
        default=bool(table.get("default", False)),
    )


def add_payment(
    session: "Session", name: str, kind: str, *, provider: str | None = None, reference: str | None = None
) -> "Result[PaymentDocument]":
    """Add a method. A reference that looks like a card number is refused: only a name for it belongs here."""
    check_name(name, "payment method")
    if kind not in KINDS:
        raise UsageError(
            "there is no kind {kind!r}; there are: {kinds}", code="bad_kind", kind=Raw(kind), kinds=commas(KINDS)
        )
    if reference and _CARD_NUMBER.search(reference):
        raise UsageError(
            "that looks like a card or account number; it is not stored",
            hint="--reference takes a name that tells you which card it is, such as «visa …42»",
            code="card_number",
        )
    if provider is not None and provider not in session.section("provider"):
        raise unknown("provider", provider, list(session.section("provider")), "esimctl providers list")
    with open_books(session, f"payments add {name}"):
        if name in session.section("payment"):
            raise UsageError("there is a payment method {name!r} already", code="name_taken", name=Raw(name))
        values = {"kind": kind, "provider": provider, "reference": reference}
        session.store.profile.set_table("payment", name, {k: v for k, v in values.items() if v is not None})
        session.forget()
    return Result("payment", PaymentDocument(payment=entry(name, session.section("payment")[name])))


def remove_payment(session: "Session", name: str) -> "Result[PaymentDocument]":
    """Remove a method; rules that name it will say so."""
    _known(session, name)
    with open_books(session, f"payments remove {name}"):
        gone = entry(name, _known(session, name))
        session.store.profile.remove_table("payment", name)
        session.forget()
    return Result("payment", PaymentDocument(payment=replace(gone, removed=True)))


def default_payment(session: "Session", name: str) -> "Result[PaymentDocument]":
    """Make a method the default of its provider, or of the whole profile where it belongs to none."""
    _known(session, name)
    with open_together(session, f"payments default {name}"):
        owner = _known(session, name).get("provider")
        for other, table in session.section("payment").items():
            if other != name and table.get("default") and table.get("provider") == owner:
                session.store.profile.set_table("payment", other, {"default": None})
        session.store.profile.set_table("payment", name, {"default": True})
        session.forget()
    return Result("payment", PaymentDocument(payment=entry(name, session.section("payment")[name])))


def _known(session: "Session", name: str) -> Mapping[str, Toml]:
    methods = session.section("payment")
    if name not in methods and name in BY_HAND:
        raise UsageError(
            "{method} is always there for what you buy at a counter: nothing of it is kept that could be changed",
            hint="esimctl payments add NAME --kind {kind} for one of your own",
            code="built_in_method",
            method=Raw(name),
            kind=Raw(BY_HAND[name]),
        )
    if name not in methods:
        raise unknown("payment method", name, list(methods), "esimctl payments list")
    return methods[name]
