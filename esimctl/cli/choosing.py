"""What is missing is asked for on a terminal, one question each, with a default; elsewhere it is said all at once."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from esimctl.cli.reading import lacking
from esimctl.cli.shared import Run
from esimctl.cli.values import BadValue
from esimctl.errors import EsimctlError, UsageError
from esimctl.show.words import say
from esimctl.values.answers import answer
from esimctl.values.as_typed import plain
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.documents.offers import FittingPlanRow

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


def confirm(run: Run, question: str, plans: "Sequence[FittingPlanRow]", *, instead: str) -> bool:
    """Yes or no; where other plans fit, `?` lists them with numbers, and a number chooses one of them."""
    if not plans:
        return run.terminal.confirm(question, instead=instead)
    given = plain(run.terminal.ask(f"{question} [y/N] ", instead=instead))
    if given == "?":
        from esimctl.show.cards.offer import plans as listed

        for number, row in enumerate(listed(plans), 1):
            run.terminal.note(f"  {number}. {row}")
        more = say("(or the number of another plan)")
        given = plain(run.terminal.ask(f"{question} [y/N] {more} ", instead=instead))
    if given.isdecimal():
        plan = numbered(given, [row.id for row in plans])
        if not next(row.chosen for row in plans if row.id == plan):
            raise OtherPlan(plan)
        return run.terminal.confirm(question, instead=instead)
    said = answer(given) if given else False
    return run.terminal.confirm(question, instead=instead) if said is None else said


def numbered(given: str, ids: Sequence[str]) -> str:
    """The id under a number of the list."""
    place = int(given)
    if not 1 <= place <= len(ids):
        raise UsageError("there is no number {number} in the list", code="bad_value", number=Raw(given))
    return ids[place - 1]
