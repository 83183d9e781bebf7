"""`esimctl completion SHELL`: the completion script of a shell, on stdout. No file of anybody's is touched."""

from typing import Annotated

import typer

from esimctl.cli import application
from esimctl.cli.pages import pages
from esimctl.cli.shared import Run
from esimctl.cli.shared import command as declare
from esimctl.errors import UsageError
from esimctl.show.completions import SHELLS
from esimctl.show.completions.tree import Tree
from esimctl.values.sentence import Raw, commas


@declare(
    examples=(
        "esimctl completion bash > ~/.local/share/bash-completion/completions/esimctl",
        "esimctl completion zsh > ~/.zfunc/_esimctl",
        "esimctl completion fish > ~/.config/fish/completions/esimctl.fish",
    ),
)
def command(
    run: Run, shell: Annotated[str, typer.Argument(metavar="|".join(SHELLS), help="The shell.", show_default=False)]
) -> None:
    """Print the completion script of a shell. Put it where the shell looks for it; no file of yours is changed."""
    if shell not in SHELLS:
        raise UsageError(
            "there is no completion for {shell!r}; there is: {shells}", shell=Raw(shell), shells=commas(SHELLS)
        )
    run.terminal.write(script(shell))


def script(shell: str) -> str:
    """The script of a shell, from every page of the program."""
    return SHELLS[shell](Tree(pages(application())))
