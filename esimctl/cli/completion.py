"""`esimctl completion SHELL`: the completion script of a shell, on stdout. No file of anybody's is touched."""

from typing import TYPE_CHECKING, Annotated

import typer

from esimctl.cli import application
from esimctl.cli.pages import pages
from esimctl.cli.shared import Run
from esimctl.cli.shared import command as declare
from esimctl.errors import UsageError
from esimctl.values.sentence import Raw, commas

if TYPE_CHECKING:
    from esimctl.show.completions.tree import Tree

SHELLS = ("bash", "zsh", "fish")


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
    from esimctl.show.completions import SHELLS as SCRIPTS

    return SCRIPTS[shell](tree())


def tree() -> "Tree":
    """The command tree, with the closed lists in it."""
    from esimctl.documents.schemas import names
    from esimctl.setup.closed_lists import closed
    from esimctl.show.completions.tree import Tree
    from esimctl.show.pages import PAGES, TOPICS

    every = tuple(pages(application()))
    commands = [name for _, pairs in every[0].commands for name, _ in pairs]
    return Tree(every, {"commands": (*commands, *TOPICS, *PAGES), "documents": tuple(names()), **closed()})
