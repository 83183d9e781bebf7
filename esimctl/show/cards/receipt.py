"""A receipt: what was paid, promised and delivered, on the terminal, as a page and as Markdown."""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from esimctl.show import markdown, webpage
from esimctl.show.amounts import flat_money, local, money, octets
from esimctl.show.cards.orders import attached
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say

Document = Mapping[str, Any]

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


class ReceiptPart(NamedTuple):
    """A part of the receipt: its heading, labelled values, and sentences below them."""

    heading: str
    pairs: list[tuple[str, str]]
    sentences: list[str]


def title(data: Document) -> str:
    """What it is, and of what."""
    return say("Receipt {id}", id=data["receipt"]["order"]["id"]) + mark(data)


def mark(data: Document) -> str:
    """SANDBOX stands in the title and beside every amount that was play money."""
    return "  SANDBOX" if data["play_money"] else ""


def parts(data: Document) -> list[ReceiptPart]:
    """Everything on it, in order; the first part has no heading."""
    receipt = data["receipt"]
    return [
        ReceiptPart("", bill(data), [say(WORDS[word]) for word in receipt["differs"]]),
        ReceiptPart(
            say(TEXTS["promised"]), promised(receipt["promised"]), [claim(row) for row in receipt["promised"]["claims"]]
        ),
        ReceiptPart(say(TEXTS["delivered"]), delivered(receipt["delivered"]), []),
        ReceiptPart(say(TEXTS["references"]), references(receipt["references"]), []),
        ReceiptPart(say(TEXTS["steps"]), [], [step(row) for row in receipt["steps"]]),
        ReceiptPart(say(TEXTS["files"]), [], [attached(row) for row in receipt["attachments"]]),
    ]


def bill(data: Document) -> list[tuple[str, str]]:
    """Who bought what for how much."""
    receipt, order = data["receipt"], data["receipt"]["order"]
    by = say("by hand") if receipt["by"] == "person" else say("by rule {rule}", rule=receipt["rule"])
    told = [
        (say("order"), order["id"]),
        (say("kind"), say(order["kind"])),
        (say("state"), say(order["state"])),
        (say("line"), order["line"]),
        (say("owner"), receipt["owner"]),
        (say("plan"), order["plan"]),
        (say("provider"), order["provider"]),
        (say("price"), None if order["price"] is None else money(order["price"]) + mark(data)),
        (say("paid"), None if order["paid"] is None else money(order["paid"]) + mark(data)),
        (say("came back"), None if receipt["refund"] is None else money(receipt["refund"]) + mark(data)),
        (say("payment method"), order["payment_method"]),
        (say("ordered"), f"{local(order['created_at'])}, {by}"),
        (say("settled"), None if order["settled_at"] is None else local(order["settled_at"])),
        (say("reason"), order["reason"]),
    ]
    return known(told)


def promised(row: Document) -> list[tuple[str, str]]:
    """The terms that count, in a few words."""
    volume = (
        None
        if row["data_bytes"] is None and not row["unlimited"]
        else octets(row["data_bytes"], unlimited=row["unlimited"])
    )
    return known(
        [
            (say("data"), volume),
            (say("valid"), row["validity"]),
            (say("rollover"), None if row["rollover"] is None else say(row["rollover"])),
            (say("main balance"), None if row["amount"] is None else money(row["amount"])),
        ]
    )


def delivered(row: Document) -> list[tuple[str, str]]:
    """What came, as far as anybody has seen it."""
    by = {"provider": say("by the provider"), "user": say("by you"), None: say("by nobody yet")}[row["confirmed_by"]]
    seen = None if row["data_bytes"] is None else f"{octets(row['data_bytes'])} ({local(row['seen_at'])})"
    return known(
        [
            (say("confirmed"), by),
            (say("data seen on the line"), seen or say("unknown")),
            ("ICCID", row["iccid"]),
            (say("install before"), None if row["use_by"] is None else local(row["use_by"])),
            (say("ends"), None if row["expires_at"] is None else local(row["expires_at"])),
        ]
    )


def references(row: Document) -> list[tuple[str, str]]:
    """Numbers to tell."""
    return known(
        [
            (say("the provider's number"), row["provider_order"]),
            (say("our key"), row["key"]),
            (say("request id"), row["request_id"]),
            (say("line at the provider"), row["line_reference"]),
            (say("phone number"), row["msisdn"]),
            (say("SHA-256 of the request"), row["request_sha256"]),
        ]
    )


def known(pairs: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    """What there is."""
    return [(label, value) for label, value in pairs if value]


def claim(row: Document) -> str:
    """A claim that counted when it was bought."""
    if row["source"] is None:
        return say("by {claim}", claim=row["id"])
    return say("{topic}: {claim}, {source} ({as_of})", topic=row["topic"], claim=row["id"], source=row["source"],
               as_of=row["as_of"] or "-")  # fmt: skip


def step(row: Document) -> str:
    """One entry of the journal."""
    return f"{local(row['at'], seconds=True)}  {say(row['step'])}" + (f"  {row['detail']}" if row["detail"] else "")


def person(data: Document, terminal: Terminal) -> None:
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


def html(data: Document) -> str:
    """One page, to print or to send."""
    body = [webpage.heading(title(data), 1), webpage.paragraph(about(data), "soft")]
    for part in parts(data):
        if part.heading and (part.pairs or part.sentences):
            body.append(webpage.heading(part.heading))
        body += [webpage.cards(part.pairs) if part.pairs else "", webpage.bullets(part.sentences)]
    terms = data["receipt"]["promised"]["terms"]
    if terms is not None:
        body += [webpage.heading(say(TEXTS["terms"])), f"<pre>{webpage.safe(written(terms))}</pre>"]
    return webpage.page(title(data), [piece for piece in body if piece])


def markdown_text(data: Document) -> str:
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
    terms = data["receipt"]["promised"]["terms"]
    if terms is not None:
        pieces += [f"## {say_it(say(TEXTS['terms']))}\n", say_it(written(terms)) + "\n"]
    return "\n".join(pieces)


def written(terms: object) -> str:
    """The snapshot of the terms as it stands in the journal."""
    return json.dumps(terms, ensure_ascii=False)


def about(data: Document) -> str:
    """Of which profile, and as of when."""
    return say("profile {profile}, as of {time}", profile=data["profile"], time=local(data["as_of"]))


COLUMNS: tuple[Column[Any], ...] = (
    Column("order", lambda r: r["order"]["id"]),
    Column("state", lambda r: r["order"]["state"]),
    Column("line", lambda r: r["order"]["line"]),
    Column("owner", lambda r: r["owner"]),
    Column("plan", lambda r: r["order"]["plan"]),
    Column("provider", lambda r: r["order"]["provider"]),
    Column("price", lambda r: flat_money("price")(r["order"])),
    Column("paid", lambda r: flat_money("paid")(r["order"])),
    Column("refund", flat_money("refund")),
    Column("payment_method", lambda r: r["order"]["payment_method"]),
    Column("settled_at", lambda r: r["order"]["settled_at"]),
    Column("promised_bytes", lambda r: r["promised"]["data_bytes"]),
    Column("delivered_bytes", lambda r: r["delivered"]["data_bytes"]),
    Column("differs", lambda r: ",".join(r["differs"])),
    Column("provider_order", lambda r: r["references"]["provider_order"]),
    Column("files", lambda r: ",".join(each["file"] for each in r["attachments"])),
    Column("play_money", lambda r: r["order"]["play_money"], shown=False, sheet=True),
)

VIEWS = {"receipt": View(COLUMNS, lambda data: [data["receipt"]], person)}
