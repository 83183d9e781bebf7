"""A carry that failed, and what its owner can do: whom to call until when, and what to say (R-47, R-95, R-72).

It fails where a pack was renewed too late or not activated, or where something was done that resets it (S1).
"""

from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.documents.usage import CarryPart
from esimctl.market.counter import contacts
from esimctl.market.deadlines import claim_deadline
from esimctl.profile.own_catalogue import own_carriers
from esimctl.values.moments import instant, zone
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import text_at
from esimctl.values.volume import format_volume

if TYPE_CHECKING:
    from esimctl.profile.books import Books

DONE = frozenset({"settled", "refunding"})


def complaint(books: "Books", line: str, since: datetime, octets: int) -> tuple[datetime | None, list[str], str]:
    """Until when (None: nobody says), whom to call, and the sentence for the carrier's support."""
    session = books.session
    table = session.line(line)
    carrier = text_at(table, "carrier")
    orders = [order for order in books.ledger.orders_of([line]) if order.state in DONE]
    last = max((order for order in orders if order.created_at <= since), key=lambda order: order.seq, default=None)
    found = claim_deadline(session, carrier, None if last is None else last.plan, "refund", since)
    numbers = [row.value for row in contacts(carrier, own_carriers(session)) if row.purpose == "call"]
    day = since.astimezone(zone(session.zone)).date().isoformat()
    receipt = "" if last is None or last.provider_order is None else f" Receipt: {last.provider_order}."
    say = (
        f"My pack was renewed on {day}, and {format_volume(octets)} should have carried over. It did not."
        f"{receipt} Please add it, or tell me why it was not carried."
    )
    return None if found is None else found.at, numbers, say


def told(line: str, carry: CarryPart) -> list[Sentence]:
    """The sentences for a person: what is closed, until when support can be told, and what to say."""
    failed = format_volume(carry.failed_bytes)
    said = [
        Sentence(
            "{line}: {bucket} is closed since {at}: {failed} was not carried over",
            {
                "line": Raw(line),
                "bucket": Raw(row.bucket),
                "failed": Raw(format_volume(row.octets)),
                "at": Raw(instant(row.at)),
            },
        )
        for row in carry.closed
    ]
    if not said:
        said.append(Sentence("{line}: {failed} was not carried over", {"line": Raw(line), "failed": Raw(failed)}))
    if carry.complain_by is not None:
        said.append(Sentence("support can be told until {time}", {"time": Raw(instant(carry.complain_by))}))
    else:
        said.append(Sentence("nobody says until when support can be told: call soon"))
    if carry.call:
        params = {"numbers": Raw(" / ".join(carry.call)), "say": Raw(carry.say)}
        said.append(Sentence("call {numbers} and say: {say}", params))
    else:
        said.append(Sentence("tell the seller: {say}", {"say": Raw(carry.say)}))
    return said
