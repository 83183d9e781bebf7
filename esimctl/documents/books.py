"""Documents that compare the journal with what providers say."""

from typing import Any

from esimctl.documents.orders import OrderRow

EVIDENCE = {"source": "text", "at": "instant?", "says": "text"}

FINDING = {
    "kind": "duplicate_charge|failed_charge|charged_not_delivered|foreign_order|amount_differs|unknown_outcome",
    "provider": "text?",
    "orders": ["text"],
    "provider_orders": ["text"],
    "line": "text?",
    "amount": "money?",
    "evidence": [EVIDENCE],
    "support": "text",
    "refund_by": "instant?",
    "cancel_by": "instant?",
    "next": "text",
    "play_money": "flag",
}

ASKED = {"provider": "text", "order_list": "flag", "matched": "count", "error": "text?"}

BALANCE = {
    "provider": "text",
    "basis": "account|charges|none",
    "expected": "money?",
    "actual": "money?",
    "fits": "flag?",
    "note": "text?",
}

FOREIGN = {
    "provider": "text",
    "provider_order": "text",
    "reason": "not_ours|duplicate_charge|charged_although_refused|ours",
    "order": "text?",
    "kind": "text?",
    "plan": "text?",
    "iccid": "text?",
    "amount": "money?",
    "created_at": "instant?",
    "acknowledged": "flag",
}

#: What a line's main balance paid on a day for use beyond its plan, by the provider's count or by the model.
OVERAGE = {
    "line": "text",
    "provider": "text",
    "plan": "text?",
    "at": "instant",
    "amount": "money",
    "source": "provider|modelled",
    "play_money": "flag",
}

HEALED = {
    "order": "text",
    "line": "text",
    "what": "line_restored|plan_updated|code_fetched|line_given_back|order_reopened",
}

DOCUMENTS: dict[str, Any] = {
    "audit": {
        "as_of": "instant",
        "profile": "text",
        "since": "instant",
        "findings": [FINDING],
        "providers": [ASKED],
        "overage": [OVERAGE],
        "bundle~": "text",
    },
    "reconcile": {
        "as_of": "instant",
        "profile": "text",
        "ok": "flag",
        "orders": [OrderRow],
        "balances": [BALANCE],
        "foreign": [FOREIGN],
        "healed": [HEALED],
        "providers": [{**ASKED, "tier": "text?", "balance": "flag", "unlisted": ["text"]}],
    },
}
