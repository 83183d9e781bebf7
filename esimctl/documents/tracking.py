"""Documents about KHQR codes and shared data."""

from typing import Any

KHQR = {
    "state": "shown",
    "payee": {
        "name": "text",
        "city": "text",
        "account": "text",
        "merchant_id": "text?",
        "bank": "text?",
        "name_km": "text?",
        "city_km": "text?",
    },
    "amount": "money?",
    "currency": "KHR|USD",
    "bill": "text?",
    "purpose": "text?",
    "dynamic": "flag",
    "created_at": "instant?",
    "expires_at": "instant?",
    "md5": "text",
    "payload": "text",
    "confirmed_by": "text?",
    "reference": "text?",
}

DOCUMENTS: dict[str, Any] = {
    "khqr": {"khqr": KHQR},
    "sharing": {"sharing": {"what": "shared|unshared|gifted", "line": "text", "with": "text", "bytes": "octets?"}},
}
