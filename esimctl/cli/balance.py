"""`esimctl balance`: what is left, until when, and what will be lost."""

from typing import Annotated

import typer

from esimctl.cli.shared import Run, Tags, lines_of
from esimctl.cli.shared import command as declare


@declare(
    lists=True,
    codes=(6, 69, 77, 78),
    examples=(
        "esimctl balance",
        "esimctl balance phone --refresh",
        "esimctl balance --tag router",
        "esimctl balance --json --cached",
    ),
)
def command(
    run: Run,
    lines: Annotated[
        list[str] | None, typer.Argument(metavar="[LINE]...", help="Lines; all, if none is named.")
    ] = None,
    refresh: Annotated[
        bool | None,
        typer.Option("--refresh/--cached", help="Ask the provider, or never ask.", show_default=False),
    ] = None,
    tags: Tags = None,
    explain: Annotated[bool, typer.Option("--explain", help="Tell the story of the data in order.")] = False,
) -> None:
    """What is left, until when, and what will be lost.

    Without --refresh or --cached the provider is asked when the last reading is older than its allowance.
    """
    from esimctl.advice.advised import advise
    from esimctl.usage.balance import balance

    session = run.session()
    if lines:  # what was named is shown
        run.terminal.every_row = True
    pictured = run.output == "table" and run.terminal.out_is_terminal
    chosen = tuple(dict.fromkeys(lines_of(session, lines, tags)))
    run.show(balance(session, chosen, advise=advise, refresh=refresh, explain=explain, pictured=pictured))
