"""Documents about lines: what is left on them, what they are, how they are installed."""

from typing import Any

from esimctl.documents.schemas import Nullable
from esimctl.documents.setup import BudgetRow

#: The rollover of a line: what is counted upon, by which claim and whose word.
HELD = {
    "effective": "carry|none|promo-only|not-applicable|unknown",
    "disputed": "flag",
    "claim": "text?",
    "by": "text?",
}

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
    "owner~": "text?",
    "taken~": "count?",
    "money~": "money?",  # of a bucket of money: what is left of it
    "purpose~": "text?",
    "usable~": "now|window|app|later|suspended|ended",
}

#: of which kind a figure of a modelled line is, and how old
FIGURE = {"kind": "observed|modelled|unknown", "source": "provider|sms|ussd|manual|modelled?", "at": "instant?"}

BALANCE_LINE = {
    "line": "text",
    "provider": "text",
    "carrier": "text?",
    "plan": "text?",
    "play_money": "flag",
    "status": "pending|active|suspended|expired|closed|unknown",
    "data": {
        "granted_bytes": "octets?",
        "used_bytes": "octets?",
        "reserved_bytes": "octets?",
        "remaining_bytes": "octets?",
        "restricted_bytes": "octets?",
        "restricted_unlimited": "flag",
        "judged_bytes": "octets?",
        "judged_granted_bytes": "octets?",
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
        **HELD,
        "carry_if_renewed_bytes": "octets?",
        "lost_anyway_bytes": "octets?",
        "lost_if_not_bytes": "octets?",
        "kept_anyway_bytes": "octets?",
        "carried_until": "instant?",
        "lost_anyway_at": "instant?",
        "renew_by": "instant?",
        "grace_until": "instant?",
    },
    "forecast": {
        "runs_out_at": "instant?",
        "earliest": "instant?",
        "latest": "instant?",
        "days_of_history": "count",
        "reason": "text?",
    },
    "reading": {"at": "instant?", "source": "provider|sms|ussd|manual|modelled?", "stale": "flag"},
    "attention": ["low_data|expiring|expired|stale_reading|order_open|rollover_at_risk|end_unseen"],
    "figures~": {
        "data": {
            "kind": "observed|modelled|unknown",
            "source": "provider|sms|ussd|manual|modelled?",
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

#: another line whose data this one may use (`owner`), or that may use this one's (`member`)
TIE = {"line": "text", "role": "owner|member", "cap_bytes": "octets?", "taken_bytes": "octets?"}

LINE = {
    "id~": "text?",
    "line": "text",
    "provider": "text",
    "carrier": "text?",
    "plan": "text?",
    "play_money": "flag",
    "iccid": "text?",
    "msisdn": "text?",
    "order": "text?",
    "tags": ["text"],
    "owner": "text?",
    "note": "text?",
    "open_orders": "count",
    "ties": [TIE],
    "status~": "pending|active|suspended|expired|closed|unknown",
    "expires_at~": "instant?",
    "used_bytes~": "octets?",
    "remaining_bytes~": "octets?",
    "restricted_bytes~": "octets?",
    "restricted_unlimited~": "flag",
    "unlimited~": "flag",
    "carry_if_renewed_bytes~": "octets?",
    "lost_anyway_bytes~": "octets?",
    "lost_if_not_bytes~": "octets?",
    "kept_anyway_bytes~": "octets?",
    "carried_until~": "instant?",
    "lost_anyway_at~": "instant?",
    "renew_by~": "instant?",
    "grace_until~": "instant?",
    "removed_at~": "instant?",
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
    "purpose": "balance|topup|unsubscribe|number|registration|roaming|gift|share|call|website",
    "value": "text",
    "tel": "text?",
    "note": "text?",
    "source": "text",
    "as_of": "day?",
    "grade": "text",
}

CHECKED = {
    "line": "text",
    "ok": "flag",
    "attention": ["text"],
    "remaining_bytes": "octets?",
    "expires_at": "instant?",
    "source": "provider|sms|ussd|manual|modelled?",
    "restricted_bytes": "octets?",
    "restricted_unlimited": "flag",
    "judged_bytes": "octets?",
    "unlimited": "flag",
    "renew_by": "instant?",
    "grace_until": "instant?",
}

HELD_ORDER = {
    "order": "text",
    "line": "text",
    "state": "attempted|accepted|unknown|manual",
    "price": "money",
    "sent_at": "instant?",
}

#: an order that is open too long, or a charge that audit doubts
DOUBT = {
    "kind": "order_overdue|duplicate_charge|charged_not_delivered|amount_differs|foreign_order|profile_mistake|restored"
    "|journal_damaged|journal_gone|journal_cut|journal_torn|journal_shorter|journal_replaced|journal_of_another"
    "|line_without_order|line_lost|profile_vanished|no_profile",
    "line": "text?",
    "order": "text?",
    "provider": "text?",
    "since": "instant?",
    "text": "text",
    "said": {"template": "text", "params": "any"},
}

#: a rule that no machine has gone through for too long
OVERDUE = {
    "rule": "text",
    "line": "text",
    "last_run": "instant?",
    "text": "text",
    "said": {"template": "text", "params": "any"},
}

DOCUMENTS: dict[str, Any] = {
    "check": {
        "ok": "flag",
        "lines": [CHECKED],
        "orders": [HELD_ORDER],
        "findings": [DOUBT],
        "rules~": [OVERDUE],
        "plugin~": {"state": "OK|WARNING|CRITICAL|UNKNOWN", "exit_code": "count"},
    },
    "balance": {
        "as_of": "instant",
        "profile": "text",
        "lines": [BALANCE_LINE],
        "budget~": [BudgetRow],
        "hints~": [{"line": "text", "text": "text", "template": "text", "params": "any"}],
    },
    "lines": {"lines": [LINE]},
    "line": {
        "line": {
            **LINE,
            "activation~": Nullable(ACTIVATION),
            "confirmation_code~": "text?",
            "carrier_facts~": [CARRIER_FACT],
            "rollover~": HELD,
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
