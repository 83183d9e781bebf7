"""What a person can type: one table of commands. A command's module is imported only when it is used."""

from collections.abc import Iterator, Mapping, MutableMapping
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

import typer

from esimctl.cli.pages import PagedGroup
from esimctl.show.terminal import Terminal


class CommandRow(NamedTuple):
    """A row of the command table: the module in this folder, the heading in the help, one line of help."""

    module: str
    heading: str
    help: str


EVERYDAY, MONEY, AUTOMATION, RECORDS, SETUP = "Everyday", "Money", "Automation", "Records", "Setup"

#: Every command, in the order of the help. A module holds either `app` (a group) or `command` (a single one).
COMMANDS: dict[str, CommandRow] = {
    "balance": CommandRow("balance", EVERYDAY, "what is left, until when, and what will be lost"),
    "plans": CommandRow("plans", EVERYDAY, "what can be bought, and what fits"),
    "buy": CommandRow("buy", MONEY, "buy a new line, or the first pack of a tracked one"),
    "renew": CommandRow("renew", MONEY, "renew a line: the five steps in one"),
    "topup": CommandRow("topup", MONEY, "add a pack, or money on the main balance"),
    "payments": CommandRow("payments", MONEY, "payment methods: references only, never card data"),
    "policy": CommandRow("policy", EVERYDAY, "rollover and other rules: every claim, and which one counts"),
    "promotions": CommandRow("promotions", EVERYDAY, "promotions: when they hold and for whom"),
    "lines": CommandRow("lines", EVERYDAY, "your lines, their codes and QR"),
    "usage": CommandRow("usage", EVERYDAY, "readings by hand or from messages; history and forecast"),
    "check": CommandRow("check", AUTOMATION, "the balance for monitors: exit 20 when something needs attention"),
    "autotopup": CommandRow("autotopup", AUTOMATION, "standing orders within limits that you confirmed"),
    "schedule": CommandRow("schedule", AUTOMATION, "run the rules from cron, a systemd timer or launchd"),
    "transactions": CommandRow("transactions", RECORDS, "orders and what became of them"),
    "report": CommandRow("report", RECORDS, "spend, use and waste by month"),
    "reconcile": CommandRow("reconcile", RECORDS, "settle every open order, compare the books with the provider"),
    "simulate": CommandRow("simulate", RECORDS, "what-if: replay events against plans and policies"),
    "providers": CommandRow("providers", SETUP, "who sells data: accounts, credentials, checks"),
    "sandbox": CommandRow("sandbox", SETUP, "the embedded operator: burn data, arm faults"),
    "profile": CommandRow("profile", SETUP, "profiles: list, create, switch, back up"),
    "doctor": CommandRow("doctor", SETUP, "is everything as it should be, and what mends it"),
    "schema": CommandRow("schema", SETUP, "the JSON Schema of every document"),
    "devices": CommandRow("devices", SETUP, "can this phone take an eSIM?"),
    "completion": CommandRow("completion", SETUP, "completion script for your shell, on stdout"),
    "tour": CommandRow("tour", SETUP, "the whole journey in a throw-away profile"),
    "help": CommandRow("help", SETUP, "help on a command, or: environment, exit-codes, formats, options"),
}

CONTEXT = {"help_option_names": ["-h", "--help"]}


@cache
def build(name: str) -> Any:
    """The Click command of a table row, converted by a throw-away parent so that names and nesting survive.

    Once in a process: the tour, and whoever runs the program many times in one, need no other.
    """
    entry = COMMANDS[name]
    module = import_module(f"esimctl.cli.{entry.module}")
    parent = typer.Typer(rich_markup_mode=None, add_completion=False)
    parent.callback()(_nothing)
    if hasattr(module, "app"):
        parent.add_typer(module.app.app, name=name, help=entry.help, no_args_is_help=True)
    else:
        module.command.attach(parent, name)
    group: Any = typer.main.get_command(parent)
    return group.commands[name]


def _nothing() -> None:
    """The parent's own callback: without one Typer would flatten a single command."""


class LazyCommands(MutableMapping[str, Any]):
    """The table as the mapping that Click wants; building an item imports its module."""

    def __init__(self) -> None:
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        if name not in self._built:
            self._built[name] = build(name)
        return self._built[name]

    def __contains__(self, name: object) -> bool:
        return name in COMMANDS

    def __setitem__(self, name: str, command: Any) -> None:
        self._built[name] = command

    def __delitem__(self, name: str) -> None:
        self._built.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class LazyGroup(PagedGroup):
    """The root: lists its commands from the table under our headings, without importing any of them."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = LazyCommands()

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(COMMANDS)

    def headed_commands(self) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
        """Heading → commands with their line of help, from the table alone."""
        for heading in (EVERYDAY, MONEY, AUTOMATION, RECORDS, SETUP):
            rows = tuple((name, entry.help) for name, entry in COMMANDS.items() if entry.heading == heading)
            if rows:
                yield heading, rows


def line_left_out(given: Mapping[str, Any]) -> str | None:
    """The line that a person at a terminal means who typed none: the only one, or one chosen by its number.

    `given` are the options by name. None where nothing is asked or guessed: `--yes`, a form for programs, no terminal.
    """
    from esimctl.cli.guided import which_line
    from esimctl.cli.shared import Run

    told = {"output": None, "json": False, "profile": None, "quiet": False, "verbose": False, "color": "auto"}
    run = Run(**{name: default if given.get(name) is None else given[name] for name, default in told.items()})
    if given.get("yes") or not run.asks:
        return None
    return which_line(run, run.session(any_clock=True))


def _show_version(value: bool) -> None:
    """`esimctl X.Y.Z`; reads no profile, so that it works with a broken one."""
    if value:
        terminal = Terminal()
        from esimctl import __version__

        terminal.write(f"esimctl {__version__}\n")
        terminal.flush()
        raise typer.Exit(0)


def _root(
    version: bool = typer.Option(
        False, "--version", "-V", help="Print the version.", is_eager=True, callback=_show_version
    ),
) -> None:
    """Prepaid eSIM and SIM data lines: buy, renew, top up, see what is left and what carries over."""


def application() -> Any:
    """The root command, ready to be called; nothing but the table has been loaded."""
    app = typer.Typer(
        cls=LazyGroup,
        name="esimctl",
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings={**CONTEXT, "obj": line_left_out},
        epilog="Begin with: esimctl tour. More: esimctl help COMMAND, or exit-codes, environment, formats, options.",
    )
    app.callback()(_root)
    return typer.main.get_command(app)
