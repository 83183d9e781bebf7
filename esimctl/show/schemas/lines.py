"""Documents about lines: what is left on them, what they are, how they are installed."""

from typing import Any

from esimctl.show.schemas import Nullable
from esimctl.show.schemas.setup import BUDGET

BUCKET = {
    "id": "text",
    "category": "base|rollover|topup|addon|promo|gift|window|shared|monetary|emergency",
    "usage_type": "data|voice|sms|monetary",
    "granted": "count?",
    "remaining": "count?",
    "reserved": "count",
    "start": "instant?",
    "end": "instant?",
    "status": "active|suspended|expired",
    "window": "any",
    "shared": "flag",
    "provisional": "flag",
    "unlimited~": "flag",
}

#: of which kind a figure of a modelled line is, and how old
FIGURE = {"kind": "observed|modelled|unknown", "source": "sms|ussd|manual|modelled?", "at": "instant?"}

BALANCE_LINE = {
    "line": "text",
    "provider": "text",
    "carrier": "text?",
    "plan": "text?",
    "status": "pending|active|suspended|expired|closed|unknown",
    "data": {
        "granted_bytes": "octets?",
        "used_bytes": "octets?",
        "remaining_bytes": "octets?",
        "reserved_bytes": "octets?",
        "unlimited": "flag",
    },
    "voice": {"remaining_seconds": "seconds?"},
    "main_balance": "money?",
    "use_by": "instant?",
    "expires_at": "instant?",
    "throttled": "flag?",
    "out_of_bucket_bytes": "octets?",
    "buckets": [BUCKET],
    "rollover": {
        "effective": "carry|none|promo-only|not-applicable|unknown",
        "disputed": "flag",
        "claim": "text?",
        "carry_if_renewed_bytes": "octets?",
        "lost_if_not_bytes": "octets?",
    },
    "forecast": {
        "runs_out_at": "instant?",
        "earliest": "instant?",
        "latest": "instant?",
        "days_of_history": "count",
        "reason": "text?",
    },
    "reading": {"at": "instant?", "source": "provider|sms|ussd|manual|modelled?", "stale": "flag"},
    "attention": ["low_data|expiring|expired|stale_reading|order_open|rollover_at_risk"],
    "figures~": {
        "data": {
            "kind": "observed|modelled|unknown",
            "source": "sms|ussd|manual|modelled?",
            "at": "instant?",
            "observed_bytes": "octets?",
            "observed_at": "instant?",
            "modelled_bytes": "octets?",
        },
        "main_balance": FIGURE,
        "expires_at": FIGURE,
        "voice_seconds": FIGURE,
    },
    "explanation~": [{"at": "instant", "reason": "text", "text": "text", "template": "text", "params": "any"}],
}

ACTIVATION = {
    "lpa": "text?",
    "iccid": "text?",
    "confirmation_code_required": "flag",
    "apple_url": "text?",
    "android_url": "text?",
    "use_by": "instant?",
}

LINE = {
    "line": "text",
    "provider": "text",
    "carrier": "text?",
    "plan": "text?",
    "iccid": "text?",
    "msisdn": "text?",
    "order": "text?",
    "tags": ["text"],
    "owner": "text?",
    "note": "text?",
    "open_orders": "count",
}

CARRIER_FACT = {
    "topic": "text",
    "values": ["text"],
    "note": "text?",
    "source": "text",
    "as_of": "day?",
    "grade": "text",
}

CONTACT = {
    "purpose": "balance|topup|unsubscribe|number|registration|roaming|call|website",
    "value": "text",
    "tel": "text?",
    "note": "text?",
    "source": "text",
    "as_of": "day?",
    "grade": "text",
}

CHECKED = {"line": "text", "ok": "flag", "attention": ["text"], "remaining_bytes": "octets?", "expires_at": "instant?"}

#: an order that is open too long, or a charge that audit doubts
DOUBT = {
    "kind": "order_overdue|duplicate_charge|charged_not_delivered|amount_differs|foreign_order",
    "line": "text?",
    "order": "text?",
    "provider": "text",
    "since": "instant?",
    "text": "text",
    "said": {"template": "text", "params": "any"},
}

DOCUMENTS: dict[str, Any] = {
    "check": {"ok": "flag", "lines": [CHECKED], "findings": [DOUBT]},
    "balance": {"as_of": "instant", "profile": "text", "lines": [BALANCE_LINE], "budget~": [BUDGET]},
    "lines": {"lines": [LINE]},
    "line": {
        "line": {
            **LINE,
            "activation~": Nullable(ACTIVATION),
            "confirmation_code~": "text?",
            "carrier_facts~": [CARRIER_FACT],
            "contacts~": [CONTACT],
            "prefix_guess~": Nullable(["text"]),
            "receipt~": "text?",
            "renamed_from~": "text",
            "removed~": "flag",
        }
    },
    "qr": {"line": "text", "activation": ACTIVATION},
    "install": {"line": "text", "installed": "flag", "iccid": "text?", "eid": "text?", "notified": "flag"},
    "install-guide": {
        "line": "text",
        "on": "ios|android",
        "steps": ["text"],
        "address": "text",
        "matching_id": "text",
        "activation": ACTIVATION,
    },
}

__all__ = ["ACTIVATION", "BALANCE_LINE", "BUCKET", "DOCUMENTS", "LINE"]
