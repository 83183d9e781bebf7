"""Documents about orders, and the one that every failure is told in."""

from typing import Any

from esimctl.show.schemas import Either, Nullable
from esimctl.show.schemas.lines import ACTIVATION
from esimctl.show.schemas.plans import PLAN

ORDER = {
    "id": "text?",
    "kind": "new|renew|topup|gift",
    "state": "planned|prepared|attempted|accepted|unknown|settled|rejected|cancelled|manual|refunding|refunded",
    "charged": Either("flag", "unknown"),
    "retry_safe": "flag",
    "request_id": "text?",
    "line": "text",
    "provider": "text",
    "plan": "text?",
    "price": "money?",
    "paid": "money?",
    "promotion": "text?",
    "payment_method": "text",
    "provider_order": "text?",
    "created_at": "instant",
    "settled_at": "instant?",
    "reason": "text?",
    "activation": Nullable(ACTIVATION),
}

#: What `--dry-run` shows beside the order that was not made.
OFFER = {
    "plan": Nullable(PLAN),
    "amount": "money?",
    "price": "money?",
    "payment_method": "text",
    "play_money": "flag",
    "effect": "text?",
    "lost_bytes": "octets?",
    "balance_before": "money?",
    "promotions~": ["any"],
    "needs_confirmation": "flag",
    "valid_until": "instant?",
    "notes": ["text"],
    "way~": [
        {"say": "text", "value": "text?", "source": "text?", "as_of": "day?", "grade": "text?", "tel": "text?"},
    ],
    "dial~": "text",
}

#: A file that a person keeps with an order.
ATTACHMENT = {
    "file": "text",
    "sha256": "text",
    "size_bytes": "octets",
    "note": "text?",
    "at": "instant",
    "state": "kept|missing|changed",
}

ERROR = {"code": "text", "exit_code": "count", "message": "text", "hint": "text?", "retry_safe": "flag"}

DOCUMENTS: dict[str, Any] = {
    "order": {"order": ORDER, "offer~": OFFER, "dry_run~": "flag", "attachments~": [ATTACHMENT]},
    "transactions": {"transactions": [ORDER]},
    "error": {"error": ERROR, "order": Nullable(ORDER)},
}

__all__ = ["ATTACHMENT", "DOCUMENTS", "ERROR", "OFFER", "ORDER"]
