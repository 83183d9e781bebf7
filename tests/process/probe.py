"""The program with one more command, `probe`, that does what no real command does on purpose: wait, crash, ask."""

import signal
import sys
from types import ModuleType
from typing import Annotated

import typer

from esimctl import cli
from esimctl.cli.shared import Run
from esimctl.cli.shared import command as declare
from esimctl.main import main


@declare(spends=True)
def command(run: Run, what: Annotated[str, typer.Argument(metavar="WHAT", help="What to do.")]) -> None:
    """Misbehave."""
    secret = "local-variable-secret"
    if what == "wait":
        run.terminal.complain("waiting")
        signal.pause()
    elif what == "crash":
        raise RuntimeError(f"LPA:1$smdp.example$SECRET-MATCHING-ID and {len(secret)}")
    elif what == "progress":
        run.terminal.write("before\n")
        run.terminal.progress("activating the line that was bought at the counter")
        signal.pause()
    elif what == "ask":
        run.terminal.write(f"{run.terminal.confirm('Buy it?', instead='esimctl probe ask --yes')}\n")
    elif what == "secret":
        run.terminal.write(f"{len(run.terminal.ask_secret('Code: ', instead='--code-stdin'))}\n")
    elif what == "large":
        for number in range(200_000):
            run.terminal.write(f"line {number}\n")
    elif what == "say":
        run.terminal.write("a result\n")
        run.terminal.note("a note")


def install() -> None:
    """Put the command into the table."""
    module = ModuleType("esimctl.cli.probe")
    module.command = command  # type: ignore[attr-defined]
    sys.modules["esimctl.cli.probe"] = module
    cli.COMMANDS["probe"] = cli.CommandRow("probe", cli.SETUP, "misbehave")


if __name__ == "__main__":
    install()
    sys.exit(main())
