"""What an answer to an order means as far as all vendors agree: by status first, ambiguous where it is not definite.

An adapter adds its vendor's own codes, each with the common word for it; a code not in its table decides nothing.
"""

from collections.abc import Callable, Mapping

from esimctl.malformed import Malformed
from esimctl.providers.protocol import Answer, Outcome, Verdict
from esimctl.values.money import Money
from esimctl.values.record import record
from esimctl.values.text import clean

#: Statuses that are definite: the request was not carried out (R-74, RFC 9110 section 15.5).
DEFINITE: Mapping[int, str] = {
    400: "bad_request",
    402: "insufficient_funds",
    404: "not_found",
    405: "bad_request",
    413: "bad_request",
    415: "bad_request",
}


@record
class Meaning:
    """What a vendor's code means. `definite` false: it decides nothing, but has a name.

    `exists`: an order under our reference is there already, which is neither a refusal nor a reason to send it again.
    """

    reason: str
    definite: bool = True
    exists: bool = False


def refused(reason: str, message: str | None = None) -> Outcome:
    """Definitely not carried out."""
    return Outcome(Verdict.REFUSED, reason, message=_said(message), charged=False)


def ambiguous(reason: str, message: str | None = None, charged: bool | None = None) -> Outcome:
    """Nobody knows yet."""
    return Outcome(Verdict.AMBIGUOUS, reason, message=_said(message), charged=charged)


def exists(message: str | None = None) -> Outcome:
    """An order under our reference is there: it is looked for until it is found, never sent again."""
    return Outcome(Verdict.ACCEPTED, "exists", message=_said(message), charged=True)


def allocating(number: str | None, paid: Money | None = None) -> Outcome:
    """Taken under this number; its eSIM is not there yet."""
    return Outcome(Verdict.ACCEPTED, "allocating", provider_order=number, charged=True, paid=paid)


def absent() -> Outcome:
    """A look-up that did not find it."""
    return Outcome(Verdict.ABSENT, "not_found", charged=False)


def meant(meaning: Meaning, message: str | None = None) -> Outcome:
    """The outcome of a code of the vendor's."""
    if meaning.exists:
        return exists(message)
    return refused(meaning.reason, message) if meaning.definite else ambiguous(meaning.reason, message)


def by_transport(answer: Answer, retry_after: float | None) -> Outcome | None:
    """The outcome where the way or the status alone decides; None where the body has to be read.

    Only 2xx and 4xx with a whole body come back as None.
    """
    status = answer.status
    if status is None:
        verdict = Verdict.AMBIGUOUS if answer.sent else Verdict.NOT_SENT
        return Outcome(verdict, answer.failure or "no_answer", charged=None if answer.sent else False)
    if status == 429:
        return Outcome(Verdict.BUSY, "rate_limited", charged=None, retry_after=retry_after)
    if 300 <= status < 400:
        return ambiguous("redirected")
    if status in {401, 403}:
        return refused("unauthorized")
    if status >= 500 or status < 200:
        return Outcome(Verdict.AMBIGUOUS, "server_error", retry_after=retry_after)
    return ambiguous(answer.failure) if answer.failure else None


def by_body(read: Callable[[], Outcome], status: int) -> Outcome:
    """What the body of a 2xx or 4xx says; of one that cannot be read a 4xx tells by its status, and a 2xx nothing."""
    try:
        return read()
    except Malformed:
        return by_status(status) if status >= 400 else ambiguous("malformed")


def by_status(status: int, message: str | None = None) -> Outcome:
    """The outcome of a 4xx whose body says nothing that is known."""
    reason = DEFINITE.get(status)
    if reason is not None:
        return refused(reason, message)
    return ambiguous("timeout" if status == 408 else "unexpected_refusal", message)


def _said(message: str | None) -> str | None:
    return clean(message, 200) if message else None
