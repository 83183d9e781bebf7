"""What an action gives back: one document, an exit code, and sentences for a person. It is shown once, elsewhere."""

from typing import Any

from esimctl.errors import EsimctlError, ExitCode
from esimctl.values.record import field, record


@record(frozen=False)
class Result:
    """`name` is the document's schema name (`esimctl.<name>/1`), `data` the document.

    `notes` are English templates with their parameters, for stderr. `failure` is what a program is told instead where
    a person is shown the result with a word of warning: goods that came, but not as ordered.
    """

    name: str
    data: Any
    exit_code: ExitCode = ExitCode.DONE
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    failure: EsimctlError | None = None

    def note(self, template: str, **params: object) -> None:
        """Add a sentence for the person."""
        self.notes.append((template, params))
