"""Documents about readings: by hand, from pasted messages, and the patterns that understand them."""

from typing import Any

from esimctl.show.schemas import Nullable

READING = {
    "line": "text",
    "at": "instant?",
    "source": "text",
    "state": "recorded|duplicate|unknown|outdated|future|event",
    "remaining_bytes": "octets?",
    "used_bytes": "octets?",
    "main_balance": "money?",
    "expires_at": "instant?",
    "modelled_bytes": "octets?",
    "granted_bytes": "octets?",
    "adjusted_bytes": "octets?",
    "findings": ["text"],
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

PATTERN = {
    "name": "text",
    "carrier": "text?",
    "template": "text",
    "places": ["text"],
    "figures": Nullable(FIGURES),
}

DOCUMENTS: dict[str, Any] = {
    "reading": {"reading": READING},
    "usage-import": {
        "line": "text",
        "readings": [READING],
        "recorded": "count",
        "duplicates": "count",
        "unknown": "count",
    },
    "pattern": {"pattern": PATTERN},
}

__all__ = ["DOCUMENTS"]
