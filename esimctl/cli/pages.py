"""Commands and groups as Typer builds them, with our own help pages, and the walk from the command tree to pages.

Typer's plain help knows neither our headings nor a reader's language, and it writes to stdout itself, where a closed
pipe would become exit 1; Rich help costs twice the time and draws boxes into cron's mail.
"""

from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from esimctl.cli.reading import Words
from esimctl.errors import UsageError
from esimctl.show.page import Page, Word, paragraphs, render
from esimctl.values.sentence import Raw, commas
from esimctl.values.text import nearest

#: metavar → what is completed for it: `files` by the shell, a closed list by the script, the rest by the program
#: (`esimctl __complete KIND`). A metavar that is not here is a value of the person's own.
KINDS = {
    "PLAN": "plans",
    "LINE": "lines",
    "LINE2": "lines",
    "METHOD": "methods",
    "PROVIDER": "providers",
    "P": "providers",
    "PROFILE": "profiles",
    "RULE": "rules",
    "ORDER": "orders",
    "CARRIER": "carriers",
    "CARRIER[/PLAN": "policies",
    "TAG": "tags",
    "NEW-TAG": "tags",
    "CODE": "promotions",
    "PAYEE": "payees",
    "PATTERN": "patterns",
    "MODEL": "devices",
    "WHO": "owners",
    "KH": "countries",
    "COLUMNS": "columns",
    "FAULT": "faults",
    "FILE": "files",
    "SCENARIO.toml": "files",
    "FILE|-": "files",
    "FILE|FOLDER": "files",
    "COMMAND": "commands",
    "DOCUMENT": "documents",
    "STATE": "states",
    "TOPIC": "topics",
    "CURRENCY": "currencies",
}
#: the same for one parameter of one command, where the metavar says another thing elsewhere; None: nothing
PLACES = {
    "autotopup set --rule": "rules",
    "autotopup targets --remove": "targets",
    "autotopup targets --test": "targets",
    "buy --name": None,
    "payments add --kind": "payment-kinds",
    "payments add --provider": "accounts",
    "payments khqr show CODE": "files",
    "plans diff AFTER": "files",
    "plans diff BEFORE": "files",
    "plans import --remove": "catalogues",
    "plans refresh PROVIDER": "accounts",
    "providers add KIND": "vendors",
    "providers check PROVIDER": "accounts",
    "providers login PROVIDER": "accounts",
    "providers remove PROVIDER": "accounts",
    "providers trust NAME": "trusted",
    "reconcile --accept": "accounts",
    "schedule install --every": "intervals",
    "usage modem --code": None,
}

#: The options that `shared` puts on every command; their section stands last.
COMMON = ("output", "json", "profile", "quiet", "verbose", "color", "columns", "header", "limit", "help")


class _Paged:
    """What commands and groups have in common: a help option of our own, and pages instead of formatters."""

    def get_help(self, ctx: Any) -> str:
        """The help page as text, for the width of the terminal."""
        from esimctl.show.terminal import Terminal

        return render(page_of(self, ctx), Terminal().page_width)

    def get_help_option(self, ctx: Any) -> Any:
        """The `--help` option, whose page goes through the terminal object like every other answer."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.callback = _show_help
            option.help = "Show this page."
        return option


def _show_help(ctx: Any, _parameter: Any, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from esimctl.show.terminal import Terminal

    terminal = Terminal()
    terminal.write(ctx.get_help())
    terminal.flush()
    raise typer.Exit(0)


class PagedCommand(_Paged, TyperCommand):
    """A command with a help page of ours, whose words are looked at before their values are read."""

    def make_parser(self, ctx: Any) -> Any:
        """Typer's parser, with what `Words` finds in its answer."""
        return Words(super().make_parser(ctx), self, ctx)


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


def word_of(parameter: Any, path: tuple[str, ...] = ()) -> Word:
    """One parameter of the command `path` as data. A metavar of the form `a|b` lists the words that are allowed."""
    is_option = parameter.param_type_name == "option"
    flag = is_option and (parameter.is_flag or parameter.count)
    metavar = None if flag else (parameter.metavar or (parameter.name or "").upper()).strip("[]{}.… ")
    choices = tuple(metavar.split("|")) if metavar and "|" in metavar and metavar not in KINDS else ()
    declared = getattr(parameter.type, "choices", None)
    if declared and not choices:
        choices = tuple(str(getattr(choice, "value", choice)) for choice in declared)
    place = " ".join((*path[1:], max(parameter.opts, key=len) if is_option else metavar or ""))
    kind = PLACES[place] if place in PLACES else KINDS.get(metavar or "")
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
    from esimctl.show.present import VIEWS, view_of

    for name in (document or path[1], path[1] + "s"):
        if name in VIEWS:
            return tuple(column.name for column in view_of(name).columns)
    return ()


def page_of(command: Any, ctx: Any) -> Page:
    """The page of one command or group, without its children."""
    path = tuple(ctx.command_path.split())
    parameters = [one for one in command.get_params(ctx) if not getattr(one, "hidden", False)]
    declared = getattr(command.callback, "declared", None)
    return Page(
        path=path,
        summary=command.help or "",
        arguments=tuple(word_of(one, path) for one in parameters if one.param_type_name == "argument"),
        options=tuple(word_of(one, path) for one in parameters if one.param_type_name == "option"),
        commands=_listed(command, ctx),
        examples=declared.examples if declared is not None else getattr(command, "examples", ()),
        codes=declared.exit_codes if declared is not None else (),
        closing=command.epilog or "",
        hidden=bool(command.hidden),
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


def pages(root: Any) -> Iterator[Page]:
    """Every page of the program, the root first, in the order of the help. Loads every command's module."""

    def walk(command: Any, parent: Any, name: str) -> Iterator[Page]:
        ctx = command.context_class(command, info_name=name, parent=parent, **command.context_settings)
        page = page_of(command, ctx)
        if not page.hidden:
            yield _with_columns(page, getattr(command.callback, "declared", None))
        if hasattr(command, "list_commands"):
            for child in command.list_commands(ctx):
                yield from walk(command.get_command(ctx, child), ctx, child)

    yield from walk(root, None, "esimctl")


def _with_columns(page: Page, declared: Any) -> Page:
    """The page with the names of its columns as words to choose from; a single help page has no need of them."""
    document = declared.document if declared is not None else None
    options = (
        word._replace(choices=columns_of(page.path, document)) if word.kind == "columns" else word
        for word in page.options
    )
    return page._replace(options=tuple(options))
