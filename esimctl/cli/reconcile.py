"""`esimctl reconcile`: settle what is open and compare the books with the providers'."""

from typing import Annotated

import typer

from esimctl.cli.pages import Completes
from esimctl.cli.shared import Run, Wait
from esimctl.cli.shared import command as declare


@declare(
    codes=(4, 6, 20, 69, 75, 76, 77, 78),
    examples=("esimctl reconcile", "esimctl reconcile --json", "esimctl reconcile --acknowledge all"),
)
def command(
    run: Run,
    acknowledge: Annotated[
        list[str] | None,
        typer.Option(
            "--acknowledge", metavar="ORDER", help="You looked at it: its number, all, or journal.", show_default=False
        ),
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", metavar="PROVIDER", help="Take this account's balance as right.", show_default=False),
        Completes("accounts"),
    ] = None,
    wait: Wait = None,
) -> None:
    """Settle every open order against its provider, and compare orders, charges and balances with its books.

    Where the provider honours keys, an order that never arrived may be sent again, byte for byte. A journal that lacks
    what was written here counts as it is once the comparison is clean, or with --acknowledge journal.
    """
    from esimctl.profile.opened import wait_seconds
    from esimctl.purchase.reconcile import reconcile

    run.show(
        reconcile(
            run.session(), wait=wait_seconds(wait), accept=tuple(accept or ()), acknowledged=tuple(acknowledge or ())
        )
    )
