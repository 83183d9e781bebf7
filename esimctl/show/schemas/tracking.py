"""Documents about lines that are tracked by hand: readings, patterns, devices, KHQR codes, shared data."""

from typing import Any

from esimctl.show.schemas import Nullable

READING = {
    "line": "text",
    "at": "instant",
    "source": "sms|ussd|manual",
    "state": "recorded|duplicate|unknown|outdated|future|event",
    "remaining_bytes": "octets?",
    "used_bytes": "octets?",
    "main_balance": "money?",
    "expires_at": "instant?",
    "modelled_bytes": "octets?",
    "granted_bytes": "octets?",
    "adjusted_bytes": "octets?",
    "findings": ["above_granted|raised|unexplained|derived"],
    "pattern": "text?",
    "tells": "text?",
    "text": "text?",
}

FIGURES = {
    "remaining_bytes": "octets?",
    "used_bytes": "octets?",
    "granted_bytes": "octets?",
    "main_balance": "money?",
    "expires_at": "instant?",
    "percent_used": "count?",
}

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
    "state": "shown|awaiting|paid|expired",
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
    "confirmed_by": "bakong|user?",
    "reference": "text?",
}


def documents() -> dict[str, Any]:
    """Every document of this module, by name."""
    pattern = {
        "name": "text",
        "carrier": "text?",
        "template": "text",
        "places": ["text"],
        "figures": Nullable(FIGURES),
    }
    row = {"name": "text", "esim": "text", "kind": "text?", "note": "text?", "source": "text", "as_of": "day?"}
    payee = {"name": "text", "account": "text", "city": "text", "merchant_id": "text?", "bank": "text?", "shown": "text"}
    return {
        "reading": {"reading": READING},
        "usage-import": {
            "line": "text",
            "readings": [READING],
            "recorded": "count",
            "duplicates": "count",
            "unknown": "count",
        },
        "pattern": {"pattern": pattern},
        "device": {"device": DEVICE},
        "devices": {"devices": [row]},
        "khqr": {"khqr": KHQR},
        "payee": {"payee": payee},
        "sharing": {
            "sharing": {"what": "shared|unshared|gifted", "line": "text", "with": "text", "bytes": "octets?"},
        },
    }


DOCUMENTS = documents()
