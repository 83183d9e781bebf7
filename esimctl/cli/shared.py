"""What all commands share: the options that every command takes, declared once, and the run they describe.

A command is a function whose first parameter is a `Run`; `command` and `Group.command` put the shared options into
its signature, so that Typer sees them on every command and they work in any position after it.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from esimctl.cli.pages import PagedCommand, PagedGroup
from esimctl.cli.values import duration, money_alone, waits
from esimctl.errors import EsimctlError, ExitCode, UsageError
from esimctl.show.reader import Reader, read_by
from esimctl.show.styles import PLAY, styled
from esimctl.show.terminal import Terminal
from esimctl.show.times import moment
from esimctl.show.words import say
from esimctl.values.moments import Duration, zone
from esimctl.values.sentence import Raw, commas

if TYPE_CHECKING:
    from esimctl.documents.document import Document
    from esimctl.documents.result import Result
    from esimctl.profile.opened import Session
    from esimctl.show.view import OutputForm
    from esimctl.values.money import Money

FORMATS = ("table", "tsv", "csv", "json")

#: documents that hold no figures of the books
UNMARKED = frozenset({"install-guide", "qr", "khqr", "message"})


Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="|".join(FORMATS), help="Format of the answer.", show_default=False),
]

Json = Annotated[bool, typer.Option("--json", help="Short for -o json.")]

ProfileName = Annotated[
    str | None, typer.Option("--profile", metavar="PROFILE", help="The profile to use.", show_default=False)
]

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Hide hints and progress; results and errors still print.")]

Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say what is being done, on stderr.")]

Colour = Annotated[
    str, typer.Option("--color", metavar="auto|always|never", help="When to use colour (auto).", show_default=False)
]

Columns = Annotated[
    str | None,
    typer.Option(
        "--columns", metavar="COLUMNS", help="Show only these columns, in this order: a,b.", show_default=False
    ),
]

Header = Annotated[
    bool | None,
    typer.Option("--header/--no-header", help="Print the names of the columns first, or not.", show_default=False),
]

MOST_ROWS: Final = 10**9  #: no list has more, and every way of counting takes the number

Limit = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=0, help="Show at most N rows.", show_default=False)
]

All = Annotated[bool, typer.Option("--all", help="Show every row, however many there are.")]

NoPager = Annotated[bool, typer.Option("--no-pager", help="Do not send long lists through a pager.")]

DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would happen without doing it.")]

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask: answer every question with yes.")]

MaxPrice = Annotated[
    "Money | None",
    typer.Option(
        "--max-price",
        parser=money_alone,
        metavar="MONEY",
        help="Refuse to pay more than this (such as 5USD).",
        show_default=False,
    ),
]

RequestId = Annotated[
    str | None,
    typer.Option(
        "--request-id",
        metavar="ID",
        help="Repeating the command with the same ID never buys twice.",
        show_default=False,
    ),
]

Wait = Annotated[
    "Duration | None",
    typer.Option(
        "--wait",
        parser=duration,
        metavar="DURATION",
        help="If another esimctl is running, wait this long (such as 30s).",
        show_default=False,
    ),
]

_EVERY = (
    ("output", Output, None),
    ("json", Json, False),
    ("profile", ProfileName, None),
    ("quiet", Quiet, False),
    ("verbose", Verbose, False),
    ("color", Colour, "auto"),
)

_LISTS = (
    ("columns", Columns, None),
    ("header", Header, None),
    ("limit", Limit, None),
    ("all", All, False),
    ("no_pager", NoPager, False),
)

_SPENDS = (
    ("dry_run", DryRun, False),
    ("yes", Yes, False),
    ("max_price", MaxPrice, None),
    ("request_id", RequestId, None),
    ("wait", Wait, None),
)


class Run:
    """One run of one command: where it talks, in which form, with which profile."""

    def __init__(self, **options: Any) -> None:
        self.profile: str | None = options["profile"]
        self.columns: str | None = options.get("columns")
        self.header: bool | None = options.get("header")
        limit: int | None = options.get("limit")
        self.limit = None if limit is None else min(limit, MOST_ROWS)
        self.dry_run: bool = options.get("dry_run", False)
        self.yes: bool = options.get("yes", False)
        self.max_price: Money | None = options.get("max_price")
        self.request_id: str | None = options.get("request_id")
        self.wait: Duration | None = options.get("wait")
        if options["color"] not in {"auto", "always", "never"}:
            raise UsageError("--color takes auto, always or never, not {value!r}", value=options["color"])
        self.terminal = Terminal(colour=options["color"], quiet=options["quiet"], verbose=options["verbose"])
        self.terminal.every_row = options.get("all", False)
        self.terminal.pages = "no_pager" in options and not options["no_pager"] and "dry_run" not in options
        self.form_named = bool(options["json"] or options["output"])  #: by an option
        #: somebody named a form, so a program may be reading: nothing that is missing is asked for
        self.form_given = self.form_named or bool(self.terminal.environ.get("ESIMCTL_OUTPUT"))
        self.output = self._choose_output(options["output"], options["json"])
        self.opened: Session | None = None

    def _choose_output(self, output: str | None, json: bool) -> str:
        if json and output not in (None, "json"):
            raise UsageError("--json and -o {output} contradict each other", output=Raw(output))
        chosen = "json" if json else output or self.terminal.environ.get("ESIMCTL_OUTPUT") or None
        if chosen is None:
            return "table" if self.terminal.out_is_terminal else "tsv"
        if chosen not in FORMATS:
            raise UsageError("there is no output form {form!r}: {forms}", form=Raw(chosen), forms=commas(FORMATS))
        return chosen

    def session(self, *, any_clock: bool = False) -> "Session":
        """The profile, the clock and the providers of this run.

        A rehearsal is refused by the real clock (5), unless `any_clock` says that only the profile itself is looked at.
        """
        from esimctl.purchase.opening import open_profile

        before, self.opened = (
            self.opened,
            open_profile(self.profile, self.terminal.environ, progress=self.terminal.progress),
        )
        self.opened.store.looks_only = self.dry_run
        if before is not None:
            self.opened.go_on_from(before)
        if self.opened.ground is not None:
            self.terminal.note(say(self.opened.ground))
        if not any_clock:
            self.opened.check_clock()
        return self.opened

    @property
    def asks(self) -> bool:
        """Whether a person sits there who wants to be asked: a terminal, no `--yes`, no form for programs."""
        return self.terminal.can_prompt and not self.yes and not self.form_given

    def settled(self, values: "Mapping[str, Any]") -> dict[str, Any]:
        """The values of options that had to wait for the clock and the lines of this run."""
        from esimctl.cli.settling import Settling

        tell = self.terminal.note if self.terminal.err_is_terminal else None
        return Settling(self.session, tell, asks=self.asks).settled(values)

    def show(self, result: "Result[Document]", *, written: bool = False) -> None:
        """Show a result, once, and leave with its exit code. Nothing that fails here changes what happened.

        `written`: its answer is in a file that a person named, so that nothing is said of success but on a terminal.
        """
        self.terminal.finish_progress()
        if result.failure is not None and self.output == "json":
            raise result.failure
        if not written or self.output == "json" or (self.terminal.out_is_terminal and not self.terminal.quiet):
            self._present(result)
        told = {"doctor", "check"} if self.terminal.out_is_terminal else {"doctor"}  # a pipe's reader is a program
        if result.name not in told | {"reconcile", "autotopup-run"}:  # these have words of their own for the journal
            self.tell_flaws()
        if result.name not in told:
            self._warn_of_mistakes()
        if result.exit_code:
            self.terminal.flush()
            raise typer.Exit(int(result.exit_code))

    def _present(self, result: "Result[Document]") -> None:
        """The answer in the form that was asked for, and its notes."""
        from esimctl.show.present import present
        from esimctl.show.view import OutputForm

        form = OutputForm(self.output, self.columns, self.header, self.limit)
        rehearsal = {} if self.opened is None else {"rehearsal": self.opened.rehearsal}
        if self.output == "table":
            self._present_to_a_person(form, result, rehearsal)
        else:
            present(form, result.name, result.data, self.terminal, rehearsal)
        if self.opened is not None and self.opened.rehearsal and form.output == "table":
            self._mark_rehearsal(self.opened, result.name)
        if result.notes:
            for sentence in result.notes:
                self.terminal.note(say(sentence))
        if result.next and form.output == "table":
            self.terminal.hint_next(result.next)

    def _present_to_a_person(self, form: "OutputForm", result: "Result[Any]", rehearsal: "Mapping[str, bool]") -> None:
        """By the profile's clock and zone, through a pager where it is long."""
        from esimctl.show.pager import paged
        from esimctl.show.present import present

        self.reads_by_profile()
        with paged(self.terminal):
            present(form, result.name, result.screen or result.data, self.terminal, rehearsal)

    def reads_by_profile(self) -> None:
        """From now on, show times by the profile's clock and zone, and bars as it says."""
        if self.opened is not None:
            now, blocks = self.opened.clock.now(), self.terminal.blocks
            try:
                blocks = blocks and self.opened.settings.get("bars") != "ascii"
                read_by(Reader(now, zone(self.opened.zone), blocks))
            except (EsimctlError, OSError):  # a profile that cannot be read is what it is about
                read_by(Reader(now, blocks=blocks))

    def wrote(self, path: str) -> None:
        """Say on a terminal where a file is; of what goes well in a script or a cron job nothing is said."""
        if self.terminal.err_is_terminal:
            self.terminal.note(say("written: {path}", path=path))

    def _mark_rehearsal(self, session: "Session", name: str) -> None:
        """The last line of what a person sees of a rehearsal; not under steps to follow and pictures to scan."""
        if name in UNMARKED:
            return
        self.terminal.tell(styled(f"REHEARSAL · {moment(session.clock.now(), week=True)}", PLAY) + "\n")

    def _warn_of_mistakes(self) -> None:
        """One line about the first mistake in the profile, where this run has read it."""
        if self.opened is None or not self.opened.looked_at:
            return
        from esimctl.profile.mistakes import STOPPED, mistakes

        try:
            found = mistakes(self.opened)
        except (EsimctlError, OSError):  # it cannot be read any more: whoever needs it says so
            return
        if found:
            self.terminal.note(say(STOPPED, what=found[0].said))

    def tell_flaws(self) -> None:
        """What was read is not all there is: whoever looks at it must hear that, once."""
        opened = self.opened
        if opened is None or not (opened.store.findings or opened.store.alarms):
            return
        from esimctl.usage.whole import of_journal

        for flaw in of_journal(opened):
            self.terminal.note(say(flaw.said))


class Declared:
    """A command with its shared options, its examples and the exit codes it can give."""

    def __init__(
        self,
        function: Callable[..., None],
        *,
        lists: bool = False,
        spends: bool = False,
        examples: Sequence[str] = (),
        codes: Sequence[int] = (),
        hidden: bool = False,
        document: str | None = None,
        one_of: Sequence[Sequence[str]] = (),
        first: Sequence[str] = (),
    ) -> None:
        self.function = function
        self.first = tuple(first)  #: the options that `-h` shows first
        self.document = document  #: whose columns `--columns` names, where it is not the group's own
        self.one_of = one_of  #: groups of options of which one is needed, by their names in the function
        self.lists = lists
        self.spends = spends
        self.examples = tuple(examples)
        self.codes = tuple(codes)
        self.hidden = hidden

    def callback(self) -> Callable[..., None]:
        """The function as Typer shall see it: its own parameters, then the shared ones."""
        function = self.function
        shared = _EVERY + (_LISTS if self.lists else ()) + (_SPENDS if self.spends else ())
        names = [name for name, _, _ in shared]

        def called(**values: Any) -> None:
            run = Run(**{name: values.pop(name) for name in names})
            limit = {"max_price": run.max_price} if self.spends else {}
            if any(map(waits, (*limit.values(), *values.values()))):
                values = run.settled({**values, **limit})
                run.max_price = values.pop("max_price", None) if self.spends else None
            function(run, **values)

        own = list(inspect.signature(function).parameters.values())[1:]
        extra = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for name, annotation, default in shared
        ]
        own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
        called.__signature__ = inspect.Signature(own + extra)  # type: ignore[attr-defined]
        called.__annotations__ = {}
        called.__doc__ = function.__doc__
        called.__name__ = function.__name__
        called.declared = self  # type: ignore[attr-defined]
        return called

    @property
    def exit_codes(self) -> tuple[int, ...]:
        """Every code that the command's help page explains."""
        writes = {int(ExitCode.OUTPUT_FAILED)} if ExitCode.BUSY in self.codes else set()
        return tuple(sorted({0, 1, 2, *(int(code) for code in self.codes), *writes}))

    def attach(self, app: typer.Typer, name: str) -> None:
        """Declare the command on a Typer application."""
        app.command(name, hidden=self.hidden, cls=PagedCommand)(self.callback())


def command(**options: Any) -> Callable[[Callable[..., None]], Declared]:
    """Declare a module's single command: `@command(spends=True, examples=[…])` on a function called `command`."""

    def declare(function: Callable[..., None]) -> Declared:
        return Declared(function, **options)

    return declare


class CommandGroup:
    """A group of commands: `app = Group()`, then `@app.command("list", lists=True)`."""

    def __init__(self) -> None:
        self.app = typer.Typer(cls=PagedGroup, rich_markup_mode=None, add_completion=False, no_args_is_help=True)
        self.declared: dict[str, Declared] = {}

    def command(self, name: str, **options: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Declare a command of the group."""

        def declare(function: Callable[..., None]) -> Callable[..., None]:
            declared = Declared(function, **options)
            self.declared[name] = declared
            declared.attach(self.app, name)
            return function

        return declare


Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="Lines with this tag; repeated: with all of them.", show_default=False),
]


def lines_of(session: "Session", names: Sequence[str] | None, tags: Sequence[str] | None) -> Sequence[str]:
    """The lines that were named or are selected by tag; none of both is none, and means all where a list is shown."""
    if not tags:
        return names or ()
    from esimctl.lines.lines import selected

    return selected(session, names or (), tags)
