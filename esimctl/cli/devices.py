"""`esimctl devices`: can this phone take an eSIM?"""

from typing import Annotated

import typer

from esimctl.cli.shared import Group, Run

app = Group()


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
    from esimctl.actions.market import devices

    run.show(devices.check(run.session(), model, eid=eid, region=region, locked=locked))


@app.command(
    "add",
    codes=(6, 75, 77, 78),
    document="device",
    examples=("esimctl devices add pixel --esim yes --note 'EID seen'",),
)
def add(
    run: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The device.")],
    esim: Annotated[str, typer.Option(metavar="yes|no|check-on-device", help="What you found out.")],
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="How you know.", show_default=False)] = None,
) -> None:
    """Record what you found out about a device; it counts more than the table."""
    from esimctl.actions.market import devices

    run.show(devices.add(run.session(), name, esim, note))


@app.command(
    "import",
    lists=True,
    document="import",
    codes=(6, 20, 75, 77, 78),
    examples=("esimctl devices import my-devices.toml", "esimctl devices import compatible-devices.json --as airalo"),
)
def import_devices(
    run: Run,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="TOML rows [device.ID], or a seller's list as JSON.")],
    name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Keep it under this name.", show_default=False)
    ] = None,
) -> None:
    """Take a list of devices into the catalogue; its rows win over the table that comes along.

    esimctl plans import --remove NAME takes it away again.
    """
    from pathlib import PurePath

    from esimctl.actions.given import LONGEST
    from esimctl.actions.market.device_lists import import_list
    from esimctl.cli.given import given

    text = given(run, file, "the list", LONGEST).whole()
    run.show(import_list(run.session(), text, "stdin" if file == "-" else PurePath(file).name, name))


@app.command("list", lists=True, codes=(78,), document="devices", examples=("esimctl devices list pixel",))
def list_devices(
    run: Run,
    words: Annotated[str | None, typer.Argument(metavar="WORDS", help="Part of the name.", show_default=False)] = None,
) -> None:
    """List your own records and the table, each with its source."""
    from esimctl.actions.market import devices

    run.show(devices.list_devices(run.session(), words))
