"""An order as the public document: the same keys everywhere, activation masked unless it is asked for."""

from typing import TYPE_CHECKING, Any

from esimctl.documents.lines import ActivationPart
from esimctl.documents.orders import OrderRow
from esimctl.errors import CredentialsError, Damaged
from esimctl.ledger.orders import BOUGHT, CLOSED
from esimctl.profile.opened import takes_play_money
from esimctl.providers.lpa import ActivationCode, android_url, apple_url, mask
from esimctl.values.record import replace

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session
    from esimctl.usage.overage import Charge


METHOD = "main-balance"  #: what overage is paid with


def order_document(
    session: "Session",
    order: "OrderState",
    *,
    reveal: bool = False,
    ledger: "LedgerState | None" = None,
    **more: Any,
) -> OrderRow:
    """The `order` object of `esimctl.order/1`. `reveal` shows the activation code: only `buy` and `--show-code` do.

    `ledger` spares lists that they read it again for every order. `more` are further fields.
    """
    row = OrderRow(
        id=order.id,
        kind=order.kind,
        state=order.state,
        charged="unknown" if order.charged is None else order.charged,
        retry_safe=order.state in CLOSED,
        request_id=order.request_id,
        line=order.line,
        provider=order.provider,
        plan=order.plan,
        price=order.price,
        paid=order.paid,
        promotion=order.promotion,
        payment_method=order.method,
        provider_order=order.provider_order,
        created_at=order.created_at,
        settled_at=order.settled_at,
        reason=order.discrepancy or order.reason,
        refund=order.refund,
        refunded_at=order.changed_at if order.state == "refunded" else None,
        imported=order.imported,
        play_money=order.play or takes_play_money(session, order.provider),
        activation=activation_document(session, order, reveal=reveal, ledger=ledger) if order.kind == "new" else None,
        **more,
    )
    return row if order.stated_at is None else replace(row, stated_at=order.stated_at)


def charge_document(charge: "Charge") -> OrderRow:
    """A day's overage of a line under the keys of an order: it is no order of anybody, so it has no id."""
    return OrderRow(
        id=None,
        kind="overage",
        state="settled",
        charged=True,
        retry_safe=False,
        request_id=None,
        line=charge.line,
        provider=charge.provider,
        plan=charge.plan,
        price=charge.money,
        paid=charge.money,
        promotion=None,
        payment_method=METHOD,
        provider_order=None,
        created_at=charge.at,
        settled_at=charge.at,
        reason=None,
        refund=None,
        refunded_at=None,
        imported=False,
        play_money=charge.play,
        activation=None,
    )


def dated(row: OrderRow, where: "tzinfo", **more: Any) -> OrderRow:
    """The row with the day and the month of a zone in which a report counts it, and those of what came back of it.

    `more` are further fields.
    """
    day = (row.settled_at or row.created_at).astimezone(where).date()
    back = None if row.refunded_at is None else row.refunded_at.astimezone(where).date()
    return replace(
        row,
        date=day,
        month=day.isoformat()[:7],
        refund_date=back,
        refund_month=None if back is None else back.isoformat()[:7],
        **more,
    )


def activation_document(
    session: "Session", order: "OrderState", *, reveal: bool, ledger: "LedgerState | None" = None
) -> ActivationPart | None:
    """The `activation` object: null until there is something to activate."""
    if order.imported or (order.iccid is None and order.state not in BOUGHT):
        return None
    from esimctl.profile.codes import codes_of_order

    try:
        secrets = codes_of_order(session, order, ledger)
    except (CredentialsError, Damaged, OSError):  # the order is what it is, whether or not its code can be read now
        secrets = None
    lpa = None if secrets is None else secrets.get("lpa")
    return activation(lpa, order.iccid, order.use_by, reveal=reveal)


def activation(lpa: str | None, iccid: str | None, use_by: "datetime | None", *, reveal: bool) -> ActivationPart:
    """Code, ICCID and one-tap links; without `reveal` everything that could be used is masked."""
    code = None if lpa is None else ActivationCode.parse(lpa)
    return ActivationPart(
        lpa=None if code is None else (code if reveal else code.masked()).text,
        iccid=iccid if reveal or iccid is None else mask(iccid),
        confirmation_code_required=False if code is None else code.confirmation_required,
        apple_url=apple_url(code) if code is not None and reveal else None,
        android_url=android_url(code) if code is not None and reveal else None,
        use_by=use_by,
    )
