"""What to buy: the purchases with their dates, what they come to, and why."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.amounts import flat_money, local, money, octets, term
from esimctl.show.present import Column, View
from esimctl.show.terminal import Terminal
from esimctl.show.words import say

COLUMNS = (
    Column("at", lambda r: r["at"], lambda r: local(r["at"])),
    Column("plan", lambda r: r["plan"]),
    Column("price", flat_money("price"), lambda r: money(r["price"]), right=True),
    Column("converted", flat_money("converted"), lambda r: money(r["converted"]), right=True, shown=False),
    Column("data_bytes", lambda r: "unlimited" if r["data_bytes"] is None else r["data_bytes"],
           lambda r: octets(r["data_bytes"], unlimited=r["data_bytes"] is None), right=True),
    Column("validity", lambda r: r["validity"], lambda r: term(r["validity"])),
    Column("promotion", lambda r: r["promotion"], lambda r: r["promotion"] or ""),
    Column("provider", lambda r: r["provider"], shown=False),
)  # fmt: skip


def sentence(reason: Mapping[str, Any]) -> str:
    """A reason in the reader's language."""
    return say(reason["template"], **reason["values"])


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """The table, the total, the reasons, the runner-up, and what is not certain."""
    from esimctl.show.table import draw

    put = terminal.tell
    if data["purchases"]:
        draw([column for column in COLUMNS if column.shown], data["purchases"], terminal)
    wasted = octets(data["wasted_bytes"], unlimited=data["wasted_bytes"] is None)
    put(
        say(
            "total {total}; covers {covered} of {need}; {wasted} unused",
            total=money(data["total"]),
            covered=octets(data["covers_bytes"]),
            need=octets(data["need_bytes"]),
            wasted=wasted,
        )
        + "\n"
    )
    put(sentence(data["reason"]) + "\n")
    proven = (
        "proven: nothing cheaper covers it" if data["optimal"] else "the search was cut short: perhaps not the cheapest"
    )
    put(say(proven) + "\n")
    for rate in data["rates"]:
        put(say("converted at {rate}, your own rate", rate=rate) + "\n")
    other = data["runner_up"]
    if other is not None:
        plans = ", ".join(row["plan"] for row in other["purchases"][:6])
        put("\n" + say("next best: {plans}, {total}", plans=plans, total=money(other["total"])) + "\n")
        put(sentence(other["reason"]) + "\n")
    hope = data["if_generous"]
    if hope is not None:
        put("\n" + say("If the most generous claim on rollover held: {total}.", total=money(hope["total"])) + "\n")


VIEWS = {
    "recommendation": View(COLUMNS, lambda data: data["purchases"], person, "nothing on offer covers it"),
}
