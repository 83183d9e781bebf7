"""`esimctl transactions`: orders and what became of them."""

from typing import Annotated

import typer

from esimctl.cli.shared import Group, Run

app = Group()


@app.command(
    "list",
    lists=True,
    codes=(6, 78),
    examples=("esimctl transactions list --since 2026-11-01", "esimctl transactions list --state unknown"),
)
def list_transactions(
    run: Run,
    line: Annotated[str | None, typer.Option(metavar="LINE", help="Of this line.", show_default=False)] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="From then on.", show_default=False)] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Before then.", show_default=False)] = None,
    state: Annotated[str | None, typer.Option(metavar="STATE", help="In this state.", show_default=False)] = None,
) -> None:
    """List every order, refused and cancelled ones too."""
    from esimctl.actions import transactions

    run.show(transactions.list_transactions(run.session(), line=line, since=since, until=until, state=state))


@app.command("show", codes=(6, 78), examples=("esimctl transactions show 261120-1a2b3c4d",))
def show_transaction(run: Run, order: Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")]) -> None:
    """Show one order."""
    from esimctl.actions import transactions

    run.show(transactions.show_transaction(run.session(), order))
