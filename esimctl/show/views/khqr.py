"""KHQR codes: who is paid comes before everything else; on a terminal the code is drawn."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.amounts import flat_money, local, money
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say

COLUMNS = (
    Column("payee", lambda r: r["payee"]["name"]),
    Column("city", lambda r: r["payee"]["city"]),
    Column("account", lambda r: r["payee"]["account"]),
    Column("amount", flat_money("amount"), lambda r: money(r["amount"])),
    Column("bill", lambda r: r["bill"]),
    Column("expires_at", lambda r: r["expires_at"], lambda r: local(r["expires_at"])),
    Column("state", lambda r: r["state"], lambda r: say(r["state"])),
    Column("md5", lambda r: r["md5"]),
    Column("payload", lambda r: r["payload"]),
)


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """Whom, where, how much, what for and until when; then the code, and its text."""
    code, put = data["khqr"], terminal.tell
    put(say("pays {name}, {city}", name=code["payee"]["name"], city=code["payee"]["city"]) + "\n")
    put(f"{code['payee']['account']}\n")
    asked = money(code["amount"]) if code["amount"] else say("any amount in {currency}", currency=code["currency"])
    put(say("amount: {amount}", amount=asked) + "\n")
    if code["bill"]:
        put(say("bill: {bill}", bill=code["bill"]) + "\n")
    if code["expires_at"]:
        put(say("expires: {time}", time=local(code["expires_at"])) + "\n")
    put(say("shown") + "\n")
    if terminal.out_is_terminal:
        from esimctl.show.views import qr

        qr.draw(code["payload"], terminal, "--png FILE")
        terminal.write(code["payload"] + "\n")


VIEWS = {"khqr": View(COLUMNS, lambda data: [data["khqr"]], person)}
