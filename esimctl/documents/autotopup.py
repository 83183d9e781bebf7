"""Documents of the automatic top-up."""

from typing import Any

from esimctl.documents.orders import ORDER, WAY
from esimctl.documents.schemas import Nullable

SAID = {"template": "text", "params": "any"}  #: a sentence that can be said in another language

DECISION = {
    "rule": "text",
    "line": "text",
    "decision": "text",
    "reason": "text?",
    "order": "text?",
    "would_charge": "money?",
    "row~": "text?",
    "explanation~": "text?",
    "said~": Nullable(SAID),
    "way~": [WAY],  # of `remind`: how its owner buys, and what to say then
    "command~": "text",
}

RULE = {
    "rule": "text",
    "line": "text",
    "status": "text",
    "does": "buys|asks|reminds",
    "trigger": {
        "kind": "threshold|before_expiry|schedule",
        "below_bytes": "octets?",
        "below_amount": "money?",
        "before_expiry": "text?",
        "every": "text?",
        "from": "text?",
    },
    "buys": {"plan": "text?", "amount": "money?", "target_bytes": "octets?", "target_amount": "money?"},
    "pay": ["text"],
    "max_price": "money",
    "max_per_day": "money?",
    "max_per_month": "money",
    "max_count": "count?",
    "max_unattended": "count",
    "floor": "money?",
    "raised": Nullable(
        {
            "from": "instant",
            "max_price": "money?",
            "max_per_day": "money?",
            "max_per_month": "money?",
            "max_count": "count?",
            "max_unattended": "count?",
        }
    ),
    "cooldown": "text?",
    "until": "text?",
    "ask": "flag",
    "remind": ["any"],
    "spent_this_month": "money?",
    "orders_this_month": "count",
    "play_money": "flag",
    "failures": "count",
    "suspended_reason": "text?",
    "confirmed_at": "instant?",
    "last_order_at": "instant?",
    "next_due": "instant?",
    "last_decision": Nullable("any"),
}

ALERT = {
    "alert": "text",
    "class": "money|problem|reminder|figure",
    "key": "text",
    "line": "text?",
    "rule": "text?",
    "order": "text?",
    "text": "text",
}

LOGGED = {
    "at": "instant",
    "kind": "text",
    "rule": "text?",
    "line": "text?",
    "decision": "text?",
    "reason": "text?",
    "order": "text?",
    "explanation": "text?",
    "said~": Nullable(SAID),
}

#: what goes through the rules; no kinds and none unknown: nothing on this machine
RUN_BY = {
    "kinds": ["cron|systemd|launchd"],
    "last_run": "instant?",
    "command": "text",
    "machine~": Nullable("this|another"),
    "unknown~": ["cron|systemd|launchd"],  # those that may, but cannot be asked
}

DOCUMENTS: dict[str, Any] = {
    "autotopup": {"rules": [RULE], "dry_run~": "flag", "run_by~": RUN_BY},
    "autotopup-run": {
        "decisions": [DECISION],
        "orders": [ORDER],
        "alerts": [ALERT],
        "resolved": [ALERT],
        "dry_run~": "flag",
    },
    "autotopup-log": {"log": [LOGGED]},
}
