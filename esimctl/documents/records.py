"""Documents to keep: reports of months, receipts of purchases."""

from typing import Any

from esimctl.documents.orders import ATTACHMENT, ORDER
from esimctl.documents.setup import BudgetRow, HintRow

FIGURES = {
    "spend": ["money"],
    "refunds": ["money"],
    "perhaps": ["money"],
    "foreign": ["money"],
    "overage": ["money"],
    "purchases": "count",
    "topups": "count",
    "triggers": [
        {"by": "text", "rule": "text?", "purchases": "count", "topups": "count", "spend": ["money"]},
    ],
    "bought_bytes": "octets?",
    "used_bytes": "octets?",
    "carried_bytes": "octets?",
    "wasted_bytes": "octets?",
    "wasted_money": ["money"],
    "gifts_sent_bytes": "octets",
    "gifts_received_bytes": "octets",
    "pool_taken_bytes": "octets",
    "pool_lent_bytes": "octets",
    "unlimited": "flag",
    "unknown": {
        "paid": "count",
        "bought": "count",
        "used": "count",
        "carried": "count",
        "wasted": "count",
        "wasted_money": "count",
        "foreign": "count",
        "overage": "count",
    },
}

PROMISED = {
    "data_bytes": "octets?",
    "unlimited": "flag",
    "validity": "text?",
    "rollover": "text?",
    "amount": "money?",
    "terms": "any",
    "claims": [{"id": "text", "topic": "text?", "source": "text?", "as_of": "text?"}],
}

DELIVERED = {
    "confirmed_by": "provider|user?",
    "settled_at": "instant?",
    "iccid": "text?",
    "use_by": "instant?",
    "expires_at": "instant?",
    "data_bytes": "octets?",
    "seen_at": "instant?",
}

RECEIPT = {
    "order": ORDER,
    "carrier": "text?",
    "owner": "text?",
    "by": "person|rule",
    "rule": "text?",
    "amount_due": "money?",
    "refund": "money?",
    "promised": PROMISED,
    "delivered": DELIVERED,
    "differs": ["text"],
    "references": {
        "provider_order": "text?",
        "request_id": "text",
        "key": "text",
        "line_reference": "text?",
        "msisdn": "text?",
        "request_sha256": "text",
    },
    "steps": [{"at": "instant", "step": "text", "detail": "text?"}],
    "attachments": [ATTACHMENT],
}

DOCUMENTS: dict[str, Any] = {
    "receipt": {"as_of": "instant", "profile": "text", "play_money": "flag", "receipt": RECEIPT},
    "report": {
        "as_of": "instant",
        "profile": "text",
        "zone": "text",
        "by": "line|carrier|person|method?",
        "months": ["text"],
        "report": [{"month": "text", "group": "text?", "play_money": "flag", **FIGURES}],
        "totals": [{"play_money": "flag", **FIGURES}],
        "budgets": [BudgetRow],
        "hints": [HintRow],
    },
}
