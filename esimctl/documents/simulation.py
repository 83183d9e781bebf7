"""Documents of what-if: scenarios replayed, and plans side by side."""

from typing import Any

SCENARIO_CHECK = {"event": "count", "at": "instant", "line": "text", "expected": "any", "actual": "any", "ok": "flag"}

MOVE = {
    "line": "text",
    "at": "instant",
    "reason": "text",
    "bucket": "text?",
    "category": "text?",
    "amount": "count?",
    "before": "count?",
    "after": "count?",
    "other": "text?",
}

TOLD = {"line": "text", "at": "instant", "reason": "text", "text": "text", "template": "text", "params": "any"}

MONTH = {
    "month": "count",
    "start": "instant",
    "granted_bytes": "octets?",
    "used_bytes": "octets",
    "carried_bytes": "octets",
    "lost_bytes": "octets",
    "out_of_bucket_bytes": "octets",
    "paid": "money?",
}

TOTAL = {"used_bytes": "octets", "lost_bytes": "octets", "out_of_bucket_bytes": "octets", "paid": "money?"}

WHAT_IF = {
    "plan": "text",
    "name": "text",
    "rollover": "text",
    "months": [MONTH],
    "total": TOTAL,
    "explanation~": "any",
}

DOCUMENTS: dict[str, Any] = {
    "simulation": {
        "name": "text",
        "passed": "flag",
        "checks": [SCENARIO_CHECK],
        "final": {"as_of": "instant", "lines": ["any"], "pools": ["any"]},
        "journal": [MOVE],
        "about": "text?",
        "zone": "text",
        "explanation~": [TOLD],
    },
    "what-if": {
        "per_day_bytes": "octets",
        "plans": [WHAT_IF],
    },
}
