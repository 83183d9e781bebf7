"""`esimctl payments khqr`: a seller's code before you pay, a code of your own, and whether it was paid."""

from typing import TYPE_CHECKING, Annotated

import typer

from esimctl.charging.money import Money
from esimctl.cli.by_hand import reference
from esimctl.cli.shared import Group, Run, money

if TYPE_CHECKING:
    from esimctl.actions.result import Result

app = Group()
Code = Annotated[str, typer.Argument(metavar="CODE", help="The code's text, or a picture's file name; - is stdin.")]
Png = Annotated[str | None, typer.Option(metavar="FILE", help="Write a PNG.", show_default=False)]
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".pdf")


def text_of(run: Run, code: str) -> str:
    """The text of a code that was pasted, piped, or photographed."""
    if code == "-":
        return run.terminal.read_all(what="the code")
    if code.lower().endswith(PICTURES):
        from esimctl.actions.payments.pictures import text_in

        return text_in(code)
    return code


def drawn(result: "Result", png: str | None) -> None:
    """Write the code's picture where a file was named."""
    if png is not None:
        from esimctl.actions.payments.pictures import hand_picture
        from esimctl.show.views import qr

        hand_picture(png, qr.picture(result.data["khqr"]["payload"], "png"))


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
        str | None, typer.Option(metavar="PAYEE", help="Whom you expect to pay.", show_default=False)
    ] = None,
    png: Png = None,
) -> None:
    """Show whom a seller's code pays, where, how much and until when; refuse it where something is not right."""
    from esimctl.actions.payments import khqr

    result = khqr.show(run.session(), text_of(run, code), amount=amount, payee=payee)
    drawn(result, png)
    run.show(result)


@app.command(
    "payee",
    codes=(6, 75, 77, 78),
    document="payee",
    examples=("esimctl payments khqr payee family --account dara@abaa --shown 'Dara Sok' --city 'Phnom Penh'",),
)
def payee(
    run: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Your name for it.")],
    account: Annotated[str, typer.Option(metavar="ID@BANK", help="The Bakong account.")],
    shown: Annotated[str, typer.Option(metavar="TEXT", help="The name that a payer sees.")],
    city: Annotated[str, typer.Option(metavar="TEXT", help="The payee's city.")] = "Phnom Penh",
    merchant_id: Annotated[
        str | None, typer.Option(metavar="ID", help="For a merchant's account.", show_default=False)
    ] = None,
    bank: Annotated[str | None, typer.Option(metavar="TEXT", help="The bank's name.", show_default=False)] = None,
) -> None:
    """Set up whom your codes pay: a family pot, a shop, a reseller."""
    from esimctl.actions.payments import khqr

    run.show(khqr.add_payee(run.session(), name, account, shown, city, merchant_id, bank))


@app.command(
    "make",
    codes=(6, 74, 75, 77, 78),
    document="khqr",
    examples=("esimctl payments khqr make family 5USD", "esimctl payments khqr make shop 20000KHR --png pay.png"),
)
def make(
    run: Run,
    name: Annotated[str, typer.Argument(metavar="PAYEE", help="Whom it pays.")],
    amount: Annotated[Money, typer.Argument(parser=money, metavar="MONEY", help="How much.")],
    bill: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A bill number (default: one of its own).", show_default=False)
    ] = None,
    minutes: Annotated[int, typer.Option(metavar="N", min=1, max=10, help="How long it can be paid.")] = 10,
    png: Png = None,
) -> None:
    """Draw a code that pays somebody you set up, with a bill number of its own. It never pays a carrier."""
    from esimctl.actions.payments import khqr

    result = khqr.make(run.session(), name, amount, bill=bill, minutes=minutes)
    drawn(result, png)
    run.show(result)


@app.command(
    "check",
    codes=(2, 3, 4, 20, 69, 76, 77, 78),
    document="khqr",
    examples=("esimctl payments khqr check - < code.txt", "esimctl payments khqr check - --paid 'slip 42' < code.txt"),
)
def check(
    run: Run,
    code: Code,
    paid: Annotated[
        str | None,
        typer.Option(metavar="REFERENCE", help="You say yourself that it was paid.", show_default=False),
    ] = None,
) -> None:
    """Ask the bank whether a code was paid (needs ESIMCTL_BAKONG_TOKEN), or say it yourself with a reference."""
    from esimctl.actions.payments import khqr

    said = None if paid is None else reference(paid)
    run.show(khqr.check(run.session(), text_of(run, code), said=said))
