"""One order: what it would be, what became of it with the code to scan, or everything that is known of it."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from esimctl.documents.document import ABSENT
from esimctl.documents.lines import ActivationPart
from esimctl.documents.offers import OrderDocument
from esimctl.documents.orders import AttachmentRow, OrderRow
from esimctl.show.amounts import money, octets
from esimctl.show.cards.orders import COLUMNS, KINDS, STATES, state
from esimctl.show.links import link
from esimctl.show.page import folded, labelled
from esimctl.show.styles import ACT, ASKED, COMMAND, GOOD, LOOK, PLAY, SOURCE, styled
from esimctl.show.terminal import Terminal
from esimctl.show.times import moment, moment_from_now
from esimctl.show.view import View
from esimctl.show.words import say
from esimctl.values.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping


class Ordered(OrderDocument):
    """An order that knows until when its line is renewed."""

    ends_at: datetime | None


#: (kind, state) → what happened; `planned` and `until` where the plan or the new end is known
DONE: "Final[Mapping[tuple[str, str], str]]" = {
    ("new", "settled"): "Bought {plan} as line {line}, {money}. Order {id}",
    ("renew", "settled"): "Renewed {line}, {money}. Order {id}",
    ("renew", "until"): "Renewed {line} until {end}, {money}. Order {id}",
    ("topup", "settled"): "Topped up {line}, {money}. Order {id}",
    ("topup", "planned"): "Topped up {line} with {plan}, {money}. Order {id}",
    ("new", "accepted"): "Ordered {plan} as line {line}, {money}, not confirmed yet. Order {id}",
    ("renew", "accepted"): "Ordered a renewal of {line}, {money}, not confirmed yet. Order {id}",
    ("topup", "accepted"): "Ordered a top-up of {line}, {money}, not confirmed yet. Order {id}",
}
BY_STATE: Final = {
    "refunded": "{money} came back for {line}. Order {id}",
    "refunding": "Asked for {money} back for {line}. Order {id}",
    "": "{line}: {kind}, {money}: {state}. Order {id}",
}
SIGNS: Final = {GOOD: "✓", LOOK: "!", ACT: "✗"}


def card(data: OrderDocument, terminal: Terminal) -> None:
    """What would be ordered, what became of it, or, of one that was looked up, all of it."""
    if data.offer:
        from esimctl.show.cards.offer import rehearsed

        for line in rehearsed(data.offer, data.order.line, terminal.width):
            terminal.tell(line + "\n")
        terminal.tell(say("Nothing was ordered (--dry-run).") + "\n")
    elif data.attachments is ABSENT:
        conclusion(data, terminal)
    else:
        details(data, terminal)


def conclusion(data: OrderDocument, terminal: Terminal) -> None:
    """The goods first, so that what happened is the last thing on the screen."""
    order = data.order
    said = happened(order, data.ends_at if isinstance(data, Ordered) else None, terminal.blocks)
    if order.activation is not None and order.activation.lpa:
        goods(order.activation, terminal, order.line, said)
    if order.reason:
        terminal.tell(styled(say("Reason: {reason}", reason=order.reason), LOOK) + "\n")
    terminal.tell(said + "\n")


def happened(order: OrderRow, ends: datetime | None, signs: bool = True) -> str:
    """`✓ Bought … as line phone, 9.00 USD. Order …`."""
    template = DONE.get((order.kind, order.state)) or BY_STATE.get(order.state, BY_STATE[""])
    back = order.state in BY_STATE and order.refund is not None
    amount = order.refund if back else order.price if order.paid is None else order.paid
    told = {"line": order.line, "plan": order.plan or "-", "money": money(amount), "id": order.id or "-"}
    if order.kind == "topup" and order.state == "settled" and order.plan:
        template = DONE["topup", "planned"]
    if ends is not None and (order.kind, order.state) == ("renew", "settled"):
        template, told["end"] = DONE["renew", "until"], moment(ends)
    style = STATES[order.state][1]
    if order.reason and style == GOOD and order.state == "settled":
        style = LOOK
    said = say(template, kind=say(KINDS[order.kind]), state=say(STATES[order.state][0]), **told)
    mark = f" · {styled('SANDBOX', PLAY)}" if order.play_money else ""
    sign = SIGNS.get(style, "") if signs else ""
    return f"{styled(sign, style)} {said}{mark}" if sign else said + mark


def goods(activation: ActivationPart, terminal: Terminal, line: str, last: str) -> None:
    """Links and steps, then the code to scan, where it is not masked and leaves room for what stands `last`."""
    from esimctl.show.cards import qr

    put = terminal.tell
    if not activation.lpa or "***" in activation.lpa:
        put(f"ICCID {activation.iccid}\n{activation.lpa}\n")
        return
    put(say("Scan the code below with the phone (Settings, add eSIM), or open a link on it.") + "\n")
    if activation.apple_url:
        link(terminal, "iPhone", activation.apple_url)
    if activation.android_url:
        link(terminal, say("Android, where the phone follows it"), activation.android_url)
    put(f"{activation.lpa}\n")
    put(f"ICCID {activation.iccid}\n")
    if activation.use_by:
        put(styled("! " + say("install before {time}", time=moment_from_now(activation.use_by)), LOOK) + "\n")
    put(say("Keep the network on until the line is active.") + "\n")
    below = len(folded(last, terminal.width or 80)) + 2  # the next command, and the shell's question after it
    qr.draw(activation.lpa, terminal, f"esimctl lines qr {line} --png FILE", below=below)


def details(data: OrderDocument, terminal: Terminal) -> None:
    """Everything that is known of an order."""
    order = data.order
    head = [styled(order.id or "-", ASKED), order.line, state(order)]
    if order.play_money:
        head.append(styled("SANDBOX", PLAY))
    terminal.tell(" · ".join(head) + "\n")
    for line in labelled(figures(data), terminal.width):
        terminal.tell(line + "\n")


def figures(data: OrderDocument) -> list[tuple[str, str]]:
    """What is known, label by label."""
    order = data.order
    what = say("{kind}, {plan}", kind=say(KINDS[order.kind]), plan=order.plan) if order.plan else say(KINDS[order.kind])
    paid = order.price if order.paid is None else order.paid
    price = say("{money}, paid with {method}", money=money(paid), method=say(order.payment_method))
    if order.paid is not None and order.paid != order.price and order.price is not None:
        price += "\n" + say("agreed: {money}", money=money(order.price))
    if order.charged == "unknown":
        price += "\n" + styled(say("unknown whether it was charged"), ACT)
    seller = order.provider
    if order.provider_order:
        seller = say("{seller}, its number is {number}", seller=seller, number=order.provider_order)
    found = [
        (say("Order for"), what),
        (say("Price"), price),
        (say("Ordered"), moment_from_now(order.created_at)),
        (say("Done"), "" if order.settled_at is None else moment(order.settled_at, week=True)),
        (say("Seller"), seller),
        (say("Reason"), clean(order.reason or "")),
    ]
    if order.stated_at:
        wrong = say("a wrong clock dated it {time}; it counts in that month as well", time=moment(order.stated_at))
        found.append((say("Clock"), wrong))
    if order.refund is not None:
        found.append((say("Came back"), money(order.refund)))
    found += [
        (say(sentence), styled(moment_from_now(until), LOOK))
        for key, sentence in DEADLINES.items()
        if (until := getattr(order, key))
    ]
    if order.activation is not None:
        found.append(("ICCID", order.activation.iccid or "-"))
        code = styled(f"esimctl lines qr {order.line}", COMMAND)
        found.append((say("Code"), f"{order.activation.lpa}  {code}" if order.activation.lpa else ""))
        if order.activation.use_by:
            found.append((say("Install before"), moment_from_now(order.activation.use_by)))
    files = "\n".join(attached(each) for each in data.attachments or ())
    found.append((say("Files"), files))
    return [(label, value) for label, value in found if value]


def attached(row: AttachmentRow) -> str:
    """A file that is kept with an order, and whether it still is."""
    told = say("{file}, {size}", file=row.file, size=octets(row.size_bytes))
    if row.state != "kept":
        told += ": " + say("it is missing" if row.state == "missing" else "it is not as it was attached")
    return told + (f"  {styled(clean(row.note), SOURCE)}" if row.note else "")


#: until when money can come back, where a policy says so
DEADLINES: Final = {"refund_by": "Refund before", "cancel_by": "Cancel before"}


VIEWS = {"order": View(COLUMNS, lambda data: [data.order], card)}
