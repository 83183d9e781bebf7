"""`esimctl check`: what is left, for monitors."""

from typing import Annotated

import typer

from esimctl.cli.shared import Run, Tags, lines_of
from esimctl.cli.shared import command as declare
from esimctl.cli.values import duration, volume
from esimctl.documents.result import Result
from esimctl.values.moments import Duration


@declare(
    lists=True,
    codes=(6, 20, 78),
    examples=(
        "esimctl check",
        "esimctl check phone --below 500MB --expires-within 3d",
        "esimctl check --tag router --plugin",
    ),
)
def command(
    run: Run,
    lines: Annotated[
        list[str] | None, typer.Argument(metavar="[LINE ...]", help="Lines; all, if none is named.", show_default=False)
    ] = None,
    below: Annotated[
        int | None, typer.Option(parser=volume, metavar="V", help="Less than this is too little.", show_default=False)
    ] = None,
    expires_within: Annotated[
        Duration | None, typer.Option(parser=duration, metavar="D", help="So near is its end.", show_default=False)
    ] = None,
    refresh: Annotated[
        bool | None,
        typer.Option("--refresh/--cached", help="Ask the provider, or never ask.", show_default=False),
    ] = None,
    tags: Tags = None,
    plugin: Annotated[bool, typer.Option("--plugin", help="One line and 0, 1, 2 or 3, for Nagios and Icinga.")] = False,
) -> None:
    """Exit 20 when a line needs attention, with one line that says why; silent and 0 when all is well.

    Exit 6 where the journal is not all there is: damaged, gone, cut or replaced by an older copy.
    """
    from esimctl.records.check import check

    session = run.session()
    names = lines_of(session, lines, tags)
    result = check(session, names, below=below, within=expires_within, refresh=refresh, plugin=plugin)
    if not plugin:
        run.show(result)
        return
    if run.form_named and run.output == "json":
        run.show(Result(result.name, result.data, notes=result.notes))
    else:
        from esimctl.show.cards.check import plugin_line

        run.terminal.write(plugin_line(result.data) + "\n")
    run.terminal.flush()
    if result.data.plugin:
        raise typer.Exit(int(result.data.plugin.exit_code))
