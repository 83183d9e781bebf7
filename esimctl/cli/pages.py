"""Commands and groups as Typer builds them, with our own help pages, and the walk from the command tree to pages.

Typer's plain help knows neither our headings nor a reader's language, and it writes to stdout itself, where a closed
pipe would become exit 1; Rich help costs twice the time and draws boxes into cron's mail.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from esimctl.cli.reading import ReadWords
from esimctl.errors import UsageError
from esimctl.show.page import Page, Word, paragraphs, render
from esimctl.show.terminal import Terminal
from esimctl.values.sentence import Raw, commas
from esimctl.values.text import nearest

#: The options that `shared` puts on every command or on every list: the page `options` has them.
COMMON = (
    "output", "json", "profile", "quiet", "verbose", "color", "columns", "header", "limit", "all", "no_pager", "help",
)  # fmt: skip


class Completes:
    """Beside the metavar in a declaration: the kind that TAB offers there, None for nothing.

    `Annotated[str, typer.Option(metavar="NAME", help="Remove one."), Completes("targets")]`. Needed where the metavar
    has no kind of its own in `complete.KINDS`, or means another one elsewhere.
    """

    __slots__ = ("kind",)

    def __init__(self, kind: str | None) -> None:
        self.kind = kind


class _Paged:
    """What commands and groups have in common: a help option of our own, and pages instead of formatters."""

    def get_help(self, ctx: Any) -> str:
        """The page on one screen, as it is also shown where a command is missing."""
        from esimctl.show.screen import screen

        return screen(page_of(self, ctx), Terminal().page_width)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Remember which of `-h` and `--help` was given: they are one option for Typer, and two lengths of one page."""
        ctx.meta[WHOLE] = "--help" in args
        return super().parse_args(ctx, args)  # type: ignore[misc, no-any-return]

    def get_help_option(self, ctx: Any) -> Any:
        """The `--help` option, whose page goes through the terminal object like every other answer."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.callback = _show_help
            option.help = "Show help: -h on one screen, --help in full."
        return option


#: where a context keeps whether the whole page was asked for
WHOLE = "esimctl.whole_page"


def whole_page(ctx: Any) -> str:
    """The whole page of a context's command, for the width of the terminal."""
    return render(page_of(ctx.command, ctx), Terminal().page_width)


def _show_help(ctx: Any, _parameter: Any, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    terminal = Terminal()
    terminal.write(whole_page(ctx) if ctx.meta[WHOLE] else ctx.get_help())
    terminal.flush()
    raise typer.Exit(0)


class PagedCommand(_Paged, TyperCommand):
    """A command with a help page of ours, whose words are looked at before their values are read."""

    def make_parser(self, ctx: Any) -> Any:
        """Typer's parser, with what `ReadWords` finds in its answer."""
        return ReadWords(super().make_parser(ctx), self, ctx)


class PagedGroup(_Paged, TyperGroup):
    """A group with a help page of ours, and a suggestion for a mistyped command."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that was typed; an unknown one is refused with the nearest names, and never run."""
        name = args[0]
        if not name.startswith("-") and name not in self.commands:
            near = nearest(name, list(self.list_commands(ctx)))
            raise UsageError(
                "there is no command {name!r}; did you mean {near}?" if near else "there is no command {name!r}",
                hint="{path} --help",
                code="unknown_command",
                name=Raw(name),
                near=commas(near),
                path=ctx.command_path,
            )
        return super().resolve_command(ctx, args)


@cache
def _kinds() -> Mapping[str, str]:
    """Metavar → the kind that it means."""
    from esimctl.complete import KINDS

    return {metavar: kind for kind, row in KINDS.items() for metavar in row.metavars}


def word_of(parameter: Any, declared: Iterable[object] = ()) -> Word:
    """One parameter as data, with what stands beside it in its declaration. A metavar of the form `a|b` lists the words
    that are allowed.
    """
    is_option = parameter.param_type_name == "option"
    flag = is_option and (parameter.is_flag or parameter.count)
    metavar = None if flag else (parameter.metavar or (parameter.name or "").upper()).strip("[]{}.… ")
    usual = _kinds().get(metavar or "")
    kind = next((each.kind for each in declared if isinstance(each, Completes)), usual)
    choices = tuple(metavar.split("|")) if metavar and "|" in metavar and kind is None else ()
    default = parameter.default
    shown = getattr(parameter, "show_default", False)
    return Word(
        names=(*_long_first(parameter.opts), *_long_first(parameter.secondary_opts)) if is_option else (),
        value=metavar,
        help=parameter.help or "",
        required=bool(parameter.required),
        many=parameter.nargs != 1 or bool(getattr(parameter, "multiple", False)),
        common=parameter.name in COMMON,
        kind=kind,
        choices=choices,
        default=str(default)
        if shown and default not in (None, False, True, (), []) and not callable(default)
        else None,
    )


def _long_first(names: list[str]) -> list[str]:
    """The names in an order of their own: Typer keeps those of the help option in a set."""
    return sorted(names, key=len, reverse=True)


def columns_of(path: tuple[str, ...], document: str | None) -> tuple[str, ...]:
    """The columns of the list that a command shows: `plans list` shows `plans`, unless the command says otherwise."""
    from esimctl.show.present import view_of

    return tuple(column.name for column in view_of(document or path[1]).columns)


def page_of(command: Any, ctx: Any) -> Page:
    """The page of one command or group, without its children."""
    path = tuple(ctx.command_path.split())
    parameters = [one for one in command.get_params(ctx) if not getattr(one, "hidden", False)]
    declared = getattr(command.callback, "declared", None)
    annotated = declared.function.__annotations__ if declared is not None else {}

    def words(of: str) -> tuple[Word, ...]:
        own = [one for one in parameters if one.param_type_name == of]
        return tuple(word_of(one, getattr(annotated.get(one.name), "__metadata__", ())) for one in own)

    return Page(
        path=path,
        summary=command.help or "",
        arguments=words("argument"),
        options=words("option"),
        commands=_listed(command, ctx),
        examples=declared.examples if declared is not None else getattr(command, "examples", ()),
        codes=declared.exit_codes if declared is not None else (),
        closing=command.epilog or "",
        hidden=bool(command.hidden),
        first=declared.first if declared is not None else (),
    )


def _listed(command: Any, ctx: Any) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    if not hasattr(command, "list_commands"):
        return ()
    headed = getattr(command, "headed_commands", None)
    if headed is not None:
        return tuple(headed())
    pairs = []
    for name in command.list_commands(ctx):
        child = command.get_command(ctx, name)
        if not child.hidden:
            pairs.append((name, paragraphs(child.help or "")[0]))
    return (("Commands", tuple(pairs)),)


#: kind → its words, which the command tree knows
OfTheTree = Mapping[str, Callable[[], Iterable[str]]]


def pages(root: Any) -> Iterator[Page]:
    """Every page of the program, the root first, in the order of the help, with the words that a value is chosen from.

    Loads every command's module.
    """
    from esimctl.show.pages import NAMES

    def commands() -> Iterable[str]:
        return (*(name for _, pairs in root.headed_commands() for name, _ in pairs), *NAMES)

    def walk(command: Any, parent: Any, name: str) -> Iterator[Page]:
        ctx = command.context_class(command, info_name=name, parent=parent, **command.context_settings)
        page = page_of(command, ctx)
        declared = getattr(command.callback, "declared", None)
        if not page.hidden:
            columns = partial(columns_of, page.path, declared.document if declared is not None else None)
            known: OfTheTree = {"commands": commands, "columns": columns}
            yield page._replace(
                arguments=tuple(_with_choices(word, known) for word in page.arguments),
                options=tuple(_with_choices(word, known) for word in page.options),
            )
        if hasattr(command, "list_commands"):
            for child in command.list_commands(ctx):
                yield from walk(command.get_command(ctx, child), ctx, child)

    yield from walk(root, None, "esimctl")


def _with_choices(word: Word, of_the_tree: OfTheTree) -> Word:
    """The word with all its values where its kind is closed: a page of help alone has no need of them."""
    from esimctl.complete import KINDS

    if word.kind is None:
        return word
    known = of_the_tree.get(word.kind) or KINDS[word.kind].closed
    return word if known is None else word._replace(choices=tuple(known()))
