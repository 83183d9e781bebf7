"""A receipt: what was paid, promised and delivered, on the terminal, as a page and as Markdown."""

import json
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
from esimctl.show.amounts import local, money, octets
from esimctl.show.cards.orders import attached
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say

#: headings of the parts
TEXTS: Final = {
    "promised": "What was promised",
    "delivered": "What came",
    "references": "For the provider's support",
    "steps": "What happened",
    "files": "Files kept with it",
    "terms": "The terms as they were",
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


def title(data: ReceiptDocument) -> str:
    """What it is, and of what."""
    return say("Receipt {id}", id=data.receipt.order.id) + mark(data)


def mark(data: ReceiptDocument) -> str:
    """SANDBOX stands in the title and beside every amount that was play money."""
    return "  SANDBOX" if data.play_money else ""


def parts(data: ReceiptDocument) -> list[ReceiptSection]:
    """Everything on it, in order; the first part has no heading."""
    receipt = data.receipt
    return [
        ReceiptSection("", bill(data), [say(WORDS[word]) for word in receipt.differs]),
        ReceiptSection(
            say(TEXTS["promised"]), promised(receipt.promised), [claim(row) for row in receipt.promised.claims]
        ),
        ReceiptSection(say(TEXTS["delivered"]), delivered(receipt.delivered), []),
        ReceiptSection(say(TEXTS["references"]), references(receipt.references), []),
        ReceiptSection(say(TEXTS["steps"]), [], [step(row) for row in receipt.steps]),
        ReceiptSection(say(TEXTS["files"]), [], [attached(row) for row in receipt.attachments]),
    ]


def bill(data: ReceiptDocument) -> list[tuple[str, str]]:
    """Who bought what for how much."""
    receipt, order = data.receipt, data.receipt.order
    by = say("by hand") if receipt.by == "person" else say("by rule {rule}", rule=receipt.rule)
    told = [
        (say("order"), order.id),
        (say("kind"), say(order.kind)),
        (say("state"), say(order.state)),
        (say("line"), order.line),
        (say("owner"), receipt.owner),
        (say("plan"), order.plan),
        (say("provider"), order.provider),
        (say("price"), None if order.price is None else money(order.price) + mark(data)),
        (say("paid"), None if order.paid is None else money(order.paid) + mark(data)),
        (say("came back"), None if receipt.refund is None else money(receipt.refund) + mark(data)),
        (say("payment method"), order.payment_method),
        (say("ordered"), f"{local(order.created_at)}, {by}"),
        (say("settled"), None if order.settled_at is None else local(order.settled_at)),
        (say("reason"), order.reason),
    ]
    return known(told)


def promised(row: PromisedPart) -> list[tuple[str, str]]:
    """The terms that count, in a few words."""
    volume = None if row.data_bytes is None and not row.unlimited else octets(row.data_bytes, unlimited=row.unlimited)
    return known(
        [
            (say("data"), volume),
            (say("valid"), row.validity),
            (say("rollover"), None if row.rollover is None else say(row.rollover)),
            (say("main balance"), None if row.amount is None else money(row.amount)),
        ]
    )


def delivered(row: DeliveredPart) -> list[tuple[str, str]]:
    """What came, as far as anybody has seen it."""
    by = {"provider": say("by the provider"), "user": say("by you"), None: say("by nobody yet")}[row.confirmed_by]
    seen = None if row.data_bytes is None else f"{octets(row.data_bytes)} ({local(row.seen_at)})"
    return known(
        [
            (say("confirmed"), by),
            (say("data seen on the line"), seen or say("unknown")),
            ("ICCID", row.iccid),
            (say("install before"), None if row.use_by is None else local(row.use_by)),
            (say("ends"), None if row.expires_at is None else local(row.expires_at)),
        ]
    )


def references(row: ReferencesPart) -> list[tuple[str, str]]:
    """Numbers to tell."""
    return known(
        [
            (say("the provider's number"), row.provider_order),
            (say("our key"), row.key),
            (say("request id"), row.request_id),
            (say("line at the provider"), row.line_reference),
            (say("phone number"), row.msisdn),
            (say("SHA-256 of the request"), row.request_sha256),
        ]
    )


def known(pairs: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    """What there is."""
    return [(label, value) for label, value in pairs if value]


def claim(row: CountedClaimRow) -> str:
    """A claim that counted when it was bought."""
    if row.source is None:
        return say("by {claim}", claim=row.id)
    return say("{topic}: {claim}, {source} ({as_of})", topic=row.topic, claim=row.id, source=row.source,
               as_of=row.as_of or "-")  # fmt: skip


def step(row: OrderStepRow) -> str:
    """One entry of the journal."""
    return f"{local(row.at, seconds=True)}  {say(row.step)}" + (f"  {row.detail}" if row.detail else "")


def person(data: ReceiptDocument, terminal: Terminal) -> None:
    """The parts one below the other."""
    put = terminal.tell
    put(title(data) + "\n")
    for part in parts(data):
        if part.heading and (part.pairs or part.sentences):
            put(f"\n{part.heading}\n")
        for label, value in part.pairs:
            put(f"{label}: {value}\n")
        for sentence in part.sentences:
            put(f"- {sentence}\n")


def html(data: ReceiptDocument) -> str:
    """One page, to print or to send."""
    body = [webpage.heading(title(data), 1), webpage.paragraph(about(data), "soft")]
    for part in parts(data):
        if part.heading and (part.pairs or part.sentences):
            body.append(webpage.heading(part.heading))
        body += [webpage.cards(part.pairs) if part.pairs else "", webpage.bullets(part.sentences)]
    terms = data.receipt.promised.terms
    if terms is not None:
        body += [webpage.heading(say(TEXTS["terms"])), f"<pre>{webpage.safe(written(terms))}</pre>"]
    return webpage.page(title(data), [piece for piece in body if piece])


def markdown_text(data: ReceiptDocument) -> str:
    """A receipt as Markdown."""
    say_it = markdown.escaped
    pieces = [f"# {say_it(title(data))}\n", say_it(about(data)) + "\n"]
    for part in parts(data):
        if part.heading and (part.pairs or part.sentences):
            pieces.append(f"## {say_it(part.heading)}\n")
        if part.pairs:
            pairs = [(say_it(label), say_it(value)) for label, value in part.pairs]
            pieces.append(markdown.table((say("figure"), say("value")), pairs, (False, False)))
        if part.sentences:
            pieces.append(markdown.bullets([say_it(each) for each in part.sentences]))
    terms = data.receipt.promised.terms
    if terms is not None:
        pieces += [f"## {say_it(say(TEXTS['terms']))}\n", say_it(written(terms)) + "\n"]
    return "\n".join(pieces)


def written(terms: object) -> str:
    """The snapshot of the terms as it stands in the journal."""
    return json.dumps(terms, ensure_ascii=False)


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
