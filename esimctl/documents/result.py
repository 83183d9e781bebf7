"""What an action gives back: one document, an exit code, and sentences for a person. It is shown once, elsewhere."""

from typing import TYPE_CHECKING, Generic, TypeVar

from esimctl.errors import EsimctlError, ExitCode
from esimctl.values.record import field, record
from esimctl.values.sentence import Param, Sentence

if TYPE_CHECKING:
    from esimctl.documents.document import Document

D = TypeVar("D", bound="Document", covariant=True)


@record(frozen=False)
class Result(Generic[D]):
    """`name` is the document's schema name (`esimctl.<name>/1`), `data` the document.

    `screen` is the document that a person is shown in its place, with what a screen says besides.
    `notes` are sentences for stderr, `next` is the one command that a person at a terminal may type now. `failure` is
    what a program is told instead where a person is shown the result with a word of warning: goods that came, but not
    as ordered.
    """

    name: str
    data: D
    exit_code: ExitCode = ExitCode.DONE
    notes: list[Sentence] = field(default_factory=list)
    failure: EsimctlError | None = None
    next: str | None = None
    screen: "Document | None" = None

    def note(self, said: str | Sentence, /, **params: Param) -> None:
        """Add a sentence for the person, or a template with what fills it."""
        self.notes.append(Sentence(said, params) if isinstance(said, str) else said)
