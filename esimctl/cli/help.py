"""`esimctl help [COMMAND | TOPIC]`: the page of a command, or one that belongs to none."""

from typing import Annotated, Any

import typer

from esimctl.cli import CONTEXT, application
from esimctl.cli.shared import Run
from esimctl.cli.shared import command as declare
from esimctl.errors import UsageError
from esimctl.show.pages import PAGES, TOPICS, Contact
from esimctl.values.sentence import Raw, commas
from esimctl.values.text import nearest


@declare(examples=("esimctl help balance", "esimctl help plans list", "esimctl help refund"))
def command(
    run: Run,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COMMAND", help="A command, or a page: environment, exit-codes, formats, refund, password."
        ),
    ] = None,
) -> None:
    """Help on a command, or a page: environment, exit-codes, formats; refund and password for when you are stuck."""
    if words and len(words) == 1 and words[0] in TOPICS:
        run.terminal.write(TOPICS[words[0]](run.terminal.page_width))
        return
    if words and len(words) == 1 and words[0] in PAGES:
        from esimctl.market.carriers import hotlines

        known = [Contact(*row) for row in hotlines()]
        run.terminal.write(PAGES[words[0]](run.terminal.page_width, known))
        return
    run.terminal.write(_found(words or [], (*TOPICS, *PAGES)).get_help())


def _found(words: list[str], topics: tuple[str, ...]) -> Any:
    """The context of the command that the words name; UsageError with the nearest names for one that is not there."""
    node: Any = application()
    context: Any = node.context_class(node, info_name="esimctl", **CONTEXT)
    for at, word in enumerate(words):
        known = list(node.list_commands(context)) if hasattr(node, "list_commands") else []
        if word not in known:
            near = nearest(word, [*known, *(topics if at == 0 else ())])
            raise UsageError(
                "there is no help on {name!r}; did you mean {near}?" if near else "there is no help on {name!r}",
                hint="esimctl help",
                code="unknown_topic",
                name=Raw(" ".join(words[: at + 1])),
                near=commas(near),
            )
        node = node.get_command(context, word)
        context = node.context_class(node, info_name=word, parent=context)
    return context
