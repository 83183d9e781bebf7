"""An audit: every finding with its evidence and the sentence for support."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.amounts import flat_money, local, money
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say
from esimctl.text import clean

COLUMNS = (
    Column("kind", lambda r: r["kind"]),
    Column("provider", lambda r: r["provider"]),
    Column("line", lambda r: r["line"]),
    Column("orders", lambda r: ",".join(r["orders"])),
    Column("provider_orders", lambda r: ",".join(r["provider_orders"])),
    Column("amount", flat_money("amount"), lambda r: money(r["amount"]), right=True),
    Column("support", lambda r: r["support"]),
    Column("refund_by", lambda r: r["refund_by"], lambda r: local(r["refund_by"]), shown=False),
    Column("cancel_by", lambda r: r["cancel_by"], lambda r: local(r["cancel_by"]), shown=False),
    Column("next", lambda r: r["next"], shown=False),
    Column("play_money", lambda r: r["play_money"], shown=False, sheet=True),
)

#: deadline → the sentence for it
TEXTS = {
    "refund_by": "a refund can be asked for until {time}",
    "cancel_by": "it can be cancelled until {time}",
}
HEADS = {
    "duplicate_charge": "charged more than once",
    "failed_charge": "the payment failed",
    "charged_not_delivered": "charged, but not delivered",
    "foreign_order": "an order of somebody else",
    "amount_differs": "another amount than agreed",
    "unknown_outcome": "nobody knows whether it was charged",
}


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """A block for each finding; the good news is one sentence."""
    put = terminal.tell
    for row in data["overage"]:
        spent = {"line": clean(row["line"]), "money": money(row["amount"]), "time": local(row["at"])}
        told = say("overage: the main balance of {line} paid {money}, known at {time}", **spent)
        put(told + ("  SANDBOX" if row["play_money"] else "") + "\n")
    if not data["findings"]:
        put(say("every charge was meant, once, and delivered") + "\n")
        return
    for place, finding in enumerate(data["findings"]):
        names = ", ".join([*finding["orders"], *finding["provider_orders"]]) or finding["provider"]
        put(("\n" if place else "") + f"{say(HEADS[finding['kind']])}: {clean(names)}  {money(finding['amount'])}\n")
        for row in finding["evidence"]:
            put(f"  {local(row['at'])}  {say(row['source'])}: {clean(row['says'])}\n")
        put("  " + say("to support: {sentence}", sentence=finding["support"]) + "\n")
        for field, sentence in TEXTS.items():
            if finding[field]:
                put("  " + say(sentence, time=local(finding[field])) + "\n")
        put("  " + say("next: {command}", command=finding["next"]) + "\n")
    put("\n" + say("The whole case in one file: esimctl transactions audit --bundle case.tar.gz") + "\n")
    put(say("Looked at and done with: esimctl reconcile --acknowledge ORDER") + "\n")


VIEWS = {"audit": View(COLUMNS, lambda data: data["findings"], person, "no findings")}
