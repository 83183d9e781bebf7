"""`esimctl help [COMMAND | TOPIC]`: the page of a command, or one that belongs to none."""

from typing import Annotated, Any

import typer

from esimctl.cli import CONTEXT, application
from esimctl.cli.pages import PagedGroup, page_of, whole_page
from esimctl.cli.shared import Run
from esimctl.cli.shared import command as declare
from esimctl.errors import UsageError
from esimctl.show import pages
from esimctl.show.page import Word
from esimctl.values.sentence import Raw, commas
from esimctl.values.text import nearest


@declare(examples=("esimctl help balance", "esimctl help plans list", "esimctl help refund"))
def command(
    run: Run,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COMMAND",
            help="A command, or a page: environment, exit-codes, formats, options, refund, password.",
        ),
    ] = None,
) -> None:
    """Show the whole help of a command, or a page: environment, exit-codes, formats, options, refund, password."""
    width = run.terminal.page_width
    name = words[0] if words and len(words) == 1 else ""
    if name in pages.TOPICS:
        run.terminal.write(pages.TOPICS[name](width))
    elif name == pages.OPTIONS:
        run.terminal.write(pages.options(width, *common_options()))
    elif name in pages.PAGES:
        from esimctl.market.carriers import hotlines

        run.terminal.write(pages.PAGES[name](width, [pages.Contact(*row) for row in hotlines()]))
    else:
        run.terminal.write(whole_page(_found(words or [], pages.NAMES)))


def common_options() -> tuple[list[Word], list[Word], list[Word]]:
    """The options of every command, those that lists have beside them, and those of commands that spend."""
    app = typer.Typer(cls=PagedGroup, rich_markup_mode=None, add_completion=False)
    kinds: dict[str, dict[str, bool]] = {"every": {}, "lists": {"lists": True}, "spends": {"spends": True}}
    for kind, given in kinds.items():
        declare(**given)(_nothing).attach(app, kind)
    group: Any = typer.main.get_command(app)
    context = group.context_class(group, info_name="esimctl", **CONTEXT)
    every, lists, spends = (list(page_of(group.commands[kind], context).options) for kind in kinds)
    return every, [word for word in lists if word not in every], [word for word in spends if word not in every]


def _nothing(_run: Run) -> None:
    """A command without options of its own."""


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
