"""Orders, one or many: what was bought, for how much, and what to do next."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from esimctl.show.amounts import flat_money, local, money, octets
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say
from esimctl.values.text import clean

if TYPE_CHECKING:
    from esimctl.errors import EsimctlError

COLUMNS: tuple[Column[Any], ...] = (
    Column("id", lambda r: r["id"]),
    Column("created_at", lambda r: r["created_at"], lambda r: local(r["created_at"])),
    Column("kind", lambda r: r["kind"], lambda r: say(r["kind"])),
    Column("line", lambda r: r["line"]),
    Column("plan", lambda r: r["plan"]),
    Column("price", flat_money("price"), lambda r: money(r["price"]) + sandbox(r), right=True),
    Column("paid", flat_money("paid"), lambda r: money(r["paid"]), right=True),
    Column(
        "state", lambda r: r["state"], lambda r: say(r["state"]) + origin(r) + ("  !" if r.get("attention") else "")
    ),
    Column("attention", lambda r: ",".join(r.get("attention", ())), shown=False),
    Column("payment_method", lambda r: r["payment_method"], shown=False),
    Column("charged", lambda r: r["charged"], shown=False),
    Column("provider", lambda r: r["provider"], shown=False),
    Column("provider_order", lambda r: r["provider_order"], shown=False),
    Column("settled_at", lambda r: r["settled_at"], shown=False),
    Column("stated_at", lambda r: r.get("stated_at"), shown=False),
    Column("request_id", lambda r: r["request_id"], shown=False),
    Column("promotion", lambda r: r["promotion"], shown=False),
    Column("reason", lambda r: r["reason"]),
    Column("refund", flat_money("refund"), lambda r: money(r["refund"]), right=True, shown=False),
    Column("imported", lambda r: r["imported"], shown=False),
    Column("play_money", lambda r: r["play_money"], shown=False, sheet=True),
    Column("date", lambda r: r.get("date"), shown=False, sheet=True),
    Column("month", lambda r: r.get("month"), shown=False, sheet=True),
    Column("refund_date", lambda r: r.get("refund_date"), shown=False, sheet=True),
    Column("refund_month", lambda r: r.get("refund_month"), shown=False, sheet=True),
)


def origin(order: Mapping[str, Any]) -> str:
    """A record that came from elsewhere says so."""
    return f" ({say('imported')})" if order["imported"] else ""


def sandbox(order: Mapping[str, Any]) -> str:
    """SANDBOX stands wherever the embedded operator's money is shown."""
    return "  SANDBOX" if order["play_money"] else ""


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """What happened, the activation code where there is one, and the next step."""
    order, put = data["order"], terminal.tell
    if order["state"] == "planned":
        from esimctl.show.cards.offer import describe

        for line in describe(data["offer"]):
            put(line + "\n")
        put(say("nothing was ordered: --dry-run") + "\n")
        return
    head = say(order["state"]) + origin(order)
    put(f"{head}: {say(order['kind'])} {order['plan'] or ''} ({order['line']})\n")
    paid = order["paid"] or order["price"]
    put(
        say(
            "order {id}, {money}, {method}",
            id=order["id"],
            money=money(paid) + sandbox(order),
            method=order["payment_method"],
        )
        + "\n"
    )
    if order.get("stated_at"):
        put(
            say("a wrong clock dated it {time}; it counts in that month as well", time=local(order["stated_at"])) + "\n"
        )
    if order["reason"]:
        put(say("reason: {reason}", reason=order["reason"]) + "\n")
    for field, sentence in DEADLINES.items():
        if order.get(field):
            put(say(sentence, time=local(order[field]), id=order["id"]) + "\n")
    if order["activation"] is not None and order["activation"]["lpa"]:
        goods(order["activation"], terminal, order["line"])
    for each in data.get("attachments", ()):
        put(attached(each) + "\n")
    after = (order["kind"], order["state"])
    counter = order["provider"] == "manual" and after == ("new", "settled")
    for sentence in NEXT_AT_COUNTER if counter else NEXT.get(after, ()):
        put(say(sentence, line=order["line"]) + "\n")


def goods(activation: Mapping[str, Any], terminal: Terminal, line: str) -> None:
    """The activation code, with its picture and links where it is not masked."""
    from esimctl.show.cards import qr

    put = terminal.tell
    put(f"ICCID {activation['iccid']}\n{activation['lpa']}\n")
    if "***" not in activation["lpa"]:
        qr.draw(activation["lpa"], terminal, f"esimctl lines qr {line} --png FILE")
        put(say("iPhone: {url}", url=activation["apple_url"]) + "\n")
        put(say("Android, where the phone follows it: {url}", url=activation["android_url"]) + "\n")
    if activation["use_by"]:
        put(say("install before {time}", time=local(activation["use_by"])) + "\n")


def attached(row: Mapping[str, Any]) -> str:
    """A file that is kept with an order, and whether it still is."""
    told = say("file {file}, {size}", file=row["file"], size=octets(row["size_bytes"]))
    if row["state"] != "kept":
        told += ": " + say("it is missing" if row["state"] == "missing" else "it is not as it was attached")
    return told + (f"  {clean(row['note'])}" if row["note"] else "")


#: until when money can come back, where a policy says so
DEADLINES = {
    "refund_by": "a refund can be asked for until {time}: esimctl transactions audit --bundle case.tar.gz",
    "cancel_by": "it can be cancelled until {time}: esimctl transactions refund {id}",
}

#: what to do next, by kind and state
NEXT = {
    ("new", "settled"): (
        "Next: scan the code with the phone (Settings, add eSIM) and keep the network on until it is active.",
        "Then: esimctl balance {line}",
    ),
    ("renew", "settled"): ("Next: esimctl balance {line}",),
    ("topup", "settled"): ("Next: esimctl balance {line}",),
    ("new", "accepted"): ("Next: esimctl reconcile, until it is settled; keep the network on.",),
    ("renew", "accepted"): ("Next: esimctl reconcile, until it is settled; keep the network on.",),
}

#: what to do with a line from a counter: nobody but its owner can look at it
NEXT_AT_COUNTER = (
    "Next: esimctl usage record {line} --remaining 4.2GB, whenever you have looked",
    "Then: esimctl balance {line}",
)


class Foreseen(Protocol):
    """A row as `describe` needs it."""

    @property
    def line(self) -> str: ...
    @property
    def plan(self) -> str | None: ...
    @property
    def price(self) -> object: ...
    @property
    def error(self) -> "EsimctlError | None": ...
    @property
    def earlier(self) -> object: ...


def describe(planned: Sequence[Foreseen]) -> Iterator[str]:
    """One line for each row: its price, that it was done before, or why it cannot be."""
    for each in planned:
        if each.error is not None:
            yield f"{each.line}: {say(each.error.template, **each.error.params)}"
        elif each.earlier is not None:
            yield say("{line}: done before, nothing is bought again", line=each.line)
        else:
            yield " ".join(part for part in (f"{each.line}:", each.plan, str(each.price)) if part)


def question(count: int, totals: Sequence[str], played: Sequence[str]) -> str:
    """The question that is asked last, for all rows together; sums of play money stand by themselves and say so."""
    sums = [part for part in (" + ".join(totals), f"{' + '.join(played)} SANDBOX" if played else "") if part]
    return say("Orders: {count}. Pay {total} in all?", total=", ".join(sums), count=count)


def outcome(row: Mapping[str, Any]) -> str:
    """What became of a row, in a word or two."""
    if row["ok"] and not row["repeated"]:
        return say("would be done") if row["dry_run"] else say("done")
    if row["ok"]:
        return say("done before")
    return say("not tried") if row["exit_code"] is None else row["code"].replace("_", " ")


def _short(row: Mapping[str, Any]) -> str:
    return "repeated" if row["repeated"] else "planned" if row["dry_run"] else "done"


def rows(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows, each knowing whether it is only a rehearsal."""
    return [{**row, "dry_run": data["dry_run"]} for row in data["rows"]]


BULK_COLUMNS: tuple[Column[Any], ...] = (
    Column("row", lambda r: r["row"], right=True),
    Column("line", lambda r: r["line"]),
    Column("ok", lambda r: r["ok"], shown=False),
    Column("exit_code", lambda r: r["exit_code"], right=True),
    Column("price", flat_money("price"), lambda r: money(r["price"]), right=True),
    Column("order", lambda r: None if r["order"] is None else r["order"]["id"]),
    Column("outcome", lambda r: r["code"] or _short(r), outcome),
    Column("plan", lambda r: r["plan"], shown=False),
    Column("message", lambda r: r["message"]),
)


def bulk_card(data: Mapping[str, Any], terminal: Terminal) -> None:
    """The rows as a table, and how many came to what."""
    from esimctl.show.table import draw

    told = [
        column for column in BULK_COLUMNS if column.shown and column.name != "message"
    ]  # it was told as it happened
    draw(told, rows(data), terminal)
    counts = {"done": data["done"], "failed": data["failed"], "left": data["not_tried"]}
    if data["dry_run"]:
        terminal.note(say("{done} would be done, {failed} would fail; nothing was done", **counts))
        return
    terminal.note(say("{done} done, {failed} failed, {left} not tried", **counts))
    for block, mark in ((data, " SANDBOX" if data.get("play_money") else ""), (data.get("play", {}), " SANDBOX")):
        for name, sentence in SUMS.items():
            sums = " + ".join(money(each) for each in block.get(name, ()))
            if sums:
                terminal.note(say(sentence, total=sums + mark))


#: sums of the report → how they are said
SUMS = {"charged": "charged in all: {total}", "unknown": "not known whether charged: {total}"}


VIEWS = {
    "order": View(COLUMNS, lambda data: [data["order"]], person),
    "transactions": View(COLUMNS, lambda data: data["transactions"], None, "no orders yet"),
    "bulk": View(BULK_COLUMNS, rows, bulk_card),
}
