"""Documents about lines: what is left on them, what they are, how they are installed."""

from datetime import datetime
from typing import Any

from esimctl.documents.document import Document
from esimctl.documents.schemas import Nullable

#: The rollover of a line: what is counted upon, by which claim and whose word.
HELD = {
    "effective": "carry|none|promo-only|not-applicable|unknown",
    "disputed": "flag",
    "claim": "text?",
    "by": "text?",
}


class ActivationPart(Document):
    """How an eSIM is installed; masked unless it was asked for."""

    lpa: str | None
    iccid: str | None
    confirmation_code_required: bool
    apple_url: str | None
    android_url: str | None
    use_by: datetime | None


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


DOCUMENTS: dict[str, Any] = {
    "lines": {"lines": [LINE]},
    "line": {
        "line": {
            **LINE,
            "activation~": Nullable(ActivationPart),
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
    "qr": {"line": "text", "activation": ActivationPart},
    "install": {"line": "text", "installed": "flag", "iccid": "text?", "eid": "text?", "notified": "flag"},
    "install-guide": {
        "line": "text",
        "on": "ios|android",
        "steps": ["text"],
        "address": "text",
        "matching_id": "text",
        "activation": ActivationPart,
    },
}
