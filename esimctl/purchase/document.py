"""An order as the public document: the same keys everywhere, activation masked unless it is asked for."""

from typing import TYPE_CHECKING, Any

from esimctl.errors import CredentialsError, Damaged
from esimctl.profile.opened import takes_play_money
from esimctl.providers.lpa import ActivationCode, android_url, apple_url, mask
from esimctl.values.moments import instant

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session
    from esimctl.usage.overage import Charge


METHOD = "main-balance"  #: what overage is paid with


def order_document(
    session: "Session", order: "OrderState", *, reveal: bool = False, ledger: "LedgerState | None" = None
) -> dict[str, Any]:
    """The `order` object of `esimctl.order/1`. `reveal` shows the activation code: only `buy` and `--show-code` do.

    `ledger` spares lists that they read it again for every order.
    """
    charged: bool | str = "unknown" if order.charged is None else order.charged
    return {
        "id": order.id,
        "kind": order.kind,
        "state": order.state,
        "charged": charged,
        "retry_safe": order.state in {"rejected", "cancelled"},
        "request_id": order.request_id,
        "line": order.line,
        "provider": order.provider,
        "plan": order.plan,
        "price": None if order.price is None else order.price.as_json(),
        "paid": None if order.paid is None else order.paid.as_json(),
        "promotion": order.promotion,
        "payment_method": order.method,
        "provider_order": order.provider_order,
        "created_at": instant(order.created_at),
        "settled_at": instant(order.settled_at),
        **({} if order.stated_at is None else {"stated_at": instant(order.stated_at)}),
        "reason": order.discrepancy or order.reason,
        "refund": None if order.refund is None else order.refund.as_json(),
        "refunded_at": instant(order.changed_at) if order.state == "refunded" else None,
        "imported": order.imported,
        "play_money": order.play or takes_play_money(session, order.provider),
        "activation": activation_document(session, order, reveal=reveal, ledger=ledger)
        if order.kind == "new"
        else None,
    }


def days_of(order: "OrderState", where: "tzinfo") -> dict[str, str | None]:
    """The day and the month of a zone in which a report counts an order, and those of what came back of it."""
    back = order.changed_at if order.state == "refunded" else None
    return {**_day(order.settled_at or order.created_at, where), **_day(back, where, "refund_")}


def _day(at: "datetime | None", where: "tzinfo", of: str = "") -> dict[str, str | None]:
    date = None if at is None else at.astimezone(where).date().isoformat()
    return {f"{of}date": date, f"{of}month": None if date is None else date[:7]}


def charge_document(charge: "Charge", where: "tzinfo") -> dict[str, Any]:
    """A day's overage of a line under the keys of an order: it is no order of anybody, so it has no id."""
    money, at = charge.money.as_json(), instant(charge.at)
    return {
        "id": None,
        "kind": "overage",
        "state": "settled",
        "charged": True,
        "retry_safe": False,
        "request_id": None,
        "line": charge.line,
        "provider": charge.provider,
        "plan": charge.plan,
        "price": money,
        "paid": money,
        "promotion": None,
        "payment_method": METHOD,
        "provider_order": None,
        "created_at": at,
        "settled_at": at,
        "reason": None,
        "refund": None,
        "refunded_at": None,
        "imported": False,
        "play_money": charge.play,
        "activation": None,
        **_day(charge.at, where),
        **_day(None, where, "refund_"),
    }


def activation_document(
    session: "Session", order: "OrderState", *, reveal: bool, ledger: "LedgerState | None" = None
) -> dict[str, Any] | None:
    """The `activation` object: null until there is something to activate."""
    if order.imported or (order.iccid is None and order.state not in {"settled", "refunding", "refunded"}):
        return None
    from esimctl.profile.codes import codes_of_order

    try:
        secrets = codes_of_order(session, order, ledger)
    except (CredentialsError, Damaged, OSError):  # the order is what it is, whether or not its code can be read now
        secrets = None
    lpa = None if secrets is None else secrets.get("lpa")
    return activation(lpa, order.iccid, instant(order.use_by), reveal=reveal)


def activation(lpa: str | None, iccid: str | None, use_by: str | None, *, reveal: bool) -> dict[str, Any]:
    """Code, ICCID and one-tap links; without `reveal` everything that could be used is masked."""
    code = None if lpa is None else ActivationCode.parse(lpa)
    return {
        "lpa": None if code is None else (code if reveal else code.masked()).text,
        "iccid": iccid if reveal or iccid is None else mask(iccid),
        "confirmation_code_required": False if code is None else code.confirmation_required,
        "apple_url": apple_url(code) if code is not None and reveal else None,
        "android_url": android_url(code) if code is not None and reveal else None,
        "use_by": use_by,
    }
