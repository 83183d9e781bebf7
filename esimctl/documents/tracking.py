"""Documents about devices, KHQR codes and shared data."""

from typing import Any

DEVICE = {
    "model": "text",
    "answer": "yes|no|check-on-device",
    "reason": "text",
    "kind": "phone|tablet|watch?",
    "source": "text?",
    "as_of": "day?",
    "grade": "text?",
    "eid": "text?",
    "check": "text",
}

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
    "device": {"device": DEVICE},
    "khqr": {"khqr": KHQR},
    "sharing": {"sharing": {"what": "shared|unshared|gifted", "line": "text", "with": "text", "bytes": "octets?"}},
}
