"""`esimctl payments khqr`: a seller's code, looked at before you pay it."""

from typing import TYPE_CHECKING, Annotated

import typer

from esimctl.cli.pages import Completes
from esimctl.cli.shared import CommandGroup, Run
from esimctl.cli.values import money
from esimctl.values.money import Money

if TYPE_CHECKING:
    from esimctl.documents.result import Result
    from esimctl.documents.tracking import KhqrDocument

app = CommandGroup()
Code = Annotated[
    str,
    typer.Argument(metavar="CODE", help="The code's text, or a picture's file name; - is stdin."),
    Completes("files"),
]
Png = Annotated[str | None, typer.Option(metavar="FILE", help="Write a PNG.", show_default=False)]
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".pdf")


def text_of(run: Run, code: str) -> str:
    """The text of a code that was pasted, piped, or photographed."""
    if code == "-":
        return run.terminal.read_all(what="the code")
    if code.lower().endswith(PICTURES):
        from esimctl.providers.khqr import read_picture

        return read_picture(code)
    return code


def drawn(result: "Result[KhqrDocument]", png: str | None) -> None:
    """Write the code's picture where a file was named."""
    if png is not None:
        from esimctl.setup.khqr import hand_picture
        from esimctl.show.cards import qr

        hand_picture(png, qr.picture(result.data.khqr.payload, "png"))


@app.command(
    "show",
    codes=(2, 3, 5, 74, 78),
    document="khqr",
    examples=("esimctl payments khqr show shop.png", "esimctl payments khqr show - --amount 5USD < code.txt"),
)
def show(
    run: Run,
    code: Code,
    amount: Annotated[
        Money | None, typer.Option(parser=money, metavar="MONEY", help="What you expect to pay.", show_default=False)
    ] = None,
    payee: Annotated[
        str | None,
        typer.Option(
            metavar="PAYEE",
            help="Whom you expect to pay: ID@BANK, or a [payee] of profile.toml.",
            show_default=False,
        ),
    ] = None,
    png: Png = None,
) -> None:
    """Show whom a seller's code pays, where, how much and until when; refuse it where something is not right."""
    from esimctl.setup import khqr

    result = khqr.show(run.session(), text_of(run, code), amount=amount, payee=payee)
    drawn(result, png)
    run.show(result)
