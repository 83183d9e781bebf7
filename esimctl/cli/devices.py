"""`esimctl devices`: can this phone take an eSIM?"""

from typing import Annotated

import typer

from esimctl.cli.shared import CommandGroup, Run

app = CommandGroup()


@app.command(
    "check",
    codes=(78,),
    document="device",
    examples=("esimctl devices check 'iPhone 13'", "esimctl devices check --eid 89049032123451234512345678901235"),
)
def check(
    run: Run,
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="Its name or code.", show_default=False)] = None,
    eid: Annotated[
        str | None, typer.Option(metavar="EID", help="The 32 digits that *#06# shows.", show_default=False)
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(
            metavar="mainland-china|hong-kong|macao|united-states|elsewhere",
            help="Where it was sold.",
            show_default=False,
        ),
    ] = None,
    locked: Annotated[bool, typer.Option("--locked", help="It is locked to a carrier.")] = False,
) -> None:
    """Answer yes, no or check-on-device, with the reason. The device itself is the authority: dial *#06#."""
    from esimctl.market import devices

    run.show(devices.check(run.session(), model, eid=eid, region=region, locked=locked))
