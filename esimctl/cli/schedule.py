"""`esimctl schedule`: let cron, a systemd user timer or launchd run the rules."""

from typing import Annotated

import typer

from esimctl.cli.pages import Completes
from esimctl.cli.shared import CommandGroup, Run
from esimctl.cli.values import duration
from esimctl.show.words import say
from esimctl.values.moments import Duration

app = CommandGroup()
Using = Annotated[str | None, typer.Option(metavar="cron|systemd|launchd", help="Which scheduler.", show_default=False)]


@app.command(
    "install",
    codes=(75, 77, 78),
    examples=("esimctl schedule install", "esimctl schedule install --using cron --every 30min"),
)
def install(
    run: Run,
    using: Using = None,
    every: Annotated[
        Duration | None,
        typer.Option(parser=duration, metavar="D", help="How often (15min).", show_default=False),
        Completes("intervals"),
    ] = None,
    only_print: Annotated[bool, typer.Option("--print", help="Only show what would be installed.")] = False,
) -> None:
    """Install the run of this profile; repeated, it changes nothing. Other lines stay as they are.

    With --print the text goes to stdout as it would be installed, also into a pipe; --json wraps it.
    """
    from esimctl.setup import schedule

    result = schedule.install(run.session(), using, every, only_print=only_print)
    if only_print and run.output in {"table", "tsv"}:
        for row in result.data.schedules:
            run.terminal.write(row.text or "")
        for sentence in result.notes:
            run.terminal.note(say(sentence))
        return
    run.show(result)


@app.command("show", lists=True, codes=(78,), examples=("esimctl schedule show --check",))
def show(
    run: Run, check: Annotated[bool, typer.Option("--check", help="Say when it last ran and runs next.")] = False
) -> None:
    """Show what is installed."""
    from esimctl.setup import schedule

    run.show(schedule.show(run.session(), check=check))


@app.command("remove", codes=(75, 77, 78), examples=("esimctl schedule remove",))
def remove(run: Run, using: Using = None) -> None:
    """Take it out again, without a trace."""
    from esimctl.setup import schedule

    run.show(schedule.remove(run.session(), using))
