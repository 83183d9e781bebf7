"""`esimctl doctor`: is everything as it should be, and what mends it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from esimctl.cli.shared import Run
from esimctl.cli.shared import command as declare
from esimctl.cli.values import day_itself
from esimctl.errors import CredentialsError, UsageError
from esimctl.setup.check_row import OK, WARN, checked
from esimctl.show.words import language, say
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.documents.setup import CheckRow
    from esimctl.profile.opened import Session


@declare(
    lists=True,
    document="doctor",
    codes=(5, 6, 20, 75, 77, 78),
    examples=("esimctl doctor", "esimctl doctor --cron", "esimctl doctor --providers --json", "esimctl doctor --clock"),
)
def command(
    run: Run,
    cron: Annotated[bool, typer.Option("--cron", help="Check what runs of a scheduler need, too.")] = False,
    providers: Annotated[bool, typer.Option("--providers", help="Ask the providers, too; nothing is ordered.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Read every entry of the journal again, too.")] = False,
    mend: Annotated[bool, typer.Option("--mend", help="Set the damaged end of the journal aside.")] = False,
    clock: Annotated[bool, typer.Option("--clock", help="Say what day it is: a wrong clock is taken back.")] = False,
    day: Annotated[
        str | None,
        typer.Argument(parser=day_itself, metavar="[DATE]", help="Today's date, for --clock.", show_default=False),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Check the installation, the files, the clock and the credentials. Changes nothing without --mend or --clock.

    A failure is exit 20; a warning is not.
    """
    from esimctl.setup import doctor

    if day is not None and not clock:
        raise UsageError("a date goes with --clock", hint="esimctl doctor --clock {day}", code="bad_date", day=Raw(day))
    try:
        session = run.session(any_clock=True)
    except (CredentialsError, OSError) as error:  # the home itself: nothing of it is read, and that is the finding
        run.show(doctor.unread(run.profile, run.terminal.environ, error))
        return
    if mend:
        question = say("Set the damaged end of the journal aside? What stands in it is lost to esimctl.")
        if not yes and not run.terminal.confirm(question, instead="--yes"):
            raise UsageError("nothing was changed")
        octets = doctor.mend(session)
        run.terminal.note(say("{count} octets were set aside", count=octets))
    if clock:
        _set_clock(run, session, day)
    run.show(doctor.doctor(session, cron=cron, ask_providers=providers, deep=deep, more=_of_the_terminal(run, session)))


def _set_clock(run: Run, session: "Session", day: str | None) -> None:
    """Ask for today's date where it was not given: by a clock that is wrong nobody but a person can say."""
    from esimctl.setup.right_time import set_clock

    session.check_clock()
    if day is None:
        question = say("What day is it today (like 2026-11-29)? ")
        day = run.terminal.ask(question, instead="esimctl doctor --clock YYYY-MM-DD")
    for sentence in set_clock(session, day):
        run.terminal.note(say(sentence))


def _of_the_terminal(run: Run, session: "Session") -> "Iterator[CheckRow]":
    """The checks that need to know how we speak: language, encoding, completion scripts."""

    tag = language(run.terminal.environ)
    encoding = (getattr(run.terminal.stdout, "encoding", None) or "unknown").lower()
    if encoding.replace("-", "") == "utf8" or tag == "en":
        yield checked("language", OK, f"{tag}, {encoding}")
    else:
        params = {"tag": Raw(tag), "encoding": Raw(encoding)}
        yield checked(
            "language", WARN, Sentence("{tag}, but the terminal's encoding is {encoding}", params), "LC_ALL=C.UTF-8"
        )
    yield from _completions(session)


def _completions(session: "Session") -> "Iterator[CheckRow]":
    from esimctl.cli.completion import script
    from esimctl.setup.doctor import installed_scripts

    for (shell, path), text in installed_scripts(session).items():
        if text == script(shell):
            yield checked("completion", OK, path)
        else:
            detail = Sentence("{path} is of another version", {"path": Raw(path)})
            yield checked("completion", WARN, detail, f"esimctl completion {shell} > {path}")
