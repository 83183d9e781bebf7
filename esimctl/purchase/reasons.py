"""What the reason of an order says to a person. A code that nobody here knows is said as it stands in the journal."""

from typing import Final

from esimctl.values.sentence import Raw, Sentence

#: the codes that orders end or wait with; adapters have them from their vendors' own
WORDS: Final = {
    "absent_after_limit": "absent after limit",
    "absent_but_paid": "absent but paid",
    "absent_once": "absent once",
    "amount_differs": "amount differs",
    "authentication_required": "authentication required",
    "bad_request": "bad request",
    "card_expired": "card expired",
    "connection_lost": "connection lost",
    "exists_after_all": "exists after all",
    "goods_missing": "goods missing",
    "horizon_passed": "horizon passed",
    "in_progress": "in progress",
    "insufficient_funds": "insufficient funds",
    "key_conflict": "key conflict",
    "line_recycled": "line recycled",
    "line_unknown": "line unknown",
    "no_answer": "no answer",
    "not_allowed_now": "not allowed now",
    "not_carried": "not carried",
    "not_found": "not found",
    "not_sent": "not sent",
    "order_unknown": "order unknown",
    "other_order": "other order",
    "out_of_stock": "out of stock",
    "own_pace": "own pace",
    "plan_unknown": "plan unknown",
    "price_changed": "price changed",
    "rate_limited": "rate limited",
    "received_at_a_counter": "received at a counter",
    "reference_unknown": "reference unknown",
    "resolved_by_a_person": "resolved by a person",
    "server_error": "server error",
    "topup_disabled": "topup disabled",
    "unexpected_refusal": "unexpected refusal",
    "declined": "declined",
    "malformed": "malformed",
    "redirected": "redirected",
    "refused": "refused",
    "timeout": "timeout",
    "unauthorized": "unauthorized",
    "unreachable": "unreachable",
}


def in_words(reason: str) -> Sentence | Raw:
    """The words for a code."""
    known = WORDS.get(reason)
    return Raw(reason.replace("_", " ")) if known is None else Sentence(known)
