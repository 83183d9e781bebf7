"""Whether the books are all there is, for monitors: damage, alarms, copies that a sync program set aside, a restore."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from esimctl.documents.balance import DoubtRow
from esimctl.errors import ExitCode
from esimctl.profile.mistakes import STOPPED, mistakes
from esimctl.values.sentence import Sentence

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

#: what is said of what was read of the journal, by kind
TEXTS = {
    "journal_damaged": "the journal is damaged ({what}): more may have happened than is shown",
    "alarm": "{what}: nothing is bought before you choose {way}",
    "notice": "{what}: {way}",
}


class Flaw(NamedTuple):
    """One reason for which more may have happened than is shown."""

    kind: str
    said: Sentence
    code: ExitCode = ExitCode.DAMAGED
    line: str | None = None
    order: str | None = None

    def row(self) -> DoubtRow:
        """The row of `findings[]` of `check`."""
        return DoubtRow(
            kind=self.kind,
            line=self.line,
            order=self.order,
            provider=None,
            since=None,
            text=str(self.said),
            said=self.said,
        )


def flaws(session: "Session") -> list[Flaw]:
    """All of them, the gravest first, of a journal that has been read in this run."""
    return [*of_journal(session), *of_profile(session)]


def of_journal(session: "Session") -> Iterator[Flaw]:
    """Damage, what contradicts the journal, and a restore that nobody has compared."""
    for finding in session.store.findings:
        if finding.blocking:
            yield Flaw("journal_damaged", Sentence(TEXTS["journal_damaged"], {"what": finding.said}))
            break
    for alarm in session.store.alarms:
        said = Sentence(TEXTS["alarm" if alarm.stops else "notice"], {"what": alarm.said, "way": alarm.way})
        about = alarm.said.params
        code = ExitCode.ATTENTION if alarm.name == "restored" else ExitCode.DAMAGED
        yield Flaw(alarm.name, said, code, _name(about.get("line")), _name(about.get("order")))


def of_profile(session: "Session") -> Iterator[Flaw]:
    """The first mistake in profile.toml or copy beside it, for which nothing is bought."""
    for found in mistakes(session)[:1]:
        yield Flaw("profile_mistake", Sentence(STOPPED, {"what": found.said}), ExitCode.ATTENTION)


def _name(value: object) -> str | None:
    return None if value is None else str(value)
