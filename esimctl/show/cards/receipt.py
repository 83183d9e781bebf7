"""A receipt: what was paid, promised and delivered, on the terminal, as a page and as Markdown."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from esimctl.documents.records import (
    CountedClaimRow,
    DeliveredPart,
    OrderStepRow,
    PromisedPart,
    ReceiptDocument,
    ReceiptPart,
    ReferencesPart,
)
from esimctl.show import markdown, webpage
from esimctl.show.amounts import local, money, octets, term
from esimctl.show.cards.order import attached
from esimctl.show.cards.orders import KINDS, STATES
from esimctl.show.page import labelled
from esimctl.show.plan_words import ROLLS_OVER
from esimctl.show.styles import ASKED, LOOK, PLAY, styled
from esimctl.show.terminal import Terminal
from esimctl.show.times import moment
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say

#: headings of the parts
TEXTS: Final = {
    "promised": "What was promised",
    "delivered": "What came",
    "references": "For the provider's support",
    "steps": "What happened",
    "files": "Files kept with it",
}
#: what was not as promised
WORDS: Final = {
    "price": "another amount was paid than agreed",
    "data": "another volume came than promised",
    "undelivered": "charged, but not delivered",
}


class ReceiptSection(NamedTuple):
    """A part of the receipt: its heading, labelled values, and sentences below them."""

    heading: str
    pairs: list[tuple[str, str]]
    sentences: list[str]


Dated = Callable[[datetime | None], str]  #: how a time is written: short on a screen, whole on paper


def title(data: ReceiptDocument) -> str:
    """What it is, and of what: `Receipt for demo-monthly-20gb (phone), 9.00 USD`."""
    order = data.receipt.order
    paid = order.price if order.paid is None else order.paid
    what = order.plan or say(KINDS[order.kind])
    return say("Receipt for {what} ({line}), {money}", what=what, line=order.line, money=money(paid))


def mark(data: ReceiptDocument) -> str:
    """SANDBOX stands once, in the title."""
    return "  SANDBOX" if data.play_money else ""


def parts(data: ReceiptDocument, at: Dated = local, *, whole: bool = True) -> list[ReceiptSection]:
    """Everything on it, in order; the first part has no heading. A screen has no room for the hash: not `whole`."""
    receipt = data.receipt
    claims = [said for row in receipt.promised.claims if (said := claim(row))]
    return [
        ReceiptSection("", bill(data, at), [say(WORDS[word]) for word in receipt.differs]),
        ReceiptSection(say(TEXTS["promised"]), promised(receipt.promised), claims),
        ReceiptSection(say(TEXTS["delivered"]), delivered(receipt.delivered, at), []),
        ReceiptSection(say(TEXTS["references"]), references(receipt.references, whole=whole), []),
        ReceiptSection(say(TEXTS["steps"]), [], [step(row, at) for row in receipt.steps]),
        ReceiptSection(say(TEXTS["files"]), [], [attached(row) for row in receipt.attachments]),
    ]


def bill(data: ReceiptDocument, at: Dated) -> list[tuple[str, str]]:
    """Who bought what for how much."""
    receipt, order = data.receipt, data.receipt.order
    by = say("by you") if receipt.by == "person" else say("by rule {rule}", rule=receipt.rule)
    told = [
        (say("order"), order.id),
        (say("kind"), say(KINDS[order.kind])),
        (say("state"), say(STATES[order.state][0])),
        (say("line"), order.line),
        (say("owner"), receipt.owner),
        (say("plan"), order.plan),
        (say("provider"), order.provider),
        (say("price"), None if order.price is None else money(order.price)),
        (say("paid"), None if order.paid is None else money(order.paid)),
        (say("came back"), None if receipt.refund is None else money(receipt.refund)),
        (say("payment method"), say(order.payment_method)),
        (say("ordered"), f"{at(order.created_at)}, {by}"),
        (say("done"), None if order.settled_at is None else at(order.settled_at)),
        (say("reason"), order.reason),
    ]
    return known(told)


def promised(row: PromisedPart) -> list[tuple[str, str]]:
    """The terms that count, in a few words."""
    volume = None if row.data_bytes is None and not row.unlimited else octets(row.data_bytes, unlimited=row.unlimited)
    return known(
        [
            (say("data"), volume),
            (say("valid"), term(row.validity) if row.validity else None),
            (say("rolls over"), None if row.rollover is None else say(ROLLS_OVER.get(row.rollover, row.rollover))),
            (say("main balance"), None if row.amount is None else money(row.amount)),
        ]
    )


def delivered(row: DeliveredPart, at: Dated) -> list[tuple[str, str]]:
    """What came, as far as anybody has seen it."""
    by = {"provider": say("by the provider"), "user": say("by you"), None: say("not confirmed yet")}[row.confirmed_by]
    seen = None if row.data_bytes is None else f"{octets(row.data_bytes)} ({at(row.seen_at)})"
    return known(
        [
            (say("confirmed"), by),
            (say("data seen on the line"), seen or say("unknown")),
            ("ICCID", row.iccid),
            (say("install before"), None if row.use_by is None else at(row.use_by)),
            (say("ends"), None if row.expires_at is None else at(row.expires_at)),
        ]
    )


def references(row: ReferencesPart, *, whole: bool) -> list[tuple[str, str]]:
    """Numbers to tell."""
    return known(
        [
            (say("the provider's number"), row.provider_order),
            (say("our reference"), row.key),
            (say("request id"), None if row.request_id == row.key else row.request_id),
            (say("line at the provider"), row.line_reference),
            (say("phone number"), row.msisdn),
            (say("SHA-256 of the request"), row.request_sha256 if whole else None),
        ]
    )


def known(pairs: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    """What there is."""
    return [(label, value) for label, value in pairs if value]


def claim(row: CountedClaimRow) -> str:
    """Who said what counted when it was bought; nothing where that is not known."""
    if row.source is None:
        return ""
    return say("{topic}: {source} ({as_of})", topic=say(row.topic or ""), source=row.source, as_of=row.as_of or "-")


def step(row: OrderStepRow, at: Dated) -> str:
    """One entry of the journal."""
    return f"{at(row.at)}  {say(row.step)}" + (f"  {row.detail}" if row.detail else "")


def person(data: ReceiptDocument, terminal: Terminal) -> None:
    """The parts one below the other."""
    put = terminal.tell
    play = f" · {styled('SANDBOX', PLAY)}" if data.play_money else ""
    put(styled(title(data), ASKED) + play + "\n")
    for part in parts(data, moment, whole=False):
        if part.heading and (part.pairs or part.sentences):
            put(f"\n{styled(part.heading, ASKED)}\n")
        for line in labelled(part.pairs, terminal.width):
            put(line + "\n")
        for sentence in part.sentences:
            put((f"- {sentence}" if part.heading else styled(f"! {sentence}", LOOK)) + "\n")


def html(data: ReceiptDocument) -> str:
    """One page, to print or to send."""
    body = [webpage.heading(title(data) + mark(data), 1), webpage.paragraph(about(data), "soft")]
    for part in parts(data):
        if part.heading and (part.pairs or part.sentences):
            body.append(webpage.heading(part.heading))
        body += [webpage.cards(part.pairs) if part.pairs else "", webpage.bullets(part.sentences)]
    return webpage.page(title(data) + mark(data), [piece for piece in body if piece])


def markdown_text(data: ReceiptDocument) -> str:
    """A receipt as Markdown."""
    say_it = markdown.escaped
    pieces = [f"# {say_it(title(data) + mark(data))}\n", say_it(about(data)) + "\n"]
    for part in parts(data):
        if part.heading and (part.pairs or part.sentences):
            pieces.append(f"## {say_it(part.heading)}\n")
        if part.pairs:
            pairs = [(say_it(label), say_it(value)) for label, value in part.pairs]
            pieces.append(markdown.table((say("figure"), say("value")), pairs, (False, False)))
        if part.sentences:
            pieces.append(markdown.bullets([say_it(each) for each in part.sentences]))
    return "\n".join(pieces)


def about(data: ReceiptDocument) -> str:
    """Of which profile, and as of when."""
    return say("profile {profile}, as of {time}", profile=data.profile, time=local(data.as_of))


COLUMNS: Columns[ReceiptPart] = (
    *columns(ReceiptPart, "order=order.id order.state order.line owner order.plan order.provider order.price"),
    *columns(ReceiptPart, "order.paid refund order.payment_method order.settled_at"),
    *columns(ReceiptPart, "promised_bytes=promised.data_bytes delivered_bytes=delivered.data_bytes"),
    *columns(ReceiptPart, "differs references.provider_order"),
    Column("files", lambda receipt: ",".join(each.file for each in receipt.attachments)),
    *columns(ReceiptPart, "order.play_money", shown=False, sheet=True),
)

VIEWS = {"receipt": View(COLUMNS, lambda data: [data.receipt], person)}
