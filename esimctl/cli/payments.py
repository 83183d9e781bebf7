"""`esimctl payments`: payment methods."""

from typing import Annotated

import typer

from esimctl.cli.khqr import app as khqr
from esimctl.cli.pages import Completes
from esimctl.cli.shared import CommandGroup, Run

app = CommandGroup()
app.app.add_typer(khqr.app, name="khqr", help="A seller's KHQR code before you pay it.")
Method = Annotated[str, typer.Argument(metavar="METHOD", help="The payment method.")]


@app.command("list", lists=True, codes=(78,), examples=("esimctl payments list",))
def list_payments(run: Run) -> None:
    """List the payment methods, the defaults marked."""
    from esimctl.setup import payments

    run.show(payments.list_payments(run.session()))


@app.command(
    "add", codes=(75, 77, 78), examples=("esimctl payments add visa --kind credit-card --reference 'the blue one'",)
)
def add_payment(
    run: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name for it.")],
    kind: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="credit-card, debit-card, paypal, alipay, bank-transfer, e-wallet, khqr, cash, provider-balance or "
            "main-balance.",
        ),
        Completes("payment-kinds"),
    ],
    provider: Annotated[
        str | None,
        typer.Option(metavar="PROVIDER", help="Only for this provider.", show_default=False),
        Completes("accounts"),
    ] = None,
    reference: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What tells you which it is; no card number.", show_default=False)
    ] = None,
) -> None:
    """Add a payment method: a name and a reference, never card data."""
    from esimctl.setup import payments

    run.show(payments.add_payment(run.session(), name, kind, provider=provider, reference=reference))


@app.command("remove", codes=(75, 77, 78), examples=("esimctl payments remove visa",))
def remove_payment(run: Run, method: Method) -> None:
    """Remove a payment method."""
    from esimctl.setup import payments

    run.show(payments.remove_payment(run.session(), method))


@app.command("default", codes=(75, 77, 78), examples=("esimctl payments default visa",))
def default_payment(run: Run, method: Method) -> None:
    """Make a payment method the default."""
    from esimctl.setup import payments

    run.show(payments.default_payment(run.session(), method))
