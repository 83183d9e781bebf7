"""What is missing is asked for on a terminal, one question each, with a default; elsewhere it is said all at once."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from esimctl.cli.reading import lacking
from esimctl.cli.shared import Run
from esimctl.cli.values import BadValue
from esimctl.errors import EsimctlError, UsageError
from esimctl.show.words import say
from esimctl.values.answers import answer
from esimctl.values.as_typed import plain
from esimctl.values.sentence import Raw

T = TypeVar("T")
TRIES = 3  #: times that an answer which is not understood is asked for again


def ask(run: Run, question: str, default: str | None, read: Callable[[str], T], *, instead: str) -> T:
    """An answer that can be read; Enter takes the default. One that cannot is said and asked for again."""
    shown = f"{question} [{default}]: " if default else f"{question} " if question.endswith("?") else f"{question}: "
    for attempt in range(1, TRIES + 1):
        given = run.terminal.ask(shown, instead=instead) or default or ""
        try:
            return read(given)
        except (EsimctlError, BadValue) as error:
            if attempt == TRIES:
                raise
            run.terminal.complain(say(error.said))
    raise AssertionError("the last attempt raises")


def choose(run: Run, question: str, rows: Sequence[str], ids: Sequence[str], *, instead: str) -> str:
    """One of several by its number or its id; the first is the default. Anything else that is typed is an id too."""
    for number, row in enumerate(rows, 1):
        run.terminal.note(f"  {number}. {row}")

    def read(given: str) -> str:
        given = plain(given)
        if given.isdecimal():
            return numbered(given, ids)
        if not given:
            raise lacking("esimctl", [instead])
        return given

    return ask(run, question, "1" if ids else None, read, instead=instead)


class OtherPlan(Exception):
    """The answer to a question was the number of another plan."""

    def __init__(self, plan: str) -> None:
        super().__init__(plan)
        self.plan = plan


def confirm(run: Run, question: str, plans: Sequence[str], *, instead: str) -> bool:
    """Yes or no; where plans were listed, a number is the choice of one, and Enter stays with the first and asks on."""
    if plans:
        more = say("(or the number of another plan)")
        given = plain(run.terminal.ask(f"{question} [y/N] {more} ", instead=instead))
        said = answer(given)
        if given.isdecimal():
            plan = numbered(given, plans)
            if plan != plans[0]:
                raise OtherPlan(plan)
        elif given and said is not None:
            return said
    return run.terminal.confirm(question, instead=instead)


def numbered(given: str, ids: Sequence[str]) -> str:
    """The id under a number of the list."""
    place = int(given)
    if not 1 <= place <= len(ids):
        raise UsageError("there is no number {number} in the list", code="bad_value", number=Raw(given))
    return ids[place - 1]
