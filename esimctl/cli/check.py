"""`esimctl check`: what is left, for monitors."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from esimctl.cli.shared import Run, Tags, lines_of
from esimctl.cli.shared import command as declare
from esimctl.cli.values import duration, volume
from esimctl.documents.result import Result
from esimctl.values.moments import Duration

if TYPE_CHECKING:
    from esimctl.records.check import Never


def reading_age(text: str) -> "Duration | str":
    """A `--max-reading-age` value: `2d`, or `none`."""
    return "none" if text.strip().lower() == "none" else duration(text)


@declare(
    lists=True,
    codes=(6, 20, 78),
    examples=(
        "esimctl check",
        "esimctl check phone --below 500MB --expires-within 3d",
        "esimctl check --tag router --plugin --max-reading-age none",
    ),
)
def command(
    run: Run,
    lines: Annotated[
        list[str] | None, typer.Argument(metavar="[LINE ...]", help="Lines; all, if none is named.", show_default=False)
    ] = None,
    below: Annotated[
        int | None,
        typer.Option(
            parser=volume, metavar="V", help="Warn when less than this is left (e.g. 500MB).", show_default=False
        ),
    ] = None,
    expires_within: Annotated[
        Duration | None,
        typer.Option(
            parser=duration,
            metavar="D",
            help="Warn when a plan ends within this time (e.g. 3d).",
            show_default=False,
        ),
    ] = None,
    max_reading_age: Annotated[
        object,
        typer.Option(
            parser=reading_age,
            metavar="D",
            help="Warn when the last reading is older (e.g. 2d); none: never warn.",
            show_default=False,
        ),
    ] = None,
    refresh: Annotated[
        bool | None,
        typer.Option("--refresh/--cached", help="Ask the provider, or never ask.", show_default=False),
    ] = None,
    tags: Tags = None,
    plugin: Annotated[bool, typer.Option("--plugin", help="One line and 0, 1, 2 or 3, for Nagios and Icinga.")] = False,
) -> None:
    """Say which lines need attention (exit 20); silent and 0 in a pipe when all is well.

    Exit 6 where the journal is not all there is: damaged, gone, cut or replaced by an older copy.
    """
    from esimctl.records.check import check

    session = run.session()
    names = lines_of(session, lines, tags)
    age = cast("Duration | Never | None", max_reading_age)
    result = check(session, names, below=below, within=expires_within, max_age=age, refresh=refresh, plugin=plugin)
    if not plugin:
        run.show(result)
        return
    if run.form_named and run.output == "json":
        run.show(Result(result.name, result.data, notes=result.notes))
    else:
        from esimctl.show.cards.check import plugin_line

        run.terminal.write(plugin_line(result.data, below) + "\n")
    run.terminal.flush()
    if result.data.plugin:
        raise typer.Exit(int(result.data.plugin.exit_code))
