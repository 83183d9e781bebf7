"""Documents about orders, and the one that every failure is told in."""

from datetime import date
from typing import Any

from esimctl.documents.document import Document
from esimctl.documents.lines import ACTIVATION
from esimctl.documents.plans import PlanRow
from esimctl.documents.schemas import Either, Nullable

ORDER = {
    "id": "text?",
    "kind": "new|renew|topup|gift|overage",  # overage: a day's charges for use beyond a plan, in lists alone
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
    "stated_at~": "instant",  # what a clock said that was taken back; it counts in both months
    "reason": "text?",
    "refund": "money?",
    "refunded_at": "instant?",
    "imported": "flag",
    "play_money": "flag",
    "activation": Nullable(ACTIVATION),
    "attention~": ["text"],  # `transactions list`: open for too long, or what audit doubts about the charge
    "refund_by~": "instant?",  # `transactions show`: until when a policy lets the money come back
    "cancel_by~": "instant?",
    "date~": "day",  # lists and exports: the day and month of the profile's zone in which a report counts it,
    "month~": "text",
    "refund_date~": "day?",  # and those of what came back
    "refund_month~": "text?",
    "data_bytes~": "octets?",  # exports: what the pack holds
    "profile~": "text",
}


class CounterStepRow(Document):
    """A step of a purchase elsewhere: a sentence with its figure, and where that comes from.

    `tel` is what a phone's camera can dial.
    """

    say: str
    value: str | None
    source: str | None
    as_of: date | None
    grade: str | None
    tel: str | None


#: What `--dry-run` shows beside the order that was not made.
#: the five steps of a renewal: line and account, what is left, the plans that fit, and what comes of it
RENEWAL = {
    "line": "text",
    "carrier": "text?",
    "provider": "text",
    "by_hand": "flag",
    "status": "pending|active|suspended|expired|closed|unknown",
    "remaining_bytes": "octets?",
    "restricted_bytes": "octets?",
    "restricted_unlimited": "flag",
    "unlimited": "flag",
    "voice_seconds": "seconds?",
    "expires_at": "instant?",
    "renew_by": "instant?",
    "grace_until": "instant?",
    "plans": [
        {
            "id": "text",
            "name": "text",
            "price": "money?",
            "data_bytes": "octets?",
            "unlimited": "flag",
            "validity": "text?",
            "present": "flag",
            "chosen": "flag",
        }
    ],
    "new_end": "instant?",
    "days_lost": "count?",
    "kept_bytes": "octets?",
    "kept_until": "instant?",
    "lost_bytes": "octets?",
}

OFFER = {
    "plan": Nullable(PlanRow),
    "amount": "money?",
    "price": "money?",
    "payment_method": "text",
    "play_money": "flag",
    "effect": "text?",
    "begins_at": "instant?",  # of what waits for the present term to end
    "lost_bytes": "octets?",
    "plan_change": Nullable(
        {"from": "text?", "carry_bytes": "octets", "carry_if_same_bytes": "octets", "lost_bytes": "octets"}
    ),
    "balance_before": "money?",
    "unusual_price": Nullable(
        {"than": "above|below", "least": "money", "most": "money", "claim": "text", "source": "text"}
    ),
    "promotions~": ["any"],
    "needs_confirmation": "flag",
    "valid_until": "instant?",
    "notes": ["text"],
    "way~": [CounterStepRow],
    "dial~": "text",
    "renewal~": RENEWAL,
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

#: A row of a file that was imported, or why it was not; `like` is what is known already.
IMPORTED = {
    "row": "count",
    "order": "text",
    "line": "text",
    "provider": "text",
    "provider_order": "text?",
    "at": "instant",
    "amount": "money",
    "reason": "text?",
    "like": "text?",
}

ERROR = {"code": "text", "exit_code": "count", "message": "text", "hint": "text?", "retry_safe": "flag"}

#: One report of many rows. `exit_code` null: not tried. The sums are missing where nothing is bought.
BULK = {
    "command": "text",
    "ok": "flag",
    "dry_run": "flag",
    "done": "count",
    "failed": "count",
    "not_tried": "count",
    "rows": [
        {
            "row": "count",
            "line": "text",
            "ok": "flag",
            "exit_code": "count?",
            "code": "text?",
            "message": "text?",
            "plan": "text?",
            "price": "money?",
            "repeated": "flag",
            "order": Nullable(ORDER),
        }
    ],
    "request_id~": "text?",
    "total~": ["money"],
    "charged~": ["money"],
    "unknown~": ["money"],
    "play_money~": "flag",  # of which money these sums are; where there are both, `play` has those of play money
    "play~": {"total": ["money"], "charged": ["money"], "unknown": ["money"]},
}

DOCUMENTS: dict[str, Any] = {
    "order": {"order": ORDER, "offer~": OFFER, "dry_run~": "flag", "attachments~": [ATTACHMENT]},
    "transactions": {"transactions": [ORDER]},
    "bulk": BULK,
    "export": {
        "as_of": "instant",
        "profile": "text",
        "format": "csv|json|hledger|beancount|ics|prometheus",
        "since": "instant?",
        "until": "instant?",
        "line": "text?",
        "records": "count",
        "path": "text?",
        "content": "text?",
    },
    "transactions-import": {
        "profile": "text",
        "file": "text",
        "format": "csv|json",
        "dry_run": "flag",
        "imported": [IMPORTED],
        "duplicates": [IMPORTED],
        "conflicts": [IMPORTED],
        "skipped": [IMPORTED],
        "refused": [{"row": "count", "reason": "text", "detail": "text"}],
    },
    "error": {"error": ERROR, "order": Nullable(ORDER)},
}
