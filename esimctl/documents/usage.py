"""Documents about readings: by hand, from pasted messages, and the patterns that understand them."""

from typing import Any

from esimctl.documents.schemas import Nullable

#: what was not carried over: how much, which buckets are closed for it, whom to tell until when, in which words
CARRY = {
    "expected_bytes": "octets",
    "carried_bytes": "octets",
    "failed_bytes": "octets",
    "closed": [
        {"bucket": "text", "since": "instant", "octets": "octets", "at": "instant", "reason": "text"},
    ],
    "complain_by": "instant?",
    "call": ["text"],
    "say": "text",
}

READING = {
    "line": "text",
    "at": "instant?",
    "source": "text",
    "state": "recorded|duplicate|unknown|outdated|future|event|undone",
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
    "carry": Nullable(CARRY),
    "bonus": "money?",
    "bonus_expires_at": "instant?",
}

FIGURES = {
    "remaining_bytes": "octets?",
    "used_bytes": "octets?",
    "granted_bytes": "octets?",
    "main_balance": "money?",
    "expires_at": "instant?",
    "percent_used": "count?",
    "minutes": "count?",
    "bonus": "money?",
    "bonus_expires_at": "instant?",
}

PATTERN = {
    "name": "text",
    "carrier": "text?",
    "template": "text",
    "places": ["text"],
    "figures~": Nullable(FIGURES),
    "replaces~": ["text"],
    "read_again~": "count",
}

SEEN = {"at": "instant?", "source": "provider|sms|ussd|manual|modelled?", "stale": "flag"}

PERIOD = {
    "start": "day",
    "end": "day",
    "used_bytes": "octets",
    "complete": "flag",
    "days_known": "count",
    "basis": "records|readings|spread",
    "gap_seconds": "seconds",
}

WASTE = {
    "bucket": "text",
    "category": "text?",
    "ends_at": "instant?",
    "remaining_bytes": "octets?",
    "wasted_bytes": "octets",
}

FORECAST = {
    "as_of": "instant",
    "line": "text",
    "method": "none|flat-mean|weekday-profile",
    "days_of_history": "count",
    "spread_days": "count",
    "reason": "text?",
    "runs_out_at": "instant?",
    "earliest": "instant?",
    "latest": "instant?",
    "mean_per_day_bytes": "octets?",
    "weekday_bytes": Nullable(dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "octets")),
    "remaining_bytes": "octets?",
    "restricted_bytes": "octets?",
    "term_ends_at": "instant?",
    "leftover_bytes": "octets?",
    "waste": [WASTE],
    "wasted_bytes": "octets?",
    "allowed_per_day_bytes": "octets?",
    "pace": Nullable(
        {
            "ratio": "text",
            "from": "instant",
            "to": "instant?",
            "granted_bytes": "octets",
            "used_bytes": "octets",
            "runs_out_at": "instant?",
        }
    ),
    "alert": Nullable(
        {"factor": "text", "window_seconds": "seconds", "short_window_seconds": "seconds", "used_bytes": "octets"}
    ),
    "reading": SEEN,
    "tips~": ["text"],
}

DOCUMENTS: dict[str, Any] = {
    "reading": {"reading": READING},
    "usage-import": {
        "line": "text",
        "readings": [READING],
        "recorded": "count",
        "duplicates": "count",
        "unknown": "count",
        "refused~": [{"row": "count", "why": "text"}],
    },
    "pattern": {"pattern": PATTERN},
    "patterns": {"patterns": [PATTERN]},
    "usage": {
        "line": "text",
        "by": "day|week|month",
        "zone": "text",
        "from": "day",
        "to": "day",
        "source": "records|readings|observations|none",
        "known_until": "instant?",
        "reading": SEEN,
        "used_bytes": "octets?",
        "usage": [PERIOD],
    },
    "forecast": FORECAST,
}
