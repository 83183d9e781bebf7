"""Documents about plans: what can be bought."""

from typing import Any

PLAN = {
    "id": "text",
    "carrier": "text?",
    "name": "text",
    "countries": ["text"],
    "price": "money?",
    "data_bytes": "octets?",
    "unlimited": "flag",
    "validity": "text?",
    "clock": "text?",
    "billing": "text",
    "rollover": "carry|none|disputed|promo-only|not-applicable|unknown",
    "rollover_counted": "carry|none|promo-only|not-applicable|unknown",
    "rollover_claim": "text?",
    "rollover_by": "text?",
    "overage": "text?",
    "shareable": "flag?",
    "promotions": ["text"],
    "provider": "text",
    "source": "text?",
    "grade": "V|S|U|own|example",
    "seen": "day?",
    "retrieved": "day?",
    "as_of": "day?",
    "stale": "flag",
    "allowance": "none|limited|fair-use|unlimited|unknown",
    "kind": "base|topup",
    "category": "text",
    "period": "text?",
    "period_bytes": "octets?",
    "voice_seconds": "seconds?",
    "audience": "text?",
    "price_per_gb": "money?",
    "price_per_day": "money?",
    "example": "flag",
    "dial": "text?",
    "notes": ["text"],
}

DOCUMENTS: dict[str, Any] = {"plans": {"plans": [PLAN]}, "plan": {"plan": {**PLAN, "terms": "any"}}}
