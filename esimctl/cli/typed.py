"""A reading that a person typed: what cannot be is asked about, and never taken without a word."""

from typing import TYPE_CHECKING, NamedTuple

from esimctl.cli.shared import Run
from esimctl.errors import UsageError
from esimctl.show.amounts import octets
from esimctl.show.words import say
from esimctl.usage.plausible import doubt, failed_carry, known
from esimctl.values.record import replace
from esimctl.values.sentence import Raw
from esimctl.values.volume import exact_volume, format_volume, parse_octets

if TYPE_CHECKING:
    from datetime import datetime

    from esimctl.catalogue.patterns import Figures
    from esimctl.profile.opened import Session
    from esimctl.usage.plausible import Implausible


class Agreed(NamedTuple):
    """The figures to write; whether a failed carry may be behind them that nobody could be asked about; whether they
    cannot be, and the person keeps them.
    """

    figures: "Figures"
    doubtful: bool
    insisted: bool


def agreed(run: Run, session: "Session", line: str, figures: "Figures", when: "datetime", *, force: bool) -> Agreed:
    """What is to be written of a typed reading; UsageError (2) for what cannot be, unless `force` or the person at the
    terminal keeps it.
    """
    books = known(session, line, when)
    found, insisted = doubt(figures, books), force
    if found is not None and not force:
        typed, figures = figures, settled(run, figures, found)
        insisted = figures is typed
    missing = failed_carry(figures, books, when)
    if missing is None or not run.terminal.can_prompt:
        return Agreed(figures, missing is not None, insisted)
    run.terminal.note(say("{volume} should have carried over, and so much is missing", volume=octets(missing)))
    if run.terminal.confirm(say("Did the carry fail?"), instead="--carried 0"):
        assert books.carried is not None
        figures = replace(figures, carried=books.carried - missing)
    return Agreed(figures, doubtful=False, insisted=insisted)


def settled(run: Run, figures: "Figures", found: "Implausible") -> "Figures":
    """What the person says to a reading that cannot be: what was meant, or that it is so all the same."""
    meant = None if found.meant is None else spelled(found.meant)
    if not run.terminal.can_prompt:
        raise UsageError(
            "{why}" if meant is None else "{why}; did you mean {meant}?",
            hint="--force keeps it as it is" if meant is None else "{option} {meant}, or --force keeps it as it is",
            code="reading_impossible",
            why=found.said,
            option=Raw(found.option),
            meant=Raw(meant or ""),
        )
    run.terminal.note(say(found.said))
    if meant is not None and run.terminal.confirm(say("Did you mean {meant}?", meant=meant), instead="--force"):
        if found.option == "--used":
            return replace(figures, used=found.meant)
        return replace(figures, remaining=found.meant)
    if not run.terminal.confirm(say("Keep it as you typed it?"), instead="--force"):
        raise UsageError("nothing was recorded", code="declined_by_you")
    return figures


def spelled(octets: int) -> str:
    """A volume as a person would type it: `9.2GB`."""
    short = format_volume(octets).replace(" ", "")
    return short if parse_octets(short) == octets else exact_volume(octets)
