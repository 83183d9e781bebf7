"""Documents about policies, promotions, recommendations and changes of the catalogue."""

from typing import Any

from esimctl.documents.plans import PLAN
from esimctl.documents.schemas import Nullable

CLAIM = {
    "id": "text",
    "counts": "flag",
    "value": "any",
    "carrier": "text",
    "plans": ["text"],
    "kind": "text",
    "source": "text",
    "as_of": "day?",
    "stale": "flag",
    "confidence": "high|medium|low",
    "rank": "count",
    "note": "text?",
    "from": "day?",
}
POLICY = {
    "topic": "text",
    "effective": "any",
    "claim": "text?",
    "disputed": "flag",
    "against": "count",
    "confidence": "high|medium|low?",
    "why": "nobody-says|embedded-operator|promises-less|own|plan-text|carrier-text|best-source",
    "word": "carry|none|disputed|promo-only|not-applicable|unknown?",
    "claims": [CLAIM],
}
PROMOTION = {
    "id": "text",
    "name": "text",
    "plans": ["text"],
    "carriers": ["text"],
    "from": "day",
    "until": "day",
    "zone": "text",
    "holds": "flag",
    "eligible": "all|new|long",
    "orders": ["text"],
    "effect": "any",
    "example": "flag",
    "grade": "V|S|U|own|example",
    "seen": "day?",
    "retrieved": "day?",
    "source": "text",
    "as_of": "day",
    "stale": "flag",
}
PURCHASE = {
    "plan": "text",
    "at": "instant",
    "price": "money",
    "converted": "money?",
    "promotion": "text?",
    "data_bytes": "octets?",
    "validity": "text?",
    "provider": "text",
    "by_use": "flag",
    "persons": "count",
    "example": "flag",
    "seen": "day?",
    "retrieved": "day?",
    "stale": "flag",
}
WAY = {"purchases": [PURCHASE], "total": "money", "covers_bytes": "octets", "wasted_bytes": "octets?"}
REASON = {"text": "text", "template": "text", "values": "any"}
CHANGE = {
    "plan": "text",
    "of": "plan|promotion|claim|carrier|device",
    "change": "added|removed|changed",
    "field": "text?",
    "before": "any",
    "after": "any",
}
COMPARED = {
    **PLAN,
    "policy": "text?",
    "disputed": "flag",
    "in": Nullable({"price": "money", "price_per_gb": "money?", "price_per_day": "money?"}),
    "coverage": ["text"],
}

FACT = {
    "topic": "text",
    "values": ["text"],
    "note": "text?",
    "source": "text",
    "as_of": "day?",
    "retrieved": "day?",
    "grade": "own|V|S|U|article|example",
    "stale": "flag",
}
CARRIER = {
    "id": "text",
    "name": "text",
    "names": "any",
    "former": ["text"],
    "aliases": ["text"],
    "home_country": "text?",
    "roaming": "flag",
    "facts": [FACT],
}

DOCUMENTS: dict[str, Any] = {
    "carriers": {"carriers": [CARRIER]},
    "policy": {
        "carrier": "text",
        "plan": "text?",
        "policy": [POLICY],
        "lines~": [{"line": "text", "since": "instant", "before": "text", "after": "text"}],
    },
    "promotions": {"promotions": [PROMOTION]},
    "recommendation": {
        "from": "day",
        "days": "count",
        "need_bytes": "octets",
        "currency": "text",
        **WAY,
        "optimal": "flag",
        "complete": "flag",
        "reason": REASON,
        "runner_up": Nullable({**WAY, "without": "text", "reason": REASON}),
        "if_generous": Nullable({**WAY, "saves": "money?"}),
        "rates": ["text"],
        "candidates": "count",
        "assumes": ["text"],
        "persons": "count",
        "compared": "count",
        "left_out": [{"currency": "text?", "rows": "count"}],
        "fewer": Nullable({**WAY, "more": "money", "optimal": "flag"}),
        "cheapest": Nullable({**WAY, "saves": "money", "optimal": "flag"}),
        "without_promotions": Nullable({**WAY, "more": "money", "optimal": "flag", "complete": "flag"}),
        "carrier": "text?",
        "left": Nullable({"line": "text", "bytes": "octets?", "ends_at": "instant?"}),
        "elsewhere": Nullable({**WAY, "saves": "money", "optimal": "flag"}),
        "on_top": [
            {
                "plan": "text",
                "price": "money",
                "data_bytes": "octets?",
                "unlimited": "flag",
                "validity": "text?",
                "window": "any",
                "purpose": "text?",
            }
        ],
        "estimate": Nullable({"bytes_per_day": "octets", "line": "text", "days_of_history": "count"}),
    },
    "comparison": {"plans": [COMPARED], "currency": "text?", "rates": ["text"]},
    "plan-changes": {
        "before": "text",
        "after": "text",
        "providers~": [{"provider": "text", "plans": "count"}],
        "changes": [CHANGE],
    },
    "import": {
        "imported": {
            "plans": "count",
            "promotions": "count",
            "claims": "count",
            "carriers": "count",
            "devices": "count",
        },
        "refused": [{"file": "text", "key": "text", "message": "text"}],
        "changes": [CHANGE],
    },
}
