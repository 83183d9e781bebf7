"""Many lines asked about at a time: each provider once, and at the same time where it can answer so."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from esimctl.errors import EsimctlError
from esimctl.profile.naming import line_ref
from esimctl.providers.abilities import ReadsMany
from esimctl.providers.protocol import Reading
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

ONE, ALL = 30.0, 120.0  #: seconds for a line of a provider and for all of them, however slowly it answers


def ask_all(session: "Session", names: Sequence[str], notes: list[Sentence]) -> dict[str, Reading]:
    """The providers' readings by line; what cannot be asked becomes a note, and its old reading stays."""
    taken: dict[str, Reading] = {}
    by_provider: dict[str, list[str]] = {}
    for name in names:
        by_provider.setdefault(str(session.line(name)["provider"]), []).append(name)
    done = 0
    for owner, lines in by_provider.items():
        try:
            for name, found in _answers(session, owner, lines, done, len(names)).items():
                if isinstance(found, Reading):
                    taken[name] = found
                else:
                    notes.append(Sentence("{line}: {what}", {"line": Raw(name), "what": found.said}))
        except EsimctlError as error:  # the account as a whole: one sentence, not one a line
            notes.append(error.said)
        done += len(lines)
    return taken


def _answers(
    session: "Session", owner: str, lines: Sequence[str], done: int, total: int
) -> dict[str, Reading | EsimctlError]:
    provider, now = session.provider(owner), session.clock.now()
    wanted = [line_ref(name, session.line(name)) for name in lines]

    def progress(count: int, _of: int) -> None:
        if total > 1:
            session.progress(Sentence("asking {name}", {"name": Raw(owner)}), done + count, total)

    if isinstance(provider, ReadsMany):
        return dict(provider.readings(wanted, now, deadline=patience(session, len(lines)), progress=progress))
    found: dict[str, Reading | EsimctlError] = {}
    for place, line in enumerate(wanted):
        try:
            reading = provider.reading(line, now)
        except EsimctlError as error:
            found[line.name] = error
        else:
            if reading is not None:
                found[line.name] = reading
        progress(place + 1, len(wanted))
    return found


def patience(session: "Session", lines: int) -> float:
    """Seconds for so many lines of one provider: one more for each, and never more than ESIMCTL_DEADLINE."""
    from esimctl.profile.deadline import Deadline

    most = min(ALL, ONE + lines)
    return min(most, Deadline.from_environment(session.environ).left) if "ESIMCTL_DEADLINE" in session.environ else most
