"""`esimctl promotions`: when they hold and for whom."""

from typing import Annotated

import typer

from esimctl.cli.shared import CommandGroup, Run

app = CommandGroup()


@app.command("list", lists=True, codes=(78,), examples=("esimctl promotions list --provider sandbox",))
def list_promotions(
    run: Run,
    carrier: Annotated[str | None, typer.Option(metavar="CARRIER", help="Of this carrier.", show_default=False)] = None,
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="For this plan.", show_default=False)] = None,
    provider: Annotated[
        str | None,
        typer.Option(metavar="PROVIDER", help="Who offers them; sandbox: the demo ones.", show_default=False),
    ] = None,
) -> None:
    """List the promotions that hold today, with --all also those that are over or have not begun.

    buy and renew take one with --promotion.
    """
    from esimctl.market import promotions

    everything = run.terminal.every_row
    run.show(
        promotions.list_promotions(run.session(), carrier=carrier, plan=plan, provider=provider, everything=everything)
    )
